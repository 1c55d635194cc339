"""Calls made from inside a tool: the same rules, in the tool's thread, with their events at an address of their own."""

from __future__ import annotations

import queue
from collections.abc import Mapping
from typing import Any

from agent.context import Inside, make_context
from agent.events import Observed, ToolCall, Verdict
from agent.kit import Kit
from agent.leave import allowed_before, leave_at, prepare, refused
from agent.mail import Nested
from agent.observed import failed, recorded, references
from plugins import Effect, Observation, Prepared


def call_nested(kit: Kit, inside: Inside, tool: str, arguments: Mapping[str, Any]) -> Observation:
    """Make a call from inside the call that `inside` stands for, and wait for what comes back.

    A tool that is run again after an interruption makes its calls again: one that has a result gives it again, one
    that was only announced keeps its address, its arguments and its leave.
    """
    if kit.quit.is_set():
        return failed("cancelled", "the user stopped the run")
    asked = kit.toolbox.prepare(tool, arguments, kit.files, hooks=False)
    if isinstance(asked, Observation):
        return asked
    path, past = inside.place(kit.history, asked.tool.name, asked.arguments_hash)
    if past is not None:
        return recorded(past)
    again = kit.history.intent(path) is not None  # else the address may be that of a call that never was announced
    prepared = prepare(kit, path, tool, arguments) if again else kit.toolbox.prepare(tool, arguments, kit.files)
    if isinstance(prepared, Observation):
        return prepared
    if (limit := kit.limits.time() or (None if again else kit.limits.tool(prepared.tool.name))) is not None:
        kit.mail.post(path, limit)
        return failed("limit", limit.text, "go on without it, or with what there is")
    leave = _leave(kit, path, prepared, again=again)
    if isinstance(leave, Observed):
        if not again:
            kit.limits.give_back(prepared.tool.name)
        return recorded(leave)
    return _make(kit, path, leave, asked.arguments_hash)


def _leave(kit: Kit, path: str, prepared: Prepared, *, again: bool) -> Prepared | Observed:
    """The call as it may be made, or why not, told as events from the tool's thread."""
    call = ToolCall(id=path, tool=prepared.tool.name, arguments=prepared.arguments)
    if prepared.tool.effect is not Effect.READ and kit.held_back(path):
        answer = refused(call, prepared, "feedback", "not made: the user's feedback is to be answered first")
        kit.mail.post(path, answer)
        return answer
    if again and allowed_before(kit, path, prepared):
        return prepared
    asking = leave_at(kit, path, call, prepared)
    while True:
        try:
            item = next(asking)
        except StopIteration as ended:
            found: Prepared | Observed = ended.value
            return found
        if isinstance(item, Nested):
            kit.mail.post(item.path, item.event, wait=isinstance(item.event, Verdict) and item.event.decision == "ask")


def _make(kit: Kit, path: str, prepared: Prepared, asked_hash: str) -> Observation:
    matters = prepared.tool.effect is not Effect.READ  # what only reads may be lost: it is read again
    intent = kit.intent(path, prepared, asked_hash=asked_hash)
    kit.mail.post(path, intent, wait=matters)
    box: queue.SimpleQueue[Observation] = queue.SimpleQueue()
    context = make_context(kit, path, call_nested)
    kit.look_before(path, prepared)
    kit.toolbox.start(prepared, context, cut=kit.cut, done=box.put, within=kit.limits.left())
    observation = box.get()
    kit.mail.post(
        path,
        references(observation, path, prepared.tool.name, **kit.changed(intent, observation)),
        wait=matters,
    )
    return observation
