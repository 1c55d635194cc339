"""What still holds the words of a forgotten note: the runs that were told of it and the notes that quote it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from memory.journal import Journal
from memory.mentions import mentions
from tests.place import Ended, Place, no_traceback

FACT = "The gauge at the mill is read at six by Brunhilde."


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def thinkact(place: Place, *words: str, code: int = 0) -> Ended:
    ended = place.thinkact(*words, THINKACT_MODEL="offline")
    no_traceback(ended)
    assert ended.returncode == code, ended.stderr
    return ended


def added(place: Place, *words: str) -> str:
    return thinkact(place, "memory", "add", *words).stdout.strip()


def runs(place: Place) -> list[str]:
    found: list[dict[str, Any]] = json.loads(thinkact(place, "runs", "list", "--json").stdout)
    return [one["run"] for one in found]


def test_a_run_that_was_told_of_a_forgotten_note_is_named_with_the_command_that_deletes_it(place: Place) -> None:
    note = added(place, FACT, "--kind", "fact")
    thinkact(place, "run", "Say what the gauge at the mill is about", "-y", code=1)
    thinkact(place, "run", "Count the boats of Hamburg", "-y", "--no-memory", code=1)
    _, told = runs(place)
    ended = thinkact(place, "memory", "forget", note)
    assert ended.stdout == f"forgotten: {note}\n"
    (line,) = ended.stderr.splitlines()
    assert line == f"thinkact: still kept by 1 run: thinkact runs delete {told}"
    thinkact(place, *line.partition("thinkact: ")[2].partition(": thinkact ")[2].split(), "-y")
    found = b"".join(path.read_bytes() for path in place.home.rglob("*") if path.is_file())
    assert b"Brunhilde" not in found


@pytest.mark.parametrize("goal", ["Remember that my password is hunter2-Zebra-99", "记住我的密码是hunter2-Zebra-99"])
def test_of_a_secret_that_is_not_noted_the_person_is_told_what_removes_the_run_that_heard_it(
    place: Place, goal: str
) -> None:
    ended = thinkact(place, "run", goal, "-y", code=1)
    (run,) = runs(place)
    (line,) = (line for line in ended.stderr.splitlines() if "not noted" in line)
    told = f"the secret was not noted, but the run's journal holds what was said: thinkact runs delete {run} removes it"
    assert line == f"thinkact: {told}"
    thinkact(place, "runs", "delete", run, "-y")
    found = b"".join(path.read_bytes() for path in place.home.rglob("*") if path.is_file())
    assert b"Zebra" not in found


def test_a_note_that_quotes_a_forgotten_one_is_named_with_its_namespace(place: Place) -> None:
    note = added(place, f"{FACT} It is of brass.", "--kind", "fact")
    episode = added(place, f"Goal: look at the mill\nAnswer: {FACT}", "--kind", "episode")
    away = added(place, "水闸在磨坊旁边，每天六点开门。", "--namespace", "水 闸")
    same = added(place, "记住：水闸在磨坊旁边，每天六点开门。完。", "--kind", "episode", "--namespace", "水 闸")
    (line,) = thinkact(place, "memory", "forget", note).stderr.splitlines()
    assert line == f"thinkact: still in the episode {episode}: thinkact memory forget {episode}"
    (line,) = thinkact(place, "memory", "forget", away, "--namespace", "水 闸").stderr.splitlines()
    assert line == f"thinkact: still in the episode {same}: thinkact memory forget {same}"
    third = added(place, "记住：水闸在磨坊旁边，每天六点开门。完。")
    (line,) = thinkact(place, "memory", "forget", third).stderr.splitlines()
    assert line.endswith(f"thinkact memory forget {same} --namespace '水 闸'")
    told = json.loads(thinkact(place, "memory", "forget", same, "--namespace", "水 闸", "--json").stdout)
    assert told == {"forgotten": [same], "runs": [], "notes": [], "runs_looked_at": 0, "runs_there": 0}


def test_a_short_word_is_not_looked_for_in_every_run(place: Place) -> None:
    note = added(place, "mill")
    thinkact(place, "run", "Say what the mill is about", "-y", "--no-memory", code=1)
    assert thinkact(place, "memory", "forget", note).stderr == ""


@pytest.mark.parametrize("text", ['He said "no"\nand left.', "磨坊的水位计", "a\\b\tc", "🐦 heron"])
def test_a_text_is_found_in_a_journal_as_it_is_written(tmp_path: Path, text: str) -> None:
    with Journal.create(tmp_path / "journal.db", meta={}) as journal:
        journal.append({"kind": "x", "deep": {"said": [f"before {text} behind"]}}, elapsed=0.0)
        journal.append({"kind": "x", "arguments": json.dumps({"text": f"in {text} quotes"[3:-7]})}, elapsed=0.0)
        journal.commit()
    assert mentions(tmp_path / "journal.db", ["nothing of it", text])
    assert not mentions(tmp_path / "journal.db", ["nothing of it", f"{text}!"])
    assert not mentions(tmp_path / "journal.db", [""])
