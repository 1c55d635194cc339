"""Memories whose processes are killed while they write: whatever was acknowledged is found, by text and by vector."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from memory import Recall
from memory.embedding import HashingEmbedder
from memory.recall import Rules
from tests.place import ROOT, Place

pytestmark = pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")

EMBEDDER = HashingEmbedder(64)

ADDER = """
import sys
from memory import Recall
from memory.embedding import HashingEmbedder
file, name, notes, most = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
with Recall(file, embedder=HashingEmbedder(64), exact_up_to=most) as recall:
    for n in range(notes):
        text = f"process {name} saw bird {int(name) * 10_000 + n} near lake {n * 7919 % 1000}"
        print(recall.add(text), text, sep="\\t", flush=True)
        if not most and n % 5 == 0:
            recall.search(f"bird {n}")
            recall.sync()
"""


class Adder:
    """A process that adds notes and tells each that it was given an id for."""

    def __init__(self, file: Path, name: object, notes: int, *, most: int, lines: Path) -> None:
        self._lines = lines
        with lines.open("wb") as output:
            self.process = subprocess.Popen(
                [sys.executable, "-X", "utf8", "-c", ADDER, str(file), str(name), str(notes), str(most)],
                cwd=ROOT,
                stdout=output,
                stderr=subprocess.PIPE,
            )

    @property
    def acknowledged(self) -> Sequence[tuple[str, str]]:
        """Id and text of each note so far."""
        whole = self._lines.read_text("utf-8").rpartition("\n")[0].splitlines()
        return [(line.partition("\t")[0], line.partition("\t")[2]) for line in whole]

    def wait(self) -> str:
        """Wait for its end; what it complained of."""
        return self.process.communicate(timeout=300)[1].decode()


@contextmanager
def adders(file: Path, count: int, notes: int, *, most: int = 10**9) -> Iterator[list[Adder]]:
    """So many of them at once, all ended when the block is."""
    running = [
        Adder(file, name, notes, most=most, lines=file.with_name(f"{file.stem}-{name}.txt")) for name in range(count)
    ]
    try:
        yield running
    finally:
        for one in running:
            one.process.kill()
            one.process.communicate()


def until(one: Adder, notes: int) -> None:
    """Wait until it was given so many ids."""
    deadline = time.monotonic() + 120
    while len(one.acknowledged) < notes:
        assert time.monotonic() < deadline
        assert one.process.poll() is None, one.wait()
        time.sleep(0.005)


def found(recall: Recall, notes: Sequence[tuple[str, str]], *, asked: int = 60) -> None:
    """All of these are there with a vector; and some, asked for, come first by their words and by their vectors."""
    assert all(recall.get(identifier) is not None for identifier, _ in notes)
    assert recall.stats().embedded == recall.count() >= len(notes)
    for identifier, text in random.Random(5).sample(list(notes), min(asked, len(notes))):
        hit = recall.search(text, k=1)[0]
        assert hit.id == identifier
        assert min(hit.why["lexical"] or 0, hit.why["dense"] or 0) > 0.95


def killed_among(file: Path, *, count: int, notes: int, first: int) -> None:
    with adders(file, count, notes) as running:
        until(running[0], first)
        running[0].process.kill()
        running[0].process.wait()
        assert [one.wait() for one in running[1:]] == [""] * (count - 1)
        acknowledged = [note for one in running for note in one.acknowledged]
        assert [len(one.acknowledged) for one in running[1:]] == [notes] * (count - 1)
        assert len(running[0].acknowledged) >= first
    with Recall(file, embedder=EMBEDDER) as recall:
        recall.check()
        found(recall, acknowledged)


def test_where_one_of_four_processes_is_killed_all_that_was_acknowledged_is_found(tmp_path: Path) -> None:
    killed_among(tmp_path / "notes.db", count=4, notes=40, first=10)


@pytest.mark.slow
def test_where_one_of_four_processes_is_killed_all_of_two_thousand_notes_are_found(tmp_path: Path) -> None:
    killed_among(tmp_path / "notes.db", count=4, notes=500, first=250)


def killed_in_turn(file: Path, *, kills: int) -> None:
    """A process that also writes to the vector index is killed at some moment, and the next one goes on."""
    drawn = random.Random(3)
    acknowledged: list[tuple[str, str]] = []
    for number in range(kills):
        one = Adder(file, number, 10_000, most=0, lines=file.with_name(f"{number}.txt"))
        try:
            until(one, drawn.randrange(3, 25))
            time.sleep(drawn.random() / 20)
        finally:
            one.process.kill()
            one.process.communicate()
        acknowledged += one.acknowledged
    with Recall(file, embedder=EMBEDDER, exact_up_to=0) as recall:
        found(recall, acknowledged, asked=10)
        assert recall.sync()
        assert recall.stats().waiting == 0
        found(recall, acknowledged)
        assert recall.stats().index == "chromadb"
    with Recall(file, embedder=EMBEDDER, exact_up_to=0) as recall:
        found(recall, acknowledged, asked=10)
        assert recall.stats().index == "chromadb"


def test_kills_while_the_vector_index_is_written_lose_nothing(tmp_path: Path) -> None:
    killed_in_turn(tmp_path / "notes.db", kills=2)


@pytest.mark.slow
def test_twenty_kills_while_the_vector_index_is_written_lose_nothing(tmp_path: Path) -> None:
    killed_in_turn(tmp_path / "notes.db", kills=20)


def test_new_vectors_that_are_ended_by_a_kill_go_on_where_they_were(tmp_path: Path) -> None:
    script = """
import sys, time
from memory import Recall
from memory.embedding import HashingEmbedder

class Slow(HashingEmbedder):
    def embed(self, texts):
        time.sleep(0.05)
        return super().embed(texts)

recall = Recall(sys.argv[1], embedder=Slow(96))
recall.search("bird")
while recall.stats().embedded < 64:
    time.sleep(0.005)
print("ready", flush=True)
time.sleep(60)
"""
    file = tmp_path / "notes.db"
    with Recall(file, embedder=EMBEDDER, rules=Rules(merge=False)) as recall:
        recall.add_many([f"bird {n} sat near lake {n * 7919 % 1000}" for n in range(400)])
    command = [sys.executable, "-X", "utf8", "-c", script, str(file)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.kill()
    with Recall(file, embedder=HashingEmbedder(96), upkeep=False) as recall:
        assert recall.count() == 400
        done = recall.stats().embedded
        assert done >= 64
        assert recall.reembed() == 400 - done
        assert recall.search("bird 17")[0].why["dense"] is not None


def test_a_run_that_recalls_nothing_loads_nothing_of_the_vector_index(tmp_path: Path) -> None:
    script = """
import sys
from agent.__main__ import main
sys.argv = ["thinkact", "run", "-y", "--no-memory", "-m", "offline", "List the files"]
try:
    main()
except SystemExit:
    pass
loaded = {"chromadb", "onnxruntime", "tokenizers", "memory.recall", "memory._index"} & set(sys.modules)
print("LOADED", sorted(loaded))
"""
    place = Place(tmp_path)
    words = [sys.executable, "-X", "utf8", "-c", script]
    ended = subprocess.run(
        words,
        cwd=tmp_path,
        env=place.environment(),
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    assert "LOADED []" in ended.stdout, ended.stdout + ended.stderr
    recalling = subprocess.run(
        [*words[:-1], script.replace('"--no-memory", ', "")],
        cwd=tmp_path,
        env=place.environment(),
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    loaded = recalling.stdout.rpartition("LOADED ")[2]
    assert "memory.recall" in loaded, recalling.stdout + recalling.stderr
    assert "chromadb" not in loaded
