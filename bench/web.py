"""How long reading the web takes beside bare requests, and how much memory: `fetch_page` and `summarize_pages`.

    python bench/web.py [--pages 20] [--latency 200] [--rounds 5]

Pages of about 30 kB come from servers on loopback that answer late; since the client asks one host six things at a
time at most, there are four of them, in a process of their own. "Bare" is httpx2 with as many threads as there are
pages: it fetches the bytes and does nothing else. `fetch_page` asks each host for its `robots.txt` first, which takes
the latency once more, judges each address, and makes Markdown of each page in its processes that read pages; once with
these started already, as in a run that has read a page before, and once from cold. Nothing is taken from a cache.

Then ten pages are summed up by a scripted model that answers each question after 50 ms: the time, and the most memory
that this process and the readers ever had.
"""

from __future__ import annotations

import argparse
import re
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from plugins import Cache, Rules  # noqa: E402
from plugins._page_reader import Readers  # noqa: E402
from tests.plugins.web_desk import Model, WebDesk, article  # noqa: E402

HOSTS = 4
BAR = 800  # milliseconds for 20 pages at a latency of 200
QUESTION = 0.05  # seconds
SENTENCE = "Ferry {} of page {} crosses the harbour {} times a day, in any weather but ice, and carries bicycles too."


def page(number: int) -> bytes:
    """A page of about 30 kB with sections."""
    parts = []
    for part in range(12):
        told = " ".join(SENTENCE.format(one, number, one * 7 % 50) for one in range(part * 20, part * 20 + 20))
        parts.append(f"<h2>Part {part} of page {number}</h2><p>{told}</p>")
    return article(f"Page {number}", "All about the ferries of the harbour.", more="".join(parts)).encode()


def serve(latency: float) -> None:
    """Serve the pages from as many ports as there are hosts; print the ports, end with the standard input."""

    class Late(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            time.sleep(latency)
            number = self.path.strip("/")
            body = page(int(number)) if number.isdigit() else b""
            self.send_response(200 if body else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    servers = [ThreadingHTTPServer(("127.0.0.1", 0), Late) for _ in range(HOSTS)]
    for one in servers:
        threading.Thread(target=one.serve_forever, daemon=True).start()
    print(*(one.server_address[1] for one in servers), flush=True)
    sys.stdin.read()


def side_by_side(work: Callable[[str], object], urls: list[str]) -> float:
    """Seconds of all of it, one thread for each address."""
    with ThreadPoolExecutor(len(urls)) as pool:
        began = time.perf_counter()
        list(pool.map(work, urls))
        return time.perf_counter() - began


def bare(urls: list[str]) -> float:
    """Seconds that fetching the bytes alone takes."""
    import httpx2

    with httpx2.Client(trust_env=False, limits=httpx2.Limits(max_connections=len(urls))) as client:

        def get(url: str) -> None:
            assert client.get(url).status_code == 200

        return side_by_side(get, urls)


def fetched(urls: list[str], folder: Path, cache: Cache | None) -> float:
    """Seconds that reading the pages takes, with a client of its own, and with the readers of a cache."""
    with tempfile.TemporaryDirectory(dir=folder, prefix="bench-") as place:
        desk = open_desk(urls, Path(place), cache)
        try:
            return side_by_side(lambda url: desk.read(url), urls)
        finally:
            desk.close()
            if cache is None:
                readers(desk.cache).close()


def open_desk(urls: list[str], place: Path, cache: Cache | None) -> WebDesk:
    hosts = frozenset(url.split("/")[2] for url in urls)
    return WebDesk(place / "desk", cache=cache, rules=Rules(private=hosts))


def readers(cache: Cache) -> Readers:
    found: Readers = cache.get("page readers", Readers, size=lambda _: 1)
    return found


def summed_up(urls: list[str], folder: Path, cache: Cache) -> tuple[float, int, int]:
    """Seconds of a summary, the questions that it took, and the links in it."""

    def answer(prompt: str) -> str:
        time.sleep(QUESTION)
        marks = re.findall(r"\[section \d+\]", prompt)
        return "\n".join(f"The ferries of this part cross the harbour. {mark}" for mark in marks[:4])

    with tempfile.TemporaryDirectory(dir=folder, prefix="bench-") as place:
        desk = open_desk(urls, Path(place), cache)
        desk.ask, desk.parallel = Model(answer), 8
        began = time.perf_counter()
        found = desk.summary(urls)
        seconds = time.perf_counter() - began
        desk.close()
    assert found.ok, found.text
    return seconds, len(desk.ask.prompts), found.text.partition("[summary of")[0].count("](http")


def peak() -> str:
    """The most memory that this process had, and the largest of those that it started and that have ended."""
    if sys.platform == "win32":
        return "not told here"
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    own, child = (
        resource.getrusage(who).ru_maxrss * unit / 2**20 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return f"{own:.0f} MiB, and at most {child:.0f} MiB in each process that reads pages"


def main() -> None:
    """Measure in turn, print the medians."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=20)
    parser.add_argument("--latency", type=float, default=200.0, help="milliseconds")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--serve", action="store_true", help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    latency = wanted.latency / 1000
    if wanted.serve:
        serve(latency)
        return
    words = [sys.executable, __file__, "--serve", "--latency", str(wanted.latency)]
    with (
        subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server,
        tempfile.TemporaryDirectory(prefix="bench-") as place,
    ):
        assert server.stdout is not None
        ports = server.stdout.readline().split()
        urls = [f"http://127.0.0.1:{ports[number % HOSTS]}/{number}" for number in range(wanted.pages)]
        folder, cache = Path(place), Cache()
        fetched(urls, folder, cache)  # what is loaded at first is loaded
        times: dict[str, list[float]] = {"bare requests": [], "fetch_page": [], "fetch_page from cold": []}
        for _ in range(wanted.rounds):
            times["bare requests"].append(bare(urls))
            times["fetch_page"].append(fetched(urls, folder, cache))
            times["fetch_page from cold"].append(fetched(urls, folder, None))
        medians = {name: statistics.median(own) for name, own in times.items()}
        print(f"{wanted.pages} pages, latency {wanted.latency:g} ms, {HOSTS} hosts, medians of {wanted.rounds}")
        for name, seconds in medians.items():
            print(f"{name:22} {seconds * 1000:7.0f} ms   {seconds / medians['bare requests']:5.2f} x bare requests")
        print(f"the bar for 20 pages at 200 ms is {BAR} ms")
        seconds, questions, links = summed_up(urls[:10], folder, cache)
        readers(cache).close()
        count = len(urls[:10])
        print(f"{count} pages summed up     {seconds * 1000:7.0f} ms   {questions} questions of 50 ms, {links} links")
        print(f"peak memory: {peak()}")
        server.kill()


if __name__ == "__main__":
    main()
