"""Arguments to try a tool with: a call that makes sense, and calls that do not. The same ones every time."""

from __future__ import annotations

import ast
import inspect
import math
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any, TypeAlias

from plugins import Tool

JSON: TypeAlias = Any
FILE = "notes.txt"
"""A file that lies in the workspace of a test."""
FILES: Mapping[str, bytes] = {
    FILE: "The pier is old.\nThe deck is new.\n桥墩很旧。\n".encode(),
    "table.csv": "name,count\npier,2\n桥,3\n".encode(),
    "empty.txt": b"",
    "picture.bin": bytes(range(256)),
    "gbk.txt": "桥墩很旧。\n".encode("gbk"),
    "folder/inner.md": b"# Inside\n\nA line.\n",
    "values.json": b'{"a": [1, 2.5, null]}\n',
}
"""What lies in the workspace of a test: texts, a table, bytes that are no text, another encoding, a folder."""

_LONG = "x" * 100_000
_TEXTS: Mapping[str, str] = {
    "an empty text": "",
    "a blank": " ",
    "Chinese": "桥墩",
    "an emoji": "🦆",
    "a text of 100,000 letters": _LONG,
    "line ends and a NUL": "a\nb\0c",
    "a text that looks like an option": "--help",
    "a quote": "'\"`$(x)",
    "a lone surrogate": "\ud800",
}
_PATHS: Mapping[str, str] = {
    "a file that is not there": "no/such/file.txt",
    "a folder": "folder",
    "the workspace itself": "",
    "an empty file": "empty.txt",
    "bytes that are no text": "picture.bin",
    "a text in GBK": "gbk.txt",
    "a name in Chinese": "没有.txt",
}
_NUMBERS: Mapping[str, JSON] = {"zero": 0, "a negative number": -1, "a huge number": 10**15, "a tiny one": 1e-9}
_WRONG: Mapping[str, JSON] = {"an object": {"a": 1}, "a list": [1, [2]], "NaN": math.nan, "infinity": math.inf}
_MOST = 80  # calls of one tool


def examples(tool: Tool) -> list[dict[str, JSON]]:
    """The calls of it that stand in a tool's docstring, a line each, such as `stir(pot="small", times=2)`."""
    found, names = [], list(tool.parameters.get("properties", {}))
    for line in (inspect.getdoc(tool.function) or "").splitlines():
        with suppress(SyntaxError, ValueError, TypeError, RecursionError, MemoryError):
            call = ast.parse(line.strip().removeprefix(">>>").strip(), mode="eval").body
            if isinstance(call, ast.Call) and ast.unparse(call.func) in (tool.name, tool.function.__name__):
                given = dict(zip(names, call.args, strict=False))
                given |= {one.arg: one.value for one in call.keywords if one.arg is not None}
                found.append({name: ast.literal_eval(value) for name, value in given.items()})
    return found


def plausible(schema: Mapping[str, Any], given: Mapping[str, Any]) -> dict[str, JSON]:
    """Arguments that fit a tool's schema, those that are `given` as they are; what may be left out is left out."""
    properties = schema.get("properties", {})
    wanted = [name for name in properties if name in schema.get("required", ()) or name in given]
    return {name: given[name] if name in given else _example(name, properties[name], schema) for name in wanted}


def _example(name: str, schema: Any, root: Mapping[str, Any], depth: int = 0) -> JSON:
    schema = _resolved(schema, root)
    if not isinstance(schema, Mapping) or depth > 8:
        return "text"
    for key in ("anyOf", "oneOf"):
        if schema.get(key):
            return _example(name, schema[key][0], root, depth + 1)
    if "enum" in schema:
        return schema["enum"][0]
    if "const" in schema:
        return schema["const"]
    return _of_type(name, schema, root, depth)


def _of_type(name: str, schema: Mapping[str, Any], root: Mapping[str, Any], depth: int) -> JSON:
    kind = schema.get("type")
    kind = kind[0] if isinstance(kind, list) else kind
    if kind == "object":
        inner, needed = schema.get("properties", {}), schema.get("required", ())
        return {one: _example(one, inner[one], root, depth + 1) for one in inner if one in needed}
    if kind == "array":
        prefix = schema.get("prefixItems")
        if prefix:
            return [_example(name, one, root, depth + 1) for one in prefix]
        return [_example(name, schema.get("items", {}), root, depth + 1)]
    if kind == "string":
        return _text(name, schema)
    return {"integer": 3, "number": 1.5, "boolean": True, "null": None}.get(str(kind), "text")


def _text(name: str, schema: Mapping[str, Any]) -> str:
    if schema.get("format"):
        return FILE
    folded = name.casefold()
    if "url" in folded or "link" in folded or "address" in folded:
        return "https://example.org/"
    return "2026-01-31" if "date" in folded or "day" in folded else "pier"


def odd(schema: Mapping[str, Any], base: Mapping[str, JSON]) -> Iterator[tuple[str, dict[str, JSON]]]:
    """Calls that are wrong or strange, each with what is odd in it: one argument at a time, the rest as in `base`."""
    for count, one in enumerate(_odd(schema, base)):
        if count >= _MOST:
            return
        yield one


def _odd(schema: Mapping[str, Any], base: Mapping[str, JSON]) -> Iterator[tuple[str, dict[str, JSON]]]:
    yield "an argument that it has not", {**base, "no_such_argument": 1}
    for name in schema.get("required", ()):
        yield f"{name} left out", {one: value for one, value in base.items() if one != name}
    for name, inner in schema.get("properties", {}).items():
        if name not in base:  # one that may be left out, as it would be given
            yield f"{name} given", {**base, name: _example(name, inner, schema)}
        for what, value in _values(_resolved(inner, schema)):
            yield f"{name} = {what}", {**base, name: value}


def _values(schema: Any) -> Iterator[tuple[str, JSON]]:
    """Strange values in the place of one argument; those of its own type first, as they reach the tool."""
    kinds = set(_kinds(schema))
    if "path" in kinds:
        yield from _PATHS.items()
        yield "a path that leaves the workspace", "../../outside.txt"
        yield "an absolute path", "/etc/passwd"
    if "string" in kinds:
        yield from _TEXTS.items()
    if kinds & {"integer", "number"}:
        yield from _NUMBERS.items()
    if "array" in kinds:
        yield "an empty list", []
    if "object" in kinds:
        yield "an empty object", {}
    yield from _WRONG.items()
    yield "null", None


def _kinds(schema: Any) -> Iterator[str]:
    if not isinstance(schema, Mapping):
        return
    for one in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
        yield from _kinds(one)
    stated = schema.get("type", ())
    for kind in [stated] if isinstance(stated, str) else stated:
        yield "path" if kind == "string" and schema.get("format") else kind


def _resolved(schema: Any, root: Mapping[str, Any]) -> Any:
    for _ in range(10):
        reference = schema.get("$ref") if isinstance(schema, Mapping) else None
        if not isinstance(reference, str) or not reference.startswith("#/"):
            return schema
        target: Any = root
        for part in reference.removeprefix("#/").split("/"):
            target = target.get(part) if isinstance(target, Mapping) else None
        schema = target
    return schema


def in_short(arguments: Mapping[str, JSON]) -> str:
    """Arguments in a line."""
    shown = []
    for name, value in arguments.items():
        text = ascii(value) if isinstance(value, str) and not value.isprintable() else repr(value)
        shown.append(f"{name}={text[:40]}…" if len(text) > 40 else f"{name}={text}")
    return ", ".join(shown) or "no arguments"
