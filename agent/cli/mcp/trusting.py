"""`thinkact mcp trust`: what would be started is shown, it is started once, what it brings is shown, and then kept."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import typer

from agent.cli.asking import agreed
from agent.cli.mcp.finding import here
from agent.cli.mcp.showing import entry_lines, listing_lines, tell_failure
from agent.cli.saying import say
from agent.opening.web import web_of
from agent.terminal import plain
from plugins import McpServer, ToolError, look_at_server

_LEAST_TIME = 120.0  # seconds: the first start of some fetches its program


def trust_one(name: str, goal: Path | None, inputs: Sequence[str], *, yes: bool) -> int:
    """Trust a server; the exit code: 1 where it cannot be started, or the answer is no.

    Raises:
        ThinkactError: there is no such server, nobody can be asked, or the trust cannot be kept.
    """
    found = here(goal, inputs)
    one = found.named(name)
    entry, server = one.entry, one.entry.server
    assert server is not None
    told = found.trust.earlier(entry)
    earlier = one.trusted or told
    server = replace(server, private=_is_private(server))
    shown = [*entry_lines(entry, server)]
    if yes:
        for line in shown:
            say(line)
    if not agreed("Start it, and look at its tools?" if server.command else "Look at its tools?", shown, yes=yes):
        say(f"{name} was not started")
        return 1
    say("starting it …")
    patient = replace(server, timeout=max(_LEAST_TIME, server.timeout or 0.0))
    try:
        listing = look_at_server(patient, web_of(found.settings), log=found.settings.home / "mcp" / "trust.log")
    except ToolError as error:
        tell_failure(error)
        return 1
    lines = [*listing_lines(server, listing, earlier=None if earlier is None else earlier.listing)]
    for line in lines:
        typer.echo(plain(line))
    if not agreed("Trust it with these tools?", yes=yes):
        say(f"{name} is not trusted")
        return 1
    found.trust.give(entry, listing)
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


def _is_private(server: McpServer) -> bool:
    """Does its address lead to this machine or to a private network? What cannot be told is found out by starting."""
    if not server.url:
        return False
    from plugins._addresses import why_not
    from plugins._judging import resolved
    from plugins._mcp._posted import host_and_port

    try:
        host, port = host_and_port(server.url)
        return any(why_not(address) for address in resolved(host, port, timeout=10.0))
    except ToolError:
        return False
