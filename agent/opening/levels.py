"""By what programs are confined here, as the user's settings have it: one choice for tools, servers and doctor."""

from __future__ import annotations

from pathlib import Path

from agent.goal import Goal
from agent.opening.mcp import find_entries
from agent.opening.programs import written_folders
from agent.settings import Settings
from plugins import Programs, SandboxLevels

__all__ = ["find_levels"]


def find_levels(
    settings: Settings,
    cwd: Path,
    *,
    workspace: Path | None = None,
    goal: Goal | None = None,
    programs: Programs | None = None,
) -> SandboxLevels:
    """The confinements that are tried, whose program no agent can have put there. `workspace`: the run's; None: the
    one that a run in `cwd` has where nobody names another. `programs`: those to choose from in place of this
    machine's."""
    servers = [one.server for one in find_entries(settings, cwd, goal, workspace=workspace) if one.server is not None]
    avoided = written_folders(settings, cwd, workspace=workspace, servers=servers)
    return SandboxLevels(
        settings.sandbox, image=settings.sandbox_image or "", programs=programs or Programs(avoided=avoided)
    )
