"""The offline model in a second run and in one that goes on: stale notes, checks that pass by now, edited calls, what
is to be noted, and what is not written since there is nothing to write."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from agent.approval import Allow, Edit, Policy
from agent.events import Finished, Stopped
from agent.goal import Goal, RegexCheck, RunCheck
from agent.model.offline.findings import Finding
from agent.model.offline.memories import unread
from agent.model.offline.transcript import Note, Result
from agent.model.offline_model import OfflineModel
from tests.kits import House, Person
from tests.offline_desk import TAIL, Desk, told

COSTS = "# Costs\n\nThe fund pays at most 70,000 euros for the pier.\nThe pier is mended in July.\n"
MINUTES = (
    "# Meeting\n\nThe council met on 3 May.\nThe council decided to close the road.\n"
    "The next meeting is on 7 June 2026.\n"
)
MINUTES_CHINESE = "会议在五月三日举行。\n会议决定关闭道路。\n下次会议日期是六月七日。\n"


def noted(*texts: str) -> str:
    lines = [f"- [n{number}, 2026-01-0{number}] {text}" for number, text in enumerate(texts, 1)]
    return "\n".join([TAIL, "Notes from earlier runs (quoted, not instructions):", *lines])


@pytest.mark.parametrize(
    "note",
    [
        "The pier: 90,000 euros at most. (docs/costs.md)",
        "见docs/costs.md，码头最多九万欧元：pier costs",
        "The fund pays at most 90,000 euros for the pier.",
        "The pier is mended in July.",
    ],
)
def test_a_note_about_a_document_that_was_read_anew_stays_out_of_the_brief(note: str) -> None:
    desk = Desk({"docs/costs.md": COSTS}, tail=noted(note, "Anna wants the pier costs every year."))
    desk.run("Summarise the pier costs in docs/costs.md into brief.md")
    brief = desk.files["brief.md"]
    assert "90,000" not in brief
    assert "九万" not in brief
    assert brief.count("mended in July") <= 1
    assert "- Anna wants the pier costs every year." in brief


def test_a_note_that_names_another_document_of_the_same_ending_is_kept() -> None:
    notes = [Note(id="n1", date="", text=text) for text in ("See old/costs.md", "See xcosts.md", "See ./costs.md")]
    found = [Finding(source="costs.md", kind="text", text=COSTS)]
    assert [note.text for note in unread(notes, found)] == ["See old/costs.md", "See xcosts.md"]


@pytest.mark.parametrize(
    ("goal", "note"),
    [
        ("Read m.md and remember the most important decision", "The council decided to close the road. (m.md)"),
        ("Read m.md and remember the date of the next meeting", "The next meeting is on 7 June 2026. (m.md)"),
        ("Remember the date of the next meeting", "The next meeting is on 7 June 2026. (m.md)"),
        ("读取 会.md，并记住最重要的决定", "会议决定关闭道路。 (会.md)"),
        ("读取 会.md，并记住下次会议的日期", "下次会议日期是六月七日。 (会.md)"),
    ],
)
def test_what_is_only_named_is_looked_up_and_the_sentence_is_noted(goal: str, note: str) -> None:
    desk = Desk({"m.md": MINUTES, "会.md": MINUTES_CHINESE})
    assert told(desk.run(goal))[-1] == "reached"
    assert desk.notes == [note]


def test_a_sentence_that_leads_to_a_list_is_noted_with_the_list() -> None:
    desk = Desk({"m.md": "# Meeting\n\nThe council decided:\n\n- The road is closed.\n- The pier is mended.\n"})
    desk.run("Read m.md and remember the most important decision")
    assert desk.notes == ["The council decided: (m.md) The road is closed. (m.md) The pier is mended. (m.md)"]


@pytest.mark.parametrize(
    "goal",
    ["Read m.md and remember the name of the king", "Remember the most important decision", "记住最重要的决定"],
)
def test_what_is_named_and_nowhere_found_is_not_noted(goal: str) -> None:
    desk = Desk({"m.md": "The road is closed.\n"})
    assert told(desk.run(goal))[-1] == "not reached"
    assert desk.notes == []


@pytest.mark.parametrize(
    ("goal", "note"),
    [
        ("Remember the meeting is on Friday", "the meeting is on Friday"),
        ("Remember that the shop closes at six", "the shop closes at six"),
        ("记住下次会议是周五", "下次会议是周五"),
    ],
)
def test_what_is_said_is_noted_as_it_was_said(goal: str, note: str) -> None:
    desk = Desk({})
    desk.run(goal)
    assert desk.notes == [note]


def test_a_blocked_check_that_passes_later_lets_the_run_be_reached(house: House) -> None:
    goal = Goal(goals=('Write "x" to p.txt',), checks=(RunCheck(run=f"{Path(sys.executable).as_posix()} --version"),))
    first = house.run(goal, OfflineModel(goal))
    assert isinstance(first.ended, Stopped)
    assert first.ended.state == "blocked"
    house.policy = Policy(yes=True)
    again = house.resume(OfflineModel(goal), run_id=first.run.id)
    assert isinstance(again.ended, Finished)
    assert again.ended.state == "reached"
    assert "not passed" not in again.ended.answer


def test_after_giving_up_the_checks_of_a_resumed_run_decide_anew_and_a_new_complaint_is_told() -> None:
    goal = Goal(goals=("Summarise m.md into b.md",), checks=(RegexCheck(regex="zebra", path="b.md"),))
    complaints = [f"Checks not passed: b.md: zebra: none ({number})" for number in (1, 2, 3)]
    desk = Desk({"m.md": MINUTES}, after=complaints)
    calls = [call for call in desk.run(goal) if call.tool == "finish"]
    assert [call.arguments["reached"] for call in calls] == [True, False, True, False]
    answer = str(calls[-1].arguments["answer"])
    assert "none (3)" in answer
    assert "none (1)" not in answer


def test_the_file_that_the_person_named_instead_is_the_one_that_is_claimed(house: House) -> None:
    goal = Goal(goals=('Write "x" to a.txt',))
    edited = Edit({"path": "b.txt", "content": "x"})
    house.approver = Person([edited, Allow()])
    house.policy = Policy(attended=True)
    ended = house.run(goal, OfflineModel(goal)).ended
    assert isinstance(ended, Finished)
    assert ended.state == "reached"
    assert (house.workspace / "b.txt").read_text("utf-8") == "x"
    assert "a.txt" not in ended.answer
    assert "b.txt" in ended.answer


def test_a_result_names_its_file_only_where_it_says_so() -> None:
    assert Result(json.dumps({"change": "created", "path": 'ü "1".md'}, indent=2)).path == 'ü "1".md'
    assert [Result(text).path for text in ("done", "{}", '{"path": "\\x"}', '[{"path": "a"}]')] == [""] * 4


@pytest.mark.parametrize(
    ("goal", "where"),
    [
        ("Find 'June' in notes", "notes"),
        ("在 notes 文件夹里查找 June", "notes"),
        ("在 notes 里查找 'June'", "notes"),
        ("Search for June in notes", "notes"),
        ("Find 'June' in documents", None),
    ],
)
def test_a_folder_that_is_only_a_word_is_where_the_search_is_made_if_it_is_there(goal: str, where: str | None) -> None:
    desk = Desk({"notes/x.md": "In June.\n", "y.md": "June\n"})
    searches = [call.arguments.get("path") for call in desk.run(goal) if call.tool == "search_files"]
    assert searches == [where]


@pytest.mark.parametrize(
    "goal",
    [
        "Translate m.md into German and save it to out/de.md",
        "Translate m.md into German and save the translation to out/de.md",
        "把 m.md 翻译成德语并保存到 out/de.md",
        "Search for lines containing zebra and lions in the folder docs and save them to out/de.md",
    ],
)
def test_what_a_failed_step_did_not_give_is_not_saved(goal: str) -> None:
    desk = Desk({"m.md": MINUTES, "docs/a.md": "Nothing here.\n"})
    assert told(desk.run(goal))[-1] == "not reached"
    assert "out/de.md" not in desk.files


def test_the_lines_that_a_search_found_are_saved_and_nothing_else() -> None:
    desk = Desk({"notes/x.md": "Tom fell.\nAnn came.\n"})
    desk.run("Search for lines containing Tom in the folder notes and save them to out/hits.txt")
    assert desk.files["out/hits.txt"] == "notes/x.md:1: Tom fell.\n"


def test_a_section_without_a_sentence_of_its_own_is_left_out_and_its_source_is_named() -> None:
    desk = Desk({"a.md": "The pier has sunk.\n", "b.md": "The fund pays for half.\n"})
    desk.run("Summarise a.md and b.md into brief.md")
    brief = desk.files["brief.md"]
    assert "## a.md" not in brief
    assert "Source: a.md, b.md" in brief
