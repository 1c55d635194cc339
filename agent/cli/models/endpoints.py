"""The endpoints of these settings and of this machine, asked side by side for their models, each once."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Literal, TypeAlias
from urllib.parse import urlsplit
from urllib.request import proxy_bypass

from agent.errors import ModelError, ModelRefused, ModelUnavailable
from agent.model.choice import LOCAL, Choice, choose, listens
from agent.model.dialect import Endpoint
from agent.model.listing import Listed, list_models
from agent.model.within import Later
from agent.settings import Settings

__all__ = ["Known", "Place", "look_around", "proxy_of", "through"]

PATIENCE = 9.0
"""Seconds in which an endpoint has answered, or counts as one that does not."""
State: TypeAlias = Literal["listed", "absent", "failed"]
"""It lists its models; nothing listens there; anything else."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An endpoint, where it is named, and what it said. `fault` is why it lists nothing."""

    title: str
    endpoint: Endpoint
    origin: str
    key: str | None = field(default=None, repr=False)
    state: State = "listed"
    models: tuple[Listed, ...] = ()
    fault: ModelError | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """All endpoints, and what `run` would call there without a name on its command line or in its goal file: a choice,
    or why there is none. `narrowed`: only the endpoint of the command line was asked."""

    places: tuple[Place, ...]
    narrowed: bool = False
    choice: Choice | None = None
    fault: ModelError | None = None


def look_around(
    settings: Settings,
    base_url: str | None,
    *,
    local: Sequence[tuple[str, str]] = LOCAL,
    patience: float = PATIENCE,
) -> Known:
    """Ask every endpoint that is set up, and those that are found here.

    Args:
        settings: Of the user.
        base_url: Of the command line: then only that is asked.
        local: The servers that are looked for on this machine, by their names and addresses.
        patience: Seconds for all of it.

    Raises:
        SettingsError: a base URL is none.
    """
    until = time.monotonic() + patience
    places = _places(settings, base_url, local)
    asked = [Later(partial(_ask, one, settings, until)) for one in places]
    places = [_settled(one, later, until, patience) for one, later in zip(places, asked, strict=True)]
    known = {(one.endpoint.url, one.key): one for one in places}

    def remembered(endpoint: Endpoint, key: str | None, patience: float) -> Sequence[Listed]:
        place = known.get((endpoint.url, key))
        if place is None:
            return list_models(endpoint, key, patience, proxy_of(settings))
        if place.fault is not None:
            raise place.fault
        return place.models

    here = [(one.title, one.endpoint.url) for one in places if one.origin == _HERE and one.state != "absent"]
    url = base_url or settings.base_url
    try:
        choice = choose(settings.model, base_url=url, api_key=settings.api_key, local=here, ask=remembered)
    except ModelError as fault:
        return Known(places=tuple(places), narrowed=base_url is not None, fault=fault)
    return Known(places=tuple(places), narrowed=base_url is not None, choice=choice)


def proxy_of(settings: Settings) -> str | None:
    """The proxy that the settings name."""
    return settings.https_proxy or settings.all_proxy


def through(settings: Settings, endpoint: Endpoint) -> str:
    """The proxy on the way to an endpoint, as the end of a sentence; empty where there is none."""
    proxy = proxy_of(settings)
    if proxy is None or endpoint.loopback or proxy_bypass(endpoint.host):
        return ""
    return f" through the proxy {urlsplit(proxy).netloc.rpartition('@')[2] or proxy.rpartition('@')[2]}"


_HERE = "this machine"


def _places(settings: Settings, base_url: str | None, local: Sequence[tuple[str, str]]) -> list[Place]:
    """Whom to ask, in the order in which a model is looked for."""
    stated = base_url or settings.base_url
    found: list[Place] = []
    if stated is not None or settings.api_key is not None:
        endpoint = Endpoint.of(stated)
        source = "OPENAI_BASE_URL" if stated is not None else "OPENAI_API_KEY"
        origin = "--base-url" if base_url is not None else settings.origin(source)
        title = _title(endpoint, local)
        found.append(Place(title=title, endpoint=endpoint, origin=origin, key=settings.api_key))
    if base_url is None:
        here = [Place(title=title, endpoint=Endpoint.of(url), origin=_HERE) for title, url in local]
        found += [one for one in here if not any(_same(one.endpoint, other.endpoint) for other in found)]
    return found


def _title(endpoint: Endpoint, local: Sequence[tuple[str, str]]) -> str:
    """What an endpoint of the settings is called."""
    title = next((title for title, url in local if _same(endpoint, Endpoint.of(url))), None)
    if title is not None:
        return title
    if endpoint.official:
        return "Azure" if endpoint.host.endswith(".azure.com") else "OpenAI"
    return "OpenRouter" if endpoint.host == "openrouter.ai" else "set up"


def _same(one: Endpoint, other: Endpoint) -> bool:
    """Are both the same server of this machine, by whatever name?"""
    return one.loopback and other.loopback and urlsplit(one.url).port == urlsplit(other.url).port


def _ask(place: Place, settings: Settings, until: float) -> Place:
    if place.origin == _HERE and not listens(place.endpoint.url):
        fault = ModelUnavailable(f"nothing listens at {place.endpoint.host}", hint=f"start {place.title} to use it")
        return replace(place, state="absent", fault=fault)
    try:
        left = max(0.1, until - time.monotonic() - 0.2)
        return replace(place, models=tuple(list_models(place.endpoint, place.key, left, proxy_of(settings))))
    except ModelRefused as fault:
        if place.origin == _HERE:  # a key alone would be taken for one of OpenAI
            fault.hint = f"set OPENAI_BASE_URL={place.endpoint.url}, and OPENAI_API_KEY to a key of this server"
        return replace(place, state="failed", fault=fault)
    except ModelError as fault:
        return replace(place, state="failed", fault=fault)


def _settled(place: Place, asked: Later[Place], until: float, patience: float) -> Place:
    try:
        return asked.get(until)
    except TimeoutError:
        fault = ModelUnavailable(f"{place.endpoint.host} does not answer within {patience:.0f} s")
        return replace(place, state="failed", fault=fault)
