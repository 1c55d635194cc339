"""`thinkact memory`: long-term memory, by hand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli.completing import values
from agent.cli.tables import as_json, table
from agent.errors import UsageError
from agent.terminal import plain

if TYPE_CHECKING:
    from memory.recall import Recall

application = typer.Typer(
    name="memory",
    help="Long-term memory: add, search, list, forget, rebuild.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


class NoteKind(StrEnum):
    """What a note is, in the words of `memory.recall.Kind`."""

    fact = "fact"
    preference = "preference"
    lesson = "lesson"
    episode = "episode"
    note = "note"


NamespaceOption = Annotated[
    str | None,
    typer.Option("--namespace", help="Which notes; the default ones, if not given.", autocompletion=values.namespaces),
]
JsonOption = Annotated[bool, typer.Option("--json", help="JSON for programs.")]


@contextmanager
def _memory(namespace: str | None) -> Iterator[Recall]:
    """The notes of a namespace. What cannot be a note or a namespace is wrong usage, all else memory's own trouble."""
    from agent.settings import Settings
    from memory.recall import NOTES, NoteRefused, Recall

    if namespace is not None and not namespace.strip():
        raise UsageError("a namespace needs a name", hint="leave it out for the default one")
    settings = Settings.load(cwd=Path.cwd())
    file = settings.memory_folder / "notes.db"
    try:
        with Recall(file, namespace=namespace or settings.namespace or "default", rules=NOTES) as recall:
            yield recall
    except NoteRefused as error:
        raise UsageError(error.message, hint=error.hint) from error


def _wanted(what: str, text: str) -> str:
    """A word of the command line that must not be blank."""
    if not text.strip():
        raise UsageError(f"{what} is empty")
    return text


@application.command("add")
def add(
    text: Annotated[str, typer.Argument(help="The note.")],
    kind: Annotated[NoteKind, typer.Option("--kind", help="What it is.")] = NoteKind.note,
    namespace: NamespaceOption = None,
) -> None:
    """Store a note; prints its id."""
    with _memory(namespace) as recall:
        typer.echo(recall.add(text, kind=kind.value, origin="user"))


@application.command("search")
def search(
    query: Annotated[str, typer.Argument(help="What to look for.")],
    count: Annotated[int, typer.Option("-k", "--count", min=1, help="How many notes at most.")] = 5,
    namespace: NamespaceOption = None,
    as_data: JsonOption = False,
) -> None:
    """Find notes, best first, with score and origin. Ends with 1 where nothing is relevant."""
    query = _wanted("the query", query)
    with _memory(namespace) as recall:
        hits = recall.search(query, count)
    if as_data:
        as_json(
            [
                {
                    "id": hit.id,
                    "text": hit.text,
                    "score": round(hit.score, 4),
                    "why": dict(hit.why),
                    "kind": hit.kind,
                    "origin": hit.origin,
                    "date": hit.date,
                }
                for hit in hits
            ]
        )
    else:
        table([[f"{hit.score:.2f}", hit.id, hit.date, hit.origin, hit.text] for hit in hits])
    if not hits:
        typer.echo("nothing relevant", err=True)
        raise typer.Exit(1)


@application.command("list")
def list_notes(
    namespace: NamespaceOption = None,
    most: Annotated[int, typer.Option("--most", min=1, help="How many, the newest first.")] = 50,
    as_data: JsonOption = False,
) -> None:
    """List notes, the newest first."""
    with _memory(namespace) as recall:
        notes = recall.list(most, 0)
    if as_data:
        as_json([{"id": n.id, "text": n.text, "kind": n.kind, "origin": n.origin, "date": n.date} for n in notes])
    elif notes:
        table([[n.id, n.date, n.kind, n.origin, n.text] for n in notes])
    else:
        typer.echo("there are no notes here", err=True)


@application.command("forget")
def forget(
    note: Annotated[str, typer.Argument(help="The note's id.", autocompletion=values.note_ids)],
    namespace: NamespaceOption = None,
) -> None:
    """Remove a note, from the text index and the vectors too."""
    note = _wanted("the note's id", note)
    with _memory(namespace) as recall:
        found = recall.forget(note)
    if not found:
        typer.echo(f"there is no note {plain(note)} here; thinkact memory list shows all", err=True)
        raise typer.Exit(1)
    typer.echo(f"forgotten: {plain(note)}")


@application.command("rebuild")
def rebuild(namespace: NamespaceOption = None) -> None:
    """Make the words, vectors and vector index of the notes anew; no note is lost."""
    with _memory(namespace) as recall:
        count = recall.rebuild()
    typer.echo(f"{count} notes can be found by their words and vectors")
