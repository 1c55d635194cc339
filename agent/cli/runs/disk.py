"""The workspace of a stored run as it is now, opened again as the run had it: nothing outside of it can be named."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from agent.archive.undoing import Now
from agent.errors import UsageError
from agent.settings import Settings
from memory.artifacts import ArtifactError, Shelf
from plugins import ToolError, Workspace


@dataclass(frozen=True, slots=True)
class RunDisk:
    """What an undoing and a comparison look at: the files, and the artifacts that the run kept."""

    files: Workspace
    shelf: Shelf

    def now(self, path: str) -> Now:
        """How a path is now; what stands in the way is told in `obstacle`."""
        try:
            if not self.files.exists(path):
                return Now(sha256=None)
            entry = self.files.entry(path)
            if entry.folder:
                return Now(sha256=None, obstacle="a folder stands there now")
            return Now(sha256=self.files.sha256(path), bytes=entry.bytes)
        except ToolError as error:
            return Now(sha256=None, obstacle=error.message)

    def form(self, path: str) -> str:
        """What a name stands for now; `other` where that cannot be told."""
        try:
            return self.files.forms.look(path)
        except ToolError:
            return "other"

    def read(self, path: str) -> bytes:
        """The content of a file. Raises ToolError."""
        return self.files.read(path)

    def kept(self, handle: str) -> bytes | None:
        """An artifact of the run; None where it is not there, or is damaged."""
        try:
            return self.shelf.get(handle)[1]
        except ArtifactError:
            return None


@contextmanager
def opened(folder: Path, workspace: str) -> Iterator[RunDisk]:
    """The workspace that the run in `folder` worked in.

    Raises:
        UsageError: it is gone, or cannot be opened.
    """
    settings = Settings.load(cwd=Path.cwd())
    if not Path(workspace).is_dir():
        hint = "put it back where it was; what is kept in the journal can be had with: thinkact runs export"
        raise UsageError(f"the workspace {workspace} of the run {folder.name} is gone", hint=hint)
    try:
        with Workspace.open(
            Path(workspace), create=False, protected=(settings.config.parent,), hidden=(settings.home,)
        ) as files:
            yield RunDisk(files, Shelf(folder / "artifacts"))
    except ToolError as error:
        raise UsageError(f"the workspace {workspace}: {error.message}", hint=error.hint) from error
