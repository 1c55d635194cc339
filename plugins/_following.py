"""Addresses asked, one after another as each leads on to the next.

Every address is judged (`_connecting`), at each redirect anew; answers are capped in bytes, hops and time; what was
read is kept on disk as RFC 9111 allows and asked for again by its validators; `robots.txt` is honoured; a host is asked
a few things at a time. It says who it is.
"""

from __future__ import annotations

import random
import re
import ssl
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import httpcore2
import httpx2

from plugins import _body
from plugins._answer import Answered, fetched, renamed, told_to_wait
from plugins._connecting import PORTS_OF, Clock, JudgedTransport
from plugins._given_web import Fetched
from plugins._judging import NotAllowed, OutOfTime, Refused, Unreachable
from plugins._outcome import ToolError
from plugins._robots import Robots
from plugins._ways import AGENT, Web

if TYPE_CHECKING:
    from hishel import SqliteStorage

_HOPS = 10
_AT_A_TIME = 6  # requests to one host
_TRIES = 3
_AGAIN = frozenset({429, 502, 503, 504})
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_LONGEST_WAIT = 20.0  # seconds between two tries
_SILENCE = 20.0  # seconds without a byte
_KEPT_BYTES = 500_000_000  # of answers on disk
_HOST = re.compile(r"[\w.-]+|[0-9a-f:.]+", re.ASCII | re.IGNORECASE)  # a name or an address, and no blanks or signs
# What may be said to any host, and asks for nothing that is somebody's own.
_FOR_ANYONE = frozenset({"accept", "accept-language", "cache-control", "range", "user-agent"})
# What is the client's to say: where the request goes, how long it is.
_OWN = frozenset({"host", "connection", "content-length", "transfer-encoding", "upgrade", "proxy-authorization", "te"})


class Following:
    """Asks addresses, and those that they lead to. Used from several threads at once; `close` lets go of its
    connections."""

    def __init__(self, web: Web) -> None:
        self._web = web
        self._clock = Clock()
        self._lock = threading.RLock()
        self._hosts: dict[str, threading.BoundedSemaphore] = {}
        self._robots = Robots(self._robots_file, agent=AGENT, left=self._clock.left)
        agent = f"{AGENT}/{web.version}" if web.version else AGENT
        self._headers = {"user-agent": agent, "accept-encoding": _body.ACCEPTED, "accept": "*/*"}
        self._storages: dict[str, SqliteStorage] = {}
        self._transports: dict[str | None, JudgedTransport] = {}  # by the proxy that they go through

    def asked(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        content: bytes,
        *,
        most: int,
        timeout: float,
        robots: bool,
    ) -> Fetched:
        """What an address answers in the end, by `method` in capitals. See `plugins._http`, where its errors stand."""
        taken = self._address(url)
        with self._clock.ending_in(timeout):
            try:
                return self._followed(method, taken, _stated(headers), content, most=most, robots=robots)
            except OutOfTime as error:
                hint = "try again later, or read another page"
                raise OutOfTime(f"{taken.host} has not answered in full within {timeout:g} s", hint=hint) from error

    def close(self) -> None:
        """Close the connections and the cache."""
        with self._lock:
            for one in self._transports.values():
                one.close()
            self._transports.clear()
            for storage in self._storages.values():
                storage.close()
            self._storages.clear()

    # ------------------------------------------------------------- one address after another

    def _followed(
        self, method: str, url: httpx2.URL, headers: httpx2.Headers, content: bytes, *, most: int, robots: bool
    ) -> Fetched:
        hops: list[str] = []
        while True:
            if robots:
                self._robots.judge(url)
            answer, body, cut = self._asked_again(method, url, headers, content, most=most)
            if answer.status_code not in _REDIRECTS or "location" not in answer.headers:
                return fetched(url, answer, body, cut=cut, hops=hops)
            hops.append(str(url))
            if len(hops) > _HOPS:
                raise Answered(
                    f"{hops[0]} leads on more than {_HOPS} times", status=answer.status_code, hint="read another one"
                )
            target = self._address(str(_joined(url, answer.headers["location"])))
            if _origin(target) != _origin(url):
                if content and answer.status_code in (307, 308):
                    raise Refused(f"{url} wants what was sent to it sent to {target.host} as well")
                headers = httpx2.Headers({name: one for name, one in headers.items() if name in _FOR_ANYONE})
            if answer.status_code == 303 or (answer.status_code in (301, 302) and method == "POST"):
                method, content = "GET", b""
            url = target

    def _asked_again(
        self, method: str, url: httpx2.URL, headers: httpx2.Headers, content: bytes, *, most: int
    ) -> tuple[httpx2.Response, bytes, bool]:
        """Ask, and ask again what may have been a hiccup, as long as there is time."""
        tries = _TRIES if method in ("GET", "HEAD") else 1
        for number in range(1, tries + 1):
            try:
                answer, body, cut = self._asked(method, url, headers, content, most=most)
            except Unreachable as error:
                if number == tries or isinstance(error, OutOfTime) or not isinstance(error.__cause__, _HICCUPS):
                    raise
                wait = _pause(number)
            else:
                if answer.status_code not in _AGAIN or number == tries:
                    return answer, body, cut
                told = told_to_wait(answer)
                wait = _pause(number) if told is None else told
                if wait > min(_LONGEST_WAIT, self._clock.left() - 1):
                    return answer, body, cut
            time.sleep(min(wait, self._clock.left()))
        raise AssertionError("the last try returns or raises")

    def _asked(
        self, method: str, url: httpx2.URL, headers: httpx2.Headers, content: bytes, *, most: int
    ) -> tuple[httpx2.Response, bytes, bool]:
        sent = httpx2.Headers({**self._headers, **headers})
        request = httpx2.Request(
            method,
            url,
            headers=sent,
            content=content or None,
            extensions={"timeout": {"connect": _SILENCE, "read": _SILENCE, "write": _SILENCE, "pool": _SILENCE}},
        )
        with self._slot(url), renamed(url, self._clock):
            # What was answered to somebody in particular is kept for nobody.
            answer = self._transport(url, kept=_FOR_ANYONE.issuperset(headers)).handle_request(request)
            try:
                if answer.status_code in _REDIRECTS:
                    return answer, b"", False
                packed = answer.headers.get("content-encoding", "")
                body, cut = _body.read(answer.stream, packed, most=most)  # type: ignore[arg-type]
                return answer, body, cut
            finally:
                answer.close()

    @contextmanager
    def _slot(self, url: httpx2.URL) -> Iterator[None]:
        """Wait until fewer than `_AT_A_TIME` requests are under way to the host."""
        with self._lock:
            host = self._hosts.setdefault(_origin(url), threading.BoundedSemaphore(_AT_A_TIME))
        if not host.acquire(timeout=self._clock.left()):
            raise OutOfTime(f"{url.host} is asked too much at once", hint="ask for fewer pages at a time")
        try:
            yield
        finally:
            host.release()

    # ------------------------------------------------------------- where to, and by which way

    def _address(self, url: str) -> httpx2.URL:
        """The address, taken apart once: who connects looks at these parts and no others."""
        try:
            taken = httpx2.URL(url)
            host = taken.host  # a name that no name server could know fails only here
        except (httpx2.InvalidURL, UnicodeError, TypeError, ValueError) as error:
            raise Refused(f"{_shown(url)} is no address of the web", hint="such as https://example.org/page") from error
        if taken.scheme not in ("http", "https") or not _HOST.fullmatch(taken.raw_host.decode("ascii", "replace")):
            raise Refused(f"{_shown(url)} is no address of the web", hint="such as https://example.org/page")
        if taken.userinfo:
            raise Refused(f"the address of {host} holds a name and a password", hint="leave them out")
        # Here, too, and not only where it is connected to: what is kept on disk is read without.
        self._web.rules.permit(taken.raw_host.decode(), taken.port or PORTS_OF[taken.scheme])
        return taken.copy_with(fragment=None)

    def _transport(self, url: httpx2.URL, *, kept: bool) -> httpx2.BaseTransport:
        """The way to an address. `kept`: what is answered may be kept, and what was kept may answer."""
        proxy = self._web.proxy_for(url.host)
        with self._lock:
            if proxy not in self._transports:
                tls, at = self._web.tls or _trusting(self._web.authorities), httpx2.Proxy(proxy) if proxy else None
                self._transports[proxy] = JudgedTransport(self._web.rules, self._clock, tls=tls, proxy=at)
            plain = self._transports[proxy]
            return self._caching(plain, url, self._web.cache) if kept and self._web.cache is not None else plain

    def _caching(self, transport: httpx2.BaseTransport, url: httpx2.URL, folder: Path) -> httpx2.BaseTransport:
        from hishel import CacheOptions, SqliteStorage
        from hishel.httpx2 import CacheTransport

        # What hosts answered that the user named is read by no run for which they are not named.
        named = self._web.rules.names(url.host, url.port or PORTS_OF[url.scheme])
        name = "named.db" if named else "pages.db"
        if name not in self._storages:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._storages[name] = SqliteStorage(database_path=folder / name, max_size=_KEPT_BYTES)
        return CacheTransport(transport, storage=self._storages[name], rfc=CacheOptions(shared=False))

    def _robots_file(self, url: httpx2.URL) -> tuple[int, bytes]:
        """The status and the text of a `robots.txt`."""
        try:
            found = self._followed("GET", url, httpx2.Headers(), b"", most=500_000, robots=False)
        except Answered as error:
            return error.status, b""
        except NotAllowed as error:
            raise NotAllowed(f"the robots.txt of {url.host} leads on: {error.message}", hint=error.hint) from error
        return found.status, found.content


_HICCUPS = (httpcore2.ConnectError, httpcore2.ReadError, httpcore2.RemoteProtocolError, httpcore2.WriteError)


def _trusting(authorities: Path | None) -> ssl.SSLContext | None:
    """The system's way to check certificates, and what `authorities` vouch for as well."""
    if authorities is None:
        return None
    context = httpx2.create_ssl_context(trust_env=False)
    try:
        context.load_verify_locations(authorities)
    except (OSError, ssl.SSLError) as error:
        raise ToolError(f"SSL_CERT_FILE: {authorities} holds no certificates that can be read: {error}") from error
    return context


def _stated(headers: Mapping[str, str]) -> httpx2.Headers:
    """The headers that a tool gives, if they are its to give."""
    stated = httpx2.Headers()
    for name, value in headers.items():
        stated[name] = value
    for name in stated:
        if name in _OWN:
            raise Refused(f"the header {name} is not a tool's to set", hint="leave it out")
    return stated


def _shown(url: str) -> str:
    return " ".join(url[:200].split()) or "nothing"


def _pause(number: int) -> float:
    return 0.4 * 2.0 ** (number - 1) * random.uniform(0.75, 1.25)


def _joined(url: httpx2.URL, location: str) -> httpx2.URL:
    try:
        return url.join(location)
    except (httpx2.InvalidURL, UnicodeError, ValueError) as error:
        raise Refused(f"{url} leads to what is no address") from error


def _origin(url: httpx2.URL) -> str:
    return f"{url.scheme}://{url.host}:{url.port or ''}"
