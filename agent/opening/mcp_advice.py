"""What a goal file should be told of the MCP servers that it speaks of: for `goal check`. None is started."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path

from agent.errors import SettingsError
from agent.goal import Goal
from agent.opening.mcp_servers import Named, named_servers, trust_command
from agent.settings import Settings

__all__ = ["advice_on_servers"]

_NAMED = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*")


def advice_on_servers(settings: Settings, cwd: Path) -> Callable[[Goal], Mapping[str, list[str]]]:
    """Tells of every server that is named where a goal would be run what is wrong with it, in sentences about it."""

    def advice(goal: Goal) -> Mapping[str, list[str]]:
        try:
            found, _ = named_servers(settings, cwd, goal)
        except SettingsError as error:
            return {name: [error.message] for name in goal.mcp}
        return {one.entry.name: [*_sentences(one, goal)] for one in found}

    return advice


def _sentences(one: Named, goal: Goal) -> list[str]:
    entry = one.entry
    stated = json.dumps(goal.mcp.get(entry.name, {}), ensure_ascii=False) if entry.of_goal else ""
    said = [
        f"{name}}} is not filled in: a goal file names its inputs, such as {{{{ token }}}}"
        for name in _NAMED.findall(stated)
    ]
    if entry.fault is not None:
        said.append(f"cannot be used: {entry.fault}")
    elif one.why_off and "{{" not in stated:  # what is yet to be filled in is trusted with its value
        why = one.why_off if one.state == "changed" else f"{one.why_off}, so a run goes without it"
        said.append(f"{why}: {trust_command(entry)}")
    return list(dict.fromkeys(said))
