"""A run as a Markdown document. What models, tools and files said stands in fences: none of it can pass for ours."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence

from agent.archive.summary import goal_text
from agent.checked import kind_of
from agent.cli.tables import when
from agent.events import (
    CheckResult,
    ContextHanded,
    Feedback,
    LimitReached,
    ModelCalled,
    NoteWritten,
    Observed,
    Record,
    RunResumed,
    Thought,
    ToolStarted,
    Verdict,
    WindowFolded,
)
from agent.history import FINISH, History
from agent.spending import counted, dollars
from agent.terminal import neutral, plain

_WHOLE = 4000
"""Characters of a result that are told; all of it is in the JSON."""
_MARKS = re.compile(r"([\\`*_{}\[\]<>#|~])")


def markdown(run: str, records: Sequence[Record], history: History, state: str) -> str:
    """The document, without a line end at its end."""
    blocks = [*_head(run, records, history, state)]
    for record in records:
        blocks += _block(record)
    if history.ended is not None:
        blocks += [f"## {state}", f"{_inline(history.ended.reason)}"]
        if history.ended.answer.strip():
            blocks += [_fence(history.ended.answer)]
    return "\n\n".join(blocks)


def _head(run: str, records: Sequence[Record], history: History, state: str) -> Iterator[str]:
    started, spend = history.started, history.spend
    assert started is not None
    yield f"# Run {run}"
    yield _fence(goal_text(history.goal))
    money = dollars(spend.usd) if spend.priced else f"{dollars(spend.usd)} and calls of unknown price"
    rows = [
        ("state", state),
        ("begun", when(records[0].time)),
        ("model", started.model),
        ("workspace", started.workspace),
        ("steps", str(history.step)),
        ("tokens", f"{spend.prompt_tokens} read ({spend.cached_tokens} cached), {spend.completion_tokens} written"),
        ("cost", money),
        ("time", f"{history.seconds:.1f} s"),
    ]
    yield "\n".join(["| | |", "|---|---|", *(f"| {name} | {_inline(value)} |" for name, value in rows)])
    if history.files:
        files = [f"| {one.change} | {_inline(one.path)} | {one.bytes} |" for one in history.files.values()]
        yield "\n".join(["| change | file | bytes |", "|---|---|---|", *files])
    if history.checks:
        checks = [
            f"| {kind_of(required=one.required)} {'passed' if one.passed else 'failed'} "
            f"| {_inline(one.name)} | {_inline(one.detail)} |"
            for one in history.checks
        ]
        yield "\n".join(["| check | what | |", "|---|---|---|", *checks])


def _block(record: Record) -> Iterator[str]:  # noqa: C901  (one arm a kind: a table, not a tangle)
    match record.event:
        case Thought() as event:
            usd = "" if event.usage.usd is None else f" · {dollars(event.usage.usd)}"
            yield f"## Step {event.step}"
            yield f"{_inline(event.model)} · {counted(event.usage.tokens, 'token')}{usd} · {event.seconds:.1f} s"
            if event.text.strip():
                yield _fence(event.text)
        case ToolStarted() as event:
            yield f"**{_inline(event.tool)}** ({event.effect}{_inside(record)})"
            yield _fence(json.dumps(event.arguments, ensure_ascii=False, indent=2, default=str), "json")
        case Observed() as event if event.tool != FINISH:
            outcome = "Result" if event.ok else "Failure"
            yield f"{outcome} of {_inline(event.tool)} ({event.seconds:.1f} s{_inside(record)})"
            if event.text.strip():
                yield _fence(event.text)
            if event.files:
                yield "\n".join(f"- {one.change} {_inline(one.path)}, {one.bytes} bytes" for one in event.files)
        case Verdict(decision="deny") as event:
            yield f"Denied: {_inline(event.reason)}"
        case ModelCalled() as event:
            yield f"Asked the model: {_inline(event.purpose)} ({counted(event.usage.tokens, 'token')})"
        case CheckResult() as event:
            mark = "passed" if event.passed else "failed"
            yield f"Check {mark}: {_inline(event.name)} ({_inline(event.detail)})"
        case Feedback() as event:
            yield f"From the {'user' if event.origin == 'user' else event.origin} to the agent:"
            yield _fence(event.text)
        case ContextHanded() as event if event.text:
            yield f"Handed over, as untrusted text: {_inline(event.path)}"
            yield _fence(event.text)
        case NoteWritten() as event:
            yield f"Remembered as {_inline(event.id)}: {_inline(event.text)}"
        case LimitReached() as event:
            yield f"Limit {_inline(event.name)}: {_inline(event.text)}"
        case WindowFolded() as event:
            yield f"Window folded: steps 1 to {event.upto}"
        case RunResumed() as event:
            yield f"Gone on with {_inline(event.model)}, on {when(record.time)}"
        case _:  # the opening and the end have their own places, the rest is in the JSON
            return


def _inside(record: Record) -> str:
    return f", inside {record.path.rpartition('/')[0] or record.path}" if record.path else ""


def _inline(text: str) -> str:
    """Foreign text within a line of ours: no mark of it is taken for Markdown."""
    return _MARKS.sub(r"\\\1", plain(text))


def _fence(text: str, language: str = "") -> str:
    """Foreign text in a fence that is longer than any in it."""
    shown = neutral(text.strip("\n"))
    if len(shown) > _WHOLE:
        shown = f"{shown[:_WHOLE]}\n… {len(shown) - _WHOLE} more characters"
    mark = "`" * max(3, 1 + max((len(one) for one in re.findall(r"`+", shown)), default=0))
    return f"{mark}{language}\n{shown}\n{mark}"
