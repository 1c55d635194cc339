"""Runs made in this process, where `thinkact` as a process finds them: a place, and a house in its home."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from agent.events import ToolCall
from tests.kits import House, Outcome, called, finish
from tests.place import Place
from tests.scripted import ScriptedModel, ScriptedReply


@dataclass
class Indoors(House):
    """A house whose workspace is the place's: beside the home, not in it."""

    @property
    def workspace(self) -> Path:
        return self.home.parent / "workspace"


def worked(place: Place, *replies: ScriptedReply, goal: str = "Work.") -> Outcome:
    """A run that makes these calls and finishes."""
    place.workspace.mkdir(exist_ok=True)
    return Indoors(place.home).run(goal, ScriptedModel([*replies, finish("完成")], price=0.00001))


def write(path: str, content: str) -> ToolCall:
    """A call that writes a file."""
    return called("write_file", f"w-{path}-{len(content)}", path=path, content=content)
