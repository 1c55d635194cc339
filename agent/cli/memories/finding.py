"""`memory search` and `memory list`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agent.cli.memories.places import JsonOption, NamespaceOption, NoteKind, open_memories, wanted
from agent.cli.tables import as_json, fitted, table
from agent.terminal import plain

if TYPE_CHECKING:
    from memory.recall import Hit

_UNDER = " " * 6
_KEPT = "\u00a0"  # a space at which no line is folded

KindOption = Annotated[NoteKind | None, typer.Option("--kind", help="Only notes of this kind.")]


def search(
    query: Annotated[str, typer.Argument(help="What to look for.")],
    count: Annotated[int, typer.Option("-k", "--count", min=1, help="How many notes at most.")] = 5,
    kind: KindOption = None,
    why: Annotated[bool, typer.Option("--why", help="Show what each score is made of.")] = False,
    namespace: NamespaceOption = None,
    as_data: JsonOption = False,
) -> None:
    """Find notes, best first, with score and origin. Ends with 1 where nothing is relevant."""
    query = wanted("the query", query)
    with open_memories(namespace) as memories:
        from memory.recall import FLOOR

        where = {"kind": kind.value} if kind else None
        found = [(one.namespace, hit) for one in memories for hit in one.search(query, count, where)]
        here = memories[0].namespace
    hits = sorted((one for one in found if one[1].score >= FLOOR), key=lambda one: -one[1].score)[:count]
    if as_data:
        as_json([_told(hit) | {"namespace": space} for space, hit in hits])
    else:
        _show(hits, here, why=why)
    if not hits:
        typer.echo("nothing relevant", err=True)
        raise typer.Exit(1)


def _told(hit: Hit) -> dict[str, Any]:
    return {
        "id": hit.id,
        "text": hit.text,
        "score": round(hit.score, 4),
        "why": dict(hit.why),
        "kind": hit.kind,
        "origin": hit.origin,
        "date": hit.date,
        "metadata": dict(hit.metadata),
    }


def _show(hits: Sequence[tuple[str, Hit]], here: str, *, why: bool) -> None:
    rows = [
        [f"{hit.score:.2f}", hit.id, hit.date, hit.kind, hit.origin, _elsewhere(space, here) + hit.text]
        for space, hit in hits
    ]
    if not why:
        table(rows)
        return
    for (_, hit), row in zip(hits, rows, strict=True):
        for line in fitted("  ".join(map(plain, row)), frame=_UNDER):
            typer.echo(line)
        for line in fitted(f"{_UNDER}{parts(hit.why)}", frame=_UNDER):
            typer.echo(line.replace(_KEPT, " "))


def _elsewhere(namespace: str, here: str) -> str:
    """What is said before a note that is not of the namespace in which one is."""
    return "" if namespace == here else f"[{namespace}] "


def parts(why: Mapping[str, float | None]) -> str:
    """What a score is made of, in a line to be folded between its parts; one that was not weighed is a dash."""
    return "  ".join(f"{name}{_KEPT}{'–' if value is None else f'{value:.2f}'}" for name, value in why.items())


def list_notes(
    namespace: NamespaceOption = None,
    kind: KindOption = None,
    most: Annotated[int, typer.Option("--most", min=1, help="How many, the newest first.")] = 50,
    everything: Annotated[bool, typer.Option("--all", help="Also those that another has replaced.")] = False,
    as_data: JsonOption = False,
) -> None:
    """List notes, the newest first."""
    with open_memories(namespace) as memories:
        wanted_kind = kind.value if kind else None
        found = [note for one in memories for note in one.list(most, 0, superseded=everything, kind=wanted_kind)]
        here = memories[0].namespace
        spaces = {one.namespace for one in memories}
        others = [] if found else [name for name in memories[0].namespaces() if name not in spaces]
    notes = sorted(found, key=lambda note: -note.created)[:most]
    if as_data:
        from memory.recall import told

        as_json([told(note) | {"date": note.date} for note in notes])
    elif notes:
        hidden = {note.id: f"replaced by {note.superseded_by}: " for note in notes if note.superseded_by}
        said = {note.id: _elsewhere(note.namespace, here) + hidden.get(note.id, "") + note.text for note in notes}
        table([[note.id, note.date, note.kind, note.origin, said[note.id]] for note in notes])
    else:
        there = f"; there are some in the namespaces {', '.join(map(repr, others[:5]))}" if others else ""
        typer.echo(f"there are no notes here{there}", err=True)
