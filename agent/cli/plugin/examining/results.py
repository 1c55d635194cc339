"""What a tool returned, judged: can a model, and a program, be told all of it?"""

from __future__ import annotations

import dataclasses
import datetime
import enum
import json
import math
import re
from collections.abc import Iterator, Mapping
from pathlib import PurePath
from typing import Any

from agent.cli.plugin.examining.findings import State
from plugins import Artifact, Observation

_LARGE = 262_144  # characters of JSON
_PLAIN = (str, bool, int, enum.Enum, datetime.date, datetime.time, PurePath, Artifact, type(None))


def oddities(result: Any) -> Iterator[tuple[State, str, str]]:
    """What is lost or changed of a result when it is told: how bad it is, what, and what to return instead."""
    value = result.value if isinstance(result, Observation) else result
    yield from dict.fromkeys(_within(value, ()))
    if isinstance(value, Mapping | list | tuple):
        try:
            size = len(json.dumps(value, default=str))
        except (TypeError, ValueError, RecursionError):
            return  # that is told above
        if size > _LARGE:
            what = f"it returns {size:,} characters of JSON: programs are told of at most {_LARGE:,}"
            yield "warning", what, "return a part, and keep the whole with context.artifacts.put"


def _within(value: Any, around: tuple[int, ...]) -> Iterator[tuple[State, str, str]]:
    if isinstance(value, float):
        if not math.isfinite(value):
            told = f"it returns {value}, which JSON has not: it is told as the text {str(value)!r}"
            yield "fault", told, "return None, or raise ToolError, where there is no number"
    elif isinstance(value, bytes | bytearray | memoryview):
        if around:
            yield (
                "note",
                "it returns bytes within its result: they are kept as an artifact",
                "nothing, if that is meant",
            )
    elif not isinstance(value, _PLAIN):
        yield from _of_many(value, around)


def _of_many(value: Any, around: tuple[int, ...]) -> Iterator[tuple[State, str, str]]:
    if id(value) in around or len(around) > 90:
        yield (
            "fault",
            'it returns what holds itself: the inner one is told as "..."',
            "return a copy without the circle",
        )
        return
    inside = (*around, id(value))
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        for field in dataclasses.fields(value):
            yield from _within(getattr(value, field.name), inside)
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _within(one, inside)
    elif isinstance(value, list | tuple | set | frozenset):
        for one in value:
            yield from _within(one, inside)
    else:
        told, bare = re.subn(r" at 0x[0-9a-fA-F]+>$", " …>", str(value)[:2000])
        kind = type(value).__name__
        what = f"it returns a value of the type {kind}, which JSON has not: it is told as {told[:60]!r}"
        yield "fault" if bare else "warning", what, "return text, numbers, lists, dicts or dataclasses of such"
