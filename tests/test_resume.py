"""What a resumed run keeps: what was denied, memory off, its model and where that is."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.place import Ended, Place, no_traceback
from tests.server import Call, ChatServer, Reply

READ = Call(name="read_file", arguments={"path": "notes.txt"})
DELETE = Call(name="delete_file", arguments={"path": "notes.txt"})
FINISH = Call(name="finish", arguments={"answer": "Done."})


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = Place(tmp_path)
    made.goal("goal: Look at notes.txt\n")
    made.write("notes.txt", "The highest tide is 6.2 m.")
    return made


def deletes(request: dict[str, Any], number: int) -> Reply:
    """Read at first, then try to delete, then finish."""
    made = sum(message["role"] == "tool" for message in request["messages"])
    return Reply(calls=[READ if made == 0 else DELETE if made == 1 else FINISH])


def go(place: Place, server: ChatServer, *words: str, model: str = "scripted", namespace: str = "") -> Ended:
    """thinkact, with this server in the settings."""
    return place.thinkact(*words, OPENAI_BASE_URL=server.url, THINKACT_MODEL=model, THINKACT_NAMESPACE=namespace)


def ended_with(ended: Ended, code: int) -> Ended:
    no_traceback(ended)
    assert ended.returncode == code, ended.stderr
    return ended


def names(server: ChatServer) -> list[str]:
    return [str(one.json["model"]) for one in server.requests]


def test_what_a_run_was_denied_stays_denied_on_every_resume(place: Place) -> None:
    with ChatServer(deletes) as server:
        words = ("run", "goal.yaml", "--deny", "delete_*", "--max-steps", "1")
        ended_with(go(place, server, *words), 3)
        ended_with(go(place, server, "resume", "--deny", "read_file", "--max-steps", "2"), 3)
        ended_with(go(place, server, "resume", "--max-steps", "9"), 0)
        offered = [[tool["function"]["name"] for tool in one.json["tools"]] for one in server.requests]
    assert place.read("notes.txt") == "The highest tide is 6.2 m."
    assert not any("delete_file" in tools for tools in offered)
    assert "read_file" in offered[0]
    assert "read_file" not in offered[-1]
    assert [event["deny"] for event in place.events() if event["kind"] in ("run.started", "run.resumed")] == [
        ["delete_*"],
        ["delete_*", "read_file"],
        ["delete_*", "read_file"],
    ]


def test_memory_that_was_off_once_stays_off_and_the_namespace_stays(place: Place) -> None:
    with ChatServer(deletes) as server:
        words = ("run", "goal.yaml", "--namespace", "tides", "--deny", "delete_file", "--max-steps", "1")
        ended_with(go(place, server, *words), 3)
        ended_with(go(place, server, "resume", "--no-memory", "--max-steps", "2"), 3)
        ended_with(go(place, server, "resume", "--max-steps", "9", namespace="other"), 0)
        first, last = ([tool["function"]["name"] for tool in server.requests[n].json["tools"]] for n in (0, -1))
    assert "remember" in first
    assert "remember" not in last
    assert place.events()[0]["namespace"] == "tides"


def test_the_workspace_of_the_run_stays_its_own(place: Place) -> None:
    (place.folder / "desk").mkdir()
    (place.folder / "desk" / "notes.txt").write_text("On the desk.", "utf-8")
    with ChatServer(deletes) as server:
        ended_with(go(place, server, "run", "goal.yaml", "--workspace", "desk", "--max-steps", "1"), 3)
        ended_with(go(place, server, "resume", "--max-steps", "9"), 0)
    assert not (place.folder / "desk" / "notes.txt").exists()
    assert place.read("notes.txt")


def test_a_run_that_a_flag_sent_to_one_server_goes_on_there(place: Place) -> None:
    with ChatServer(deletes) as private, ChatServer(deletes) as public:
        words = ("run", "goal.yaml", "-m", "private", "--base-url", private.url, "--max-steps", "1")
        ended_with(go(place, public, *words), 3)
        ended_with(go(place, public, "resume", "--max-steps", "2"), 3)
        assert not public.requests
        assert names(private) == ["private"] * 2
        elsewhere = ("-m", "public", "--base-url", public.url)
        ended_with(go(place, private, "resume", "--max-steps", "9", *elsewhere), 0)
        assert set(names(public)) == {"public"}
        assert len(private.requests) == 2


def test_settings_that_name_another_host_take_neither_run_nor_key_there(place: Place) -> None:
    with ChatServer(deletes) as server:
        ended_with(go(place, server, "run", "goal.yaml", "--max-steps", "1"), 3)
        sent = len(server.requests)
        words = ("resume", "--max-steps", "2")
        stranger, key = "https://other.invalid/v1", "of-another-host"
        ended_with(place.thinkact(*words, OPENAI_BASE_URL=stranger, OPENAI_API_KEY=key), 3)
        assert len(server.requests) == sent + 1
        assert not any("of-another-host" in str(one.headers) for one in server.requests)
    assert "of-another-host" not in str(place.events())


def test_a_key_of_another_host_ends_it_in_one_line(place: Place) -> None:
    """A run at a host that is not this machine never got an answer; its journal says where it was."""
    started = place.thinkact(
        "run", "goal.yaml", "--max-time", "1s", OPENAI_BASE_URL="http://one.invalid/v1", THINKACT_MODEL="m"
    )
    no_traceback(started)
    assert place.events()[0]["endpoint"] == "http://one.invalid/v1"
    stranger, key = "https://other.invalid/v1", "of-another-host"
    refused = ended_with(place.thinkact("resume", OPENAI_BASE_URL=stranger, OPENAI_API_KEY=key), 2)
    said = " ".join(refused.stderr.split())
    for words in ("one.invalid", "other.invalid", "--base-url", "--model"):
        assert words in said
    assert "of-another-host" not in said


def test_an_offline_run_goes_on_offline_and_a_real_one_does_not_become_offline(place: Place) -> None:
    with ChatServer(deletes) as server:
        ended_with(place.thinkact("run", "goal.yaml", "-m", "offline", "--max-steps", "1"), 3)
        resumed = go(place, server, "resume", "--max-steps", "3")
        no_traceback(resumed)
        assert not server.requests
        place.goal("goal: Look at notes.txt\nmodel: {name: offline}\n")
        ended_with(go(place, server, "run", "goal.yaml", "-m", "real", "--max-steps", "1"), 3)
        ended_with(go(place, server, "resume", "--max-steps", "9", model="offline"), 0)
        assert names(server) == ["real"] * 3


NESTING = '''
from plugins import Context, Effect, tool

@tool(effect=Effect.READ)
def outer(name: str, *, context: Context) -> str:
    """Call another tool.

    Args:
        name: The tool.
    """
    seen = context.call(name, {"path": "notes.txt"} if name != "launch" else {})
    return f"{seen.ok}: {seen.text}"

@tool(effect=Effect.EXECUTE)
def launch() -> str:
    """Start something."""
    return "launched"
'''


def test_a_tool_that_is_called_by_hand_calls_others_under_the_rules_of_an_unattended_run(place: Place) -> None:
    place.plugin("nesting.py", NESTING)

    def outer(name: str, *, allow: str = "", deny: str = "") -> str:
        words = ("tools", "call", "outer", f"name={name}")
        return ended_with(place.thinkact(*words, THINKACT_ALLOW=allow, THINKACT_DENY=deny), 0).stdout

    assert outer("read_file").startswith("True: ")
    assert "False: " in outer("delete_file", deny="delete_*")
    assert place.read("notes.txt")
    refused = outer("launch")
    assert refused.startswith("False: ")
    assert "THINKACT_ALLOW=launch" in refused
    assert outer("launch", allow="launch") == "True: launched\n"
    assert outer("delete_file").startswith("True: ")


def test_what_is_denied_cannot_be_called_by_hand(place: Place) -> None:
    refused = place.thinkact("tools", "call", "delete_file", "path=notes.txt", THINKACT_DENY="delete_*")
    ended_with(refused, 1)
    assert "delete_file is denied by the user's rules" in refused.stderr
    assert "THINKACT_DENY" in refused.stderr
    assert place.read("notes.txt")


def test_a_rule_that_matches_no_tool_is_told(tmp_path: Path) -> None:
    place = Place(tmp_path)
    ended = place.thinkact("run", "Write 'a' to w.txt", "--deny", "delet_file", "-y", "-m", "offline")
    assert "the rule 'delet_file' matches no tool; did you mean delete_file?" in ended.stderr
