"""`thinkact runs list`: the runs in one line each."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import typer

from agent.cli.runs.places import JsonOption, command, facts_of, is_held, pass_over_imports, runs_folder, state_of
from agent.cli.tables import as_json, cell, table
from agent.errors import RunError
from agent.terminal import plain

application = command()

SHOWN = 20
"""So many runs are listed for a person who does not say how many."""


@application.command("list")
def list_runs(
    as_data: JsonOption = False,
    most: Annotated[
        int | None, typer.Option("--most", min=1, help="How many, the newest first; else 20, and in JSON all.")
    ] = None,
) -> None:
    """List the runs, the newest first."""
    from agent.archive.finding import newest

    runs = runs_folder()
    pass_over_imports()
    names = list(newest(runs))
    found = (_row(runs / name) for name in names)
    shown = most if most is not None or as_data else SHOWN
    rows = list(islice((row for row in found if row is not None), shown))
    if as_data:
        as_json(rows)
    elif not rows:
        typer.echo("there is no run yet; start one with: thinkact run GOAL", err=True)
    else:
        head = ["RUN", "STATE", "STEPS", "TOKENS", "USD", "GOAL"]
        table([head, *([cell(row[name.lower()]) for name in head] for row in rows)])
        if len(rows) == shown and (more := len(names) - len(rows)) > 0:
            typer.echo(f"{more} more: thinkact runs list --most {len(names)}", err=True)
        for fault in filter(None, (row["fault"] for row in rows)):
            typer.echo(f"thinkact: {plain(fault)}", err=True)


def _row(folder: Path) -> dict[str, Any] | None:
    """A run for the listing; None where it was deleted since its name was read."""
    from agent.archive.summary import Summary

    summary, fault = Summary(), None
    working = is_held(folder)
    try:
        for fact in facts_of(folder):
            summary.apply(fact)
        state = state_of(summary.state, working=working)
    except RunError as error:
        if not (folder / "journal.db").exists():
            return None
        fault, state = error, _fault_state(error)
    return {
        "run": folder.name,
        "state": state,
        "steps": summary.steps,
        "tokens": summary.spend.tokens,
        "usd": round(summary.spend.usd, 4) if summary.spend.priced else None,
        "seconds": round(summary.seconds, 1),
        "goal": summary.goal,
        "fault": None if fault is None else "; ".join(filter(None, [fault.message, fault.hint])),
    }


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
