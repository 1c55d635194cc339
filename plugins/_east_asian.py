"""The East Asian encodings, of two bytes a character, told apart.

Each has a table of leads under which the common characters stand; what is really in an encoding uses hardly anything
else, and what is not strays all over it.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from plugins._encoding import fits

__all__ = ["EAST_ASIAN", "east_asian"]


def _share(pairs: list[tuple[int, int]], common: Callable[[int, int], bool]) -> float:
    return sum(common(lead, trail) for lead, trail in pairs) / len(pairs) if pairs else 0.0


def east_asian(content: bytes, sample: bytes) -> str | None:
    """The East Asian encoding that the bytes fit and use as its own texts do; None where there is none."""
    if b"\0" in sample:
        return None
    shares = {codec: _share(_pairs(sample, lead), common) for codec, lead, common in _ASIAN if fits(content, codec)}
    pairs = _pairs(sample, _PAIR)
    # Where two fit, the narrower one is meant: texts of the wider one would have left its borders soon.
    if shares.get("euc_jp", 0) >= 0.95 and _share(pairs, _kana) >= 0.2:
        return "euc_jp"
    if shares.get("cp949", 0) >= 0.98 and len(pairs) >= 8:
        return "cp949"
    best = max(shares, key=lambda codec: shares[codec], default="")
    return best if shares.get(best, 0) >= 0.9 else None


def _pairs(sample: bytes, lead: re.Pattern[bytes]) -> list[tuple[int, int]]:
    return [(found[0], found[1]) for found in lead.findall(sample)]


_PAIR = re.compile(rb"[\x81-\xfe][\x30-\xfe]", re.DOTALL)
_JAPANESE_PAIR = re.compile(rb"[\x81-\x9f\xe0-\xfc][\x40-\xfc]|[\xa1-\xdf]{2}", re.DOTALL)


def _korean(lead: int, trail: int) -> bool:
    # Hangul in the order of its sounds: Chinese text reaches beyond it within a few characters.
    return trail >= 0xA1 and (0xB0 <= lead <= 0xC8 or lead in (0xA1, 0xA3))


def _kana(lead: int, trail: int) -> bool:
    return trail >= 0xA1 and lead in (0xA4, 0xA5)


def _japanese(lead: int, trail: int) -> bool:
    return _kana(lead, trail) or (trail >= 0xA1 and (0xB0 <= lead <= 0xCF or lead in (0xA1, 0xA3)))


def _chinese(lead: int, trail: int) -> bool:
    return trail >= 0xA1 and (0xB0 <= lead <= 0xD7 or lead in (0xA1, 0xA3))


def _traditional(lead: int, trail: int) -> bool:
    return 0xA4 <= lead <= 0xC6 or (lead == 0xA1 and trail < 0xB0)


def _shift_jis(lead: int, _trail: int) -> bool:
    return lead in (0x81, 0x82, 0x83) or 0x88 <= lead <= 0x97


_ASIAN: tuple[tuple[str, re.Pattern[bytes], Callable[[int, int], bool]], ...] = (
    ("gb18030", _PAIR, _chinese),
    ("big5", _PAIR, _traditional),
    ("cp932", _JAPANESE_PAIR, _shift_jis),
    ("euc_jp", _PAIR, _japanese),
    ("cp949", _PAIR, _korean),
)
EAST_ASIAN = tuple(codec for codec, *_ in _ASIAN)
"""Their codecs."""
