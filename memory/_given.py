"""What callers hand in, looked at before anything is done with it: a notebook has no type checker."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from ._note_errors import RecallError


def wrong(what: str, value: object, meant: str, *, hint: str, error: type[RecallError] = RecallError) -> RecallError:
    """The complaint that something is not what it is meant to be, naming what kind of thing was given."""
    return error(f"{what} is to be {meant}, not {_given(value)}", hint=hint)


def _given(value: object) -> str:
    if value is None:
        return "None"
    if isinstance(value, int) and abs(value) > 10**20:  # Python writes out no number of thousands of digits
        return "so large a number"
    return f"{value!r:.60}" if isinstance(value, int | float) else type(value).__name__


def text_of(value: object, what: str, *, hint: str = "turn what you have into a text") -> str:
    """A text; anything else is refused."""
    if not isinstance(value, str):
        raise wrong(what, value, "a text", hint=hint)
    return value


def id_of(value: object) -> str:
    """A note's id."""
    return text_of(value, "a note's id", hint="take it from a hit, or from list()")


def whole(value: Any, what: str, *, least: int, hint: str = "give a whole number") -> int:
    """A whole number of at least `least`, such as numpy's too."""
    try:
        number = operator.index(value)
    except TypeError:
        raise wrong(what, value, "a whole number", hint=hint) from None
    if isinstance(value, bool) or number < least:
        raise wrong(what, value, f"a whole number of at least {least}", hint=hint)
    return number


def number_of(
    value: object, what: str, *, hint: str = "give a number", error: type[RecallError] = RecallError
) -> float:
    """A number, whole or not."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise wrong(what, value, "a number", hint=hint, error=error)
    return value


def mapping_of(value: object, what: str, *, error: type[RecallError] = RecallError) -> None:
    """A mapping; anything else is refused."""
    if not isinstance(value, Mapping):
        raise wrong(what, value, "a mapping", hint='name keys and values, such as {"source": "survey"}', error=error)


def several(value: Any, what: str, *, hint: str) -> Iterable[Any]:
    """Several things; a single text, whose letters would be taken for them, is refused, and so is a mapping."""
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable):
        raise RecallError(f"{what} are to be a list or the like, not {_given(value)}", hint=hint)
    return value


def callable_of(value: Callable[..., None] | None, what: str) -> None:
    """Something that can be called, or None."""
    if value is not None and not callable(value):
        raise wrong(what, value, "a function", hint="give one that can be called, or leave it out")
