"""The menu after Ctrl-C: the run has stopped after its step, and the person says how it goes on.

As at the other prompts only whole lines are keys; any other line is feedback, and the run goes on with it.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

from agent.cli.keys import Key, explained, near_key, offered
from agent.cli.lines import Lines
from agent.errors import UsageError
from agent.goal import Budget, Goal
from agent.opening.flags import merged, read_limits, stated
from agent.terminal import plain

KEYS: Mapping[str, Key] = {
    "g": Key(
        typed="g",
        short="go on",
        whole="go on as before",
        near=frozenset(("go", "go on", "continue", "c", "y", "yes", "继续")),
    ),
    "l": Key(
        typed="l NAME=N …",
        short="limits",
        whole="change limits (steps, model_calls, tokens, usd, time, a tool's name): l steps=80 usd=2 time=30m",
        near=frozenset(("limit", "limits", "限制")),
    ),
    "e": Key(
        typed="e", short="edit the goal", whole="write the goal anew, part by part", near=frozenset(("edit", "编辑"))
    ),
    "q": Key(
        typed="q",
        short="stop",
        whole="stop the run here; it can be resumed",
        near=frozenset(("quit", "exit", "stop", "n", "no", ":q", "退出", "停止", "停")),
    ),
}
_MORE = "  any other line is feedback: the agent reads it and goes on"


@dataclass(frozen=True, slots=True, kw_only=True)
class GoOn:
    """How the run goes on: with words to the agent, with other limits, with another goal; None: as it was."""

    feedback: str | None = None
    limits: Budget = field(default_factory=Budget)
    goal: Goal | None = None


class Menu:
    """The menu at a person's terminal. `tools` are the names of those whose calls can be limited."""

    def __init__(self, lines: Lines, tools: Collection[str]) -> None:
        self._lines = lines
        self._tools = tools

    def ask(self, goal: Goal, told: Sequence[str]) -> GoOn | None:
        """Show where the run stands, and read what to do; None: stop. So do the end of input and Ctrl-C."""
        with self._lines.asking():
            try:
                self._lines.show(["", *told, *explained(KEYS), _MORE])
                return self._answered(goal)
            except KeyboardInterrupt:
                return None

    def _answered(self, goal: Goal) -> GoOn | None:
        wish = GoOn()
        while True:
            self._lines.show([f"stopped [{offered(KEYS)} · or feedback]"])
            line = self._lines.read()
            if line is None:
                return None
            text = line.strip()
            first, *rest = text.split() or [""]
            if text == "q":
                return None
            if text == "g":
                return wish
            if text == "e":
                wish = replace(wish, goal=self._edited(wish.goal or goal) or wish.goal)
            elif first == "l" and (not rest or "=" in rest[0]):
                wish = self._limited(wish, rest)
            elif (near := near_key(text, KEYS)) is not None:
                self._lines.show(near)
            elif text:
                return replace(wish, feedback=text)

    def _limited(self, wish: GoOn, words: Sequence[str]) -> GoOn:
        if not words:
            self._lines.show(["write the limits behind it, such as l steps=80 usd=2 time=30m"])
            return wish
        try:
            more = read_limits(words, self._tools)
        except UsageError as error:
            self._lines.show([plain(f"{error.message}; {error.hint}" if error.hint else error.message)])
            return wish
        limits = merged(wish.limits, more)
        self._lines.show([f"from now on {plain(_in_words(limits))}; g goes on"])
        return replace(wish, limits=limits)

    def _edited(self, goal: Goal) -> Goal | None:
        """The goal with its parts written anew; None where none is left or the person went back."""
        self._lines.show(["each part of the goal: Enter keeps it, - takes it out, any other line takes its place"])
        parts: list[str] = []
        for number, old in enumerate(goal.goals, 1):
            self._lines.show([f"{number}. {plain(old)}"])
            line = self._lines.read()
            if line is None:
                return None
            text = line.strip()
            if text != "-":
                parts.append(text or old)
        self._lines.show(["one more part, or Enter for none"])
        while (line := self._lines.read()) is not None and line.strip():
            parts.append(line.strip())
        if not parts:
            self._lines.show(["nothing is left of the goal: it stays as it was"])
            return None
        if tuple(parts) == tuple(goal.goals):
            return None
        self._lines.show(["the goal is now:", *(f"  {plain(one)}" for one in parts), "g goes on"])
        return replace(goal, goals=tuple(parts))


def _in_words(limits: Budget) -> str:
    """`steps 80, usd 2, time 1800 s`."""
    numbers = {name: value for name, value in stated(limits).items() if isinstance(value, int | float)}
    words = [f"{name} {value:,g}{' s' if name == 'time' else ''}" for name, value in numbers.items()]
    return ", ".join([*words, *(f"{name} {count}" for name, count in limits.tool_calls.items())])
