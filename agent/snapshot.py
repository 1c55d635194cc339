"""The workspace before and after a program: what it changed, and what was there, so that it can be undone.

A program names no files beforehand, so all of them are looked at. Contents are held in memory, up to limits; of what
lies beyond them a change is told, and cannot be undone.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from agent.events import FileChange, FileState, FormChange
from plugins import Artifacts, FileEntry, Files, ToolError, Workspace

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


@dataclass(frozen=True, slots=True)
class _Looked:
    """A workspace at one moment: its files, and of every name what it stands for (`FormChange`). `end` is the last name
    that was looked at, where not all were."""

    files: Mapping[str, _Seen]
    forms: Mapping[str, str]
    end: str | None = None

    def saw(self, path: str) -> bool:
        """Was this name looked for, whether it was there or not? A folder comes after what is in it."""
        if self.end is None:
            return True
        return path.split("/") <= self.end.split("/") and not self.end.startswith(f"{path}/")


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """What a program did: to the files, how those were before it, and to links, folders and rights."""

    files: tuple[FileChange, ...] = ()
    before: tuple[FileState, ...] = ()
    forms: tuple[FormChange, ...] = ()


@dataclass(slots=True)
class Snapshots:
    """Looks at a workspace before and after each program of a run."""

    files: Files
    artifacts: Artifacts
    _before: dict[str, _Looked] = field(default_factory=dict)
    _last: _Looked = field(default_factory=lambda: _Looked({}, {}))

    def begin(self, address: str) -> None:
        """A program is about to run at this address."""
        self._before[address] = self._last = self._look(self._last, again=False)

    def end(self, address: str) -> Changed:
        """It has ended: what it did."""
        begun = self._before.pop(address, None)
        if begun is None:
            return Changed()
        ended = self._last = self._look(begun, again=True)
        before, now = begun.files, ended.files
        changes: list[FileChange] = []
        states: list[FileState] = []
        keeping = _Keeping(self.artifacts)
        for path in _seen_twice(begun, ended, {*before, *now}):
            was, is_ = before.get(path), now.get(path)
            if not _differs(was, is_):
                continue
            kind = "deleted" if is_ is None else "created" if was is None else "changed"
            size, sha = (0, None) if is_ is None else (is_.size, is_.sha256 or self._hash(path))
            changes.append(FileChange(path=path, change=kind, bytes=size, sha256=sha))  # type: ignore[arg-type]
            if was is None or was.sha256 is not None:  # else nobody knows what it held
                states.append(keeping.state(path, was))
        return Changed(files=tuple(changes), before=tuple(states), forms=_changed_forms(begun, ended))

    def _look(self, last: _Looked, *, again: bool) -> _Looked:
        """Every file. What was read before is read `again` only where that is asked for: a program can set a file's
        time as it likes, so after one time proves nothing."""
        known, found, forms = last.files, dict[str, _Seen](), dict[str, str]()
        held, end = 0, ""
        try:
            for entry in self.files.list("", recursive=True):
                if len(found) >= MOST_FILES or len(forms) >= 2 * MOST_FILES:
                    return _Looked(found, forms, end)
                end = entry.path
                forms[entry.path] = self._form(entry)
                if entry.folder:
                    continue
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
            return _Looked(found, forms, end)
        return _Looked(found, forms)

    def _form(self, entry: FileEntry) -> str:
        """What a name stands for. Only what has no bytes can be something else than a file or a folder."""
        if isinstance(self.files, Workspace) and not entry.folder and not entry.bytes:
            try:
                return self.files.forms.look(entry.path)
            except ToolError:
                return "other"
        return f"{'folder' if entry.folder else 'file'}{'' if entry.mode is None else f' {entry.mode:o}'}"

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


def _seen_twice(begun: _Looked, ended: _Looked, paths: set[str]) -> list[str]:
    """Of these names the ones that both looks came to: what only one saw may have been there all the time."""
    return sorted(path for path in paths if begun.saw(path) and ended.saw(path))


def _changed_forms(begun: _Looked, ended: _Looked) -> tuple[FormChange, ...]:
    """What changed beside contents; that a file came or went is told with its content."""
    found = []
    for path in _seen_twice(begun, ended, {*begun.forms, *ended.forms}):
        was, is_ = begun.forms.get(path, ""), ended.forms.get(path, "")
        plain = {was.partition(" ")[0], is_.partition(" ")[0]} == {"", "file"}
        if was != is_ and not plain:
            found.append(FormChange(path=path, before=was, after=is_))
    return tuple(found)
