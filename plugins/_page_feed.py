"""Feeds (RSS, Atom, JSON Feed) as a dated list of their entries. feedparser would do it too, but comes with no wheel of
what it needs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urljoin

from plugins._convert._document import Limits, Quota
from plugins._convert._html import page
from plugins._convert._markdown import Full, Writer
from plugins._convert._markup import Broken, Node, attribute, children, find, inner, local, tree
from plugins._page_text import page_text

__all__ = ["is_feed", "is_json_feed", "read_feed", "read_json_feed"]

_ROOT = re.compile(r"\s*(?:<\?[^>]*>\s*|<!--.*?-->\s*|<!DOCTYPE[^>]*>\s*)*<(?:rss|feed|(?:\w+:)?RDF)[\s>]", re.S | re.I)
_LOOKED_AT = 4_000  # characters
_DECLARED = re.compile(r"^\s*<\?xml[^>]*\?>")
_SUMMARY = 600  # characters of an entry's text
_MOST = 500  # entries


@dataclass(frozen=True, slots=True)
class _Entry:
    title: str
    link: str
    day: str
    summary: str


def is_feed(head: str) -> bool:
    """Is this the beginning of a feed in XML?"""
    return _ROOT.match(head[:_LOOKED_AT]) is not None


def is_json_feed(found: Any) -> bool:
    """Is this JSON a feed?"""
    return (
        isinstance(found, dict)
        and "jsonfeed.org/version" in str(found.get("version", ""))
        and isinstance(found.get("items"), list)
    )


def read_feed(content: bytes, *, url: str, charset: str | None, limits: Limits) -> dict[str, Any]:
    """A feed in XML, as JSON with `text`, `title`, `date` and `notes`.

    Raises:
        Broken: it is no XML.
    """
    text = _DECLARED.sub("", page_text(content, charset))
    root = tree(text.encode("utf-8", "replace"))
    channel = find(root, "channel") if local(root) != "feed" else root
    channel = root if channel is None else channel
    title = _child(channel, "title")
    entries = [*children(channel, "item"), *children(root, "item"), *children(channel, "entry")]
    return _told(title, (_of_xml(one, url, limits) for one in dict.fromkeys(entries)), len(set(entries)))


def read_json_feed(found: dict[str, Any], *, url: str, limits: Limits) -> dict[str, Any]:
    """The same of a feed in JSON."""
    items = [one for one in found["items"] if isinstance(one, dict)]

    def entry(one: dict[str, Any]) -> _Entry:
        summary = str(one.get("summary") or one.get("content_text") or "")
        if not summary and one.get("content_html"):
            summary = _plain(str(one["content_html"]), limits)
        link = str(one.get("url") or one.get("external_url") or "")
        day = _day(str(one.get("date_published") or one.get("date_modified") or ""))
        return _Entry(_line(str(one.get("title") or "")), _joined(url, link), day, _short(summary))

    return _told(_line(str(found.get("title") or "")), map(entry, items), len(items))


def _told(title: str, entries: Iterator[_Entry], count: int) -> dict[str, Any]:
    lines = [f"# {title}", ""] if title else []
    newest = ""
    for number, one in enumerate(entries):
        if number == _MOST:
            break
        newest = max(newest, one.day)
        named = (one.title or one.summary[:80] or one.link or "(without a title)").replace("[", "(").replace("]", ")")
        shown = f"[{named}]({one.link.replace(' ', '%20').replace(')', '%29')})" if one.link else named
        lines.append(f"- {one.day + ' ' if one.day else ''}{shown}")
        if one.summary and one.summary != one.title:
            lines.append(f"  {one.summary}")
    notes = [f"a feed of {count:,} {'entry' if count == 1 else 'entries'}, in its own order"]
    if count > _MOST:
        notes.append(f"cut: only the first {_MOST} of them are here")
    return {"text": "\n".join(lines), "title": title, "date": newest, "notes": notes}


def _of_xml(one: Node, url: str, limits: Limits) -> _Entry:
    link = _child(one, "link")
    if not link:
        links = list(children(one, "link"))
        best = next(
            (each for each in links if attribute(each, "rel") in ("", "alternate")), links[0] if links else None
        )
        link = "" if best is None else attribute(best, "href")
    link = link or (guid if (guid := _child(one, "guid")).startswith("http") else "")
    days = (_day(_child(one, name)) for name in ("pubDate", "published", "date", "updated", "issued"))
    texts = (_child(one, name) for name in ("description", "summary", "encoded", "content"))
    summary = next(filter(None, texts), "")
    if "<" in summary or "&" in summary:
        summary = _plain(summary, limits)
    title = _child(one, "title")
    title = _plain(title, limits) if "<" in title or "&" in title else title
    return _Entry(_line(title), _joined(url, link), next(filter(None, days), ""), _short(summary))


def _child(element: Node, name: str) -> str:
    found = find(element, name)
    return "" if found is None else inner(found).strip()


def _plain(html: str, limits: Limits) -> str:
    """HTML within an entry, as text."""
    writer = Writer(Quota(limits))
    with suppress(Full, Broken):
        page(html[: 20 * _SUMMARY], writer, whole=True)
    return writer.text()


def _day(text: str) -> str:
    """The ISO date of RFC 822's or RFC 3339's way to tell a time; "" where it is neither."""
    text = text.strip()
    with suppress(ValueError):
        return datetime.fromisoformat(text).date().isoformat()
    try:
        return parsedate_to_datetime(text).date().isoformat()
    except (ValueError, TypeError, IndexError, OverflowError):
        found = re.match(r"\d{4}-\d{2}-\d{2}", text)
        return found[0] if found else ""


def _joined(url: str, link: str) -> str:
    try:
        return urljoin(url, link.strip()) if link.strip() else ""
    except ValueError:
        return ""


def _line(text: str) -> str:
    return " ".join(text.split())[:300]


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _SUMMARY else f"{line[:_SUMMARY].rstrip()} …"
