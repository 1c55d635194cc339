"""Many tools: does the prompt tell of those that a goal needs, and are the others found?

    python bench/tools.py [--missed] [--steps N]

The tools that come with thinkact and three hundred of made-up MCP servers (`tool_catalogue.py`), and 96 goals in
English and Chinese with the tools that each needs (`tool_goals.py`). For each goal the choice is made as a run makes
it. Told: of what is needed, so much stands in the prompt. Found: so much stands there, or in what `find_tools` gives
for the goal's own words; a model would search with better ones. Beside it the same with all tools sent.

Then a run of N steps through the real command line against a scripted endpoint, with the same tools, that finds and
calls one in every tenth step: how many bytes of each prompt repeat the last one, as it is sent, and as it would be if
each tool that is found joined the list of tools at once, which stands before all messages.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from agent.approval import Approval, Policy
from agent.goal import Goal
from agent.model import ToolDescription
from agent.offer import FOUND, Offer
from agent.opening.offering import make_offer, weight
from bench.endpoint import call_of
from bench.process import measured, run_words
from bench.prompt import common, text
from bench.tool_catalogue import plugins
from bench.tool_goals import HALVES, Goals
from plugins import Toolbox, built_in_plugins
from tests.scripted import ScriptedModel
from tests.server import Call, ChatServer, Reply

EVERY = 10
"""In so many steps a tool is found once and called once."""


@dataclass(frozen=True)
class Result:
    """What became of one goal: the tools that it needs, those of them that are told of, those that are found."""

    goal: str
    needed: Sequence[str]
    told: Sequence[str]
    found: Sequence[str]
    tokens: int


def offers(toolbox: Toolbox, goals: Goals) -> Iterator[Result]:
    """Make the choice for each goal all of whose tools there are."""
    approval = Approval(Policy())
    for goal, needed in goals:
        if not all(name in toolbox.tools for name in needed):
            continue
        offer = make_offer(Goal(goals=(goal,)), ScriptedModel([]), toolbox, approval)
        first = [one.name for one in offer.find(goal)[:FOUND]]
        told = [name for name in needed if name in offer.names]
        found = [name for name in needed if name in told or name in first]
        yield Result(goal, needed, told, found, _tokens(offer))


def _tokens(offer: Offer) -> int:
    return sum(map(weight, offer.told))


def tell(half: str, language: str, results: Sequence[Result], *, missed: bool) -> None:
    """A line of the table, and what was not told of."""
    needed = sum(len(one.needed) for one in results)
    told, found = sum(len(one.told) for one in results), sum(len(one.found) for one in results)
    tokens = sum(one.tokens for one in results) / len(results)
    print(f"| {half}, {language} | {len(results)} | {told / needed:.0%} | {found / needed:.0%} | {tokens:,.0f} |")
    for one in results if missed else ():
        if len(one.told) < len(one.needed):
            print(f"    {one.goal}: {', '.join(set(one.needed) - set(one.told))}, found {', '.join(one.found) or '-'}")


# -- the prefix of a run that finds tools


class Play:
    """The endpoint's part: files are written and read, and now and then a tool is found and called."""

    def __init__(self, steps: int) -> None:
        self._steps = steps
        self._names = [one.name for plugin in plugins() for one in plugin.tools]
        self.prompts: list[dict[str, Any]] = []
        self.found: list[tuple[int, str]] = []  # the request after which a tool was found, and its schema

    def reply(self, asked: dict[str, Any], _: int) -> Reply:
        """The next reply."""
        if not asked.get("tools"):
            return Reply(text="The parts so far were written and read again. " * 4)
        number = len(self.prompts)
        self.prompts.append(asked)
        if number < self._steps and number % EVERY in (3, 4):
            name = self._names[number // EVERY * 7 % len(self._names)]
            if number % EVERY == 3:
                return Reply(calls=[Call(name="find_tools", arguments={"query": name})])
            told = next(m["content"] for m in reversed(asked["messages"]) if m["role"] == "tool")
            self.found += [(number, line) for line in told.splitlines() if f'"name":"{name}"' in line]
            arguments = {"name": name, "arguments": {"id": "1"}}
            return Reply(calls=[Call(name="call_tool", arguments=arguments)])
        name, arguments = call_of(number, self._steps)
        return Reply(calls=[Call(name=name, arguments=arguments)])

    def as_sent(self) -> list[bytes]:
        """The prompts: tools, then messages."""
        return [(text(one["tools"]) + text(one["messages"])).encode() for one in self.prompts]

    def joined(self) -> list[bytes]:
        """The same, had each tool that was found joined the list at once."""
        made = []
        for number, one in enumerate(self.prompts):
            more = [json.loads(schema) for at, schema in self.found if at <= number]
            made.append((text([*one["tools"], *more]) + text(one["messages"])).encode())
        return made


def repeated(prompts: Sequence[bytes]) -> float:
    """The share of bytes that stood at the same place in the last prompt."""
    return sum(common(a, b) for a, b in pairwise(prompts)) / sum(map(len, prompts))


def tell_prefix(steps: int, window: int) -> None:
    """A run of so many steps."""
    play = Play(steps)
    with tempfile.TemporaryDirectory() as name, ChatServer(play.reply) as server:
        folder = Path(name)
        (folder / "home" / "plugins").mkdir(parents=True)
        (folder / "home" / "plugins" / "many.py").write_text(_plugin(), "utf-8")
        measured([*run_words(server.url, window=str(window)), "--yes", "--allow", "*"], folder)
    lists = len({text(one["tools"]) for one in play.prompts})
    print(f"{len(play.prompts) - 1} steps in a window of {window} tokens, {len(play.found)} tools found and called:")
    print(f"  bytes that repeat the last prompt: {repeated(play.as_sent()):.1%}, with {lists} lists of tools")
    print(f"  had each tool joined the list at once: {repeated(play.joined()):.1%}")


def _plugin() -> str:
    """The catalogue as a plugin's file."""
    lines = ["from plugins import Effect, tool"]
    for one in (tool for plugin in plugins() for tool in plugin.tools):
        taken = list(one.parameters["properties"])
        told = "\n".join(f"        {name}: The {name.replace('_', ' ')}." for name in taken)
        arguments = f"\n\n    Args:\n{told}\n    " if taken else ""
        typed = ", ".join(f"{name}: str = str()" for name in taken)
        lines += [f"@tool(effect=Effect.SEND)\ndef {one.name}({typed}) -> str:"]
        lines += [f'    """{one.description}{arguments}"""', '    return "done"', ""]
    return "\n".join(lines)


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description="Many tools.")
    parser.add_argument("--missed", action="store_true", help="list the goals some of whose tools are not told of")
    parser.add_argument("--steps", type=int, default=100, help="of the run whose prefix is looked at; 0: none")
    parser.add_argument("--window", type=int, default=16_000)
    arguments = parser.parse_args()
    toolbox = Toolbox([*built_in_plugins(), *plugins()])
    tell_choices(toolbox, missed=arguments.missed)
    if arguments.steps:
        tell_prefix(arguments.steps, arguments.window)


def tell_choices(toolbox: Toolbox, *, missed: bool) -> None:
    """The table of choices."""
    every = [ToolDescription(one["name"], one["description"], one["parameters"]) for one in toolbox.describe()]
    print(f"{len(toolbox.tools)} tools, {sum(map(weight, every)):,} tokens of schemas (estimated)")
    print("| goals | number | told | told or found at once | tokens told |")
    print("|---|---|---|---|---|")
    begun, number = time.perf_counter(), 0
    for half, languages in HALVES.items():
        for language, goals in languages.items():
            results = list(offers(toolbox, goals))
            number += len(results)
            tell(half, language, results, missed=missed)
    print(f"{(time.perf_counter() - begun) / number * 1000:.0f} ms a choice")


if __name__ == "__main__":
    main()
