"""Questions to a person at the terminal, one line an answer, of which each can be mended until the last is given.

A flow is a plain function that asks one question after the other and makes something of the answers. Who types `<`
goes back by one answer: it is dropped, and the flow is played again, up to that question, with those that are left.
So a flow must ask the same where it is answered the same, and may do nothing before its last question that cannot be
done twice.

What is typed ahead of a question counts, so that answers may be pasted; only where something would be lost by the
answer it does not.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Final, TextIO, TypeVar

from rich.console import Console

from agent.cli.keys import KEYS
from agent.cli.terminals import is_terminal
from agent.cli.typed import open_typed
from agent.screen import folded
from agent.terminal import neutral, plain

BACK = frozenset({"<", "＜", "《"})
"""What goes back; a Chinese keyboard gives the others."""
HELP = frozenset({"?", "？"})
REMOVED = "-"
"""Takes a line of a list away that was gone back over."""
LEFT: Final = 130
"""The exit code of who leaves a question by Ctrl-C or the end of input."""

QUOTED = "  │ "
"""Stands before a line that is quoted, and before what is folded of it."""
_FRAME = "  "
_LONGEST = 1023 if sys.platform == "darwin" else 4095
"""Bytes of one line that a terminal hands over; what is typed beyond them is lost."""
_KEY = re.compile("[\x00-\x08\x0b-\x1f\x7f]")
"""What arrows and other keys without a letter leave in a line."""

T = TypeVar("T")


class Left(Exception):
    """The person left: Ctrl-C, or the end of input."""


class Mend(Exception):
    """For flows: the last answer will not do, for this reason; it is asked for again."""


class _Back(Exception):
    """The person wants to mend the answer before."""


@dataclass(frozen=True, slots=True)
class _Given:
    """An answer, and to which question."""

    text: str
    answer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A question.

    `text` asks it, `help` explains it (a line each) to who types `?`. `default` is what Enter means, None where there
    must be an answer: then `why` says so. `fault` tells in words what is wrong with an answer. `label` stands before
    what is typed, of a question that is answered by a list; `more`: it was asked with the first line. `exact`: spaces
    around belong to the answer.
    """

    text: str
    help: Sequence[str]
    why: str = ""
    default: str | None = None
    fault: Callable[[str], str | None] = lambda _: None
    label: str = ""
    exact: bool = False
    more: bool = False


def can_be_asked() -> bool:
    """Does a person sit there who can type, and sees what is asked?"""
    return is_terminal(sys.stdin) and is_terminal(sys.stderr)


class Questions:
    """Asks a person. The questions are on stderr; stdout is kept for the answer.

    Args:
        source: Where lines come from; the terminal of this process.
        target: Where questions are shown.
    """

    def __init__(self, source: TextIO | None = None, target: TextIO | None = None) -> None:
        self._source = open_typed(source or sys.stdin)
        self._target = target or sys.stderr
        self._given: list[_Given] = []
        self._undone: list[_Given] = []  # what was gone back over, the next one last
        self._next = 0
        self._posed = ""  # the question that was shown last

    def go(self, flow: Callable[[Questions], T]) -> T:
        """Play a flow to its end; what it makes of the answers.

        Raises:
            Left: the person left.
        """
        try:
            while True:
                self._next = 0
                try:
                    return flow(self)
                except _Back:
                    if not self._given:
                        self._show(["this is the first question"])
                except Mend as fault:
                    self._show([str(fault)])
                if self._given:
                    self._undone.append(self._given.pop())
        except KeyboardInterrupt:
            self._show([""])
            raise Left from None

    def tell(self, lines: Sequence[str]) -> None:
        """Lines between two questions; not again where the answers before them are played again."""
        if self._next == len(self._given):
            self._show(lines)

    def ask(self, asked: Asked) -> str:
        """The answer to a question. Where it was answered before, and gone back over, Enter means that answer."""
        if self._next < len(self._given):
            self._next += 1
            return self._given[self._next - 1].answer
        answer = self._answered(asked, self._before(asked))
        self._given.append(_Given(asked.text, answer))
        self._next += 1
        return answer

    def _answered(self, asked: Asked, before: str | None) -> str:
        self._pose(asked, before)
        default = asked.default if before is None else before
        while True:
            line = self._read(asked.label)
            key = line.strip()
            if key in BACK:
                self._keep(asked, before)
                raise _Back
            if before and asked.label and key == REMOVED:
                before = self._before(asked)
                default = asked.default if before is None else before
                self._pose(asked, before)
                continue
            answer = line if asked.exact else key
            if not key and default is not None:
                answer = default
                if answer != before:
                    return answer
            told = self._told(key, answer, asked)
            if told is None:
                return answer
            self._show([f"{_FRAME}{one}" for one in told])

    def _pose(self, asked: Asked, before: str | None) -> None:
        """Show the question. That of a list stands once, and again where another one came between on the way back."""
        default = asked.default if before is None else before
        if not asked.label:
            self._show([f"{asked.text} [{plain(default)}]" if default else asked.text])
        elif not asked.more or (before is not None and self._posed != asked.text):
            self._show([asked.text])
        if before and asked.label:
            self._show([f"{_FRAME}[{plain(before)}]  Enter keeps it, {REMOVED} removes it"])
        self._posed = asked.text

    def _before(self, asked: Asked) -> str | None:
        """The answer to this question that was gone back over. Where another question comes now, the rest is void."""
        if self._undone and self._undone[-1].text == asked.text:
            return self._undone.pop().answer
        self._undone.clear()
        return None

    def _keep(self, asked: Asked, before: str | None) -> None:
        """Who goes back further has not yet taken back what stands here."""
        if before is not None:
            self._undone.append(_Given(asked.text, before))

    def agrees(self, text: str, help: Sequence[str], *, seen: bool = False) -> bool:  # noqa: A002 - as in Asked
        """A yes or a no. `seen`: what was typed before the question was shown does not count."""
        if seen and self._next == len(self._given):
            self._source.forget()
        asked = Asked(text=f"{text} [y/n]", help=help, why="y or n?", fault=_neither)
        return _is_yes(self.ask(asked))

    def _told(self, key: str, answer: str, asked: Asked) -> Sequence[str] | None:
        """What is told of a line in place of taking it for the answer; None where it is one."""
        if key in HELP:
            return asked.help
        if not answer.strip():
            return None if asked.default == "" else [asked.why]
        fault = _unread(answer) or asked.fault(answer)
        return None if fault is None else [f"{'it ' if fault.startswith(('must ', 'is ')) else ''}{fault}"]

    def _read(self, label: str) -> str:
        self._target.write(f"{label}> ")
        self._target.flush()
        line = self._source.read_line()
        if not line:
            self._show([""])
            raise Left
        return line.rstrip("\r\n")

    def _show(self, lines: Sequence[str]) -> None:
        """Lines, folded at the terminal's width."""
        width = Console(file=self._target).width
        for line in lines:
            for piece in folded(neutral(line), width, QUOTED if line.startswith(QUOTED) else _FRAME):
                self._target.write(f"{piece}\n")
        with suppress(OSError):
            self._target.flush()


def _unread(line: str) -> str | None:
    """What a terminal cannot have handed over as it was meant."""
    if len(line.encode()) >= _LONGEST:
        return f"a terminal hands over {_LONGEST:,} bytes of a line: the end of this one is lost; make it shorter"
    if "\ufffd" in line:
        return "this is not UTF-8: set the terminal's encoding to it, and type the line again"
    if (found := _KEY.search(line)) is not None:
        return f"a key without a letter is in this line ({plain(found.group())}): type it again"
    return None


def _folded(line: str) -> str:
    return line.casefold().rstrip(" .!。！")


def _is_yes(answer: str) -> bool:
    return _folded(answer) in ("y", "ｙ") or _folded(answer) in KEYS["y"].near


def _neither(answer: str) -> str | None:
    no = _folded(answer) in ("n", "ｎ") or _folded(answer) in KEYS["n"].near
    return None if no or _is_yes(answer) else "y or n?"
