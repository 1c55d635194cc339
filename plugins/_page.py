"""A page of the web, read: fetched by the one client, told by its bytes what it is, and turned to text."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from email.message import Message
from typing import Any
from urllib.parse import unquote, urlsplit

from plugins._contract import Artifact, Context, Fetched, Http, ToolError
from plugins._decoding import SAMPLE, decode
from plugins._documents import Places, unmarked
from plugins._kinds import binary_kind, size
from plugins._page_reader import Readers, TooMuch

__all__ = ["Page", "address", "read_page", "readers"]

MOST_BYTES = 30_000_000
"""Of what is fetched; what is beyond is not read."""
_CHARACTERS = 2_000_000  # of a page's text
_FETCHING = 60.0  # seconds, waits and redirects included
_READING = 20.0  # seconds for a page; half of it for the second try
_ACCEPT = "text/html, application/xhtml+xml, text/markdown;q=0.9, application/pdf;q=0.9, */*;q=0.8"
_WITHOUT_SCHEME = re.compile(r"[\w-]+(?:\.[\w-]+)*\.[^\W\d_]{2,}(?::\d{1,5})?(?:[/?#].*)?")
_PACKED = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1")
_FEEDS = ("application/rss+xml", "application/atom+xml", "application/rdf+xml", "application/feed+json")
_TAGGED = re.compile(r"\s*<(?:!doctype html|[a-z][a-z0-9]{0,10}[\s>])", re.IGNORECASE)
_MARKDOWN = ("text/markdown", "text/x-markdown")


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What an address of the web says.

    Attributes:
        url: Where it was found in the end.
        asked: The address that was asked for.
        kind: "html", "pdf", "feed", "json", "text", ... or "file", of which nothing but `kept` can be told.
        text: Markdown or plain text, line ends as newlines.
        title, author, site: As it says itself, or "".
        date: The ISO date that it gives itself, or "".
        begins: The line, from 1, with which the element begins that was asked for; None where there is none.
        places: Its pages, slides or the like, where it has any; a place `page 3` is `url#page=3`.
        notes: What its reader should know: what was cut, left out or guessed.
        scripted: It says next to nothing, and has scripts that would.
        kept: The file itself, where it has no text.
    """

    url: str
    asked: str
    kind: str
    text: str = ""
    title: str = ""
    author: str = ""
    date: str = ""
    site: str = ""
    begins: int | None = None
    places: Places = field(default_factory=Places)
    notes: tuple[str, ...] = ()
    scripted: bool = False
    kept: Artifact | None = None


def address(text: str) -> str:
    """An address as a model or a user wrote it, made whole: without the marks around it, with its scheme.

    Raises:
        ToolError: there is none.
    """
    url = text.strip().strip("<>\"'`“”").strip()
    if not url:
        raise ToolError("url is empty", hint="such as https://example.org/page")
    return f"https://{url}" if _WITHOUT_SCHEME.fullmatch(url) else url


def http_of(context: Context) -> Http:
    """The web. Raises `ToolError` where it cannot be had."""
    if context.http is None:
        raise ToolError("the web cannot be had here", hint="go on without it")
    return context.http


def readers(context: Context) -> Readers:
    """The run's processes that read pages."""
    found: Readers = context.cache.get("page readers", Readers, size=lambda _: 1)
    return found


def read_page(context: Context, url: str, *, place: str = "", most_bytes: int = MOST_BYTES) -> Page:
    """Fetch a page and read it; the same content is not read again in the same run.

    Args:
        context: The call's.
        url: Its address, made whole.
        place: The id of an element of it, with which the reader wants to begin.
        most_bytes: Of its content, what is beyond is cut.

    Raises:
        ToolError: it may not be opened, nobody answers, or there is nothing in it that can be told.
    """
    http = http_of(context)
    with readers(context).awaiting():
        found = http.get(url, headers={"accept": _ACCEPT}, most_bytes=most_bytes, timeout=_FETCHING)
    if not found.content.strip(b"\0 \t\r\n"):
        raise ToolError(f"{found.url} is empty", hint="read another page")
    digest = hashlib.sha256(found.content).hexdigest()
    key = f"page {digest} {found.url} {found.media_type} {found.charset} {place}"
    page = context.cache.get(key, lambda: told(context, found, place), size=lambda one: len(one.text) * 2 + 1_000)
    return replace(page, asked=url)


def told(context: Context, found: Fetched, place: str = "") -> Page:
    """What was fetched, read as what its bytes are."""
    binary = binary_kind(found.content[:SAMPLE])
    document = found.content.startswith(_PACKED) or b"%PDF-" in found.content[:1_024]
    if binary and not document:
        return _file(context, found, binary)
    kind = "" if binary else _kind(found)
    page = _read(context, found, kind, place) if kind else _converted(context, found)
    if not page.title and page.text.startswith("# "):
        page = replace(page, title=page.text[2:302].partition("\n")[0].strip())
    notes = list(page.notes)
    if found.cut:
        notes.append(f"cut: only its first {size(len(found.content))} were fetched")
    if len(page.text) > _CHARACTERS:
        notes.append(f"cut: only the first {_CHARACTERS:,} of its {len(page.text):,} characters are here")
    return replace(page, text=page.text[:_CHARACTERS], notes=tuple(notes))


def rendered(context: Context, page: Page, html: str, place: str = "") -> Page:
    """The page as a browser made it."""
    reply = _html(context, html.encode("utf-8", "replace"), url=page.url, charset="utf-8", place=place)
    made = _made(page.url, "html", reply)
    return replace(made, asked=page.asked, notes=(*made.notes, "as a browser made it of its scripts"))


def _kind(found: Fetched) -> str:
    """What the process that reads pages is to read it as; "" where the converter of documents does."""
    from plugins._page_feed import is_feed  # it is lxml's: not before it is needed

    head = decode(found.content[:SAMPLE])[0].lstrip("\ufeff \t\r\n")
    said = found.media_type
    if is_feed(head):
        return "feed"
    if said in _FEEDS[:3] and head.startswith("<") and not _TAGGED.match(head):
        return "feed"
    if head[:1] in "{[" and (said.endswith(("/json", "+json")) or (said in ("", "text/plain") and _ends_json(found))):
        return "" if '"nbformat"' in head else "json"
    if said in ("text/html", "application/xhtml+xml"):
        return "html"
    named = head[:200].casefold()
    if named.startswith(("<!doctype html", "<html")) or (not said and _TAGGED.match(head)):
        return "html"
    return ""


def _ends_json(found: Fetched) -> bool:
    return urlsplit(found.url).path.endswith(".json") and not found.cut


def _read(context: Context, found: Fetched, kind: str, place: str) -> Page:
    if kind == "html":
        reply = _html(context, found.content, url=found.url, charset=found.charset, place=place)
    else:
        reply = _asked(context, kind, found.content, url=found.url, charset=found.charset)
    page = _made(found.url, "feed" if reply.get("feed") else kind, reply)
    if not page.text.strip() and not page.scripted:
        raise ToolError(f"{found.url} has no text", hint="read another page")
    return page


def _html(context: Context, content: bytes, *, url: str, charset: str | None, place: str) -> Mapping[str, Any]:
    """A page whose main text cannot be found in time is told whole."""
    try:
        return _asked(context, "html", content, url=url, charset=charset, place=place)
    except TooMuch:
        reply = _asked(context, "plain", content, url=url, charset=charset, place=place)
        return {**reply, "notes": [*reply["notes"], "looking for its main text took too long"]}


def _asked(
    context: Context, kind: str, content: bytes, *, url: str, charset: str | None, place: str = ""
) -> Mapping[str, Any]:
    read, cancelled = readers(context).read, lambda: context.cancelled
    return read(kind, content, url=url, charset=charset, place=place, seconds=_READING, cancelled=cancelled)


def _made(url: str, kind: str, reply: Mapping[str, Any]) -> Page:
    return Page(
        url=url,
        asked=url,
        kind=kind,
        text=reply["text"].replace("\r\n", "\n").replace("\r", "\n"),
        title=reply.get("title", ""),
        author=reply.get("author", ""),
        date=reply.get("date", ""),
        site=reply.get("site", ""),
        begins=reply.get("begins"),
        notes=tuple(reply.get("notes", ())),
        scripted=bool(reply.get("scripted")),
    )


def _converted(context: Context, found: Fetched) -> Page:
    """A document, by the converter of documents, or a text."""
    from plugins._convert import Limits, convert  # it takes 10 ms to load: not before it is needed

    name = _name(found)
    if found.cut and binary_kind(found.content[:SAMPLE]):
        raise ToolError(
            f"{found.url} is larger than {size(len(found.content))}, and such a file cannot be read in part",
            hint="read another page, or ask the user to get the file",
        )
    if found.media_type in _MARKDOWN or (found.media_type == "text/plain" and found.charset):
        from plugins._page_text import page_text

        text = page_text(found.content, found.charset)
        return Page(url=found.url, asked=found.url, kind="text", text=text.replace("\r\n", "\n").replace("\r", "\n"))
    try:
        document = convert(
            found.content,
            name=name,
            media_type=found.media_type,
            limits=Limits(seconds=60.0, characters=_CHARACTERS),
            cancelled=lambda: context.cancelled,
        )
    except ToolError as error:
        if error.kind == "cancelled":
            raise
        raise ToolError(f"{found.url}: {error.message}", hint=error.hint, kind=error.kind) from error
    text, places = unmarked(document)
    if not text.strip():
        raise ToolError(f"{found.url} has no text", hint="read another page")
    return Page(
        url=found.url,
        asked=found.url,
        kind=document.kind,
        text=text,
        title=document.title,
        places=places,
        notes=document.notes,
    )


def _file(context: Context, found: Fetched, kind: str) -> Page:
    """What has no text is kept as it is, if it came whole."""
    if found.cut:
        whole = found.headers.get("content-length", "")
        large = size(int(whole)) if whole.isascii() and whole.isdigit() else f"more than {size(len(found.content))}"
        raise ToolError(
            f"{found.url} is {kind}, {large}: it has no text, and is too large to be kept",
            hint="read another page, or ask the user to get the file",
        )
    kept = context.artifacts.put(
        found.content, media_type=found.media_type or "application/octet-stream", name=_name(found)
    )
    notes = (f"it is {kind}, {size(len(found.content))}, kept as artifact {kept.handle}",)
    return Page(url=found.url, asked=found.url, kind="file", notes=notes, kept=kept)


def _name(found: Fetched) -> str:
    """What the file is called: by its server, or by its address."""
    said = Message()
    said["content-disposition"] = found.headers.get("content-disposition", "")
    name = said.get_filename() or unquote(urlsplit(found.url).path.rpartition("/")[2]) or urlsplit(found.url).netloc
    return re.sub(r"[\\/\x00-\x1f]", "_", name)[-100:]
