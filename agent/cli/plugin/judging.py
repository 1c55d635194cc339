"""Why a plugin did not load: the file, the line, the argument, and what to write instead."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from agent.cli import mending
from agent.cli.plugin.examples import example
from agent.cli.tool_files import BUILT_IN, arguments_of, function_at, plugin_files, tools_in
from plugins import Plugin, Toolbox

_PLACE = re.compile(r"(?P<file>.+?):(?P<line>\d+): (?P<what>.*)", re.DOTALL)
_ARGUMENT = re.compile(r"\bargument '\**(\w+)[^']*'|\"Args:\" describes '([^']+)'")


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A plugin, and why it did not load. `what` is the reason without its place; `line` counts from 1; `instead` is
    what to write in its place, and `mend` the one command that mends it or opens the file there. All are None where
    they are not known, or the plugin loaded. `doubt` is worth a second look although it loaded."""

    plugin: Plugin
    file: str | None = None
    line: int | None = None
    argument: str | None = None
    what: str | None = None
    instead: str | None = None
    mend: str | None = None
    doubt: str | None = None

    @property
    def loaded(self) -> bool:
        """Is all right with it?"""
        return self.plugin.fault is None

    def as_data(self) -> dict[str, Any]:
        """For programs."""
        return {
            "name": self.plugin.name,
            "origin": self.plugin.origin,
            "loaded": self.loaded,
            "fault": self.plugin.fault,
            "file": self.file,
            "line": self.line,
            "argument": self.argument,
            "instead": self.instead,
            "mend": self.mend,
            "doubt": self.doubt,
        }


def judged(plugins: Iterable[Plugin]) -> list[Judged]:
    """Every plugin, as the toolbox takes it, with the reason where it does not."""
    taken = [_said_of_built_in(one) for one in Toolbox(plugins).plugins]
    return [
        judge(one) if one.fault is not None else Judged(plugin=one, doubt=_doubt(one, taken[:index]))
        for index, one in enumerate(taken)
    ]


def _said_of_built_in(plugin: Plugin) -> Plugin:
    """A tool that has the name of one of ours is told as that."""
    other = re.search(r"is already brought by the plugin (\w+)$", plugin.fault or "")
    if other is None or other[1] not in dict(plugin_files(BUILT_IN)):
        return plugin
    return replace(plugin, fault=f"{plugin.fault}, which comes with thinkact")


def _doubt(plugin: Plugin, before: list[Plugin]) -> str | None:
    other = next((one for one in before if one.name == plugin.name), None)
    if other is None:
        return None
    return f"another plugin, of {other.origin}, is called {plugin.name} too; name them apart"


def judge(plugin: Plugin) -> Judged:
    """Why a plugin did not load."""
    fault = plugin.fault or ""
    place = _PLACE.fullmatch(fault)
    if place is not None and Path(place["file"]).suffix == ".py":
        return _at(plugin, Path(place["file"]), int(place["line"]), place["what"])
    what = fault.removeprefix(f"{plugin.origin}: ")
    file, line = _named(plugin, what)
    if file is not None:
        return _at(plugin, file, line, what)
    return Judged(plugin=plugin, what=what, instead=example(what, plugin.name), mend=_command(plugin, what, None, 0))


def _at(plugin: Plugin, file: Path, line: int, what: str) -> Judged:
    found = _ARGUMENT.search(what)
    argument = (found[1] or found[2]) if found is not None else None
    node = function_at(file, line) if line else None
    written = arguments_of(node) if node is not None else ()
    own = next((one for one in written if one.name == argument), None)
    return Judged(
        plugin=plugin,
        file=str(file),
        line=(own.line if own is not None else line) or None,
        argument=argument,
        what=what,
        instead=example(what, plugin.name, arguments=written),
        mend=_command(plugin, what, file, own.line if own is not None else line),
    )


def _named(plugin: Plugin, what: str) -> tuple[Path | None, int]:
    """The file and the line of the tool that a complaint without a place is about; else where the plugin begins."""
    origin = Path(plugin.origin)
    files = dict(plugin_files(origin.parent)).get(plugin.name, ()) if origin.exists() else ()
    tools = list(tools_in(files))
    for name in re.findall(r"(?:the tool|be called|are called) \"?([\w-]+)", what):
        lines = [(one.file, one.line) for one in tools if one.name == name]
        if lines:
            return lines[-1] if "two of its tools" in what else lines[0]
    return (files[0], 1) if files else (None, 0)


def _command(plugin: Plugin, what: str, file: Path | None, line: int) -> str | None:
    """The one command that mends it, else the one that opens the file at its line."""
    missing = re.search(r"No module named '([\w]+)", what)
    if missing is not None and "install it where" in what:
        return mending.install(missing[1])
    origin = Path(plugin.origin)
    commands: list[tuple[str, Callable[[], str]]] = [
        ("no __init__.py", lambda: _package(origin)),
        ("cannot be read", lambda: mending.give_rights(origin)),
        ("Permission denied", lambda: mending.give_rights(origin)),
    ]
    for words, command in commands:
        if words in what and origin.exists():
            return command()
    return mending.edit(file, line) if file is not None else None


def _package(folder: Path) -> str:
    """Make a folder of Python files a plugin that brings their tools; where there are none, let it be passed over."""
    files = [one for one in sorted(folder.glob("*.py")) if one.stem.isidentifier()]
    brought = [f"from .{one.file.stem} import {one.function}" for one in tools_in(files)]
    if brought:
        return mending.write_file(folder / "__init__.py", "; ".join(brought))
    return mending.rename(folder, folder.with_name(f"_{folder.name}"))
