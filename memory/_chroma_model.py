"""The same sentence model as chromadb downloads it for itself, where that has happened: run by onnxruntime.

Nothing is downloaded here. The model is used only where chromadb, in some other program of the user's, has already
put it into its cache.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import blake2b
from importlib.util import find_spec
from pathlib import Path

from ._sentences import MODEL, Network, SentenceEmbedder

_NEEDED = ("numpy", "onnxruntime", "tokenizers")
_FILES = ("model.onnx", "tokenizer.json")


class ChromaModel(SentenceEmbedder):
    """Vectors by the model in chromadb's cache. `folder`: where its files are."""

    def __init__(self, folder: Path) -> None:
        # chromadb says what its archive must hash to, not what is in it: its size tells one model from another.
        told = blake2b(str((folder / "model.onnx").stat().st_size).encode(), digest_size=4).hexdigest()
        tokens = folder / "tokenizer.json"
        super().__init__(f"chroma-{MODEL}-{told}", tokenizer=tokens, load=lambda: _network(folder / "model.onnx"))


def cached(cache: Path | None = None) -> Path | None:
    """The folder of chromadb's model; None where it is not in the cache, or nothing here can run it."""
    try:
        folder = (cache or Path.home() / ".cache" / "chroma") / "onnx_models" / MODEL / "onnx"
        there = all((folder / name).is_file() for name in _FILES)
    except (OSError, RuntimeError):  # the latter: there is no home
        return None
    return folder if there and all(find_spec(name) is not None for name in _NEEDED) else None


def _network(file: Path) -> Network:
    import numpy
    import onnxruntime  # type: ignore[import-untyped]

    options = onnxruntime.SessionOptions()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])

    def run(texts: Sequence[Sequence[int]]) -> Sequence[Sequence[float]]:
        longest = max(map(len, texts))
        tokens = numpy.zeros((len(texts), longest), dtype=numpy.int64)
        mask = numpy.zeros_like(tokens)
        for row, text in enumerate(texts):
            tokens[row, : len(text)], mask[row, : len(text)] = text, 1
        given = {"input_ids": tokens, "attention_mask": mask, "token_type_ids": numpy.zeros_like(tokens)}
        hidden = numpy.asarray(session.run(None, given)[0])
        means = (hidden * mask[:, :, None]).sum(axis=1) / mask.sum(axis=1, keepdims=True)
        found: Sequence[Sequence[float]] = (means / numpy.linalg.norm(means, axis=1, keepdims=True)).tolist()
        return found

    return run
