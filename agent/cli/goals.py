"""`thinkact goal`: write a goal file by questions, check one, print the schema for editors."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli.completing import values
from agent.cli.tables import as_json
from agent.terminal import plain

if TYPE_CHECKING:
    from agent.goal.advice import Surroundings
    from agent.goal.draft import Draft

application = typer.Typer(
    name="goal", help="Goal files: new, check, schema.", no_args_is_help=True, rich_markup_mode=None
)


@application.command("new")
def new(
    file: Annotated[
        str | None,
        typer.Argument(
            metavar="FILE", help="The goal file to write, such as goal.yaml.", autocompletion=values.goal_files
        ),
    ] = None,
    goals: Annotated[
        list[str] | None,
        typer.Option("--goal", metavar="TEXT", help="What is wanted; repeatable. Then nothing is asked."),
    ] = None,
    name: Annotated[str | None, typer.Option("--name", help="A short name.")] = None,
    role: Annotated[str | None, typer.Option("--role", help="Who the agent is.")] = None,
    max_steps: Annotated[str | None, typer.Option("--max-steps", metavar="N", help="The most steps.")] = None,
    max_tokens: Annotated[str | None, typer.Option("--max-tokens", metavar="N", help="The most tokens: 200k.")] = None,
    max_usd: Annotated[
        str | None, typer.Option("--max-usd", metavar="N", help="The most US dollars; 0: no limit.")
    ] = None,
    max_time: Annotated[str | None, typer.Option("--max-time", metavar="T", help="The most time, such as 15m.")] = None,
    workspace: Annotated[
        Path | None,
        typer.Option("--workspace", metavar="DIR", help="The folder to work in.", autocompletion=values.folders),
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Overwrite a file that is there, unasked.")] = False,
) -> None:
    """Write a goal file: by questions at the terminal, or from what --goal says."""
    from agent.cli.new_goal import new_goal, notes
    from agent.goal.file import check_goal

    budget = {"steps": max_steps, "tokens": max_tokens, "usd": max_usd, "time": max_time}
    given = _given(goals or [], {"name": name, "role": role}, budget, workspace)
    path = new_goal(file, given, yes=yes, tools=_tools)
    if path is None:
        typer.echo("thinkact: it is left as it was", err=True)
        raise typer.Exit(1)
    typer.echo(f"{plain(str(path))}: written, ok")
    for line in (*check_goal(path, around=_surroundings()), *notes(path)):
        typer.echo(f"  note: {plain(line)}")


def _given(
    goals: list[str], words: dict[str, str | None], budget: dict[str, str | None], workspace: Path | None
) -> Draft:
    """What the flags state of a goal. Raises UsageError for what cannot stand in a goal file."""
    from agent.errors import UsageError
    from agent.goal import well_formed
    from agent.goal.draft import Draft
    from agent.goal.single import fault

    limits = {name: value for name, value in budget.items() if value is not None}
    texts = {name: well_formed(value) for name, value in words.items() if value is not None}
    stated = [("--goal", "goal", well_formed(one)) for one in goals]
    stated += [(f"--{name}", name, value) for name, value in texts.items()]
    stated += [(f"--max-{name}", f"budget.{name}", value) for name, value in limits.items()]
    stated += [("--workspace", "workspace.dir", str(workspace))] if workspace is not None else []
    for flag, path, value in stated:
        if (wrong := fault(path, value)) is not None:
            raise UsageError(f"{flag} {wrong}")
    return Draft(
        goals=tuple(map(well_formed, goals)),
        budget=limits,
        workspace="" if workspace is None else str(Path.cwd() / _at_home(workspace)),
        name=texts.get("name", ""),
        role=texts.get("role", ""),
    )


def _at_home(folder: Path) -> Path:
    """The folder, with the home folder in place of `~`. Raises UsageError where there is none."""
    from agent.errors import UsageError

    try:
        return folder.expanduser()
    except RuntimeError:
        raise UsageError(f"--workspace {folder}: there is no home folder to put in place of ~") from None


def _tools() -> dict[str, str]:
    """The tools with their effects."""
    import sys
    from contextlib import redirect_stdout

    from agent.opening.mcp_servers import open_servers
    from agent.opening.parts import make_toolbox
    from agent.settings import Settings

    with redirect_stdout(sys.stderr):
        settings = Settings.load(cwd=Path.cwd())
        servers = open_servers(settings, Path.cwd(), goal=None, logs=None, tell=lambda _: None)
        box = make_toolbox(settings, memory=True, person=True, servers=servers.plugins)
    return {one.name: one.effect.value for one in box.tools.values()}


@application.command("check")
def check(
    file: Annotated[Path, typer.Argument(help="The goal file.", autocompletion=values.goal_files)],
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
    from agent.history import FIND
    from agent.opening.mcp_advice import advice_on_servers
    from agent.opening.mcp_servers import open_servers
    from agent.opening.parts import make_toolbox
    from agent.opening.sandbox import why_unconfined
    from agent.settings import Settings

    cwd = Path.cwd()
    settings = Settings.load(cwd=cwd)
    servers = open_servers(settings, cwd, goal=None, logs=None, tell=lambda _: None)
    return Surroundings(
        tools=lambda: {
            *make_toolbox(settings, memory=True, person=True, servers=servers.plugins).tools,
            PROGRAM,
            FIND,
        },
        model=settings.model,
        endpoint=bool(settings.api_key or settings.base_url),
        workspace=cwd / "workspace",
        servers=advice_on_servers(settings, cwd),
        unconfined=why_unconfined(settings),
    )


@application.command("schema")
def schema() -> None:
    """Print the JSON Schema of goal files, for editors."""
    from agent.goal.schema import goal_schema

    as_json(goal_schema())
