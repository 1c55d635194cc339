"""`thinkact run --dry-run`: what a run would begin with, and what it may cost, told before anything is done."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from rich.console import Console

from agent.cli.forecast import forecast
from agent.cli.listening import doubts
from agent.cli.output import Output
from agent.cli.rehearsing import rehearsal
from agent.cli.saying import say
from agent.cli.session import meant
from agent.cli.streams import own_stdout
from agent.cli.terminals import is_terminal
from agent.errors import UsageError
from agent.goal import Goal
from agent.history import FIND
from agent.opening.flags import Flags
from agent.opening.work import wanted_first
from agent.quantities import write_duration
from agent.screen import folded
from agent.settings import Settings
from agent.spending import counted, dollars
from agent.terminal import json_line, neutral, plain

TITLE = "Dry run: no model and no tool is called, nothing is written."
_EACH = 24
"""So many tools that are to be found are told of in a line each."""
_WIDE = 11
"""Columns of the words that stand before what is told."""
_WORDS = frozenset(
    ("model", "endpoint", "key", "fallback", "workspace", "memory", "limits", "window", "price", "stops")
)


def run_dry(goal: str | Goal, inputs: tuple[str, ...], flags: Flags) -> int:
    """Tell what `thinkact run` with these words would begin with; the exit code: 0, or 6 where the model's window is
    too small for it.

    Raises:
        ThinkactError: the run could not begin.
    """
    if flags.output == "stream-json":
        raise UsageError("--dry-run has no events to stream", hint="--output json prints one object")
    sys.dont_write_bytecode = True  # of plugins, beside them
    with own_stdout():
        stdout = sys.stdout
        with redirect_stdout(sys.stderr):
            settings = Settings.load(cwd=Path.cwd(), take_keys=True)
            wanted = wanted_first(meant(goal, inputs, settings), flags, settings)
            with rehearsal(wanted) as found:
                report = forecast(found)
            for doubt in doubts(found.toolbox, wanted):
                say(doubt)
        with redirect_stdout(stdout), Output.open(flags.output, flags.file) as output:
            if flags.output == "json":
                output.put(json_line(report))
            else:
                width = Console(file=stdout).width if is_terminal(stdout) and flags.file is None else None
                output.put("\n".join(_folded(_lines(report), width)))
    return 6 if found.stopped is not None and found.stopped.state == "model" else 0


def _lines(report: Mapping[str, Any]) -> Iterator[str]:
    """The report for people, every foreign text neutralised."""
    yield TITLE
    yield ""
    yield from _heads(report)
    if report["stops"] is not None:
        yield _row("stops", f"before its first call, which cannot be made: {report['stops']['reason']}")
    yield ""
    yield from _tools(report["tools"])
    yield ""
    yield "Checks" if report["checks"] else "Checks: none; any answer counts whose claimed files are there"
    for one in report["checks"]:
        stands = {True: "passes now", False: "fails now", None: "open"}[one["passed"]]
        advice = "" if one["required"] else ", not required"
        yield f"  {stands}: {plain(one['name'])} ({plain(one['detail'])}{advice})"
    for message in report["messages"]:
        yield ""
        yield f"Prompt, {message['role']}"
        yield from (f"  │ {line}" for line in neutral(message["content"]).split("\n"))


def _tools(tools: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """A line for each tool; those that are to be found come after the others, by name alone where they are many."""
    yield "Tools"
    found = [one for one in tools if one["found"]]
    for one in tools:
        if not one["found"]:
            yield f"  {_ruled(one)}{'' if one['offered'] else ' · not offered'}"
    if not found:
        return
    yield f"To be found with {FIND} ({len(found)})"
    if len(found) <= _EACH:
        yield from (f"  {_ruled(one)}" for one in found)
    else:
        yield f"  {', '.join(plain(one['name']) for one in found)}"


def _ruled(tool: Mapping[str, Any]) -> str:
    return f"{plain(tool['name'])} · {tool['effect']} · {tool['ruling']}: {plain(tool['reason'])}"


def _row(word: str, text: str) -> str:
    return f"{word:<{_WIDE}}{plain(text)}"


def _heads(report: Mapping[str, Any]) -> Iterator[str]:
    model, window, memory = report["model"], report["window"], report["memory"]
    yield _row("model", f"{model['name']}: {model['why']}")
    if model["endpoint"] is not None:
        yield _row("endpoint", f"{model['endpoint']}: {model['endpoint_why']}")
        yield _row("key", model["key"] or "none is sent")
    if model["fallback"]:
        yield _row("fallback", ", ".join(model["fallback"]))
    made = "" if report["workspace"]["there"] else " (not there yet; a run makes it)"
    yield _row("workspace", f"{report['workspace']['path']}{made}")
    if memory["namespace"] is None:
        yield _row("memory", "off")
    else:
        yield _row("memory", f"{memory['namespace']}, {counted(len(memory['notes']), 'note')} recalled")
    yield _row("limits", " · ".join(_limit(name, one) for name, one in report["limits"].items()))
    known = {"stated": "as stated", "known": "as is known of this model", "assumed": "assumed, until it is learned"}
    yield _row("window", f"{window['tokens']:,} tokens, {known[window['origin']]}; {window['reply']:,} for the reply")
    yield from _costs(report["tokens"], report["price"], report["limits"])


def _costs(tokens: Mapping[str, Any], price: Mapping[str, Any], limits: Mapping[str, Any]) -> Iterator[str]:
    whole = tokens["prompt"]
    yield _row("prompt", f"about {whole:,} tokens")
    for name, part in tokens["parts"].items():
        if part:
            yield _row("", f"{name:<8}{part:>7,} {part / whole:>4.0%}")
    if price["first_call"] is None:
        limit = limits["usd"]["value"]
        holds = f": the limit of {dollars(limit)} does not hold, that on tokens does" if limit else ""
        yield _row("price", f"not known for this model{holds}")
    elif price["first_call_most"] == 0:
        yield _row("price", "nothing where this model is asked")
    else:
        first, most, run = (dollars(price[name]) for name in ("first_call", "first_call_most", "run_most"))
        yield _row("price", f"first call {first}, with the longest reply {most}; the whole run at most {run}")


def _limit(name: str, limit: Mapping[str, Any]) -> str:
    value, origin = limit["value"], limit["origin"]
    words = name.replace("_", " ")
    if name == "usd":
        shown = dollars(value) if value else "no limit on money"
    elif name == "time":
        shown = write_duration(value)
    else:
        shown = f"{value:,} {words}" if "." not in name else f"{value:,} calls of {name.partition('.')[2]}"
    return f"{shown} ({origin})"


def _folded(lines: Iterator[str], width: int | None) -> Sequence[str]:
    """Lines as a terminal of this width shows them; as they are where it is None."""
    if width is None:
        return list(lines)
    return [piece for line in lines for piece in folded(line, width, _frame(line, width))]


def _frame(line: str, width: int) -> str:
    if line.startswith("  │ "):
        return "  │ "
    return " " * (_WIDE if line[:_WIDE].strip() in _WORDS and width > 30 else 4)
