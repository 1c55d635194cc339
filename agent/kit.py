"""The kit: what one run works with."""

from __future__ import annotations

import base64
import hashlib
import threading
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any, Literal

from agent.approval import Approval
from agent.checks import Scene, Verdict
from agent.events import FileChange, FileState, ToolStarted
from agent.goal import Goal
from agent.history import History
from agent.limits import Limits
from agent.mail import Mailbox
from agent.model import Model
from agent.notes import LongTerm
from agent.offer import Offer
from agent.prompt import Prompt
from agent.snapshot import Snapshots
from plugins import (
    Artifacts,
    Cache,
    Documents,
    Effect,
    Files,
    Http,
    Images,
    Observation,
    PathState,
    Prepared,
    Sandbox,
    Search,
    Toolbox,
    ToolError,
)

if TYPE_CHECKING:
    from agent.folded import FoldedSteps

MOST_KEPT = 64 * 1024 * 1024
"""Bytes of an old file that are kept beside a run."""


@dataclass(kw_only=True)
class Kit:
    """Everything that one run works with. Made by `runs`, used by the loop and its parts.

    `stop` is set when the run is to stop after this step, `quit` when nothing more is to be begun in it. `waiting`
    is a stretch in which a person is waited for: the run's time stands still. `today` gives the date for the
    prompt's tail. `usd_stated`: the user set the limit on money, so it must hold from the first call. `cache` is
    what tools worked out in this run. `sought` are the errors for which memory was searched in this process,
    `unkept` the texts of notes that it refused. `offer` are the tools that the prompt tells of, and those that are
    found.
    """

    goal: Goal
    history: History
    model: Model
    toolbox: Toolbox
    files: Files
    artifacts: Artifacts
    notes: LongTerm
    approval: Approval
    limits: Limits
    prompt: Prompt
    environment: Mapping[str, str]
    today: Callable[[], date]
    offer: Offer
    recalls: bool = True
    usd_stated: bool = True
    waiting: Callable[[], AbstractContextManager[None]] = nullcontext
    stop: threading.Event = field(default_factory=threading.Event)
    quit: threading.Event = field(default_factory=threading.Event)
    mail: Mailbox = field(default_factory=Mailbox)
    handed: Counter[tuple[str, str]] = field(default_factory=Counter)
    handing: threading.Lock = field(default_factory=threading.Lock)
    documents: Documents | None = None
    http: Http | None = None
    search: Search | None = None
    sandbox: Sandbox | None = None
    images: Images | None = None
    cache: Cache = field(default_factory=Cache)
    sought: set[tuple[str, str]] = field(default_factory=set)
    unkept: set[str] = field(default_factory=set)

    @cached_property
    def folded(self) -> FoldedSteps:
        """What stood in the steps that are no longer shown, to be searched."""
        from agent.folded import FoldedSteps  # few runs ask for it

        return FoldedSteps(self.history)

    @cached_property
    def snapshots(self) -> Snapshots:
        """What programs change in the workspace."""
        return Snapshots(self.files, self.artifacts)

    @property
    def cut(self) -> int:
        """Characters of a result that fit well into the window beside others."""
        window = self.prompt.sizes(self.history, self.model.window).window
        return max(800, min(16_000, window // 2))

    @property
    def ended(self) -> bool:
        """Has the run ended? Asked anew each time: what is yielded may have ended it."""
        return self.history.ended is not None

    def answer_of(self, path: str, request: str) -> str | None:
        """What the model said to this question when it was asked for before. The run's own questions have one answer.
        A tool gets those that it paid for before an interruption, each once: asked again, it wants another."""
        answers = self.history.answered.get((path, request), [])
        if not path:
            return answers[0].text if answers else None
        with self.handing:
            number = self.handed[path, request]
            self.handed[path, request] += 1
        return answers[number].text if number < len(answers) else None

    def is_answered(self, path: str, request: str) -> bool:
        """Would this question of a tool be answered from what it paid for before an interruption?"""
        return self.handed[path, request] < len(self.history.answered.get((path, request), []))

    def held_back(self, address: str) -> bool:
        """Must a call that does more than read wait for the model to answer the user's words first?"""
        return self.history.pending_feedback() is not None and address not in self.history.again

    def hash_of(self, path: str) -> str | None:
        """The sha256 of a file of the workspace; None where there is none, or a folder."""
        try:
            return self.files.sha256(path)
        except ToolError:
            return None

    def intent(self, address: str, prepared: Prepared, *, asked_hash: str = "") -> ToolStarted:
        """The announcement of a call, with the files that it may write as they are now."""
        before, after = self.toolbox.states(prepared, self.files)
        earlier = self.history.intent(address)
        return ToolStarted(
            call=address,
            tool=prepared.tool.name,
            arguments=prepared.arguments,
            arguments_hash=prepared.arguments_hash,
            effect=prepared.tool.effect.value,
            repeatable=prepared.tool.repeatable,
            attempt=earlier.attempt + 1 if earlier else 1,
            before=tuple(map(self._state, before)),
            after=after,
            asked_hash=asked_hash,
        )

    def _state(self, state: PathState) -> FileState:
        """A file before the call, as the event has it. What is too large for an event is kept beside the run, so that
        the file can be put back."""
        if state.content is not None or state.sha256 is None or state.bytes > MOST_KEPT:
            return _told(state)
        try:
            content = self.files.read(state.path)
            if hashlib.sha256(content).hexdigest() != state.sha256:
                return _told(state)
            kept = self.artifacts.put(content, name=state.path.rpartition("/")[2])
            return replace(_told(state), artifact=kept.handle)
        except ToolError:  # the call itself will say it better
            return _told(state)

    def changes(self, intent: ToolStarted, observation: Observation | None = None) -> tuple[FileChange, ...]:
        """What became of the files that an intent named and of those that the tool was seen to write."""
        changes = []
        before = {state.path: state.sha256 for state in intent.before}
        written = observation.written if observation else ()
        created = set(observation.created) if observation else set()
        for path in dict.fromkeys((*before, *written)):
            now = self.hash_of(path)
            if path in before and now == before[path]:
                continue
            known = path in before or path in created or now is None
            change = _change(before.get(path), now) if known else "changed"
            size = self.files.entry(path).bytes if now is not None else 0
            changes.append(FileChange(path=path, change=change, bytes=size, sha256=now))
        return tuple(changes)

    def look_before(self, address: str, prepared: Prepared) -> None:
        """A call is about to be made: where it runs a program, see how the workspace is."""
        if prepared.tool.effect is Effect.EXECUTE and self.sandbox is not None:
            self.snapshots.begin(address)

    def changed(self, intent: ToolStarted, observation: Observation) -> dict[str, Any]:
        """What a call did to the files of the workspace, for its `Observed`: `files`, and `before` of a program's."""
        changes = {one.path: one for one in self.changes(intent, observation)}
        if intent.effect != Effect.EXECUTE.value or self.sandbox is None:
            return {"files": tuple(changes.values())}
        seen = self.snapshots.end(intent.call)
        files = {**changes, **{one.path: one for one in seen.files}}
        return {"files": tuple(files.values()), "before": seen.before, "forms": seen.forms}

    def scene(
        self, answer: str = "", *, judged: Mapping[str, Verdict] | None = None, ran: Mapping[int, Verdict] | None = None
    ) -> Scene:
        """What the checks look at."""
        return Scene(
            files=self.files,
            answer=answer,
            baseline=self.history.baseline,
            changed=self.history.files,
            judged=judged or {},
            ran=ran or {},
            pages=self.history.opened,
            kept=lambda handle: self.artifacts.get(handle)[1].decode("utf-8", "replace"),
        )


def _change(before: str | None, now: str | None) -> Literal["created", "changed", "deleted"]:
    if now is None:
        return "deleted"
    return "created" if before is None else "changed"


def _told(state: PathState) -> FileState:
    """A file before the call, as the event has it: text as text, other bytes in base64."""
    told = FileState(path=state.path, sha256=state.sha256, bytes=state.bytes, mode=state.mode)
    if state.content is None:
        return told
    try:
        return replace(told, content=state.content.decode())
    except UnicodeDecodeError:
        return replace(told, content=base64.b64encode(state.content).decode(), encoding="base64")
