"""An answer without a model: the sentences of the passages that say what is asked, quoted as they stand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from agent.answering.citations import Answer, Citation, Statement, check
from agent.answering.dates import are_of
from agent.answering.evidence import Evidence
from agent.answering.kin import akin
from agent.answering.naming import speaks_of_all, version_in, words_in
from agent.answering.numbered import is_of_another
from agent.answering.things import says_quality
from agent.answering.wanted import Wanted, wanted_of
from agent.model.offline.prose import quotes
from agent.model.offline.weighing import Weights, weigh

MOST = 2
"""Sentences of an answer."""
_HANGING = 0.7  # what a word is worth that stands only in what a sentence hangs on
_AROUND = 0.4  # what one is worth that stands only elsewhere in the passage, or in the name of its file
_ABOVE = 0.8  # what one is worth of whose question all stands in the heading: it may be about something else below
_LEAST = 0.7  # share of the question's words that the whole passage has at least
_ENOUGH = 0.45  # share of the question's worth from which a sentence answers it
_NEAR = 0.85  # of the best one's worth, for another to be told beside it
_MORE = 0.005  # what each other word takes from a sentence
_ELSE = 0.02  # the same where it has none of the question's words: then it may speak of something else
_PROSE = 120
"""Characters from which a cell of a table is prose, and no value."""
_COLUMN = 60  # characters up to which a header's cell names a column; a sentence there is a note
_FORMER = re.compile(r"\b(?:former(?:ly)?|previous(?:ly)?)\b|前任|原任|曾任|以前", re.IGNORECASE)
_GONE = 0.8  # what a sentence is worth that tells what was once, where that is not asked: less than `_NEAR`
_FENCED = re.compile(r"^ {0,3}(```|~~~).*?(?:^ {0,3}\1[^\n]*$|\Z)", re.MULTILINE | re.DOTALL)
_FIRST_PERSON = re.compile(r"\b(?:I|[Mm]y|[Ww]e|[Oo]ur)\b")
_CELL = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A sentence, or the row of a table, whose `columns` are named. `above` are the headings that it stands under, of
    which `heading` is the last; `before` is the sentence that it goes on from ("It is ..."); `said` is how it is told,
    `quote` its own words."""

    evidence: Evidence
    said: str
    quote: str
    above: str
    before: str = ""
    heading: str = ""
    columns: str = ""

    @property
    def words(self) -> set[str]:
        """All words by which it may be told what it is about: its own, and those of what it stands under; where
        somebody speaks ("I lost ..."), who that is stands somewhere before."""
        speaks = [self.evidence.text] if _FIRST_PERSON.search(self.said) else []
        return set(words_in("\n".join([self.said, self.above, *self.under, *speaks])))

    @property
    def under(self) -> list[str]:
        """All that it stands under, the nearest first: the sentence before, the headings, the name of the file."""
        headings = self.above.replace(" > ", "\n").split("\n")
        return [self.before, *reversed(headings), self.evidence.file.rpartition("/")[2]]


def quote(question: str, evidence: Sequence[Evidence], *, most: int = MOST) -> Answer:
    """The sentences that answer a question, each cited and checked; none where no sentence does."""
    wanted = wanted_of(question)
    found = [one for each in evidence for one in _candidates(each)]
    weights = weigh(words_in(f"{one.said}\n{one.above}") for one in found)
    told = [one for each in found if (one := _as_told(each, wanted)) is not None]
    if wanted.latest:
        of = [version_in(one.said, one.heading, wanted.words) for one in told]
        told = [one for one, version in zip(told, of, strict=True) if version == max(of)]
    scored = sorted(
        ((_worth(one, wanted, weights), -at, one) for at, one in enumerate(told)),
        key=lambda each: each[:2],
    )
    best: list[_Candidate] = []
    least = max([_ENOUGH, *(_NEAR * worth for worth, _, _ in scored)])
    for worth, _, one in reversed(scored):
        if worth < least or len(best) == most:
            break
        if not any(one.quote == other.quote for other in best):
            best.append(one)
    claims = [Statement(text=one.said, citations=(Citation(one.evidence.number, one.quote),)) for one in best]
    return Answer(statements=check(claims, evidence, question=question).statements)


def _as_told(one: _Candidate, wanted: Wanted) -> _Candidate | None:
    """The candidate as it is told, where it has the kind of answer that is wanted: with its heading before it, where
    that has the date or the number of the version."""
    above = f"{one.above}\n{one.before}"
    if wanted.dates and not _is_of_day(one, wanted):
        return None
    if is_of_another(wanted.question.text, one.said, one.under):
        return None
    if wanted.is_met_by(one.said, above, one.heading, columns=one.columns):
        return one
    if (wanted.question.wants == "date" or wanted.asks_for("version")) and any(sign.isdigit() for sign in one.heading):
        whole = f"{one.heading}: {one.said}"
        if wanted.is_met_by(whole, above, one.heading):
            return replace(one, said=whole)
    return None


def _is_of_day(one: _Candidate, wanted: Wanted) -> bool:
    """Is it said of a day that is asked about? What names none may hold on a day of the week that is named too."""
    of_it = are_of(wanted.dates, one.said, one.under)
    return of_it if of_it is not None else any(name.startswith("day:") for name in wanted.named)


def _worth(one: _Candidate, wanted: Wanted, weights: Weights) -> float:
    """How much of what is asked a sentence says, from 0 to 1."""
    if not _is_about(one, wanted):
        return 0.0
    own, above = set(words_in(f"{one.said}\n{one.before}")), set(words_in(one.above))
    weekdays = {name for name in wanted.named if name.startswith("day:")}
    if are_of(wanted.dates, one.said, one.under):
        own |= weekdays  # whoever names "Saturday, 14 June" need not find the name of the day beside its number
    implied = wanted.of_any_day and not weekdays <= own and speaks_of_all(one.said)
    if implied:
        own |= weekdays  # on the days that it does not name it is not so
    share = _share(own, above, set(words_in(one.evidence.whole)), wanted, weights)
    if not set(wanted.named) <= own:
        share *= _ABOVE
    aside = _beside(own - set(wanted.words))
    if wanted.words and not any(akin(term, own) for term in wanted.words) and not _is_of_heading(one, wanted):
        share *= _ABOVE * (1.0 - _ELSE * aside)
    if _FORMER.search(one.said) and not _FORMER.search(wanted.question.text):
        share *= _GONE
    share *= 1.0 if implied else wanted.favour(one.said)
    return share * (0.9 + 0.1 * one.evidence.score) * (1.0 - _MORE * aside)


def _is_about(one: _Candidate, wanted: Wanted) -> bool:
    """Does it speak of the things that are asked about, or stand below them? What says of a thing that it is so, or
    not, has the word for that, and names the thing itself or right above."""
    if not wanted.quality:
        return all(akin(thing, one.words) for thing in wanted.things)
    near = set(words_in(f"{one.said}\n{one.before}\n{one.heading}"))
    return says_quality(wanted.quality, one.said) and all(akin(thing, near) for thing in wanted.things)


def _share(own: set[str], above: set[str], passage: set[str], wanted: Wanted, weights: Weights) -> float:
    """The part of the question's worth that stands in the words of a sentence, of what is above it and, for less, of
    its passage; 0 where it is about something else."""
    if not all(name in own or name in above for name in wanted.named):
        return 0.0
    if wanted.words and not any(akin(term, own) or akin(term, above) for term in wanted.words):
        return 0.0
    got = whole = held = count = 0.0
    if wanted.dates:  # the sentence is of one of them, else it were not weighed
        got, whole = _HANGING * weights.of("date:"), weights.of("date:")
    for term in {*wanted.words, *wanted.named}:
        certain = wanted.worth(term, weights.counts)
        part = 1.0 if term == wanted.quality else _part(term, own, above, passage)  # it is said, else it were left
        weight = weights.of(term) * certain
        whole += weight
        count += certain
        got += weight * part
        held += certain if part else 0.0
    if held < _LEAST * count:
        return 0.0
    return got / whole if whole else 1.0 if wanted.aspects else 0.0


def _is_of_heading(one: _Candidate, wanted: Wanted) -> bool:
    """Is it said of what is above, where it does not say so: at once what is asked for ("Address: ...", "Open on
    Mondays"), or by another word of the heading ("Pinewood lies ..." below "Pinewood campsite")?"""
    labels = (found for each in wanted.aspects if (found := each.label.search(one.said)) is not None)
    for label in labels:
        if one.said[label.end() :][:1] in (":", "：") or not _beside(words_in(one.said[: label.start()])):
            return True
    begins = words_in(one.said)[:1]
    return any(begins == words_in(heading)[:1] != [] for heading in one.above.replace(" > ", "\n").split("\n"))


def _beside(others: Iterable[str]) -> int:
    """How much else a sentence speaks of: other words, up to ten, of which figures and days are none."""
    return min(10, sum(not (one.isdecimal() or ":" in one) for one in others))


def _part(term: str, own: set[str], above: set[str], passage: set[str]) -> float:
    if akin(term, own):
        return 1.0
    return _HANGING if akin(term, above) else _AROUND if akin(term, passage) else 0.0


def _candidates(evidence: Evidence) -> Iterator[_Candidate]:
    """The sentences of a passage and the rows of its tables. Code is passed over: it says nothing."""
    header: list[str] = []
    plain: list[str] = []
    heading = evidence.heading.rpartition(" > ")[2]
    for line in _FENCED.sub("\n", evidence.text).split("\n"):
        cells = _cells(line)
        if not cells:
            header = []
            plain.append(line)
        elif not header:
            header = cells
        elif all(re.fullmatch(r":?-+:?", cell) for cell in cells if cell):
            continue
        elif header[0] == "row" and cells[0] == "1" and header[1:2] == ["A"]:
            header = ["row", *cells[1:]]
        else:
            yield from _of_row(evidence, header, cells, line.strip())
    for one in quotes("\n".join(plain)):
        own, _, before = one.above.partition("\n")
        yield _Candidate(evidence, one.text, one.text, f"{evidence.heading}\n{own}", before, own or heading)


def _of_row(evidence: Evidence, header: Sequence[str], cells: Sequence[str], line: str) -> Iterator[_Candidate]:
    """A row with the names of its columns; of one that holds prose, the sentences of its cells."""
    heading = evidence.heading.rpartition(" > ")[2]
    pairs = [(name, cell) for name, cell in zip(header, cells, strict=False) if cell and name != "row"]
    above = "\n".join([evidence.heading, " ".join(header)])
    if not any(len(cell) > _PROSE for _, cell in pairs):
        said = "; ".join(f"{name}: {cell}" if name else cell for name, cell in pairs)
        yield _Candidate(
            evidence,
            said,
            line,
            above,
            heading=heading,
            columns=" ; ".join(one for one in header if len(one) <= _COLUMN),
        )
        return
    key = pairs[0][1]
    for name, cell in pairs:
        for one in quotes(cell):
            yield _Candidate(evidence, one.text, one.text, f"{above}\n{key}", heading=f"{key} {name}".strip())


def _cells(line: str) -> list[str]:
    line = line.strip()
    if not (line.startswith("|") and line.endswith("|") and len(line) > 1):
        return []
    return [cell.strip().replace("\\|", "|") for cell in _CELL.split(line[1:-1])]
