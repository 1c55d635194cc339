"""Calls: what a person is told of the calls of a run and of what came back from them."""

from __future__ import annotations

from agent.events import Observed, ToolStarted, Verdict
from agent.history import FIND, FINISH, History
from agent.screen.printing import Printer
from agent.screen.wording import arguments_line, cut, size
from agent.spending import counted
from agent.terminal import plain

SHOWN_FILES = 12
"""Files of one call that are named."""
_PROGRAM_SHOWN = 60
"""Characters of a check's program that are shown."""


class CallTeller:
    """Tells what came back from calls."""

    def __init__(self, printer: Printer, history: History) -> None:
        self._printer = printer
        self._history = history

    def observed(self, event: Observed, inside: str, path: str) -> None:
        """A call came back; `inside` is how far in it stands, `path` the address of one made from inside another."""
        if event.tool == FINISH or self._refused(event, path):
            return
        if event.arguments_hash and not path:
            self._unmade(event.call)
        if not event.ok:
            self._printer.framed(event.text, "red", inside)
            return
        if event.tool == FIND and isinstance(event.value, list):
            found = ", ".join(plain(str(one)) for one in event.value) or "nothing"
            self._printer.line(f"{inside}  found {found}", "dim")
            return
        seconds = f" ({event.seconds:.1f} s)" if event.seconds >= 1 else ""
        for change in event.files[:SHOWN_FILES]:
            extent = "" if change.sha256 is None else f", {size(change.bytes)}"
            self._printer.line(f"{inside}  {change.change} {plain(change.path)}{extent}{seconds}", "green")
        if (more := len(event.files) - SHOWN_FILES) > 0:
            self._printer.line(f"{inside}  … {counted(more, 'more file')}", "dim")
        intent = self._history.intent(path or event.call)
        if not event.files and intent is not None and intent.effect == "write" and intent.before:
            paths = ", ".join(plain(state.path) for state in intent.before[:SHOWN_FILES])
            self._printer.line(f"{inside}  unchanged {paths}", "dim")
        elif not event.files:
            self._printer.framed(event.text, "dim", inside)

    def _unmade(self, identity: str) -> None:
        """Name a call that is answered without being made: it was never announced."""
        calls = self._history.steps[-1].thought.calls if self._history.steps else ()
        for call in calls:
            if call.id == identity and call.fault is None:
                self._printer.line(f"  → {plain(call.tool)}({arguments_line(call.arguments)}) is not made", "cyan")

    def _refused(self, event: Observed, path: str) -> bool:
        """Is this what the model is told of a denial, which was told to the person as one?"""
        verdict = self._history.verdict(path or event.call)
        told = verdict is not None and verdict.decision == "deny"
        return told and event.error is not None and event.error.kind in ("denied", "feedback")

    def program(self, path: str, event: Verdict | ToolStarted | Observed) -> None:
        """A program that a check starts, in one line; what it said stands in the line of its check."""
        if isinstance(event, Verdict):
            if event.decision == "deny":
                self._printer.line(f"  check program not run: {plain(event.reason)}", "yellow")
            return
        intent = self._history.intent(path)
        if intent is None:  # it was not started, which its verdict has told
            return
        program = f"check program: {cut(plain(str(intent.arguments.get('run', ''))), _PROGRAM_SHOWN)}"
        if isinstance(event, ToolStarted):
            self._printer.show(program)
            return
        said = event.text if event.error is None else event.error.message
        outcome = plain(said.partition(": ")[0].partition("\n")[0])
        self._printer.line(f"  {program} {outcome} ({event.seconds:.1f} s)", "dim" if event.ok else "yellow")
