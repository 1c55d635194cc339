"""Where a text stands in a journal, word for word: asked after a note was forgotten that a run may repeat."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from ._journal_reading import reading

__all__ = ["mentions"]


def mentions(file: Path, texts: Sequence[str]) -> bool:
    """Does one of these texts stand in a journal as it is written, in whatever event? The checksums are not looked at.

    Raises:
        JournalError: it cannot be read.
    """
    # As they stand within a JSON string, in UTF-8; and as within one that is itself kept as a string.
    once = [json.dumps(text, ensure_ascii=False)[1:-1] for text in texts if text]
    forms = dict.fromkeys([*once, *(json.dumps(form, ensure_ascii=False)[1:-1] for form in once)])
    if not forms:
        return False
    held = " OR ".join("instr(body, ?) > 0" for _ in forms)
    with reading(file) as connection:
        return connection.execute(f"SELECT 1 FROM row WHERE {held} LIMIT 1", tuple(forms)).fetchone() is not None
