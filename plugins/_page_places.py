"""Where on a page a line stands, as it is cited: under a heading, or on a page of a PDF; with an address for it."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property
from urllib.parse import urldefrag

from plugins._page import Page
from plugins._passages import headings

__all__ = ["PagePlaces", "linked"]

_TITLE = 80  # characters
_PAGE = re.compile(r"page (\d+)")
_BRACKETS = str.maketrans({"[": "(", "]": ")", "【": "（", "】": "）", "\\": " ", "`": "'"})


class PagePlaces:
    """The places of one page's text, by its lines from 1."""

    def __init__(self, page: Page) -> None:
        self._page = page

    @cached_property
    def _headings(self) -> list[tuple[int, int, str]]:
        return headings(self._page.text)

    def name(self, line: int) -> str:
        """`page 3`, or the heading above a line, or the page's title; "" where there is none."""
        if self._page.places:
            return self._page.places.of(line)
        at = bisect_right(self._headings, line, key=lambda one: one[0]) - 1
        return plain(self._headings[at][2] if at >= 0 else self._page.title)

    def url(self, line: int) -> str:
        """The address of a line's place: that of the page, and of a PDF its page."""
        found = _PAGE.fullmatch(self._page.places.of(line)) if self._page.places else None
        bare = urldefrag(self._page.url)[0]
        return f"{bare}#page={found[1]}" if found else bare

    def first_line(self, fragment: str) -> int | None:
        """The line with which what a fragment of an address names begins: `page=3`, or a heading by its slug."""
        if numbered := re.fullmatch(r"page=(\d{1,6})", fragment):
            places = self._page.places
            return dict(zip(places.names, places.starts, strict=True)).get(f"page {numbered[1]}")
        wanted = slug(fragment)
        return next((line for line, _, title in self._headings if wanted and slug(title) == wanted), None)


def slug(text: str) -> str:
    """A heading as addresses name it: its letters and digits alone, as sites differ in the rest."""
    return re.sub(r"[\W_]+", "", text).casefold()


def plain(title: str) -> str:
    """A title in one line, without what would end a link."""
    line = " ".join(title.translate(_BRACKETS).split())
    return line if len(line) <= _TITLE else f"{line[:_TITLE].rstrip()}…"


def linked(name: str, url: str) -> str:
    """A citation: `[Prices](https://example.org/ferries)`."""
    target = url.replace(" ", "%20").replace("(", "%28").replace(")", "%29")
    return f"[{name}]({target})" if name else f"<{target}>"
