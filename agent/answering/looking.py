"""The passages that are looked at for an answer without a model."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from agent.answering.aspects import said_otherwise
from agent.answering.wanted import wanted_of

_RESERVED = 4
"""Of so many passages one is looked for by other words than the question's."""


_PLURAL = re.compile(r"\b([a-z]{4,})s\b", re.IGNORECASE)


class _Passage(Protocol):
    @property
    def id(self) -> str: ...


Found = TypeVar("Found", bound=_Passage)


def look(question: str, search: Callable[[str, int], Sequence[Found]], count: int) -> list[Found]:
    """The passages nearest to a question, best first, `count` at most, the last of them by words that its answer may
    have instead of its own: of what is asked for by "is it open" a document may have nothing but the hours. Of a model
    that is not needed: it is asked with the nearest."""
    nearest = list(search(question, count))
    others = f"{said_otherwise(wanted_of(question).aspects)} {' '.join(_PLURAL.findall(question))}".strip()
    if not others:
        return nearest
    known = {one.id for one in nearest}
    wider = [one for one in search(f"{question} {others}", count) if one.id not in known][: count // _RESERVED]
    return [*nearest[: count - len(wider)], *wider]
