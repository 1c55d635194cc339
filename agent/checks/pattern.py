"""Regular expressions of the user's goal, under a clock: one that runs away must not hold the run."""

from __future__ import annotations

from collections.abc import Iterator

from plugins import ToolError

SECONDS = 10.0
"""So long may a pattern look through one text."""


def count(pattern: str, text: str, *, where: str, seconds: float = SECONDS) -> int:
    """How often a pattern is found, `^` and `$` at every line.

    Raises:
        ToolError: it takes longer than so many seconds, or cannot be used; `where` names the text.
    """
    import regex

    return sum(1 for _ in _watched(pattern, text, where, seconds, flags=regex.MULTILINE))


def first(pattern: str, text: str, *, where: str, seconds: float = SECONDS) -> str | None:
    """The first place where a pattern is found, None where there is none. Raises as `count`."""
    return next(_watched(pattern, text, where, seconds), None)


def _watched(pattern: str, text: str, where: str, seconds: float, *, flags: int = 0) -> Iterator[str]:
    import regex

    try:
        for found in regex.finditer(pattern, text, flags=flags, timeout=seconds):
            yield found.group()
    except TimeoutError as error:
        raise ToolError(f"the regular expression {pattern} took longer than {seconds:g} seconds on {where}") from error
    except regex.error as error:
        raise ToolError(f"the regular expression {pattern} cannot be used: {error}") from error
