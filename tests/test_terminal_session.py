"""A person at a terminal: `thinkact run` on a real pseudo-terminal of 80 columns, asked before every write."""

from __future__ import annotations

import json
import os
import re
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.place import Place
from tests.server import Call, ChatServer, Reply

if sys.platform == "win32":  # pragma: no cover  (Windows has no pty module)
    pytest.skip("there is no pseudo-terminal here", allow_module_level=True)

import fcntl
import pty
import select
import termios

WRITE = Call(name="write_file", arguments={"path": "out.md", "content": "The tide is 6.2 m.\n"})
FINISH = Call(name="finish", arguments={"answer": "It is in out.md."})
GOAL = "goal: Write the tide to out.md\nchecks: [{file: out.md}]\n"
ASKS = "write_file? ["
OURS = re.compile(r"\x1b\[\??[0-9;]*[A-Za-z]")
"""What rich draws with: colours, cursor movements, the cursor hidden and shown."""


@dataclass
class Terminal:
    """The person's side of the pseudo-terminal."""

    process: subprocess.Popen[bytes]
    master: int
    shown: str = ""
    read: int = 0

    def until(self, text: str, timeout: float = 30) -> str:
        """Wait for a text; what was shown since the last one, up to its end."""
        deadline = time.monotonic() + timeout
        while (found := self.text.find(text, self.read)) < 0:
            assert time.monotonic() < deadline, f"{text!r} was never shown:\n{self.shown}"
            if not self.more(0.2) and self.process.poll() is not None:
                raise AssertionError(f"ended before {text!r} was shown:\n{self.shown}")
        since = self.text[self.read : found + len(text)]
        self.read = found + len(text)
        return since

    def say(self, line: str) -> None:
        """Type a line."""
        os.write(self.master, f"{line}\n".encode())

    def keys(self, text: str) -> None:
        """Press these keys."""
        os.write(self.master, text.encode())

    def press_ctrl_c(self) -> None:
        """As the terminal does it: the line discipline turns it into SIGINT."""
        os.write(self.master, b"\x03")

    def end(self, timeout: float = 30) -> int:
        """Read to the end; the exit code."""
        deadline = time.monotonic() + timeout
        while self.process.poll() is None:
            assert time.monotonic() < deadline, f"it does not end:\n{self.shown}"
            self.more(0.2)
        while self.more(0.1):
            pass
        return self.process.returncode

    @property
    def text(self) -> str:
        """All that was shown, without what rich draws with."""
        return OURS.sub("", self.shown)

    def more(self, seconds: float) -> bool:
        """Read what is shown within so many seconds; was there anything?"""
        if not select.select([self.master], [], [], seconds)[0]:
            return False
        try:
            found = os.read(self.master, 65536)
        except OSError:  # Linux says EIO once the other side is closed
            return False
        self.shown += found.decode("utf-8", "replace")
        return bool(found)


@contextmanager
def at_a_terminal(place: Place, *words: str, **settings: str) -> Iterator[Terminal]:
    """`thinkact` with a controlling terminal of its own; its stdout too is the terminal, as with a person."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    environment = place.environment(TERM="xterm-256color", **settings)
    del environment["COLUMNS"]
    process = subprocess.Popen(
        [sys.executable, "-c", TAKE_TERMINAL, *words],
        cwd=place.folder,
        env=environment,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
    )
    os.close(slave)
    terminal = Terminal(process, master)
    try:
        yield terminal
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        os.close(master)


TAKE_TERMINAL = """
import fcntl, os, sys, termios
fcntl.ioctl(0, termios.TIOCSCTTY, 0)
os.execv(sys.executable, [sys.executable, "-m", "agent", *sys.argv[1:]])
"""


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = Place(tmp_path)
    made.goal(GOAL)
    made.write("notes.txt", "The highest tide is 6.2 m.")
    return made


@contextmanager
def session(
    place: Place, replies: Callable[[dict[str, Any], int], Reply] | list[Reply], *words: str
) -> Iterator[tuple[Terminal, ChatServer]]:
    """`thinkact run goal.yaml` at a terminal, against a scripted model."""
    with ChatServer(replies) as server:
        settings = {"OPENAI_BASE_URL": server.url, "THINKACT_MODEL": "scripted"}
        with at_a_terminal(place, *(words or ("run", "goal.yaml")), **settings) as terminal:
            yield terminal, server


def works(request: dict[str, Any], number: int) -> Reply:
    """Write, then finish, whatever was said; a denied write is asked for again once."""
    results = [message["content"] for message in request["messages"] if message["role"] == "tool"]
    return Reply(calls=[FINISH if len(results) > 0 and "created" in results[-1] else WRITE])


def last_messages(server: ChatServer) -> str:
    return json.dumps(server.requests[-1].json["messages"], ensure_ascii=False)


def test_a_write_is_asked_and_yes_makes_it(place: Place) -> None:
    with session(place, works) as (terminal, server):
        asked = terminal.until(ASKS)
        assert not (place.workspace / "out.md").exists()
        assert "step 1: write_file (write)" in asked
        assert "out.md" in asked
        assert "The tide is 6.2 m." in asked
        terminal.say("y")
        assert terminal.end() == 0, terminal.text
        assert len(server.requests) == 2
    assert place.read("out.md") == "The tide is 6.2 m.\n"
    assert "reached" in terminal.text
    assert "Traceback" not in terminal.text


def test_reading_is_not_asked_and_yes_for_all_steps_asks_nothing(place: Place) -> None:
    def reads(request: dict[str, Any], number: int) -> Reply:
        return (
            Reply(calls=[Call(name="read_file", arguments={"path": "notes.txt"})]) if number == 0 else works_(request)
        )

    def works_(request: dict[str, Any]) -> Reply:
        return works({"messages": [m for m in request["messages"] if "6.2 m" not in str(m["content"])]}, 1)

    with session(place, reads) as (terminal, _):
        assert "read_file?" not in terminal.until(ASKS)
        terminal.say("y")
        assert terminal.end() == 0, terminal.text
    (place.workspace / "out.md").unlink()
    with session(place, works, "run", "goal.yaml", "-y") as (terminal, _):
        assert terminal.end() == 0, terminal.text
        assert ASKS not in terminal.text


def test_no_with_a_reason_reaches_the_model_and_nothing_is_written(place: Place) -> None:
    with session(place, works) as (terminal, server):
        terminal.until(ASKS)
        terminal.say("n write it in metres, please")
        terminal.until(ASKS)
        assert "write it in metres, please" in last_messages(server)
        assert not (place.workspace / "out.md").exists()
        terminal.say("n")
        terminal.until(ASKS)
        assert "the user said no" in last_messages(server)
        terminal.say("q")
        assert terminal.end() == 130
    assert not (place.workspace / "out.md").exists()


def test_any_other_line_is_feedback_to_the_model_and_the_call_is_not_made(place: Place) -> None:
    with session(place, works) as (terminal, server):
        terminal.until(ASKS)
        terminal.say("请用中文写")
        terminal.until(ASKS)
        assert "Feedback from the user: 请用中文写" in last_messages(server)
        assert not (place.workspace / "out.md").exists()
        terminal.say("yes please")  # no key: a key is the whole line
        terminal.until(ASKS)
        assert "Feedback from the user: yes please" in last_messages(server)
        requests = len(server.requests)
        terminal.say("yes")  # nearly a key: neither a yes nor feedback
        assert "type y for yes" in terminal.until(ASKS)
        assert len(server.requests) == requests
        terminal.say("")  # an empty line says nothing, and is asked again
        terminal.until(ASKS)
        terminal.say("y")
        assert terminal.end() == 0, terminal.text


def test_edited_arguments_are_asked_again_and_are_what_is_done(place: Place) -> None:
    with session(place, works) as (terminal, _):
        terminal.until(ASKS)
        terminal.until("> ")
        terminal.say("e")
        assert squeezed('"content": "The tide is 6.2 m.\\n"') in squeezed(terminal.until("> "))
        terminal.say('{"path": ')
        terminal.until("that is no JSON")
        terminal.until("> ")
        terminal.say("[1]")
        terminal.until("that is no JSON object")
        terminal.until("> ")
        terminal.say('{"path": "out.md", "content": "潮高 7.1 米\\n"}')
        asked = terminal.until(ASKS)
        assert "潮高 7.1 米" in asked
        assert not (place.workspace / "out.md").exists()
        terminal.say("y")
        assert terminal.end() == 0, terminal.text
    assert place.read("out.md") == "潮高 7.1 米\n"


def test_edited_arguments_that_make_no_sense_are_told_and_asked_again(place: Place) -> None:
    with session(place, works) as (terminal, _):
        terminal.until(ASKS)
        terminal.until("> ")
        terminal.say("e")
        terminal.until("> ")
        terminal.say('{"path": "../escaped.md", "content": "x"}')
        assert squeezed("outside the workspace") in squeezed(terminal.until(ASKS))
        terminal.until("> ")
        terminal.say("e")
        terminal.until("> ")
        terminal.say("")  # editing is given up: that is a no
        terminal.until(ASKS)
        terminal.say("q")
        assert terminal.end() == 130
    assert place.files() == {"notes.txt": "The highest tide is 6.2 m."}
    assert not (place.folder / "escaped.md").exists()


def writes_many(request: dict[str, Any], number: int) -> Reply:
    """A file a step, five of them, then the end."""
    made = sum(1 for message in request["messages"] if message["role"] == "tool")
    if made >= 5:
        return Reply(calls=[FINISH])
    return Reply(
        calls=[Call(name="write_file", arguments={"path": f"out{made or ''}.md", "content": f"Part {made}\n"})]
    )


def test_always_asks_no_more_for_this_tool_alone(place: Place) -> None:
    def writes_then_deletes(request: dict[str, Any], number: int) -> Reply:
        made = sum(1 for message in request["messages"] if message["role"] == "tool")
        return (
            Reply(calls=[Call(name="delete_file", arguments={"path": "notes.txt"})])
            if made == 2
            else writes_many(request, 0)
        )

    with session(place, writes_then_deletes) as (terminal, _):
        terminal.until(ASKS)
        terminal.say("a")
        assert ASKS not in terminal.until("delete_file? [")
        assert sorted(place.files()) == ["notes.txt", "out.md", "out1.md"]
        terminal.say("n keep it")
        assert terminal.end() == 0, terminal.text
    assert "notes.txt" in place.files()


@pytest.mark.parametrize(
    ("words", "answer", "unasked"), [((), "y -3", 3), (("--steps", "2"), None, 2), ((), "y -1", 1)]
)
def test_so_many_steps_run_unasked_and_then_it_asks(
    place: Place, words: tuple[str, ...], answer: str | None, unasked: int
) -> None:
    with session(place, writes_many, "run", "goal.yaml", *words) as (terminal, server):
        if answer is not None:
            terminal.until(ASKS)
            assert len(server.requests) == 1
            terminal.say(answer)
        terminal.until(ASKS)
        assert len(server.requests) == unasked + 1
        assert len(place.files()) == unasked + 1
        terminal.say("q")
        assert terminal.end() == 130


@pytest.mark.parametrize("key", ["q", "\x04", "\x03"], ids=["q", "ctrl-d", "ctrl-c"])
def test_leaving_at_the_prompt_stops_at_once_and_the_run_goes_on_later(place: Place, key: str) -> None:
    with session(place, works) as (terminal, _):
        terminal.until("> ")
        begun = time.monotonic()
        os.write(terminal.master, key.encode() if key != "q" else b"q\n")
        assert terminal.end() == 130, terminal.text
        assert time.monotonic() - begun < 5
        assert "thinkact resume" in terminal.text
        assert "Traceback" not in terminal.text
    assert not (place.workspace / "out.md").exists()
    with session(place, works, "resume", "last") as (terminal, server):
        terminal.until(ASKS)
        assert not server.requests  # the pending call is asked for before the model is
        terminal.say("y")
        assert terminal.end() == 0, terminal.text
    assert place.read("out.md") == "The tide is 6.2 m.\n"


@pytest.mark.parametrize("key", ["\x03", "\x04"], ids=["ctrl-c", "ctrl-d"])
def test_leaving_while_arguments_are_edited_stops_at_once(place: Place, key: str) -> None:
    with session(place, works) as (terminal, server):
        terminal.until("> ")
        terminal.say("e")
        terminal.until("> ")
        os.write(terminal.master, key.encode())
        assert terminal.end(10) == 130, terminal.text
        assert len(server.requests) == 1
    assert "editing was given up" not in terminal.text
    assert place.events()[-1]["state"] == "interrupted"


def test_ctrl_c_at_the_agents_question_stops_at_once(place: Place) -> None:
    def asks(request: dict[str, Any], number: int) -> Reply:
        return Reply(calls=[Call(name="ask_user", arguments={"question": "Which unit?"})])

    with session(place, asks) as (terminal, _):
        terminal.until("Which unit?")
        terminal.until("> ")
        terminal.press_ctrl_c()
        assert terminal.end(10) == 130, terminal.text
    assert "Traceback" not in terminal.text
    assert place.events()[-1]["state"] == "interrupted"


def test_ctrl_c_during_a_step_stops_after_it(place: Place) -> None:
    terminal: Terminal

    def waits(request: dict[str, Any], number: int) -> Reply:
        if number == 0:
            terminal.press_ctrl_c()
            time.sleep(0.4)
        return Reply(calls=[Call(name="list_files", arguments={})])

    with session(place, waits) as (terminal, server):
        terminal.until("or feedback]")
        terminal.say("q")
        assert terminal.end() == 130, terminal.text
        assert len(server.requests) == 1
    assert "you are asked after this step" in terminal.text
    assert "Traceback" not in terminal.text
    assert [event["kind"] for event in place.events()][-3:] == ["observation", "note.written", "stopped"]


def test_ctrl_c_twice_ends_a_tool_that_hangs_and_its_program(place: Place) -> None:
    place.plugin("hanging.py", HANGS)

    def hangs(request: dict[str, Any], number: int) -> Reply:
        return Reply(calls=[Call(name="hang", arguments={"name": "beats.txt"})])

    with session(place, hangs, "run", "goal.yaml", "--allow", "hang") as (terminal, _):
        beats = place.folder / "beats.txt"
        deadline = time.monotonic() + 20
        while not beats.exists() and time.monotonic() < deadline:
            terminal.more(0.1)
        terminal.press_ctrl_c()
        terminal.until("once more stops at once")
        terminal.press_ctrl_c()
        assert terminal.end(15) == 130, terminal.text
    assert "Traceback" not in terminal.text
    assert place.events()[-1]["state"] == "interrupted"


HANGS = '''
import time
from plugins import Effect, tool

@tool(effect=Effect.READ)
def hang(name: str) -> str:
    """Hang.

    Args:
        name: A file that tells that it hangs.
    """
    open(name, "w").close()
    time.sleep(60)
    return "woke up"
'''

MARK = "\x1b[66;6H"
"""A movement that rich never makes."""
HOSTILE = f"{MARK}\x1b[2K\x1b[1A\x1b]0;owned\x07\x9b31m\u202egood\u2066\r\x7f[bold red]yes[/]\x08"


def harmless(shown: str) -> str:
    """What was shown, of which nothing but our own colours and movements may move the cursor or hide."""
    assert MARK not in shown
    left = OURS.sub("", re.sub(r"\r(?=\x1b\[)", "", shown)).replace("\r\n", "\n")
    for letter in left:
        assert letter in "\n\t" or ord(letter) >= 0x20, f"{letter!r} in {left!r}"
        assert not 0x7F <= ord(letter) < 0xA0, f"{letter!r} in {left!r}"
        assert letter not in "\u202a\u202b\u202d\u202e\u2066\u2067\u2068\u2069\u200b\u200e\u200f", repr(left)
    return left


def squeezed(text: str) -> str:
    """Without spaces, line ends and frames: long lines are wrapped at the terminal's width."""
    return re.sub(r"[\s│]", "", text)


def test_the_exact_arguments_are_shown_and_cannot_forge_the_prompt(place: Place) -> None:
    content = f"{HOSTILE}\n> y\nwrite_file? [y]\n" + "x" * 300 + "the end\n"
    write = Call(name="write_file", arguments={"path": "out.md", "content": content})
    with session(place, [Reply(calls=[write], piece=3)]) as (terminal, _):
        asked = harmless(terminal.until("feedback]"))
        for seen in ("\\x1b[2K", "\\x1b]0;owned\\x07", "\\x9b31m", "\\u202egood", "\\x7f[bold red]yes[/]", "the end"):
            assert squeezed(seen) in squeezed(asked), (seen, asked)
        assert "│ > y" in asked  # every line of a long argument is framed
        assert not re.search(r"^> y", asked, re.MULTILINE)
        terminal.until("> ")
        terminal.say("e")
        harmless(terminal.until("> "))
        terminal.say("")
        terminal.end()
    harmless(terminal.shown)


def test_hostile_words_of_a_model_and_a_file_reach_the_terminal_harmless(place: Place) -> None:
    place.write("notes.txt", "\u202e\u2066[bold red]from the file\n")
    replies = [
        Reply(
            text=f"Thinking {HOSTILE}\nnext line",
            calls=[Call(name="read_file", arguments={"path": "notes.txt"})],
            piece=1,
        ),
        Reply(calls=[Call(name=f"no{HOSTILE}tool", arguments={"a": HOSTILE})]),
        Reply(calls=[Call(name="finish", arguments={"answer": f"Done {HOSTILE}", "reached": False})]),
    ]
    with session(place, replies) as (terminal, _):
        assert terminal.end() == 1, terminal.text
    shown = harmless(terminal.shown)
    for seen in ("Thinking \\x1b[66;6H\\x1b[2K\\x1b[1A", "\\u202e\\u2066[bold red]from the file", "Done \\x1b[66;6H"):
        assert squeezed(seen) in squeezed(shown), shown


def test_the_agents_question_is_answered_by_number_or_in_words(place: Place) -> None:
    def asks(request: dict[str, Any], number: int) -> Reply:
        if number == 0:
            arguments: dict[str, Any] = {"question": "哪个单位?\x1b[31m", "choices": ["米", "英尺"]}
            return Reply(calls=[Call(name="ask_user", arguments=arguments)])
        if number == 1:
            return Reply(calls=[Call(name="ask_user", arguments={"question": "How exact?"})])
        return works(request, number)

    with session(place, asks) as (terminal, server):
        asked = terminal.until("> ")
        assert "? 哪个单位?\\x1b[31m" in asked
        assert "2. 英尺" in asked
        terminal.say("2")
        terminal.until("How exact?")
        terminal.until("> ")
        terminal.say("到厘米 为止")
        terminal.until(ASKS)
        assert [m["content"] for m in server.requests[1].json["messages"] if m["role"] == "tool"] == ["英尺"]
        assert "到厘米 为止" in last_messages(server)
        terminal.say("y")
        assert terminal.end() == 0, terminal.text


def test_without_a_terminal_nothing_is_asked_and_the_question_tool_is_not_offered(place: Place) -> None:
    with ChatServer(works) as server:
        ended = place.thinkact(
            "run", "goal.yaml", stdin="n\nq\n", OPENAI_BASE_URL=server.url, THINKACT_MODEL="scripted"
        )
        offered = [tool["function"]["name"] for tool in server.requests[0].json["tools"]]
    assert ended.returncode == 0, ended.stderr
    assert ASKS not in ended.stderr
    assert "ask_user" not in offered
    assert "write_file" in offered


def test_a_hang_up_leaves_a_run_that_resumes(place: Place) -> None:
    with session(place, works) as (terminal, _):
        terminal.until("> ")
        terminal.process.send_signal(signal.SIGHUP)
        terminal.end()
    with ChatServer(works) as server:
        ended = place.thinkact("resume", OPENAI_BASE_URL=server.url, THINKACT_MODEL="scripted")
    assert ended.returncode == 0, ended.stderr


def test_a_check_that_starts_a_program_is_asked_first(place: Place) -> None:
    place.goal('goal: Write the tide to out.md\nchecks: [{run: "test -f out.md"}]\n')
    with session(place, works) as (terminal, _):
        terminal.until(ASKS)
        terminal.say("y")
        asked = terminal.until("run_check? [")
        assert "test -f out.md" in asked
        terminal.say("y")
        assert terminal.end() == 0, terminal.text


def test_why_a_plugin_did_not_load_is_told_whole_at_a_terminal(place: Place) -> None:
    place.plugin("broken.py", "import a_module_that_nobody_has_installed_here\n")
    with at_a_terminal(place, "plugins", "list") as terminal:
        assert terminal.end() == 0, terminal.text
    told = terminal.text.partition("broken did not load: ")[2].replace("\r\n", "\n").partition("your own plugins")[0]
    assert "a_module_that_nobody_has_installed_here" in told
    assert "…" not in told


def test_a_tool_that_is_called_by_hand_asks_at_the_terminal(place: Place) -> None:
    with at_a_terminal(place, "tools", "call", "ask_user", "question=哪个单位?", 'choices=["米", "英尺"]') as terminal:
        assert "? 哪个单位?" in terminal.until("> ")
        terminal.say("1")
        assert terminal.end() == 0, terminal.text
    assert terminal.text.rstrip().endswith("米")


READS = '''
import os, sys
from plugins import Effect, tool

@tool(effect=Effect.READ, timeout=1)
def listen() -> str:
    """Read what is typed, by the stream and by the descriptor, for longer than there is time."""
    return repr((sys.stdin.readline(), os.read(0, 100)))
'''


def test_a_tool_that_reads_what_is_typed_takes_no_answer_away(place: Place) -> None:
    place.plugin("reads.py", READS)
    script = [Reply(calls=[Call(name="listen")]), Reply(calls=[WRITE]), Reply(calls=[FINISH])]
    with session(place, script) as (terminal, _):
        terminal.until(ASKS)
        terminal.say("y")
        assert terminal.end() == 0, terminal.text
    assert place.read("out.md") == "The tide is 6.2 m.\n"
