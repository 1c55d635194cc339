"""HTML as Markdown: its main text as trafilatura finds it, or all of it where that finds too little.

Used by the process that reads pages (`_page_reader`): what stands here may take as long, and as much memory, as the
page's author pleases.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urljoin

from plugins._convert._document import Limits, Quota
from plugins._convert._html import page
from plugins._convert._markdown import Full, Writer
from plugins._convert._markup import Broken, Events
from plugins._page_anchor import signed
from plugins._page_text import page_text
from plugins._text import mend

__all__ = ["absolute", "read_html"]

_MARKUP = 8_000_000  # characters of HTML that are read
_EXTRACTED = 2_000_000  # characters of HTML; a larger page is told whole, since a tree of it would fill the memory
_FEW = 250  # characters of prose: a main text that is shorter may be none, and is found without its headings
_SHARE = 0.25  # of the page's prose: a main text that holds less is not all that the page is for
_NEARLY_ALL = 0.6  # of the page's characters
_ROWS = 5  # of tables, from which it counts whether they were kept
_EMPTY = 200  # characters of prose: a page of scripts that says less says it by its scripts
_IN_LINKS = 0.2  # what a character of a link is worth: menus are made of links
_LINK = re.compile(r"\[([^\[\]]*)\]\([^()\s]*\)")
_ROW = re.compile(r"^\|(?! ?-)", re.MULTILINE)
_MAIN = "its main text: menus, footers and the like are left out"
_FENCE = re.compile(r"^(`{3,})\s*\n([^\n]*)", re.MULTILINE)
_NAMES_LANGUAGE = re.compile(
    r"(?:^|\s)(?:lang(?:uage)?|highlight-source|highlight|brush:)[-: ]+([A-Za-z0-9+#.-]{1,20})"
)
_AT_HEART = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class _Extracted:
    text: str = ""
    title: str = ""
    author: str = ""
    date: str = ""
    site: str = ""
    lacking: bool = False


def read_html(
    content: bytes, *, url: str, charset: str | None, limits: Limits, place: str = "", extract: bool = True
) -> dict[str, Any]:
    """What a page says, as JSON: its `text` (Markdown, links absolute), `title`, `author`, `date` (ISO, or ""),
    `site`, `notes`, `begins`: the line with which the place begins, or None, and `scripted`: has it next to no text,
    but scripts that would write one?

    Args:
        content: The page.
        url: Where it was found.
        charset: As its server told.
        limits: How much of it is read.
        place: The id of an element, as a fragment of an address names it.
        extract: Look for its main text; else it is told whole.
    """
    html = mend(page_text(content, charset))
    html, sign = signed(html, place) if place and len(html) <= _EXTRACTED else (html, "")
    quota = Quota(limits)
    if len(html) > _MARKUP:
        html = html[:_MARKUP]
        quota.stop(f"what the first {_MARKUP:,} characters of its markup say")
    writer = Writer(quota)
    seen: list[_Looking] = []
    title = ""

    def through(told: Events) -> Events:
        seen.append(_Looking(told, url))
        return seen[0]

    with suppress(Full, Broken):  # what was written until then is told
        title = page(html, writer, through=through)
    whole, look = writer.text(), seen[0]
    main = _extracted(html, look.base) if extract and len(html) <= _EXTRACTED else _Extracted()
    notes = [quota.note] if quota.note else []
    text = _tidy(main.text, look.languages)
    why_whole = ""
    if not _is_main(text, whole):
        why_whole = "what finds the main text is not installed" if main.lacking else "no main text stands out in it"
    elif sign and sign not in text and sign in whole:
        why_whole = f"#{place} is outside of its main text"
    text = _tidy(whole, look.languages) if why_whole else text
    notes.append(f"the whole page: {why_whole}" if why_whole else _MAIN)
    before, signs, _ = text.partition(sign) if sign else ("", "", "")
    return {
        "text": text.replace(sign, "")[: limits.characters] if sign else text[: limits.characters],
        "begins": before.count("\n") + 1 if signs and len(before) < limits.characters else None,
        "title": _line(main.title or title or writer.title),
        "author": _line(main.author),
        "date": main.date,
        "site": _line(main.site) if main.site not in url else "",
        "notes": notes,
        "scripted": bool(look.scripts) and _prose(text) < _EMPTY and _prose(whole) < _EMPTY,
    }


def _is_main(text: str, whole: str) -> bool:
    """Is what was extracted what the page is for? Of lists, forums and tables it may be a small part."""
    prose, all_prose = _prose(text), _prose(whole)
    if prose < _FEW or prose < _SHARE * all_prose:
        return False
    if _links(text) * 2 < _links(whole) and len(_LINK.sub(r"\1", text)) >= _NEARLY_ALL * len(_LINK.sub(r"\1", whole)):
        return False  # a list of links, and nothing but the links was left out
    rows = len(_ROW.findall(whole))
    return rows < _ROWS or len(_ROW.findall(text)) * 2 >= rows


def _links(text: str) -> int:
    return len(_LINK.findall(text))


def _prose(text: str) -> float:
    """Characters of a text; those of links count little, and their targets nothing."""
    linked = sum(len(one[1]) for one in _LINK.finditer(text))
    return len(_LINK.sub("", text).strip()) + _IN_LINKS * linked


def _extracted(html: str, url: str) -> _Extracted:
    """What trafilatura finds: nothing where it is not installed, and where it cannot cope."""
    try:
        from trafilatura import extract, extract_metadata, load_html

        tree = load_html(html)
        if tree is None:
            return _Extracted()
        dates = {"original_date": True, "extensive_search": False, "max_date": date.today().isoformat()}
        about = extract_metadata(tree, url, dates)
        for link in tree.iter("a"):  # it would take them all to be relative to the host
            if href := link.get("href"):
                link.set("href", absolute(url, href))
        text = extract(tree, url=url, output_format="markdown", include_links=True)
    except ImportError:
        return _Extracted(lacking=True)
    except (MemoryError, KeyboardInterrupt):
        raise
    except Exception:  # noqa: BLE001  what a library makes of a stranger's page: the page can still be told whole
        return _Extracted()
    return _Extracted(
        text=text or "",
        title=about.title or "",
        author=about.author or "",
        date=about.date or "",
        site=about.sitename or "",
    )


def _tidy(text: str, languages: Mapping[str, str]) -> str:
    """Without blanks at the ends of lines, with a blank line behind a fence, and with the languages of code."""
    lines: list[str] = []
    fenced, blank = False, 0
    for line in text.replace("\r\n", "\n").split("\n"):
        line = line.rstrip()
        blank = 0 if line or fenced else blank + 1
        if blank > 1:
            continue
        lines.append(line)
        if line.startswith("```"):
            fenced = not fenced
            if not fenced:
                lines.append("")
                blank = 1
    tidy = "\n".join(lines).strip()
    if not languages:
        return tidy
    return _FENCE.sub(lambda one: f"{one[1]}{languages.get(_key(one[2]), '')}\n{one[2]}", tidy)


def _key(code: str) -> str:
    """By what a piece of code is known again, whatever was done to its blanks."""
    return _AT_HEART.sub("", code.strip().partition("\n")[0])[:80]


def _line(text: str) -> str:
    return " ".join(text.split())[:300]


class _Looking:
    """Passes on what a page's markup tells, with addresses made whole, and notes what else is to be known of it."""

    def __init__(self, told: Events, url: str) -> None:
        self.base = url
        self.scripts = 0
        self.languages: dict[str, str] = {}
        self._told = told
        self._based = False
        self._language = ""
        self._code: list[str] | None = None

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        name = tag.casefold()
        if name == "script":
            kind = attributes.get("type", "")
            self.scripts += not kind or "javascript" in kind or kind == "module"
        elif name == "base" and not self._based and attributes.get("href"):
            self._based, self.base = True, _joined(self.base, attributes["href"])
        if name == "pre":
            self._code = []
        of_code = (
            name == "pre" or (name == "code" and self._code is not None) or "highlight" in attributes.get("class", "")
        )
        if of_code and (named := _language_of(attributes)):
            self._language = named
        if name == "a" and attributes.get("href"):
            attributes = {**attributes, "href": absolute(self.base, attributes["href"])}
        self._told.start(tag, attributes)

    def end(self, tag: str) -> None:
        if tag.casefold() == "pre" and self._code is not None:
            if self._language:
                self.languages.setdefault(_key("".join(self._code)), self._language)
            self._code, self._language = None, ""
        self._told.end(tag)

    def data(self, text: str) -> None:
        if self._code is not None:
            self._code.append(text)
        self._told.data(text)

    def comment(self, text: str) -> None:
        self._told.comment(text)

    def close(self) -> None:
        self._told.close()


def _language_of(attributes: Mapping[str, str]) -> str:
    found = _NAMES_LANGUAGE.search(attributes.get("class", ""))
    return (found[1] if found else attributes.get("data-lang", "")).casefold()[:20]


def absolute(base: str, href: str) -> str:
    """A link's address made whole; "" for one within the page, or to what is no page."""
    href = href.strip()
    if href.startswith("#"):
        return ""
    if ":" in re.split("[/?#]", href, maxsplit=1)[0]:
        return href if href.casefold().startswith(("http:", "https:", "mailto:")) else ""
    return _joined(base, href)


def _joined(base: str, href: str) -> str:
    try:
        return urljoin(base, href)
    except ValueError:
        return ""
