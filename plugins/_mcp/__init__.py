"""Servers of tools that speak the Model Context Protocol: their tools become tools like any plugin's."""

from plugins._mcp._around import McpSurroundings, found_program, programs_of
from plugins._mcp._places import named_places
from plugins._mcp._server import McpListing, McpServer, McpTool
from plugins._mcp._servers import McpServers, look_at_server

__all__ = [
    "McpListing",
    "McpServer",
    "McpServers",
    "McpSurroundings",
    "McpTool",
    "found_program",
    "look_at_server",
    "named_places",
    "programs_of",
]
