"""What is sent: the fixed part of the prompt, and 200 steps in a window of 16k.

    python bench/prompt.py [--steps N] [--window TOKENS]

Everything is read off the wire: the real `thinkact run` asks a scripted endpoint that keeps every body and refuses, as
OpenAI does, what does not fit its window together with the reply that was asked for. Beside it the openai SDK in a
loop, which sends all there is: where it would be refused, and what it would have sent in a window without end.

Tokens are o200k's where its vocabulary is at hand (tiktoken's cache), else thinkact's own estimate, which errs
upwards; the last line says which. They are counted over the JSON of tools and messages, as no server tells how it
writes them out.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
from bisect import bisect_left
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from bench.endpoint import call_of, code
from bench.process import measured, run_words
from memory.tokens import Counter, load_encoding
from tests.server import Call, ChatServer, Reply

GOAL = "Write every part of the Zanzibar ledger, read it again, and say when all of it is there."
MARK = "Zanzibar ledger"
FIXED = (
    *("read_file", "write_file", "edit_file", "list_files", "search_files", "move_file", "delete_file"),
    *("summarize_file", "read_artifact", "remember", "recall", "ask_user", "finish"),
)
"""The file, memory and ask tools, and what goes with them."""


def make_counter() -> Counter:
    """o200k where it is at hand, else the estimate."""
    cache = os.environ.get("TIKTOKEN_CACHE_DIR")
    return Counter(load_encoding("gpt-4o", cache=Path(cache) if cache else None))


def text(value: object) -> str:
    """JSON as it goes over the wire."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def prompt_of(body: dict[str, Any]) -> str:
    """Tools and messages: what a model reads, in the order in which it is sent."""
    return text(body.get("tools", [])) + text(body["messages"])


@dataclass(frozen=True)
class Sent:
    """What a client sent. `thoughts` are the prompts with tools, `others` those without, `refused` how many did not
    fit; `tokens` are those of each prompt that was answered, replies included."""

    thoughts: Sequence[str]
    others: Sequence[str]
    refused: int
    tokens: Sequence[int]

    def repeated(self, *, others: bool) -> float:
        """The share of bytes that stood at the same place in the last thought's prompt; with `others`, of which
        nothing is repeated, of all that was sent."""
        whole = sum(len(one.encode()) for one in (*self.thoughts, *(self.others if others else ())))
        return sum(common(a.encode(), b.encode()) for a, b in pairwise(self.thoughts)) / whole


def common(first: bytes, second: bytes) -> int:
    """How many bytes two texts begin with alike."""
    limit = min(len(first), len(second))
    return bisect_left(range(1, limit + 1), True, key=lambda size: first[:size] != second[:size])


class Play:
    """The endpoint's part: the script of bench/endpoint.py, and a summary where one is asked for."""

    def __init__(self, steps: int, counter: Counter) -> None:
        self._steps = steps
        self._counter = counter
        self.thoughts: list[str] = []
        self.others: list[str] = []
        self.tokens: list[int] = []

    def size(self, body: bytes) -> int:
        """Tokens that a request wants room for: its prompt's, and the reply's."""
        asked = json.loads(body)
        return self._counter.plain(prompt_of(asked)) + int(asked.get("max_tokens") or 0)

    def reply(self, asked: dict[str, Any], _: int) -> Reply:
        """The next reply."""
        prompt = prompt_of(asked)
        if asked.get("tools"):
            name, arguments = call_of(len(self.thoughts), self._steps)
            answer = Reply(calls=[Call(name=name, arguments=arguments)])
            self.thoughts.append(prompt)
            made = text(arguments)
        else:
            made = "The parts so far were written and read again as the goal asks; each was as it should be. " * 4
            answer = Reply(text=made)
            self.others.append(prompt)
        counted = self._counter.plain(prompt), self._counter.plain(made)
        self.tokens.append(sum(counted))
        return Reply(
            text=answer.text,
            calls=answer.calls,
            usage={"prompt_tokens": counted[0], "completion_tokens": counted[1]},
        )


def play(words: Callable[[ChatServer], list[str]], steps: int, counter: Counter, *, window: int | None) -> Sent:
    """Let a client go through its steps against an endpoint with a window (None: without end)."""
    acted = Play(steps, counter)
    with (
        tempfile.TemporaryDirectory() as folder,
        terminal() as stdin,
        ChatServer(acted.reply, limit_tokens=window, count=acted.size) as server,
    ):
        measured(words(server), Path(folder), stdin=stdin)
        refused = len(server.requests) - len(acted.tokens)
    return Sent(acted.thoughts, acted.others, refused, acted.tokens)


@contextmanager
def terminal() -> Iterator[int]:
    """Something on stdin that a person could sit at, so that the tool that asks the person is told of too."""
    try:
        import pty
    except ImportError:  # Windows
        yield subprocess.DEVNULL
        return
    mine, theirs = pty.openpty()
    try:
        yield theirs
    finally:
        os.close(mine)
        os.close(theirs)


def tell_fixed(first: str, counter: Counter) -> None:
    """The fixed part of a prompt, by what it is made of."""
    decoder = json.JSONDecoder()
    tools, end = decoder.raw_decode(first)
    messages = json.loads(first[end:])
    sizes = {one["function"]["name"]: counter.plain(text(one)) for one in tools}
    system = sum(counter.plain(text(one)) for one in messages if one["role"] == "system")
    rest = sum(counter.plain(text(one)) for one in messages if one["role"] != "system")
    fixed = {name: size for name, size in sizes.items() if name in FIXED}
    letters = sum(len(text(one)) for one in tools if one["function"]["name"] in FIXED)
    print(f"fixed prompt: {system + sum(fixed.values())} tokens (target: 1500), the system message {system} of them")
    print(f"  the tools are {letters} letters of JSON")
    print("  " + ", ".join(f"{name} {size}" for name, size in sorted(fixed.items(), key=lambda one: -one[1])))
    if missing := [name for name in FIXED if name not in sizes]:
        print(f"  not told of here: {', '.join(missing)}")
    if others := [name for name in sizes if name not in FIXED]:
        print(f"  told of beside them: {', '.join(others)}, {sum(sizes[name] for name in others)} tokens")
    print(f"  goal and state add {rest}")


def tell_window(ours: Sent, bare: Sent, window: int) -> None:
    """How a long run fits a small window."""
    marked = sum(MARK in prompt for prompt in ours.thoughts)
    steps = len(ours.thoughts) - 1
    print(f"{steps} steps in a window of {window} tokens:")
    print(f"  refused: {ours.refused} (target: 0)")
    print(f"  prompts with the goal: {marked} of {len(ours.thoughts)} (target: all)")
    shares = f"{ours.repeated(others=False):.1%}, {ours.repeated(others=True):.1%} with the summaries"
    print(f"  bytes that repeat the last prompt: {shares} (target: 92%)")
    total, all_ = sum(ours.tokens), sum(bare.tokens)
    print(f"  tokens in all: {total:,} (target: 1,800,000), {len(ours.others)} summaries included")
    dies = next((number for number, size in enumerate(bare.tokens, 1) if size > window), None)
    told = f"is refused at request {dies}" if dies else "is never refused"
    print(f"  the SDK in a loop {told}; in a window without end it sends {all_:,} tokens,")
    print(f"  {all_ / total:.1f} times as many, of whose bytes {bare.repeated(others=True):.1%} repeat the last prompt")


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description="What is sent.")
    parser.add_argument("--steps", type=int, default=200)
    parser.add_argument("--window", type=int, default=16_000)
    arguments = parser.parse_args()
    counter = make_counter()

    def thinkact(server: ChatServer) -> list[str]:
        return run_words(server.url, window=str(arguments.window), goal=GOAL)

    def unasked(server: ChatServer) -> list[str]:
        return [*thinkact(server), "--yes"]

    def sdk(server: ChatServer) -> list[str]:
        return [sys.executable, code("bare.py"), "sdk", str(server.port)]

    tell_fixed(play(thinkact, 0, counter, window=None).thoughts[0], counter)
    ours = play(unasked, arguments.steps, counter, window=arguments.window)
    bare = play(sdk, arguments.steps, counter, window=None)
    tell_window(ours, bare, arguments.window)
    print("tokens are counted " + ("by o200k" if counter.exact else "by the estimate of memory/tokens.py"))


if __name__ == "__main__":
    main()
