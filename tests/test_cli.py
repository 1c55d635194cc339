"""Every command and option of `thinkact` as a user types it, in a process of its own."""

from __future__ import annotations

import json
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.place import Ended, Place, no_traceback
from tests.server import Call, ChatServer, Reply

CONTENT = "The tide is 6.2 m.\n"
WRITE = Call(name="write_file", arguments={"path": "out.md", "content": CONTENT})
FINISH = Call(name="finish", arguments={"answer": "It is in out.md."})
WORK = [Reply(text="I write it.", calls=[WRITE]), Reply(calls=[FINISH])]
GOAL = "goal: Write the tide to out.md\nchecks: [{file: out.md}]\n"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = Place(tmp_path)
    made.goal(GOAL)
    made.write("notes.txt", "The highest tide is 6.2 m.\n")
    return made


def thinkact(place: Place, server: ChatServer, *words: str, stdin: str | None = None) -> Ended:
    """A command, with the scripted model; it ends with 0."""
    ended = place.thinkact(*words, stdin=stdin, OPENAI_BASE_URL=server.url, THINKACT_MODEL="scripted")
    no_traceback(ended)
    assert ended.returncode == 0, ended.stderr
    return ended


def told(place: Place, *words: str) -> Any:
    """What a command that needs no model prints as JSON."""
    ended = place.thinkact(*words, "--json")
    assert ended.returncode == 0, ended.stderr
    return json.loads(ended.stdout)


def asked(server: ChatServer, request: int = 0) -> str:
    """The messages of a request, as text."""
    return json.dumps(server.requests[request].json["messages"], ensure_ascii=False)


def offered(server: ChatServer) -> list[str]:
    """The names of the tools that the model is told of."""
    return [tool["function"]["name"] for tool in server.requests[0].json["tools"]]


# -- run: the goal


def test_a_goal_in_words_in_a_file_or_on_stdin_reaches_the_model_and_the_answer_stdout(place: Place) -> None:
    for words, stdin in (
        (("Write the tide,\nall of it, to out.md",), None),
        (("goal.yaml",), None),
        (("-",), "Write the tide,\nall of it, to out.md\n"),
    ):
        with ChatServer(WORK) as server:
            ended = thinkact(place, server, "run", *words, stdin=stdin)
            expected = (
                "Write the tide to out.md" if words == ("goal.yaml",) else "Write the tide,\\nall of it, to out.md"
            )
            assert expected in asked(server)
        assert ended.stdout == "It is in out.md.\n"
        assert "reached" in ended.stderr
        assert place.read("out.md") == CONTENT
        (place.workspace / "out.md").unlink()


def test_inputs_are_set_and_fill_the_goal(place: Place) -> None:
    place.goal(
        "goal: Write {{ topic }} to {{ out }}\n"
        "inputs: {topic: {type: string, required: true}, out: {type: path, default: out.md}}\n"
        "checks: [{file: '{{ out }}'}]\n"
    )
    with ChatServer(WORK) as server:
        thinkact(place, server, "run", "goal.yaml", "--set", "topic=潮汐 = 6 m", "--set", "out=out.md")
        assert "Write 潮汐 = 6 m to out.md" in asked(server)


# -- run: the output

KEYS = ["run_id", "state", "answer", "reason", "checks", "steps", "usage", "files", "seconds"]
KINDS = {"run.started", "memory.recalled", "note.written", "thought.delta", "thought", "model.called", "verdict"}
KINDS |= {
    "context.handed",
    "tool.started",
    "observation",
    "window.folded",
    "check",
    "feedback",
    "limit",
    "finished",
    "stopped",
}

LOUD = '''
import os, subprocess, sys
from plugins import Effect, tool
print("loud at import")

@tool(effect=Effect.READ)
def shout() -> str:
    """Shout in every way there is."""
    print("loud by print")
    os.write(1, b"loud by descriptor\\n")
    os.system("echo loud by program")
    sys.__stdout__.write("loud by the first stdout\\n")
    sys.__stdout__.flush()
    return "done"
'''


def test_output_json_is_one_object_with_what_was_promised(place: Place) -> None:
    with ChatServer(WORK) as server:
        ended = thinkact(place, server, "run", "goal.yaml", "--output", "json")
    lines = ended.stdout.splitlines()
    assert len(lines) == 1
    body = json.loads(lines[0])
    assert list(body) == KEYS
    assert (body["state"], body["answer"], body["steps"]) == ("reached", "It is in out.md.", 2)
    assert list(body["usage"]) == ["model_calls", "prompt_tokens", "cached_tokens", "completion_tokens", "usd"]
    assert body["usage"]["model_calls"] == 2
    assert body["usage"]["prompt_tokens"] > 1000
    assert list(body["checks"][0]) == ["name", "passed", "detail", "required"]
    [file] = body["files"]
    assert (file["path"], file["change"], file["bytes"], len(file["sha256"])) == ("out.md", "created", 19, 64)
    assert told(place, "runs", "list")[0]["run"] == body["run_id"]


def test_stream_json_is_one_event_a_line_and_what_plugins_print_is_not_among_them(place: Place) -> None:
    place.plugin("loud.py", LOUD)
    with ChatServer([Reply(calls=[Call(name="shout")]), *WORK]) as server:
        ended = thinkact(place, server, "run", "goal.yaml", "--output", "stream-json")
    events = [json.loads(line) for line in ended.stdout.splitlines()]
    assert all({"seq", "time", "kind"} <= set(event) for event in events)
    assert {event["kind"] for event in events} <= KINDS
    assert (events[0]["kind"], events[-1]["kind"], events[-1]["state"]) == ("run.started", "finished", "reached")
    kept = [event for event in events if event["kind"] != "thought.delta"]
    assert [event["seq"] for event in kept] == list(range(1, len(kept) + 1))
    assert kept == place.events()
    assert "".join(event["text"] for event in events if event["kind"] == "thought.delta") == "I write it."
    assert abs(events[0]["time"] - time.time()) < 120
    for way in ("at import", "by print", "by descriptor", "by program", "by the first stdout"):
        assert f"loud {way}" in ended.stderr, way


def test_the_output_goes_to_the_file_that_is_named(place: Place) -> None:
    for how, check in (("text", "It is in out.md.\n"), ("json", '"state": "reached"'), ("stream-json", '"finished"')):
        with ChatServer(WORK) as server:
            ended = thinkact(place, server, "run", "goal.yaml", "--output", how, "-o", "答案.txt")
        assert ended.stdout == ""
        assert check.replace(" ", "") in (place.folder / "答案.txt").read_text("utf-8").replace('": ', '":').replace(
            " ", ""
        )


# -- run: model, limits, policy, memory


def test_flags_for_the_model_beat_the_environment(place: Place) -> None:
    with ChatServer(WORK) as server:
        words = ("run", "goal.yaml", "-m", "named", "--base-url", server.url)
        ended = place.thinkact(*words, OPENAI_BASE_URL="http://127.0.0.1:1/v1", THINKACT_MODEL="other")
        assert ended.returncode == 0, ended.stderr
        assert {request.json["model"] for request in server.requests} == {"named"}
        assert "model named" in ended.stderr


def test_the_model_of_the_goal_file_beats_the_environment(place: Place) -> None:
    place.goal(GOAL + "model: {name: of-the-goal, temperature: 0.5, reply: 700}\n")
    with ChatServer(WORK) as server:
        thinkact(place, server, "run", "goal.yaml")
        request = server.requests[0].json
    assert (request["model"], request["temperature"]) == ("of-the-goal", 0.5)
    assert 700 in (request.get("max_tokens"), request.get("max_completion_tokens"))


def test_a_key_without_a_name_asks_the_default_model_of_openai_alone_through_the_proxy(place: Place) -> None:
    with proxy() as (url, connected):
        process = place.start("run", "goal.yaml", OPENAI_API_KEY="sk-none", HTTPS_PROXY=url)
        deadline = time.monotonic() + 30
        while not connected and time.monotonic() < deadline:
            time.sleep(0.05)
        for _ in range(2):
            process.send_signal(signal.SIGINT)
            time.sleep(0.2)
        _, err = process.communicate(timeout=30)
    assert set(connected) == {"CONNECT api.openai.com:443 HTTP/1.1"}
    assert process.returncode == 130, err
    assert place.events()[0]["model"].startswith("gpt-")


@contextmanager
def proxy() -> Iterator[tuple[str, list[str]]]:
    """A proxy that lets nobody through; its URL, and what it was asked for."""
    connected: list[str] = []
    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connected.append(connection.recv(4096).decode("latin-1").split("\r\n")[0])
                connection.sendall(b"HTTP/1.1 503 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{listener.getsockname()[1]}", connected
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def test_a_server_on_this_machine_is_asked_past_the_proxy_and_without_a_key(place: Place) -> None:
    with ChatServer(WORK) as server:
        dead = "http://127.0.0.1:1"
        settings = {"HTTP_PROXY": dead, "HTTPS_PROXY": dead, "ALL_PROXY": dead, "http_proxy": dead}
        ended = place.thinkact("run", "goal.yaml", stdin=None, timeout=60, OPENAI_BASE_URL=server.url, **settings)
    assert ended.returncode == 0, ended.stderr


def test_the_limits_of_the_flags_are_told_and_hold(place: Place) -> None:
    with ChatServer(WORK) as server:
        limits = (
            "--max-steps",
            "9",
            "--max-tokens",
            "90k",
            "--max-usd",
            "0.5",
            "--max-time",
            "2m",
            "--max-model-calls=7",
        )
        thinkact(place, server, "run", "goal.yaml", *limits)
    stated = place.events()[0]["limits"]
    assert stated == {"steps": 9, "tokens": 90_000, "usd": 0.5, "time": 120.0, "model_calls": 7}


def test_the_time_limit_ends_a_run_with_3(place: Place) -> None:
    def slowly(request: dict[str, Any], number: int) -> Reply:
        return Reply(calls=[Call(name="search_files", arguments={"regex": f"tide{number}"})], hang=0.6)

    with ChatServer(slowly) as server:
        ended = place.thinkact(
            "run", "goal.yaml", "--max-time", "1s", OPENAI_BASE_URL=server.url, THINKACT_MODEL="scripted"
        )
        assert len(server.requests) <= 3
    assert ended.returncode == 3, ended.stderr


def test_the_window_of_the_flag_holds(place: Place) -> None:
    place.write("long.txt", "".join(f"Day {n}: the tide stood at {n % 7}.{n % 10} m.\n" for n in range(2000)))

    def reads(request: dict[str, Any], number: int) -> Reply:
        if number < 8:
            page = {"path": "long.txt", "start_line": number * 50 + 1, "lines": 50}
            return Reply(calls=[Call(name="read_file", arguments=page)])
        return Reply(calls=[FINISH if "19 bytes" in str(request) or "created" in str(request) else WRITE])

    with ChatServer(reads, limit_tokens=4000) as server:
        thinkact(place, server, "run", "goal.yaml", "--window", "4k")
        assert all(len(request.body) // 3 <= 4000 for request in server.requests)
    assert any(event["kind"] == "window.folded" for event in place.events())


SEND = '''
from plugins import tool

@tool
def announce(text: str) -> str:
    """Announce a text to the world.

    Args:
        text: The text.
    """
    return "announced " + text
'''


def test_allow_lets_a_sending_tool_run_unasked_and_deny_beats_it(place: Place) -> None:
    place.plugin("announce.py", SEND)
    announce = Reply(calls=[Call(name="announce", arguments={"text": "hello"})])
    for flags, allowed, known in (
        ((), False, True),
        (("--allow", "ann*"), True, True),
        (("--allow", "announce", "--deny", "a*"), False, False),
    ):
        with ChatServer([announce, *WORK]) as server:
            thinkact(place, server, "run", "goal.yaml", *flags)
            assert ("announced hello" in asked(server, 1)) is allowed
            assert ("announce" in offered(server)) is known
        verdicts = [event for event in place.events() if event["kind"] == "verdict"]
        assert verdicts[0]["decision"] == ("allow" if allowed else "deny")


def test_yes_runs_the_programs_of_checks_and_without_it_they_are_refused(place: Place) -> None:
    place.goal('goal: Write the tide to out.md\nchecks: [{run: "test -s out.md"}]\non_fail: {attempts: 0}\n')
    with ChatServer(WORK) as server:
        ended = place.thinkact("run", "goal.yaml", OPENAI_BASE_URL=server.url, THINKACT_MODEL="scripted")
    assert ended.returncode == 5, ended.stderr
    with ChatServer(WORK) as server:
        thinkact(place, server, "run", "goal.yaml", "-y")
    with ChatServer(WORK) as server:
        thinkact(place, server, "run", "goal.yaml", "--allow", "run_check")


def test_notes_go_to_the_namespace_that_is_named_and_come_back_there_alone(place: Place) -> None:
    note = Call(name="remember", arguments={"text": "The gauge at pier 7 reads 12 cm too high."})
    with ChatServer([Reply(calls=[note]), *WORK]) as server:
        thinkact(place, server, "run", "goal.yaml", "--namespace", "海港")
    kept = [one for one in told(place, "memory", "list", "--namespace", "海港") if one["kind"] != "episode"]
    assert [one["text"] for one in kept] == [note.arguments["text"]]  # type: ignore[index]
    assert told(place, "memory", "list") == []
    for namespace, recalled in ((("--namespace", "海港"), True), ((), False)):
        with ChatServer(WORK) as server:
            thinkact(place, server, "run", "Which gauge at the pier reads too high?", *namespace)
            assert ("12 cm too high" in asked(server)) is recalled


def test_no_memory_reads_nothing_writes_nothing_and_offers_no_notes(place: Place) -> None:
    assert place.thinkact("memory", "add", "The tide gauge reads 12 cm too high.").returncode == 0
    before = (place.home / "memory" / "notes.db").read_bytes()
    remember = Reply(calls=[Call(name="remember", arguments={"text": "new"})])
    with ChatServer([remember, *WORK]) as server:
        thinkact(place, server, "run", "Write the reading of the tide gauge", "--no-memory")
        assert "12 cm too high" not in asked(server)
        assert not {"remember", "recall"} & set(offered(server))
    assert not any(event["kind"] in ("memory.recalled", "note.written") for event in place.events())
    assert [one["text"] for one in told(place, "memory", "list")] == ["The tide gauge reads 12 cm too high."]
    assert (place.home / "memory" / "notes.db").read_bytes() == before


def test_the_workspace_of_the_flag_beats_that_of_the_goal(place: Place) -> None:
    place.goal(GOAL + "workspace: {dir: ./other}\n")
    with ChatServer(WORK) as server:
        thinkact(place, server, "run", "goal.yaml", "--workspace", "mine")
    assert (place.folder / "mine" / "out.md").read_text("utf-8") == CONTENT
    assert not (place.folder / "other" / "out.md").exists()


def test_files_handed_over_are_read_by_their_handles_and_a_wrong_handle_is_told(place: Place) -> None:
    (place.folder / "潮汐.md").write_text("The gauge at pier 7 is wrong.\n" * 400, "utf-8")
    place.goal(GOAL + 'context: ["*.md"]\n')

    def reads(request: dict[str, Any], number: int) -> Reply:
        found = re.search(r"潮汐.md: handle ([\w.-]+)", json.dumps(request["messages"], ensure_ascii=False))
        assert found is not None
        calls = [Call(name="read_artifact", arguments={"handle": one}) for one in (found[1], "nothing-of-this-name")]
        return Reply(calls=calls) if number == 0 else WORK[number - 1]

    with ChatServer(reads) as server:
        thinkact(place, server, "run", "goal.yaml")
        results = [message["content"] for message in server.requests[1].json["messages"] if message["role"] == "tool"]
    assert "The gauge at pier 7 is wrong." in results[0]
    assert "nothing-of-this-name" in results[1]


def test_the_recall_tool_finds_what_was_noted_by_hand(place: Place) -> None:
    assert place.thinkact("memory", "add", "The gauge at pier 7 reads 12 cm too high.").returncode == 0
    recall = Call(name="recall", arguments={"query": "wrong gauge at the pier"})
    with ChatServer([Reply(calls=[recall]), *WORK]) as server:
        thinkact(place, server, "run", "goal.yaml")
        assert "12 cm too high" in asked(server, 1)
    called = place.thinkact("tools", "call", "recall", "query=wrong gauge at the pier")
    assert "12 cm too high" in called.stdout, called.stderr


def test_a_secret_input_is_kept_nowhere_and_asked_for_again_on_resume(place: Place) -> None:
    secret = "hunter2-very-secret"
    place.goal(
        "goal: Write the tide to out.md\n"
        "inputs: {token: {type: secret, required: true}}\n"
        'checks: [{run: "test ${#TOKEN} = 19", env: {TOKEN: "{{ token }}"}}]\n'
        "on_fail: {attempts: 0}\n"
    )
    words = ("goal.yaml", "-y", "--set", f"token={secret}")
    with ChatServer(
        [Reply(calls=[Call(name="finish", arguments={"answer": "Not done.", "reached": False})])]
    ) as server:
        settings = {"OPENAI_BASE_URL": server.url, "THINKACT_MODEL": "scripted"}
        ended = place.thinkact("run", *words, stdin=None, timeout=60, **settings)
        assert ended.returncode == 1, ended.stderr
        assert secret.encode() not in server.requests[0].body
    kept = "".join(file.read_bytes().decode("utf-8", "replace") for file in place.home.rglob("*") if file.is_file())
    assert secret not in kept + ended.stdout
    for missing, said in (
        ((), "--set token=…"),
        (("--set", "tokn=x"), "token"),
        (("--set", "token=x", "--set", "a=b"), "a"),
    ):
        refused = place.thinkact("resume", "-m", "offline", *missing)
        assert refused.returncode == 2
        assert said in refused.stderr
    with ChatServer(WORK) as server:
        thinkact(place, server, "resume", "-y", "--set", f"token={secret}")


# -- resume


def test_resume_takes_feedback_and_works_from_any_folder(place: Place, tmp_path: Path) -> None:
    with ChatServer(["I do not know."], repeat=True) as server:
        ended = place.thinkact("run", "goal.yaml", OPENAI_BASE_URL=server.url, THINKACT_MODEL="scripted")
    assert ended.returncode == 1
    (place.folder / "goal.yaml").write_text("goal: something else\n")  # what counts is the journal's goal
    elsewhere = Place(tmp_path / "elsewhere")
    elsewhere.folder.mkdir()
    with ChatServer(WORK) as server:
        settings = {"OPENAI_BASE_URL": server.url, "THINKACT_MODEL": "scripted", "THINKACT_HOME": str(place.home)}
        words = ("resume", "--feedback", "Metres, please", "--output", "json")
        ended = elsewhere.thinkact(*words, stdin=None, timeout=60, **settings)
        assert ended.returncode == 0, ended.stderr
        assert "Feedback from the user: Metres, please" in asked(server)
        assert "Write the tide to out.md" in asked(server)
    assert place.read("out.md") == CONTENT
    assert not elsewhere.workspace.exists()
    assert json.loads(ended.stdout)["state"] == "reached"


def test_a_run_is_named_by_its_id_or_its_beginning(place: Place) -> None:
    with ChatServer(["?"], repeat=True) as server:
        place.thinkact("run", "goal.yaml", OPENAI_BASE_URL=server.url, THINKACT_MODEL="scripted")
    [listed] = told(place, "runs", "list")
    with ChatServer(WORK) as server:
        thinkact(place, server, "resume", listed["run"][:-2], "--max-steps", "30", "-m", "scripted", "--window", "16k")
    assert told(place, "runs", "show", listed["run"])[-1]["kind"] == "finished"


# -- runs


def snapshot(folder: Path) -> dict[str, tuple[bytes, float]]:
    return {str(file): (file.read_bytes(), file.stat().st_mtime) for file in folder.rglob("*") if file.is_file()}


def test_runs_are_listed_shown_followed_and_replayed_with_no_request_and_no_change(place: Place) -> None:
    with ChatServer(WORK) as server:
        thinkact(place, server, "run", "goal.yaml")
        before = snapshot(place.folder)
        [row] = told(place, "runs", "list")
        assert (row["state"], row["steps"], row["goal"]) == ("reached", 2, "Write the tide to out.md")
        assert row["tokens"] > 1000
        listed = thinkact(place, server, "runs", "list")
        assert row["run"] in listed.stdout
        shown = thinkact(place, server, "runs", "show", "last")
        followed = thinkact(place, server, "runs", "tail", row["run"])
        replayed = thinkact(place, server, "runs", "replay", "--pace", "0.01")
        assert replayed.stdout == "It is in out.md.\n"
        for one in (shown, followed, replayed):
            where = one.stdout if one is shown else one.stderr  # what `show` tells is its output
            assert 'write_file(path="out.md"' in where
            assert "reached" in where
        assert len(server.requests) == 2
        assert not server.others
    assert snapshot(place.folder) == before


def test_a_run_that_is_under_way_is_followed_to_its_end(place: Place) -> None:
    def slowly(request: dict[str, Any], number: int) -> Reply:
        return Reply(calls=WORK[min(number, 1)].calls, hang=1.0)

    with ChatServer(slowly) as server:
        process = place.start("run", "goal.yaml", OPENAI_BASE_URL=server.url, THINKACT_MODEL="scripted")
        deadline = time.monotonic() + 30
        while not server.requests and time.monotonic() < deadline:
            time.sleep(0.05)
        followed = place.thinkact("runs", "tail")
        assert "reached" in followed.stderr
        process.communicate(timeout=30)
        assert process.returncode == 0
    assert followed.returncode == 0


def test_following_ends_with_130_on_ctrl_c(place: Place) -> None:
    def hangs(request: dict[str, Any], number: int) -> Reply:
        return Reply(text="late", hang=30)

    with ChatServer(hangs) as server:
        running = place.start("run", "goal.yaml", OPENAI_BASE_URL=server.url, THINKACT_MODEL="scripted")
        deadline = time.monotonic() + 30
        while not server.requests and time.monotonic() < deadline:
            time.sleep(0.05)
        following = place.start("runs", "tail")
        time.sleep(1.5)
        following.send_signal(signal.SIGINT)
        _, err = following.communicate(timeout=20)
        running.kill()
        running.communicate()
    assert following.returncode == 130, err
    assert "Traceback" not in err


# -- tools

ECHO = '''
from plugins import Effect, tool

@tool(effect=Effect.READ)
def echo(text: str, times: int = 1, parts: list[str] | None = None, *, loud: bool = False) -> dict[str, object]:
    """Echo what it is given.

    Args:
        text: A text.
        times: How often.
        parts: Some parts.
        loud: Loudly?
    """
    print("printed")
    return {"text": text, "times": times, "parts": parts, "loud": loud}
'''


def test_tools_are_listed_described_and_called_with_json_values(place: Place) -> None:
    place.plugin("echo.py", ECHO)
    listed = {tool["name"]: tool for tool in told(place, "tools", "list")}
    assert {"read_file", "write_file", "remember", "ask_user", "echo"} <= set(listed)
    assert listed["echo"]["effect"] == "read"
    assert list(listed["echo"]) == ["name", "effect", "plugin", "description", "aliases", "told"]
    assert "Echo what it is given." in place.thinkact("tools", "list").stdout
    [schema] = json.loads(place.thinkact("tools", "schema", "echo").stdout)
    assert schema["parameters"]["required"] == ["text"]
    assert len(json.loads(place.thinkact("tools", "schema").stdout)) == len(listed)
    words = ("tools", "call", "echo", "text=潮 汐=6", "times=3", 'parts=["a", "b c"]', "loud=true")
    ended = place.thinkact(*words, "--json")
    assert ended.returncode == 0, ended.stderr
    assert "printed" in ended.stderr
    observation = json.loads(ended.stdout)
    assert list(observation) == ["ok", "text", "value", "artifacts", "error", "seconds"]
    assert observation["value"] == {"text": "潮 汐=6", "times": 3, "parts": ["a", "b c"], "loud": True}
    assert json.loads(place.thinkact(*words).stdout) == observation["value"]


def test_a_tool_is_called_in_the_workspace_that_is_named(place: Place) -> None:
    ended = place.thinkact("tools", "call", "write_file", "--workspace", "mine", "path=a.md", "content=hello")
    assert ended.returncode == 0, ended.stderr
    assert (place.folder / "mine" / "a.md").read_text() == "hello"
    ended = place.thinkact("tools", "call", "summarize_file", "path=notes.txt")
    assert ended.returncode == 0, ended.stderr
    assert "6.2 m" in ended.stdout


# -- plugins


def test_a_broken_plugin_is_listed_with_its_reason_and_the_rest_still_load(place: Place) -> None:
    place.plugin("echo.py", ECHO)
    place.plugin("broken.py", "import nothing_of_this_name\n")
    place.plugin("crooked.py", "def f(:\n")
    place.plugin("untyped.py", 'from plugins import tool\n@tool\ndef f(x):\n    """Do."""\n')
    listed = {plugin["name"]: plugin for plugin in told(place, "plugins", "list")}
    assert (listed["echo"]["loaded"], listed["echo"]["tools"]) == (True, ["echo"])
    for name, reason in (
        ("broken", "nothing_of_this_name"),
        ("crooked", "crooked.py:1"),
        ("untyped", "untyped.py:2: f: argument 'x'"),
    ):
        assert listed[name]["loaded"] is False
        assert reason in listed[name]["fault"]
    ended = place.thinkact("plugins", "list")
    assert "nothing_of_this_name" in ended.stdout
    assert str(place.home / "plugins") in ended.stderr
    no_traceback(ended)
    with ChatServer(WORK) as server:
        ended = thinkact(place, server, "run", "goal.yaml")
        assert "plugin broken is left out" in ended.stderr
        assert "echo" in offered(server)


# -- goal


def test_a_goal_file_is_checked_with_advice_and_the_schema_fits_it(place: Place) -> None:
    ended = place.thinkact("goal", "check", "goal.yaml")
    assert (ended.returncode, ended.stdout) == (0, "goal.yaml: ok\n")
    place.goal("goal: Write {{ topic }}\ninputs: {topic: {type: string, required: true}}\n", "bare.yaml")
    assert "there are no checks" in place.thinkact("goal", "check", "bare.yaml", "--set", "topic=tides").stdout
    assert told(place, "goal", "check", "bare.yaml")["ok"] is True
    schema = json.loads(place.thinkact("goal", "schema").stdout)
    import jsonschema

    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    assert validator.is_valid({"goal": "Write the tide", "checks": [{"file": "out.md"}]})
    assert not validator.is_valid({"gaol": "Write the tide"})


# -- the program itself


def test_the_version_and_the_help_of_every_command_are_told(place: Place) -> None:
    version = place.thinkact("--version")
    assert (version.returncode, version.stdout.split()[0]) == (0, "thinkact")
    for group in ((), ("runs",), ("goal",), ("tools",), ("plugins",), ("memory",), ("run",), ("resume",)):
        ended = place.thinkact(*group, "--help" if group else "-h")
        assert ended.returncode == 0, ended.stderr
        assert "Usage: thinkact" in ended.stdout
        assert not ended.stderr


def test_the_shell_completes_commands(place: Place) -> None:
    script = place.thinkact(_THINKACT_COMPLETE="source_bash")
    assert script.returncode == 0, script.stderr
    assert "complete" in script.stdout
    assert "thinkact" in script.stdout
    completed = place.thinkact(_THINKACT_COMPLETE="complete_bash", COMP_WORDS="thinkact re", COMP_CWORD="1")
    assert completed.stdout.split() == ["resume"]


def test_it_is_not_fooled_by_packages_of_its_names_in_the_folder_where_it_is_started(place: Place) -> None:
    for name in ("plugins", "memory"):
        (place.folder / name).mkdir()
        (place.folder / name / "__init__.py").write_text("raise SystemExit('the wrong package')\n")
    with ChatServer(WORK) as server:
        thinkact(place, server, "run", "goal.yaml")
    assert [one["kind"] for one in told(place, "memory", "list")] == ["episode"]
    assert place.thinkact("tools", "call", "list_files").returncode == 0


# -- Chinese, in the poorest of environments


def poor(place: Place, *words: str, **settings: str) -> Ended:
    """A command where neither locale nor Python is told of UTF-8."""
    environment = {
        name: value
        for name, value in place.environment(**settings).items()
        if name not in ("PYTHONUTF8", "PYTHONIOENCODING") and not name.startswith("LC_")
    }
    return subprocess.run(
        [sys.executable, "-m", "agent", *words],
        cwd=place.folder,
        env={**environment, "LANG": "C", "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=60,
        check=False,
    )


def test_chinese_goes_through_on_a_real_model_also_where_the_locale_knows_none(place: Place) -> None:
    place.write("资料/潮汐 记录.txt", "最高潮位是六点二米。\n")
    place.goal(
        "goal: 读 资料/潮汐 记录.txt，写简报 到 简报.md\nchecks: [{file: 简报.md}, {regex: 六点二米, in: 简报.md}]\n",
        "目标.yaml",
    )
    read = Call(name="read_file", arguments={"path": "资料/潮汐 记录.txt"})
    write = Call(name="write_file", arguments={"path": "简报.md", "content": "最高潮位：六点二米。\n"})
    note = Call(name="remember", arguments={"text": "潮汐记录在资料文件夹里。"})
    finish = Call(name="finish", arguments={"answer": "简报写好了。"})
    with ChatServer(
        [Reply(text="先读资料。", calls=[read, note], piece=1), Reply(calls=[write]), Reply(calls=[finish])]
    ) as server:
        settings = {"OPENAI_BASE_URL": server.url, "THINKACT_MODEL": "脚本"}
        ended = poor(place, "run", "目标.yaml", "--namespace", "海港", **settings)
        assert ended.returncode == 0, ended.stderr
        assert server.requests[0].json["model"] == "脚本"
        assert "写简报 到 简报.md" in asked(server)
        assert "最高潮位是六点二米。" in asked(server, 1)
    assert ended.stdout == "简报写好了。\n"
    assert "先读资料。" in ended.stderr
    assert place.read("简报.md") == "最高潮位：六点二米。\n"
    found = poor(place, "memory", "search", "潮汐资料在哪里", "--namespace", "海港")
    assert "潮汐记录在资料文件夹里。" in found.stdout, found.stderr
    assert "写简报 到 简报.md" in poor(place, "runs", "list").stdout
    assert "先读资料。" in poor(place, "runs", "show").stdout


def test_chinese_goes_through_on_the_offline_model(place: Place) -> None:
    place.write("潮汐.txt", "最高潮位是六点二米。它出现在三月。\n")
    ended = poor(place, "run", "总结 潮汐.txt，并保存到 简报.md", "-m", "offline")
    assert ended.returncode == 0, ended.stderr
    assert "六点二米" in place.read("简报.md")
    assert "Traceback" not in ended.stderr


def test_feedback_in_chinese_reaches_the_model_on_resume(place: Place) -> None:
    with ChatServer(["?"], repeat=True) as server:
        poor(place, "run", "goal.yaml", OPENAI_BASE_URL=server.url, THINKACT_MODEL="scripted")
    with ChatServer(WORK) as server:
        ended = poor(
            place, "resume", "--feedback", "请用米，不用英尺", OPENAI_BASE_URL=server.url, THINKACT_MODEL="scripted"
        )
        assert "请用米，不用英尺" in asked(server)
    assert ended.returncode == 0, ended.stderr


# -- a long run


def long_run(place: Place, steps: int, *, window: str | None) -> list[Any]:
    """So many steps through the real process against a window of 8,000 tokens; the requests that were accepted.

    Each step reads other lines of a document; the first finding is in the first of them.
    """
    entries = (f"Entry {n}: the tide stood at {n % 7}.{n % 10} m at pier {n % 13}.\n" for n in range(4000))
    place.write("log.txt", "FINDING-ONE: the gauge at pier 7 is wrong.\n" + "".join(entries))
    place.goal(f"goal: Find the wrong gauge and write it to out.md\nchecks: [{{file: out.md}}]\n{window or ''}")

    def works(request: dict[str, Any], number: int) -> Reply | str:
        if not request.get("tools"):
            return "All is well so far."  # a summary is wanted, and this one forgets what was found
        made = len(seen)
        seen.append(made)
        if made == 0:
            return Reply(text="I begin.", calls=[page(0)])
        if made < steps - 2:
            return Reply(text=f"I go on with entry {made}.", calls=[page(made)])
        return Reply(calls=[WRITE if made == steps - 2 else FINISH])

    def page(number: int) -> Call:
        return Call(name="read_file", arguments={"path": "log.txt", "start_line": number * 12 + 1, "lines": 12})

    seen: list[int] = []
    with ChatServer(works, limit_tokens=8000) as server:
        limits = ("--max-steps", "400", "--max-model-calls", "900", "--max-tokens", "9M")
        ended = place.thinkact(
            "run", "goal.yaml", *limits, timeout=300, OPENAI_BASE_URL=server.url, THINKACT_MODEL="scripted"
        )
        assert ended.returncode == 0, ended.stderr[-3000:]
        return list(server.requests)


def too_long(requests: list[Any]) -> int:
    return sum(1 for request in requests if len(request.body) // 3 > 8000)


def thoughts(requests: list[Any]) -> list[Any]:
    return [request for request in requests if request.json.get("tools")]


def test_300_steps_in_a_stated_window_are_never_refused_and_forget_nothing_that_counts(place: Place) -> None:
    requests = long_run(place, 300, window="model: {window: 8k}\n")
    assert too_long(requests) == 0
    assert len(thoughts(requests)) == 300
    assert all("Find the wrong gauge and write it to out.md" in request.body.decode() for request in thoughts(requests))
    assert "FINDING-ONE" in requests[-1].body.decode()
    assert any(event["kind"] == "window.folded" for event in place.events())


def test_300_steps_in_a_window_that_nobody_stated_are_refused_once_at_most(place: Place) -> None:
    requests = long_run(place, 300, window=None)
    assert too_long(requests) <= 1
    assert all("Find the wrong gauge and write it to out.md" in request.body.decode() for request in thoughts(requests))
    assert "FINDING-ONE" in requests[-1].body.decode()
