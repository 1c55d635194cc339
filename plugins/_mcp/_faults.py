"""What goes wrong with a server, in words that say what to do. The one door at which the SDK's errors are renamed."""

from __future__ import annotations

from collections.abc import Iterator

from plugins._contract import ToolError
from plugins._mcp._log import Log
from plugins._mcp._messages import UNREADABLE
from plugins._mcp._server import McpServer
from plugins._mcp._words import hide, visible, within
from plugins._text import in_words, said, show

__all__ = ["Ended", "in_time", "translated"]

_LONGEST = 2_000  # characters of what a server says of a fault
_CLOSED, _TIMEOUT, _NO_REQUEST = -32000, -32001, -32600  # of JSON-RPC, as the SDK uses them


class Ended(ToolError):
    """The server is not there any more: its program has ended, or the connection has."""

    def __init__(self, server: McpServer, log: Log) -> None:
        words = f"; its last words: {log.last_words}" if log.last_words else ""
        super().__init__(f"the MCP server {show(server.name)} has ended{words}", kind="mcp")


def in_time(server: McpServer, seconds: float) -> ToolError:
    """It did not answer in time."""
    return ToolError(
        f"the MCP server {show(server.name)} did not answer within {seconds:g} s",
        hint="do without it, or ask it for less; the user can give it more time (timeout in its entry)",
        kind="timeout",
    )


def translated(error: BaseException, server: McpServer, log: Log, *, starting: bool = False) -> ToolError:
    """What an exception of the SDK, of the system or of the network means for this server."""
    found = next(_leaves(error))
    if isinstance(found, ToolError):
        return found
    if isinstance(found, TimeoutError):
        return in_time(server, server.starting if starting else server.calling)
    code = getattr(getattr(found, "error", None), "code", None)  # an MCPError
    if code == _TIMEOUT:
        return in_time(server, server.starting if starting else server.calling)
    if code == _CLOSED or type(found).__name__ in ("BrokenResourceError", "ClosedResourceError", "EndOfStream"):
        return _at_once(server, log) if starting else Ended(server, log)
    if code == UNREADABLE or type(found).__name__ == "ValidationError":  # pydantic's
        return _unreadable(server, found)
    if server.url and starting and log.status is not None:
        return _unwelcome(server, log.status)
    # A server that was started anew knows the session no more: the SDK makes "no request" of its 404.
    lost = log.status == 404 and code in (None, _NO_REQUEST)
    gone = lost or type(found).__module__.startswith(("httpx2", "httpcore2"))
    if server.url and not starting and gone:
        return Ended(server, log)
    words = hide(within(said(found) or in_words(found), _LONGEST), server.hidden)
    if not starting and code is not None:
        return ToolError(f"the MCP server {show(server.name)} refused: {words}", kind="tool")
    if type(found).__module__.startswith("httpx"):
        return _unreached(server, words)
    if isinstance(found, OSError):
        message = f"the MCP server {show(server.name)} cannot be started: {found.strerror or words}"
        return ToolError(message, hint="the user can look at its command, and at its folder", kind="mcp")
    what = "cannot be used" if starting else "failed"
    hint = f"the user can look: thinkact mcp test {server.name}"
    return ToolError(f"the MCP server {show(server.name)} {what}: {words}", hint=hint, kind="mcp")


def _at_once(server: McpServer, log: Log) -> ToolError:
    if server.url:
        return _unreached(server, "the connection was closed")
    words = f": {log.last_words}" if log.last_words else ", and said nothing"
    return ToolError(
        f"the MCP server {show(server.name)} ended before it told its tools{words}",
        hint=_what_it_may_lack(server),
        kind="mcp",
    )


def _what_it_may_lack(server: McpServer) -> str:
    if not server.confined:
        return "the user can start its command by hand, and see what it lacks"
    network = "" if server.network else 'the network ("network": true), '
    return (
        f"the user can see whether it lacks what a confined program has not: its entry gives it {network}more folders "
        '("folders": […]), or all of the user\'s rights ("confined": false)'
    )


def _unreadable(server: McpServer, error: BaseException) -> ToolError:
    """It answered, and not with what the protocol says. What is wrong is told by its place, as the whole is long."""
    errors = getattr(error, "errors", None)
    place = ".".join(map(str, errors()[0]["loc"][:2])) if errors is not None else ""
    return ToolError(
        f"the MCP server {show(server.name)} gave an answer that cannot be read: it is not what the protocol says"
        f"{f' ({visible(place[:80])})' if place else ''}",
        hint="it may have done what was asked all the same; do without it; the user can look for a newer version of it",
        kind="mcp",
    )


def _unwelcome(server: McpServer, status: int) -> ToolError:
    """Somebody answers there, and not as a server of tools does."""
    hint = "the user can look at its url: something else answers there"
    if status in (401, 403):
        hint = "the user can give it a key: headers in its entry"
    elif status >= 500 or status == 429:
        hint = "the user can try it later: thinkact mcp test " + server.name
    return ToolError(f"the MCP server {show(server.name)} cannot be used: it answers {status}", hint=hint, kind="mcp")


def _unreached(server: McpServer, words: str) -> ToolError:
    hint = "the user can see whether it runs there"
    return ToolError(f"the MCP server {show(server.name)} cannot be reached: {words}", hint=hint, kind="mcp")


def _leaves(error: BaseException) -> Iterator[BaseException]:
    """The exceptions in a group, those that say most first: a cancelled task tells nothing of why."""
    if isinstance(error, BaseExceptionGroup):
        inner = [one for part in error.exceptions for one in _leaves(part)]
        yield from sorted(inner, key=lambda one: not isinstance(one, Exception))
    else:
        yield error
