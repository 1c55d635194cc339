"""A plugin as it is shown: what it brings, or why it brings nothing."""

from __future__ import annotations

import inspect
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from agent.cli.plugin.judging import Judged
from agent.quantities import write_duration
from agent.terminal import json_line, neutral, plain
from plugins import BUILT_IN, Plugin, Tool

_EXCERPT = 4
"""Lines of a plugin's code that are shown at most, from the one that is at fault."""


def as_data_of(one: Judged) -> dict[str, Any]:
    """A plugin for programs."""
    plugin = one.plugin
    return one.as_data() | {
        "file": one.file or _file(plugin),
        "version": version_of(plugin),
        "tools": [_tool(tool) for tool in plugin.tools],
        "before_call": [_hook(hook) for hook in plugin.before_call],
        "observers": [_hook(observer) for observer in plugin.observers],
    }


def _tool(tool: Tool) -> dict[str, Any]:
    return {
        "name": tool.name,
        "description": tool.description,
        "effect": tool.effect.value,
        "timeout": tool.timeout,
        "repeatable": tool.repeatable,
        "foretells": tool.after is not None,
        "aliases": list(tool.aliases),
        "parameters": tool.parameters,
    } | _hook(tool.function, only_place=True)


def _hook(function: Any, *, only_place: bool = False) -> dict[str, Any]:
    code = getattr(inspect.unwrap(function), "__code__", None)
    place = {"file": code.co_filename if code else None, "line": code.co_firstlineno if code else None}
    return place if only_place else {"name": getattr(function, "__name__", type(function).__name__), **place}


def _file(plugin: Plugin) -> str | None:
    """Where the plugin's code is; None where that is not known."""
    if Path(plugin.origin).exists():
        return plugin.origin
    return next((place for one in _functions(plugin) if (place := _hook(one)["file"]) is not None), None)


def _functions(plugin: Plugin) -> list[Any]:
    """All that a plugin's author wrote and thinkact calls."""
    return [*(tool.function for tool in plugin.tools), *plugin.before_call, *plugin.observers]


def version_of(plugin: Plugin) -> str | None:
    """The version of what brought a plugin: thinkact, an installed package, or what the plugin's module states as
    `__version__`."""
    if plugin.origin == BUILT_IN:
        from agent.opening.parts import version

        return version()
    if plugin.origin.startswith("entry point "):
        from importlib.metadata import entry_points

        points = entry_points(group="thinkact.plugins", name=plugin.name)
        return next((one.dist.version for one in points if one.dist is not None), None)
    stated = [getattr(one, "__globals__", {}).get("__version__") for one in _functions(plugin)]
    return next((one for one in stated if isinstance(one, str)), None)


def lines_of(one: Judged) -> Iterator[str]:
    """A plugin for people, line by line, neutralised."""
    plugin = one.plugin
    if one.loaded:
        yield plain(plugin.name)
    else:
        yield from fault_lines(one)
    origin = "comes with thinkact" if plugin.origin == BUILT_IN else plugin.origin
    facts = {"from": origin, "file": _file(plugin) if _file(plugin) != origin else None, "version": version_of(plugin)}
    for name, fact in facts.items():
        if fact is not None:
            yield f"  {name}: {plain(fact)}"
    if one.loaded and one.doubt:
        yield f"  warning: {plain(one.doubt)}"
    for tool in plugin.tools:
        yield ""
        yield from _tool_lines(tool)
    for kind, hooks in (("before_call hook", plugin.before_call), ("observer", plugin.observers)):
        for hook in hooks:
            told = _hook(hook)
            yield ""
            line = f" (line {told['line']})" if told["line"] else ""
            yield f"{kind} {plain(told['name'])}{line}"


def _tool_lines(tool: Tool) -> Iterator[str]:
    traits = [f"effect {tool.effect.value}", f"timeout {write_duration(tool.timeout)}"]
    traits += ["repeatable"] if tool.repeatable else []
    traits += ["an interrupted call is settled by its files"] if tool.after is not None else []
    yield f"tool {plain(tool.name)} ({', '.join(traits)})"
    yield f"  {plain(tool.description)}"
    required = tool.parameters.get("required", [])
    for name, schema in tool.parameters.get("properties", {}).items():
        yield f"  {plain(name)}: {plain(_argument(schema, required=name in required))}"
    if tool.aliases:
        yield f"  also called: {plain(', '.join(tool.aliases))}"


def _argument(schema: Mapping[str, Any], *, required: bool) -> str:
    kind = _kind(schema)
    if not required:
        kind += f", {json_line(schema['default'])} if not given" if "default" in schema else ", may be left out"
    return f"{schema.get('description', '')} ({kind})".strip()


def _kind(schema: Mapping[str, Any]) -> str:
    """A schema in a word or a few."""
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(_kind(one) for one in schema["anyOf"]))
    if "enum" in schema:
        return "one of " + ", ".join(map(str, schema["enum"]))
    if schema.get("format") and schema.get("type") == "string":
        return "path in the workspace"
    kind = str(schema.get("type", "anything"))
    if kind == "array" and isinstance(schema.get("items"), Mapping) and schema["items"]:
        return f"list of {_kind(schema['items'])}"
    return {"string": "text", "integer": "whole number", "boolean": "true or false", "array": "list"}.get(kind, kind)


def fault_lines(one: Judged) -> Iterator[str]:
    """Why a plugin did not load, with the code that is at fault and what to write instead; nothing for one that is
    all right."""
    name = plain(one.plugin.name)
    if one.loaded:
        if one.doubt:
            yield f"{name}: {plain(one.doubt)}"
        return
    yield f"{name} did not load"
    place = f"{one.file}:{one.line}: " if one.file and one.line else f"{one.file or one.plugin.origin}: "
    yield f"  {plain(place)}{plain(one.what or one.plugin.fault or '')}"
    if one.file and one.line:
        yield from _excerpt(Path(one.file), one.line)
    if one.instead:
        first, *rest = neutral(one.instead).split("\n")
        yield f"  write instead: {first}"
        yield from (f"                 {line}" for line in rest)
    if one.mend:
        yield f"  mend: {plain(one.mend)}"


def _excerpt(file: Path, line: int) -> Iterator[str]:
    """The code from a line on, up to the end of a function's head."""
    try:
        lines = file.read_text("utf-8", "replace").splitlines()[line - 1 : line - 1 + _EXCERPT]
    except OSError:
        return
    for number, text in enumerate(lines, line):
        yield f"  {number:>5} | {plain(text)}"
        if not text.lstrip().startswith("@"):
            return


def summary(found: Sequence[Judged]) -> str:
    """How many load, in a line."""
    broken = sum(not one.loaded for one in found)
    if not broken:
        many = "1 plugin loads" if len(found) == 1 else f"all {len(found)} plugins load"
        return f"{many}: {plain(', '.join(one.plugin.name for one in found))}"
    return f"{broken} of {len(found)} plugins did not load" if len(found) > 1 else "1 plugin did not load"
