"""The model: which one would be called and why, and whether it can be reached. Nothing is asked of it but its list of
models, and only where the user's settings lead."""

from __future__ import annotations

import re
import shutil
import socket
from collections.abc import Iterator, Sequence
from urllib.parse import urlsplit

from agent.cli import mending
from agent.cli.doctor.finding import Around, Finding
from agent.cli.models.endpoints import proxy_of, through
from agent.errors import ModelError, ModelRefused, ModelUnavailable, SettingsError, ThinkactError
from agent.model.choice import OFFLINE, Choice, choose
from agent.model.dialect import Endpoint
from agent.model.listing import Listed, Moved, list_models
from agent.spelling import nearest

_CONNECT, _LIST = 0.6, 0.9
"""The parts of the time in which an endpoint must take a connection, and have listed its models."""
_STARTERS = {11434: ("ollama", "serve"), 1234: ("lms", "server", "start")}
"""How the servers begin that are usual on a port of this machine."""


def look_at_model(around: Around) -> Iterator[Finding]:
    """The model that a run without flags would call."""
    settings = around.settings
    seen: dict[str, Sequence[Listed]] = {}

    def ask(endpoint: Endpoint, key: str | None, patience: float) -> Sequence[Listed]:
        if endpoint.url not in seen:
            _connect(around, endpoint)
            seen[endpoint.url] = list_models(endpoint, key, patience, proxy_of(settings))
        return seen[endpoint.url]

    patience = _LIST * around.wait
    try:
        choice = choose(
            settings.model, base_url=settings.base_url, api_key=settings.api_key, patience=patience, ask=ask
        )
        if choice.name == OFFLINE:
            yield _offline(choice)
            return
        endpoint = Endpoint.of(choice.base_url)
        try:
            listed = ask(endpoint, choice.api_key, patience)
        except ModelUnavailable as error:
            if not _answers(error):
                raise
            yield _unlisted(around, choice, error.message)
            return
        yield _reached(around, choice, [one.name for one in listed])
    except ThinkactError as error:
        yield _slow(around, error) if "does not answer within" in error.message else _fault(around, error)


def late(around: Around) -> Finding:
    """Nothing came in time: the name of the endpoint could not even be looked up."""
    return _slow(around, ModelUnavailable(f"{Endpoint.of(around.settings.base_url).host} has not answered"))


def _slow(around: Around, error: ThinkactError) -> Finding:
    what = f"{error.message}; a run waits longer"
    value = {"model": around.settings.model, "host": Endpoint.of(around.settings.base_url).host, "why": None}
    return Finding(name="model", state="warning", what=what, mend=mending.look_longer(), value=value)


def _offline(choice: Choice) -> Finding:
    what = f"the offline model, which follows rules and does not think: {choice.why}"
    return Finding(name="model", state="ok", what=what, value={"model": OFFLINE, "host": None, "why": choice.why})


def _told(around: Around, choice: Choice) -> tuple[str, dict[str, str | None]]:
    endpoint = Endpoint.of(choice.base_url)
    value: dict[str, str | None] = {"model": choice.name, "host": endpoint.host, "why": choice.why}
    return f"{choice.name} at {endpoint.host}{through(around.settings, endpoint)} ({choice.why})", value


def _reached(around: Around, choice: Choice, names: Sequence[str]) -> Finding:
    """An endpoint that lists its models, and the one that would be called. Azure lists models, and is asked by the
    names of deployments."""
    told, value = _told(around, choice)
    azure = Endpoint.of(choice.base_url).host.endswith(".azure.com")
    if choice.name not in names and f"{choice.name}:latest" not in names and not azure:
        near = nearest(choice.name, names)
        guess = f"; did you mean {near}?" if near else f"; it lists {len(names)} others"
        mend = mending.export("THINKACT_MODEL", near) if near else mending.thinkact("models", "list")
        what = f"{told} is not among the models that are listed there{guess}"
        return Finding(name="model", state="warning", what=what, mend=mend, value=value)
    key = "takes the key" if choice.api_key else "wants no key"
    return Finding(name="model", state="ok", what=f"{told}: the endpoint answers and {key}", value=value)


def _unlisted(around: Around, choice: Choice, why: str) -> Finding:
    told, value = _told(around, choice)
    what = f"{told}: the endpoint answers, but {why}; whether it has {choice.name} is not known"
    mend = mending.thinkact("models", "test", choice.name)
    return Finding(name="model", state="warning", what=what, mend=mend, value=value)


def _answers(error: ModelError) -> bool:
    """Is there an endpoint, and only no list of its models?"""
    return isinstance(error, Moved) or "does not list its models" in error.message


def _connect(around: Around, endpoint: Endpoint) -> None:
    """See whether an endpoint takes a connection at all, where no proxy is on the way.

    Raises:
        ModelUnavailable: it does not.
    """
    if through(around.settings, endpoint):
        return
    parts = urlsplit(endpoint.url)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    try:
        socket.create_connection((parts.hostname or "", port), timeout=_CONNECT * around.wait).close()
    except OSError as error:
        why = error.strerror or str(error)
        raise ModelUnavailable(f"{endpoint.host} cannot be reached ({why})") from error


def _fault(around: Around, error: ThinkactError) -> Finding:
    settings = around.settings
    if isinstance(error, SettingsError):
        return Finding(name="model", state="fault", what=error.message, mend=mending.unset("OPENAI_BASE_URL"))
    endpoint = Endpoint.of(settings.base_url)
    if isinstance(error, ModelRefused) and re.search("wants a key|accept the key|OPENAI_API_KEY", error.message):
        mend = _new_key(around)
    elif settings.base_url is None and settings.api_key is None:
        mend = _somewhere(error)
    else:
        mend = _start(endpoint) if "cannot be reached" in error.message else _offline_meanwhile()
    value = {"model": settings.model, "host": endpoint.host, "why": None}
    return Finding(name="model", state="fault", what=error.message, mend=mend, value=value)


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
