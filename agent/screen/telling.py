"""The screen: events of a run, told to a person on stderr, with rich.

It is a listener like any other: nothing in a run waits for it or knows of it. Foreign text (what models, tools, files
and pages say) is neutralised, shown as plain text, never as markup, and each of its lines is framed. On a terminal
the last line lives; in a log file every line stands for itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

from rich.console import Console

from agent.checked import kind_of
from agent.events import (
    ArtifactReference,
    CheckResult,
    ContextHanded,
    Feedback,
    Finished,
    LimitReached,
    ModelCalled,
    NoteWritten,
    Observed,
    Progress,
    Recalled,
    Record,
    RunResumed,
    RunStarted,
    Stopped,
    Thought,
    ThoughtDelta,
    ToolStarted,
    Verdict,
    WindowFolded,
)
from agent.history import History
from agent.screen.calls import CallTeller
from agent.screen.printing import Printer
from agent.screen.reporting import report_lines, with_what
from agent.screen.streaming import Streaming
from agent.screen.wording import arguments_line, size
from agent.spending import Allowed, counted, uncounted_line
from agent.terminal import plain

_ROUND = re.compile(r"checks\d+/\d+")
"""The address of a program that a check of the goal starts."""

SHOWN_PICTURES = 4
"""Pictures of one call that are shown."""

OFFLINE = (
    "No model is set up, so the rule-based offline model works on this goal: it follows rules, it does not think.",
    "For a real model: start Ollama or LM Studio on this machine, or set OPENAI_API_KEY (OPENAI_BASE_URL for others).",
)


class Screen:
    """Tells a run's events to a person.

    Args:
        console: Where to write; stderr.
        history: The run's history, read for the live line and the report.
        allowed: The limits, for "of" in the live line.
        quiet: Tell only what went wrong.
        introduced: Say at the start what the offline model is, and how to have a real one.
        picture: What the terminal is to be sent to show a picture that a tool kept; "" where it shows none.
    """

    def __init__(
        self,
        console: Console,
        history: History,
        allowed: Allowed,
        *,
        quiet: bool = False,
        introduced: bool = False,
        picture: Callable[[ArtifactReference], str] | None = None,
    ) -> None:
        self._picture = picture
        self._pictured: set[str] = set()  # a tool may hand on what one that it called has made
        self._history = history
        self._quiet = quiet
        self._introduced = introduced
        self._printer = Printer(console, history, allowed, quiet=quiet)
        self._calls = CallTeller(self._printer, history)
        self._streaming = Streaming(self._printer, history, quiet=quiet)
        self._told_of_money = False
        self._asked: list[ModelCalled] = []  # what a tool has asked the model, not told yet

    def __call__(self, record: Record) -> None:
        """Tell one event."""
        event = record.event
        if isinstance(event, ThoughtDelta):
            self._streaming.delta(event, record.path)
        elif isinstance(event, Progress):
            self._streaming.progress(event)
        elif not self._quiet:
            self._tell(record)

    def allow(self, allowed: Allowed) -> None:
        """The limits are these from now on."""
        self._printer.allowed = allowed

    def pause(self) -> None:
        """Take the live line away, so that a question can be asked."""
        self._printer.pause()

    def _tell(self, record: Record) -> None:  # noqa: C901  (one arm a kind: a table, not a tangle)
        if isinstance(record.event, ModelCalled) and record.path and self._printer.is_terminal:
            self._ask(record.event)
            return
        self._printer.pause()
        self._tell_asked()
        if _ROUND.fullmatch(record.path) and isinstance(record.event, Verdict | ToolStarted | Observed):
            self._calls.program(record.path, record.event)
            return
        inside = "    " if record.path else "  "
        match record.event:
            case RunStarted() as event:
                self._started(event)
            case RunResumed() as event:
                self._resumed(event)
            case Recalled() as event:
                self._recalled(event)
            case Thought() as event:
                self._thought(event)
            case Verdict(decision="deny") as event:
                self._printer.line(f"{inside}denied: {plain(event.reason)}", "yellow")
            case ToolStarted() as event:
                self._printer.line(f"{inside}→ {plain(event.tool)}({arguments_line(event.arguments)})", "cyan")
            case Observed() as event:
                self._calls.observed(event, inside, record.path)
                self._show_pictures(event)
            case ModelCalled() as event:
                self._streaming.done()
                self._printer.line(f"{inside}{_asked(event.purpose, [event])}", "dim")
            case WindowFolded() as event:
                self._folded(event)
            case CheckResult() as event:
                self._check(event)
            case Feedback() as event:
                self._feedback(event)
            case ContextHanded() as event:
                self._handed(event)
            case NoteWritten() as event:
                self._noted(event, inside)
            case LimitReached() as event:
                self._printer.line(f"  limit {plain(event.name)}: {plain(event.text)}", "yellow")
            case Finished() | Stopped() | Verdict():
                pass

    def _show_pictures(self, event: Observed) -> None:
        """Show the first pictures that a call has made."""
        if self._picture is None:
            return
        new = [one for one in event.artifacts if one.media_type == "image/png" and one.sha256 not in self._pictured]
        for one in new[:SHOWN_PICTURES]:
            self._pictured.add(one.sha256)
            self._printer.picture(self._picture(one))

    def _ask(self, event: ModelCalled) -> None:
        """A question of a tool, which may have hundreds: on a terminal, where its bar is seen, they are told in one
        line once something else is."""
        self._streaming.done()
        self._asked.append(event)

    def _tell_asked(self) -> None:
        asked, self._asked = self._asked, []
        for purpose in dict.fromkeys(one.purpose for one in asked):
            self._printer.line(f"    {_asked(purpose, [one for one in asked if one.purpose == purpose])}", "dim")

    def _started(self, event: RunStarted) -> None:
        self._printer.line(
            f"run {event.run_id} · model {plain(event.model)} · workspace {plain(event.workspace)}", "bold"
        )
        if self._introduced:
            for line in OFFLINE:
                self._printer.line(line, "yellow")

    def _resumed(self, event: RunResumed) -> None:
        started = self._history.started
        goals = self._history.goal.get("goals")
        goal = "; ".join(map(str, goals)) if isinstance(goals, list) else ""
        run = f"run {started.run_id} " if started else ""
        self._printer.line(f"{run}goes on after {event.seconds:.0f} s of work, with {plain(event.model)}", "bold")
        if goal:
            self._printer.line(f"  {'the goal is now' if event.goal is not None else 'goal'}: {plain(goal)[:200]}")

    def _recalled(self, event: Recalled) -> None:
        self._printer.line(f"  recalled {counted(len(event.notes), 'note')} ({event.trigger})", "green")
        for note in event.notes:
            origin = plain(f"[{note.id}, {note.date}, {note.kind} by {note.origin}]")
            score = "always" if note.score is None else f"{note.score:.2f}"
            self._printer.line(f"  │ {score} {origin} {plain(' '.join(note.text.split()))[:160]}", "dim")

    def _handed(self, event: ContextHanded) -> None:
        """What of the project the model was given to read, and what was wrong with it."""
        if event.source == "agents" and event.text:
            held = f"{size(event.bytes)}, handle {plain(event.handle)}"
            self._printer.line(f"  handed over {plain(event.path)} ({held}), as untrusted text", "green")
        elif event.text:
            names = plain(", ".join(event.names))
            self._printer.line(f"  told of {counted(len(event.names), 'skill')}, as untrusted text: {names}", "green")
        for fault in event.faults:
            self._printer.line(f"  {plain(fault)}", "yellow")

    def _noted(self, event: NoteWritten, inside: str) -> None:
        how = {"counted": "remembered before as", "covered": "not kept beside the user's own note"}.get(event.state)
        where = plain(f"({event.note}, in {event.namespace})")
        instead = f", in place of {plain(', '.join(event.replaced))}" if event.replaced else ""
        # Of an episode the person has just seen all that is in it.
        text = "" if event.note == "episode" else f": {plain(' '.join(event.text.split()))[:160]}"
        self._printer.line(f"{inside}{how or 'remembered as'} {plain(event.id)} {where}{instead}{text}", "green")

    def _thought(self, event: Thought) -> None:
        self._streaming.done()
        self._printer.line(self._printer.live_line(event.step), "dim")
        uncounted = None if self._told_of_money else uncounted_line(self._history, self._printer.allowed)
        if uncounted is not None:
            self._told_of_money = True
            self._printer.line(f"  {uncounted}", "yellow")
        if event.text.strip():
            self._printer.framed(event.text, "")
        for call in event.calls:
            if call.fault is not None:
                self._printer.line(
                    f"  → {plain(call.tool)}: its arguments could not be read: {plain(call.fault)}", "yellow"
                )

    def _feedback(self, event: Feedback) -> None:
        """Whose words they are. Those of the checks say again what each failed check has just said for itself."""
        if event.origin == "user":
            self._printer.line(f"  user: {plain(event.text)}", "yellow")
        elif event.origin != "checks":
            self._printer.line(f"  to the agent: {plain(event.text)}", "yellow")

    def _folded(self, event: WindowFolded) -> None:
        if event.window is not None:
            self._printer.line(f"  the endpoint's window is learned: {event.window} tokens", "yellow")
            return
        how = "by rule" if event.mechanical else "by the model"
        self._printer.line(
            f"  window folded {how}: steps 1 to {event.upto}, {event.tokens_before} → {event.tokens_after} tokens",
            "dim",
        )

    def _check(self, event: CheckResult) -> None:
        if event.phase == "before":
            self._printer.line(f"  passes already, before the run: {plain(event.name)}", "yellow")
            return
        mark, style = ("passed", "green") if event.passed else ("failed", "red" if event.required else "yellow")
        self._printer.line(
            f"  {kind_of(required=event.required)} {mark}: {plain(event.name)} ({plain(event.detail)})", style
        )

    def report(self, run: str, ended: Finished | Stopped, *, resumable: bool) -> None:
        """The end: state, files with size and hash, checks, cost, how to go on."""
        self._printer.pause()
        self._tell_asked()
        for line, style in report_lines(self._history, self._printer.allowed, ended):
            self._printer.line(line, style)
        if resumable:
            self._printer.line(f"  go on    thinkact resume {run}{with_what(self._history, ended)}")


def _asked(purpose: str, calls: Sequence[ModelCalled]) -> str:
    tokens = counted(sum(one.usage.tokens for one in calls), "token")
    times = f"{len(calls)} times, " if len(calls) > 1 else ""
    return f"asked the model: {plain(purpose)} ({times}{tokens})"


def make_console(*, colour: bool, write: Callable[[], Any] | None = None) -> Console:
    """The console on stderr; without colour where the user or the place does not want it."""
    return Console(stderr=True, no_color=not colour, highlight=False, emoji=False, markup=False, file=write and write())
