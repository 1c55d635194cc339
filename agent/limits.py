"""Limits: what a run may cost, refused before it is spent.

Every kind of spending asks here first. A call of the model is reserved with the most that it may cost and settled
with what it did cost, so that calls made side by side cannot overdraw together.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from agent.events import LimitReached, Usage
from agent.history import History

MINIMUM_REPLY = 256
"""Tokens that a reply must have room for; with less left, the call is not worth paying."""
_PATIENCE = 0.5  # seconds between two looks at whether a wait is to be given up


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowance:
    """The limits that hold. `usd` 0 and None: no limit on money. `time` is seconds."""

    steps: int = 50
    model_calls: int = 100
    tokens: int = 1_000_000
    usd: float | None = 1.0
    time: float = 3600.0
    tool_calls: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Reservation:
    """What was set aside for a call of the model: the tokens of its prompt, and at most `reply` completion tokens."""

    prompt: int
    reply: int
    usd: float = 0.0

    @property
    def tokens(self) -> int:
        """Prompt and reply together."""
        return self.prompt + self.reply


@dataclass(frozen=True, slots=True, kw_only=True)
class Remaining:
    """What is neither spent nor set aside. `usd` None: there is no limit on money."""

    model_calls: int
    tokens: int
    usd: float | None


def _reached(name: str, used: float, allowed: float, text: str) -> LimitReached:
    return LimitReached(name=name, used=round(used, 6), allowed=allowed, text=text)


class Limits:
    """The limits at work. Thread-safe.

    Args:
        allowance: What holds.
        history: What was spent.
        price: US dollars for a usage, None where unknown; then the money limit is said not to hold.
        elapsed: The run's own time now, in seconds.
    """

    def __init__(
        self,
        allowance: Allowance,
        history: History,
        price: Callable[[Usage], float | None],
        *,
        elapsed: Callable[[], float],
    ) -> None:
        self.allowance = allowance
        self._history = history
        self._price = price
        self._elapsed = elapsed
        self._lock = threading.Condition()
        self._reserved: list[Reservation] = []
        self._more: dict[int, list[Reservation]] = {}
        self._tool_calls = Counter(history.tool_calls)

    def step(self) -> LimitReached | None:
        """May another step begin?"""
        used, allowed = self._history.step, self.allowance.steps
        if used >= allowed:
            return _reached("steps", used, allowed, f"{used} of {allowed} steps are used")
        return self.time()

    def time(self) -> LimitReached | None:
        """Is there time left?"""
        return self.out_of_time() if self._elapsed() >= self.allowance.time else None

    def out_of_time(self, why: str = "") -> LimitReached:
        """The limit of time, as something that took too long met it, or would have; `why` tells what it was."""
        used, allowed = self._elapsed(), self.allowance.time
        told = f"{min(used, allowed):.0f} of {allowed:.0f} seconds are used"
        return _reached("time", used, allowed, f"{told}: {why}" if why else told)

    def left(self) -> float:
        """The seconds that the run may still take; 0 where its time is over."""
        return max(0.0, self.allowance.time - self._elapsed())

    def tool(self, name: str) -> LimitReached | None:
        """May this tool be called once more? Where it may (None), the call counts from now on."""
        with self._lock:
            allowed, used = self.allowance.tool_calls.get(name), self._tool_calls[name]
            if allowed is not None and used >= allowed:
                return self._spent(name, allowed)
            self._tool_calls[name] += 1
            return None

    def _spent(self, tool: str, allowed: int) -> LimitReached:
        used = self._tool_calls[tool]
        return _reached(f"tool_calls.{tool}", used, allowed, f"{tool} may be called {allowed} times, and was")

    def give_back(self, name: str) -> None:
        """A call that `tool` let pass is not made after all: it does not count."""
        with self._lock:
            self._tool_calls[name] -= 1

    def reserve(
        self, prompt_tokens: int, reply: int, *, price: bool = True, wait: Callable[[], bool] | None = None
    ) -> Reservation | LimitReached:
        """Set aside a call of the model with a prompt of so many tokens and a reply of at most `reply`.

        A reply that does not fit what is left is made shorter, down to `MINIMUM_REPLY`; then the call is refused.
        `price` False leaves the money out of account. `wait` is for threads that ask side by side: most calls cost less
        than what is set aside for them, so where that alone stands in the way it is waited for, as long as this says
        yes and raises nothing, until they are paid.
        """
        with self._lock:
            while True:
                held = self._refuse_call() or self._fit(prompt_tokens, reply, price)
                narrow = held.name != "time" if isinstance(held, LimitReached) else held.reply < reply
                if narrow and self._reserved and wait is not None and wait():
                    self._lock.wait(_PATIENCE)
                    if wait():
                        continue
                if isinstance(held, Reservation):
                    self._reserved.append(held)
                return held

    def remaining(self) -> Remaining:
        """What may still be spent on the model."""
        with self._lock:
            spend, allowed = self._history.spend, self.allowance
            calls = allowed.model_calls - spend.model_calls - len(self._reserved)
            tokens = allowed.tokens - spend.tokens - sum(one.tokens for one in self._reserved)
            usd = allowed.usd - spend.usd - sum(one.usd for one in self._reserved) if allowed.usd else None
            return Remaining(
                model_calls=max(0, calls), tokens=max(0, tokens), usd=None if usd is None else max(0.0, usd)
            )

    def again(self, held: Reservation, billed: int) -> bool:
        """May the call that `held` was set aside for be tried once more, after so many replies that were billed in
        vain? Where it may, as much is set aside again."""
        with self._lock:
            more = self._more.setdefault(id(held), [])
            while len(more) < billed:
                another = self._refuse_call() or self._fit(held.prompt, held.reply, held.usd > 0)
                if not isinstance(another, Reservation) or another.reply < held.reply:
                    return False
                more.append(another)
                self._reserved.append(another)
            return True

    def settle(self, reservation: Reservation) -> None:
        """Give back what was set aside, once the history has the true figures, or where the call was not made."""
        with self._lock:
            for one in (reservation, *self._more.pop(id(reservation), ())):
                self._reserved.remove(one)
            self._lock.notify_all()

    def held(self) -> tuple[Reservation, ...]:
        """What is set aside now, for calls that are under way."""
        with self._lock:
            return tuple(self._reserved)

    def still(self, limit: LimitReached) -> LimitReached | None:
        """Does a limit on the calls of a tool that ended the run before still hold it up?"""
        kind, _, tool = limit.name.partition(".")
        allowed = self.allowance.tool_calls.get(tool)
        if kind != "tool_calls" or allowed is None or self._tool_calls[tool] < allowed:
            return None
        return self._spent(tool, allowed)

    def _refuse_call(self) -> LimitReached | None:
        used, allowed = self._history.spend.model_calls + len(self._reserved), self.allowance.model_calls
        if used >= allowed:
            return _reached("model_calls", used, allowed, f"{used} of {allowed} calls of the model are used")
        return self.time()

    def _fit(self, prompt_tokens: int, reply: int, price: bool) -> Reservation | LimitReached:
        used = self._history.spend.tokens + sum(one.tokens for one in self._reserved)
        left = self.allowance.tokens - used - prompt_tokens
        if left < min(reply, MINIMUM_REPLY):
            text = (
                f"{used} of {self.allowance.tokens} tokens are used, and the next call needs about "
                f"{prompt_tokens + min(reply, MINIMUM_REPLY)}"
            )
            return _reached("tokens", used, self.allowance.tokens, text)
        return self._afford(prompt_tokens, min(reply, left), price)

    def _afford(self, prompt_tokens: int, reply: int, price: bool) -> Reservation | LimitReached:
        allowed = self.allowance.usd
        if not allowed or not price:
            return Reservation(prompt_tokens, reply)
        cost = self._price(Usage(prompt_tokens=prompt_tokens, completion_tokens=reply))
        if cost is None:
            return Reservation(prompt_tokens, reply)
        used = self._history.spend.usd + sum(one.usd for one in self._reserved)
        while cost > allowed - used and reply > MINIMUM_REPLY:
            reply = max(MINIMUM_REPLY, reply // 2)
            cost = self._price(Usage(prompt_tokens=prompt_tokens, completion_tokens=reply)) or 0.0
        if cost > allowed - used:
            text = f"${used:.4f} of ${allowed:.2f} are used, and the next call may cost ${cost:.4f}"
            return _reached("usd", used, allowed, text)
        return Reservation(prompt_tokens, reply, cost)
