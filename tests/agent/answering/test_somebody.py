"""Who did it is answered by what names somebody: no month, no day, no place, and not any two characters."""

from __future__ import annotations

import pytest

from tests.agent.answering.passages import passage, told


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("Who repaired the boiler?", "The boiler was repaired in March."),
        ("Who repaired the boiler?", "In March the boiler was repaired."),
        ("Who repaired the boiler?", "The boiler was repaired last Tuesday."),
        ("Who repaired the boiler?", "The boiler was repaired by the end of the week."),
        ("Who built the bridge?", "The bridge was built near Oxford in 1902."),
        ("Who built the bridge?", "The bridge was built at 14 Orchard Street."),
        ("Who built the bridge?", "The bridge to Oxford was built of oak."),
        ("Who cleans the hall?", "| room | cleaned |\n|---|---|\n| hall | Monday |\n| stairs | Mon-Fri |"),
        ("谁打扫厨房？", "厨房每天打扫两次。"),
        ("谁打扫厨房？", "周末打扫厨房。"),
        ("谁打扫厨房？", "厨房打扫时间为早上。"),
        ("谁修理锅炉？", "锅炉应于三月修理。"),
    ],
)
def test_a_time_or_a_place_is_nobody(question: str, text: str) -> None:
    assert told(question, [passage(text)]) == []


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("Who repaired the boiler?", "In March the boiler was repaired by Otis."),
        ("Who repaired the boiler?", "The boiler was repaired by the caretaker."),
        ("Who repaired the boiler?", "Tom Brook repaired the boiler in May."),
        ("Who built the bridge?", "The bridge near Oxford was built by Ines Aldous."),
        ("谁打扫厨房？", "王芳每天打扫厨房，厨房由王芳打扫。"),
        ("谁打扫厨房？", "王芳打扫厨房。"),
        ("谁打扫厨房？", "厨房由保洁公司打扫。"),
        ("谁打扫厨房？", "保洁员每天打扫厨房。"),
    ],
)
def test_a_name_or_a_role_is_somebody(question: str, text: str) -> None:
    assert told(question, [passage(text)]) == [text]


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("To whom was the key given?", "The key was given to Ada Lund."),
        ("Who was the key given to?", "The key was given to the caretaker."),
        ("From whom is the offer?", "The offer is from Brandt Hydraulics."),
        ("Whose dog is Bello?", "Bello is the dog of Ada Lund."),
        ("Who may open the safe?", "Only the treasurer may open the safe."),
        ("钥匙交给了谁？", "钥匙交给了李明。"),
    ],
)
def test_whoever_stands_where_it_is_asked_who_stands_there_is_somebody(question: str, text: str) -> None:
    assert told(question, [passage(text)]) == [text]


@pytest.mark.parametrize(
    ("question", "text"),
    [
        ("To whom was the key given?", "The key was given to Mill Lane."),
        ("Who was the key given to?", "The key was given back in May."),
        ("Whose is the boat?", "The boat of the harbour is red."),
        ("Who must pay the fee?", "The fee must be paid by 4 May."),
        ("Who may open the safe?", "The safe may not be opened."),
        ("Who built the mill?", "The mill was built for Ada Lund."),
    ],
)
def test_what_stands_elsewhere_is_not(question: str, text: str) -> None:
    assert told(question, [passage(text)]) == []
