"""The MCP servers that are named where a run is started: by its goal file, by the user, by the folder.

`mcpServers` stands in `mcp.json` of the user's configuration folder and in `.mcp.json` of the folder where thinkact is
started; a goal file has the field `mcp`. Of two of one name the goal file's counts, then the user's own: what comes
with a folder takes the place of nothing.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from agent.goal import Goal, goal_to_dict
from agent.opening.mcp_entry import Entry, read_entry
from agent.opening.mcp_program import with_programs
from agent.settings import Settings
from plugins import McpServer, ToolError, found_program

__all__ = ["Entry", "find_entries", "unconfined_files", "user_file"]

_LARGEST = 256_000  # bytes of a file
_WANTED = 'it needs an object "mcpServers", such as {"mcpServers": {"fetch": {"command": "uvx", …}}}'
_MOST = 100  # servers of a file


def user_file(settings: Settings) -> Path:
    """Where the user names servers for every run."""
    return settings.config.parent / "mcp.json"


def find_entries(
    settings: Settings, cwd: Path, goal: Goal | None = None, *, workspace: Path | None = None
) -> list[Entry]:
    """Every server that is named, each name once, sorted by it, as it is in a run with this workspace (None: the one
    that a run here has where nobody names another). What cannot be read is an entry with a fault; nothing is started.
    """
    own, others = user_file(settings), cwd / ".mcp.json"
    found: dict[str, Entry] = {}
    groups = [_of_goal(goal, settings) if goal is not None else iter(())]
    groups.append(replace(one, of_user=True) for one in _of_file(own, str(own), settings))
    groups.append(_of_file(others, ".mcp.json", settings))
    for group in groups:
        for entry in group:
            found.setdefault(entry.name, entry)
    return with_programs(sorted(found.values(), key=lambda entry: entry.name), settings, cwd, workspace=workspace)


def unconfined_files(
    settings: Settings, cwd: Path, goal: Goal | None = None, *, workspace: Path | None = None
) -> tuple[Path, ...]:
    """The programs of the servers that are not confined, and the files that their arguments name: whoever writes these
    has all of the user's rights at the next start. Each as it is named, and where it leads."""
    servers = [one.server for one in find_entries(settings, cwd, goal, workspace=workspace) if one.server is not None]
    found = [file for one in servers if one.command and not one.confined for file in _files(one)]
    return tuple(dict.fromkeys(Path(way(one)) for one in found for way in (os.path.abspath, os.path.realpath)))


def _files(server: McpServer) -> Iterator[Path]:
    folder = server.folder or Path.cwd()
    for word in (server.command, *server.args):
        for text in dict.fromkeys((word, word.partition("=")[2])):
            with suppress(OSError, ValueError, RuntimeError):
                if text and (file := folder / Path(text).expanduser()).is_file():
                    yield file
    if not os.path.dirname(server.command):  # noqa: PTH120 - as the shell tells a path from a name
        with suppress(ToolError):
            yield folder / found_program(server)[0]


def _of_goal(goal: Goal, settings: Settings) -> Iterator[Entry]:
    folder = Path(goal.source).parent if goal.source else Path.cwd()
    masked: Any = goal_to_dict(goal)["mcp"]
    for name, stated in goal.mcp.items():
        origin = Path(goal.source).name if goal.source else "the goal"
        entry = read_entry(name, stated, masked[name], folder, origin, settings, known=None)
        if entry.server is not None:
            entry = replace(entry, server=replace(entry.server, hidden=(*entry.server.hidden, *goal.secrets)))
        yield replace(entry, goal_file=goal.source or "")


def _of_file(file: Path, origin: str, settings: Settings) -> Iterator[Entry]:
    try:
        if not file.is_file():
            return
        with file.open("rb") as opened:
            content = opened.read(_LARGEST + 1)
        named = _servers(content)
    except (OSError, ValueError, RecursionError) as error:
        said = error.strerror if isinstance(error, OSError) else str(error)
        said = "it is nested too deeply" if isinstance(error, RecursionError) else said or "it cannot be read"
        yield Entry(name=origin, origin=origin, fault=f"{origin}: {said}")
        return

    for name, stated in named.items():
        yield read_entry(name, stated, stated, file.parent, origin, settings, known=settings.variable)


def _servers(content: bytes) -> Mapping[str, Any]:
    if len(content) > _LARGEST:
        raise ValueError(f"it has more than {_LARGEST} bytes")
    if not content.strip():
        raise ValueError(f"it is empty; {_WANTED}")
    try:
        body = json.loads(content.decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        raise ValueError(f"line {error.lineno}, column {error.colno}: {error.msg}") from None
    except UnicodeDecodeError:
        raise ValueError("it is not written in UTF-8") from None
    named = body.get("mcpServers") if isinstance(body, dict) else None
    if not isinstance(named, dict):
        raise ValueError(_WANTED)
    if len(named) > _MOST:
        raise ValueError(f"it names {len(named)} servers, at most {_MOST} are read")
    return named
