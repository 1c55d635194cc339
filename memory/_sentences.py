"""What embedders by a sentence model have in common: their tokens, their scripts, and how they come to be loaded.

The model here, all-MiniLM-L6-v2, was trained on English. Other languages in Latin letters it reads in part; of Chinese,
Japanese or Russian it knows hardly a sign, and finds any two such texts alike (cosines of .3 to .7 were measured for
texts that have nothing to do with each other; .05 in English). Such texts are given the vectors of feature hashing,
which knows their words: in so many dimensions they are nearly at right angles to every vector of the model.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from .embedding import EmbeddingFailed, HashingEmbedder

if TYPE_CHECKING:
    from tokenizers import Tokenizer

MODEL = "all-MiniLM-L6-v2"
DIMENSIONS = 384
MOST_TOKENS = 256
"""A longer text is cut there, as the model's makers do: its end is found by its words only."""
UNRELATED = 0.17
"""95 of 100 pairs of English notes that have nothing to do with each other were below this cosine (median .05)."""

_BATCH = 32  # texts at a time: more do not go quicker, and take more memory
_LATIN = "\u0250"  # the first character behind the Latin letters
_IDEOGRAPHS = "\u2e80"  # from here on a character is worth about two letters


class Network(Protocol):
    """A sentence model, loaded."""

    def __call__(self, texts: Sequence[Sequence[int]]) -> Sequence[Sequence[float]]:
        """The vector of each text, which is its tokens' numbers."""
        ...


class SentenceEmbedder:
    """Vectors by a sentence model; it is loaded when the first vector is wanted. Safe to be used by several threads.

    Args:
        name: What its vectors are called; all that changes them is added to it.
        tokenizer: The file of its tokens.
        load: Loads its network. May raise anything.
    """

    unrelated = UNRELATED
    certain = 0.6  # a question and the note that answers it, in other words, come to .25 to .6
    latin_only = True  # of what it was not taught, words tell more than its vectors
    dimensions = DIMENSIONS

    def __init__(self, name: str, *, tokenizer: Path, load: Callable[[], Network]) -> None:
        self._foreign = HashingEmbedder(DIMENSIONS)
        self.id = f"{name}+{self._foreign.id}"
        self._tokenizer_file = tokenizer
        self._load = load
        self._loaded: tuple[Tokenizer, Network] | None = None
        self._failed: str | None = None
        self._lock = threading.Lock()

    def embed(self, texts: Sequence[str]) -> list[Sequence[float]]:
        """One vector for each text, in order. Raises `EmbeddingFailed` where the model is gone or broken."""
        known = [number for number, text in enumerate(texts) if is_read(text)]
        vectors: dict[int, Sequence[float]] = {}
        for start in range(0, len(known), _BATCH):
            batch = known[start : start + _BATCH]
            vectors |= zip(batch, self._vectors([texts[number] for number in batch]), strict=True)
        return [vectors[n] if n in vectors else self._foreign.embed([text])[0] for n, text in enumerate(texts)]

    def _vectors(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        tokenizer, network = self._ready()
        # One by one: a batch would start threads, and whoever forks afterwards is warned of them.
        return network([tokenizer.encode(text).ids for text in texts])

    def _ready(self) -> tuple[Tokenizer, Network]:
        with self._lock:
            if self._failed is not None:
                raise EmbeddingFailed(self._failed)
            if self._loaded is None:
                try:
                    network = self._load()  # checks the files before any is used
                    self._loaded = self._open_tokenizer(), network
                except Exception as error:  # whatever a foreign file or library says of it
                    self._failed = str(error) if isinstance(error, EmbeddingFailed) else _one_line(error)
                    raise EmbeddingFailed(self._failed) from error
            return self._loaded

    def _open_tokenizer(self) -> Tokenizer:
        from tokenizers import Tokenizer

        tokenizer = Tokenizer.from_file(str(self._tokenizer_file))
        tokenizer.no_padding()
        tokenizer.enable_truncation(MOST_TOKENS)
        return tokenizer


def is_read(text: str) -> bool:
    """Is a text, for the greater part, written in letters that the model knows?"""
    if text.isascii():
        return True
    letters = [letter for letter in text if letter.isalpha()]
    known = sum(letter < _LATIN for letter in letters)
    return known >= sum(1 + (letter >= _IDEOGRAPHS) for letter in letters if letter >= _LATIN)


def _one_line(error: Exception) -> str:
    said = " ".join(str(error).split())[:200]
    return f"the local model cannot be loaded: {type(error).__name__}{f': {said}' if said else ''}"
