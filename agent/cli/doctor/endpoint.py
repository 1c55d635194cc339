"""The model: which one would be called and why, and whether it can be reached. Nothing is asked of it but its list of
models, and only where the user's settings lead."""

from __future__ import annotations

import re
import shutil
import socket
from collections.abc import Iterator
from urllib.parse import urlsplit
from urllib.request import proxy_bypass

from agent.cli import mending
from agent.cli.doctor.finding import Around, Finding
from agent.errors import ModelError, ModelRefused, SettingsError, ThinkactError
from agent.model.choice import OFFLINE, Choice, choose
from agent.model.dialect import DEFAULT_URL, Endpoint
from agent.settings import Settings

_CONNECT = 0.7
"""The part of the time in which an endpoint must take a connection."""
_STARTERS = {11434: ("ollama", "serve"), 1234: ("lms", "server", "start")}
"""How the servers begin that are usual on a port of this machine."""


def look_at_model(around: Around) -> Iterator[Finding]:
    """The model that a run without flags would call."""
    settings = around.settings
    try:
        if settings.base_url is not None and settings.model is None:
            _connect(around, Endpoint.of(settings.base_url))
        choice = choose(settings.model, base_url=settings.base_url, api_key=settings.api_key)
        if choice.name == OFFLINE:
            yield _offline(choice)
            return
        yield _reached(around, choice)
    except ThinkactError as error:
        yield _fault(around, error)
    except _NotReached as error:
        yield _unreached(settings, str(error))


class _NotReached(Exception):
    """An endpoint takes no connection."""


def late(around: Around) -> Finding:
    """The endpoint took the connection, or its name could not be looked up, and nothing came in time."""
    host = Endpoint.of(around.settings.base_url).host
    what = f"{host} has not answered in {around.wait:g} s; a run waits longer"
    return Finding(name="model", state="warning", what=what, mend=mending.look_longer(), value={"host": host})


def _offline(choice: Choice) -> Finding:
    what = f"the offline model, which follows rules and does not think: {choice.why}"
    return Finding(name="model", state="ok", what=what, value={"model": OFFLINE, "host": None, "why": choice.why})


def _reached(around: Around, choice: Choice) -> Finding:
    """Whether the endpoint of a choice answers. One that was asked to make the choice is known to."""
    settings = around.settings
    endpoint = Endpoint.of(choice.base_url)
    value = {"model": choice.name, "host": endpoint.host, "why": choice.why}
    told = f"{choice.name} at {endpoint.host} ({choice.why})"
    asked = choice.base_url is not None and settings.model is None
    if not asked:
        proxy = _proxy(settings, endpoint)
        if proxy and proxy == "config.toml":  # the library that would ask here knows only the environment's
            what = f"{told}, through the proxy of config.toml, which is not tried here"
            return Finding(name="model", state="ok", what=what, value=value)
        _connect(around, endpoint)
        try:
            choose(None, base_url=choice.base_url or DEFAULT_URL, api_key=choice.api_key)
        except ModelError as error:
            if _about_the_key(error) or isinstance(error.__cause__, OSError):
                raise
            what = f"{told} answers, but: {error.message}; whether it has {choice.name} is seen at the first call"
            return Finding(name="model", state="warning", what=what, mend=_by_hand(settings), value=value)
    key = "takes the key" if choice.api_key else "wants no key"
    return Finding(name="model", state="ok", what=f"{told} answers and {key}", value=value)


def _proxy(settings: Settings, endpoint: Endpoint) -> str | None:
    """Where the proxy stands that leads to an endpoint; None where there is none on the way."""
    if endpoint.loopback or proxy_bypass(urlsplit(endpoint.url).hostname or ""):
        return None
    name = "HTTPS_PROXY" if settings.https_proxy else "ALL_PROXY" if settings.all_proxy else None
    return None if name is None else settings.origin(name)


def _connect(around: Around, endpoint: Endpoint) -> None:
    """Raises `_NotReached` where an endpoint that is asked directly takes no connection."""
    if _proxy(around.settings, endpoint):
        return
    parts = urlsplit(endpoint.url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        socket.create_connection((parts.hostname or "", port), timeout=_CONNECT * around.wait).close()
    except OSError as error:
        raise _NotReached(f"{endpoint.host} cannot be reached ({error.strerror or error})") from error


def _fault(around: Around, error: ThinkactError) -> Finding:
    settings = around.settings
    if isinstance(error, SettingsError):
        return Finding(name="model", state="fault", what=error.message, mend=mending.unset("OPENAI_BASE_URL"))
    endpoint = Endpoint.of(settings.base_url)
    if _about_the_key(error):
        mend = _new_key(around)
    elif settings.base_url is None and settings.api_key is None:
        mend = _somewhere(error)
    else:
        mend = _start(endpoint) if isinstance(error.__cause__, OSError) else _offline_meanwhile()
    return Finding(name="model", state="fault", what=error.message, mend=mend, value={"host": endpoint.host})


def _unreached(settings: Settings, what: str) -> Finding:
    endpoint = Endpoint.of(settings.base_url)
    return Finding(name="model", state="fault", what=what, mend=_start(endpoint), value={"host": endpoint.host})


def _about_the_key(error: ThinkactError) -> bool:
    return isinstance(error, ModelRefused) and re.search("wants a key|accept the key", error.message) is not None


def _new_key(around: Around) -> str:
    """Put the key where the present one stands, or where the address does: a key elsewhere is not for that one."""
    settings = around.settings
    name = "OPENAI_API_KEY" if settings.api_key else "OPENAI_BASE_URL"
    files = {".env": around.cwd / ".env", "config.toml": settings.config}
    file = files.get(settings.origin(name))
    return mending.type_in("OPENAI_API_KEY") if file is None else mending.edit(file)


def _somewhere(error: ThinkactError) -> str:
    """A model is named, and there is nowhere to ask it."""
    if OFFLINE in error.message:  # what is named is nearly that
        return _offline_meanwhile()
    starter = next((one for one in _STARTERS.values() if shutil.which(one[0])), None)
    return mending.line_of(starter) if starter else mending.type_in("OPENAI_API_KEY")


def _start(endpoint: Endpoint) -> str:
    """Start the server of this machine where it is known how; else go on without the endpoint."""
    starter = _STARTERS.get(urlsplit(endpoint.url).port or 0) if endpoint.loopback else None
    return mending.line_of(starter) if starter and shutil.which(starter[0]) else _offline_meanwhile()


def _offline_meanwhile() -> str:
    """What is named in the environment goes before all that stands in files."""
    return mending.export("THINKACT_MODEL", OFFLINE)


def _by_hand(settings: Settings) -> str:
    """Ask the endpoint by hand, to see what it says."""
    url = Endpoint.of(settings.base_url).url.rstrip("/")
    return mending.line_of(["curl", "-sS", "-m", "20", f"{url}/models"])
