"""The calls of a step, from the model's wish to what came back.

They are admitted first (arguments, hooks, guard, limits, approval), then their intents are written together, then they
run: neighbours that only read side by side, all others one after the other in the model's order. A call that must see
what an earlier one of the same step does, or repeats it, waits for the next batch.
"""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from unicodedata import normalize

from agent import guard
from agent.acting.nested import call_nested
from agent.context import make_context
from agent.events import Feedback, LimitReached, Observed, Stopped, ToolCall, ToolStarted, Verdict
from agent.finding import explained
from agent.history import Done, OpenCall
from agent.kit import Kit
from agent.leave import allowed_before, approve, prepare, refused
from agent.mail import BARRIER, Item, Items, Mail, Returned
from agent.model import compact
from agent.observed import failed, references
from agent.project import hand_nearest
from plugins import Effect, Observation, Prepared, Running

REFUSALS = 3
"""A tool that is called so often beyond its limit ends the run."""


@dataclass(frozen=True, slots=True)
class Admitted:
    """A call that may be made, as prepared."""

    call: ToolCall
    prepared: Prepared


def act(kit: Kit, calls: Sequence[OpenCall]) -> Items:
    """Make the calls; each gets exactly one observation, unless the run is stopped before."""
    waiting = list(calls)
    seen: dict[str, Prepared | Observation] = {}
    while waiting and not kit.ended:
        batch, waiting = yield from _admit_batch(kit, waiting, seen)
        for wave in _waves(batch):
            if not kit.ended:
                yield from _run_wave(kit, wave)
        if kit.quit.is_set() and not kit.ended:
            yield Stopped(state="interrupted", reason="stopped at the prompt")


def _waves(batch: Sequence[Admitted]) -> list[list[Admitted]]:
    """The batch, divided where a call must wait for an earlier one after all: a person may have edited its path."""
    waves: list[list[Admitted]] = []
    for one in batch:
        if not waves or _must_wait(waves[-1], one.prepared):
            waves.append([])
        waves[-1].append(one)
    return waves


def _matters(prepared: Prepared) -> bool:
    return prepared.tool.effect is not Effect.READ


def _admit_batch(
    kit: Kit, waiting: list[OpenCall], seen: dict[str, Prepared | Observation]
) -> Generator[Item, None, tuple[list[Admitted], list[OpenCall]]]:
    """Admit calls until one must wait for those before it: the batch, and what waits. `seen` keeps what was prepared:
    hooks see a call once."""
    batch: list[Admitted] = []
    for place, one in enumerate(waiting):
        prepared = seen.get(one.call.id) or _prepare(kit, one.call)
        seen[one.call.id] = prepared
        if isinstance(prepared, Prepared) and _must_wait(batch, prepared):
            return batch, waiting[place:]
        admitted = yield from _admit(kit, one, prepared)
        if kit.ended:
            return [], []
        if admitted is not None:
            batch.append(admitted)
    return batch, []


def _must_wait(batch: Sequence[Admitted], prepared: Prepared) -> bool:
    """Does this call depend on one of the batch: is it the same, or would its intent be out of date before it runs?"""
    for one in batch:
        if one.prepared.tool.name == prepared.tool.name and one.prepared.arguments_hash == prepared.arguments_hash:
            return True
        if prepared.tool.effect is Effect.WRITE:
            if one.prepared.tool.effect in (Effect.EXECUTE, Effect.SEND):
                return True  # it may change any file
            if one.prepared.tool.effect is Effect.WRITE and _overlap(one.prepared.paths, prepared.paths):
                return True
    return False


def _overlap(mine: Sequence[str], theirs: Sequence[str]) -> bool:
    """Is a path of the one that of the other, or in it? A tool that names no path may write any."""
    if not mine or not theirs:
        return True
    return any(
        f"{a}/".startswith(f"{b}/") or f"{b}/".startswith(f"{a}/") for a in _folded(mine) for b in _folded(theirs)
    )


def _folded(paths: Sequence[str]) -> list[str]:
    """Paths as the least discerning disk compares them: neither letter case nor normal form counts."""
    return [normalize("NFD", normalize("NFD", path).casefold()) for path in paths]


def _prepare(kit: Kit, call: ToolCall) -> Prepared | Observation:
    if call.fault is not None:
        found = failed("arguments", f"the arguments of {call.tool} could not be read: {call.fault}")
        return explained(kit, call, found)
    prepared = prepare(kit, call.id, call.tool, call.arguments)
    return explained(kit, call, prepared) if isinstance(prepared, Observation) else prepared


def _admit(kit: Kit, one: OpenCall, prepared: Prepared | Observation) -> Generator[Item, None, Admitted | None]:
    """Take one call through arguments, guard, limits and approval; None where it was answered without being made."""
    call = one.call
    if isinstance(prepared, Observation):
        if prepared.error is not None and prepared.error.kind == "denied":
            yield Verdict(call=call.id, decision="deny", by="hook", reason=prepared.error.message)
        yield references(prepared, call.id, call.tool, arguments_hash=_as_asked(call))
        yield from _warn(kit, _watch(kit))
        return None
    if (made := _already(kit, prepared)) is not None:
        yield _repeated(call, made)
        yield from _warn(kit, _watch(kit))
        return None
    again = one.started is not None
    if (limit := kit.limits.time() or (None if again else kit.limits.tool(prepared.tool.name))) is not None:
        yield from _limited(kit, call, prepared, limit)
        return None
    if _matters(prepared) and kit.held_back(call.id):
        yield refused(call, prepared, "feedback", "not made: the user's feedback is to be answered first")
        approved = None
    elif allowed_before(kit, call.id, prepared):
        return Admitted(call, prepared)
    else:
        approved = yield from approve(kit, call, prepared)
    if approved is None:
        if not again:
            kit.limits.give_back(prepared.tool.name)
        yield from _warn(kit, None if kit.ended else _watch(kit))
        return None
    if (limit := kit.limits.time()) is not None:  # the person took their time, and the leave is kept
        yield from _limited(kit, call, approved, limit)
        return None
    return Admitted(call, approved)


def _as_asked(call: ToolCall) -> str:
    """What the guard compares of a call that could not even be prepared."""
    return hashlib.sha256(compact([call.raw, dict(call.arguments)])).hexdigest()[:32]


def _already(kit: Kit, prepared: Prepared) -> Done | None:
    """The same call, made before with success and nothing changed since: what does harm is not done again. What only
    looks, or runs a program, may give something new each time: there the guard compares the results."""
    if prepared.tool.effect not in (Effect.WRITE, Effect.SEND) or prepared.tool.repeatable:
        return None
    since = kit.history.done[kit.history.done_before :]
    made = guard.earlier(since, prepared.tool.name, prepared.arguments_hash)
    if made is None or not made.ok or (prepared.tool.effect is Effect.WRITE and not _changes_nothing(kit, prepared)):
        return None
    return made


def _changes_nothing(kit: Kit, prepared: Prepared) -> bool:
    """Are the files already as this call would leave them? What appends, and what nobody can foretell, is made."""
    before, after = kit.toolbox.states(prepared, kit.files)
    return after is not None and all(after.get(state.path) == state.sha256 for state in before)


def _repeated(call: ToolCall, made: Done) -> Observed:
    return Observed(
        call=call.id,
        tool=call.tool,
        ok=True,
        text=f"{made.text}\n(Not run again: this very call was made in step {made.step}, and nothing changed since.)",
        result_hash=made.result_hash,
        arguments_hash=made.arguments_hash,
    )


def _limited(kit: Kit, call: ToolCall, prepared: Prepared, limit: LimitReached) -> Items:
    yield limit
    if limit.name == "time" or kit.history.limited[limit.name] >= REFUSALS:
        yield Stopped(state="limit", reason=limit.text)
        return
    yield refused(call, prepared, "limit", limit.text, "go on without it, or finish with what there is")


def _run_wave(kit: Kit, wave: Sequence[Admitted]) -> Items:
    """Announce and run all of a wave, then let the guard speak once: what was announced is made, whatever it has to
    say."""
    intents: dict[str, ToolStarted] = {}
    for one in wave:
        intents[one.call.id] = kit.intent(one.call.id, one.prepared)
        yield intents[one.call.id]
    if any(_matters(one.prepared) for one in wave):
        yield BARRIER
    worst: guard.Circle | None = None
    for matters, neighbours in groupby(wave, key=lambda one: _matters(one.prepared)):
        for group in _grouped(neighbours, 1 if matters else kit.goal.parallel):
            for one in group:
                kit.look_before(one.call.id, one.prepared)
            found = yield from run_side_by_side(kit, group)
            for one in group:
                changed = kit.changed(intents[one.call.id], found[one.call.id])
                yield references(found[one.call.id], one.call.id, one.prepared.tool.name, **changed)
                yield from hand_nearest(kit, [*one.prepared.paths, *(change.path for change in changed["files"])])
                circle = _watch(kit)
                if circle is not None and (worst is None or circle.stage >= worst.stage):
                    worst = circle
    yield from _warn(kit, worst)


def _grouped(calls: Iterable[Admitted], most: int) -> Iterator[list[Admitted]]:
    """The calls in groups of at most `most`."""
    waiting = iter(calls)
    while group := list(islice(waiting, most)):
        yield group


def run_side_by_side(
    kit: Kit, group: Sequence[Admitted], *, grace: float = 0.0
) -> Generator[Item, None, dict[str, Observation]]:
    """Run calls and hand on what they post meanwhile, none for longer than the run's time and a `grace` of so many
    seconds: what came back, by the call's id."""
    running: list[Running] = []
    found: dict[str, Observation] = {}
    try:
        for one in group:
            context = make_context(kit, one.call.id, call_nested)
            done = kit.mail.returning(one.call.id)
            started = kit.toolbox.start(one.prepared, context, cut=kit.cut, done=done, within=kit.limits.left() + grace)
            running.append(started)
        while len(found) < len(group):
            letters = kit.mail.receive()
            yield from kit.mail.deliver(one for one in letters if isinstance(one, Mail))
            found |= {one.call: one.observation for one in letters if isinstance(one, Returned)}
    except BaseException:
        kit.mail.over.set()  # nobody reads the mail from now on
        for one_running in running:
            one_running.cancel("the run was stopped")
        raise
    return found


def _watch(kit: Kit) -> guard.Circle | None:
    return guard.watch(kit.history, by_rule=kit.model.offline)


def _warn(kit: Kit, circle: guard.Circle | None) -> Items:
    """The guard's word: a note, a demand, or the end. One word a step is enough."""
    if circle is None:
        return
    if circle.stage == 3:
        yield Stopped(state="loop", reason=circle.text)
    elif any(one.origin == "guard" for one in kit.history.steps[-1].feedback):
        return
    elif circle.stage == 2:
        yield Feedback(text=f"You are going round in circles: {circle.text}. Take another way now.", origin="guard")
    else:
        yield Feedback(text=f"Note: {circle.text}. Doing it again will not give more.", origin="guard")
