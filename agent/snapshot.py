"""The workspace before and after a program: what it changed, and what was there, so that it can be undone.

A program names no files beforehand, so all of them are looked at. Contents are held in memory, up to limits; of what
lies beyond them a change is told, and cannot be undone.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from agent.events import FileChange, FileState
from plugins import Artifacts, Files, ToolError

MOST_FILES = 5_000
"""Files that are looked at; of a workspace with more, the first ones."""
MOST_HELD = 1024 * 1024
"""Bytes of one file whose content is held."""
MOST_IN_ALL = 32 * 1024 * 1024
"""Bytes that are held of all files together."""
MOST_HASHED = 256 * 1024 * 1024
"""Bytes of one file that are read to tell whether it changed; of a larger one size and time tell."""
MOST_KEPT = 500
"""Files whose content is kept beside the run, for one program; of more that change, the content is not kept."""
_INLINE = 64 * 1024  # bytes of a content that ride in the event itself
_INLINE_IN_ALL = 256 * 1024  # of all contents of one event


@dataclass(frozen=True, slots=True)
class _Seen:
    """A file as it was: its size, time and rights, the hash of its content where it was read, and the content where it
    is held."""

    size: int
    modified: float
    mode: int | None
    sha256: str | None
    content: bytes | None


@dataclass(slots=True)
class Snapshots:
    """Looks at a workspace before and after each program of a run."""

    files: Files
    artifacts: Artifacts
    _before: dict[str, dict[str, _Seen]] = field(default_factory=dict)
    _last: dict[str, _Seen] = field(default_factory=dict)

    def begin(self, address: str) -> None:
        """A program is about to run at this address."""
        self._before[address] = self._last = self._look(self._last, again=False)

    def end(self, address: str) -> tuple[tuple[FileChange, ...], tuple[FileState, ...]]:
        """It has ended: what it did to the files, and how those were before it."""
        before = self._before.pop(address, None)
        if before is None:
            return (), ()
        now = self._last = self._look(before, again=True)
        changes: list[FileChange] = []
        states: list[FileState] = []
        keeping = _Keeping(self.artifacts)
        for path in sorted({*before, *now}):
            was, is_ = before.get(path), now.get(path)
            if not _differs(was, is_):
                continue
            kind = "deleted" if is_ is None else "created" if was is None else "changed"
            size, sha = (0, None) if is_ is None else (is_.size, is_.sha256 or self._hash(path))
            changes.append(FileChange(path=path, change=kind, bytes=size, sha256=sha))  # type: ignore[arg-type]
            if was is None or was.sha256 is not None:  # else nobody knows what it held
                states.append(keeping.state(path, was))
        return tuple(changes), tuple(states)

    def _look(self, known: Mapping[str, _Seen], *, again: bool) -> dict[str, _Seen]:
        """Every file. What was read before is read `again` only where that is asked for: a program can set a file's
        time as it likes, so after one time proves nothing."""
        found: dict[str, _Seen] = {}
        held = 0
        try:
            for entry in self.files.list("", recursive=True):
                if entry.folder:
                    continue
                if len(found) >= MOST_FILES:
                    break
                old = known.get(entry.path)
                same = old is not None and (old.size, old.modified) == (entry.bytes, entry.modified)
                holds = entry.bytes <= MOST_HELD and held + entry.bytes <= MOST_IN_ALL
                if old is not None and same and not (again and holds) and (old.content is not None) == holds:
                    seen = old
                else:
                    seen = self._read(entry.path, entry.bytes, entry.modified, entry.mode, holds=holds)
                held += len(seen.content or b"")
                found[entry.path] = seen
        except ToolError:  # what cannot be listed any more is not looked at
            pass
        return found

    def _read(self, path: str, size: int, modified: float, mode: int | None, *, holds: bool) -> _Seen:
        try:
            if holds:
                content = self.files.read(path, limit=MOST_HELD)
                return _Seen(len(content), modified, mode, hashlib.sha256(content).hexdigest(), content)
            return _Seen(size, modified, mode, self._hash(path) if size <= MOST_HASHED else None, None)
        except ToolError:  # a link, a pipe, a file that may not be read
            return _Seen(size, modified, mode, None, None)

    def _hash(self, path: str) -> str | None:
        try:
            return self.files.sha256(path)
        except ToolError:
            return None


@dataclass(slots=True)
class _Keeping:
    """Keeps the old contents of what one program changed: short ones in the event, others as artifacts."""

    artifacts: Artifacts
    inline: int = 0
    kept: int = 0

    def state(self, path: str, was: _Seen | None) -> FileState:
        """How a file was; its content as far as there is room."""
        if was is None:
            return FileState(path=path, sha256=None)
        state = FileState(path=path, sha256=was.sha256, bytes=was.size, mode=was.mode)
        if was.content is None:
            return state
        if len(was.content) <= _INLINE and self.inline + len(was.content) <= _INLINE_IN_ALL:
            self.inline += len(was.content)
            try:
                return replace(state, content=was.content.decode())
            except UnicodeDecodeError:
                return replace(state, content=base64.b64encode(was.content).decode(), encoding="base64")
        if self.kept >= MOST_KEPT:
            return state
        self.kept += 1
        try:
            return replace(state, artifact=self.artifacts.put(was.content, name=path.rpartition("/")[2]).handle)
        except ToolError:  # the disk is full: that it changed is told all the same
            return state


def _differs(was: _Seen | None, now: _Seen | None) -> bool:
    if was is None or now is None:
        return was is not now
    if was.sha256 is not None and now.sha256 is not None:
        return was.sha256 != now.sha256
    return (was.size, was.modified) != (now.size, now.modified)
