"""Thinking: one thought of the model, in a window that fits, within the limits; and the questions of tools."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace

from memory.window import WindowTooSmall, fold

from agent.errors import ContextTooLong, ModelError
from agent.events import LimitReached, ModelCalled, Stopped, Thought, ToolCall, Usage, WindowFolded
from agent.history import History
from agent.kit import BARRIER, Item, Items, Kit
from agent.limits import Reservation
from agent.model import Message, Model, Request
from agent.summary import INSTRUCTIONS, digest, material

LEARNED = 0.7
"""A refused prompt teaches, where the endpoint names no limit, that the window is at most this part of it."""
TEACHINGS = 4
"""So many refusals in a row end the run."""


def think(kit: Kit) -> Items:
    """Ask the model for the next thought; or end the run where a limit does not allow it."""
    for _ in range(TEACHINGS):
        yield from fit(kit)
        if kit.ended:
            return
        sizes = kit.prompt.sizes(kit.history, kit.model.window)
        request = kit.prompt.request(kit.history, kit.limits.allowance, sizes.reply, kit.today())
        counted = kit.prompt.tokens(request)
        reservation = kit.limits.reserve(counted, sizes.reply, price=_price_needed(kit))
        if isinstance(reservation, LimitReached):
            yield reservation
            yield Stopped(state="limit", reason=reservation.text)
            return
        yield BARRIER
        thought = yield from _attempt(kit, replace(request, reply=reservation.reply), reservation)
        if isinstance(thought, Thought):
            kit.prompt.counter.observe(counted=counted, reported=thought.usage.prompt_tokens)
            yield _numbered(kit.history, thought, request.hash)
            return
        yield from _learn(kit, thought, counted)
    yield Stopped(state="model", reason="the endpoint refuses every prompt as too long")


def _price_needed(kit: Kit) -> bool:
    """A price is looked up before a call only where it can matter: the library that knows prices takes its time to
    load, and the first call of a run cannot reach a limit that the user did not state."""
    return kit.usd_stated or kit.history.spend.model_calls > 0


def _attempt(kit: Kit, request: Request, reservation: Reservation) -> Generator[Item, None, Thought | ContextTooLong]:
    try:
        thought = yield from kit.model.think(request)
    except ContextTooLong as error:
        return error
    finally:
        kit.limits.settle(reservation)
    return replace(thought, usage=priced(kit.model, thought.usage))


def priced(model: Model, usage: Usage) -> Usage:
    """The usage with its price; None where the price is unknown."""
    return replace(usage, usd=model.price(usage))


def _learn(kit: Kit, error: ContextTooLong, counted: int) -> Items:
    """The endpoint said that the prompt is too long: remember its window, and fold to it."""
    known = kit.prompt.sizes(kit.history, kit.model.window).window
    window = error.limit if error.limit and error.limit < known else int(min(known, counted) * LEARNED)
    past = kit.history.fold
    yield WindowFolded(
        upto=past.upto if past else 0,
        until=past.until if past else 0,
        cap=past.cap if past else None,
        summary=past.summary if past else "",
        tokens_before=counted,
        tokens_after=counted,
        mechanical=True,
        window=max(1024, window),
    )


def _numbered(history: History, thought: Thought, request: str) -> Thought:
    """The thought with its step's number, and call ids that are unique in the run (some endpoints reuse theirs)."""
    step = history.step + 1
    used: set[str] = set()
    calls: list[ToolCall] = []
    for number, call in enumerate(thought.calls, 1):
        taken = not call.id or call.id in used or call.id in history.call_ids
        fresh = call.id if not taken else f"{call.id or 'call'}-{step}-{number}"
        used.add(fresh)
        calls.append(replace(call, id=fresh))
    return replace(thought, calls=tuple(calls), step=step, request=request)


def fit(kit: Kit) -> Items:
    """Fold older steps where the prompt would pass the window's high water."""
    history, prompt = kit.history, kit.prompt
    sizes = prompt.sizes(history, kit.model.window)
    head, summary, steps, tail = prompt.layout(history, kit.limits.allowance, kit.today())
    try:
        found = fold(
            head=head,
            summary=summary,
            steps=steps,
            tail=tail,
            window=sizes.window,
            reply=sizes.reply,
            reserve=sizes.reserve,
        )
    except WindowTooSmall as error:
        yield Stopped(state="model", reason=f"the model's window of {sizes.window} tokens is too small: {error}")
        return
    if found is None:
        return
    past = history.fold.upto if history.fold else 0
    upto = past + found.steps
    text, mechanical = history.fold.summary if history.fold else "", True
    if found.steps:
        text, mechanical = yield from _summarise(kit, past, upto, sizes.reserve, sizes.window)
    until, cap = (history.fold.until, history.fold.cap) if history.fold else (0, None)
    if found.cap is not None:
        until, cap = history.step, found.cap
    yield WindowFolded(
        upto=upto,
        until=until,
        cap=cap,
        summary=text,
        tokens_before=found.tokens_before,
        tokens_after=found.tokens_after,
        mechanical=mechanical,
    )


def _summarise(kit: Kit, past: int, upto: int, reserve: int, window: int) -> Generator[Item, None, tuple[str, bool]]:
    """The running summary of the steps up to `upto`: what the events say, and what the model makes of them."""
    count = kit.prompt.counter.count
    if kit.model.offline:
        return digest(kit.history, upto, reserve, count), True
    chunk = material(kit.history, past, upto, window // 2, count)
    request = Request(
        messages=(Message("system", INSTRUCTIONS), Message("user", chunk)), purpose="fold", reply=max(64, reserve // 2)
    )
    try:
        words = yield from ask(kit, request)
    except ModelError:
        words = ""
    if not words.strip():
        return digest(kit.history, upto, reserve, count), True
    while count(words) > reserve // 2:
        words = words[: len(words) * 3 // 4]
    return f"{digest(kit.history, upto, reserve // 2, count)}\n{words.strip()}", False


def ask(kit: Kit, request: Request) -> Generator[Item, None, str]:
    """A paid question in the run's own stream; "" where the budget does not allow it."""
    counted = sum(4 + kit.prompt.counter.count(message.text) for message in request.messages)
    reservation = kit.limits.reserve(counted, request.reply)
    if isinstance(reservation, LimitReached):
        return ""
    yield BARRIER
    try:
        thought = yield from _silently(kit.model, replace(request, reply=reservation.reply))
    finally:
        kit.limits.settle(reservation)
    yield ModelCalled(
        purpose=request.purpose,
        request=request.hash,
        text=thought.text,
        usage=priced(kit.model, thought.usage),
        model=thought.model,
        seconds=thought.seconds,
    )
    return thought.text


def _silently(model: Model, request: Request) -> Generator[Item, None, Thought]:
    """The model's reply without its deltas (they are no thought of the run's); its notices still pass by."""
    replying = model.think(request)
    while True:
        try:
            delta = next(replying)
        except StopIteration as ended:
            thought: Thought = ended.value
            return thought
        if delta.channel == "notice":
            yield delta
