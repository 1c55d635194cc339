"""What a summary by a model costs, in words."""

from __future__ import annotations

from plugins._contract import Cost
from plugins._planning import Plan

__all__ = ["costs", "counted", "lacking", "tokens"]


def costs(cost: Cost) -> str:
    """`216 calls, about 420,000 tokens ($0.12)`."""
    return f"{counted(cost.calls, 'call')}, {tokens(cost)}"


def tokens(cost: Cost) -> str:
    """`about 420,000 tokens ($0.12)`; no price where there is none, or nobody knows it."""
    money = f" ({_dollars(cost.usd)})" if cost.usd else ""
    return f"about {_rounded(cost.tokens):,} tokens{money}"


def counted(count: int, noun: str) -> str:
    """`1 call`, `3 calls`."""
    return f"1 {noun}" if count == 1 else f"{count:,} {noun}s"


def lacking(planned: Plan) -> str:
    """What all of a document would take, what is left, and how there could be more."""
    whole, left = planned.whole, planned.left
    assert whole is not None
    assert left is not None
    money = f" and {_dollars(left.usd)}" if left.usd is not None and whole.usd else ""
    return (
        f"all of it takes at most {costs(whole)}; {counted(left.calls, 'call')}, {left.tokens:,} tokens{money} are "
        "left, of which the run keeps some to go on with; --max-model-calls, --max-tokens and --max-usd allow more"
    )


def _dollars(usd: float) -> str:
    return f"${usd:.4f}" if usd < 0.01 else f"${usd:.2f}"


def _rounded(count: int) -> int:
    """Two digits of it, rounded up."""
    step = int(10 ** max(0, len(str(count)) - 2))
    return -(-count // step) * step
