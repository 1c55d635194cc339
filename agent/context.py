"""What a tool is given: the run's part of `plugins.Context`, for one call.

These functions are called from the tool's thread. They post events into the run's stream and wait for them to be on
disk where something follows from them: a question is paid once, also when the run is interrupted after it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from agent.errors import ContextTooLong, ModelError
from agent.events import LimitReached, ModelCalled, Observed, Progress, Recalled, Usage
from agent.history import History
from agent.kit import Kit
from agent.mail import Barrier, Item, Nested
from agent.model import Message, Request
from agent.notes import MOST_NOTES, NewNote, copied, recalled
from agent.noting import write_note, written
from agent.paying import ask, tokens
from plugins import Call, Context, Cost, Found, Left, Newest, Observation, Remembered, Seen, ToolError


@dataclass(slots=True)
class Inside:
    """The inside of one call, at the address `path`, from which other calls are made. Thread-safe."""

    path: str
    taken: set[str] = field(default_factory=set)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def place(self, history: History, tool: str, asked_hash: str) -> tuple[str, Observed | None]:
        """The address of a call, and its result where it was made before an interruption.

        A call is found again by its tool and the arguments that it was asked for with, not by its number: threads of
        a tool may come in another order.
        """
        with self.lock:
            for address, intent, result in history.nested(self.path):
                if address not in self.taken and (intent.tool, intent.asked_hash) == (tool, asked_hash):
                    self.taken.add(address)
                    return address, result
            number = 1 + max((int(one.rpartition("/")[2]) for one in self._known(history)), default=0)
            address = f"{self.path}/{number}"
            self.taken.add(address)
            return address, None

    def _known(self, history: History) -> set[str]:
        return {address for address, _, _ in history.nested(self.path)} | self.taken


Nest: TypeAlias = Callable[[Kit, Inside, str, Mapping[str, Any]], Observation]
"""Makes a call from inside a tool: in here, of this tool, with these arguments."""


def make_context(kit: Kit, path: str, nest: Nest) -> Context:
    """The context for the call at `path` (its id, or `c1/2` for the second call made from inside c1)."""
    cancel = threading.Event()
    asked = not kit.model.offline
    return Context(
        workspace=kit.files,
        artifacts=kit.artifacts,
        notes=_JournaledNotes(kit, path),
        ask=_asker(kit, path, cancel) if asked else None,
        call=_caller(kit, path, nest),
        person=_person(kit, path),
        progress=lambda text, *, done=None, total=None: kit.mail.post(
            path, Progress(text=text, done=done, total=total)
        ),
        budget=_RunBudget(kit, path) if asked else None,
        parallel=kit.goal.parallel,
        documents=kit.documents,
        http=kit.http,
        search=kit.search,
        sandbox=kit.sandbox,
        images=kit.images,
        effects={name: tool.effect for name, tool in kit.toolbox.tools.items() if not kit.approval.denied(name)},
        cache=kit.cache,
        cancel=cancel,
    )


def _request(prompt: str, *, purpose: str, system: str, reply: int) -> Request:
    messages = [Message("system", system)] if system else []
    return Request(messages=(*messages, Message("user", prompt)), purpose=purpose, reply=reply)


def _asker(kit: Kit, path: str, cancel: threading.Event) -> Callable[..., str]:
    def wait() -> bool:
        if cancel.is_set() or kit.mail.over.is_set():
            raise ToolError("the call was given up", kind="cancelled")
        return True

    def asks(prompt: str, *, purpose: str, system: str = "", reply: int = 1024) -> str:
        request = _request(prompt, purpose=purpose, system=system, reply=reply)
        try:
            answer = _posted(kit, path, ask(kit, request, path, wait=wait))
        except ModelError as error:
            kind = "window" if isinstance(error, ContextTooLong) else "model"
            raise ToolError(f"the model could not be asked: {error.message}", hint=error.hint, kind=kind) from error
        if isinstance(answer, LimitReached):
            raise ToolError(answer.text, hint="go on with what there is", kind="limit")
        return answer

    return asks


def _posted(kit: Kit, path: str, asking: Generator[Item, None, str | LimitReached]) -> str | LimitReached:
    """Take a question through from a tool's thread. Its answer is on disk before the tool has it: it is paid once."""
    with closing(asking):
        while True:
            try:
                item = next(asking)
            except StopIteration as ended:
                found: str | LimitReached = ended.value
                return found
            if not isinstance(item, Barrier | Nested):
                kit.mail.post(path, item, wait=isinstance(item, ModelCalled))


def _caller(kit: Kit, path: str, nest: Nest) -> Call:
    inside = Inside(path)

    def call(tool: str, arguments: Mapping[str, Any]) -> Observation:
        return nest(kit, inside, tool, arguments)

    return call


def _person(kit: Kit, path: str) -> Callable[..., str]:
    def person(question: str, choices: Sequence[str] = ()) -> str:
        approver = kit.approval.approver
        if approver is None:
            raise ToolError("nobody can be asked in this run", hint="decide with what is known", kind="no-person")
        kit.mail.settle(path, "waiting for an answer")
        with kit.waiting():
            return approver.answer(question, choices)

    return person


@dataclass(frozen=True, slots=True)
class _RunBudget:
    """What is left of a run's limits, and what the questions of the tool at `path` would cost."""

    kit: Kit
    path: str

    @property
    def window(self) -> int | None:
        kit = self.kit
        known = (kit.goal.model.window, kit.history.window, kit.model.window)
        return min((size for size in known if size), default=None)

    def left(self) -> Left:
        limits = self.kit.limits
        found = limits.remaining()
        return Left(calls=found.model_calls, tokens=found.tokens, usd=found.usd, seconds=limits.left())

    def cost(self, prompt: str, *, purpose: str, system: str = "", reply: int = 1024) -> Cost:
        kit, request = self.kit, _request(prompt, purpose=purpose, system=system, reply=reply)
        if kit.is_answered(self.path, request.hash):
            return Cost(calls=0, tokens=0, usd=0.0)
        usage = Usage(prompt_tokens=tokens(kit, request), completion_tokens=reply)
        return Cost(calls=1, tokens=usage.tokens, usd=kit.model.price(usage))


@dataclass(frozen=True, slots=True)
class _JournaledNotes:
    """Long-term memory as a tool sees it: what is written and found becomes an event of the run."""

    kit: Kit
    path: str

    def remember(self, text: str, *, kind: str = "note", replaces: str | None = None) -> Remembered:
        kit = self.kit
        known = copied(text, list(kit.history.recalled.values()))
        dictated = self._is_dictated(text)
        if known is not None and replaces is None and not (dictated and known.text != text):
            return Remembered(id=known.id, state="known", namespace=self._namespace)
        if kit.history.notes_written >= MOST_NOTES:
            raise ToolError(f"this run has written its {MOST_NOTES} notes", hint="keep it for the answer", kind="limit")
        note = NewNote(
            text=text,
            kind=kind,
            origin="user" if dictated else "agent",
            step=kit.history.step,
            everywhere=kind == "preference" and self._holds_everywhere(text),
            approved=self._approved,
            replaces=replaces,
        )
        became = write_note(kit, note)
        kit.mail.post(self.path, written(note, became, "remember"), wait=True)
        return became

    def recall(self, query: str, *, count: int = 5, kinds: Sequence[str] = ()) -> Sequence[Found]:
        found = self.kit.notes.recall(query, count=count, kinds=kinds)
        self.kit.mail.post(self.path, Recalled(query=query, notes=recalled(found), trigger="tool"))
        return found

    def newest(self, *, count: int = 20) -> Newest:
        found = self.kit.notes.newest(count=count)
        self.kit.mail.post(self.path, Recalled(query="", notes=recalled(found.notes), trigger="tool"))
        return found

    def seen(self, query: str, *, count: int = 3) -> Sequence[Seen]:
        return self.kit.folded.find(query, count)

    @property
    def _namespace(self) -> str:
        started = self.kit.history.started
        return started.namespace if started else ""

    @property
    def _approved(self) -> bool:
        """Did a person say yes to this very call?"""
        verdict = self.kit.history.verdict(self.path)
        return verdict is not None and verdict.decision == "allow" and verdict.by == "person"

    def _is_dictated(self, text: str) -> bool:
        """Are these the person's own words, typed to be remembered?"""
        from agent.learning.wishes import is_dictated  # its patterns take their time to be compiled

        return is_dictated(text, self.kit.history)

    def _holds_everywhere(self, text: str) -> bool:
        if self._approved:
            return True
        from agent.learning.wishes import is_wished  # its patterns take their time to be compiled

        return is_wished(text, self.kit.history)
