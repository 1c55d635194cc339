"""The vector index on a chroma server: a real one, started here on loopback."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from http.client import HTTPConnection
from pathlib import Path
from typing import Any

import pytest

from memory import Recall
from memory._index_server import ServerAddress
from memory.embedding import HashingEmbedder
from memory.recall import RecallError

ROOT = Path(__file__).resolve().parents[2]
TEXTS = [f"crate {n} of the {('red', 'green', 'blue')[n % 3]} harbour holds {n * 37} lamps" for n in range(60)]
EMBEDDER = HashingEmbedder(64)


def free_port() -> int:
    with closing(socket.socket()) as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


class Server:
    """`chroma run`, which may be stopped and started again."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._folder = folder
        self._process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        command = shutil.which("chroma", path=str(Path(sys.executable).parent)) or "chroma"
        words = [command, "run", "--path", str(self._folder), "--host", "127.0.0.1", "--port", str(self.port)]
        self._process = subprocess.Popen(
            words,
            cwd=self._folder.parent,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        until = time.monotonic() + 60
        while time.monotonic() < until:
            with suppress(OSError), closing(HTTPConnection("127.0.0.1", self.port, timeout=1)) as connection:
                connection.request("GET", "/api/v2/heartbeat")
                if connection.getresponse().status == 200:
                    return
            time.sleep(0.05)
        raise AssertionError("chroma did not start")

    def stop(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    one = Server(tmp_path_factory.mktemp("chroma") / "kept")
    one.start()
    yield one
    one.stop()


def large(file: Path, server: Server | str, namespace: str = "default", size: int = 64) -> Recall:
    """A memory for which any number of notes is too many for the exact scan."""
    url = server if isinstance(server, str) else server.url
    return Recall(file, namespace, HashingEmbedder(size), exact_up_to=0, chroma=url)


def answers(recall: Recall) -> list[list[tuple[str, float]]]:
    return [
        [(hit.text, hit.score) for hit in recall.search(query, k=10)] for query in ("blue crate 11", "harbor lampes")
    ]


def asked(server: Server, method: str, name: str = "") -> Any:
    path = f"/api/v2/tenants/default_tenant/databases/default_database/collections{name}"
    with closing(HTTPConnection("127.0.0.1", server.port, timeout=10)) as connection:
        connection.request(method, path)
        return json.loads(connection.getresponse().read())


def collections(server: Server) -> list[str]:
    return sorted(one["name"] for one in asked(server, "GET"))


@pytest.fixture
def file(tmp_path: Path, server: Server) -> Path:
    """Sixty notes whose vectors the server holds."""
    with large(tmp_path / "notes.db", server) as recall:
        recall.add_many(TEXTS)
    return tmp_path / "notes.db"


def test_the_server_gives_the_same_answers_as_the_exact_scan(file: Path, server: Server) -> None:
    with Recall(file, embedder=EMBEDDER) as exact:
        expected = answers(exact)
    assert len(expected[0]) == 10
    with large(file, server) as recall:
        assert recall.stats().ready
        assert answers(recall) == expected
        assert (recall.stats().index, recall.stats().waiting) == (f"chroma server 127.0.0.1:{server.port}", 0)
    assert not list(file.with_name("notes.db.index").rglob("chroma-*"))  # nothing was built beside the file


def test_what_is_added_and_forgotten_reaches_the_server_with_the_next_search(file: Path, server: Server) -> None:
    with large(file, server) as recall:
        kept = recall.add("a basket of quinces")
        assert recall.stats().waiting == 1
        assert recall.search("quinces")[0].text == "a basket of quinces"
        assert recall.stats().waiting == 0
        assert recall.forget(kept)
        assert recall.stats().waiting == 0
        assert recall.search("basket of quinces") == []
        assert recall.stats().index.startswith("chroma server")


def test_several_memories_search_on_one_server_at_once(file: Path, server: Server) -> None:
    with large(file, server) as one, large(file, server) as other:
        expected = answers(one)
        assert answers(other) == expected
        one.add("a basket of quinces")
        assert other.search("quinces")[0].text == "a basket of quinces"
        assert one.search("quinces")[0].text == "a basket of quinces"
        for recall in (one, other):
            assert recall.stats().index.startswith("chroma server")


def test_two_files_of_notes_on_one_server_do_not_meet(file: Path, server: Server, tmp_path: Path) -> None:
    with large(file, server) as recall:
        expected = answers(recall)
    before = set(collections(server))
    with large(tmp_path / "other.db", server) as other:
        other.add_many(["a basket of quinces", "a basket of plums"])
        assert other.sync()
        assert other.search("crate") == []
        assert other.search("quinces")[0].text == "a basket of quinces"
    assert len(set(collections(server)) - before) == 1
    assert all(3 <= len(name) <= 512 and name.isascii() for name in collections(server))
    with large(file, server) as recall:
        assert answers(recall) == expected


def test_a_changed_embedder_leaves_no_collection_behind(file: Path, server: Server) -> None:
    before = collections(server)
    with large(file, server, size=96) as recall:
        recall.search("crate")
        assert recall.reembed() in range(61)
        assert recall.sync(wait=5)
        assert answers(recall)[0]
    assert len(collections(server)) == len(before)


def test_namespaces_have_collections_of_their_own(file: Path, server: Server) -> None:
    with large(file, server, "другой") as other:
        other.add_many(["a basket of quinces", "a basket of plums"])
        assert other.sync()
        assert other.search("crate") == []
    with large(file, server) as recall:
        assert answers(recall)[0][0][0] == TEXTS[11]
        assert recall.stats().index.startswith("chroma server")


def test_a_collection_that_somebody_deleted_or_emptied_is_filled_anew(file: Path, server: Server) -> None:
    with large(file, server) as recall:
        expected = answers(recall)
    for name in collections(server):
        asked(server, "DELETE", f"/{name}")
    with large(file, server) as recall:
        assert answers(recall) == expected  # by the scan
        assert "cannot be used" in recall.stats().index
        assert recall.sync()
        assert answers(recall) == expected
        assert recall.stats().index.startswith("chroma server")


def test_a_folder_and_a_server_in_turn_miss_nothing(file: Path, server: Server) -> None:
    with Recall(file, embedder=EMBEDDER, exact_up_to=0) as beside:
        assert beside.sync()
        gone = beside.search("blue crate 11")[0].id
    with large(file, server) as recall:
        assert recall.sync()
        assert recall.forget(gone)
        recall.add("a basket of quinces")
        assert recall.sync()
    with Recall(file, embedder=EMBEDDER, exact_up_to=0) as beside:
        assert beside.search("quinces")[0].text == "a basket of quinces"
        assert beside.sync()
        assert beside.search("quinces")[0].text == "a basket of quinces"


def test_two_processes_that_add_at_once_lose_nothing(file: Path, server: Server) -> None:
    script = """
import sys
from memory import Recall
from memory.embedding import HashingEmbedder
with Recall(sys.argv[1], "default", HashingEmbedder(64), exact_up_to=0, chroma=sys.argv[3]) as recall:
    for n in range(20):
        recall.add(f"process {sys.argv[2]} saw bird {n} near lake {n * 7}")
        recall.search(f"bird {n}")
"""
    processes = [
        subprocess.Popen(
            [sys.executable, "-X", "utf8", "-c", script, str(file), str(name), server.url],
            cwd=ROOT,
            stderr=subprocess.PIPE,
            text=True,
        )
        for name in range(2)
    ]
    for process in processes:
        with process:
            assert process.communicate(timeout=120)[1] == ""
    with large(file, server) as recall:
        assert recall.sync(wait=5)
        assert recall.count() == recall.stats().embedded == 100
        assert recall.search("process 1 bird 19 lake 133")[0].text.startswith("process 1 saw bird 19")
        assert recall.stats().index.startswith("chroma server")


def test_a_server_that_is_down_costs_nothing_but_speed_and_is_used_when_it_is_back(tmp_path: Path) -> None:
    own = Server(tmp_path / "kept")
    own.start()
    try:
        with large(tmp_path / "notes.db", own) as recall:
            recall.add_many(TEXTS)
            assert recall.sync()
            expected = answers(recall)
            own.stop()
            assert answers(recall) == expected
            assert recall.stats().index.startswith("exact scan, because chroma server 127.0.0.1")
        start = time.perf_counter()
        with large(tmp_path / "notes.db", own) as recall:
            recall.add("a basket of quinces")
            assert recall.search("quinces")[0].text == "a basket of quinces"
            assert "does not answer" in recall.stats().index
            assert recall.sync() is False
            assert recall.stats().waiting == 1
        assert time.perf_counter() - start < 5
        own.start()
        with large(tmp_path / "notes.db", own) as recall:
            assert recall.sync()
            assert recall.stats().waiting == 0
            assert recall.search("quinces")[0].text == "a basket of quinces"
            assert recall.stats().index == f"chroma server 127.0.0.1:{own.port}"
    finally:
        own.stop()


def test_a_server_that_says_nothing_holds_nobody_up(tmp_path: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as silent:
        recall = large(tmp_path / "notes.db", f"http://127.0.0.1:{silent.getsockname()[1]}")
        recall.add_many(TEXTS)
        start = time.perf_counter()
        assert recall.sync() is False
        assert recall.search("blue crate 11")[0].text == TEXTS[11]
        assert time.perf_counter() - start < 6
        assert "does not answer" in recall.stats().index
        recall.close()


def test_another_kind_of_server_is_told_apart(tmp_path: Path) -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as other:

        def answer() -> None:
            for _ in range(2):
                with other.accept()[0] as connection:
                    connection.recv(4096)
                    connection.sendall(b"HTTP/1.0 200 OK\r\n\r\n<html>wiki</html>")

        thread = threading.Thread(target=answer)
        thread.start()
        with Recall(
            tmp_path / "n.db", embedder=EMBEDDER, chroma=f"http://127.0.0.1:{other.getsockname()[1]}"
        ) as recall:
            recall.add("a basket of quinces")
            assert recall.sync() is False
            assert "is no chroma server" in recall.stats().index
        thread.join()


@pytest.mark.parametrize(
    ("url", "expected", "port"),
    [
        ("http://localhost", "http://localhost:8000", 8000),
        ("https://chroma.example", "https://chroma.example:443", 443),
        ("https://chroma.example:8443/tide/", "https://chroma.example:8443/tide", 8443),
        ("http://[::1]:9000", "http://[::1]:9000", 9000),
    ],
)
def test_the_address_of_a_server_is_read(url: str, expected: str, port: int) -> None:
    read = ServerAddress.of(url)
    assert (read.url, read.port) == (expected, port)


@pytest.mark.parametrize(
    "url",
    [
        "localhost:8000",
        "chroma",
        "",
        "ftp://host",
        "http://",
        "http://h:0",
        "http://h:99999",
        "http://u:p@h",
        "http://h/?a=b",
        "http://h#x",
        "http://a b",
    ],
)
def test_what_is_no_address_of_a_server_is_refused(tmp_path: Path, url: str) -> None:
    with pytest.raises(RecallError, match="no URL of a server") as told:
        Recall(tmp_path / "notes.db", chroma=url)
    assert "http://localhost:8000" in str(told.value.hint)
