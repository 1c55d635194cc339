"""A run steered: the menu after Ctrl-C, another goal, and branching off."""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.place import Place, no_traceback
from tests.server import Call, ChatServer, Reply
from tests.test_terminal_session import Terminal, session

GOAL = "goal: Write the tide to out.md\ntools: {allow: [write_file]}\n"
MENU = "or feedback]"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = Place(tmp_path)
    made.goal(GOAL)
    made.write("notes.txt", "The highest tide is 6.2 m.\n")
    return made


def write(path: str, content: str) -> Reply:
    return Reply(calls=[Call(name="write_file", arguments={"path": path, "content": content})])


FINISH = Reply(calls=[Call(name="finish", arguments={"answer": "It is done."})])
LOOK = Reply(calls=[Call(name="list_files", arguments={})])


def pressing(get: Callable[[], Terminal], *, at: int, then: Reply = FINISH) -> Callable[[dict[str, Any], int], Reply]:
    """A model whose reply number `at` is preceded by Ctrl-C; every later one is `then`."""

    def replies(request: dict[str, Any], number: int) -> Reply:
        if number == at:
            get().press_ctrl_c()
            time.sleep(0.4)  # it comes before the reply does
        return LOOK if number <= at else then

    return replies


def messages(server: ChatServer) -> str:
    return json.dumps(server.requests[-1].json["messages"], ensure_ascii=False)


def test_after_ctrl_c_a_run_goes_on_as_before(place: Place) -> None:
    terminal: Terminal
    with session(place, pressing(lambda: terminal, at=0)) as (terminal, server):
        terminal.until(MENU)
        assert len(server.requests) == 1
        terminal.say("g")
        assert terminal.end() == 0, terminal.text
        assert len(server.requests) == 2
    kinds = [event["kind"] for event in place.events()]
    assert kinds[kinds.index("stopped") + 1] == "run.resumed"
    assert kinds[-1] == "finished"


def test_words_at_the_menu_are_feedback_and_the_run_goes_on_with_them(place: Place) -> None:
    terminal: Terminal
    with session(place, pressing(lambda: terminal, at=0)) as (terminal, server):
        terminal.until(MENU)
        terminal.say("请用米，不用英尺")
        assert terminal.end() == 0, terminal.text
        assert "请用米，不用英尺" in messages(server)


def test_limits_are_changed_at_the_menu_and_hold(place: Place) -> None:
    terminal: Terminal
    with session(place, pressing(lambda: terminal, at=0, then=LOOK), "run", "goal.yaml") as (terminal, server):
        terminal.until(MENU)
        terminal.say("l steps=0")
        terminal.until("1 or more")
        terminal.say("l stps=3")
        terminal.until("did you mean steps?")
        terminal.say("l max-usd=2")
        terminal.until("did you mean usd?")
        terminal.say("l steps=3 usd=2 list_files=9")
        terminal.until("steps 3, usd 2, list_files 9")
        terminal.say("g")
        assert terminal.end() == 3, terminal.text
        assert len(server.requests) == 3
    resumed = next(event for event in place.events() if event["kind"] == "run.resumed")
    assert resumed["limits"] == {"steps": 3, "usd": 2.0, "tool_calls": {"list_files": 9}}


def test_the_goal_is_edited_at_the_menu_and_counts_from_then_on(place: Place) -> None:
    place.goal("goal: [Write the tide to out.md, Draw a map]\n")
    terminal: Terminal
    with session(place, pressing(lambda: terminal, at=0), "run", "goal.yaml") as (terminal, server):
        terminal.until(MENU)
        terminal.say("e")
        terminal.until("1. Write the tide to out.md")
        terminal.until("> ")
        terminal.say("Write the tide to tide.md")
        terminal.until("2. Draw a map")
        terminal.until("> ")
        terminal.say("-")
        terminal.until("one more part")
        terminal.until("> ")
        terminal.say("写明来源")
        terminal.until("> ")
        terminal.say("")
        terminal.until("g goes on")
        terminal.until(MENU)
        terminal.say("g")
        assert terminal.end() == 0, terminal.text
        told = messages(server)
        assert "Write the tide to tide.md" in told
        assert "写明来源" in told
        assert "Draw a map" not in json.dumps(server.requests[-1].json["messages"][:2])
    shown = place.thinkact("runs", "export", "last", "--format", "json")
    assert json.loads(shown.stdout)["goal"]["goals"] == ["Write the tide to tide.md", "写明来源"]


@pytest.mark.parametrize("way", ["q", "\x04", "\x03"], ids=["q", "ctrl-d", "ctrl-c"])
def test_leaving_the_menu_stops_the_run(place: Place, way: str) -> None:
    terminal: Terminal
    with session(place, pressing(lambda: terminal, at=0)) as (terminal, server):
        terminal.until(MENU)
        terminal.until("> ")
        terminal.say("quit")
        terminal.until("type q for stop")
        terminal.until("> ")
        terminal.keys(way if way != "q" else "q\n")
        assert terminal.end() == 130, terminal.text
        assert len(server.requests) == 1
    assert "Traceback" not in terminal.text


# -- another goal


def resume(place: Place, server: ChatServer, *words: str) -> Any:
    ended = place.thinkact("resume", *words, OPENAI_BASE_URL=server.url, THINKACT_MODEL="scripted")
    no_traceback(ended)
    return ended


def run(place: Place, *replies: Reply) -> None:
    with ChatServer(list(replies)) as server:
        ended = place.thinkact("run", "goal.yaml", OPENAI_BASE_URL=server.url, THINKACT_MODEL="scripted")
        assert ended.returncode == 0, ended.stderr


def test_a_run_that_reached_its_goal_goes_on_with_another(place: Place) -> None:
    run(place, write("out.md", "6.2 m\n"), FINISH)
    with ChatServer([write("out.de.md", "6,2 m\n"), FINISH]) as server:
        refused = resume(place, server, "last")
        assert refused.returncode == 2
        assert "--goal" in refused.stderr
        ended = resume(place, server, "last", "--goal", "Translate out.md to out.de.md")
        assert ended.returncode == 0, ended.stderr
        assert "Translate out.md to out.de.md" in messages(server)
        assert "The goal was changed" in messages(server)
    assert place.read("out.de.md") == "6,2 m\n"


def test_the_checks_of_the_file_that_takes_the_goals_place_decide(place: Place) -> None:
    run(place, write("out.md", "6.2 m\n"), FINISH)
    place.goal("goal: Write more\nchecks: [{file: more.md}]\non_fail: {attempts: 0}\n", "more.yaml")
    with ChatServer([FINISH]) as server:
        ended = resume(place, server, "last", "--goal", "more.yaml")
    assert ended.returncode == 1
    assert "more.md" in ended.stderr


def test_a_goal_that_cannot_be_read_is_told_and_the_run_stays_as_it_was(place: Place) -> None:
    run(place, FINISH)
    before = place.events()
    place.goal("gaol: x\n", "bad.yaml")
    with ChatServer([]) as server:
        for named in ("bad.yaml", "none.yaml"):
            ended = resume(place, server, "last", "--goal", named)
            assert ended.returncode == 2
            assert named in ended.stderr
    assert place.events() == before


# -- branching off


def test_a_fork_thinks_a_step_anew_and_leaves_the_run_as_it_was(place: Place) -> None:
    run(place, LOOK, write("out.md", "in feet\n"), write("extra.md", "x\n"), FINISH)
    parent = place.events()
    with ChatServer([write("out.md", "in metres\n"), FINISH]) as server:
        ended = resume(place, server, "last", "--from-step", "2", "--fork", "--feedback", "use metres")
        assert ended.returncode == 0, ended.stderr
        assert "out.md, extra.md" in ended.stderr
        first = json.dumps(server.requests[0].json["messages"])
        assert "use metres" in first
        assert "in feet" not in first
        assert "notes.txt" in first
        assert "these files hold what it left: out.md, extra.md" in first
    assert place.read("out.md") == "in metres\n"
    listed = json.loads(place.thinkact("runs", "list", "--json").stdout)
    assert len(listed) == 2
    assert place.events(parent[0]["run_id"]) == parent
    child = place.events()
    assert child[0]["fork_of"] == parent[0]["run_id"]
    assert child[0]["fork_step"] == 2
    assert [event["step"] for event in child if event["kind"] == "thought"] == [1, 2, 3]


def test_limits_and_denials_that_came_later_hold_in_a_fork(place: Place) -> None:
    with ChatServer([LOOK, LOOK]) as server:
        begun = place.thinkact(
            "run", "goal.yaml", "--max-steps", "1", OPENAI_BASE_URL=server.url, THINKACT_MODEL="scripted"
        )
        assert begun.returncode == 3
        again = resume(place, server, "--max-steps", "2", "--deny", "write_file", "--no-memory")
        assert again.returncode == 3
    with ChatServer([LOOK, FINISH]) as server:
        ended = resume(place, server, "--fork", "--from-step", "1")
        assert ended.returncode == 0, ended.stderr
        offered = [tool["function"]["name"] for tool in server.requests[0].json["tools"]]
        assert "write_file" not in offered
        assert "remember" not in offered


def test_what_a_fork_did_and_cost_is_its_own(place: Place) -> None:
    run(place, write("a.md", "a\n"), write("out.md", "one\n"), FINISH)
    with ChatServer([write("out.md", "two\n"), FINISH]) as server:
        assert resume(place, server, "last", "--from-step", "2", "--fork").returncode == 0
    stats = json.loads(place.thinkact("runs", "stats", "--json").stdout)
    assert stats["total"]["model_calls"] == 5
    changed = json.loads(place.thinkact("runs", "diff", "last", "--json").stdout)
    assert [one["path"] for one in changed] == ["out.md"]
    undone = place.thinkact("runs", "undo", "last", "--from-step", "1", "-y")
    assert undone.returncode == 0, undone.stderr
    assert place.read("out.md") == "one\n"
    assert place.read("a.md") == "a\n"  # its parent's, though it stands before its own steps


def test_a_fork_from_the_end_goes_on_from_a_run_that_has_reached_its_goal(place: Place) -> None:
    run(place, LOOK, FINISH)
    with ChatServer([FINISH]) as server:
        ended = resume(place, server, "--fork", "--feedback", "look again")
        assert ended.returncode == 0, ended.stderr
        assert "look again" in messages(server)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--from-step", "2"], "--from-step goes with --fork"),
        (["--fork", "--from-step", "9"], "has no step 9: it has 2 steps"),
        (["--fork", "--from-step", "0"], "has no step 0: it has 2 steps"),
        (["--fork", "--goal", "none.yaml"], "there is no such goal file"),
        (["--fork", "-o", "no/such/folder.txt"], "cannot be written"),
    ],
)
def test_what_cannot_be_branched_off_is_told_in_a_line_and_leaves_nothing(
    place: Place, words: list[str], told: str
) -> None:
    run(place, LOOK, FINISH)
    with ChatServer([]) as server:
        ended = resume(place, server, "last", *words)
    assert ended.returncode == 2
    assert told in ended.stderr
    assert len(list((place.home / "runs").iterdir())) == 1


def test_files_are_put_back_as_they_were_before_a_step(place: Place) -> None:
    place.write("out.md", "zero\n")
    run(place, write("out.md", "one\n"), write("out.md", "two\n"), write("extra.md", "x\n"), FINISH)
    undone = place.thinkact("runs", "undo", "last", "--from-step", "2", "-y")
    assert undone.returncode == 0, undone.stderr
    assert place.files() == {"notes.txt": "The highest tide is 6.2 m.\n", "out.md": "one\n"}
    assert "before step 2" in undone.stderr
    undone = place.thinkact("runs", "undo", "last", "-y")
    assert undone.returncode == 0, undone.stderr
    assert place.read("out.md") == "zero\n"
    missing = place.thinkact("runs", "undo", "last", "--from-step", "7", "-y")
    assert missing.returncode == 2
    assert "has no step 7" in missing.stderr
