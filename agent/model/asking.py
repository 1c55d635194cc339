"""One question and all its tries: when to try again, how long, and what it costs."""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable, Generator
from functools import partial

from agent.errors import ModelError, OutOfTime
from agent.events import ThoughtDelta, Usage
from agent.model import Bill, Request
from agent.model.exchange import Exchange
from agent.model.patience import Patience
from agent.model.reading import Reading
from agent.model.retry import Again, Retry, duration

__all__ = ["Asking"]


class Asking:
    """One question, from the first try to the last. Made when it is asked: its time runs from then on.

    `wasted` is what each try cost, priced, that was billed and gave nothing; `until` when its time is over, of
    `time.monotonic`.

    Args:
        request: What is asked, and within which time and how many billed replies.
        exchange: Asks once.
        patience: Waits for the first words.
        retry: When to try again.
        host: Whom we ask, for people.
        priced: Puts the price to a usage.
        sleep: Waits for seconds.
    """

    def __init__(
        self,
        request: Request,
        exchange: Exchange,
        *,
        patience: Patience,
        retry: Retry,
        host: str,
        priced: Callable[[Usage], Usage],
        sleep: Callable[[float], None],
    ) -> None:
        self.wasted: list[Usage] = []
        self.until = math.inf if request.within is None else time.monotonic() + request.within
        self._request = request
        self._exchange = exchange
        self._patience = patience
        self._retry = retry
        self._host = host
        self._priced = priced
        self._sleep = sleep
        self._bill = request.bill or Bill()
        self._failures = self._slow = 0

    def read(self) -> Generator[ThoughtDelta, None, Reading]:
        """Try until a reply is whole. A "restart" delta voids what came of a try that broke off.

        Raises:
            OutOfTime: its time is over, or will be before the next try.
            ModelUnavailable: after bounded tries.
            ModelRefused: the endpoint says no for good.
            ContextTooLong: the prompt does not fit.
        """
        schemas = {tool.name: tool.parameters for tool in (*self._request.unlisted, *self._request.tools)}
        if time.monotonic() >= self.until:
            raise self._too_late(f"no time is left to ask {self._host}")
        while True:
            reading = Reading(schemas)
            self._bill.open(partial(self._cost, reading, left=True))
            try:
                self._exchange.ready()
                coming = self._exchange.read(self._request, reading, until=self.until)
                yield from self._patience.read(coming, partial(self._still, reading))
                return reading
            except ModelError:
                self._waste(self._cost(reading, left=False))
                raise
            except Again as failure:
                again = failure
            yield from self._again(again, reading)

    def pay(self, usage: Usage) -> None:
        """The reply is read, and cost this, priced."""
        self._bill.pay(usage)

    def _again(self, again: Again, reading: Reading) -> Generator[ThoughtDelta, None, None]:
        """A try failed: end with an error, or wait for the next."""
        late = time.monotonic() >= self.until
        self._waste(self._cost(reading, left=late))
        if late:
            raise self._too_late(f"{self._host} did not answer in time") from again
        self._failures, self._slow = self._failures + 1, self._slow + again.slow
        if reading.streamed:
            yield ThoughtDelta(text="", channel="restart")
        billed = len(self.wasted)
        more = not billed or self._request.again is None or self._request.again(billed)
        wait = self._retry.after(
            again,
            failures=self._failures,
            slow=self._slow,
            billed=billed,
            calls=None if more else billed,
            chance=random.random(),
        )
        if time.monotonic() + wait >= self.until:
            raise self._too_late(f"{again.reason}; no time is left to try again in {duration(wait)}") from again
        left = self._retry.slow_tries - self._slow if again.slow else self._retry.tries
        most = min(self._retry.tries, self._failures + left)
        notice = f"{again.reason}; trying again in {wait:.2g} s, try {self._failures + 1} of {most}"
        yield ThoughtDelta(text=notice, channel="notice")
        self._sleep(wait)

    def _still(self, reading: Reading, waited: float) -> str:
        """What is going on after so many seconds: words of a call are no words to be shown."""
        if reading.streamed:
            return f"{self._host} has been writing for {duration(waited)}"
        return f"still waiting for {self._host}, {duration(waited)}"

    def _cost(self, reading: Reading, *, left: bool) -> Usage | None:
        cost = reading.cost(left=left)
        return None if cost is None else self._priced(cost)

    def _waste(self, cost: Usage | None) -> None:
        self._bill.pay(cost)
        if cost is not None:
            self.wasted.append(cost)

    def _too_late(self, why: str) -> OutOfTime:
        return OutOfTime(
            f"{why}: the call may take {duration(self._request.within or 0.0)}",
            hint="`thinkact resume --max-time` gives the run more time",
        )
