"""An MCP server, what its program may do, and what it brings: in lines for a person."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from agent.opening.mcp_entry import Entry
from agent.terminal import plain
from plugins import McpListing, McpServer, McpServers, McpTool, Web, programs_of

__all__ = ["entry_lines", "listing_lines", "rights", "rights_lines"]

_WORDS = 100  # characters of what a tool says of itself


def rights(server: McpServer) -> str:
    """What a server's program may do, in a few words."""
    if not server.command:
        return "–"
    if not server.confined:
        return "NOT confined"
    folders = len(server.folders)
    more = ["network"] if server.network else []
    more += [f"{folders} folder{'s' if folders > 1 else ''}"] if folders else []
    return " + ".join(["confined", *more])


def rights_lines(server: McpServer) -> Iterator[str]:
    """The same, whole."""
    if not server.confined:
        yield "NOT CONFINED, as its entry says: with your rights it reads and writes whatever you can, and reaches the"
        yield "network"
        return
    read = {name: real for name, real in server.reads.items() if real not in server.folders.values()}
    yield f"confined: it reads programs, the workspace{_listed(read)}"
    yield f"writes: a folder of its own{_listed(server.folders)}"
    yield "network: all of it, and what listens on this machine" if server.network else "network: none"
    for one in _unseen(server):
        yield f"not seen, though its arguments name it: {one} (folders in its entry can give it)"


def _program_lines(server: McpServer) -> Iterator[str]:
    """Which file it is, where the trust is bound to that; what has its name, and is not it."""
    if server.file:
        yield f"its program is {server.file}: a yes holds for that file alone"
    if not os.path.dirname(server.command):  # noqa: PTH120 - as the shell tells a path from a name
        for _, why in programs_of(server).look(server.command).passed:
            yield f"passed over: {server.command} {why}; the entry can name it by its path"


def _unseen(server: McpServer) -> Iterator[str]:
    """Folders that the arguments name and that are too much to be given for that alone."""
    given = [Path(real) for real in (*server.reads.values(), *server.folders.values())]
    for word in server.args:
        for piece in (word, word.partition("=")[2]):
            with suppress(OSError, ValueError, RuntimeError):
                place = Path(piece).expanduser()
                real = Path(os.path.realpath(place))
                if place.is_absolute() and real.is_dir() and not any(one in (real, *real.parents) for one in given):
                    yield piece


def _listed(places: Mapping[str, str]) -> str:
    return "".join(f", {name}" if name == real else f", {name} (it is {real})" for name, real in places.items())


def entry_lines(entry: Entry, server: McpServer) -> Iterator[str]:
    """What would be started, or asked, and what it is handed."""
    if server.command:
        yield f"the MCP server {entry.name} ({entry.origin}) starts: {entry.shown}"
        yield f"  in {server.folder}"
        yield from (f"  {line}" for line in rights_lines(server))
        yield from (f"  {line}" for line in _program_lines(server))
    else:
        kind = "an address of this machine or of a private network" if server.private else "an address of the web"
        yield f"the MCP server {entry.name} ({entry.origin}) is asked at: {entry.shown} ({kind})"
    for one in entry.handed:
        yield f"  with {one}"
    if entry.asks:
        yield f"  it is handed from your environment: {', '.join(entry.asks)}"


def listing_lines(server: McpServer, listing: McpListing, *, earlier: McpListing | None = None) -> Iterator[str]:
    """What it brings; what is new or other than `earlier` is marked."""
    before = {} if earlier is None else {one.name: one for one in earlier.tools}
    yield f"{plain(listing.server) or 'it'} brings {_counted(listing)} (protocol {plain(listing.protocol)}):"
    for one in listing.tools:
        mark = (
            ""
            if earlier is None or before.get(one.name) == one
            else " [new]"
            if one.name not in before
            else " [changed]"
        )
        yield f"  {plain(one.name)}  {one.effect.value}{mark}  {_first_line(one)}"
    for name in before.keys() - {one.name for one in listing.tools}:
        yield f"  {plain(name)}  [gone]"
    for line in McpServers([(server, listing)], web=Web()).left_out:
        yield f"  {plain(line)}"


def _counted(listing: McpListing) -> str:
    return "1 tool" if len(listing.tools) == 1 else f"{len(listing.tools)} tools"


def _first_line(tool: McpTool) -> str:
    words = plain(" ".join(tool.description.split()))
    return words if len(words) <= _WORDS else f"{words[:_WORDS]}…"
