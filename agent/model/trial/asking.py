"""One question of a trial, asked as a run would ask it and by the same rooms, and all there is to know of its reply.

Nothing is asked a second time, unless the endpoint itself says that it is busy and there is time for it.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from agent.errors import ModelError
from agent.events import ToolCall, Usage
from agent.model import Request, add_up
from agent.model.connection import Connection, Refusal
from agent.model.dialect import Dialect
from agent.model.exchange import Exchange
from agent.model.reading import Reading
from agent.model.retry import Again

__all__ = ["Asked", "Failed", "ask"]

_BUSY = frozenset({409, 425, 429, 502, 503, 529})
_PAUSE = 0.5  # seconds before a busy endpoint is asked again, where it names no time itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """A whole reply.

    `native`: its calls came in the field that is made for them. `deltas` are the pieces of its text and its
    reasoning, `first` the seconds until the first of them. `sent` is the body that the endpoint took in the end, and
    `heard` what it said against an earlier one. `thought`: bytes of reasoning.
    """

    text: str
    calls: tuple[ToolCall, ...]
    finish: str
    native: bool
    deltas: int
    thought: int
    seconds: float
    first: float | None
    usage: Usage
    sent: Mapping[str, Any]
    heard: str


class Failed(Exception):
    """No reply came. `reason` and `hint` say why; `late`: its time was over; `usage` is what was paid all the same."""

    def __init__(self, reason: str, *, hint: str | None, late: bool, usage: Usage | None, seconds: float) -> None:
        super().__init__(reason)
        self.reason = reason
        self.hint = hint
        self.late = late
        self.usage = usage
        self.seconds = seconds


class _Hearing(Dialect):
    """A dialect that keeps what the endpoint said when it refused something that can be left out."""

    def __init__(self, model: str, *, stream: bool, official: bool) -> None:
        super().__init__(model, stream=stream, official=official)
        self.heard: list[str] = []

    def learn(self, said: str, parameter: str | None, request: Request) -> str | None:
        learned = super().learn(said, parameter, request)
        if learned is not None:
            self.heard.append(" ".join(said.split()))
        return learned


def ask(connection: Connection, model: str, request: Request, *, stream: bool, until: float) -> Asked:
    """Ask, and wait for the whole reply.

    Args:
        connection: To the endpoint; shared by all questions.
        model: As the endpoint calls it.
        request: What is asked.
        stream: Ask for the reply as it is made.
        until: When its time is over, of `time.monotonic`.

    Raises:
        Failed: none came.
    """
    dialect = _Hearing(model, stream=stream, official=connection.endpoint.official)
    paid: list[Usage] = []
    try:
        connection.open()
    except ModelError as failure:
        raise _failed(failure, late=False, paid=paid, began=time.monotonic()) from failure
    began = time.monotonic()
    while True:
        reading = Reading({tool.name: tool.parameters for tool in request.tools})
        try:
            deltas, first = _read(Exchange(connection, dialect, meanwhile=_nothing), request, reading, until)
        except (Again, ModelError) as failure:
            late = time.monotonic() >= until
            cost = reading.cost(left=late)
            paid.extend([cost] if cost is not None else [])
            if not late and _come_back(failure, until):
                continue
            raise _failed(failure, late=late, paid=paid, began=began) from failure
        text, calls, finish = reading.result(new_id=lambda given: given or "call")
        return Asked(
            text=text,
            calls=calls,
            finish=finish,
            native=reading.native,
            deltas=deltas,
            thought=reading.thought,
            seconds=time.monotonic() - began,
            first=None if first is None else first - began,
            usage=add_up(*paid, reading.usage()),
            sent=json.loads(dialect.body(request)),
            heard=dialect.heard[-1] if dialect.heard else "",
        )


def _read(exchange: Exchange, request: Request, reading: Reading, until: float) -> tuple[int, float | None]:
    """Read the reply; how many pieces it came in, and when the first one did."""
    deltas, first = 0, None
    for delta in exchange.read(request, reading, until=until):
        if delta.channel in ("text", "reasoning"):
            first = first or time.monotonic()
            deltas += 1
    return deltas, first


def _come_back(failure: Exception, until: float) -> bool:
    """Wait where the endpoint says that it is busy, which tells nothing of what it can do. Is there time for it?"""
    refusal = failure.__cause__
    if not isinstance(failure, Again) or not isinstance(refusal, Refusal) or refusal.status not in _BUSY:
        return False
    pause = max(failure.wait or 0.0, _PAUSE)
    if time.monotonic() + 2 * pause >= until:
        return False
    time.sleep(pause)
    return True


def _failed(failure: Again | ModelError, *, late: bool, paid: list[Usage], began: float) -> Failed:
    usage = add_up(*paid) if paid else None
    reason, hint = (failure.reason, None) if isinstance(failure, Again) else (failure.message, failure.hint)
    return Failed(reason, hint=hint, late=late, usage=usage, seconds=time.monotonic() - began)


def _nothing(request: Request) -> None:
    """There is nothing to do meanwhile."""
