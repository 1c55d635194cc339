"""Forking: a new run that shares the beginning of another, and goes its own way from there.

The events before the step are written into a journal of the new run's own, as they were, and its artifacts are kept
beside it. Nothing is done to the run that it branches off from, nor to the files of the workspace.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from agent.archive.changes import traces
from agent.errors import RunError, UsageError
from agent.events import Record, RunStarted, Thought, encode
from agent.history import History
from agent.runs import Clock, make_folder, records
from agent.spending import counted
from memory.journal import Journal, JournalError


@dataclass(frozen=True, slots=True, kw_only=True)
class Fork:
    """What a run was branched off to. `folder` is the new run's; `step` the first that is thought anew; `left` are the
    files that the steps left out changed: they stay as they are now."""

    folder: Path
    step: int
    left: tuple[str, ...]


def fork(folder: Path, runs: Path, *, step: int | None = None, clock: Clock | None = None) -> Fork:
    """Branch off from the run in `folder`, before its step number `step`, or after its last event.

    Raises:
        UsageError: it has no such step.
        RunError: it cannot be read, or the new run cannot be written.
    """
    events = list(records(folder))
    if not events or not isinstance(started := events[0].event, RunStarted):
        raise RunError(f"the run {folder.name} ended before it began", hint="start it anew with: thinkact run GOAL")
    kept = list(before_step(events, step))
    if step is not None and (len(kept) == len(events) or step < 1):
        steps = _last_step(events)
        has = counted(steps, "step") if steps else "no step yet"
        raise UsageError(
            f"the run {folder.name} has no step {step}: it has {has}", hint="thinkact runs show tells them"
        )
    at = _last_step(kept) + 1
    made = make_folder(runs, clock or Clock())
    opening = replace(
        _as_told(started, History(events)), run_id=made.name, fork_of=folder.name, forked=len(kept), fork_step=at
    )
    try:
        _keep(folder / "artifacts", made / "artifacts")
        _write(made, [replace(kept[0], event=opening), *kept[1:]])
    except OSError as error:
        shutil.rmtree(made, ignore_errors=True)
        raise RunError(f"the run cannot be branched off: {error.strerror}", hint="look at the disk") from error
    except JournalError as error:
        shutil.rmtree(made, ignore_errors=True)
        raise RunError(error.message, hint=error.hint) from error
    return Fork(folder=made, step=at, left=_left(events[len(kept) :]))


def _as_told(started: RunStarted, history: History) -> RunStarted:
    """The opening with what the user said later, too: limits, what is denied, no memory. That was none of the past of
    the agent, and holds."""
    deny = dict.fromkeys(pattern for opening in history.openings for pattern in opening.deny)
    memory = all(isinstance(opening, RunStarted) or opening.memory for opening in history.openings)
    goal = started.goal if memory else {**started.goal, "recall": False}
    return replace(started, limits=history.raised, deny=tuple(deny), goal=goal)


def before_step(events: Sequence[Record], step: int | None) -> Iterator[Record]:
    """The events before the thought of a step: of all steps, where none is named."""
    for record in events:
        event = record.event
        if step is not None and isinstance(event, Thought) and not record.path and event.step >= step:
            return
        yield record


def _last_step(events: Sequence[Record]) -> int:
    steps = [one.event.step for one in events if isinstance(one.event, Thought) and not one.path]
    return max(steps, default=0)


def _keep(source: Path, target: Path) -> None:
    """The artifacts, which never change, under another name; as copies where the disk has no second names."""
    if source.is_dir():
        shutil.copytree(source, target, copy_function=_second_name)


def _second_name(source: str, target: str) -> str:
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)
    return target


def _write(folder: Path, events: Sequence[Record]) -> None:
    with Journal.create(folder / "journal.db", meta={"run": folder.name}) as journal:
        for one in events:
            journal.append(encode(one.event), path=one.path, elapsed=one.elapsed, now=one.time)
        journal.commit()


def _left(events: Sequence[Record]) -> tuple[str, ...]:
    """The files that these events changed, as far as the run left them changed."""
    return tuple(path for path, one in traces(events).files.items() if one.changed)
