"""`thinkact runs`: look at the runs there were, and at the one that is.

A run without an end is either under way or was killed. Its journal's lock tells which: whoever works on a run holds
it, and it dies with them. It is looked at before the events are read: where nobody held it, nothing can have come
behind the last event.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TextIO

import typer

from agent.cli.tables import as_json, table
from agent.terminal import neutral, plain

if TYPE_CHECKING:
    from agent.errors import RunError
    from agent.history import History

application = typer.Typer(
    name="runs", help="Look at runs: list, show, tail, replay.", no_args_is_help=True, rich_markup_mode=None
)

RunArgument = Annotated[str, typer.Argument(metavar="[RUN|last]", help="A run's id, its beginning, or last.")]
JsonOption = Annotated[bool, typer.Option("--json", help="JSON for programs.")]


def _folder(wanted: str) -> Path:
    from agent.runs import folder_of
    from agent.settings import Settings

    return folder_of(Settings.load(cwd=Path.cwd()).runs_folder, wanted)


def _held(folder: Path) -> bool:
    from memory.journal import held

    return held(folder / "journal.db")


@application.command("list")
def list_runs(
    as_data: JsonOption = False,
    most: Annotated[int, typer.Option("--most", min=1, help="How many, the newest first.")] = 20,
) -> None:
    """List the runs, the newest first."""
    from agent.runs import listed
    from agent.settings import Settings

    runs = Settings.load(cwd=Path.cwd()).runs_folder
    rows = [_row(runs / name) for name in reversed(listed(runs)[-most:])]
    if as_data:
        as_json(rows)
    elif not rows:
        typer.echo("there is no run yet; start one with: thinkact run GOAL", err=True)
    else:
        head = ["RUN", "STATE", "STEPS", "TOKENS", "USD", "GOAL"]
        table([head, *([_cell(row[name.lower()]) for name in head] for row in rows)])
        for fault in filter(None, (row["fault"] for row in rows)):
            typer.echo(f"thinkact: {plain(fault)}", err=True)


def _cell(value: object) -> str:
    """A value for people: money with its cents, what is not known as a dash."""
    return "–" if value is None else f"{value:.2f}" if isinstance(value, float) else str(value)


def _row(folder: Path) -> dict[str, Any]:
    from agent.errors import RunError
    from agent.history import History
    from agent.runs import records

    history, fault = History(), None
    working = _held(folder)
    try:
        for record in records(folder):
            history.apply(record)
        state = _state(history, working)
    except RunError as error:
        fault, state = error, _fault_state(error)
    goals = history.started.goal.get("goals", "") if history.started else ""
    return {
        "run": folder.name,
        "state": state,
        "steps": history.step,
        "tokens": history.spend.tokens,
        "usd": round(history.spend.usd, 4) if history.spend.priced else None,
        "seconds": round(history.seconds, 1),
        "goal": "; ".join(map(str, goals)) if isinstance(goals, list) else str(goals),
        "fault": None if fault is None else "; ".join(filter(None, [fault.message, fault.hint])),
    }


def _state(history: History, working: bool) -> str:
    """How a run ended, else whether it is under way."""
    return history.ended.state if history.ended is not None else "running" if working else "stopped"


def _fault_state(error: RunError) -> str:
    """One word for why a journal could not be read to its end."""
    from agent.events import UnknownEvent
    from memory.journal import JournalBusy, JournalDamaged, JournalNewer

    match error.__cause__:
        case JournalDamaged():
            return "damaged"
        case JournalNewer() | UnknownEvent():
            return "newer"
        case JournalBusy():
            return "busy"
    return "unreadable"


@application.command("show")
def show(wanted: RunArgument = "last", as_data: JsonOption = False) -> None:
    """Tell a run from its journal: every step, call, result, check and cost."""
    from agent.runs import envelope, records

    folder = _folder(wanted)
    if as_data:
        as_json([envelope(record) for record in records(folder)])
        return
    _tell(folder, output=sys.stdout)


@application.command("replay")
def replay(
    wanted: RunArgument = "last",
    pace: Annotated[float, typer.Option("--pace", min=0, help="Seconds between two events.")] = 0.0,
) -> None:
    """Tell the run again as it was, with no model and no tool call; the answer goes to stdout."""
    ended = _tell(_folder(wanted), pace=pace)
    if ended is not None and ended.answer.strip():
        typer.echo(neutral(ended.answer.strip()), color=True)  # else what looks like a colour is taken out of it


def _tell(folder: Path, *, pace: float = 0.0, follow: bool = False, output: TextIO | None = None) -> Any:
    """Tell a run on stderr, or where it is wanted, with `follow` until it ends or is stopped; how it ended, None where
    it has not."""
    from agent.history import History
    from agent.runs import records
    from agent.screen import Screen, make_console
    from agent.settings import Settings

    history = History()
    colour = not Settings.load(cwd=Path.cwd()).no_color
    screen = Screen(make_console(colour=colour, write=(lambda: output) if output else None), history, _allowed())
    while True:
        working, before = _held(folder), history.seq
        for record in records(folder, before):
            history.apply(record)
            screen(record)
            if pace:
                time.sleep(pace)
        # An end that stood there at the first look, while the run is held, may be about to be gone on from.
        ended_meanwhile = history.ended is not None and 0 < before < history.seq
        if ended_meanwhile or not (follow and working):
            break
        time.sleep(0.2)
    if history.ended is not None:
        screen.report(folder.name, history.ended, resumable=history.ended.state != "reached")
    else:
        screen.pause()
        typer.echo(_without_end(folder.name, history, working), file=output or sys.stderr)
    return history.ended


def _without_end(run: str, history: History, working: bool) -> str:
    """What to say of a run that has not ended."""
    if working:
        return f"the run is under way; follow it with: thinkact runs tail {run}"
    if history.started is None:
        return "the run was stopped before it began; start it anew with: thinkact run GOAL"
    return f"the run was stopped without an end; resume with: thinkact resume {run}"


def _allowed() -> Any:
    from agent.spending import Allowed

    return Allowed(steps=0, tokens=0, usd=None)


@application.command("tail")
def tail(
    wanted: RunArgument = "last",
    follow: Annotated[bool, typer.Option("--follow/--no-follow", help="Wait for more until the run ends.")] = True,
) -> None:
    """Tell a run while another process works on it, until it ends."""
    _tell(_folder(wanted), follow=follow)
