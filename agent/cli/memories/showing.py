"""`memory show` and `memory stats`."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import typer

from agent.cli.memories.places import JsonOption, NamespaceOption, NoteArgument, note_of, open_memories, open_memory
from agent.cli.tables import as_json, fitted, json_text, table, when
from agent.terminal import neutral, plain

if TYPE_CHECKING:
    from memory.recall import Note, Recall


def show(note: NoteArgument, namespace: NamespaceOption = None, as_data: JsonOption = False) -> None:
    """Show one note whole: its text, where it came from, how often it was used, and what it replaced."""
    from memory.recall import told

    with open_memories(namespace) as memories:
        recall, found = note_of(memories, note)
        before = recall.history(found.id)
    if as_data:
        as_json(told(found) | {"date": found.date, "history": [told(one) for one in before]})
        return
    for line in neutral(found.text).split("\n"):
        for part in fitted(line, frame=""):
            typer.echo(part)
    table([[name, value] for name, value in _facts(found).items() if value])
    for one in before:
        said = f", said {one.copies} times" if one.copies > 1 else ""
        typer.echo(f"before {when(one.created)} ({one.superseded_why or 'replaced'}{said}): {plain(one.text)}")


def _facts(note: Note) -> dict[str, str]:
    return {
        "id": note.id,
        "kind": note.kind,
        "namespace": note.namespace,
        "origin": note.origin,
        "added": when(note.created) + (f", {note.copies} times" if note.copies > 1 else ""),
        "run": (note.run or "") + (f", step {note.step}" if note.step is not None else ""),
        "used": f"{note.uses} times, last {when(note.used)}" if note.used else "",
        "expires": when(note.expires) if note.expires else "",
        "label": note.label or "",
        "context": note.context,
        "metadata": " ".join(json_text(dict(note.metadata)).split()) if note.metadata else "",
        "replaced by": f"{note.superseded_by} ({note.superseded_why})" if note.superseded_by else "",
    }


def stats(namespace: NamespaceOption = None, as_data: JsonOption = False) -> None:
    """Tell what is remembered: how many notes of each kind and origin, how they are found, how large it all is."""
    with open_memory(namespace) as recall:
        told = _told(recall)
    if as_data:
        as_json(told)
        return
    lines = {name: _line(value) for name, value in told.items() if value not in (None, {}, [])}
    if told["index"] == "exact scan":
        lines.pop("waiting", None)  # so few are compared one by one: there is no index that lacks them
    elif told["waiting"]:
        lines["waiting"] += " changes for the vector index; thinkact memory rebuild makes it now"
    table([[name.replace("_", " "), line] for name, line in lines.items()])


def _told(recall: Recall) -> dict[str, Any]:
    found, counts = recall.stats(), recall.counts()
    return {
        "namespace": recall.namespace,
        "notes": found.notes,
        "superseded": found.superseded,
        "kinds": _summed((kind, count) for kind, _, count in counts),
        "origins": _summed((origin, count) for _, origin, count in counts),
        "embedder": found.embedder,
        "why": found.why,
        "vectors": found.vectors,
        "embedded": found.embedded,
        "index": found.index,
        "waiting": found.waiting,
        "bytes": found.bytes,
        "file": str(recall.path),
        "namespaces": recall.namespaces(),
    }


def _summed(pairs: Any) -> dict[str, int]:
    summed: Counter[str] = Counter()
    for name, count in pairs:
        summed[name] += count
    return dict(summed.most_common())


def _line(value: object) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{count} {name}" for name, count in value.items())
    if isinstance(value, list):
        return ", ".join(map(str, value))
    return f"{value:,}" if isinstance(value, int) else str(value)
