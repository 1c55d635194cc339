"""Leave for one call: given or refused by the policy, or by the person where the policy says to ask."""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import Any, Literal

from agent.approval import PROGRAM, Allow, Answer, Comment, Deny, Edit, Question, Quit, Ruling
from agent.events import Feedback, Observed, Stopped, ToolCall, Verdict
from agent.finding import find_prepared
from agent.history import COMMENTED, FIND
from agent.kit import Kit
from agent.mail import BARRIER, Barrier, Item, Nested
from agent.observed import failed, references
from plugins import Observation, Prepared


def prepare(kit: Kit, address: str, tool: str, arguments: Mapping[str, Any]) -> Prepared | Observation:
    """Fit the arguments of a call: those that it was announced or allowed with before an interruption, which the
    hooks have seen, else those that it was asked for with."""
    if (intent := kit.history.intent(address)) is not None:
        return _fitted(kit, tool, intent.arguments, hooks=False)
    verdict = kit.history.verdict(address)
    if verdict is not None and verdict.decision == "allow" and verdict.arguments is not None:
        return _fitted(kit, tool, verdict.arguments, hooks=False)
    return _fitted(kit, tool, arguments)


def _fitted(kit: Kit, tool: str, arguments: Mapping[str, Any], *, hooks: bool = True) -> Prepared | Observation:
    if tool == FIND:
        return find_prepared(kit, arguments)
    return kit.toolbox.prepare(tool, arguments, kit.files, hooks=hooks)


def allowed_before(kit: Kit, address: str, prepared: Prepared) -> bool:
    """Did the person allow this very call before the interruption? With other arguments it must be asked again, and
    what the user denies by now is denied. What the policy allowed is put to the policy of today."""
    verdict, intent = kit.history.verdict(address), kit.history.intent(address)
    if verdict is None or verdict.decision != "allow" or verdict.by != "person":
        return False
    if kit.approval.denied(prepared.tool.name):
        return False
    if intent is not None:
        return intent.tool == prepared.tool.name and intent.arguments_hash == prepared.arguments_hash
    return not prepared.edited if verdict.arguments is None else dict(verdict.arguments) == dict(prepared.arguments)


def approve(kit: Kit, call: ToolCall, prepared: Prepared) -> Generator[Item, None, Prepared | None]:
    """Take a call through approval: as it may be made, or None where it was answered with a refusal.

    Arguments that the person edits are fitted, ruled on and asked again.
    """
    by: Literal["policy", "hook", "person"] = "hook" if prepared.edited else "policy"
    remark = prepared.reason
    edited = prepared.arguments if prepared.edited else None
    while True:
        ruling = _ruling(kit, prepared)
        reason = f"{ruling.reason}; {remark}" if remark else ruling.reason
        yield Verdict(call=call.id, decision=ruling.decision, by=by, reason=reason, arguments=edited)
        if ruling.decision == "allow":
            return prepared
        if ruling.decision == "deny":
            yield refused(call, prepared, "denied", ruling.reason, "do without it, or finish and say what was missing")
            return None
        answer = yield from ask_person(kit, _question(kit, prepared, reason))
        if not isinstance(answer, Edit):
            return (yield from _answered(kit, call, prepared, edited, answer))
        again = _fitted(kit, prepared.tool.name, answer.arguments, hooks=False)
        by = "person"
        if isinstance(again, Observation):
            remark = f"the edited arguments cannot be used: {again.text}"
        else:
            prepared, edited, remark = again, again.arguments, "edited by the person"


def ask_person(kit: Kit, question: Question) -> Generator[Item, None, Answer]:
    """Put a question to the person, once all that led to it is on disk. There must be one who can be asked."""
    assert kit.approval.approver is not None
    yield BARRIER
    with kit.waiting():
        return kit.approval.approver.ask(question)


def _ruling(kit: Kit, prepared: Prepared) -> Ruling:
    if prepared.tool.name == PROGRAM:
        return kit.approval.rule_program(str(prepared.arguments["run"]))
    return kit.approval.rule(prepared.tool.name, prepared.tool.effect, kit.history.step)


def _question(kit: Kit, prepared: Prepared, reason: str) -> Question:
    return Question(
        tool=prepared.tool.name,
        effect=prepared.tool.effect.value,
        arguments=prepared.arguments,
        reason=reason,
        step=kit.history.step,
        thought=kit.history.steps[-1].thought.text if kit.history.steps else "",
        kind="program" if prepared.tool.name == PROGRAM else "call",
    )


def _answered(
    kit: Kit,
    call: ToolCall,
    prepared: Prepared,
    edited: Mapping[str, Any] | None,
    answer: Allow | Deny | Comment | Quit,
) -> Generator[Item, None, Prepared | None]:
    match answer:
        case Allow():
            if prepared.tool.name == PROGRAM:
                kit.approval.programs.add(str(prepared.arguments["run"]))
            kit.approval.grant(prepared.tool.name, answer, kit.history.step)
            yield Verdict(call=call.id, decision="allow", by="person", reason="yes", arguments=edited)
            return prepared
        case Deny():
            reason = answer.reason or "the user said no"
            yield Verdict(call=call.id, decision="deny", by="person", reason=reason)
            yield refused(call, prepared, "denied", reason)
        case Comment():
            yield Verdict(call=call.id, decision="deny", by="person", reason=COMMENTED)
            yield refused(call, prepared, "feedback", "not made; the user gave feedback instead")
            yield Feedback(text=answer.text, origin="user")
        case Quit():
            yield Stopped(state="interrupted", reason="stopped at the prompt")
    return None


def refused(call: ToolCall, prepared: Prepared, kind: str, reason: str, hint: str | None = None) -> Observed:
    """What the model is told of a call that is not made."""
    return references(failed(kind, reason, hint), call.id, call.tool, arguments_hash=prepared.arguments_hash)


def leave_at(kit: Kit, path: str, call: ToolCall, prepared: Prepared) -> Generator[Item, None, Prepared | Observed]:
    """Take a call that is none of the model's through approval: the events get its address, the person's words go to
    the run itself, and a stop holds for the whole run once the step is over."""
    answer = references(failed("cancelled", "the user stopped the run"), call.id, call.tool)
    approving = approve(kit, call, prepared)
    while True:
        try:
            item = next(approving)
        except StopIteration as ended:
            approved: Prepared | None = ended.value
            return approved or answer
        match item:
            case Feedback():
                yield Nested("", item)
            case Stopped():
                kit.stop.set()
                kit.quit.set()
            case Observed():
                answer = item
                yield Nested(path, item)
            case Barrier() | Nested():
                yield item
            case _:
                yield Nested(path, item)
