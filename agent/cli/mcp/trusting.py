"""`thinkact mcp trust`: what would be started is shown, it is started once, what it brings is shown, and then kept."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import typer

from agent.cli.asking import agreed
from agent.cli.mcp.finding import here
from agent.cli.mcp.showing import tell_failure
from agent.cli.saying import say
from agent.opening.mcp_asking import ask_for_trust
from agent.terminal import plain
from plugins import ToolError


def trust_one(name: str, goal: Path | None, inputs: Sequence[str], *, yes: bool) -> int:
    """Trust a server; the exit code: 1 where it cannot be started, or the answer is no.

    Raises:
        ThinkactError: there is no such server, nobody can be asked, or the trust cannot be kept.
    """
    found = here(goal, inputs)
    entry = found.named(name).entry
    started = False

    def agrees(lines: Sequence[str], question: str) -> bool:
        """What would be started goes to stderr, with the question; what it brings is the answer of this command."""
        nonlocal started
        if started:
            for line in lines:
                typer.echo(plain(line))
        elif yes:
            for line in lines:
                say(line)
        told, started = () if started else lines, True
        return agreed(f"{question[0].upper()}{question[1:]}?", told, yes=yes)

    try:
        given = ask_for_trust(entry, found.trust, found.settings, found.around, agrees=agrees, tell=say)
    except ToolError as error:
        tell_failure(error)
        return 1
    if given is None:
        say(f"{name} is not trusted")
        return 1
    say(f"{name} is trusted, until its entry or its tools change; its tools are called {name}__…")
    return 0


def take_back(name: str, goal: Path | None, inputs: Sequence[str]) -> int:
    """Take the trust back; the exit code: 1 where there was none."""
    found = here(goal, inputs)
    if found.trust.take(found.named(name).entry):
        say(f"{name} is not trusted any more")
        return 0
    say(f"{name} was not trusted")
    return 1
