"""`thinkact mcp`: the servers of tools that are named here; list them, test one, trust one."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agent.cli.completing import values

application = typer.Typer(
    name="mcp", help="MCP servers: list, test, trust.", no_args_is_help=True, rich_markup_mode=None
)

NameArgument = Annotated[str, typer.Argument(help="The server's name.", autocompletion=values.mcp_servers)]
GoalOption = Annotated[
    Path | None,
    typer.Option("--goal", metavar="FILE", help="A goal file that names it.", autocompletion=values.goal_files),
]
SetOption = Annotated[
    list[str] | None, typer.Option("--set", metavar="K=V", help="An input of the goal file; repeatable.")
]
JsonOption = Annotated[bool, typer.Option("--json", help="JSON for programs.")]


@application.command("list")
def list_servers(goal: GoalOption = None, inputs: SetOption = None, as_data: JsonOption = False) -> None:
    """List the servers that are named here, and whether each is trusted. Nothing is started."""
    from agent.cli.mcp.listing import list_all

    raise typer.Exit(list_all(goal, inputs or [], as_data=as_data))


@application.command("test")
def try_server(
    name: NameArgument, goal: GoalOption = None, inputs: SetOption = None, as_data: JsonOption = False
) -> None:
    """Start a trusted server, or connect to it, and tell what it brings."""
    from agent.cli.mcp.trying import try_one

    raise typer.Exit(try_one(name, goal, inputs or [], as_data=as_data))


@application.command("trust")
def trust(
    name: NameArgument,
    goal: GoalOption = None,
    inputs: SetOption = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Start it and trust it without a question.")] = False,
    back: Annotated[bool, typer.Option("--back", help="Take the trust back instead.")] = False,
) -> None:
    """Start a server once, show what it brings, and let runs use it from then on, for as long as that stays so."""
    from agent.cli.mcp.trusting import take_back, trust_one

    raise typer.Exit(take_back(name, goal, inputs or []) if back else trust_one(name, goal, inputs or [], yes=yes))
