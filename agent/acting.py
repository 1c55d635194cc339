"""Acting: approve the calls of a thought, announce them, run them, and tell what came back.

A step's calls are admitted first (arguments, hooks, guard, limits, approval), then their intents are written
together, then they run: neighbours that only read side by side, all others one after the other in the model's order.
A call that would write where an earlier one of the same step writes, or that repeats it, waits for the next batch.
"""

from __future__ import annotations

import base64
import queue
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from agent import guard
from agent.approval import Allow, Comment, Deny, Edit, Question, Quit
from agent.context import make_context
from agent.events import (
    Failure,
    Feedback,
    FileState,
    LimitReached,
    Observed,
    Stopped,
    ToolCall,
    ToolStarted,
    Verdict,
)
from agent.history import Done, OpenCall
from agent.kit import BARRIER, Item, Items, Kit, Mail, recorded, references
from agent.prompt import failure_text
from plugins import Effect, Observation, PathState, Prepared, Running, ToolFailure

REFUSALS = 3
"""A tool that is called so often beyond its limit ends the run."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """A call that may be made: as prepared, with its intent."""

    call: ToolCall
    prepared: Prepared
    intent: ToolStarted


def act(kit: Kit, calls: Sequence[OpenCall]) -> Items:
    """Make the calls; each gets exactly one observation, unless the run is stopped before."""
    waiting = list(calls)
    while waiting and not kit.ended:
        batch, waiting = yield from _admit_batch(kit, waiting)
        for one in batch:
            yield one.intent
        if any(one.prepared.tool.effect is not Effect.READ for one in batch):
            yield BARRIER
        for quick, group in groupby(batch, key=lambda one: one.prepared.tool.effect is Effect.READ):
            for side_by_side in [list(group)] if quick else [[one] for one in group]:
                if not kit.ended:
                    yield from _run(kit, side_by_side)


def _admit_batch(kit: Kit, waiting: list[OpenCall]) -> Generator[Item, None, tuple[list[Admitted], list[OpenCall]]]:
    """Admit calls until one must see the results of those before it: the batch, and what waits."""
    batch: list[Admitted] = []
    for place, one in enumerate(waiting):
        prepared = _prepare(kit, one.call)
        if isinstance(prepared, Prepared) and _must_wait(batch, prepared):
            return batch, waiting[place:]
        admitted = yield from _admit(kit, one, prepared, begun=batch)
        if kit.ended:
            return [], []
        if admitted is not None:
            batch.append(admitted)
    return batch, []


def _must_wait(batch: Sequence[Admitted], prepared: Prepared) -> bool:
    mine = {prepared.arguments[name] for name in prepared.tool.paths if prepared.arguments.get(name)}
    for one in batch:
        if one.prepared.tool.name == prepared.tool.name and one.prepared.arguments_hash == prepared.arguments_hash:
            return True
        if one.prepared.tool.effect is not Effect.READ and prepared.tool.effect is not Effect.READ:
            theirs = {one.prepared.arguments.get(name) for name in one.prepared.tool.paths}
            if mine & theirs:
                return True
    return False


def _prepare(kit: Kit, call: ToolCall) -> Prepared | Observation:
    if call.fault is not None:
        return _failed("arguments", f"the arguments of {call.tool} could not be read: {call.fault}")
    return kit.toolbox.prepare(call.tool, call.arguments, kit.files)


def _admit(
    kit: Kit, one: OpenCall, prepared: Prepared | Observation, *, begun: Sequence[Admitted]
) -> Generator[Item, None, Admitted | None]:
    """Take one call through arguments, guard, limits and approval; None where it was answered without being made."""
    call = one.call
    if isinstance(prepared, Observation):
        yield references(prepared, call.id, call.tool)
        yield from _warn(kit)
        return None
    if (seen := _already(kit, prepared)) is not None:
        yield _repeated(call, seen)
        yield from _warn(kit)
        return None
    same = sum(1 for other in begun if other.prepared.tool.name == prepared.tool.name)
    if (limit := kit.limits.tool(prepared.tool.name, same) or kit.limits.time()) is not None:
        yield from _limited(kit, call, limit)
        return None
    approved = prepared
    if not _settled_verdict(one):
        answered = yield from _approve(kit, call, prepared)
        if answered is None:
            return None
        approved = answered
    return Admitted(call, approved, _intent(kit, call, approved))


def _already(kit: Kit, prepared: Prepared) -> Done | None:
    """The same call, made before with success and nothing changed since: what does harm is not done again."""
    if prepared.tool.effect is Effect.READ or prepared.tool.repeatable:
        return None
    seen = guard.earlier(kit.history.done, prepared.tool.name, prepared.arguments_hash)
    return seen if seen is not None and seen.ok else None


def _repeated(call: ToolCall, seen: Done) -> Observed:
    return Observed(
        call=call.id,
        tool=call.tool,
        ok=True,
        text=f"{seen.text}\n(Not run again: this very call was made in step {seen.step}, and nothing changed since.)",
        result_hash=seen.result_hash,
        arguments_hash=seen.arguments_hash,
    )


def _limited(kit: Kit, call: ToolCall, limit: LimitReached) -> Items:
    yield limit
    if limit.name == "time" or kit.history.limited[limit.name] >= REFUSALS:
        yield Stopped(state="limit", reason=limit.text)
        return
    refused = _failed("limit", limit.text, hint="go on without it, or finish with what there is")
    yield references(refused, call.id, call.tool)


def _settled_verdict(one: OpenCall) -> bool:
    """An allowed call that was interrupted needs no second approval; edited arguments are asked again."""
    return one.verdict is not None and one.verdict.decision == "allow" and one.verdict.arguments is None


def _approve(kit: Kit, call: ToolCall, prepared: Prepared) -> Generator[Item, None, Prepared | None]:
    """Policy, then the person where it says so; edited arguments come through here again."""
    edited = prepared.arguments if prepared.edited else None
    reason = prepared.reason
    while True:
        tool = prepared.tool
        ruling = kit.approval.rule(tool.name, tool.effect, kit.history.step)
        yield Verdict(
            call=call.id,
            decision=ruling.decision,
            by="hook" if prepared.edited and prepared.arguments is edited and reason == prepared.reason else "policy",
            reason=reason or ruling.reason,
            arguments=edited,
        )
        if ruling.decision == "allow":
            return prepared
        if ruling.decision == "deny":
            yield _refused(call, "denied", ruling.reason, "do without it, or finish and say what was missing")
            return None
        answer = yield from _ask_person(kit, prepared, ruling.reason)
        if isinstance(answer, Edit):
            again = kit.toolbox.prepare(tool.name, answer.arguments, kit.files)
            if isinstance(again, Observation):
                reason = again.text
                continue
            prepared, edited, reason = again, again.arguments, "edited by the person"
            continue
        yielded = yield from _answered(kit, call, prepared, answer)
        return yielded


def _ask_person(
    kit: Kit, prepared: Prepared, reason: str
) -> Generator[Item, None, Allow | Deny | Edit | Comment | Quit]:
    assert kit.approval.approver is not None
    yield BARRIER
    thought = kit.history.steps[-1].thought.text if kit.history.steps else ""
    return kit.approval.approver.ask(
        Question(
            tool=prepared.tool.name,
            effect=prepared.tool.effect.value,
            arguments=prepared.arguments,
            reason=reason,
            step=kit.history.step,
            thought=thought,
        )
    )


def _answered(
    kit: Kit, call: ToolCall, prepared: Prepared, answer: Allow | Deny | Comment | Quit
) -> Generator[Item, None, Prepared | None]:
    match answer:
        case Allow():
            kit.approval.grant(prepared.tool.name, answer, kit.history.step)
            yield Verdict(call=call.id, decision="allow", by="person", reason="yes")
            return prepared
        case Deny():
            reason = answer.reason or "the user said no"
            yield Verdict(call=call.id, decision="deny", by="person", reason=reason)
            yield _refused(call, "denied", reason, None)
        case Comment():
            yield Verdict(call=call.id, decision="deny", by="person", reason="feedback instead")
            yield _refused(call, "feedback", "not made; the user gave feedback instead", None)
            yield Feedback(text=answer.text, origin="user")
        case Quit():
            yield Stopped(state="interrupted", reason="stopped at the prompt")
    return None


def _refused(call: ToolCall, kind: str, reason: str, hint: str | None) -> Observed:
    return references(_failed(kind, reason, hint=hint), call.id, call.tool)


def _failed(kind: str, message: str, hint: str | None = None) -> Observation:
    error = ToolFailure(kind=kind, message=message, hint=hint)
    text = failure_text(Failure(kind=kind, message=message, hint=hint))
    return Observation(ok=False, text=text, error=error, result_hash=f"{kind}:{message}")


def _intent(kit: Kit, call: ToolCall, prepared: Prepared) -> ToolStarted:
    before, after = kit.toolbox.states(prepared, kit.files)
    return ToolStarted(
        call=call.id,
        tool=prepared.tool.name,
        arguments=prepared.arguments,
        arguments_hash=prepared.arguments_hash,
        effect=prepared.tool.effect.value,
        repeatable=prepared.tool.repeatable,
        attempt=kit.history.attempts(call.id) + 1,
        before=tuple(_state(one) for one in before),
        after=after,
    )


def _run(kit: Kit, group: Sequence[Admitted]) -> Items:
    """Run calls side by side; hand on what they post; observe each, in the model's order."""
    running: list[Running] = []
    found: dict[str, Observation] = {}
    try:
        for one in group:
            context = make_context(kit, one.call.id, call_nested)
            running.append(kit.toolbox.start(one.prepared, context, cut=kit.cut, done=kit.returning(one.call.id)))
        while len(found) < len(group):
            post = kit.mail.get()
            if isinstance(post, Mail):
                yield from kit.deliver(post)
            elif any(post.call == one.call.id for one in group):
                found[post.call] = post.observation
    finally:
        for one_running in running:
            one_running.cancel("the run was stopped")
    for one in group:
        yield references(found[one.call.id], one.call.id, one.prepared.tool.name, files=kit.changes(one.intent))
        yield from _warn(kit)


def call_nested(kit: Kit, path: str, tool: str, arguments: Mapping[str, Any]) -> Observation:
    """Make a call from inside a tool, in the tool's thread: the same rules, its events at the address `path`."""
    call = ToolCall(id=path, tool=tool, arguments=dict(arguments))
    prepared = _prepare(kit, call)
    if isinstance(prepared, Observation):
        return prepared
    if (past := kit.history.nested_result(path, prepared.arguments_hash)) is not None:
        return recorded(past)
    if (limit := kit.limits.tool(tool) or kit.limits.time()) is not None:
        kit.post(path, limit)
        return _failed("limit", limit.text)
    approved = _drive(kit, path, _approve(kit, call, prepared))
    if approved is None:
        return _failed("denied", f"the call of {tool} was not allowed")
    intent = _intent(kit, call, approved)
    kit.post(path, intent, wait=approved.tool.effect is not Effect.READ)
    box: queue.SimpleQueue[Observation] = queue.SimpleQueue()
    kit.toolbox.start(approved, make_context(kit, path, call_nested), cut=kit.cut, done=box.put)
    observation = box.get()
    kit.post(path, references(observation, path, tool, files=kit.changes(intent)), wait=True)
    return observation


def _drive(kit: Kit, path: str, approving: Generator[Item, None, Prepared | None]) -> Prepared | None:
    """Take an approval through from a tool's thread; the person's words go to the run itself."""
    while True:
        try:
            item = next(approving)
        except StopIteration as ended:
            approved: Prepared | None = ended.value
            return approved
        match item:
            case Feedback():
                kit.post("", item, wait=True)
            case Stopped():
                kit.stop.set()
            case Verdict():
                kit.post(path, item, wait=True)
            case _:
                pass


def _warn(kit: Kit) -> Items:
    """The guard's word on the call that just came back: a note, a demand, or the end."""
    seen = guard.watch(kit.history)
    if seen is None:
        return
    if seen.stage == 3:
        yield Stopped(state="loop", reason=seen.text)
    elif seen.stage == 2:
        yield Feedback(text=f"You are going round in circles: {seen.text}. Take another way now.", origin="guard")
    else:
        yield Feedback(text=f"Note: {seen.text}. Doing it again will not give more.", origin="guard")


def _state(state: PathState) -> FileState:
    """A file before the call, as the event has it: text as text, other bytes in base64."""
    if state.content is None:
        return FileState(path=state.path, sha256=state.sha256, bytes=state.bytes)
    try:
        return FileState(path=state.path, sha256=state.sha256, bytes=state.bytes, content=state.content.decode())
    except UnicodeDecodeError:
        packed = base64.b64encode(state.content).decode()
        return FileState(path=state.path, sha256=state.sha256, bytes=state.bytes, content=packed, encoding="base64")
