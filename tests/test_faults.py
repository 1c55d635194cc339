"""Faults on the wire, seen from outside: the real process, the real SDK, a server that misbehaves."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.place import Ended, Place, no_traceback
from tests.server import Call, ChatServer, Replies, Reply

CONTENT = "The tide is 6.2 m.\n"
WRITE = Call(name="write_file", arguments={"path": "out.md", "content": CONTENT})
FINISH = Call(name="finish", arguments={"answer": "It is in out.md."})
WORK = [Reply(calls=[WRITE]), Reply(calls=[FINISH])]
GOAL = "goal: Write the tide to out.md\nchecks: [{file: out.md}]\n"
KEY = "sk-live-0123456789abcdefghij"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = Place(tmp_path)
    made.goal(GOAL)
    made.write("notes.txt", "The highest tide is 6.2 m.\n")
    return made


def run(place: Place, server: ChatServer, *words: str, **settings: str) -> tuple[Ended, dict[str, Any]]:
    """`thinkact run goal.yaml`, or other words, with the scripted model; how it ended, and its JSON."""
    mine = {"OPENAI_BASE_URL": server.url, "THINKACT_MODEL": "scripted", **settings}
    ended = place.thinkact(*(words or ("run", "goal.yaml")), "--output", "json", stdin=None, timeout=120, **mine)
    no_traceback(ended)
    return ended, json.loads(ended.stdout)


def reached(place: Place, replies: Replies, *, requests: int, **settings: str) -> tuple[Ended, dict[str, Any]]:
    """The run reaches its goal with exactly so many requests."""
    with ChatServer(replies) as server:
        ended, body = run(place, server, **settings)
        assert (ended.returncode, body["state"]) == (0, "reached"), ended.stderr
        assert len(server.requests) == requests
    assert place.read("out.md") == CONTENT
    return ended, body


# -- outages


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (Reply(status=503, text="busy"), "overloaded (503)"),
        (Reply(status=500, text="oops"), "server error (500)"),
        (Reply(status=429, text="slow down"), "rate limit (429)"),
        (Reply(drop=True), "cannot be reached"),
        (Reply(body="<html><title>Sign in</title></html>"), "a web page"),
        (Reply(body=""), "an empty reply"),
        (Reply(body="{]"), "trying again"),
        (Reply(body="[1, 2]"), "trying again"),
        (Reply(calls=[WRITE], cut=300), "broke off"),
        (Reply(calls=[WRITE], done=False, finish=""), ""),
        (Reply(body='{"error": {"message": "the engine crashed", "code": 500}}'), "the engine crashed"),
    ],
    ids=["503", "500", "429", "drop", "html", "empty", "no-json", "no-reply", "cut", "no-end", "error-in-200"],
)
def test_a_fault_that_passes_is_outlasted(place: Place, fault: Reply, said: str) -> None:
    def replies(request: dict[str, Any], number: int) -> Reply:
        if number == 0:
            return fault
        return Reply(calls=[FINISH if "tool_calls" in json.dumps(request["messages"]) else WRITE])

    with ChatServer(replies) as server:
        ended, body = run(place, server)
        assert len(server.requests) <= 3
    assert (ended.returncode, body["state"]) == (0, "reached"), ended.stderr
    assert said in ended.stderr, ended.stderr
    assert place.read("out.md") == CONTENT


AT_ONCE = {"Retry-After": "0"}
"""A server that says so is not asked eight times within a moment, but soon."""


@pytest.mark.parametrize(
    "fault",
    [
        Reply(status=503, headers=AT_ONCE),
        pytest.param(Reply(status=503), marks=pytest.mark.slow),
        pytest.param(Reply(drop=True), marks=pytest.mark.slow),
    ],
    ids=["503-at-once", "503", "drop"],
)
def test_an_outage_of_six_failures_is_outlasted(place: Place, fault: Reply) -> None:
    ended, body = reached(place, [*[fault] * 6, *WORK], requests=8)
    assert body["steps"] == 2
    assert ended.stderr.count("trying again") == 6


def test_the_wait_that_a_server_asks_for_is_kept(place: Place) -> None:
    wait = Reply(status=429, headers={"Retry-After": "2"}, text="slow down")
    with ChatServer([wait, *WORK]) as server:
        ended, _ = run(place, server)
        assert ended.returncode == 0, ended.stderr
        assert server.requests[1].time - server.answered[0] >= 1.95
    assert "trying again in 2 s" in ended.stderr


def test_a_wait_of_hours_is_not_sat_out_and_the_run_goes_on_later(place: Place) -> None:
    wait = Reply(status=429, headers={"Retry-After": "7200"}, text="quota of the day")
    begun = time.monotonic()
    with ChatServer([wait]) as server:
        ended, body = run(place, server)
    assert (ended.returncode, body["state"]) == (6, "model")
    assert time.monotonic() - begun < 20
    assert "asks to come back in 2 h" in ended.stderr
    with ChatServer(WORK) as server:
        ended, body = run(place, server, "resume", "last")
    assert (ended.returncode, body["state"]) == (0, "reached")


def test_an_outage_in_the_middle_loses_nothing_that_was_done(place: Place) -> None:
    with ChatServer([Reply(calls=[WRITE]), Reply(status=401, text="expired")]) as server:
        ended, body = run(place, server)
    assert (ended.returncode, body["state"], body["steps"]) == (6, "model", 1)
    assert place.read("out.md") == CONTENT
    assert [one["path"] for one in body["files"]] == ["out.md"]
    with ChatServer([Reply(calls=[FINISH])]) as server:
        ended, body = run(place, server, "resume", "last")
        assert len(server.requests) == 1
        assert "created" in json.dumps(server.requests[0].json["messages"])
    assert (ended.returncode, body["steps"]) == (0, 2)


# -- refusals


def test_an_unknown_model_ends_with_6_and_names_it(place: Place) -> None:
    said = json.dumps({"error": {"message": "The model `scripted` does not exist", "code": "model_not_found"}})
    with ChatServer([Reply(status=404, body=said)]) as server:
        ended, body = run(place, server)
        assert len(server.requests) == 1
    assert (ended.returncode, body["state"]) == (6, "model")
    assert "no model scripted at 127.0.0.1" in body["reason"]


def test_a_refused_key_ends_with_6_names_the_setting_and_is_shown_nowhere(place: Place) -> None:
    said = json.dumps({"error": {"message": f"Incorrect API key provided: {KEY}.", "code": "invalid_api_key"}})
    with ChatServer([Reply(status=401, body=said)]) as server:
        ended, body = run(place, server, OPENAI_API_KEY=KEY)
        assert len(server.requests) == 1
        assert server.requests[0].headers["authorization"] == f"Bearer {KEY}"
    assert (ended.returncode, body["state"]) == (6, "model")
    assert "OPENAI_API_KEY" in body["reason"]
    assert KEY not in ended.stdout + ended.stderr
    assert KEY not in everything_kept(place)


def everything_kept(place: Place) -> str:
    """All bytes under the home, as text."""
    return "".join(file.read_bytes().decode("utf-8", "replace") for file in place.home.rglob("*") if file.is_file())


def test_no_credit_is_not_tried_again(place: Place) -> None:
    said = json.dumps({"error": {"message": "You exceeded your current quota", "code": "insufficient_quota"}})
    with ChatServer([Reply(status=429, body=said)]) as server:
        ended, _ = run(place, server)
        assert len(server.requests) == 1
    assert ended.returncode == 6
    assert "no credit left" in ended.stderr


def test_a_key_is_in_no_journal_no_screen_and_no_program(place: Place) -> None:
    place.goal(CHECKED)
    with ChatServer(WORK) as server:
        ended, _ = run(place, server, "run", "goal.yaml", "-y", OPENAI_API_KEY=KEY, THINKACT_API_TOKEN="x")
        assert all(request.headers["authorization"] == f"Bearer {KEY}" for request in server.requests)
        assert all(KEY.encode() not in request.body for request in server.requests)
    assert ended.returncode == 0, ended.stderr
    environment = place.read("environment.txt")
    assert "PATH=" in environment
    assert "OPENAI" not in environment
    assert "THINKACT" not in environment
    for shown in (environment, ended.stdout, ended.stderr, everything_kept(place)):
        assert KEY not in shown


CHECKED = """\
goal: Write the tide to out.md
checks:
  - {file: out.md}
  - {run: "env > environment.txt"}
"""


# -- replies that are not as they should be


@pytest.mark.parametrize(
    "arguments",
    [
        '{"path": "out.md", "content": "The tide is 6.2 m.\\n",}',
        "{'path': 'out.md', 'content': 'The tide is 6.2 m.\\n'}",
        '{"path": "out.md", "content": "The tide is 6.2 m.\n"}',
        json.dumps('{"path": "out.md", "content": "The tide is 6.2 m.\\n"}'),
        '```json\n{"path": "out.md", "content": "The tide is 6.2 m.\\n"}\n```',
        '{"path": "out.md", "content": "The tide is 6.2 m.\\n"',
        '{path: "out.md", content: "The tide is 6.2 m.\\n"}',
    ],
    ids=["comma", "single", "newline", "doubly", "fenced", "cut", "bare"],
)
def test_spoilt_arguments_are_mended_with_no_extra_request(place: Place, arguments: str) -> None:
    spoilt = Reply(calls=[Call(name="write_file", arguments=arguments)])
    _, body = reached(place, [spoilt, Reply(calls=[FINISH])], requests=2)
    assert body["steps"] == 2


def test_arguments_that_nobody_can_read_are_told_and_the_run_goes_on(place: Place) -> None:
    spoilt = Reply(calls=[Call(name="write_file", arguments="out.md, please")])
    with ChatServer([spoilt, *WORK]) as server:
        ended, body = run(place, server)
        told = [message for message in server.requests[1].json["messages"] if message["role"] == "tool"]
    assert (ended.returncode, body["steps"]) == (0, 3), ended.stderr
    assert "write_file" in told[0]["content"]


@pytest.mark.parametrize(
    "text",
    [
        'I will write it.\n```json\n{"name": "write_file", "arguments": %s}\n```',
        '<tool_call>\n{"name": "write_file", "arguments": %s}\n</tool_call>',
        '{"name": "write_file", "arguments": %s}',
    ],
    ids=["fenced", "tagged", "bare"],
)
def test_a_call_that_is_written_as_text_is_made(place: Place, text: str) -> None:
    written = text % json.dumps({"path": "out.md", "content": CONTENT})
    reached(place, [written, Reply(calls=[FINISH])], requests=2)


def test_an_unknown_tool_is_told_with_its_nearest_name(place: Place) -> None:
    with ChatServer([Reply(calls=[Call(name="wriet_file", arguments={"path": "out.md"})]), *WORK]) as server:
        ended, _ = run(place, server)
        told = [message["content"] for message in server.requests[1].json["messages"] if message["role"] == "tool"]
    assert ended.returncode == 0, ended.stderr
    assert re.search(r"did you mean .?write_file", told[0]), told


def test_a_reply_with_several_calls_gets_an_answer_for_each_in_order(place: Place) -> None:
    calls = [WRITE, Call(name="read_file", arguments={"path": "notes.txt"}), Call(name="nothing", id="")]
    with ChatServer([Reply(calls=calls), Reply(calls=[FINISH])]) as server:
        ended, _ = run(place, server)
        messages = server.requests[1].json["messages"]
    assert ended.returncode == 0, ended.stderr
    asked = [call["id"] for message in messages for call in message.get("tool_calls") or ()]
    assert [message["tool_call_id"] for message in messages if message["role"] == "tool"] == asked
    assert len(set(asked)) == 3


def test_a_server_that_wants_its_reasoning_back_gets_it_and_the_run_goes_on(place: Place) -> None:
    said = "The `reasoning_content` in the thinking mode must be passed back to the API."

    def replies(request: dict[str, Any], number: int) -> Reply:
        thoughts = [message for message in request["messages"] if message["role"] == "assistant"]
        if any("reasoning_content" not in message for message in thoughts):
            return Reply(status=400, body=json.dumps({"error": {"message": said, "type": "invalid_request_error"}}))
        return Reply(calls=[FINISH if thoughts else WRITE], reasoning="A file is wanted.")

    with ChatServer(replies) as server:
        ended, body = run(place, server)
        back = [message.get("reasoning_content") for message in server.requests[-1].json["messages"]]
    assert (ended.returncode, body["state"]) == (0, "reached"), ended.stderr
    assert "A file is wanted." in back
    assert len(server.requests) == 3


# -- windows and other models


def reads_much(request: dict[str, Any], number: int) -> Reply:
    """Read pages until something was seen to be folded, then do the work."""
    if number > 12:
        done = "out.md" in json.dumps([m for m in request["messages"] if m["role"] == "tool"])
        return Reply(calls=[FINISH if done else WRITE])
    return Reply(
        calls=[Call(name="read_file", arguments={"path": "long.txt", "start_line": number * 60 + 1, "lines": 60})]
    )


def test_a_window_that_nobody_stated_is_learned_with_one_rejection(place: Place) -> None:
    place.write(
        "long.txt", "".join(f"Line {n} of the log: the tide stood at {n % 7}.{n % 10} m.\n" for n in range(1000))
    )
    with ChatServer(reads_much, limit_tokens=6000) as server:
        ended, body = run(place, server)
        rejected = [request for request in server.requests if len(request.body) // 3 > 6000]
    assert (ended.returncode, body["state"]) == (0, "reached"), ended.stderr
    assert len(rejected) == 1
    folds = [event for event in place.events() if event["kind"] == "window.folded"]
    assert folds
    assert 3000 < folds[0]["window"] <= 6000


def test_the_next_model_of_the_goal_stands_in_and_is_named(place: Place) -> None:
    place.goal(GOAL + "model: {name: large, fallback: [small]}\n")

    def replies(request: dict[str, Any], number: int) -> Reply:
        if request["model"] == "large":
            return Reply(status=404, body='{"error": {"message": "model large not found", "code": "model_not_found"}}')
        return Reply(calls=[FINISH if "tool_calls" in json.dumps(request["messages"]) else WRITE])

    with ChatServer(replies) as server:
        ended, body = run(place, server, THINKACT_MODEL="other")
        assert [request.json["model"] for request in server.requests] == ["large", "small", "small"]
    assert (ended.returncode, body["state"]) == (0, "reached")
    assert "going on with small" in ended.stderr
    assert [event["model"] for event in place.events() if event["kind"] == "thought"] == ["small", "small"]


def names(requests: Sequence[dict[str, Any]]) -> list[str]:
    return [request["model"] for request in requests]


def test_where_no_name_is_set_the_first_that_the_server_lists_is_called(place: Place) -> None:
    with ChatServer(WORK, models=("first", "second")) as server:
        ended, _ = run(place, server, THINKACT_MODEL="")
        assert names([request.json for request in server.requests]) == ["first", "first"]
        assert [request.path for request in server.others] == ["/v1/models"]
    assert ended.returncode == 0, ended.stderr


def test_a_server_without_models_or_without_an_answer_is_told_and_no_run_is_begun(place: Place) -> None:
    with ChatServer(models=()) as server:
        url = server.url
        ended = place.thinkact("run", "goal.yaml", OPENAI_BASE_URL=url)
        assert (ended.returncode, ended.stdout) == (6, "")
        assert "has no model" in ended.stderr
    ended = place.thinkact("run", "goal.yaml", OPENAI_BASE_URL=url)
    no_traceback(ended)
    assert ended.returncode == 6
    assert "cannot be reached" in ended.stderr
    assert not list(place.home.rglob("journal.db"))


def test_a_dead_server_is_given_up_after_bounded_tries_and_resume_goes_on(place: Place) -> None:
    with ChatServer([Reply(status=503, headers=AT_ONCE)] * 8) as server:
        ended, body = run(place, server)
        assert len(server.requests) == 8
    assert (ended.returncode, body["state"]) == (6, "model")
    assert "given up after 8 tries" in body["reason"]
    assert "thinkact resume" in ended.stderr
    with ChatServer(WORK) as server:
        ended, body = run(place, server, "resume", "last")
    assert (ended.returncode, body["state"]) == (0, "reached")
