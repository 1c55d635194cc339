"""What an endpoint wants to get back with a reply that it gave: it is part of no event, since no other may see it.

Gemini signs its calls and refuses one that comes back unsigned. DeepSeek and Kimi, where they think, refuse a history
that lacks their reasoning. Both are kept while the process lives; for what a resumed run, or another model, brings
along, a placeholder is sent, which each of them takes.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence

from agent.events import JSON, ToolCall
from agent.model import Message, Request, compact

__all__ = ["Keepsakes"]

_UNSIGNED: JSON = {"google": {"thought_signature": "skip_thought_signature_validator"}}
"""By Google's own documentation: for calls that Gemini has not made itself."""
_REASONING_MISSED = re.compile(
    r"\breasoning_content\b.{0,60}\b(?:missing|must|required)\b|\bmissing\b.{0,20}\breasoning_content\b",
    re.IGNORECASE | re.DOTALL,
)
_SIGNATURE_MISSED = re.compile(r"\bmissing\b.{0,20}\bthought_signature\b", re.IGNORECASE | re.DOTALL)


class Keepsakes:
    """Those of one endpoint. May be used from several threads."""

    def __init__(self) -> None:
        self._extras: dict[str, JSON] = {}  # by the id of the call
        self._reasoning: dict[str, str] = {}  # by the id of the first call that came with it
        self._reasoning_wanted: bool | None = None  # None: nobody has asked for it
        self._signature_wanted = False

    def note(self, calls: Sequence[ToolCall], extras: Sequence[JSON], reasoning: str) -> None:
        """Keep what came with a reply.

        Args:
            calls: With the ids that they are sent back with.
            extras: What the endpoint gave with each of them; None: nothing.
            reasoning: Of the whole reply.
        """
        self._extras |= {call.id: extra for call, extra in zip(calls, extras, strict=False) if extra is not None}
        if calls and reasoning:
            self._reasoning[calls[0].id] = reasoning

    def learn(self, said: str) -> str | None:
        """Take a refusal to heart: what is sent from now on, or not any more; None where it is not about this."""
        if "reasoning_content" in said and self._reasoning_wanted:
            self._reasoning_wanted = False  # it is not what was wanted: once more without it, and no third time
            return "reasoning_content"
        if self._reasoning_wanted is None and _REASONING_MISSED.search(said):
            self._reasoning_wanted = True
            return "reasoning_content"
        if not self._signature_wanted and _SIGNATURE_MISSED.search(said):
            self._signature_wanted = True
            return "thought_signature"
        return None

    def messages(self, request: Request) -> bytes:
        """The messages of a request as one JSON array, with what is to go back."""
        if not (self._extras or self._reasoning_wanted or self._signature_wanted):
            return request.messages_wire
        return b"[" + b",".join(self.wire(message) for message in request.messages) + b"]"

    def wire(self, message: Message) -> bytes:
        """A message of a request, with what is to go back."""
        if message.role != "assistant":
            return message.wire
        extras = [self._extras.get(call.id) for call in message.calls]
        if self._signature_wanted and extras and extras[0] is None:  # of calls made together, the first is signed
            extras[0] = _UNSIGNED
        if not (self._reasoning_wanted or any(extras)):
            return message.wire
        body = json.loads(message.wire)
        for call, extra in zip(body.get("tool_calls", ()), extras, strict=True):
            if extra is not None:
                call["extra_content"] = extra
        if self._reasoning_wanted:
            first = message.calls[0].id if message.calls else ""
            body["reasoning_content"] = self._reasoning.get(first, "")
        return compact(body)
