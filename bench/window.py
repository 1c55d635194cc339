"""The window over a long run: 500 steps of some 500 tokens in 16k, beside two other ways of keeping a window.

    python bench/window.py [--steps N] [--window TOKENS] [--plot FILE.png]

thinkact's prompts are read off the wire: the real `thinkact run` asks a scripted endpoint that refuses what does not
fit. A second run, in a window without end, gives the history whole; from it the two others are made: "none" sends all
there is, "evict oldest" drops the oldest steps until the rest fits, as most agents do.

For each prompt: its tokens, and how many of its bytes stood at the same place in the prompt before, which is what a
cache can serve again. A fact that the third step brought and that was folded away is asked for at the last step: the
run looks for it with `recall`, and the endpoint checks that what comes back holds it. Last, the time that the window
itself takes at each step, measured in process over a history of so many steps.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.endpoint import WORDS
from bench.process import measured, run_words
from bench.prompt import common, make_counter, prompt_of, terminal, text
from memory.tokens import Counter
from memory.window import Step, fold
from tests.server import Call, ChatServer, Reply

GOAL = "Write every part of the Zanzibar ledger, and say at the end what the code of the red chest is."
FACT = "the red chest of Zanzibar opens with the code KX-4471"
FACT_STEP = 3
REPLY = 4_000
"""Tokens that those who drop the oldest keep free for the reply."""


@dataclass
class Trace:
    """What one policy sent: tokens and bytes of each prompt, and how many of the bytes repeat the one before."""

    tokens: list[int] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    repeated: list[int] = field(default_factory=list)
    last: bytes = b""

    def take(self, prompt: str, counter: Counter) -> None:
        """Another prompt."""
        sent = prompt.encode()
        self.tokens.append(counter.plain(prompt))
        self.sizes.append(len(sent))
        self.repeated.append(common(self.last, sent) if self.last else 0)
        self.last = sent

    @property
    def share(self) -> float:
        """The share of all bytes that repeat the prompt before."""
        return sum(self.repeated) / max(1, sum(self.sizes))


@dataclass
class Play:
    """The endpoint's part. Each step writes a file of some 400 tokens; the third brings the fact, the last but one
    asks for it."""

    steps: int
    counter: Counter
    trace: Trace = field(default_factory=Trace)
    summaries: int = 0
    found: bool = False
    told: bool = False
    history: list[dict[str, Any]] = field(default_factory=list)

    def size(self, body: bytes) -> int:
        """Tokens that a request wants room for: its prompt's, and the reply's."""
        asked = json.loads(body)
        return self.counter.plain(prompt_of(asked)) + int(asked.get("max_tokens") or 0)

    def reply(self, asked: dict[str, Any], _: int) -> Reply:
        """The next reply."""
        prompt = prompt_of(asked)
        counted = self.counter.plain(prompt)
        if not asked.get("tools"):
            self.summaries += 1
            said = "The parts so far were written as the goal asks; each was as it should be. " * 4
            return Reply(text=said, usage={"prompt_tokens": counted, "completion_tokens": 80})
        number = len(self.trace.tokens) + 1
        self.trace.take(prompt, self.counter)
        self.history = asked["messages"]
        if number == self.steps:
            # Is it in the prompt all the same? Then asking for it would prove nothing.
            self.told = "KX-4471" in prompt
        if number == self.steps + 1:
            self.found = any("KX-4471" in str(one["content"]) for one in asked["messages"][-3:])
        name, arguments = self._call(number)
        usage = {"prompt_tokens": counted, "completion_tokens": self.counter.plain(text(arguments))}
        return Reply(calls=[Call(name=name, arguments=arguments)], usage=usage)

    def _call(self, number: int) -> tuple[str, dict[str, Any]]:
        if number > self.steps:
            return "finish", {"answer": "The red chest opens with KX-4471." if self.found else "It was not found."}
        if number == self.steps:
            return "recall", {"query": "code of the red chest of Zanzibar"}
        if number == FACT_STEP:
            return "read_file", {"path": "chest.txt"}
        lines = "".join(f"{number}.{line} {WORDS}\n" for line in range(13))
        return "write_file", {"path": f"part-{number % 7}.txt", "content": lines}


def ours(steps: int, window: int, counter: Counter, *, limit: int | None) -> tuple[Play, int]:
    """A run of thinkact through the process; what it sent, and how many of its prompts were refused."""
    acted = Play(steps, counter)
    with (
        tempfile.TemporaryDirectory() as folder,
        terminal() as stdin,
        ChatServer(acted.reply, limit_tokens=limit, count=acted.size) as server,
    ):
        chest = Path(folder) / "workspace" / "chest.txt"
        chest.parent.mkdir()
        # Long enough that no summary keeps it whole, and the fact far from its beginning.
        chest.write_text(f"{'An old list of boats. ' * 60}\nNote: {FACT}.\n{'More boats. ' * 60}", "utf-8")
        words = [*run_words(server.url, window=str(window), goal=GOAL), "--yes", "--max-steps", str(steps + 5)]
        words += ["--max-tokens", "1000M", "--max-model-calls", str(steps * 2), "--max-time", "1h"]
        measured(words, Path(folder), stdin=stdin)
        refused = len(server.requests) - len(acted.trace.tokens) - acted.summaries
    return acted, refused


def without_folding(history: Sequence[dict[str, Any]], tools: str, counter: Counter, *, most: int | None) -> Trace:
    """What is sent by who drops the oldest steps until `most` tokens are left, or, with None, by who drops nothing."""
    head, tail = history[:2], history[-1]
    steps: list[list[dict[str, Any]]] = []
    for message in history[2:-1]:
        if message["role"] == "assistant":
            steps.append([])
        steps[-1].append(message)
    wires = [",".join(text(one) for one in step) for step in steps]
    sizes = [counter.plain(wire) for wire in wires]
    first, last = tools + text(head)[:-1], "," + text(tail)
    fixed = counter.plain(first) + counter.plain(last)
    trace = Trace()
    for count in range(len(steps) + 1):
        start = 0
        while most is not None and fixed + sum(sizes[start:count]) > most:
            start += 1
        trace.take("".join([first, *(f",{wire}" for wire in wires[start:count]), last]), counter)
    return trace


def own_time(steps: int, window: int) -> tuple[float, float]:
    """Milliseconds that the decision takes at a step, median and largest, while a run of so many steps goes on."""
    kept: list[Step] = []
    head, summary, times = 3_000, 0, []
    for number in range(steps):
        kept.append(Step(tokens=500, results=(400,)))
        started = time.perf_counter()
        found = fold(head=head, summary=summary, steps=kept, tail=120, window=window, reply=REPLY, reserve=800)
        times.append((time.perf_counter() - started) * 1000)
        if found is not None and number:
            kept, summary = kept[found.steps :], 800
    return median(times), max(times)


def draw(file: Path, traces: dict[str, Trace], window: int) -> None:
    """The two plots: tokens of each prompt, and the share of its bytes that repeats the one before."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 3.6), layout="constrained")
    left, right = figure.subplots(1, 2)
    for name, trace in traces.items():
        left.plot(trace.tokens, label=name, linewidth=1)
        shares = [same / size for same, size in zip(trace.repeated, trace.sizes, strict=True)]
        width = 20
        smooth = [
            sum(shares[max(0, n - width) : n + 1]) / len(shares[max(0, n - width) : n + 1]) for n in range(len(shares))
        ]
        right.plot(smooth, label=f"{name}: {trace.share:.0%} in all", linewidth=1)
    left.axhline(window, color="grey", linestyle=":", linewidth=1)
    left.set(xlabel="step", ylabel="tokens of the prompt", ylim=(0, window * 1.6), title="What is sent")
    right.set(
        xlabel="step", ylabel="share of bytes (mean of 20 steps)", ylim=(0, 1.02), title="What a cache can repeat"
    )
    left.legend(fontsize=8)
    right.legend(fontsize=8, loc="lower right")
    file.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(file, dpi=110)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description="The window over a long run.")
    parser.add_argument("--steps", type=int, default=500)
    parser.add_argument("--window", type=int, default=16_000)
    parser.add_argument("--plot", type=Path)
    given = parser.parse_args()
    counter = make_counter()
    acted, refused = ours(given.steps, given.window, counter, limit=given.window)
    whole, _ = ours(given.steps, 100_000_000, counter, limit=None)
    tools = whole.trace.last.decode().partition('[{"role"')[0]
    traces = {
        "thinkact": acted.trace,
        "evict oldest": without_folding(whole.history, tools, counter, most=given.window - REPLY),
        "none": whole.trace,
    }
    print(f"{given.steps} steps of some 500 tokens in a window of {given.window}:")
    drops = sum(after < before for before, after in pairwise(acted.trace.tokens))
    print(f"  refused: {refused} (target: 0); largest prompt {max(acted.trace.tokens)} tokens")
    print(f"  foldings: {drops} (target: at most 32), {acted.summaries} of them by a model")
    hidden = "in the last prompt all the same" if acted.told else "not in the prompt before"
    print(f"  the fact of step {FACT_STEP}, {hidden}: {'recalled' if acted.found else 'NOT FOUND'}")
    for name, trace in traces.items():
        print(
            f"  {name:13} {trace.share:6.1%} of bytes repeat the prompt before (target for thinkact: 90%), "
            f"{sum(trace.tokens):,} tokens in all, largest {max(trace.tokens):,}"
        )
    middle, most = own_time(given.steps, given.window)
    print(f"  the decision itself: {middle:.3f} ms a step, {most:.3f} at most (target: 1 ms)")
    print(f"  tokens are counted {'by o200k' if counter.exact else 'by the estimate of memory/tokens.py'}")
    if given.plot:
        draw(given.plot, traces, given.window)


if __name__ == "__main__":
    main()
