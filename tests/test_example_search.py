"""The example plugin with another search engine: loaded as a user's, against an API on loopback."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from tests.place import ROOT, Place, no_traceback

KEY = "a-key-of-the-tests"


@dataclass
class Api:
    """Brave's API as far as the plugin asks it."""

    port: int = 0
    status: int = 200
    body: str = "{}"
    asked: list[tuple[dict[str, str], str]] = field(default_factory=list)


@pytest.fixture
def api() -> Iterator[Api]:
    standing = Api()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            words = dict(parse_qsl(urlsplit(self.path).query))
            standing.asked.append((words, self.headers.get("X-Subscription-Token", "")))
            content = standing.body.encode()
            self.send_response(standing.status if self.path != "/robots.txt" else 404)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    standing.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield standing
    server.shutdown()
    server.server_close()


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = Place(tmp_path)
    made.workspace.mkdir()
    made.plugin("brave_api.py", (ROOT / "examples" / "plugins" / "brave_api.py").read_text("utf-8"))
    return made


def searched(place: Place, api: Api, *words: str, key: str = KEY) -> dict[str, Any]:
    settings: dict[str, Any] = {
        "BRAVE_API_URL": f"http://127.0.0.1:{api.port}/search",
        "THINKACT_PRIVATE_HOSTS": f"127.0.0.1:{api.port}",
        "BRAVE_API_KEY": key,
    }
    ended = place.thinkact("tools", "call", "brave_search", *words, "--json", **settings)
    no_traceback(ended)
    assert KEY not in ended.stdout + ended.stderr
    found: dict[str, Any] = json.loads(ended.stdout)
    return found


def test_the_engine_is_asked_with_the_key_and_its_hits_come_with_their_addresses(place: Place, api: Api) -> None:
    hit = {
        "title": "The <strong>pier</strong>",
        "url": "https://example.org/a%20b?x=%2Fy",
        "description": "木桥\n腐烂",
        "page_age": "2026-01-03T10:00:00",
    }
    api.body = json.dumps({"web": {"results": [hit, {"title": "none", "url": "javascript:1"}, "odd"]}})
    found = searched(place, api, "query=木桥", "since=week", "count=99")
    assert found["text"].splitlines()[1:] == [
        "[1] The pier",
        "    https://example.org/a%20b?x=%2Fy",
        "    > (2026-01-03) 木桥 腐烂",
    ]
    assert api.asked[-1] == ({"q": "木桥", "count": "20", "freshness": "pw"}, KEY)


def test_what_goes_wrong_is_one_line(place: Place, api: Api) -> None:
    assert "BRAVE_API_KEY is not set" in searched(place, api, "query=pier", key="")["text"]
    assert "none of day" in searched(place, api, "query=pier", "since=soon")["text"]
    assert searched(place, api, "query=pier")["text"].startswith("No results")
    api.status = 401
    assert "does not take BRAVE_API_KEY" in searched(place, api, "query=pier")["text"]
    api.status, api.body = 200, "<html>"
    assert "not JSON" in searched(place, api, "query=quay")["text"]
