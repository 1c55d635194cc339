"""Engines asked in turn, until one knows enough: politely, in a given time, and not twice the same."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from urllib.parse import urlsplit

from plugins._given_web import AskedEngine, Hit, Searched
from plugins._http import WebHttp
from plugins._judging import Rules
from plugins._outcome import ToolError
from plugins._search_address import is_of_site, same_page, site_of
from plugins._search_ddgs import DdgsEngine
from plugins._search_engine import Engine, Failed, Limited, Question
from plugins._search_json import SearxngEngine, WikipediaEngine
from plugins._search_kept import Kept
from plugins._search_time import since_of
from plugins._search_ways import KNOWN, SEARXNG, SearchWays

_LONGEST = 400  # characters of a query; engines cut longer ones, or refuse them
_NARROW = frozenset({"wikipedia", "grokipedia"})
"""Engines that know one site: where the others cannot look, that these know nothing does not say much."""
_LEAST_SECONDS = 0.5  # an engine that has less would only be asked for nothing


class Turns:
    """The engines, asked in turn. Used from several threads at once; `close` lets go of what is open."""

    def __init__(self, ways: SearchWays, *, today: Callable[[], date] = date.today) -> None:
        self._ways, self._today = ways, today
        self._kept = Kept(ways.kept)
        self._pace = Pace(ways.pause)
        self._clients: list[WebHttp] = []
        self._engines = [self._made(name) for name in ways.names]

    def find(self, query: str, *, count: int, site: str, since: str) -> Searched:
        """See `plugins.Search`."""
        question = self._question(query, count, site, since)
        engines = (*(one.name for one in self._engines), *self._narrowed())
        found = self._kept.find(question, engines)
        if found is not None:
            return self._permitted(found)
        gathered = _Gathered(question)
        self._ask_all(question, gathered)
        searched = gathered.searched()
        if all(one.outcome in ("found", "nothing", "skipped") for one in searched.asked) or searched.hits:
            self._kept.keep(question, engines, searched)
        return self._permitted(searched)

    def _narrowed(self) -> tuple[str, ...]:
        """What the goal file allows, as a part of the key of what is kept: each such goal has answers of its own."""
        hosts = self._ways.web.rules.hosts
        return () if hosts is None else (f"hosts {' '.join(sorted(hosts))}",)

    def _permitted(self, found: Searched) -> Searched:
        """What was found, without pages that nobody may open."""
        rules = self._ways.web.rules
        hits = tuple(hit for hit in found.hits if _may_open(rules, hit.url))
        return replace(found, hits=hits, not_allowed=len(found.hits) - len(hits))

    def close(self) -> None:
        """Close the connections and the file of what was found."""
        for one in self._clients:
            one.close()
        self._kept.close()

    def _question(self, query: str, count: int, site: str, since: str) -> Question:
        words = " ".join(query.split())
        if not words:
            raise ToolError("query is empty", hint="say in a few words what the pages should be about")
        if len(words) > _LONGEST:
            raise ToolError(f"query has {len(words)} characters", hint=f"a few words do; {_LONGEST} characters at most")
        today = self._today()
        return Question(query=words, count=count, site=site_of(site), since=since_of(since, today), today=today)

    def _ask_all(self, question: Question, gathered: _Gathered) -> None:
        each, everything = self._ways.patience
        ends = time.monotonic() + everything
        for engine in self._in_turn(question):
            if gathered.enough(timed=question.since is None or engine.times(question)):
                break
            left = ends - time.monotonic()
            rest = self._kept.resting(engine.name)
            if rest > 0:
                gathered.add(AskedEngine(engine=engine.name, outcome="limited", detail=f"again in {_span(rest)}"))
            elif not self._pace.wait(engine.name, most=left - _LEAST_SECONDS):
                gathered.add(AskedEngine(engine=engine.name, outcome="skipped", detail="no time was left"))
            else:
                self._ask(engine, question, gathered, seconds=min(each, ends - time.monotonic()))

    def _ask(self, engine: Engine, question: Question, gathered: _Gathered, *, seconds: float) -> None:
        try:
            answer = engine.ask(question, seconds=seconds)
        except Failed as failed:
            detail = failed.detail
            if isinstance(failed, Limited):
                self._kept.rest(engine.name, failed.rest)
                detail = f"{detail}; again in {_span(failed.rest)}"
            gathered.add(AskedEngine(engine=engine.name, outcome=failed.outcome, detail=detail))
        else:
            gathered.take(engine.name, answer.hits, timed=answer.timed)

    def _in_turn(self, question: Question) -> Sequence[Engine]:
        """The engines that may know something, those first that can keep to the time that is wanted."""
        covering = [one for one in self._engines if one.covers(question.site)]
        if question.since is None:
            return covering
        return sorted(covering, key=lambda one: not one.times(question))

    def _made(self, name: str) -> Engine:
        web = self._ways.web
        if name == SEARXNG and self._ways.searxng is not None:
            # The user named this server: it may be a private one, for this and for nothing else.
            parts = urlsplit(self._ways.searxng)
            port = parts.port or (443 if parts.scheme == "https" else 80)
            named = frozenset({f"{(parts.hostname or '').lower()}:{port}"})
            rules = Rules(private=named, ports=web.rules.ports, hosts=web.rules.hosts)
            return SearxngEngine(self._ways.searxng, self._client(rules))
        if name == "wikipedia":
            return WikipediaEngine(self._client(web.rules))
        if name in KNOWN:
            return DdgsEngine(name, self._ways)
        known = ", ".join(sorted(KNOWN))
        raise ToolError(f"there is no search engine {name!r}", hint=f"THINKACT_SEARCH_ENGINES names some of {known}")

    def _client(self, rules: Rules) -> WebHttp:
        client = WebHttp(replace(self._ways.web, rules=rules, cache=None))  # what was found is kept by itself
        self._clients.append(client)
        return client


class Pace:
    """A pause between two questions to one engine, whichever threads ask."""

    def __init__(self, pause: float) -> None:
        self._pause = pause
        self._free: dict[str, float] = {}
        self._lock = threading.Lock()

    def wait(self, name: str, *, most: float) -> bool:
        """Wait for one's turn; False, and no turn taken, where that is more than `most` seconds away."""
        with self._lock:
            now = time.monotonic()
            turn = max(now, self._free.get(name, now))
            if turn - now > most:
                return False
            self._free[name] = turn + self._pause
        time.sleep(turn - now)
        return True


@dataclass(slots=True)
class _Gathered:
    """What the engines said so far."""

    question: Question
    asked: list[AskedEngine] = field(default_factory=list)
    hits: dict[str, Hit] = field(default_factory=dict)
    left_out: int = 0

    def enough(self, *, timed: bool) -> bool:
        """Need no other engine be asked? One that cannot keep to the time that is wanted is asked only where the
        others know nothing."""
        return len(self.hits) * 2 >= self.question.count or bool(self.hits and not timed)

    def add(self, asked: AskedEngine) -> None:
        self.asked.append(asked)

    def take(self, engine: str, hits: Sequence[Hit], *, timed: bool) -> None:
        """Take in what an engine found, each page once, without what is not wanted."""
        since = self.question.since.isoformat() if self.question.since else ""
        fitting = 0
        for hit in hits:
            if not is_of_site(hit.url, self.question.site) or (hit.date and hit.date < since):
                self.left_out += 1
                continue
            fitting += 1
            known = self.hits.setdefault(same_page(hit.url), hit)
            if len(hit.text) > 2 * len(known.text):
                self.hits[same_page(hit.url)] = replace(known, text=hit.text, date=known.date or hit.date)
        self.add(AskedEngine(engine=engine, outcome="found" if fitting else "nothing", timed=timed))

    def searched(self) -> Searched:
        """All of it. Raises `ToolError` where no engine could look."""
        failed = [one for one in self.asked if one.outcome not in ("found", "nothing")]
        looked = [one for one in self.asked if one.outcome == "nothing" and (one.engine not in _NARROW or not failed)]
        if not self.hits and not looked:
            raise _failure(failed)
        hits = tuple(self.hits.values())[: self.question.count]
        return Searched(hits=hits, asked=tuple(self.asked), left_out=self.left_out)


def _may_open(rules: Rules, url: str) -> bool:
    parts = urlsplit(url)
    return rules.permits(parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80))


def _failure(asked: Sequence[AskedEngine]) -> ToolError:
    """Why no engine could look, by what may be done about it."""
    alike: dict[str, list[str]] = {}
    for one in asked:
        alike.setdefault(one.detail, []).append(one.engine)
    told = "; ".join(f"{', '.join(engines)}: {detail}" for detail, engines in alike.items()) or "none covers this site"
    outcomes = {one.outcome for one in asked}
    if "limited" in outcomes:
        return ToolError(
            f"no search engine answers now: {told}",
            hint="do other work first and search again later, or open an address that is known",
            kind="rate-limited",
        )
    if "unreadable" in outcomes:
        return ToolError(
            f"no search engine gave results that can be read: {told}",
            hint="this tells nothing about the pages that there are; tell the user, or open an address that is known",
            kind="unreadable",
        )
    if outcomes == {"refused"}:
        return ToolError(
            f"no search engine may be asked: {told}",
            hint="open a page of an allowed host by its address; the user can add an engine's host to network.hosts",
            kind="refused",
        )
    return ToolError(
        f"no search engine can be reached: {told}",
        hint="try again later; is there no network, or a proxy in between? tell the user; thinkact doctor looks at it",
        kind="unreachable",
    )


def _span(seconds: float) -> str:
    return f"{seconds:.0f} s" if seconds < 90 else f"{seconds / 60:.0f} min"
