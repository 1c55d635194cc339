"""The days of the calendar that a text names, in whatever spelling: "14 June 2025", "2025-06-14", "6月14日"."""

from __future__ import annotations

from ._days import Days, days_in, read_days

__all__ = ["Days", "dates_in", "months_in", "spelled", "without_dates"]


def dates_in(text: str) -> list[Days]:
    """The single days that a text names; months and the like are none."""
    return [one for one in days_in(text) if one.single]


def months_in(text: str) -> set[int]:
    """The months that a text names, alone or in a date, January as 1."""
    return {one.month for one in days_in(text)}


def without_dates(question: str) -> tuple[tuple[Days, ...], str]:
    """The single days that a question names, each once, and the question without them; as it is where it names none."""
    found, rest = read_days(question)
    dates = tuple(dict.fromkeys(one for one in found if one.single))
    return dates, rest.replace(" ; ", " ") if dates else question


def spelled(date: Days) -> list[str]:
    """How a text may write a single day: with the month's name, as numbers, in Chinese."""
    year = "" if date.year is None else str(date.year)
    named = next(one for one in date.spellings if one.startswith(f"{date.first} ") and not one[-1].isdigit())
    numbers = "-".join(filter(None, [year, f"{date.month:02d}", f"{date.first:02d}"]))
    return [f"{named} {year}".strip(), numbers, f"{year}{'年' * bool(year)}{date.month}月{date.first}日"]
