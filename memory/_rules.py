"""The rules by which a memory takes texts in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """What becomes of a text that is handed to a memory.

    merge: The same text again is counted, one of nearly the same words takes the older one's place, and so does one
        that contradicts it. False: every text is an entry of its own.
    secrets: What looks like a password, key or token is replaced by a mark ("redact"), or the whole is refused
        ("refuse"), or it is stored as it is ("keep"; for documents, whose words must stay the owner's).
    longest: The most characters of a text; a longer one is refused.
    holds: What it is told to hold, where something is wrong with its file.
    """

    merge: bool = True
    secrets: Literal["redact", "refuse", "keep"] = "redact"
    longest: int = 200_000
    holds: Literal["notes", "documents"] = "notes"


ENTRIES = Rules()
"""For whatever else a program keeps: of any length that is read at once, and a secret does not stop it."""

NOTES = Rules(secrets="refuse", longest=4_000)
"""For what an agent or a person notes: short, and whoever writes a secret into it is told."""

PASSAGES = Rules(merge=False, secrets="keep", holds="documents")
"""For passages of documents."""
