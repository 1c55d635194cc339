"""`thinkact tools`: list them, show a schema, call one with no model."""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agent.cli.completing import values
from agent.cli.saying import say
from agent.cli.tables import as_json, table

if TYPE_CHECKING:
    from agent.errors import UsageError

application = typer.Typer(name="tools", help="Tools: list, schema, call.", no_args_is_help=True, rich_markup_mode=None)

WRONG_USAGE = ("unknown-tool", "arguments")
"""The kinds of failure that are the caller's: what was typed names no call that can be made."""

JsonOption = Annotated[bool, typer.Option("--json", help="JSON for programs.")]


def _toolbox() -> Any:
    from agent.opening.mcp_servers import open_servers
    from agent.opening.parts import make_toolbox
    from agent.settings import Settings

    settings = Settings.load(cwd=Path.cwd())
    with open_servers(settings, Path.cwd(), goal=None, logs=None, tell=say) as servers:  # told of, not started
        return make_toolbox(settings, memory=True, person=True, servers=servers.plugins)


@application.command("list")
def list_tools(as_data: JsonOption = False) -> None:
    """List the tools with their effects."""
    tools = _toolbox().tools.values()
    if as_data:
        as_json(
            [
                {
                    "name": one.name,
                    "effect": one.effect.value,
                    "plugin": one.origin,
                    "description": one.description,
                    "aliases": list(one.aliases),
                }
                for one in tools
            ]
        )
        return
    table(
        [["TOOL", "EFFECT", "WHAT IT DOES"], *([t.name, t.effect.value, t.description.split("\n")[0]] for t in tools)]
    )


@application.command("schema")
def schema(
    name: Annotated[
        str | None, typer.Argument(help="One tool; all, if none is named.", autocompletion=values.tool_names)
    ] = None,
) -> None:
    """Print what a model is told of a tool: name, description, JSON schema of its arguments."""
    from plugins import ToolError

    box = _toolbox()
    if name is not None:
        try:
            box.get(name)
        except ToolError as error:
            raise _wrong(error.message, error.hint, error.kind) from error
    as_json([{**one, "aliases": list(one["aliases"])} for one in box.describe() if name in (None, one["name"])])


@application.command("call")
def call(
    name: Annotated[str, typer.Argument(help="The tool.", autocompletion=values.tool_names)],
    arguments: Annotated[
        list[str] | None,
        typer.Argument(metavar="[KEY=VALUE]...", help="Its arguments.", autocompletion=values.tool_arguments),
    ] = None,
    as_data: Annotated[bool, typer.Option("--json", help="Print the whole observation as JSON.")] = False,
    workspace: Annotated[
        Path | None,
        typer.Option("--workspace", metavar="DIR", help="The folder to work in.", autocompletion=values.folders),
    ] = None,
) -> None:
    """Run one tool with no model: a value that is JSON is taken as JSON, everything else as text."""
    from agent.cli.calling import call_tool
    from agent.cli.streams import own_stdout

    with own_stdout(), redirect_stdout(sys.stderr):
        observation = call_tool(name, arguments or [], workspace)
    error = observation["error"] or {"kind": ""}
    if as_data:
        as_json(observation)
    elif error["kind"] in WRONG_USAGE:
        raise _wrong(**error)
    else:
        from agent.terminal import neutral

        typer.echo(neutral(observation["text"]), err=not observation["ok"])
    if not observation["ok"]:
        raise typer.Exit(2 if error["kind"] in WRONG_USAGE else 1)


def _wrong(message: str, hint: str | None, kind: str) -> UsageError:
    """What was typed names no call that can be made."""
    from agent.errors import UsageError

    if kind == "unknown-tool":
        near = f"{hint}; " if hint and "?" in hint else ""  # else it is of the tools that a model was told of
        hint = f"{near}thinkact tools list shows them all"
    return UsageError(message, hint=hint)
