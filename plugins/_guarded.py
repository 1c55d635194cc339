"""A context behind its gate: what an author hands in is checked, what the tool did not declare is refused, and once the
gate is closed nothing is changed, asked, or kept through it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from copy import deepcopy
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any, TypeAlias

from plugins import _handed as handed
from plugins._contract import (
    Artifact,
    Artifacts,
    Ask,
    Budget,
    Call,
    Context,
    Cost,
    Documents,
    Effect,
    FileEntry,
    Files,
    Found,
    FoundPassage,
    Left,
    Newest,
    Notes,
    Observation,
    Person,
    Progress,
    Remembered,
    Seen,
    Tool,
    ToolError,
    WorkspacePath,
)
from plugins._guarded_http import GuardedHttp
from plugins._guarded_images import GuardedImages
from plugins._guarded_sandbox import GuardedSandbox
from plugins._guarded_search import GuardedSearch
from plugins._revocation import Gate, Written

__all__ = ["guard"]

Pause: TypeAlias = Callable[[], AbstractContextManager[None]]
"""A stretch in which the call waits for others: its clock stands still and its paths are lent."""

_MOST_TOLD = 1_000  # files of a folder that is moved or deleted: a report of more is read by nobody
_CHANGING = frozenset({Effect.WRITE, Effect.EXECUTE, Effect.SEND})


def guard(context: Context, tool: Tool, gate: Gate, pause: Pause, written: Written) -> Context:
    """The same context behind a gate, for this tool. Reading stays possible, progress told too late is dropped. The
    workspace is changed only where the tool's effect says so; which files, is noted in `written`."""
    return replace(
        context,
        workspace=_GuardedFiles(context.workspace, tool, gate, written),
        artifacts=_GuardedArtifacts(context.artifacts, gate),
        notes=_GuardedNotes(context.notes, gate),
        ask=None if context.ask is None else _asking(context.ask, gate),
        call=_calling(context.call, gate, pause),
        person=_asking_person(context.person, gate, pause),
        progress=_telling(context.progress, gate),
        budget=None if context.budget is None else _CheckedBudget(context.budget),
        documents=None if context.documents is None else _CheckedDocuments(context.documents),
        http=None if context.http is None else GuardedHttp(context.http, tool.name, tool.effect, gate),
        search=None if context.search is None else GuardedSearch(context.search, tool.name, tool.effect, gate),
        images=None if context.images is None else GuardedImages(context.images, gate),
        sandbox=None if context.sandbox is None else GuardedSandbox(context.sandbox, tool, gate, context.cancel),
    )


def _asking(ask: Ask, gate: Gate) -> Ask:
    def guarded_ask(prompt: str, *, purpose: str, system: str = "", reply: int = 1024) -> str:
        gate.check()
        answer = ask(
            handed.text(prompt, "context.ask: prompt"),
            purpose=handed.text(purpose, "context.ask: purpose"),
            system=handed.text(system, "context.ask: system"),
            reply=handed.at_least(1, reply, "context.ask: reply"),
        )
        gate.check()
        return answer

    return guarded_ask


def _calling(call: Call, gate: Gate, pause: Pause) -> Call:
    def guarded_call(tool: str, arguments: Mapping[str, Any]) -> Observation:
        gate.check()
        name = handed.text(tool, "context.call: tool")
        with pause():
            observation = call(name, arguments)
        gate.check()
        # What is journaled of the call may not be on disk yet: the caller gets a value of its own.
        return replace(observation, value=deepcopy(observation.value))

    return guarded_call


def _asking_person(person: Person, gate: Gate, pause: Pause) -> Person:
    def guarded_person(question: str, choices: Sequence[str] = ()) -> str:
        gate.check()
        asked = handed.text(question, "context.person: question")
        offered = handed.texts(choices, "context.person: choices")
        with pause():
            answer = person(asked, offered)
        gate.check()
        return answer

    return guarded_person


def _telling(progress: Progress, gate: Gate) -> Progress:
    def guarded_progress(text: str, *, done: float | None = None, total: float | None = None) -> None:
        try:
            gate.check()
        except ToolError:
            return
        progress(
            handed.text(text, "context.progress: text"),
            done=None if done is None else handed.number(done, "context.progress: done"),
            total=None if total is None else handed.number(total, "context.progress: total"),
        )

    return guarded_progress


class _CheckedBudget:
    """The budget, which is only looked at."""

    def __init__(self, budget: Budget) -> None:
        self._budget = budget

    @property
    def window(self) -> int | None:
        return self._budget.window

    def left(self) -> Left:
        return self._budget.left()

    def cost(self, prompt: str, *, purpose: str, system: str = "", reply: int = 1024) -> Cost:
        return self._budget.cost(
            handed.text(prompt, "context.budget.cost: prompt"),
            purpose=handed.text(purpose, "context.budget.cost: purpose"),
            system=handed.text(system, "context.budget.cost: system"),
            reply=handed.at_least(1, reply, "context.budget.cost: reply"),
        )


class _GuardedFiles:
    """The workspace, for as long as the gate is open to changes; what is changed is noted."""

    def __init__(self, files: Files, tool: Tool, gate: Gate, written: Written) -> None:
        self._files = files
        self._tool = tool
        self._gate = gate
        self._written = written

    @property
    def root(self) -> Path:
        return self._files.root

    def path(self, text: str) -> WorkspacePath:
        return self._files.path(handed.path(text, "a path"))

    def exists(self, path: str) -> bool:
        return self._files.exists(self.path(path))

    def entry(self, path: str) -> FileEntry:
        return self._files.entry(self.path(path))

    def list(self, path: str = "", *, recursive: bool = False) -> Iterator[FileEntry]:
        return self._files.list(self.path(path), recursive=recursive)

    def read(self, path: str, *, offset: int = 0, limit: int | None = None) -> bytes:
        start = handed.whole_number(offset, "context.workspace.read: offset")
        most = None if limit is None else handed.whole_number(limit, "context.workspace.read: limit")
        return self._files.read(self.path(path), offset=start, limit=most)

    def sha256(self, path: str) -> str | None:
        return self._files.sha256(self.path(path))

    def write(self, path: str, content: bytes) -> FileEntry:
        with self._changing():
            place, whole = self.path(path), handed.content(content, "context.workspace.write: content")
            with self._written.changing({place: self._is_there(place)}):
                return self._files.write(place, whole)

    def move(self, source: str, target: str) -> None:
        with self._changing():
            origin, goal = self.path(source), self.path(target)
            before = self._held_files(origin)
            after = [goal + one[len(origin) :] for one in before]
            # A move never replaces anything: where it succeeds, nothing was at the new places.
            with self._written.changing({**dict.fromkeys(before, True), **dict.fromkeys(after, False)}):
                self._files.move(origin, goal)

    def delete(self, path: str) -> None:
        with self._changing():
            place = self.path(path)
            with self._written.changing(dict.fromkeys(self._held_files(place), True)):
                self._files.delete(place)

    @contextmanager
    def _changing(self) -> Iterator[None]:
        tool = self._tool
        if tool.effect not in _CHANGING:
            raise ToolError(
                f"{tool.name} declares the effect {tool.effect.name}, so it may not change the workspace",
                hint="a tool that writes files declares effect=Effect.WRITE",
            )
        with self._gate.passing():
            yield

    def _is_there(self, path: str) -> bool:
        try:
            return self._files.exists(path)
        except ToolError:  # the change itself will say it better
            return True

    def _held_files(self, path: str) -> Sequence[str]:
        """The file of this path, or the first files in the folder of this path; a folder itself has no content."""
        try:
            if not self._files.entry(path).folder:
                return [path]
            files = (one.path for one in self._files.list(path, recursive=True) if not one.folder)
            return list(islice(files, _MOST_TOLD))
        except ToolError:  # the change itself will say it better
            return [path]


class _GuardedArtifacts:
    """The kept files, for as long as the gate is open to new ones."""

    def __init__(self, artifacts: Artifacts, gate: Gate) -> None:
        self._artifacts = artifacts
        self._gate = gate

    def put(self, content: bytes, *, media_type: str = "text/plain", name: str = "") -> Artifact:
        with self._gate.passing():
            return self._artifacts.put(
                handed.content(content, "context.artifacts.put: content"),
                media_type=handed.text(media_type, "context.artifacts.put: media_type"),
                name=handed.text(name, "context.artifacts.put: name"),
            )

    def get(self, handle: str) -> tuple[Artifact, bytes]:
        return self._artifacts.get(handed.text(handle, "context.artifacts.get: handle"))


class _GuardedNotes:
    """Long-term memory, for as long as the gate is open to new notes."""

    def __init__(self, notes: Notes, gate: Gate) -> None:
        self._notes = notes
        self._gate = gate

    def remember(self, text: str, *, kind: str = "note", replaces: str | None = None) -> Remembered:
        with self._gate.passing():
            kept = handed.text(text, "context.notes.remember: text")
            older = None if replaces is None else handed.text(replaces, "context.notes.remember: replaces")
            return self._notes.remember(kept, kind=handed.text(kind, "context.notes.remember: kind"), replaces=older)

    def recall(self, query: str, *, count: int = 5, kinds: Sequence[str] = ()) -> Sequence[Found]:
        wanted = handed.text(query, "context.notes.recall: query")
        return self._notes.recall(
            wanted,
            count=handed.at_least(0, count, "context.notes.recall: count"),
            kinds=handed.texts(kinds, "context.notes.recall: kinds"),
        )

    def newest(self, *, count: int = 20) -> Newest:
        return self._notes.newest(count=handed.at_least(0, count, "context.notes.newest: count"))

    def seen(self, query: str, *, count: int = 3) -> Sequence[Seen]:
        wanted = handed.text(query, "context.notes.seen: query")
        return self._notes.seen(wanted, count=handed.at_least(0, count, "context.notes.seen: count"))


class _CheckedDocuments:
    """The knowledge base, which is only searched."""

    def __init__(self, documents: Documents) -> None:
        self._documents = documents

    def search(self, query: str, *, count: int = 5) -> Sequence[FoundPassage]:
        wanted = handed.text(query, "context.documents.search: query")
        return self._documents.search(wanted, count=handed.at_least(1, count, "context.documents.search: count"))
