"""`memory rebuild`, with how far it has come."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import typer

from agent.cli.memories.places import JsonOption, NamespaceOption, open_memory
from agent.cli.saying import say
from agent.cli.tables import as_json
from agent.cli.terminals import is_terminal
from agent.spending import counted

_MANY = 5_000
"""From so many notes on it is said where nobody sees a bar."""


def rebuild(namespace: NamespaceOption = None, as_data: JsonOption = False) -> None:
    """Make the words, vectors and vector index of the notes anew, and mend a damaged file; no note that can be read is
    lost."""
    with open_memory(namespace) as recall, _bar() as progress:
        count = recall.rebuild(progress=progress)
    if as_data:
        as_json({"notes": count})
    else:
        typer.echo(f"{counted(count, 'note')} can be found by {'its' if count == 1 else 'their'} words and vectors")


@contextmanager
def _bar() -> Iterator[Callable[[str, int, int], None]]:
    """What is told how far it is: a bar at a terminal, and elsewhere a line for each part that takes a while."""
    if not is_terminal(sys.stderr):
        yield _lines()
        return
    from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

    from agent.screen import make_console
    from agent.settings import Settings

    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(bar_width=24),
        TextColumn("{task.completed:,.0f}/{task.total:,.0f}", markup=False),
        TimeRemainingColumn(compact=True),
    )
    colour = not Settings.load(cwd=Path.cwd()).no_color
    with Progress(*columns, console=make_console(colour=colour), transient=True) as shown:
        task = shown.add_task("words", total=0)
        yield lambda what, done, of: shown.update(task, description=what, completed=done, total=of)


def _lines() -> Callable[[str, int, int], None]:
    said = set[str]()

    def tell(what: str, done: int, of: int) -> None:  # noqa: ARG001 - as it is called
        if of >= _MANY and what not in said:
            said.add(what)
            say(f"making the {what} of {of:,} notes")

    return tell
