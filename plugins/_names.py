"""Names: what a path as a model or a user wrote it is called in the workspace."""

from __future__ import annotations

import contextlib
import os
import unicodedata
from collections.abc import Sequence

from plugins._beneath import Reach
from plugins._contract import ToolError, WorkspacePath
from plugins._paths import fold, normal, shown, within
from plugins._spellings import Spellings

__all__ = ["ELSEWHERE", "WINDOWS", "Names"]

WINDOWS = os.name == "nt"
ELSEWHERE = "work on other files"


class Names:
    """The names of one folder's files.

    Args:
        held: The folder.
        roots: Its absolute paths, by which it may be named.
        hidden: Folded paths that nobody is told of.
        folding: Does the disk take names that differ in letter case, or in how they are composed, for one?
    """

    def __init__(self, held: Reach, *, roots: Sequence[str], hidden: frozenset[str], folding: bool) -> None:
        self._held = held
        self._roots = tuple(roots)
        self._hidden = hidden
        self._spellings = Spellings() if folding else None

    @property
    def folding(self) -> bool:
        """Does the disk take names that differ only in their spelling for one?"""
        return self._spellings is not None

    def path(self, text: str) -> WorkspacePath:
        """A path as `Workspace.path` gives it, and its errors."""
        path = normal(text, roots=self._roots, windows=WINDOWS, folding=self.folding)
        if self.folding or unicodedata.normalize("NFC", path) != unicodedata.normalize("NFD", path):
            path = self._spelled(path)
        if self._hidden and within(fold(path), self._hidden):
            raise ToolError(f"'{shown(path)}' belongs to thinkact itself and is no tool's business", hint=ELSEWHERE)
        return WorkspacePath(path)

    def _spelled(self, path: str) -> str:
        """The existing spelling of each name of `path`, as far as there is one; NFC for the rest."""
        found: list[str] = []
        for name in (names := path.split("/")):
            same = self._same_name("/".join(found), name)
            if same is None:
                break
            found.append(same)
        return "/".join([*found, *(unicodedata.normalize("NFC", name) for name in names[len(found) :])])

    def _same_name(self, parent: str, name: str) -> str | None:
        composed = unicodedata.normalize("NFC", name)
        try:
            with self._held.folder(parent) as folder:
                if self._spellings is not None and (stored := self._spellings.stored(folder, parent, name)):
                    return stored
                with contextlib.suppress(FileNotFoundError):
                    folder.status(name)
                    return name
                if composed == unicodedata.normalize("NFD", name):
                    return None  # it has one spelling only
                alike = (entry.name for entry in folder.scan() if not entry.name.isascii())
                return min((one for one in alike if unicodedata.normalize("NFC", one) == composed), default=None)
        except OSError:
            return None
