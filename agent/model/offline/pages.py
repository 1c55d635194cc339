"""Pages whose addresses a sub-goal names: "What does https://… say about …?", 总结一下 https://…"""

from __future__ import annotations

import re
from dataclasses import dataclass

from agent.events import JSON
from agent.model.offline.answers import is_asked
from agent.model.offline.compose import is_limited
from agent.model.offline.findings import Finding
from agent.model.offline.gather import cut, show
from agent.model.offline.intents import Intent, Outcome, Steps
from agent.model.offline.marks import BLANK, Marked, mark
from agent.model.offline.matching import Match, Toolset
from agent.model.offline.putting import write_brief
from agent.model.offline.script import Job
from agent.model.offline.targets import targets_of
from agent.model.offline.web import OPEN, POLITE, body_of, open_pages
from agent.model.offline.wishes import topic_of, wish
from agent.model.offline.wording import short
from agent.model.offline.words import is_chinese

SUM_UP = "summarize_pages"
"""The tool that makes one text of several pages."""

_SUMS = re.compile(
    rf"{POLITE}(?:summari[sz]e|sum\s+up|condense|digest|recap|compare|contrast|"
    r"(?:give|write|make|prepare|get|show)\s+(?:(?:me|us)\s+)?(?:an?\s+|the\s+)?(?:[\w-]+\s+){0,2}?"
    r"(?:summary|overview|digest|recap|comparison)(?:\s+(?:of|on|from|about))?)\b|"
    r"总结|概括|概述|归纳|摘要|综述|比较|对比",
    re.IGNORECASE,
)
_OPENS = re.compile(
    rf"{POLITE}(?:(?:open|read|visit|fetch|load|look\s+at|show(?:\s+me)?)\b|打开|阅读|读取|访问|浏览|查看|看看?|读)",
    re.IGNORECASE,
)
_SOURCE = r"(?:according\s+to|based\s+on|from|in|on|using|with)"
_FROM = re.compile(rf"{POLITE}(?:{_SOURCE}\b|根据|依据|按照?|从|在)[^,，:：]*{BLANK}", re.IGNORECASE)
_BEHIND = re.compile(rf"\s*(?:,\s*)?{_SOURCE}\s+{BLANK}(?=\s*[?？.]?\s*$)", re.IGNORECASE)
_FOR = re.compile(rf"^\s*{BLANK}+\s*(?:for|about|to\s+find(?:\s+out)?)\b", re.IGNORECASE)
_INSIDE = re.compile(r"^\s*(?:里面?|中|上|的内容)?[\s,，:：]*")
_EMPTY = re.compile(rf"{BLANK}|\b(?:what|is|does)\b", re.IGNORECASE)
_MEANT = re.compile(
    rf"(?:the\s+)?(?:(?:web\s*)?page|site|website|article|address|link|url)s?\s+(?:(?:at|of|on|under)\s+)?(?={BLANK})|"
    rf"(?<={BLANK})\s*(?:这个|这篇|那个)?的?(?:网页|页面|网站|文章|链接|地址)",
    re.IGNORECASE,
)
_SEEKS = re.compile(
    rf"{POLITE}(?:(?:check|look\s+up|find|search|get|extract|list)\b|查|找|列出|提取|摘录)", re.IGNORECASE
)
_LEAD = re.compile(
    r"^\W*(?:and\s+|to\s+)?(?:answer|find(?:\s+out)?|look\s+up|check|search|get|extract|list|see)\b(?:\s+the\s+question)?[\s:：,]*|"
    r"^\W*(?:回答|解答|查明|查一下|查查|查|找一下|找出|找)(?:问题)?[\s：:，]*",
    re.IGNORECASE,
)
_NOTHING = "Nothing in this page answers that"
"""How `fetch_page` says so without a model."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PageWish:
    """What a sub-goal wants of pages: all that they say, an answer to a `question`, or a summary (`sums`, with the end
    of the words that ask for it)."""

    addresses: tuple[str, ...]
    question: str = ""
    sums: int = 0


def asked_of_pages(marked: Marked, tools: Toolset) -> PageWish | None:
    """What a sub-goal wants of the pages whose addresses it names; None where it names none, or wants something else
    of them, or where no tool opens pages."""
    addresses = tuple(dict.fromkeys(one.text for one in marked.of("address")))
    if not addresses or any(one.part != "target" for one in marked.places) or not _is_offered(tools, OPEN):
        return None
    if sums := _SUMS.search(marked.masked):
        rest = _MEANT.sub("", marked.masked[sums.end() :])
        return PageWish(addresses=addresses, question=topic_of(mark(rest.replace(BLANK, " ")), 0), sums=sums.end())
    if _OPENS.match(marked.masked):
        return PageWish(addresses=addresses)
    from_it = _FROM.match(marked.masked)
    only_named = not marked.masked.strip(f"{BLANK} .。!！")
    if only_named or from_it is not None or is_asked(marked) or _SEEKS.match(marked.masked):
        return PageWish(addresses=addresses, question="" if only_named else _question(marked))
    return None


def _is_offered(tools: Toolset, name: str) -> bool:
    return any(one.name == name for one in tools.matched)


def _question(marked: Marked) -> str:
    """The question without the addresses; "" where it asks for all that is there."""
    text = marked.text
    for one in reversed(marked.of("address")):
        text = f"{text[: one.start]}{BLANK}{text[one.end :]}"
    text = _LEAD.sub("", _MEANT.sub("", text))
    if found := _FROM.match(text):
        text = _LEAD.sub("", _INSIDE.sub("", text[found.end() :]))
    text = _FOR.sub("", _BEHIND.sub("", text))
    page = "这个网页" if is_chinese(text) else "the page"
    return " ".join(text.replace(BLANK, page).split()) if topic_of(mark(_EMPTY.sub(" ", text)), 0) else ""


def rule_pages(job: Job, marked: Marked, asked: PageWish, outcome: Outcome) -> Steps:
    """Open the pages, ask them, or have them summed up; for a file, or at a length, it is told by their sentences."""
    since = len(job.findings)
    targets = targets_of(marked)
    if targets is None:
        outcome.failed.append(job.say("several"))
        return
    wanted = wish(job, marked, target="", title="", topic=asked.question)
    put_together = bool(job.targets) or is_limited(wanted)
    if asked.sums and not put_together and _is_offered(job.tools, SUM_UP):
        yield from _sum_up(job, asked, outcome)
    elif asked.question and not asked.sums:
        yield from _ask(job, asked, outcome)
    else:
        yield from open_pages(job, outcome, asked.addresses, count=len(asked.addresses))
        if not job.targets:
            show(job, outcome, since, wish=wanted if asked.sums else None)
    found = job.findings[since:]
    for path in targets if found else ():
        match = Match(tool=None, concept="summarise", start=0, end=asked.sums, strength="head")
        yield from write_brief(job, marked, match, outcome, path, found)


def _sum_up(job: Job, asked: PageWish, outcome: Outcome) -> Steps:
    arguments: dict[str, JSON] = {"urls": list(asked.addresses)}
    if asked.question:
        arguments["question"] = asked.question
    line = job.say("summarise", what=short(", ".join(asked.addresses), 120))
    result = yield from job.call(outcome, SUM_UP, arguments, line)
    if result.ok:
        job.find(Finding(source=asked.addresses[0], kind="plain", text=result.text))
        outcome.show(cut(result.text, 4_000))


def _ask(job: Job, asked: PageWish, outcome: Outcome) -> Steps:
    results = yield from job.calls(
        outcome,
        [Intent(tool=OPEN, arguments={"url": one, "question": asked.question}) for one in asked.addresses],
        [job.say("question", what=short(one, 120), topic=asked.question) for one in asked.addresses],
    )
    for url, result in zip(asked.addresses, results, strict=True):
        said = body_of(result.text)
        if not result.ok:
            continue
        if said.startswith(_NOTHING):
            outcome.failed.append(f"{url}: {said}")
            continue
        quotes = [line[2:] for line in said.split("\n") if line.startswith("> ")]
        job.find(Finding(source=url, kind="summary", text="\n".join(quotes) or said))
        outcome.show(f"{url}:\n{cut(said, 4_000)}")
