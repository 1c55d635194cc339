"""Small numbers as people write them in words, English and Chinese."""

from __future__ import annotations

_ONES = "one two three four five six seven eight nine ten eleven twelve".split()  # noqa: SIM905 (easier to check)
_ENGLISH = {name: number for number, name in enumerate(_ONES, 1)} | {"a": 1, "an": 1}
_TENS = {"twenty": 20, "thirty": 30, "forty": 40, "fifty": 50, "sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90}
_CHINESE = dict(zip("一二三四五六七八九", range(1, 10), strict=True)) | {"两": 2, "〇": 0, "零": 0}

ENGLISH = rf"(?:(?:{'|'.join(_TENS)})(?:[ -](?:{'|'.join(_ONES[:9])}))?|{'|'.join(reversed(_ONES))}|an?)"
"""A pattern for a number in English words, up to 99."""
CHINESE = "[一二两三四五六七八九]?十[一二三四五六七八九]?|[一二两三四五六七八九]"
"""A pattern for a number in Chinese characters, up to 99."""


def counted(written: str) -> int:
    """The number that one of these patterns, or digits, stand for."""
    plain = written.lower().replace("-", " ").replace(",", "")
    if plain.isdigit():
        return int(plain)
    if plain[:1] in _CHINESE or "十" in plain:
        tens, ten, ones = plain.rpartition("十")
        return (_CHINESE.get(tens, 1) * 10 if ten else 0) + _CHINESE.get(ones, 0)
    return sum(_TENS.get(word, 0) + _ENGLISH.get(word, 0) for word in plain.split())
