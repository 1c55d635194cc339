"""The figures of a text, as numbers that can be compared: digits of any script, grouped or not, and Chinese ones."""

from __future__ import annotations

import re
import unicodedata

_DIGITS = re.compile(r"\d+(?:[,' \u00a0\u202f]\d{3})*(?:\.\d+)?(?!\d)|\d+")
_CHINESE = re.compile("[零〇一二两三四五六七八九十百千万亿]{1,20}")
_VALUES = {sign: at for at, sign in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2}
_UNITS = {"十": 10, "百": 100, "千": 1_000}
_HIGH = {"万": 10_000, "亿": 100_000_000}
_SPOKEN = "20"
"""Up to so many a figure often stands as a word in the source."""


def figures(text: str) -> list[str]:
    """Every figure above twenty, each once, in order: 41,000 and 41000 are one, so are 四万一千 and 41000. Smaller ones
    are written as words in many a text, and prove nothing."""
    found: dict[str, None] = {}
    for run in _DIGITS.findall(unicodedata.normalize("NFKC", text)):
        plain = "".join(str(unicodedata.decimal(sign, sign)) for sign in run)  # one digit, whatever its script
        whole, _, part = re.sub(r"[,' \u00a0\u202f]", "", plain).partition(".")
        _keep(found, whole.lstrip("0") or "0", part.rstrip("0"))
    for run in _CHINESE.findall(text):
        if len(run) > 1 and (value := _chinese(run)) is not None:
            _keep(found, str(value), "")
    return list(found)


def _keep(found: dict[str, None], whole: str, part: str) -> None:
    # By length first: of thousands of digits `int` makes no number but an error.
    if part or (len(whole), whole) > (len(_SPOKEN), _SPOKEN):
        found[f"{whole}.{part}" if part else whole] = None


def _chinese(run: str) -> int | None:
    """The value of a Chinese number; of mere digits (二〇二六) that of the digits."""
    if all(sign in _VALUES for sign in run):
        return int("".join(str(_VALUES[sign]) for sign in run))
    total = part = digit = 0
    for sign in run:
        if sign in _VALUES:
            digit = _VALUES[sign]
        elif sign in _UNITS:
            part += (digit or 1) * _UNITS[sign]
            digit = 0
        else:
            total = (total + part + digit) * _HIGH[sign] if total + part + digit else _HIGH[sign]
            part = digit = 0
    return total + part + digit
