"""`run --dry-run`: what a run would send, may do and may cost, with nothing called and nothing written."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest

from agent.cli.dry import TITLE
from agent.screen import columns as wide
from tests.place import Ended, Place, no_traceback
from tests.server import Call, ChatServer, Reply

if sys.platform == "win32":  # pragma: no cover  (Windows has no pty module)
    pytest.skip("there is no pseudo-terminal here", allow_module_level=True)

from tests.seated import at, at_a_terminal

FINISH = Reply(calls=[Call(name="finish", arguments={"answer": "Done."})])
GOAL = """
name: tides
goal: [Write the tide of Hollin to out.md, 写摘要]
role: harbour master
constraints: [State the unit.]
context: [notes/*.txt]
tools: {ask: [remember], deny: [delete_file]}
workspace: {dir: ./desk, write: ["*.md"]}
budget: {steps: 9, tokens: 50k, usd: 0.40, tool_calls: {search_files: 3}}
checks:
  - {file: out.md}
  - {regex: "[0-9] m", in: there.md}
  - {unchanged: "there.*"}
  - {absent: "*.tmp"}
  - {run: "wc there.md"}
  - {answer: done, required: false}
  - {judge: "Is it true?"}
"""


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = Place(tmp_path)
    made.goal(GOAL)
    for path, text in {"desk/there.md": "6 m\n", "notes/潮汐.txt": "The tide of Hollin is 6.2 m.\n"}.items():
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text(text, "utf-8")
    return made


def dry(place: Place, *words: str, **settings: Any) -> Ended:
    ended = place.thinkact("run", *words, "--dry-run", **settings)
    no_traceback(ended)
    return ended


def told(place: Place, *words: str, **settings: Any) -> dict[str, Any]:
    """The object of `--output json`."""
    ended = dry(place, *words, "--output", "json", **settings)
    assert ended.returncode == 0, ended.stderr
    (line,) = ended.stdout.splitlines()
    found: dict[str, Any] = json.loads(line)
    return found


def snapshot(folder: Path) -> dict[str, tuple[int, bytes]]:
    """Every file and folder with when it was changed, and its content. (Beside the notes, SQLite has files of its own
    while it looks at them.)"""
    return {
        path.relative_to(folder).as_posix(): (
            0 if path.name == "memory" else path.stat().st_mtime_ns,
            path.read_bytes() if path.is_file() else b"",
        )
        for path in folder.rglob("*")
    }


def test_the_prompt_is_exactly_what_the_first_request_carries_with_notes_and_handles(place: Place) -> None:
    for note in ("The tide of Hollin is told in metres.", "Unlike this: a cat."):
        assert place.thinkact("memory", "add", note).returncode == 0
    with ChatServer([FINISH]) as server:
        shown = told(place, "goal.yaml", **at(server))
        text = dry(place, "goal.yaml", **at(server)).stdout
        assert server.requests == []
        place.thinkact("run", "goal.yaml", **at(server))
        sent = server.requests[0].json
    assert shown["messages"] == sent["messages"]
    assert [one["definition"] for one in shown["tools"] if one["offered"]] == sent["tools"]
    whole = "\n".join(message["content"] for message in sent["messages"])
    for part in ("told in metres", "潮汐.txt: handle a-", "harbour master", "State the unit.", "2. 写摘要"):
        assert part in whole
    for line in whole.splitlines():
        assert f"  │ {line}\n" in text
    assert [one["text"] for one in shown["memory"]["notes"]] == ["The tide of Hollin is told in metres."]
    assert shown["tokens"]["parts"]["notes"] > 10


def test_nothing_is_called_and_nothing_is_written(place: Place) -> None:
    place.plugin("mine.py", PLUGIN)
    place.thinkact("memory", "add", "The tide of Hollin is told in metres.")
    before = snapshot(place.folder)
    with ChatServer([]) as server:
        for words in (("goal.yaml",), ("Write the tide of Hollin.",), ("goal.yaml", "--output", "json")):
            assert dry(place, *words, **at(server)).returncode == 0
        assert server.requests == []
    assert snapshot(place.folder) == before


PLUGIN = '''
from plugins import Effect, before_call, observe, tool

@tool(effect=Effect.SEND)
def shout(text: str) -> str:
    """Shout.

    Args:
        text: What.
    """
    raise AssertionError("called")
'''


def test_each_tool_is_told_with_its_effect_and_how_it_would_be_ruled(place: Place) -> None:
    place.plugin("mine.py", PLUGIN)
    tools = {one["name"]: one for one in told(place, "goal.yaml", THINKACT_MODEL="offline")["tools"]}
    rulings = {name: (tools[name]["effect"], tools[name]["ruling"], tools[name]["offered"]) for name in tools}
    assert rulings["read_file"] == ("read", "allow", True)
    assert rulings["write_file"] == ("write", "allow", True)
    assert rulings["delete_file"] == ("write", "deny", False)
    assert rulings["remember"] == ("write", "deny", True)
    assert rulings["shout"] == ("send", "deny", True)
    assert rulings["finish"] == ("read", "allow", True)
    assert "ask_user" not in tools
    assert tools["remember"]["reason"] == "remember must be asked, and nobody can be"
    allowed = told(place, "goal.yaml", "--allow", "shout", "--no-memory", THINKACT_MODEL="offline")
    assert {"shout": "allow"}.items() <= {one["name"]: one["ruling"] for one in allowed["tools"]}.items()
    assert "remember" not in [one["name"] for one in allowed["tools"]]
    assert allowed["memory"] == {"namespace": None, "notes": []}


def test_at_a_terminal_what_would_be_asked_is_told_and_the_lines_fit_it(place: Place) -> None:
    with at_a_terminal(place, "run", "goal.yaml", "--dry-run", columns=40, THINKACT_MODEL="offline") as terminal:
        assert terminal.end() == 0, terminal.text
    assert "write_file · write · ask: its" in terminal.text
    assert "ask_user · read · allow" in terminal.text
    assert [line for line in terminal.text.replace("\r", "").split("\n") if wide(line) > 40] == []


def test_each_check_is_told_as_it_stands_and_no_program_is_run(place: Place) -> None:
    checks = told(place, "goal.yaml", THINKACT_MODEL="offline")["checks"]
    assert [(one["passed"], one["required"]) for one in checks] == [
        (False, True),
        (True, True),
        (True, True),
        (True, True),
        (None, True),
        (None, False),
        (None, True),
    ]
    assert checks[0]["detail"] == "out.md is not there"
    assert checks[4]["detail"].startswith("its program is not run here; in the run: deny, ")
    asked = told(place, "goal.yaml", "-y", THINKACT_MODEL="offline")["checks"][4]["detail"]
    assert asked.endswith("allow, -y answers yes")


def test_limits_and_model_are_told_with_where_they_come_from(place: Place) -> None:
    with ChatServer([]) as server:
        shown = told(place, "goal.yaml", "--max-time", "2m", THINKACT_MAX_MODEL_CALLS="30", **at(server))
    assert {name: (one["value"], one["origin"]) for name, one in shown["limits"].items()} == {
        "steps": (9, "goal file"),
        "model_calls": (30, "environment"),
        "tokens": (50_000, "goal file"),
        "usd": (0.4, "goal file"),
        "time": (120.0, "flag"),
        "tool_calls.search_files": (3, "goal file"),
    }
    model = shown["model"]
    assert (model["name"], model["why"]) == ("scripted", "named by THINKACT_MODEL (environment)")
    assert (model["endpoint"], model["endpoint_why"]) == (server.url, "OPENAI_BASE_URL (environment)")
    assert model["key"] is None


def test_where_no_name_is_given_the_endpoint_is_asked_for_its_models_alone(place: Place) -> None:
    with ChatServer([], models=["first", "second"]) as server:
        shown = told(place, "Go.", "--base-url", server.url)
        assert [request.path.rpartition("/")[2] for request in server.others] == ["models"]
        assert server.requests == []
    assert shown["model"]["name"] == "first"
    assert shown["model"]["why"].startswith("the first that 127.0.0.1")
    assert shown["model"]["endpoint_why"] == "--base-url"


@pytest.mark.parametrize(
    ("words", "most"),
    [((), 1.00), (("--max-usd", "0.05"), 0.05), (("--max-usd", "0", "--max-tokens", "10k"), None)],
)
def test_a_known_price_is_told_for_the_first_call_and_for_the_run(
    place: Place, words: tuple[str, ...], most: float | None
) -> None:
    key = {"OPENAI_API_KEY": "sk-not-shown"}
    shown = told(place, "Go.", "-m", "gpt-5.4-mini", *words, **key)
    price = shown["price"]
    assert 0 < price["first_call"] < price["first_call_most"] < price["run_most"]
    assert price["run_most"] < 1 if most is None else price["run_most"] == most
    assert shown["window"]["origin"] == "known"
    assert shown["model"]["key"] == "OPENAI_API_KEY (environment)"
    assert "sk-not-shown" not in json.dumps(shown)


def test_the_price_is_told_in_a_line_and_the_key_nowhere(place: Place) -> None:
    ended = dry(place, "Go.", "-m", "gpt-5.4-mini", OPENAI_API_KEY="sk-not-shown")
    line = next(line for line in ended.stdout.splitlines() if line.startswith("price"))
    told = r"price      first call \$0\.00\d+, with the longest reply \$\S+; the whole run at most \$1\.00"
    assert re.fullmatch(told, line)
    assert "key        OPENAI_API_KEY (environment)" in ended.stdout
    assert "sk-not-shown" not in ended.stdout + ended.stderr


def test_a_price_that_is_not_known_is_said(place: Place) -> None:
    words = ("Go.", "-m", "of-nobody", "--base-url", "https://models.example/v1")
    shown = told(place, *words)
    assert shown["price"] == {"first_call": None, "first_call_most": None, "run_most": None}
    assert (shown["window"]["tokens"], shown["window"]["origin"]) == (128_000, "assumed")
    assert "not known for this model: the limit of $1.00 does not hold" in dry(place, *words).stdout
    free = dry(place, "Go.", "-m", "x", "--base-url", "http://user:secret@127.0.0.1:9/v1?key=secret")
    assert "nothing where this model is asked" in free.stdout
    assert "secret" not in free.stdout


def test_the_shares_of_the_prompt_add_up(place: Place) -> None:
    shown = told(place, "goal.yaml", "--window", "16k", THINKACT_MODEL="offline")
    tokens = shown["tokens"]
    assert sum(tokens["parts"].values()) == tokens["prompt"]
    assert list(tokens["parts"]) == ["tools", "system", "goal", "context", "state", "notes", "frame"]
    assert all(part >= 0 for part in tokens["parts"].values())
    assert shown["window"] == {"tokens": 16_000, "origin": "stated", "reply": 4_000}


def test_a_workspace_that_is_not_there_is_not_made(place: Place) -> None:
    ended = dry(place, "Read a.txt", THINKACT_MODEL="offline")
    assert "workspace (not there yet; a run makes it)" in ended.stdout
    assert not place.workspace.exists()
    assert not place.home.exists()


def test_what_would_end_the_run_at_once_is_told_with_the_prompt(place: Place) -> None:
    for words, code, reason in (
        (("--max-tokens", "100"), 0, "0 of 100 tokens are used"),
        (("--window", "1k"), 6, "is too small"),
    ):
        ended = dry(place, "goal.yaml", *words, "-m", "x", "--base-url", "http://127.0.0.1:9/v1")
        assert ended.returncode == code
        assert "stops      before its first call, which cannot be made: " in ended.stdout
        assert reason in ended.stdout
        assert "  │ 1. Write the tide of Hollin to out.md\n" in ended.stdout


HOSTILE = "\x1b[2J\x9b31m\u202etxt.exe\u2028\U000e0041"


def test_hostile_text_is_shown_harmless_and_json_keeps_it(place: Place) -> None:
    (place.folder / "desk" / "there.md").write_text("6 m\n", "utf-8")
    goal = f"Line one {HOSTILE}\nRead it, {HOSTILE}."
    ended = dry(place, goal, THINKACT_MODEL="offline")
    assert not set(HOSTILE) & set(ended.stdout) - set("[2J31mtxt.exe")
    assert "  │ Read it, \\x1b[2J\\x9b31m\\u202etxt.exe" in ended.stdout
    printed = dry(place, goal, "--output", "json", THINKACT_MODEL="offline").stdout
    assert not set(HOSTILE) & set(printed) - set("[2J31mtxt.exe")
    assert goal in json.loads(printed)["messages"][1]["content"]


def test_secrets_of_the_goal_are_not_shown(place: Place) -> None:
    place.goal(
        "goal: Go.\ninputs: {token: {type: secret}}\nchecks: [{run: 'true', env: {TOKEN: '{{ token }}'}}]\n", "s.yaml"
    )
    for output in ("text", "json"):
        ended = dry(place, "s.yaml", "--set", "token=hush-hush", "--output", output, THINKACT_MODEL="offline")
        assert ended.returncode == 0
        assert "hush-hush" not in ended.stdout + ended.stderr


def test_what_a_plugin_prints_is_not_among_it_and_doubts_are_said(place: Place) -> None:
    place.plugin("loud.py", "print('loud')\nimport os\nos.write(1, b'loud')\n")
    place.plugin("broken.py", "raise ValueError('no')\n")
    ended = dry(place, "Go.", "--allow", "wirte_file", "--output", "json", THINKACT_MODEL="offline")
    json.loads(ended.stdout)
    assert "did you mean write_file?" in ended.stderr
    assert "plugin broken is left out" in ended.stderr


def test_it_can_go_to_a_file(place: Place) -> None:
    ended = dry(place, "Go.", "-o", "dry.txt", THINKACT_MODEL="offline")
    assert ended.stdout == ""
    assert (place.folder / "dry.txt").read_text("utf-8").startswith(TITLE)


def test_words_on_stdin_and_set_inputs_are_taken(place: Place) -> None:
    place.goal("goal: About {{ topic }}\ninputs: {topic: {required: true}}\n", "topic.yaml")
    assert "About 潮汐" in dry(place, "topic.yaml", "--set", "topic=潮汐", THINKACT_MODEL="offline").stdout
    assert "From a pipe" in dry(place, "-", stdin="From a pipe", THINKACT_MODEL="offline").stdout


@pytest.mark.parametrize(
    ("words", "code", "message"),
    [
        (("nowhere.yaml",), 2, "there is no such goal file"),
        (("Go.", "--max-time", "soon"), 2, "--max-time must be"),
        (("Go.", "--output", "stream-json"), 2, "--dry-run has no events"),
        (("Go.", "--workspace", "home"), 2, "cannot be used"),
        (("Go.", "-o", "no/dry.txt"), 2, "cannot be written"),
        (("Go.", "--base-url", "http://127.0.0.1:9/v1"), 6, "cannot be reached"),
        (("Go.", "-m", "offlne"), 6, 'did you mean "offline"?'),
        (("topic.yaml",), 2, "must be given: topic"),
    ],
)
def test_what_a_run_could_not_begin_with_ends_as_a_run_would(
    place: Place, words: tuple[str, ...], code: int, message: str
) -> None:
    place.goal("goal: About {{ topic }}\ninputs: {topic: {required: true}}\n", "topic.yaml")
    place.home.mkdir()
    ended = dry(place, *words)
    assert (ended.returncode, ended.stdout) == (code, "")
    assert message in ended.stderr
