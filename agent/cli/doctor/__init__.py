"""`thinkact doctor`: what works here, what is missing, and the one command that mends it."""

from __future__ import annotations

from typing import Annotated

import typer

application = typer.Typer(rich_markup_mode=None, add_completion=False)


@application.command("doctor")
def doctor(
    as_data: Annotated[bool, typer.Option("--json", help="JSON for programs.")] = False,
    wait: Annotated[
        float, typer.Option("--wait", min=0.1, max=3600, metavar="SECONDS", help="How long to wait for what is slow.")
    ] = 2.0,
) -> None:
    """Tell what works here, what is missing, and the one command that mends it. Ends with 1 where something that is
    needed is broken.

    It changes nothing, and asks nothing on the network but the model's endpoint and the chroma server that
    are set up.
    """
    from agent.cli.doctor.examining import examine
    from agent.cli.doctor.telling import tell, tell_json

    findings = examine(wait)
    (tell_json if as_data else tell)(findings)
    if any(one.state == "fault" for one in findings):
        raise typer.Exit(1)
