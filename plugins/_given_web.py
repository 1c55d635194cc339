"""What a tool is given of the web: the way to an address, and the way to search engines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

__all__ = ["AskedEngine", "Fetched", "Hit", "Http", "Search", "Searched"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What an address of the web answered.

    Attributes:
        url: Where it was found in the end.
        status: The code of the answer, 200 to 299.
        media_type: As "text/html", without parameters; "" where the server does not say.
        charset: The encoding that the server names, or None.
        content: The body, unpacked, cut at the limit.
        cut: Was there more of it?
        cached: Was it read from the disk, or unchanged since?
        hops: The addresses that led there, the asked one first; empty where none did.
        headers: The answer's, by lower-case names.
    """

    url: str
    status: int
    media_type: str
    charset: str | None
    content: bytes
    cut: bool
    cached: bool
    hops: Sequence[str] = ()
    headers: Mapping[str, str] = field(default_factory=dict)


class Http(Protocol):
    """The web, read by the one client of the product: every address is judged, also those that an answer leads to, so
    that none of this machine or of its network is opened that the user did not name; answers are capped; what may be
    kept is kept on disk; the owner's `robots.txt` is honoured. Both methods raise `ToolError` with a clear text where
    an address may not be opened, nobody answers, or the answer is no success."""

    def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        most_bytes: int = 20_000_000,
        timeout: float = 30.0,
        fresh: bool = False,
    ) -> Fetched:
        """Read an http or https address. Headers beyond those that anyone may be told (accept, accept-language,
        cache-control, range, user-agent) go to the first host alone; of the unpacked body at most `most_bytes` are
        kept; `timeout` is in seconds, for waits and redirects too; `fresh` asks the server, whatever is
        kept. For tools that declare FETCH or SEND."""
        ...

    def send(
        self,
        method: str,
        url: str,
        *,
        content: bytes = b"",
        headers: Mapping[str, str] | None = None,
        most_bytes: int = 20_000_000,
        timeout: float = 30.0,
    ) -> Fetched:
        """Send something to an address, once: nothing is tried again or kept. For tools that declare SEND."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A page that a search engine names. `url` can be opened as it stands; `text` are the engine's words on it; `date`
    is an ISO date, or "" where nobody tells it."""

    title: str
    url: str
    text: str
    engine: str
    date: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedEngine:
    """What became of one engine. `outcome`: "found"; "nothing": it knows no page; "limited": it was asked too often, or
    takes us for a robot; "unreachable"; "unreadable": it sent a page in which no results can be seen; "skipped";
    "refused": the goal file does not allow its host.
    `detail` says more, in a few words. `timed`: did it leave out what is older than was wanted?"""

    engine: str
    outcome: Literal["found", "nothing", "limited", "unreachable", "unreadable", "skipped", "refused"]
    detail: str = ""
    timed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """What a search of the web gave: each page once, best first.

    `hits` is empty where the engines know nothing. `asked` are the engines, in the order in which they were asked.
    `left_out` counts pages of another site, or known to be older than was wanted; `not_allowed` those of hosts that the
    goal file does not allow, which nobody could open. `age` is how many seconds ago the
    engines were asked, where the answer was kept; else None.
    """

    hits: Sequence[Hit]
    asked: Sequence[AskedEngine]
    left_out: int = 0
    not_allowed: int = 0
    age: float | None = None


class Search(Protocol):
    """Search engines of the web, asked in turn until one knows enough; politely, and not twice the same."""

    def find(self, query: str, *, count: int = 10, site: str = "", since: str = "") -> Searched:
        """Pages about a query, at most `count`. `site` keeps to one site ("example.org", "example.org/docs"); `since`
        to what is no older: a date ("2026-03-01") or "day", "week", "month", "year". For tools that declare FETCH or
        SEND.

        Raises `ToolError` with kind "rate-limited" where no engine wants to answer now, "unreachable" where none can
        be reached, "unreadable" where none gives a page with results in it.
        """
        ...
