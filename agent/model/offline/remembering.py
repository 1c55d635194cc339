"""Remembering: the user's own words where they state something, else sentences that were found, and never the words
that only ask for them."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from agent.events import JSON
from agent.model.offline.dictation import thing_named
from agent.model.offline.documents import documents
from agent.model.offline.findings import Finding, Sentence, best, coverage, ranked
from agent.model.offline.focusing import collect, files_about
from agent.model.offline.intents import Outcome, Steps
from agent.model.offline.marks import Marked
from agent.model.offline.matching import Match
from agent.model.offline.parameters import parameters
from agent.model.offline.questions import Question, question_of
from agent.model.offline.script import Job
from agent.model.offline.transcript import Result
from agent.model.offline.wishes import topic_of
from agent.model.offline.wording import short
from agent.model.offline.words import terms

_MAIN = re.compile(
    r"^\s*(?:down\s+)?(?:the\s+|its\s+|their\s+|all\s+)?(?:\w+\s+)?"
    r"(?:main|key|most important|central|important|best|chief)?\s*(?:\w+\s+)?"
    r"(?:findings?|points?|conclusions?|results?|facts?|message|idea|insights?|takeaways?|lessons?|summary|it|them|this|that)\s*"
    r"(?:(?:of|from|in|about)\b.*)?$|^\s*(?:最?(?:主要|重要|关键|核心)的?|其|它们?的?|所有)?(?:结论|发现|要点|内容|观点|信息|事实|结果|重点|摘要|总结)?[。]?$",
    re.IGNORECASE,
)
"""What is most important of all, whatever it is about."""
_WEIGHT = re.compile(
    r"\b(?:most|main|key|important|central|chief|best|biggest|crucial|essential)\b|最?(?:主要|重要|关键|核心|大)的?",
    re.IGNORECASE,
)
_DATE = re.compile(
    r"\s*(?:the\s+)?(?:date|day|time|deadline)s?\s+(?:and\s+\w+\s+)?(?:of|for|when)\s+(?P<of>.+)|"
    r"(?P<chinese>.+?)的?(?:日期|时间|截止日)[。]?\s*",
    re.IGNORECASE | re.DOTALL,
)
_NUMBER = re.compile(
    r"\s*(?:the\s+)?(?:number|amount|price|cost|sum|total)s?\s+(?:of|for)\s+(?P<of>.+)", re.IGNORECASE | re.DOTALL
)

_LISTED = 3
"""So many sentences behind a colon are taken with it."""
_DONE = (
    ("decision", "decided"),
    ("agreement", "agreed"),
    ("proposal", "proposed"),
    ("payment", "paid"),
    ("choice", "chosen"),
)


def rule_remember(job: Job, marked: Marked, match: Match, outcome: Outcome) -> Steps:
    """Note the user's own words, or the best sentences of what was found."""
    if match.tool is None:
        outcome.failed.append(job.say("not_offered"))
        return
    name = next((one.name for one in parameters(match.tool) if one.kind == "text" and one.required), "text")
    literal = _literal(job, marked, match)
    if literal:
        line = job.say("remember", what=short(literal))
        result = yield from job.call(outcome, match.tool.name, {name: literal}, line)
        kept = result.ok and not _stays(job, result, line, outcome)
        job.remembered += [literal] if kept else []
        return
    behind = marked.masked[match.end :]
    thing = "" if marked.places or _MAIN.match(behind) else thing_named(behind)
    topic = _WEIGHT.sub(" ", thing) if thing else topic_of(marked, match.end)
    since = len(job.findings)
    paths = yield from documents(job, outcome, marked)
    if not paths and not outcome.failed and since == 0:
        paths = list(job.mentioned)
        if not paths and thing:
            paths = yield from files_about(job, topic, outcome)
    if paths:
        yield from collect(job, outcome, paths, topic=topic)
    found = job.findings[since:] if paths else job.findings if thing else job.findings[-6:]
    texts = _asked(found, topic) or _asked(found, _as_verbs(topic)) if thing else _worth_noting(found, topic)
    if not texts:
        outcome.failed.append(job.say("not_noted" if thing else "not_found"))
        return
    line = job.say("remember", what=short(texts))
    result = yield from job.call(outcome, match.tool.name, {}, line, late=lambda: {name: texts})
    _stays(job, result, line, outcome)


def note_wish(job: Job, wish: str, outcome: Outcome) -> Steps:
    """Note how the user wants things done from now on, in their own words."""
    tool = job.tools.for_concept("remember")
    if tool is None:
        outcome.failed.append(job.say("not_offered"))
        job.fail(outcome, [])
        return
    names = {one.name: one.kind for one in parameters(tool)}
    name = next((one for one, kind in names.items() if kind == "text"), "text")
    arguments: dict[str, JSON] = {name: wish}
    if "kind" in names:
        arguments["kind"] = "preference"
    line = job.say("wish", what=short(wish, 120))
    result = yield from job.call(outcome, tool.name, arguments, line)
    _stays(job, result, line, outcome)


_STAYS = re.compile(r'"stays":\s*\[\s*\{\s*"id":\s*"(?P<id>[^"]*)",\s*"text":\s*(?P<text>"(?:[^"\\]|\\.)*")')


def _stays(job: Job, result: Result, line: str, outcome: Outcome) -> bool:
    """Was nothing noted, since the user's own note stays in its place? That is told as not done."""
    found = _STAYS.search(result.text) if result.ok else None
    if found is None:
        return False
    outcome.done = [one for one in outcome.done if one != line]
    outcome.failed.append(job.say("stays", id=found["id"], what=short(json.loads(found["text"]), 200)))
    return True


def _literal(job: Job, marked: Marked, match: Match) -> str:
    """The user's own words, if it is they that are to be noted."""
    behind = marked.text[match.end :]
    stated = re.match(r"\s*(?:that|down that|of the fact that|[:：]|，|,)\s*(.+)$", behind, re.DOTALL | re.IGNORECASE)
    if stated:
        return stated[1].strip()
    quotes = marked.of("quote")
    if quotes:
        return quotes[0].text
    if marked.places or _MAIN.match(marked.masked[match.end :]) or thing_named(behind):
        return ""
    if _is_found(job, topic_of(marked, match.end)):
        return ""
    literal = behind.strip(" .。")
    return literal if len(terms(literal)) >= 2 else ""


def _is_found(job: Job, topic: str) -> bool:
    """Is what is to be noted something that was found before ("remember the deadline")?"""
    words = set(terms(topic))
    return bool(words) and any(words <= set(terms(finding.text)) for finding in job.findings)


def _asked(found: Sequence[Finding], thing: str) -> str:
    """The sentences that tell the thing: of a date those with a date."""
    dated, counted = _DATE.fullmatch(thing), _NUMBER.fullmatch(thing)
    if dated is not None:
        question = question_of(f"when {dated['of']}" if dated["of"] else f"{dated['chinese']}什么时候")
    else:
        question = question_of(f"how many {counted['of']}" if counted is not None else thing)
    words = question.matter
    every = ranked(found, topic=words)
    told = [one for one in every if _tells(question, one.text)]
    most = max((coverage(words, one.text) for one in told), default=0.0)
    told = [one for one in told if coverage(words, one.text) >= max(most, 0.5)]
    return _quoted(_with_list(best(told, 2), every)) or ("" if dated or counted else _worth_noting(found, thing))


def _with_list(chosen: Sequence[Sentence], every: Sequence[Sentence]) -> list[Sentence]:
    """The chosen ones, each that only leads to a list ("It was decided:") with what comes behind it."""
    found: list[Sentence] = []
    for one in chosen:
        behind = [other for other in every if other.source == one.source and 0 < other.place - one.place <= _LISTED]
        found += [one, *behind] if one.text.endswith((":", "：")) else [one]
    return list(dict.fromkeys(found))


def _as_verbs(thing: str) -> str:
    """A thing by what documents say of it: of a decision they say that something was decided."""
    for noun, verb in _DONE:
        thing = re.sub(rf"\b{noun}s?\b", verb, thing, flags=re.IGNORECASE)
    return thing


def _tells(question: Question, text: str) -> bool:
    return question.wants == "" or question.may_be_answered_by(text)


def _worth_noting(found: Sequence[Finding], topic: str) -> str:
    plain = [one.text.strip() for one in found if one.kind == "plain"]
    scored = ranked(found, topic=topic)
    on_topic = [one for one in scored if coverage(topic, one.text) >= 0.5]
    chosen = _quoted(best(on_topic if topic else scored, 2 if topic else 3))
    return chosen or ("" if topic else short("\n".join(plain[-1:]), 900))


def _quoted(chosen: Sequence[Sentence]) -> str:
    return short("\n".join(f"{one.text} ({one.source})" for one in chosen), 900)
