"""The servers of a run, as plugins: what each brings is told from what was trusted, so none need be started for it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from plugins._contract import Context, Tool, ToolError
from plugins._mcp._around import McpSurroundings, file_name
from plugins._mcp._server import McpListing, McpServer, McpTool
from plugins._toolbox import Plugin
from plugins._ways import Web

if TYPE_CHECKING:
    from plugins._mcp._connection import Connection

__all__ = ["McpServers", "look_at_server"]

NOTHING_AROUND = McpSurroundings()
_CONTEXT = "context of the call"  # no argument of a tool can be called so: it would not be told
_GRACE = 5.0  # seconds by which a call may outlast its own clock, to say itself that it did


def look_at_server(
    server: McpServer, web: Web, *, around: McpSurroundings = NOTHING_AROUND, log: Path | None = None
) -> McpListing:
    """Start a server, or connect to it, have its tools told, and end it.

    Raises:
        ToolError: it cannot be started or reached, is silent for too long, or speaks no MCP.
    """
    from plugins._mcp._log import Log
    from plugins._mcp._session import Session

    session = Session.open(server, web, around, Log(log, server.hidden))
    session.close()
    return session.listing


class McpServers:
    """The trusted servers of a run. A context manager: at the end every one that was started is ended.

    Args:
        trusted: Each server with the listing that the user trusted.
        web: How the web is reached from here.
        around: Where their programs are started.
        logs: A folder for what they say beside the protocol, or None.
        say: Tells the person a line.
        changed: Is told the name of one whose tools have changed.

    Attributes:
        plugins: A plugin for each server; nothing is started before one of its tools is called.
        left_out: What of their tools cannot be used, a line each.
    """

    def __init__(
        self,
        trusted: Iterable[tuple[McpServer, McpListing]],
        *,
        web: Web,
        around: McpSurroundings = NOTHING_AROUND,
        logs: Path | None = None,
        say: Callable[[str], None] = lambda _: None,
        changed: Callable[[str], None] = lambda _: None,
    ) -> None:
        self._connections: dict[str, Connection] = {}
        self.left_out: list[str] = []
        taken: set[str] = set()
        plugins = []
        for server, listing in trusted:
            from plugins._mcp._connection import Connection  # few runs have a server

            def forget(name: str = server.name) -> None:
                changed(name)

            log = None if logs is None else logs / f"{file_name(server.name)}.log"
            made = Connection(server, listing, web=web, around=around, log=log, say=say, changed=forget)
            self._connections[server.name] = made
            plugins.append(self._plugin(made, listing, taken))
        self.plugins: tuple[Plugin, ...] = tuple(plugins)

    def begin(self, names: Collection[str]) -> None:
        """Start these servers already, beside each other and beside whatever comes next."""
        for name, one in self._connections.items():
            if name in names:
                one.begin()

    def close(self) -> None:
        """End every server that was started, all at a time."""
        threads = [threading.Thread(target=one.close, daemon=True) for one in self._connections.values()]
        for one in threads:
            one.start()
        for one in threads:
            one.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _plugin(self, made: Connection, listing: McpListing, taken: set[str]) -> Plugin:
        from plugins._mcp._adapted import Unfit
        from plugins._mcp._words import within

        server, tools = made.server, []
        for told in listing.tools:
            try:
                tool = _tool(made, told)
                if tool.name in taken:
                    raise Unfit(f"another tool is called {tool.name} already")
            except Unfit as error:
                self.left_out.append(f"{within(server.name, 60)}: {within(told.name, 60)} is left out: {error}")
                continue
            taken.add(tool.name)
            tools.append(tool)
        origin = f"the MCP server {server.name}"
        return Plugin(name=f"mcp:{server.name}", origin=origin, tools=tuple(tools))


def _tool(made: Connection, told: McpTool) -> Tool:
    from plugins._declaration import flaw
    from plugins._mcp._adapted import Unfit, adapt

    adapted = adapt(made.server.name, told)

    def called(**arguments: Any) -> Any:
        context: Context = arguments.pop(_CONTEXT)
        try:
            return made.call(told.name, arguments, context, repeatable=adapted.repeatable)
        except ToolError as error:
            error.message = error.message[:100_000]
            raise

    tool = Tool(
        name=adapted.name,
        description=adapted.description,
        parameters=adapted.parameters,
        effect=adapted.effect,
        function=called,
        repeatable=adapted.repeatable,
        timeout=made.server.starting + made.server.calling + _GRACE,
        context=_CONTEXT,
    )
    if (wrong := flaw(tool)) is not None:
        raise Unfit(wrong)
    if _CONTEXT in adapted.parameters["properties"]:
        raise Unfit("one of its arguments has a name that is thinkact's own")
    return tool
