"""What a tool returned or raised, as an observation: text for the model (cut, the whole kept), JSON, artifacts."""

from __future__ import annotations

import dataclasses
import datetime
import enum
import hashlib
import json
import math
from collections.abc import Mapping
from dataclasses import replace
from pathlib import PurePath
from typing import Any

from plugins._contract import Artifact, Artifacts, Observation, ToolError, ToolFailure
from plugins._own_observation import checked
from plugins._text import in_words, mend, traced

__all__ = ["fail", "observe", "refused", "tell_error"]

_LARGEST_VALUE = 262_144  # characters of JSON; a larger result is read through its artifact, not from the journal
_LONGEST_DETAIL = 20_000  # characters of a traceback
_LONGEST_FAILURE = 4_000  # characters of a failure that there is no artifact for
_LONGEST_KIND = 64  # characters
_CUTTING_LINE = 400  # characters by which a cut text may be too long: it always says where the whole is
_DEEPEST = 100


def observe(result: Any, *, artifacts: Artifacts, cut: int) -> Observation:
    """Turn what a tool returned into an observation.

    Text is handed on; None is "done"; bytes are kept as an artifact; dataclasses, mappings, lists, numbers, and
    booleans become `value` and its JSON text (`value` only up to 256 k characters); an `Observation` stays as it is,
    its `value` made plain; anything else is told by `str`. Text of more than `cut` characters is kept whole as an
    artifact first, and told by its head and its tail.

    Raises:
        TypeError, ValueError: an `Observation` of the tool's own making has a field that does not fit.
    """
    if isinstance(result, Observation):
        return _observe_own(checked(result), artifacts, cut)
    if result is None:
        return _cut(Observation(ok=True, text="done"), artifacts, cut)
    if isinstance(result, str):
        return _cut(Observation(ok=True, text=_whole_text(result)), artifacts, cut)
    plain_maker = _PlainMaker(artifacts)
    value = plain_maker.make(result)
    if isinstance(result, Artifact | bytes | bytearray | memoryview):
        told = Observation(ok=True, text=_told_artifact(plain_maker.found[0]), artifacts=tuple(plain_maker.found))
        return _cut(told, artifacts, cut)
    if isinstance(value, str):
        return _cut(Observation(ok=True, text=value), artifacts, cut)
    text = json.dumps(value, ensure_ascii=False, indent=2)
    told = Observation(ok=True, text=text, value=value, artifacts=tuple(plain_maker.found))
    told = _cut(told, artifacts, cut)
    return told if len(text) <= _LARGEST_VALUE else replace(told, value=None)


def _observe_own(own: Observation, artifacts: Artifacts, cut: int) -> Observation:
    """An observation that the tool made itself, or had from another call."""
    plain_maker = _PlainMaker(artifacts)
    value = plain_maker.make(own.value)
    if value is not None and len(whole := json.dumps(value, ensure_ascii=False)) > _LARGEST_VALUE:
        value, told = None, _keep_value(whole, artifacts, plain_maker.found)
        own = replace(own, text=f"{own.text}\n[its value is too large to be told: {told}]")
    known = {one.handle for one in own.artifacts}
    more = [one for one in plain_maker.found if one.handle not in known]
    own = replace(own, value=value, artifacts=(*own.artifacts, *more))
    if own.whole and len(own.text) <= cut + _CUTTING_LINE:  # cut by whoever made it
        hashed = own.result_hash or _hash(own, own.text.encode())
        return replace(own, text=_without_nul(own.text), result_hash=hashed)
    return _cut(own, artifacts, cut)


def _keep_value(whole: str, artifacts: Artifacts, found: list[Artifact]) -> str:
    try:
        kept = artifacts.put(whole.encode(), media_type="application/json", name="value.json")
    except Exception as error:  # noqa: BLE001  whatever the store's trouble is, the rest of the result is not lost
        return f"it could not be kept: {in_words(error)[:200]}"
    found.append(kept)
    return _told_artifact(kept)


def tell_error(error: BaseException, *, artifacts: Artifacts, cut: int) -> Observation:
    """Turn what a tool raised into a failed observation: a `ToolError` in its own words, all else as "failed: ..."
    with the traceback in `error.detail` alone. Never raises, whatever the exception says of itself."""
    try:
        if isinstance(error, ToolError):
            failed = refused(error, longest=None)
        else:
            failed = fail("crash", f"failed: {in_words(error)}", detail=traced(error), longest=None)
        return _cut(failed, artifacts, cut)
    except BaseException as second:  # noqa: BLE001  an exception is foreign code too, and this is the call's last word
        return fail("crash", f"failed: {type(error).__name__}, and telling it failed: {type(second).__name__}")


def refused(error: ToolError, *, by: str = "", longest: int | None = _LONGEST_FAILURE) -> Observation:
    """A `ToolError` as a failed observation; what its author made of its fields is told by `str`. `by` says who raised
    it, where that is not the tool. Never raises."""
    try:
        kind, message, hint = (getattr(error, name, None) for name in ("kind", "message", "hint"))
        words = str(message or in_words(error))
        return fail(str(kind or "tool"), by + words, hint=None if hint is None else str(hint), longest=longest)
    except KeyboardInterrupt:
        raise
    except BaseException:  # noqa: BLE001  what stands in its fields is foreign code
        return fail("tool", by + type(error).__name__, longest=longest)


def fail(
    kind: str,
    message: str,
    *,
    hint: str | None = None,
    detail: str | None = None,
    longest: int | None = _LONGEST_FAILURE,
) -> Observation:
    """A failed observation: its text is the message, and the hint on a line of its own."""
    message = _whole_text(message)[:longest]
    hint = _whole_text(hint)[:longest] if hint else None
    text = f"{message}\nhint: {hint}" if hint else message
    error = ToolFailure(
        kind=mend(kind)[:_LONGEST_KIND],
        message=message[:_LONGEST_FAILURE],
        hint=hint and hint[:_LONGEST_FAILURE],
        detail=mend(detail)[-_LONGEST_DETAIL:] if detail else None,
    )
    failed = Observation(ok=False, text=_without_nul(text), error=error)
    return replace(failed, result_hash=_hash(failed, failed.text.encode()))


def _cut(observation: Observation, artifacts: Artifacts, cut: int) -> Observation:
    """The observation with its hash, and its text cut: the whole is kept before anything refers to it."""
    text = observation.text
    encoded = text.encode()  # once: it may be large
    hashed = replace(observation, result_hash=observation.result_hash or _hash(observation, encoded))
    if len(text) <= cut:
        return replace(hashed, text=_without_nul(text))
    try:
        kept = artifacts.put(encoded, media_type="text/plain", name="result.txt")
    except Exception as error:  # noqa: BLE001  whatever the store's trouble is, what the tool gave is not lost
        short = _head_and_tail(text, cut, f"they could not be kept: {in_words(error)[:200]}")
        return replace(hashed, text=short)
    short = _head_and_tail(text, cut, kept.handle, reads_on=True)
    listed = any(one.handle == kept.handle for one in observation.artifacts)
    return replace(
        hashed,
        text=short,
        whole=kept.handle,
        artifacts=observation.artifacts if listed else (*observation.artifacts, kept),
    )


def _head_and_tail(text: str, cut: int, remark: str, *, reads_on: bool = False) -> str:
    """At most `cut` characters, if the line in between leaves room for any."""

    def line(left_out: int, offset: int) -> str:
        onward = f'read_artifact(handle="{remark}", offset={offset}) goes on' if reads_on else remark
        return f"\n[... {left_out} of {len(text)} characters left out; {onward} ...]\n"

    room = max(0, cut - len(line(len(text), len(text))))
    head = room * 2 // 3
    tail = room - head
    between = line(len(text) - room, head)
    return _without_nul(text[:head] + between + text[len(text) - tail :])


def _hash(observation: Observation, text: bytes) -> str:
    """Over what the tool gave, uncut: two calls with equal hashes gave the same."""
    digest = hashlib.sha256(b"ok\0" if observation.ok else b"failed\0")
    digest.update(text)
    try:
        value = json.dumps(observation.value, sort_keys=True)
    except (TypeError, ValueError, RecursionError):  # a tool that makes its own observation may put anything there
        value = type(observation.value).__name__
    digest.update(b"\0" + value.encode())
    return digest.hexdigest()[:32]


def _whole_text(text: str) -> str:
    return mend(str.__str__(text))  # a str subclass may say something else of itself


def _without_nul(text: str) -> str:
    return text.replace("\0", "\u2400") if "\0" in text else text


def _told_artifact(kept: Artifact) -> str:
    return f"artifact {kept.handle}: {kept.media_type}, {kept.bytes} bytes"


class _PlainMaker:
    """Makes a result plain JSON; `found` are the artifacts in it, in their order."""

    def __init__(self, artifacts: Artifacts) -> None:
        self.found: list[Artifact] = []
        self._artifacts = artifacts
        self._open: set[int] = set()  # what we are inside of: a thing that holds itself must end

    def make(self, value: Any) -> Any:
        if value is None or isinstance(value, bool):
            return value
        if isinstance(value, enum.Enum):
            return self.make(value.value)
        if isinstance(value, str):
            return _whole_text(value)
        if isinstance(value, int):
            return int(value) if value.bit_length() <= 4096 else f"a number of {value.bit_length()} bits"
        if isinstance(value, float):
            return float(value) if math.isfinite(value) else str(value)
        if isinstance(value, Artifact):
            return self._artifact(value)
        if isinstance(value, bytes | bytearray | memoryview):
            return self._artifact(self._artifacts.put(bytes(value), media_type="application/octet-stream"))
        return self._nested(value)

    def _nested(self, value: Any) -> Any:
        if id(value) in self._open or len(self._open) > _DEEPEST:
            return "..."
        self._open.add(id(value))
        try:
            if dataclasses.is_dataclass(value) and not isinstance(value, type):
                return {one.name: self.make(getattr(value, one.name)) for one in dataclasses.fields(value)}
            if isinstance(value, Mapping):
                return {_whole_text(_key(name)): self.make(one) for name, one in value.items()}
            if isinstance(value, list | tuple):
                return [self.make(one) for one in value]
            if isinstance(value, set | frozenset):
                return sorted((self.make(one) for one in value), key=str)  # so that equal sets are told alike
        finally:
            self._open.discard(id(value))
        if isinstance(value, datetime.date | datetime.time):
            return value.isoformat()
        return mend(value.as_posix() if isinstance(value, PurePath) else str(value))

    def _artifact(self, kept: Artifact) -> dict[str, Any]:
        if all(kept.handle != one.handle for one in self.found):
            self.found.append(kept)
        return {"handle": kept.handle, "media_type": kept.media_type, "bytes": kept.bytes, "sha256": kept.sha256}


def _key(name: Any) -> str:
    return name if isinstance(name, str) else str(name.value if isinstance(name, enum.Enum) else name)
