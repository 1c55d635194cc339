"""Processes that are measured: started in a place of their own, waited for, with what they cost."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
GOAL = "Write the parts and read them again."


@dataclass(frozen=True)
class Cost:
    """What a process took: `started` as the monotonic clock told it just before, `seconds` in all, of which `cpu` on
    a processor, `peak` MiB of memory. The last two are None where the platform does not tell."""

    started: float
    seconds: float
    cpu: float | None
    peak: float | None


def environment(home: Path) -> dict[str, str]:
    """This process's environment without what would reach thinkact or the SDK, and without what keeps Python from
    writing compiled modules: where it may not, every start compiles all of ours anew."""
    clean = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("THINKACT", "OPENAI", "PYTHONDONTWRITE")) and not name.lower().endswith("_proxy")
    }
    mine = {"THINKACT_HOME": str(home), "XDG_CONFIG_HOME": str(home / "config"), "PYTHONPATH": str(ROOT)}
    return clean | mine | {"COLUMNS": "80"}


def run_words(url: str, *, window: str, goal: str = GOAL) -> list[str]:
    """`thinkact run` against an endpoint, with no limit in its way."""
    words = [sys.executable, "-m", "agent", "run", goal, "-m", "scripted", "--base-url", url, "--window", window]
    limits = ["--max-steps", "100000", "--max-model-calls", "100000", "--max-tokens", "10000M", "--max-time", "5h"]
    return [*words, *limits, "--max-usd", "0", "--output", "json"]


def measured(words: Sequence[str], folder: Path, *, stdin: int = subprocess.DEVNULL) -> Cost:
    """Run a process to its end in a folder, where what it says on stderr is left in `said.txt`.

    The one who measures must itself stay small: Linux counts the memory of the parent, at the moment of the fork, as
    the child's.

    Raises:
        SystemExit: it failed; with the end of what it said.
    """
    folder.mkdir(parents=True, exist_ok=True)
    said = folder / "said.txt"
    with said.open("wb") as errors:
        started = time.monotonic()
        process = subprocess.Popen(
            words,
            cwd=folder,
            env=environment(folder / "home"),
            stdin=stdin,
            stdout=subprocess.DEVNULL,
            stderr=errors,
        )
        cpu, peak = _waited(process)
        seconds = time.monotonic() - started
    if process.returncode:
        raise SystemExit(f"{' '.join(words[:6])} ended with {process.returncode}:\n{said.read_text('utf-8')[-2000:]}")
    return Cost(started, seconds, cpu, peak)


def _waited(process: subprocess.Popen[bytes]) -> tuple[float | None, float | None]:
    if not hasattr(os, "wait4"):  # Windows tells neither of a process that has ended
        process.wait()
        return None, None
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    unit = 2**20 if sys.platform == "darwin" else 2**10
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / unit


def shown(value: float | None, digits: int = 1) -> str:
    """A figure for the table; a dash where there is none."""
    return "–" if value is None else f"{value:.{digits}f}"
