"""The plan of a summary by a model: passages, what they cost, and which of them the run's budget carries."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from plugins._contract import Budget, Cost, Left
from plugins._passages import passages
from plugins._terms import terms

__all__ = ["FAN", "NOTE", "Passage", "Plan", "Sizes", "cut", "ordered", "plan", "sizes"]

_SMALL = 6_000  # weight of a passage that fits the window of a small model; where nobody knows the window, it is one
_LEAST, _MOST = 1_500, 20_000  # weight of a passage; more at once loses detail
_PARTS = 60  # passages that a text is cut into, where the window allows it
_FRAME = 900  # tokens of a window for what stands around a passage, and for the reply
_DENSE = 0.6  # tokens for each weight, of the densest text
NOTE = 4
"""Weight of a reply for each of its tokens."""
FAN = 12
"""Notes that are merged at once, at most."""
_CALLS_KEPT, _SHARE = 3, 0.8  # what the run keeps to go on with: calls, and of the rest what is not this share


@dataclass(frozen=True, slots=True, kw_only=True)
class Sizes:
    """How large things are: `passage` is the weight of what is asked about at once, `reply` and `final` the tokens of a
    note and of the whole summary."""

    passage: int
    reply: int
    final: int

    @property
    def fan(self) -> int:
        """So many notes of full length are merged at once."""
        return min(FAN, max(2, self.passage // (NOTE * self.reply)))

    def merges(self, notes: float) -> tuple[int, ...]:
        """The calls of each level of the tree, until one is left of so many notes of full length."""
        calls, count = [], math.ceil(notes)
        while count > 1:
            count = -(-count // self.fan)
            calls.append(count)
        return tuple(calls)


@dataclass(frozen=True, slots=True)
class Passage:
    """A piece of the text, its first line and its last one that is not blank."""

    text: str
    first: int
    last: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """Which passages the model reads, what that costs at most, what all of them would cost, and what was left before;
    None where nobody counts. `paid` is how many of the passages were paid for before an interruption."""

    read: tuple[int, ...]
    cost: Cost | None = None
    whole: Cost | None = None
    left: Left | None = None
    paid: int = 0


def sizes(weight: int, window: int | None) -> Sizes:
    """The sizes for a text of this weight and a window of so many tokens, or of a size that nobody knows."""
    most = _SMALL if window is None else min(_MOST, max(_LEAST, int((window - _FRAME) / _DENSE)))
    passage = min(most, max(_SMALL, weight // _PARTS))
    return Sizes(passage=passage, reply=min(600, max(250, passage // 20)), final=900 if passage >= _SMALL else 500)


def cut(text: str, weight: int) -> list[Passage]:
    """The text in passages of at most this weight."""
    found, line = [], 1
    for piece in passages(text, weight=weight):
        found.append(Passage(piece, line, line + piece.rstrip().count("\n")))
        line += piece.count("\n")
    return found


def plan(
    parts: Sequence[Passage],
    cost_of: Callable[[int], Cost],
    merge: Callable[[], Cost],
    budget: Budget | None,
    *,
    of: Sizes,
    question: str = "",
    beside: float,
) -> Plan:
    """As many of the passages as the budget carries, with the merging of their notes.

    Those that were paid for already are always among them. Of the others come first those that share most words with
    the question; without one they are spread evenly over the text.

    Args:
        parts: All passages.
        cost_of: What it costs to ask about one of them.
        merge: What one merging costs.
        budget: What is left; None: nobody counts.
        of: The sizes.
        question: What the reader wants to know.
        beside: Weight of the key sentences that stand for passages which are not read.
    """
    everything = tuple(range(len(parts)))
    if budget is None:
        return Plan(read=everything)
    costs = [cost_of(at) for at in everything]
    paid = [at for at in everything if not costs[at].calls]
    order = paid + [at for at in ordered(parts, question) if costs[at].calls]
    one_merge = merge() if len(parts) > 1 else Cost(calls=0, tokens=0, usd=0.0)

    def costing(count: int) -> Cost:
        held = count if count == len(parts) else count + beside / (NOTE * of.reply)
        merged = _times(one_merge, sum(of.merges(held)))
        return _sum([*(costs[at] for at in order[:count]), merged])

    left, count = budget.left(), len(parts)
    while count > len(paid):
        wanted = costing(count)
        if (
            wanted.calls <= max(left.calls - _CALLS_KEPT, int(left.calls > 1))
            and wanted.tokens <= _SHARE * left.tokens
            and (left.usd is None or wanted.usd is None or wanted.usd <= _SHARE * left.usd)
        ):
            break
        count -= max(1, count // 50)
    count = max(count, len(paid))
    return Plan(
        read=tuple(sorted(order[:count])),
        cost=costing(count),
        whole=costing(len(parts)),
        left=left,
        paid=len(paid),
    )


def ordered(parts: Sequence[Passage], question: str) -> list[int]:
    """The passages by how much they have to do with a question; without one, and among equals, so that the first of
    any number of them are spread over the text."""
    bits = max(1, (len(parts) - 1).bit_length())
    spread = sorted(range(len(parts)), key=lambda at: int(f"{at:0{bits}b}"[::-1], 2))
    asked = terms(question)
    if not asked:
        return spread
    held = [terms(part.text) for part in parts]
    counts = Counter(term for own in held for term in own if term in asked)
    worth = {term: asked[term] * math.log((len(parts) + 1) / (counts[term] + 0.5)) for term in counts}
    shares = [sum(value * min(3.0, own[term]) for term, value in worth.items() if term in own) for own in held]
    return sorted(spread, key=lambda at: -shares[at])


def _times(cost: Cost, count: int) -> Cost:
    return Cost(
        calls=cost.calls * count, tokens=cost.tokens * count, usd=None if cost.usd is None else cost.usd * count
    )


def _sum(costs: Sequence[Cost]) -> Cost:
    prices = [one.usd for one in costs if one.usd is not None]
    return Cost(
        calls=sum(one.calls for one in costs),
        tokens=sum(one.tokens for one in costs),
        usd=sum(prices) if len(prices) == len(costs) else None,
    )
