"""Where the runs are, and the one way to read them: whatever goes wrong there is one clear line."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli.completing import values
from agent.errors import RunError

if TYPE_CHECKING:
    from agent.archive.changes import Traces
    from agent.archive.stored import Fact
    from agent.events import Record

RunArgument = Annotated[
    str,
    typer.Argument(metavar="[RUN|last]", help="A run's id, its beginning, or last.", autocompletion=values.run_ids),
]
NamedRun = Annotated[
    str, typer.Argument(metavar="RUN|last", help="A run's id, its beginning, or last.", autocompletion=values.run_ids)
]
JsonOption = Annotated[bool, typer.Option("--json", help="JSON for programs.")]
YesOption = Annotated[bool, typer.Option("-y", "--yes", help="Do not ask.")]


def command() -> typer.Typer:
    """What one command of the group is registered with."""
    return typer.Typer(rich_markup_mode=None, add_completion=False)


def runs_folder() -> Path:
    """Where runs are kept, as the settings say."""
    from agent.settings import Settings

    return Settings.load(cwd=Path.cwd()).runs_folder


def folder_of(wanted: str) -> Path:
    """The folder of a run, by its id, its beginning, or `last`. Raises `RunError` where there is none."""
    from agent.archive.finding import find

    return find(runs_folder(), wanted)


def pass_over_imports() -> None:
    """From now on the garbage collector leaves alone what imports made, which stays: to look through it again and
    again takes a tenth of the time of a short command."""
    gc.freeze()


def is_held(folder: Path) -> bool:
    """Does a process work on the run?

    Who works on a run holds its journal's lock, and it dies with them. To be looked at before the events are read:
    where nobody held it, nothing can have come behind the last event.
    """
    from memory.journal import held

    return held(folder / "journal.db")


@contextmanager
def reading(folder: Path) -> Iterator[None]:
    """While a run is read: the journal's errors become ours, and a run that somebody deletes meanwhile is told so.

    Raises:
        RunError: it cannot be read; its cause is what the journal said.
    """
    from memory.journal import JournalError

    try:
        yield
    except (JournalError, RunError) as error:
        if not (folder / "journal.db").exists():
            hint = "thinkact runs list shows those that are left"
            raise RunError(f"the run {folder.name} was deleted while it was read", hint=hint) from error
        if isinstance(error, RunError):
            raise
        raise RunError(error.message, hint=error.hint) from error


def facts_of(folder: Path) -> Iterator[Fact]:
    """The events of a run as they are stored. Raises `RunError`, after those that can be read."""
    from agent.archive.stored import facts
    from memory.journal import read_stored

    with reading(folder):
        yield from facts(read_stored(folder / "journal.db"))


def records_of(folder: Path, after: int = 0) -> Iterator[Record]:
    """The events of a run whose number is greater than `after`. Raises `RunError`, after those that can be read."""
    from agent.runs import records

    with reading(folder):
        yield from records(folder, after)


def traces_of(folder: Path) -> Traces:
    """What a run did to its workspace, by its journal."""
    from agent.archive.changes import traces

    return traces(records_of(folder))


def state_of(state: str | None, *, working: bool) -> str:
    """How a run ended, else whether it is under way."""
    return state or ("running" if working else "stopped")


def without_end(run: str, *, begun: bool, working: bool) -> str:
    """What to say of a run that has not ended."""
    if working:
        return f"the run is under way; follow it with: thinkact runs tail {run}"
    if not begun:
        return "the run was stopped before it began; start it anew with: thinkact run GOAL"
    return f"the run was stopped without an end; resume with: thinkact resume {run}"
