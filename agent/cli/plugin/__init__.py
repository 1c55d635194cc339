"""`thinkact plugins`: what is loaded, what each brings, and what is not loaded and why."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli.completing import values
from agent.cli.tables import as_json, fitted, table
from agent.terminal import plain

if TYPE_CHECKING:
    from agent.cli.plugin.judging import Judged
    from plugins import Plugin

application = typer.Typer(
    name="plugins", help="Plugins: list, show, doctor.", no_args_is_help=True, rich_markup_mode=None
)
JsonOption = Annotated[bool, typer.Option("--json", help="JSON for programs.")]


@application.command("list")
def list_plugins(as_data: JsonOption = False) -> None:
    """List every plugin with its tools; one that did not load with the reason."""
    from plugins import Toolbox

    plugins = Toolbox(_all()).plugins
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
    typer.echo(f"your own plugins go to {plain(str(_folder()))}", err=True)


@application.command("show")
def show(
    name: Annotated[
        str,
        typer.Argument(metavar="NAME", help="The plugin's name, or its file.", autocompletion=values.plugin_names),
    ],
    as_data: JsonOption = False,
) -> None:
    """Show what a plugin brings: its tools with effect, timeout and arguments, its hooks and observers; or why it did
    not load."""
    from agent.cli.plugin.judging import judged
    from agent.cli.plugin.showing import as_data_of, lines_of

    (one,) = _named(judged(_all()), name, only_one=True)
    if as_data:
        as_json(as_data_of(one))
        return
    for line in lines_of(one):
        _show(line)


@application.command("doctor")
def doctor(
    name: Annotated[
        str | None,
        typer.Argument(metavar="[NAME]", help="One plugin; all, if none is named.", autocompletion=values.plugin_names),
    ] = None,
    as_data: JsonOption = False,
) -> None:
    """Say why a plugin did not load: file, line, argument, and what to write instead. Ends with 1 where one did not."""
    from agent.cli.plugin.judging import judged
    from agent.cli.plugin.showing import fault_lines, summary

    found = judged(_all())
    if name is not None:
        found = _named(found, name)
    if as_data:
        as_json([one.as_data() for one in found])
    else:
        for one in found:
            for line in fault_lines(one):
                _show(line)
        _show(summary(found))
    if not all(one.loaded for one in found):
        raise typer.Exit(1)


def _show(line: str) -> None:
    """A line for people; a command stays whole, as it is there to be pasted."""
    typer.echo(line if line.startswith("  mend: ") else "\n".join(fitted(line, frame="    ")))


def _all() -> tuple[Plugin, ...]:
    from agent.opening.parts import all_plugins
    from agent.settings import Settings

    return all_plugins(Settings.load(cwd=Path.cwd()))


def _folder() -> Path:
    from agent.settings import Settings

    return Settings.load(cwd=Path.cwd()).plugins_folder


def _named(found: list[Judged], name: str, *, only_one: bool = False) -> list[Judged]:
    """Those that a name, a file name or an origin means.

    Raises:
        UsageError: there is none; or several, and only one is wanted.
    """
    from agent.errors import UsageError
    from agent.spelling import did_you_mean

    meant = [one for one in found if name == one.plugin.origin] or [
        one for one in found if name in (one.plugin.name, Path(one.plugin.origin).name)
    ]
    if not meant:
        guess = did_you_mean(name, [one.plugin.name for one in found])
        raise UsageError(f"there is no plugin {name}{guess}", hint="`thinkact plugins list` shows all")
    if only_one and len(meant) > 1:
        places = ", ".join(one.plugin.origin for one in meant)
        raise UsageError(f"{len(meant)} plugins are called {name}", hint=f"name one by its file: {places}")
    return meant
