"""A server and its tools, in lines for a person."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from agent.cli.saying import say
from agent.opening.mcp import Entry
from agent.terminal import plain
from plugins import McpListing, McpServer, McpServers, McpTool, ToolError, Web
from plugins._mcp._adapted import effect_of

_WORDS = 100  # characters of what a tool says of itself


def tell_failure(error: ToolError) -> None:
    """Why it does not work, and what to do: to the user, whom hints for a model speak of."""
    say(error.message)
    if error.hint:
        say(error.hint.replace("do without it, or ask it for less; ", "").replace("the user can ", ""))


def entry_lines(entry: Entry, server: McpServer) -> Iterator[str]:
    """What would be started, or asked, and what it is handed."""
    if server.command:
        yield f"{entry.name} ({entry.origin}) starts: {entry.shown}"
        yield f"  in {server.folder}, as you, with your rights: it is not confined"
    else:
        kind = "an address of this machine or of a private network" if server.private else "an address of the web"
        yield f"{entry.name} ({entry.origin}) is asked at: {entry.shown} ({kind})"
    for one in entry.handed:
        yield f"  with {one}"
    if entry.asks:
        yield f"  it is handed from your environment: {', '.join(entry.asks)}"


def listing_lines(server: McpServer, listing: McpListing, *, earlier: McpListing | None = None) -> Iterator[str]:
    """What it brings; what is new or other than `earlier` is marked."""
    before = {} if earlier is None else {one.name: one for one in earlier.tools}
    yield f"{plain(listing.server) or 'it'} brings {len(listing.tools)} tools (protocol {plain(listing.protocol)}):"
    for one in listing.tools:
        mark = (
            ""
            if earlier is None or before.get(one.name) == one
            else " [new]"
            if one.name not in before
            else " [changed]"
        )
        yield f"  {plain(one.name)}  {effect_of(one.annotations).value}{mark}  {_first_line(one)}"
    for name in before.keys() - {one.name for one in listing.tools}:
        yield f"  {plain(name)}  [gone]"
    for line in McpServers([(server, listing)], web=Web()).left_out:
        yield f"  {plain(line)}"


def _first_line(tool: McpTool) -> str:
    words = plain(" ".join(tool.description.split()))
    return words if len(words) <= _WORDS else f"{words[:_WORDS]}…"


def as_data(name: str, server: McpServer, listing: McpListing, *, seconds: float, changed: bool) -> dict[str, Any]:
    """What `test --json` prints."""
    found = McpServers([(server, listing)], web=Web())
    tools: list[Mapping[str, Any]] = [
        {"name": tool.name, "effect": tool.effect.value, "description": tool.description}
        for plugin in found.plugins
        for tool in plugin.tools
    ]
    return {
        "name": name,
        "ok": not changed,
        "changed": changed,
        "server": listing.server,
        "protocol": listing.protocol,
        "seconds": round(seconds, 2),
        "tools": tools,
        "left_out": found.left_out,
        "error": None,
    }
