"""`thinkact models test`: what works at an endpoint, within ten seconds."""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import typer

from agent.cli.models.advice import about, about_window
from agent.cli.models.endpoints import proxy_of, through
from agent.cli.saying import say
from agent.cli.tables import as_json, table, usage_described
from agent.errors import ModelError
from agent.events import Usage
from agent.model.choice import OFFLINE, Choice, choose
from agent.model.dialect import Endpoint
from agent.model.listing import Listed, list_models
from agent.model.prices import Prices
from agent.model.trial.finding import Finding, Report
from agent.opening.kept import endpoint_of
from agent.settings import Settings
from agent.spending import dollars
from agent.terminal import plain

_TOTAL = 8.5
"""Seconds for all of it, so that with the start and the end of the process it stays below ten."""
_LIST = 4.0
"""Seconds that the list may take where no model is named: the trial needs the rest."""
Lists: TypeAlias = dict[str, tuple[Listed, ...]]
"""What endpoints listed while a model was chosen, by their base URLs."""


def try_one(model: str | None, *, base_url: str | None, as_data: bool) -> int:
    """The command; its exit code.

    Args:
        model: Its name; None: what `run` would call.
        base_url: Ask there, whatever the settings say.
        as_data: Print JSON.
    """
    began = time.monotonic()
    settings = Settings.load(cwd=Path.cwd())
    for warning in settings.warnings:
        say(warning)
    lists: Lists = {}
    try:
        choice = choose(
            model or settings.model,
            base_url=base_url or settings.base_url,
            api_key=settings.api_key,
            patience=_LIST,
            ask=partial(_remember, lists, settings),
        )
    except ModelError as fault:
        _refuse(fault, model or settings.model, as_data=as_data, seconds=time.monotonic() - began)
        return 1
    report = _tried(choice, settings, lists, until=began + _TOTAL)
    if as_data:
        as_json(_described(choice, report, time.monotonic() - began))
    else:
        _show(choice, report, settings, time.monotonic() - began)
    return 0 if report.works else 1


def _remember(
    lists: Lists, settings: Settings, endpoint: Endpoint, key: str | None, patience: float
) -> Sequence[Listed]:
    """Ask for the models, and keep the list: the trial wants it too."""
    lists[endpoint.url] = list_models(endpoint, key, patience, proxy_of(settings))
    return lists[endpoint.url]


def _refuse(fault: ModelError, named: str | None, *, as_data: bool, seconds: float) -> None:
    """There is nothing that could be tried."""
    say(fault.message)
    if fault.hint:
        say(fault.hint)
    if as_data:
        blank = {"works": False, "findings": [], "window": None, "usage": None, "seconds": round(seconds, 3)}
        as_json({"model": named, "endpoint": None, "why": None, "fault": fault.message, "hint": fault.hint} | blank)


def _tried(choice: Choice, settings: Settings, lists: Lists, *, until: float) -> Report:
    if choice.name == OFFLINE:
        from agent.model.trial.rules import try_rules

        return try_rules()
    from agent.model.trial.round import Target, try_model

    endpoint = Endpoint.of(choice.base_url)
    say(f"asking {choice.name} at {endpoint.host}{through(settings, endpoint)}; this takes 10 seconds at most")
    target = Target(name=choice.name, endpoint=endpoint, key=choice.api_key or "", proxy=proxy_of(settings))
    return try_model(target, until=until, models=lists.get(endpoint.url))


def _show(choice: Choice, report: Report, settings: Settings, seconds: float) -> None:
    if choice.name == OFFLINE:
        typer.echo("offline: the rules inside thinkact. No language model takes part, no server, no key, no network")
    else:
        endpoint = Endpoint.of(choice.base_url)
        typer.echo(f"{plain(choice.name)} at {endpoint.host}{through(settings, endpoint)} ({plain(choice.why)})")
    head = ["WHAT", "RESULT", "SECONDS", "FIRST TOKEN"]
    tried = [one for one in report.findings if one.outcome != "not tried"]
    table([head, *([one.name, one.outcome, _seconds(one.seconds), _seconds(one.first)] for one in tried)])
    for line in _notes(choice, report):
        typer.echo(line)
    if len(tried) < len(report.findings):
        typer.echo("nothing else was tried: it all needs chat")
    cost = "nothing was paid" if report.usage is None else _cost(report.usage)
    typer.echo(f"cost: {cost} · {seconds:.1f} s")


def _seconds(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def _notes(choice: Choice, report: Report) -> list[str]:
    """What there is to say of each row, whole, since a table would cut it; rows of which the same is said together."""
    said: dict[str, list[str]] = {}
    for one in report.findings:
        details = [one.detail, one.hint] if one.name != "window" else [_window(report)]
        told = [plain(text) for text in details if text]
        does = _does(one, choice, report)
        if does is not None:
            told.append(f"thinkact {plain(does)}")
        if told and one.outcome != "not tried":
            said.setdefault("; ".join(told), []).append(one.name)
    return [f"{' · '.join(names)}: {text}" for text, names in said.items()]


def _window(report: Report) -> str | None:
    window = report.window
    could = f"; the model could hold {window.most:,}" if window.most and window.most != window.tokens else ""
    if window.tokens is not None:
        return f"{window.tokens:,} tokens ({window.source}){could}"
    return f"not known before the model is loaded{could}" if could else "nobody tells it"


def _does(finding: Finding, choice: Choice, report: Report) -> str | None:
    if choice.name == OFFLINE or finding.outcome == "not tried":
        return None
    if finding.name != "window":
        return about(finding)
    prices = Prices(choice.name, Endpoint.of(choice.base_url), keyed=bool(choice.api_key))
    return about_window(report.window, prices.window())


def _cost(usage: Usage) -> str:
    calls = "1 call" if usage.calls == 1 else f"{usage.calls} calls"
    price = "price unknown" if usage.usd is None else dollars(usage.usd)
    return f"{calls}, {usage.prompt_tokens:,} + {usage.completion_tokens:,} tokens, {price}"


def _described(choice: Choice, report: Report, seconds: float) -> dict[str, Any]:
    window, usage = report.window, report.usage
    failed = next((one for one in report.findings if one.name == "chat" and one.outcome == "failed"), None)
    return {
        "model": choice.name,
        "endpoint": endpoint_of(choice) or None,
        "why": choice.why,
        "fault": None if failed is None else failed.detail,
        "hint": None if failed is None else failed.hint,
        "works": report.works,
        "findings": [
            {
                "name": one.name,
                "outcome": one.outcome,
                "way": one.way or None,
                "detail": _window(report) if one.name == "window" and one.outcome != "not tried" else one.detail,
                "thinkact": _does(one, choice, report),
                "seconds": None if one.seconds is None else round(one.seconds, 3),
                "first_token_seconds": None if one.first is None else round(one.first, 3),
            }
            for one in report.findings
        ],
        "window": {"tokens": window.tokens, "source": window.source or None, "most": window.most},
        "usage": usage_described(usage),
        "seconds": round(seconds, 3),
    }
