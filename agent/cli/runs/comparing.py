"""`thinkact runs diff`: what a run changed in its workspace, file by file, against what is there now."""

from __future__ import annotations

from typing import Any

import typer

from agent.archive.changes import Traces
from agent.cli.runs.differences import Difference, differences, unified
from agent.cli.runs.disk import opened
from agent.cli.runs.places import JsonOption, RunArgument, command, folder_of, records_of
from agent.cli.tables import as_json
from agent.errors import RunError
from agent.history import History
from agent.spending import counted
from agent.terminal import plain

application = command()


@application.command("diff")
def diff(wanted: RunArgument = "last", as_data: JsonOption = False) -> None:
    """Show what a run changed in its workspace: how each file was before the run, against how it is now."""
    folder = folder_of(wanted)
    history, traces = History(), Traces()
    for record in records_of(folder):
        history.apply(record)
        traces.apply(record)
    traces.close()
    if history.started is None:
        raise RunError(f"the run {folder.name} ended before it began", hint="there is nothing to compare")
    with opened(folder, history.started.workspace) as disk:
        found = differences(traces, disk)
    if as_data:
        as_json([_plain(one) for one in found])
    for one in () if as_data else found:
        for line in unified(one):
            typer.echo(line)
    if not found and not as_data:
        typer.echo("nothing differs from what was there before the run", err=True)
    for note in notes(traces):
        typer.echo(f"thinkact: {plain(note)}", err=True)


def notes(traces: Traces) -> list[str]:
    """What nobody saw, in a line each."""
    told = [
        f"{one.tool}({', '.join(one.paths)}) dealt with a folder: of that nothing is kept" for one in traces.folders
    ]
    if traces.programs:
        told.append(f"{counted(traces.programs, 'program')} ran: beside these files nobody saw what was changed")
    return told


def _plain(one: Difference) -> dict[str, Any]:
    return {
        "path": one.path,
        "change": one.change,
        "from": one.moved_from,
        "before": _side(one.known, one.before_sha256, one.before_bytes),
        "now": _side(True, one.now_sha256, one.now_bytes),
        "diff": None if one.lines is None else "\n".join(one.lines),
        "note": one.note or None,
    }


def _side(known: bool, sha256: str | None, count: int) -> dict[str, Any] | None:
    return {"bytes": count, "sha256": sha256} if known and sha256 is not None else None
