"""The embedder of a memory, watched: what it gives is checked, and what went wrong is kept, to be told."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Collection, Mapping, Sequence

from ._said import undated
from .embedding import Embedder, EmbeddingFailed


class VectorSource:
    """An embedder like the one in it, but for this: whatever it raises is `EmbeddingFailed`, what it gives is as many
    vectors as there are texts, all finite and of the length that it says, and `trouble` tells its last failure. It is
    given texts without the date that they begin with.

    Args:
        embedder: The one that makes the vectors. Where its `dimensions` are 0, they are not known before its first
            answer.
        stored: The dimensions of the stored vectors of an embedder with this id; 0 where there are none.
    """

    def __init__(self, embedder: Embedder, *, stored: Callable[[str], int]) -> None:
        self.failed_at = -math.inf
        self._embedder = embedder
        self._stored = stored
        self._known = 0
        self._trouble: str | None = None
        self._told: str | None = None
        self._given_up: str | None = None
        self._refused: dict[int, str] = {}
        self._refused_told = 0
        self._lock = threading.Lock()

    @property
    def id(self) -> str:
        """Name of the model and of everything that changes its vectors."""
        return self._embedder.id

    @property
    def unrelated(self) -> float:
        """The cosine of texts that have nothing to do with each other."""
        return float(getattr(self._embedder, "unrelated", 0.0))

    @property
    def certain(self) -> float:
        """The cosine of texts that surely have to do with each other."""
        return float(getattr(self._embedder, "certain", 1.0))

    @property
    def share(self) -> float | None:
        """The vectors' part in the order of what is found, where the embedder tells it."""
        share: float | None = getattr(self._embedder, "share", None)
        return share

    @property
    def latin_only(self) -> bool:
        """Does it tell that it knows no other scripts?"""
        return bool(getattr(self._embedder, "latin_only", False))

    def weighted(self, weights: Mapping[str, float]) -> Sequence[float] | None:
        """The vector of a query whose words weigh differently; None where the embedder makes none from words."""
        make = getattr(self._embedder, "weighted", None)
        return make(weights) if callable(make) else None

    @property
    def dimensions(self) -> int:
        """Length of each vector; 0 where neither the embedder nor the store knows it yet."""
        if dimensions := self._embedder.dimensions:
            return dimensions
        if not self._known:
            self._known = self._stored(self.id)
        return self._known

    @property
    def trouble(self) -> str | None:
        """Why the last texts got no vectors, in one line; None where they did."""
        return self._trouble

    def give_up(self, why: str) -> None:
        """Vectors were to be made and are not, for a reason that is not the embedder's: to be told, once."""
        with self._lock:
            self._given_up = why

    @property
    def refused(self) -> Collection[int]:
        """The numbers of notes whose texts it gives no vectors of, though it does of others."""
        return tuple(self._refused)

    def refuse(self, number: int, why: str) -> None:
        """It gives no vector of this note's text."""
        with self._lock:
            self._refused[number] = why

    def refusals(self) -> str | None:
        """How many notes' texts it refuses, and why the last, where that was not asked for before."""
        with self._lock:
            count, why = len(self._refused), next(reversed(self._refused.values()), "")
            if count == self._refused_told:
                return None
            self._refused_told = count
            return f"{'1 note is' if count == 1 else f'{count:,} notes are'} found by words alone: {why}"

    def news(self) -> str | None:
        """The trouble, where it was not asked for before."""
        with self._lock:
            why, self._given_up = self._given_up, None
            for one in (why, self._trouble):
                if one is not None and one != self._told:
                    self._told = one
                    return one
            return None

    def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        """One vector for each text, in order. Raises `EmbeddingFailed`, and nothing else."""
        before = self.dimensions
        try:
            vectors = self._checked(self._embedder.embed([undated(text) for text in texts]), count=len(texts))
            if before and before != self.dimensions:
                # Whoever asked may be about to compare them with the stored ones.
                said = f"{self.id} gives {self.dimensions} numbers now, and gave {before}: vectors are to be made anew"
                raise EmbeddingFailed(said)
        except Exception as error:  # an embedder may be anybody's code
            said = " ".join(str(error).split())[:300]
            if not isinstance(error, EmbeddingFailed):
                said = f"{self.id}: {type(error).__name__}{f': {said}' if said else ''}"
            self._trouble, self.failed_at = said, time.monotonic()
            raise EmbeddingFailed(said) from error
        self._trouble = None
        return vectors

    def close(self) -> None:
        """Let go of what the embedder holds, where it holds anything that it can let go of."""
        close = getattr(self._embedder, "close", None)
        if callable(close):
            close()

    def _checked(self, vectors: Sequence[Sequence[float]], *, count: int) -> Sequence[Sequence[float]]:
        if len(vectors) != count:
            raise EmbeddingFailed(f"{self.id} gives another number of vectors than it is given texts")
        for vector in vectors:
            if len(vector) != self._embedder.dimensions:
                said = f"{self.id} gave a vector of {len(vector)} numbers and says that it gives {self.dimensions}"
                raise EmbeddingFailed(said)
            if not math.isfinite(sum(map(abs, vector))):
                raise EmbeddingFailed(f"{self.id} gave a vector that is not finite")
        return vectors
