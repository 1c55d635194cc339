"""The process in which a plugin is tried: it loads it, calls its tools and hooks, and writes down what it finds.

    python -c "…; from agent.cli.plugin.examining.child import main; main()" ORDER

ORDER is JSON. What is found goes to the file that it names, a JSON object a line, at once: where the plugin ends the
process, or hangs so that nothing else goes on, what was found until then is there, and what it was at.
"""

from __future__ import annotations

import io
import json
import os
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, redirect_stdout, suppress
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

from agent.cli.plugin.examining.calling import Calls
from agent.cli.plugin.examining.findings import Finding
from agent.cli.plugin.examining.hooking import try_hooks
from agent.cli.plugin.examining.odd import FILES
from agent.cli.plugin.examining.written import imports_at_the_top
from agent.cli.plugin.judging import judge
from agent.spelling import did_you_mean
from plugins import Effect, Plugin, Tool, Toolbox, built_in_plugins
from plugins._discovery import load_plugin
from plugins.testing import Trial

_SLOW = 0.3  # seconds of an import that are told of: every start of thinkact waits for it


class Notebook:
    """The file into which findings go."""

    def __init__(self, file: Path) -> None:
        self._file = file.open("a", encoding="utf-8")

    def put(self, **line: Any) -> None:
        """Write a line, at once."""
        self._file.write(json.dumps(line, ensure_ascii=True) + "\n")
        self._file.flush()

    def find(self, finding: Finding) -> None:
        """Write a finding."""
        self.put(finding=finding.as_data())

    def at(self, what: str) -> None:
        """Write what is begun now."""
        self.put(at=what)


class Printed(io.TextIOBase):
    """What a plugin prints: through `sys.stdout`, and past it to the process's own stdout."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""

    def write(self, text: str) -> int:
        """Keep the beginning."""
        self.text = (self.text + text)[:1000]
        return len(text)

    @contextmanager
    def watched(self, notebook: Notebook, who: str | None) -> Iterator[None]:
        """While this lasts, what is printed is told of when it is over."""
        self.text, before = "", os.fstat(1).st_size
        with redirect_stdout(self):
            yield
        if os.fstat(1).st_size > before:
            what = "it writes past Python to the process's stdout, where the answer goes"
            instead = "return the text; take what a program prints: subprocess.run(capture_output=True)"
            notebook.find(Finding(state="fault", what=what, tool=who, instead=instead))
        if self.text.strip():
            first = self.text.strip().split("\n")[0][:60]
            what = f"it prints ({first!r}): in a run that goes to stderr, and no model reads it"
            notebook.find(Finding(state="note", what=what, tool=who, instead="context.progress, or return it"))


def main() -> None:
    """Try the plugin that the order names."""
    order: Mapping[str, Any] = json.loads(sys.argv[1])
    notebook, printed = Notebook(Path(order["notes"])), Printed()
    path, seconds = Path(order["path"]), float(order["seconds"])
    notebook.at("it was loaded")
    with printed.watched(notebook, None):
        began = time.monotonic()
        plugin = load_plugin(path, patience=max(seconds, 10.0))
        took = time.monotonic() - began
    plugin = Toolbox([*built_in_plugins(), plugin]).plugins[-1]
    if plugin.fault is not None:
        judged = judge(plugin)
        what = f"it does not load: {judged.what or plugin.fault}"
        notebook.find(Finding(state="fault", what=what, file=judged.file, line=judged.line, instead=judged.instead))
    else:
        _try(plugin, took, order, notebook, printed)
    notebook.put(end=True)
    os._exit(0)  # whatever the plugin left running


def _try(plugin: Plugin, took: float, order: Mapping[str, Any], notebook: Notebook, printed: Printed) -> None:
    if (unknown := _unknown(plugin, order)) is not None:
        notebook.put(unknown=unknown)
        return
    _tell_load(plugin, took, Path(order["path"]), notebook)
    box = Toolbox([*built_in_plugins(), plugin])
    names = {tool.name for tool in plugin.tools}
    for one in box.describe():
        if one["name"] in names:
            notebook.put(schema={key: one[key] for key in ("name", "description", "parameters")})
    folder, seconds = Path(order["folder"]), float(order["seconds"])
    with (
        Trial(folder) as bare,
        Trial(folder, replies=["A reply of the model."] * 500, answers=["yes"] * 500) as full,
    ):
        for path, content in FILES.items():
            if not bare.files.exists(path):
                bare.write(path, content)
        calls = Calls(plugin, box, (bare, full), seconds=seconds, given=order["given"], web=bool(order["allow"]))
        for tool in plugin.tools:
            if (reason := _not_called(tool, order["allow"])) is not None:
                notebook.find(Finding(state="note", what=reason, tool=tool.name))
                continue
            before = _files(bare.files.root)
            with printed.watched(notebook, tool.name):
                for finding in calls.of(tool, notebook.at):
                    notebook.find(finding)
            if tool.effect in (Effect.READ, Effect.FETCH) and (others := before ^ _files(bare.files.root)):
                told = ", ".join(sorted({path for path, *_ in others})[:3])
                what = f"it declares {tool.effect.value} and changes files all the same: {told}"
                instead = f"@tool(effect=Effect.{'WRITE' if tool.effect is Effect.READ else 'SEND'}, ...)"
                notebook.find(Finding(state="fault", what=what, tool=tool.name, instead=instead))
        with printed.watched(notebook, "its hooks"):
            for finding in try_hooks(plugin, bare.files, seconds, notebook.at):
                notebook.find(finding)


def _unknown(plugin: Plugin, order: Mapping[str, Any]) -> tuple[str, str] | None:
    """What the order says of arguments or tools that the plugin has not: it is most likely a slip of the pen."""
    arguments = dict.fromkeys(name for tool in plugin.tools for name in tool.parameters.get("properties", {}))
    for name in order["given"]:
        if name not in arguments:
            return f"no tool of {plugin.name} takes an argument {name}", did_you_mean(name, arguments)
    names = [tool.name for tool in plugin.tools]
    for pattern in order["allow"]:
        if not any(fnmatchcase(name, pattern) for name in names):
            return f"--allow {pattern} names no tool of {plugin.name}", did_you_mean(pattern, names)
    return None


def _files(folder: Path) -> set[tuple[str, int, int]]:
    """The files of a folder, and what changes when they do."""
    found = set()
    for file in folder.rglob("*"):
        with suppress(OSError):
            status = file.lstat()
            if not file.is_dir():
                found.add((file.relative_to(folder).as_posix(), status.st_mtime_ns, status.st_size))
    return found


def _not_called(tool: Tool, allow: list[str]) -> str | None:
    """Why a tool is not tried: what leaves this machine or starts programs is tried only where the author says so."""
    if any(fnmatchcase(tool.name, one) for one in allow):
        return None
    if tool.effect is Effect.READ or (tool.effect is Effect.WRITE and tool.repeatable):
        return None
    why = f"it declares {tool.effect.value}" + ("" if tool.effect is not Effect.WRITE else " and is not repeatable")
    return f"it is not called: {why}; --allow {tool.name} has it called, in a workspace of its own"


def _tell_load(plugin: Plugin, took: float, path: Path, notebook: Notebook) -> None:
    parts = {"tool": len(plugin.tools), "before_call hook": len(plugin.before_call), "observer": len(plugin.observers)}
    brings = ", ".join(f"{count} {name}{'s' if count > 1 else ''}" for name, count in parts.items() if count)
    notebook.find(Finding(state="ok", what=f"it loads in {took * 1000:.0f} ms and brings {brings}"))
    if took <= _SLOW:
        return
    for file in [path] if path.is_file() else sorted(path.rglob("*.py")):
        for line, module in imports_at_the_top(file):
            what = f"loading takes {took:.1f} s at every start; {module} is imported at once"
            instead = f"import {module} in the function that needs it"
            notebook.find(Finding(state="warning", what=what, file=str(file), line=line, instead=instead))
