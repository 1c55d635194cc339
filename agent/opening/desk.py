"""The agent's desk: which folder a run works in, before it is opened.

The folder that nobody named is made in silence. A folder that somebody named is most likely there already; where it is
not, a slip of the pen must not become a tree of new folders.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from agent.errors import UsageError


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The folder to open as the workspace, absolute. `note` is a line for the person where a named one is yet to be
    made, else None."""

    root: Path
    note: str | None = None


def find_workspace(*, flag: Path | None, stated: str | None, cwd: Path) -> Desk:
    """Find the workspace: the one of `--workspace`, the goal file's (`stated`), or `./workspace` of `cwd`.

    Makes nothing: who opens the folder makes it. What cannot be looked at is left to that, too.

    Raises:
        UsageError: a named folder is not there, and neither is the one that it would lie in.
    """
    if flag is None and stated is None:
        return Desk(root=cwd / "workspace")
    named = "--workspace" if flag is not None else "workspace.dir"
    root = cwd / (flag if flag is not None else Path(stated or "."))
    try:
        if root.exists() or root.is_symlink():
            return Desk(root=root)
        if not root.parent.is_dir():
            missing = next(one for one in reversed(root.parents) if not one.is_dir())
            what = "is not a folder" if missing.exists() else "is not there"
            hint = f"look at {named}, or make the folder {root.parent} first"
            raise UsageError(f"the workspace {root} cannot be made: {missing} {what}", hint=hint)
    except OSError:
        return Desk(root=root)
    return Desk(root=root, note=f"the workspace {root} was not there and is made")
