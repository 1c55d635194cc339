"""`thinkact runs`: look at the runs there were, and at the one that is."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, TextIO

import typer

from agent.cli.tables import as_json, table

application = typer.Typer(
    name="runs", help="Look at runs: list, show, tail, replay.", no_args_is_help=True, rich_markup_mode=None
)

RunArgument = Annotated[str, typer.Argument(metavar="[RUN|last]", help="A run's id, its beginning, or last.")]
JsonOption = Annotated[bool, typer.Option("--json", help="JSON for programs.")]


def _folder(wanted: str) -> Path:
    from agent.runs import folder_of
    from agent.settings import Settings

    return folder_of(Settings.load(cwd=Path.cwd()).runs_folder, wanted)


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


def _cell(value: object) -> str:
    """A value for people: money with its cents, what is not known as a dash."""
    return "–" if value is None else f"{value:.2f}" if isinstance(value, float) else str(value)


def _row(folder: Path) -> dict[str, Any]:
    from agent.errors import RunError
    from agent.history import History
    from agent.runs import records

    history = History()
    state = "open"
    try:
        for record in records(folder):
            history.apply(record)
        if history.ended is not None:
            state = history.ended.state
    except RunError as error:
        state = f"damaged: {error.message}"
    goals = history.started.goal.get("goals", "") if history.started else ""
    return {
        "run": folder.name,
        "state": state,
        "steps": history.step,
        "tokens": history.spend.tokens,
        "usd": round(history.spend.usd, 4) if history.spend.priced else None,
        "seconds": round(history.seconds, 1),
        "goal": "; ".join(map(str, goals)) if isinstance(goals, list) else str(goals),
    }


@application.command("show")
def show(wanted: RunArgument = "last", as_data: JsonOption = False) -> None:
    """Tell a run from its journal: every step, call, result, check and cost."""
    from agent.runs import envelope, records

    folder = _folder(wanted)
    if as_data:
        as_json([envelope(record) for record in records(folder)])
        return
    _tell(folder, pace=0.0, output=sys.stdout)


@application.command("replay")
def replay(
    wanted: RunArgument = "last",
    pace: Annotated[float, typer.Option("--pace", min=0, help="Seconds between two events.")] = 0.0,
) -> None:
    """Tell the run again as it was, with no model and no tool call; the answer goes to stdout."""
    from agent.terminal import neutral

    ended = _tell(_folder(wanted), pace=pace)
    if ended is not None and ended.answer.strip():
        answer = ended.answer.strip()
        shown = neutral(answer) if sys.stdout.isatty() else answer.encode("utf-8", "replace").decode()
        typer.echo(shown, color=True)  # else what looks like a colour is taken out of it


def _tell(folder: Path, *, pace: float, output: TextIO | None = None) -> Any:
    """Tell a stored run, on stderr or where it is wanted; how it ended, None where it has not."""
    from agent.history import History
    from agent.runs import records
    from agent.screen import Screen, make_console
    from agent.settings import Settings

    history = History()
    colour = not Settings.load(cwd=Path.cwd()).no_color
    screen = Screen(make_console(colour=colour, write=(lambda: output) if output else None), history, _allowed())
    for record in records(folder):
        history.apply(record)
        screen(record)
        if pace:
            time.sleep(pace)
    if history.ended is not None:
        screen.report(folder.name, history.ended, resumable=history.ended.state != "reached")
    return history.ended


def _allowed() -> Any:
    from agent.spending import Allowed

    return Allowed(steps=0, tokens=0, usd=None)


@application.command("tail")
def tail(
    wanted: RunArgument = "last",
    follow: Annotated[bool, typer.Option("--follow/--no-follow", help="Wait for more until the run ends.")] = True,
) -> None:
    """Tell a run while another process works on it, until it ends."""
    from agent.history import History
    from agent.screen import Screen, make_console
    from agent.settings import Settings

    folder = _folder(wanted)
    history = History()
    screen = Screen(make_console(colour=not Settings.load(cwd=Path.cwd()).no_color), history, _allowed())
    for record in _following(folder, follow):
        history.apply(record)
        screen(record)
    if history.ended is not None:
        screen.report(folder.name, history.ended, resumable=history.ended.state != "reached")


def _following(folder: Path, follow: bool) -> Iterator[Any]:
    """The events so far and those to come, until the run has ended; an end with more behind it was gone on from."""
    from agent.events import Finished, Stopped
    from agent.runs import records

    last = None
    while True:
        for record in records(folder, last.seq if last else 0):
            last = record
            yield record
        ended = last is not None and isinstance(last.event, Finished | Stopped) and not last.path
        if ended or not follow:
            return
        time.sleep(0.2)
