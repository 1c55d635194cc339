"""A server and its tools, for a person and for programs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agent.cli.saying import say
from agent.opening.mcp_asking import why_it_failed
from plugins import McpListing, McpServer, McpServers, ToolError, Web


def tell_failure(error: ToolError) -> None:
    """Why it does not work, and what to do."""
    for line in why_it_failed(error):
        say(line)


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
