"""How much later a confined program has ended than a bare one.

    python bench/sandbox.py [--rounds N]

Each way is started in turn with a bare `/bin/true`, in the same round, so that what else the machine does hits both
alike; between two rounds there is a pause. What is told is the median of the differences. A workspace of 200 files in
20 folders is what is looked over.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from plugins import ConfinedProcesses, Programs  # noqa: E402  (found by the line above)
from plugins._sandbox import Level  # noqa: E402
from plugins._sandbox._level import why_not  # noqa: E402

TARGET = 30.0  # milliseconds above a bare process
BETWEEN = 0.1  # seconds between two programs, in which a launcher gets ready; in a run a thought lies there
LEVELS = (Level("bwrap", Programs().look("bwrap").found or ""), Level("landlock"), Level("landlock", namespaces=False))


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=30)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory(prefix="bench-") as folder:
        root = Path(folder, "desk")
        for number in range(200):
            file = root / f"{number % 20}" / f"{number}.txt"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f"{number}\n", "utf-8")
        bare_python = _median(rounds, lambda: _bare([sys.executable, "-I", "-S", "-c", "pass"]))
        print(f"ms, medians of {rounds}; a bare Python without packages takes {bare_python:.1f}")
        worst = 0.0
        for level in LEVELS:
            if (why := why_not(level)) is not None:
                print(f"{level!s:32} not here: {why}")
                continue
            bare, confined, above, again = _measured(root, level, rounds)
            print(
                f"{level!s:32} bare {bare:6.1f}  confined {confined:6.1f}  above {above:6.1f}  asked again {again:6.2f}"
            )
            worst = max(worst, above)
        print(f"at most {worst:.0f} ms above a bare process (target: {TARGET:g})")


def _measured(root: Path, level: Level, rounds: int) -> tuple[float, float, float, float]:
    """A bare process, a confined one, by how much more, and a question to one that stays."""
    echo = ["/bin/bash", "-c", 'cat <&"$1" >&"$2"', "sh", "{asked}", "{answered}"]
    with ConfinedProcesses(root, level=lambda: level, environment=dict(os.environ)) as sandbox:
        pairs = []
        for _ in range(rounds):
            time.sleep(BETWEEN)
            pairs.append((_timed(lambda: _bare(["/bin/true"])), _timed(lambda: sandbox.run(["/bin/true"]))))
        talker, _ = sandbox.talk("echo", echo)

        def ask() -> None:
            until = time.monotonic() + 5
            with talker.turn():
                talker.send(b"x", until)
                talker.receive(until)

        again = _median(rounds, ask)
    bare, confined = (statistics.median(one) for one in zip(*pairs, strict=True))
    return bare, confined, statistics.median(after - before for before, after in pairs), again


def _bare(words: list[str]) -> None:
    subprocess.run(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=True)


def _timed(function: Callable[[], object]) -> float:
    began = time.perf_counter()
    function()
    return (time.perf_counter() - began) * 1000


def _median(rounds: int, function: Callable[[], object]) -> float:
    return statistics.median(_timed(function) for _ in range(rounds))


if __name__ == "__main__":
    main()
