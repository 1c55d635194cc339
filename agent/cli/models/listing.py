"""`thinkact models list`: the endpoints, their models, and the one that `run` would call."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import typer

from agent.cli.models.endpoints import Known, Place, look_around, through
from agent.cli.saying import say
from agent.cli.tables import as_json, table
from agent.model.choice import OFFLINE, Choice
from agent.model.dialect import Endpoint
from agent.model.listing import Listed
from agent.model.prices import Prices
from agent.opening.kept import endpoint_of
from agent.settings import Settings
from agent.spelling import nearest
from agent.terminal import plain

_MOST = 20
"""Models of an endpoint that are shown where nobody says how many."""
_DASH = "–"
_OURS = "thinkact itself"


def list_all(wanted: str | None, *, base_url: str | None, most: int | None, as_data: bool) -> int:
    """The command; its exit code.

    Args:
        wanted: Words that a model's name holds, all of them; None: any model.
        base_url: Ask only there.
        most: Models of an endpoint; None: all in JSON, a screenful else.
        as_data: Print JSON.
    """
    settings = Settings.load(cwd=Path.cwd())
    for warning in settings.warnings:
        say(warning)
    known = look_around(settings, base_url)
    found = {place.title: _matching(place.models, wanted) for place in known.places}
    if as_data:
        as_json(_described(known, found, most))
    else:
        _show(known, found, most or _MOST, settings)
    offline = wanted is None or _holds(OFFLINE, wanted)
    if wanted is not None and not offline and not any(found.values()):
        names = [one.name for place in known.places for one in place.models]
        guess = nearest(wanted, [*names, OFFLINE])
        say(f'no model\'s name holds "{wanted}"' + (f'; did you mean "{guess}"?' if guess else ""))
        return 1
    return 1 if base_url is not None and known.places[0].fault is not None else 0


def _matching(models: Sequence[Listed], wanted: str | None) -> list[Listed]:
    """The models that are wanted, by name: an order that stays, whatever the server's is today."""
    matching = [one for one in models if wanted is None or _holds(one.name, wanted)]
    return sorted(matching, key=lambda one: (one.name.casefold(), one.name))


def _holds(name: str, wanted: str) -> bool:
    return all(word in name.casefold() for word in wanted.casefold().split())


def _show(known: Known, found: dict[str, list[Listed]], most: int, settings: Settings) -> None:
    head = ["ENDPOINT", "ADDRESS", "FROM", "KEY", "MODELS"]
    rows = [[one.title, one.endpoint.host, one.origin, "yes" if one.key else "no", _count(one)] for one in known.places]
    table([head, *rows, *([] if known.narrowed else [[OFFLINE, _DASH, _OURS, "no", "1"]])])
    for place in known.places:
        if place.state == "failed" and place.fault is not None:
            hint = f"; {place.fault.hint}" if place.fault.hint else ""
            typer.echo(f"{place.title}: {plain(place.fault.message)}{through(settings, place.endpoint)}{plain(hint)}")
    models = [
        [name, place.title, *map(_amount, (window, *prices))]
        for place in known.places
        for name, window, prices in (_figures(one, place) for one in found[place.title][:most])
    ]
    if models:
        typer.echo()
        table([["MODEL", "ENDPOINT", "WINDOW", "$/M IN", "$/M OUT"], *models])
    for place in known.places:
        if (total := len(found[place.title])) > most:
            say(
                f"{total - most} more at {place.title}: --most {total} shows them, words after `list` choose among them"
            )
    typer.echo()
    typer.echo(_called(known))


def _count(place: Place) -> str:
    return {"listed": str(len(place.models)), "absent": "not running", "failed": _DASH}[place.state]


def _called(known: Known) -> str:
    """What `run` would call, and why, in a line for people."""
    if known.choice is not None:
        choice = known.choice
        where = "" if choice.name == OFFLINE else f" at {Endpoint.of(choice.base_url).host}"
        return f"thinkact run calls {plain(choice.name)}{where}: {plain(choice.why)}"
    assert known.fault is not None
    if any(place.fault is known.fault for place in known.places):
        return "thinkact run would end with 6 for that reason"
    hint = f"; {known.fault.hint}" if known.fault.hint else ""
    return f"thinkact run would end with 6: {plain(known.fault.message)}{plain(hint)}"


def _figures(model: Listed, place: Place) -> tuple[str, int | None, tuple[float | None, float | None]]:
    """Name, window and price of a model: the list of the endpoint itself, else the price list."""
    prices = Prices(model.name, place.endpoint, keyed=bool(place.key))
    return model.name, model.window or prices.window(), prices.per_million() or (None, None)


def _amount(value: float | None) -> str:
    if value is None:
        return _DASH
    return f"{value:,}" if isinstance(value, int) else f"{value:g}"


def _described(known: Known, found: dict[str, list[Listed]], most: int | None) -> dict[str, Any]:
    choice = known.choice
    return {
        "calls": None
        if choice is None
        else {"model": choice.name, "endpoint": endpoint_of(choice) or None, "why": choice.why},
        "fault": None if known.fault is None else known.fault.message,
        "endpoints": [
            *(_place(place, found[place.title], most) for place in known.places),
            *([] if known.narrowed else [_rules()]),
        ],
    }


def _rules() -> dict[str, Any]:
    """The offline model as an endpoint of its own, without an address."""
    from agent.model.offline_model import WINDOW

    model = {"name": OFFLINE, "window": WINDOW, "usd_per_million": {"prompt": 0.0, "completion": 0.0}}
    blank = {"endpoint": None, "from": _OURS, "key": False, "state": "listed", "fault": None}
    return {"name": OFFLINE, **blank, "count": 1, "models": [model]}


def _place(place: Place, models: Sequence[Listed], most: int | None) -> dict[str, Any]:
    figures = [_figures(one, place) for one in models[:most]]
    return {
        "name": place.title,
        "endpoint": endpoint_of(Choice(place.title, place.endpoint.url)),
        "from": place.origin,
        "key": place.key is not None,
        "state": place.state,
        "fault": None if place.fault is None else place.fault.message,
        "count": len(place.models),
        "models": [
            {"name": name, "window": window, "usd_per_million": {"prompt": prompt, "completion": completion}}
            for name, window, (prompt, completion) in figures
        ],
    }
