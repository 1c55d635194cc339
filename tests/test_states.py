"""How a run ends, seen from outside: exit codes, states, and that `resume` goes on from each."""

from __future__ import annotations

import json
import signal
import subprocess
import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.place import Ended, Place, no_traceback
from tests.server import Call, ChatServer, Reply

WRITE = Call(name="write_file", arguments={"path": "out.md", "content": "The tide is 6.2 m.\n"})
FINISH = Call(name="finish", arguments={"answer": "It is in out.md."})
GOAL = "goal: Write the tide to out.md\nchecks: [{file: out.md}]\n"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = Place(tmp_path)
    made.goal(GOAL)
    made.write("notes.txt", "The highest tide is 6.2 m.")
    return made


def asked(place: Place, server: ChatServer, *words: str) -> tuple[Ended, dict[str, Any]]:
    ended = place.thinkact(*words, "--output", "json", OPENAI_BASE_URL=server.url, THINKACT_MODEL="scripted")
    no_traceback(ended)
    return ended, json.loads(ended.stdout) if ended.stdout else {}


def works(request: dict[str, Any], number: int) -> Reply:
    """A model that does its work, whatever was before."""
    done = any(
        call["function"]["name"] == "write_file"
        for message in request["messages"]
        for call in message.get("tool_calls") or ()
    )
    return Reply(calls=[FINISH if done else WRITE])


def goes_on(place: Place, *words: str) -> None:
    """`resume` with a working model reaches the goal."""
    with ChatServer(works) as server:
        ended, body = asked(place, server, "resume", "last", *words)
    assert (ended.returncode, body["state"]) == (0, "reached"), ended.stderr
    assert place.read("out.md") == "The tide is 6.2 m.\n"


def test_a_goal_that_is_reached_ends_with_0(place: Place) -> None:
    with ChatServer(works) as server:
        ended, body = asked(place, server, "run", "goal.yaml")
    assert (ended.returncode, body["state"], body["steps"]) == (0, "reached", 2)
    assert [one["path"] for one in body["files"]] == ["out.md"]
    assert body["checks"][0]["passed"]


def test_a_model_that_lies_ends_with_1_and_goes_on(place: Place) -> None:
    with ChatServer(["done"], repeat=True) as server:
        ended, body = asked(place, server, "run", "goal.yaml")
    assert (ended.returncode, body["state"]) == (1, "not_reached")
    assert "out.md is not there" in body["reason"]
    goes_on(place)


def test_a_model_that_repeats_itself_ends_with_4_and_goes_on(place: Place) -> None:
    again = Call(name="read_file", arguments={"path": "notes.txt"})
    with ChatServer([Reply(calls=[again])], repeat=True) as server:
        ended, body = asked(place, server, "run", "goal.yaml")
        assert len(server.requests) == 4
    assert (ended.returncode, body["state"]) == (4, "loop")
    goes_on(place)


@pytest.mark.parametrize(
    ("limit", "raised", "most"),
    [("--max-steps=3", "--max-steps=9", 3), ("--max-model-calls=3", "--max-model-calls=9", 3)],
)
def test_a_model_that_spends_ends_with_3_and_not_one_call_more(
    place: Place, limit: str, raised: str, most: int
) -> None:
    def spend(request: dict[str, Any], number: int) -> Reply:
        return Reply(calls=[Call(name="search_files", arguments={"regex": f"tide{number}"})])

    with ChatServer(spend) as server:
        ended, body = asked(place, server, "run", "goal.yaml", limit)
        assert (ended.returncode, body["state"]) == (3, "limit")
        assert len(server.requests) == most
        ended, body = asked(place, server, "resume", "last")
        assert (ended.returncode, body["state"]) == (3, "limit")
        assert len(server.requests) == most  # without a raised limit no call is made
    goes_on(place, raised)


def test_tokens_are_a_hard_limit(place: Place) -> None:
    def spend(request: dict[str, Any], number: int) -> Reply:
        call = Call(name="search_files", arguments={"regex": f"tide{number}"})
        return Reply(calls=[call], usage={"prompt_tokens": 1800, "completion_tokens": 200})

    with ChatServer(spend) as server:
        ended, body = asked(place, server, "run", "goal.yaml", "--max-tokens", "9k")
    assert (ended.returncode, body["state"]) == (3, "limit")
    assert body["usage"]["prompt_tokens"] + body["usage"]["completion_tokens"] <= 9000
    goes_on(place, "--max-tokens", "90k")


def test_money_is_a_hard_limit_at_a_gateway_that_takes_a_key_and_an_unknown_price_is_said_once(place: Place) -> None:
    def spend(request: dict[str, Any], number: int) -> Reply:
        call = Call(name="search_files", arguments={"regex": f"tide{number}"})
        return Reply(calls=[call], usage={"prompt_tokens": 20_000, "completion_tokens": 2000})

    words = ("run", "goal.yaml", "--max-usd", "0.05", "--max-steps", "4", "--output", "json")
    bodies = []
    with ChatServer(spend) as server:
        for model in ("gpt-5.4-mini", "house-model"):
            ended = place.thinkact(*words, OPENAI_BASE_URL=server.url, OPENAI_API_KEY="sk-local", THINKACT_MODEL=model)
            assert ended.returncode == 3, ended.stderr
            bodies.append(json.loads(ended.stdout.splitlines()[-1]))
    known, unknown = bodies
    assert known["reason"].startswith("$0.0")
    assert 0 < known["usage"]["usd"] <= 0.05
    assert (unknown["reason"], unknown["usage"]["usd"]) == ("4 of 4 steps are used", None)
    assert ended.stderr.count("the price of this model is not known: the limit of $0.05 does not hold") == 1


SEND = '''
from plugins import tool
@tool
def announce(text: str) -> str:
    """Announce a text to the world.

    Args:
        text: The text.
    """
    raise AssertionError("must not run")
'''


def test_a_refused_approval_without_a_terminal_ends_with_5_and_goes_on(place: Place) -> None:
    place.plugin("announce.py", SEND)

    def announces(request: dict[str, Any], number: int) -> Reply:
        return Reply(calls=[Call(name="announce", arguments={"text": "hello"}) if number == 0 else FINISH])

    with ChatServer(announces) as server:
        ended, body = asked(place, server, "run", "goal.yaml", "-y")
    assert (ended.returncode, body["state"]) == (5, "blocked")
    assert "announce" in body["reason"]
    goes_on(place)


def test_a_dead_server_ends_with_6_and_goes_on(place: Place) -> None:
    with ChatServer(works) as server:
        url = server.url
    begun = time.monotonic()
    ended = place.thinkact("run", "goal.yaml", OPENAI_BASE_URL=url, THINKACT_MODEL="scripted")
    assert ended.returncode == 6, ended.stderr
    assert time.monotonic() - begun < 60
    no_traceback(ended)
    assert "resume" in ended.stderr
    goes_on(place)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_after_the_step_and_the_run_goes_on(place: Place, number: signal.Signals) -> None:
    started: list[subprocess.Popen[str]] = []

    def waits(request: dict[str, Any], count: int) -> Reply:
        started[0].send_signal(number)
        time.sleep(0.3)
        return Reply(calls=[Call(name="list_files", arguments={})])

    with ChatServer(waits) as server:
        process = place.start("run", "goal.yaml", OPENAI_BASE_URL=server.url, THINKACT_MODEL="scripted")
        started.append(process)
        _, err = process.communicate(timeout=60)
        assert len(server.requests) == 1
    assert process.returncode == (130 if number == signal.SIGINT else 143), err
    assert "Traceback" not in err
    assert [event["kind"] for event in place.events()][-1] == "stopped"
    goes_on(place)


def test_a_second_signal_stops_at_once(place: Place) -> None:
    started: list[subprocess.Popen[str]] = []

    def hangs(request: dict[str, Any], count: int) -> Reply:
        for _ in range(2):
            started[0].send_signal(signal.SIGINT)
            time.sleep(0.3)
        return Reply(text="too late", hang=20)

    with ChatServer(hangs) as server:
        process = place.start("run", "goal.yaml", OPENAI_BASE_URL=server.url, THINKACT_MODEL="scripted")
        started.append(process)
        begun = time.monotonic()
        _, err = process.communicate(timeout=60)
    assert process.returncode == 130, err
    assert time.monotonic() - begun < 15
    assert "Traceback" not in err
    goes_on(place)


def test_feedback_on_resume_reaches_the_model_and_stays_until_answered(place: Place) -> None:
    with ChatServer(["done"], repeat=True) as server:
        asked(place, server, "run", "goal.yaml")
    with ChatServer(works) as server:
        ended, _ = asked(place, server, "resume", "last", "--feedback", "请写潮汐")
        assert "Feedback from the user: 请写潮汐" in json.dumps(server.requests[0].json, ensure_ascii=False)
    assert ended.returncode == 0


def test_a_run_that_reached_its_goal_is_not_gone_on_with(place: Place) -> None:
    with ChatServer(works) as server:
        asked(place, server, "run", "goal.yaml")
        ended = place.thinkact("resume", "last", OPENAI_BASE_URL=server.url, THINKACT_MODEL="scripted")
    assert ended.returncode == 2
    assert "has reached its goal" in ended.stderr


def test_two_processes_on_one_run_the_second_says_so_at_once(place: Place) -> None:
    found: list[Ended] = []

    def replies(request: dict[str, Any], number: int) -> Reply:
        if number == 0:
            begun = time.monotonic()
            found.append(place.thinkact("resume", "last", OPENAI_BASE_URL=server.url, THINKACT_MODEL="scripted"))
            assert time.monotonic() - begun < 10
        return works(request, number)

    with ChatServer(replies) as server:
        ended, _ = asked(place, server, "run", "goal.yaml")
    assert ended.returncode == 0
    assert found[0].returncode == 2, found[0].stderr
    no_traceback(found[0])


def test_a_note_of_an_earlier_run_is_in_the_request_on_the_wire(place: Place) -> None:
    remember = Call(name="remember", arguments={"text": "The tide gauge at pier 7 reads 12 cm too high."})
    with ChatServer([Reply(calls=[remember]), Reply(calls=[WRITE]), Reply(calls=[FINISH])]) as server:
        asked(place, server, "run", "goal.yaml")
    with ChatServer(works) as server:
        asked(place, server, "run", "Which tide gauge at the pier is wrong?")
        assert "reads 12 cm too high" in server.requests[0].json["messages"][-1]["content"]


def test_two_requests_in_a_row_share_their_prefix_byte_for_byte(place: Place) -> None:
    steps = [Reply(calls=[Call(name="search_files", arguments={"regex": f"tide {n}"})]) for n in range(8)]
    with ChatServer([*steps, Reply(calls=[WRITE]), Reply(calls=[FINISH])]) as server:
        asked(place, server, "run", "goal.yaml")
        bodies = [request.body for request in server.requests]
    for before, after in pairwise(bodies):
        shared = before[: before.rindex(b'{"role":"user","content":"# State')]
        assert after.startswith(shared)
        assert len(shared) > 3000
