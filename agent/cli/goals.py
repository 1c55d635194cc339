"""`thinkact goal`: check a goal file, print the schema for editors."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli.tables import as_json
from agent.terminal import plain

if TYPE_CHECKING:
    from agent.goal.advice import Surroundings

application = typer.Typer(name="goal", help="Goal files: check, schema.", no_args_is_help=True, rich_markup_mode=None)


@application.command("check")
def check(
    file: Annotated[Path, typer.Argument(help="The goal file.")],
    inputs: Annotated[list[str] | None, typer.Option("--set", metavar="K=V", help="An input; repeatable.")] = None,
    as_data: Annotated[bool, typer.Option("--json", help="JSON for programs.")] = False,
) -> None:
    """Check a goal file: each fault with line and column, and what would be worth a second look."""
    from agent.errors import GoalError
    from agent.goal.file import check_goal
    from agent.opening.inputs import parse_inputs

    try:
        advice = check_goal(file, inputs=parse_inputs(inputs or []), around=_surroundings())
    except GoalError as error:
        if not as_data:
            raise
        as_json({"file": str(file), "ok": False, "faults": error.message.splitlines(), "hint": error.hint})
        raise typer.Exit(2) from error
    if as_data:
        as_json({"file": str(file), "ok": True, "advice": list(advice)})
        return
    typer.echo(f"{plain(str(file))}: ok")
    for line in advice:
        typer.echo(f"  note: {plain(line)}")


def _surroundings() -> Surroundings:
    from agent.approval import PROGRAM
    from agent.goal.advice import Surroundings
    from agent.opening.parts import make_toolbox
    from agent.settings import Settings

    cwd = Path.cwd()
    settings = Settings.load(cwd=cwd)
    return Surroundings(
        tools=lambda: {*make_toolbox(settings, memory=True, person=True).tools, PROGRAM},
        model=settings.model,
        endpoint=bool(settings.api_key or settings.base_url),
        workspace=cwd / "workspace",
    )


@application.command("schema")
def schema() -> None:
    """Print the JSON Schema of goal files, for editors."""
    from agent.goal.schema import goal_schema

    as_json(goal_schema())
