"""Which notes are meant: the options that the commands share, and the memory opened."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from agent.cli.completing import values
from agent.errors import UsageError
from agent.terminal import plain

if TYPE_CHECKING:
    from memory.recall import Note, Recall


class NoteKind(StrEnum):
    """What a note is, in the words of `memory.recall.Kind`."""

    fact = "fact"
    preference = "preference"
    lesson = "lesson"
    episode = "episode"
    note = "note"


NamespaceOption = Annotated[
    str | None,
    typer.Option("--namespace", help="Which notes; this project's, if not given.", autocompletion=values.namespaces),
]
JsonOption = Annotated[bool, typer.Option("--json", help="JSON for programs.")]
NoteArgument = Annotated[str, typer.Argument(help="The note's id.", autocompletion=values.note_ids)]


@contextmanager
def open_memory(namespace: str | None) -> Iterator[Recall]:
    """The notes of a namespace. What cannot be a note or a namespace is wrong usage, all else memory's own trouble."""
    from agent.cli.saying import say
    from agent.opening.store import open_notes
    from agent.settings import Settings
    from memory.embedding import EmbeddingFailed
    from memory.recall import NoteRefused, RecallError

    if namespace is not None and not namespace.strip():
        raise UsageError("a namespace needs a name", hint="leave it out for the default one")
    settings = Settings.load(cwd=Path.cwd())
    try:
        with open_notes(settings, namespace, tell=say) as recall:
            yield recall
    except NoteRefused as error:
        raise UsageError(error.message, hint=error.hint) from error
    except EmbeddingFailed as error:
        raise RecallError(str(error), hint="no note is lost: without vectors, all are found by their words") from error


def wanted(what: str, text: str) -> str:
    """A word of the command line that must not be blank."""
    if not text.strip():
        raise UsageError(f"{what} is empty")
    return text


def note_of(recall: Recall, id: str) -> Note:  # noqa: A002 - the word that users know it by
    """The note that an id means; a beginning of it is enough where it is one note's. Where there is none, the person is
    told and the command ends with 1."""
    found = recall.get(wanted("the note's id", id))
    if found is not None:
        return found
    begun = recall.beginning_with(id)
    if len(begun) == 1:
        return begun[0]
    if len(begun) > 1:
        raise UsageError(f"{plain(id)} begins the ids of {len(begun)} notes", hint="give more of it")
    typer.echo(f"there is no note {plain(id)} here; thinkact memory list shows all", err=True)
    raise typer.Exit(1)
