"""Lessons: a call that failed, and what made the same work soon after.

Made from the events alone: the tool, what its error said, and what was different in the call that worked. Nothing of
what tools gave back is in them, nor a long text that was only written otherwise. Four ways of putting a failure right
teach something: the form that the tool wants (see `forms`), another value for the same thing, a call that had to come
before, and another tool where the first failed again and again. What any run finds out for nothing does not: what the
error itself names, a file that was not there until it was written or was in the way until it was deleted, a network
that answers the second time.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from agent.events import JSON, Failure
from agent.hiding import Hiding
from agent.history import History
from agent.learning.forms import form, is_form
from agent.learning.made import Made, made_calls
from agent.learning.told import LEFT_OUT, alike, call, is_short, line, shown, without_secrets

BACK = 6
"""So many steps back a failure is looked for: what came long after it did not put it right."""
MOST = 4
"""Lessons that one run may write."""
REPEATED = 2
"""So often a tool must have failed on a thing before it is worth telling that another tool can do it."""
_ERROR = 200
"""Characters of an error that are told."""
_NAMING = 3
"""Characters of a value by which two calls are seen to be about the same thing; a shorter one is about anything."""
_LOOKS = ("read", "fetch")
_OUTSIDE = ("fetch", "send")
_ADDRESS = re.compile(r"https?://", re.IGNORECASE)
_TELLING = ("tool", "timeout", "crash", "arguments")
"""Kinds of errors that teach something. What the user or a limit refused does not."""


@dataclass(frozen=True, slots=True)
class Lesson:
    """What was learned. `cause`: the call's form was wrong, or something else."""

    text: str
    tool: str
    cause: Literal["form", "failure"]


def lessons(history: History, hiding: Hiding) -> Iterator[Lesson]:
    """What the newest step teaches: for each of its calls that worked, the failure that it puts right, if there is one
    and the difference is telling. Of the secrets that `hiding` knows nothing is told."""
    if not history.steps or all(one.ok for one in history.done[-64:]):
        return
    made = made_calls(history, BACK, hiding)
    newest = set(history.steps[-1].results)
    for place, one in enumerate(made):
        if one.result.ok and one.result.call in newest:
            if text := form(made[:place], one):
                yield Lesson(text, one.tool, "form")
            if text := _pair_before(made[:place], one) or _detour(made[:place], one):
                yield Lesson(text, one.tool, "failure")


def _telling(one: Made) -> Failure | None:
    """The error of a call that failed in a way that may teach something beside its form."""
    error = one.result.error
    return error if error is not None and error.kind in _TELLING and not is_form(one) else None


def _pair_before(before: Sequence[Made], worked: Made) -> str | None:
    """What this success teaches about the last failure of the same tool that nothing else has put right."""
    for place in range(len(before) - 1, -1, -1):
        failed, between = before[place], before[place + 1 :]
        if failed.tool != worked.tool or failed.result.ok:
            continue
        if any(_put_right(failed, between, number) for number in range(len(between))):
            continue
        if text := _pair(failed, worked, between):
            return text
    return None


def _put_right(failed: Made, between: Sequence[Made], number: int) -> bool:
    one = between[number]
    return one.tool == failed.tool and one.result.ok and _pair(failed, one, between[:number]) is not None


def _pair(failed: Made, worked: Made, between: Sequence[Made]) -> str | None:
    error = _telling(failed)
    if error is None:
        return None
    changed = _differences(failed, worked)
    said = line(without_secrets(error.message, (failed.arguments, worked.arguments)), _ERROR)
    if not changed:
        return _after(failed, error, said, between)
    if _was_told(error, changed) or "write" in (failed.effect, worked.effect):
        return None  # what a write wrote otherwise is the document's
    if len(changed) > 2 or not _same_target(failed, worked, changed):
        return None
    pairs = {name: (shown(name, old), shown(name, new)) for name, (old, new) in changed.items()}
    if all(LEFT_OUT in pair for pair in pairs.values()):
        return None
    told = ", ".join(f"{name} {old} became {new}" for name, (old, new) in pairs.items())
    return f"{failed.tool} failed: {said}. It worked when {told}."


def _after(failed: Made, error: Failure, said: str, between: Sequence[Made]) -> str | None:
    """The very same call worked later: after which calls? None teach anything where the world outside may have had a
    bad moment, nor where the files of the workspace were not as a write wanted them: they are others the next time."""
    if failed.effect in (*_OUTSIDE, "write") or error.kind != "tool":
        return None
    helped = [one for one in between if one.result.ok and one.effect not in _LOOKS]
    if failed.effect in _LOOKS and any(one.effect == "write" and _shared(failed, one) for one in helped):
        return None  # it was not there until it was written
    if not helped:
        return None
    done = ", then ".join(call(one.tool, one.arguments) for one in helped[-2:])
    return f"{call(failed.tool, failed.arguments)} failed: {said}. It worked after {done}."


def _detour(before: Sequence[Made], worked: Made) -> str | None:
    """The tool that failed again and again on a thing on which this one works; nothing was changed meanwhile."""
    if worked.effect == "write":
        return None
    failed: list[Made] = []
    for one in reversed(before):
        if one.result.ok and one.effect not in _LOOKS:
            break
        if one.tool == worked.tool or one.effect != worked.effect or not _shared(one, worked):
            continue
        if failed and one.tool != failed[0].tool:
            continue
        if one.result.ok:
            break
        if _telling(one) is not None:
            failed.append(one)
    if len(failed) < REPEATED or (error := failed[0].result.error) is None:
        return None
    told = next(iter(_shared(failed[0], worked)))
    said = line(without_secrets(error.message, (failed[0].arguments, worked.arguments)), _ERROR)
    return f"{failed[0].tool} failed {len(failed)} times on {told}: {said}. {worked.tool} worked on it."


def _shared(one: Made, other: Made) -> list[str]:
    """The values that two calls are both about, as they may be told."""
    theirs = {value for value in other.arguments.values() if isinstance(value, str)}
    return [
        told
        for name, value in one.arguments.items()
        if isinstance(value, str) and len(value) >= _NAMING and value in theirs
        if is_short(value) and LEFT_OUT not in (told := shown(name, value))
    ]


def _differences(one: Made, other: Made) -> dict[str, tuple[JSON, JSON]]:
    names = dict.fromkeys((*one.arguments, *other.arguments))
    pairs = {name: (one.arguments.get(name), other.arguments.get(name)) for name in names}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _was_told(error: Failure, changed: Mapping[str, tuple[JSON, JSON]]) -> bool:
    """Does the error itself name what then worked? It will the next time as well."""
    said = f"{error.message} {error.hint or ''}".casefold()
    new = [value for _, value in changed.values()]
    return all(isinstance(value, str) and len(value) >= _NAMING and value.casefold() in said for value in new)


def _is_elsewhere(old: JSON, new: JSON) -> bool:
    addresses = [one.partition("://")[2] for one in (old, new) if isinstance(one, str) and _ADDRESS.match(one)]
    return len(addresses) == 2 and addresses[0].partition("/")[2] != addresses[1].partition("/")[2]


def _same_target(failed: Made, worked: Made, changed: Mapping[str, tuple[JSON, JSON]]) -> bool:
    """Was the same thing tried in another way? Each value that changed is short, and it means much the same as before,
    or another argument that says something stayed as it was. Another page is another thing, however alike its address:
    only what stands before its path may be put right."""
    if not all(is_short(old) and is_short(new) for old, new in changed.values()):
        return False
    if any(_is_elsewhere(old, new) for old, new in changed.values()):
        return False
    kept = [value for name, value in worked.arguments.items() if name not in changed and failed.arguments.get(name)]
    if any(isinstance(value, str) and value.strip() for value in kept):
        return True
    return all(alike(old, new) for old, new in changed.values())
