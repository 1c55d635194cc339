"""Which program a server's command is: found where no agent can have put one, and part of what is trusted where it is
not confined."""

from __future__ import annotations

import hashlib
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from agent.opening.mcp_entry import Entry
from agent.opening.programs import START, written_folders
from agent.settings import Settings
from plugins import ToolError, found_program

__all__ = ["with_programs"]


def with_programs(entries: Sequence[Entry], settings: Settings, cwd: Path, *, workspace: Path | None) -> list[Entry]:
    """The entries, where every command is looked for outside of what an agent or a server may write, and the trust in
    one that is not confined is bound to the file that it is."""
    servers = [one.server for one in entries if one.server is not None]
    if not any(one.command for one in servers):
        return list(entries)
    avoided = written_folders(settings, cwd, workspace=workspace, servers=servers)
    if _holds_the_users_own(cwd):
        avoided = {name: what for name, what in avoided.items() if what != START}
    # Neither the agent nor its programs write in thinkact's own environment, wherever that lies.
    open_ones = [Path(real) for one in servers for real in one.folders.values()]
    own = Path(os.path.realpath(sys.prefix))
    spared = () if any(one in (own, *own.parents) for one in open_ones) else (str(own), sys.prefix)
    return [_with_program(one, avoided, spared) for one in entries]


def _holds_the_users_own(cwd: Path) -> bool:
    """Is it the home folder, or one above it? Few have that as a workspace, and many their programs in it."""
    home = os.path.realpath(Path.home())
    return f"{home}/".startswith(f"{os.path.realpath(cwd).rstrip('/')}/")


def _with_program(entry: Entry, avoided: Mapping[str, str], spared: tuple[str, ...]) -> Entry:
    if entry.server is None or not entry.server.command:
        return entry
    server = replace(entry.server, avoided=avoided, spared=spared)
    if server.confined:
        return replace(entry, server=server)
    try:
        file = os.path.realpath(found_program(server)[0])
    except ToolError:
        file = ""
    definition = hashlib.sha256(f"{entry.definition}\0{file}".encode("utf-8", "replace")).hexdigest()
    return replace(entry, server=replace(server, file=file), definition=definition, stated=entry.definition)
