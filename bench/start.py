"""How soon thinkact is there: `--help`, and the time from the start of the process to its first request.

    python bench/start.py [--rounds N]

Measured beside them, in turn with them, so that all meet the same machine: `import typer`, and a bare script that
imports openai and posts one streamed request. Figures are medians of whole processes, seen from outside: the first
request by the endpoint that receives it.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.endpoint import serving
from bench.process import measured, run_words

POST = """\
import sys, openai
client = openai.OpenAI(api_key="none", base_url=sys.argv[1], max_retries=0)
messages = [{"role": "user", "content": "Write the parts and read them again."}]
for chunk in client.chat.completions.create(model="m", messages=messages, stream=True):
    pass
"""
HELP, REQUEST = 2.5, 1.25  # what performance.md allows, as ratios


def whole(words: list[str], folder: Path) -> float:
    """Seconds from the start of a process to its end."""
    return measured(words, folder).seconds


def first_request(words: Callable[[str], list[str]], folder: Path) -> float:
    """Seconds from the start of a process until its first request is wholly received."""
    with serving(0) as endpoint:
        cost = measured(words(endpoint.url), folder)
        return endpoint.times()[0][0] - cost.started


def rounds_of(count: int, folder: Path) -> dict[str, list[float]]:
    """Every measure `count` times, one after the other and then again."""
    measures: dict[str, Callable[[], float]] = {
        "python": lambda: whole([sys.executable, "-c", "pass"], folder / "python"),
        "import typer": lambda: whole([sys.executable, "-c", "import typer"], folder / "typer"),
        "thinkact --help": lambda: whole([sys.executable, "-m", "agent", "--help"], folder / "help"),
        "bare openai post": lambda: first_request(lambda url: [sys.executable, "-c", POST, url], folder / "post"),
        "thinkact run": lambda: first_request(lambda url: run_words(url, window="128k"), folder / "run"),
    }
    found: dict[str, list[float]] = {name: [] for name in measures}
    for number in range(count + 1):
        for name, measure in measures.items():
            seconds = measure()
            if number:  # the first round fills the disk's cache and writes the compiled modules
                found[name].append(seconds)
    return found


def quartiles(values: list[float]) -> str:
    """How far the middle half of the values is spread."""
    if len(values) < 2:
        return ""
    low, _, high = statistics.quantiles(values, n=4, method="inclusive")
    return f"{low * 1000:.0f}–{high * 1000:.0f}"


def ratio(found: dict[str, list[float]], mine: str, other: str) -> float:
    """The median over the rounds of one measure's ratio to another's in the same round."""
    return statistics.median(a / b for a, b in zip(found[mine], found[other], strict=True))


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description="How soon thinkact is there.")
    parser.add_argument("--rounds", type=int, default=9)
    rounds = parser.parse_args().rounds
    with tempfile.TemporaryDirectory() as folder:
        found = rounds_of(rounds, Path(folder))
    print(f"{'ms, medians of ' + str(rounds) + ' rounds':<28}{'median':>8}{'middle half':>14}")
    for name, values in found.items():
        print(f"{name:<28}{statistics.median(values) * 1000:>8.0f}{quartiles(values):>14}")
    print(f"--help is {ratio(found, 'thinkact --help', 'import typer'):.2f} times `import typer` (target: {HELP})")
    times = ratio(found, "thinkact run", "bare openai post")
    print(f"the first request takes {times:.2f} times that of a bare openai script (target: {REQUEST})")


if __name__ == "__main__":
    main()
