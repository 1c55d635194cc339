"""Which model: the one that is named; else what key, base URL or this machine offer; else the rule-based one.

What is named is what is called, or it is an error: nothing falls back to another model unsaid.
"""

from __future__ import annotations

import json
import socket
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, field
from http.client import HTTPException
from typing import Any

from agent.errors import ModelRefused, ModelUnavailable
from agent.model.dialect import Endpoint
from agent.spelling import nearest

OFFLINE = "offline"
"""The name of the rule-based model."""
DEFAULT = "gpt-5.4-mini"
"""Called where there is a key and no name: current, cheap, good at tools."""
LOCAL = (("Ollama", "http://127.0.0.1:11434/v1"), ("LM Studio", "http://127.0.0.1:1234/v1"))
"""Servers that are looked for on this machine."""
PATIENCE = 0.2
"""Seconds that are spent on looking for one of them."""


@dataclass(frozen=True, slots=True)
class Choice:
    """The model to call, where, with which key, and why this one."""

    name: str
    base_url: str | None = None
    api_key: str | None = field(default=None, repr=False)
    why: str = ""


def choose(
    named: str | None,
    *,
    base_url: str | None,
    api_key: str | None,
    local: Sequence[tuple[str, str]] = LOCAL,
) -> Choice:
    """Choose a model. `named` is the name from flag, goal file or setting, in this order.

    `local` are the servers that are looked for on this machine where there is neither key nor base URL.

    Raises:
        SettingsError: the base URL is none.
        ModelUnavailable: there is a base URL and no name, and the server does not answer what it has.
        ModelRefused: it has no model, or does not accept the key; or a model is named and there is nowhere to ask it.
    """
    if named == OFFLINE:
        return Choice(OFFLINE, why="named")
    endpoint = Endpoint.of(base_url)
    if named is not None and (base_url or api_key):
        return Choice(named, base_url, api_key, "named")
    if base_url is not None:
        return Choice(_first(endpoint, api_key, 10.0), base_url, api_key, f"the first that {endpoint.host} lists")
    if api_key is not None:
        return Choice(DEFAULT, None, api_key, "the default where a key is set")
    for title, address in local:
        if _listens(address):
            try:
                return Choice(
                    named or _first(Endpoint.of(address), None, 2.0), address, None, f"{title} runs on this machine"
                )
            except (ModelUnavailable, ModelRefused):
                continue
    if named is not None:
        raise _nowhere(named)
    return Choice(OFFLINE, why="there is no key, no base URL, and no model server on this machine")


def _nowhere(named: str) -> ModelRefused:
    """A name, and nothing to ask it at. What is nearly the one name that needs nothing is asked about."""
    guess = f'; did you mean "{OFFLINE}"?' if nearest(named, [OFFLINE]) else ""
    return ModelRefused(
        f"the model {named} is named, but there is no key and no endpoint for it{guess}",
        hint="set OPENAI_API_KEY, or OPENAI_BASE_URL for a server of your own, or start Ollama or LM Studio",
    )


def _listens(address: str) -> bool:
    host, _, port = address.removeprefix("http://").partition("/")[0].partition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=PATIENCE):
            return True
    except OSError:
        return False


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """A redirect is an answer like any other that is no list: the key must not follow it to another host."""

    def redirect_request(self, *asked: Any) -> None:
        """Follow nothing."""
        del asked


def _first(endpoint: Endpoint, api_key: str | None, patience: float) -> str:
    """The first model that an endpoint lists."""
    request = urllib.request.Request(f"{endpoint.url.rstrip('/')}/models")
    if api_key:
        request.add_header("Authorization", f"Bearer {api_key}")
    handlers: list[urllib.request.BaseHandler] = [_NoRedirect()]
    if endpoint.loopback:  # a proxy is for the outside
        handlers.append(urllib.request.ProxyHandler({}))
    hint = "name one with --model or THINKACT_MODEL"
    try:
        with urllib.request.build_opener(*handlers).open(request, timeout=patience) as reply:
            listed = json.loads(reply.read(4_000_000))
            names = [str(one["id"]) for one in listed["data"]]
    except urllib.error.HTTPError as error:
        with error:
            if error.code in (401, 403):
                raise _unauthorised(endpoint, api_key, error.code) from None
            raise ModelUnavailable(f"{endpoint.host} does not list its models ({error.code})", hint=hint) from None
    except OSError as error:
        reason = getattr(error, "reason", error)
        said = getattr(reason, "strerror", None) or reason
        raise ModelUnavailable(
            f"{endpoint.host} cannot be reached ({said})", hint="start the server, or look at the base URL"
        ) from error
    except (HTTPException, ValueError, LookupError, TypeError, RecursionError) as error:
        raise ModelUnavailable(f"{endpoint.host} does not list its models: what it sent is none", hint=hint) from error
    if not names:
        raise ModelRefused(f"{endpoint.host} has no model", hint="load one there, or name one with --model")
    return names[0]


def _unauthorised(endpoint: Endpoint, api_key: str | None, status: int) -> ModelRefused:
    if not api_key:
        return ModelRefused(
            f"{endpoint.host} wants a key ({status})", hint="set OPENAI_API_KEY to a key of this server"
        )
    return ModelRefused(
        f"{endpoint.host} does not accept the key ({status})",
        hint=f"check that OPENAI_API_KEY is a key of {endpoint.host}",
    )
