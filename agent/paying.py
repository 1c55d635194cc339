"""Paying: what a call of the model costs is set aside before it, and counted after it, however it ends.

The same way for a thought, for a question of the run's own (a judge, a summary) and for a question of a tool, which
takes these events through from its own thread.
"""

from __future__ import annotations

import queue
import time
from collections.abc import Callable, Generator
from contextlib import closing
from dataclasses import replace
from functools import partial

from agent.errors import ModelError, OutOfTime
from agent.events import LimitReached, ModelCalled, Thought, Usage
from agent.kit import Kit
from agent.limits import Reservation
from agent.mail import BARRIER, Item, Items
from agent.model import Bill, Model, Request

PATIENCE = 5.0
"""Seconds that the end of a run waits for replies that are being paid for."""
HURRY = 0.2
"""Seconds that it waits, in a hurry, for those that are there to be accounted for."""


def pay(kit: Kit, request: Request, *, held: Reservation, silently: bool = False) -> Generator[Item, None, Thought]:
    """Ask the model within the run's time and its budget: what was set aside, and for another try as much again. Deltas
    come out on the way, `silently` only the notices among them. A call that fails is counted with what it cost all the
    same, and so is one that is interrupted.

    Raises:
        ModelError: as of the model.
    """
    streamed: list[str] = []
    bill = Bill()
    again = partial(kit.limits.again, held)
    within = replace(request, reply=held.reply, within=kit.limits.left(), again=again, bill=bill)
    try:
        with closing(kit.model.think(within)) as replying:
            while True:
                try:
                    delta = next(replying)
                except StopIteration as ended:
                    thought: Thought = ended.value
                    return replace(thought, usage=priced(kit.model, thought.usage))
                if delta.channel in ("text", "reasoning"):
                    streamed.append(delta.text)
                if not silently or delta.channel == "notice":
                    yield delta
    except ModelError as error:
        if error.usage is not None:
            yield _lost(kit, "failed", error.usage)
        raise
    except KeyboardInterrupt:
        if not kit.model.offline:  # where no model knows it: what was sent, and what had come of the reply
            come = kit.prompt.counter.count("".join(streamed))
            yield _lost(kit, "interrupted", bill.usage or priced(kit.model, _estimated(held.prompt, come)))
        raise


def ask(
    kit: Kit, request: Request, path: str = "", *, wait: Callable[[], bool] | None = None
) -> Generator[Item, None, str | LimitReached]:
    """A paid question that is no thought, of the run itself or of the tool at `path`; one that was answered before an
    interruption is not paid again. The limit, told as an event, where the budget does not allow it; `wait` as in
    `Limits.reserve`, in the thread of a tool.

    Raises:
        ModelError: as of the model.
    """
    if (answered := kit.answer_of(path, request.hash)) is not None:
        return answered
    held = kit.limits.reserve(tokens(kit, request), request.reply, wait=wait)
    if isinstance(held, LimitReached):
        yield held
        return held
    try:
        yield BARRIER
        thought = yield from pay(kit, request, held=held, silently=True)
        yield ModelCalled(
            purpose=request.purpose,
            request=request.hash,
            text=thought.text,
            usage=thought.usage,
            model=thought.model,
            seconds=thought.seconds,
        )
    except OutOfTime as error:
        limit = kit.limits.out_of_time(error.message)
        yield limit
        return limit
    finally:
        kit.limits.settle(held)
    return thought.text


def tokens(kit: Kit, request: Request) -> int:
    """About how many tokens the prompt of such a question has."""
    return sum(4 + kit.prompt.counter.count(message.text) for message in request.messages)


def priced(model: Model, usage: Usage) -> Usage:
    """The usage with its price; None where the price is unknown. A sum over several calls has its price already:
    they may be those of several models."""
    return usage if usage.calls > 1 else replace(usage, usd=model.price(usage))


def late(kit: Kit, *, hurry: bool = False) -> Items:
    """At the end of a run: take in what tools that were given up still paid for. A reply that does not come in time (in
    a `hurry`: that is not there yet) is counted as what was set aside for it."""
    until = time.monotonic() + (HURRY if hurry else PATIENCE)
    while kit.limits.held() and (left := until - time.monotonic()) > 0:
        try:
            yield from kit.mail.take(timeout=min(left, 0.1))
        except queue.Empty:
            continue
    yield from kit.mail.drain()
    for held in kit.limits.held():
        yield _lost(kit, "abandoned", priced(kit.model, _estimated(held.prompt, held.reply)))
    kit.mail.over.set()  # nobody reads the mail from now on


def _estimated(prompt: int, reply: int) -> Usage:
    return Usage(prompt_tokens=prompt, completion_tokens=reply, usd=None, estimated=True)


def _lost(kit: Kit, purpose: str, usage: Usage) -> ModelCalled:
    """What was paid though nothing came of it."""
    return ModelCalled(purpose=purpose, request="", text="", usage=usage, model=kit.model.name)
