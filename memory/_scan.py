"""Exact comparison of a vector with many."""

from __future__ import annotations

import sys
from array import array
from collections.abc import Sequence
from operator import mul

_FEW = 1_000  # up to so many, plain Python is done (some 15 ms) before numpy would be imported (some 100 ms)


def nearest(vector: bytes, numbers: Sequence[int], vectors: bytes) -> dict[int, float]:
    """The product of a vector with each of many, by their numbers; for vectors of length 1 it is the cosine.

    All are float32; `vectors` holds them one behind the other, each as long as `vector`.
    """
    if not numbers:
        return {}
    if len(numbers) > _FEW or "numpy" in sys.modules:
        import numpy

        table = numpy.frombuffer(vectors, dtype=numpy.float32).reshape(len(numbers), -1)
        products = table @ numpy.frombuffer(vector, dtype=numpy.float32)
        return dict(zip(numbers, products.tolist(), strict=True))
    one, all_of_them = array("f", vector), array("f", vectors)
    size = len(one)
    return {number: sum(map(mul, one, all_of_them[n * size : (n + 1) * size])) for n, number in enumerate(numbers)}
