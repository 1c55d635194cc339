"""Lessons: a call that failed, and what made the same tool work on the same thing soon after.

Made from the events alone: the tool, what its error said, and what was different in the call that worked. Nothing of
what tools gave back is in them, nor a long text that was only written otherwise.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from agent.events import JSON, Observed, ToolCall
from agent.history import FINISH, History, Step

BACK = 6
"""So many steps back a failure is looked for: what came long after it did not put it right."""
MOST = 4
"""Lessons that one run may write."""
_ERROR = 200
"""Characters of an error that are told."""
_VALUE = 80
"""Characters of an argument that is told; longer ones, and those of several lines, are texts and no settings."""
_SAME = 0.6
"""Two values of which this part is alike (by their words) mean the same thing."""
_LEFT_OUT = "…"
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_SECRET = re.compile(
    r"pass(?:word|wd|phrase|code|wort)|secret|credential|kennwort|contraseña|парол|mot de passe|密码|密碼|口令|密钥"
    r"|密鑰|凭证|パスワード|비밀번호|(?:api|access|private)key|(?<![a-z])(?:pass|pwd|pin|senha|o?auth(?!or(?!i))[a-z]*"
    r"|bearer|jwt|(?:auth|access|api)?tokens?|keys?|cookies?)(?![a-z])",
    re.IGNORECASE,
)
"""Words that say of an argument, by its name or in its value, that it may be a secret."""
_SECRET_LEAST = 3
"""Characters of a secret that is taken out of an error; a shorter one stands in any text."""
_LOOKS = ("read", "fetch")
_TELLING = ("tool", "timeout", "crash")
"""Kinds of errors that teach something. What the user or a limit refused does not, and what a tool says of its own
arguments it says the next time as well."""


@dataclass(frozen=True, slots=True)
class _Made:
    """A call with the arguments that it was made with, and what came back."""

    tool: str
    arguments: Mapping[str, JSON]
    effect: str
    result: Observed


def lessons(history: History) -> Iterator[str]:
    """What the newest step teaches: for each of its calls that worked, the failure that it puts right, if there is one
    and the difference is telling."""
    if not history.steps or all(one.ok for one in history.done[-64:]):
        return
    made = [one for step in history.steps[-BACK:] for one in _made(history, step)]
    newest = set(history.steps[-1].results)
    for place, one in enumerate(made):
        if one.result.ok and one.result.call in newest and (text := _lesson(made[:place], one)):
            yield text


def _made(history: History, step: Step) -> Iterator[_Made]:
    for call in step.thought.calls:
        result = step.results.get(call.id)
        if result is not None and call.tool != FINISH and not result.arguments_hash:
            intent = history.intent(call.id)
            arguments = _arguments(call, step) if intent is None else intent.arguments
            yield _Made(result.tool, arguments, "read" if intent is None else intent.effect, result)


def _arguments(call: ToolCall, step: Step) -> Mapping[str, JSON]:
    edited = step.edited.get(call.id)
    return edited.arguments if edited else call.arguments


def _lesson(before: Sequence[_Made], worked: _Made) -> str | None:
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


def _put_right(failed: _Made, between: Sequence[_Made], number: int) -> bool:
    one = between[number]
    return one.tool == failed.tool and one.result.ok and _pair(failed, one, between[:number]) is not None


def _pair(failed: _Made, worked: _Made, between: Sequence[_Made]) -> str | None:
    error = failed.result.error
    if error is None or error.kind not in _TELLING:
        return None
    said = _line(_without(error.message, (*_secrets(failed.arguments), *_secrets(worked.arguments))), _ERROR)
    changed = _differences(failed, worked)
    if not changed:
        helped = [_call(one) for one in between if one.result.ok and one.effect not in _LOOKS]
        if not helped:
            return None
        return (
            f"{failed.tool}({_told(failed.arguments)}) failed: {said}. It worked after {', then '.join(helped[-2:])}."
        )
    if failed.effect == "write" or len(changed) > 2 or not _same_target(failed, worked, changed):
        return None
    shown = {name: (_shown(name, old), _shown(name, new)) for name, (old, new) in changed.items()}
    if all(_LEFT_OUT in pair for pair in shown.values()):
        return None
    told = ", ".join(f"{name} {old} became {new}" for name, (old, new) in shown.items())
    return f"{failed.tool} failed: {said}. It worked when {told}."


def _differences(one: _Made, other: _Made) -> dict[str, tuple[JSON, JSON]]:
    names = dict.fromkeys((*one.arguments, *other.arguments))
    pairs = {name: (one.arguments.get(name), other.arguments.get(name)) for name in names}
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def _same_target(failed: _Made, worked: _Made, changed: Mapping[str, tuple[JSON, JSON]]) -> bool:
    """Was the same thing tried in another way? Each value that changed is short, and it means much the same as before,
    or another argument that says something stayed as it was."""
    if not all(_short(old) and _short(new) for old, new in changed.values()):
        return False
    kept = [value for name, value in worked.arguments.items() if name not in changed and failed.arguments.get(name)]
    if any(isinstance(value, str) and value.strip() for value in kept):
        return True
    return all(_alike(old, new) for old, new in changed.values())


def _alike(old: JSON, new: JSON) -> bool:
    from memory.embedding import words

    mine, other = set(words(str(old or ""))), set(words(str(new or "")))
    return bool(mine & other) and len(mine & other) >= _SAME * min(len(mine), len(other))


def _short(value: JSON) -> bool:
    if isinstance(value, list | dict):
        return False
    return value is None or (len(str(value)) <= _VALUE and len(str(value).splitlines()) <= 1)


def _call(one: _Made) -> str:
    return f"{one.tool}({_told(one.arguments)})"


def _told(arguments: Mapping[str, JSON]) -> str:
    return ", ".join(f"{name}={_shown(name, value)}" for name, value in arguments.items() if value is not None)


def _shown(name: str, value: JSON) -> str:
    if value is None:
        return "(none)"
    return _line(str(value), _VALUE) if _short(value) and not _is_secret(name, value) else _LEFT_OUT


def _is_secret(name: str, value: JSON) -> bool:
    """May this be a secret? What only says yes or no is none."""
    if value is None or isinstance(value, bool):
        return False
    return any(_SECRET.search(_HUMP.sub("_", text)) for text in (name, str(value)))


def _secrets(value: JSON | Mapping[str, JSON], name: str = "") -> Iterator[str]:
    """The values of arguments that may be secrets, however deep they lie."""
    if isinstance(value, Mapping):
        for key, one in value.items():
            yield from _secrets(one, f"{name} {key}")
    elif isinstance(value, list):
        for one in value:
            yield from _secrets(one, name)
    elif _is_secret(name, value):
        yield str(value)


def _without(text: str, secrets: Iterable[str]) -> str:
    for secret in sorted(secrets, key=len, reverse=True):
        if len(secret.strip()) >= _SECRET_LEAST:
            text = text.replace(secret.strip(), _LEFT_OUT)
    return text


def _line(text: str, most: int) -> str:
    flat = " ".join(text.split()).rstrip(".。")
    return flat if len(flat) <= most else f"{flat[:most]} …"
