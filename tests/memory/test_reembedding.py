"""Vectors made beside everything else: whatever goes wrong there ends that work alone, and is told once."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from memory.embedding import EmbeddingFailed, HashingEmbedder
from memory.recall import Recall

WORKER = "thinkact-vectors"
"""The name of the thread that makes them."""


class Moody:
    """Of foreign code anything may fail, also where no vector is asked for; this one does in the worker's thread, once
    it may."""

    id = "moody"

    def __init__(self, *, at_once: bool = True) -> None:
        self.asked = 0
        self.may = threading.Event()
        self._inner = HashingEmbedder()
        if at_once:
            self.may.set()

    @property
    def dimensions(self) -> int:
        if threading.current_thread().name == WORKER:
            self.asked += 1
            self.may.wait(5)
            raise LookupError("no number\nfor this")
        return self._inner.dimensions

    def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        return self._inner.embed(texts)


class Picky:
    """Gives no vectors where this word stands in a text; away, it gives none at all."""

    id = "picky"
    dimensions = 384

    def __init__(self) -> None:
        self.away = False
        self.calls = 0
        self._inner = HashingEmbedder()
        self.dimensions = self._inner.dimensions

    def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        self.calls += 1
        if self.away or any("poison" in text for text in texts):
            raise EmbeddingFailed("picky takes no such text")
        return self._inner.embed(texts)


def filled(folder: Path) -> Path:
    file = folder / "notes.db"
    with Recall(file, embedder="hashing") as recall:
        recall.add_many([f"boat {number} lies at the quay" for number in range(5)])
    return file


def ended(recall: Recall, *, within: float = 5.0) -> bool:
    """Has the worker of this memory ended?"""
    worker = recall._reembedding
    assert worker is not None
    until = time.monotonic() + within
    while worker.running and time.monotonic() < until:
        time.sleep(0.01)
    return not worker.running


def test_what_nobody_foresaw_ends_the_work_is_told_once_and_holds_up_no_end(tmp_path: Path) -> None:
    told: list[str] = []
    embedder = Moody()
    recall = Recall(filled(tmp_path), embedder=embedder, tell=told.append)
    assert recall._reembedding is not None
    recall._reembedding._pause = 0.0  # it is begun again by the next search, not in half a minute
    for number in range(3):
        assert len(recall.search(f"boat {number} at the quay")) == 5, "found by their words"
        assert ended(recall)
    recall.add("boat 9 lies at the quay")
    assert ended(recall)
    begun = time.monotonic()
    recall.close()
    assert time.monotonic() - begun < 1.0
    assert embedder.asked > 1
    why = "notes are found by their words alone: no vectors were made: LookupError: no number for this"
    assert [one for one in told if "no vectors were made" in one] == [why]


def test_notes_that_are_closed_while_their_vectors_are_made_say_nothing_of_it(tmp_path: Path) -> None:
    told: list[str] = []
    embedder = Moody(at_once=False)
    recall = Recall(filled(tmp_path), embedder=embedder, tell=told.append)
    recall.search("boat 1 at the quay")
    threading.Timer(0.2, embedder.may.set).start()
    recall.close()
    assert embedder.asked == 1
    assert ended(recall)
    assert not [one for one in told if "no vectors were made" in one]


def test_a_text_that_the_embedder_refuses_leaves_the_others_their_vectors_and_is_told_once(tmp_path: Path) -> None:
    told: list[str] = []
    file, embedder = tmp_path / "notes.db", Picky()
    with Recall(file, embedder="hashing") as recall:
        recall.add_many([f"boat {number} {'poison' if number == 40 else 'lies'} at the quay" for number in range(101)])
    with Recall(file, embedder=embedder, tell=told.append) as recall:
        recall.search("boat at the quay")
        assert ended(recall)
        stats = recall.stats()
        assert (stats.embedded, stats.vectors) == (100, "compared, but for 1 that picky refuses")
        hits = recall.search("boat 7 at the quay", 101)
        assert hits[0].why["cosine"] is not None
        calls = embedder.calls
        assert recall.reembed() == 0
        assert embedder.calls == calls, "what was refused is not asked for again"
        poisoned = recall.search("boat 40 at the quay", 1)[0]
        assert (poisoned.text, poisoned.why["cosine"]) == ("boat 40 poison at the quay", 0.0)
        recall.forget(poisoned.id)
        assert recall.stats().vectors == "compared"
        recall.add("boat 200 lies at the quay")
    assert told == ["1 note is found by words alone: picky takes no such text"]


def test_an_embedder_that_is_away_is_asked_twice_and_refuses_nothing(tmp_path: Path) -> None:
    file, embedder = filled(tmp_path), Picky()
    embedder.away = True
    with Recall(file, embedder=embedder, upkeep=False) as recall:
        with pytest.raises(EmbeddingFailed, match="no such text"):
            recall.reembed()
        assert embedder.calls == 2
        embedder.away = False
        assert recall.reembed() == 5


def test_where_no_thread_can_be_started_notes_are_found_by_their_words(tmp_path: Path) -> None:
    file = filled(tmp_path)
    before = threading.stack_size(1 << 46)  # no machine has so much room: none can be started
    try:
        with Recall(file, embedder=HashingEmbedder(96)) as recall:
            assert recall.search("quay")
            assert recall.stats().embedded == 0
    finally:
        threading.stack_size(before)
    with Recall(file, embedder=HashingEmbedder(96)) as recall:
        assert recall.search("quay")[0].why["dense"] is not None
