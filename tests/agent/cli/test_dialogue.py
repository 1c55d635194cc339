"""The dialogue: a person answers line by line; only whole lines are keys."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from agent.approval import Allow, Answer, Comment, Deny, Edit, Question, Quit
from agent.cli.dialogue import Dialogue
from agent.cli.lines import Lines

ROOT = Path(__file__).parent.parent.parent.parent
HOSTILE = "\x1b[2J\x9b31m\u202etxt.exe\U000e0041"


def question(**more: Any) -> Question:
    fields: dict[str, Any] = {
        "tool": "put",
        "effect": "write",
        "arguments": {"path": "a.txt", "text": "hi"},
        "reason": "its effect is write",
        "step": 3,
    }
    return Question(**fields | more)


class Table:
    """A dialogue over plain streams."""

    def __init__(self, typed: str) -> None:
        self.shown = io.StringIO()
        self.paused = 0
        self.prompting = threading.Event()
        self.dialogue = Dialogue(Lines(self.pause, self.prompting, source=io.StringIO(typed), target=self.shown))

    def pause(self) -> None:
        self.paused += 1

    def ask(self, **more: Any) -> Answer:
        return self.dialogue.ask(question(**more))


@pytest.mark.parametrize(
    ("line", "answer"),
    [
        ("y", Allow()),
        ("  y  ", Allow()),
        ("y -5", Allow(steps=5)),
        ("a", Allow(always=True)),
        ("n", Deny()),
        ("n use b.txt instead", Deny("use b.txt instead")),
        ("n  ", Deny()),
        ("q", Quit()),
        ("n　请用 b.txt", Deny("请用 b.txt")),
        ("yes please", Comment("yes please")),
        ("no, write it in metres", Comment("no, write it in metres")),
        ("why?", Comment("why?")),
        ("please write it in French", Comment("please write it in French")),
        ("请用中文", Comment("请用中文")),
    ],
)
def test_only_whole_lines_are_keys_and_all_else_is_feedback(line: str, answer: Answer) -> None:
    assert Table(f"{line}\n").ask() == answer


@pytest.mark.parametrize("kind", ["program", "unsettled"])
def test_where_only_yes_no_and_stop_count_only_these_are_offered(kind: str) -> None:
    table = Table("e\na\ny -5\nplease wait\n\nyes\nn it runs for hours\n")
    assert table.ask(kind=kind) == Deny("it runs for hours")
    shown = table.shown.getvalue()
    assert shown.count("put? [y yes · n [reason] no · q stop]\n> ") == 7
    assert shown.count("that is no answer to this question") == 4
    assert "> type y for yes\n" in shown
    assert "edit" not in shown
    assert "the arguments now" not in shown
    assert Table("y\n").ask(kind=kind) == Allow()
    assert Table("q\n").ask(kind=kind) == Quit()
    assert Table("n\n").ask(kind=kind) == Deny()


def test_the_question_shows_exactly_what_would_be_done() -> None:
    table = Table("y\n")
    table.ask(arguments={"path": "a.txt", "text": "one\ntwo", "count": 3, "名": "值"})
    assert table.shown.getvalue().split("\n")[:8] == [
        "",
        "step 3: put (write) · its effect is write",
        '  path: "a.txt"',
        "  text:",
        "  │ one",
        "  │ two",
        "  count: 3",
        '  名: "值"',
    ]
    assert table.paused == 1


def test_hostile_arguments_are_shown_escaped() -> None:
    table = Table("e\n\n")
    table.ask(arguments={HOSTILE: HOSTILE, "lines": f"{HOSTILE}\n{HOSTILE}"}, reason=HOSTILE, tool=HOSTILE)
    shown = table.shown.getvalue()
    assert not any(raw in shown for raw in HOSTILE if raw not in "[2J31mtxt.exe")
    assert "\\u202e" in shown
    edited = next(line for line in shown.split("\n") if line.startswith('{"'))
    assert json.loads(edited + "".join(_rest(shown, edited)))[HOSTILE] == HOSTILE


def _rest(shown: str, first: str) -> list[str]:
    """What the terminal's width cut off that line."""
    after = shown.split("\n")
    found = []
    for line in after[after.index(first) + 1 :]:
        if not line.startswith("      │ "):
            break
        found.append(line.removeprefix("      │ "))
    return found


def test_a_long_argument_cannot_begin_a_line_of_the_terminal() -> None:
    table = Table("y\n")
    table.ask(arguments={"text": "x" * 300 + " step 9: read_file (read) " + "y" * 300})
    lines = table.shown.getvalue().split("\n")
    begun = next(n for n, line in enumerate(lines) if line.startswith("  text:"))
    ended = next(n for n, line in enumerate(lines) if line.startswith("put?"))
    assert ended - begun > 5
    assert all(line.startswith("      │ ") for line in lines[begun + 1 : ended])


def test_an_empty_line_is_asked_again_and_the_end_of_input_stops() -> None:
    table = Table("\n   \ny\n")
    assert table.ask() == Allow()
    assert table.shown.getvalue().count("put? [") == 3
    assert Table("").ask() == Quit()


def test_a_last_line_without_an_end_counts() -> None:
    assert Table("n too long").ask() == Deny("too long")


def test_arguments_can_be_edited_and_bad_json_is_asked_again() -> None:
    table = Table('e\n{"path": \n[1]\n' + "[" * 100_000 + '\n{"path": "b.txt"}\n')
    assert table.ask() == Edit({"path": "b.txt"})
    shown = table.shown.getvalue()
    assert '{"path": "a.txt", "text": "hi"}' in shown
    assert "that is no JSON: " in shown
    assert "that is no JSON object: write {…}" in shown


@pytest.mark.parametrize("typed", ["e\n\n", "e\nbad\n  \n"])
def test_editing_can_be_given_up(typed: str) -> None:
    assert Table(typed).ask() == Deny("editing was given up")


def test_the_end_of_input_while_editing_stops() -> None:
    assert Table("e\n").ask() == Quit()
    assert Table("e\nbad\n").ask() == Quit()


def test_a_question_of_the_agent_is_answered_by_words_or_by_a_number() -> None:
    table = Table("2\n")
    assert table.dialogue.answer("Which\ncolour?", ("red", "blue")) == "blue"
    assert table.shown.getvalue() == "? Which\n? colour?\n  1. red\n  2. blue\n> "
    assert Table("3\n").dialogue.answer("Which?", ("red", "blue")) == "3"
    assert Table("0\n").dialogue.answer("Which?", ("red",)) == "0"
    assert Table("²\n").dialogue.answer("Which?", ("red", "blue")) == "²"
    assert Table("２\n").dialogue.answer("Which?", ("red", "blue")) == "blue"
    assert Table("9" * 5000 + "\n").dialogue.answer("Which?", ("red",)) == "9" * 5000
    assert Table(" green \n").dialogue.answer("Which?", ()) == "green"
    assert Table("").dialogue.answer("Which?", ()) == ""


def test_a_hostile_question_is_shown_escaped() -> None:
    table = Table("x\n")
    table.dialogue.answer(HOSTILE, (HOSTILE,))
    assert "\x1b" not in table.shown.getvalue()
    assert "\u202e" not in table.shown.getvalue()


def test_an_answer_is_awaited_only_while_it_is() -> None:
    seen: list[bool] = []

    class Source(io.StringIO):
        def readline(self, size: int | None = -1, /) -> str:  # type: ignore[override]  # typeshed says bytes
            seen.append(prompting.is_set())
            return super().readline(-1 if size is None else size)

    prompting = threading.Event()
    dialogue = Dialogue(Lines(lambda: None, prompting, source=Source("y\n"), target=io.StringIO()))
    dialogue.ask(question())
    assert seen == [True]
    assert not prompting.is_set()


@pytest.mark.parametrize("typed", ["", "yes\n", "e\n", "e\nbad\n"])
def test_ctrl_c_stops_wherever_in_a_question_it_is_pressed(typed: str) -> None:
    class Source(io.StringIO):
        def readline(self, size: int | None = -1, /) -> str:  # type: ignore[override]  # typeshed says bytes
            line = super().readline(-1 if size is None else size)
            if not line:
                raise KeyboardInterrupt
            return line

    prompting = threading.Event()
    dialogue = Dialogue(Lines(lambda: None, prompting, source=Source(typed), target=io.StringIO()))
    assert dialogue.ask(question()) == Quit()
    assert not prompting.is_set()


def test_a_question_is_open_before_the_first_of_it_is_seen() -> None:
    seen: list[bool] = []

    class Target(io.StringIO):
        def write(self, text: str, /) -> int:
            seen.append(prompting.is_set())
            return super().write(text)

    prompting = threading.Event()
    dialogue = Dialogue(Lines(lambda: None, prompting, source=io.StringIO("?\ny\n"), target=Target()))
    assert dialogue.ask(question()) == Allow()
    assert set(seen) == {True}


def test_a_line_that_is_nearly_a_key_is_asked_about_and_never_sent_to_the_agent() -> None:
    table = Table("yes\nＹ\n是\n?\ny\n")
    assert table.ask() == Allow()
    shown = table.shown.getvalue()
    assert shown.count("put? [") == 5
    assert shown.count("> type y for yes\n") == 3
    assert "  y -N        make it, and ask nothing more for N steps, this one counted\n" in shown


def test_two_questions_at_a_time_are_asked_one_after_the_other() -> None:
    table = Table("".join(f"n {n}\n" for n in range(8)))
    answers: list[Answer] = []
    threads = [threading.Thread(target=lambda: answers.append(table.ask())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(5)
    assert sorted(one.reason for one in answers if isinstance(one, Deny)) == [str(n) for n in range(8)]
    shown = table.shown.getvalue().split("step 3: put")
    assert all(part.count("put? [") == 1 for part in shown[1:])


ASKER = """\
import sys, threading
from agent.approval import Question
from agent.cli.dialogue import Dialogue
from agent.cli.lines import Lines
dialogue = Dialogue(Lines(lambda: None, threading.Event()))
question = Question(tool="put", effect="write", arguments={"text": "hi"}, reason="r", step=1)
print(repr(dialogue.ask(question)), dialogue.answer("Which?", ("red", "blue")), flush=True)
"""
TWICE = """\
import sys, threading, time
from agent.approval import Question
from agent.cli.dialogue import Dialogue
from agent.cli.lines import Lines
dialogue = Dialogue(Lines(lambda: None, threading.Event()))
def ask(step, tool):
    return dialogue.ask(Question(tool=tool, effect="write", arguments={}, reason="r", step=step))
first = ask(1, "put")
time.sleep(0.3)
print(repr(first), repr(ask(2, "delete")), flush=True)
"""
LEAVER = """\
import sys, threading, time
from agent.cli.dialogue import Dialogue
from agent.cli.lines import Lines
prompting = threading.Event()
dialogue = Dialogue(Lines(lambda: None, prompting))
threading.Thread(target=lambda: dialogue.answer("Which?", ()), daemon=True).start()
prompting.wait(20)
time.sleep(0.2)
sys.exit(7)
"""


@pytest.mark.skipif(os.name != "posix", reason="there is no pseudo-terminal")
class TestAtATerminal:
    """Over a real pseudo-terminal."""

    def start(self, code: str) -> tuple[int, subprocess.Popen[bytes]]:
        import pty

        ours, theirs = pty.openpty()
        process = subprocess.Popen(
            [sys.executable, "-X", "utf8", "-c", code],
            cwd=ROOT,
            stdin=theirs,
            stderr=theirs,
            stdout=subprocess.PIPE,
        )
        os.close(theirs)
        return ours, process

    def read_until(self, ours: int, words: str, seconds: float = 20.0) -> str:
        import select

        seen, until = b"", time.monotonic() + seconds
        while words.encode() not in seen:
            assert time.monotonic() < until, seen
            if select.select([ours], [], [], 0.2)[0]:
                seen += os.read(ours, 4096)
        return seen.decode()

    def test_a_person_answers_by_typing(self) -> None:
        ours, process = self.start(ASKER)
        try:
            shown = self.read_until(ours, "> ")
            assert "step 1: put (write) · r" in shown
            os.write(ours, "n 请用 b.txt\n".encode())
            self.read_until(ours, "2. blue\r\n> ")
            os.write(ours, b"2\n")
            out, _ = process.communicate(timeout=20)
        finally:
            process.kill()
            process.communicate()
            os.close(ours)
        assert out.decode() == "Deny(reason='请用 b.txt') blue\n"

    def test_what_was_typed_before_a_question_was_shown_does_not_answer_it(self) -> None:
        ours, process = self.start(TWICE)
        try:
            self.read_until(ours, "> ")
            os.write(ours, b"y\ny\ny\n")
            assert "step 2: delete" in self.read_until(ours, "feedback]\r\n> ")
            time.sleep(0.3)
            assert process.poll() is None
            os.write(ours, "n 不".encode())
            time.sleep(0.1)
            os.write(ours, b"\n")
            out, _ = process.communicate(timeout=20)
        finally:
            process.kill()
            process.communicate()
            os.close(ours)
        assert out.decode() == "Allow(steps=0, always=False) Deny(reason='不')\n"

    def test_the_end_of_input_at_the_terminal_stops(self) -> None:
        ours, process = self.start(ASKER)
        try:
            self.read_until(ours, "> ")
            os.write(ours, b"\x04")
            self.read_until(ours, "2. blue\r\n> ")
            os.write(ours, b"\x04")
            out, _ = process.communicate(timeout=20)
        finally:
            process.kill()
            process.communicate()
            os.close(ours)
        assert out.decode() == "Quit() \n"

    def test_a_question_that_nobody_answers_does_not_hold_the_exit(self) -> None:
        ours, process = self.start(LEAVER)
        try:
            process.communicate(timeout=20)
        finally:
            process.kill()
            process.communicate()
            os.close(ours)
        assert process.returncode == 7
