"""Feeds: reads what a site has newly published, in RSS or Atom, and finds the feeds of a page."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urljoin

from plugins import Context, Effect, ToolError, tool

_MOST_BYTES = 5_000_000
_LONGEST_SUMMARY = 500  # characters
_FEEDS = ("application/rss+xml", "application/atom+xml", "application/xml", "text/xml")


@tool(effect=Effect.FETCH, repeatable=True, aliases=["feed", "rss", "atom", "订阅", "新闻源"], timeout=60)
def read_feed(url: str, count: int = 10, since: str = "", *, context: Context) -> dict[str, Any]:
    """Read the newest entries of an RSS or Atom feed: title, link, time and a short summary of each.

    Args:
        url: The feed's address.
        count: How many entries at most, from 1 to 100.
        since: Only entries of this day or later, such as 2026-01-31.
    """
    if not 1 <= count <= 100:
        raise ToolError("count must be from 1 to 100", hint="ask for fewer, and for what is newer with since")
    first = _day(since) if since else None
    address, content = _fetched(url, context)
    root = _parsed(content, url)
    entries = [_entry(one, address) for one in _elements(root, "item", "entry")]
    # An entry without a time may be of any day: it is kept, as its order in the feed says that it is new.
    fresh = [one for one in entries if first is None or not one["time"] or one["time"][:10] >= first]
    fresh.sort(key=lambda one: one["time"], reverse=True)
    return {"feed": _feed_title(root), "entries": fresh[:count], "more": max(0, len(fresh) - count)}


@tool(effect=Effect.FETCH, repeatable=True, aliases=["find feed", "找订阅"], timeout=60)
def find_feeds(url: str, *, context: Context) -> list[dict[str, str]]:
    """Find the feeds that a web page names, each with its title and address.

    Args:
        url: The page's address.
    """
    address, content = _fetched(url, context)
    from lxml import html  # type: ignore[import-untyped]  # heavy: only a page needs it

    if not content.strip():
        raise ToolError(f"{url} is empty", hint="name another page of the site")
    page = html.fromstring(content, parser=html.HTMLParser(encoding="utf-8" if _is_utf8(content) else None))
    found = [
        {"title": str(one.get("title") or ""), "url": urljoin(address, str(one.get("href")))}
        for one in page.iter("link")
        if "alternate" in str(one.get("rel") or "").split() and one.get("type") in _FEEDS and one.get("href")
    ]
    if not found:
        raise ToolError(f"{url} names no feed", hint="try the site's front page, or /feed, /rss.xml, /atom.xml of it")
    return found


def _fetched(url: str, context: Context) -> tuple[str, bytes]:
    if context.http is None:
        raise ToolError("the web cannot be had here")
    answer = context.http.get(url, most_bytes=_MOST_BYTES)
    if answer.cut:
        raise ToolError(f"{url} has more than {_MOST_BYTES:,} bytes", hint="a feed is smaller; name another address")
    return answer.url, answer.content


def _is_utf8(content: bytes) -> bool:
    """Many pages do not say what they are written in, and a parser would take them for Latin-1."""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _parsed(content: bytes, url: str) -> Any:
    from lxml import etree  # heavy: imported when a feed is read

    # No entity is replaced and nothing is opened beside it: a feed is a stranger's text.
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True, huge_tree=False)
    try:
        root = etree.fromstring(content.lstrip(), parser)
    except etree.XMLSyntaxError:
        root = None
    if root is None or _local(root) not in ("rss", "RDF", "feed"):
        raise ToolError(f"{url} is no feed", hint="find_feeds tells the feeds that a page names")
    return root


def _local(element: Any) -> str:
    return str(element.tag).rpartition("}")[2] if isinstance(element.tag, str) else ""


def _elements(root: Any, *names: str) -> list[Any]:
    return [one for one in root.iter() if _local(one) in names]


def _child(element: Any, *names: str) -> Any:
    """The first child that has one of these names, whatever its namespace; the names in their order."""
    for name in names:
        for one in element:
            if _local(one) == name:
                return one
    return None


def _text(element: Any) -> str:
    """The words of an element in one line, without the tags that it holds or quotes."""
    if element is None:
        return ""
    text = re.sub(r"<[^<>]{0,2000}>", " ", " ".join(element.itertext()))
    from html import unescape

    return " ".join(unescape(text).split())


def _feed_title(root: Any) -> str:
    channel = root if _local(root) == "feed" else _child(root, "channel")
    return _text(_child(channel, "title")) if channel is not None else ""


def _entry(element: Any, address: str) -> dict[str, str]:
    summary = _text(_child(element, "summary", "description", "content", "encoded"))
    return {
        "title": _text(_child(element, "title")),
        "url": _link(element, address),
        "time": _time(_text(_child(element, "pubDate", "published", "updated", "date"))),
        "summary": summary if len(summary) <= _LONGEST_SUMMARY else summary[:_LONGEST_SUMMARY].rstrip() + "…",
    }


def _link(element: Any, address: str) -> str:
    """Where an entry leads: Atom says it in an attribute, and may name several. Where no link is there its identity may
    be an address; in RSS that counts unless it says that it is none."""
    links = [one for one in element if _local(one) == "link"]
    links.sort(key=lambda one: one.get("rel", "alternate") != "alternate")
    for one in links:
        target = str(one.get("href") or _text(one))
        if target:
            return urljoin(urljoin(address, one.base or ""), target)
    identity = _child(element, "guid", "id")
    text = _text(identity)
    is_address = text.startswith(("http://", "https://")) and identity.get("isPermaLink", "true") == "true"
    return text if is_address else ""


def _time(text: str) -> str:
    """A time as 2026-01-31T08:00:00+00:00, in UTC; "" where it cannot be read."""
    for read in (datetime.fromisoformat, parsedate_to_datetime):
        try:
            found = read(text)
        except (ValueError, TypeError):
            continue
        found = found if found.tzinfo else found.replace(tzinfo=UTC)
        try:
            return found.astimezone(UTC).isoformat(timespec="seconds")
        except (OverflowError, ValueError):
            return ""
    return ""


def _day(text: str) -> str:
    try:
        return datetime.fromisoformat(text).date().isoformat()
    except ValueError:
        raise ToolError(f"since is no day: {text[:40]!r}", hint="write it as 2026-01-31") from None
