"""What the loop itself costs a step: a scripted model that answers at once, two trivial tools, a real journal.

    python bench/loop_overhead.py [STEPS]

Own time is all the time between two requests: the model and the tools take next to nothing here. Told with the journal
on disk as it is, and in memory (no fsync), by the wall clock and in CPU time, as medians of all steps, of the first
twenty and of the last twenty. "flat" is the last over the first, in CPU time, which other work on the machine does not
disturb.
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

from agent.events import Thought, Usage  # noqa: E402
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


def measure(folder: Path, steps: int) -> list[tuple[float, float]]:
    """Milliseconds between two requests, for each step: by the wall clock, and of CPU."""
    moments: list[tuple[float, float]] = []

    def reply(_: object) -> object:
        moments.append((1000 * time.perf_counter(), 1000 * time.process_time()))
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
    outcome = house.run(
        "Look at things and write them down.",
        ScriptedModel(reply, window=10**7, usage=Usage(prompt_tokens=100, completion_tokens=10)),
    )  # type: ignore[arg-type]
    assert outcome.ended.state == "reached", outcome.ended
    assert len(outcome.of(Thought)) == steps + 1
    return [(after[0] - before[0], after[1] - before[1]) for before, after in pairwise(moments)]


def told(name: str, folder: Path, steps: int) -> None:
    """Measure once and print a line."""
    with tempfile.TemporaryDirectory(dir=folder) as place:
        walls, cpus = zip(*measure(Path(place), steps), strict=True)
    figures = [name.ljust(24)]
    for kind, taken in (("wall", walls), ("CPU", cpus)):
        parts = [statistics.median(part) for part in (taken, taken[:20], taken[-20:])]
        figures.append(f"{kind} {parts[0]:5.2f} (first 20 {parts[1]:5.2f}, last 20 {parts[2]:5.2f})")
    ratio = statistics.median(cpus[-20:]) / statistics.median(cpus[:20])
    print("   ".join(figures), f"  flat {ratio:4.2f}x")


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
