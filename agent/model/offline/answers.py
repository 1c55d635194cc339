"""Answers: questions to the documents, and words looked for in them."""

from __future__ import annotations

import re

from agent.events import JSON
from agent.model.offline.arguments import parameters
from agent.model.offline.clauses import is_question
from agent.model.offline.findings import Finding, coverage, ranked
from agent.model.offline.gather import cut, escaped, files_with, read_handed, show, summarise_each
from agent.model.offline.lexicon import ANSWERS_CHINESE, ANSWERS_ENGLISH
from agent.model.offline.marks import Marked, mark
from agent.model.offline.matching import Match
from agent.model.offline.script import Job, Outcome, Steps
from agent.model.offline.wishes import topic_of
from agent.model.offline.wording import short
from agent.model.offline.words import terms


def rule_search(job: Job, marked: Marked, match: Match, outcome: Outcome) -> Steps:
    """Search the files for quoted words; without quotes it is a question to the documents."""
    # What is looked for may itself look like a file: "config.yaml" in quotes.
    quotes = marked.of("quote") or [one for one in marked.places if one.quoted and one.part == "plain"]
    text = quotes[0].text if quotes else _searched(marked, match)
    if not text and re.search(r"(?:mention|contain)\s*$", marked.masked[: match.end], re.IGNORECASE):
        text = marked.text[match.end :].strip(" ?？.")
    if match.tool is None:
        outcome.failed.append(job.say("not_offered"))
    elif not text:
        yield from answer(job, marked, match.end, outcome)
    else:
        verbatim = re.search(r"\bregex\b|regular expression|正则", marked.masked, re.IGNORECASE)
        paths = [one for one in marked.of("path") if one not in quotes]
        patterns = [one for one in marked.of("pattern") if one not in quotes]
        arguments: dict[str, JSON] = {}
        for one in parameters(match.tool):
            if one.name in ("regex", "pattern"):
                arguments[one.name] = text if verbatim else escaped(text)
            elif one.name in ("query", "text"):
                arguments[one.name] = text
            elif one.name == "glob" and patterns:
                arguments[one.name] = patterns[0].text
            elif one.kind == "path" and paths and not patterns:
                arguments[one.name] = paths[0].text.rstrip("/") or "."
        result = yield from job.call(outcome, match.tool.name, arguments, job.say("search", what=short(text)))
        if result.ok:
            job.find(Finding(source=text, kind="plain", text=result.text))
            outcome.show(cut(result.text))


def _searched(marked: Marked, match: Match) -> str:
    """The words behind "search for", if they are few: one word is looked for as it stands."""
    behind = marked.masked[match.end :]
    found = re.match(
        r"[^\ue000]*?\b(?:for|occurrences? of|mentions? of|lines? with)\s+(?:the\s+)?(?:words?\s+|term\s+)?"
        r"([\w\-]+)(?=\s+(?:in|within|under)\b|\s*[.?]?$)",
        behind,
    )
    chinese = re.match(r"\s*(?:单词|词语|关键词)?\s*([A-Za-z][\w\-]+)\s*$", behind)
    return found[1] if found else chinese[1] if chinese else ""


_WEB = re.compile(
    r"\b(?:the (?:web|internet|net)|online|google|bing|wikipedia|websites?)\b|网上|网络上?|互联网|上网|百度|谷歌", re.I
)


def means_the_web(marked: Marked) -> bool:
    """Does a sub-goal send one to the network?"""
    return bool(_WEB.search(marked.masked)) or bool(marked.of("address"))


_ASKING = re.compile(
    r"^\s*(?:(?:answer|find out|tell (?:me|us)|figure out|determine|establish)\b(?: the question)?|"
    r"回答|解答|找出|查明|告诉我们?|说明)[\s:：,，]*",
    re.IGNORECASE,
)


def answer(job: Job, marked: Marked, start: int, outcome: Outcome) -> Steps:
    """Answer a question with sentences of the documents; truthfully not, where none has its words."""
    question = _ASKING.sub("", marked.text[start:]).strip(" ,.，。:：")
    for place in marked.places:
        question = question.replace(place.text, " ")
    loose = re.compile(r"\b(?:according to|in|from|based on)\s*(?=[,.?]|$)|根据|从|在|中|里")
    question = " ".join(loose.sub(" ", question).split()).strip(" ,，")
    if not terms(question) and not marked.places:
        outcome.failed.append(job.say("beyond"))
        return
    if not topic_of(mark(question), 0) and (marked.places or job.mentioned):
        question = ""  # "what does it say?" asks for all of it
    since = len(job.findings)
    paths = yield from job.documents(outcome, marked)
    if not paths and not outcome.failed:
        paths = job.mentioned or (yield from files_with(job, question, outcome))
    if paths:
        yield from summarise_each(job, outcome, paths[:5], topic=question)
    elif not outcome.failed:
        yield from read_handed(job, outcome)
    if outcome.failed:
        return
    if not question:
        show(job, outcome, since)
        return
    _judge(job, question, since, outcome, named=bool(marked.places))


def _judge(job: Job, question: str, since: int, outcome: Outcome, *, named: bool) -> None:
    """Is there a sentence that has enough of the question's words? One of a named document may have fewer; words that
    only its document has count half."""
    whole: dict[str, str] = {}
    for one in job.findings[since:]:
        whole[one.source] = whole.get(one.source, "") + "\n" + one.text
    found = [one for one in ranked(job.findings[since:], topic=question) if coverage(question, one.text) > 0]
    if not found:
        outcome.failed.append(job.say("no_hits"))
        return
    parts = {one: coverage(question, one.text) for one in found}
    fits = {one: (part + coverage(question, whole[one.source])) / 2 for one, part in parts.items()}
    found.sort(key=lambda one: (-parts[one], -fits[one]))
    least = 0.0 if named else min(2, len(set(terms(question)))) / max(1, len(set(terms(question))))
    enough = 0.3 if named else 0.5
    good = [one for one in found if fits[one] >= enough and parts[one] >= least - 0.001]
    good = [one for one in good if fits[one] >= 0.7 * fits[good[0]]][:3]
    if good:
        # What is written or noted after this is the answer, not all that was looked through.
        del job.findings[since:]
        for source in dict.fromkeys(one.source for one in good):
            text = "\n".join(one.text for one in good if one.source == source)
            job.find(Finding(source=source, kind="summary", text=text))
        outcome.show("\n".join(f"- {one.text} ({one.source})" for one in good))
    else:
        outcome.failed.append(job.say("no_answer", what=f"“{short(found[0].text, 200)}” ({found[0].source})"))


def is_asked(marked: Marked) -> bool:
    """Does the sub-goal ask something that documents may answer?"""
    head = marked.text.casefold()
    return is_question(marked.text) or head.startswith((*ANSWERS_ENGLISH, *ANSWERS_CHINESE))
