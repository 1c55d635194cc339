"""Which folders hold no program that is started by its name: those in which an agent writes, or may have written."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from agent.opening.desk import find_workspace
from agent.settings import Settings
from plugins import McpServer, is_of_the_system

__all__ = ["DESK", "START", "written_folders"]

DESK = "the workspace"
START = "the folder where thinkact is started"


def written_folders(
    settings: Settings, cwd: Path, *, workspace: Path | None, servers: Iterable[McpServer] = ()
) -> dict[str, str]:
    """The folders, each with what it is. `workspace`: the run's; None: the one that a run here has where nobody names
    another. The folder where thinkact is started is the workspace of many a run, so it counts, too, unless programs of
    the system lie there. `servers`: what these may write counts."""
    root = find_workspace(flag=None, stated=None, cwd=cwd).root if workspace is None else cwd / workspace
    found = {str(root): DESK}
    if not is_of_the_system(cwd):
        found.setdefault(str(cwd), START)
    found[str(settings.home / "mcp" / "homes")] = "a folder of an MCP server"
    for one in servers:
        for name in dict.fromkeys([*one.folders, *one.folders.values()]):
            found.setdefault(name, f"a folder that the MCP server {one.name} may write")
    return {os.path.abspath(name): what for name, what in found.items()}  # noqa: PTH100 - resolve() would follow links
