"""Settling: what to do on resume with a call that was announced, and of which nobody knows whether it was made.

By effect: what only reads, and what may be repeated, runs again. A write is compared with the hashes recorded before
it: the files are as they will be after it (it happened), as they were (it did not), or otherwise (nobody knows).
What nobody knows is asked; where nobody can be asked the run stops, unless the user settled it beforehand.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Literal

from agent.approval import Allow, Comment, Deny, Edit, Question, Quit
from agent.events import Failure, Feedback, Observed, Stopped, ToolStarted
from agent.history import OpenCall
from agent.kit import BARRIER, Items, Kit

UNSETTLED = "unsettled"
"""The reason with which a run stops whose last call may or may not have been made."""


def settle(kit: Kit, unattended: Literal["again", "done"] | None = None) -> Items:
    """Settle every announced call without a result. Calls that may run again are left open for the loop.

    `unattended` is the user's word, given beforehand, for calls of which nobody knows: make them again, or take them
    as done.
    """
    for one in list(kit.history.open_calls()):
        if one.started is None or kit.history.ended is not None:
            continue
        yield from _settle(kit, one, one.started, unattended)


def _settle(kit: Kit, one: OpenCall, intent: ToolStarted, unattended: str | None) -> Items:
    if intent.effect == "read" or intent.repeatable:
        return
    match _compare(kit, intent):
        case "happened":
            text = "the files show that the call was made before the interruption"
            yield replace(_done(one, text), files=kit.changes(intent))
        case "did not":
            return
        case _ if unattended == "again":
            return
        case _ if unattended == "done":
            yield _done(one, "taken as made before the interruption, as the user said")
        case _:
            yield from _ask(kit, one, intent)


def _compare(kit: Kit, intent: ToolStarted) -> Literal["happened", "did not", "unknown"]:
    if intent.effect != "write" or not intent.before:
        return "unknown"
    now = {state.path: kit.hash_of(state.path) for state in intent.before}
    before: Mapping[str, str | None] = {state.path: state.sha256 for state in intent.before}
    if now == before and intent.after != before:
        return "did not"
    if intent.after is not None and all(now.get(path) == sha for path, sha in intent.after.items()):
        return "happened"
    return "unknown"


def _done(one: OpenCall, text: str) -> Observed:
    return Observed(call=one.call.id, tool=one.call.tool, ok=True, text=f"Done: {text}.", settled=True)


def _ask(kit: Kit, one: OpenCall, intent: ToolStarted) -> Items:
    """Ask the person whether to make the call again; without one, stop."""
    approver = kit.approval.approver
    if approver is None or not kit.approval.policy.attended:
        reason = f"{UNSETTLED}: {intent.tool} was begun before the interruption, and may or may not have been done"
        yield Stopped(state="blocked", reason=reason)
        return
    yield BARRIER
    answer = approver.ask(
        Question(
            tool=intent.tool,
            effect=intent.effect,
            arguments=intent.arguments,
            reason="it was begun before the interruption and may have been done; yes makes it again",
            step=kit.history.step,
            kind="unsettled",
        )
    )
    match answer:
        case Allow() | Edit():
            return
        case Deny():
            yield _done(one, "the user says that it need not be made again")
        case Comment():
            error = Failure(kind="feedback", message="it is unknown whether it was made; the user gave feedback")
            yield Observed(call=one.call.id, tool=one.call.tool, ok=False, text=error.message, error=error)
            yield Feedback(text=answer.text, origin="user")
        case Quit():
            yield Stopped(state="interrupted", reason="stopped at the prompt")
