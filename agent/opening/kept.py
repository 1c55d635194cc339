"""What a run was told when it began and when it was resumed, and what of it holds on the next resume.

What was denied stays denied. The whole history goes to the model's endpoint, so a run goes on with its own model where
it was: settings that have changed since then take it to no other host, and no key to a host that it is not for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial
from urllib.parse import urlsplit

from agent.errors import UsageError
from agent.events import RunResumed, RunStarted
from agent.goal import Goal
from agent.model.choice import Choice, Lister, choose
from agent.model.dialect import Endpoint
from agent.model.listing import list_models
from agent.opening.flags import Flags
from agent.settings import Settings

OFFLINE = "offline"


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What holds of a run so far: the fields of the same names in RunStarted and RunResumed, the last or all of them.

    `endpoint` is empty where the model is offline or the run is of a version that did not keep it.
    """

    model: str = ""
    endpoint: str = ""
    pinned: bool = False
    deny: tuple[str, ...] = ()
    memory: bool = True


def kept_of(openings: Sequence[RunStarted | RunResumed]) -> Kept:
    """What the openings of a run tell, oldest first."""
    kept = Kept()
    for event in openings:
        kept = Kept(
            model=event.model,
            endpoint=event.endpoint,
            pinned=event.pinned,
            deny=tuple(dict.fromkeys((*kept.deny, *event.deny))),
            memory=kept.memory and (isinstance(event, RunStarted) or event.memory),
        )
    return kept


def narrowed(flags: Flags, kept: Kept) -> Flags:
    """The flags of a resume with what the run was denied before: it can become more, never less."""
    deny = tuple(dict.fromkeys((*kept.deny, *flags.deny)))
    return replace(flags, deny=deny, memory=flags.memory and kept.memory)


def endpoint_of(choice: Choice) -> str:
    """Where a choice is asked, as it may be kept: what could be a secret is left out. Empty for the offline model."""
    return "" if choice.name == OFFLINE else _bare(choice.base_url)


def first_choice(flags: Flags, goal: Goal, settings: Settings) -> Choice:
    """The model of a new run."""
    return choose(
        flags.model or goal.model.name or settings.model,
        base_url=flags.base_url or settings.base_url,
        api_key=settings.api_key,
        ask=lister(settings),
    )


def lister(settings: Settings) -> Lister:
    """Asks endpoints for their models by the proxy of the settings."""
    return partial(list_models, proxy=settings.https_proxy or settings.all_proxy)


def next_choice(kept: Kept, flags: Flags, goal: Goal, settings: Settings) -> tuple[Choice, bool]:
    """The model that a run goes on with, and whether a flag, now or before, named its endpoint.

    Raises:
        UsageError: the settings name another endpoint by now, and their key is not for the run's own.
    """
    if flags.model == OFFLINE or (kept.model == OFFLINE and not flags.model and not flags.base_url):
        return Choice(OFFLINE, why="the run's own" if flags.model is None else "named"), False
    ask = lister(settings)
    if flags.base_url is not None:
        elsewhere = not kept.endpoint or not _near(flags.base_url, kept.endpoint)
        named = _other_name(kept, goal, settings) if elsewhere else kept.model
        return choose(flags.model or named, base_url=flags.base_url, api_key=settings.api_key, ask=ask), True
    named = flags.model or kept.model
    if not kept.endpoint:
        return choose(named, base_url=settings.base_url, api_key=settings.api_key, ask=ask), False
    base_url, key = _own_place(kept, settings)
    return choose(named, base_url=base_url, api_key=key, ask=ask), kept.pinned


def _other_name(kept: Kept, goal: Goal, settings: Settings) -> str | None:
    """The name at an endpoint where the run's own may mean nothing; None: the first that is listed there. A run that
    was on a real model does not become offline by a name that stands in a file."""
    names = [goal.model.name, settings.model]
    return next((name for name in names if name and (name != OFFLINE or kept.model == OFFLINE)), None)


def _own_place(kept: Kept, settings: Settings) -> tuple[str, str | None]:
    """Base URL and key to go on with where no flag says otherwise."""
    stated = settings.base_url if settings.base_url or settings.api_key else kept.endpoint
    if _near(stated, kept.endpoint):
        follows = not kept.pinned or _bare(stated) == kept.endpoint
        return Endpoint.of(stated).url if follows else kept.endpoint, settings.api_key
    own, theirs = Endpoint.of(kept.endpoint), Endpoint.of(stated)
    if settings.api_key is None or own.loopback:
        return kept.endpoint, None
    raise UsageError(
        f"the run asked its model at {own.host}, and the key in the settings is for {theirs.host}",
        hint=f"go on with --base-url {own.url}, or there with --base-url {_bare(theirs.url)} and --model NAME",
    )


def _near(one: str | None, other: str | None) -> bool:
    """Are both on the same host, or both on this machine? A server of one's own may come back at another port."""
    first, second = Endpoint.of(one), Endpoint.of(other)
    return (first.loopback and second.loopback) or _host(first) == _host(second)


def _host(endpoint: Endpoint) -> str:
    return (urlsplit(endpoint.url).hostname or "").rstrip(".")


def _bare(url: str | None) -> str:
    """A base URL without user, password and query."""
    parts = urlsplit(Endpoint.of(url).url)
    return parts._replace(netloc=parts.netloc.rpartition("@")[2], query="", fragment="").geturl()
