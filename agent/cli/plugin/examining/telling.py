"""A report for people, line by line, neutralised."""

from __future__ import annotations

import json
from collections.abc import Iterator

from agent.cli.plugin.examining.findings import Finding, Report
from agent.terminal import neutral, plain

_WORTH = {"fault": 0, "warning": 1, "note": 2, "ok": 3}


def lines_of(report: Report) -> Iterator[str]:
    """The tools as a model is told of them, then what was found out: what is wrong comes last, where it is seen."""
    yield plain(report.file)
    for schema in report.schemas:
        text = json.dumps(schema, ensure_ascii=False, indent=2)
        yield f"what a model is told of {plain(schema['name'])}, {len(text):,} characters:"
        yield from (f"  {line}" for line in neutral(text).split("\n"))
    for one in sorted(report.findings, key=lambda one: -_WORTH[one.state]):
        yield from _finding(one)
    yield summary(report)


def _finding(one: Finding) -> Iterator[str]:
    who = f"{one.tool}: " if one.tool else ""
    place = f"{one.file}:{one.line}: " if one.file and one.line else f"{one.file}: " if one.file else ""
    yield f"{one.state:<8} {plain(place + who + one.what)}"
    if one.instead and one.state != "ok":
        first, *rest = neutral(one.instead).split("\n")
        yield f"         write instead: {first}"
        yield from (f"                        {line}" for line in rest)


def summary(report: Report) -> str:
    """How it went, in a line."""
    counts = {state: sum(one.state == state for one in report.findings) for state in ("fault", "warning")}
    told = [f"{count} {state}{'s' if count > 1 else ''}" for state, count in counts.items() if count]
    name = plain(report.plugin)
    return f"{name} {'passes' if report.passed else 'fails'}" + (f": {', '.join(told)}" if told else "")
