"""Which embedder a memory takes: the one that is named, or the best that is here without a download."""

from __future__ import annotations

from pathlib import Path
from typing import Literal, TypeAlias, get_args

from . import _chroma_model, _minilm
from ._endpoint_embedder import EmbeddingEndpoint, EndpointEmbedder
from ._minilm import REQUIREMENT as LOCAL_MODEL
from ._note_errors import RecallError
from .embedding import Embedder, HashingEmbedder

__all__ = ["LOCAL_MODEL", "EmbedderName", "EmbeddingEndpoint", "choose", "lacking"]

EmbedderName: TypeAlias = Literal["auto", "none", "hashing", "minilm", "endpoint"]
"""`auto`: the endpoint where one is set up, else the local model where it is installed, else chromadb's where it is in
its cache, else feature hashing. `none`: words alone."""


def choose(
    embedder: Embedder | EmbedderName | None, endpoint: EmbeddingEndpoint | None, *, cache: Path | None = None
) -> tuple[Embedder | None, str]:
    """The embedder that is meant, and why it is this one, for people; nothing is loaded and nobody is asked.

    Raises:
        RecallError: there is no such embedder, or no endpoint is set up.
    """
    if embedder is None or embedder == "none":
        return None, "notes are found by their words alone, as was asked for"
    if not isinstance(embedder, str):
        return _sound(embedder), "it was handed in"
    if embedder == "auto":
        return _best(endpoint, cache)
    if embedder == "hashing":
        return HashingEmbedder(), "feature hashing, as was asked for"
    if embedder == "minilm":
        return _minilm.MiniLM(), "the local model, as was asked for"
    if embedder == "endpoint":
        if endpoint is None:
            raise RecallError("no endpoint for vectors is set up", hint="name its address and a model")
        return EndpointEmbedder(endpoint), "the endpoint, as was asked for"
    raise _unknown(embedder)


def lacking() -> list[str]:
    """What the local model lacks here, as pip is asked for it; empty where it is installed."""
    return [LOCAL_MODEL if LOCAL_MODEL.startswith(f"{name}==") else name for name in _minilm.missing()]


def _best(endpoint: EmbeddingEndpoint | None, cache: Path | None) -> tuple[Embedder, str]:
    if endpoint is not None:
        return EndpointEmbedder(endpoint), "the endpoint that is set up for vectors"
    if _minilm.is_installed():
        return _minilm.MiniLM(), "the local model, which is installed"
    if (folder := _chroma_model.cached(cache)) is not None:
        return _chroma_model.ChromaModel(folder), "chromadb's own model, which is in its cache"
    return HashingEmbedder(), "built in: no model and no download"


def _sound(embedder: object) -> Embedder:
    """The same, where it is an embedder at all."""
    if not isinstance(embedder, Embedder):
        kind = type(embedder).__name__
        raise RecallError(f"a {kind} is no embedder", hint="it needs id, dimensions and embed(texts)")
    return embedder


def _unknown(name: object) -> RecallError:
    known = ", ".join(get_args(EmbedderName))
    return RecallError(f"there is no embedder {name!r}", hint=f"take one of: {known}")
