"""One reply as it is put together: text, reasoning, calls and usage from the pieces that an endpoint sends.

Plain dicts are walked once, as they come.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from typing import Any

from agent.events import JSON, ThoughtDelta, ToolCall, Usage
from agent.model.pieces import Building, Pieces
from agent.model.reply import find_calls, read_arguments
from agent.model.retry import Again
from agent.model.tags import Channel, ThinkTags
from agent.model.usage import HOLDERS, read_usage

__all__ = ["Reading", "ReplyError"]

_FAILED = frozenset({"error", "network_error", "insufficient_system_resource"})
"""Finish reasons that say that the server could not finish: OpenRouter's, Zhipu's, DeepSeek's."""
_CUT = frozenset({"length", "max_tokens", "model_length", "model_context_window_exceeded"})
"""Those that say that the reply is cut off: OpenAI's, that of gateways to Anthropic, Mistral's, Zhipu's."""


class ReplyError(Exception):
    """The endpoint sent an error where a reply was due; `body` is it, as parsed."""

    def __init__(self, body: object) -> None:
        super().__init__("an error in place of a reply")
        self.body = body


class Reading:
    """One reply as it is put together.

    After the last chunk, `end` and then `result` and `usage` tell what it is. `cost` tells at any time what came to
    be paid for it, also where it is not used. `sent` and `begun` are set by whoever asks.

    Args:
        schemas: Those of the tools that were offered, by name.
        sent: Bytes of the request.
    """

    def __init__(self, schemas: Mapping[str, Mapping[str, JSON]], *, sent: int = 0) -> None:
        self.sent = sent
        self.begun = False  # the endpoint said yes: it works for us
        self._schemas = schemas
        self._tags = ThinkTags()
        self._pieces = Pieces(schemas.keys())
        self._refusal: list[str] = []
        self._finish: str | None = None
        self._told: Usage | None = None  # by the server, of what it cost
        self._spoilt = 0  # bytes of a reply in one object that could not be read
        self._answered = False  # a choice came
        self._done = False
        self._thoughts: list[str] = []  # that came in a field of their own
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
        if not chunk.keys().isdisjoint(HOLDERS):  # most chunks tell nothing of it
            self.note_usage(chunk)
        if chunk.get("error") or chunk.get("object") == "error" or ("detail" in chunk and "choices" not in chunk):
            raise ReplyError(chunk)
        choices = chunk.get("choices")
        for choice in choices if isinstance(choices, list) else ():
            if isinstance(choice, Mapping) and not choice.get("index"):
                self._answered = True
                if choice.get("usage"):
                    self.note_usage(choice)
                if choice.get("error"):
                    raise ReplyError(choice)
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
        if self._finish in _FAILED:
            raise Again(f"the server could not finish its reply ({self._finish})")
        yield from self._tell(self._tags.close())

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
        calls = [self._call(one, cut=cut and one is self._pieces.calls[-1]) for one in self._pieces.calls]
        if not calls and self._schemas:
            calls, text = find_calls(text, self._schemas.keys(), self._schemas, cut=cut)
        named = tuple(
            ToolCall(id=new_id(one.id), tool=one.tool, arguments=one.arguments, raw=one.raw, fault=one.fault)
            for one in calls
        )
        finish = self._finish or ("tool_calls" if named else "stop")
        return text, named, finish

    @property
    def native(self) -> bool:
        """Did calls come in the field that is made for them?"""
        return bool(self._pieces.calls)

    @property
    def reasoning(self) -> str:
        """The reasoning that came in a field of its own."""
        return "".join(self._thoughts)

    @property
    def extras(self) -> list[JSON]:
        """What the server gave with each call, for itself to have it back; None: nothing."""
        return [one.extra for one in self._pieces.calls]

    def usage(self) -> Usage:
        """What the reply cost, without its price; counted from bytes where the server told nothing that can be
        believed, and for a reply that is not whole at least what came of it."""
        counted = self._counted()
        if self._told is None:
            return counted
        if self.whole or self._told.completion_tokens >= counted.completion_tokens:
            return self._told
        return replace(self._told, completion_tokens=counted.completion_tokens, estimated=True)

    def cost(self, *, left: bool = False) -> Usage | None:
        """What a reply that is not used was billed for all the same, without its price; None where nobody can say
        that it was.

        Args:
            left: It was us who went away while the endpoint worked.
        """
        billed = self.streamed or self._spoilt or self._told is not None or (left and self.begun)
        return self.usage() if billed else None

    def note_usage(self, holder: object) -> None:
        """Take what an object of the server's tells about the cost, an error too."""
        self._told = read_usage(holder) or self._told

    def spoil(self, rest: bytes) -> None:
        """What came of a reply in one object that broke off or cannot be read. Whoever sends choices has made them."""
        place = rest.find(b'"choices"')
        self._spoilt = len(rest) - place if place >= 0 else 0

    def _counted(self) -> Usage:
        words = sum(len(one.encode("utf-8", "replace")) for one in (*self._tags.text, *self._refusal))
        words += self.thought + sum(len(one.raw) + len(one.name) for one in self._pieces.calls) + self._spoilt
        return Usage(prompt_tokens=-(-self.sent // 3), completion_tokens=-(-words // 3), estimated=True)

    def _choice(self, choice: Mapping[str, Any]) -> Iterator[ThoughtDelta]:
        delta = choice.get("delta")
        if not isinstance(delta, Mapping) or not delta:
            delta = choice.get("message")
        if isinstance(delta, Mapping):
            for name in ("reasoning_content", "reasoning", "thinking"):
                if isinstance(thought := delta.get(name), str) and thought:
                    self._thoughts.append(thought)
                    yield from self._tell([("reasoning", thought)])
                    break
            yield from self._content(delta.get("content"))
            if isinstance(refusal := delta.get("refusal"), str) and refusal:
                self._refusal.append(refusal)
                yield from self._tell([("text", refusal)])
            if (delta.get("tool_calls") or delta.get("function_call")) and self._pieces.take(delta):
                self.streamed = True
        elif isinstance(text := choice.get("text"), str):  # servers of plain completions behind this path
            yield from self._content(text)
        finish = choice.get("finish_reason")
        if isinstance(finish, str) and finish:
            self._finish = "length" if finish.lower() in _CUT else finish

    def _content(self, content: object) -> Iterator[ThoughtDelta]:
        if isinstance(content, str):
            yield from self._tell(self._tags.feed(content))
        elif isinstance(content, list):
            for part in content:
                if isinstance(part, Mapping) and part.get("type") == "thinking":
                    yield from self._tell([("reasoning", _flat(part.get("thinking")))])
                else:
                    yield from self._tell(self._tags.feed(_flat(part)))

    def _tell(self, pairs: Iterable[tuple[Channel, str]]) -> Iterator[ThoughtDelta]:
        for channel, text in pairs:
            if text or channel == "restart":
                self.streamed = True
                self.thought += len(text.encode("utf-8", "replace")) if channel == "reasoning" else 0
                yield ThoughtDelta(text=text, channel=channel)

    def _call(self, building: Building, *, cut: bool) -> ToolCall:
        raw = building.raw
        name = building.name.strip()
        if name not in self._schemas and name.removeprefix("functions.") in self._schemas:
            name = name.removeprefix("functions.")
        arguments, fault = read_arguments(raw, self._schemas.get(name), cut=cut)
        if not name:
            fault = "the call names no tool"
        return ToolCall(id=building.id, tool=name, arguments=arguments, raw=raw if fault else None, fault=fault)


def _flat(part: object) -> str:
    if isinstance(part, str):
        return part
    if isinstance(part, list):
        return "".join(_flat(one) for one in part)
    if isinstance(part, Mapping):
        return _flat(part.get("text") or part.get("content") or "")
    return ""
