"""What checks look at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TypeAlias

from agent.events import FileChange
from plugins import Files

Verdict: TypeAlias = tuple[bool, str]
"""Passed or not, and in a few words why."""

MOST_READ = 16 * 1024 * 1024
"""Bytes of a file that a check reads at most."""


@dataclass(frozen=True, kw_only=True)
class Scene:
    """What checks look at. `baseline`: path -> sha256 of what `unchanged` globs matched at the start. `changed`: what
    the run changed. `judged`: what the model said to each judge's question. `ran`: how the goal's programs ended, by
    the place of their check among all checks of the goal, from 1."""

    files: Files
    answer: str = ""
    baseline: Mapping[str, str]
    changed: Mapping[str, FileChange]
    judged: Mapping[str, Verdict]
    ran: Mapping[int, Verdict]

    def text(self, path: str) -> str:
        """The text of a file, wrong bytes as U+FFFD. Raises `ToolError` where it cannot be read."""
        return self.files.read(path, limit=MOST_READ).decode("utf-8", "replace")

    def fresh(self, path: str) -> bool:
        """Did the run make this file? What it only changed may have held anything before."""
        change = self.changed.get(path)
        return change is not None and change.change == "created"


def listed(files: Files) -> Iterator[str]:
    """Every file of the workspace."""
    return (entry.path for entry in files.list(recursive=True) if not entry.folder)
