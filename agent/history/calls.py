"""The calls of a run, each by its address: verdict, intent, and the result of one that was made inside another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from agent.events import Observed, ToolStarted, Verdict
from agent.history.values import COMMENTED, Done, Edited, Step
from agent.likeness import likeness


class Calls:
    """What became of the calls. The address of one of the model's is its id.

    Attributes:
        counted: How often each tool was called; a call made again counts once.
        denied: The denials since the last resume, as told to the model.
        again: Addresses of calls that were begun, and that somebody allowed to make again since the last resume.
    """

    def __init__(self) -> None:
        self.counted: Counter[str] = Counter()
        self.denied: list[str] = []
        self.again: set[str] = set()
        self._verdicts: dict[str, Verdict] = {}
        self._edited: dict[str, Edited] = {}
        self._started: dict[str, ToolStarted] = {}
        self._inside: dict[str, list[str]] = {}
        self._results: dict[str, Observed] = {}

    def resume(self) -> None:
        """What was denied may be asked for anew, and what was allowed again is not by that."""
        self.denied.clear()
        self.again.clear()

    def rule(self, address: str, event: Verdict) -> None:
        """Somebody has ruled on a call."""
        self._verdicts[address] = event
        earlier = self._edited.get(address)
        if event.arguments is not None and (earlier is None or earlier.arguments != event.arguments):
            self._edited[address] = Edited("plugin" if event.by == "hook" else "person", event.arguments)
        if event.decision == "deny" and event.reason != COMMENTED:
            self.denied.append(event.reason)
        if event.decision == "allow" and address in self._started:
            self.again.add(address)

    def start(self, address: str, event: ToolStarted) -> None:
        """A call of the model is announced."""
        if address not in self._started:
            self.counted[event.tool] += 1
        self._started[address] = event

    def start_inside(self, address: str, event: ToolStarted) -> None:
        """A call from inside another is announced."""
        if address not in self._started:
            self._inside.setdefault(address.rpartition("/")[0], []).append(address)
        self.start(address, event)

    def return_inside(self, address: str, event: Observed) -> None:
        """A call from inside another came back; one that was never announced has no result."""
        if address in self._started:
            self._results[address] = event

    def note_edits(self, event: ToolStarted, step: Step) -> None:
        """Is this call of a step made with arguments that are not the model's?"""
        edited = self._edited.get(event.call)
        if edited is None or edited.arguments != event.arguments:
            return
        for call in step.thought.calls:
            if call.id == event.call and call.arguments != event.arguments:
                step.edited[call.id] = edited

    def compared(self, event: Observed, step: int) -> Done:
        """A call that came back, as the guard compares it."""
        begun, error = self._started.get(event.call), event.error
        return Done(
            tool=event.tool,
            arguments_hash=event.arguments_hash or (begun.arguments_hash if begun else ""),
            result_hash=event.result_hash,
            ok=event.ok,
            effect=begun.effect if begun and not event.arguments_hash else "read",
            step=step,
            text=event.text,
            kind=error.kind if error else "",
            error=error.message if error else "",
            like=likeness(error.message, begun.arguments if begun else {}) if error else "",
        )

    def verdict(self, address: str) -> Verdict | None:
        """The last verdict on a call."""
        return self._verdicts.get(address)

    def intent(self, address: str) -> ToolStarted | None:
        """The last announcement of a call."""
        return self._started.get(address)

    def inside(self, parent: str) -> Sequence[tuple[str, ToolStarted, Observed | None]]:
        """The calls made from inside a call, in their order: address, intent, and result if there is one."""
        return [(path, self._started[path], self._results.get(path)) for path in self._inside.get(parent, ())]

    def result_inside(self, address: str) -> Observed | None:
        """What came back from a call made from inside another."""
        return self._results.get(address)

    def open_inside(self, parent: str) -> Sequence[tuple[str, ToolStarted]]:
        """The calls anywhere inside a call that were announced and have no result."""
        found: list[tuple[str, ToolStarted]] = []
        for path, started, result in self.inside(parent):
            if result is None:
                found += [(path, started), *self.open_inside(path)]
        return found
