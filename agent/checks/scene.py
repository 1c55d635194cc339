"""What checks look at."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from agent.events import FileChange
from agent.history import OpenedPage
from plugins import Files, ToolError

Verdict: TypeAlias = tuple[bool, str]
"""Passed or not, and in a few words why."""

MOST_READ = 16 * 1024 * 1024
"""Bytes of a file that a check reads at most."""


def _nothing(handle: str) -> str:
    raise ToolError(f"there is no artifact {handle}")


@dataclass(frozen=True, kw_only=True)
class Scene:
    """What checks look at. `baseline`: path -> sha256 of what `unchanged` globs matched at the start. `changed`: what
    the run changed. `judged`: what the model said to each judge's question. `ran`: how the goal's programs ended, by
    the place of their check among all checks of the goal, from 1. `pages`: the pages that it opened, by `page_key`;
    `kept` gives the text of an artifact by its handle, and raises `ToolError` where there is none."""

    files: Files
    answer: str = ""
    baseline: Mapping[str, str]
    changed: Mapping[str, FileChange]
    judged: Mapping[str, Verdict]
    ran: Mapping[int, Verdict]
    pages: Mapping[str, Sequence[OpenedPage]] = field(default_factory=dict)
    kept: Callable[[str], str] = field(default=_nothing)

    def text(self, path: str) -> str:
        """The text of a file, wrong bytes as U+FFFD. Raises `ToolError` where it cannot be read."""
        return self.files.read(path, limit=MOST_READ).decode("utf-8", "replace")

    def page_texts(self, key: str) -> Iterator[str]:
        """What a page said, its title before it, each time that it was opened. One whose text is gone says nothing."""
        for page in self.pages.get(key, ()):
            try:
                yield f"{page.title}\n{self.kept(page.handle) if page.handle else page.text}"
            except ToolError:
                continue

    def fresh(self, path: str) -> bool:
        """Did the run make this file? What it only changed may have held anything before."""
        change = self.changed.get(path)
        return change is not None and change.change == "created"


def listed(files: Files) -> Iterator[str]:
    """Every file of the workspace."""
    return (entry.path for entry in files.list(recursive=True) if not entry.folder)
