"""Calls made from inside a tool: the same rules, in the tool's thread, with their events at an address of their own."""

from __future__ import annotations

import queue
from collections.abc import Generator, Mapping
from typing import Any

from agent.context import Inside, make_context
from agent.events import Feedback, Observed, Stopped, ToolCall, Verdict
from agent.kit import Item, Kit, failed, recorded, references
from agent.leave import allowed_before, approve, prepare
from plugins import Effect, Observation, Prepared


def call_nested(kit: Kit, inside: Inside, tool: str, arguments: Mapping[str, Any]) -> Observation:
    """Make a call from inside the call that `inside` stands for, and wait for what comes back.

    A tool that is run again after an interruption makes its calls again: one that has a result gives it again, one
    that was only announced keeps its address, its arguments and its leave.
    """
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
        kit.post(path, limit)
        return failed("limit", limit.text, "go on without it, or with what there is")
    if not (again and allowed_before(kit, path, prepared)):
        call = ToolCall(id=path, tool=prepared.tool.name, arguments=prepared.arguments)
        answer = _drive(kit, path, approve(kit, call, prepared))
        if isinstance(answer, Observation):
            if not again:
                kit.limits.give_back(prepared.tool.name)
            return answer
        prepared = answer
    return _make(kit, path, prepared, asked.arguments_hash)


def _make(kit: Kit, path: str, prepared: Prepared, asked_hash: str) -> Observation:
    matters = prepared.tool.effect is not Effect.READ  # what only reads may be lost: it is read again
    intent = kit.intent(path, prepared, asked_hash=asked_hash)
    kit.post(path, intent, wait=matters)
    box: queue.SimpleQueue[Observation] = queue.SimpleQueue()
    context = make_context(kit, path, call_nested)
    kit.toolbox.start(prepared, context, cut=kit.cut, done=box.put, within=kit.limits.left())
    observation = box.get()
    kit.post(
        path,
        references(observation, path, prepared.tool.name, files=kit.changes(intent, observation.written)),
        wait=matters,
    )
    return observation


def _drive(kit: Kit, path: str, approving: Generator[Item, None, Prepared | None]) -> Prepared | Observation:
    """Take an approval through from a tool's thread: as the call may be made, or why not. The person's words go to
    the run itself."""
    refusal = failed("cancelled", "the user stopped the run")
    while True:
        try:
            item = next(approving)
        except StopIteration as ended:
            approved: Prepared | None = ended.value
            return approved or refusal
        match item:
            case Verdict():
                kit.post(path, item, wait=item.decision == "ask")
            case Feedback():
                kit.post("", item)
            case Observed():
                refusal = recorded(item)
            case Stopped():
                kit.stop.set()
            case _:  # a barrier: the verdict that asks was waited for
                pass
