"""Tool calls that a model writes into its text: explicit tags, fenced and bare JSON, AutoGPT's form."""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from agent.events import JSON, ToolCall
from agent.model.arguments import no_constant, read_arguments, read_value

__all__ = ["find_calls", "read_arguments", "read_calls"]

_SEARCHED = 400_000  # characters of a reply in which calls are looked for
_NAMES = ("name", "tool", "tool_name", "function", "action", "command")
_ARGUMENTS = ("arguments", "args", "parameters", "params", "input", "action_input", "tool_input", "kwargs")
_ASIDE = frozenset({"id", "type", "thoughts", "thought", "reasoning", "call_id", "index", "comment"})
_TAGGED = re.compile(r"<(tool_call|function_call|tool_use)>\s*(.*?)\s*(?:</\1>|\Z)", re.DOTALL)
_FUNCTION = re.compile(r"<function=([\w.-]+)>\s*(.*?)\s*(?:</function>|\Z)", re.DOTALL)
_PARAMETER = re.compile(r"<parameter=([\w.-]+)>\n?(.*?)\n?</parameter>", re.DOTALL)
_FENCED = re.compile(r"(```|~~~)[\w+-]*[ \t]*\r?\n(.*?)\r?\n?[ \t]*\1", re.DOTALL)
_OPENING = re.compile(r"[{\[]")
_MARKS = re.compile(r"\[TOOL_CALLS\]|<\|python_tag\|>")


def read_calls(text: str, names: Collection[str]) -> list[ToolCall]:
    """The tool calls that a model wrote into its text: `<tool_call>` tags, fenced or bare JSON, AutoGPT's form.

    Args:
        text: The reply's text.
        names: The tools that were offered. JSON counts as a call only for one of them; between explicit tags a call
            of an unknown tool is told as it is, so that the model learns of its mistake.

    Returns:
        The calls in order, each with an id of its own ("" to be filled in by the caller); empty for plain prose.
    """
    return find_calls(text, names)[0]


def find_calls(
    text: str, names: Collection[str], schemas: Mapping[str, Mapping[str, JSON]] | None = None, *, cut: bool = False
) -> tuple[list[ToolCall], str]:
    """The calls of `read_calls`, and the text without them (all of it where there are none)."""
    if len(text) > _SEARCHED or ("{" not in text and "<function=" not in text):
        return [], text
    reader = _Calls(names, schemas or {}, cut=cut)
    rest = _MARKS.sub("", reader.bare(reader.fenced(reader.tagged(text))))
    return (reader.calls, _joined(rest, reader.words)) if reader.calls else ([], text)


def _joined(rest: str, words: Sequence[str]) -> str:
    return "\n".join(filter(None, (re.sub(r"\n{3,}", "\n\n", rest).strip(), *words)))


class _Calls:
    """Collects calls from a text; each method takes a text and gives back what is left of it."""

    def __init__(self, names: Collection[str], schemas: Mapping[str, Mapping[str, JSON]], *, cut: bool) -> None:
        self._names = names
        self._schemas = schemas
        self._cut = cut
        self.calls: list[ToolCall] = []
        self.words: list[str] = []  # said inside a call's object, beside the call

    def tagged(self, text: str) -> str:
        def take(found: re.Match[str]) -> str:
            inner = found.group(2)
            functions = list(_FUNCTION.finditer(inner))
            for function in functions:
                self._function(function)
            if functions:
                return ""
            cut = self._cut and not found.group().rstrip().endswith(">")
            return "" if self._take_tagged(inner, cut=cut) else found.group()

        text = _TAGGED.sub(take, text) if "<" in text else text
        return _FUNCTION.sub(self._function, text)

    def fenced(self, text: str) -> str:
        def take(found: re.Match[str]) -> str:
            return "" if self._mentions(found.group(2)) and self._take(_value(found.group(2))) else found.group()

        return _FENCED.sub(take, text)

    def bare(self, text: str) -> str:
        """Take objects and lists that stand free in the text."""
        if not self._mentions(text):
            return text
        kept: list[str] = []
        place = mended = 0
        for _ in range(64):  # each look costs a pass over the text at worst
            opening = _OPENING.search(text, place)
            if opening is None:
                break
            value, end = _value_at(text, opening.start())
            taken = end > 0 and self._take(value)
            if end == 0 and mended < 3 and not self._cut and self._mentions(text[opening.start() :][:200]):
                mended += 1
                value, end = _value(text[opening.start() :]), len(text)
                taken = self._take(value)
            upto = opening.start() if taken else max(end, opening.end())
            kept.append(text[place:upto])
            place = end if taken else upto
        return "".join(kept) + text[place:]

    def _mentions(self, text: str) -> bool:
        return any(name in text for name in self._names)

    def _function(self, found: re.Match[str]) -> str:
        name, inner = found.groups()
        parameters = _PARAMETER.findall(inner)
        unclosed = "<parameter=" in _PARAMETER.sub("", inner)
        if unclosed or (self._cut and not found.group().endswith(">")):
            self._unreadable(name, inner, cut=self._cut)
        else:
            self._add(name, {key: _scalar(value) for key, value in parameters} if parameters else inner)
        return ""

    def _unreadable(self, name: str, text: str, *, cut: bool) -> None:
        why = "the reply was cut off at its token limit" if cut else "its arguments are not whole"
        fault = f"the call cannot be read: {why}. Send it again"
        self.calls.append(ToolCall(id="", tool=name, raw=text, fault=fault))

    def _take_tagged(self, text: str, *, cut: bool) -> bool:
        value = _value(text, repair=not cut)
        entries = value if isinstance(value, list) else [value]
        shapes = [shape for one in entries if (shape := _shape(one)) is not None]
        for name, arguments, _ in shapes:
            self._add(name, arguments)
        if not shapes and text.strip():
            named = re.search(r'["\']?name["\']?\s*:\s*["\']([\w.-]+)', text)
            if named is None:
                return False
            self._unreadable(named.group(1), text, cut=cut)
        return True

    def _take(self, value: Any) -> bool:
        """Take a value if it is a call of a known tool, or a list of nothing else."""
        if isinstance(value, dict) and isinstance(value.get("tool_calls"), list):
            value = value["tool_calls"]
        entries = value if isinstance(value, list) else [value]
        shapes = [_shape(one) for one in entries]
        known = [shape for shape in shapes if shape is not None and shape[0] in self._names]
        if not known or len(known) != len(entries):
            return False
        for name, arguments, said in known:
            self._add(name, arguments)
            self.words.extend(filter(None, [said]))
        return True

    def _add(self, name: str, arguments: Any) -> None:
        text = arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)
        found, fault = read_arguments(text, self._schemas.get(name), cut=self._cut)
        self.calls.append(ToolCall(id="", tool=name, arguments=found, raw=text if fault else None, fault=fault))


def _shape(value: Any) -> tuple[str, Any, str] | None:
    """Name, arguments and words of a value that has the shape of a call; None where it has not."""
    if not isinstance(value, dict):
        return None
    said = value.get("thoughts") or value.get("thought") or ""
    said = said.get("text", "") if isinstance(said, dict) else said
    for key in _NAMES:
        named = value.get(key)
        others = set(value) - {key} - _ASIDE
        if isinstance(named, dict) and not others and (inner := _shape(named)) is not None:
            return inner[0], inner[1], inner[2] or (said if isinstance(said, str) else "")
        if not isinstance(named, str):
            continue
        holders = [one for one in _ARGUMENTS if one in others]
        if others - set(holders) or len(holders) > 1 or (not holders and key not in ("name", "tool", "tool_name")):
            continue
        return (
            named.removeprefix("functions."),
            value[holders[0]] if holders else {},
            said if isinstance(said, str) else "",
        )
    return None


def _value(text: str, *, repair: bool = True) -> Any:
    """The value of a text that ought to be JSON, mended where that is safe and wanted; None where it is not."""
    try:
        value = read_value(text, None) if repair else json.loads(text, strict=False)
    except (ValueError, RecursionError, MemoryError):
        return None
    return value if isinstance(value, list | dict) else None


def _value_at(text: str, place: int) -> tuple[Any, int]:
    """The value that begins at a place, and its end; end 0 where no valid JSON begins there."""
    try:
        value, end = json.JSONDecoder(strict=False).raw_decode(text, place)
    except (ValueError, RecursionError):
        return None, 0
    return value, end


def _scalar(text: str) -> Any:
    """A parameter written between tags: a JSON value that is no string, else the text itself."""
    try:
        value = json.loads(text, parse_constant=no_constant)
    except (ValueError, RecursionError):
        return text
    return text if isinstance(value, str) else value
