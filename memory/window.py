"""The window: what of a run's history is sent whole, and when its older part is folded into a summary.

A prompt is laid out as [head] [running summary] [steps] [tail]: the head (tools, goal) and what was said before never
change between two foldings, so the endpoint's cache serves them again. Sizes come in, a decision goes out; nothing
here knows a text.

The policy:

- Of the window, the room for the reply and a reserve for the folding itself are set aside. What is left may fill up to
  the high water mark, 92 % of it: until then nothing is folded. The rest is for what counting is wrong by.
- Then the oldest steps are folded, whole steps only, until the low water mark of 30 % is reached. Folding seldom and
  much is on purpose. A window that drops its oldest step at each turn changes its beginning at each turn, and almost
  nothing of it can be cached; one that lets itself down far repeats about nine tenths of each prompt. Measured over 500
  steps of 500 tokens in a window of 16,000 (bench/window.py), 92/30 folds 29 times and repeats 91.6 % of the bytes,
  85/30 folds 33 times and repeats 90.9 %.
- The new summary is counted with the whole reserve, which is the most that it may be.
- Never folded are the last `keep` steps (the call whose result the model has not answered yet), and of a folded step
  its pinned tokens (a user's words) stay: the caller sends them on and counts them in `head` from then on.
- Where what is kept is still over the high water mark, long tool results in it are shown cut to `cap` tokens, the
  largest that brings it there, though never fewer than 64; the whole is to be had by its handle. Where even that does
  not reach the mark but fits the window, it is sent as it is. Where it does not fit, `WindowTooSmall` says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

__all__ = ["Fold", "Step", "WindowTooSmall", "fold", "room"]

_LEAST_CAP = 64  # a result cut shorter than this tells nothing


class WindowTooSmall(ValueError):
    """What must be sent does not fit.

    Args:
        needs: Tokens that must be sent at the least.
        has: Tokens that the window has for them.
    """

    def __init__(self, *, needs: int, has: int) -> None:
        super().__init__(
            f"the goal, the tools and the last step need {needs:,} tokens and the window has room for {has:,}: "
            "take a model with a larger window, fewer tools or a shorter goal"
        )
        self.needs = needs
        self.has = has


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """One whole step: a thought and the results of its calls.

    `tokens` is all of it; `pinned` the part that stays when it is folded; `results` the size of each tool result in it
    (parts of `tokens`, none of them pinned).
    """

    tokens: int
    pinned: int = 0
    results: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Fold:
    """What to do: fold the oldest `steps` whole steps into the summary.

    `steps` may be 0: nothing is folded, results are only cut. `cap`: results of the kept steps larger than this many
    tokens are shown cut to it; None leaves them. `tokens_before` and `tokens_after` are the whole prompt's size, the
    new summary counted with the reserve; the latter is always the smaller.
    """

    steps: int
    cap: int | None
    tokens_before: int
    tokens_after: int


def room(*, window: int, reply: int, reserve: int, high: float = 0.92) -> int:
    """The tokens that a prompt may have before it is folded; never negative."""
    return max(0, int(high * (window - reply - reserve)))


def fold(
    *,
    head: int,
    summary: int,
    steps: Sequence[Step],
    tail: int,
    window: int,
    reply: int,
    reserve: int,
    high: float = 0.92,
    low: float = 0.30,
    keep: int = 1,
) -> Fold | None:
    """Decide whether to fold, and how much. The same sizes give the same answer.

    Args:
        head: Tokens of the part that never changes, with the pinned words of steps folded earlier.
        summary: Tokens of the running summary; 0 where there is none.
        steps: The steps since the last folding, oldest first.
        tail: Tokens of what changes at each turn (recalled notes, the budget).
        window: The model's window.
        reply: Tokens set aside for the reply.
        reserve: The most tokens that a new summary may have.
        high: High water, as a part of the window without `reply` and `reserve`.
        low: Low water, likewise.
        keep: So many of the last steps are never folded.

    Returns:
        None where nothing has to be done, or nothing can be gained and the prompt fits. Once a `Fold` is carried out
        the prompt is shorter than before and has at most `window - reply` tokens.

    Raises:
        WindowTooSmall: the prompt does not fit, whatever is folded and cut.
        ValueError: `low` and `high` are not in order between 0 and 1, or `keep` is negative.
    """
    if not 0 <= low <= high <= 1 or keep < 0:
        raise ValueError(f"the window cannot be kept between {low} and {high} with {keep} steps")
    before = head + summary + sum(step.tokens for step in steps) + tail
    high_water = room(window=window, reply=reply, reserve=reserve, high=high)
    if before <= high_water:
        return None
    low_water = room(window=window, reply=reply, reserve=reserve, high=low)
    folded, after = _oldest(steps, before=before, growth=reserve - summary, low_water=low_water, keep=keep)
    cap = None
    if after > high_water:
        cap, after = _cut(steps[folded:], total=after, most=high_water)
    if after > window - reply:
        raise WindowTooSmall(needs=after, has=max(0, window - reply))
    if after >= before:
        return None
    return Fold(steps=folded, cap=cap, tokens_before=before, tokens_after=after)


def _oldest(steps: Sequence[Step], *, before: int, growth: int, low_water: int, keep: int) -> tuple[int, int]:
    """How many of the oldest steps to fold, and what is sent then. Those that gain nothing are left alone."""
    best, least = 0, before
    total = before + growth
    for number, step in enumerate(steps[: max(0, len(steps) - keep)], 1):
        total -= max(0, step.tokens - step.pinned)
        if total < least:
            best, least = number, total
        if total <= low_water:
            break
    return best, least


def _cut(steps: Sequence[Step], *, total: int, most: int) -> tuple[int | None, int]:
    """The largest cap with which `total` comes down to `most`, or the least one; and what is sent with it."""
    longest = max((result for step in steps for result in step.results), default=0)
    if longest <= _LEAST_CAP:
        return None, total
    below, above = _LEAST_CAP, longest  # with `above` it does not fit; with `below` it does, or nothing will
    while above - below > 1:
        middle = (below + above) // 2
        if total - _saved(steps, middle) <= most:
            below = middle
        else:
            above = middle
    return below, total - _saved(steps, below)


def _saved(steps: Sequence[Step], cap: int) -> int:
    # a caller's counts may disagree a little; a step can never become smaller than what is pinned in it
    return sum(
        min(sum(max(0, result - cap) for result in step.results), max(0, step.tokens - step.pinned)) for step in steps
    )
