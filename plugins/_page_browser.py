"""Pages that only scripts can make, rendered by a Chromium where Playwright is installed (the extra `browser`).

The browser reaches nothing by itself: its network leads nowhere, and what a page asks for is fetched by our own client,
which judges every address, or is refused. It has a fresh profile, no downloads, no service workers, no permissions.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plugins._apart import bare_environment
from plugins._contract import Context, Http, ToolError

if TYPE_CHECKING:
    from playwright.sync_api import Browser, BrowserContext, Playwright, Route

__all__ = ["HINT", "Rendered", "render"]

HINT = "it is made by scripts: pip install 'thinkact[browser]', and have Chromium installed; or read another page"
_NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
_ALL = 30.0  # seconds for a page
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
        ToolError: it cannot, or the call was given up.
    """
    try:
        from playwright.sync_api import Error, sync_playwright
    except ImportError:
        return None
    assert context.http is not None
    try:
        with sync_playwright() as driver:
            program = _program(driver)
            if program is None:
                return None
            browser, notes = _launched(driver, program)
            try:
                html, refused = _made(browser, url, context.http, lambda: context.cancelled)
            finally:
                browser.close()
    except Error as error:
        if context.cancelled:
            raise ToolError("the call was given up", kind="cancelled") from error
        why = " ".join(str(error).split())[:200]
        raise ToolError(f"{url} cannot be rendered: {why}", hint="read another page") from error
    if refused:
        notes.append(f"{refused} of the addresses that its scripts wanted were not opened")
    return Rendered(html[:_LONGEST], tuple(notes))


def _program(driver: Playwright) -> str | None:
    """Playwright's own Chromium, or the system's."""
    own = driver.chromium.executable_path
    return own if own and Path(own).exists() else next(filter(None, map(shutil.which, _NAMES)), None)


def _launched(driver: Playwright, program: str) -> tuple[Browser, list[str]]:
    """A browser in its own sandbox; where the machine refuses that, without, and this is said."""
    from playwright.sync_api import Error

    given: dict[str, Any] = {
        "executable_path": program,
        "headless": True,
        "args": list(_ARGUMENTS),
        "env": bare_environment(),
        "timeout": _ALL * 1_000,
    }
    try:
        return driver.chromium.launch(chromium_sandbox=True, **given), []
    except Error:
        note = "rendered without the browser's sandbox, which this machine refuses (to root, for instance)"
        return driver.chromium.launch(chromium_sandbox=False, **given), [note]


def _made(browser: Browser, url: str, http: Http, cancelled: Callable[[], bool]) -> tuple[str, int]:
    """What a page's scripts make of it, and how many addresses were refused to them."""
    from playwright.sync_api import TimeoutError as TooLate

    opened: BrowserContext = browser.new_context(service_workers="block", accept_downloads=False)
    gate = _Gate(http, until=time.monotonic() + _ALL, cancelled=cancelled)
    opened.route("**/*", gate.pass_on)
    opened.route_web_socket("**/*", lambda socket: socket.close())
    page = opened.new_page()
    page.goto(url, wait_until="domcontentloaded", timeout=_ALL * 1_000)
    with suppress(TooLate):  # some never rest; what they have made until then is told
        page.wait_for_load_state("networkidle", timeout=_IDLE * 1_000)
    return page.content(), gate.refused


class _Gate:
    """Whatever the page asks for is fetched here, by our own client and its rules, or refused."""

    def __init__(self, http: Http, *, until: float, cancelled: Callable[[], bool]) -> None:
        self._http, self._until, self._cancelled = http, until, cancelled
        self._requests = self._bytes = 0
        self.refused = 0

    def pass_on(self, route: Route) -> None:
        request = route.request
        if request.resource_type not in _WANTED:  # pictures and the like say nothing
            route.abort("blockedbyclient")
            return
        self._requests += 1
        left = self._until - time.monotonic()
        spent = self._requests > _REQUESTS or self._bytes > _BYTES or left <= 0
        if request.method != "GET" or spent or self._cancelled():
            self.refused += 1
            route.abort("blockedbyclient")
            return
        accept = request.headers.get("accept", "*/*")
        try:
            found = self._http.get(
                request.url, headers={"accept": accept}, most_bytes=_BYTES // 3, timeout=min(10.0, left)
            )
        except ToolError:
            self.refused += 1
            route.abort("blockedbyclient")
            return
        self._bytes += len(found.content)
        headers = {name: found.headers[name] for name in _PASSED_ON if name in found.headers}
        route.fulfill(status=found.status, headers=headers, body=found.content)
