"""What a model is to the rest: one protocol, and the messages that go to it.

A `Request` is made so that it can be sent without walking the history again: every `Message` and `ToolDescription`
is serialised once, at its first use, and `Request.body_parts` only joins bytes.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, Protocol, TypeAlias

from agent.events import JSON, Thought, ThoughtDelta, ToolCall, Usage

__all__ = ["Message", "Model", "Request", "Thinking", "ToolDescription", "compact"]

Role: TypeAlias = Literal["system", "user", "assistant", "tool"]


def compact(value: object) -> bytes:
    """JSON in UTF-8 without spaces, keys in the order given; lone surrogates become U+FFFD."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


@dataclass(frozen=True)
class Message:
    """One message of the chat. `calls` are those of an assistant, `call_id` is the call that a tool answers."""

    role: Role
    text: str
    calls: tuple[ToolCall, ...] = ()
    call_id: str | None = None

    @cached_property
    def wire(self) -> bytes:
        """The message as chat completions take it, serialised once."""
        body: dict[str, object] = {"role": self.role, "content": self.text}
        if self.calls:
            body["content"] = self.text or None
            body["tool_calls"] = [
                {
                    "id": call.id,
                    "type": "function",
                    "function": {"name": call.tool, "arguments": compact(dict(call.arguments)).decode()},
                }
                for call in self.calls
            ]
        if self.call_id is not None:
            body["tool_call_id"] = self.call_id
        return compact(body)

    @cached_property
    def digest(self) -> bytes:
        """Identity of the message, computed once: a request is hashed without hashing its history again."""
        return hashlib.sha256(self.wire).digest()


@dataclass(frozen=True)
class ToolDescription:
    """A tool as the model sees it. `parameters` is its JSON schema; `aliases` and `effect` are not sent."""

    name: str
    description: str
    parameters: Mapping[str, JSON]
    aliases: tuple[str, ...] = ()
    effect: str = "send"

    @cached_property
    def wire(self) -> bytes:
        """The tool as chat completions take it, keys of the schema in the order of its author, serialised once."""
        function = {"name": self.name, "description": self.description, "parameters": dict(self.parameters)}
        return compact({"type": "function", "function": function})


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is asked of a model. `purpose` is for the record: think, summary, fold, judge, ...

    `reply` is the most completion tokens wanted. `schema` asks for a reply that is JSON of that schema.
    `cache_key` groups requests that share a prefix.
    """

    messages: Sequence[Message]
    tools: Sequence[ToolDescription] = ()
    purpose: str = "think"
    reply: int = 4096
    temperature: float | None = None
    schema: Mapping[str, JSON] | None = None
    cache_key: str | None = None

    @cached_property
    def messages_wire(self) -> bytes:
        """All messages as one JSON array."""
        return b"[" + b",".join(message.wire for message in self.messages) + b"]"

    @cached_property
    def tools_wire(self) -> bytes:
        """All tools as one JSON array."""
        return b"[" + b",".join(tool.wire for tool in self.tools) + b"]"

    @cached_property
    def hash(self) -> str:
        """Identity of what is asked (not of the model): equal requests have equal hashes, also after a restart."""
        digest = hashlib.sha256(self.purpose.encode())
        digest.update(b"\0" + self.tools_wire + b"\0" + compact(self.schema and dict(self.schema)) + b"\0")
        digest.update(b"".join(message.digest for message in self.messages))
        return digest.hexdigest()[:32]


Thinking: TypeAlias = Generator[ThoughtDelta, None, Thought]
"""A reply while it streams: deltas come out, the whole thought is its return value."""


class Model(Protocol):
    """A model that thinks.

    `name` is what is called (as configured). `window` is its size in tokens, None where not known yet; it may
    become known later. `offline` tells the rule-based model of ours, for which nothing is paid and which cannot be
    asked free questions.
    """

    @property
    def name(self) -> str:
        """The model's name, as configured and as sent."""
        ...

    @property
    def window(self) -> int | None:
        """Its size in tokens, None where not known yet."""
        ...

    @property
    def offline(self) -> bool:
        """Is it the rule-based one?"""
        ...

    def think(self, request: Request) -> Thinking:
        """Answer a request, streaming.

        Raises:
            ModelError: one of its kinds, after bounded retries.
        """
        ...

    def price(self, usage: Usage) -> float | None:
        """US dollars for this usage; None where the price is unknown. Used before a call to refuse it in time,
        so it must answer without a network."""
        ...
