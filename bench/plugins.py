"""What plugins cost: a call of a tool through the contract, and loading a folder of fifty.

    python bench/plugins.py [--calls N] [--rounds N]

The tool does nothing, so all of its time is the contract's: the arguments fitted, a hook asked, a thread, the context
behind its gate, the result made an observation. Beside it stands the function itself. The fifty plugins have two tools
and a hook each and import heavy packages where they need them, inside their functions; each round loads them in a
process of its own, with what Python has compiled of them before, beside fifty bare modules of the same names, and
beside a folder with no plugin. "Loading" is that alone; "the whole process" has the start of Python and the import of
thinkact's own rooms in it. The first time, when they are tried in a process of their own, is told apart. The fastest of
all rounds and the CPU time are told beside the median: other work on the machine disturbs them least.
"""

from __future__ import annotations

import argparse
import json
import queue
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from plugins import Context, Effect, Observation, Plugin, Prepared, Toolbox, WorkspacePath, before_call, tool  # noqa: E402
from plugins.testing import Trial  # noqa: E402

CALL, LOADING = 0.2, 150  # ms that are allowed
HEAVY = ("numpy", "chromadb", "openai", "lxml", "httpx2", "tiktoken", "pypdf", "jsonschema", "importlib.metadata")
PLUGIN = '''\
"""Plugin {number}."""

from typing import Literal

from plugins import Context, Effect, ToolError, WorkspacePath, before_call, tool


@tool(effect=Effect.READ, repeatable=True, aliases=["look {number}", "看{number}"])
def look_{number}(path: WorkspacePath, how: Literal["slow", "fast"] = "slow", *, context: Context) -> list[str]:
    """Look at a file.

    Args:
        path: The file.
        how: In which way.
    """
    import numpy
    import openai

    return [str(numpy), str(openai), path, how]


@tool(effect=Effect.WRITE)
def put_{number}(path: WorkspacePath, lines: list[str], count: int = 1, *, context: Context) -> str:
    """Put lines into a file.

    Args:
        path: The file.
        lines: The lines.
        count: How often.
    """
    import lxml.etree

    return str(lxml.etree)


@before_call
def guard(name: str, arguments: dict[str, object]) -> None:
    """Let all pass."""
'''
LOAD = """
import json, sys, time
from pathlib import Path
from plugins import load_plugins
import importlib.util
folder = Path(sys.argv[1])
before = set(sys.modules)
began, cpu = time.perf_counter(), time.process_time()
if sys.argv[2] != "modules":
    loaded = load_plugins(folder, entry_points=False, tried=folder.parent / "tried.json")
    assert all(one.fault is None and len(one.tools) == 2 for one in loaded), loaded
else:
    loaded = sorted(folder.glob("*.py"))
    for file in loaded:
        spec = importlib.util.spec_from_file_location(file.stem, file)
        module = importlib.util.module_from_spec(spec)
        sys.modules[file.stem] = module
        spec.loader.exec_module(module)
took = [time.perf_counter() - began, time.process_time() - cpu]
assert len(loaded) == int(sys.argv[3]), len(loaded)
print(json.dumps([took, sorted(set(sys.modules) - before)]))
"""


@tool(effect=Effect.READ, repeatable=True)
def nothing(path: WorkspacePath, words: list[str], count: int = 1, *, context: Context) -> dict[str, int]:  # noqa: ARG001
    """Do nothing.

    Args:
        path: A file.
        words: Some words.
        count: How often.
    """
    return {"count": count}


@before_call
def let_pass(name: str, arguments: dict[str, object]) -> None:
    """Let all pass."""


def calls(count: int, trial: Trial, *, hook: bool) -> tuple[list[float], list[float]]:
    """The seconds of calls through the contract and of the bare function, sorted."""
    hooks = (let_pass,) if hook else ()
    box = Toolbox([Plugin(name="bench", origin="bench", tools=(nothing,), before_call=hooks)])
    arguments = {"path": "a/b.txt", "words": ["one", "two"], "count": "3"}
    whole, bare = [], []
    came: queue.SimpleQueue[Observation] = queue.SimpleQueue()
    for _ in range(count):
        context = trial.context
        began = time.perf_counter()
        prepared = box.prepare("nothing", arguments, trial.files)
        assert isinstance(prepared, Prepared)
        box.start(prepared, context, cut=16_000, done=came.put)
        assert came.get().ok
        whole.append(time.perf_counter() - began)
        began = time.perf_counter()
        nothing(WorkspacePath("a/b.txt"), ["one", "two"], 3, context=context)
        bare.append(time.perf_counter() - began)
    return sorted(whole), sorted(bare)


def tenth(values: list[float]) -> float:
    """The time in ms that nine of ten stay above: what little disturbs."""
    return values[len(values) // 10] * 1000


def loading(folder: Path, kind: str, count: int) -> tuple[tuple[float, float, float], list[str]]:
    """Seconds that loading took in a process of its own, by the clock and of CPU, and those of the whole process; and
    the modules that came with it."""
    began = time.perf_counter()
    ended = subprocess.run(
        [sys.executable, "-c", LOAD, str(folder), kind, str(count)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    whole = time.perf_counter() - began
    took, modules = json.loads(ended.stdout)
    return (took[0], took[1], whole), modules


def row(name: str, values: list[float]) -> str:
    """A line of the table: the fastest and the median, in ms."""
    return f"{name:<46}{min(values) * 1000:>10.1f}{statistics.median(values) * 1000:>10.1f}"


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description="What plugins cost.")
    parser.add_argument("--calls", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=9)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with Trial(folder / "desk") as trial:
            calls(100, trial, hook=True)  # warm
            times = {"a call through the contract": calls(given.calls, trial, hook=False)}
            times["a call that a hook sees"] = calls(given.calls, trial, hook=True)
        places = {kind: folder / kind / "plugins" for kind in ("plugins", "modules", "none")}
        for place in places.values():
            place.mkdir(parents=True)
        for number in range(50):
            name = f"bench_{number}.py"
            (places["plugins"] / name).write_text(PLUGIN.format(number=number), "utf-8")
            (places["modules"] / name).write_text(f'"""Module."""\n\nNAME = "module {number}"\n', "utf-8")
        first = loading(places["plugins"], "plugins", 50)[0][0]
        found: dict[str, list[tuple[float, float, float]]] = {kind: [] for kind in places}
        heavy: set[str] = set()
        for number in range(given.rounds + 1):
            for kind, place in places.items():
                took, modules = loading(place, kind, 0 if kind == "none" else 50)
                if number:  # the first round compiles them
                    found[kind].append(took)
                    heavy |= {one for one in modules if one in HEAVY}
    print(f"{'ms':<32}{'tenth':>10}{'median':>10}")
    for name, (whole, _) in times.items():
        print(f"{name:<32}{tenth(whole):>10.4f}{statistics.median(whole) * 1000:>10.4f}")
    whole, bare = times["a call through the contract"]
    print(f"{'the function itself':<32}{tenth(bare):>10.4f}{statistics.median(bare) * 1000:>10.4f}")
    clock, cpu, process = ({kind: [one[at] for one in values] for kind, values in found.items()} for at in range(3))
    print(f"{'ms':<46}{'fastest':>10}{'median':>10}")
    print(row("loading 50 plugins, 100 tools", clock["plugins"]))
    print(row("  of it CPU", cpu["plugins"]))
    print(row("loading 50 bare modules", clock["modules"]))
    print(row("the whole process, with 50 plugins", process["plugins"]))
    print(row("the whole process, with none", process["none"]))
    print(row("loading 50 plugins the first time", [first]))
    costs = (statistics.median(whole) - statistics.median(bare)) * 1000
    print(f"heavy packages that they loaded: {', '.join(sorted(heavy)) or 'none'}")
    print(f"a call costs {costs:.3f} ms (target: {CALL})")
    print(f"50 plugins take {statistics.median(clock['plugins']) * 1000:.0f} ms (target: {LOADING})")


if __name__ == "__main__":
    main()
