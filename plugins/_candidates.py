"""The sentences of a text that a summary may quote, and how well each stands alone.

Headings, tables, code, contents and link lists are not among them, unless the text has nothing else. A sentence loses
by being a scrap, a screed or a question, by only leading over, by hanging on the one before it ("He …", "因此…"), by
quotation marks or brackets that close elsewhere, and by being figures and signs rather than words. Beginnings that hang
are the one thing here that knows languages, and only weigh.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from plugins._inline import cleaned
from plugins._passages import Block, blocks
from plugins._sentences import sentences
from plugins._terms import terms
from plugins._weight import weigh

__all__ = ["Candidate", "candidates"]


@dataclass(slots=True)
class Candidate:
    """A sentence, cleaned of inline Markdown. `line` counts from 1, `section` is the place of its heading among those
    of the text, `heading` the terms of the headings above it. `position` is how much its place speaks for it and
    `fitness` how well it stands alone, both 0 to 1; `terms` are as of `terms`. The rest is for who chooses."""

    text: str
    line: int
    section: int
    position: float
    fitness: float
    heading: frozenset[str]
    terms: dict[str, float]
    place: int = 0  # its rank in the text
    novelty: float = 1.0
    score: float = 0.0


_URL = re.compile(r"https?://\S+|www\.\S+")
_FULL_STOP = re.compile(r"[.!?。！？｡։؟।॥።။។…;；][\"'”’»」』）)】》\]]*$")
_CONTENTS = re.compile(r"^.*(?:(?:\.\s?){4,}|…{2,}|(?:·\s?){4,}|_{4,})\s*\d{1,4}\s*$", re.MULTILINE)
_LABEL = re.compile(r"\W*[^\s:：]{1,12}[:：]")
_HANGS = re.compile(
    r"(?:and|but|so|then|however|also|he|she|it|they|his|her|its|their|this|that|these|those|such|here|there|thus|hence|"
    r"therefore|moreover|again|otherwise|for example|er|es|dies\w*|aber|und|doch|dann|sonst|ils?|elles?|cela|ceci|mais|"
    r"et|donc|ensuite|pero|esto|eso|ellos?|ellas?)\b|"
    r"[他她它]们?|[这那此]|因此|所以|但|而[且是]?|于是|然后|另外|同时|其[中次他]|还有|不过|可是|然而|接着|后来|例如|比如|也|又|"
    r"それ|これ|その|この|しかし|また|そして",
    re.IGNORECASE,
)
_BAR = re.compile(r"(?<!\\)\|")
_PAIRS = (("“", "”"), ("「", "」"), ("『", "』"), ("（", "）"), ("(", ")"), ("[", "]"), ("《", "》"))
_QUOTABLE = 6.0  # worth of terms from which a sentence is not punished for being short
_LONG = 300  # weight from which a sentence is punished for being long
_LABELLED = 50  # weight up to which what begins with a label ("Date: …") is no statement


def candidates(text: str, *, asked: bool = False) -> list[Candidate]:
    """The sentences of a text, in its order. Where it has none (a bare list), its items or lines are taken instead;
    none without words. Where something is `asked`, items, lines of code, and rows of tables with the names of their
    columns are among them too."""
    parts = blocks(_CONTENTS.sub("", text))
    found: list[Candidate] = []
    lists: list[Candidate] = []
    headings: list[tuple[int, str]] = []
    about: frozenset[str] = frozenset()
    section = 0
    fresh, last = True, max((at for at, part in enumerate(parts) if part.kind == "text"), default=-1)
    for at, part in enumerate(parts):
        if part.kind == "heading":
            while headings and headings[-1][0] >= part.level:
                headings.pop()
            headings.append((part.level, part.text))
            about = frozenset(terms(" ".join(words for _, words in headings)))
            section += 1
            fresh = True
        elif part.kind in ("text", "item"):
            own = _of_block(part, about, section, fresh=fresh, last=at == last)
            (found if asked or part.kind == "text" or _FULL_STOP.search(part.text) else lists).extend(own)
            fresh = False
        elif asked:
            found += [_candidate(words, line, about, section) for line, words in _lines(part)]
    if not found:
        found = lists or [one for part in parts for one in _of_block(part, frozenset(), 0, fresh=False, last=False)]
    found = found if asked else _without_fragments(found)
    found.sort(key=lambda one: one.line)
    for place, one in enumerate(found):
        one.place = place
    if found:
        found[0].position = 1.0
    return [one for one in found if one.terms]


def _without_fragments(found: list[Candidate]) -> list[Candidate]:
    """Without lines that no full stop ends (captions, rows, running heads) where most have one."""
    ended = [one for one in found if _FULL_STOP.search(one.text) or one.text.endswith((":", "："))]
    return ended if len(ended) > 0.5 * len(found) else found


def _of_block(part: Block, about: frozenset[str], section: int, *, fresh: bool, last: bool) -> list[Candidate]:
    own = []
    for order, (offset, words) in enumerate(sentences(part.text)):
        position = (0.7 if fresh else 0.35) if order == 0 else 0.0
        if last:
            position = max(position, 0.45)
        listed = part.kind == "item"
        own.append(_candidate(words, part.line_at(offset), about, section, position=position, listed=listed))
    return own


def _candidate(
    words: str, line: int, about: frozenset[str], section: int, *, position: float = 0.0, listed: bool = True
) -> Candidate:
    held = terms(_URL.sub(" ", words))
    return Candidate(words, line, section, position, _fitness(words, held, listed=listed), about, held)


def _lines(part: Block) -> Iterator[tuple[int, str]]:
    """The lines of code, or the rows of a table as "Line: B; Price: 4.20", with their numbers."""
    ends = [*part.starts[1:], len(part.text)]
    lines = [part.text[start:end].strip() for start, end in zip(part.starts, ends, strict=True)]
    if part.kind == "code":
        yield from ((part.line + at, line) for at, line in enumerate(lines) if not line.startswith(("```", "~~~")))
        return
    rows = [[cleaned(cell.replace(r"\|", "|")) for cell in _BAR.split(line.strip("|"))] for line in lines]
    named = len(rows) > 1 and all(re.fullmatch(":?-{3,}:?", cell) for cell in rows[1])
    columns = rows[0] if named else []
    for at, row in enumerate(rows[2:] if named else rows, part.line + 2 * named):
        if len(row) == len(columns):
            cells = [f"{name}: {cell}" if name else cell for name, cell in zip(columns, row, strict=True) if cell]
        else:
            cells = [cell for cell in row if cell]
        yield at, "; ".join(cells)


def _fitness(words: str, held: Mapping[str, float], *, listed: bool) -> float:
    weight = max(1, weigh(words))
    fitness = min(1.0, sum(held.values()) / _QUOTABLE) * min(1.0, _LONG / weight)
    if words.endswith(("?", "？", "؟")):
        fitness *= 0.6
    elif words.endswith((":", "：")):
        fitness *= 0.3
    elif not _FULL_STOP.search(words):
        fitness *= 0.7
    if weight <= _LABELLED and _LABEL.match(words):
        fitness *= 0.6
    if _HANGS.match(words):
        fitness *= 0.8
    if any(words.count(opens) != words.count(closes) for opens, closes in _PAIRS) or words.count('"') % 2:
        fitness *= 0.75
    if sum(map(str.isalpha, words)) < 0.55 * len(words.replace(" ", "")):
        fitness *= 0.5
    return fitness * (0.8 if listed else 1.0) * (0.6 if _URL.search(words) else 1.0)
