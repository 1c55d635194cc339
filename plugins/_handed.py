"""What an author's code hands over, checked for its type: authors are not held to the types that we write down.

Each function returns the value as plain Python has it, or raises `TypeError` or `ValueError`; `what` names the value
in the complaint, such as `context.progress: text`.
"""

from __future__ import annotations

import math
import numbers

from plugins._text import mend

__all__ = ["at_least", "content", "flag", "number", "path", "text", "texts", "whole_number"]


def text(value: object, what: str) -> str:
    """Text that can be encoded."""
    return mend(_plain(value, what))


def path(value: object, what: str) -> str:
    """A path as it was written: mended, it would name another file."""
    return _plain(value, what)


def texts(value: object, what: str) -> tuple[str, ...]:
    """A list or tuple of texts. One text alone is not taken for the list of its characters."""
    if not isinstance(value, list | tuple):
        raise _misfit(value, what, "a list or tuple of str")
    return tuple(text(one, f"{what}[{index}]") for index, one in enumerate(value))


def content(value: object, what: str) -> bytes:
    """Bytes, copied where they could still change."""
    if isinstance(value, bytes | bytearray | memoryview):
        return bytes(value)
    advice = "; encode the text first" if isinstance(value, str) else ""
    raise TypeError(f"{what} must be bytes, not {type(value).__name__}{advice}")


def flag(value: object, what: str) -> bool:
    """True or False, and nothing that only counts as it."""
    if isinstance(value, bool):
        return value
    raise _misfit(value, what, "True or False")


def number(value: object, what: str) -> float:
    """A finite number; a whole one stays whole."""
    if isinstance(value, int):
        return whole_number(value, what)
    if not isinstance(value, numbers.Real):
        raise _misfit(value, what, "a number")
    plain = float(value)
    if not math.isfinite(plain):
        raise ValueError(f"{what} must be a finite number")
    return plain


def whole_number(value: object, what: str) -> int:
    """A whole number of at most 64 bits."""
    if isinstance(value, bool) or not isinstance(value, int):
        raise _misfit(value, what, "an int")
    if value.bit_length() > 63:
        raise ValueError(f"{what} must be a number of at most 64 bits")
    return int(value)


def at_least(least: int, value: object, what: str) -> int:
    """A whole number of at least so much."""
    found = whole_number(value, what)
    if found < least:
        raise ValueError(f"{what} must be at least {least}, not {found}")
    return found


def _plain(value: object, what: str) -> str:
    if not isinstance(value, str):
        raise _misfit(value, what, "a str")
    return str.__str__(value)  # a subclass may say something else of itself


def _misfit(value: object, what: str, wanted: str) -> TypeError:
    return TypeError(f"{what} must be {wanted}, not {type(value).__name__}")
