"""How much faster a long document is summed up when the model is asked side by side: `summarize_file` in a whole run.

    python bench/summary.py [--parallel 8] [--megabytes 1.0] [--latency 50] [--rounds 3]

A document is summed up by a scripted model that answers each question after so many milliseconds, first one question at
a time (`parallel: 1` in the goal), then several, in turn. The time is that of the run, from the first request to the
end: reading the document, cutting it, planning, every question with its events on disk, the tree, the citations. The
journal lies in memory where there is such a file system; `--folder` puts it elsewhere. The last lines tell what a
summary without a model takes, and that every point of the merged one still has its place.
"""

from __future__ import annotations

import argparse
import random
import re
import statistics
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from agent.events import ModelCalled, Observed  # noqa: E402
from agent.goal import Goal  # noqa: E402
from agent.limits import Allowance  # noqa: E402
from agent.model import Request, Thinking  # noqa: E402
from tests.kits import House, called, finish  # noqa: E402
from tests.scripted import ScriptedModel  # noqa: E402

MARK = re.compile(r"\[lines? [^\]]+\]")


class Late(ScriptedModel):
    """Answers each question late, from any number of threads: a sentence for each of the first marks of its prompt."""

    def __init__(self, latency: float) -> None:
        super().__init__(lambda request: finish() if "summary of" in request.messages[-2].text else SUM_UP)
        self.latency = latency

    def think(self, request: Request) -> Thinking:
        if request.purpose != "summary":
            return (yield from super().think(request))
        time.sleep(self.latency)
        prompt = request.messages[-1].text.partition("<<<")[2]
        points = [f"The survey has something to say here {mark}." for mark in MARK.findall(prompt)[:3]]
        return (yield from ScriptedModel([" ".join(points)], name=self.name).think(request))


SUM_UP = called("summarize_file", path="long.md")


def document(megabytes: float) -> str:
    """A text with headings, of made-up words."""
    chance = random.Random(1)
    words = ["".join(chance.choices("abcdefghijklmnoprstuvw", k=chance.randint(2, 10))) for _ in range(5_000)]

    def paragraph() -> str:
        return " ".join(" ".join(chance.choices(words, k=16)).capitalize() + "." for _ in range(5))

    parts: list[str] = []
    size = 0
    while size < megabytes * 1_000_000:
        if len(parts) % 40 == 0:
            parts.append(f"## Part {len(parts) // 40 + 1}")
        parts.append(paragraph())
        size += len(parts[-1]) + 2
    return "\n\n".join(parts)


def measured(folder: Path, text: str, *, parallel: int, latency: float) -> tuple[float, int, str]:
    """Seconds of a run that sums the document up, how often its model was asked, and the summary."""
    with tempfile.TemporaryDirectory(dir=folder, prefix="bench-") as place:
        house = House(Path(place), allowance=Allowance(tokens=10**9, model_calls=10**6))
        house.write("long.md", text)
        model = Late(latency)
        began = time.perf_counter()
        outcome = house.run(Goal(goals=("Sum up long.md.",), parallel=parallel), model)
        seconds = time.perf_counter() - began
    summary = next(one for one in outcome.of(Observed) if one.tool == "summarize_file")
    assert summary.ok, summary.text
    return seconds, len(outcome.of(ModelCalled)), summary.text


def by_sentences(folder: Path, text: str) -> float:
    """Seconds of a run that sums the document up by its own sentences."""
    with tempfile.TemporaryDirectory(dir=folder, prefix="bench-") as place:
        house = House(Path(place))
        house.write("long.md", text)
        began = time.perf_counter()
        house.run("Sum up long.md.", ScriptedModel([SUM_UP, finish()], offline=True))
        return time.perf_counter() - began


def main() -> None:
    """Measure in turn, print the medians and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--parallel", type=int, default=8)
    parser.add_argument("--megabytes", type=float, default=1.0)
    parser.add_argument("--latency", type=float, default=50.0, help="milliseconds")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, default=Path("/dev/shm"), help="for the journal and the document")
    wanted = parser.parse_args()
    folder = wanted.folder if wanted.folder.is_dir() else Path(tempfile.gettempdir())
    text, latency = document(wanted.megabytes), wanted.latency / 1000
    measured(folder, text[:20_000], parallel=2, latency=0)  # what is loaded at first is loaded
    alone: list[float] = []
    together: list[float] = []
    for _ in range(wanted.rounds):
        seconds, calls, _ = measured(folder, text, parallel=1, latency=latency)
        alone.append(seconds)
        seconds, again, summary = measured(folder, text, parallel=wanted.parallel, latency=latency)
        together.append(seconds)
        assert calls == again
    one, many = statistics.median(alone), statistics.median(together)
    print(f"{len(text) / 1e6:.1f} MB, {calls} questions of {wanted.latency:g} ms, medians of {wanted.rounds}")
    print(f"{'one at a time':16} {one:7.2f} s")
    print(f"{f'{wanted.parallel} at a time':16} {many:7.2f} s")
    print(f"side by side it is {one / many:.2f} times as fast")
    print(f"without a model  {by_sentences(folder, text):6.2f} s")
    print(f"citations in the summary: {len(MARK.findall(summary))}")


if __name__ == "__main__":
    main()
