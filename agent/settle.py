"""Settling: what to do on resume with a call that was announced, and of which nobody knows whether it was made.

By effect: what only reads, and what may be repeated, runs again. A write is compared with the hashes recorded before
it: the files are as they were (it did not happen, or changes nothing), as they will be after it (it happened), or
otherwise (nobody knows). What nobody knows is asked; where nobody can be asked the run stops, unless the user settled
it beforehand. Calls made from inside a tool that will run again are settled likewise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

from agent.approval import PROGRAM, Allow, Comment, Deny, Edit, Question, Quit
from agent.events import Failure, Feedback, Observed, Stopped, ToolStarted, Verdict
from agent.history import UNSETTLED, round_address
from agent.kit import Kit
from agent.leave import ask_person
from agent.loop import loop
from agent.mail import Item, Items, Nested
from agent.model import compact

Word: TypeAlias = Literal["again", "done"]
"""The user's word, given beforehand, for calls of which nobody knows: make them again, or take them as done."""


@dataclass(frozen=True, slots=True)
class _Open:
    """An announced call without a result; `path` is its address where it was made from inside a tool, else ""."""

    path: str
    intent: ToolStarted

    def leave(self, reason: str) -> Item:
        """The person's leave to make this very call again."""
        verdict = Verdict(call=self.intent.call, decision="allow", by="person", reason=reason)
        return Nested(self.path, verdict) if self.path else verdict

    def done(self, kit: Kit, text: str) -> Item:
        """It counts as made, with what became of its files. A check's program says by its end whether it passed, and
        that nobody heard: it counts as failed."""
        if self.intent.tool == PROGRAM:
            return self.failed("interrupted", "how it ended is not known: the run was interrupted while it ran")
        return self.answered(
            Observed(
                call=self.intent.call,
                tool=self.intent.tool,
                ok=True,
                text=f"Done: {text}.",
                settled=True,
                files=kit.changes(self.intent),
            )
        )

    def failed(self, kind: str, message: str) -> Item:
        """It counts as made without success."""
        error = Failure(kind=kind, message=message)
        call, tool = self.intent.call, self.intent.tool
        return self.answered(Observed(call=call, tool=tool, ok=False, text=message, error=error, settled=True))

    def answered(self, observed: Observed) -> Item:
        """The result, at the call's own address."""
        return Nested(self.path, observed) if self.path else observed


def go_on(kit: Kit, unattended: Word | None = None) -> Items:
    """What a resumed run does: settle what was cut off, then work on."""
    yield from settle(kit, unattended)
    if not kit.ended:
        yield from loop(kit)


def settle(kit: Kit, unattended: Word | None = None) -> Items:
    """Settle every announced call without a result. Calls that may run again are left open for the loop."""
    for one in list(kit.history.open_calls()):
        if one.started is not None and not kit.ended:
            yield from _settle(kit, _Open("", one.started), unattended)
        if kit.history.is_open(one.call.id) and not kit.ended:
            yield from _settle_inside(kit, one.call.id, unattended)
    yield from _settle_inside(kit, round_address(kit.history), unattended)


def _settle_inside(kit: Kit, call: str, unattended: Word | None) -> Items:
    for path, intent in kit.history.open_nested(call):
        if not kit.ended:
            yield from _settle(kit, _Open(path, intent), unattended)


def _settle(kit: Kit, one: _Open, unattended: Word | None) -> Items:
    if one.intent.effect == "read" or one.intent.repeatable:
        return
    match _compare(kit, one.intent):
        case "happened":
            yield one.done(kit, "the files show that the call was made before the interruption")
        case "did not":
            return
        case _ if unattended == "again":
            yield one.leave("the user said so beforehand")
        case _ if unattended == "done":
            yield one.done(kit, "taken as made before the interruption, as the user said")
        case _:
            yield from _ask(kit, one)


def _compare(kit: Kit, intent: ToolStarted) -> Literal["happened", "did not", "unknown"]:
    if intent.effect != "write" or not intent.before:
        return "unknown"
    if intent.after is None:
        return "unknown"  # nobody foretold what it would change: files that look untouched prove nothing
    now = {state.path: kit.hash_of(state.path) for state in intent.before}
    if now == {state.path: state.sha256 for state in intent.before}:
        return "did not"  # or it changes nothing: then to make it again does not either
    return "happened" if all(now.get(path) == sha for path, sha in intent.after.items()) else "unknown"


def _ask(kit: Kit, one: _Open) -> Items:
    """Ask the person whether to make the call again; without one, stop."""
    approver, intent = kit.approval.approver, one.intent
    if approver is None or not kit.approval.policy.attended:
        reason = (
            f"{UNSETTLED}: {intent.tool} was begun before the interruption, and may or may not have been done; "
            "resume with --settle again (make it again) or --settle done (take it as done)"
        )
        yield Stopped(state="blocked", reason=reason)
        return
    question = Question(
        tool=intent.tool,
        effect=intent.effect,
        arguments=intent.arguments,
        reason="it was begun before the interruption and may have been done; yes makes it again",
        step=kit.history.step,
        kind="unsettled",
    )
    answer = yield from ask_person(kit, question)
    match answer:
        case Allow():
            yield one.leave("yes, make it again")
        case Deny():
            why = f": {answer.reason}" if answer.reason else ""
            yield one.done(kit, f"the user says that it need not be made again{why}")
        case Comment() | Edit():
            yield one.failed("feedback", "it is unknown whether it was made; the user gave feedback")
            yield Feedback(text=_words(answer, intent), origin="user")
        case Quit():
            yield Stopped(state="interrupted", reason="stopped at the prompt")


def _words(answer: Comment | Edit, intent: ToolStarted) -> str:
    """Edited arguments are no leave for the call as it was: the agent is to make another, which is asked anew."""
    if isinstance(answer, Comment):
        return answer.text
    return f"call {intent.tool} with these arguments instead: {compact(dict(answer.arguments)).decode()}"
