"""`thinkact plugins`: what is loaded, and what is not and why."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agent.cli.tables import as_json, table
from agent.terminal import plain

application = typer.Typer(name="plugins", help="Plugins: list.", no_args_is_help=True, rich_markup_mode=None)


@application.command("list")
def list_plugins(as_data: Annotated[bool, typer.Option("--json", help="JSON for programs.")] = False) -> None:
    """List every plugin with its tools; one that did not load with the reason."""
    from agent.opening.parts import all_plugins
    from agent.settings import Settings
    from plugins import Toolbox

    settings = Settings.load(cwd=Path.cwd())
    plugins = Toolbox(all_plugins(settings)).plugins
    if as_data:
        as_json(
            [
                {
                    "name": one.name,
                    "origin": one.origin,
                    "tools": [tool.name for tool in one.tools],
                    "loaded": one.fault is None,
                    "fault": one.fault,
                }
                for one in plugins
            ]
        )
        return
    loaded = [[one.name, ", ".join(tool.name for tool in one.tools)] for one in plugins if one.fault is None]
    table([["PLUGIN", "TOOLS"], *loaded])
    for one in plugins:
        if one.fault is not None:  # no column: a terminal would show the beginning of the reason, and no more
            typer.echo(f"{plain(one.name)} did not load: {plain(one.fault)}")
    typer.echo(f"your own plugins go to {plain(str(settings.plugins_folder))}", err=True)
