"""The goal file that a run came from: told on resume where it says something else by now, and never by mistake."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.events import RunStarted
from agent.goal import goal_to_dict
from agent.goal.file import read_goal
from agent.opening.source import changed, digest_of
from tests.kits import opening
from tests.place import Place, no_traceback
from tests.server import Call, ChatServer, Reply

GOAL = """\
goal: Count {{ topic }} in {{ files }} up to {{ most }} by {{ day }}
inputs:
  topic: {type: string, default: ferries}
  files: {type: list, default: [a.md, "b, c.md"]}
  most: {type: number, default: 3}
  day: {type: date, default: 2026-01-31}
  key: {type: secret, required: true}
  spare: {type: string}
constraints: ["as before{{ spare }}"]
checks: [{run: "check", env: {KEY: "{{ key }}"}}]
"""


def begun(file: Path, **given: str) -> RunStarted:
    goal = read_goal(file, inputs={"key": "s3cret"} | given)
    return opening(goal=goal_to_dict(goal), source=goal.source, source_hash=digest_of(goal))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    made = tmp_path / "目标 one.yaml"
    made.write_text(GOAL, "utf-8")
    return made


def told(started: RunStarted, **more: Any) -> str | None:
    return changed(replace(started, **more), {"key": "s3cret"})


def test_a_file_that_is_as_it_was_is_not_spoken_of(file: Path) -> None:
    assert told(begun(file, topic="trout", most="1.50", files='["x, y"]')) is None


def test_nor_is_one_whose_words_mean_the_same(file: Path) -> None:
    started = begun(file, topic="trout", files='["x, y"]')
    file.write_text(f"# a remark\n{GOAL}", "utf-8")
    assert told(started) is None


def test_nor_one_of_a_run_that_kept_no_hash(file: Path) -> None:
    assert told(begun(file, topic="trout"), source_hash="") is None


def test_what_flags_put_in_the_place_of_the_file_s_own_is_no_change(file: Path) -> None:
    started = begun(file)
    file.write_text(f"{GOAL}# a remark\n", "utf-8")
    body = dict(started.goal) | {"namespace": "trout", "recall": False}
    assert told(started, goal=body) is None


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("Count", "Weigh"),
        ("checks:", "on_fail: {attempts: 5}\nchecks:"),
        ('run: "check"', 'run: "look"'),
        ("KEY:", "OTHER:"),
    ],
)
def test_a_file_that_says_something_else_by_now_is_told_with_the_way_to_take_it_over(
    file: Path, old: str, new: str
) -> None:
    started = begun(file)
    file.write_text(GOAL.replace(old, new), "utf-8")
    assert told(started) == (
        f"{file} has changed since; the run goes on with the goal it began with "
        f"(what it says now counts with --goal '{file}')"
    )


def test_a_file_that_is_gone_or_broken_is_told_in_one_line(file: Path) -> None:
    started = begun(file)
    file.write_text("goal: x\ngaols: y\n", "utf-8")
    line = told(started)
    assert line is not None
    assert line.startswith(f"{file} cannot be used as it is now (2:1: gaols: unknown key")
    assert line.endswith("the run goes on with the goal it began with")
    assert "\n" not in line
    file.write_bytes(b"\xff\xfe\x00")
    assert "UTF-16" in str(told(started))
    file.unlink()
    assert told(started) == f"{file} is gone; the run goes on with the goal it began with"
    file.mkdir()
    assert "is a folder" in str(told(started))


@pytest.mark.parametrize("text", ["goal: x\n", GOAL.replace("spare", "other"), GOAL.replace("number", "date")])
def test_a_file_that_takes_other_inputs_by_now_has_changed(file: Path, text: str) -> None:
    started = begun(file)
    file.write_text(text.replace("default: 3", "required: true"), "utf-8")
    assert "has changed since" in str(told(started))


def test_a_goal_in_words_has_no_file() -> None:
    assert changed(opening(), {}) is None


def test_resume_says_it_and_goes_on_with_the_goal_that_the_run_began_with(tmp_path: Path) -> None:
    place = Place(tmp_path)
    file = place.goal("goal: Write the tide to out.md\n")
    finish = Reply(calls=[Call(name="finish", arguments={"answer": "Done."})])
    look = Reply(calls=[Call(name="list_files")])
    with ChatServer([look, finish]) as server:
        settings: dict[str, Any] = {"OPENAI_BASE_URL": server.url, "THINKACT_MODEL": "scripted"}
        assert place.thinkact("run", "goal.yaml", "--max-steps", "1", **settings).returncode == 3
        file.write_text("goal: Write the weather to out.md\n", "utf-8")
        ended = place.thinkact("resume", "--max-steps", "5", **settings)
        asked = str(server.requests[1].json["messages"])
    no_traceback(ended)
    assert ended.returncode == 0, ended.stderr
    (line,) = [line for line in ended.stderr.splitlines() if "has changed since" in line]
    assert line.startswith(f"thinkact: {file} has changed since; the run goes on with the goal it began with")
    assert "the tide" in asked
    assert "the weather" not in asked
