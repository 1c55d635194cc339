"""The plan of an undoing: what would be put back, what somebody else changed since, and what nobody can put back.

Nothing is touched here: the plan is made as a whole before the first file is written.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Protocol

from agent.archive.changes import FolderCall, Touched, Traces, content_of
from agent.events import FileState, FormChange


@dataclass(frozen=True, slots=True, kw_only=True)
class Now:
    """How a path is now. `sha256` None: there is no file. `obstacle` says why it cannot be read or written, such as
    a folder that stands there; None where nothing is in the way."""

    sha256: str | None
    bytes: int = 0
    obstacle: str | None = None


class Disk(Protocol):
    """The workspace as it is now, and what the run kept."""

    def now(self, path: str) -> Now:
        """How a path is now. Never raises for what is there."""
        ...

    def read(self, path: str) -> bytes:
        """The content of a file."""
        ...

    def form(self, path: str) -> str:
        """What a name stands for now, as a `FormChange` has it; `other` where that cannot be told."""
        ...

    def kept(self, handle: str) -> bytes | None:
        """An artifact of the run; None where it is not there, or is damaged."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Restore:
    """A file to be put back: its state before the run and now, and the way to its content (None: it is deleted)."""

    path: str
    before: FileState
    now: Now
    content: Callable[[], bytes] | None


@dataclass(frozen=True, slots=True)
class Conflict:
    """A file that somebody else may have changed since, and why it is taken to be so."""

    path: str
    why: str


@dataclass(frozen=True, slots=True)
class Lost:
    """What cannot be put back, and why not."""

    what: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """An undoing, whole: to be made only where there is no conflict. Restores are in the order in which they are to
    be made, the newest change first: those that delete; then `cleared`, what is new or in the way, is taken away; then
    those that write. `forms` are links, folders and rights, to be put back after them, in this order: `after` is what
    is there now. Before all, what keeps its kind is `opened`: given rights with which the rest can be done."""

    restores: tuple[Restore, ...]
    conflicts: tuple[Conflict, ...]
    lost: tuple[Lost, ...]
    opened: tuple[FormChange, ...] = ()
    cleared: tuple[FormChange, ...] = ()
    forms: tuple[FormChange, ...] = ()


def plan(traces: Traces, disk: Disk, *, force: Collection[str] = ()) -> Plan:
    """Plan to put back every file as it was before the run. `force` are paths that are put back whatever became of
    them since."""
    restores, conflicts, lost = [], [], list(map(_folder, traces.folders))
    moved = present(traces, disk)
    cleared, forms, odd = plan_forms(traces, disk, force)
    links = {one.path for one in cleared if kind(one.after) == "link"}
    gone = {one.path for one in cleared}
    for touched in sorted(traces.files.values(), key=lambda one: one.last, reverse=True):
        if _kind(traces, touched.path) == "link":  # it was no file before
            if isinstance(why := _replaced(touched, disk), str) and touched.path not in force:
                odd.append(Conflict(touched.path, why))
            continue
        away = touched.path in gone or _is_at(touched.path, links)
        now = Now(sha256=None) if away else disk.now(touched.path)
        if not touched.changed or (touched.before is not None and _as_before(touched.before, now)):
            continue
        found = _one(touched, now, traces, disk, moved)
        if (
            isinstance(found, Restore)
            and touched.path not in force
            and (why := why_not_as_left(touched, now)) is not None
        ):
            conflicts.append(Conflict(touched.path, why))
        elif isinstance(found, Restore):
            restores.append(found)
        else:
            lost.append(found)
    named = {one.path for one in conflicts}
    conflicts += [one for one in odd if one.path not in named]
    return Plan(
        restores=tuple(restores),
        conflicts=tuple(conflicts),
        lost=tuple(lost),
        opened=tuple(map(_opened, (one for one in forms if kind(one.before) == kind(one.after)))),
        cleared=tuple(cleared),
        forms=tuple(forms),
    )


def _opened(form: FormChange) -> FormChange:
    """What is to be put back, with the rights that its owner needs meanwhile."""
    what, _, rights = form.before.partition(" ")
    needed = {"folder": 0o700, "file": 0o600}.get(what, 0)
    return replace(form, before=f"{what} {int(rights, 8) | needed:o}" if rights and needed else form.before)


def _is_at(path: str, places: Collection[str]) -> bool:
    return any(path == one or path.startswith(f"{one}/") for one in places)


def _kind(traces: Traces, path: str) -> str:
    """What a name was before the run, where a program made something else of it."""
    return kind(traces.forms[path].before) if path in traces.forms else ""


def _replaced(touched: Touched, disk: Disk) -> str | None:
    """Why a file that took a link's place is no longer what the run left; None where it is, or is none."""
    return why_not_as_left(touched, disk.now(touched.path)) if kind(disk.form(touched.path)) == "file" else None


def plan_forms(
    traces: Traces, disk: Disk, force: Collection[str]
) -> tuple[list[FormChange], list[FormChange], list[Conflict]]:
    """What is new or in the way of what was there, from the bottom; what is put back after the files: folders from the
    top, links and rights; and what somebody else changed since."""
    cleared, forms, conflicts = [], list[FormChange](), []
    for one in traces.forms.values():
        now = disk.form(one.path)
        if one.before in (one.after, now) or (now == "" and kind(one.before) == "file"):
            continue  # a file's rights come back with its content
        if now != one.after and one.path not in force:
            conflicts.append(Conflict(one.path, "somebody else changed it since"))
            continue
        due = FormChange(path=one.path, before=one.before, after=now)
        in_the_way = kind(now) in ("link", "folder", "other") and kind(one.before) not in (kind(now), "other")
        if in_the_way or not one.before:
            cleared.append(due)
        if kind(one.before) in ("folder", "link") or (kind(one.before) == kind(now) == "file"):
            forms.append(due)
    forms.sort(key=lambda one: (kind(one.before) != "folder", one.path))
    cleared.sort(key=lambda one: one.path.count("/"), reverse=True)
    return cleared, forms, conflicts


def _as_before(before: FileState, now: Now) -> bool:
    return now.obstacle is None and now.sha256 == before.sha256


def kind(form: str) -> str:
    """`link`, `folder`, `file` or `other`; "" for nothing."""
    return form.partition(" ")[0]


def why_not_as_left(touched: Touched, now: Now) -> str | None:
    """Why a file is no longer what the run left; None where it is."""
    if touched.meddled:
        return "somebody else changed it while the run was going on"
    if not touched.left:
        return "the last call that would write it was cut short, and nobody knows what it left"
    if now.sha256 in touched.left:
        return None
    return "somebody else deleted it since" if now.sha256 is None else "somebody else changed it since"


def _one(touched: Touched, now: Now, traces: Traces, disk: Disk, moved: Callable[[str], str | None]) -> Restore | Lost:
    before = touched.before
    if before is None:
        return Lost(touched.path, "what it was before the run was not seen")
    if now.obstacle is not None:
        return Lost(touched.path, now.obstacle)
    if before.sha256 is None:
        return Restore(path=touched.path, before=before, now=now, content=None)
    content = find_content(before, traces, disk, moved)
    if content is None:
        return Lost(touched.path, f"its content before the run, {before.bytes} bytes, was not kept")
    return Restore(path=touched.path, before=before, now=now, content=content)


def find_content(
    before: FileState, traces: Traces, disk: Disk, moved: Callable[[str], str | None]
) -> Callable[[], bytes] | None:
    """The way to a content that was there once: from the journal, from the run's artifacts, or from a file that has
    it now. None where it is nowhere."""
    sha = before.sha256
    assert sha is not None
    for state in filter(None, (before, traces.contents.get(sha))):
        content = content_of(state)
        if content is None and state.artifact is not None:
            content = disk.kept(state.artifact)
        if content is not None and hashlib.sha256(content).hexdigest() == sha:
            return lambda kept=content: kept  # type: ignore[misc]  # mypy has no type for a lambda's default
    other = moved(sha)
    return None if other is None else lambda: disk.read(other)


def present(traces: Traces, disk: Disk) -> Callable[[str], str | None]:
    """Which of the run's files has a content now, by its sha256: a file that was only moved is there under its new
    name."""
    there: dict[str, str] = {}
    for touched in traces.files.values():
        now = disk.now(touched.path) if touched.changed else None
        if now is not None and now.sha256 is not None and now.obstacle is None:
            there.setdefault(now.sha256, touched.path)
    return there.get


def _folder(call: FolderCall) -> Lost:
    why = "it made, moved or deleted a folder, and of folders nothing is kept"
    return Lost(f"{call.tool}({', '.join(call.paths)})", why)
