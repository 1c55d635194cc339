"""A desk for tools that read the web: real servers on loopback, the real client, the toolbox around the tools."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from plugins import (
    Budget,
    Cache,
    Context,
    Observation,
    Rules,
    Toolbox,
    ToolError,
    Web,
    WebHttp,
    Workspace,
    built_in_plugins,
)
from plugins._page_reader import Readers
from tests.plugins.test_artifacts import Kept
from tests.plugins.test_http import Answer, Site

__all__ = ["Model", "WebDesk", "answering", "article", "html", "readers_of_pages"]


def answering(body: bytes | str, media_type: str = "text/html; charset=utf-8", **headers: str) -> Answer:
    """An answer of the server, as it is."""
    content = body.encode() if isinstance(body, str) else body
    return lambda handler: handler.reply(200, content, **{"Content_Type": media_type, **headers})


def html(body: str, *, title: str = "", head: str = "") -> str:
    """A page of HTML."""
    return f"<!doctype html><html><head><title>{title}</title>{head}</head><body>{body}</body></html>"


def article(title: str, *paragraphs: str, more: str = "") -> str:
    """A page with an article, between a menu and a footer."""
    told = "".join(f"<p>{one}</p>" for one in paragraphs)
    return html(
        '<nav><a href="/">Home</a> <a href="/about">About us</a></nav>'
        f"<article><h1>{title}</h1>{told}{more}</article><footer>All rights reserved by nobody</footer>",
        title=title,
    )


class WebDesk:
    """Tools of the web over a workspace; `ask` answers the model's questions, `progress` is what was told."""

    def __init__(self, root: Path, *sites: Site, cache: Cache | None = None, **web: Any) -> None:
        web.setdefault("rules", Rules(private=frozenset(f"127.0.0.1:{one.port}" for one in sites)))
        self.http = WebHttp(Web(**web))
        self.workspace = Workspace.open(root)
        self.kept = Kept()
        self.cache = cache or Cache()
        self.ask: Any = None
        self.budget: Budget | None = None
        self.parallel = 4
        self.cut = 16_000
        self.progress: list[str] = []
        self.toolbox = Toolbox(built_in_plugins())

    def context(self) -> Context:
        def call(tool: str, arguments: Mapping[str, Any]) -> Observation:
            raise ToolError("no tool can be called here")

        def person(question: str, choices: Sequence[str] = ()) -> str:
            raise ToolError("nobody is here", kind="no-person")

        def progress(text: str, *, done: float | None = None, total: float | None = None) -> None:
            self.progress.append(text)

        return Context(
            workspace=self.workspace,
            artifacts=self.kept,
            notes=self.kept,
            ask=self.ask,
            call=call,
            person=person,
            progress=progress,
            budget=self.budget,
            parallel=self.parallel,
            http=self.http,
            cache=self.cache,
        )

    def start(self, tool: str, **arguments: Any) -> tuple[Callable[[str], object], Callable[[float], Observation]]:
        """Begin a call: how to cancel it, and how to wait for what comes of it."""
        prepared = self.toolbox.prepare(tool, arguments, self.workspace)
        assert not isinstance(prepared, Observation), prepared.text
        box: queue.SimpleQueue[Observation] = queue.SimpleQueue()
        running = self.toolbox.start(prepared, self.context(), cut=self.cut, done=box.put)
        return running.cancel, lambda seconds: box.get(timeout=seconds)

    def call(self, tool: str, **arguments: Any) -> Observation:
        """A call, to its end."""
        return self.start(tool, **arguments)[1](60.0)

    def fetch(self, url: str, question: str = "") -> Observation:
        return self.call("fetch_page", url=url, question=question)

    def read(self, url: str, question: str = "") -> str:
        """The text of what succeeds."""
        found = self.fetch(url, question)
        assert found.ok, found.text
        return found.text

    def refusal(self, url: str, question: str = "") -> str:
        """The text of what fails."""
        found = self.fetch(url, question)
        assert not found.ok, found.text
        return found.text

    def summary(self, urls: Sequence[str], question: str = "") -> Observation:
        return self.call("summarize_pages", urls=list(urls), question=question)

    def close(self) -> None:
        self.http.close()
        self.workspace.close()


class Model:
    """Answers each question by a function of its prompt; keeps the prompts. From any number of threads."""

    def __init__(self, answer: Callable[[str], str]) -> None:
        self.prompts: list[str] = []
        self._answer, self._lock = answer, threading.Lock()

    def __call__(self, prompt: str, *, purpose: str, system: str = "", reply: int = 1024) -> str:
        with self._lock:
            self.prompts.append(prompt)
        return self._answer(prompt)


def readers_of_pages() -> Iterator[Cache]:
    """A cache with the processes that read pages, to be shared by tests, since these take a while to start; they end
    with it."""
    kept = Cache()
    yield kept
    readers: Readers = kept.get("page readers", Readers, size=lambda _: 1)
    readers.close()
