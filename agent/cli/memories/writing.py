"""`memory add`, `memory edit` and `memory forget`."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agent.cli.asking import agreed
from agent.cli.completing import values
from agent.cli.memories.places import JsonOption, NamespaceOption, NoteArgument, NoteKind, note_of, open_memories
from agent.cli.memories.repeated import repeated, sentences
from agent.cli.saying import say
from agent.cli.tables import as_json, when
from agent.cli.terminals import is_terminal
from agent.errors import UsageError
from agent.quantities import read_duration
from agent.spending import counted
from agent.terminal import plain

if TYPE_CHECKING:
    from memory.recall import Note, Recall

_WHY = {"near": "says nearly the same", "contradiction": "it contradicts", "replaced": "it was named"}
_YES = typer.Option("-y", "--yes", help="Do not ask.")


def add(
    text: Annotated[str, typer.Argument(help="The note; - takes it from stdin.")],
    kind: Annotated[NoteKind, typer.Option("--kind", help="What it is.")] = NoteKind.note,
    replaces: Annotated[
        str | None,
        typer.Option("--replaces", metavar="ID", help="The note that it corrects.", autocompletion=values.note_ids),
    ] = None,
    expires: Annotated[
        str | None, typer.Option("--expires", metavar="AGE", help="For how long it is to be found: 90d.")
    ] = None,
    namespace: NamespaceOption = None,
    as_data: JsonOption = False,
) -> None:
    """Store a note; prints its id. What it replaces is kept as its history."""
    if text == "-":
        text = sys.stdin.read()
    end = _end(expires)
    with open_memories(namespace) as memories:
        recall, older = memories[0], None
        if replaces is not None:
            recall, replaced = note_of(memories, replaces)  # which may hold everywhere: so does what corrects it
            older = replaced.id
        before = {one.id for one in recall.similar(text)}
        id = recall.add(text, kind=kind.value, origin="user", supersedes=older, expires=end)  # noqa: A001
        hidden = recall.history(id)
        similar = [one for one in recall.similar(text) if one.id in before and one.id != id]
        note = recall.get(id)
    # One that says nearly the same goes on counting where the older one stopped.
    new = note is not None and (note.copies == 1 or (bool(hidden) and note.copies == hidden[0].copies + 1))
    newly = hidden[:1] if new else []
    if as_data:
        as_json({"id": id, "copies": note.copies if note else 1, "replaced": [one.id for one in newly]})
    else:
        typer.echo(id)
    _tell(note, newly, similar)


def _end(expires: str | None) -> float | None:
    if expires is None:
        return None
    try:
        if expires.strip().isdecimal():  # seconds elsewhere; here it is mostly days that are meant
            raise ValueError(f"a number with its unit, such as {expires.strip()}d for days")
        return time.time() + read_duration(expires)
    except ValueError as error:
        raise UsageError(f"--expires {expires}: it must be {error}", hint="90d is ninety days") from error


def _tell(note: Note | None, hidden: list[Note], similar: list[Note]) -> None:
    """What became of the notes that there were, for the person."""
    if note is not None and note.copies > 1 and not hidden:
        say(f"known already: said {note.copies} times by now")
    for one in hidden:
        say(f"takes the place of {one.id} ({_WHY.get(one.superseded_why or '', 'replaced')}): {plain(one.text)}")
    for one in similar:
        say(f"see also {one.id}: {plain(one.text)}")
    if similar:
        which = similar[0].id if len(similar) == 1 else "ID"
        say(f"if this corrects {'it' if len(similar) == 1 else 'one of them'}: add it with --replaces {which}")


def edit(
    note: NoteArgument,
    text: Annotated[str | None, typer.Option("--text", help="Its new text; without it, your editor is opened.")] = None,
    kind: Annotated[NoteKind | None, typer.Option("--kind", help="What it is.")] = None,
    expires: Annotated[
        str | None, typer.Option("--expires", metavar="AGE", help="For how long it is to be found: 90d, or never.")
    ] = None,
    namespace: NamespaceOption = None,
    as_data: JsonOption = False,
) -> None:
    """Correct a note under the id that it has. What it was is kept as its history."""
    changes: dict[str, Any] = {}
    if kind is not None:
        changes["kind"] = kind.value
    if expires is not None:
        changes["expires"] = None if expires.strip().casefold() == "never" else _end(expires)
    with open_memories(namespace) as memories:
        recall, found = note_of(memories, note)
        if found.superseded_by is not None:
            raise UsageError(
                f"the note {found.id} was replaced by {found.superseded_by}", hint=f"edit {found.superseded_by}"
            )
        if text is None and not changes:
            text = _written_anew(found)
        if text is not None:
            changes |= {"text": text, "origin": "user"}
        recall.edit(found.id, **changes)
        new = recall.get(found.id)
    if as_data:
        from memory.recall import told

        as_json(told(new) if new else {})
    elif new is not None:
        ends = f", until {when(new.expires)}" if new.expires else ""
        typer.echo(f"{new.id} ({new.kind}{ends}): {plain(new.text)}")


def _written_anew(note: Note) -> str:
    """The text of a note as the person left it in the editor."""
    if not (is_terminal(sys.stdin) and is_terminal(sys.stdout)):
        raise UsageError("say what is to be changed", hint="--text, --kind or --expires; at a terminal an editor opens")
    import click

    try:
        written = click.edit(note.text, extension=".md")
    except click.ClickException as error:
        raise UsageError(error.message, hint="set EDITOR, or give --text") from error
    if written is None or written.strip() == note.text.strip():
        say("nothing was changed")
        raise typer.Exit(1)
    return written


def forget(
    notes: Annotated[
        list[str] | None, typer.Argument(metavar="[ID]...", help="Their ids.", autocompletion=values.note_ids)
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="Every note of the namespace.")] = False,
    yes: Annotated[bool, _YES] = False,
    namespace: NamespaceOption = None,
    as_data: JsonOption = False,
) -> None:
    """Remove notes for good, with what they had replaced: from the rows, the words, the vectors and the index."""
    if bool(notes) == everything:
        raise UsageError("name the notes to forget, or --all", hint="thinkact memory list shows all")
    from agent.settings import Settings

    with open_memories(namespace) as memories:
        recall = memories[0]
        meant = [note_of(memories, one) for one in notes or ()] or [(recall, one) for one in _all_of(recall, yes=yes)]
        texts = sentences(old for where, note in meant for old in _with_history(where, note))
        if everything:
            recall.forget_all()
            gone = [note.id for _, note in meant]
        else:
            gone = [note.id for where, note in meant if where.forget(note.id)]  # one that is named twice is gone then
        left = repeated(recall, texts, gone, Settings.load(cwd=Path.cwd()).runs_folder)
        here = recall.namespace
    if as_data:
        as_json({"forgotten": gone} | left.fields())
        return
    if everything:
        typer.echo(f"forgotten: {counted(len(gone), 'note')}")
    else:
        for one in gone:
            typer.echo(f"forgotten: {plain(one)}")
    left.tell(here)


def _with_history(recall: Recall, note: Note) -> Iterator[Note]:
    """A note and all that it had replaced, which is forgotten with it."""
    yield note
    for older in recall.history(note.id):
        yield from _with_history(recall, older)


def _all_of(recall: Recall, *, yes: bool) -> list[Note]:
    notes = recall.list(recall.count())
    if notes and not agreed(f"Forget all {counted(len(notes), 'note')} of {recall.namespace} for good?", [], yes=yes):
        say("nothing was forgotten")
        raise typer.Exit(1)
    return notes
