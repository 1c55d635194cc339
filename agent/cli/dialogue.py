"""The dialogue: asks the person at the terminal, line by line.

Only whole lines are keys (`y`, `y -N`, `a`, `n`, `n reason`, `e`, `q`). A line that is most likely meant as one (`yes`,
`Y`, `是`, `?`: see `agent.cli.keys`) is neither taken for it nor sent to the agent: the person is told the key and is
asked again. Every other line is feedback to the agent. A question that is not about the agent's next call takes fewer
keys, and only those are offered. Ctrl-C and the end of input stop, wherever in a question they come.
The question is on stderr and the answer comes from the terminal that this process reads; no child ever gets it.
What was typed before a question was shown cannot have been meant for it and is thrown away.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from agent.approval import Allow, Answer, Deny, Edit, Question, Quit
from agent.cli.keys import FEW_KEYS, KEYS, SERVER_KEYS, Key, meant, near, offered
from agent.cli.lines import Lines
from agent.terminal import json_line, neutral, plain

_KEYS: Mapping[str, Mapping[str, Key]] = {"call": KEYS, "server": SERVER_KEYS}


class Dialogue:
    """A person at a terminal, as an `Approver`."""

    def __init__(self, lines: Lines) -> None:
        self._lines = lines

    def ask(self, question: Question) -> Answer:
        """Show exactly what would be done, and read the answer."""
        with self._lines.asking():
            try:
                self._lines.show(_told(question))
                return self._answered(question, _KEYS.get(question.kind, FEW_KEYS))
            except KeyboardInterrupt:
                return Quit()

    def _answered(self, question: Question, keys: Mapping[str, Key]) -> Answer:
        while True:
            self._lines.show([f"{plain(question.tool)}? [{offered(keys)}]"])
            line = self._lines.read()
            if line is None:
                return Quit()
            if not line.strip():
                continue
            if (told := near(line, keys)) is not None:
                self._lines.show(told)
                continue
            if line.strip() == "e" and "e" in keys:
                return self._edit(question)
            answer = meant(line)
            if keys is KEYS or _is_plain(answer):
                return answer
            self._lines.show(["that is no answer to this question; words to the agent go with the no: n and the words"])

    def answer(self, question: str, choices: Sequence[str]) -> str:
        """The agent's question to the person; a choice may be given by its number. Empty where there is no answer."""
        with self._lines.asking():
            self._lines.show([f"? {line}" for line in neutral(question).split("\n")])
            self._lines.show([f"  {number}. {plain(choice)}" for number, choice in enumerate(choices, 1)])
            text = (self._lines.read() or "").strip()
            number = int(text) if text.isdecimal() and len(text) < 9 else 0
            return choices[number - 1] if 1 <= number <= len(choices) else text

    def _edit(self, question: Question) -> Answer:
        self._lines.show(["the arguments now, as JSON:", json_line(dict(question.arguments))])
        while True:
            self._lines.show(["the new ones, in one line (empty: stop editing, say no)"])
            line = self._lines.read()
            if line is None:
                return Quit()
            if not line.strip():
                return Deny("editing was given up")
            try:
                value = json.loads(line)
            except (ValueError, RecursionError) as error:
                self._lines.show([f"that is no JSON: {error}"])
                continue
            if isinstance(value, dict):
                return Edit(value)
            self._lines.show(["that is no JSON object: write {…}"])


def _is_plain(answer: Answer) -> bool:
    """Is it a yes for this once, a no or a stop?"""
    return isinstance(answer, Deny | Quit) or answer == Allow()


def _told(question: Question) -> list[str]:
    """The call, exactly and escaped: one argument after the other, each line of a long one framed."""
    if question.kind == "server":
        return ["", *map(plain, question.told)]
    lines = ["", f"step {question.step}: {plain(question.tool)} ({question.effect}) · {plain(question.reason)}"]
    for name, value in question.arguments.items():
        if isinstance(value, str) and "\n" in value:
            lines.append(f"  {plain(str(name))}:")
            lines += [f"  │ {line}" for line in neutral(value).split("\n")]
        else:
            lines.append(f"  {plain(str(name))}: {json_line(value)}")
    return lines
