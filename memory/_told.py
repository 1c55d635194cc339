"""What a note's metadata says of it in words: who said it, when, of which place or project it is."""

from __future__ import annotations

import json
from collections.abc import Sequence
from functools import lru_cache

from .embedding import words

_SHORT = 80  # characters of a value that says what a note is of; longer ones are no names


def context_terms(context: str, metadata: str) -> str:
    """The words that a note is found by beside its own: its context's, and those of its metadata, which is JSON."""
    return " ".join((*words(context), *told(metadata)))


@lru_cache(maxsize=4_096)
def told(metadata: str) -> Sequence[str]:
    """The different words of all short texts in the metadata, which is JSON."""
    values = (value for value in json.loads(metadata).values() if isinstance(value, str) and len(value) <= _SHORT)
    return tuple(dict.fromkeys(word for value in values for word in words(value)))
