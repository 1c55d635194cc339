"""`thinkact runs tail`: a run told while another process works on it."""

from __future__ import annotations

from typing import Annotated

import typer

from agent.cli.runs.places import RunArgument, command, folder_of
from agent.cli.runs.retelling import retell

application = command()


@application.command("tail")
def tail(
    wanted: RunArgument = "last",
    follow: Annotated[bool, typer.Option("--follow/--no-follow", help="Wait for more until the run ends.")] = True,
) -> None:
    """Tell a run while another process works on it, until it ends."""
    retell(folder_of(wanted), follow=follow)
