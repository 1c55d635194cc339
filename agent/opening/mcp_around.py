"""Where the programs of MCP servers are started, as the user's settings have it."""

from __future__ import annotations

from pathlib import Path

from agent.goal import Goal
from agent.opening.levels import find_levels
from agent.opening.parts import configuring_files
from agent.settings import Settings
from plugins import McpSurroundings

__all__ = ["surroundings"]


def surroundings(settings: Settings, cwd: Path, *, goal: Goal | None, workspace: Path | None) -> McpSurroundings:
    """What servers may see of this machine in a run that is started in `cwd` and works in `workspace`. What configures
    thinkact they neither read, as it may hold keys, nor write."""
    own = (settings.home, settings.config.parent)
    files = {file for folder in (cwd, workspace) if folder for file in (folder / ".env", folder / ".mcp.json")}
    if goal is not None:
        files.update(one for one in configuring_files(goal, settings, cwd) if one not in own)
    return McpSurroundings(
        homes=settings.home / "mcp" / "homes",
        workspace=workspace,
        kept=own,
        hidden=tuple(sorted(files)),
        level=find_levels(settings, cwd, workspace=workspace, goal=goal),
    )
