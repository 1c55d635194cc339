"""The days of the calendar that a sentence is said of, however a question and a text write them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from memory.days import Days, dates_in, without_dates

__all__ = ["are_of", "without_dates"]


def are_of(dates: Sequence[Days], said: str, above: Iterable[str]) -> bool | None:
    """Is something said of one of these days? Its own words tell it, else the first of what is `above` it that names a
    day; None where nothing does."""
    for text in (said, *above):
        if own := dates_in(text):
            return any(day.meets(date) for day in own for date in dates)
    return None
