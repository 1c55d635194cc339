"""What of a passage may answer a question: its sentences, and the rows of its tables."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from agent.answering.evidence import Evidence
from agent.answering.naming import days_in
from agent.model.offline.prose import quotes

_PROSE = 120
"""Characters from which a cell of a table is prose, and no value."""
_COLUMN = 60  # characters up to which a header's cell names a column
_LONE = ("row", "A")
_DAY_COLUMNS = 2  # of a table with so many the columns are days
_FENCED = re.compile(r"^ {0,3}(```|~~~).*?(?:^ {0,3}\1[^\n]*$|\Z)", re.MULTILINE | re.DOTALL)
_LABEL = re.compile(r"[^\W\d]+(?: [^\W\d]+)?\s?[:：]|(?:Tele)?[Pp]hone\b|[Ee]-?mail\b")
"""How a sentence begins that goes on from the one before: "The office is upstairs. Telephone: ..."."""
_FORMULA = re.compile(r"=\s*[A-Z(+\-]", re.IGNORECASE)
"""A cell of a sheet that holds how it is worked out, and no value."""
_HOURS = re.compile(r"(?<=: )(\d{1,2})\s?[-–—]\s?(\d{1,2})(?=;|$)")
"""Hours, as a table with days has them."""
_TITLED = re.compile(r"(?:lines?|pages?|slides?) 1\b")
_TITLE = re.compile(r"(?!.*[.!?;:。！？；：]$)[^|\n]{3,80}")
"""What the first line of a text without headings is like that is its title."""
_CELL = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence, or the row of a table, whose `columns` are named. `above` are the headings that it stands under, of
    which `heading` is the last; `before` is the sentence that it goes on from ("It is ..."); `said` is how it is told,
    `quote` its own words; `cells` are those of a row, each with the name of its column."""

    evidence: Evidence
    said: str
    quote: str
    above: str
    before: str = ""
    heading: str = ""
    columns: str = ""
    cells: tuple[tuple[str, str], ...] = ()

    @property
    def under(self) -> list[str]:
        """All that it stands under, the nearest first: the sentence before, the headings, the name of the file."""
        headings = self.above.replace(" > ", "\n").split("\n")
        return [self.before, *reversed(headings), self.evidence.file.rpartition("/")[2]]

    @property
    def with_hours(self) -> str:
        """How it is told, with the hours of a row that has days (`8-12`) as times."""
        return _HOURS.sub(r"\1:00-\2:00", self.said) if self.cells and days_in(self.said) else self.said

    def on(self, days: Collection[int]) -> Candidate:
        """Of a row whose columns are days, what it has of these; else all of it."""
        of_days = [days_in(name) for name, _ in self.cells]
        if not days or sum(map(bool, of_days)) < _DAY_COLUMNS:
            return self
        pairs = zip(self.cells, of_days, strict=True)
        return replace(self, said=_row(pair for pair, named in pairs if not named or named & set(days)))


def candidates(evidence: Evidence) -> Iterator[Candidate]:
    """The sentences of a passage and the rows of its tables. Code is passed over: it says nothing."""
    header: list[str] = []
    plain: list[str] = []
    heading = evidence.heading.rpartition(" > ")[2]
    first = 1
    for line in _FENCED.sub("\n", evidence.text).split("\n"):
        cells = _cells(line)
        if not cells:
            header = []
            plain.append(line)
        elif not header:
            header, first = _names(cells), 1
            yield from _notes(evidence, cells)
        elif all(re.fullmatch(r":?-+:?", cell) for cell in cells if cell):
            continue
        elif header[:2] == ["row", "A"] and cells[0] == str(first):  # a sheet names its columns in its first full row
            first += 1
            if sum(map(bool, cells[1:])) > 1 or len(header) == len(_LONE):
                header = ["row", *_names(cells[1:])]
            yield from _notes(evidence, cells[1:])
        else:
            yield from _of_row(evidence, header, cells, line.strip())
    title, last = _title(evidence), ""
    paragraphs = [" ".join(each.split()) for each in re.split(r"\n\s*\n", evidence.text)]
    for one in quotes("\n".join(plain)):
        own, _, before = one.above.partition("\n")
        if not before and _LABEL.match(one.text) and any(f"{last} {one.text}" in each for each in paragraphs):
            before = last
        last = one.text
        yield Candidate(evidence, one.text, one.text, f"{evidence.heading}{title}\n{own}", before, own or heading)


def _names(cells: Sequence[str]) -> list[str]:
    """The names of columns; a sentence there is a note."""
    return [one if len(one) <= _COLUMN else "" for one in cells]


def _notes(evidence: Evidence, cells: Sequence[str]) -> Iterator[Candidate]:
    """What stands as a sentence where columns are named."""
    notes = (one for cell in cells if len(cell) > _COLUMN for one in quotes(cell))
    return (Candidate(evidence, one.text, one.text, evidence.heading) for one in notes)


def _title(evidence: Evidence) -> str:
    first = evidence.text.strip().partition("\n")[0].strip()
    titled = not evidence.heading and _TITLED.match(evidence.place) and _TITLE.fullmatch(first)
    return first if titled else ""


def _of_row(evidence: Evidence, header: Sequence[str], cells: Sequence[str], line: str) -> Iterator[Candidate]:
    """A row with the names of its columns; of one that holds prose, the sentences of its cells."""
    heading = evidence.heading.rpartition(" > ")[2]
    pairs = [
        (name, cell)
        for name, cell in zip(header, cells, strict=False)
        if cell and name != "row" and not _FORMULA.match(cell)
    ]
    if not pairs:
        return
    names = [name for name, _ in pairs]
    above = "\n".join([evidence.heading, " ".join(names)])
    if not any(len(cell) > _PROSE for _, cell in pairs):
        said = _row(pairs)
        yield Candidate(
            evidence,
            said,
            line,
            above,
            heading=heading,
            columns=" ; ".join(names),
            cells=tuple(pairs),
        )
        return
    key = pairs[0][1]
    for name, cell in pairs:
        for one in quotes(cell):
            yield Candidate(evidence, one.text, one.text, f"{above}\n{key}", heading=f"{key} {name}".strip())


def _row(pairs: Iterable[tuple[str, str]]) -> str:
    return "; ".join(f"{name}: {cell}" if name else cell for name, cell in pairs)


def _cells(line: str) -> list[str]:
    line = line.strip()
    if not (line.startswith("|") and line.endswith("|") and len(line) > 1):
        return []
    return [cell.strip().replace("\\|", "|") for cell in _CELL.split(line[1:-1])]
