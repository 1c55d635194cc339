"""The servers that are named where the command is started, and the one that is meant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from agent.errors import UsageError
from agent.opening.desk import find_workspace
from agent.opening.inputs import parse_inputs
from agent.opening.mcp import user_file
from agent.opening.mcp_around import surroundings
from agent.opening.mcp_servers import Named, named_servers
from agent.opening.mcp_trust import Trust
from agent.opening.wanted import read_goal_file
from agent.settings import Settings
from agent.spelling import nearest
from plugins import McpSurroundings


@dataclass(frozen=True, slots=True, kw_only=True)
class Here:
    """The servers that are named here."""

    settings: Settings
    servers: list[Named]
    trust: Trust
    around: McpSurroundings

    def named(self, name: str) -> Named:
        """The one of this name.

        Raises:
            UsageError: there is none, or its entry cannot be used.
        """
        for one in self.servers:
            if one.entry.name == name:
                if one.state == "fault":
                    raise UsageError(str(one.entry.fault), hint="mend its entry")
                if one.state == "off":
                    raise UsageError(f"{one.entry.origin}: {name} is turned off", hint='take "disabled" out of it')
                return one
        broken = next((one.entry.fault for one in self.servers if one.state == "fault"), None)
        meant = nearest(name, [one.entry.name for one in self.servers])
        hint = f"did you mean {meant}? " if meant else ""
        hint += f"({broken})" if broken else f"servers are named in .mcp.json here, or in {user_file(self.settings)}"
        raise UsageError(f"no MCP server is called {name}", hint=hint)


def here(goal: Path | None, inputs: Sequence[str]) -> Here:
    """The servers that are named here, or by a goal file.

    Raises:
        ThinkactError: the goal file or the settings cannot be read.
    """
    cwd = Path.cwd()
    settings = Settings.load(cwd=cwd)
    if goal is None and inputs:
        raise UsageError("--set gives inputs to a goal file, and none is named", hint="name it: --goal FILE")
    read = None if goal is None else read_goal_file(goal, parse_inputs(inputs), settings)
    desk = find_workspace(flag=None, stated=None if read is None else read.workspace, cwd=cwd).root
    servers, trust = named_servers(settings, cwd, read, workspace=desk)
    around = surroundings(settings, cwd, goal=read, workspace=desk)
    return Here(settings=settings, servers=servers, trust=trust, around=around)
