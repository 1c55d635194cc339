"""The report at the end of a run: how it ended, what it changed, what was checked, what it cost."""

from __future__ import annotations

from collections.abc import Iterator

from agent.checked import how_many
from agent.events import Finished, Stopped
from agent.history import UNSETTLED, History
from agent.screen.wording import size
from agent.spending import Allowed, counted, spent_line
from agent.terminal import plain


def report_lines(history: History, allowed: Allowed, ended: Finished | Stopped) -> Iterator[tuple[str, str]]:
    """Each line with rich's words for its style; foreign text neutralised."""
    yield "", ""
    yield f"{ended.state}: {plain(ended.reason)}", "bold green" if ended.state == "reached" else "bold red"
    for change in history.files.values():
        mark = f"sha256 {change.sha256[:12]}" if change.sha256 else ""
        yield f"  {change.change:8} {plain(change.path)}  {size(change.bytes)}  {mark}".rstrip(), ""
    yield _checks(history)
    for check in history.before:
        yield f"  note     passed before the run began: {plain(check.name)}", "yellow"
    seconds = f"{history.seconds:.1f} s"
    yield f"  cost     {counted(history.step, 'step')} · {spent_line(history, allowed)} · {seconds}", ""


def _checks(history: History) -> tuple[str, str]:
    if history.checks:
        return f"  checks   {how_many((check.required, check.passed) for check in history.checks)}", ""
    wanted = bool(history.goal.get("checks"))
    return f"  checks   {'not made' if wanted else 'none: nothing was checked'}", "yellow"


_FLAGS = {
    "steps": "--max-steps N",
    "model_calls": "--max-model-calls N",
    "tokens": "--max-tokens N",
    "usd": "--max-usd N",
    "time": "--max-time T",
}


def with_what(history: History, ended: Finished | Stopped) -> str:
    """What `resume` needs beside the run's id, so that it does not end at once in the same way."""
    if ended.state == "limit" and history.limits:
        kind, _, tool = history.limits[-1].name.partition(".")
        flag = f"--max-tool-calls {tool}=N" if tool else _FLAGS.get(kind, "")
        return f" {flag}" if flag else ""
    if ended.state == "blocked" and ended.reason.startswith(UNSETTLED):
        return " --settle again, or --settle done"
    return ""
