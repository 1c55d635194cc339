"""An answer without a model: the sentences of the passages that say what is asked, quoted as they stand."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from agent.answering.citations import Answer, Citation, Statement, check
from agent.answering.evidence import Evidence
from agent.answering.wanted import Wanted, wanted_of
from agent.model.offline.prose import quotes
from agent.model.offline.weighing import Weights, weigh
from agent.model.offline.words import terms

MOST = 2
"""Sentences of an answer."""
_HANGING = 0.7  # what a word is worth that stands only in what a sentence hangs on
_AROUND = 0.4  # what one is worth that stands only elsewhere in the passage, or in the name of its file
_ABOVE = 0.8  # what one is worth of whose question all stands in the heading: it may be about something else below
_UNKNOWN = 0.8  # what one is worth that no passage has
_LEAST = 0.7  # share of the question's words that the whole passage has at least
_ENOUGH = 0.45  # share of the question's worth from which a sentence answers it
_NEAR = 0.85  # of the best one's worth, for another to be told beside it
_CELL = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A sentence, or the row of a table. `above` is the heading that it stands under, `before` the
    sentence that it goes on from ("It is ..."); `said` is how it is told, `quote` its own words."""

    evidence: Evidence
    said: str
    quote: str
    above: str
    before: str = ""


def quote(question: str, evidence: Sequence[Evidence], *, most: int = MOST) -> Answer:
    """The sentences that answer a question, each cited and checked; none where no sentence does."""
    wanted = wanted_of(question)
    found = [one for each in evidence for one in _candidates(each)]
    if not wanted.words or not found:
        return Answer(statements=())
    weights = weigh(terms(f"{one.said}\n{one.above}") for one in found)
    scored = sorted(
        ((_worth(one, wanted, weights), -at, one) for at, one in enumerate(found)), key=lambda each: each[:2]
    )
    best: list[_Candidate] = []
    highest = scored[-1][0]
    for worth, _, one in reversed(scored):
        if worth < _ENOUGH or worth < _NEAR * highest or len(best) == most:
            break
        if not any(one.quote == other.quote for other in best):
            best.append(one)
    claims = [Statement(text=one.said, citations=(Citation(one.evidence.number, one.quote),)) for one in best]
    return Answer(statements=check(claims, evidence, question=question).statements)


def _worth(one: _Candidate, wanted: Wanted, weights: Weights) -> float:
    """How much of what is asked a sentence says, from 0 to 1; 0 where it lacks the kind of answer that is wanted."""
    if not wanted.is_met_by(one.said, f"{one.above}\n{one.before}"):
        return 0.0
    own, above, passage = set(terms(f"{one.said}\n{one.before}")), set(terms(one.above)), set(terms(one.evidence.whole))
    got = whole = held = count = 0.0
    for term in set(wanted.words):
        certain = wanted.worth(term, weights.counts)
        weight = weights.of(term) * certain * (_UNKNOWN if term not in weights.counts else 1.0)
        whole += weight
        count += certain
        got += weight * (1.0 if term in own else _HANGING if term in above else _AROUND if term in passage else 0.0)
        held += certain if term in passage else 0.0
    if not whole or held < _LEAST * count:
        return 0.0  # it is about something else
    share = got / whole
    if not own & set(wanted.words):
        share *= _ABOVE
    return share * wanted.favour(one.said) * (0.9 + 0.1 * one.evidence.score)


def _candidates(evidence: Evidence) -> Iterator[_Candidate]:
    """The sentences of a passage and the rows of its tables."""
    header: list[str] = []
    plain: list[str] = []
    for line in evidence.text.split("\n"):
        cells = _cells(line)
        if not cells:
            header = []
            plain.append(line)
        elif not header:
            header = cells
        elif all(re.fullmatch(r":?-+:?", cell) for cell in cells if cell):
            continue
        else:
            if header[0] == "row" and cells[0] == "1" and header[1:2] == ["A"]:
                header = ["row", *cells[1:]]
                continue
            pairs = list(zip(header, cells, strict=False))
            said = "; ".join(f"{name}: {cell}" for name, cell in pairs if cell and name != "row")
            yield _Candidate(evidence, said, line.strip(), "\n".join([evidence.heading, " ".join(header)]))
    for one in quotes("\n".join(plain)):
        heading, _, before = one.above.partition("\n")
        yield _Candidate(evidence, one.text, one.text, f"{evidence.heading}\n{heading}", before)


def _cells(line: str) -> list[str]:
    line = line.strip()
    if not (line.startswith("|") and line.endswith("|") and len(line) > 1):
        return []
    return [cell.strip().replace("\\|", "|") for cell in _CELL.split(line[1:-1])]
