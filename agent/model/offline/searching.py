"""Words looked for in the files as they stand."""

from __future__ import annotations

import re
from collections.abc import Generator

from agent.events import JSON
from agent.model.offline.answers import answer
from agent.model.offline.findings import Finding
from agent.model.offline.gather import cut, escaped
from agent.model.offline.intents import Outcome, Steps, Wants
from agent.model.offline.listing import listed
from agent.model.offline.marks import Marked
from agent.model.offline.matching import Match
from agent.model.offline.parameters import parameters
from agent.model.offline.script import Job, list_arguments
from agent.model.offline.sources import Wanted, wanted
from agent.model.offline.transcript import Result
from agent.model.offline.wishes import topic_of
from agent.model.offline.wording import short
from agent.model.offline.words import pattern_of, terms


def rule_search(job: Job, marked: Marked, match: Match, outcome: Outcome) -> Steps:
    """Search the files for quoted words; without quotes it is a question to the documents."""
    # What is looked for may itself look like a file: "config.yaml" in quotes.
    quotes = marked.of("quote") or [one for one in marked.places if one.quoted and one.part == "plain"]
    text = quotes[0].text if quotes else _searched(marked, match)
    if not text and re.search(r"(?:mention|contain)\s*$", marked.masked[: match.end], re.IGNORECASE):
        text = marked.text[match.end :].strip(" ?？.")
    every = "" if text else _every(marked, match)
    if match.tool is None:
        outcome.failed.append(job.say("not_offered"))
        return
    if not text and not every:
        yield from answer(job, marked, match.end, outcome)
        return
    verbatim = re.search(r"\bregex\b|regular expression|正则", marked.masked, re.IGNORECASE)
    paths = [one for one in marked.of("path") if one not in quotes]
    patterns = [one for one in marked.of("pattern") if one not in quotes]
    folder = "" if paths else (yield from _folder(job, marked))
    arguments: dict[str, JSON] = {}
    for one in parameters(match.tool):
        if one.name in ("regex", "pattern"):
            arguments[one.name] = pattern_of(every) if every else text if verbatim else escaped(text)
        elif one.name in ("query", "text"):
            arguments[one.name] = text or every
        elif one.name == "glob" and patterns:
            arguments[one.name] = patterns[0].text
        elif one.kind == "path" and paths and not patterns:
            arguments[one.name] = paths[0].text.rstrip("/") or "."
        elif one.kind == "path" and folder and not patterns:
            arguments[one.name] = folder
    result = yield from job.call(outcome, match.tool.name, arguments, job.say("search", what=short(text or every)))
    if result.ok:
        job.find(Finding(source=text or every, kind="plain", text=result.text))
        outcome.show(cut(result.text))


_BARE = re.compile(
    r"\b(?:in|inside|within|under)\s+(?:the\s+|my\s+)?([\w\-]+(?:/[\w\-]+)*)/?\s*[.?!]*$|"
    r"在\s*([^\s\ue000，,在]{1,40}?)\s*(?:里面?|中|内|下面?)",
    re.IGNORECASE,
)
"""A word that may be the name of a folder."""


def _folder(job: Job, marked: Marked) -> Generator[Wants, list[Result], str]:
    """The folder in which to search, "" for everywhere. One that is only a bare word must be there: "in documents" may
    mean any of them."""
    named = next((one.path for one in wanted(marked) if one.glob is not None and one.path), "")
    bare = _BARE.search(marked.masked)
    word = (bare[1] or bare[2]) if bare is not None else ""
    tool = job.tools.for_concept("list")
    if named or not word or tool is None:
        return named
    line = job.say("list", what=word)
    asked = list_arguments(job.tools, Wanted(word, f"{word}/**/*"))
    listing = yield from job.call(Outcome(text=word), tool.name, asked, line)
    return word if listing.ok and listed(listing.text) else ""


def _searched(marked: Marked, match: Match) -> str:
    """The words behind "search for", if they are few: one word is looked for as it stands."""
    behind = marked.masked[match.end :]
    found = re.match(
        r"[^\ue000]*?\b(?:for|occurrences? of|mentions? of|"
        r"(?:lines?|places?|entries) (?:with|containing|mentioning|that (?:contain|mention|have)))\s+"
        r"(?:the\s+)?(?:words?\s+|term\s+)?"
        r"([\w\-]+)(?=\s+(?:in|within|under)\b|\s*[.?]?$)",
        behind,
    )
    chinese = re.match(r"\s*(?:单词|词语|关键词)?\s*([A-Za-z][\w\-]+)\s*$", behind)
    return found[1] if found else chinese[1] if chinese else ""


def _every(marked: Marked, match: Match) -> str:
    """The one term of which every place is wanted ("find all errors in app.log"); "" where it is none."""
    behind = marked.masked[match.end :]
    if not re.match(r"\s*(?:all|every|each|any)\b|\s*(?:所有|全部|每[个条处])", behind, re.IGNORECASE):
        return ""
    behind = re.sub(r"^\s*(?:所有|全部|每[个条处])的?", "", behind)
    wanted = terms(
        topic_of(marked, match.end) and re.sub(r"\b(?:lines?|places?|entries)\b|行|地方|处", " ", _topic(behind))
    )
    return wanted[0] if len(wanted) == 1 else ""


def _topic(behind: str) -> str:
    return re.split(r"\b(?:in|from|of|within|under|to|into)\b|[\ue000,，到在]", behind, maxsplit=1)[0]
