"""What long-term memory costs: storing, finding, opening, at sizes up to 100,000 notes; embedders; several processes.

    python bench/memory.py [--most N] [--rounds N] [--folder DIR] [--chroma]

Notes are sentences of made-up words, 12 on average, so that each shares words with hundreds of others. "to durable" is
`add` of one note until it is on the disk, beside the fsync alone that this takes there. Searches are by feature
hashing, whose own time is told apart; opening is a new process that asks one question. With `--chroma` the notes above
20,000 are searched by chromadb too, whose index is built for it, which takes minutes.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from memory._minilm import MiniLM, is_installed
from memory.embedding import Embedder, HashingEmbedder
from memory.recall import EXACT_UP_TO, PASSAGES, Recall

ROOT = Path(__file__).resolve().parent.parent
STEPS = 100  # notes added, or questions asked, at each size
SIZES = (0, 10_000, 100_000)

OPENING = """
import json, sys, time
start = time.perf_counter()
from memory import Recall
loaded = time.perf_counter()
recall = Recall(sys.argv[1], embedder="hashing", upkeep=False)
count = recall.count()
opened = time.perf_counter()
recall.search(sys.argv[2])
first = time.perf_counter()
recall.search(sys.argv[2] + " again")
second = time.perf_counter()
recall.close()
try:
    import resource
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
except ImportError:
    peak = None
print(json.dumps([loaded - start, opened - loaded, first - opened, second - first, peak, count]))
"""

ADDER = """
import sys
from memory import Recall
with Recall(sys.argv[1], embedder="hashing") as recall:
    for n in range(int(sys.argv[3])):
        recall.add(f"process {sys.argv[2]} saw bird {n} near lake {n * 7919 % 1000} in weather {n * 31 % 17}")
"""


class Words:
    """Sentences of made-up words; the commonest are a hundred times as frequent as the rarest."""

    def __init__(self, seed: int = 11) -> None:
        self._drawn = random.Random(seed)
        syllables = [a + b for a in "bdfgklmnprstvz" for b in ("a", "e", "i", "o", "u", "an", "or", "il")]
        self._words = ["".join(self._drawn.choices(syllables, k=self._drawn.choice((2, 3)))) for _ in range(6_000)]
        self._weights = [1 / (n + 40) for n in range(len(self._words))]

    def sentence(self, *, least: int = 8, most: int = 16) -> str:
        """A note."""
        count = self._drawn.randint(least, most)
        return " ".join(self._drawn.choices(self._words, self._weights, k=count)) + f" {self._drawn.randrange(10**6)}"

    def question(self) -> str:
        """A few words, one of them rare."""
        return " ".join([*self._drawn.choices(self._words, self._weights, k=3), self._drawn.choice(self._words)])


def timed(what: Callable[[], object], times: int) -> Sequence[float]:
    """Milliseconds that each of so many calls takes."""
    taken = []
    for _ in range(times):
        start = time.perf_counter()
        what()
        taken.append(1e3 * (time.perf_counter() - start))
    return taken


def shown(taken: Sequence[float]) -> str:
    """Median and 95th percentile."""
    return f"p50 {statistics.median(taken):7.1f} ms   p95 {sorted(taken)[int(len(taken) * 0.95)]:7.1f} ms"


def filled(file: Path, words: Words, size: int) -> float:
    """Bring a memory to a size; the seconds that it took."""
    start = time.perf_counter()
    with Recall(file, embedder="hashing", upkeep=False, rules=PASSAGES) as recall:
        while (missing := size - recall.count()) > 0:
            recall.add_many([words.sentence() for _ in range(min(1_000, missing))])
    return time.perf_counter() - start


def at_size(file: Path, words: Words, size: int, rounds: int, *, chroma: bool) -> None:
    """Print what a memory of this size costs."""
    seconds = filled(file, words, size)
    print(f"\n{size:,} notes (made in {seconds:.0f} s by add_many, as passages)")
    embedder = HashingEmbedder()
    with Recall(file, embedder="hashing", upkeep=False, exact_up_to=sys.maxsize) as recall:
        print(f"  add, to durable         {shown(timed(lambda: recall.add(words.sentence()), STEPS))}")
        if size:
            questions = [words.question() for _ in range(STEPS)]
            asked = iter(questions * 2)
            recall.search(words.question())
            print(f"  search, exact scan      {shown(timed(lambda: recall.search(next(asked)), STEPS))}")
            own = timed(lambda: embedder.embed([next(asked)]), STEPS)
            print(f"    of it the embedding   {shown(own)}")
    if size and chroma:
        with Recall(file, embedder="hashing", exact_up_to=0) as recall:
            start = time.perf_counter()
            recall.sync()
            print(f"  building chroma's index {time.perf_counter() - start:7.1f} s")
            recall.search(words.question())
            print(f"  search, chroma          {shown(timed(lambda: recall.search(words.question()), STEPS))}")
    if size:
        told = [opening(file, words.question()) for _ in range(rounds)]
        names = ("importing", "opening", "first search", "second search")
        middle = [statistics.median(one[n] for one in told) for n in range(5)]
        line = ", ".join(f"{name} {1e3 * seconds:.0f} ms" for name, seconds in zip(names, middle, strict=False))
        print(f"  a new process           {line}; peak {middle[4]:.0f} MiB")


def opening(file: Path, question: str) -> Sequence[float]:
    """What a new process takes to open a memory and ask it twice, in seconds, and its peak memory in MiB."""
    command = [sys.executable, "-c", OPENING, str(file), question]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    found: list[float] = json.loads(ended.stdout)
    return found


def durable(folder: Path) -> Sequence[float]:
    """What the disk takes for a page and its fsync, in milliseconds."""
    with (folder / "probe").open("wb", buffering=0) as file:

        def write() -> None:
            file.write(b"\0" * 4096)
            os.fsync(file.fileno())

        return timed(write, STEPS)


def embedders(words: Words) -> None:
    """Print what a vector takes."""
    several: list[tuple[str, Embedder]] = [("feature hashing", HashingEmbedder())]
    if is_installed():
        several.append(("MiniLM", MiniLM()))
    print("\nembedders")
    for name, embedder in several:
        loading = timed(partial(embedder.embed, ["the ferry leaves at noon"]), 1)[0]
        alone = [timed(partial(embedder.embed, [words.sentence()]), 1)[0] for _ in range(50)]
        batch = [words.sentence() for _ in range(64)]
        together = statistics.median(timed(partial(embedder.embed, batch), 5)) / len(batch)
        print(f"  {name:23} {shown(alone)}   in a batch {together:.1f} ms   the first {loading:.0f} ms")
    if not is_installed():
        print("  MiniLM is not installed")


def processes(folder: Path, count: int, notes: int) -> None:
    """Print what several processes that add at once take, and whether everything is found."""
    file = folder / "several.db"
    start = time.perf_counter()
    running = [
        subprocess.Popen([sys.executable, "-c", ADDER, str(file), str(name), str(notes)], cwd=ROOT)
        for name in range(count)
    ]
    codes = [one.wait() for one in running]
    seconds = time.perf_counter() - start
    with Recall(file, embedder="hashing") as recall:
        kept, embedded = recall.count(), recall.stats().embedded
    print(
        f"\n{count} processes x {notes} adds: {seconds:.1f} s, {1e3 * seconds / (count * notes):.1f} ms a note; ",
        end="",
    )
    print(f"found {kept:,} by text and {embedded:,} by vector of {count * notes:,}; exit codes {codes}")


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--most", type=int, default=SIZES[-1], help="notes in the largest memory")
    asked.add_argument("--rounds", type=int, default=5, help="new processes that open it")
    asked.add_argument("--folder", type=Path, help="on which disk; a temporary folder if not given")
    asked.add_argument("--adds", type=int, default=500, help="notes that each of four processes adds")
    asked.add_argument("--chroma", action="store_true", help="also build chroma's index where it would be used")
    options = asked.parse_args()
    with tempfile.TemporaryDirectory(dir=options.folder) as name:
        folder, words = Path(name), Words()
        print(f"a page and its fsync      {shown(durable(folder))}")
        for size in [one for one in SIZES if one < options.most] + [options.most]:
            chroma = options.chroma and size > EXACT_UP_TO
            at_size(folder / "notes.db", words, size, options.rounds, chroma=chroma)
        embedders(words)
        processes(folder, 4, options.adds)


if __name__ == "__main__":
    main()
