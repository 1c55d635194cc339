"""What looking back costs: `runs list` over many runs, `runs show` of a long one, beside `--help`.

The runs are made on a file system in memory where there is one. The figures are whole processes, start included.
"""

from __future__ import annotations

import argparse
import shutil
import statistics
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from agent.events import (  # noqa: E402  (found by the line above)
    FileChange,
    FileState,
    Finished,
    Observed,
    RunStarted,
    Thought,
    ToolCall,
    ToolStarted,
    Usage,
    Verdict,
)
from agent.runs import Run, new_id  # noqa: E402
from bench.process import measured  # noqa: E402

DAY = 86_400
COMMANDS = {
    "--help": ["--help"],
    "runs list": ["runs", "list"],
    "runs list --json": ["runs", "list", "--json"],
    "runs show": ["runs", "show", "last"],
    "runs show --json": ["runs", "show", "last", "--json"],
    "runs stats": ["runs", "stats"],
}


def main() -> None:
    """Make the runs, measure, print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=2000)
    parser.add_argument("--steps", type=int, default=1000, help="of the last run; the others have 10")
    parser.add_argument("--rounds", type=int, default=7)
    wanted = parser.parse_args()
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(prefix="bench-", dir=memory if memory.is_dir() else None) as folder:
        place = Path(folder)
        make(place / "home" / "runs", runs=wanted.runs, steps=wanted.steps)
        print(f"{wanted.runs} runs of 10 steps, the last of {wanted.steps}; ms a process, median of {wanted.rounds}")
        for name, words in COMMANDS.items():
            print(f"{name:18} {1000 * median_seconds(words, place, wanted.rounds):7.0f}")


def median_seconds(words: list[str], place: Path, rounds: int) -> float:
    """How long a command takes, start included."""
    command = [sys.executable, "-m", "agent", *words]
    return statistics.median(measured(command, place).seconds for _ in range(rounds))


def make(folder: Path, *, runs: int, steps: int) -> None:
    """Many short runs, copies of one, and a long one that is the newest."""
    folder.mkdir(parents=True)
    short, now = made(folder, 10), time.time()
    for number in range(runs - 2):
        shutil.copytree(short, folder / new_id(now - DAY - number))
    short.rename(folder / new_id(now - 2 * DAY))
    made(folder, steps)


def made(runs: Path, steps: int) -> Path:
    """A run of so many steps, each of which writes a file; its folder."""
    with Run.create(runs) as run:
        run.record(
            RunStarted(
                run_id=run.id,
                goal={"goals": ["Write the parts."]},
                source=None,
                model="scripted",
                workspace="/workspace",
                namespace="default",
                unattended=True,
                tools=("write_file",),
                thinkact="bench",
            )
        )
        for number in range(1, steps + 1):
            step(run, number)
        run.record(Finished(state="reached", answer="done", reason="nothing was checked"))
        return run.folder


def step(run: Run, number: int) -> None:
    """One step: a thought, and its call with verdict, intent and result."""
    call, path = f"c{number}", f"part-{number}.md"
    arguments = {"path": path, "content": "The tide comes and goes. " * 32}
    wish = ToolCall(id=call, tool="write_file", arguments=arguments)
    usage = Usage(prompt_tokens=900, completion_tokens=90, usd=0.001)
    run.record(Thought(text="I write the next part.", calls=(wish,), usage=usage, model="scripted", step=number))
    run.record(Verdict(call=call, decision="allow", by="policy", reason="it writes in the workspace"))
    run.record(
        ToolStarted(
            call=call,
            tool="write_file",
            arguments=arguments,
            arguments_hash="0" * 32,
            effect="write",
            before=(FileState(path=path, sha256=None),),
            after={path: "0" * 64},
        )
    )
    change = FileChange(path=path, change="created", bytes=800, sha256="0" * 64)
    run.record(Observed(call=call, tool="write_file", ok=True, text="created", files=(change,)))


if __name__ == "__main__":
    main()
