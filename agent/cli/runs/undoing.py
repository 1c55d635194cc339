"""`thinkact runs undo`: every file that a run changed, put back as it was before the run.

The undoing is an event of the run like any other: announced with the files as they are, on disk before the first of
them is touched, and answered with what became of them. So one that was killed is gone on with by the next, a second one
finds that there is nothing left to do, and what it replaced is itself kept.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated

import typer

from agent.archive.changes import UNDO, Traces, traces
from agent.archive.undoing import Plan, Restore, kind, plan
from agent.cli.asking import agreed
from agent.cli.runs.comparing import notes
from agent.cli.runs.disk import RunDisk, opened
from agent.cli.runs.places import RunArgument, YesOption, command, folder_of, reading, records_of
from agent.cli.saying import say
from agent.cli.tables import when
from agent.errors import RunError, UsageError
from agent.events import Failure, Feedback, FileChange, FileState, FormChange, Observed, Record, RunStarted, ToolStarted
from agent.forking import before_step
from agent.runs import Run
from agent.spelling import nearest
from agent.spending import counted
from memory.artifacts import ArtifactError
from plugins import ToolError

application = command()

_IN_THE_EVENT = 64_000
"""Bytes of a file that the journal itself keeps; a larger one is kept as an artifact."""
_KEPT = 64_000_000
"""Bytes of a file that are kept as an artifact at most."""


@application.command("undo")
def undo(
    wanted: RunArgument = "last",
    force: Annotated[
        list[str] | None,
        typer.Option("--force", metavar="FILE", help="Put this file back although it was changed since; repeatable."),
    ] = None,
    from_step: Annotated[
        int | None, typer.Option("--from-step", metavar="K", min=1, help="Undo what was done from step K on.")
    ] = None,
    yes: YesOption = False,
) -> None:
    """Put every file back as it was before the run, or before one of its steps. Files that somebody else changed since
    are not touched: where there is one, nothing is. Links, rights and new folders of programs are put back, too."""
    folder = folder_of(wanted)
    with _taken(folder) as run:
        assert run.history.started is not None
        with opened(folder, run.history.started.workspace) as disk:
            events = list(records_of(folder))
            found = traces(_since(events, from_step, folder.name))
            forced = _forced(force or (), found, disk)
            planned = plan(found, disk, force=forced)
            _refuse(planned)
            if _nothing_to_do(planned, found, run.id):
                return
            if not agreed(_question(planned), _told(planned), yes=yes):
                say("nothing was touched")
                raise typer.Exit(1)
            planned = plan(found, disk, force=forced)  # it may have been a while
            _refuse(planned)
            undoing = _UndoingRun(run, disk, traces(events).undoings + 1, step=from_step)
            left = undoing.make(planned, forced)
    for note in notes(found):
        say(note)
    if left or planned.lost:
        raise typer.Exit(1)


def _since(events: Sequence[Record], step: int | None, run: str) -> Sequence[Record]:
    """The events from a step's thought on; all of them, where none is named. Raises UsageError where there is none."""
    if step is None:
        return events
    cut = sum(1 for _ in before_step(events, step))
    if cut >= len(events):
        raise UsageError(f"the run {run} has no step {step}", hint=f"thinkact runs show {run} tells them")
    # With the beginning of each start: it tells which events are those of the run that this one branched off from.
    return [*(one for one in events[:cut] if isinstance(one.event, RunStarted)), *events[cut:]]


@contextmanager
def _taken(folder: Path) -> Iterator[Run]:
    """The run, opened to be written: nobody else goes on with it meanwhile."""
    with reading(folder), Run.open(folder) as run:
        yield run


def _forced(force: Sequence[str], found: Traces, disk: RunDisk) -> frozenset[str]:
    """The paths of `--force`, as the workspace names them."""
    paths = []
    for text in force:
        try:
            path = str(disk.files.path(text))
        except ToolError as error:
            raise UsageError(f"--force {text}: {error.message}", hint=error.hint) from error
        if path not in found.files and path not in found.forms:
            meant = nearest(path, found.files)
            hint = f"did you mean {meant}?" if meant else "thinkact runs diff shows what it changed"
            raise UsageError(f"--force {text}: the run did not change this file", hint=hint)
        paths.append(path)
    return frozenset(paths)


def _refuse(planned: Plan) -> None:
    """End where somebody else changed a file: nothing is touched."""
    if not planned.conflicts:
        return
    for one in planned.conflicts:
        say(f"{one.path}: {one.why}")
    say(f"nothing was touched; to put back {_these(len(planned.conflicts))} all the same, name each with --force FILE")
    raise typer.Exit(1)


def _these(count: int) -> str:
    return "this file" if count == 1 else f"these {count} files"


def _nothing_to_do(planned: Plan, found: Traces, run: str) -> bool:
    """Is nothing left to be put back? Then that is said."""
    if planned.restores or planned.forms or planned.cleared:
        return False
    if found.undone is not None:
        say(f"the run {run} was undone on {when(found.undone)}; nothing is left to put back")
        return True
    for one in planned.lost:
        say(f"cannot be put back: {one.what}: {one.why}")
    if planned.lost:
        raise typer.Exit(1)
    say(f"the run {run} changed no file that is not as it was before")
    return True


def _question(planned: Plan) -> str:
    return f"Put back {_these_all(planned)}?"


def _these_all(planned: Plan) -> str:
    files = counted(len(planned.restores), "file")
    others = {one.path for one in (*planned.cleared, *planned.forms)} - {one.path for one in planned.restores}
    return files if not others else f"{files} and {counted(len(others), 'other name')} (links, folders, rights)"


def _told(planned: Plan) -> list[str]:
    lines = [f"  {_doing(one)} {one.path}" for one in planned.restores]
    new = [one for one in planned.cleared if not one.before]
    lines += [f"  {_doing_form(one)} {one.path}" for one in (*new, *planned.forms)]
    return [*lines, *(f"  cannot be put back: {one.what}: {one.why}" for one in planned.lost)]


def _doing(restore: Restore) -> str:
    if restore.before.sha256 is None:
        return "delete    "
    return "bring back" if restore.now.sha256 is None else "put back  "


def _doing_form(form: FormChange) -> str:
    if not form.before:
        return f"take away {kind(form.after)}"
    return f"put back {form.before if kind(form.before) != 'file' else f'rights{form.before[4:]}'} of"


class _UndoingRun:
    """An undoing, from its announcement to its result."""

    def __init__(self, run: Run, disk: RunDisk, number: int, *, step: int | None) -> None:
        self._run, self._disk = run, disk
        self._address = f"{UNDO}{number}"
        self._before = "the run" if step is None else f"step {step} of the run"

    def make(self, planned: Plan, forced: frozenset[str]) -> bool:
        """Put the files back and write down what became of them. Is something left undone that was planned?"""
        contents = [self._content(one) for one in planned.restores]  # before the first is touched: one may be another's
        self._announce(planned, forced)
        done: list[FileChange] = []
        failed: str | None = None
        forms: list[FormChange] = []
        path = ""
        try:
            for form in planned.opened:
                self._disk.files.forms.give(path := form.path, form.before)
            for made_by_it in (True, False):
                for form in () if made_by_it else planned.cleared:
                    path = form.path
                    forms += self._put_back_form(replace(form, before=""))
                for restore, content in zip(planned.restores, contents, strict=True):
                    if (content is None) == made_by_it:
                        path = restore.path
                        done.append(self._put_back(restore, content))
                        say(f"{_doing(restore).strip()}: {restore.path}")
            for form in planned.forms:
                path = form.path
                forms += self._put_back_form(form)
        except ToolError as error:
            failed = f"{path}: {error.message}"
        for one in planned.lost:
            say(f"cannot be put back: {one.what}: {one.why}")
        self._tell(done, forms, failed)
        return failed is not None

    def _put_back_form(self, form: FormChange) -> list[FormChange]:
        """What was made of it; nothing, where a folder that was new holds something else by now."""
        try:
            self._disk.files.forms.give(form.path, form.before)
        except ToolError as error:
            if form.before or kind(form.after) != "folder":
                raise
            say(f"stays: {error.message}")
            return []
        say(f"{_doing_form(form)}: {form.path}")
        return [FormChange(path=form.path, before=form.after, after=form.before)]

    def _content(self, restore: Restore) -> bytes | None:
        if restore.content is None:
            return None
        try:
            content = restore.content()
        except ToolError as error:
            raise RunError(f"nothing was touched: {error.message}", hint=error.hint) from error
        if hashlib.sha256(content).hexdigest() != restore.before.sha256:
            raise RunError(f"nothing was touched: {restore.path}: its content changed meanwhile", hint="try again")
        return content

    def _announce(self, planned: Plan, forced: frozenset[str]) -> None:
        arguments = {"force": sorted(forced)}
        self._run.record(
            ToolStarted(
                call=self._address,
                tool=UNDO,
                arguments={name: list(value) for name, value in arguments.items()},
                arguments_hash="",
                effect="write",
                before=tuple(map(self._state, planned.restores)),
                after={one.path: one.before.sha256 for one in planned.restores},
            ),
            self._address,
        )
        self._run.commit()

    def _state(self, restore: Restore) -> FileState:
        """The file as it is now: what is replaced is kept, too."""
        now = restore.now
        if now.sha256 is None or now.bytes > _KEPT:
            return FileState(path=restore.path, sha256=now.sha256, bytes=now.bytes)
        content, mode = self._disk.read(restore.path), self._disk.files.entry(restore.path).mode
        digest = hashlib.sha256(content).hexdigest()
        state = FileState(path=restore.path, sha256=digest, bytes=len(content), mode=mode)
        if len(content) > _IN_THE_EVENT:
            return replace(state, artifact=self._keep(content))
        try:
            return replace(state, content=content.decode())
        except UnicodeDecodeError:
            return replace(state, content=base64.b64encode(content).decode(), encoding="base64")

    def _keep(self, content: bytes) -> str:
        try:
            return self._disk.shelf.put(content, media_type="application/octet-stream").handle
        except ArtifactError as error:
            raise RunError(f"nothing was touched: {error.message}", hint=error.hint) from error

    def _put_back(self, restore: Restore, content: bytes | None) -> FileChange:
        path, before = restore.path, restore.before
        if content is None:
            if restore.now.sha256 is not None:
                self._disk.files.delete(path)
            return FileChange(path=path, change="deleted", bytes=0, sha256=None)
        self._disk.files.write(path, content, mode=before.mode)
        change = "created" if restore.now.sha256 is None else "changed"
        return FileChange(path=path, change=change, bytes=len(content), sha256=before.sha256)  # type: ignore[arg-type]

    def _tell(self, done: Sequence[FileChange], forms: Sequence[FormChange], failed: str | None) -> None:
        noun = "name" if forms else "file"
        names = dict.fromkeys([*(one.path for one in done), *(one.path for one in forms)])
        text = f"put back as before {self._before}: {', '.join(names) or 'nothing'}"
        error = None if failed is None else Failure(kind="tool", message=failed)
        self._run.record(
            Observed(
                call=self._address,
                tool=UNDO,
                ok=failed is None,
                text=text,
                error=error,
                files=tuple(done),
                forms=tuple(forms),
            ),
            self._address,
        )
        ended = self._run.history.ended
        if names and (ended is None or ended.state != "reached"):
            self._run.record(Feedback(text=f"The user has undone the work so far: {text}.", origin="product"))
        self._run.commit()
        if failed is not None:
            say(f"{failed}; {counted(len(names), noun)} put back, the others are as they were: try again")
        else:
            say(f"{counted(len(names), noun)} put back as before {self._before} {self._run.id}")
