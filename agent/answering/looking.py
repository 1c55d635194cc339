"""The passages that are looked at for an answer without a model, and those that are shown where there is none."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from agent.answering.aspects import said_otherwise
from agent.answering.wanted import wanted_of
from agent.model.offline.words import IDEOGRAPH, terms

_RESERVED = 4
"""Of so many passages one is looked for by other words than the question's."""


_WORDS = 12
"""So many words of a question are looked for one by one."""
_WORD = re.compile(rf"[^\W_{IDEOGRAPH}]+|[{IDEOGRAPH}]{{2}}")
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


def sharing(question: str, search: Callable[[str, int], Sequence[Found]], count: int) -> list[Found]:
    """Passages that have a word of a question, where nothing near enough was found for the whole of it: those with its
    longest words first, `count` at most."""
    found: dict[str, Found] = {}
    words = [one for one in _WORD.findall(question) if terms(one)]
    for word in sorted(dict.fromkeys(words), key=len, reverse=True)[:_WORDS]:
        for one in search(word, count):
            found.setdefault(one.id, one)
    return list(found.values())[:count]
