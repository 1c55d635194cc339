"""Beginning and ending: what is done before the first thought, after each step, and when the model says finish."""

from __future__ import annotations

from collections.abc import Generator

from agent import checks, guard
from agent.acting import run_programs
from agent.checked import why_reached
from agent.errors import ModelError
from agent.events import Failure, Feedback, Finished, Observed, Stopped, ToolCall
from agent.goal import JudgeCheck
from agent.history import FINISH
from agent.kit import Kit
from agent.learning import recall_for_goal, write_episode
from agent.mail import BARRIER, Item, Items
from agent.model import Message, Request, ToolDescription
from agent.paying import ask, late
from agent.project import hand_over_project
from plugins import ToolError

FINISH_TOOL = ToolDescription(
    name=FINISH,
    description="End the work: hand over the answer. Checks then decide whether the goal is reached.",
    parameters={
        "type": "object",
        "properties": {
            "answer": {"type": "string", "description": "The answer to the user, in the user's language."},
            "files": {"type": "array", "items": {"type": "string"}, "description": "Files made for the user."},
            "reached": {"type": "boolean", "description": "False if the goal cannot be reached."},
        },
        "required": ["answer"],
    },
    effect="read",
)


def begin(kit: Kit) -> Items:
    """Before the first thought: which checks pass already, what long-term memory knows, and what the project says."""
    history = kit.history
    if history.steps:
        yield from hand_over_project(kit)
        yield from _held_up(kit)
        return
    if not history.before and history.seq <= 1:
        yield from checks.before(kit.goal, kit.scene())
    if kit.recalls and not history.notes:
        yield from recall_for_goal(kit)
    yield from hand_over_project(kit)


def _held_up(kit: Kit) -> Items:
    """A run that was stopped by a limit on a tool's calls stops again, without a call of the model, unless the limit
    was raised or the user says how to go on."""
    stopped = kit.history.stopped_by
    if stopped is not None and kit.history.pending_feedback() is None and (limit := kit.limits.still(stopped)):
        yield limit
        yield Stopped(state="limit", reason=limit.text)


def wind_up(kit: Kit, run: str, ending: Finished | Stopped, *, hurry: bool) -> Items:
    """What is still to be told before the event that ends the run: what was paid for late, and the notes that it leaves
    to later runs. In a `hurry` neither is waited for."""
    yield from late(kit, hurry=hurry)
    if not hurry:
        yield from write_episode(kit, run, ending)


def halt(kit: Kit) -> Items:
    """Between two steps: stop if the user asked for it or a limit is reached."""
    if kit.history.ended is not None:
        return
    if kit.stop.is_set():
        yield Stopped(state="interrupted", reason="stopped by the user")
    elif (limit := kit.limits.step()) is not None:
        yield limit
        yield Stopped(state="limit", reason=limit.text)


def conclude(kit: Kit) -> Items:
    """After a step's calls: judge a finish, take words without a call as what they are, count empty turns."""
    history = kit.history
    if history.ended is not None or not history.steps:
        return
    step = history.steps[-1]
    if finishes := history.open_finishes():
        for more in finishes[1:]:
            yield _unfinished(more, "repeated", "not judged: one finish a turn is enough")
        yield from _finish(kit, finishes[0])
    elif not step.thought.calls and not step.feedback:
        if not step.thought.text.strip():
            yield from _empty(kit)
        elif _second_words(kit):
            yield from _judge(kit, step.thought.text.strip(), gave_up=False, call=None)
        else:
            text = "That was no tool call. If it is the answer, call finish with it; else go on with a tool call."
            yield Feedback(text=text, origin="product")


def _second_words(kit: Kit) -> bool:
    """Words without a call for the second time: a model that cannot call finish means them as its answer."""
    before = kit.history.steps[:-1]
    return bool(before) and not before[-1].thought.calls and bool(before[-1].thought.text.strip())


def _empty(kit: Kit) -> Items:
    count = guard.empty_turns(kit.history)
    if count >= guard.EMPTY_TURNS:
        yield Stopped(state="loop", reason=f"{count} turns in a row had neither a call nor words")
    else:
        yield Feedback(text="Your turn was empty. Make a tool call, or call finish.", origin="product")


def _finish(kit: Kit, call: ToolCall) -> Items:
    """The model ends its work. With its arguments unreadable it is told so, like for any call."""
    answer = call.arguments.get("answer")
    if kit.history.pending_feedback() is not None:
        yield _unfinished(call, "feedback", "not judged: the user's feedback is to be answered first")
        return
    if call.fault is not None or not isinstance(answer, str) or not answer.strip():
        problem = call.fault or "finish needs an answer: a text that is not empty"
        yield from _sent_back(kit, call, "arguments", problem, answer="")
        return
    missing = [path for path in _claimed(call) if not _there(kit, path)]
    if missing and call.arguments.get("reached", True) is not False:
        problem = f"these files are not there: {', '.join(missing)}"
        yield from _sent_back(kit, call, "claim", problem, answer=answer)
        return
    yield from _judge(kit, answer, gave_up=call.arguments.get("reached") is False, call=call)


def _claimed(call: ToolCall) -> list[str]:
    files = call.arguments.get("files")
    return [one for one in files if isinstance(one, str)] if isinstance(files, list) else []


def _there(kit: Kit, path: str) -> bool:
    try:
        return kit.files.exists(kit.files.path(path))
    except ToolError:
        return False


def _sent_back(kit: Kit, call: ToolCall, kind: str, problem: str, *, answer: str) -> Items:
    """A finish that cannot even be judged: the model is told, as often as after failed checks."""
    yield _unfinished(call, kind, problem)
    if kit.history.refused_finishes > kit.goal.attempts:
        yield _ended(kit, answer, problem, gave_up=False)


def _unfinished(call: ToolCall, kind: str, message: str) -> Observed:
    return Observed(
        call=call.id,
        tool=FINISH,
        ok=False,
        text=f"Error ({kind}): {message}",
        error=Failure(kind=kind, message=message),
        result_hash=f"{kind}:{message}",
    )


def _judge(kit: Kit, answer: str, *, gave_up: bool, call: ToolCall | None) -> Items:
    """Make the checks; they decide. Failed ones go back to the model while attempts are left."""
    attempt = kit.history.checked + 1
    judged = yield from _judgements(kit, answer)
    ran = yield from run_programs(kit)
    if kit.ended:
        return
    if kit.history.pending_feedback() is not None:
        if call is not None:
            yield _unfinished(call, "feedback", "not judged: the user's feedback is to be answered first")
        return
    scene = kit.scene(answer, judged=judged, ran=ran)
    yield BARRIER
    results = list(checks.make(kit.goal, scene, attempt=attempt))
    yield from results
    failed = [result for result in results if result.required and not result.passed]
    if not failed and not gave_up:
        yield Finished(
            state="reached", answer=answer, reason=why_reached((one.required, one.passed) for one in results)
        )
        return
    told = "; ".join(f"{result.name}: {result.detail}" for result in failed)
    if call is not None:
        yield _unfinished(call, "checks", "the goal is not reached yet")
    if failed:
        yield Feedback(text=told, origin="checks")
    if gave_up or attempt - kit.history.checked_before > kit.goal.attempts:
        yield _ended(kit, answer, told if failed else "the model gave up", gave_up=gave_up)


def _ended(kit: Kit, answer: str, reason: str, *, gave_up: bool) -> Finished | Stopped:
    if kit.history.denied:
        return Stopped(state="blocked", reason=f"denied: {kit.history.denied[-1]}", answer=answer)
    if kit.history.limited and kit.history.limited_at >= kit.history.step - 1 and not gave_up:
        return Stopped(state="limit", reason=kit.history.limits[-1].text, answer=answer)
    return Finished(state="not_reached", answer=answer, reason=reason)


def _judgements(kit: Kit, answer: str) -> Generator[Item, None, dict[str, checks.Verdict]]:
    """Put the judges' questions to the model: paid calls belong to the run's stream, so they come before the checks."""
    judged: dict[str, checks.Verdict] = {}
    if kit.model.offline:
        return judged
    for check in kit.goal.checks:
        if isinstance(check, JudgeCheck):
            prompt = checks.question(check, kit.scene(answer))
            try:
                reply = yield from ask(kit, Request(messages=(Message("user", prompt),), purpose="judge", reply=200))
            except ModelError as error:
                judged[check.judge] = False, f"the judge could not be asked: {error.message}"
                continue
            if isinstance(reply, str):
                judged[check.judge] = checks.verdict(reply)
            else:
                judged[check.judge] = False, f"the judge was not asked: {reply.text}"
    return judged
