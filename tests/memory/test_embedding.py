from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from memory.embedding import COMMON, Embedder, HashingEmbedder, beginning, fold, words

ROOT = Path(__file__).resolve().parents[2]


def cosine(one: str, other: str) -> float:
    first, second = HashingEmbedder().embed([one, other])
    return sum(a * b for a, b in zip(first, second, strict=True))


def test_the_hashing_embedder_is_an_embedder() -> None:
    embedder = HashingEmbedder(64)
    assert isinstance(embedder, Embedder)
    assert [len(vector) for vector in embedder.embed(["one", "two"])] == [64, 64]
    assert embedder.embed([]) == []


def test_embedders_of_other_sizes_have_other_names() -> None:
    assert HashingEmbedder(256).id != HashingEmbedder(384).id


def test_too_few_dimensions_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 8"):
        HashingEmbedder(4)


def test_vectors_have_length_one_and_a_text_without_words_is_all_zero() -> None:
    some, none = HashingEmbedder().embed(["a text of some words", " ... "])
    assert sum(value * value for value in some) == pytest.approx(1.0, abs=1e-5)
    assert not any(none)


def test_vectors_are_the_same_in_every_process_and_have_not_changed_since_they_were_first_stored() -> None:
    script = (
        "import hashlib; from memory.embedding import HashingEmbedder;"
        "v = HashingEmbedder(32).embed(['The lazy dog 你好世界'])[0];"
        "print(hashlib.sha256(repr([round(x, 4) for x in v]).encode()).hexdigest()[:16])"
    )
    vector = HashingEmbedder(32).embed(["The lazy dog 你好世界"])[0]
    here = hashlib.sha256(repr([round(value, 4) for value in vector]).encode()).hexdigest()[:16]
    runs = [
        subprocess.run(
            [sys.executable, "-X", "utf8", "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
        )
        for _ in range(2)
    ]
    assert {run.stdout.strip() for run in runs} == {here}
    # If this fails the embedder's `id` must change with it: stored vectors would be compared with others otherwise.
    assert here == "22b898df2dceb1c9"


@pytest.mark.parametrize(
    ("near", "query", "far"),
    [
        ("The user prefers dark mode", "which mode is preferred", "Invoices are sent by post"),
        ("The kubernetes deployment uses helm", "kubernets deploymnt", "The cat sleeps on the sofa"),
        ("用户最喜欢的颜色是蓝色", "喜欢什么颜色", "服务器在八点重启"),
        ("東京タワーの高さ", "東京タワーはどこ", "京都の寺"),
        ("Die Rechnungen werden verschickt", "Rechnung verschicken", "Der Hund schläft im Garten"),
    ],
)
def test_a_text_is_nearer_to_its_kind_than_to_another(near: str, query: str, far: str) -> None:
    assert cosine(near, query) > cosine(far, query) + 0.1


def test_texts_that_share_only_common_words_are_hardly_near() -> None:
    assert cosine("what is the name of it", "what is the colour of a fish") < 0.35
    assert cosine("what is the moon", "where is the train") < HashingEmbedder.unrelated


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Deploying deployed deploys", ["deploy", "deploy", "deploy"]),
        ("running class buses", ["run", "class", "bus"]),
        ("max_tokens=4096", ["max", "token", "4096"]),
        ("Café ＡＢＣ", ["caf", "abc"]),
        ("端口8080", ["端", "口", "端口", "8080"]),
        ("猫", ["猫"]),
        ("Anna's key, the O’Brien’s; it's 's", ["anna", "key", "the", "o", "brien", "it", "s"]),
        ("they've, I'll, she’d, can't", ["they", "i", "she", "can", "t"]),
        ("한국어", ["한", "국", "어", "한국", "국어"]),
        ("हिन्दी भाषा", ["हिन्दी", "भाषा"]),
        ("!? 😀 \x00 ---", ["u1f600"]),
        ("", []),
    ],
)
def test_a_text_is_cut_into_the_words_it_is_found_by(text: str, expected: list[str]) -> None:
    assert words(text) == expected


def test_folding_makes_composed_and_decomposed_characters_equal() -> None:
    assert fold("E\u0301cole") == fold("École") == "ecole"
    assert fold("が") == fold("か\u3099") == "が"


@given(st.text(max_size=80))
def test_words_hold_nothing_that_a_query_could_trip_over(text: str) -> None:
    found = words(text)
    assert all(word and not set(word) & set("\"*()^:+-' \x00\n") for word in found)
    assert words(" ".join(found)) is not None


def test_common_words_are_told_in_the_form_that_they_are_cut_to() -> None:
    for word in ("this", "does", "über", "的", "は"):
        assert set(words(word)) <= COMMON
    assert not {"war", "port", "color"} & COMMON


@pytest.mark.parametrize(
    ("word", "expected"),
    [("deploy", "deplo"), ("verschick", "verschi"), ("port", "port"), ("cat", None), ("8080", None), ("颜色", None)],
)
def test_the_beginning_of_a_word_is_told_where_it_says_something(word: str, expected: str | None) -> None:
    assert beginning(word) == expected
