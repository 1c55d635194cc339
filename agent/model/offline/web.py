"""The web: "Search the web for …, open three pages", 上网搜索…，打开三个网页."""

from __future__ import annotations

import re
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass

from agent.events import JSON
from agent.model.offline.clauses import Clause
from agent.model.offline.findings import Finding
from agent.model.offline.gather import cut, show
from agent.model.offline.intents import Intent, Outcome, Steps, Wants
from agent.model.offline.marks import Marked
from agent.model.offline.matching import Toolset
from agent.model.offline.script import Job
from agent.model.offline.transcript import Result
from agent.model.offline.wording import short
from agent.model.offline.words import any_of, terms

SEARCH, OPEN = "web_search", "fetch_page"
"""The tools that search the web, and open a page of it."""
_PAGES = 3
"""So many pages are opened, where the goal does not say how many."""
_MOST_PAGES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class WebWish:
    """What a sub-goal wants of the web: a `query` to search for, or `count` of the pages that were found."""

    query: str = ""
    site: str = ""
    since: str = ""
    count: int = 0


_NET = r"(?:the\s+)?(?:web|internet|net|world wide web)|google|bing|duckduckgo|brave"
POLITE = r"^\W*(?:(?:please|first|then|now|next|also|can you|could you|i want you to|let us|let's)\b\W*|请|帮我)*"
"""The inside of a regular expression for what opens a sub-goal before its verb."""
_ENGLISH = tuple(
    re.compile(POLITE + pattern, re.IGNORECASE | re.DOTALL)
    for pattern in (
        (
            rf"(?:search|look|check|browse|consult|go)\s+(?:(?:on|in|through|at|to)\s+)?(?:{_NET}|online)\b"
            r"\s*(?:for|about|on|and find|to find(?:\s+out)?(?:\s+about)?)?\s*[:,]?\s*(?P<query>\S.*)$"
        ),
        (
            rf"(?:find(?:\s+out)?|look\s+up|research|investigate|learn|read\s+up|discover)\s+"
            rf"(?:online|(?:on|in|from|through|over|using|via)\s+(?:{_NET}))\b\s*(?:about|for|on)?\s*[:,]?\s*(?P<query>\S.*)$"
        ),
        r"(?:do|run|make|perform)\s+a(?:n\s+online|\s+web|n\s+internet)\s+search\s+(?:for|on|about)\s+(?P<query>\S.*)$",
        r"(?:web[- ]search(?:\s+for)?|google(?:\s+for)?)\s+(?P<query>\S.*)$",
        (
            r"(?:search(?:\s+for)?|look\s+up|look\s+for|find(?:\s+out)?(?:\s+about)?|research|investigate|read up on)"
            rf"\s+(?P<query>\S.*?)\s+(?:(?:on|in|from|through|over|using|with)\s+(?:{_NET})|online)\s*[.!?]*$"
        ),
    )
)
_LOOK = (
    r"(?:搜索|搜寻|检索|查询|查找|查阅|查一查|查查|查|找一找|找找|寻找|找出|找|搜一搜|搜搜|搜|了解|调研|研究)"
    r"(?:一下|下)?"
)
_WEB = r"(?:互联网|因特网|网络|网|百度|谷歌|必应|google|bing)"
_CHINESE = tuple(
    re.compile(r"^\W*(?:请|帮我|帮忙|麻烦|先|再|然后|给我)*" + pattern + r"$", re.IGNORECASE | re.DOTALL)
    for pattern in (
        rf"(?:在|从|到|去|用|上|通过)?{_WEB}(?:上|里|中)?面?(?:去|来)?{_LOOK}\s*(?P<query>\S.*)",
        rf"(?:联网|在线){_LOOK}\s*(?P<query>\S.*)",
        r"(?:百度|谷歌)一下\s*(?P<query>\S.*)",
        rf"{_LOOK}(?:网页|网上|网络上?|互联网上?)(?:的|上的|关于|有关)*\s*(?P<query>\S.*)",
    )
)
_LEAD = re.compile(
    r"^(?:有?关于|有关|对于?|about|(?:recent |some |more |the latest )?(?:information|articles?|pages?|news|facts)\s+"
    r"(?:about|on|for))\s*",
    re.IGNORECASE,
)
_TAIL = re.compile(r"的?(?:相关)?的?(?:资料|信息|内容|文章|网页|报道|新闻|情况)$")
_SITE = re.compile(
    r"\s*(?:\bsite:\s*|\b(?:on|from|within|at)\s+(?:the\s+)?(?:(?:web)?site\s+)?|在)"
    r"(?P<site>(?:https?://)?[a-z0-9-]+(?:\.[a-z0-9-]+)*\.[a-z]{2,})(?:\s*(?:网站)?(?:上|里|中)的?)?(?=\s|$|[,，])",
    re.IGNORECASE,
)
_SINCE = re.compile(
    r"\s*\b(?:from|in|of|within|during|over)\s+the\s+(?:past|last)\s+(?P<english>(?:\d+\s+)?(?:day|week|month|year))s?\b|"
    r"(?P<chinese>(?:最近|近|过去)(?:\d+|[一二两三四五六])?个?(?:天|周|月|年))(?:内|以来)?的?",
    re.IGNORECASE,
)
_NUMBERS = {
    **{name: number for number, name in enumerate(("one", "two", "three", "four", "five", "six", "seven", "eight"), 1)},
    **{name: number for number, name in enumerate("一二三四五六七八", 1)},
    "两": 2,
    "all": _MOST_PAGES,
    "every": _MOST_PAGES,
    "each": _MOST_PAGES,
    "所有": _MOST_PAGES,
    "全部": _MOST_PAGES,
}
_COUNT = rf"(?P<count>\d{{1,2}}|{any_of(one for one in _NUMBERS if one.isascii())})"
_BEST = r"(?:(?:first|top|best|most\s+(?:relevant|promising|useful)|relevant|other|found|web)\s+)*"
_OPEN_ENGLISH = re.compile(
    rf"{POLITE}(?:open|read|visit|fetch|load|go\s+through|look\s+at|look\s+into)\s+(?:up\s+)?(?:at\s+least\s+|up\s+to\s+)?"
    rf"(?:the\s+|its\s+|a\s+few\s+|some\s+)?{_BEST}(?:{_COUNT}\s+)?(?:of\s+(?:the\s+|these\s+|those\s+)?)?{_BEST}"
    r"(?P<noun>pages?|results?|hits?|links?|sites?|websites?|articles?|sources?|them)\b[^,.]{0,30}[.!]?\s*$",
    re.IGNORECASE,
)
_OPEN_CHINESE = re.compile(
    r"^\W*(?:请|先|再|然后|并|依次|分别|逐一|逐个)*(?:打开|阅读|读取|访问|浏览|查看|读|看)(?:一下)?(?:其中|这些|那些|搜到的|找到的)?的?"
    r"(?:最?前面?|最?相关的?|最好的)?(?P<count>\d{1,2}|[一二两三四五六七八]|所有|全部)?的?(?:个|篇|张|条|份|项)?"
    r"(?:最?相关的?|最好的)?(?:搜索)?(?:网页|页面|结果|链接|网站|文章|来源)(?:的?内容)?[。.！]?\s*$"
)


def asked_of_the_web(marked: Marked, tools: Toolset, found: Mapping[str, str]) -> WebWish | None:
    """What a sub-goal wants of the web; None where it wants nothing of it, or the tool is not there. `found` are the
    pages that a search gave, by their addresses."""
    offered = {one.name for one in tools.matched}
    if OPEN in offered and found and (opens := _opens(marked.text)):
        return WebWish(count=opens)
    if SEARCH not in offered or marked.of("address"):
        return None
    query, site, since = _narrowed(_query(marked.text))
    if any(one.text not in site and one.part != "target" for one in marked.places if not one.quoted):
        return None  # it is a file that is to be looked at
    return WebWish(query=query, site=site, since=since) if terms(query) else None


def _query(text: str) -> str:
    for pattern in (*_ENGLISH, *_CHINESE):
        if found := pattern.match(text):
            return str(found["query"])
    return ""


def _narrowed(query: str) -> tuple[str, str, str]:
    """The words of a query without the site and the time to which it keeps, and these."""
    site, since = _SITE.search(query), _SINCE.search(query)
    for one in (site, since):
        query = query.replace(one[0], " ") if one else query
    time = (since["english"] or since["chinese"]) if since else ""
    query = _TAIL.sub("", _LEAD.sub("", " ".join(query.split()).strip(_ENDS))).strip(_ENDS)
    quoted = _QUOTED.fullmatch(query)
    return next(filter(None, quoted.groups()), "") if quoted else query, site["site"] if site else "", time


_ENDS = " ,，.。;；:：?？!！"
_QUOTED = re.compile(r"“([^”]+)”|‘([^’]+)’|「([^」]+)」|\"([^\"]+)\"|'([^']+)'")


def _opens(text: str) -> int:
    """How many of the pages that were found a sub-goal wants opened; 0 where it wants none."""
    found = _OPEN_ENGLISH.match(text) or _OPEN_CHINESE.match(text)
    if found is None:
        return 0
    count = (found["count"] or "").casefold()
    if not count and "noun" in found.groupdict() and found["noun"].casefold() in _SINGLE:
        return 1
    return min(_MOST_PAGES, max(1, int(_NUMBERS.get(count, count or _PAGES))))


_SINGLE = frozenset({"page", "result", "hit", "link", "site", "website", "article", "source"})


def rule_web(job: Job, asked: WebWish, outcome: Outcome) -> Steps:
    """Search, or open pages; without a word on it, pages are opened where something is to be written of them."""
    since = len(job.findings)
    if asked.count:
        yield from open_pages(job, outcome, list(job.web), count=asked.count)
    else:
        text = yield from _search(job, asked, outcome)
        if text and not _opens_next(job.following):
            if job.targets and any(one.name == OPEN for one in job.tools.matched):
                yield from open_pages(job, outcome, list(job.web), count=_PAGES)
            else:
                job.find(Finding(source=asked.query, kind="plain", text=text))
                outcome.show(cut(text))
    if not job.targets and asked.count:
        show(job, outcome, since)


def _search(job: Job, asked: WebWish, outcome: Outcome) -> Generator[Wants, list[Result], str]:
    """What was found, as it came; "" where nothing was."""
    arguments: dict[str, JSON] = {"query": asked.query}
    arguments |= {name: value for name, value in (("site", asked.site), ("since", asked.since)) if value}
    result = yield from job.call(outcome, SEARCH, arguments, job.say("search_web", what=short(asked.query)))
    job.web, job.sought = {}, asked.query
    if not result.ok:
        return ""
    job.web = hits_of(result.text)
    if not job.web:
        outcome.failed.append(job.say("no_pages", what=short(asked.query)))
        return ""
    return result.text


def _opens_next(following: Clause | None) -> bool:
    return following is not None and _opens(following.text) > 0


def open_pages(job: Job, outcome: Outcome, addresses: Sequence[str], *, count: int) -> Steps:
    """Open so many pages; where one cannot be opened, the next one is tried in its place."""
    tried, opened = Outcome(text=outcome.text), 0
    waiting = list(addresses)
    while waiting and opened < count:
        part, waiting = waiting[: count - opened], waiting[count - opened :]
        results = yield from job.calls(
            tried,
            [Intent(tool=OPEN, arguments={"url": one}) for one in part],
            [job.say("open", what=short(one, 120)) for one in part],
        )
        for url, result in zip(part, results, strict=True):
            if result.ok:
                opened += 1
                job.find(Finding(source=url, kind="text", text=body_of(result.text)))
    outcome.done += tried.done
    if opened:
        outcome.done += [job.say("unopened", what=one) for one in tried.failed]
    else:
        outcome.failed += tried.failed
    if 0 < opened < count:
        outcome.done.append(job.say("fewer_pages", count=opened, wanted=count))


_HIT = re.compile(r"^\[\d+\] (?P<title>.*)\n {4}(?P<url>https?://\S+)$", re.MULTILINE)


def hits_of(text: str) -> dict[str, str]:
    """The titles of the pages that a search gave, by their addresses."""
    return {found["url"]: found["title"] for found in _HIT.finditer(text)}


_HEADING = re.compile(
    r"^\W*(?:title|address|url|source|date|author|site|language|标题|地址|日期|作者|来源)\W{0,3}\s*[:：].*$",
    re.IGNORECASE,
)


def body_of(page: str) -> str:
    """A page as it was opened, without the block at its head, which tells its title, address and date, and without the
    last line, which tells where it was cut."""
    lines = page.strip().split("\n")
    begin = 0
    while begin < min(len(lines), 12) and (
        not lines[begin].strip() or _HEADING.match(lines[begin]) or _FRAME.fullmatch(lines[begin])
    ):
        begin += 1
    end = len(lines) - bool(_FRAME.fullmatch(lines[-1]))
    return "\n".join(lines[begin:end]).strip() or page.strip()


_FRAME = re.compile(r"\s*(?:-{3,}|\[.*\])\s*")
"""A line that is the tool's and not the page's."""
