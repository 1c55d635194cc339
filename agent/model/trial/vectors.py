"""Embeddings at an endpoint: one request for one word."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace

from agent.errors import ModelError
from agent.events import Usage
from agent.model import compact
from agent.model.connection import Connection, Refusal
from agent.model.listing import Listed, is_embedder
from agent.model.prices import Prices
from agent.model.retry import Again
from agent.model.trial.finding import Finding, Outcome

__all__ = ["embedder_of", "try_embeddings"]

_OPENAI = "text-embedding-3-small"
_LARGEST = 4_000_000  # bytes of a reply


def embedder_of(name: str, models: Sequence[Listed], *, official: bool) -> str:
    """The model to try embeddings with: the tried one where its name says that it embeds, else one of the list, else
    the cheap one of OpenAI, else the tried one after all."""
    known = {one.name for one in models}
    if is_embedder(name) or (official and _OPENAI in known):
        return name if is_embedder(name) else _OPENAI
    return next((one.name for one in models if is_embedder(one.name)), name)


def try_embeddings(connection: Connection, name: str, prices: Prices, *, until: float) -> Finding:
    """Ask for the vector of a word.

    Args:
        connection: To the endpoint, for this model.
        name: Of the model.
        prices: Its entry of the price list.
        until: When its time is over, of `time.monotonic`.
    """
    began = time.monotonic()
    usage: Usage | None = None
    try:
        size, tokens = _read(_reply(connection, name, until))
    except (Again, ModelError, Refusal) as failure:
        outcome, said = _meant(failure, late=time.monotonic() >= until)
    else:
        outcome, said = "not supported", "what the server sent is no vector"
        if size:
            outcome, said = "passed", f"vectors of {size:,} numbers"
            usage = Usage(prompt_tokens=tokens)
            usage = replace(usage, usd=prices.price(usage))
    return Finding(
        name="embeddings",
        outcome=outcome,
        detail=said if name in said else f"{name}: {said}",
        seconds=time.monotonic() - began,
        usage=usage,
    )


def _reply(connection: Connection, name: str, until: float) -> bytes:
    answer = connection.post(compact({"model": name, "input": ["thinkact"]}), until=until, path="/embeddings")
    try:
        raw = b""
        for piece in answer.pieces():
            raw += piece
            if len(raw) > _LARGEST:
                raise Again("the reply does not end")
        return raw
    finally:
        answer.close()


def _meant(failure: Again | ModelError | Refusal, *, late: bool) -> tuple[Outcome, str]:
    """What a failure says of embeddings: a refusal for good means that there are none, as does a missing page."""
    if late:
        return "not tried in time", "no answer in the time that was left"
    meaning = failure.meaning if isinstance(failure, Refusal) else failure
    said = meaning.reason if isinstance(meaning, Again) else meaning.message
    none = isinstance(failure, Refusal) and (not isinstance(meaning, Again) or failure.status in (500, 501))
    return ("not supported" if none else "failed"), said


def _read(raw: bytes) -> tuple[int, int]:
    """The length of the vector, 0 where there is none, and the tokens that were paid."""
    try:
        value = json.loads(raw)
        vector = value["data"][0]["embedding"]
        told = value.get("usage")
    except (ValueError, LookupError, TypeError, AttributeError, RecursionError):
        return 0, 0
    tokens = told.get("prompt_tokens") if isinstance(told, Mapping) else None
    size = len(vector) if isinstance(vector, list) else 0
    return size, tokens if isinstance(tokens, int) and 0 < tokens < 10**6 else 0
