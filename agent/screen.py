"""The screen: events of a run, told to a person on stderr, with rich.

It is a listener like any other: nothing in a run waits for it or knows of it. Foreign text (what models, tools, files
and pages say) is neutralised, shown as plain text, never as markup, and each of its lines is framed. On a terminal
the last line lives; in a log file every line stands for itself.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Mapping
from typing import Any

from rich.cells import cell_len
from rich.console import Console
from rich.live import Live
from rich.text import Text

from agent.events import (
    JSON,
    CheckResult,
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
from agent.history import FINISH, History
from agent.spending import Allowed, spent_line
from agent.terminal import neutral, plain

SHOWN_LINES = 6
"""Lines of a result that are shown; all of it is in the journal (`thinkact runs show --json`)."""
SHOWN_CHARACTERS = 400
"""Characters of each of these lines that are shown."""
FRAME = "      │ "
"""Stands before what a terminal would wrap: nothing foreign may begin a line and pass for one of ours."""

OFFLINE = (
    "No model is set: the rule-based offline model works on this goal. It follows rules, it does not think.",
    "For a real model: start Ollama or LM Studio on this machine, or set OPENAI_API_KEY (OPENAI_BASE_URL for others).",
)


class Screen:
    """Tells a run's events to a person.

    Args:
        console: Where to write; stderr.
        history: The run's history, read for the live line and the report.
        allowed: The limits, for "of" in the live line.
        quiet: Tell only what went wrong.
    """

    def __init__(self, console: Console, history: History, allowed: Allowed, *, quiet: bool = False) -> None:
        self._console = console
        self._history = history
        self._allowed = allowed
        self._quiet = quiet
        self._live: Live | None = None
        self._streamed = ""
        self._step = 0

    def __call__(self, record: Record) -> None:
        """Tell one event."""
        event = record.event
        if isinstance(event, ThoughtDelta):
            self._delta(event)
        elif isinstance(event, Progress):
            self._progress(event)
        elif not self._quiet:
            self._tell(record)

    def pause(self) -> None:
        """Take the live line away, so that a question can be asked."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def _tell(self, record: Record) -> None:  # noqa: C901  (one arm a kind: a table, not a tangle)
        self.pause()
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
                self._line(f"{inside}denied: {plain(event.reason)}", "yellow")
            case ToolStarted() as event:
                self._line(f"{inside}→ {plain(event.tool)}({arguments_line(event.arguments)})", "cyan")
            case Observed() as event:
                self._observed(event, inside)
            case ModelCalled() as event:
                tokens = event.usage.tokens
                self._line(f"{inside}asked the model: {plain(event.purpose)} ({tokens} tokens)", "dim")
            case WindowFolded() as event:
                self._folded(event)
            case CheckResult() as event:
                self._check(event)
            case Feedback() as event:
                self._line(f"  {event.origin}: {plain(event.text)}", "yellow")
            case NoteWritten() as event:
                self._line(f"{inside}remembered as {plain(event.id)}: {plain(event.text)[:160]}", "green")
            case LimitReached() as event:
                self._line(f"  limit {event.name}: {plain(event.text)}", "yellow")
            case Finished() | Stopped() | Verdict():
                pass

    def _started(self, event: RunStarted) -> None:
        self._line(f"run {event.run_id} · model {plain(event.model)} · workspace {plain(event.workspace)}", "bold")
        if event.model == "offline":
            for line in OFFLINE:
                self._line(line, "yellow")

    def _resumed(self, event: RunResumed) -> None:
        started = self._history.started
        goals = started.goal.get("goals") if started else None
        goal = "; ".join(map(str, goals)) if isinstance(goals, list) else ""
        run = f"run {started.run_id} " if started else ""
        self._line(f"{run}goes on after {event.seconds:.0f} s of work, with {plain(event.model)}", "bold")
        if goal:
            self._line(f"  goal: {plain(goal)[:200]}")

    def _recalled(self, event: Recalled) -> None:
        self._line(f"  recalled {len(event.notes)} notes ({event.trigger})", "green")
        for note in event.notes:
            origin = plain(f"[{note.id}, {note.date}, {note.origin}]")
            self._line(f"  │ {note.score:.2f} {origin} {plain(note.text)[:160]}", "dim")

    def _thought(self, event: Thought) -> None:
        self._streamed, self._step = "", event.step
        self._line(self.live_line(), "dim")
        if event.text.strip():
            self._framed(event.text, "")
        for call in event.calls:
            if call.fault is not None:
                self._line(f"  → {plain(call.tool)}: its arguments could not be read: {plain(call.fault)}", "yellow")

    def _observed(self, event: Observed, inside: str) -> None:
        if event.tool == FINISH:
            return
        if not event.ok:
            self._framed(event.text, "red", inside)
            return
        seconds = f" ({event.seconds:.1f} s)" if event.seconds >= 1 else ""
        for change in event.files:
            self._line(f"{inside}  {change.change} {plain(change.path)}, {size(change.bytes)}{seconds}", "green")
        if not event.files:
            self._framed(event.text, "dim", inside)

    def _folded(self, event: WindowFolded) -> None:
        if event.window is not None:
            self._line(f"  the endpoint's window is learned: {event.window} tokens", "yellow")
            return
        how = "by rule" if event.mechanical else "by the model"
        self._line(
            f"  window folded {how}: steps 1 to {event.upto}, {event.tokens_before} → {event.tokens_after} tokens",
            "dim",
        )

    def _check(self, event: CheckResult) -> None:
        if event.phase == "before":
            self._line(f"  passes already, before the run: {plain(event.name)}", "yellow")
            return
        mark, style = ("passed", "green") if event.passed else ("failed", "red" if event.required else "yellow")
        self._line(f"  check {mark}: {plain(event.name)} ({plain(event.detail)})", style)

    def _delta(self, event: ThoughtDelta) -> None:
        if event.channel == "notice":
            self.pause()
            self._line(f"  {plain(event.text)}", "yellow")
        elif event.channel == "restart":
            self._streamed = ""
        elif event.channel == "text":
            self._streamed = (self._streamed + event.text)[-2000:]
            self._show(plain(self._streamed.strip().rpartition("\n")[2]))

    def _progress(self, event: Progress) -> None:
        if event.total:
            done = event.done or 0.0
            full = int(20 * max(0.0, min(1.0, done / event.total)))
            self._show(f"{'█' * full}{'░' * (20 - full)} {done:g} of {event.total:g} {plain(event.text)}")
        else:
            self._show(plain(event.text))

    def _show(self, text: str) -> None:
        """The live line: on a terminal only."""
        if self._quiet or not self._console.is_terminal:
            return
        if self._live is None:
            self._live = Live(console=self._console, transient=True, refresh_per_second=8)
            self._live.start()
        line = Text(f"{self.live_line()} · {text}", style="dim", no_wrap=True, overflow="ellipsis")
        self._live.update(line)

    def live_line(self) -> str:
        """`step 7 · 12.4k tokens · $0.08 of $1.00`."""
        return f"step {self._step} · {spent_line(self._history, self._allowed)}"

    def _line(self, text: str, style: str = "", *, frame: str = FRAME) -> None:
        if not self._console.is_terminal:  # in a log a line is its text; rich would take half a millisecond a step
            self._console.file.write(f"{text}\n")
            return
        for line in folded(text, self._console.width, frame):
            self._console.print(Text(line, style=style), soft_wrap=True)

    def _framed(self, text: str, style: str, inside: str = "") -> None:
        """Foreign text: each line framed, so that none can pass for one of ours."""
        lines, frame = neutral(text).strip().split("\n"), f"{inside}│ "
        for line in lines[:SHOWN_LINES]:
            shown = line if len(line) <= SHOWN_CHARACTERS else f"{line[:SHOWN_CHARACTERS]} …"
            self._line(f"{frame}{shown}", style, frame=frame)
        if len(lines) > SHOWN_LINES:
            self._line(f"{frame}… {len(lines) - SHOWN_LINES} more lines", "dim")

    def report(self, run: str, ended: Finished | Stopped, *, resumable: bool) -> None:
        """The end: state, files with size and hash, checks, cost, how to go on."""
        self.pause()
        style = "bold green" if ended.state == "reached" else "bold red"
        self._line("")
        self._line(f"{ended.state}: {plain(ended.reason)}", style)
        history = self._history
        for change in history.files.values():
            mark = f"sha256 {change.sha256[:12]}" if change.sha256 else ""
            self._line(f"  {change.change:8} {plain(change.path)}  {size(change.bytes)}  {mark}".rstrip())
        passed = sum(1 for check in history.checks if check.passed)
        if history.checks:
            self._line(f"  checks   {passed} of {len(history.checks)} passed")
        else:
            wanted = history.started is not None and bool(history.started.goal.get("checks"))
            self._line(f"  checks   {'not made' if wanted else 'none: nothing was checked'}", "yellow")
        for check in history.before:
            self._line(f"  note     passed before the run began: {plain(check.name)}", "yellow")
        seconds = f"{history.seconds:.1f} s"
        self._line(f"  cost     {history.step} steps · {spent_line(history, self._allowed)} · {seconds}")
        if resumable:
            self._line(f"  go on    thinkact resume {run}")


def folded(text: str, width: int, frame: str) -> list[str]:
    """A line as the lines that a terminal of this width shows, each but the first begun with `frame`."""
    if cell_len(text) <= width:
        return [text]
    room = max(8, width - cell_len(frame))
    first, *rest = Text(text).wrap(Console(file=io.StringIO(), width=width), room, tab_size=4)
    return [first.plain.rstrip(), *(f"{frame}{line.plain.rstrip()}" for line in rest)]


def arguments_line(arguments: Mapping[str, JSON], room: int = 240) -> str:
    """Arguments in one line, neutralised, long values cut."""
    parts = [f"{plain(name)}={_value(value, 80)}" for name, value in arguments.items()]
    line = ", ".join(parts)
    return line if len(line) <= room else line[:room] + " …"


def _value(value: Any, room: int) -> str:
    text = plain(value) if isinstance(value, str) else plain(str(value))
    text = text if len(text) <= room else f"{text[:room]} … ({len(text)} characters)"
    return f'"{text}"' if isinstance(value, str) else text


def size(count: int) -> str:
    """Bytes for people: 312 B, 4.1 kB, 2.0 MB."""
    if count < 1000:
        return f"{count} B"
    return f"{count / 1000:.1f} kB" if count < 1_000_000 else f"{count / 1_000_000:.1f} MB"


def make_console(*, colour: bool, write: Callable[[], Any] | None = None) -> Console:
    """The console on stderr; without colour where the user or the place does not want it."""
    return Console(stderr=True, no_color=not colour, highlight=False, emoji=False, markup=False, file=write and write())
