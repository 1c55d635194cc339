"""HTML: the main text with its headings, lists, tables and links; scripts and what is hidden are left out."""

from __future__ import annotations

import re
from collections.abc import Callable

from plugins._convert._document import Document, Source, flowing
from plugins._convert._markdown import Full, Writer
from plugins._convert._markup import Events, drive
from plugins._convert._page import BREAK, Block, Page
from plugins._page_text import page_text

__all__ = ["page", "read_html"]

_CHARSET = re.compile(r"charset\s*=\s*[\"']?([A-Za-z0-9_:.-]+)", re.IGNORECASE)  # in what a server says
_MAIN_ENOUGH = 0.25  # of the text outside of navigation: less than that is no main part, whatever it is called


def _as_it_is(told: Events) -> Events:
    return told


def page(text: str, writer: Writer, *, whole: bool = False, through: Callable[[Events], Events] = _as_it_is) -> str:
    """Write what a page says; its title.

    Args:
        text: The page.
        writer: Where to.
        whole: Navigation and the like too, as in a book or a message, where there is none.
        through: Puts somebody between the markup and who is told of it.

    Raises:
        Full: the quota is used up.
    """
    told = Page()
    drive(text.replace(BREAK, " "), through(told), going=writer.going)
    for block in told.blocks if whole else _main(told.blocks):
        _write(block, writer)
    return told.title or writer.title


def _main(blocks: list[Block]) -> list[Block]:
    """The blocks of the main part where the page names one, else all but navigation and the like, else all."""
    outside = [block for block in blocks if not block.frame]
    main = [block for block in outside if block.main]
    if sum(block.weight for block in main) > _MAIN_ENOUGH * sum(block.weight for block in outside):
        return main
    return outside or blocks


def _write(block: Block, writer: Writer) -> None:
    if block.method == "heading":
        writer.heading(block.level, block.text)
    elif block.method == "item":
        if block.marker:
            writer.item(block.text, depth=block.level, marker=block.marker)
        else:  # more of the item above, or text that stands loosely in a list
            writer.block("\n".join("  " * (block.level + 1) + line for line in block.text.split("\n")), close=True)
    elif block.method == "table":
        writer.table(block.rows)
    elif block.method == "code":
        writer.code(block.text)
    else:
        writer.paragraph(block.text)


def read_html(source: Source) -> Document:
    """The main text of a page."""
    writer = Writer(source.quota)
    title = ""
    try:
        said = _CHARSET.search(source.media_type)
        title = page(page_text(source.content, said[1] if said else None), writer)
    except Full:
        title = writer.title
    return source.document("html", flowing(writer.text()), title=title)
