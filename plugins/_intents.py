"""What is noted of a call that writes before it is made: its files as they are, and as they will be where that can be
told."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from plugins._contract import Files, Tool, ToolError
from plugins._worker import Hung, Worker

__all__ = ["Foreteller", "PathState"]

_Content: TypeAlias = bytes  # `bytes` is a field's name below
_KEPT_CONTENT = 65_536  # bytes of an old file that ride in the intent
_After: TypeAlias = Callable[[Mapping[str, Any], Mapping[str, bytes | None]], Mapping[str, bytes | None]]


@dataclass(frozen=True, slots=True, kw_only=True)
class PathState:
    """A path before a call that may write it. `sha256` is None where there is no file; `content` is None where there
    is none or it is larger than 64 kB. `mode` are its rights, nine bits as POSIX counts them, None where it has none;
    two states that differ in these alone are equal."""

    path: str
    sha256: str | None
    bytes: int = 0
    content: _Content | None = None
    mode: int | None = field(default=None, compare=False)


class Foreteller:
    """Asks a tool's `after`, which is an author's code, under a clock. One that did not end is not asked again."""

    def __init__(self, *, seconds: float) -> None:
        self._seconds = seconds
        self._worker = Worker()
        self._hung: set[str] = set()

    def states(
        self, tool: Tool, arguments: Mapping[str, Any], paths: Iterable[str], workspace: Files
    ) -> tuple[list[PathState], dict[str, str | None] | None]:
        """The paths as they are, and what `after` says that they will be: None where there is none, it failed, or it
        did not end. Not to know is a good answer."""
        before, after = [_state(path, workspace) for path in paths], tool.after
        if after is None or tool.name in self._hung:
            return before, None
        outcome = self._worker.run(lambda: _foretell(after, arguments, before, workspace), seconds=self._seconds)
        if isinstance(outcome.error, Hung):
            self._hung.add(tool.name)
        return before, outcome.value


def _state(path: str, workspace: Files) -> PathState:
    try:
        if not workspace.exists(path):
            return PathState(path=path, sha256=None)
        entry = workspace.entry(path)
        if entry.folder:
            return PathState(path=path, sha256=None)
        if entry.bytes > _KEPT_CONTENT:
            return PathState(path=path, sha256=workspace.sha256(path), bytes=entry.bytes, mode=entry.mode)
        content = workspace.read(path)
    except (ToolError, OSError):  # the call itself will say it better
        return PathState(path=path, sha256=None)
    kept = content if len(content) <= _KEPT_CONTENT else None  # it may have grown meanwhile
    return PathState(
        path=path, sha256=hashlib.sha256(content).hexdigest(), bytes=len(content), content=kept, mode=entry.mode
    )


def _foretell(
    after: _After, arguments: Mapping[str, Any], before: Iterable[PathState], workspace: Files
) -> dict[str, str | None]:
    old = {
        state.path: workspace.read(state.path) if state.content is None and state.sha256 else state.content
        for state in before
    }
    # Approved arguments stay what they are, whatever an author's code does with its own.
    contents = after(deepcopy(dict(arguments)), old)
    return {
        str(workspace.path(path)): None if content is None else hashlib.sha256(content).hexdigest()
        for path, content in contents.items()
    }
