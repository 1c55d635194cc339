"""`name=value` words of the command line."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from agent.errors import UsageError


def parse_inputs(words: Sequence[str], flag: str = "--set ") -> dict[str, str]:
    """The pairs by name; of two of one name the last counts. Raises UsageError for a word without `=`."""
    pairs: dict[str, str] = {}
    for word in words:
        name, equals, value = word.partition("=")
        if not equals or not name:
            raise UsageError(f"{flag}{word!r} has no name and value", hint=f"write {flag}name=value")
        pairs[name] = value
    return pairs


def read_value(text: str) -> Any:
    """JSON where it is JSON, else the text itself: so is what is nested too deeply, and NaN, which JSON has not."""
    try:
        return json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return text


def _no_constant(word: str) -> None:
    raise ValueError(f"{word} is no JSON")
