"""The commands put together, and the one table from error to exit code."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from agent.cli import goals, memories, plugin, running, runs, tool
from agent.errors import ModelError, ThinkactError

application = typer.Typer(
    name="thinkact",
    help="An autonomous agent for the terminal: a goal in, a think-act loop, checks that decide, an answer out.",
    no_args_is_help=True,
    rich_markup_mode=None,  # plain help starts in half the time
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
application.command("run")(running.run)
application.command("resume")(running.resume)
application.add_typer(runs.application, name="runs")
application.add_typer(goals.application, name="goal")
application.add_typer(tool.application, name="tools")
application.add_typer(plugin.application, name="plugins")
application.add_typer(memories.application, name="memory")


def _version(wanted: bool) -> None:
    if wanted:
        from agent.cli.parts import version

        typer.echo(f"thinkact {version()}")
        raise typer.Exit


@application.callback()
def _thinkact(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and end.")
    ] = False,
) -> None:
    """An autonomous agent for the terminal."""


def exit_code(error: ThinkactError) -> int:
    """The exit code for an error that ended a command before a run could end."""
    return 6 if isinstance(error, ModelError) else 2


def complain(message: str, hint: str | None = None) -> None:
    """One clear line on stderr, and the hint in a second one; foreign text neutralised."""
    from agent.terminal import plain

    sys.stderr.write(f"thinkact: {plain(message)}\n")
    if hint:
        sys.stderr.write(f"          {plain(hint)}\n")


def start() -> None:
    """Run the command line and end the process."""
    try:
        application(prog_name="thinkact")
    except ThinkactError as error:
        complain(error.message, error.hint)
        sys.exit(exit_code(error))
    except Exception as error:
        found = _told(error)
        if found is None:
            raise
        complain(*found)
        sys.exit(1)


def _told(error: Exception) -> tuple[str, str | None] | None:
    """The line for an error of the ground rooms, which carry `message` and `hint` like ours; None for a bug."""
    message = getattr(error, "message", None)
    if isinstance(message, str) and type(error).__module__.split(".")[0] in ("memory", "plugins"):
        return message, getattr(error, "hint", None)
    return None
