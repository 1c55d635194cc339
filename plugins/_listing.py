"""The files of a workspace as a listing that fits: whole while it is short, folders with counts where it is not."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from plugins._contract import FileEntry, Files, ToolError
from plugins._kinds import size
from plugins._paths import matches, pattern

__all__ = ["Listing", "glob", "listed", "walk"]

_SKIPPED = frozenset({".git", ".hg", ".svn", "node_modules", "__pycache__", ".venv", ".tox", ".mypy_cache"})
_MOST = 20_000  # entries that are looked at
_LINES = 200


class Listing:
    """What a walk met: files in order, folders that hold nothing, folders that were not entered.

    `cut` says that there was more than is looked at.
    """

    def __init__(self) -> None:
        self.files: list[FileEntry] = []
        self.empty: list[str] = []
        self.skipped: list[str] = []
        self.cut = False


def glob(text: str) -> Callable[[str], bool]:
    """Whether a path, relative to where the glob holds, fits it; without `/`, the name alone is compared, at any depth.

    Raises:
        ToolError: the glob leaves the workspace.
    """
    if not text.strip():
        return lambda _path: True
    wanted = pattern(text if "/" in text.rstrip("/") else f"**/{text}", windows=False)
    return lambda path: matches(path, wanted)


def walk(
    workspace: Files, path: str, *, fits: Callable[[str], bool], cancelled: Callable[[], bool], most: int = _MOST
) -> Listing:
    """The files under a folder, or the file itself; folders of tools (`.git`, `node_modules`, …) are not entered.

    At most `most` files are looked at; the listing says where there were more.

    Raises:
        ToolError: there is no such path, or the work was given up (kind "cancelled").
    """
    found = Listing()
    entry = workspace.entry(path)
    if not entry.folder:
        found.files.append(entry)
        return found
    prefix = len(path) + 1 if path else 0
    for seen, one in enumerate(_entries(workspace, path, found), 1):
        if cancelled():
            raise ToolError("the call was given up", kind="cancelled")
        if seen > most:
            found.cut = True
            break
        if fits(one.path[prefix:]):
            found.files.append(one)
    return found


def _entries(workspace: Files, path: str, found: Listing) -> Iterator[FileEntry]:
    entries = list(workspace.list(path))
    if not entries:
        found.empty.append(path)
    # Files first: they are nearer to what was asked for than what lies deeper.
    yield from (one for one in entries if not one.folder)
    for one in entries:
        if one.folder and one.path.rsplit("/", 1)[-1] in _SKIPPED:
            found.skipped.append(one.path)
        elif one.folder:
            yield from _entries(workspace, one.path, found)


def listed(found: Listing, *, base: str, folders: bool) -> str:
    """The listing in lines: `path  size`; deeper folders are summed up where there would be too many lines.

    Args:
        found: What was met.
        base: The folder that was listed.
        folders: Whether empty and skipped folders are told as well.
    """
    lines = _fitting(found.files, base)
    if folders:
        lines += [f"{path}/  (empty)" for path in found.empty if path]
        lines += [f"{path}/  (not entered)" for path in found.skipped]
    if len(lines) > _LINES:
        lines = [*lines[:_LINES], f"… and {len(lines) - _LINES} more; name a subfolder or a pattern"]
    if found.cut:
        lines.append("… and more: not all files were looked at; name a subfolder")
    return "\n".join(lines) or "(no files)"


def _fitting(files: Sequence[FileEntry], base: str) -> list[str]:
    if len(files) <= _LINES:
        return [f"{one.path}  {size(one.bytes)}" for one in files]
    above = base.count("/") + 1 if base else 0
    best: list[str] = []
    for depth in range(above + 1, above + 100):
        lines = _summed(files, depth)
        if len(lines) > _LINES and best:
            break
        best = lines
        if len(lines) > _LINES:
            break
    return best


def _summed(files: Sequence[FileEntry], depth: int) -> list[str]:
    """The files down to a depth; what lies deeper as its folder with a count, in the place of its first file."""
    lines: list[str] = []
    sums: dict[str, tuple[int, int, int]] = {}
    for one in files:
        parts = one.path.split("/")
        if len(parts) <= depth:
            lines.append(f"{one.path}  {size(one.bytes)}")
            continue
        folder = "/".join(parts[:depth])
        place, count, total = sums.get(folder, (len(lines), 0, 0))
        sums[folder] = (place, count + 1, total + one.bytes)
        if not count:
            lines.append("")
    for folder, (place, count, total) in sums.items():
        lines[place] = f"{folder}/  ({count} files, {size(total)})"
    return lines
