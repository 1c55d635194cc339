"""Tool calls put together from the pieces in which servers stream them, whatever they number, repeat or leave out."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any

from agent.events import JSON

__all__ = ["Building", "Pieces"]


@dataclass(slots=True)
class Building:
    """A call whose pieces still come. `extra` is what the server gives with it for itself to have it back."""

    id: str = ""
    name: str = ""
    extra: JSON = None
    _pieces: list[str] = field(default_factory=list)
    _last: str = ""  # letter of the arguments that is no white space

    @property
    def begun(self) -> bool:
        """Is something of the arguments there?"""
        return bool(self._pieces)

    @property
    def raw(self) -> str:
        """The arguments as far as they have come."""
        return "".join(self._pieces)

    def add(self, arguments: str) -> None:
        """Take a piece of the arguments."""
        if arguments:
            self._pieces.append(arguments)
            self._last = arguments.rstrip()[-1:] or self._last

    def is_whole(self) -> bool:
        """Are the arguments an object already?"""
        if self._last != "}":  # as after most pieces: no need to read it all
            return False
        try:
            return isinstance(json.loads(self.raw), dict)
        except (ValueError, RecursionError):
            return False


class Pieces:
    """The calls of one reply, in order, as far as they have come.

    Args:
        names: The tools that were offered.
    """

    def __init__(self, names: Collection[str]) -> None:
        self.calls: list[Building] = []
        self._names = names
        self._by_index: dict[int, Building] = {}

    def take(self, delta: Mapping[str, Any]) -> bool:
        """Take what a delta, or a whole message, brings of calls. Did it bring anything?"""
        given = delta.get("tool_calls")
        pieces = [one for one in given if isinstance(one, Mapping)] if isinstance(given, list) else []
        for piece in pieces:
            self._piece(piece, piece.get("function"))
        legacy = delta.get("function_call")
        if isinstance(legacy, Mapping):
            self._piece({"index": 0}, legacy)
        return bool(pieces) or isinstance(legacy, Mapping)

    def _piece(self, piece: Mapping[str, Any], function: object) -> None:
        function = function if isinstance(function, Mapping) else {}
        name, given = function.get("name"), function.get("arguments")
        name = name if isinstance(name, str) else ""
        arguments = given if isinstance(given, str) else "" if given is None else json.dumps(given, ensure_ascii=False)
        id_ = str(piece.get("id") or "")
        index = _index(piece.get("index"))
        call = self._find(index, id_, name, arguments)
        if call is None:
            call = Building()
            self.calls.append(call)
        if index is not None:
            self._by_index[index] = call
        call.id = call.id or id_
        if name and not call.begun and call.name not in (name, *self._names):
            call.name += name  # the first piece of a name, or one more of it
        call.name = call.name or name
        call.extra = piece.get("extra_content") or call.extra
        if not (name and call.is_whole() and arguments == call.raw):  # else: the call told once more
            call.add(arguments)

    def _find(self, index: int | None, id_: str, name: str, arguments: str) -> Building | None:
        """The call that a piece goes on with; None where it begins a new one."""
        if index is not None:
            call = self._by_index.get(index)
        elif id_:
            call = next((one for one in reversed(self.calls) if one.id == id_), None)
        else:
            call = self.calls[-1] if self.calls else None
        if call is None or not name or not call.name:
            return call
        if id_ and call.id and id_ != call.id:
            return None  # servers that number every call 0
        if id_ and index is not None:
            return call
        if call.begun:
            another = call.is_whole() and arguments != call.raw
        else:
            another = call.name in self._names and name != call.name
        return None if another else call


def _index(value: object) -> int | None:
    if isinstance(value, str) and value.isdecimal():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
