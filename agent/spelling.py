"""The nearest known word to one that nobody knows: the did-you-mean of goal files, inputs and settings."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that `word` was most likely meant to be, or None. Case, `-` and `_` make no difference."""
    by_fold = {_fold(one): one for one in known}
    found = get_close_matches(_fold(word), by_fold, n=1, cutoff=0.6)
    return by_fold[found[0]] if found else None


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """The end of a sentence: `; did you mean "budget"?`, or the known words where none is near, or nothing."""
    words = list(known)
    guess = nearest(word, words)
    if guess is not None:
        return f'; did you mean "{guess}"?'
    return f" (known: {', '.join(words)})" if words else ""


def _fold(word: str) -> str:
    return word.casefold().replace("-", "_")
