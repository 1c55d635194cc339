"""The agent's desk: which folder a run works in, before it is opened.

The folder that nobody named is made in silence. A folder that somebody named is most likely there already; where it is
not, a slip of the pen must not become a tree of new folders.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from agent.errors import UsageError

_LOOKED_AT: Final = 2_000
"""So many names of the folder are held against the goal: it may be anybody's folder of downloads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """The folder to open as the workspace, absolute. `note` is a line for the person where a named one is yet to be
    made, or where nobody named one and what the goal speaks of lies outside; else None."""

    root: Path
    note: str | None = None


def find_workspace(*, flag: Path | None, stated: str | None, cwd: Path, goals: Sequence[str] = ()) -> Desk:
    """Find the workspace: the one of `--workspace`, the goal file's (`stated`), or `./workspace` of `cwd`.

    `goals` are the goal's own words, which may name what lies in `cwd` and not in that folder.

    Makes nothing: who opens the folder makes it. What cannot be looked at is left to that, too.

    Raises:
        UsageError: a named folder is not there, and neither is the one that it would lie in.
    """
    if flag is None and stated is None:
        root = cwd / "workspace"
        return Desk(root=root, note=_left_outside("\n".join(goals), cwd, root))
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


def _left_outside(text: str, cwd: Path, root: Path) -> str | None:
    """A line on what the goal names and no tool will find: it lies where thinkact was started, not in the workspace."""
    try:
        names = [one.name for one, _ in zip(cwd.iterdir(), range(_LOOKED_AT), strict=False)]
        named = sorted(one for one in names if _is_named(one, text) and not (root / one).exists())
    except OSError:
        return None
    named = [one for one in named if (cwd / one) != root]
    if not named:
        return None
    lies = "lies" if len(named) == 1 else "lie"
    told = ", ".join(named[:3]) + (f" and {len(named) - 3} more" if len(named) > 3 else "")
    return f"{told} {lies} outside the workspace {root}; to work here, add: --workspace ."


def _is_named(name: str, text: str) -> bool:
    """Does the text name this file, or a folder by a path that leads through it? Words of Chinese stand side by side,
    so what surrounds a name must only not go on with it in letters of the same kind."""
    if name.startswith("."):
        return False
    end = r"(?![\w./-]*[A-Za-z0-9_])" if "." in name else "/"
    return re.search(rf"(?<![A-Za-z0-9_./-]){re.escape(name)}{end}", text) is not None
