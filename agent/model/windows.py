"""How much a model holds at its endpoint: what the server itself says of it, else the price list.

A list of models seldom tells it. Servers for one's own machine tell it on pages beside the API, each on its own, and
what counts there is what they serve, not what the model was made for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from urllib.parse import quote

from agent.errors import ModelError
from agent.model.listing import Listed
from agent.model.pages import Door
from agent.model.prices import Prices
from agent.model.within import Later

__all__ = ["Window", "find_window"]


@dataclass(frozen=True, slots=True)
class Window:
    """The window of a model in tokens; None where nobody tells it.

    `source` says for people who tells it, `listed` that it is the price list. `most` is what the model could hold if
    its server gave it so much. `silent`: the server cuts what is longer without a word.
    """

    tokens: int | None = None
    source: str = ""
    most: int | None = None
    silent: bool = False
    listed: bool = False


def find_window(door: Door, listed: Listed, prices: Prices, *, until: float, patience: float) -> Window:
    """The window of a model, which may have to be loaded before its server knows it.

    Args:
        door: To its endpoint.
        listed: The model, with what the endpoint's list tells.
        prices: Its entry of the price list.
        until: When the time for it is over, of `time.monotonic`.
        patience: Seconds for each page.
    """
    if listed.window is not None:
        return Window(listed.window, "the list of its models")
    if door.endpoint.private:
        asked = [Later(partial(ask, door, listed.name, patience)) for ask in (_llama_cpp, _lm_studio, _ollama)]
        found = [window for one in asked if (window := _given(one, until)) is not None]
        if found:
            return min(found, key=lambda one: one.tokens is None)
    known = prices.window()
    return Window(known, "the price list", listed=True) if known is not None else Window()


def _given(one: Later[Window | None], until: float) -> Window | None:
    try:
        return one.get(until)
    except (TimeoutError, ModelError):
        return None


def _llama_cpp(door: Door, name: str, patience: float) -> Window | None:
    page = door.fetch(f"//props?model={quote(name, safe='')}", patience=patience)
    size = _size(_held(page.value, "default_generation_settings"), "n_ctx")
    return None if size is None else Window(size, "llama.cpp (/props)")


def _lm_studio(door: Door, name: str, patience: float) -> Window | None:
    for entry in _entries(door.fetch("//api/v1/models", patience=patience).value, "models"):
        loaded = [one for one in _entries(entry, "loaded_instances") if name in (one.get("id"), entry.get("key"))]
        if loaded or entry.get("key") == name:
            sizes = [_size(_held(one, "config"), "context_length") for one in loaded]
            return Window(next(filter(None, sizes), None), "LM Studio, as loaded", _size(entry, "max_context_length"))
    for entry in _entries(door.fetch("//api/v0/models", patience=patience).value, "data"):  # before 0.4
        if entry.get("id") == name and "state" in entry:
            most = _size(entry, "max_context_length")
            return Window(_size(entry, "loaded_context_length"), "LM Studio, as loaded", most)
    return None


def _ollama(door: Door, name: str, patience: float) -> Window | None:
    shown = door.fetch("//api/show", patience=patience, body={"model": name}).value
    inner = _held(shown, "model_info")
    most = next((_size(inner, key) for key in inner if key.endswith(".context_length")), None)
    if most is None:
        return None
    full = name if ":" in name else f"{name}:latest"
    for entry in _entries(door.fetch("//api/ps", patience=patience).value, "models"):
        if full in (entry.get("name"), entry.get("model")) and (size := _size(entry, "context_length")):
            return Window(size, "Ollama, as loaded", most, silent=True)
    stated = (
        re.search(r"^num_ctx\s+(\d{1,9})$", str(shown.get("parameters")), re.M) if isinstance(shown, dict) else None
    )
    return Window(int(stated[1]) if stated else None, "the model's own num_ctx", most, silent=True)


def _held(value: object, name: str) -> Mapping[str, Any]:
    inner = value.get(name) if isinstance(value, Mapping) else None
    return inner if isinstance(inner, Mapping) else {}


def _entries(value: object, name: str) -> Iterator[Mapping[str, Any]]:
    inner = value.get(name) if isinstance(value, Mapping) else None
    yield from (one for one in (inner if isinstance(inner, list) else ()) if isinstance(one, Mapping))


def _size(value: Mapping[str, Any], name: str) -> int | None:
    size = value.get(name)
    return size if isinstance(size, int) and not isinstance(size, bool) and 0 < size < 10**9 else None
