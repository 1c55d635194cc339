"""The pages that a run has opened, and where their texts are kept: what a citation is held against."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urldefrag

from agent.events import JSON, Observed, ToolStarted

_OPENING = ("fetch", "send")  # effects: a server's tool that says nothing of itself counts as one that sends
_NAMES = ("url", "urls", "uri")  # of arguments that hold addresses


@dataclass(frozen=True, slots=True)
class OpenedPage:
    """A page as a tool gave it: the handle of its whole text, or that text itself where none was kept."""

    title: str = ""
    handle: str | None = None
    text: str = ""


def page_key(address: str) -> str:
    """What two spellings of one address share: the place on the page, how signs are escaped and a slash at the end
    make no difference."""
    bare = urldefrag(address.strip())[0]
    scheme, mark, rest = bare.partition("://")
    host, slash, path = rest.partition("/")
    return unquote(f"{scheme.casefold()}{mark}{host.casefold()}{slash}{path}").rstrip("/")


def opened_pages(started: ToolStarted, observed: Observed) -> Iterator[tuple[str, OpenedPage]]:
    """The pages that a call has opened, by `page_key`. Only what the network was asked for counts: what a program
    prints or a file says is not where it says it is from."""
    if not observed.ok or started.effect not in _OPENING:
        return
    value = observed.value if isinstance(observed.value, Mapping) else {}
    many = value.get("pages")
    if isinstance(many, list):
        for one in many:
            if isinstance(one, Mapping):
                page = OpenedPage(_text(one.get("title")), _text(one.get("handle")) or None)
                yield from ((page_key(address), page) for address in _addresses(one))
        return
    texts = [one.handle for one in observed.artifacts if one.media_type.startswith("text/")]
    handle = texts[0] if texts else observed.whole
    page = OpenedPage(_text(value.get("title")), handle, "" if handle else observed.text)
    own = {name: started.arguments[name] for name in _NAMES if name in started.arguments}
    for address in dict.fromkeys((*_addresses(own), *_addresses(value))):
        yield page_key(address), page


def _addresses(named: Mapping[str, Any]) -> Iterator[str]:
    for name in (*_NAMES, "asked"):
        found: JSON = named.get(name)
        for one in found if isinstance(found, list) else [found]:
            if isinstance(one, str) and one.strip():
                yield one


def _text(value: Any) -> str:
    return value if isinstance(value, str) else ""
