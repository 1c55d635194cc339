"""Engines that are made to be asked by programs, and answer in JSON: a SearXNG server of the user's, and Wikipedia.

They are asked through the one client, by its own name.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from plugins._answer import Answered
from plugins._given_web import Fetched, Hit
from plugins._http import WebHttp
from plugins._judging import NotAllowed, Unreachable
from plugins._outcome import ToolError
from plugins._search_address import address_of
from plugins._search_engine import Answer, Away, KeptOut, Limited, Question, Unreadable, plain
from plugins._search_time import date_at_head, iso_day
from plugins._search_ways import SEARXNG

_MOST_BYTES = 4_000_000
_REFUSES = re.compile(r"captcha|too many|denied|suspended|limit|429|403", re.IGNORECASE)
_SCRIPTS = (
    ("\u3040", "\u30ff", "ja"),
    ("\uac00", "\ud7af", "ko"),
    ("\u4e00", "\u9fff", "zh"),
    ("\u0400", "\u04ff", "ru"),
)


@dataclass(frozen=True, slots=True)
class SearxngEngine:
    """A SearXNG server, which asks many engines itself. Its settings must name `json` among `search.formats`."""

    url: str
    client: WebHttp
    name: str = SEARXNG

    def times(self, question: Question) -> bool:
        return question.since is None or question.period is not None

    def covers(self, site: str) -> bool:  # noqa: ARG002 - of all sites
        return True

    def ask(self, question: Question, *, seconds: float) -> Answer:
        asked = {"q": question.words, "format": "json"}
        if question.period is not None:
            asked["time_range"] = question.period
        found = _read(self.client, f"{self.url.rstrip('/')}/search?{urlencode(asked)}", seconds, forbidden=_NO_JSON)
        listed = found.get("results")
        if not isinstance(listed, list):
            raise Unreadable("its answer has no results")
        hits = [hit for one in listed if (hit := self._hit(one, question)) is not None]
        if listed and not hits:
            raise Unreadable("its results are not as they were: they have no address and title")
        if not hits:
            _judge_silent(found.get("unresponsive_engines"))
        return Answer(hits=hits, timed=self.times(question) and question.is_exact)

    def _hit(self, one: object, question: Question) -> Hit | None:
        if not isinstance(one, Mapping):
            return None
        url, title, text = address_of(str(one.get("url") or "")), _text(one.get("title")), _text(one.get("content"))
        if not url or not title:
            return None
        day = iso_day(one.get("publishedDate")) or date_at_head(text, question.today)
        engine = plain(str(one.get("engine") or ""))[:40]
        return Hit(title=title, url=url, text=text, engine=f"{SEARXNG}/{engine}" if engine else SEARXNG, date=day)


_NO_JSON = "it does not give JSON: its settings.yml must name json under search.formats"


def _judge_silent(unresponsive: object) -> None:
    """Where the server found nothing: were its own engines able to look?"""
    named = [one for one in unresponsive if isinstance(one, Sequence) and one] if isinstance(unresponsive, list) else []
    if not named:
        return
    told = plain("; ".join(": ".join(map(str, one[:2])) for one in named[:4]))[:200]
    if any(_REFUSES.search(str(one[-1])) for one in named):
        raise Limited(f"its engines were asked too often ({told})", rest=120.0)
    raise Away(f"its engines do not answer ({told})")


@dataclass(frozen=True, slots=True)
class WikipediaEngine:
    """The search of Wikipedia, in the language of the query's letters. It knows its own pages only."""

    client: WebHttp
    name: str = "wikipedia"

    def times(self, question: Question) -> bool:
        return question.since is None

    def covers(self, site: str) -> bool:
        host = site.partition("/")[0]
        return not site or host == "wikipedia.org" or host.endswith(".wikipedia.org")

    def ask(self, question: Question, *, seconds: float) -> Answer:
        host = f"{self._language(question)}.wikipedia.org"
        asked = {
            "action": "query",
            "list": "search",
            "srsearch": question.query,
            "srlimit": str(min(question.count, 20)),
            "srprop": "snippet",
            "format": "json",
            "formatversion": "2",
            "utf8": "1",
        }
        found = _read(self.client, f"https://{host}/w/api.php?{urlencode(asked)}", seconds)
        if isinstance(error := found.get("error"), Mapping):
            code = plain(str(error.get("code", "")))[:60]
            raise Limited("it was asked too often") if "limit" in code else Unreadable(f"it answers {code}")
        query = found.get("query")
        listed = query.get("search") if isinstance(query, Mapping) else None
        if not isinstance(listed, list):
            raise Unreadable("its answer has no results")
        hits = []
        for one in listed:
            title = _text(one.get("title")) if isinstance(one, Mapping) else ""
            if title:
                url = f"https://{host}/wiki/{quote(title.replace(' ', '_'), safe='/:,()!*-._~')}"
                hits.append(Hit(title=title, url=url, text=_text(one.get("snippet")), engine=self.name))
        if listed and not hits:
            raise Unreadable("its results are not as they were: they have no title")
        return Answer(hits=hits, timed=question.since is None)

    def _language(self, question: Question) -> str:
        """The edition that is asked: the one that the site names, else the one of the query's letters."""
        named = question.site.partition("/")[0].removesuffix(".wikipedia.org").removesuffix(".m")
        if question.site and re.fullmatch(r"[a-z][a-z-]{1,15}", named):
            return named
        for first, last, language in _SCRIPTS:
            if any(first <= one <= last for one in question.query):
                return language
        return "en"


def _read(client: WebHttp, url: str, seconds: float, *, forbidden: str = "") -> Mapping[str, Any]:
    """What an address of such an engine answers."""
    try:
        # robots.txt speaks of pages; this door is open to programs, and the user's own server was named by the user.
        found = client.get(url, most_bytes=_MOST_BYTES, timeout=seconds, robots=False)
    except Answered as error:
        if error.status == 403 and forbidden:
            raise Unreadable(forbidden) from error
        if error.status in (403, 429, 503):
            raise Limited(f"it was asked too often ({error.status})") from error
        raise (Away if error.status >= 500 else Unreadable)(f"it answers {error.status}") from error
    except Unreachable as error:
        raise Away(error.message) from error
    except NotAllowed as error:
        raise KeptOut(f"the goal file does not allow {urlsplit(url).hostname}") from error
    except ToolError as error:
        raise Away(error.message + (f"; {error.hint}" if error.hint else "")) from error
    return _object(found, urlsplit(url).hostname or "")


def _object(found: Fetched, host: str) -> Mapping[str, Any]:
    try:
        read = json.loads(found.content)
    except (ValueError, RecursionError) as error:
        raise Unreadable(f"{host} sent something that is not JSON") from error
    if not isinstance(read, Mapping):
        raise Unreadable(f"{host} sent JSON of another kind")
    return read


def _text(value: object) -> str:
    """Words that may hold marks of HTML, as one line of plain text."""
    return plain(html.unescape(re.sub(r"</?\w[^<>]{0,200}>", "", value))) if isinstance(value, str) else ""
