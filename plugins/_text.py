"""Text as others wrote it: mended so that it can be stored, shown in one line, and matched with what was meant."""

from __future__ import annotations

import json
from collections.abc import Iterable
from traceback import format_exception
from typing import Any

_SHOWN = 80  # characters of a value in a complaint
_AS_GOOD = 0.12  # a name less like it than the best by more than this is not meant
_LONGEST_NAME = 100  # a longer word is no misspelt name


def mend(text: str) -> str:
    """The text with every lone surrogate replaced by U+FFFD, so that it can be encoded; pairs become one character."""
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text


def show(value: Any) -> str:
    """A value in one short line for a complaint: as JSON, control characters escaped, long ones cut."""
    if isinstance(value, str):
        cut = value if len(value) <= _SHOWN else value[:_SHOWN] + "…"
        return json.dumps(mend(cut), ensure_ascii=False)
    if isinstance(value, list | tuple):
        return "a list"
    if isinstance(value, dict):
        return "an object"
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    if isinstance(value, int) and value.bit_length() > 4 * _SHOWN:
        return "a number of very many digits"
    text = str(value) if isinstance(value, int | float) else f"a value of the type {type(value).__name__}"
    return text[:_SHOWN]


def said(error: BaseException) -> str:
    """What an exception says; "" where it cannot even say that."""
    try:
        return mend(str(error))
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001  an exception's own text is foreign code
        return ""


def in_words(error: BaseException) -> str:
    """An exception as its name and what it says; one that cannot even say what it is, is named."""
    name, words = type(error).__name__, said(error)
    return f"{name}: {words}" if words else name


def traced(error: BaseException) -> str:
    """An exception's traceback, for the journal; "" where even that cannot be told."""
    try:
        return mend("".join(format_exception(error)))
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001  an exception's own parts are foreign code
        return ""


def nearest(word: str, names: Iterable[str], *, count: int = 3) -> list[str]:
    """The names most like a word, best first; none where nothing is like it. The order of a name's parts and its
    case do not count: `file-read` is near `read_file`."""
    from difflib import SequenceMatcher  # only a mistake needs it

    if len(word) > _LONGEST_NAME:
        return []
    wanted = _parts(word)
    ranked = []
    for name in sorted(set(names)):
        parts = _parts(name)
        likeness = max(
            SequenceMatcher(None, "_".join(left), "_".join(right)).ratio()
            for left, right in ((wanted, parts), (sorted(wanted), sorted(parts)))
        )
        if likeness >= 0.6 or (len(word) > 2 and wanted == parts[: len(wanted)]):
            ranked.append((-likeness, name))
    ranked.sort()
    return [name for likeness, name in ranked[:count] if likeness <= ranked[0][0] + _AS_GOOD]


def _parts(name: str) -> list[str]:
    return [part for part in name.casefold().replace("-", "_").replace(".", "_").replace(" ", "_").split("_") if part]
