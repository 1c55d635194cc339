"""The converter of the tools, as a library takes it."""

from __future__ import annotations

from collections.abc import Callable

from memory.library import Converted, NotConverted
from plugins import ToolError
from plugins._convert import Limits, convert

MOST_BYTES = Limits().bytes
"""Of a file."""
_EXPECTED = "decoded from "  # how a note begins that tells of nothing that is missing
_EMPTY = "(empty)"  # what the converter writes for a sheet without cells


def converted(content: bytes, name: str, *, cancelled: Callable[[], bool]) -> Converted:
    """The text of a file; see `memory.library.Convert`."""
    try:
        document = convert(content, name=name, cancelled=cancelled)
    except ToolError as error:
        raise NotConverted(f"{error.message}; {error.hint}" if error.hint else error.message) from error
    return Converted(
        kind=document.kind,
        parts=[(part.place, part.text) for part in document.parts if part.text != _EMPTY],
        marked=document.marked,
        title=document.title,
        notes=[note for note in document.notes if not note.startswith(_EXPECTED)],
    )
