"""One reply as it is put together: text, reasoning, calls and usage from the pieces that an endpoint sends.

Plain dicts are walked once, as they come. Servers differ in how they stream tool calls; `Reading` puts the pieces
together whatever they number, repeat or leave out.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from agent.events import JSON, ThoughtDelta, ToolCall, Usage
from agent.model.reply import find_calls, read_arguments
from agent.model.retry import Again
from agent.model.tags import Channel, ThinkTags

__all__ = ["Reading", "ReplyError", "unique_id"]


class ReplyError(Exception):
    """The endpoint sent an error where a reply was due; `body` is it, as parsed."""

    def __init__(self, body: object) -> None:
        super().__init__("an error in place of a reply")
        self.body = body


@dataclass(slots=True)
class _Building:
    """A call whose pieces still come."""

    id: str = ""
    name: str = ""
    pieces: list[str] = field(default_factory=list)

    @property
    def raw(self) -> str:
        return "".join(self.pieces)

    def is_whole(self) -> bool:
        try:
            return isinstance(json.loads(self.raw), dict)
        except (ValueError, RecursionError):
            return False


class Reading:
    """One reply as it is put together.

    `schemas` are those of the tools that were offered, by name. After the last chunk, `end` and then `calls`,
    `text`, `finish` and `usage` tell the result.
    """

    def __init__(self, schemas: Mapping[str, Mapping[str, JSON]]) -> None:
        self._schemas = schemas
        self._tags = ThinkTags()
        self._building: list[_Building] = []
        self._by_index: dict[int, _Building] = {}
        self._refusal: list[str] = []
        self._finish: str | None = None
        self._usage: Mapping[str, Any] | None = None
        self._answered = False  # a choice came
        self._done = False
        self.thought = 0  # bytes of reasoning
        self.streamed = False  # something that a user may have seen, or that was paid for

    def take(self, chunk: Mapping[str, Any] | None) -> Iterator[ThoughtDelta]:
        """Take one object of the reply, and tell what it brings.

        Raises:
            ReplyError: it is an error.
        """
        if chunk is None:
            self._done = True
            return
        if chunk.get("error") or chunk.get("object") == "error" or ("detail" in chunk and "choices" not in chunk):
            raise ReplyError(chunk)
        self._take_usage(chunk)
        choices = chunk.get("choices")
        for choice in choices if isinstance(choices, list) else ():
            if isinstance(choice, Mapping) and not choice.get("index"):
                self._answered = True
                self._take_usage(choice)
                yield from self._choice(choice)

    def end(self) -> Iterator[ThoughtDelta]:
        """The reply is over.

        Raises:
            Again: it is not whole.
        """
        if not self._answered:
            raise Again("the server sent a reply without an answer")
        if self._finish is None and not self._done:
            raise Again("the reply broke off")
        yield from self._told(self._tags.close())

    @property
    def whole(self) -> bool:
        """Has the reply said that it is complete? What fails afterwards does not matter."""
        return self._answered and (self._finish is not None or self._done)

    @property
    def done(self) -> bool:
        """Has the end mark come?"""
        return self._done

    def result(self, *, new_id: Callable[[str], str]) -> tuple[str, tuple[ToolCall, ...], str]:
        """Text, calls and finish reason of the whole reply.

        Args:
            new_id: Given a call's id as the server sent it ("" for none), gives one that no other call has.
        """
        cut = self._finish == "length"
        text = "".join(self._tags.text)
        if not text and self._refusal:
            return "".join(self._refusal), (), "refusal" if self._finish in (None, "stop") else str(self._finish)
        calls = [self._call(one, cut=cut and one is self._building[-1]) for one in self._building]
        if not calls and self._schemas:
            calls, text = find_calls(text, self._schemas.keys(), self._schemas, cut=cut)
        named = tuple(
            ToolCall(id=new_id(one.id), tool=one.tool, arguments=one.arguments, raw=one.raw, fault=one.fault)
            for one in calls
        )
        finish = self._finish or ("tool_calls" if named else "stop")
        return text, named, finish

    def usage(self, *, sent: int) -> Usage:
        """What the reply cost, without its price; counted from bytes (`sent`: those of the request) where the
        server told nothing that can be believed."""
        told = self._usage or {}
        prompt, completion = _count(told, "prompt_tokens"), _count(told, "completion_tokens")
        if prompt is None and completion is None:
            words = sum(len(one.encode("utf-8", "replace")) for one in (*self._tags.text, *self._refusal))
            words += self.thought + sum(len(one.raw) + len(one.name) for one in self._building)
            return Usage(prompt_tokens=-(-sent // 3), completion_tokens=-(-words // 3), estimated=True)
        cached = _count(told.get("prompt_tokens_details"), "cached_tokens")
        for name in ("prompt_cache_hit_tokens", "cached_tokens"):  # DeepSeek; Moonshot
            cached = _count(told, name) if cached is None else cached
        return Usage(
            prompt_tokens=prompt or 0,
            cached_tokens=min(cached or 0, prompt or 0),
            completion_tokens=completion or 0,
        )

    def _take_usage(self, holder: Mapping[str, Any]) -> None:
        usage = holder.get("usage")
        if not usage and isinstance(nested := holder.get("x_groq"), Mapping):
            usage = nested.get("usage")
        if isinstance(usage, Mapping) and (usage.get("prompt_tokens") or usage.get("completion_tokens")):
            self._usage = usage

    def _choice(self, choice: Mapping[str, Any]) -> Iterator[ThoughtDelta]:
        delta = choice.get("delta")
        if not isinstance(delta, Mapping) or not delta:
            delta = choice.get("message")
        if isinstance(delta, Mapping):
            for name in ("reasoning_content", "reasoning", "thinking"):
                if isinstance(thought := delta.get(name), str) and thought:
                    yield from self._told([("reasoning", thought)])
                    break
            yield from self._content(delta.get("content"))
            if isinstance(refusal := delta.get("refusal"), str) and refusal:
                self._refusal.append(refusal)
                yield from self._told([("text", refusal)])
            self._calls(delta)
        elif isinstance(text := choice.get("text"), str):  # servers of plain completions behind this path
            yield from self._content(text)
        finish = choice.get("finish_reason")
        if isinstance(finish, str) and finish:
            self._finish = finish

    def _content(self, content: object) -> Iterator[ThoughtDelta]:
        if isinstance(content, str):
            yield from self._told(self._tags.feed(content))
        elif isinstance(content, list):
            for part in content:
                if isinstance(part, Mapping) and part.get("type") == "thinking":
                    yield from self._told([("reasoning", _flat(part.get("thinking")))])
                else:
                    yield from self._told(self._tags.feed(_flat(part)))

    def _told(self, pairs: Iterable[tuple[Channel, str]]) -> Iterator[ThoughtDelta]:
        for channel, text in pairs:
            if text or channel == "restart":
                self.streamed = True
                self.thought += len(text.encode("utf-8", "replace")) if channel == "reasoning" else 0
                yield ThoughtDelta(text=text, channel=channel)

    def _calls(self, delta: Mapping[str, Any]) -> None:
        pieces = delta.get("tool_calls")
        for piece in pieces if isinstance(pieces, list) else ():
            if isinstance(piece, Mapping):
                self._piece(piece, piece.get("function"))
        legacy = delta.get("function_call")
        if isinstance(legacy, Mapping):
            self._piece({"index": 0}, legacy)

    def _piece(self, piece: Mapping[str, Any], function: object) -> None:
        self.streamed = True
        function = function if isinstance(function, Mapping) else {}
        name, given = function.get("name"), function.get("arguments")
        name = name if isinstance(name, str) else ""
        arguments = given if isinstance(given, str) else "" if given is None else json.dumps(given, ensure_ascii=False)
        id_ = str(piece.get("id") or "")
        index = _index(piece.get("index"))
        call = self._find(index, id_, name, arguments)
        if call is None:
            call = _Building()
            self._building.append(call)
        if index is not None:
            self._by_index[index] = call
        call.id = call.id or id_
        if name and not call.raw and call.name not in (name, *self._schemas):
            call.name += name  # the first piece of a name, or one more of it
        call.name = call.name or name
        if not (name and arguments and arguments == call.raw and call.is_whole()):  # else: the call told once more
            call.pieces.append(arguments)

    def _find(self, index: int | None, id_: str, name: str, arguments: str) -> _Building | None:
        """The call that a piece goes on with; None where it begins a new one."""
        if index is not None:
            call = self._by_index.get(index)
        elif id_:
            call = next((one for one in reversed(self._building) if one.id == id_), None)
        else:
            call = self._building[-1] if self._building else None
        if call is None or not name or not call.name:
            return call
        if id_ and call.id and id_ != call.id:
            return None  # servers that number every call 0
        if id_ and index is not None:
            return call
        if call.raw:
            another = call.is_whole() and arguments != call.raw
        else:
            another = call.name in self._schemas and name != call.name
        return None if another else call

    def _call(self, building: _Building, *, cut: bool) -> ToolCall:
        raw = building.raw
        name = building.name.strip()
        if name not in self._schemas and name.removeprefix("functions.") in self._schemas:
            name = name.removeprefix("functions.")
        arguments, fault = read_arguments(raw, self._schemas.get(name), cut=cut)
        if not name:
            fault = "the call names no tool"
        return ToolCall(id=building.id, tool=name, arguments=arguments, raw=raw if fault else None, fault=fault)


def unique_id() -> str:
    """An id for a call: nine letters and digits, which is what the strictest server takes back."""
    return uuid.uuid4().hex[:9]


def _flat(part: object) -> str:
    if isinstance(part, str):
        return part
    if isinstance(part, list):
        return "".join(_flat(one) for one in part)
    if isinstance(part, Mapping):
        return _flat(part.get("text") or part.get("content") or "")
    return ""


def _index(value: object) -> int | None:
    if isinstance(value, str) and value.isdecimal():
        return int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _count(holder: object, name: str) -> int | None:
    value = holder.get(name) if isinstance(holder, Mapping) else None
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < 1e12:
        return int(value)
    return None
