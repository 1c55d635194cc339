"""Where on a page a line stands, as it is cited: under a heading, or on a page of a PDF; with an address for it."""

from __future__ import annotations

import re
from bisect import bisect_right
from functools import cached_property
from urllib.parse import urldefrag

from plugins._contract import ToolError
from plugins._page import Page
from plugins._passages import headings

__all__ = ["PagePlaces", "linked"]

_TITLE = 80  # characters
_PAGE = re.compile(r"page (\d+)")
_ASKED = re.compile(r"page=(\d{1,6})(?=&|$)")  # as browsers name a page of a PDF, with the zoom and so on behind it
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
        """The line with which what a fragment of an address names begins: `page=3`, an element by its id, or a heading
        by its slug; None where the page has no such place. A page without text begins with the next one that has some.

        Raises:
            ToolError: the document has no page of this number.
        """
        places, wanted = self._page.places, slug(fragment)
        numbers = [int(found[1]) if (found := _PAGE.fullmatch(name)) else 0 for name in places.names]
        if (asked := _ASKED.match(fragment)) and any(numbers):
            number = int(asked[1])
            if not 1 <= number <= max(numbers):
                raise ToolError(
                    f"{self._page.url} has no page {number}: its text ends with page {max(numbers)}",
                    hint=f"name a page from 1 to {max(numbers)}",
                )
            return next(line for own, line in zip(numbers, places.starts, strict=True) if own >= number)
        if self._page.begins is not None:
            return self._page.begins
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
