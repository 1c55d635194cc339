"""Runs that are under way, were killed, are held by another process or cannot be read: told apart, from outside."""

from __future__ import annotations

import json
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from memory.journal import Journal
from tests.place import Place, no_traceback
from tests.server import Call, ChatServer, Reply

WORK = [
    Reply(calls=[Call(name="write_file", arguments={"path": "out.md", "content": "The tide is 6.2 m.\n"})]),
    Reply(calls=[Call(name="finish", arguments={"answer": "It is in out.md."})]),
]


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = Place(tmp_path)
    made.goal("goal: Write the tide to out.md\nchecks: [{file: out.md}]\n")
    return made


def rows(place: Place) -> list[dict[str, Any]]:
    listed = place.thinkact("runs", "list", "--json")
    assert listed.returncode == 0, listed.stderr
    found: list[dict[str, Any]] = json.loads(listed.stdout)
    return found


@contextmanager
def under_way(place: Place) -> Iterator[subprocess.Popen[str]]:
    """A run whose first step is done and whose second reply does not come. It is killed at the end."""

    def hangs(request: dict[str, Any], number: int) -> Reply:
        return WORK[0] if number == 0 else Reply(text="late", hang=60)

    with ChatServer(hangs) as server:
        process = place.start("run", "goal.yaml", OPENAI_BASE_URL=server.url, THINKACT_MODEL="scripted")
        try:
            deadline = time.monotonic() + 60
            while len(server.requests) < 2:
                assert process.poll() is None, process.communicate()[1]
                assert time.monotonic() < deadline
                time.sleep(0.02)
            yield process
        finally:
            process.kill()
            process.communicate()


def killed(place: Place) -> str:
    """A run that was killed after its first step; its id."""
    with under_way(place):
        pass
    return str(rows(place)[0]["run"])


def test_a_run_is_running_while_somebody_works_on_it_and_stopped_when_that_was_killed(place: Place) -> None:
    with under_way(place):
        assert [one["state"] for one in rows(place)] == ["running"]
        shown = place.thinkact("runs", "show")
        assert shown.returncode == 0
        run = rows(place)[0]["run"]
        assert f"the run is under way; follow it with: thinkact runs tail {run}" in shown.stdout
    [row] = rows(place)
    assert (row["state"], row["steps"], row["fault"]) == ("stopped", 1, None)
    assert "stopped" in place.thinkact("runs", "list").stdout
    shown = place.thinkact("runs", "show")
    assert f"the run was stopped without an end; resume with: thinkact resume {run}" in shown.stdout
    replayed = place.thinkact("runs", "replay")
    assert (replayed.returncode, replayed.stdout) == (0, "")
    assert "the run was stopped without an end" in replayed.stderr


def test_following_a_run_that_was_killed_ends_and_says_how_to_go_on(place: Place) -> None:
    run = killed(place)
    for words in ((), ("--no-follow",)):
        followed = place.thinkact("runs", "tail", *words, timeout=30)
        assert followed.returncode == 0, followed.stderr
        assert 'write_file(path="out.md"' in followed.stderr
        last = followed.stderr.splitlines()[-1]
        assert last == f"the run was stopped without an end; resume with: thinkact resume {run}"


def test_a_follower_sees_that_the_run_is_killed_under_its_eyes(place: Place) -> None:
    with under_way(place) as process:
        following = place.start("runs", "tail")
        with following:
            assert following.stderr is not None
            told = following.stderr.readline()
            while "write_file" not in told:
                told = following.stderr.readline()
            assert following.poll() is None
            process.kill()
            rest = following.stderr.read()
        assert following.returncode == 0, rest
        assert "the run was stopped without an end" in rest


def test_a_follower_of_a_run_that_is_gone_on_with_stays_until_its_new_end(place: Place) -> None:
    run = killed(place)
    journal = place.home / "runs" / run / "journal.db"
    with Journal.open(journal) as held:
        stopped = {"kind": "stopped", "state": "limit", "reason": "steps"}
        held.append(stopped, elapsed=1.0)
        held.commit()
        with place.start("runs", "tail") as following:
            assert following.stderr is not None
            told = following.stderr.readline()
            while "write_file" not in told:
                told = following.stderr.readline()
            with pytest.raises(subprocess.TimeoutExpired):
                following.wait(timeout=1.0)
            resumed = {"kind": "run.resumed", "model": "scripted", "limits": {}, "unattended": True, "seconds": 1.0}
            held.append(resumed, elapsed=1.0)
            held.append({**stopped, "reason": "the second end"}, elapsed=2.0)
            held.commit()
            rest = following.stderr.read()
    assert following.returncode == 0, rest
    assert "limit: the second end" in rest


def test_a_run_that_was_killed_before_its_first_event_is_told_so(place: Place) -> None:
    run = "20260301-101500-00ab"
    Journal.create(place.home / "runs" / run / "journal.db", meta={"run": run}).close()
    assert rows(place)[0]["state"] == "stopped"
    followed = place.thinkact("runs", "tail", timeout=30)
    assert followed.returncode == 0
    assert followed.stderr.strip() == ("the run was stopped before it began; start it anew with: thinkact run GOAL")


def test_a_second_process_on_a_run_is_told_who_has_it_and_how_to_watch(place: Place) -> None:
    with under_way(place):
        run = rows(place)[0]["run"]
        begun = time.monotonic()
        refused = place.thinkact("resume", "-m", "offline", timeout=30)
        assert time.monotonic() - begun < 15
        no_traceback(refused)
        assert refused.returncode == 2
        journal = place.home / "runs" / run / "journal.db"
        assert refused.stderr.splitlines()[-2:] == [
            f"thinkact: the run {run} is being worked on by another process ({journal})",
            f"          wait for it, or see it with: thinkact runs tail {run}",
        ]
        assert rows(place)[0]["state"] == "running"


def test_a_journal_that_cannot_be_read_is_listed_in_one_word_and_explained_in_one_line(place: Place) -> None:
    run = killed(place)
    journal = place.home / "runs" / run / "journal.db"
    with Journal.open(journal) as opened:
        last = opened.last
    connection = sqlite3.connect(journal)
    connection.execute("DELETE FROM row WHERE seq = ?", (last - 1,))
    connection.commit()
    connection.close()
    [row] = rows(place)
    assert row["state"] == "damaged"
    assert row["fault"].startswith(f"{journal} is damaged at row {last - 1}: it is missing; the {last - 2} rows before")
    listed = place.thinkact("runs", "list")
    assert listed.returncode == 0
    assert listed.stdout.count("damaged") == 1
    assert listed.stderr.splitlines() == [f"thinkact: {row['fault']}"]


def test_a_journal_of_which_nothing_can_be_read_is_told_with_the_way_to_be_rid_of_it(place: Place) -> None:
    run = killed(place)
    for file in (place.home / "runs" / run).glob("journal.db*"):
        file.write_bytes(b"no journal at all" * 300)
    [row] = rows(place)
    assert row["state"] == "damaged"
    assert row["fault"].endswith(f"; nothing of it can be read; remove it with: thinkact runs delete {run}")
    shown = place.thinkact("runs", "show", run)
    assert shown.returncode == 2
    said, way = shown.stderr.splitlines()
    assert "is damaged" in said
    assert way == f"          nothing of it can be read; remove it with: thinkact runs delete {run}"
    assert place.thinkact("runs", "delete", run, "-y").returncode == 0
    assert rows(place) == []


def test_a_listing_for_programs_is_whole_and_one_for_people_says_how_many_it_left_out(place: Place) -> None:
    run = killed(place)
    for number in range(24):
        shutil.copytree(place.home / "runs" / run, place.home / "runs" / f"20200101-0000{number:02}-copy")
    assert len(rows(place)) == 25
    assert len(json.loads(place.thinkact("runs", "list", "--json", "--most", "3").stdout)) == 3
    listed = place.thinkact("runs", "list")
    assert len(listed.stdout.splitlines()) == 21
    assert listed.stderr == "5 more: thinkact runs list --most 25\n"
    assert place.thinkact("runs", "list", "--most", "25").stderr == ""


def test_a_journal_of_a_later_thinkact_is_not_called_damaged(place: Place) -> None:
    run = killed(place)
    with Journal.open(place.home / "runs" / run / "journal.db") as journal:
        journal.append({"kind": "dream", "text": "of later"}, elapsed=1.0)
    [row] = rows(place)
    assert row["state"] == "newer"
    assert "update thinkact" in row["fault"]


def test_a_journal_that_another_program_keeps_to_itself_is_busy(place: Place) -> None:
    run = killed(place)
    journal = place.home / "runs" / run / "journal.db"
    Journal.open(journal).close()
    other = sqlite3.connect(journal, isolation_level=None)
    other.execute("PRAGMA locking_mode = EXCLUSIVE")
    other.execute("BEGIN IMMEDIATE")
    [row] = rows(place)
    other.close()
    assert row["state"] == "busy"
    assert "is in use by another process" in row["fault"]
