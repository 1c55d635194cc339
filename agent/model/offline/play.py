"""The play of a run: each sub-goal by its rule, then what the user said, then the end, once more where checks fail."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from fnmatch import fnmatchcase
from itertools import zip_longest

from agent.model.offline.addresses import with_schemes
from agent.model.offline.answers import answer, is_asked, means_the_web
from agent.model.offline.arguments import fill
from agent.model.offline.bases import asked_of_the_base, rule_base
from agent.model.offline.calling import called, rule_called
from agent.model.offline.clauses import Clause
from agent.model.offline.deleting import rule_delete
from agent.model.offline.documents import documents
from agent.model.offline.editing import rule_edit
from agent.model.offline.extents import without_measure
from agent.model.offline.forgetting import rule_forget, to_forget
from agent.model.offline.illustrating import asked_of_illustrating, rule_illustrating
from agent.model.offline.intents import Outcome, Steps
from agent.model.offline.lexicon import ANSWERS_CHINESE, ANSWERS_ENGLISH, ENDINGS
from agent.model.offline.looking import looks_for_words, only_looks
from agent.model.offline.marks import BLANK, Marked, mark
from agent.model.offline.matching import Match, find
from agent.model.offline.mending import asks_for_length, retry, rewrite
from agent.model.offline.moving import rule_move
from agent.model.offline.openings import opening_end
from agent.model.offline.pages import SUM_UP, asked_of_pages, rule_pages
from agent.model.offline.parameters import parameters
from agent.model.offline.picture_changes import asked_to_change, rule_change
from agent.model.offline.pictures import asked_of_pictures, rule_picture
from agent.model.offline.promises import keep_promises
from agent.model.offline.putting import put_brief
from agent.model.offline.remembering import note_wish
from agent.model.offline.rules import RULES, Rule, rule_any, rule_list
from agent.model.offline.script import LONGEST, Job, take_in
from agent.model.offline.seeing import asked_of_a_picture, rule_sight
from agent.model.offline.sources import asks_for_a_listing, wanted
from agent.model.offline.telling import finish
from agent.model.offline.transcript import Said
from agent.model.offline.web import OPEN, SEARCH, asked_of_the_web, rule_web
from agent.model.offline.wishes import wish
from agent.model.offline.wording import short
from agent.model.offline.words import terms
from agent.model.offline.writing import checked_files


def play(job: Job) -> Steps:
    """The whole run: work, end, and go on where something is said after an end."""
    yield from _sub_goals(job, list(job.todo))
    job.chain = 0
    yield from _checked(job)
    ends = 0
    while True:
        for said in (one for one in job.transcript.said if one.finishes == ends):
            yield from _heard(job, said)
        yield finish(job)
        ends += 1


def _sub_goals(job: Job, found: Sequence[Clause]) -> Steps:
    for clause, following in zip_longest(found, found[1:]):
        if clause is not job.settled:
            job.following = following
            yield from _sub_goal(job, clause)


def _sub_goal(job: Job, clause: Clause) -> Steps:
    outcome = Outcome(text=clause.text)
    plain = clause.text.strip(" .。!！").casefold()
    if plain in ENDINGS:
        return
    job.outcomes.append(outcome)
    job.chain = clause.chain
    if clause.wish:
        yield from note_wish(job, clause.text, outcome)
        return
    since = len(job.findings)
    marked = mark(without_measure(clause.text))
    if marked.text != clause.text:
        job.wished.setdefault(job.chain, []).append(clause.text)
    if not clause.conditional:
        marked = yield from with_schemes(job, marked)
    sources = [one for one in marked.places if one.part != "target"]
    if not job.mentioned and not sources and _PRONOUN.search(marked.masked):
        # "Do not summarise a.md; just copy it."
        before = [one.text for one in job.prohibitions if one.chain in (job.chain, job.chain - 1)]
        job.mention([place.text for text in before for place in mark(text).places])
    if clause.conditional:
        outcome.failed.append(job.say("conditional"))
    else:
        yield from _by_source(job, marked, outcome)
        yield from keep_promises(job, marked, outcome, since)
    if not outcome.done and not outcome.failed and not outcome.shown:
        outcome.failed.append(job.say("prohibited"))
    if len(job.findings) > since:
        job.barren.pop(job.chain, None)
    elif outcome.failed:
        job.barren[job.chain] = short(outcome.text, 80)
    if outcome.failed:
        job.fail(outcome, [place.text for place in marked.of("path")])
        job.mention([place.text for place in marked.of("path") if place.part != "target"])


def _by_source(job: Job, marked: Marked, outcome: Outcome) -> Steps:
    """Where a sub-goal says where to look, by the rule for that; else by its verb."""
    if (forgotten := to_forget(marked)) is not None:
        yield from rule_forget(job, forgotten, outcome)
    elif in_base := asked_of_the_base(marked, job.tools):
        yield from rule_base(job, in_base, outcome)
    elif page := asked_of_illustrating(marked, job.tools, job.pictures):
        yield from rule_illustrating(job, page, outcome)
    elif change := asked_to_change(marked, job.tools, job.mentioned):
        yield from rule_change(job, change, outcome)
    elif picture := asked_of_pictures(marked, job.tools):
        yield from rule_picture(job, picture, outcome)
    elif sight := asked_of_a_picture(job, marked):
        yield from rule_sight(job, sight, outcome)
    elif on_pages := asked_of_pages(marked, job.tools):
        yield from rule_pages(job, marked, on_pages, outcome)
    elif on_web := asked_of_the_web(marked, job.tools, job.web):
        yield from rule_web(job, on_web, outcome)
    else:
        yield from _by_rule(job, marked, outcome)


_READ_TO_ANSWER = re.compile(
    rf"(?:read|open|consult|use)\b[^,，]*{BLANK}\s*(?:,|and|to)?\s*answer\b[:：\s]*(?:the question\b[:：\s]*)?|"
    rf"(?:阅读|读取|通读|查看|参考|读|看)[^,，]*{BLANK}\s*(?:的?内容)?[,，]?\s*(?:并|再|来|后)?回答(?:问题)?[:：\s]*",
    re.IGNORECASE,
)
_PRONOUN = re.compile(r"\b(?:it|them)\b|它", re.IGNORECASE)
_HELP = re.compile(
    r"(?:what (?:can|do|are) you(?: do| able to do| good at| help (?:me )?with)?|what are you|who are you|"
    r"how can you help(?: me)?|"
    r"(?:help|help me)|how do(?:es)? (?:this|it|you) work|"
    r"(?:你|您)?(?:是谁|会什么|会做什么|能(?:做|干)(?:些)?什么|有什么功能|怎么用)|(?:做|干)(?:些)?什么|会什么|帮助)\s*[?？!！.。]*",
    re.IGNORECASE,
)


_OF_THE_WEB = (SEARCH, OPEN, SUM_UP)
_CHANGES: Mapping[str, Rule] = {"edit": rule_edit, "move": rule_move, "delete": rule_delete}


def _by_rule(job: Job, marked: Marked, outcome: Outcome) -> Steps:
    by_name = called(marked.text, job.tools)
    if by_name is not None:
        yield from rule_called(job, by_name, outcome)
        return
    if asks_for_a_listing(marked) and not looks_for_words(marked):
        tool = job.tools.for_concept("list")
        listing = Match(tool=tool, concept="list", start=0, end=0, strength="named")
        yield from rule_list(job, marked, listing, outcome)
        return
    if end := looks_for_words(marked):
        searching = Match(tool=job.tools.for_concept("search"), concept="search", start=0, end=end, strength="head")
        yield from RULES["search"](job, marked, searching, outcome)
        return
    if asked := _READ_TO_ANSWER.match(marked.masked):
        yield from answer(job, marked, asked.end(), outcome)
        return
    found = find(marked, job.tools)
    start = opening_end(marked.masked, lambda text: text.casefold().startswith((*ANSWERS_ENGLISH, *ANSWERS_CHINESE)))
    match = _trusted(job, marked, found) or _opening(job, marked, found)
    if match is not None:
        rule = _CHANGES.get(match.concept) or RULES.get(match.concept)
        if match.strength == "head" and rule is not None:
            yield from rule(job, marked, match, outcome)
        else:
            yield from rule_any(job, marked, match, outcome)
    elif means_the_web(marked) and not marked.places:
        outcome.failed.append(_why_not_there(job, OPEN if marked.of("address") else SEARCH))
    elif _HELP.fullmatch(marked.text.strip()):
        outcome.show(job.say("help"))
    elif is_asked(marked, start) and not any(one.concept for one in found):
        yield from answer(job, marked, start, outcome)
    elif job.todo and (_only_opens(marked) or only_looks(marked.text)):
        since = yield from documents(job, outcome, marked)
        if since:
            outcome.done.append(short(marked.text))
    else:
        outcome.failed.append(_why_not(job, found))


def _why_not_there(job: Job, needed: str) -> str:
    """Why nothing is done on the web, for which this tool is needed."""
    if any(one.name == needed for one in job.tools.matched):
        return job.say("beyond")
    denied = sorted({one for one in job.goal.tools.deny for tool in _OF_THE_WEB if fnmatchcase(tool, one)})
    return job.say("web_denied", what=", ".join(denied)) if denied else job.say("web")


def _why_not(job: Job, found: Sequence[Match]) -> str:
    for match in found:
        if match.tool is None:
            return job.say("not_offered")
        missing = fill(match.tool, mark(""), start=0, end=0).missing
        if not match.concept and missing:
            return job.say("missing", tool=match.tool.name, what=", ".join(missing))
    return job.say("beyond")


def _only_opens(marked: Marked) -> bool:
    """Does a sub-goal only say which documents it is about ("Based on a.md")?"""
    return bool(
        re.match(r"(?:in|from|using|based on|according to|with|for|about)\b", marked.masked, re.I)
    ) and not terms(re.sub(r"\b(?:using|based|according)\b", "", marked.masked))


def _trusted(job: Job, marked: Marked, found: Sequence[Match]) -> Match | None:
    """The first tool that the sub-goal really asks for: what it needs can be filled, and where it works is meant."""
    offered = [one for one in found if one.tool is not None]
    for match in offered:
        tool = match.tool
        assert tool is not None
        if match.concept in RULES and match.concept not in ("write", "append"):
            if means_the_web(marked) and not marked.places and tool.effect in ("read", "write"):
                continue
            if match.concept == "read" and not _can_read(job, marked, match, len(offered) > 1):
                continue
            if match.concept in ("search", "list", "summarise") and _better(match, offered):
                continue
            return match
        if match.concept in ("write", "append"):
            return match
        if tool.effect in ("send", "execute") and match.strength != "head":
            continue
        filled = fill(tool, marked, start=match.start, end=match.end)
        paths = {one.name for one in parameters(tool) if one.kind == "path"}
        if not filled.missing or (set(filled.missing) <= paths and len(filled.missing) == 1):
            return match
    return next((one for one in found if one.tool is None and one.concept), None) if not offered else None


def _opening(job: Job, marked: Marked, found: Sequence[Match]) -> Match | None:
    """The tool that opens an address which is to be read, as a file would be."""
    reading = next((one for one in found if one.concept == "read"), None)
    if reading is None or marked.places or not marked.of("address"):
        return None
    for tool in job.tools.matched:
        if tool.effect == "fetch" and any(one.kind == "address" for one in parameters(tool)):
            return replace(reading, tool=tool, concept="", strength="named")
    return None


_IT = re.compile(
    r"\W*(?:it|them|this|that|these|those|both|all|(?:the|all|both)\s+(?:file|document|text|rest|content)s?|"
    r"它们?|其|这个?|这些|内容|全文|文件|文档)?(?:\s*(?:back|again|through|aloud))?\W*",
    re.IGNORECASE,
)


def _can_read(job: Job, marked: Marked, match: Match, others: bool) -> bool:
    """Is there something to read? Where another tool is named as well (查看北京的天气), a document must be meant."""
    known = bool(job.mentioned or job.transcript.handed)
    meant = known and (not others or _IT.fullmatch(marked.masked[match.end :]) is not None)
    return bool(marked.places or wanted(marked)) or meant or not others


def _better(match: Match, offered: Sequence[Match]) -> bool:
    """Is there a tool of its own words that are longer, or that can use the address?"""
    return any(
        other.concept == "" and other.strength == "head" and other.end - other.start > match.end - match.start
        for other in offered
    )


def _checked(job: Job) -> Steps:
    """A file that the checks look at, and that no sub-goal named, is written of what was found."""
    sources = {one.source for one in job.findings}
    files = [file for file in checked_files(job.goal) if file not in job.written and file not in sources]
    found = [one for one in job.findings[job.fresh :] if one.kind != "plain"]
    if len(files) != 1 or not found or any(files[0] in clause.text for clause in job.todo):
        return
    if job.barren:  # what the file is to hold is not what was found
        return
    outcome = Outcome(text=files[0])
    job.outcomes.append(outcome)
    name = files[0].rpartition("/")[2].rpartition(".")[0]
    wanted = wish(job, mark(""), target=files[0], title=name[:1].upper() + name[1:], topic="")
    yield from put_brief(job, outcome, files[0], found, wanted)


def _heard(job: Job, said: Said) -> Steps:
    outcome = Outcome(text=said.text)
    job.chain = 0
    if said.origin == "checks":
        yield from _complained(job, said, outcome)
    elif job.composed and asks_for_length(said.text):
        job.outcomes.append(outcome)
        yield from rewrite(job, said.text, outcome)
    else:
        known = list(job.prohibitions)
        yield from _sub_goals(job, take_in(job, said.text[:LONGEST]))
        job.prohibitions = known  # they stand there already


def _complained(job: Job, said: Said, outcome: Outcome) -> Steps:
    """Mend what checks complain of, once, or tell that it cannot be done. Only the last round of checks counts."""
    if job.complaint is not None:
        job.complaint.failed.clear()
    if said.finishes and not job.transcript.claims[said.finishes - 1]:
        # To give up ends a run: who is asked on was resumed, perhaps with more leave, and has the checks decide anew.
        return
    if said.finishes <= 1:
        yield from retry(job, said.text, outcome)
    if not outcome.done and not outcome.failed and not all(one.ok for one in job.outcomes):
        return  # it was told already what is missing
    job.complaint = outcome
    job.outcomes.append(outcome)
    if not outcome.done or outcome.failed:
        outcome.failed.append(job.say("checks", what=short(said.text, 400)))
