"""An answer without a model: the sentences of the passages that say what is asked, quoted as they stand."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from agent.answering.candidates import Candidate, candidates
from agent.answering.citations import Answer, Citation, Statement, check
from agent.answering.clauses import said_in_its_clauses
from agent.answering.clauses_chinese import said_in_chinese_clauses
from agent.answering.dates import are_of
from agent.answering.evidence import Evidence
from agent.answering.exclusions import denies, done_with_forbidden, leaves_out, only_forbids
from agent.answering.forms import A_YEAR
from agent.answering.kin import akin, names_it
from agent.answering.naming import canonical, speaks_of_all, version_in, words_in
from agent.answering.needs import lacking
from agent.answering.numbered import is_of_another
from agent.answering.rivals import meant, said_of_it
from agent.answering.wanted import Wanted, wanted_of
from agent.model.offline.weighing import Weights, weigh

MOST = 2
"""Sentences of an answer."""
_HANGING = 0.7  # what a word is worth that stands only in what a sentence hangs on
_ABOVE = 0.8  # what one is worth of whose question all stands in the heading: it may be about something else below
_TOTAL = re.compile(r"\b(?:totals?|sum|altogether)\b|合计|总计|总数|共计", re.IGNORECASE)
_LABEL = re.compile(r"[^,;，；。：:]{1,40}[:：]\s*(?=\D)")
"""What all that a sentence lists is said of: "Prices: ..."."""
_NEAR = 0.85  # of the best one's worth, for another to be told beside it
_MORE = 0.005  # what each other word takes from a sentence
_ELSE = 0.02  # the same where it has none of the question's words: then it may speak of something else


def quote(question: str, evidence: Sequence[Evidence], *, most: int = MOST) -> Answer:
    """The sentences that answer a question, each cited and checked; none where no sentence does."""
    wanted = wanted_of(question)
    if wanted.is_empty:
        return Answer(statements=())
    found = [one for each in evidence for one in candidates(each)]
    weights = weigh(words_in(f"{one.said}\n{one.above}") for one in found)
    answering = [one for each in found if (one := _as_told(each, wanted)) is not None]
    certain = any(one.certain for one in answering)
    told = [one.candidate for one in answering if one.certain or not certain]
    if wanted.latest:
        of = [version_in(one.said, one.heading, wanted.terms) for one in told]
        told = [one for one, version in zip(told, of, strict=True) if version == max(of)]
    scored = sorted(
        ((_worth(one, wanted, weights), -at, one) for at, one in enumerate(told)),
        key=lambda each: each[:2],
    )
    near = _near(scored)
    if not wanted.tells_a_year and all(map(_newest_year, near)):
        near.sort(key=lambda one: -_newest_year(one))  # what was so in another year is told behind what is so now
    best = near[:most]
    claims = [Statement(text=one.said, citations=(Citation(one.evidence.number, one.quote),)) for one in best]
    return Answer(statements=check(claims, evidence, question=question).statements)


def _near(scored: Sequence[tuple[float, int, Candidate]]) -> list[Candidate]:
    """Those that are hardly less likely than the best, the best first, each sentence once."""
    least = _NEAR * max((worth for worth, _, _ in scored), default=0.0)
    near = {one.quote: one for worth, _, one in scored if worth >= least}
    return list(reversed(near.values()))


def _newest_year(one: Candidate) -> int:
    return max(map(int, A_YEAR.findall(f"{one.said}\n{one.heading}")), default=0)


@dataclass(frozen=True, slots=True)
class _Told:
    """A candidate that answers. `certain`: it names itself the days that are asked about."""

    candidate: Candidate
    certain: bool


def _as_told(one: Candidate, wanted: Wanted) -> _Told | None:
    """The candidate as it is told, where it answers: what of it is said of the thing that is asked about meets each
    word of the question, and has the kind of answer that is wanted. With its heading before it, where that has the date
    or the number of the version."""
    if wanted.dates and not _is_of_day(one, wanted):
        return None
    if is_of_another(wanted.question.text, one.said, one.under):
        return None
    one = one.on(wanted.weekdays)
    part = said_of_it(wanted.question.text, one.with_hours)
    if part is None:
        return None
    if wanted.asks_for_more and (leaves_out(part, {*wanted.words, *wanted.named}) or only_forbids(part)):
        return None
    if (certain := _meets(part, one, wanted)) is None:
        return None
    if not one.cells and (part := _in_its_clauses(wanted.question.text, one.with_hours)) is None:
        return None
    if one.cells and not _names_its_row(one, wanted):
        return None  # each other row says it as well
    if wanted.is_met_by(part, one.heading, columns=one.columns):
        return _Told(one, certain)
    in_heading = wanted.question.wants == "date" or wanted.asks_for("version")
    if in_heading and re.search(r"\d", one.heading) and wanted.is_met_by(f"{one.heading}: {part}", one.heading):
        return _Told(replace(one, said=f"{one.heading}: {one.said}"), certain)
    return None


def _in_its_clauses(question: str, text: str) -> str | None:
    """What of a sentence must hold the answer itself; None where nothing of it does."""
    label = found[0] if (found := _LABEL.match(text)) else ""
    said: str | None = text
    for part_of in (said_in_its_clauses, said_in_chinese_clauses, said_of_it):
        said = said if said is None else part_of(question, said)
    return said if said is None or said.startswith(label) else label + said


def _meets(part: str, one: Candidate, wanted: Wanted) -> bool | None:
    """Has it, or what it stands under, each word of the question? False where it does not name the days that are asked
    about, and yet tells of them by those that it names; None where it does not tell of them."""
    whole = canonical("\n".join([part, one.above, *one.under]))
    own = set(words_in(whole))
    lacks = set(lacking(wanted.words, wanted.runs, own, whole, doing=wanted.who))
    if not all(names_it(noun, whole) for noun in wanted.nouns):
        return None
    if one.cells:
        lacks.discard(wanted.verb)
    if wanted.question.is_yes_or_no:
        lacks = {lacked for lacked in lacks if not denies(lacked, own)}
    lacks.discard(done_with_forbidden(wanted.question.text, part))
    around = f"{one.above}\n{one.evidence.text}"
    if lacks and not lacks <= meant(wanted.question.text, part, around, one.evidence.file):
        return None
    missing = {name for name in wanted.named if name not in own}
    if missing and are_of(wanted.dates, one.said, one.under):
        missing = {name for name in missing if not name.startswith("day:")}
    if not missing:
        return True
    of_others = wanted.of_any_day and speaks_of_all(one.said)
    return False if of_others and all(name.startswith(("day:", "month:")) for name in missing) else None


def _is_of_day(one: Candidate, wanted: Wanted) -> bool:
    """Is it said of a day that is asked about? What names none may hold on a day of the week that is named too."""
    of_it = are_of(wanted.dates, one.said, one.under)
    return of_it if of_it is not None else any(name.startswith("day:") for name in wanted.named)


def _worth(one: Candidate, wanted: Wanted, weights: Weights) -> float:
    """How near of what answers a question it is, from 0 to 1: what is said in its own words is nearer than what stands
    above it, and a short sentence than one that says much else."""
    own = set(words_in(one.said))
    got = whole = 0.0
    for term in {*wanted.terms, *wanted.named}:
        weight = weights.of(term)
        whole += weight
        got += weight * (1.0 if akin(term, own, doing=wanted.who) else _HANGING)
    share = got / whole if whole else 1.0
    if not set(wanted.named) <= own:
        share *= _ABOVE
    aside = _beside(own - set(wanted.terms))
    if (
        wanted.terms
        and not any(akin(term, own, doing=wanted.who) for term in wanted.terms)
        and not _is_of_heading(one, wanted)
    ):
        share *= _ABOVE * (1.0 - _ELSE * aside)
    return share * wanted.favour(one.said) * (0.9 + 0.1 * one.evidence.score) * (1.0 - _MORE * aside)


def _names_its_row(one: Candidate, wanted: Wanted) -> bool:
    """Does a question name a row of a table, by what one of its cells has? All other rows have the rest as well."""
    text = "\n".join(cell for _, cell in one.cells)
    cells = set(words_in(text))
    of_days = bool(wanted.weekdays) and speaks_of_all(text)
    if wanted.in_total and _TOTAL.search(text):
        return True
    return bool(wanted.dates) or of_days or any(akin(term, cells) for term in {*wanted.terms, *wanted.named})


def _is_of_heading(one: Candidate, wanted: Wanted) -> bool:
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
    return min(10, sum(len(one) > 1 and not (one.isdecimal() or ":" in one) for one in others))
