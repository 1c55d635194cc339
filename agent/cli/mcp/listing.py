"""`thinkact mcp list`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from agent.cli.mcp.finding import here
from agent.cli.saying import say
from agent.cli.tables import as_json, table
from agent.opening.mcp import user_file
from agent.opening.mcp_servers import Named, trust_command
from agent.opening.mcp_words import rights

STATES = {
    "trusted": "trusted",
    "new": "not trusted yet",
    "redefined": "its entry has changed",
    "changed": "its tools have changed",
    "off": "turned off",
    "fault": "cannot be used",
}
"""A server's state in words."""


def list_all(goal: Path | None, inputs: Sequence[str], *, as_data: bool) -> int:
    """The command `list`; the exit code: 2 where a file or an entry of it is wrong."""
    found = here(goal, inputs)
    code = 2 if any(one.state == "fault" for one in found.servers) else 0
    if as_data:
        as_json([_described(one) for one in found.servers])
        return code
    if not found.servers:
        say(f"no MCP server is named: write .mcp.json here, or {user_file(found.settings)} for every folder")
        return code
    rows = [
        [one.entry.name, _state(one), _tools(one), _rights(one), one.entry.origin, one.entry.shown]
        for one in found.servers
    ]
    table([["SERVER", "STATE", "TOOLS", "RIGHTS", "NAMED IN", "WHAT IS STARTED"], *rows], most=40)
    for one in found.servers:
        if one.state == "fault":
            say(str(one.entry.fault))
        elif one.state in ("new", "redefined", "changed"):
            say(f"{one.entry.name} is used once it is trusted: {trust_command(one.entry)}")
    return code


def _state(one: Named) -> str:
    return "its program is another, or was not kept" if one.other is not None else STATES[one.state]


def _tools(one: Named) -> str:
    return "–" if one.trusted is None else str(len(one.trusted.listing.tools))


def _rights(one: Named) -> str:
    return "–" if one.entry.server is None else rights(one.entry.server)


def _described(one: Named) -> dict[str, Any]:
    entry, trusted, server = one.entry, one.trusted, one.entry.server
    program = server if server is not None and server.command else None
    return {
        "name": entry.name,
        "state": one.state,
        "origin": entry.origin,
        "starts": entry.shown,
        "variables": list(entry.asks),
        "confined": None if program is None else program.confined,
        "network": None if program is None else program.network or not program.confined,
        "reads": [] if program is None else list(program.reads),
        "folders": [] if program is None else list(program.folders),
        "tools": None if trusted is None else [tool.name for tool in trusted.listing.tools],
        "server": None if trusted is None else trusted.listing.server,
        "trusted_at": None if trusted is None else trusted.when,
        "fault": entry.fault,
    }
