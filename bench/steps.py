"""What a step costs: the real `thinkact run` through 200 steps that write and read small files.

    python bench/steps.py [--steps N] [--rounds N] [--folder DIR]

Own time is from the last byte of an answer to the next request wholly received, seen by the endpoint, which is a
process of its own: reading the answer, the tool, the journal, the screen, the next prompt and its transport. Beside it,
in turn with it: the openai SDK in a loop and bytes on a socket, both without journal, checks or leave (bench/bare.py).

An fsync takes as long as the disk wants, so thinkact is measured twice: with its home and workspace in memory, where
an fsync costs nothing, and on the disk. How often it commits is counted from outside, by a plugin that looks at the
journal's mark whenever it hears of an event; how long a commit takes is measured beside it.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.endpoint import Endpoint, code, gaps, serving
from bench.process import Cost, measured, run_words, shown

WINDOW = "2M"  # tokens: the whole history is sent with each request, as the others do
EDGE = 20  # steps at either end of a run that are held against each other
IN_MEMORY = Path("/dev/shm")

COUNTER = '''
"""Writes down how far the journal was committed whenever an event is told."""
from pathlib import Path
from plugins import observe

HERE = Path(__file__).parent

@observe
def watch(event):
    mark = next((HERE.parent / "runs").iterdir()) / "journal.db.mark"
    with (HERE / "marks.txt").open("a") as marks:
        marks.write(f"{mark.read_text().split()[0]} {event['kind']} {event.get('effect', '')}\\n")
'''


@dataclass(frozen=True)
class Run:
    """One process that went through all its steps. `own` are milliseconds, one for each step."""

    own: list[float]
    cost: Cost

    @property
    def mean(self) -> float:
        """Milliseconds a step."""
        return statistics.mean(self.own)

    @property
    def first(self) -> float:
        """Of the first steps but one: after the first answer each client still loads what it had put off."""
        return _typical(self.own[1 : EDGE + 1])

    @property
    def last(self) -> float:
        """Of the last steps."""
        return _typical(self.own[-EDGE:])


def _typical(own: Sequence[float]) -> float:
    """The median over neighbours, of which one reads and one writes: what else the machine does must not look like a
    run that grows slower."""
    return statistics.median(map(statistics.mean, zip(own[::2], own[1::2], strict=False)))


def thinkact(endpoint: Endpoint) -> list[str]:
    """The real command."""
    return run_words(endpoint.url, window=WINDOW)


def bare(kind: str) -> Callable[[Endpoint], list[str]]:
    """One of the two that it is held against."""
    return lambda endpoint: [sys.executable, code("bare.py"), kind, str(endpoint.port)]


def go(words: Callable[[Endpoint], list[str]], steps: int, parent: Path) -> Run:
    """Run a process through so many steps, in a folder of its own."""
    with tempfile.TemporaryDirectory(dir=parent) as folder, serving(steps) as endpoint:
        cost = measured(words(endpoint), Path(folder))
        times = endpoint.times()
    if len(times) != steps + 1:
        raise SystemExit(f"the endpoint was asked {len(times)} times in place of {steps + 1}")
    return Run(gaps(times), cost)


@dataclass(frozen=True)
class Measured:
    """What came of all rounds of one client: whole runs, and runs of no step at all, which are its start."""

    runs: Sequence[Run]
    starts: Sequence[Run]

    def median(self, figure: Callable[[Run], float]) -> float:
        """Over the rounds."""
        return statistics.median(map(figure, self.runs))

    @property
    def flat(self) -> float:
        """How many times as long as the first steps the last ones take."""
        return self.median(lambda run: run.last / run.first)

    @property
    def cpu(self) -> float | None:
        """Milliseconds on a processor that one more step takes."""
        whole = [run.cost.cpu for run in self.runs if run.cost.cpu is not None]
        begun = [run.cost.cpu for run in self.starts if run.cost.cpu is not None]
        if not whole or not begun:
            return None
        return (statistics.median(whole) - statistics.median(begun)) * 1000 / len(self.runs[0].own)


def measure(steps: int, rounds: int, disk: Path, memory: Path | None) -> dict[str, Measured]:
    """All clients, in turn, `rounds` times."""
    quiet = memory or disk
    clients: dict[str, tuple[Callable[[Endpoint], list[str]], Path]] = {
        "bytes on a socket": (bare("socket"), quiet),
        "openai SDK in a loop": (bare("sdk"), quiet),
        "thinkact, fsync free": (thinkact, quiet),
        "thinkact, on the disk": (thinkact, disk),
    }
    if memory is None:
        del clients["thinkact, fsync free"]
    runs: dict[str, tuple[list[Run], list[Run]]] = {name: ([], []) for name in clients}
    go(thinkact, 0, quiet)  # writes the compiled modules
    for _ in range(rounds):
        for name, (words, parent) in clients.items():
            runs[name][0].append(go(words, steps, parent))
            runs[name][1].append(go(words, 0, parent))
    return {name: Measured(*found) for name, found in runs.items()}


def commits(steps: int, parent: Path) -> dict[str, Counter[int]]:
    """How often steps commit: by what a step does (reads or writes), how many steps have so many commits."""
    with tempfile.TemporaryDirectory(dir=parent) as folder, serving(steps) as endpoint:
        plugin = Path(folder) / "home" / "plugins" / "counter.py"
        plugin.parent.mkdir(parents=True)
        plugin.write_text(COUNTER, "utf-8")
        measured(thinkact(endpoint), Path(folder))
        lines = [line.split() for line in (plugin.parent / "marks.txt").read_text("utf-8").splitlines()]
    found: dict[str, Counter[int]] = {}
    begun = next(number for number, line in enumerate(lines) if line[1] == "thought")
    seen, effect = {int(lines[begun - 1][0])}, ""
    for mark, kind, *rest in lines[begun:]:
        effect = rest[0] if rest and kind == "tool.started" else effect
        seen.add(int(mark))
        if kind == "observation" and effect:  # told once the step's last commit is done
            found.setdefault(effect, Counter())[len(seen) - 1] += 1
            seen, effect = {int(mark)}, ""
    return found


def commit_time(parent: Path, count: int = 100) -> float:
    """Median milliseconds of a commit of some rows, as the journal makes it, here."""
    from memory.journal import Journal

    row = {"kind": "observation", "text": "as long as a small file " * 40}
    spent = []
    with (
        tempfile.TemporaryDirectory(dir=parent) as folder,
        Journal.create(Path(folder) / "run" / "journal.db", meta={}) as journal,
    ):
        for _ in range(count):
            for _ in range(4):
                journal.append(row, elapsed=0.0)
            begun = time.perf_counter()
            journal.commit()
            spent.append((time.perf_counter() - begun) * 1000)
    return statistics.median(spent)


def tell(found: dict[str, Measured], steps: int, rounds: int) -> None:
    """The table."""
    print(f"{steps} steps, medians of {rounds} rounds; own time is ms a step, CPU is ms that one more step takes")
    print(f"{'':<24}{'mean':>8}{'first 20':>10}{'last 20':>9}{'flat':>7}{'1st step':>10}{'CPU':>7}{'MiB':>7}{'SDK':>7}")
    sdk = found["openai SDK in a loop"].median(lambda run: run.mean)
    for name, one in found.items():
        mean, first, last = (one.median(figure) for figure in (lambda r: r.mean, lambda r: r.first, lambda r: r.last))
        peak = max((run.cost.peak for run in one.runs if run.cost.peak is not None), default=None)
        begun = one.median(lambda run: run.own[0])
        print(
            f"{name:<24}{mean:>8.2f}{first:>10.2f}{last:>9.2f}{one.flat:>7.2f}{begun:>10.1f}"
            f"{shown(one.cpu):>7}{shown(peak, 0):>7}{mean / sdk:>7.2f}"
        )


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description="What a step costs.")
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", type=Path, help="where the disk is that is to be measured")
    arguments = parser.parse_args()
    disk = arguments.folder or Path(tempfile.gettempdir())
    memory = IN_MEMORY if IN_MEMORY.is_dir() else None
    tell(measure(arguments.steps, arguments.rounds, disk, memory), arguments.steps, arguments.rounds)
    if memory is None:
        print("there is no folder in memory here: thinkact's own time cannot be told without its fsyncs")
    twice = 2 * arguments.steps
    peak = go(thinkact, twice, memory or disk).cost.peak
    print(f"peak memory at {twice} steps: {shown(peak, 0)} MiB (target: 90)")
    for effect, counted in commits(arguments.steps, memory or disk).items():
        told = ", ".join(f"{count} in {number} steps" for count, number in sorted(counted.items()))
        print(f"commits of a step that {'reads' if effect == 'read' else 'writes'}: {told}")
    print(f"a commit takes {commit_time(disk):.2f} ms on this disk, {commit_time(memory or disk):.2f} in memory")
    print("targets: 3 ms fsync free, flat within 1.2, 4 ms of CPU, a commit for a step that reads, two for others")


if __name__ == "__main__":
    main()
