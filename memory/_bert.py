"""A BERT encoder in numpy, enough of it to run a sentence model from its weights without torch.

The texts of a batch lie one behind the other in one table of tokens, so nothing is spent on padding; only attention
looks at them one by one. The network is that of Devlin et al., "BERT" (2019), as MiniLM (Wang et al., 2020) has it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    import numpy
    from numpy.typing import NDArray

    Table: TypeAlias = NDArray[numpy.float32]

_TINY = 1e-12  # as the model was trained with
_LARGEST_HEADER = 1 << 20
_ERF = (0.254829592, -0.284496736, 1.421413741, -1.453152027, 1.061405429)
_ERF_SCALE = 0.3275911


class BrokenWeights(Exception):
    """The file of weights is not what this network needs."""


class Bert:
    """The encoder. Safe to be used by several threads.

    Args:
        weights: By the names that the transformers library gives them.
        heads: How many attention heads a layer has.
    """

    def __init__(self, weights: Mapping[str, Table], *, heads: int) -> None:
        import numpy

        self._heads = heads
        try:
            self._words = weights["embeddings.word_embeddings.weight"]
            first_type = weights["embeddings.token_type_embeddings.weight"][0]
            self._places = weights["embeddings.position_embeddings.weight"] + first_type
            self._entry = _norm(weights, "embeddings.LayerNorm")
            self._layers = [
                _Layer(weights, f"encoder.layer.{number}.", heads=heads)
                for number in range(sum(name.endswith("intermediate.dense.weight") for name in weights))
            ]
        except (KeyError, IndexError, ValueError) as error:
            raise BrokenWeights(f"it lacks {error}") from error
        self._numpy: Any = numpy
        _calm()

    def pooled(self, texts: Sequence[Sequence[int]]) -> Table:
        """The mean of each text's last hidden states, brought to length 1. A text is its tokens' numbers."""
        numpy = self._numpy
        ends = numpy.cumsum([len(text) for text in texts]).tolist()
        bounds = list(zip([0, *ends[:-1]], ends, strict=True))
        tokens = numpy.concatenate([numpy.asarray(text) for text in texts])
        places = numpy.concatenate([numpy.arange(len(text)) for text in texts])
        hidden = _normed(self._words[tokens] + self._places[places], *self._entry)
        for layer in self._layers:
            hidden = layer(hidden, bounds)
        means = numpy.stack([hidden[start:end].mean(axis=0) for start, end in bounds])
        found: Table = means / numpy.linalg.norm(means, axis=1, keepdims=True)
        return found


class _Layer:
    def __init__(self, weights: Mapping[str, Table], name: str, *, heads: int) -> None:
        import numpy

        def dense(part: str) -> tuple[Table, Table]:
            return weights[f"{name}{part}.weight"].T, weights[f"{name}{part}.bias"]

        three = [dense(f"attention.self.{part}") for part in ("query", "key", "value")]
        self._three = numpy.concatenate([one for one, _ in three], axis=1), numpy.concatenate([one for _, one in three])
        self._mixed, self._wide, self._narrow = map(
            dense, ("attention.output.dense", "intermediate.dense", "output.dense")
        )
        self._after_attention = _norm(weights, f"{name}attention.output.LayerNorm")
        self._after_all = _norm(weights, f"{name}output.LayerNorm")
        self._heads = heads

    def __call__(self, hidden: Table, bounds: Sequence[tuple[int, int]]) -> Table:
        import numpy

        three = hidden @ self._three[0] + self._three[1]
        seen = numpy.concatenate([_attention(three[start:end], self._heads) for start, end in bounds])
        hidden = _normed(hidden + (seen @ self._mixed[0] + self._mixed[1]), *self._after_attention)
        wide = _gelu(hidden @ self._wide[0] + self._wide[1])
        return _normed(hidden + (wide @ self._narrow[0] + self._narrow[1]), *self._after_all)


def _attention(three: Table, heads: int) -> Table:
    """What each token of one text takes from the others. `three`: queries, keys and values, side by side."""
    import numpy

    length, width = len(three), three.shape[1] // 3
    queries, keys, values = (
        part.reshape(length, heads, width // heads).transpose(1, 0, 2) for part in numpy.split(three, 3, axis=1)
    )
    scores = queries @ keys.transpose(0, 2, 1) * numpy.float32((width // heads) ** -0.5)
    scores = numpy.exp(scores - scores.max(axis=-1, keepdims=True))
    scores /= scores.sum(axis=-1, keepdims=True)
    found: Table = (scores @ values).transpose(1, 0, 2).reshape(length, width)
    return found


def _norm(weights: Mapping[str, Table], name: str) -> tuple[Table, Table]:
    return weights[f"{name}.weight"], weights[f"{name}.bias"]


def _normed(hidden: Table, weight: Table, bias: Table) -> Table:
    import numpy

    centred = hidden - hidden.mean(axis=-1, keepdims=True)
    spread = numpy.sqrt((centred * centred).mean(axis=-1, keepdims=True) + numpy.float32(_TINY))
    found: Table = centred / spread * weight + bias
    return found


def _gelu(values: Table) -> Table:
    """x times the normal distribution's share below x. numpy has no erf: this one (Abramowitz and Stegun, "Handbook of
    Mathematical Functions", 7.1.26) is off by 1.5e-7 at most."""
    import numpy

    scaled = values * numpy.float32(0.5**0.5)
    size = numpy.abs(scaled)
    inverse = 1 / (1 + numpy.float32(_ERF_SCALE) * size)
    sums = numpy.zeros_like(inverse)
    for factor in reversed(_ERF):
        sums = (sums + numpy.float32(factor)) * inverse
    error = numpy.copysign(1 - sums * numpy.exp(-size * size), scaled)
    found: Table = numpy.float32(0.5) * values * (1 + error)
    return found


def _calm() -> None:
    """Let numpy multiply with one thread. For tables as small as these a second gains little, and where others work on
    the machine its threads wait for each other: measured on two busy cores, 114 ms for a question in place of 591."""
    if find_spec("threadpoolctl") is not None:
        import_module("threadpoolctl").ThreadpoolController().select(internal_api="openblas").limit(limits=1)


def read_weights(file: Path) -> dict[str, Table]:
    """The tables of float32 in a safetensors file, left in it until they are used.

    Raises:
        BrokenWeights: it is no such file.
        OSError: it cannot be read.
    """
    import numpy

    raw: Any = numpy.memmap(file, dtype=numpy.uint8, mode="r")
    length = int.from_bytes(raw[:8].tobytes(), "little")
    if not 0 < length <= min(_LARGEST_HEADER, len(raw) - 8):
        raise BrokenWeights("it is no file of safetensors")
    try:
        header = json.loads(raw[8 : 8 + length].tobytes())
        tables = {name: one for name, one in header.items() if name != "__metadata__" and one["dtype"] == "F32"}
        body = raw[8 + length :]
        return {
            name: body[slice(*one["data_offsets"])].view(numpy.float32).reshape(one["shape"])
            for name, one in tables.items()
        }
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise BrokenWeights(f"it is no file of safetensors ({error})") from error
