from __future__ import annotations

import subprocess
import sys
import threading
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from plugins import Effect, Fetched, Rules, ToolError, Web, WebHttp
from plugins._guarded_http import GuardedHttp
from plugins._revocation import Gate


class Said:
    """A web that notes what reaches it."""

    def __init__(self) -> None:
        self.reached: list[tuple[Any, ...]] = []

    def get(self, url: str, **options: Any) -> Fetched:
        self.reached.append((url, options))
        return answer(url)

    def send(self, method: str, url: str, **options: Any) -> Fetched:
        self.reached.append((method, url, options))
        return answer(url)


def answer(url: str) -> Fetched:
    return Fetched(url=url, status=200, media_type="", charset=None, content=b"", cut=False, cached=False)


def guarded(web: Said, effect: Effect, gate: Gate | None = None) -> Any:
    return GuardedHttp(web, "own", effect, gate or Gate(threading.Event()))


@pytest.mark.parametrize("effect", [Effect.READ, Effect.WRITE, Effect.EXECUTE])
def test_who_declares_no_fetch_reads_no_address(effect: Effect) -> None:
    web = Said()
    with pytest.raises(ToolError, match="so it may not read an address") as caught:
        guarded(web, effect).get("https://example.org/")
    assert "effect=Effect.FETCH" in str(caught.value.hint)
    assert web.reached == []


def test_who_declares_fetch_reads_and_sends_nothing() -> None:
    web = Said()
    http = guarded(web, Effect.FETCH)
    assert http.get("https://example.org/", headers={"Accept": "text/html"}).status == 200
    with pytest.raises(ToolError, match="so it may not send anything"):
        http.send("POST", "https://example.org/")
    assert [one[0] for one in web.reached] == ["https://example.org/"]


def test_who_declares_send_does_both() -> None:
    web = Said()
    http = guarded(web, Effect.SEND)
    http.get("https://example.org/")
    http.send("POST", "https://example.org/", content=bytearray(b"x"))
    assert web.reached[1][0] == "POST"
    assert web.reached[1][2]["content"] == b"x"


ODD: Sequence[tuple[Callable[[Any], object], str]] = [
    (lambda http: http.get(5), "context.http.get: url must be a str, not int"),
    (lambda http: http.get("u", headers=["a"]), "context.http.get: headers must be a mapping of names to values"),
    (lambda http: http.get("u", headers={"a": 1}), "context.http.get: headers must be a str, not int"),
    (lambda http: http.get("u", most_bytes=0), "context.http.get: most_bytes must be at least 1"),
    (lambda http: http.get("u", timeout="3"), "context.http.get: timeout must be a number"),
    (lambda http: http.get("u", fresh=1), "context.http.get: fresh must be True or False"),
    (lambda http: http.get("u", robots=False), "context.http.get takes no robots"),
    (lambda http: http.send(None, "u"), "context.http.send: method must be a str"),
    (lambda http: http.send("POST", "u", content="text"), "context.http.send: content must be bytes"),
]


@pytest.mark.parametrize(("call", "said"), ODD)
def test_what_has_the_wrong_type_is_named_and_reaches_nothing(call: Callable[[Any], object], said: str) -> None:
    web = Said()
    with pytest.raises((TypeError, ValueError), match=said.replace("[", r"\[")):
        call(guarded(web, Effect.SEND))
    assert web.reached == []


def test_a_call_that_was_given_up_reads_nothing() -> None:
    web, given_up = Said(), threading.Event()
    given_up.set()
    with pytest.raises(ToolError):
        guarded(web, Effect.FETCH, Gate(given_up)).get("https://example.org/")
    assert web.reached == []


def test_the_client_is_loaded_when_it_is_first_asked() -> None:
    script = (
        "import sys, plugins; web = plugins.WebHttp(plugins.Web());"
        "print([one for one in ('httpx2', 'httpcore2', 'hishel', 'protego') if one in sys.modules]); web.close()"
    )
    out = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert out.stdout == "[]\n"


def test_a_web_that_was_never_asked_is_closed_all_the_same(tmp_path: Path) -> None:
    with WebHttp(Web(cache=tmp_path / "cache", rules=Rules())):
        pass
    assert not (tmp_path / "cache").exists()


PLUGIN = """
from plugins import Context, Effect, tool

@tool(effect=Effect.FETCH)
def title(url: str, *, context: Context) -> str:
    \"\"\"Tell the first line of a page.

    Args:
        url: Its address.
    \"\"\"
    return context.http.get(url).content.decode().splitlines()[0]
"""


def call(home: Path, url: str, settings: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    (home / "plugins").mkdir(parents=True, exist_ok=True)
    desk = home.parent / "desk"
    desk.mkdir(exist_ok=True)
    (home / "plugins" / "title.py").write_text(PLUGIN)
    words = [sys.executable, "-m", "agent", "tools", "call", "title", f"url={url}"]
    root = Path(__file__).resolve().parents[2]
    return subprocess.run(
        words,
        capture_output=True,
        text=True,
        cwd=desk,
        env={"THINKACT_HOME": str(home), "PATH": "/usr/bin:/bin", "PYTHONPATH": str(root), **settings},
    )


def test_a_dropped_in_plugin_reads_the_address_that_the_user_named_and_no_other(tmp_path: Path, page: str) -> None:
    there = page.removeprefix("http://").partition("/")[0]
    named = call(tmp_path / "home", page, {"THINKACT_PRIVATE_HOSTS": there})
    assert (named.returncode, named.stdout) == (0, "hello\n"), named.stderr
    other = call(tmp_path / "home", page, {"THINKACT_PRIVATE_HOSTS": "wiki.example:80"})
    assert other.returncode == 1
    assert "is not opened" in other.stderr + other.stdout
    assert "Traceback" not in other.stderr


@pytest.fixture
def page() -> Any:
    from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

    class Hello(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            known = self.path == "/"
            self.send_response(200 if known else 404)
            self.end_headers()
            self.wfile.write(b"hello\nworld" if known else b"")

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Hello) as server:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()
