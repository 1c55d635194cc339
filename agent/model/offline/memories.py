"""Notes of earlier runs beside the documents of this one: what was read anew is told by the document, not by memory."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from agent.model.offline.findings import Finding, matter_of, repeats
from agent.model.offline.prose import prose
from agent.model.offline.transcript import Note
from agent.model.offline.words import sentences


def unread(notes: Sequence[Note], found: Sequence[Finding]) -> list[Note]:
    """The notes that neither name a document of these findings nor repeat a sentence of it. Figures do not count in
    the comparison: a note may hold one that the document has no more."""
    names = {one.source for one in found}
    told = [words for one in found for sentence in prose(one.text) if (words := matter_of(sentence))]
    return [note for note in notes if not any(_names(note.text, one) for one in names) and not _repeated(note, told)]


def _names(text: str, source: str) -> bool:
    name = _plain(source)
    # A longer path may end in this one's name; other scripts put no space before a name.
    pattern = rf"(?<![A-Za-z0-9_/\-]){re.escape(name)}(?![A-Za-z0-9_/\-])"
    return name != "" and re.search(pattern, _plain(text)) is not None


def _plain(text: str) -> str:
    """A text in which a path has one spelling."""
    return re.sub(r"(?<![\w./])\./", "", unicodedata.normalize("NFC", text).replace("\\", "/"))


def _repeated(note: Note, told: Sequence[set[str]]) -> bool:
    own = [words for one in sentences(note.text) if (words := matter_of(one))]
    return any(repeats(words, other) for words in own for other in told)
