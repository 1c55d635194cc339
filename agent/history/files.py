"""The files that a run changed, each with what became of it in the end."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from agent.events import FileChange


def take_changes(files: dict[str, FileChange], changes: Iterable[FileChange]) -> None:
    """Take in the changes of one call, as seen from the beginning of the run: what came and went was never there."""
    for change in changes:
        earlier = files.get(change.path)
        became = (earlier.change, change.change) if earlier is not None else ("", change.change)
        match became:
            case "created", "deleted":
                del files[change.path]
            case "created", "changed":
                files[change.path] = replace(change, change="created")
            case "deleted", "created":  # it was there before the run
                files[change.path] = replace(change, change="changed")
            case _:
                files[change.path] = change
