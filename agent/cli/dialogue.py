"""The dialogue: asks the person at the terminal, line by line.

Only whole lines are keys (`y`, `y -N`, `a`, `n`, `n reason`, `e`, `q`); every other line is feedback to the agent.
A question that is not about the agent's next call takes fewer keys, and only those are offered.
The question is on stderr and the answer comes from the terminal that this process reads; no child ever gets it.
What was typed before a question was shown cannot have been meant for it and is thrown away.
"""

from __future__ import annotations

import json
import re
import sys
import threading
from collections.abc import Callable, Sequence
from typing import TextIO

from rich.console import Console

from agent.approval import Allow, Answer, Comment, Deny, Edit, Question, Quit
from agent.cli.typed import open_typed
from agent.screen import FRAME, folded
from agent.terminal import json_line, neutral, plain

KEYS = "y yes · y -N yes, and N steps unasked · a always this tool · n [reason] no · e edit · q stop · or feedback"
FEW_KEYS = "y yes · n [reason] no · q stop"
"""Those of a question of another kind than "call": there is nothing to edit, and nothing to grant ahead."""


class Dialogue:
    """A person at a terminal, as an `Approver`.

    Args:
        pause: Takes the live line away before a question.
        prompting: Set while an answer is awaited, so that Ctrl-C then stops at once.
    """

    def __init__(
        self,
        pause: Callable[[], None],
        prompting: threading.Event,
        *,
        source: TextIO | None = None,
        target: TextIO | None = None,
    ) -> None:
        self._pause = pause
        self._prompting = prompting
        self._source = open_typed(source or sys.stdin)
        self._target = target or sys.stderr
        self._lock = threading.Lock()

    def ask(self, question: Question) -> Answer:
        """Show exactly what would be done, and read the answer."""
        with self._lock:
            self._pause()
            self._source.forget()
            self._show(_told(question))
            keys = KEYS if question.kind == "call" else FEW_KEYS
            while True:
                line = self._read(f"{plain(question.tool)}? [{keys}]\n> ")
                if line is None:
                    return Quit()
                if not line.strip():
                    continue
                if question.kind != "call":
                    if (few := _read_few(line)) is not None:
                        return few
                    self._show(
                        ["that is no answer to this question; words to the agent go with the no: n and the words"]
                    )
                    continue
                if line.strip() == "e":
                    return self._edit(question)
                return read_answer(line)

    def answer(self, question: str, choices: Sequence[str]) -> str:
        """The agent's question to the person; a choice may be given by its number."""
        with self._lock:
            self._pause()
            self._source.forget()
            self._show([f"? {line}" for line in neutral(question).split("\n")])
            self._show([f"  {number}. {plain(choice)}" for number, choice in enumerate(choices, 1)])
            line = self._read("> ")
            text = (line or "").strip()
            if text.isdigit() and 1 <= int(text) <= len(choices):
                return choices[int(text) - 1]
            return text

    def _edit(self, question: Question) -> Answer:
        self._show(["the arguments now, as JSON:", json_line(dict(question.arguments))])
        while True:
            line = self._read("the new ones, in one line (empty: stop editing, say no)\n> ")
            if line is None or not line.strip():
                return Deny("editing was given up")
            try:
                value = json.loads(line)
            except (ValueError, RecursionError) as error:
                self._show([f"that is no JSON: {error}"])
                continue
            if isinstance(value, dict):
                return Edit(value)
            self._show(["that is no JSON object: write {…}"])

    def _show(self, lines: Sequence[str]) -> None:
        """Lines, folded at the terminal's width so that none of a foreign text begins at the edge."""
        width = Console(file=self._target).width
        for line in lines:
            for piece in folded(line, width, FRAME):
                self._target.write(f"{piece}\n")
        self._target.flush()

    def _read(self, prompt: str) -> str | None:
        self._prompting.set()  # before the prompt is seen: whoever then presses Ctrl-C is at it
        try:
            self._target.write(prompt)
            self._target.flush()
            line = self._source.read_line()
        except KeyboardInterrupt:
            return None
        finally:
            self._prompting.clear()
        return line.rstrip("\n") if line else None


def read_answer(line: str) -> Answer:
    """What a line at the prompt means."""
    text = line.strip()
    keys: dict[str, Answer] = {"y": Allow(), "a": Allow(always=True), "n": Deny(), "q": Quit()}
    if text in keys:
        return keys[text]
    if (steps := re.fullmatch(r"y -(\d{1,6})", text)) is not None:
        return Allow(steps=int(steps.group(1)))
    if text.startswith("n ") and text[2:].strip():
        return Deny(text[2:].strip())
    return Comment(text)


def _read_few(line: str) -> Allow | Deny | Quit | None:
    """What a line means where only `FEW_KEYS` count; None where it means nothing."""
    match read_answer(line):
        case Allow(steps=0, always=False) | Deny() | Quit() as answer:
            return answer
        case _:
            return None


def _told(question: Question) -> list[str]:
    """The call, exactly and escaped: one argument after the other, each line of a long one framed."""
    lines = ["", f"step {question.step}: {plain(question.tool)} ({question.effect}) · {plain(question.reason)}"]
    for name, value in question.arguments.items():
        if isinstance(value, str) and "\n" in value:
            lines.append(f"  {plain(str(name))}:")
            lines += [f"  │ {line}" for line in neutral(value).split("\n")]
        else:
            lines.append(f"  {plain(str(name))}: {json_line(value)}")
    return lines
