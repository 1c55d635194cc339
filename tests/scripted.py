"""A scripted model: a second implementation of the protocol `Model`, for tests that need no socket.

    model = ScriptedModel(["Hello", [ToolCall(id="c1", tool="read_file", arguments={"path": "a"})], "Done"])

A reply is a text, a call or a sequence of calls, a whole `Thought`, an exception (raised), or a function of the
request that returns one of these. After the last reply, `AssertionError` tells that too much was asked.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from typing import TypeAlias

from agent.events import Thought, ThoughtDelta, ToolCall, Usage
from agent.model import Request, Thinking

__all__ = ["ScriptedModel", "ScriptedReply"]

Plain: TypeAlias = "str | ToolCall | Sequence[ToolCall] | Thought | BaseException"
ScriptedReply: TypeAlias = "Plain | Callable[[Request], Plain]"


class ScriptedModel:
    """Gives scripted replies, and records in `requests` what it was asked.

    Args:
        replies: In order; a function instead of a sequence answers every request.
        name: The model's name.
        window: Its size in tokens; may be set later.
        price: US dollars per token, prompt and completion alike; None: unknown.
        offline: Claims to be the rule-based model.
        usage: What every call costs; None: counted from bytes.
    """

    def __init__(
        self,
        replies: Sequence[ScriptedReply] | Callable[[Request], Plain],
        *,
        name: str = "scripted",
        window: int | None = None,
        price: float | None = 0.0,
        offline: bool = False,
        usage: Usage | None = None,
    ) -> None:
        self.name = name
        self.window = window
        self.offline = offline
        self.requests: list[Request] = []
        self._replies = replies
        self._price = price
        self._usage = usage

    def think(self, request: Request) -> Thinking:
        """Give the next reply; its text streams word by word."""
        number = len(self.requests)
        self.requests.append(request)
        reply = self._reply(request, number)
        if isinstance(reply, BaseException):
            raise reply
        thought = reply if isinstance(reply, Thought) else self._thought(reply)
        for word in thought.text.split(" ") if thought.text else ():
            yield ThoughtDelta(text=word)
        usage = thought.usage if thought.usage.tokens else self._usage or self._counted(request, thought)
        return dataclasses.replace(
            thought,
            usage=dataclasses.replace(usage, usd=self.price(usage)),
            model=thought.model or self.name,
            request=request.hash,
        )

    def price(self, usage: Usage) -> float | None:
        """US dollars for this usage; None where the price is unknown."""
        return None if self._price is None else usage.tokens * self._price

    def _reply(self, request: Request, number: int) -> Plain:
        if callable(self._replies):
            return self._replies(request)
        if number >= len(self._replies):
            raise AssertionError(f"the script has {len(self._replies)} replies, and this is request {number + 1}")
        reply = self._replies[number]
        return reply(request) if callable(reply) else reply

    def _thought(self, reply: str | ToolCall | Sequence[ToolCall]) -> Thought:
        if isinstance(reply, str):
            return Thought(text=reply)
        calls = (reply,) if isinstance(reply, ToolCall) else tuple(reply)
        return Thought(text="", calls=calls, finish="tool_calls")

    def _counted(self, request: Request, thought: Thought) -> Usage:
        made = len(thought.text) + sum(len(call.tool) + len(str(call.arguments)) for call in thought.calls)
        sent = len(request.messages_wire) + len(request.tools_wire)
        return Usage(prompt_tokens=sent // 4, completion_tokens=made // 4 + 1)
