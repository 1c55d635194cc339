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
from rich.live import Live
from rich.text import Text

from agent.checked import kind_of
from agent.events import (
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
from agent.screen.folding import columns, folded, tail
from agent.screen.reporting import report_lines, with_what
from agent.screen.wording import arguments_line, cut, size
from agent.spending import Allowed, counted, spent_line, uncounted_line
from agent.terminal import neutral, plain

SHOWN_LINES = 6
"""Lines of a result that are shown; all of it is in the journal (`thinkact runs show --json`)."""
SHOWN_FILES = 12
"""Files of one call that are named."""
SHOWN_CHARACTERS = 400
"""Characters of each of these lines that are shown."""
LOGGED_FROM = 15.0
"""Seconds of waiting for a model that are worth a line of a log."""
FRAME = "      │ "
"""Stands before what a terminal would wrap: nothing foreign may begin a line and pass for one of ours."""

_BETWEEN = " · "
_ROUND = re.compile(r"checks\d+/\d+")
"""The address of a program that a check of the goal starts."""
_PROGRAM_SHOWN = 60
"""Characters of such a program that are shown."""

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
    """

    def __init__(
        self, console: Console, history: History, allowed: Allowed, *, quiet: bool = False, introduced: bool = False
    ) -> None:
        self._console = console
        self._history = history
        self._allowed = allowed
        self._quiet = quiet
        self._introduced = introduced
        self._live: Live | None = None
        self._streamed = ""
        self._streaming = ""  # the address of the work whose words `_streamed` are
        self._told_of_money = False
        self._asked: list[ModelCalled] = []  # what a tool has asked the model, not told yet

    def __call__(self, record: Record) -> None:
        """Tell one event."""
        event = record.event
        if isinstance(event, ThoughtDelta):
            self._delta(event, record.path)
        elif isinstance(event, Progress):
            self._progress(event)
        elif not self._quiet:
            self._tell(record)

    def allow(self, allowed: Allowed) -> None:
        """The limits are these from now on."""
        self._allowed = allowed

    def pause(self) -> None:
        """Take the live line away, so that a question can be asked."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def _tell(self, record: Record) -> None:  # noqa: C901  (one arm a kind: a table, not a tangle)
        if isinstance(record.event, ModelCalled) and record.path and self._console.is_terminal:
            self._ask(record.event)
            return
        self.pause()
        self._tell_asked()
        if _ROUND.fullmatch(record.path) and isinstance(record.event, Verdict | ToolStarted | Observed):
            self._program(record.path, record.event)
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
                self._line(f"{inside}denied: {plain(event.reason)}", "yellow")
            case ToolStarted() as event:
                self._line(f"{inside}→ {plain(event.tool)}({arguments_line(event.arguments)})", "cyan")
            case Observed() as event:
                self._observed(event, inside, record.path)
            case ModelCalled() as event:
                self._streamed = ""
                self._line(f"{inside}{_asked(event.purpose, [event])}", "dim")
            case WindowFolded() as event:
                self._folded(event)
            case CheckResult() as event:
                self._check(event)
            case Feedback() as event:
                self._feedback(event)
            case NoteWritten() as event:
                self._noted(event, inside)
            case LimitReached() as event:
                self._line(f"  limit {plain(event.name)}: {plain(event.text)}", "yellow")
            case Finished() | Stopped() | Verdict():
                pass

    def _ask(self, event: ModelCalled) -> None:
        """A question of a tool, which may have hundreds: on a terminal, where its bar is seen, they are told in one
        line once something else is."""
        self._streamed = ""
        self._asked.append(event)

    def _tell_asked(self) -> None:
        asked, self._asked = self._asked, []
        for purpose in dict.fromkeys(one.purpose for one in asked):
            self._line(f"    {_asked(purpose, [one for one in asked if one.purpose == purpose])}", "dim")

    def _started(self, event: RunStarted) -> None:
        self._line(f"run {event.run_id} · model {plain(event.model)} · workspace {plain(event.workspace)}", "bold")
        if self._introduced:
            for line in OFFLINE:
                self._line(line, "yellow")

    def _resumed(self, event: RunResumed) -> None:
        started = self._history.started
        goals = self._history.goal.get("goals")
        goal = "; ".join(map(str, goals)) if isinstance(goals, list) else ""
        run = f"run {started.run_id} " if started else ""
        self._line(f"{run}goes on after {event.seconds:.0f} s of work, with {plain(event.model)}", "bold")
        if goal:
            self._line(f"  {'the goal is now' if event.goal is not None else 'goal'}: {plain(goal)[:200]}")

    def _recalled(self, event: Recalled) -> None:
        self._line(f"  recalled {counted(len(event.notes), 'note')} ({event.trigger})", "green")
        for note in event.notes:
            origin = plain(f"[{note.id}, {note.date}, {note.kind} by {note.origin}]")
            score = "always" if note.score is None else f"{note.score:.2f}"
            self._line(f"  │ {score} {origin} {plain(' '.join(note.text.split()))[:160]}", "dim")

    def _noted(self, event: NoteWritten, inside: str) -> None:
        how = {"counted": "remembered before as", "covered": "not changed, the user's own note"}.get(event.state)
        where = plain(f"({event.note}, in {event.namespace})")
        instead = f", in place of {plain(', '.join(event.replaced))}" if event.replaced else ""
        # Of an episode the person has just seen all that is in it.
        text = "" if event.note == "episode" else f": {plain(' '.join(event.text.split()))[:160]}"
        self._line(f"{inside}{how or 'remembered as'} {plain(event.id)} {where}{instead}{text}", "green")

    def _thought(self, event: Thought) -> None:
        self._streamed = ""
        self._line(self._live_line(event.step), "dim")
        uncounted = None if self._told_of_money else uncounted_line(self._history, self._allowed)
        if uncounted is not None:
            self._told_of_money = True
            self._line(f"  {uncounted}", "yellow")
        if event.text.strip():
            self._framed(event.text, "")
        for call in event.calls:
            if call.fault is not None:
                self._line(f"  → {plain(call.tool)}: its arguments could not be read: {plain(call.fault)}", "yellow")

    def _feedback(self, event: Feedback) -> None:
        """Whose words they are. Those of the checks say again what each failed check has just said for itself."""
        if event.origin == "user":
            self._line(f"  user: {plain(event.text)}", "yellow")
        elif event.origin != "checks":
            self._line(f"  to the agent: {plain(event.text)}", "yellow")

    def _program(self, path: str, event: Verdict | ToolStarted | Observed) -> None:
        """A program that a check starts, in one line; what it said stands in the line of its check."""
        if isinstance(event, Verdict):
            if event.decision == "deny":
                self._line(f"  check program not run: {plain(event.reason)}", "yellow")
            return
        intent = self._history.intent(path)
        if intent is None:  # it was not started, which its verdict has told
            return
        program = f"check program: {cut(plain(str(intent.arguments.get('run', ''))), _PROGRAM_SHOWN)}"
        if isinstance(event, ToolStarted):
            self._show(program)
            return
        said = event.text if event.error is None else event.error.message
        outcome = plain(said.partition(": ")[0].partition("\n")[0])
        self._line(f"  {program} {outcome} ({event.seconds:.1f} s)", "dim" if event.ok else "yellow")

    def _observed(self, event: Observed, inside: str, path: str) -> None:
        if event.tool == FINISH or self._refused(event, path):
            return
        if event.arguments_hash and not path:
            self._unmade(event.call)
        if not event.ok:
            self._framed(event.text, "red", inside)
            return
        seconds = f" ({event.seconds:.1f} s)" if event.seconds >= 1 else ""
        for change in event.files[:SHOWN_FILES]:
            extent = "" if change.sha256 is None else f", {size(change.bytes)}"
            self._line(f"{inside}  {change.change} {plain(change.path)}{extent}{seconds}", "green")
        if (more := len(event.files) - SHOWN_FILES) > 0:
            self._line(f"{inside}  … {counted(more, 'more file')}", "dim")
        intent = self._history.intent(path or event.call)
        if not event.files and intent is not None and intent.effect == "write" and intent.before:
            paths = ", ".join(plain(state.path) for state in intent.before[:SHOWN_FILES])
            self._line(f"{inside}  unchanged {paths}", "dim")
        elif not event.files:
            self._framed(event.text, "dim", inside)

    def _unmade(self, identity: str) -> None:
        """Name a call that is answered without being made: it was never announced."""
        calls = self._history.steps[-1].thought.calls if self._history.steps else ()
        for call in calls:
            if call.id == identity and call.fault is None:
                self._line(f"  → {plain(call.tool)}({arguments_line(call.arguments)}) is not made", "cyan")

    def _refused(self, event: Observed, path: str) -> bool:
        """Is this what the model is told of a denial, which was told to the person as one?"""
        verdict = self._history.verdict(path or event.call)
        told = verdict is not None and verdict.decision == "deny"
        return told and event.error is not None and event.error.kind in ("denied", "feedback")

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
        self._line(f"  {kind_of(required=event.required)} {mark}: {plain(event.name)} ({plain(event.detail)})", style)

    def _delta(self, event: ThoughtDelta, path: str) -> None:
        if event.waited is not None:
            self._waited(event.text, event.waited, path)
            return
        if event.channel == "notice":
            self.pause()
            self._line(f"  {plain(event.text)}", "yellow")
            return
        if event.channel == "restart" or path != self._streaming:
            self._streamed, self._streaming = "", path
        if event.channel == "restart":
            return
        step = self._history.step + (0 if path else 1)  # it is counted once it is complete
        if event.channel == "text":
            self._streamed = (self._streamed + event.text)[-2000:]
            room = self._console.width - columns(self._live_line(step)) - len(_BETWEEN)
            self._show(tail(plain(self._streamed.strip().rpartition("\n")[2]), max(8, room)), step)
        elif not self._streamed:
            self._show("thinking …", step)

    def _waited(self, text: str, seconds: float, path: str) -> None:
        """Nothing came yet: on a terminal the live line says so from soon on, in a log a line now and then."""
        if self._console.is_terminal:
            self._show(plain(text), self._history.step + (0 if path else 1))
        elif seconds >= LOGGED_FROM and not self._quiet:
            self._line(f"  {plain(text)}", "yellow")

    def _progress(self, event: Progress) -> None:
        if event.total:
            done = event.done or 0.0
            full = int(20 * max(0.0, min(1.0, done / event.total)))
            self._show(f"{'█' * full}{'░' * (20 - full)} {done:g} of {event.total:g} {plain(event.text)}")
        else:
            self._show(plain(event.text))

    def _show(self, text: str, step: int | None = None) -> None:
        """The live line: on a terminal only. `step` is the one under way, the last that was thought if not given."""
        if self._quiet or not self._console.is_terminal:
            return
        if self._live is None:
            self._live = Live(console=self._console, transient=True, refresh_per_second=8)
            self._live.start()
        live = self._live_line(self._history.step if step is None else step)
        line = Text(f"{live}{_BETWEEN}{text}", style="dim", no_wrap=True, overflow="ellipsis")
        self._live.update(line)

    def _live_line(self, step: int) -> str:
        """`step 7 · 12.4k tokens · $0.08 of $1.00`."""
        return f"step {step}{_BETWEEN}{spent_line(self._history, self._allowed)}"

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
            self._line(f"{frame}{cut(line, SHOWN_CHARACTERS)}", style, frame=frame)
        if len(lines) > SHOWN_LINES:
            self._line(f"{frame}… {counted(len(lines) - SHOWN_LINES, 'more line')}", "dim")

    def report(self, run: str, ended: Finished | Stopped, *, resumable: bool) -> None:
        """The end: state, files with size and hash, checks, cost, how to go on."""
        self.pause()
        self._tell_asked()
        for line, style in report_lines(self._history, self._allowed, ended):
            self._line(line, style)
        if resumable:
            self._line(f"  go on    thinkact resume {run}{with_what(self._history, ended)}")


def _asked(purpose: str, calls: Sequence[ModelCalled]) -> str:
    tokens = counted(sum(one.usage.tokens for one in calls), "token")
    times = f"{len(calls)} times, " if len(calls) > 1 else ""
    return f"asked the model: {plain(purpose)} ({times}{tokens})"


def make_console(*, colour: bool, write: Callable[[], Any] | None = None) -> Console:
    """The console on stderr; without colour where the user or the place does not want it."""
    return Console(stderr=True, no_color=not colour, highlight=False, emoji=False, markup=False, file=write and write())
