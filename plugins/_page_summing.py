"""Several pages as one text that is summed up, and the citations in its summary as links to the pages and headings
that the points came from."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from plugins._contract import Context
from plugins._documents import Places
from plugins._matter import Matter, extracted
from plugins._page import Page
from plugins._page_places import PagePlaces, linked, plain
from plugins._passages import headings
from plugins._weight import weigh

__all__ = ["sources_told", "summarised"]

_LONGEST = 400_000  # characters of one page; of ten that is a book
_APART = 400  # weight between two places that are told apart
_LINKS = 4  # in one citation
_CITED = re.compile(r"[\[(]sections? (\d[\d, -]*)[\])]")
_RANGE = re.compile(r"(\d+)(?:-(\d+))?")
_FOOT = "\n\n[summary of "


@dataclass(frozen=True, slots=True)
class _Section:
    """A place in all of the text: which page, and what it is called there."""

    page: int
    name: str
    url: str


def summarised(pages: Sequence[Page], question: str, context: Context, *, within: float) -> str:
    """One summary of all pages, each point with links to where it came from.

    Raises:
        ToolError: the model cannot be had, or the call was given up.
    """
    matter, sections = _joined(pages)
    if context.ask is None:
        found = extracted(matter, question, context)
        told = matter.told(found, "extractive: sentences taken from the pages, no model")
    else:
        from plugins._summing import Summing  # its patterns take a while to compile: not before they are needed

        told = Summing(matter, question, context, context.ask, within=within).summarise()
    body, foot, how = told.rpartition(_FOOT)
    return f"{_with_links(body, sections)}{foot}{how}"


def sources_told(pages: Sequence[Page], failed: Mapping[str, str]) -> str:
    """The pages that were read, and those that could not be."""
    lines = ["Pages:"]
    for number, page in enumerate(pages, 1):
        dated = f", {page.date}" if page.date else ""
        notes = [one for one in page.notes if one.startswith("cut")]
        cut = f" ({'; '.join(notes)})" if notes else ""
        lines.append(f"{number}. {linked(plain(page.title), page.url)}{dated}{cut}")
    lines += [f"Not read: {url}: {why}" for url, why in failed.items()]
    return "\n".join(lines)


def _joined(pages: Sequence[Page]) -> tuple[Matter, dict[int, _Section]]:
    """All pages as one text, and its sections by their numbers from 1."""
    lines: list[str] = []
    starts: list[int] = []
    sections: dict[int, _Section] = {}
    notes: list[str] = []
    for number, page in enumerate(pages):
        text, places = page.text, PagePlaces(page)
        if len(text) > _LONGEST:
            text = text[:_LONGEST]
            notes.append(f"of {page.url} the first {_LONGEST:,} characters")
        dated = f", {page.date}" if page.date else ""
        title = plain(page.title) or page.url
        own = text.split("\n")
        for line in _starts(page, text, own):
            starts.append(len(lines) + line + (1 if line > 1 else -1))
            sections[len(starts)] = _Section(number, places.name(line) or title, places.url(line))
        lines += [f"# {title} (page {number + 1} of {len(pages)}{dated})", "", *own, ""]
    names = tuple(f"section {at}" for at in sections)
    name = "1 page of the web" if len(pages) == 1 else f"{len(pages)} pages of the web"
    return Matter(text="\n".join(lines), name=name, places=Places(tuple(starts), names), notes=tuple(notes)), sections


def _starts(page: Page, text: str, lines: Sequence[str]) -> list[int]:
    """The lines of a page, from 1, with which a place of it begins: always the first."""
    last = len(lines)
    wanted = page.places.starts if page.places else [line for line, _, _ in headings(text)]
    found = [1]
    for line in wanted:
        if 1 < line <= last and (page.places or _is_apart(lines, found[-1], line)):
            found.append(line)
    return found


def _is_apart(lines: Sequence[str], since: int, line: int) -> bool:
    held = 0
    for text in lines[since - 1 : line - 1]:
        held += weigh(text)
        if held >= _APART:
            return True
    return since == 1 and any(text.strip() and not text.startswith("#") for text in lines[: line - 1])


def _with_links(text: str, sections: Mapping[int, _Section]) -> str:
    def told(found: re.Match[str]) -> str:
        numbers = [
            number
            for one in _RANGE.finditer(found[1])
            for number in range(int(one[1]), min(int(one[2] or one[1]), int(one[1]) + len(sections)) + 1)
        ]
        links = list(dict.fromkeys(linked(sections[at].name, sections[at].url) for at in numbers if at in sections))
        more = f"; {len(links) - _LINKS} more" if len(links) > _LINKS else ""
        return f"({'; '.join(links[:_LINKS])}{more})" if links else ""

    return _CITED.sub(told, text)
