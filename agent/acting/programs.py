"""The programs that a goal's checks start: calls of the run's own tool `run_check`, so that the same rules hold.

They count as EXECUTE, are asked for, announced on disk before they start, cut when the run's time is over, and after an
interruption the one of which nobody knows is settled like any call. Their events are at an address of their own:
`checks7/3` is the third check of the goal, in the round on the finish of step 7.
"""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Mapping
from dataclasses import replace

from agent.acting.calls import Admitted, run_side_by_side
from agent.approval import PROGRAM
from agent.checks import Verdict
from agent.events import Observed, Stopped, ToolCall
from agent.events import Verdict as Ruled
from agent.goal import RunCheck
from agent.history import round_address
from agent.kit import Kit
from agent.leave import allowed_before, leave_at
from agent.mail import BARRIER, Item, Nested
from agent.model import compact
from agent.observed import references
from agent.program import KEPT, Ended, run_program
from plugins import Context, Effect, Prepared, Tool, ToolError

_GRACE = 10.0
"""Seconds beyond its own timeout at which the call is given up: the program is to say itself that it was cut."""
_PARAMETERS = {"type": "object", "properties": {"run": {"type": "string"}}, "required": ["run"]}


def run_programs(kit: Kit) -> Generator[Item, None, Mapping[int, Verdict]]:
    """Run the programs of the next round of checks, one after the other: how each ended, by the place of its check
    in the goal. One that ended before an interruption is not run again. Stops where the person stops the run."""
    ended: dict[int, Verdict] = {}
    for number, check in enumerate(kit.goal.checks, 1):
        if isinstance(check, RunCheck) and not kit.ended:
            address = f"{round_address(kit.history)}/{number}"
            past = kit.history.nested_result(address)
            ended[number] = _judged(past) if past else (yield from _run(kit, address, check))
    return ended


def _judged(observed: Observed) -> Verdict:
    return observed.ok, observed.text if observed.ok or observed.error is None else observed.error.message


def _run(kit: Kit, address: str, check: RunCheck) -> Generator[Item, None, Verdict]:
    prepared = _prepared(kit, check)
    call = ToolCall(id=address, tool=PROGRAM, arguments=prepared.arguments)
    again = kit.history.intent(address) is not None
    if (limit := kit.limits.time() or (None if again else kit.limits.tool(PROGRAM))) is not None:
        yield Nested(address, limit)
        return False, f"not run: {limit.text}"
    if not allowed_before(kit, address, prepared):
        leave = yield from _asked(kit, address, call, prepared)
        if isinstance(leave, Observed):
            if not again:
                kit.limits.give_back(PROGRAM)
            return False, f"not run: {_judged(leave)[1]}"
    yield Nested(address, kit.intent(address, prepared))
    yield BARRIER
    found = yield from run_side_by_side(kit, [Admitted(call, prepared)], grace=_GRACE)
    observed = references(found[address], address, PROGRAM)
    yield Nested(address, observed)
    if not observed.ok and (limit := kit.limits.time()) is not None:
        yield Nested(address, limit)
    return _judged(observed)


def _asked(kit: Kit, address: str, call: ToolCall, prepared: Prepared) -> Generator[Item, None, Prepared | Observed]:
    """Ask leave; the verdicts name the check."""
    asking = leave_at(kit, address, call, prepared)
    while True:
        try:
            item = next(asking)
        except StopIteration as ended:
            found: Prepared | Observed = ended.value
            if kit.quit.is_set():
                yield Stopped(state="interrupted", reason="stopped at the prompt")
            return found
        if isinstance(item, Nested) and isinstance(item.event, Ruled):
            reason = f"the check `{prepared.arguments['run']}`: {item.event.reason}"
            item = Nested(item.path, replace(item.event, reason=reason))
        yield item


def _prepared(kit: Kit, check: RunCheck) -> Prepared:
    arguments = {"run": check.run}
    seconds = min(check.timeout, kit.limits.left())

    def run_check(run: str, *, context: Context) -> str:  # noqa: ARG001 - it is the check's
        ended, word = _ended(kit, check, context, seconds)
        told = _told(ended, seconds, kit.goal.secrets) + word
        if not ended.passed:
            raise ToolError(told, kind="program")
        return told

    tool = Tool(
        name=PROGRAM,
        description="Run the program of a check.",
        parameters=_PARAMETERS,
        effect=Effect.EXECUTE,
        function=run_check,
        context="context",
        timeout=seconds + _GRACE,
    )
    return Prepared(tool=tool, arguments=arguments, arguments_hash=hashlib.sha256(compact(arguments)).hexdigest()[:32])


def _ended(kit: Kit, check: RunCheck, context: Context, seconds: float) -> tuple[Ended, str]:
    """Run the program, confined where that can be, and a word about it: where it cannot, since the user's own file
    names this program, and it was allowed, so it goes on as it did before programs were confined; and where it failed
    confined, since it may have missed what it could not see."""
    word = ""
    if context.sandbox is not None:
        try:
            found = context.sandbox.run(check.run, environment=check.env, timeout=seconds)
            ended = Ended(found.code, found.output[-KEPT:], found.stopped)
            return ended, "" if ended.passed else " (confined)"
        except ToolError as error:
            if error.kind != "no-sandbox":
                raise
            word = " (not confined)" if kit.goal.hosts is None else " (not confined, with the whole network)"
    environment = {**kit.environment, **check.env}
    return run_program(check.run, folder=kit.files.root, timeout=seconds, env=environment), word


def _told(ended: Ended, timeout: float, secrets: tuple[str, ...]) -> str:
    """How it ended and what it said last, without the secrets that it was given."""
    said = ended.output
    for secret in secrets:
        said = said.replace(secret, "<secret>") if secret else said
    last = said.strip().splitlines()[-3:]
    words = f": {' | '.join(last)[-300:]}" if last else ""
    if ended.stopped == "time":
        return f"stopped after {round(timeout, 1):g} seconds{words}"
    if ended.stopped == "output":
        return f"stopped, since it wrote too much{words}"
    if ended.stopped is not None:
        return f"stopped: it went beyond its limit of {ended.stopped}{words}"
    return f"ended with {ended.code}{words}"
