"""Several models that stand in for one another."""

from __future__ import annotations

import math
import time
from collections.abc import Generator, Sequence
from dataclasses import replace

from agent.errors import ContextTooLong, ModelError, ModelRefused, ModelUnavailable, OutOfTime
from agent.events import Thought, ThoughtDelta, Usage
from agent.model import Model, Request, Thinking, add_up

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
        models before were paid in vain is in the usage of the thought, or of the error, each at its own price. The
        request's time and budget are those of all together: where they are used up, no other model is asked.

        Raises:
            ContextTooLong: by the model in use.
            OutOfTime: the request's time is over.
            ModelUnavailable: all failed, and one of them may be had later.
            ModelRefused: all refused for good.
        """
        until = math.inf if request.within is None else time.monotonic() + request.within
        failed: list[ModelError] = []
        first, count = self._current, len(self._models)
        for turn in range(count):
            self._current = (first + turn) % count
            model, left = self._models[self._current], _left(request, failed, until)
            if left is None:
                break
            if failed:
                notice = f"{failed[-1].message}; going on with {model.name}"
                yield ThoughtDelta(text=notice, channel="notice")
            thought = yield from _tried(model, left, failed)
            if thought is not None:
                return replace(thought, usage=add_up(*_wasted(failed), thought.usage))
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


def _left(request: Request, failed: list[ModelError], until: float) -> Request | None:
    """The request with what is left of its time and its budget; None where no more may be paid for.

    Raises:
        OutOfTime: the time is over.
    """
    if not failed:
        return request
    within = None if request.within is None else until - time.monotonic()
    if within is not None and within <= 0:
        late = OutOfTime(f"{failed[-1].message}; no time is left to ask another model", hint=failed[-1].hint)
        late.usage = _usage(failed)
        raise late
    again, before = request.again, sum(error.calls for error in failed)
    if again is None or not before:
        return replace(request, within=within)
    return replace(request, within=within, again=lambda billed: again(before + billed)) if again(before) else None


def _tried(model: Model, request: Request, failed: list[ModelError]) -> Generator[ThoughtDelta, None, Thought | None]:
    """The thought of one model; None where it cannot be had, which is added to `failed`.

    Raises:
        ContextTooLong: the prompt does not fit, for what was paid so far.
        OutOfTime: the time is over, for what was paid so far.
    """
    streamed = False
    thinking = model.think(request)
    try:
        while True:
            try:
                delta = next(thinking)
            except StopIteration as ended:
                thought: Thought = ended.value
                return thought
            streamed = delta.channel != "restart" and (streamed or delta.channel != "notice")
            yield delta
    except (ContextTooLong, OutOfTime) as error:
        error.usage = _usage([*failed, error])
        raise
    except (ModelUnavailable, ModelRefused) as error:
        failed.append(error)
    finally:
        thinking.close()
    if streamed:
        yield ThoughtDelta(text="", channel="restart")
    return None


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
