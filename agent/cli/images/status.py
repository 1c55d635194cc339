"""`thinkact images status`: what draws here, what does not, and why."""

from __future__ import annotations

from pathlib import Path

import typer

from agent.cli.saying import say
from agent.cli.tables import as_json, table
from agent.opening.studio import open_studio
from agent.settings import Settings


def tell_status(*, as_data: bool) -> int:
    """Tell it; 1 where nothing draws."""
    settings = Settings.load(cwd=Path.cwd())
    with open_studio(settings) as studio:
        states, able = studio.states(), studio.abilities()
    if as_data:
        listed = [
            {
                "name": one.name,
                "works": one.works,
                "why": one.why,
                "hint": one.hint or None,
                "model": one.model or None,
                "abilities": sorted(one.abilities),
            }
            for one in states
        ]
        as_json({"wanted": settings.images, "backends": listed, "abilities": able})
    else:
        table([(one.name, "works" if one.works else "not here", one.why) for one in states])
        for one in states:
            if one.hint:
                say(f"{one.name}: {one.hint}")
        for ability, name in able.items():
            typer.echo(f"{ability}: by {name}")
    return 0 if able else 1
