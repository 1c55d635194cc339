"""How the files that a run touched differ from what they were before it."""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from dataclasses import dataclass, replace

from agent.archive.changes import Touched, Traces
from agent.archive.undoing import Disk, Now, find_content, why_not_as_left
from agent.terminal import neutral, plain

_MOST_BYTES = 1 << 20
"""Longer texts are compared by size and hash: nobody reads such a difference."""
_MOST_LINES = 20_000
"""The same for many lines, whose comparison takes long."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """A file that is not as it was before the run.

    `change` is created, changed, deleted or moved (then from `moved_from`). `known`: how it was before is known, a
    sha256 of None then says that it was not there. `lines` are those of a unified diff, None where none can be made.
    """

    path: str
    change: str
    known: bool
    before_sha256: str | None
    before_bytes: int
    now_sha256: str | None
    now_bytes: int
    lines: tuple[str, ...] | None = None
    moved_from: str | None = None
    note: str = ""


def differences(traces: Traces, disk: Disk) -> list[Difference]:
    """The files that differ, by their path; one that was only moved is told once, under its new name."""
    found = [
        _one(touched, now, traces, disk)
        for touched in sorted(traces.files.values(), key=lambda one: one.path)
        if touched.changed and _differs(touched, now := disk.now(touched.path))
    ]
    gone = {one.before_sha256: one.path for one in found if one.change == "deleted" and one.known}
    told = []
    for one in found:
        source = gone.pop(one.now_sha256, None) if one.change == "created" else None
        told.append(one if source is None else replace(one, change="moved", moved_from=source, lines=()))
    sources = {one.moved_from for one in told}
    return [one for one in told if not (one.change == "deleted" and one.path in sources)]


def _differs(touched: Touched, now: Now) -> bool:
    return touched.before is None or now.obstacle is not None or now.sha256 != touched.before.sha256


def _one(touched: Touched, now: Now, traces: Traces, disk: Disk) -> Difference:
    before = touched.before
    found = Difference(
        path=touched.path,
        change=_change(None if before is None else before.sha256, now, known=before is not None),
        known=before is not None,
        before_sha256=before.sha256 if before else None,
        before_bytes=before.bytes if before else 0,
        now_sha256=now.sha256,
        now_bytes=now.bytes,
        note=now.obstacle or why_not_as_left(touched, now) or "",
    )
    if before is None:
        return replace(found, note="what it was before the run was not seen")
    if now.obstacle is not None or max(now.bytes, before.bytes) > _MOST_BYTES:
        return found
    content = None if before.sha256 is None else find_content(before, traces, disk, lambda _: None)
    if before.sha256 is not None and content is None:
        return replace(found, note="; ".join(filter(None, [found.note, "its content before the run was not kept"])))
    old = content() if content else b""
    new = disk.read(touched.path) if now.sha256 else b""
    return replace(found, lines=_lines(touched.path, old, new, found) or (() if not old and not new else None))


def _change(before: str | None, now: Now, *, known: bool) -> str:
    if now.sha256 is None and now.obstacle is None:
        return "deleted"
    return "created" if known and before is None else "changed"


def _lines(path: str, old: bytes, new: bytes, found: Difference) -> tuple[str, ...] | None:
    before, after = _text(old), _text(new)
    if before is None or after is None or max(before.count("\n"), after.count("\n")) > _MOST_LINES:
        return None
    source = "/dev/null" if found.before_sha256 is None else f"a/{path}"
    target = "/dev/null" if found.now_sha256 is None else f"b/{path}"
    return tuple(_unended(difflib.unified_diff(_cut(before), _cut(after), source, target, lineterm="")))


def _cut(text: str) -> list[str]:
    """The lines of a text with their ends; other marks than a line feed end no line."""
    lines = text.split("\n")
    return [*(f"{line}\n" for line in lines[:-1]), *filter(None, lines[-1:])]


def _unended(lines: Iterator[str]) -> Iterator[str]:
    """Lines of a diff without their ends; one that has none in the file is followed by a line that says so."""
    for number, line in enumerate(lines):
        yield line.removesuffix("\n")
        if number > 1 and not line.startswith("@@") and not line.endswith("\n"):
            yield "\\ No newline at end of file"


def _text(content: bytes) -> str | None:
    """A text, or None for what is none: bytes that are no UTF-8 (UTF-16 with its mark), or hold a zero."""
    try:
        text = content.decode("utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8")
    except UnicodeDecodeError:
        return None
    return None if "\0" in text else text


def unified(one: Difference) -> Iterator[str]:
    """A difference for people: a heading, and the diff or both sides by size and hash. Foreign text neutralised."""
    path = plain(one.path)
    heading = f"moved {plain(one.moved_from)} → {path}" if one.moved_from else f"{one.change} {path}"
    yield f"{heading}  ({plain(one.note)})" if one.note else heading
    if one.lines is None:
        before = _side(one.before_sha256, one.before_bytes, known=one.known)
        yield f"  {before} → {_side(one.now_sha256, one.now_bytes)}"
    else:
        yield from map(_shown, one.lines)


def _shown(line: str) -> str:
    """A line of a diff; a carriage return at its end belongs to the line end and is shown all the same: it may be
    what was changed."""
    return neutral(line).replace("\n", "\\n")


def _side(sha256: str | None, count: int, *, known: bool = True) -> str:
    if not known:
        return "unknown"
    return "no file" if sha256 is None else f"{count} bytes, sha256 {sha256[:12]}"
