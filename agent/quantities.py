"""What people write for numbers, amounts, durations and yes or no, read into plain values.

Every function takes text and raises ValueError, whose text completes "NAME must be ..." and gives an example.
"""

from __future__ import annotations

import math
import re
from decimal import Decimal

_NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?")
_AMOUNT = re.compile(r"(\d+(?:\.\d+)?)\s*([kKmM]?)")
_DURATION = re.compile(r"(?:(\d+(?:\.\d+)?)d)?(?:(\d+(?:\.\d+)?)h)?(?:(\d+(?:\.\d+)?)m)?(?:(\d+(?:\.\d+)?)s)?")
_FACTORS = {"": 1, "k": 1_000, "m": 1_000_000}
_UNITS = (86_400, 3_600, 60, 1)  # seconds of d, h, m, s
_LONGEST = 40  # characters; more is no quantity that anybody means, and costs time to convert
_YES = frozenset({"true", "yes", "on"})
_NO = frozenset({"false", "no", "off"})


def read_number(text: str) -> int | float:
    """A finite number: an int where it is written as one, else a float."""
    plain = _plain(text)
    if not _NUMBER.fullmatch(plain) or not math.isfinite(float(plain)):
        raise ValueError("a number, such as 3 or 0.5")
    return int(plain) if plain.lstrip("+-").isdecimal() else float(plain)


def read_whole(text: str) -> int:
    """A whole number, such as `40`."""
    plain = _plain(text)
    if not plain.removeprefix("-").isdecimal():
        raise ValueError("a whole number, such as 4")
    return int(plain)


def read_amount(text: str) -> int:
    """A count that may be large: `500`, `200k` (thousands), `1.5M` (millions)."""
    found = _AMOUNT.fullmatch(_plain(text))
    if found:
        count = Decimal(found[1]) * _FACTORS[found[2].lower()]
        if count == count.to_integral_value():
            return int(count)
    raise ValueError("an amount, such as 500, 200k or 1.5M")


def read_money(text: str) -> float:
    """US dollars, not negative: `0.50` or `$0.50`."""
    plain = _plain(text).removeprefix("$")
    if not re.fullmatch(r"\d+(\.\d+)?|\.\d+", plain):
        raise ValueError("an amount of US dollars, such as 0.50")
    return float(plain)


def read_duration(text: str) -> float:
    """Seconds: `30s`, `15m`, `2h`, `1h30m`, `1d`; a bare number is seconds."""
    plain = _plain(text).lower()
    if re.fullmatch(r"\d+(\.\d+)?", plain):
        return float(plain)
    found = _DURATION.fullmatch(plain)
    if not plain or not found:
        raise ValueError("a duration, such as 30s, 15m, 2h or 1h30m")
    return float(sum(float(part or 0) * unit for part, unit in zip(found.groups(), _UNITS, strict=True)))


def read_truth(text: str) -> bool:
    """Yes or no: `true`, `yes`, `on`, `false`, `no`, `off`, in any case."""
    word = text.strip().casefold()
    if word not in _YES | _NO:
        raise ValueError("true or false")
    return word in _YES


def write_duration(seconds: float) -> str:
    """Seconds as people write them: `90` -> `1m30s`. Inverse of `read_duration` for whole seconds."""
    if seconds != int(seconds) or seconds < 1:
        return f"{seconds:g}s"
    rest, parts = int(seconds), []
    for name, unit in zip("dhms", _UNITS, strict=True):
        count, rest = divmod(rest, unit)
        parts.append(f"{count}{name}" if count else "")
    return "".join(parts)


def _plain(text: str) -> str:
    """Without spaces around and without `_` between digits; what is too long to be a quantity becomes empty."""
    plain = re.sub(r"(?<=\d)_(?=\d)", "", text.strip())
    return plain if len(plain) <= _LONGEST else ""
