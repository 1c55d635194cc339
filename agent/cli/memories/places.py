"""Which notes are meant: the options that the commands share, and the memory opened."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
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


@contextmanager
def open_memories(namespace: str | None) -> Iterator[Sequence[Recall]]:
    """The notes that are meant: those of a namespace that is named, and no others; else the project's, and behind them
    those that hold everywhere, since a run looks into both."""
    from agent.opening.notes import GLOBAL

    with open_memory(namespace) as own:
        if namespace is not None or own.namespace == GLOBAL:
            yield [own]
            return
        with open_memory(GLOBAL) as everywhere:
            yield [own, everywhere]


def note_of(memories: Sequence[Recall], id: str) -> tuple[Recall, Note]:  # noqa: A002 - the word that users know it by
    """The note that an id means, and the memory that it is in; a beginning is enough where it is one note's. Where
    there is none, a UsageError tells where it is or how to list them."""
    wanted("the note's id", id)
    for recall in memories:
        if (found := recall.get(id)) is not None:
            return recall, found
    begun = [(recall, note) for recall in memories for note in recall.beginning_with(id)]
    if len(begun) == 1:
        return begun[0]
    if len(begun) > 1:
        raise UsageError(f"{plain(id)} begins the ids of {len(begun)} notes", hint="give more of it")
    if (there := memories[0].whereabouts(id)) is not None:
        space = shlex.quote(plain(there))
        raise UsageError(f"the note {plain(id)} is in another namespace", hint=f"add --namespace {space}")
    raise UsageError(f"there is no note {plain(id)} here", hint="thinkact memory list shows all")
