"""What a model is to the rest: one protocol, and the messages that go to it.

A `Request` is made so that it can be sent without walking the history again: every `Message` and `ToolDescription`
is serialised once, at its first use, and `Request.body_parts` only joins bytes.
"""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal, Protocol, TypeAlias

from agent.events import JSON, Thought, ThoughtDelta, ToolCall, Usage

__all__ = ["Bill", "Message", "Model", "Request", "Thinking", "ToolDescription", "add_up", "as_sent", "compact"]

Role: TypeAlias = Literal["system", "user", "assistant", "tool"]


def compact(value: object) -> bytes:
    """JSON in UTF-8 without spaces, keys in the order given; lone surrogates become U+FFFD."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")


def as_sent(call: ToolCall) -> tuple[str, dict[str, JSON]]:
    """Name and arguments of a call as the model made it: of one that was made through a tool of the loop's own, that
    tool's name, and the call as its arguments, in which those of the call are a text of JSON."""
    arguments = dict(call.arguments)
    if not call.via:
        return call.tool, arguments
    return call.via, {"name": call.tool, "arguments": compact(arguments).decode()}


@dataclass(frozen=True)
class Message:
    """One message of the chat. `calls` are those of an assistant, `call_id` is the call that a tool answers. `remark`
    is a line of ours that is sent before the text and is no part of it."""

    role: Role
    text: str
    calls: tuple[ToolCall, ...] = ()
    call_id: str | None = None
    remark: str = ""

    @property
    def content(self) -> str:
        """What is sent as its text."""
        return f"{self.remark}\n{self.text}" if self.remark else self.text

    @cached_property
    def wire(self) -> bytes:
        """The message as chat completions take it, serialised once."""
        body: dict[str, object] = {"role": self.role, "content": self.content}
        if self.calls:
            body["content"] = self.content or None
            body["tool_calls"] = [
                {
                    "id": call.id,
                    "type": "function",
                    "function": {"name": name, "arguments": compact(arguments).decode()},
                }
                for call in self.calls
                for name, arguments in [as_sent(call)]
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


def add_up(*usages: Usage) -> Usage:
    """What several calls cost together. The price is None as soon as one of theirs is not known."""
    prices = [one.usd for one in usages if one.usd is not None]
    return Usage(
        prompt_tokens=sum(one.prompt_tokens for one in usages),
        cached_tokens=sum(one.cached_tokens for one in usages),
        completion_tokens=sum(one.completion_tokens for one in usages),
        usd=sum(prices, 0.0) if len(prices) == len(usages) else None,
        # of a sum, nobody must learn how many tokens one prompt has
        estimated=len(usages) > 1 or any(one.estimated for one in usages),
        calls=sum(one.calls for one in usages),
    )


class Bill:
    """What one call of a model has cost so far, retries and fall-backs included: handed in with the request, read at
    any time and from any thread. It is for a call of which nobody gets a thought or an error, because its generator
    is closed, or an interrupt comes.
    """

    def __init__(self) -> None:
        self._paid: tuple[Usage, ...] = ()
        self._coming: Callable[[], Usage | None] | None = None
        self._lock = threading.Lock()

    @property
    def usage(self) -> Usage | None:
        """What was billed so far, priced, the reply that is coming now included; None where nothing was."""
        with self._lock:
            paid, coming = self._paid, self._coming
        cost = coming() if coming is not None else None
        billed = paid if cost is None else (*paid, cost)
        return add_up(*billed) if billed else None

    def open(self, cost: Callable[[], Usage | None]) -> None:
        """For models: a reply is to come, and `cost` tells at any time, to any thread, what it has cost so far."""
        with self._lock:
            self._coming = cost

    def pay(self, usage: Usage | None) -> None:
        """For models: the reply that was to come is over and has cost this, priced; None: nothing."""
        with self._lock:
            self._coming = None
            if usage is not None:
                self._paid += (usage,)


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is asked of a model. `purpose` is for the record: think, summary, fold, judge, ...

    `reply` is the most completion tokens wanted. `schema` asks for a reply that is JSON of that schema.
    `cache_key` groups requests that share a prefix. `stable` are the messages, by number and in order, up to which all
    is likely to be sent again as it is. `unlisted` are tools that may be called as well and are not sent: a call of one
    in the reply is read as what it is.

    What the answer may take is no part of the question, of its hash or of what is sent. `within`: seconds for the
    whole call, from the first delta that is asked for, with retries, fall-backs and the waits between them. `again`:
    may another reply be paid for, after so many that were billed in vain? It is asked before each further try once
    one was. `bill`: is told what the call costs. None: no limit of the request's own, and nobody is told.
    """

    messages: Sequence[Message]
    tools: Sequence[ToolDescription] = ()
    purpose: str = "think"
    reply: int = 4096
    temperature: float | None = None
    schema: Mapping[str, JSON] | None = None
    cache_key: str | None = None
    stable: Sequence[int] = field(default=(), compare=False)
    unlisted: Sequence[ToolDescription] = field(default=(), compare=False, repr=False)
    within: float | None = field(default=None, compare=False)
    again: Callable[[int], bool] | None = field(default=None, compare=False, repr=False)
    bill: Bill | None = field(default=None, compare=False, repr=False)

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

        What the call cost is in the usage of the thought, or of the error. Where neither comes, because the generator
        is closed or an interrupt passes through it, the request's `bill` tells it:

            bill = Bill()
            try:
                thought = yield from model.think(replace(request, bill=bill))
            except (GeneratorExit, KeyboardInterrupt):
                charge(bill.usage)  # None where nothing was billed
                raise

        Raises:
            OutOfTime: the request's `within` is over; a reply that is coming then is cut.
            ModelError: one of its kinds, after bounded retries, or once `again` says no.
        """
        ...

    def price(self, usage: Usage) -> float | None:
        """US dollars for this usage; None where the price is unknown. Used before a call to refuse it in time,
        so it must answer without a network."""
        ...
