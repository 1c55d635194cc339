"""The tools that read the web: one page, or several summed up."""

from __future__ import annotations

from dataclasses import replace
from threading import Lock
from urllib.parse import unquote, urldefrag

from plugins import Context, Effect, Observation, ToolError, tool
from plugins._page import MOST_BYTES, Page, address, http_of, read_page, rendered
from plugins._side_by_side import side_by_side

__all__ = ["fetch_page", "summarize_pages"]

_MOST = 20  # pages
_AT_ONCE = 10
_BYTES_OF_EACH = 12_000_000
_TIMEOUT = 7200.0  # a model on this machine takes its time
_ENDING = 100.0  # seconds of it in which nothing more is asked


@tool(
    effect=Effect.FETCH,
    repeatable=True,
    timeout=240.0,
    aliases=("fetch", "web page", "webpage", "website", "url", "网页", "网址", "抓取", "打开网页", "读网页"),
)
def fetch_page(url: str, question: str = "", *, context: Context) -> Observation:
    """Read a web page, PDF, feed or JSON as Markdown.

    Args:
        url: Address; #page=N or #place begins there.
        question: Answered from the page, with quotes.
    """
    asked = address(url)
    bare, fragment = urldefrag(asked)
    place = unquote(fragment).partition(":~:")[0]  # what is behind it are words to mark
    page = replace(_opened(context, bare, place=place), asked=asked)
    question = " ".join(question.split())
    from plugins._page_showing import described, kept, shown

    if not question or page.kind == "file":
        return shown(page, context.artifacts, fragment=place)
    from plugins._page_answer import answered

    answer, how = answered(page, question, context)
    artifact = kept(page, context.artifacts)
    notes = "".join(f"\n[{note}]" for note in page.notes)
    whole_page = f'; the whole page: read_artifact(handle="{artifact.handle}")' if artifact else ""
    text = f"{described(page)}{notes}\n\n{answer}\n\n[{how}{whole_page}]"
    value = {"url": page.url, "title": page.title, "date": page.date or None, "answer": answer}
    return Observation(ok=True, text=text, value=value, artifacts=(artifact,) if artifact else ())


@tool(
    effect=Effect.FETCH,
    repeatable=True,
    timeout=_TIMEOUT,
    aliases=("summarise pages", "summarize websites", "compare pages", "总结网页", "概括网页", "比较网页"),
)
def summarize_pages(urls: list[str], question: str = "", *, context: Context) -> Observation:
    """Summarise web pages into one text with links to sources.

    Args:
        urls: Addresses.
        question: What it should answer.
    """
    wanted = list(dict.fromkeys(address(url) for url in urls))
    if not wanted:
        raise ToolError("urls is empty", hint="name the addresses of the pages")
    if len(wanted) > _MOST:
        raise ToolError(f"{len(wanted)} pages are too many at once", hint=f"name at most {_MOST}")
    http_of(context)
    pages, failed = _all(context, wanted)
    if not pages:
        told = "\n".join(f"- {url}: {why}" for url, why in failed.items())
        raise ToolError(f"none of the pages can be read:\n{told}", hint="name other addresses")
    from plugins._page_showing import kept
    from plugins._page_summing import sources_told, summarised

    summary = summarised(pages, " ".join(question.split()), context, within=_TIMEOUT - _ENDING)
    wholes = [kept(page, context.artifacts) for page in pages]
    read = [
        {"url": page.url, "asked": page.asked, "title": page.title, "handle": whole.handle if whole else None}
        for page, whole in zip(pages, wholes, strict=True)
    ]
    text = f"{summary}\n\n{sources_told(pages, failed)}"
    return Observation(ok=True, text=text, value={"pages": read}, artifacts=tuple(filter(None, wholes)))


def _all(context: Context, urls: list[str]) -> tuple[list[Page], dict[str, str]]:
    """The pages that can be read, in their order, and why the others cannot."""

    def read(url: str) -> Page | ToolError:
        try:
            page = _opened(context, urldefrag(url)[0], most_bytes=_BYTES_OF_EACH)
        except ToolError as error:
            if error.kind == "cancelled":
                raise
            return error
        if page.kind == "file":
            return ToolError(f"it has no text: {page.notes[0]}")
        return page

    found: dict[int, Page | ToolError] = {}
    for at, one in side_by_side(read, urls, parallel=_AT_ONCE):
        found[at] = one
        context.progress("reading pages", done=len(found), total=len(urls))
    pages: dict[str, Page] = {}  # two addresses may lead to one page
    failed: dict[str, str] = {}
    for at, url in enumerate(urls):
        one = found[at]
        if isinstance(one, ToolError):
            failed[url] = one.message
        else:
            pages.setdefault(one.url, one)
    return list(pages.values()), failed


def _opened(context: Context, url: str, *, place: str = "", most_bytes: int = MOST_BYTES) -> Page:
    """A page; one that its scripts make is rendered, where there is a browser."""
    page = read_page(context, url, place=place, most_bytes=most_bytes)
    if not page.scripted:
        return page
    from plugins._page_browser import HINT, render

    turn = context.cache.get("page browser", Lock, size=lambda _: 1)
    try:
        with turn:  # one at a time: a browser takes much memory
            made = render(context, page.url)
    except ToolError as error:
        if error.kind == "cancelled" or not page.text.strip():
            raise
        return replace(page, notes=(*page.notes, error.message))
    if made is None:
        if page.text.strip():
            return replace(page, notes=(*page.notes, HINT))
        raise ToolError(f"{page.url} has no text of its own", hint=HINT)
    found = rendered(context, page, made.html, place)
    if not found.text.strip() and page.text.strip():
        return replace(page, notes=(*page.notes, "it is made by its scripts, and a browser makes no more of it"))
    if not found.text.strip():
        raise ToolError(f"{page.url} has no text, also as a browser shows it", hint="read another page")
    return replace(found, notes=(*found.notes, *made.notes))
