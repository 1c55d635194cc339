"""Questions of one tool to the model, asked side by side until it is better to ask no more."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass, field

from plugins._contract import Ask, Context, ToolError

__all__ = ["Asking"]

_GIVE_UP = 4  # questions that fail one after the other until no more are asked
_SPARE = 2.0  # times the slowest question so far that must be left of the time, for each that has to follow


@dataclass
class Asking:
    """Asks, counts what was paid for now and what had been before an interruption, and remembers what failed. May be
    used from several threads.

    `until` is when the tool's own time is over, of `time.monotonic`; `rounds` is how many questions must still be asked
    one after the other, and `resumed` whether some may have been paid for before an interruption. `ended` says why
    nothing more is asked: the budget, the time, or a model that cannot be had.
    """

    context: Context
    ask: Ask
    purpose: str
    system: str
    until: float
    rounds: int = 1
    resumed: bool = False
    paid: int = 0
    recalled: int = 0
    failures: list[ToolError] = field(default_factory=list)
    ended: ToolError | None = None
    _slowest: float = 0.0
    _streak: int = 0
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def question(self, prompt: str, *, reply: int) -> str | None:
        """The answer; None where it failed, and where nothing more is asked.

        Raises:
            ToolError: kind "cancelled": the call was given up. Kind "window": the prompt is too long for the model.
        """
        if self.context.cancelled:
            raise ToolError("the call was given up", kind="cancelled")
        if self._is_over():
            return None
        known, began = self._is_known(prompt, reply), time.monotonic()
        try:
            answer = self.ask(prompt, purpose=self.purpose, system=self.system, reply=reply)
        except ToolError as error:
            if error.kind in ("cancelled", "window"):
                raise
            self.note(error)
            return None
        with self._lock:
            self.paid += not known
            self.recalled += known
            self._streak = 0
            self._slowest = max(self._slowest, time.monotonic() - began)
        return answer.strip()

    def note(self, error: ToolError) -> None:
        """A question has failed."""
        with self._lock:
            if error.kind == "limit":
                self.ended = self.ended or error
                return
            self.failures.append(error)
            self._streak += 1
            if self._streak >= _GIVE_UP:
                self.ended = self.ended or error

    @property
    def answered(self) -> int:
        """How many questions have an answer."""
        return self.paid + self.recalled

    def _is_known(self, prompt: str, reply: int) -> bool:
        budget = self.context.budget
        if budget is None or not self.resumed:
            return False
        return not budget.cost(prompt, purpose=self.purpose, system=self.system, reply=reply).calls

    def _is_over(self) -> bool:
        with self._lock:
            if self.ended is None:
                left, budget = self.until - time.monotonic(), self.context.budget
                left = left if budget is None else min(left, budget.left().seconds)
                if left < _SPARE * self.rounds * self._slowest:
                    self.ended = ToolError(f"{max(0.0, left):.0f} seconds are left", kind="limit")
            return self.ended is not None
