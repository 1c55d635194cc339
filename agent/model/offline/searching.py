"""Words looked for in the files as they stand."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agent.events import JSON
from agent.model.offline.answers import answer
from agent.model.offline.documents import files_at
from agent.model.offline.findings import Finding
from agent.model.offline.gather import cut, escaped
from agent.model.offline.hits import hits_in
from agent.model.offline.intents import Intent, Outcome, Steps
from agent.model.offline.marks import Mark, Marked, mark
from agent.model.offline.matching import Match
from agent.model.offline.parameters import parameters
from agent.model.offline.scopes import CHINESE_PLACE, Place, where_to_search
from agent.model.offline.script import Job, spelt
from agent.model.offline.wishes import topic_of
from agent.model.offline.wording import short
from agent.model.offline.words import IDEOGRAPH, pattern_of, terms


def rule_search(job: Job, marked: Marked, match: Match, outcome: Outcome) -> Steps:
    """Search the files for quoted words; without quotes it is a question to the documents."""
    # What is looked for may itself look like a file: "config.yaml" in quotes.
    quotes = marked.of("quote") or [one for one in marked.places if one.quoted and one.part == "plain"]
    quotes, others = _joined(marked, quotes), quotes
    if len(others) > len(quotes):
        outcome.failed.append(job.say("several_places"))
        return
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
    places = yield from where_to_search(job, marked, outcome, quotes=quotes, verb=match)
    if outcome.failed:
        return
    since = len(job.findings)
    also = [one.text for one in quotes[1:]]
    yield from search_for(job, marked, outcome, text or every, places, also=also, any_form=bool(every))
    nothing = not any(hits_in(one.text) for one in job.findings[since:])
    if nothing and not quotes and len(terms(text)) > 1 and not outcome.failed:
        # Words that stand nowhere in this order may still be what the documents speak of.
        del job.findings[since:]
        outcome.shown.clear()
        if places:
            job.mention((yield from files_at(job, [one.path for one in places if one.path])))
        yield from answer(job, mark(text), 0, outcome)


_AND_OR = re.compile(r"\s*(?:,|，|、)?\s*(?:and|or|&|和|或者?|与|及|以及|跟)?\s*", re.IGNORECASE)


def _joined(marked: Marked, quotes: Sequence[Mark]) -> list[Mark]:
    """The first of the quoted words and those that are joined to it: "a" and "b", “甲”或“乙”."""
    found = list(quotes[:1])
    for one in quotes[1:]:
        if not _AND_OR.fullmatch(marked.text[found[-1].end : one.start]):
            break
        found.append(one)
    return found


def search_for(
    job: Job,
    marked: Marked,
    outcome: Outcome,
    text: str,
    places: Sequence[Place],
    *,
    also: Sequence[str] = (),
    any_form: bool = False,
) -> Steps:
    """Search for words in places and keep the lines that have them, without those of files that are left out.

    Args:
        job: The play.
        marked: The sub-goal.
        outcome: What becomes of it.
        text: The words.
        places: Where; empty for everywhere.
        also: Other words, of which a line may have any instead.
        any_form: Find the word in all its forms, and not only as it stands.
    """
    tool = job.tools.for_concept("search")
    if tool is None:
        outcome.failed.append(job.say("not_offered"))
        return
    verbatim = re.search(r"\bregex\b|regular expression|正则", marked.masked, re.IGNORECASE)
    pattern = pattern_of(text) if any_form else text if verbatim else _pattern([text, *also], marked)
    intents: list[Intent] = []
    for place in places or [Place()]:
        arguments: dict[str, JSON] = {}
        for one in parameters(tool):
            if one.name in ("regex", "pattern"):
                arguments[one.name] = pattern
            elif one.name in ("query", "text"):
                arguments[one.name] = text
            elif one.name == "glob" and place.glob:
                arguments[one.name] = place.glob
            elif one.kind == "path" and place.path:
                arguments[one.name] = place.path
        intents.append(Intent(tool=tool.name, arguments=arguments))
    line = job.say("search", what=short(", ".join([text, *also])))
    results = yield from job.calls(outcome, intents, [line] * len(intents))
    found = [_without(one.text, job, marked) for one in results if one.ok]
    found = [one for one in found if hits_in(one)] or found[:1]
    if found:
        job.find(Finding(source=text, kind="plain", text="\n".join(found)))
        outcome.show(cut("\n".join(found)))


_ANY_CASE = re.compile(
    r"(?<!\w)-i\b|\bignor\w* (?:the )?case\b|\bcase[- ]insensitive|不区分大小写|忽略大小写|不分大小写", re.IGNORECASE
)
_AT_BEGIN = re.compile(
    r"\b(?:start|begin)\w*\s+with\s*\ue000|[以由]?\ue000+\s*(?:开头|开始|打头)|(?:开头|开始)[是为]\s*\ue000",
    re.IGNORECASE,
)
_AT_END = re.compile(r"\bend\w*\s+(?:with|in)\s*\ue000|[以由]?\ue000+\s*(?:结尾|结束|收尾)|结尾[是为]\s*\ue000", re.I)


def _pattern(texts: Sequence[str], marked: Marked) -> str:
    """The words as they stand, in any case or at an end of the line where that is said."""
    pattern = "|".join(map(escaped, texts))
    pattern = f"(?:{pattern})" if len(texts) > 1 else pattern
    if _AT_BEGIN.search(marked.masked):
        pattern = f"^{pattern}"
    elif _AT_END.search(marked.masked):
        pattern = f"{pattern}$"
    return f"(?i){pattern}" if _ANY_CASE.search(marked.masked) else pattern


def _without(text: str, job: Job, marked: Marked) -> str:
    """The lines of a result without those of files that the sub-goal, or a prohibition, leaves out."""
    out = list(marked.left_out)
    tool = job.tools.for_concept("search")
    words = [*tool.aliases, "look", "找", "查", "搜"] if tool is not None else []
    for clause in job.prohibitions:
        if clause.text.casefold().startswith(tuple(one.casefold() for one in words)):
            out += [one.text for one in mark(clause.text).places]
    if not out:
        return text
    names = tuple(f"{spelt(one)}{sign}" for one in out for sign in ":/")
    kept = [line for line in text.split("\n") if not line.startswith(names)]
    return "\n".join(kept) if any(line.strip() for line in kept) else job.say("nothing_left")


def _searched(marked: Marked, match: Match) -> str:
    """The words behind "search for", if they are few: they are looked for as they stand."""
    behind = marked.masked[match.end :]
    found = re.match(
        r".*?(?:\b(?:for|occurrences? of|mentions? of|"
        r"(?:lines?|places?|entries) (?:with|containing|mentioning|that (?:contain|mention|have)))\s+"
        r"(?:the\s+)?(?:words?\s+|terms?\s+|phrases?\s+)?|^\s*(?:the\s+)?(?:words?|terms?|phrases?)\s+)"
        r"(?!(?:lines?|places?|entries|rows?|mentions?|occurrences?)\b)([\w\-]+(?:\s+[\w\-]+){0,3}?)"
        r"(?=\s+(?:in|within|under|inside|to|into|from|as)\b|\s*[.?]?$)",
        behind,
    )
    if found is not None:
        return "" if " " in found[1] and _NO_PHRASE.search(found[1]) else found[1]
    lines = _CHINESE_LINES.search(behind)
    if lines is not None:
        return lines["having"] or lines["being"]
    plain = CHINESE_PLACE.sub("", behind)
    chinese = re.match(r"\s*(?:单词|词语|关键词|关键字|字样|词)?\s*([A-Za-z][\w\-]+)\s*$", plain)
    if chinese is not None:
        return chinese[1]
    verb = marked.masked[match.start : match.end].strip()
    word = re.match(rf"\s*(?:单词|词语|关键词|关键字|字样)?\s*([{IDEOGRAPH}]{{2,10}})\s*$", plain)
    literal = word is not None and verb in _LITERALLY and not _NO_WORD.search(word[1])
    return word[1] if word is not None and literal else ""


_CHINESE_LINES = re.compile(
    r"(?:提到|提及|包含|含有?|出现)了?\s*(?P<having>[\w\-]{1,12}?)\s*的(?:所有|全部)?(?:行|文件|文档|地方|句子|内容|段落)|"
    r"(?<![\w\-])(?P<being>[\w\-]{2,12})\s*出现的(?:所有|全部)?(?:行|文件|文档|地方|句子|段落)"
)
_NO_PHRASE = re.compile(
    r"\b(?:about|that|which|who|whom|what|when|where|why|how|with|of|files?|documents?|all|any|every|each|information|"
    r"details|mentions?|something|anything|answers?|it|them|this|most|best|main|key|important)\b",
    re.IGNORECASE,
)
"""What makes a description of several words: they are no phrase that stands in the files."""
_LITERALLY = ("搜索", "检索", "搜寻", "搜", "查找", "grep")
"""Chinese verbs behind which a short word is looked for as it stands; 找出 asks for what it is about."""
_NO_WORD = re.compile(
    "[的了吗呢和与或]|什么|谁|哪|几|多少|怎|如何|为何|是否|所有|全部|每|一下|资料|信息|内容|文件|文档|答案|主要|最|有关|关于|相关|[把将到在从]"
)
"""What makes of words behind such a verb a question or a description."""


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
