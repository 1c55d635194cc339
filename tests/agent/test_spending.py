"""What was spent, in one line."""

from __future__ import annotations

import pytest

from agent.events import Record, Thought, Usage
from agent.history import History
from agent.spending import Allowed, counted, dollars, spent_line, thousands, uncounted_line


def spent(*usages: Usage) -> History:
    return History(
        Record(seq=n, time=0.0, elapsed=0.0, path="", event=Thought(text="x", step=n, usage=usage))
        for n, usage in enumerate(usages, 1)
    )


@pytest.mark.parametrize(
    ("count", "shown"), [(0, "0"), (999, "999"), (12_400, "12.4k"), (999_999, "1.00M"), (1_230_000, "1.23M")]
)
def test_counts_are_shortened(count: int, shown: str) -> None:
    assert thousands(count) == shown


def test_money_is_told_of_what_is_allowed() -> None:
    history = spent(Usage(prompt_tokens=12_000, completion_tokens=400, usd=0.08))
    assert spent_line(history, Allowed(steps=1, tokens=1, usd=1.0)) == "12.4k tokens · $0.08 of $1.00"


def test_where_money_is_not_limited_only_what_was_spent_is_told() -> None:
    history = spent(Usage(prompt_tokens=5, usd=0.0))
    assert spent_line(history, Allowed(steps=1, tokens=1, usd=None)) == "5 tokens · $0.00"


def test_cached_tokens_and_unknown_prices_are_said() -> None:
    history = spent(Usage(prompt_tokens=2000, cached_tokens=1500, usd=None))
    line = spent_line(history, Allowed(steps=1, tokens=1, usd=1.0))
    assert line == "2.0k tokens (1.5k cached) · $0.00 and calls of unknown price"


def test_what_costs_nothing_uses_up_no_limit() -> None:
    history = spent(Usage(prompt_tokens=1, usd=0.0))
    assert spent_line(history, Allowed(steps=1, tokens=1, usd=1.0)) == "1 token · $0.00"
    assert spent_line(History(), Allowed(steps=1, tokens=1, usd=1.0)) == "0 tokens · $0.00 of $1.00"


def test_where_no_limit_on_money_is_wanted_none_is_said_not_to_hold() -> None:
    for usd in (None, 0.0):
        assert uncounted_line(spent(Usage(prompt_tokens=5, usd=None)), Allowed(steps=1, tokens=1, usd=usd)) is None
    assert uncounted_line(spent(Usage(prompt_tokens=5, usd=0.1)), Allowed(steps=1, tokens=1, usd=1.0)) is None
    assert uncounted_line(spent(Usage(usd=0.0)), Allowed(steps=1, tokens=1, usd=1.0)) is None  # the offline model


@pytest.mark.parametrize(
    ("usd", "shown"), [(0.0, "$0.00"), (0.0042, "$0.0042"), (0.01, "$0.01"), (0.999, "$1.00"), (12.5, "$12.50")]
)
def test_small_money_is_not_rounded_away(usd: float, shown: str) -> None:
    assert dollars(usd) == shown


def test_one_is_no_plural() -> None:
    assert [counted(count, "note") for count in (0, 1, 2)] == ["0 notes", "1 note", "2 notes"]
