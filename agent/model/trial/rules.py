"""The trial of the offline model, which asks nobody: it is given a goal and a tool, and must make the right call."""

from __future__ import annotations

import time

from agent.goal import Goal
from agent.model import Message, Request, ToolDescription
from agent.model.offline_model import WINDOW, OfflineModel
from agent.model.trial.finding import Finding, Report
from agent.model.windows import Window

__all__ = ["try_rules"]

_GOAL = "Read notes.txt"
_READ = ToolDescription(
    name="read_file",
    description="Read a file.",
    parameters={"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]},
    aliases=("read",),
    effect="read",
)


def try_rules() -> Report:
    """Try the offline model: what a language model is asked for makes no sense here, but for the calls of tools."""
    began = time.monotonic()
    thinking = OfflineModel(Goal(goals=(_GOAL,))).think(Request(messages=(Message("user", _GOAL),), tools=(_READ,)))
    while True:
        try:
            next(thinking)
        except StopIteration as end:
            calls = end.value.calls
            break
    works = [(call.tool, dict(call.arguments)) for call in calls] == [("read_file", {"path": "notes.txt"})]
    tools = Finding(
        name="tool calls",
        outcome="passed" if works else "failed",
        detail="by rules that match the words of the goal with the tools",
        way="native",
        seconds=time.monotonic() - began,
    )
    return Report(
        works=works,
        findings=(tools, Finding(name="window", outcome="passed")),
        window=Window(WINDOW, "the rules, which read everything"),
    )
