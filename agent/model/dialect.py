"""How one endpoint wants to be asked: where it is, which parameters it takes, and the body ready to be sent.

The body is joined from what was serialised once, everything stable first and the messages last, so that two requests
in a row share their prefix byte for byte. A parameter that the endpoint refuses is left out from then on.
"""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from agent.errors import SettingsError
from agent.model import Message, Request, ToolDescription, as_sent, compact
from agent.model.caching import Caching
from agent.model.keepsakes import Keepsakes

__all__ = ["DEFAULT_URL", "Dialect", "Endpoint"]

DEFAULT_URL = "https://api.openai.com/v1"

_TOOLS_REFUSED = re.compile(
    r"(?:not support|unsupported|no endpoints? found that support|disabled?).{0,40}\btools?\b"
    r"|\btools?\b.{0,40}(?:not supported|unsupported|not support|requires? --|not enabled)",
    re.IGNORECASE | re.DOTALL,
)
_STREAM_REFUSED = re.compile(
    r"(?:not support|unsupported).{0,30}\bstreaming\b|\bstreaming\b.{0,30}not support", re.IGNORECASE
)
_MOST = re.compile(r"at most (\d[\d,]*) completion tokens", re.IGNORECASE)
_FORMATS: tuple[str | None, ...] = ("json_schema", "json_object", None)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where a model is asked. `url` is the base URL as given, `host` is for people (with its port, never a password).

    `loopback`: on this machine; `private`: there or in a network that is not the internet, where no key may be needed
    (which says nothing about the price); `official`: OpenAI's own, or Azure's.
    """

    url: str
    host: str
    loopback: bool
    private: bool
    official: bool

    @classmethod
    def of(cls, url: str | None) -> Endpoint:
        """Read a base URL; None is OpenAI's own.

        Raises:
            SettingsError: it is no http(s) URL with a host.
        """
        text = (url or DEFAULT_URL).strip()
        try:
            parts = urlsplit(text)
            name, port = (parts.hostname or "").rstrip("."), parts.port
        except ValueError:
            name, port, parts = "", None, urlsplit("")
        if parts.scheme not in ("http", "https") or not name or any(letter.isspace() for letter in text):
            raise SettingsError(
                f"the base URL {text!r} (--base-url, OPENAI_BASE_URL) is no URL of a server",
                hint="it looks like http://localhost:11434/v1 or https://api.openai.com/v1",
            )
        loopback, private = _nearness(name)
        official = name == "api.openai.com" or name.endswith((".api.openai.com", ".openai.azure.com"))
        shown = f"[{name}]" if ":" in name else name
        return cls(text, shown if port is None else f"{shown}:{port}", loopback, private, official)


def _nearness(name: str) -> tuple[bool, bool]:
    try:
        address = ipaddress.ip_address(name)
    except ValueError:
        loopback = name == "localhost" or name.endswith(".localhost")
        inside = "." not in name or name.endswith((".local", ".internal", ".lan", ".home.arpa"))
        return loopback, loopback or inside
    loopback = address.is_loopback or address.is_unspecified
    return loopback, loopback or address.is_private or address.is_link_local


class Dialect:
    """What one endpoint takes. It learns from refusals, and may be used from several threads: at worst a lesson is
    learned twice. `keepsakes` are what it wants back with its own replies; `host` is where it is."""

    def __init__(self, model: str, *, stream: bool, official: bool, host: str = "") -> None:
        self.model = model
        self.keepsakes = Keepsakes()
        self._caching = Caching(model, host=host, official=official)
        self._stream = stream
        self._reply_names = (
            ["max_completion_tokens", "max_tokens"] if official else ["max_tokens", "max_completion_tokens"]
        )
        self._format = 0
        self._most: int | None = None
        self._left_out: frozenset[str] = frozenset()

    @property
    def tools_as_text(self) -> bool:
        """Are the tools told in the prompt, because the endpoint takes none?"""
        return "tools" in self._left_out

    def body(self, request: Request) -> bytes:
        """The whole body of a request, ready to be sent."""
        head = compact(self._head(request))[:-1]
        if not request.tools:
            return b"".join((head, b',"messages":', self._messages(request), b"}"))
        if self.tools_as_text:
            return b"".join((head, b',"messages":', _as_text(request), b"}"))
        return b"".join((head, b',"tools":', request.tools_wire, b',"messages":', self._messages(request), b"}"))

    def _messages(self, request: Request) -> bytes:
        """The messages as one JSON array, with what is to go back and what tells the cache."""
        places = self._caching.places(request)
        if not places:
            return self.keepsakes.messages(request)
        wires = [
            self._caching.wire(message) if n in places else self.keepsakes.wire(message)
            for n, message in enumerate(request.messages)
        ]
        return b"[" + b",".join(wires) + b"]"

    def learn(self, said: str, parameter: str | None, request: Request) -> str | None:
        """Take a refusal of `request` to heart.

        Args:
            said: Everything that the refusal said.
            parameter: The parameter that it names in a field of its own, or None.
            request: What was asked.

        Returns:
            The name of the parameter that will not be sent (so) any more, or of what will be; None where nothing is
            to be learned.
        """
        if (kept := self.keepsakes.learn(said) or self._caching.learn(said)) is not None:
            return kept
        sent = [name for name in self._head(request) if name not in ("model", "stream")]
        if self._stream and (parameter == "stream" or _STREAM_REFUSED.search(said)):
            self._stream = False
            return "stream"
        refused = parameter if parameter in sent else None
        if refused is None:
            places = [(found.start(), name) for name in sent if (found := re.search(rf"\b{name}\b", said))]
            refused = min(places)[1] if places else None
        if refused is None and request.tools and not self.tools_as_text and _TOOLS_REFUSED.search(said):
            refused = "tools"
        if refused is not None:
            self._leave_out(refused, said)
        return refused

    def _leave_out(self, name: str, said: str) -> None:
        most = _MOST.search(said)
        if name in self._reply_names and most and self._most is None:
            self._most = int(most.group(1).replace(",", ""))
        elif name == "response_format":
            self._format += 1
        else:
            self._left_out |= {name}

    def _head(self, request: Request) -> dict[str, object]:
        head: dict[str, object] = {"model": self.model, "stream": self._stream}
        if self._stream:
            head["stream_options"] = {"include_usage": True}
        reply = next((name for name in self._reply_names if name not in self._left_out), None)
        if reply is not None and request.reply > 0:
            head[reply] = min(request.reply, self._most or request.reply)
        if request.temperature is not None:
            head["temperature"] = request.temperature
        head |= self._caching.options(request)
        form = _FORMATS[min(self._format, len(_FORMATS) - 1)]
        if request.schema is not None and form == "json_schema":
            head["response_format"] = {"type": form, "json_schema": {"name": "reply", "schema": dict(request.schema)}}
        elif request.schema is not None and form == "json_object":
            head["response_format"] = {"type": form}
        return {name: value for name, value in head.items() if name not in self._left_out}


def _as_text(request: Request) -> bytes:
    """The messages for an endpoint without tools: how to call them told first, calls and results as plain text."""
    told = Message("system", _manual(request.tools))
    return b"[" + b",".join(message.wire for message in (told, *(_spoken(one) for one in request.messages))) + b"]"


def _manual(tools: Sequence[ToolDescription]) -> str:
    lines = [
        "You can call tools. To call one, write nothing but",
        '<tool_call>{"name": "TOOL", "arguments": {...}}</tool_call>',
        "and wait: the result comes in the next message, between <tool_response> tags. The tools:",
    ]
    for tool in tools:
        lines.append(f"- {tool.name}: {tool.description}")
        lines.append(f"  arguments: {json.dumps(dict(tool.parameters), ensure_ascii=False)}")
    return "\n".join(lines)


def _spoken(message: Message) -> Message:
    if message.role == "tool":
        return Message("user", f"<tool_response>\n{message.content}\n</tool_response>")
    if not message.calls:
        return message
    made = map(as_sent, message.calls)
    calls = [{"name": name, "arguments": arguments} for name, arguments in made]
    spoken = [f"<tool_call>{json.dumps(call, ensure_ascii=False)}</tool_call>" for call in calls]
    return Message(message.role, "\n".join(filter(None, (message.text, *spoken))))
