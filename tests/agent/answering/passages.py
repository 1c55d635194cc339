"""Passages to ask, and what is told of them without a model."""

from __future__ import annotations

from collections.abc import Sequence

from agent.answering import Evidence, quote


def passage(text: str, *, number: int = 1, file: str = "a.md", place: str = "lines 1-9", heading: str = "") -> Evidence:
    """One passage, as a search gives it."""
    return Evidence(number=number, id=f"id{number}", file=file, place=place, heading=heading, text=text, score=0.5)


def passages(*rows: tuple[str, str, str]) -> list[Evidence]:
    """Passages by their files, the headings above them and their texts, numbered from 1."""
    return [passage(text, number=n, file=file, heading=heading) for n, (file, heading, text) in enumerate(rows, 1)]


def told(question: str, evidence: Sequence[Evidence]) -> list[str]:
    """The sentences that answer a question, the best first."""
    return [one.text for one in quote(question, evidence).statements]
