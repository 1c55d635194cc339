"""Screens kept as text: what a person sees, compared with a file beside the tests.

What differs from run to run (ids, places, hashes, times) is replaced by words of the same meaning. To write the files
anew after a change that was wanted: `THINKACT_WRITE_SCREENS=1 python -m pytest tests/test_first_hour.py`, then read the
difference.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pyte

from tests.place import ROOT, Place

SCREENS = ROOT / "tests" / "screens"
_CHANGING = (
    (re.compile(r"\d{8}-\d{6}-[0-9a-z]{4}"), "RUN"),
    (re.compile(r"sha256 [0-9a-f]{12}"), "sha256 HASH"),
    (re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?"), "DATE"),
    (re.compile(r"\b\d+(\.\d+)? s\b"), "TIME"),
    (re.compile(r"\ba-[0-9a-f]{12,}"), "HANDLE"),
    (re.compile(r"\b[0-9a-f]{16}\b"), "NOTE"),
    (re.compile(r"\btest_\w+-[0-9a-f]{6}\b"), "PROJECT"),
)


def seen(shown: str, *, columns: int = 80, lines: int = 200) -> str:
    """What stands on a terminal of so many columns after all that was written to it, its empty end left out."""
    screen = pyte.Screen(columns, lines)
    pyte.Stream(screen).feed(shown)
    return "\n".join(line.rstrip() for line in screen.display).rstrip() + "\n"


def told(text: str, place: Place) -> str:
    """A text without what differs from run to run."""
    text = text.replace(str(place.folder), "PLACE")
    for pattern, word in _CHANGING:
        text = pattern.sub(word, text)
    return text


def must_be(name: str, text: str, place: Place) -> None:
    """The text is that of the file `tests/screens/NAME.txt`."""
    file = SCREENS / f"{name}.txt"
    now = told(text, place)
    if os.environ.get("THINKACT_WRITE_SCREENS"):
        SCREENS.mkdir(exist_ok=True)
        file.write_text(now, "utf-8")
    assert now == Path(file).read_text("utf-8"), f"{file.name} shows another screen"
