"""`thinkact runs export`: a run as one document, to hand on."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from agent.cli.completing import values
from agent.cli.output import tally
from agent.cli.runs.document import markdown
from agent.cli.runs.places import NamedRun, command, folder_of, is_held, records_of, state_of
from agent.cli.tables import json_text
from agent.errors import RunError, UsageError
from agent.history import History
from agent.runs import envelope

application = command()


class Format(StrEnum):
    """What a run is written as."""

    json = "json"
    md = "md"


@application.command("export")
def export(
    wanted: NamedRun,
    how: Annotated[Format, typer.Option("--format", help="json: all of it; md: to be read.")] = Format.json,
    file: Annotated[
        Path | None,
        typer.Option("-o", metavar="FILE", help="Where to; stdout, if not given.", autocompletion=values.files),
    ] = None,
) -> None:
    """Write a run as one document: everything in the journal as JSON, or what happened as Markdown."""
    folder = folder_of(wanted)
    working = is_held(folder)
    records = list(records_of(folder))
    history = History(records)
    if history.started is None:
        raise RunError(f"the run {folder.name} ended before it began", hint="there is nothing to export")
    state = state_of(history.ended.state if history.ended else None, working=working)
    if how is Format.md:
        text = markdown(folder.name, records, history, state)
    else:
        text = json_text({**_head(folder.name, history, state), "events": [envelope(one) for one in records]})
    _write(text, file)


def _write(text: str, file: Path | None) -> None:
    if file is None:
        typer.echo(text, color=True)  # else what looks like a colour is taken out of it
        return
    try:
        file.write_text(f"{text}\n", encoding="utf-8", errors="replace", newline="\n")
    except OSError as error:
        raise UsageError(f"-o {file}: cannot be written: {error.strerror}", hint="name another place") from error


def _head(run: str, history: History, state: str) -> dict[str, Any]:
    """The run in short: the object of `--output json`, and what it was begun with."""
    started, ended = history.started, history.ended
    assert started is not None
    return {
        "format": "thinkact-run",
        "version": 1,
        "run_id": run,
        "thinkact": started.thinkact,
        "goal": dict(history.goal),
        "workspace": started.workspace,
        "model": started.model,
        "state": state,
        "answer": ended.answer if ended else "",
        "reason": ended.reason if ended else "",
        **tally(history),
    }
