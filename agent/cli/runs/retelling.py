"""A stored run told on the screen, event by event, as it was told when it happened."""

from __future__ import annotations

import time
from pathlib import Path

import typer

from agent.cli.runs.places import is_held, records_of, without_end
from agent.events import Finished, Stopped
from agent.history import History
from agent.screen import Screen, make_console
from agent.settings import Settings
from agent.spending import Allowed

_LOOKS = 0.2  # seconds between two looks for more


def retell(folder: Path, *, pace: float = 0.0, follow: bool = False) -> Finished | Stopped | None:
    """Tell a run on stderr, with `follow` until it ends or is stopped; how it ended, None where it has not."""
    history = History()
    colour = not Settings.load(cwd=Path.cwd()).no_color
    screen = Screen(make_console(colour=colour), history, Allowed(steps=0, tokens=0, usd=None))
    while True:
        working, before = is_held(folder), history.seq
        for record in records_of(folder, before):
            history.apply(record)
            screen(record)
            if pace:
                time.sleep(pace)
        # An end that stood there at the first look, while the run is held, may be about to be gone on from.
        ended_meanwhile = history.ended is not None and 0 < before < history.seq
        if ended_meanwhile or not (follow and working):
            break
        time.sleep(_LOOKS)
    if history.ended is not None:
        screen.report(folder.name, history.ended, resumable=history.ended.state != "reached")
    else:
        screen.pause()
        typer.echo(without_end(folder.name, begun=history.started is not None, working=working), err=True)
    return history.ended
