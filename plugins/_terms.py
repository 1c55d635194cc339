"""The terms of a text: what its words are worth for telling what it is about.

No language is assumed. Words are Unicode words, cut to a stem's length; East Asian text, which puts no spaces between
them, is read in pairs of characters. Short words and what is mere grammar count little.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

__all__ = ["TELLING", "runs", "terms"]

TELLING = 0.5
"""Worth from which a term tells of more than grammar."""

_HAN = "\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer
_TERM = re.compile(
    rf"(?P<han>[{_HAN}々]+)|(?P<hiragana>[\u3041-\u309f]+)|(?P<katakana>[\u30a1-\u30ff]+)|(?P<hangul>[\uac00-\ud7a3]+)"
    rf"|(?P<unspaced>[{_UNSPACED}]+)|(?P<word>[^\W_{_HAN}々\u3041-\u30ff\uac00-\ud7a3{_UNSPACED}]"
    rf"(?:[^\W_{_HAN}々\u3041-\u30ff\uac00-\ud7a3{_UNSPACED}]|[\u0300-\u036f\u0900-\u0dff]|['’](?=[^\W\d_]))*)"
)
_GRAMMAR = frozenset("的了是在和与及或也就都而着这那们其之很我你他她它")
_STEM = 7  # letters: what inflection adds comes after them in most languages that inflect


def runs(text: str) -> Iterator[tuple[str, str]]:
    """The words of a text and, of scripts that are written without spaces, what stands between other signs; each with
    its kind, which is "word" or the name of the script."""
    return ((match.lastgroup or "", match[0]) for match in _TERM.finditer(text))


def terms(text: str) -> dict[str, float]:
    """The terms of a text and what they are worth: how often each stands there, less for such as are mere grammar. In
    the order of the text."""
    found: dict[str, float] = {}
    for kind, run in runs(text):
        if kind == "word":
            _add(found, run.casefold()[:_STEM], _word_worth(run))
        elif kind == "katakana":
            _add(found, run, 1.0)
        elif kind == "hangul":
            _add(found, run[:2], 0.5 if len(run) == 1 else 1.0)  # what follows are mostly endings
        elif kind == "hiragana":
            for at in range(len(run) - 1):
                _add(found, run[at : at + 2], 0.15)
        elif len(run) == 1:
            _add(found, run, 0.2 if run in _GRAMMAR else 0.5)
        else:
            for at in range(len(run) - 1):
                pair = run[at : at + 2]
                _add(found, pair, 0.15 if pair[0] in _GRAMMAR or pair[1] in _GRAMMAR else 0.6)
    return found


def _add(found: dict[str, float], term: str, value: float) -> None:
    found[term] = found.get(term, 0.0) + value


def _word_worth(word: str) -> float:
    if word[0].isdigit():
        return 0.7
    if len(word) <= 3 and not (word.isupper() and len(word) > 1):
        return 0.2
    return 0.6 if len(word) == 4 else 1.0
