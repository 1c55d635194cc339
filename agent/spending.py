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
    """312, 12.4k, 1.2M."""
    if count < 1000:
        return str(count)
    return f"{count / 1000:.1f}k" if count < 1_000_000 else f"{count / 1_000_000:.2f}M"


def spent_line(history: History, allowed: Allowed) -> str:
    """`12.4k tokens · $0.08 of $1.00`; cached tokens where there are some, and where the price is not known, so."""
    spend = history.spend
    cached = f" ({thousands(spend.cached_tokens)} cached)" if spend.cached_tokens else ""
    parts = [f"{thousands(spend.tokens)} tokens{cached}"]
    if not spend.priced:
        parts.append(f"${spend.usd:.2f} and calls of unknown price")
    elif allowed.usd:
        parts.append(f"${spend.usd:.2f} of ${allowed.usd:.2f}")
    else:
        parts.append(f"${spend.usd:.2f}")
    return " · ".join(parts)
