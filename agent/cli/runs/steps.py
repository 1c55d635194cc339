"""The events of a run in lines for people: what was thought, called and had, and what each step took."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from agent.archive.stored import Fact, current
from agent.archive.summary import Summary, goal_text
from agent.checked import how_many, kind_of
from agent.cli.tables import when
from agent.history import FINISH
from agent.spending import counted, dollars, thousands
from agent.terminal import neutral, plain

_LINES = 6
"""Lines of a text that are shown; all of it is in `--json`."""
_CHARACTERS = 400
"""Characters of each of these lines that are shown."""
_VALUE = 80
"""Characters of an argument that are shown."""
_DENIED = b'"decision":"deny"'

Fields: TypeAlias = Mapping[str, Any]
Lines: TypeAlias = Iterator[str]


class Steps:
    """Turns a run's events into lines, one after the other, and folds what the end tells.

    Attributes:
        summary: The run so far.
    """

    def __init__(self) -> None:
        self.summary = Summary()
        self._checks: dict[str, Fields] = {}
        self._files: dict[str, Fields] = {}
        self._called: dict[str, Fields] = {}
        self._begun: dict[str, str] = {}
        self._denied: set[str] = set()
        self._tellers: dict[str, Callable[[Fields, Fact], Lines]] = {
            "run.started": self._started,
            "run.resumed": self._resumed,
            "memory.recalled": self._recalled,
            "note.written": self._noted,
            "thought": self._thought,
            "model.called": self._asked,
            "verdict": self._verdict,
            "tool.started": self._tool,
            "observation": self._observed,
            "window.folded": self._folded,
            "check": self._check,
            "feedback": self._feedback,
            "limit": self._limit,
        }

    def lines(self, fact: Fact) -> Lines:
        """The lines of the next event."""
        if fact.kind == "verdict" and _DENIED not in fact.body:
            return  # most verdicts say that a call may be made, which the call itself tells
        fields = current(fact)
        self.summary.apply(fact, fields)
        teller = self._tellers.get(fact.kind)
        if teller is not None:
            yield from teller(fields, fact)

    def end(self, run: str) -> Lines:
        """How it ended: state, calls without a result, files, checks, cost, and how to go on."""
        summary = self.summary
        for address, tool in self._begun.items():
            yield f"  {plain(tool)} was begun, and nothing came back ({plain(address)})"
        yield ""
        if summary.state is not None:
            yield f"{summary.state}: {plain(summary.reason)}"
        if summary.answer.strip():
            yield from _framed(summary.answer, "  ")
        for change in self._files.values():
            mark = f"  sha256 {change['sha256'][:12]}" if change["sha256"] else ""
            yield f"  {change['change']:8} {plain(change['path'])}  {_size(change['bytes'])}{mark}"
        if self._checks:
            results = ((bool(one["required"]), bool(one["passed"])) for one in self._checks.values())
            yield f"  checks   {how_many(results)}"
        yield f"  cost     {counted(summary.steps, 'step')} · {_spent(summary)} · {summary.seconds:.1f} s"
        for name, work in summary.models.items() if len(summary.models) > 1 else ():
            tokens = thousands(work.spend.tokens)
            yield f"           {plain(name)}: {tokens} tokens · {dollars(work.spend.usd)} · {work.seconds:.1f} s"
        if summary.state not in (None, "reached"):
            yield f"  go on    thinkact resume {run}"

    def _started(self, fields: Fields, fact: Fact) -> Lines:
        model, workspace = plain(fields["model"]), plain(fields["workspace"])
        yield f"run {plain(fields['run_id'])} · {when(fact.time)} · model {model} · workspace {workspace}"
        yield f"  goal: {plain(goal_text(fields['goal']))[:_CHARACTERS]}"

    def _resumed(self, fields: Fields, fact: Fact) -> Lines:
        yield f"gone on with {when(fact.time)}, after {fields['seconds']:.0f} s of work, with {plain(fields['model'])}"

    def _recalled(self, fields: Fields, _: Fact) -> Lines:
        yield f"  recalled {counted(len(fields['notes']), 'note')} ({fields['trigger']})"
        for note in fields["notes"]:
            yield f"  │ {note['score']:.2f} {plain(' '.join(note['text'].split()))[:160]}"

    def _noted(self, fields: Fields, _: Fact) -> Lines:
        where = plain(f"({fields['note']}, in {fields['namespace']})")
        text = "" if fields["note"] == "episode" else f": {plain(' '.join(fields['text'].split()))[:160]}"
        yield f"  remembered as {plain(fields['id'])} {where}{text}"

    def _thought(self, fields: Fields, _: Fact) -> Lines:
        usage = fields["usage"]
        parts = [f"step {fields['step']}", _tokens(usage), _price(usage), f"{fields['seconds']:.1f} s"]
        yield f"{' · '.join(parts)} · {plain(fields['model'])} · so far {_spent(self.summary)}"
        yield from _framed(fields["text"], "")
        self._called = {call["id"]: call for call in fields["calls"]}
        for call in fields["calls"]:
            if call["fault"] is not None:
                yield f"  → {plain(call['tool'])}: its arguments could not be read: {plain(call['fault'])}"

    def _asked(self, fields: Fields, fact: Fact) -> Lines:
        usage = fields["usage"]
        yield f"{_indent(fact)}asked the model: {plain(fields['purpose'])} ({_tokens(usage)}, {_price(usage)})"

    def _verdict(self, fields: Fields, fact: Fact) -> Lines:
        self._denied.add(fact.path or fields["call"])
        yield f"{_indent(fact)}denied: {plain(fields['reason'])}"

    def _tool(self, fields: Fields, fact: Fact) -> Lines:
        self._begun[fact.path or fields["call"]] = fields["tool"]
        yield f"{_indent(fact)}→ {_call(fields)}"

    def _observed(self, fields: Fields, fact: Fact) -> Lines:
        address, inside = fact.path or fields["call"], _indent(fact)
        begun = self._begun.pop(address, None)
        for change in fields["files"]:
            self._keep(change)
        if fields["tool"] == FINISH or (begun is None and address in self._denied):
            return
        if begun is None and address in self._called:
            yield f"{inside}→ {_call(self._called[address])} is not made"
        seconds = f" ({fields['seconds']:.1f} s)" if fields["seconds"] >= 0.05 else ""
        for change in fields["files"]:
            yield f"{inside}  {change['change']} {plain(change['path'])}, {_size(change['bytes'])}{seconds}"
        if not fields["ok"]:
            yield f"{inside}  failed{seconds}"
        if not fields["files"] or not fields["ok"]:
            yield from _framed(fields["text"], inside, "" if not fields["ok"] else seconds)

    def _keep(self, change: Fields) -> None:
        """The files as they are in the end: one that was made and is gone is none."""
        path = change["path"]
        earlier = self._files.get(path)
        if earlier is None:
            self._files[path] = change
        elif earlier["change"] == "created":
            if change["change"] == "deleted":
                del self._files[path]
            else:
                self._files[path] = {**change, "change": "created"}
        else:
            self._files[path] = {**change, "change": "deleted" if change["sha256"] is None else "changed"}

    def _folded(self, fields: Fields, _: Fact) -> Lines:
        if fields["window"] is not None:
            yield f"  the endpoint's window is learned: {fields['window']} tokens"
        else:
            how = "by rule" if fields["mechanical"] else "by the model"
            tokens = f"{fields['tokens_before']} → {fields['tokens_after']} tokens"
            yield f"  window folded {how}: steps 1 to {fields['upto']}, {tokens}"

    def _check(self, fields: Fields, _: Fact) -> Lines:
        if fields["phase"] == "before":
            yield f"  passes already, before the run: {plain(fields['name'])}"
            return
        self._checks[fields["name"]] = fields
        kind, mark = kind_of(required=bool(fields["required"])), "passed" if fields["passed"] else "failed"
        yield f"  {kind} {mark}: {plain(fields['name'])} ({plain(fields['detail'])})"

    def _feedback(self, fields: Fields, _: Fact) -> Lines:
        if fields["origin"] == "user":
            yield f"  user: {plain(fields['text'])}"
        elif fields["origin"] != "checks":  # each failed check has just said it for itself
            yield f"  to the agent: {plain(fields['text'])}"

    def _limit(self, fields: Fields, _: Fact) -> Lines:
        yield f"  limit {plain(fields['name'])}: {plain(fields['text'])}"


def _indent(fact: Fact) -> str:
    return "    " if fact.path else "  "


def _call(fields: Fields) -> str:
    arguments = ", ".join(f"{plain(name)}={_value(value)}" for name, value in fields["arguments"].items())
    return f"{plain(fields['tool'])}({arguments})"


def _value(value: Any) -> str:
    text = value if isinstance(value, str) else str(value)
    shown = plain(text[:_VALUE])
    cut = "" if len(text) <= _VALUE else f" … ({len(text)} characters)"
    return f'"{shown}{cut}"' if isinstance(value, str) else f"{shown}{cut}"


def _framed(text: str, inside: str, behind: str = "") -> Lines:
    """Foreign text: each line framed, so that none can pass for one of ours."""
    lines = neutral(text).strip().split("\n")
    if lines == [""]:
        return
    for line in lines[:_LINES]:
        yield f"{inside}│ {line if len(line) <= _CHARACTERS else f'{line[:_CHARACTERS]} …'}"
    if len(lines) > _LINES:
        yield f"{inside}│ … {counted(len(lines) - _LINES, 'more line')}"
    if behind:
        yield f"{inside} {behind}"


def _size(count: int) -> str:
    if count < 1000:
        return f"{count} B"
    return f"{count / 1000:.1f} kB" if count < 999_950 else f"{count / 1_000_000:.1f} MB"


def _tokens(usage: Fields) -> str:
    return counted(usage["prompt_tokens"] + usage["completion_tokens"], "token")


def _price(usage: Fields) -> str:
    return "unknown price" if usage["usd"] is None else dollars(usage["usd"])


def _spent(summary: Summary) -> str:
    spend = summary.spend
    unknown = "" if spend.priced else " and calls of unknown price"
    return f"{thousands(spend.tokens)} tokens · {dollars(spend.usd)}{unknown}"
