"""What was spent, of what is allowed, in one line for people."""

from __future__ import annotations

from dataclasses import dataclass

from agent.history import History


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """The limits as far as the line shows them. `usd` None or 0: no limit on money."""

    steps: int
    tokens: int
    usd: float | None


def thousands(count: int) -> str:
    """312, 12.4k, 1.23M."""
    if count < 1000:
        return str(count)
    return f"{count / 1000:.1f}k" if count < 999_950 else f"{count / 1_000_000:.2f}M"


def counted(count: int, noun: str) -> str:
    """`1 step`, `3 steps`: a count with its noun, whose plural is made with an s."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def dollars(usd: float) -> str:
    """`$1.50`; an amount under a cent is not rounded away: `$0.0042`."""
    return f"${usd:.4f}" if 0 < usd < 0.01 else f"${usd:.2f}"


def spent_line(history: History, allowed: Allowed) -> str:
    """`12.4k tokens · $0.08 of $1.00`; cached tokens where there are some, and where the price is not known, so.

    What is allowed is left out where calls were made and cost nothing: no limit on money is used up there.
    """
    spend = history.spend
    cached = f" ({thousands(spend.cached_tokens)} cached)" if spend.cached_tokens else ""
    tokens = f"{thousands(spend.tokens)} {'token' if spend.tokens == 1 else 'tokens'}{cached}"
    money = dollars(spend.usd)
    if not spend.priced:
        money = f"{money} and calls of unknown price"
    elif allowed.usd and not (spend.tokens and spend.usd == 0):
        money = f"{money} of {dollars(allowed.usd)}"
    return f"{tokens} · {money}"


def uncounted_line(history: History, allowed: Allowed) -> str | None:
    """The sentence that a limit on money does not hold, once a call of the model has shown it; None where it holds.

    That is so where a price is unknown; and where calls cost nothing, which is said only to who stated a limit.
    """
    spend = history.spend
    if not allowed.usd:
        return None
    limit, tokens = dollars(allowed.usd), f"that of {thousands(allowed.tokens)} tokens holds"
    if not spend.priced:
        return f"the price of this model is not known: the limit of {limit} does not hold, {tokens}"
    if spend.tokens and spend.usd == 0 and _stated(history):
        return f"this model costs nothing where it is asked: the limit of {limit} is not used up, {tokens}"
    return None


def _stated(history: History) -> bool:
    """Did the goal or a flag state a limit on money?"""
    budget = history.goal.get("budget")
    return "usd" in history.raised or (isinstance(budget, dict) and budget.get("usd") is not None)
