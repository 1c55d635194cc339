"""Thinking: one thought of the model, in a window that fits, within the limits."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import replace

from agent.errors import ContextTooLong, ModelError, OutOfTime
from agent.events import Feedback, LimitReached, Stopped, Thought, ToolCall, WindowFolded
from agent.hiding import hiding
from agent.history import RESERVED, History
from agent.kit import Kit
from agent.mail import BARRIER, Item, Items
from agent.model import Message, Request
from agent.notes import NewNote
from agent.noting import may_remember_unasked, note_all, writes_by_rule
from agent.offer import unwrapped
from agent.paying import ask, pay
from agent.summary import INSTRUCTIONS, LASTING, digest, material, without_lasting
from memory.window import WindowTooSmall, fold, room

LEARNED = 0.7
"""A refused prompt teaches, where the endpoint names no limit, that the window is at most this part of it."""
MOST_CALLS = 32
"""So many calls of one turn are taken: the results of more would not fit a small window beside each other."""
TEACHINGS = 4
"""So many refusals in a row end the run."""
HEADING = 40
"""Tokens that a summary takes beyond its words: the heading, and what JSON puts around them."""


def think(kit: Kit) -> Items:
    """Ask the model for the next thought; or end the run where a limit does not allow it."""
    for _ in range(TEACHINGS):
        yield from fit(kit)
        if kit.ended:
            return
        allowance, today = kit.limits.allowance, kit.today()
        sizes = kit.prompt.sizes(kit.history, kit.model.window)
        counted = kit.prompt.tokens(kit.history, allowance, today)
        reply = sizes.reply_to(counted)
        held = kit.limits.reserve(counted, reply, price=_price_needed(kit))
        if isinstance(held, LimitReached):
            yield from _stopped(held)
            return
        request = kit.prompt.request(kit.history, allowance, held.reply, today)
        try:
            yield BARRIER
            thought = yield from pay(kit, request, held=held)
            kit.prompt.learn(counted, thought.usage)
            yield _numbered(kit, thought, request)
            if (made := len(thought.calls)) > MOST_CALLS:
                text = f"You asked for {made} calls in one turn. Only the first {MOST_CALLS} were taken."
                yield Feedback(text=text, origin="product")
            return
        except ModelError as error:
            refusal = error
        finally:
            kit.limits.settle(held)
        if not isinstance(refusal, ContextTooLong):
            yield from _failed(kit, refusal, counted, reply)
            return
        yield from _learn(kit, refusal, counted)
    yield Stopped(state="model", reason="the endpoint refuses every prompt as too long")


def _failed(kit: Kit, error: ModelError, counted: int, reply: int) -> Items:
    """The model cannot be had: a limit, where the time or the budget is what ended its tries."""
    if isinstance(error, OutOfTime):
        yield from _stopped(kit.limits.out_of_time(error.message))
        return
    held = kit.limits.reserve(counted, reply, price=_price_needed(kit))
    if isinstance(held, LimitReached):
        yield from _stopped(held)
        return
    kit.limits.settle(held)
    raise error


def _stopped(limit: LimitReached) -> Items:
    yield limit
    yield Stopped(state="limit", reason=limit.text)


def _price_needed(kit: Kit) -> bool:
    """A price is looked up before a call only where it can matter: the library that knows prices takes its time to
    load, and the first call of a run cannot reach a limit that the user did not state."""
    return kit.usd_stated or kit.history.spend.model_calls > 0


def _learn(kit: Kit, error: ContextTooLong, counted: int) -> Items:
    """The endpoint said that the prompt is too long: remember its window, and fold to it."""
    known = kit.prompt.sizes(kit.history, kit.model.window).window
    news = error.limit is not None and (kit.history.window is None or error.limit < kit.history.window)
    window = error.limit if news and error.limit else int(min(known, counted) * LEARNED)
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


def _numbered(kit: Kit, thought: Thought, request: Request) -> Thought:
    """The thought with its step's number and price, and call ids that are unique in the run (some endpoints reuse
    theirs) and cannot be taken for the address of a call made from inside another or of a check's program."""
    step = kit.history.step + 1
    used: set[str] = set()
    calls: list[ToolCall] = []
    for number, call in enumerate(thought.calls[:MOST_CALLS], 1):
        base = call.id.replace("/", "-") or "call"
        base = f"call-{base}" if base.startswith(RESERVED) else base
        fresh = base if base == call.id else f"{base}-{step}-{number}"
        while fresh in used or fresh in kit.history.call_ids:  # the model chooses ids: it must not hit an old one
            fresh = f"{fresh}-{step}-{number}"
        used.add(fresh)
        calls.append(replace(unwrapped(call), id=fresh))
    return replace(thought, calls=tuple(calls), step=step, request=thought.request or request.hash)


def fit(kit: Kit) -> Items:
    """Fold older steps where the prompt would pass the window's high water."""
    history, prompt, allowance, today = kit.history, kit.prompt, kit.limits.allowance, kit.today()
    sizes = prompt.sizes(history, kit.model.window)
    if prompt.tokens(history, allowance, today) <= room(window=sizes.window, reply=sizes.kept, reserve=sizes.reserve):
        return  # far from full, as nearly always: no need to look at each step
    head, summary, steps, tail = prompt.layout(history, allowance, today)
    try:
        found = fold(
            head=head,
            summary=summary,
            steps=steps,
            tail=tail,
            window=sizes.window,
            reply=sizes.kept,
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
    until, cap = _cut(history, found.cap, upto)
    yield WindowFolded(
        upto=upto,
        until=until,
        cap=cap,
        summary=text,
        tokens_before=found.tokens_before,
        tokens_after=found.tokens_after,
        mechanical=mechanical,
    )


def _cut(history: History, cap: int | None, upto: int) -> tuple[int, int | None]:
    """Up to which step results are cut, and to how much. What was cut before stays as short as it was counted."""
    until, before = (history.fold.until, history.fold.cap) if history.fold else (0, None)
    if cap is None:
        return until, before
    return history.step, min(cap, before) if before is not None and until > upto else cap


def _summarise(kit: Kit, past: int, upto: int, reserve: int, window: int) -> Generator[Item, None, tuple[str, bool]]:
    """The running summary of the steps up to `upto`: what the events say, and what the model makes of them; at most
    `reserve` tokens with the heading that goes before it."""
    count, reserve = kit.prompt.counter.count, max(0, reserve - HEADING)
    if kit.model.offline:
        return digest(kit.history, upto, reserve, count), True
    chunk = material(kit.history, past, upto, window // 2, count)
    keeps = writes_by_rule(kit) and may_remember_unasked(kit)
    wanted = f"{INSTRUCTIONS}{LASTING}" if keeps else INSTRUCTIONS
    request = Request(
        messages=(Message("system", wanted), Message("user", chunk)), purpose="fold", reply=max(64, reserve // 2)
    )
    try:
        words = yield from ask(kit, request)
    except ModelError:
        words = ""
    if not isinstance(words, str) or not words.strip():
        return digest(kit.history, upto, reserve, count), True
    if keeps:  # else nobody takes them: they stay in the summary
        _, facts = without_lasting(hiding(kit.goal).hidden(words))  # before its lines are taken apart
        words, _ = without_lasting(words)
        yield from note_all(kit, [NewNote(text=fact, kind="fact", step=upto) for fact in facts], "fold")
    while count(words) > reserve // 2:
        words = words[: len(words) * 3 // 4]
    return f"{digest(kit.history, upto, reserve // 2, count)}\n{words.strip()}", False
