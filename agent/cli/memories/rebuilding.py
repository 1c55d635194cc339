"""`memory rebuild`, with how far it has come."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer

from agent.cli.completing import values
from agent.cli.memories.places import JsonOption, open_memory
from agent.cli.saying import say
from agent.cli.tables import as_json
from agent.cli.terminals import is_terminal
from agent.spending import counted
from agent.terminal import plain

_MANY = 5_000
"""From so many notes on it is said where nobody sees a bar."""


_NAMED = 8  # namespaces that are counted by name


def rebuild(
    namespace: Annotated[
        str | None,
        typer.Option(
            "--namespace",
            help="Vectors and index of these notes; of all, if not given.",
            autocompletion=values.namespaces,
        ),
    ] = None,
    as_data: JsonOption = False,
) -> None:
    """Make the words, vectors and vector indexes of the notes anew, and mend a damaged file; no note that can be read
    is lost."""
    counts: dict[str, int] = {}
    with _bar() as progress:
        with open_memory(namespace) as recall:
            counts[recall.namespace] = recall.rebuild(progress=progress)
            others = [] if namespace is not None else [one for one in recall.namespaces() if one != recall.namespace]
        for other in others:
            with open_memory(other) as recall:
                counts[other] = recall.rebuild(progress=progress, words=False)
    if as_data:
        as_json({"notes": sum(counts.values()), "namespaces": counts})
    else:
        typer.echo(_told({name: count for name, count in counts.items() if count}))


def _told(counts: Mapping[str, int]) -> str:
    """How many notes can be found, and in which namespaces, where there are several."""
    count = sum(counts.values())
    where = f" in {len(counts)} namespaces" if len(counts) > 1 else ""
    line = f"{counted(count, 'note')}{where} can be found by {'its' if count == 1 else 'their'} words and vectors"
    if not where:
        return line
    most = sorted(counts, key=lambda name: (-counts[name], name))
    named = [f"{plain(name)} {counts[name]:,}" for name in most[:_NAMED]]
    rest = [f"{len(most) - _NAMED} more"] if len(most) > _NAMED else []
    return f"{line}: {', '.join([*named, *rest])}"


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
