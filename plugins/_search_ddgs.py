"""The back-ends of ddgs, each asked by itself.

ddgs knows how these engines are asked and how their pages are read, and is kept up as they change. What is asked goes
through its own HTTP client, not through ours: these engines turn away whoever does not shake hands as a browser does,
and that client does. But it is watched here, since ddgs says "No results found." of everything that goes wrong: a
status, a redirect to elsewhere, a silence or an unknown certificate is told as what it is; an answer is capped in bytes
and time; and the addresses in it stay as they were written (ddgs decodes them once, which breaks some).
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, quote_plus, urljoin, urlsplit

from plugins._convert._markup import Broken, drive
from plugins._given_web import Hit
from plugins._judging import Rules
from plugins._search_address import address_of
from plugins._search_engine import Answer, Away, KeptOut, Limited, Question, Unreadable, judge_empty, plain
from plugins._search_time import date_at_head
from plugins._search_ways import SearchWays

_MOST_BYTES = 4_000_000
_HOPS = 3
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_LIMITS = {202: "robots", 403: "robots", 418: "robots", 429: "often", 503: "often"}
_TIMED: Mapping[str, str] = {"duckduckgo": "dwmy", "brave": "dwmy", "startpage": "dwmy", "yahoo": "dwm"}
"""The periods that a back-end understands, as ddgs has them; the others understand none."""
_NEUTRAL = {"duckduckgo": "wt-wt"}
_SCRIPTS = (("\u3040", "\u30ff", "jp-ja"), ("\uac00", "\ud7af", "kr-ko"), ("\u0400", "\u04ff", "ru-ru"))


@dataclass(slots=True)
class _Page:
    """An answer, as ddgs wants it."""

    status_code: int
    text: str

    @property
    def content(self) -> bytes:
        return self.text.encode()


@dataclass(slots=True)
class _Result:
    """A result as it stands on the page, in place of ddgs's own, which changes the address."""

    title: str = ""
    href: str = ""
    body: str = ""


@dataclass(slots=True)
class _Watched:
    """A client of ddgs that tells what happens, in `primp`'s place."""

    client: Any
    ends: float
    rules: Rules
    pages: list[str] = field(default_factory=list)

    def request(self, method: str, url: str, **options: Any) -> _Page:
        """Ask, and follow redirects within the engine's own site."""
        for _ in range(_HOPS):
            host, port = urlsplit(url).hostname or "", urlsplit(url).port or 443
            if not self.rules.permits(host, port):
                raise KeptOut(f"the goal file does not allow {host}")
            answer = self._asked(method, url, options)
            status, told = answer.status_code, {name.lower(): one for name, one in answer.headers.items()}
            if status not in _REDIRECTS or "location" not in told:
                break
            target = urljoin(str(answer.url), told["location"])
            if urlsplit(target).scheme != "https" or _site(target) != _site(url):
                raise Limited(f"it leads on to {plain(urlsplit(target).hostname or 'elsewhere')[:80]}")
            url, options = target, {}
            method = method if status in (307, 308) else "GET"
        else:
            raise Unreadable(f"it leads on more than {_HOPS} times")
        if status in _LIMITS:
            why = "it takes us for a robot" if _LIMITS[status] == "robots" else "it was asked too often"
            raise Limited(f"{why} ({status})", rest=_seconds(told.get("retry-after", "")))
        if status != 200:
            raise Away(f"it answers {status}") if status >= 500 else Unreadable(f"it answers {status}")
        page = self._read(answer)
        self.pages.append(page)
        return _Page(status, page)

    def _asked(self, method: str, url: str, options: Mapping[str, Any]) -> Any:
        import primp

        left = self.ends - time.monotonic()
        if left <= 0:
            raise Away("it did not answer in time")
        try:
            return self.client.request(method, url, timeout=left, follow_redirects=False, stream=True, **options)
        except Exception as error:
            raise _renamed(error, primp) from error

    def _read(self, answer: Any) -> str:
        import primp

        held = bytearray()
        try:
            for piece in answer.iter_bytes():
                held += piece
                if len(held) > _MOST_BYTES or time.monotonic() > self.ends:
                    break
        except Exception as error:
            raise _renamed(error, primp) from error
        finally:
            answer.close()
        if time.monotonic() > self.ends:
            raise Away("it did not answer in time")
        try:
            return bytes(held[:_MOST_BYTES]).decode(answer.encoding or "utf-8", "replace")
        except LookupError:
            return bytes(held[:_MOST_BYTES]).decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class DdgsEngine:
    """One back-end of ddgs, by its name."""

    name: str
    ways: SearchWays

    def times(self, question: Question) -> bool:
        return self._period(question) is not None

    def covers(self, site: str) -> bool:
        return not (site and self.name == "grokipedia")

    def ask(self, question: Question, *, seconds: float) -> Answer:
        from lxml import etree  # type: ignore[import-untyped]  # it ships no types

        engine = self._engine()
        watched = _Watched(engine.http_client.client, time.monotonic() + seconds, self.ways.web.rules)
        engine.http_client = _Client(watched, engine.http_client.client)
        period = self._period(question) if question.since is not None else None
        try:
            found = engine.search(question.words, region=_region(self.name, question.query), timelimit=period)
        except (etree.LxmlError, ValueError, LookupError, TypeError, AttributeError) as error:
            # ddgs takes its pages to be as it knows them.
            if watched.pages:
                _judge(watched.pages[-1], engine.search_url, question)
            raise Unreadable("its page is not as ddgs expects it") from error
        hits = [hit for one in found or () if (hit := self._hit(one, question)) is not None]
        if not hits and watched.pages:
            _judge(watched.pages[-1], engine.search_url, question)
        exact = question.is_exact or (period is not None and ".." in period)
        return Answer(hits=hits, timed=question.since is None or (period is not None and exact))

    def _hit(self, one: Any, question: Question) -> Hit | None:
        url, title, text = address_of(one.href), plain(one.title), plain(one.body)
        if not url or not title:
            return None
        return Hit(title=title, url=url, text=text, engine=self.name, date=date_at_head(text, question.today))

    def _engine(self) -> Any:
        """A back-end for one question: it keeps what it is asked in itself, so no two threads may share one."""
        import primp
        from ddgs.engines import ENGINES

        known = ENGINES["text"].get(self.name)
        if known is None:
            raise Unreadable("this version of ddgs has it no more")
        verbatim = type(known.__name__, (known,), {"result_type": _Result})
        web = self.ways.web
        try:
            return verbatim(proxy=web.proxy, timeout=10, verify=str(web.authorities) if web.authorities else True)
        except (primp.PrimpError, OSError, ValueError) as error:
            # What it says may hold the proxy's password.
            raise Away("the proxy, or the file of SSL_CERT_FILE, cannot be used") from error

    def _period(self, question: Question) -> str | None:
        """How far back the back-end is to look, in ddgs's words; None where that cannot be told it."""
        if question.since is None:
            return None
        period = question.period
        letter = period[0] if period else ""
        if self.name == "duckduckgo" and question.since != question.today and not question.is_exact:
            return f"{question.since.isoformat()}..{question.today.isoformat()}"
        return letter if letter and letter in _TIMED.get(self.name, "") else None


@dataclass(slots=True)
class _Client:
    """What a back-end takes for ddgs's HTTP client: it asks by `request`, and sets cookies and headers on `client`."""

    watched: _Watched
    client: Any

    def request(self, method: str, url: str, **options: Any) -> _Page:
        return self.watched.request(method, url, **options)


def _region(name: str, query: str) -> str:
    """The region and language in which a query is asked, in ddgs's words, by its letters."""
    for first, last, region in _SCRIPTS:
        if any(first <= one <= last for one in query):
            return region.replace("jp-ja", "jp-jp").replace("kr-ko", "kr-kr") if name == "duckduckgo" else region
    if any("\u4e00" <= one <= "\u9fff" for one in query):
        return "cn-zh"
    return _NEUTRAL.get(name, "us-en")


def _renamed(error: Exception, primp: Any) -> Exception:
    """What went wrong in ddgs's client, in words."""
    said = " ".join(str(error).split())
    if isinstance(error, primp.DNSError):
        return Away("its name is not known: is there a network at all?")
    if isinstance(error, primp.TimeoutError):
        return Away("it did not answer in time")
    if isinstance(error, primp.PrimpError):
        if "certificate" in said.lower() or "UnknownIssuer" in said:
            return Away("it cannot prove who it is; behind a company's proxy, name its certificate in SSL_CERT_FILE")
        if "dns" in said.lower() or "resolve" in said.lower():
            return Away("its name is not known: is there a network at all?")
        said = said.rpartition(" > ")[2]  # before it stands the address, with all that was asked
        return Away(f"it cannot be reached ({said[:80]})" if "://" not in said else "it cannot be reached")
    return error


def _site(url: str) -> str:
    return ".".join((urlsplit(url).hostname or "").split(".")[-2:])


def _seconds(text: str) -> float | None:
    return float(text[:6]) if text.isascii() and text.isdigit() else None


def _judge(page: str, engine: str, question: Question) -> None:
    """Say of an engine's page in which no results were seen what it is. Links that ask others the same are none."""
    seen = _Seen()
    with suppress(Broken):
        drive(page, seen, going=lambda: True)
    again = (quote(question.query), quote_plus(question.query))
    others = [url for link in seen.links if (url := address_of(link)) and not any(one in link for one in again)]
    judge_empty(page, " ".join(seen.words), sites=len({_site(url) for url in others} - {_site(engine)}))


class _Seen:
    """Takes the words of a page, without those of its programs, and where it leads."""

    def __init__(self) -> None:
        self.words: list[str] = []
        self.links: list[str] = []
        self._hidden = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._hidden += tag in _HIDDEN
        if tag == "a" and attributes.get("href"):
            self.links.append(attributes["href"])

    def end(self, tag: str) -> None:
        self._hidden -= tag in _HIDDEN

    def data(self, text: str) -> None:
        if not self._hidden:
            self.words.append(text)

    def comment(self, text: str) -> None:
        """Nobody sees it."""

    def close(self) -> None:
        """There is nothing more to do."""


_HIDDEN = frozenset({"script", "style", "noscript", "template"})
