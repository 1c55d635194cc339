"""The sentences of a text: they end where any script says so. Abbreviations are known of several languages."""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = ["CLOSING", "TERMINAL", "sentence_ends", "sentences"]

TERMINAL = ".!?。！？｡։؟।॥።။។…"
CLOSING = "\"'”’»」』）)】〕》\\]"
_END = re.compile(rf"[。！？｡।॥።။។]+[{CLOSING}]*|(?<![.!?։؟…])[.!?։؟…]+[{CLOSING}]*(?=\s|$)")
_LAST_WORD = re.compile(r"(?:^|[\s(（\"'“‘«])([^\s(（\"'“‘«]*)$")
_ABBREVIATIONS = re.compile(  # of several languages; without the stop that ends them
    r"dr|mrs?|ms|prof|st|vs|etc|e\.g|i\.e|eg|ie|z\.b|u\.a|d\.h|bzw|ca|nr|no|vol|fig|eq|approx|inc|ltd|jr|sr|cf|al"
    r"|pp?|art|cap|sec|ch|eds?|dept|est|gen|gov|hon|rev|m|mme|mlle",
    re.IGNORECASE,
)


def sentences(text: str) -> list[tuple[int, str]]:
    """The sentences of a text without line breaks, stripped, each with its offset. Abbreviations, initials, decimals
    and ellipses within a sentence do not end it."""
    found: list[tuple[int, str]] = []
    start = 0
    for end in sentence_ends(text):
        _keep(found, text, start, end)
        start = end
    _keep(found, text, start, len(text))
    return found


def _keep(found: list[tuple[int, str]], text: str, start: int, end: int) -> None:
    piece = text[start:end]
    if stripped := piece.strip():
        found.append((start + len(piece) - len(piece.lstrip()), stripped))


def sentence_ends(text: str) -> Iterator[int]:
    """Where its sentences end, but for the last one."""
    for end in _END.finditer(text):
        if end[0][0] in ".…" and not _ends(text, end.start(), end.end()):
            continue
        yield end.end()


def _ends(text: str, start: int, end: int) -> bool:
    """Does the full stop at `start` end a sentence?"""
    after = text[end : end + 40].lstrip()
    if after and after[0].islower():
        return False
    before = _LAST_WORD.search(text, max(0, start - 40), start)
    word = before[1] if before else ""
    if word.isdigit() and len(word) <= 2 and after:
        return False  # "3. Mai", "1. Open the lid"
    return not (after and (_ABBREVIATIONS.fullmatch(word) or (len(word) == 1 and word.isupper())))
