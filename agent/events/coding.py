"""Coding: events to plain dicts and back, as exact inverses. `decode` migrates older versions by small numbered
functions and refuses newer ones."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Union, get_args, get_origin

from agent.events.facts import KINDS, Event
from agent.events.values import JSON


class UnknownEvent(ValueError):
    """A stored event of a kind or version that this version of thinkact does not know."""


_MIGRATIONS: dict[tuple[str, int], Callable[[dict[str, Any]], dict[str, Any]]] = {}
# (kind, n) -> a function that turns the fields of version n into those of version n + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """An event with its envelope: its place in the run.

    `seq` counts from 1; `time` is the wall clock (seconds since the epoch, for people); `elapsed` is the run's own
    time in seconds, monotonic, summed over resumes; `path` is the address of nested work ("" for the run itself).
    """

    seq: int
    time: float
    elapsed: float
    path: str
    event: Event


def encode(event: Event) -> dict[str, JSON]:
    """Turn an event into a plain dict with `kind` and, from version 2 on, `v`. Inverse of `decode`."""
    body: dict[str, JSON] = {"kind": event.kind}
    if event.version != 1:
        body["v"] = event.version
    for one in dataclasses.fields(event):
        body[one.name] = _plain(getattr(event, one.name))
    return body


def decode(body: Mapping[str, Any]) -> Event:
    """Turn a stored dict back into its event.

    Raises:
        UnknownEvent: its kind or version is unknown here (it was written by a newer thinkact), or its fields are not
            those of its kind.
    """
    kind, version = body.get("kind"), body.get("v", 1)
    found = KINDS.get(kind) if isinstance(kind, str) else None
    if found is None or not isinstance(version, int) or version > found.version:
        raise UnknownEvent(f"an event of kind {kind!r}, version {version}, was written by a newer thinkact")
    fields = {name: value for name, value in body.items() if name not in ("kind", "v")}
    for n in range(version, found.version):
        fields = _MIGRATIONS[(found.kind, n)](fields)
    try:
        event: Event = _build(found, fields)
    except (TypeError, AttributeError) as error:
        raise UnknownEvent(f"an event of kind {kind!r} is not what was written: {error}") from error
    return event


def _plain(value: Any) -> JSON:
    if value is None or isinstance(value, str | int | float):
        return value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {one.name: _plain(getattr(value, one.name)) for one in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    return [_plain(one) for one in value]


@cache
def _hints(cls: Any) -> dict[str, Any]:
    hints = typing.get_type_hints(cls)
    return {one.name: hints[one.name] for one in dataclasses.fields(cls)}


def _build(cls: Any, fields: Mapping[str, Any]) -> Any:
    hints = _hints(cls)
    return cls(**{name: _restore(hints[name], value) for name, value in fields.items() if name in hints})


def _restore(hint: Any, value: Any) -> Any:
    """Give `value`, as JSON has it, the type that `hint` asks for; only tuples and dataclasses differ from JSON."""
    if value is None:
        return None
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return _build(hint, value)
    origin = get_origin(hint)
    if origin is tuple:
        return tuple(_restore(get_args(hint)[0], one) for one in value)
    if origin in (Union, types.UnionType):
        for one in get_args(hint):
            if get_origin(one) is tuple or (isinstance(one, type) and dataclasses.is_dataclass(one)):
                return _restore(one, value)
    return value
