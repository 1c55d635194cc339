"""The MCP servers that are named here: whether each can be used. None is started."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from agent.cli import mending
from agent.cli.doctor.finding import Around, Finding

if TYPE_CHECKING:
    from agent.opening.mcp_servers import Named
    from plugins import McpServer


def look_at_servers(around: Around) -> Iterator[Finding]:
    """Every server that is named and cannot be used; how many can."""
    from agent.opening.mcp_servers import named_servers  # not before: another package may be in the place of ours

    found, _ = named_servers(around.settings, around.cwd)
    usable = []
    unconfined = _why_unconfined(around) if any(map(_is_confined, found)) else None
    for one in found:
        finding = _look(one) or (_off(one, unconfined) if unconfined and _is_confined(one) else None)
        if finding is not None:
            yield finding
        elif one.state == "trusted":
            usable.append(one.entry.name)
    if usable:
        what = f"{len(usable)} MCP servers are trusted: {', '.join(usable)}"
        yield Finding(name="mcp", state="ok", what=what.replace("1 MCP servers are", "1 MCP server is"), value=usable)


def _look(one: Named) -> Finding | None:
    entry, server = one.entry, one.entry.server
    value = {"server": entry.name, "origin": entry.origin, "state": one.state}
    if one.state == "fault":
        return Finding(name="mcp", state="warning", what=f"an MCP server: {entry.fault}", value=value)
    if one.why_off:
        what = f"the MCP server {entry.name} ({entry.origin}) {one.why_off}"
        what = what if one.state == "changed" else f"{what}, so it is not started"
        mend = mending.thinkact("mcp", "trust", entry.name)
        return Finding(name="mcp", state="warning", what=what, mend=mend, value=value)
    if server is None or not server.command or (missing := _why_missing(server)) is None:
        return None
    return Finding(name="mcp", state="warning", what=missing, value=value)


def _is_confined(one: Named) -> bool:
    server = one.entry.server
    return one.state == "trusted" and server is not None and bool(server.command) and server.confined


def _why_unconfined(around: Around) -> str | None:
    from agent.opening.levels import find_levels
    from plugins import NoConfinement

    try:
        level = find_levels(around.settings, around.cwd)()
    except NoConfinement as error:
        return str(error)
    return (
        None if level.has_our_programs else f"{level.way} has the programs of its image, and not those of this machine"
    )


def _off(one: Named, why: str) -> Finding:
    way_out = '"confined": false in its entry lets it have your rights'
    what = f"the MCP server {one.entry.name} is not started: {why}; {way_out}"
    return Finding(name="mcp", state="warning", what=what, value={"server": one.entry.name, "state": one.state})


def _why_missing(server: McpServer) -> str | None:
    from plugins import ToolError, found_program

    try:
        found_program(server)
    except ToolError as error:
        return error.message
    return None
