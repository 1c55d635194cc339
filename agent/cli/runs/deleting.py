"""`thinkact runs delete`: runs removed for good, with their journals and artifacts. Files of workspaces stay.

A run is first taken out of the list, by a new name for its folder, then removed: nobody ever finds half a run. One that
somebody works on is never touched; who begins to just then is seen, and gets it back.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from agent.archive.finding import find, newest
from agent.cli.asking import agreed
from agent.cli.completing import values
from agent.cli.runs.places import YesOption, command, is_held, runs_folder
from agent.cli.saying import say
from agent.errors import UsageError
from agent.quantities import read_duration
from agent.spending import counted

application = command()

_SHOWN = 10
_DELETED = "deleted-"
"""What the name of a folder that is being removed begins with; a run's never does."""


@application.command("delete")
def delete(
    wanted: Annotated[
        list[str] | None,
        typer.Argument(metavar="[RUN|last]...", help="Ids or their beginnings.", autocompletion=values.run_ids),
    ] = None,
    older_than: Annotated[
        str | None, typer.Option("--older-than", metavar="AGE", help="All that nothing was done in for so long: 30d.")
    ] = None,
    yes: YesOption = False,
) -> None:
    """Delete runs with all that is kept of them. Never one that is running; the files of the workspace stay."""
    if bool(wanted) == bool(older_than):
        raise UsageError("name the runs to delete, or --older-than AGE", hint="thinkact runs list shows all")
    runs = runs_folder()
    _sweep(runs)
    folders = [find(runs, one) for one in wanted or ()] or _older(runs, older_than or "")
    folders = list(dict.fromkeys(folders))
    free = [one for one in folders if not is_held(one)]
    for one in (one for one in folders if one not in free):
        say(f"the run {one.name} is being worked on by another process, and stays")
    whole = f"with all that is kept of {'it' if len(free) == 1 else 'them'}"
    if free and not agreed(f"Delete {counted(len(free), 'run')} {whole}?", _named(free), yes=yes):
        say("nothing was deleted")
        raise typer.Exit(1)
    deleted = sum([_delete(one) for one in free])
    say(f"{counted(deleted, 'run')} deleted")
    if deleted < len(folders) and wanted:
        raise typer.Exit(1)


def _older(runs: Path, age: str) -> list[Path]:
    """The runs in which nothing was written for so long, the newest first."""
    try:
        if age.strip().isdecimal():  # seconds elsewhere; here it is mostly days that are meant, and nothing comes back
            raise ValueError(f"a number with its unit, such as {age.strip()}d for days")
        before = time.time() - read_duration(age)
    except ValueError as error:
        raise UsageError(f"--older-than {age}: it must be {error}", hint="30d is thirty days") from error
    return [runs / one for one in newest(runs) if _touched(runs / one) < before]


def _touched(folder: Path) -> float:
    """When something was last written there, in seconds since the epoch; a run that cannot be looked at is new."""
    try:
        return max((one.stat().st_mtime for one in folder.glob("journal.db*") if one.suffix != ".lock"), default=0.0)
    except OSError:
        return time.time()


def _named(folders: Sequence[Path]) -> list[str]:
    more = len(folders) - _SHOWN
    return [f"  {one.name}" for one in folders[:_SHOWN]] + ([f"  and {more} more"] if more > 0 else [])


def _delete(folder: Path) -> bool:
    """Delete one run, unless somebody works on it; is it gone?"""
    aside = folder.with_name(f"{_DELETED}{folder.name}")
    try:
        if is_held(folder):
            raise PermissionError("somebody works on it")
        folder.rename(aside)
        if is_held(aside):  # somebody took it up in between: the lock goes with the folder
            aside.rename(folder)
            raise PermissionError("somebody works on it")
        shutil.rmtree(aside)
    except FileNotFoundError:
        say(f"the run {folder.name} was deleted meanwhile")
        return True
    except OSError as error:
        say(f"the run {folder.name} cannot be deleted: {error.strerror or error}")
        return False
    return True


def _sweep(runs: Path) -> None:
    """Remove what a deletion that was killed left: it is out of the list already."""
    for aside in runs.glob(f"{_DELETED}*"):
        if not is_held(aside):  # another deletion may be about to give it back
            shutil.rmtree(aside, ignore_errors=True)
