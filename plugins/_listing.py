"""The files of a workspace as a listing that fits: whole while it is short, folders with counts where it is not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from plugins._contract import FileEntry, Files, ToolError
from plugins._kinds import size
from plugins._paths import leads, matches, pattern, shown

__all__ = ["Glob", "Listing", "glob", "listed", "walk"]

_SKIPPED = frozenset({".git", ".hg", ".svn", "node_modules", "__pycache__", ".venv", ".tox", ".mypy_cache"})
_MOST = 20_000  # files that are kept
_LOOKED_AT = 200_000  # entries that are looked at to find them
_LINES = 200


class Listing:
    """What a walk met: files in order, folders that hold nothing, folders of tools that were not entered, folders
    that could not be entered (their rights, their name, gone meanwhile).

    `cut` says that there was more than is looked at.
    """

    def __init__(self) -> None:
        self.files: list[FileEntry] = []
        self.empty: list[str] = []
        self.skipped: list[str] = []
        self.closed: list[str] = []
        self.cut = False


@dataclass(frozen=True, slots=True)
class Glob:
    """A glob for paths that are relative to where it holds; `wanted` is None where every path fits."""

    wanted: tuple[str, ...] | None

    def fits(self, path: str) -> bool:
        """Does the path fit?"""
        return self.wanted is None or matches(path, self.wanted)

    def leads(self, folder: str) -> bool:
        """May something in this folder, or deeper, fit?"""
        return self.wanted is None or leads(folder, self.wanted)


def glob(text: str) -> Glob:
    """Read a glob; without `/`, the name alone is compared, at any depth. A blank one fits everything.

    Raises:
        ToolError: the glob leaves the workspace, or is too long.
    """
    if not text.strip():
        return Glob(None)
    return Glob(pattern(text if "/" in text.rstrip("/") else f"**/{text}", windows=False))


def walk(workspace: Files, path: str, *, wanted: Glob, cancelled: Callable[[], bool], most: int = _MOST) -> Listing:
    """The files under a folder that fit the glob, or the file itself.

    Folders of tools (`.git`, `node_modules`, …) and those where nothing can fit are not entered. At most `most` files
    are kept; the listing says where there were more.

    Raises:
        ToolError: there is no such path, it cannot be listed, or the work was given up (kind "cancelled").
    """
    found = Listing()
    entry = workspace.entry(path)
    if not entry.folder:
        found.files.append(entry)
        return found
    _Walk(workspace, path, wanted, found, most).go(cancelled)
    return found


class _Walk:
    """One walk. Folders wait on a list of our own: they may lie deeper than Python calls itself."""

    def __init__(self, workspace: Files, base: str, wanted: Glob, found: Listing, most: int) -> None:
        self._workspace = workspace
        self._base = base
        self._wanted = wanted
        self._found = found
        self._most = most
        self._looked_at = 0
        self._folders = [base]  # still to be entered, the next one last

    def go(self, cancelled: Callable[[], bool]) -> None:
        while self._folders and not self._found.cut:
            if cancelled():
                raise ToolError("the call was given up", kind="cancelled")
            self._enter(self._folders.pop())

    def _enter(self, folder: str) -> None:
        try:
            entries = list(self._workspace.list(folder))
        except ToolError:
            if folder == self._base:
                raise
            self._found.closed.append(folder)
            return
        if not entries:
            self._found.empty.append(folder)
        # Files first: they are nearer to what was asked for than what lies deeper.
        for one in entries:
            if not one.folder and not self._keep(one):
                return
        self._folders += reversed([one.path for one in entries if one.folder and self._enters(one.path)])
        self._looked_at += len(entries)
        if self._looked_at > _LOOKED_AT and self._folders:
            self._found.cut = True

    def _keep(self, file: FileEntry) -> bool:
        """Keep the file if it fits; False where there are too many."""
        if not self._wanted.fits(self._relative(file.path)):
            return True
        if len(self._found.files) >= self._most:
            self._found.cut = True
            return False
        self._found.files.append(file)
        return True

    def _enters(self, folder: str) -> bool:
        if not self._wanted.leads(self._relative(folder)):
            return False
        if folder.rsplit("/", 1)[-1] in _SKIPPED:
            self._found.skipped.append(folder)
            return False
        return True

    def _relative(self, path: str) -> str:
        return path[len(self._base) + 1 :] if self._base else path


def listed(workspace: Files, found: Listing, *, base: str, folders: bool) -> str:
    """The listing in lines: `path  size`; deeper folders are summed up where there would be too many lines.

    Args:
        workspace: Where it was met.
        found: What was met.
        base: The folder that was listed.
        folders: Whether empty and skipped folders are told as well. Those that could not be entered always are.
    """
    lines = _fitting(found.files, base)
    if folders:
        lines += [f"{path}/  (empty)" for path in found.empty if path]
        lines += [f"{path}/  (not entered)" for path in found.skipped]
    lines += [f"{path}/  (not entered: it cannot be opened)" for path in found.closed]
    told = [line if isinstance(line, str) else f"{line.path}  {_size(workspace, line)}" for line in lines[:_LINES]]
    if len(lines) > _LINES:
        told.append(f"… and {len(lines) - _LINES} more; name a subfolder or a pattern")
    if found.cut:
        told.append("… and more: not all files were looked at; name a subfolder")
    return "\n".join(told) or "(no files)"


def _size(workspace: Files, file: FileEntry) -> str:
    """A file's size; of what has none, what the workspace says where it is a link, a pipe or a socket."""
    if not file.bytes:
        try:
            workspace.read(file.path, limit=0)
        except ToolError as error:
            return "(" + error.message.removeprefix(f"cannot read '{shown(file.path)}': ") + ")"
    return size(file.bytes)


def _fitting(files: Sequence[FileEntry], base: str) -> list[FileEntry | str]:
    """Files, and lines about folders where these are too many."""
    best: list[FileEntry | str] = [*files]
    above = base.count("/") + 1 if base else 0
    for depth in range(above + 1, above + 100):
        if len(files) <= _LINES:
            break
        lines = _summed(files, depth)
        if depth == above + 1 or len(lines) <= _LINES:
            best = lines
        if len(lines) > _LINES:
            break
    return best


def _summed(files: Sequence[FileEntry], depth: int) -> list[FileEntry | str]:
    """The files down to a depth; what lies deeper as its folder with a count, in the place of its first file."""
    lines: list[FileEntry | str] = []
    sums: dict[str, tuple[int, int, int]] = {}
    for one in files:
        parts = one.path.split("/")
        if len(parts) <= depth:
            lines.append(one)
            continue
        folder = "/".join(parts[:depth])
        place, count, total = sums.get(folder, (len(lines), 0, 0))
        sums[folder] = (place, count + 1, total + one.bytes)
        if not count:
            lines.append("")
    for folder, (place, count, total) in sums.items():
        files_there = "1 file" if count == 1 else f"{count} files"
        lines[place] = f"{folder}/  ({files_there}, {size(total)})"
    return lines
