"""Many tools: does the prompt tell of those that a goal needs, and are the others found?

    python bench/tools.py [--missed] [--steps N]

The tools that come with thinkact and three hundred of made-up MCP servers (`tool_catalogue.py`), and 96 goals in
English and Chinese with the tools that each needs (`tool_goals.py`). For each goal the choice is made as a run makes
it. Told: of what is needed, so much stands in the prompt. Found: so much stands there, or in what `find_tools` gives
for the goal's own words; a model would search with better ones. Beside it the same with all tools sent.

Then a run of N steps through the real command line against a scripted endpoint, with a plugin of sixty tools, that
finds and calls a tool now and then: how many bytes of each prompt repeat the last one, as it is sent, and as it would
be if each tool that is found joined the list of tools at once.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from agent.approval import Approval, Policy
from agent.goal import Goal
from agent.model import ToolDescription
from agent.offer import FOUND, Offer
from agent.opening.offering import make_offer, weight
from bench.tool_catalogue import plugins
from bench.tool_goals import HALVES, Goals
from plugins import Toolbox, built_in_plugins
from tests.scripted import ScriptedModel


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
    for text, needed in goals:
        if not all(name in toolbox.tools for name in needed):
            continue
        offer = make_offer(Goal(goals=(text,)), ScriptedModel([]), toolbox, approval)
        first = [one.name for one in offer.find(text)[:FOUND]]
        told = [name for name in needed if name in offer.names]
        found = [name for name in needed if name in told or name in first]
        yield Result(text, needed, told, found, _tokens(offer))


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


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description="Many tools.")
    parser.add_argument("--missed", action="store_true", help="list the goals some of whose tools are not told of")
    arguments = parser.parse_args()
    toolbox = Toolbox([*built_in_plugins(), *plugins()])
    every = [ToolDescription(one["name"], one["description"], one["parameters"]) for one in toolbox.describe()]
    print(f"{len(toolbox.tools)} tools, {sum(map(weight, every)):,} tokens of schemas (estimated)")
    print("| goals | number | told | told or found at once | tokens told |")
    print("|---|---|---|---|---|")
    begun, number = time.perf_counter(), 0
    for half, languages in HALVES.items():
        for language, goals in languages.items():
            results = list(offers(toolbox, goals))
            number += len(results)
            tell(half, language, results, missed=arguments.missed)
    print(f"{(time.perf_counter() - begun) / number * 1000:.0f} ms a choice")


if __name__ == "__main__":
    main()
