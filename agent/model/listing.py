"""What an endpoint says that it has: the list of its models."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from agent.errors import ModelError, ModelRefused, ModelUnavailable
from agent.model.dialect import Endpoint
from agent.model.pages import Door, Page

__all__ = ["Listed", "Moved", "first_to_talk_to", "is_embedder", "list_models"]

_WINDOWS = ("max_model_len", "context_length", "max_input_tokens", "context_window", "max_context_length")
"""Fields in which lists tell the window: vLLM; OpenRouter and many more; LiteLLM; Groq; Mistral."""
_INNER = (("top_provider", "context_length"), ("meta", "n_ctx"))
"""The same, one level deeper: OpenRouter's best provider, which may hold less than the model; llama.cpp."""
_NO_TALKER = re.compile(
    r"embed|rerank|whisper|(?:^|[/_-])(?:bge|gte|e5|tts|dall-e|moderation)(?:$|[/_:-])", re.IGNORECASE
)
_HINT = "name a model with --model or THINKACT_MODEL"


@dataclass(frozen=True, slots=True)
class Listed:
    """A model of a list. `window` is its size in tokens and `owner` whose it is, as far as the list tells."""

    name: str
    window: int | None = None
    owner: str = ""


class Moved(ModelUnavailable):
    """The endpoint sends whoever asks to another address."""


def list_models(endpoint: Endpoint, key: str | None, patience: float, proxy: str | None = None) -> tuple[Listed, ...]:
    """The models that an endpoint lists, in its order; none is possible.

    Args:
        endpoint: Who is asked.
        key: Shown to it.
        patience: Seconds for all of it.
        proxy: URL of a proxy; None: what the environment says.

    Raises:
        ModelUnavailable: it does not answer, or not with a list; `Moved` is one of these.
        ModelRefused: it does not accept the key, or cannot be asked at all.
    """
    page = Door(endpoint, (key or "").strip(), proxy).fetch("/models", patience=patience)
    if page.status in (401, 403):
        raise _unauthorised(endpoint, key, page.status)
    if page.moved is not None:
        raise _moved(endpoint, page.moved)
    if page.status >= 400 or (found := _listed(page)) is None:
        raise _no_list(endpoint, page)
    return found


def first_to_talk_to(models: Sequence[Listed]) -> str:
    """The first model of a list whose name does not say that it only embeds, ranks or transcribes; where all say so,
    the first. The list must not be empty."""
    return next((one.name for one in models if not _NO_TALKER.search(one.name)), models[0].name)


def is_embedder(name: str) -> bool:
    """Does the name say that the model makes embeddings?"""
    return re.search(r"embed|(?:^|[/_-])(?:bge|gte|e5)(?:$|[/_:-])", name, re.IGNORECASE) is not None


def _listed(page: Page) -> tuple[Listed, ...] | None:
    """The models of a page; None where it is no list."""
    value = page.value
    entries = value.get("data") if isinstance(value, Mapping) else value or None  # Together AI sends the bare list
    if not isinstance(entries, list) or not all(isinstance(one, Mapping) and "id" in one for one in entries):
        return None
    return tuple(Listed(str(one["id"]), _window(one), str(one.get("owned_by") or "")) for one in entries)


def _window(entry: Mapping[str, object]) -> int | None:
    return min(_sizes(entry), default=None)


def _sizes(entry: Mapping[str, object]) -> Iterator[int]:
    """The sizes that an entry tells."""
    told = next((entry[name] for name in _WINDOWS if entry.get(name)), None)
    inner = [one.get(name) for holder, name in _INNER if isinstance(one := entry.get(holder), Mapping)]
    for size in (told, *inner):
        if isinstance(size, int) and not isinstance(size, bool) and size > 0:
            yield size


def _moved(endpoint: Endpoint, address: str) -> Moved:
    base = address.partition("?")[0].removesuffix("/models")
    return Moved(
        f"{endpoint.host} sends whoever asks for its models to another address, {base}",
        hint="if that is the right one, set it as the base URL: thinkact takes no key there by itself",
    )


def _no_list(endpoint: Endpoint, page: Page) -> ModelError:
    if page.status >= 400:
        said = f"{endpoint.host} does not list its models ({page.status})"
    elif page.web:
        said = f"{endpoint.host} does not list its models: it sent a web page"
    else:
        said = f"{endpoint.host} does not list its models: what it sent is none"
    path = "" if endpoint.url.rstrip("/").endswith("/v1") else "a base URL usually ends in /v1; else "
    return ModelUnavailable(said, hint=path + _HINT)


def _unauthorised(endpoint: Endpoint, key: str | None, status: int) -> ModelRefused:
    if not key:
        return ModelRefused(
            f"{endpoint.host} wants a key ({status})", hint="set OPENAI_API_KEY to a key of this server"
        )
    return ModelRefused(
        f"{endpoint.host} does not accept the key ({status})",
        hint=f"check that OPENAI_API_KEY is a key of {endpoint.host}",
    )
