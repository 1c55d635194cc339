"""Several models that stand in for one another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from agent.errors import ContextTooLong, ModelError, ModelRefused, ModelUnavailable
from agent.events import Thought, ThoughtDelta, Usage
from agent.model import Model, Request, Thinking
from agent.model.retry import add_up

__all__ = ["FallbackModel"]


class FallbackModel:
    """The first of some models that can be had. It stays with the one that answered, and comes back to the others,
    in order, only when that one fails. `Thought.model` says who answered.

    `name`, `window`, `offline` and `price` are those of the model in use.

    Args:
        models: At least one, the best first.
    """

    def __init__(self, models: Sequence[Model]) -> None:
        if not models:
            raise ValueError("a fall-back needs at least one model")
        self._models = tuple(models)
        self._current = 0

    @property
    def name(self) -> str:
        """The name of the model in use."""
        return self._models[self._current].name

    @property
    def window(self) -> int | None:
        """The size of the model in use, in tokens, None where not known yet."""
        return self._models[self._current].window

    @property
    def offline(self) -> bool:
        """Is the model in use the rule-based one?"""
        return self._models[self._current].offline

    def think(self, request: Request) -> Thinking:
        """Answer a request with the first model that can.

        A prompt that is too long for the model in use is told as it is: the next one may be smaller still. What the
        models before were paid in vain is in the usage of the thought, or of the error, each at its own price.

        Raises:
            ContextTooLong: by the model in use.
            ModelUnavailable: all failed, and one of them may be had later.
            ModelRefused: all refused for good.
        """
        failed: list[ModelError] = []
        first = self._current
        count = len(self._models)
        for turn in range(count):
            place = (first + turn) % count
            self._current = place
            streamed = False
            try:
                thinking = self._models[place].think(request)
                while True:
                    try:
                        delta = next(thinking)
                    except StopIteration as ended:
                        thought: Thought = ended.value
                        return replace(thought, usage=add_up(*_wasted(failed), thought.usage))
                    streamed = streamed or delta.channel in ("text", "reasoning")
                    yield delta
            except (ModelUnavailable, ModelRefused) as error:
                failed.append(error)
            except ContextTooLong as error:
                error.usage = _usage([*failed, error])
                raise
            if streamed:
                yield ThoughtDelta(text="", channel="restart")
            if turn + 1 < count:
                following = self._models[(place + 1) % count].name
                yield ThoughtDelta(text=f"{failed[-1].message}; going on with {following}", channel="notice")
        self._current = first
        raise _all(failed)

    def price(self, usage: Usage) -> float | None:
        """US dollars for this usage by the model in use; None where its price is unknown."""
        return self._models[self._current].price(usage)

    def close(self) -> None:
        """End the connections of those that hold any."""
        for model in self._models:
            close = getattr(model, "close", None)
            if close is not None:
                close()


def _all(failed: list[ModelError]) -> ModelError:
    if len(failed) == 1:
        return failed[0]
    kind = ModelUnavailable if any(isinstance(error, ModelUnavailable) for error in failed) else ModelRefused
    hint = next((error.hint for error in failed if error.hint and isinstance(error, kind)), None)
    every = kind("no model can be had: " + "; ".join(error.message for error in failed), hint=hint)
    every.usage = _usage(failed)
    return every


def _wasted(failed: list[ModelError]) -> list[Usage]:
    return [error.usage for error in failed if error.usage is not None]


def _usage(failed: list[ModelError]) -> Usage | None:
    wasted = _wasted(failed)
    return add_up(*wasted) if wasted else None
