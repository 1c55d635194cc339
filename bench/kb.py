"""What bringing documents into a knowledge base costs, and what a question then finds.

    python bench/kb.py [--megabytes 50] [--questions]

Some megabytes of documents are made first: files of a hundred kilobytes, half of them Chinese, some of them PDFs. Then
`thinkact kb add` brings them in as a process, whose memory is looked at twenty times a second, with that of the
processes that it starts; again, with nothing changed; and anew, killed (-9) in the middle and started again.

`--questions` tells instead how many of the questions of `kb_questions.py` about the documents of `examples/` find their
passage and are answered rightly by the offline model, and how many without an answer there are refused; and the same of
the documents and questions of every day in `everyday/`.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from bench.process import environment  # noqa: E402

FILE = 100_000  # bytes of a file
ENGLISH = (
    "the council bridge river water winter report cost euros survey meeting library roof school children engine valve "
    "pressure harbour tide gauge summer decision letter treasurer contract repair foundation depth metres gravel pier "
    "insurance warranty invoice member assembly vote notice season weather station snow wind battery charge panel"
)
CHINESE = (
    "图书馆会议决定屋顶修缮费用读者调查社区资金补助申请截止日期开工完工延长开放时间潮位记录设备压力阀门检修季节天气电池"
)
"""Words of the texts that are made."""
WORDS = ENGLISH.split()


def made(folder: Path, megabytes: float, *, seed: int = 4) -> int:
    """Make the documents; how many bytes they have."""
    from tests.plugins import papers

    chance = random.Random(seed)
    total, number = 0, 0
    while total < megabytes * 1_000_000:
        number += 1
        place = folder / f"part-{number % 20:02}"
        place.mkdir(parents=True, exist_ok=True)
        lines = list(_chinese(chance) if number % 2 else _english(chance))
        if number % 50 == 0:
            pages = [lines[at : at + 30] for at in range(0, 300, 30)]
            content, ending = papers.pdf(pages), "pdf"
        else:
            content, ending = "\n".join(lines).encode(), "md"
        (place / f"report-{number:04}.{ending}").write_bytes(content)
        total += len(content)
    return total


def _english(chance: random.Random) -> Iterator[str]:
    size = section = 0
    while size < FILE:
        section += 1
        lines = [f"## Section {section}: {' '.join(chance.choices(WORDS, k=3))}", ""]
        for _ in range(4):
            sentences = (" ".join(chance.choices(WORDS, k=12)).capitalize() + "." for _ in range(6))
            lines += [" ".join(sentences), f"Reading {chance.randrange(10**6)} of {chance.random():.3f} metres.", ""]
        size += sum(len(line) + 1 for line in lines)
        yield from lines


def _chinese(chance: random.Random) -> Iterator[str]:
    size = section = 0
    while size < FILE:
        section += 1
        lines = [f"## 第{section}节", ""]
        for _ in range(4):
            parts = ("".join(chance.choices(CHINESE, k=18)) for _ in range(10))
            lines.append("".join(part + ("，", "。")[at % 2] for at, part in enumerate(parts)))
            lines += [f"读数为{chance.randrange(10**6)}，潮位{chance.random():.3f}米。", ""]
        size += sum(len(line.encode()) + 1 for line in lines)
        yield from lines


@dataclass(frozen=True)
class Ended:
    """What an adding took: seconds, those of them on processors, the most memory of all processes at once in MiB, and
    the JSON that it printed; None where it was killed."""

    seconds: float
    cpu: float
    peak: float
    told: dict[str, Any] | None


def add(folder: Path, home: Path, *, kill_at: int | None = None) -> Ended:
    """Run `thinkact kb add`; with `kill_at`, kill it once so many documents are in the base."""
    words = [sys.executable, "-m", "agent", "kb", "add", str(folder), "--json"]
    began, before, peak = time.monotonic(), _cpu(), 0.0
    process = subprocess.Popen(
        words, cwd=folder.parent, env=environment(home), stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    while process.poll() is None:
        peak = max(peak, _memory(process.pid))
        if kill_at is not None and _kept(home) >= kill_at:
            process.send_signal(signal.SIGKILL)
        time.sleep(0.05)
    out = process.stdout.read() if process.stdout else ""
    if process.returncode not in (0, -signal.SIGKILL):
        raise SystemExit(f"kb add failed with {process.returncode}: {out[-500:]}")
    return Ended(time.monotonic() - began, _cpu() - before, peak, json.loads(out) if out else None)


def _cpu() -> float:
    """Seconds that the processes that have ended by now took of processors."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _kept(home: Path) -> int:
    """How many documents the base has by now."""
    file = home / "memory" / "documents.db"
    if not file.exists():
        return 0
    try:
        with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as base:
            return int(base.execute("SELECT count(*) FROM sources").fetchone()[0])
    except sqlite3.Error:
        return 0  # it is just being made


def _memory(root: int) -> float:
    """MiB that a process and all below it hold now: shared pages of each counted once for each. Linux only."""
    parents: dict[int, int] = {}
    for entry in os.scandir("/proc"):
        if entry.name.isdigit():
            try:
                parents[int(entry.name)] = int(Path(entry.path, "stat").read_text().rpartition(")")[2].split()[1])
            except OSError:
                continue
    family = {root}
    while more := {child for child, parent in parents.items() if parent in family} - family:
        family |= more
    total = 0
    for one in family:
        try:
            total += int(Path(f"/proc/{one}/statm").read_text().split()[1])
        except OSError:
            continue
    return total * os.sysconf("SC_PAGE_SIZE") / 2**20


def main(words: Sequence[str]) -> None:
    """Measure, and print a table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--megabytes", type=float, default=50.0)
    parser.add_argument("--questions", action="store_true")
    wanted = parser.parse_args(words)
    if wanted.questions:
        from bench import kb_everyday, kb_questions

        kb_questions.print_table()
        kb_everyday.print_table()
        return
    with tempfile.TemporaryDirectory() as place:
        folder, home = Path(place, "documents"), Path(place, "home")
        size = made(folder, wanted.megabytes) / 1e6
        print(f"{'what':34} {'target':>12} {'measured':>22}")
        first = add(folder, home)
        told = first.told or {}
        _row("first adding", "", f"{first.seconds:.1f} s, {size / first.seconds:.2f} MB/s")
        _row("of that on processors", "", f"{first.cpu:.1f} s")
        _row("documents, passages", "", f"{told['added']:,}, {told['passages']:,}")
        _row("peak memory, all processes", "600 MiB", f"{first.peak:.0f} MiB")
        base = home / "memory" / "documents.db"
        _row("size of the base", "", f"{base.stat().st_size / 1e6:.0f} MB for {size:.0f} MB")
        again = add(folder, home)
        _row("again, nothing changed", "", f"{again.seconds:.1f} s, {(again.told or {})['unchanged']:,} unchanged")
        home = Path(place, "killed")
        add(folder, home, kill_at=told["added"] // 2)
        rest = add(folder, home)
        told = rest.told or {}
        _row("killed half way, again", "goes on", f"{told['unchanged']:,} kept, {told['added']:,} added")
        whole = told["unchanged"] + told["added"], told["passages"]
        same = whole == ((first.told or {})["added"], (first.told or {})["passages"])
        _row("whole in the end", "yes", "yes" if same else f"no: {whole}")


def _row(what: str, target: str, measured: str) -> None:
    print(f"{what:34} {target:>12} {measured:>22}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
