"""A tolerant reader of arguments that are nearly JSON.

Repairs are made only where there is one way to read the text and nothing of it is lost; anything else is a fault
that names its place, for the model to mend.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from agent.events import JSON

__all__ = ["no_constant", "read_arguments", "read_value"]

_DEEPEST = 100  # levels of nesting; what is deeper is no argument, and would break those who walk it
_REPAIRABLE = 128_000  # characters; the library for the worst cases is slow, and quadratic on some
_TOKEN = re.compile(r'"(?:[^"\\]|\\.)*"|"(?:[^"\\]|\\.)*\\?\Z|[{}\[\],]|[^"{}\[\],]+', re.DOTALL)
_FENCE = re.compile(r"\A\s*(?:```|~~~)[\w+-]*[ \t]*\r?\n?(.*?)\r?\n?(?:```|~~~)?\s*\Z", re.DOTALL)
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|.)", re.DOTALL)
_CONTROLS = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f"}
_LINE_END = "\ue00a"  # stands for an escaped line end while the library works, which drops the last one of a text
_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")
_WRAPPERS = ("arguments", "args", "parameters", "input", "kwargs")


class _Unsafe(ValueError):
    """A text that no repair may touch: what it says is clear, and clearly wrong."""


def read_arguments(
    text: str, schema: Mapping[str, JSON] | None = None, *, cut: bool = False
) -> tuple[dict[str, JSON], str | None]:
    """Read the arguments of a call.

    Args:
        text: As the model wrote them; nothing at all means no arguments.
        schema: The tool's JSON schema, where it is known: a repair must not invent arguments that it lacks.
        cut: The reply ended at its token limit, so that a text that is not whole must not be completed.

    Returns:
        The arguments and None, or nothing and a fault: one line that says what is wrong and where.
    """
    if cut and not _whole(text):
        return {}, (
            f"the reply was cut off at its token limit, {len(text)} characters into the arguments: nothing was done. "
            "Make the call again with less at once, for example in several smaller parts"
        )
    if not text.strip():
        return {}, None
    try:
        found = _object(read_value(text, schema), text)
    except (ValueError, RecursionError, MemoryError) as error:
        return {}, _fault(text, error)
    return _unwrapped(found, schema), None


def _whole(text: str) -> bool:
    try:
        return isinstance(json.loads(text, strict=False), dict)
    except (ValueError, RecursionError):
        return False


def read_value(text: str, schema: Mapping[str, JSON] | None, *, again: int = 2) -> Any:
    """The value of a text that ought to be JSON, by the mildest reading that works.

    Args:
        text: As written.
        schema: What an object's keys may be, where that is known.
        again: How often a string that comes out is read once more.

    Raises:
        ValueError: no reading is safe.
        RecursionError: it is nested too deeply.
    """
    for strict in (True, False):
        try:
            value = _loads(text, strict=strict)
            break
        except _Unsafe:
            raise
        except ValueError:
            continue
    else:
        value = _repaired(text, schema)
    if isinstance(value, str) and again:  # encoded twice, as some servers do
        return read_value(value, schema, again=again - 1) if value.strip() else {}
    return value


def _loads(text: str, *, strict: bool = True) -> Any:
    value = json.loads(text, strict=strict, object_pairs_hook=_distinct, parse_constant=no_constant)
    return _without_surrogates(value) if _SURROGATE.search(text) else value


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        for name, value in pairs:
            if found[name] != value:
                raise _Unsafe(f"the key {name!r} stands twice, with different values")
    return found


def no_constant(name: str) -> Any:
    """For `json.loads`: NaN and the infinities are no values of JSON, and could not be stored as such."""
    raise _Unsafe(f"{name} is not a value of JSON")


def _repaired(text: str, schema: Mapping[str, JSON] | None) -> Any:
    """Read a spoilt text: out of its fence and prose, tidied, or mended by the library under guard."""
    fenced = _FENCE.match(text)
    if fenced and text.lstrip()[:1] in "`~":
        return read_value(fenced.group(1), schema, again=0)
    span = _span(text)
    for strict in (True, False):
        try:
            return _loads(_tidied(span), strict=strict)
        except _Unsafe:
            raise
        except ValueError:
            continue
    return _mended(span, schema)


def _span(text: str) -> str:
    """The text from its first brace on, without the prose behind the last one.

    Raises:
        ValueError: there is no object, or several that differ.
    """
    start = text.find("{")
    if start < 0:
        raise ValueError("there is no JSON object")
    try:
        first, end = json.JSONDecoder(strict=False).raw_decode(text, start)
    except ValueError:
        stop = text.rfind("}")
        # behind the last brace is prose, or what was not closed any more
        behind = text[stop + 1 :]
        prose = stop > start and not re.search(r"[\"'\]:,]", behind)
        return text[start : stop + 1] if prose else text[start:]
    if (following := text.find("{", end)) >= 0:
        second, _ = json.JSONDecoder(strict=False).raw_decode(text, following)
        if first != second:
            raise ValueError(f"a second object begins at character {following + 1}, and only one can be meant")
    return text[start:end]


def _tidied(text: str) -> str:
    """The text without commas before a closing bracket, and with the brackets closed that were left open."""
    out: list[str] = []
    open_brackets: list[str] = []
    for token in _TOKEN.findall(text):
        if token in ("{", "["):
            open_brackets.append("}" if token == "{" else "]")
        elif token in ("}", "]"):
            if not open_brackets or open_brackets.pop() != token:
                raise ValueError("the brackets do not match")
            _drop_comma(out)
        out.append(token)
        if len(open_brackets) > _DEEPEST:
            raise ValueError(f"it is nested more than {_DEEPEST} levels deep")
    if out and out[-1].startswith('"') and not re.fullmatch(r'"(?:[^"\\]|\\.)*"', out[-1], re.DOTALL):
        out.append('"')
    _drop_comma(out)
    return "".join(out) + "".join(reversed(open_brackets))


def _drop_comma(tokens: list[str]) -> None:
    while tokens and tokens[-1].isspace():
        tokens.pop()
    if tokens and tokens[-1] == ",":
        tokens.pop()


def _mended(span: str, schema: Mapping[str, JSON] | None) -> Any:
    """What the repair library makes of it, if every word of the text is still there and no argument was invented."""
    if len(span) > _REPAIRABLE or span.count("{") + span.count("[") > 20 * _DEEPEST:
        raise ValueError("it is too long to be mended safely")
    from json_repair import repair_json

    if _LINE_END in span:
        raise ValueError("there is more than one way to read it")
    kept = _ESCAPE.sub(lambda escape: _LINE_END if escape.group(1) == "n" else escape.group(), span)
    found = _with_line_ends(repair_json(kept, return_objects=True, skip_json_loads=True))
    if not isinstance(found, dict) or _content(span, escaped=True) != _content("\n".join(_leaves(found))):
        raise ValueError("there is more than one way to read it")
    properties = schema.get("properties") if schema else None
    if isinstance(properties, dict) and properties and not set(found) <= set(properties) | set(_WRAPPERS):
        raise ValueError("there is more than one way to read it")
    return _without_surrogates(found)


def _with_line_ends(value: Any) -> Any:
    if isinstance(value, str):
        return value.replace(_LINE_END, "\n")
    if isinstance(value, dict):
        return {_with_line_ends(name): _with_line_ends(one) for name, one in value.items()}
    return [_with_line_ends(one) for one in value] if isinstance(value, list) else value


def _leaves(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, one in value.items():
            yield str(name)
            yield from _leaves(one)
    elif isinstance(value, list):
        for one in value:
            yield from _leaves(one)
    else:
        yield "null" if value is None else str(value)


def _content(text: str, *, escaped: bool = False) -> str:
    """The words of a text without what separates them: equal before and after a repair that lost nothing."""
    if escaped:
        text = _ESCAPE.sub(_unescaped, text)
    joined = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").casefold()
    return "".join(
        "null" if word == "none" else word for word in re.findall(r"[^\W_]+|[^\w\s\"'`{}\[\](),:;\\]", joined)
    )


def _unescaped(escape: re.Match[str]) -> str:
    one = escape.group(1)
    return chr(int(one[1:], 16)) if len(one) == 5 else _CONTROLS.get(one, one)


def _without_surrogates(value: Any) -> Any:
    """Lone halves of a character cannot be stored as UTF-8 anywhere: they become U+FFFD."""
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {_without_surrogates(name): _without_surrogates(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_without_surrogates(one) for one in value]
    return value


def _object(value: Any, text: str) -> dict[str, Any]:
    if value is None:
        return {}
    if isinstance(value, list) and len(value) == 1:
        value = value[0]
    if not isinstance(value, dict):
        raise ValueError(f"an object is wanted, not {_kind(value)}")
    if text.count("{") + text.count("[") > _DEEPEST and _too_deep(value):
        raise ValueError(f"it is nested more than {_DEEPEST} levels deep")
    return value


def _kind(value: Any) -> str:
    kinds = {list: "a list", str: "a string", bool: "true or false", int: "a number", float: "a number"}
    return kinds.get(type(value), "nothing")


def _too_deep(value: Any) -> bool:
    level = [value]
    for _ in range(_DEEPEST):
        level = [
            one
            for parent in level
            for one in (parent.values() if isinstance(parent, dict) else parent)
            if isinstance(one, dict | list)
        ]
        if not level:
            return False
    return True


def _unwrapped(found: dict[str, Any], schema: Mapping[str, JSON] | None) -> dict[str, JSON]:
    """The arguments of {"arguments": {...}}, where the tool itself takes no argument of that name."""
    properties = schema.get("properties") if schema else None
    if isinstance(properties, dict) and len(found) == 1:
        name, inner = next(iter(found.items()))
        if name in _WRAPPERS and name not in properties and isinstance(inner, dict):
            return inner
    return found


def _fault(text: str, error: BaseException) -> str:
    if isinstance(error, RecursionError | MemoryError):
        return f"the arguments cannot be read: they are nested more than {_DEEPEST} levels deep"
    place = ""
    try:
        json.loads(text, strict=False)
    except json.JSONDecodeError as where:
        near = text[max(0, where.pos - 30) : where.pos + 30]
        place = f" ({where.msg} at line {where.lineno}, column {where.colno}, near {near!r})"
    except (ValueError, RecursionError):
        place = ""
    return f"the arguments cannot be read: {error}{place}. Send them as one valid JSON object"
