"""A whole trial: everything that is tried at an endpoint, side by side, within one short time.

Chat goes first and alone, so that a server which works on one request after the other, or has to load the model, spends
its time on what everything else needs. Without it the rest is not tried.
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import partial

from agent.errors import ModelError
from agent.events import Usage
from agent.model import add_up
from agent.model.connection import Connection
from agent.model.dialect import Endpoint
from agent.model.listing import Listed, Moved, list_models
from agent.model.pages import Door
from agent.model.prices import Prices
from agent.model.trial.asking import Failed, ask
from agent.model.trial.finding import NAMES, Finding, Name, Outcome, Report
from agent.model.trial.probes import CHAT, PROBES, Probe
from agent.model.trial.vectors import embedder_of, try_embeddings
from agent.model.windows import Window, find_window
from agent.model.within import Later
from agent.spelling import nearest

__all__ = ["Target", "try_model"]

_SPARE = 0.2  # seconds before the end by which each question is over, so that it is told why
_PAGE = 2.0  # seconds for a page of the server's own


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """The model that is tried, where, with which key, through which proxy."""

    name: str
    endpoint: Endpoint
    key: str = field(default="", repr=False)
    proxy: str | None = None


def try_model(target: Target, *, until: float, models: Sequence[Listed] | None = None) -> Report:
    """Try a model. It raises nothing: whatever goes wrong is a finding.

    Args:
        target: What is tried.
        until: When the time for all of it is over, of `time.monotonic`.
        models: The endpoint's list, where it is known already.
    """
    return _Round(target, until, models).report()


class _Round:
    def __init__(self, target: Target, until: float, models: Sequence[Listed] | None) -> None:
        self._target, self._until = target, until
        self._prices = Prices(target.name, target.endpoint, keyed=bool(target.key))
        self._prices.warm()
        self._connection = self._connect(target.name)
        self._list = Later(partial(self._ask_list, models))

    def report(self) -> Report:
        chat = self._settled(CHAT.name, Later(partial(self._try, CHAT)))
        if chat.outcome == "passed":
            findings, window = self._rest(chat)
        else:
            rest = [Finding(name=name, outcome="not tried", detail="chat does not work") for name in NAMES[1:]]
            findings, window = [self._explained(chat), *rest], Window()
        self._connection.close()
        paid = [one.usage for one in findings if one.usage is not None]
        return Report(
            works=chat.outcome == "passed",
            findings=tuple(findings),
            window=window,
            usage=add_up(*paid) if paid else None,
        )

    def _rest(self, chat: Finding) -> tuple[list[Finding], Window]:
        """All but chat, side by side."""
        begun: dict[Name, Later[Finding]] = {probe.name: Later(partial(self._try, probe)) for probe in PROBES}
        begun["embeddings"] = Later(self._embeddings)
        asked = Later(self._window)
        found = {name: self._settled(name, one) for name, one in begun.items()}
        try:
            window = asked.get(self._until)
            found["window"] = Finding(name="window", outcome="passed" if window.tokens else "unknown")
        except TimeoutError:
            window = Window()
            found["window"] = Finding(name="window", outcome="not tried in time")
        return [chat, *(found[name] for name in NAMES[1:])], window

    def _settled(self, name: Name, one: Later[Finding]) -> Finding:
        try:
            return one.get(self._until)
        except TimeoutError:
            if name == CHAT.name:
                detail, hint = self._too_slow("in time")
                return Finding(name=name, outcome="failed", detail=detail, hint=hint)
            return Finding(name=name, outcome="not tried in time", detail="no reply in the time that was left")

    def _try(self, probe: Probe) -> Finding:
        until = self._until - _SPARE
        try:
            asked = ask(self._connection, self._target.name, probe.request, stream=probe.stream, until=until)
        except Failed as failure:
            return self._failed(probe, failure)
        judged = probe.judge(asked)
        return Finding(
            name=probe.name,
            outcome=judged.outcome,
            detail=self._hidden(judged.detail),
            way=judged.way,
            seconds=asked.seconds,
            first=asked.first if probe.stream else None,
            usage=self._priced(asked.usage),
        )

    def _failed(self, probe: Probe, failure: Failed) -> Finding:
        outcome: Outcome = "failed"
        detail, hint = failure.reason, failure.hint
        if failure.late and probe is CHAT:
            detail, hint = self._too_slow(f"within {failure.seconds:.1f} s")
        elif failure.late:
            outcome, detail, hint = "not tried in time", f"no reply in the {failure.seconds:.1f} s that were left", None
        return Finding(
            name=probe.name,
            outcome=outcome,
            detail=detail,
            hint=hint,
            seconds=failure.seconds,
            usage=None if failure.usage is None else self._priced(failure.usage),
        )

    def _too_slow(self, when: str) -> tuple[str, str]:
        """What there is to say where chat takes all the time."""
        host = self._target.endpoint.host
        return f"{host} does not answer {when}", "where a model has to be loaded first, test it once more"

    def _explained(self, chat: Finding) -> Finding:
        """Why chat fails, with what the endpoint's list and its address add to it."""
        try:
            models = self._list.get(min(self._until, time.monotonic() + _PAGE))
        except Moved as moved:
            return replace(chat, detail=moved.message, hint=moved.hint)
        except (TimeoutError, ModelError):
            models = ()
        endpoint, name = self._target.endpoint, self._target.name
        if "no model" in chat.detail and models and name not in {one.name for one in models}:
            return replace(chat, hint=_unlisted(name, models, endpoint))
        return chat if chat.hint is not None else replace(chat, hint=_way_on(chat.detail, endpoint))

    def _embeddings(self) -> Finding:
        endpoint = self._target.endpoint
        name = embedder_of(self._target.name, self._models(), official=endpoint.official)
        connection = self._connect(name)
        try:
            prices = Prices(name, endpoint, keyed=bool(self._target.key))
            return try_embeddings(connection, name, prices, until=self._until - _SPARE)
        finally:
            connection.close()

    def _window(self) -> Window:
        name = self._target.name
        listed = next((one for one in self._models() if one.name == name), Listed(name))
        door = Door(self._target.endpoint, self._target.key, self._target.proxy)
        return find_window(door, listed, self._prices, until=self._until - _SPARE, patience=_PAGE)

    def _ask_list(self, models: Sequence[Listed] | None) -> tuple[Listed, ...]:
        if models is not None:
            return tuple(models)
        target, left = self._target, max(0.1, self._until - time.monotonic())
        return list_models(target.endpoint, target.key, left, target.proxy)

    def _models(self) -> tuple[Listed, ...]:
        """What the endpoint lists; nothing where it does not, or not soon."""
        try:
            return self._list.get(min(self._until - _SPARE, time.monotonic() + _PAGE))
        except (TimeoutError, ModelError):
            return ()

    def _connect(self, name: str) -> Connection:
        target, left = self._target, max(0.1, self._until - time.monotonic())
        return Connection(name, target.endpoint, key=target.key, timeout=left, idle=left, proxy=target.proxy)

    def _priced(self, usage: Usage) -> Usage:
        return replace(usage, usd=self._prices.price(usage))

    def _hidden(self, text: str) -> str:
        key = self._target.key
        return text.replace(key, "…") if len(key) >= 8 else text


def _way_on(detail: str, endpoint: Endpoint) -> str | None:
    """What to do about a failure of which nobody else says it."""
    if "cannot be reached" in detail:
        return "start the server, or look at the base URL"
    if not re.search(r"/v\d\w*$", endpoint.url.rstrip("/")):
        return "look at the base URL, which usually ends in /v1"
    return "look at the base URL" if "web page" in detail else None


def _unlisted(name: str, models: Sequence[Listed], endpoint: Endpoint) -> str:
    """What to do about a name that the endpoint does not know, and does not list."""
    if endpoint.host.endswith(".azure.com"):
        return "Azure is asked by the name of your deployment; its list has models, not deployments"
    guess = nearest(name, [one.name for one in models])
    meant = f'did you mean "{guess}"? ' if guess else ""
    return f"{meant}`thinkact models list` shows what it has"
