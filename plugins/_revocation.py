"""A context that can be taken back: after that, nothing is changed, asked, or kept through it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Any, TypeAlias

from plugins._contract import (
    Artifact,
    Artifacts,
    Context,
    FileEntry,
    Files,
    Found,
    Notes,
    Observation,
    ToolError,
    WorkspacePath,
)

__all__ = ["Gate", "Written", "guard"]

Pause: TypeAlias = Callable[[], AbstractContextManager[None]]
"""A stretch in which the call waits for others: its clock stands still and its paths are lent."""


class Gate:
    """What every change through a context passes. Once closed it stays closed."""

    def __init__(self, cancel: threading.Event) -> None:
        self._cancel = cancel
        self._changed = threading.Condition()
        self._inside = 0
        self._closed: str | None = None

    def check(self) -> None:
        """Raises `ToolError`, kind "cancelled", once the gate is closed or the call is cancelled."""
        if self._closed is not None or self._cancel.is_set():
            reason = self._closed or "the call was cancelled"
            raise ToolError(f"{reason}; nothing more can be done through its context", kind="cancelled")

    @contextmanager
    def passing(self) -> Iterator[None]:
        """A change on its way: a gate that is being closed waits for its end."""
        with self._changed:
            self.check()
            self._inside += 1
        try:
            yield
        finally:
            with self._changed:
                self._inside -= 1
                self._changed.notify_all()

    def close(self, reason: str, *, patience: float) -> None:
        """Let nothing more through; changes on their way have `patience` seconds to end."""
        with self._changed:
            if self._closed is None:
                self._closed = reason
            self._changed.wait_for(lambda: self._inside == 0, patience)


class Written:
    """The files that were changed through a context, and those whose change is on its way. Thread-safe."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._changed: dict[str, None] = {}
        self._under_way: list[tuple[str, ...]] = []

    @contextmanager
    def changing(self, paths: Iterable[str]) -> Iterator[None]:
        """A change of these files: they count once it has ended well, and while it is on its way."""
        wanted = tuple(map(str, paths))
        with self._lock:
            self._under_way.append(wanted)
        try:
            yield
            with self._lock:
                self._changed.update(dict.fromkeys(wanted))
        finally:
            with self._lock:
                self._under_way.remove(wanted)

    def paths(self) -> tuple[str, ...]:
        """Each path once, in the order of the first change."""
        with self._lock:
            return tuple(dict.fromkeys([*self._changed, *chain.from_iterable(self._under_way)]))


def guard(context: Context, gate: Gate, pause: Pause, written: Written) -> Context:
    """The same context behind a gate. Reading stays possible, progress told too late is dropped; which files are
    changed through it is noted in `written`."""
    ask, call, person, progress = context.ask, context.call, context.person, context.progress

    def guarded_ask(prompt: str, *, purpose: str, system: str = "", reply: int = 1024) -> str:
        gate.check()
        assert ask is not None
        answer = ask(prompt, purpose=purpose, system=system, reply=reply)
        gate.check()
        return answer

    def guarded_call(tool: str, arguments: Mapping[str, Any]) -> Observation:
        gate.check()
        with pause():
            observation = call(tool, arguments)
        gate.check()
        return observation

    def guarded_person(question: str, choices: Sequence[str] = ()) -> str:
        gate.check()
        with pause():
            answer = person(question, choices)
        gate.check()
        return answer

    def guarded_progress(text: str, *, done: float | None = None, total: float | None = None) -> None:
        try:
            gate.check()
        except ToolError:
            return
        progress(text, done=done, total=total)

    return replace(
        context,
        workspace=_GuardedFiles(context.workspace, gate, written),
        artifacts=_GuardedArtifacts(context.artifacts, gate),
        notes=_GuardedNotes(context.notes, gate),
        ask=None if ask is None else guarded_ask,
        call=guarded_call,
        person=guarded_person,
        progress=guarded_progress,
    )


class _GuardedFiles:
    """The workspace, for as long as the gate is open to changes; what is changed is noted."""

    def __init__(self, files: Files, gate: Gate, written: Written) -> None:
        self._files = files
        self._gate = gate
        self._written = written

    @property
    def root(self) -> Path:
        return self._files.root

    def path(self, text: str) -> WorkspacePath:
        return self._files.path(text)

    def exists(self, path: str) -> bool:
        return self._files.exists(path)

    def entry(self, path: str) -> FileEntry:
        return self._files.entry(path)

    def list(self, path: str = "", *, recursive: bool = False) -> Iterator[FileEntry]:
        return self._files.list(path, recursive=recursive)

    def read(self, path: str, *, offset: int = 0, limit: int | None = None) -> bytes:
        return self._files.read(path, offset=offset, limit=limit)

    def sha256(self, path: str) -> str | None:
        return self._files.sha256(path)

    def write(self, path: str, content: bytes) -> FileEntry:
        with self._gate.passing(), self._written.changing([self._files.path(path)]):
            return self._files.write(path, content)

    def move(self, source: str, target: str) -> None:
        with self._gate.passing():
            origin, goal = self._files.path(source), self._files.path(target)
            before = self._held_files(origin)
            after = [goal + one[len(origin) :] for one in before]
            with self._written.changing([*before, *after]):
                self._files.move(source, target)

    def delete(self, path: str) -> None:
        with self._gate.passing(), self._written.changing(self._held_files(self._files.path(path))):
            self._files.delete(path)

    def _held_files(self, path: str) -> Sequence[str]:
        """The file of this path, or the files in the folder of this path; a folder itself has no content."""
        try:
            if not self._files.entry(path).folder:
                return [path]
            return [one.path for one in self._files.list(path, recursive=True) if not one.folder]
        except ToolError:  # the change itself will say it better
            return [path]


class _GuardedArtifacts:
    """The kept files, for as long as the gate is open to new ones."""

    def __init__(self, artifacts: Artifacts, gate: Gate) -> None:
        self._artifacts = artifacts
        self._gate = gate

    def put(self, content: bytes, *, media_type: str = "text/plain", name: str = "") -> Artifact:
        with self._gate.passing():
            return self._artifacts.put(content, media_type=media_type, name=name)

    def get(self, handle: str) -> tuple[Artifact, bytes]:
        return self._artifacts.get(handle)


class _GuardedNotes:
    """Long-term memory, for as long as the gate is open to new notes."""

    def __init__(self, notes: Notes, gate: Gate) -> None:
        self._notes = notes
        self._gate = gate

    def remember(self, text: str, *, kind: str = "note") -> str:
        with self._gate.passing():
            return self._notes.remember(text, kind=kind)

    def recall(self, query: str, *, count: int = 5) -> Sequence[Found]:
        return self._notes.recall(query, count=count)
