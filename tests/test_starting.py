"""Starting: a goal asked for at the terminal, a goal file written by questions or by a script, the first run."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from agent.model.choice import choose
from agent.screen import OFFLINE
from agent.screen import columns as wide
from tests.place import Place, no_traceback
from tests.server import Call, ChatServer, Reply

if sys.platform == "win32":  # pragma: no cover  (Windows has no pty module)
    pytest.skip("there is no pseudo-terminal here", allow_module_level=True)

import pty

from tests.seated import at, at_a_terminal
from tests.test_terminal_session import Terminal

FINISH = Reply(calls=[Call(name="finish", arguments={"answer": "好了。"})])
GOALS = ('  读 {{ 文件 }}: "全部" # 不漏', "Write - a brief: to out/brief.md")
FIRST = ("name, such as: 简报", "细心的 'clerk'", *GOALS, "")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def answer(terminal: Terminal, *lines: str) -> None:
    """Type each line once it is asked for."""
    for line in lines:
        terminal.until("> ")
        terminal.say(line)


def tree(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


def words(request: dict[str, Any]) -> str:
    return "\n".join(message["content"] for message in request["messages"])


# -- run, without a goal


def test_a_run_without_a_goal_asks_for_one_and_works_on_it(place: Place) -> None:
    with ChatServer([FINISH]) as server:
        settings = at(server)
        with at_a_terminal(place, "run", **settings) as terminal:
            answer(terminal, *FIRST, "7", "", "20m", "", "n")
            assert terminal.end() == 0, terminal.text
        asked = words(server.requests[0].json)
    assert "Your role: 细心的 'clerk'" in asked
    assert f"1. {GOALS[0]}\n2. {GOALS[1]}" in asked
    assert "step 1 of 7" in asked
    for shown in ("Steps at most [50]", "US dollars at most [1.00]", "Time at most [1h]", "[./workspace]"):
        assert shown in terminal.text
    assert "│ budget: {steps: 7, time: 20m}" in terminal.text
    assert "At most 7 steps, $1.00 and 20m, in" in terminal.text
    assert terminal.text.rstrip().endswith("好了。")
    assert "Traceback" not in terminal.text
    assert not list(place.folder.glob("*.yaml"))


def test_the_goal_is_kept_under_a_name_that_is_free_and_runs_again(place: Place) -> None:
    place.goal("goal: mine\n", "mine.yaml")
    with ChatServer([FINISH, FINISH]) as server:
        settings = at(server)
        with at_a_terminal(place, "run", **settings) as terminal:
            answer(terminal, *FIRST, "", "", "", "data", "yes", "mine.yaml", "n", "我的目标")
            assert terminal.end() == 0, terminal.text
        again = place.thinkact("run", "我的目标.yaml", "--no-memory", **settings)
        assert again.returncode == 0, again.stderr
        assert words(server.requests[1].json) == words(server.requests[0].json)
    assert "mine.yaml is there already. Overwrite it?" in terminal.text
    assert "thinkact run 我的目标.yaml" in terminal.text
    assert (place.folder / "mine.yaml").read_text("utf-8") == "goal: mine\n"
    assert (place.folder / "data").is_dir()
    kept = (place.folder / "我的目标.yaml").read_text("utf-8")
    assert kept.startswith("# yaml-language-server: $schema=goal.schema.json\nversion: 1\n")
    loaded = yaml.safe_load(kept)
    assert loaded["name"] == FIRST[0]
    assert loaded["goal"] == [GOALS[0].replace("{{", '{{ "{{" }}'), GOALS[1]]
    assert loaded["workspace"] == {"dir": "./data"}


@pytest.mark.parametrize(
    ("key", "typed"),
    [("\x03", ()), ("\x03", ("a", "b", "half a goal")), ("\x04", ("a", "b", "c", "", "", "", "", "", "y"))],
    ids=["ctrl-c at once", "ctrl-c among the goals", "ctrl-d at the file's name"],
)
def test_leaving_at_a_question_leaves_nothing_behind(place: Place, key: str, typed: tuple[str, ...]) -> None:
    with at_a_terminal(place, "run", THINKACT_MODEL="offline") as terminal:
        answer(terminal, *typed)
        terminal.until("> ")
        os.write(terminal.master, key.encode())
        assert terminal.end(10) == 130, terminal.text
    assert "left; nothing was kept" in terminal.text
    assert "Traceback" not in terminal.text
    assert tree(place.folder) == []


def test_what_flags_state_is_not_asked(place: Place) -> None:
    flags = ("--max-steps", "3", "--max-usd", "0", "--max-time", "5m", "--workspace", ".", "--model", "offline")
    with at_a_terminal(place, "run", *flags) as terminal:
        answer(terminal, "-", "-", "List the files", "", "n")
        assert terminal.end() == 0, terminal.text
    assert "at most [" not in terminal.text
    assert "At most 3 steps, any amount of money and 5m" in terminal.text


@pytest.mark.parametrize("words", [("run",), ("run", "--dry-run"), ("run", "--output", "json")])
def test_without_a_terminal_one_line_says_how_to_give_a_goal(place: Place, words: tuple[str, ...]) -> None:
    ended = place.thinkact(*words)
    assert (ended.returncode, ended.stdout) == (2, "")
    (line,) = ended.stderr.splitlines()
    assert line.startswith("thinkact: no GOAL is given")
    assert 'thinkact run "what is wanted"' in line
    assert tree(place.folder) == []


def test_nobody_is_asked_with_yes_or_where_the_questions_are_not_seen(place: Place) -> None:
    with at_a_terminal(place, "run", "-y") as terminal:
        assert terminal.end() == 2
    assert "no GOAL is given" in terminal.text
    master, slave = pty.openpty()
    unseen = subprocess.run(
        [sys.executable, "-m", "agent", "run"],
        cwd=place.folder,
        env=place.environment(),
        stdin=slave,
        capture_output=True,
        text=True,
        check=False,
    )
    os.close(slave)
    os.close(master)
    assert (unseen.returncode, unseen.stdout) == (2, "")
    assert "no GOAL is given" in unseen.stderr


def test_what_keeps_a_run_from_beginning_is_said_before_anything_is_asked(place: Place) -> None:
    with at_a_terminal(place, "run", "--model", "nowhere-to-ask") as terminal:
        assert terminal.end() == 6
    assert "Name:" not in terminal.text
    with at_a_terminal(place, "run", "--set", "a=b", THINKACT_MODEL="offline") as terminal:
        assert terminal.end() == 2
    assert "--set gives inputs to a goal file" in terminal.text


def test_a_plan_alone_is_not_yet_there(place: Place) -> None:
    ended = place.thinkact("run", "Do it.", "--plan-only")
    assert ended.returncode == 2
    assert "not yet in this version" in ended.stderr


# -- goal new, at a terminal

WHOLE = (
    *("council", "clerk", "Read {{ topic }}", "Write {{ out }}", ""),
    *("topic", "out:path=out/简报.md", ""),
    *("", "out/**", ""),
    *("f", "{{ out }}", "w", "预算: 1,000", "", "p", "wc -c {{ out }}", ""),
    *("write_file", "", "0.20", ""),
)


def test_a_goal_file_is_written_by_questions_on_a_narrow_terminal(place: Place) -> None:
    with at_a_terminal(place, "goal", "new", "council.yaml", columns=40) as terminal:
        answer(terminal, "?", "＜", "", *WHOLE, "")
        assert terminal.end() == 0, terminal.text
    lines = terminal.text.replace("\r", "").split("\n")
    assert [line for line in lines if wide(line) > 40 and "note:" not in line] == []
    assert "council.yaml: written, ok" in terminal.text
    assert "thinkact goal schema" in terminal.text
    goal = yaml.safe_load((place.folder / "council.yaml").read_text("utf-8"))
    assert goal["inputs"] == {
        "topic": {"type": "string", "required": True},
        "out": {"type": "path", "default": "out/简报.md"},
    }
    assert goal["checks"] == [
        {"file": "{{ out }}"},
        {"regex": "预算: 1,000", "in": "{{ out }}"},
        {"run": "wc -c {{ out }}"},
    ]
    assert (goal["tools"], goal["budget"]) == ({"allow": ["write_file"]}, {"usd": 0.2})
    checked = place.thinkact("goal", "check", "council.yaml", "--set", "topic=桥", "--json")
    assert json.loads(checked.stdout)["ok"] is True, checked.stdout
    assert sorted(one for one in tree(place.folder) if not one.startswith("home")) == ["council.yaml"]


def test_answers_may_be_pasted_all_at_once_and_mended_at_the_end(place: Place) -> None:
    with at_a_terminal(place, "goal", "new") as terminal:
        pasted = ("a", "b", "c", "d", *[""] * 9, "<", "<", "9", "")
        terminal.until("> ")
        os.write(terminal.master, "".join(f"{line}\n" for line in pasted).encode())
        terminal.until("[a.yaml]")
        answer(terminal, "out/there.yaml", "b")
        assert terminal.end() == 0, terminal.text
    goal = yaml.safe_load((place.folder / "b.yaml").read_text("utf-8"))
    assert goal == {"version": 1, "name": "a", "role": "b", "goal": ["c", "d"], "budget": {"usd": 9.0}}
    assert "there is no folder" in terminal.text


# -- goal new, by a script


def test_a_script_writes_a_goal_file_that_says_exactly_what_was_given(place: Place) -> None:
    given = [word for goal in GOALS for word in ("--goal", goal)]
    flags = ("--name", "简报", "--role", "r: #1", "--max-steps", "5", "--max-tokens", "20k", "--max-time", "10m")
    made = place.thinkact("goal", "new", "g", *given, *flags, "--max-usd", "0.5", "--workspace", "data")
    assert made.returncode == 0, made.stderr
    assert made.stdout.startswith("g.yaml: written, ok\n")
    assert "{{ 文件 }} is no input, and stands as it is" in made.stderr
    shown = json.loads(
        place.thinkact("run", "g.yaml", "--dry-run", "--output", "json", THINKACT_MODEL="offline").stdout
    )
    assert f"1. {GOALS[0]}\n2. {GOALS[1]}" in shown["messages"][1]["content"]
    assert shown["goal"]["name"] == "简报"
    assert {name: one["value"] for name, one in shown["limits"].items() if one["origin"] == "goal file"} == {
        "steps": 5,
        "tokens": 20_000,
        "usd": 0.5,
        "time": 600.0,
    }
    assert shown["workspace"] == {"path": str(place.folder / "data"), "there": False}


def test_a_file_that_is_there_is_overwritten_only_with_leave(place: Place) -> None:
    file = place.goal("goal: mine\n")
    refused = place.thinkact("goal", "new", "goal.yaml", "--goal", "other")
    assert refused.returncode == 2
    assert "goal.yaml is there already" in refused.stderr
    assert file.read_text("utf-8") == "goal: mine\n"
    assert place.thinkact("goal", "new", "goal.yaml", "--goal", "other", "-y").returncode == 0
    assert "goal: other\n" in file.read_text("utf-8")
    with at_a_terminal(place, "goal", "new", "goal.yaml", "--goal", "third") as terminal:
        terminal.until("[y yes")
        terminal.say("n")
        assert terminal.end() == 1, terminal.text
    assert "left as it was" in terminal.text
    assert "goal: other\n" in file.read_text("utf-8")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "no goal is given; write: thinkact goal new FILE --goal TEXT"),
        (("a.yaml",), "no goal is given"),
        (("--goal", "x"), "no file is named"),
        (("a.txt", "--goal", "x"), "ends in .yaml, not in .txt"),
        (("no/a.yaml", "--goal", "x"), "there is no folder"),
        (("a.yaml", "--goal", " "), "--goal is empty"),
        (("a.yaml", "--goal", "x", "--max-steps", "many"), "--max-steps must be a whole number"),
        (("a.yaml", "--goal", "x", "--max-usd", "-1"), "--max-usd must be an amount"),
        (("a.yaml", "--goal", "x", "--name", "a\nb"), "--name must be one line"),
        (("a.yaml", "--goal", "x", "--workspace", "~nobody-at-all/x"), "no home folder"),
    ],
)
def test_what_makes_no_goal_file_is_told_in_a_line_and_writes_nothing(
    place: Place, words: tuple[str, ...], told: str
) -> None:
    ended = place.thinkact("goal", "new", *words)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert told in ended.stderr
    no_traceback(ended)
    assert tree(place.folder) == []


def test_a_goal_file_in_its_own_workspace_is_told_as_such(place: Place) -> None:
    made = place.thinkact("goal", "new", "g.yaml", "--goal", "x", "--workspace", ".")
    assert "it lies in the workspace: its own run cannot change it" in made.stdout
    (place.folder / "goal.schema.json").write_text("{}", "utf-8")
    made = place.thinkact("goal", "new", "h.yaml", "--goal", "x")
    assert "lies in the workspace" not in made.stdout
    assert "goal schema" not in made.stdout


# -- the first run


def test_the_first_run_without_a_model_says_what_works_and_how_to_have_a_real_one_and_the_next_does_not(
    place: Place,
) -> None:
    place.write("a.txt", "A line.")
    if choose(None, base_url=None, api_key=None).name != "offline":  # pragma: no cover
        pytest.skip("a model server runs on this machine")
    first = place.thinkact("run", "List the files")
    assert first.returncode == 0, first.stderr
    lines = first.stderr.splitlines()
    assert lines[1:3] == list(OFFLINE)
    assert all(name in OFFLINE[1] for name in ("Ollama", "LM Studio", "OPENAI_API_KEY"))
    second = place.thinkact("run", "List the files")
    assert "model offline" in second.stderr
    assert OFFLINE[1] not in second.stderr
    with ChatServer([FINISH]) as server:
        place.thinkact("run", "Go.", **at(server))
    assert OFFLINE[1] in place.thinkact("run", "List the files").stderr
    assert OFFLINE[1] not in place.thinkact("runs", "replay").stderr


@pytest.mark.parametrize("named", ["flag", "setting", "file"])
def test_who_names_the_offline_model_is_told_nothing_of_others(place: Place, named: str) -> None:
    place.goal("goal: List the files\nmodel: offline\n")
    words = {"flag": ("List the files", "-m", "offline"), "setting": ("List the files",), "file": ("goal.yaml",)}[named]
    settings: dict[str, Any] = {"THINKACT_MODEL": "offline"} if named == "setting" else {}
    ended = place.thinkact("run", *words, **settings)
    assert ended.returncode == 0, ended.stderr
    assert OFFLINE[0] not in ended.stderr
