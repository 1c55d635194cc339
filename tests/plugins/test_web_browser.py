"""Pages that only scripts can make, rendered by a real Chromium where there is one, and kept from what they must not
reach."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator

import pytest

from plugins._page_browser import program
from tests.plugins.test_http import Handler, Site, serve
from tests.plugins.web_desk import WebDesk, answering, html

pytestmark = pytest.mark.skipif(
    program() is None, reason="needs Playwright (pip install 'thinkact[browser]') and a Chromium, installed or its own"
)
SHELL = html('<div id="root"></div><script src="/app.js"></script>', title="App")


@pytest.fixture
def inner() -> Iterator[Site]:
    """A server that the user did not name."""
    yield from serve()


@pytest.fixture
def desk(web_desk: WebDesk, site: Site) -> WebDesk:
    site.answers["/"] = answering(SHELL)
    return web_desk


def late(handler: Handler) -> None:
    """An answer that leaves the page time for what it does beside."""
    time.sleep(1.5)
    answering("x")(handler)


def script(text: str) -> str:
    """A script that tells how it went in the page's text."""
    return "const root = document.getElementById('root');\nconst tell = (text) => root.append(text + ' ');\n" + text


def test_a_page_is_told_as_its_scripts_make_it(desk: WebDesk, site: Site) -> None:
    site.answers["/data.json"] = answering('{"text": "渡轮每小时一班。"}', "application/json")
    site.answers["/app.js"] = answering(
        script(
            "fetch('/data.json').then((r) => r.json()).then((d) => {\n"
            "  root.innerHTML = '<article><h1>Ferries</h1><p>' + d.text + '</p>'\n"
            "    + '<p>The ferries sail every hour and carry bicycles without any charge at all.</p></article>';\n"
            "});"
        ),
        "text/javascript",
    )
    text = desk.read(site.url("/"))
    assert "渡轮每小时一班。" in text
    assert "The ferries sail every hour" in text
    assert "[as a browser made it of its scripts]" in text


def test_what_a_script_wants_of_the_private_network_is_refused(desk: WebDesk, site: Site, inner: Site) -> None:
    inner.answers["/secret"] = answering("the inner secret", "text/plain", Access_Control_Allow_Origin="*")
    targets = [inner.url("/secret"), inner.url("/secret", "localhost"), f"http://[::1]:{inner.port}/secret"]
    listed = ", ".join(f"'{one}'" for one in targets)
    site.answers["/app.js"] = answering(
        script(
            f"for (const url of [{listed}]) {{\n"
            "  fetch(url, {mode: 'no-cors'}).then(() => tell('reached')).catch(() => tell('kept out'));\n"
            "  const frame = document.createElement('iframe'); frame.src = url; document.body.append(frame);\n"
            "  const image = new Image(); image.src = url; document.body.append(image);\n"
            "  navigator.sendBeacon(url, 'x');\n"
            "  fetch(url, {method: 'POST', mode: 'no-cors', body: 'x'}).catch(() => tell('not sent'));\n"
            "  try { new WebSocket(url.replace('http', 'ws')); } catch (error) { tell('no socket'); }\n"
            "}"
        ),
        "text/javascript",
    )
    text = desk.read(site.url("/"))
    assert inner.asked == []
    assert "reached" not in text
    assert text.count("kept out") == 3
    assert "of the addresses that its scripts wanted were not opened" in text


def test_no_packet_leaves_by_the_browsers_own_ways(desk: WebDesk, site: Site) -> None:
    """A WebRTC probe, a hint to look a name up and a connection in advance: a listener on each finds nothing."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as datagrams, socket.socket() as listener:
        datagrams.bind(("127.0.0.1", 0))
        datagrams.settimeout(0.2)
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        listener.settimeout(0.2)
        site.answers["/late"] = late
        stun, tcp = datagrams.getsockname()[1], listener.getsockname()[1]
        site.answers["/app.js"] = answering(
            script(
                f"const hint = document.createElement('link'); hint.rel = 'preconnect';\n"
                f"hint.href = 'http://127.0.0.1:{tcp}/'; document.head.append(hint);\n"
                f"const peer = new RTCPeerConnection({{iceServers: [{{urls: 'stun:127.0.0.1:{stun}'}}]}});\n"
                "peer.createDataChannel('x'); peer.createOffer().then((o) => peer.setLocalDescription(o));\n"
                "fetch('/late').then(() => tell('done'));"
            ),
            "text/javascript",
        )
        assert "done" in desk.read(site.url("/"))
        with pytest.raises(TimeoutError):
            datagrams.recvfrom(100)
        with pytest.raises(TimeoutError):
            listener.accept()


def test_a_page_cannot_send_the_browser_elsewhere(desk: WebDesk, site: Site, inner: Site) -> None:
    inner.answers["/secret"] = answering(html("<p>the inner secret</p>"))
    site.answers["/app.js"] = answering(f"location.href = '{inner.url('/secret')}';", "text/javascript")
    found = desk.fetch(site.url("/"))
    assert "the inner secret" not in found.text
    assert inner.asked == []


@pytest.mark.slow
@pytest.mark.parametrize("text", ["for (;;) {}", "setTimeout(() => { for (;;) {} }, 200);"])
def test_scripts_that_never_end_do_not_hold_the_call(desk: WebDesk, site: Site, text: str) -> None:
    site.answers["/app.js"] = answering(text, "text/javascript")
    found = desk.fetch(site.url("/"))
    assert not found.ok
    assert len(found.text.splitlines()) == 2


def test_a_call_that_is_given_up_ends_the_browser(desk: WebDesk, site: Site) -> None:
    site.answers["/app.js"] = answering("for (;;) {}", "text/javascript")
    cancel, wait = desk.start("fetch_page", url=site.url("/"))
    until = time.monotonic() + 30
    while "/app.js" not in site.paths() and time.monotonic() < until:
        time.sleep(0.05)
    cancel("the test wants no more")
    assert not wait(10.0).ok
    turn = desk.cache.get("page browser", threading.Lock, size=lambda _: 1)
    assert turn.acquire(timeout=10.0)  # the browser is gone
    turn.release()
