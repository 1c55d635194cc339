"""How soon `thinkact doctor` has looked at everything, and how soon a shell is told what could come next.

    python bench/doctor.py [--rounds N]

There is no network: the endpoint that is set up takes connections and never answers, which is the slowest case. The
figures are whole processes, start included, beside `--help`.
"""

from __future__ import annotations

import argparse
import shutil
import socket
import statistics
import sys
import tempfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from bench.archive import made  # noqa: E402  (found by the line above)
from bench.process import measured  # noqa: E402

DOCTOR, COMPLETION = 3.0, 0.4  # seconds that are allowed
RUNS = 50
COMPLETIONS = {
    "a command": ["_complete", "fish", "--", "do"],
    "a tool": ["_complete", "fish", "--", "tools", "call", "re"],
    "a run": ["_complete", "fish", "--", "runs", "show", ""],
    "a goal file": ["_complete", "fish", "--", "run", ""],
    "a namespace": ["_complete", "fish", "--", "memory", "list", "--namespace", ""],
}


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory(prefix="bench-") as folder, socket.create_server(("127.0.0.1", 0)) as silent:
        place = Path(folder)
        home = place / "home" / "runs"
        home.mkdir(parents=True)
        first = made(home, 20)
        for number in range(RUNS - 1):
            shutil.copytree(first, home / f"20200101-0000{number:02}-{number:04}")
        (place / "goal.yaml").write_text("goal: Say hello.\n", "utf-8")
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/v1"
        print(f"ms a process, median and slowest of {rounds}; {RUNS} runs of 20 steps")
        show("--help", ["--help"], place, rounds)
        sound = show("doctor", ["doctor"], place, rounds)
        (place / ".env").write_text(f"OPENAI_BASE_URL={url}\n", "utf-8")
        mute = show("doctor, no answer", ["doctor"], place, rounds)
        (place / ".env").unlink()
        slowest = max(show(f"complete {name}", words, place, rounds) for name, words in COMPLETIONS.items())
        print(f"the slowest doctor took {max(sound, mute):.1f} s (target: {DOCTOR:g})")
        print(f"the slowest completion took {slowest:.2f} s (target: {COMPLETION:g})")


def show(name: str, words: list[str], place: Path, rounds: int) -> float:
    """Measure a command, and print a line; its slowest time in seconds."""
    command = [sys.executable, "-m", "agent", *words]
    measured(command, place)  # the first time modules are compiled and read from the disk
    seconds = [measured(command, place).seconds for _ in range(rounds)]
    print(f"{name:22} {1000 * statistics.median(seconds):7.0f} {1000 * max(seconds):7.0f}")
    return max(seconds)


if __name__ == "__main__":
    main()
