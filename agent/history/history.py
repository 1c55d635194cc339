"""The history: the events of one run, folded into what the rest asks about.

`History.apply` is the only way in, for a live event as for a stored one; so a resumed run knows exactly what an
undisturbed one would. Nothing here reads a clock, a file or a setting.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from agent.events import (
    JSON,
    CheckResult,
    ContextHanded,
    Event,
    Feedback,
    FileChange,
    Finished,
    LimitReached,
    ModelCalled,
    NoteWritten,
    Observed,
    Progress,
    Recalled,
    RecalledNote,
    Record,
    RunResumed,
    RunStarted,
    Stopped,
    Thought,
    ThoughtDelta,
    ToolCall,
    ToolStarted,
    Verdict,
    WindowFolded,
)
from agent.history.calls import Calls
from agent.history.files import take_changes
from agent.history.opened import OpenedPage, opened_pages
from agent.history.raising import raise_limits
from agent.history.values import FINISH, ROUND, Done, OpenCall, Spend, Step


def round_address(history: History) -> str:
    """The address of the round of checks on the last step's finish, under which its programs run: `checks7`."""
    return f"{ROUND}{history.step}"


class History:
    """What has happened in a run.

    Attributes:
        started: The opening event, None before it.
        goal, baseline, source: The goal that counts, as a plain dict, the hashes of the files that its `unchanged`
            checks name, and its file: those of the opening, or of the resume that changed them last.
        openings: It and every resume.
        offered: The tools that the prompt tells of, as they were chosen for the goal; None: they were not.
        steps: All steps, oldest first.
        preface: Feedback that came before the first step.
        handed: What the project says of itself, as it was handed over before the first step.
        notes: What recall found for the goal and its tasks, and before it what it found for the last error.
        recalled: All that recall put before the model, by id.
        written: The notes that were written, oldest first.
        call_ids: The ids of all calls.
        fold: The last folding of the window, None before the first.
        spend: Tokens, money and calls of the model.
        tool_calls: How often each tool was called, nested calls included; a call made again counts once.
        done: Calls that came back, oldest first, without nested ones.
        opened: The pages of the web that tools have opened, nested calls included, by `page_key`.
        files: Every file the run changed, by path, with its last change.
        checks: The results of the last round of checks; `checked` counts the rounds,
            `checked_before` those before the last resume; `before` are those made before step 1.
        steps_before, done_before: How many steps and calls there were at the last resume.
        answered: The model's answers to paid questions, in their order, by the address of who asked ("" for the run
            itself) and the hash of the request.
        again: Addresses of calls that were begun, and that somebody allowed to make again since the last resume.
        denied: The denials so far, as told to the model.
        limits, limited: Limits that were reached, and how often each since the last resume; `limited_at` is the step
            in which the last one was.
        stopped_by: The limit that ended the run before the last resume, if one did.
        refused_finishes: How often a finish was sent back unjudged since the last resume.
        seconds: The run's own time.
        raised: The limits that `resume` was given.
        ended: How it ended, None while it goes on.
    """

    def __init__(self, records: Iterable[Record] = ()) -> None:
        self.started: RunStarted | None = None
        self.goal: Mapping[str, JSON] = {}
        self.baseline: Mapping[str, str] = {}
        self.source: str | None = None
        self.offered: tuple[str, ...] | None = None
        self.openings: list[RunStarted | RunResumed] = []
        self.steps: list[Step] = []
        self.preface: list[Feedback] = []
        self.handed: list[ContextHanded] = []
        self.notes: tuple[RecalledNote, ...] = ()
        self.recalled: dict[str, RecalledNote] = {}
        self.written: list[NoteWritten] = []
        self.fold: WindowFolded | None = None
        self.spend = Spend()
        self._calls = Calls()
        self.tool_calls = self._calls.counted
        self.done: list[Done] = []
        self.opened: dict[str, list[OpenedPage]] = {}
        self.files: dict[str, FileChange] = {}
        self.checks: list[CheckResult] = []
        self.before: list[CheckResult] = []
        self.checked = 0
        self.checked_before = 0
        self.steps_before = 0
        self.done_before = 0
        self.refused_finishes = 0
        self.denied = self._calls.denied
        self.limited: Counter[str] = Counter()
        self.limited_at = 0
        self.limits: list[LimitReached] = []
        self.stopped_by: LimitReached | None = None
        self.call_ids: set[str] = set()
        self.window: int | None = None
        self.seconds = 0.0
        self.seq = 0
        self.resumes = 0
        self.raised: dict[str, JSON] = {}
        self.ended: Finished | Stopped | None = None
        self.answered: dict[tuple[str, str], list[ModelCalled]] = {}
        self.again = self._calls.again
        self._for_goal: tuple[RecalledNote, ...] = ()
        self._for_error: tuple[RecalledNote, ...] = ()
        for record in records:
            self.apply(record)

    def apply(self, record: Record) -> None:
        """Take in the next event, in the order of `seq`."""
        self.seq, self.seconds = record.seq, record.elapsed
        if record.path:
            self._apply_nested(record.path, record.event)
        else:
            self._apply(record.event)

    def _apply(self, event: Event) -> None:  # noqa: C901  (one arm a kind: a table, not a tangle)
        match event:
            case RunStarted():
                self.started = event
                self.goal, self.baseline, self.source = event.goal, event.baseline, event.source
                self.offered = event.offered
                self.openings.append(event)
                raise_limits(self.raised, event.limits)
            case RunResumed():
                if event.goal is not None:
                    self.goal, self.baseline, self.source = event.goal, event.baseline or {}, event.source
                    self.offered = event.offered
                limited = isinstance(self.ended, Stopped) and self.ended.state == "limit" and bool(self.limits)
                self.stopped_by = self.limits[-1] if limited else None
                self.openings.append(event)
                self.resumes, self.ended = self.resumes + 1, None
                raise_limits(self.raised, event.limits)
                self.checked_before = self.checked
                self.steps_before, self.done_before = len(self.steps), len(self.done)
                self.refused_finishes = 0
                self.limited.clear()
                self._calls.resume()
            case Thought():
                self.steps.append(Step(event))
                self.call_ids.update(call.id for call in event.calls)
                self.spend.add(event.usage)
            case ModelCalled():
                self._take_call(event)
            case Verdict():
                self._calls.rule(event.call, event)
            case ToolStarted():
                self._calls.start(event.call, event)
                if self.steps:
                    self._calls.note_edits(event, self.steps[-1])
            case Observed():
                self._observe(event)
            case Recalled():
                self._recall(event)
            case WindowFolded():
                self.fold, self.window = event, event.window or self.window
            case CheckResult():
                self._check(event)
            case Feedback():
                (self.steps[-1].feedback if self.steps else self.preface).append(event)
            case ContextHanded():
                (self.steps[-1].handed if self.steps else self.handed).append(event)
            case LimitReached():
                self._limit(event)
            case NoteWritten():
                self.written.append(event)
            case Finished() | Stopped():
                self.ended = event
            case ThoughtDelta() | Progress():  # they pass by, and are never written down
                pass

    def _apply_nested(self, path: str, event: Event) -> None:
        """Work inside a tool: its costs, files and results count; the steps of the run stay as they are."""
        match event:
            case ModelCalled():
                self._take_call(event, path)
            case ToolStarted():
                self._calls.start_inside(path, event)
            case Observed():
                take_changes(self.files, event.files)
                self._calls.return_inside(path, event)
                self._open(path, event)
            case Verdict():
                self._calls.rule(path, event)
            case LimitReached():
                self._limit(event)
            case NoteWritten():
                self.written.append(event)
            case Recalled():
                self.recalled.update((note.id, note) for note in event.notes)
            case _:  # what else a tool tells of its work changes nothing that is asked of the history
                pass

    def _recall(self, event: Recalled) -> None:
        """What stands before the model from now on: the notes for an error make way for those for the next one."""
        self.recalled.update((note.id, note) for note in event.notes)
        if event.trigger == "error":
            self._for_error = event.notes
        else:
            self._for_goal = event.notes
        every = {note.id: note for note in (*self._for_error, *self._for_goal)}
        self.notes = tuple(every.values())

    def _limit(self, event: LimitReached) -> None:
        self.limits.append(event)
        self.limited[event.name] += 1
        self.limited_at = self.step

    def _take_call(self, event: ModelCalled, path: str = "") -> None:
        self.spend.add(event.usage)
        if event.request:
            self.answered.setdefault((path, event.request), []).append(event)

    def _observe(self, event: Observed) -> None:
        if not self.steps:
            return
        step = self.steps[-1]
        step.results[event.call] = event
        if event.tool == FINISH and event.error is not None and event.error.kind in ("arguments", "claim"):
            self.refused_finishes += 1
        take_changes(self.files, event.files)
        self.done.append(self._calls.compared(event, step.thought.step))
        self._open(event.call, event)

    def _open(self, address: str, event: Observed) -> None:
        started = self._calls.intent(address)
        for key, page in opened_pages(started, event) if started is not None else ():
            self.opened.setdefault(key, []).append(page)

    def _check(self, event: CheckResult) -> None:
        if event.phase == "before":
            self.before.append(event)
            return
        if event.attempt > self.checked:
            self.checked, self.checks = event.attempt, []
        self.checks.append(event)

    @property
    def step(self) -> int:
        """The number of the last step; 0 before the first."""
        return self.steps[-1].thought.step if self.steps else 0

    def handed_now(self) -> Sequence[str]:
        """The paths of what the project says of itself, and what the model has before it of that: what stood in steps
        that are folded is handed over anew. What could not be handed over is not tried again."""
        upto = self.fold.upto if self.fold else 0
        later = (one for step in self.steps for one in step.handed if step.thought.step > upto or not one.text)
        return [one.path for one in (*self.handed, *later)]

    def open_calls(self) -> Sequence[OpenCall]:
        """The calls of the last step that have no result yet, `finish` left out, in the model's order."""
        if not self.steps or self.ended is not None:
            return ()
        last = self.steps[-1]
        return [
            OpenCall(call, self.verdict(call.id), self.intent(call.id))
            for call in last.thought.calls
            if call.id not in last.results and call.tool != FINISH
        ]

    def is_open(self, call: str) -> bool:
        """Has this call of the last step no result?"""
        return bool(self.steps) and call not in self.steps[-1].results

    def open_finishes(self) -> Sequence[ToolCall]:
        """The calls of `finish` in the last step that were not answered, in the model's order."""
        if not self.steps:
            return ()
        last = self.steps[-1]
        return [call for call in last.thought.calls if call.tool == FINISH and call.id not in last.results]

    def verdict(self, address: str) -> Verdict | None:
        """The last verdict on a call, by its id or, for one made inside a tool, by its address."""
        return self._calls.verdict(address)

    def intent(self, address: str) -> ToolStarted | None:
        """The last announcement of a call, by its id or its address."""
        return self._calls.intent(address)

    def nested(self, parent: str) -> Sequence[tuple[str, ToolStarted, Observed | None]]:
        """The calls made from inside the call at `parent`, in their order: address, intent, and result if there is
        one. A tool that is run again after an interruption gets the results that it had."""
        return self._calls.inside(parent)

    def nested_result(self, address: str) -> Observed | None:
        """What came back from a call that was made at this address, from inside a tool or by a check."""
        return self._calls.result_inside(address)

    def open_nested(self, parent: str) -> Sequence[tuple[str, ToolStarted]]:
        """The calls anywhere inside the call at `parent` that were announced and have no result."""
        return self._calls.open_inside(parent)

    @property
    def notes_written(self) -> int:
        """How many notes the run has written."""
        return len(self.written)

    def pending_feedback(self) -> str | None:
        """The user's last words that no thought has answered yet."""
        words = self.steps[-1].feedback if self.steps else self.preface
        mine = [one.text for one in words if one.origin == "user"]
        return "\n".join(mine) or None
