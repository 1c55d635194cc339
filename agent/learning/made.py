"""Made calls: what the calls of the last steps were made with and what came back, as lessons compare them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from agent.events import JSON, Observed, ToolCall
from agent.hiding import Hiding
from agent.history import FINISH, History, Step

REFUSED = "arguments"
"""The kind of the error of a call whose arguments did not fit."""


@dataclass(frozen=True, slots=True)
class Made:
    """A call and what came back. `asked` are the arguments as the model gave them, `arguments` those that the call was
    made with; of a call whose arguments did not fit they are the same. None of it holds a secret input of the goal."""

    tool: str
    step: int
    asked: Mapping[str, JSON]
    arguments: Mapping[str, JSON]
    effect: str
    result: Observed

    @property
    def refused(self) -> bool:
        """Did its arguments not fit?"""
        return self.result.error is not None and self.result.error.kind == REFUSED


def made_calls(history: History, back: int, hiding: Hiding) -> Sequence[Made]:
    """The calls of so many last steps, oldest first: those that were made, and those whose arguments did not fit. Not
    those that somebody denied or that were held back, nor those whose arguments could not even be read."""
    return [one for step in history.steps[-back:] for one in _made(history, step, hiding)]


def _made(history: History, step: Step, hiding: Hiding) -> Iterator[Made]:
    for call in step.thought.calls:
        result = step.results.get(call.id)
        if result is None or call.tool == FINISH or call.fault is not None:
            continue
        asked, intent = _asked(call, step), history.intent(call.id)
        arguments, effect = (asked, "read") if intent is None else (intent.arguments, intent.effect)
        one = Made(
            result.tool,
            step.thought.step,
            _without(asked, hiding),
            _without(arguments, hiding),
            effect,
            _told(result, hiding),
        )
        if one.refused or not result.arguments_hash:
            yield one


def _asked(call: ToolCall, step: Step) -> Mapping[str, JSON]:
    edited = step.edited.get(call.id)
    return edited.arguments if edited else call.arguments


def _without(arguments: Mapping[str, JSON], hiding: Hiding) -> Mapping[str, JSON]:
    return {name: hiding.hidden_within(value) for name, value in arguments.items()}


def _told(result: Observed, hiding: Hiding) -> Observed:
    error = result.error
    if error is None:
        return result
    hint = None if error.hint is None else hiding.hidden(error.hint)
    return replace(result, error=replace(error, message=hiding.hidden(error.message), hint=hint))
