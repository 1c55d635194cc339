from __future__ import annotations

import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pytest

from memory._endpoint_embedder import EmbeddingEndpoint, EndpointEmbedder
from memory._minilm import is_installed
from memory._sentences import is_read
from memory._store import Store
from memory._vector_source import VectorSource
from memory.embedders import choose
from memory.embedding import EmbeddingFailed, HashingEmbedder
from memory.recall import Recall, RecallError, Rules
from tests.server import ChatServer, Recorded, Reply

ROOT = Path(__file__).resolve().parents[2]
KEY = "sk-tide-0123456789abcdef"


def vectors_of(request: Recorded, *, dimensions: int = 32) -> dict[str, Any]:
    """What a server answers: feature hashing stands for its model."""
    vectors = HashingEmbedder(dimensions).embed(request.json["input"])
    rows = [{"object": "embedding", "index": n, "embedding": list(vector)} for n, vector in enumerate(vectors)]
    return {"object": "list", "model": request.json["model"], "data": rows[::-1], "usage": {"prompt_tokens": 1}}


def serving(answer: Any = vectors_of) -> ChatServer:
    return ChatServer(pages={"/v1/embeddings": answer})


def endpoint(server: ChatServer, **others: Any) -> EmbeddingEndpoint:
    return EmbeddingEndpoint(model="tide-embed", url=server.url, **others)


def embedder(server: ChatServer, **others: Any) -> EndpointEmbedder:
    return EndpointEmbedder(endpoint(server, **others))


# ---------------------------------------------------------------- which one


def test_a_wrong_name_is_refused_with_the_names_that_there_are(tmp_path: Path) -> None:
    with pytest.raises(RecallError, match="no embedder 'minilmm'") as told:
        Recall(tmp_path / "notes.db", embedder="minilmm")  # type: ignore[arg-type]
    assert told.value.hint == "take one of: auto, none, hashing, minilm, endpoint"


def test_what_is_no_embedder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecallError, match="a dict is no embedder"):
        Recall(tmp_path / "notes.db", embedder={})  # type: ignore[arg-type]


def test_an_endpoint_that_is_asked_for_and_not_set_up_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RecallError, match="no endpoint for vectors is set up"):
        Recall(tmp_path / "notes.db", embedder="endpoint")


@pytest.mark.parametrize(
    "url", ["localhost:8000", "ftp://host/v1", "http://", "http://host:99999/v1", "http://a b/v1", ""]
)
def test_an_endpoint_whose_address_is_none_is_refused(url: str) -> None:
    with pytest.raises(RecallError, match="no URL of a server"):
        EmbeddingEndpoint(model="m", url=url)
    with pytest.raises(RecallError, match="needs the name of a model"):
        EmbeddingEndpoint(model=" ")


def test_the_endpoint_goes_before_all_that_is_local_and_hashing_is_what_is_always_there(tmp_path: Path) -> None:
    chosen, why = choose("auto", EmbeddingEndpoint(model="m", url="http://host:1/v1/"), cache=tmp_path)
    assert (chosen and chosen.id, why) == ("m@host:1/v1", "the endpoint that is set up for vectors")
    chosen, why = choose("auto", None, cache=tmp_path)
    assert chosen is not None
    if is_installed():
        assert (chosen.id, why) == (f"all-MiniLM-L6-v2+{HashingEmbedder().id}", "the local model, which is installed")
    else:
        assert (chosen.id, why) == (HashingEmbedder().id, "built in: no model and no download")
    assert choose("none", None)[0] is choose(None, None)[0] is None


def test_without_an_embedder_notes_are_found_by_words_alone(tmp_path: Path) -> None:
    with Recall(tmp_path / "notes.db", embedder="none") as recall:
        recall.add("a basket of quinces")
        assert recall.search("quinces")[0].why["dense"] is None
        assert (recall.stats().embedder, recall.stats().embedded) == (None, 0)


def test_on_a_fresh_machine_without_a_network_notes_are_stored_and_found_at_once(tmp_path: Path) -> None:
    script = """
import socket, sys, time

def refuse(*_):
    raise AssertionError("the network was asked")

socket.socket.connect = socket.getaddrinfo = refuse
start = time.perf_counter()
from memory import Recall
with Recall(sys.argv[1] + "/notes.db") as recall:
    recall.add("the ferry to the island leaves at noon")
    assert recall.search("island ferry"), "not found"
    assert recall.count() == 1
print(time.perf_counter() - start)
assert not {"chromadb", "onnxruntime", "openai"} & set(sys.modules)
"""
    environment = {"HOME": str(tmp_path / "home"), "PATH": "/usr/bin:/bin", "PYTHONPATH": str(ROOT)}
    times = []
    for number in range(3):
        (tmp_path / str(number)).mkdir()
        ended = subprocess.run(
            [sys.executable, "-X", "utf8", "-c", script, str(tmp_path / str(number))],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (ended.returncode, ended.stderr) == (0, "")
        times.append(float(ended.stdout))
    assert min(times) < 1.0  # some 0.1 s on a quiet machine
    assert not (tmp_path / "home").exists()


def test_opening_a_memory_loads_no_model(tmp_path: Path) -> None:
    script = """
import sys
from memory.recall import EmbeddingEndpoint, Recall
for name in ("auto", "none", "hashing", "minilm", "endpoint"):
    with Recall(sys.argv[1], embedder=name, endpoint=EmbeddingEndpoint(model="m")) as recall:
        assert recall.stats().notes == 0
        assert recall.list() == []
heavy = {"chromadb", "onnxruntime", "numpy", "tokenizers", "openai", "filelock", "httpx2"} & set(sys.modules)
assert not heavy, heavy
"""
    command = [sys.executable, "-X", "utf8", "-c", script, str(tmp_path / "notes.db")]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("the ferry leaves at noon", True),
        ("Der Hund schläft im Garten, où ça ?", True),
        ("E1042: 17 % 😀", True),
        ("用户最喜欢的颜色是蓝色", False),
        ("部署 failed: 证书过期了，请更新", False),
        ("deploy of 报表 failed because the certificate had expired", True),
        ("Сервер перезагружается", False),
        ("東京タワー", False),
    ],
)
def test_texts_in_scripts_that_the_sentence_model_cannot_read_are_told_apart(text: str, read: bool) -> None:
    assert is_read(text) is read


# ---------------------------------------------------------------- an endpoint


def test_an_endpoint_gives_a_vector_for_each_text_in_order_and_tells_its_dimensions() -> None:
    with serving() as server, closing(embedder(server, key=KEY)) as asked:
        assert asked.dimensions == 0
        texts = [f"crate {n} holds lamps" for n in range(150)]
        assert [list(one) for one in asked.embed(texts)] == [list(one) for one in HashingEmbedder(32).embed(texts)]
        assert asked.dimensions == 32
        assert asked.id == f"tide-embed@{server.url.removeprefix('http://')}"
        assert [len(one.json["input"]) for one in server.others] == [64, 64, 22]
        sent = server.others[0]
        assert sent.json["model"] == "tide-embed"
        assert sent.headers["authorization"] == f"Bearer {KEY}"
        assert asked.embed([]) == []


def test_a_text_that_the_endpoint_finds_too_long_is_sent_shorter() -> None:
    def picky(request: Recorded) -> Any:
        if any(len(text) > 500 for text in request.json["input"]):
            said = '{"error":{"message":"input exceeds the maximum context length of 512 tokens"}}'
            return Reply(status=400, body=said)
        return vectors_of(request)

    with serving(picky) as server, closing(embedder(server)) as asked:
        vectors = asked.embed(["short", "lighthouse " * 100, "brief"])
        expected = HashingEmbedder(32).embed(["short", ("lighthouse " * 100)[:275], "brief"])
        assert [list(one) for one in vectors] == [list(one) for one in expected]


def row(values: Sequence[float] | str, index: int = 0) -> dict[str, Any]:
    return {"index": index, "embedding": values}


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (Reply(status=401, body='{"error":{"message":"bad key ' + KEY + '"}}'), "refused .* 401 bad key …"),
        (Reply(status=404, body="<html>nothing here</html>"), "refused to make vectors with tide-embed: 404"),
        (Reply(status=503, body="{}"), "refused .*503"),
        (Reply(body="not JSON"), "something else than vectors"),
        (Reply(body="[]"), "something else than vectors"),
        ({"data": [row("AAAA")]}, "something else than vectors"),
        ({"data": []}, "gave 0 vectors for 1 texts"),
        ({"data": [row([1.0]), row([2.0], 1)]}, "gave 2 vectors for 1 texts"),
        (Reply(body='{"data":[{"index":0,"embedding":[NaN,1.0]}]}'), "a vector that is none"),
        (Reply(body='{"data":[{"index":0,"embedding":[1e400,1.0]}]}'), "a vector that is none"),
        ({"data": [row([])]}, "a vector that is none"),
        ({"data": [row([0.0, 0.0])]}, "a vector that is none"),
    ],
)
def test_whatever_else_an_endpoint_answers_is_told_in_one_line_without_the_key(answer: Any, said: str) -> None:
    with serving(answer) as server, closing(embedder(server, key=KEY)) as asked:
        with pytest.raises(EmbeddingFailed, match=said) as told:
            asked.embed(["a ferry"])
        assert KEY not in str(told.value)
        assert "\n" not in str(told.value)
        assert KEY not in repr(endpoint(server, key=KEY))


def test_vectors_of_another_length_than_the_first_are_refused() -> None:
    lengths = iter([32, 48])
    with (
        serving(lambda request: vectors_of(request, dimensions=next(lengths))) as server,
        closing(embedder(server)) as asked,
    ):
        asked.embed(["one"])
        with pytest.raises(EmbeddingFailed, match=r"vectors of different lengths: \[32, 48\]"):
            asked.embed(["two"])


def test_a_silent_endpoint_holds_a_search_up_once_and_not_for_long(tmp_path: Path) -> None:
    told: list[str] = []
    with serving() as server:
        place = endpoint(server, seconds=0.3)
        with Recall(tmp_path / "notes.db", embedder="endpoint", endpoint=place) as recall:
            recall.add("the ferry to the island leaves at noon")
        server.pages["/v1/embeddings"] = Reply(hang=20)
        with Recall(tmp_path / "notes.db", embedder="endpoint", endpoint=place, tell=told.append) as recall:
            start = time.perf_counter()
            assert recall.search("island ferry")[0].why["dense"] is None
            assert recall.search("ferry")[0].why["dense"] is None
            assert recall.add("the harbour closes at ten")
            assert time.perf_counter() - start < 3  # 0.3 s of them waiting; the SDK is imported in the rest
            assert recall.count() == 2
            assert "no answer within 0.3 s" in recall.stats().vectors
    assert len(told) == 1
    assert told[0].startswith("notes are found by their words alone: ")


def dripping(server: socket.socket, pause: float, sent: list[float]) -> None:
    """Answer with a header that never ends, a byte at a time, until the other side is gone."""
    with suppress(OSError):
        client, _ = server.accept()
        with client:
            client.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
            while True:
                client.sendall(b"a")
                sent.append(time.monotonic())
                time.sleep(pause)


def test_an_endpoint_that_drips_its_headers_is_given_up_in_time_and_its_connection_ended() -> None:
    sent: list[float] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(10)
        answering = threading.Thread(target=dripping, args=(server, 0.05, sent))
        answering.start()
        place = EmbeddingEndpoint(model="tide", url=f"http://127.0.0.1:{server.getsockname()[1]}/v1", seconds=1.0)
        with closing(EndpointEmbedder(place)) as asked:
            start = time.monotonic()
            with pytest.raises(EmbeddingFailed, match="gives no vectors: no answer within 1 s"):
                asked.embed(["the ferry leaves at noon"])
            assert time.monotonic() - start < 5  # the SDK is imported in it
        answering.join(10)
        assert not answering.is_alive()
    assert len(sent) > 1


def test_an_endpoint_that_is_away_costs_no_note_and_the_vectors_come_when_it_is_back(tmp_path: Path) -> None:
    with serving() as server:
        place = endpoint(server)
        with Recall(tmp_path / "notes.db", embedder="auto", endpoint=place) as recall:
            recall.add("the ferry to the island leaves at noon")
        up = server.pages.pop("/v1/embeddings")
        with Recall(tmp_path / "notes.db", embedder="auto", endpoint=place) as recall:
            recall.add("the harbour closes at ten")
            assert recall.search("harbour")[0].why["dense"] is None
            assert recall.stats().embedded == 1
            assert "404" in recall.stats().vectors
        server.pages["/v1/embeddings"] = up
        with Recall(tmp_path / "notes.db", embedder="auto", endpoint=place) as recall:
            recall.search("harbour")
            assert waited(lambda: recall.stats().embedded == 2)
            assert recall.search("harbour")[0].why["dense"] == 1.0
            assert recall.stats().vectors == "compared"


def test_an_endpoint_whose_model_gives_another_length_than_before_has_its_notes_embedded_anew(tmp_path: Path) -> None:
    with serving() as server:
        place = endpoint(server)
        with Recall(tmp_path / "notes.db", embedder="endpoint", endpoint=place) as recall:
            recall.add_many(["the ferry to the island leaves at noon", "the harbour closes at ten"])
        server.pages["/v1/embeddings"] = lambda request: vectors_of(request, dimensions=48)
        with Recall(tmp_path / "notes.db", embedder="endpoint", endpoint=place) as recall:
            assert recall.search("harbour")[0].why["dense"] is None
            assert "gives 48 numbers now, and gave 32" in recall.stats().vectors
            assert recall.reembed() == 2
            assert recall.search("harbour")[0].why["dense"] == 1.0


# ---------------------------------------------------------------- an embedder handed in


class Counted:
    """Feature hashing under another name, slower, and able to fail."""

    def __init__(self, id: str = "counted", *, dimensions: int = 32, seconds: float = 0.0) -> None:  # noqa: A002
        self.id = id
        self.dimensions = dimensions
        self.seconds = seconds
        self.texts: list[str] = []
        self.error: Exception | None = None
        self.answer: Callable[[Sequence[Sequence[float]]], Any] = list
        self.gate = threading.Event()
        self.gate.set()

    def embed(self, texts: Sequence[str]) -> Any:
        self.gate.wait(20)
        time.sleep(self.seconds)
        if self.error is not None:
            raise self.error
        self.texts += texts
        return self.answer(HashingEmbedder(self.dimensions).embed(texts))


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (lambda vectors: vectors[1:], "counted gives another number of vectors than it is given texts"),
        (lambda vectors: [one[1:] for one in vectors], "counted gave a vector of 31 numbers and says that it gives 32"),
        (lambda vectors: [[float("nan")] * 32 for _ in vectors], "a vector that is not finite"),
        (lambda vectors: None, "counted: TypeError"),
    ],
)
def test_vectors_that_are_none_cost_no_note_and_are_told(tmp_path: Path, answer: Any, said: str) -> None:
    told: list[str] = []
    wrong = Counted()
    wrong.answer = answer
    with Recall(tmp_path / "notes.db", embedder=wrong, tell=told.append) as recall:
        recall.add("the ferry to the island leaves at noon")
        assert recall.search("ferry")[0].why["dense"] is None
        assert said in recall.stats().vectors
    assert len(told) == 1
    assert said in told[0]


def test_an_embedder_that_raises_anything_fails_in_one_line(tmp_path: Path) -> None:
    broken = Counted()
    broken.error = RuntimeError("CUDA\nis away")
    source = VectorSource(broken, stored=lambda _: 0)
    with pytest.raises(EmbeddingFailed, match="counted: RuntimeError: CUDA is away"):
        source.embed(["a"])
    assert source.news() == "counted: RuntimeError: CUDA is away"
    assert source.news() is None


# ---------------------------------------------------------------- new vectors, beside everything else


def waited(holds: Callable[[], bool], seconds: float = 20) -> bool:
    until = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > until:
            return False
        time.sleep(0.01)
    return True


@pytest.fixture
def filled(tmp_path: Path) -> Path:
    with Recall(tmp_path / "notes.db", embedder=Counted("old"), rules=Rules(merge=False)) as recall:
        recall.add_many([f"crate {n} of the harbour holds {n * 37} lamps" for n in range(300)])
    return tmp_path / "notes.db"


def test_after_a_change_of_the_embedder_searches_go_by_words_until_all_notes_have_new_vectors(filled: Path) -> None:
    new = Counted("new")
    new.gate.clear()
    with Recall(filled, embedder=new) as recall:
        assert recall.stats().vectors == "not compared until 300 more notes have theirs"
        assert recall.search("crate 17")[0].why["dense"] is None
        threading.Timer(0.2, new.gate.set).start()
        assert waited(lambda: recall.stats().embedded == 300)
        assert recall.search("crate 17")[0].why["dense"] is not None
        assert recall.stats().vectors == "compared"
    assert len(new.texts) == 301


def test_a_small_memory_has_its_new_vectors_at_the_first_search(tmp_path: Path) -> None:
    with Recall(tmp_path / "notes.db", embedder="none") as recall:
        recall.add_many([f"crate {n} of the harbour holds {n * 37} lamps" for n in range(20)])
    seen = []
    for number in range(5):  # a busy machine may be slow once
        with Recall(tmp_path / "notes.db", embedder=Counted(f"new {number}")) as recall:
            seen.append(recall.search("crate 17")[0].why["dense"] is not None)
    assert True in seen


def test_what_was_ended_goes_on_where_it_was(filled: Path) -> None:
    slow = Counted("new", seconds=0.05)
    with Recall(filled, embedder=slow) as recall:
        recall.add("a basket of quinces")
        assert waited(lambda: recall.stats().embedded > 1)
    with closing(Store(filled, "default")) as store:
        done = store.embedded("new", 32)
    assert 32 < done < 301
    quick = Counted("new")
    with Recall(filled, embedder=quick) as recall:
        recall.search("quinces")
        assert waited(lambda: recall.stats().embedded == 301)
    assert len([text for text in quick.texts if text.startswith("crate")]) == 301 - done


def test_closing_does_not_wait_for_an_embedder_that_hangs(filled: Path) -> None:
    stuck = Counted("new")
    recall = Recall(filled, embedder=stuck)
    recall.search("crate 17")
    stuck.gate.clear()
    start = time.perf_counter()
    recall.close()
    assert time.perf_counter() - start < 10
    stuck.gate.set()


def test_two_memories_of_one_file_do_not_do_the_same_work(filled: Path) -> None:
    new = Counted("new", seconds=0.01)
    with Recall(filled, embedder=new) as one, Recall(filled, embedder=new) as other:
        one.search("crate")
        other.search("crate")
        assert waited(lambda: one.stats().embedded == 300)
        time.sleep(0.1)
    assert len([text for text in new.texts if text.startswith("crate ")]) == 300


def test_two_embedders_for_one_file_do_not_undo_each_others_work_for_ever(filled: Path) -> None:
    with Recall(filled, embedder=Counted("one")) as one, Recall(filled, embedder=Counted("other")) as other:
        one.search("crate")
        assert waited(lambda: one.stats().embedded == 300)
        other.search("crate")
        assert waited(lambda: other.stats().embedded == 300)
        one.search("crate")
        time.sleep(0.2)
        assert other.stats().embedded == 300


def test_without_upkeep_nothing_is_embedded_beside(filled: Path) -> None:
    new = Counted("new")
    with Recall(filled, embedder=new, upkeep=False) as recall:
        recall.search("crate 17")
        time.sleep(0.1)
        assert recall.stats().embedded == 0


def test_an_error_in_the_thread_is_told_and_nothing_is_lost(filled: Path) -> None:
    broken = Counted("new")
    broken.error = EmbeddingFailed("the endpoint is away")
    told: list[str] = []
    with Recall(filled, embedder=broken, tell=told.append) as recall:
        assert recall.search("crate 17")
        assert waited(lambda: recall.stats().vectors == "not compared: the endpoint is away")
        assert recall.search("crate 17")
        assert recall.count() == 300
    assert told == ["notes are found by their words alone: the endpoint is away"]


def test_what_is_left_undone_or_went_wrong_beside_a_single_search_is_told_at_the_close(filled: Path) -> None:
    slow, told = Counted("new", seconds=0.5), list[str]()
    with Recall(filled, embedder=slow, tell=told.append) as recall:
        assert recall.search("crate 17")
    assert len(told) == 1
    assert re.fullmatch(r"notes are found by their words alone: \d+ notes wait for their vectors by new", told[0])
    broken = Counted("new")
    broken.error = EmbeddingFailed("the endpoint is away")
    told = []
    with Recall(filled, embedder=broken, tell=told.append) as recall:
        assert recall.search("crate 17")
        assert waited(lambda: "away" in recall.stats().vectors)
    assert told == ["notes are found by their words alone: the endpoint is away"]
