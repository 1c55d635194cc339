"""Pages that only scripts can make, rendered by a Chromium where Playwright is installed (the extra `browser`).

The browser reaches nothing by itself: its network leads nowhere, and what a page asks for is fetched by our own client,
which judges every address, or is refused. It has a fresh profile, no downloads, no service workers, no permissions.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plugins._apart import needed_environment
from plugins._contract import Context, Http, ToolError
from plugins._programs import SYSTEM, Programs, is_of_the_system

if TYPE_CHECKING:
    from playwright.async_api import Browser, Playwright, Route, WebSocketRoute
    from playwright.sync_api import Playwright as SyncPlaywright

__all__ = ["HINT", "Rendered", "program", "render"]

HINT = "it is made by its scripts: pip install 'thinkact[browser]', and have Chromium installed; or read another page"
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
_STARTING = 20.0  # seconds for the browser to start
_ALL = 20.0  # seconds for a page
_EACH = 8.0  # of these, for each address that it asks for
_TICK = 0.2  # seconds between two looks at whether the work is to be given up
_IDLE = 5.0  # of these, for its scripts to come to rest
_REQUESTS = 100
_BYTES = 30_000_000  # of all that a page asks for
_LONGEST = 10_000_000  # characters of what comes of it
_WANTED = frozenset({"document", "script", "xhr", "fetch", "stylesheet", "other"})
_PASSED_ON = ("content-type", "content-security-policy", "access-control-allow-origin", "access-control-allow-headers")
_ARGUMENTS = (
    "--proxy-server=http://127.0.0.1:9",  # nobody listens there: what is not routed through us goes nowhere
    "--proxy-bypass-list=<-loopback>",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--disable-background-networking",
    "--disable-features=NetworkPrediction,Prerender2",
    "--no-first-run",
)


@dataclass(frozen=True, slots=True)
class Rendered:
    """What came of a page: its HTML, and what its reader should know."""

    html: str
    notes: tuple[str, ...]


def render(context: Context, url: str) -> Rendered | None:
    """Let a browser make a page; None where there is no browser.

    Raises:
        ToolError: it cannot, not in time, or the call was given up.
    """
    try:
        from playwright.async_api import Error
    except ImportError:
        return None
    try:
        return asyncio.run(_watched(context, url))
    except TimeoutError as error:
        raise ToolError(f"{url} is not made by its scripts within {_ALL:g} s", hint="read another page") from error
    except Error as error:
        why = " ".join(str(error).split())[:200]
        raise ToolError(f"{url} cannot be rendered: {why}", hint="read another page") from error


async def _watched(context: Context, url: str) -> Rendered | None:
    """The work, which ends at its time, and as soon as nobody wants it any more."""
    work = asyncio.ensure_future(_rendered(context, url))
    until = time.monotonic() + _STARTING + _ALL
    while not (await asyncio.wait({work}, timeout=_TICK))[0]:
        if not context.cancelled and time.monotonic() < until:
            continue
        work.cancel()
        with suppress(asyncio.CancelledError):
            await work
        if context.cancelled:
            raise ToolError("the call was given up", kind="cancelled")
        raise TimeoutError
    return work.result()


async def _rendered(context: Context, url: str) -> Rendered | None:
    from playwright.async_api import async_playwright

    assert context.http is not None
    async with async_playwright() as driver:
        programs = _programs(context)
        found = _program(driver, programs)
        if found is None:
            return None
        browser, notes = await _launched(driver, found, programs)
        gate = _Gate(context.http, until=time.monotonic() + _ALL, cancelled=lambda: context.cancelled)
        try:
            html = await asyncio.wait_for(_made(browser, url, gate), _ALL)
        finally:
            await browser.close()
    if gate.refused:
        notes.append(f"{gate.refused} of the addresses that its scripts wanted were not opened")
    return Rendered(html[:_LONGEST], tuple(notes))


def program() -> str | None:
    """The Chromium that pages are rendered by: Playwright's own, or the system's; None where there is none, or no
    Playwright."""
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        return None
    with sync_playwright() as driver:
        return _program(driver, Programs())


def _programs(context: Context) -> Programs:
    """Those that an agent cannot have put there: the browser is started with the user's rights."""
    here = Path.cwd()
    avoided = {} if is_of_the_system(here) else {str(here): "the folder where thinkact is started"}
    return Programs(avoided={str(context.workspace.root): "the workspace", **avoided})


def _program(driver: Playwright | SyncPlaywright, programs: Programs) -> str | None:
    own: str = driver.chromium.executable_path
    if own and Path(own).exists():
        return own
    return next((found for name in _NAMES if (found := programs.look(name).found)), None)


async def _launched(driver: Playwright, found: str, programs: Programs) -> tuple[Browser, list[str]]:
    """A browser in its own sandbox; where the machine refuses that, without, and this is said."""
    from playwright.async_api import Error

    given: dict[str, Any] = {
        "executable_path": found,
        "headless": True,
        "args": list(_ARGUMENTS),
        "env": {**needed_environment(), "PATH": os.pathsep.join(dict.fromkeys([*SYSTEM, *programs.folders()]))},
        "timeout": _STARTING * 1_000,
    }
    try:
        return await driver.chromium.launch(chromium_sandbox=True, **given), []
    except Error:
        note = "rendered without the browser's sandbox, which this machine refuses (to root, for instance)"
        return await driver.chromium.launch(chromium_sandbox=False, **given), [note]


async def _made(browser: Browser, url: str, gate: _Gate) -> str:
    """What a page's scripts make of it."""
    from playwright.async_api import TimeoutError as TooLate

    opened = await browser.new_context(service_workers="block", accept_downloads=False)
    await opened.route("**/*", gate.pass_on)
    await opened.route_web_socket("**/*", _closed)
    page = await opened.new_page()
    await page.goto(url, wait_until="domcontentloaded", timeout=_ALL * 1_000)
    with suppress(TooLate):  # some never rest; what they have made until then is told
        await page.wait_for_load_state("networkidle", timeout=_IDLE * 1_000)
    html: str = await page.content()
    return html


async def _closed(socket: WebSocketRoute) -> None:
    await socket.close()


class _Gate:
    """Whatever the page asks for is fetched here, by our own client and its rules, or refused."""

    def __init__(self, http: Http, *, until: float, cancelled: Callable[[], bool]) -> None:
        self._http, self._until, self._cancelled = http, until, cancelled
        self._requests = self._bytes = 0
        self.refused = 0

    async def pass_on(self, route: Route) -> None:
        """One address, or nothing."""
        request = route.request
        if request.resource_type not in _WANTED:  # pictures and the like say nothing
            await route.abort("blockedbyclient")
            return
        self._requests += 1
        left = self._until - time.monotonic()
        spent = self._requests > _REQUESTS or self._bytes > _BYTES or left <= 0
        if request.method != "GET" or spent or self._cancelled():
            self.refused += 1
            await route.abort("blockedbyclient")
            return
        accept = request.headers.get("accept", "*/*")
        try:
            found = await asyncio.to_thread(
                self._http.get,
                request.url,
                headers={"accept": accept},
                most_bytes=_BYTES // 3,
                timeout=min(_EACH, left),
            )
        except ToolError:
            self.refused += 1
            await route.abort("blockedbyclient")
            return
        self._bytes += len(found.content)
        headers = {name: found.headers[name] for name in _PASSED_ON if name in found.headers}
        await route.fulfill(status=found.status, headers=headers, body=found.content)
