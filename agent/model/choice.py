"""Which model: the one that is named; else what key, base URL or this machine offer; else the rule-based one.

What is named is what is called, or it is an error: nothing falls back to another model unsaid.
"""

from __future__ import annotations

import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from agent.errors import ModelRefused, ModelUnavailable
from agent.model.dialect import Endpoint
from agent.model.listing import Listed, first_to_talk_to, list_models
from agent.spelling import nearest

OFFLINE = "offline"
"""The name of the rule-based model."""
DEFAULT = "gpt-5.4-mini"
"""Called where there is a key and no name: current, cheap, good at tools."""
LOCAL = (("Ollama", "http://127.0.0.1:11434/v1"), ("LM Studio", "http://127.0.0.1:1234/v1"))
"""Servers that are looked for on this machine."""
PATIENCE = 0.2
"""Seconds that are spent on looking for one of them."""


Lister: TypeAlias = Callable[[Endpoint, str | None, float], Sequence[Listed]]
"""Asks an endpoint, with a key, within so many seconds, for its models: `list_models`, or one that remembers."""


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
    patience: float = 10.0,
    ask: Lister = list_models,
) -> Choice:
    """Choose a model. `named` is the name from flag, goal file or setting, in this order.

    `local` are the servers that are looked for on this machine where there is neither key nor base URL, `patience` the
    seconds that an endpoint may take to list its models.

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
        name, why = _unnamed(endpoint, api_key, patience, ask)
        return Choice(name, base_url, api_key, why)
    if api_key is not None:
        return Choice(DEFAULT, None, api_key, "the default where a key is set")
    found = _found_here(named, local, min(patience, 2.0), ask)
    if found is not None:
        return found
    if named is not None:
        raise _nowhere(named)
    return Choice(OFFLINE, why="there is no key, no base URL, and no model server on this machine")


def listens(address: str) -> bool:
    """Does anything listen at an address of this machine, such as those of `LOCAL`? Known within `PATIENCE`."""
    host, _, port = address.removeprefix("http://").partition("/")[0].partition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=PATIENCE):
            return True
    except OSError:
        return False


def _unnamed(endpoint: Endpoint, api_key: str | None, patience: float, ask: Lister) -> tuple[str, str]:
    """The model to call at an endpoint where none is named, and why this one."""
    if endpoint.official and endpoint.host.endswith("api.openai.com"):
        return DEFAULT, "the default of OpenAI"  # its list is long, and in no order
    if endpoint.official:
        raise ModelRefused(
            f"{endpoint.host} is asked by the name of a deployment, and none is named",
            hint="name yours with --model or THINKACT_MODEL; Azure lists models, not deployments",
        )
    return _first(endpoint, api_key, patience, ask), f"the first that {endpoint.host} lists"


def _first(endpoint: Endpoint, api_key: str | None, patience: float, ask: Lister) -> str:
    models = ask(endpoint, api_key, patience)
    if not models:
        raise ModelRefused(f"{endpoint.host} has no model", hint="load one there, or name one with --model")
    return first_to_talk_to(models)


def _found_here(named: str | None, local: Sequence[tuple[str, str]], patience: float, ask: Lister) -> Choice | None:
    """The model to call on this machine; None where no server with a model is found. A name is looked for where
    several servers run; the first may load it where none lists it."""
    running = [(title, address) for title, address in local if listens(address)]
    choices: list[tuple[Choice, bool]] = []
    for title, address in running:
        why = f"{title} runs on this machine"
        try:
            if named is None:
                return Choice(_first(Endpoint.of(address), None, patience, ask), address, None, why)
            has = len(running) > 1 and named in {one.name for one in ask(Endpoint.of(address), None, patience)}
        except (ModelUnavailable, ModelRefused):
            has = False
        if named is not None:
            choices.append((Choice(named, address, None, why), has))
    return next((one for one, has in choices if has), choices[0][0] if choices else None)


def _nowhere(named: str) -> ModelRefused:
    """A name, and nothing to ask it at. What is nearly the one name that needs nothing is asked about."""
    guess = f'; did you mean "{OFFLINE}"?' if nearest(named, [OFFLINE]) else ""
    return ModelRefused(
        f"the model {named} is named, but there is no key and no endpoint for it{guess}",
        hint="set OPENAI_API_KEY, or OPENAI_BASE_URL for a server of your own, or start Ollama or LM Studio",
    )
