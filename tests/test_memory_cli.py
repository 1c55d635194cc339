"""`thinkact memory`: long-term memory by hand, through the process."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, get_args

import pytest

from agent.cli.memories.places import NoteKind
from memory.recall import Kind
from tests.place import Ended, Place, no_traceback


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def memory(place: Place, *words: str, code: int = 0) -> Ended:
    ended = place.thinkact("memory", *words)
    no_traceback(ended)
    assert ended.returncode == code, ended.stderr
    return ended


def notes(place: Place, *words: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(memory(place, "list", "--json", *words).stdout)
    return found


def test_a_note_is_added_found_listed_and_forgotten(place: Place) -> None:
    number = memory(place, "add", "The tide gauge at pier 7 reads 12 cm too high.", "--kind", "fact").stdout.strip()
    memory(place, "add", "The user likes short answers.", "--kind", "preference")
    [best, *_] = json.loads(memory(place, "search", "which gauge reads too high?", "--json").stdout)
    assert (best["id"], best["kind"], best["origin"]) == (number, "fact", "user")
    assert 0 < best["score"] <= 1
    assert set(best["why"]) >= {"lexical", "dense"}
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", best["date"])
    shown = memory(place, "search", "which gauge reads too high?", "-k", "1").stdout
    assert number in shown
    assert "user" in shown
    assert len(shown.splitlines()) == 1
    assert [one["kind"] for one in notes(place)] == ["preference", "fact"]  # the newest first
    assert len(notes(place, "--most", "1")) == 1
    assert memory(place, "forget", number).stdout.strip() == f"forgotten: {number}"
    assert [one["text"] for one in notes(place)] == ["The user likes short answers."]
    assert number not in memory(place, "search", "which gauge reads too high?", code=1).stdout
    memory(place, "forget", number, code=2)


def test_the_same_note_twice_is_one_note(place: Place) -> None:
    first = memory(place, "add", "The tide is 6.2 m.").stdout
    assert memory(place, "add", "The tide is 6.2 m.").stdout == first
    assert len(notes(place)) == 1


def test_namespaces_are_kept_apart_and_the_environment_names_one(place: Place) -> None:
    memory(place, "add", "潮位计有误差。", "--namespace", "海港")
    memory(place, "add", "The barn is red.")
    assert [one["text"] for one in notes(place, "--namespace", "海港")] == ["潮位计有误差。"]
    assert [one["text"] for one in notes(place)] == ["The barn is red."]
    named = place.thinkact("memory", "list", "--json", THINKACT_NAMESPACE="海港")
    assert [one["text"] for one in json.loads(named.stdout)] == ["潮位计有误差。"]
    number = notes(place, "--namespace", "海港")[0]["id"]
    memory(place, "forget", number, code=2)  # it is in another namespace
    memory(place, "forget", number, "--namespace", "海港")


def test_what_holds_everywhere_is_found_listed_corrected_and_forgotten_from_every_project(place: Place) -> None:
    memory(place, "add", "The barn is red.")
    everywhere = memory(place, "add", "用户喜欢简短的回答。", "--namespace", "global").stdout.strip()
    shown = memory(place, "list").stdout
    assert "[global] 用户喜欢简短的回答。" in shown
    assert "] The barn" not in shown
    assert notes(place)[0]["namespace"] == "global"
    assert [one["text"] for one in notes(place, "--most", "1")] == ["用户喜欢简短的回答。"]
    assert [one["text"] for one in notes(place, "--namespace", "global")] == ["用户喜欢简短的回答。"]
    mine = notes(place)[1]["namespace"]
    assert [one["text"] for one in notes(place, "--namespace", mine)] == ["The barn is red."]
    (hit,) = json.loads(memory(place, "search", "简短的回答", "--json").stdout)
    assert (hit["id"], hit["namespace"]) == (everywhere, "global")
    assert "[global] " in memory(place, "search", "简短的回答", "--why").stdout
    memory(place, "search", "简短的回答", "--namespace", mine, code=1)
    offered = place.thinkact("_complete", "fish", "--", "memory", "forget", "").stdout
    assert everywhere in offered
    assert (
        everywhere not in place.thinkact("_complete", "fish", "--", "memory", "forget", "--namespace", mine, "").stdout
    )
    assert "namespace  global" in memory(place, "show", everywhere[:6]).stdout
    memory(place, "edit", everywhere, "--text", "用户喜欢很短的回答。")
    newer = memory(place, "add", "用户喜欢长的回答。", "--replaces", everywhere).stdout.strip()
    assert [one["text"] for one in notes(place, "--namespace", "global")] == ["用户喜欢长的回答。"]
    memory(place, "forget", newer, "--namespace", mine, code=2)
    assert memory(place, "forget", newer).stdout == f"forgotten: {newer}\n"
    memory(place, "add", "Tea, never coffee.", "--namespace", "global")
    assert memory(place, "forget", "--all", "-y").stdout == "forgotten: 1 note\n"
    assert [one["text"] for one in notes(place)] == ["Tea, never coffee."]


def test_chinese_is_found_by_a_part_of_its_words(place: Place) -> None:
    memory(place, "add", "用户喜欢喝绿茶，不喝咖啡。")
    memory(place, "add", "会议在星期三下午。")
    [best, *_] = json.loads(memory(place, "search", "绿茶", "--json").stdout)
    assert best["text"] == "用户喜欢喝绿茶，不喝咖啡。"


def test_nothing_relevant_ends_with_1_and_an_empty_memory_is_said(place: Place) -> None:
    assert "there are no notes here" in memory(place, "list").stderr
    assert notes(place) == []
    ended = memory(place, "search", "quantum chromodynamics", code=1)
    assert (ended.stdout, ended.stderr.strip()) == ("", "nothing relevant")
    ended = memory(place, "search", "quantum chromodynamics", "--json", code=1)
    assert json.loads(ended.stdout) == []


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("add", ""), "the note is empty"),
        (("add", " \n\t"), "the note is empty"),
        (("add", "x" * 4001), "4,000 are the most"),
        (("add", "x", "--kind", "rumour"), "'fact', 'preference', 'lesson', 'episode', 'note'"),
        (("add", "x", "--namespace", " "), "a namespace needs a name"),
        (("list", "--namespace", ""), "a namespace needs a name"),
        (("search", " \t"), "the query is empty"),
        (("forget", ""), "the note's id is empty"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line_and_nothing_is_stored(
    place: Place, words: tuple[str, ...], said: str
) -> None:
    ended = place.thinkact("memory", *words)
    no_traceback(ended)
    assert ended.returncode == 2
    assert said in ended.stderr
    assert ended.stdout == ""
    assert notes(place) == []


def test_a_note_that_is_not_there_is_said_harmlessly_and_ends_with_2(place: Place) -> None:
    ended = memory(place, "forget", "\x1b[31mn1\u202e\nthinkact: forgotten", code=2)
    assert ended.stderr.startswith("thinkact: there is no note \\x1b[31mn1\\u202e\\nthinkact: forgotten here\n")
    assert len(ended.stderr.splitlines()) == 2


def test_the_kinds_of_the_command_line_are_those_of_memory() -> None:
    assert tuple(kind.value for kind in NoteKind) == get_args(Kind)


def test_hostile_notes_are_shown_harmless_and_kept_whole(place: Place) -> None:
    hostile = "tide \x1b]0;x\x07\x1b[2J\u202e\nthinkact: all is well"
    memory(place, "add", hostile)
    assert notes(place)[0]["text"] == hostile
    for words in (("list",), ("search", "tide")):
        shown = memory(place, *words).stdout
        assert "\\x1b]0;x\\x07\\x1b[2J\\u202e\\nthinkact: all is well" in shown
        assert not set(shown) & set("\x1b\x07\u202e")
        assert len(shown.splitlines()) == 1


def test_many_notes_added_at_once_are_all_there(place: Place) -> None:
    processes = [place.start("memory", "add", f"Pier {number} has {number + 3} lamps.") for number in range(4)]
    for process in processes:
        _, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
    assert len(notes(place)) == 4


def test_memory_needs_neither_model_nor_network_nor_a_workspace(place: Place) -> None:
    dead = {"HTTPS_PROXY": "http://127.0.0.1:1", "HTTP_PROXY": "http://127.0.0.1:1"}
    assert place.thinkact("memory", "add", "The tide is 6.2 m.", stdin=None, timeout=60, **dead).returncode == 0
    assert place.thinkact("memory", "search", "tide", stdin=None, timeout=60, **dead).returncode == 0
    assert not place.workspace.exists()
    assert sorted(one.name for one in place.home.iterdir()) == ["memory"]


def test_a_text_that_begins_with_a_minus_and_a_digit_is_no_option(place: Place) -> None:
    memory(place, "add", "-5 degrees is what the cold room is kept at", "--kind", "fact")
    (note,) = notes(place)
    assert (note["text"][:10], note["kind"]) == ("-5 degrees", "fact")
    assert memory(place, "search", "-5 degrees", "-k", "1").stdout.count("cold room") == 1
    memory(place, "add", "--knid", "fact", "x", code=2)


def test_a_note_of_another_namespace_is_told_to_be_there(place: Place) -> None:
    there = memory(place, "add", "The pier is long.", "--namespace", "桥 1").stdout.strip()
    for words in (("show", there), ("forget", there), ("edit", there, "--kind", "fact")):
        assert "is in another namespace\n          add --namespace '桥 1'" in memory(place, *words, code=2).stderr


def test_an_edited_kind_leaves_the_day_as_it_was_and_an_export_counts_notes(place: Place, tmp_path: Path) -> None:
    note = memory(place, "add", "The pier is long.").stdout.strip()
    before = notes(place)[0]["created"]
    memory(place, "edit", note, "--kind", "fact")
    assert (notes(place)[0]["created"], notes(place)[0]["kind"]) == (before, "fact")
    memory(place, "edit", note, "--text", "The pier is very long.")
    assert notes(place)[0]["created"] > before
    said = memory(place, "export", "-o", str(tmp_path / "out.jsonl")).stderr
    assert "1 note, with 2 earlier versions, written to" in said
