"""What is asked in a trial, and how its reply is judged. Each question is short, and so is the reply that it wants."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from agent.events import JSON, ToolCall
from agent.model import Message, Request, ToolDescription
from agent.model.trial.asking import Asked
from agent.model.trial.finding import Name, Outcome, Way

__all__ = ["CHAT", "PROBES", "Judged", "Probe"]

_LONGEST = 200  # characters of foreign words in a finding
_TOOL = ToolDescription(
    name="temperature",
    description="Tell the temperature of a city now.",
    parameters={
        "type": "object",
        "properties": {"city": {"type": "string", "description": "The city's name in English."}},
        "required": ["city"],
    },
)
_SCHEMA: dict[str, JSON] = {
    "type": "object",
    "properties": {"city": {"type": "string"}, "degrees": {"type": "integer"}},
    "required": ["city", "degrees"],
    "additionalProperties": False,
}


@dataclass(frozen=True, slots=True)
class Judged:
    """What a reply shows: the fields of the same names in `Finding`."""

    outcome: Outcome
    detail: str = ""
    way: Way = ""


@dataclass(frozen=True, slots=True)
class Probe:
    """One thing that is tried: the question, whether its reply is streamed, and the judgement of a reply."""

    name: Name
    request: Request
    stream: bool
    judge: Callable[[Asked], Judged]


def _question(text: str, *, reply: int, tools: Sequence[ToolDescription] = (), schema: bool = False) -> Request:
    messages = (Message("system", "You answer as briefly as you can."), Message("user", text))
    return Request(messages=messages, tools=tools, purpose="trial", reply=reply, schema=_SCHEMA if schema else None)


def _chat(asked: Asked) -> Judged:
    if asked.text.strip():
        return Judged("passed")
    if asked.thought:
        return Judged("passed", "all of its short reply went into thinking")
    return Judged("failed", "the reply is empty")


def _streaming(asked: Asked) -> Judged:
    if not asked.sent.get("stream"):
        return Judged("not supported", _cut(asked.heard))
    if not asked.deltas:
        return Judged("failed", "the reply is empty")
    told = "" if not asked.usage.estimated else "; the server does not tell its tokens, which are estimated"
    pieces = "in one piece" if asked.deltas == 1 else f"in {asked.deltas} pieces"
    return Judged("passed", f"it came {pieces}{told}")


def _one_call(asked: Asked) -> Judged:
    return _calls(asked, ["paris"])


def _two_calls(asked: Asked) -> Judged:
    return _calls(asked, ["paris", "oslo"])


def _calls(asked: Asked, cities: list[str]) -> Judged:
    """Were these cities asked for, by calls, and how did the calls come?"""
    made = [call for call in asked.calls if call.tool == _TOOL.name]
    spoilt = next((call for call in made if call.fault), None)
    missing = [city for city in cities if not any(_asks_for(city, call) for call in made)]
    told_in_prompt = "tools" not in asked.sent
    if told_in_prompt:
        outcome = "told in the prompt, it made the call" if not missing else "told in the prompt, it made no such call"
        said = f"{_cut(asked.heard)}; {outcome}" if asked.heard else outcome
        return Judged("not supported" if len(cities) == 1 or missing else "passed", said, "prompt")
    if spoilt is not None:
        return Judged("failed", f"a call that cannot be read: {_cut(spoilt.raw or spoilt.fault or '')}", "spoilt")
    if len(missing) == len(cities):
        return Judged("failed", _in_words(asked), "words")
    if missing:
        return Judged("failed", "it made one call of the two", "one")
    if not asked.native:
        written = "the calls stand in its text, not in their own field"
        return Judged("not supported" if len(cities) == 1 else "passed", written, "text")
    return Judged("passed", "", "native")


def _asks_for(city: str, call: ToolCall) -> bool:
    return city in str(call.arguments.get("city", "")).casefold()


def _in_words(asked: Asked) -> str:
    if asked.text.strip():
        return f"no call; it answered: {_cut(asked.text)}"
    if asked.thought and asked.finish == "length":
        return "no call; all of its short reply went into thinking"
    return "no call, and no answer in words"


def _json(asked: Asked) -> Judged:
    form = asked.sent.get("response_format", {}).get("type", "")
    if not form:
        return Judged("not supported", _cut(asked.heard))
    try:
        value = json.loads(asked.text)
    except (ValueError, RecursionError):
        return Judged("failed", f"it answered: {_cut(asked.text)}" if asked.text.strip() else _in_words(asked), form)
    if not isinstance(value, dict) or not isinstance(value.get("city"), str) or "degrees" not in value:
        return Judged("failed", f"JSON of another schema: {_cut(asked.text)}", form)
    return Judged("passed", f"by the format {form}", form)


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


_ASK = "What is the temperature in Paris now? Call the tool for it."
_ASK_TWO = "What is the temperature in Paris and in Oslo now? Call the tool for both at once, in the same reply."
_ASK_JSON = "It is 7 degrees in Oslo. Say so as a JSON object with the keys city (text) and degrees (integer)."

CHAT = Probe("chat", _question("Say hello in one word.", reply=256), False, _chat)
"""Without it nothing else works."""
PROBES = (
    Probe("streaming", _question("Count from one to five in words.", reply=256), True, _streaming),
    Probe("tool calls", _question(_ASK, reply=512, tools=[_TOOL]), False, _one_call),
    Probe("tool calls, streamed", _question(_ASK, reply=512, tools=[_TOOL]), True, _one_call),
    Probe("two calls at once", _question(_ASK_TWO, reply=512, tools=[_TOOL]), True, _two_calls),
    Probe("JSON", _question(_ASK_JSON, reply=512, schema=True), False, _json),
)
"""The others that are asked as chats."""
