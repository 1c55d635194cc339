"""Opening hours as intervals of minutes: read, merged, and asked for what lies between."""

from collections.abc import Iterable
from itertools import pairwise

Interval = tuple[int, int]
"""From and to, in minutes after midnight; the end does not belong to it."""


def parse(text: str) -> list[Interval]:
    """The intervals of a text such as `09:00-12:30, 14:00-18:00`, in the order in which they stand there.

    Raises ValueError where an interval ends before it begins, or is none.
    """
    found = []
    for part in text.split(","):
        begin, dash, end = part.strip().partition("-")
        if not dash:
            raise ValueError(f"no interval: {part.strip()!r}")
        one = (_minutes(begin), _minutes(end))
        if one[1] <= one[0]:
            raise ValueError(f"ends before it begins: {part.strip()!r}")
        found.append(one)
    return found


def merge(intervals: Iterable[Interval]) -> list[Interval]:
    """The same time without overlaps, sorted; intervals that touch become one."""
    merged: list[Interval] = []
    for begin, end in sorted(intervals):
        if merged and begin <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((begin, end))
    return merged


def gaps(intervals: Iterable[Interval]) -> list[Interval]:
    """The breaks between intervals; what lies before the first and after the last is no break."""
    return [(first[1], second[0]) for first, second in pairwise(merge(intervals))]


def total(intervals: Iterable[Interval]) -> int:
    """How many minutes they are of, overlaps counted once."""
    return sum(end - begin for begin, end in merge(intervals))


def tell(intervals: Iterable[Interval]) -> str:
    """The text that `parse` reads, merged."""
    return ", ".join(f"{_clock(begin)}-{_clock(end)}" for begin, end in merge(intervals))


def _minutes(text: str) -> int:
    hours, _, minutes = text.strip().partition(":")
    return 60 * int(hours) + int(minutes or 0)


def _clock(minutes: int) -> str:
    return f"{minutes // 60:02}:{minutes % 60:02}"
