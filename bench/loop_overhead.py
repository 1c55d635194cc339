"""What the loop itself costs a step: a scripted model that answers at once, two trivial tools, a real journal.

    python bench/loop_overhead.py [STEPS]

Own time is the wall clock of the whole run without the model's and the tools' own (which are next to nothing here).
Told with the journal on disk as it is, and in memory (no fsync), as a whole and for the first and the last twenty
steps. "flat" is the median of the last twenty over that of the first twenty.
"""

from __future__ import annotations

import os
import resource
import statistics
import sys
import tempfile
import time
from itertools import pairwise
from pathlib import Path

ROOT = Path(__file__).parent.parent
sys.path.insert(0, str(ROOT))

from agent.events import Thought  # noqa: E402
from agent.limits import Allowance  # noqa: E402
from plugins import Context, Effect, WorkspacePath, tool  # noqa: E402
from tests.kits import House, called, finish  # noqa: E402
from tests.scripted import ScriptedModel  # noqa: E402

SHARED_MEMORY = Path("/dev/shm")


@tool(effect=Effect.READ)
def look(name: str) -> str:
    """Look at a thing.

    Args:
        name: The thing.
    """
    return f"{name} is blue " * 40


@tool(effect=Effect.WRITE)
def note(path: WorkspacePath, text: str, *, context: Context) -> str:
    """Write a note.

    Args:
        path: The file.
        text: The text.
    """
    return f"{path}: {len(text)} characters of {context.workspace.root.name}"


def measure(folder: Path, steps: int) -> list[float]:
    """Seconds between two requests, for each step."""
    moments: list[float] = []

    def reply(_: object) -> object:
        moments.append(time.perf_counter())
        number = len(moments)
        if number > steps:
            return finish()
        if number % 2:
            return called("look", f"c{number}", name=f"thing {number}")
        return called("note", f"c{number}", path=f"n{number}.txt", text="a line of the note " * 20)

    house = House(
        folder,
        tools=(look, note),
        built_in=False,
        allowance=Allowance(steps=steps + 5, tokens=10**9, model_calls=10**6),
    )
    outcome = house.run("Look at things and write them down.", ScriptedModel(reply, window=10**7))  # type: ignore[arg-type]
    assert outcome.ended.state == "reached", outcome.ended
    assert len(outcome.of(Thought)) == steps + 1
    return [after - before for before, after in pairwise(moments)]


def told(name: str, folder: Path, steps: int) -> None:
    """Measure once and print a line."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        cpu = time.process_time()
        seconds = [1000 * one for one in measure(Path(place), steps)]
        cpu = (time.process_time() - cpu) * 1000 / steps
    first, last = statistics.median(seconds[:20]), statistics.median(seconds[-20:])
    print(
        f"{name:24} mean {statistics.mean(seconds):6.2f} ms   median {statistics.median(seconds):6.2f}   "
        f"first 20 {first:6.2f}   last 20 {last:6.2f}   flat {last / first:5.2f}x   CPU {cpu:6.2f}"
    )


def main() -> None:
    steps = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    with tempfile.TemporaryDirectory() as warm:
        measure(Path(warm), 10)
    print(f"{steps} steps, one call each, milliseconds a step")
    if SHARED_MEMORY.is_dir() and os.access(SHARED_MEMORY, os.W_OK):
        told("without fsync (memory)", SHARED_MEMORY, steps)
    told("with the disk's fsync", Path(tempfile.gettempdir()), steps)
    print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MiB")


if __name__ == "__main__":
    main()
