"""`thinkact runs replay`: a run told again as it was."""

from __future__ import annotations

from typing import Annotated

import typer

from agent.cli.runs.places import RunArgument, command, folder_of
from agent.cli.runs.retelling import retell
from agent.terminal import neutral

application = command()


@application.command("replay")
def replay(
    wanted: RunArgument = "last",
    pace: Annotated[float, typer.Option("--pace", min=0, help="Seconds between two events.")] = 0.0,
) -> None:
    """Tell the run again as it was, with no model and no tool call; the answer goes to stdout."""
    ended = retell(folder_of(wanted), pace=pace)
    if ended is not None and ended.answer.strip():
        typer.echo(neutral(ended.answer.strip()), color=True)  # else what looks like a colour is taken out of it
