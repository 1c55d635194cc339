"""What is summed up: the text of a file or document with its places, and its key sentences."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from itertools import groupby
from typing import TYPE_CHECKING

from plugins._contract import Context, ToolError
from plugins._decoding import SAMPLE
from plugins._documents import Places, described, is_document, opened, unmarked, without_text
from plugins._paging import read_text
from plugins._sought import sought
from plugins._weight import weigh

if TYPE_CHECKING:
    from plugins._extract import Sentence

__all__ = ["Matter", "extracted", "key_sentences", "listed", "read_matter"]

_SENTENCES, _MOST_SENTENCES = 8, 30  # of a short text and of one as long as a book
_SHORT = 16_000  # weight of a short text
_MORE = 3.5  # sentences for each doubling of it
_QUOTED = 600  # characters of a sentence that are shown; what has no sentences, such as a table, is one long one
_PIECE = 1_000_000  # weight that is searched for sentences at once, since that takes memory


@dataclass(frozen=True, slots=True, kw_only=True)
class Matter:
    """A text, what it is called, where in it what stands, and what its reader should know."""

    text: str
    name: str
    places: Places = field(default_factory=Places)
    notes: tuple[str, ...] = ()

    def told(self, summary: str, *how: str) -> str:
        """The summary, and under it what it is of and how it was made."""
        return f"{summary}\n\n[{'; '.join([f'summary of {self.name}', *filter(None, how), *self.notes])}]"


def read_matter(path: str, context: Context) -> Matter:
    """The text of a file of the workspace.

    Raises:
        ToolError: there is none, it is neither a text nor a document, too large, or says nothing.
    """
    if is_document(path, context.workspace.read(path, limit=SAMPLE)):
        document = opened(context, path)
        text, places = unmarked(document)
        if not text.strip():
            raise without_text(document, path)
        return Matter(text=text, name=described(document, path), places=places, notes=document.notes)
    text, encoding, content = read_text(context.workspace, path, doing="summarise")
    if not text.strip():
        raise ToolError(f"'{path}' is empty: there is nothing to summarise", hint="name another file")
    text = encoding.read(content) if encoding.broken else text
    return Matter(text=text.replace("\r\n", "\n").replace("\r", "\n"), name=path)


def extracted(matter: Matter, question: str, context: Context) -> str:
    """Key sentences of all of it, each with its place; those of a text with sections stand under their titles."""
    from plugins._citing import Marks  # its patterns take a while to compile: not before they are needed

    weight = weigh(matter.text)
    count = min(_MOST_SENTENCES, round(_SENTENCES + _MORE * max(0.0, math.log2(weight / _SHORT))))
    looked = sought(question, matter.text)
    found, marks = key_sentences(matter.text, looked.known, context, count), Marks(matter.text, matter.places)
    nothing = looked.nothing_in("it")
    told = [f"{nothing} What it says most of all:"] if nothing else []
    for title, own in groupby(found, key=lambda one: marks.section(one.line)):
        lines = [f"- {shown(one.text)} ({matter.places.of(one.line)})" for one in own]
        told.append("\n".join([f"## {title}", *lines] if title and len(found) > 1 else lines))
    # A text without any words has no sentences; its beginning is still the best that there is.
    return "\n\n".join(told if found else [*told, matter.text.strip()[:500]])


def listed(sentences: Sequence[Sentence]) -> str:
    """Sentences without their places."""
    return "\n".join(f"- {shown(one.text)}" for one in sentences)


def shown(sentence: str) -> str:
    """A sentence as it is quoted."""
    return sentence if len(sentence) <= _QUOTED else f"{sentence[:_QUOTED].rstrip()} …"


def key_sentences(text: str, question: str, context: Context, count: int) -> list[Sentence]:
    """The sentences of a text of any length that say most, at most `count`, in its order.

    Raises:
        ToolError: the call was given up.
    """
    from plugins._extract import summarize  # the same
    from plugins._passages import passages

    pieces = passages(text, weight=_PIECE) or [""]
    total, above = weigh(text), 0
    found: list[Sentence] = []
    for piece in pieces:
        if context.cancelled:
            raise ToolError("the call was given up", kind="cancelled")
        # Where nothing is asked every piece has its share; of what is asked one may tell all.
        own = count if question or len(pieces) == 1 else max(1, round(count * weigh(piece) / total))
        found += [replace(one, line=one.line + above) for one in summarize(piece, sentences=own, question=question)]
        above += piece.count("\n")
    if len(pieces) == 1:
        return found
    places = {one.text: one for one in reversed(found)}
    best = summarize("\n\n".join(one.text for one in found), sentences=count, question=question)
    return [places.get(one.text, one) for one in best] if question else found[:count]
