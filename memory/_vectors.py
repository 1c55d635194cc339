"""Vectors as they are stored (float32, of length 1), and the exact comparison of one with many."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Iterable, Sequence
from math import sqrt
from operator import mul

from .embedding import Embedder, EmbeddingFailed

_FEW = 1_000  # up to so many, plain Python is done (some 15 ms) before numpy would be imported (some 100 ms)


def packed(embedder: Embedder, texts: Sequence[str]) -> Sequence[bytes]:
    """The texts' vectors, brought to length 1, so that a product of two is their cosine.

    Raises:
        EmbeddingFailed: the embedder gave none, or not what it says it gives.
    """
    given = embedder.embed(texts)
    if len(given) != len(texts) or any(len(vector) != embedder.dimensions for vector in given):
        raise EmbeddingFailed(f"{embedder.id} gave vectors of another number or length than it says")
    vectors = []
    for vector in given:
        length = sqrt(sum(value * value for value in vector))
        vectors.append(array("f", (value / length for value in vector) if length else vector).tobytes())
    return vectors


def packed_or_none(embedder: Embedder | None, texts: Sequence[str]) -> Sequence[bytes] | None:
    """As `packed`; None where no vectors are to be had: a note without one is still found by its words."""
    if embedder is None:
        return None
    try:
        return packed(embedder, texts)
    except EmbeddingFailed:
        return None


def nearest(vector: bytes, chunks: Iterable[tuple[Sequence[int], bytes]]) -> dict[int, float]:
    """The product of a vector with each of many, by their numbers; for vectors of length 1 it is the cosine.

    All are float32; a chunk holds numbers and their vectors one behind the other, each as long as `vector`.
    """
    products: dict[int, float] = {}
    for numbers, vectors in chunks:
        products.update(zip(numbers, _products(vector, vectors, count=len(numbers)), strict=True))
    return products


def _products(vector: bytes, vectors: bytes, *, count: int) -> Sequence[float]:
    if count > _FEW or "numpy" in sys.modules:
        import numpy

        table = numpy.frombuffer(vectors, dtype=numpy.float32).reshape(count, -1)
        # Not `@`: for what one core does in a millisecond, that wakes a thread on every core, and waits for the last.
        found: list[float] = numpy.einsum("ij,j->i", table, numpy.frombuffer(vector, dtype=numpy.float32)).tolist()
        return found
    one, all_of_them = array("f", vector), array("f", vectors)
    size = len(one)
    return [sum(map(mul, one, all_of_them[n * size : (n + 1) * size])) for n in range(count)]
