"""What a server tells about the tokens of a reply, in the dialects that are in use."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agent.events import Usage

__all__ = ["HOLDERS", "read_usage"]

HOLDERS = ("usage", "x_groq", "error")
"""The fields of an object of which one must be there for it to tell a usage: in the object itself, in Groq's own part
of a chunk, inside an error."""


def read_usage(holder: object) -> Usage | None:
    """The usage, without its price, that an object of a reply, or an error, tells; None where it tells none.

    Args:
        holder: A chunk, a whole reply, a choice, or the body of an error, as parsed.
    """
    for told in _places(holder):
        if isinstance(told, Mapping) and (told.get("prompt_tokens") or told.get("completion_tokens")):
            return _read(told)
    return None


def _places(holder: object) -> tuple[object, ...]:
    if not isinstance(holder, Mapping):
        return ()
    own, *others = HOLDERS
    inner = [one.get(own) for name in others if isinstance(one := holder.get(name), Mapping)]
    return (holder.get(own), *inner)


def _read(told: Mapping[str, Any]) -> Usage | None:
    prompt, completion = _count(told, "prompt_tokens"), _count(told, "completion_tokens")
    if prompt is None and completion is None:
        return None
    total = _count(told, "total_tokens")
    if total is not None and prompt is not None:  # Gemini and xAI count thoughts, which are billed, in the total only
        completion = max(completion or 0, total - prompt)
    cached = _count(told.get("prompt_tokens_details"), "cached_tokens")
    for name in ("prompt_cache_hit_tokens", "cached_tokens"):  # DeepSeek; Moonshot
        cached = _count(told, name) if cached is None else cached
    return Usage(
        prompt_tokens=prompt or 0,
        cached_tokens=min(cached or 0, prompt or 0),
        completion_tokens=completion or 0,
    )


def _count(holder: object, name: str) -> int | None:
    value = holder.get(name) if isinstance(holder, Mapping) else None
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e12:
        return int(value)
    return None
