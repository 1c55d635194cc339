"""What a run did to the files of its workspace: from its intents and results, file by file.

An intent says how a file was before the call, a result how the call left it. Both are folded in the order of the
events, so that also a run that was resumed, or whose undoing was recorded, is seen as it stands now.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import permutations

from agent.events import FileChange, FileState, FormChange, Observed, Record, RunStarted, ToolStarted

UNDO = "undo"
"""The tool's name under which the undoing of a run is recorded."""


@dataclass(slots=True)
class Touched:
    """A file that the run named in order to write it, or was seen to write.

    Attributes:
        path: Relative to the workspace.
        before: How it was before the run; None: nobody looked before it was written.
        left: The sha256 that the run left, None for no file; several where a call was cut short. Empty: not known.
        meddled: Somebody else changed it between two calls of the run.
        last: Number of the event by which it was changed last; `seen` of the one that last told how it was left.
    """

    path: str
    before: FileState | None
    left: frozenset[str | None]
    meddled: bool = False
    last: int = 0
    seen: int = 0

    @property
    def changed(self) -> bool:
        """Is it, as far as is known, other than it was before the run?"""
        return self.before is None or self.left != {self.before.sha256}


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderCall:
    """A call that named no file and changed none, and yet was made: of a folder nothing is kept."""

    tool: str
    paths: tuple[str, ...]


@dataclass(slots=True)
class Traces:
    """All that a run left in its workspace, as its journal tells.

    Attributes:
        files: By path.
        folders: Calls that dealt with folders.
        programs: How many programs were started: what they changed, nobody saw.
        forms: By path, what programs made of names beside contents: before the first, and after the last of them.
        contents: Every state whose content was kept, by its sha256.
        undone: When the run was last undone, in seconds since the epoch; `undoings` is how often that was begun.
    """

    files: dict[str, Touched] = field(default_factory=dict)
    folders: list[FolderCall] = field(default_factory=list)
    forms: dict[str, FormChange] = field(default_factory=dict)
    programs: int = 0
    contents: dict[str, FileState] = field(default_factory=dict)
    undone: float | None = None
    undoings: int = 0
    _others: int = 0  # the events up to this one are those of the run that this one branched off from
    _open: dict[str, ToolStarted] = field(default_factory=dict)
    _doubted: list[tuple[int, ToolStarted]] = field(default_factory=list)

    def apply(self, record: Record) -> None:
        """Take in the next event, in the order of `seq`."""
        event = record.event
        if isinstance(event, RunStarted):
            self._others = event.forked
        elif record.seq <= self._others:
            return
        elif isinstance(event, ToolStarted):
            self._begin(record, event)
        elif isinstance(event, Observed):
            self._end(record, event)

    def _begin(self, record: Record, intent: ToolStarted) -> None:
        unsure = (*self._open.values(), *(one for _, one in self._doubted))
        doubtful = {state.path for one in unsure for state in one.before}
        self._open[record.path or intent.call] = intent
        self.programs += intent.effect == "execute"
        self.undoings += intent.tool == UNDO
        for state in intent.before:
            if state.sha256 is not None and (state.content is not None or state.artifact is not None):
                self.contents.setdefault(state.sha256, state)
            known = self.files.setdefault(state.path, Touched(state.path, state, frozenset({state.sha256})))
            if known.left and state.sha256 not in known.left and state.path not in doubtful and intent.tool != UNDO:
                known.meddled = True

    def _end(self, record: Record, event: Observed) -> None:
        intent = self._open.pop(record.path or event.call, None)
        changes = {change.path: change for change in event.files}
        if intent is not None and event.settled and not event.ok:
            self._doubted.append((record.seq, intent))  # it counts as failed, and may have been made
        elif intent is not None:
            self._settle(intent, changes, record.seq)
        if intent is not None:
            self._move(intent, changes)
        for state in event.before:
            if state.sha256 is not None and (state.content is not None or state.artifact is not None):
                self.contents.setdefault(state.sha256, state)
            known = self.files.setdefault(state.path, Touched(state.path, state, frozenset({state.sha256})))
            if known.left and state.sha256 not in known.left:
                known.meddled = True
        for form in event.forms:
            self.forms[form.path] = replace(self.forms.get(form.path, form), after=form.after)
        # Something of which nothing was kept is gone: what is new may be its one copy, and must not be deleted.
        moved = any(self._is_unseen_loss(change) for change in event.files)
        for change in changes.values():
            self._see(change, record.seq, seen=not moved)
        if intent is not None and intent.tool == UNDO:
            self.undone = record.time if event.ok else self.undone
        elif intent is not None and event.ok and _only_folders(intent, changes):
            self.folders.append(FolderCall(tool=intent.tool, paths=tuple(state.path for state in intent.before)))

    def _settle(self, intent: ToolStarted, changes: Mapping[str, FileChange], seq: int) -> None:
        for state in intent.before:
            touched = self.files[state.path]
            if state.path not in changes:  # it was compared, and found as it was before the call
                touched.left, touched.seen = frozenset({state.sha256}), seq
            if intent.tool == UNDO:
                touched.meddled = False

    def _move(self, intent: ToolStarted, changes: Mapping[str, FileChange]) -> None:
        """A folder was moved, if all that is gone from under the one path of the call is under the other now. Nobody
        had looked at its files before; so their content is the one they have there."""
        paths = [state.path for state in intent.before if state.sha256 is None]
        for source, target in permutations(paths, 2):
            gone = {path.removeprefix(f"{source}/") for path in changes if path.startswith(f"{source}/")}
            here = {path.removeprefix(f"{target}/") for path in changes if path.startswith(f"{target}/")}
            if not gone or gone != here or len(gone) + len(here) != len(changes):
                continue
            if any(changes[f"{source}/{name}"].change != "deleted" for name in gone):
                continue
            for name in gone:
                old, new = f"{source}/{name}", changes[f"{target}/{name}"]
                before = FileState(path=old, sha256=new.sha256, bytes=new.bytes)
                self.files.setdefault(old, Touched(old, before, frozenset({new.sha256})))

    def _is_unseen_loss(self, change: FileChange) -> bool:
        """Was a file deleted of which nobody knows what it held?"""
        known = self.files.get(change.path)
        return change.change == "deleted" and (known is None or known.before is None)

    def _see(self, change: FileChange, seq: int, *, seen: bool) -> None:
        before = FileState(path=change.path, sha256=None) if seen and change.change == "created" else None
        touched = self.files.setdefault(change.path, Touched(change.path, before, frozenset()))
        touched.left, touched.last, touched.seen = frozenset({change.sha256}), seq, seq

    def close(self) -> None:
        """All events were taken in: calls without a result may have been made, or not."""
        for seq, intent in self._doubted:
            self._doubt(intent, [one.path for one in intent.before if self.files[one.path].seen <= seq])
        for intent in self._open.values():
            self._doubt(intent, [one.path for one in intent.before])
        self._open.clear()
        self._doubted.clear()

    def _doubt(self, intent: ToolStarted, paths: Iterable[str]) -> None:
        for touched in (self.files[path] for path in paths):
            if intent.after is None:
                touched.left = frozenset()
            elif touched.left and touched.path in intent.after:
                touched.left |= {intent.after[touched.path]}


def traces(records: Iterable[Record]) -> Traces:
    """Fold the events of a run."""
    found = Traces()
    for record in records:
        found.apply(record)
    found.close()
    return found


def content_of(state: FileState) -> bytes | None:
    """The content that a state itself holds; None where it holds none."""
    if state.content is None:
        return None
    return base64.b64decode(state.content) if state.encoding == "base64" else state.content.encode()


def _only_folders(intent: ToolStarted, changes: Mapping[str, FileChange]) -> bool:
    named_files = any(state.sha256 is not None for state in intent.before)
    return intent.effect == "write" and bool(intent.before) and not named_files and not changes
