"""`thinkact mcp test`: a trusted server is started, and what it brings is held against what was trusted."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import typer

from agent.cli.mcp.finding import here
from agent.cli.mcp.showing import as_data as described
from agent.cli.mcp.showing import tell_failure
from agent.cli.saying import say
from agent.cli.tables import as_json
from agent.errors import UsageError
from agent.opening.mcp_servers import trust_command
from agent.opening.mcp_words import listing_lines
from agent.opening.web import web_of
from agent.terminal import plain
from plugins import ToolError, look_at_server


def try_one(name: str, goal: Path | None, inputs: Sequence[str], *, as_data: bool) -> int:
    """Test a server; the exit code: 1 where it does not work, or its tools are no more those that were trusted.

    Raises:
        UsageError: there is no such server, or it was never trusted.
    """
    found = here(goal, inputs)
    one = found.named(name)
    if one.trusted is None or one.entry.server is None:
        raise UsageError(f"{name} {one.why_off}, so it is not started", hint=trust_command(one.entry))
    server = replace(one.entry.server, private=one.trusted.listing.private)
    began = time.monotonic()
    try:
        listing = look_at_server(
            server, web_of(found.settings), around=found.around, log=found.settings.home / "mcp" / "test.log"
        )
    except ToolError as error:
        return _failed(name, error, as_data=as_data)
    seconds = time.monotonic() - began
    changed = listing.hash != one.trusted.listing.hash
    if changed:
        found.trust.mark(one.entry)
    if as_data:
        as_json(described(name, server, listing, seconds=seconds, changed=changed or one.state == "changed"))
    else:
        for line in listing_lines(server, listing, earlier=one.trusted.listing):
            typer.echo(plain(line))
    if changed or one.state == "changed":
        say(f"its tools are no more those that were trusted, so it is off: {trust_command(one.entry)}")
        return 1
    say(f"{name} works: it answered in {seconds:.1f} s")
    return 0


def _failed(name: str, error: ToolError, *, as_data: bool) -> int:
    if as_data:
        told: dict[str, Any] = {"kind": error.kind, "message": error.message, "hint": error.hint}
        as_json({"name": name, "ok": False, "changed": False, "error": told})
    else:
        tell_failure(error)
    return 1
