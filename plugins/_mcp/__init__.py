"""Servers of tools that speak the Model Context Protocol: their tools become tools like any plugin's."""

from plugins._mcp._server import McpListing, McpServer, McpTool
from plugins._mcp._servers import McpServers, look_at_server

__all__ = ["McpListing", "McpServer", "McpServers", "McpTool", "look_at_server"]
