"""`memory search` and `memory list`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agent.cli.memories.places import JsonOption, NamespaceOption, NoteKind, open_memory, wanted
from agent.cli.tables import as_json, table

if TYPE_CHECKING:
    from memory.recall import Hit

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
    with open_memory(namespace) as recall:
        from memory.recall import FLOOR

        found = recall.search(query, count, {"kind": kind.value} if kind else None)
        hits = [hit for hit in found if hit.score >= FLOOR]
    if as_data:
        as_json([_told(hit) for hit in hits])
    else:
        _show(hits, why=why)
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


def _show(hits: Sequence[Hit], *, why: bool) -> None:
    rows = [[f"{hit.score:.2f}", hit.id, hit.date, hit.kind, hit.origin, hit.text] for hit in hits]
    if not why:
        table(rows)
        return
    for hit, row in zip(hits, rows, strict=True):
        table([row])
        typer.echo(f"      {parts(hit.why)}")


def parts(why: Mapping[str, float | None]) -> str:
    """What a score is made of, in a line; a part that was not weighed is a dash."""
    return "  ".join(f"{name} {'–' if value is None else f'{value:.2f}'}" for name, value in why.items())


def list_notes(
    namespace: NamespaceOption = None,
    kind: KindOption = None,
    most: Annotated[int, typer.Option("--most", min=1, help="How many, the newest first.")] = 50,
    everything: Annotated[bool, typer.Option("--all", help="Also those that another has replaced.")] = False,
    as_data: JsonOption = False,
) -> None:
    """List notes, the newest first."""
    with open_memory(namespace) as recall:
        notes = recall.list(most, 0, superseded=everything, kind=kind.value if kind else None)
        others = [] if notes else [name for name in recall.namespaces() if name != recall.namespace]
    if as_data:
        from memory.recall import told

        as_json([told(note) | {"date": note.date} for note in notes])
    elif notes:
        hidden = {note.id: f"replaced by {note.superseded_by}: " for note in notes if note.superseded_by}
        table([[n.id, n.date, n.kind, n.origin, hidden.get(n.id, "") + n.text] for n in notes])
    else:
        there = f"; there are some in the namespaces {', '.join(map(repr, others[:5]))}" if others else ""
        typer.echo(f"there are no notes here{there}", err=True)
