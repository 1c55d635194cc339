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
