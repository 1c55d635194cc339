"""The plugins: whether every one loads. Foreign code is loaded in a process of its own, under a clock: it may hang, or
end the process."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from agent.cli import mending
from agent.cli.doctor.finding import Around, Finding
from agent.cli.tool_files import plugin_files

_CHILD = """
import faulthandler, json, os, sys
sys.path[:] = json.loads(sys.argv[1])
def tell(event, given):
    if event == "exec" and getattr(given[0], "co_filename", "").startswith(sys.argv[2]):
        os.write(2, b"\\0at " + os.fsencode(given[0].co_filename) + b"\\n")
sys.addaudithook(tell)
faulthandler.dump_traceback_later(float(sys.argv[3]), exit=True)
from pathlib import Path
from agent.cli.plugin.judging import judged
from plugins import built_in_plugins, load_plugins
found = judged((*built_in_plugins(), *load_plugins(Path(sys.argv[2]))))
faulthandler.cancel_dump_traceback_later()
print()
print(json.dumps([one.as_data() for one in found]))
"""


def look_at_plugins(around: Around) -> Iterator[Finding]:
    """Every plugin that does not load, with the reason."""
    folder = around.settings.plugins_folder
    names = [name for name, _ in plugin_files(folder)]
    foreign = bool(names) or _stray(folder) or _entry_points()
    told = _loaded(folder, 0.8 * around.wait) if foreign else _built_in()
    if isinstance(told, Finding):
        yield told
        return
    broken = [one for one in told if not one["loaded"]]
    for one in broken:
        yield Finding(
            name="plugin",
            state="fault",
            what=f"the plugin {one['name']} did not load: {one['fault']}",
            mend=one["mend"],
            value={"plugin": one["name"], "file": one["file"], "line": one["line"], "argument": one["argument"]},
        )
    for one in told:
        if one["doubt"]:
            value = {"plugin": one["name"], "file": one["file"], "line": None, "argument": None}
            yield Finding(name="plugin", state="warning", what=f"the plugin {one['name']}: {one['doubt']}", value=value)
    if not broken:
        own = f", {', '.join(names)} of them yours" if names else f"; yours would go to {folder}"
        yield Finding(name="plugins", state="ok", what=f"{len(told)} plugins load{own}", value={"folder": str(folder)})


def _stray(folder: Path) -> bool:
    """Is there anything else that could be meant as a plugin, or that nobody can look at?"""
    try:
        return folder.exists() and (not folder.is_dir() or any(folder.iterdir()))
    except OSError:
        return True


def _entry_points() -> bool:
    from importlib.metadata import entry_points

    return bool(entry_points(group="thinkact.plugins"))


def _built_in() -> list[dict[str, Any]]:
    from agent.cli.plugin.judging import judged
    from plugins import built_in_plugins

    return [one.as_data() for one in judged(built_in_plugins())]


def _loaded(folder: Path, seconds: float) -> list[dict[str, Any]] | Finding:
    """Every plugin as `plugins doctor --json` tells it; or what happened instead."""
    command = [sys.executable, "-I", "-X", "utf8", "-c", _CHILD, json.dumps(sys.path), str(folder), str(seconds)]
    try:
        ended = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=seconds + 2,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return _not_ended(folder, seconds, "")
    last = ended.stdout.rstrip("\n").rpartition("\n")[2]
    if ended.returncode == 0 and last.startswith("["):
        found: list[dict[str, Any]] = json.loads(last)
        return found
    if "Timeout (" in ended.stderr:
        return _not_ended(folder, seconds, ended.stderr)
    return _ended(folder, ended)


def _ended(folder: Path, ended: subprocess.CompletedProcess[str]) -> Finding:
    """A plugin took the process with it; the last file that was begun is the one that did."""
    begun = re.findall(r"\x00at (.+)", ended.stderr)
    how = f"code {ended.returncode}" if ended.returncode >= 0 else f"signal {-ended.returncode}"
    file = Path(begun[-1]) if begun else None
    what = f"{file or folder}: loading it ended the whole process ({how}); it is left out of every run"
    return Finding(
        name="plugin",
        state="fault",
        what=what,
        mend=mending.edit(file) if file is not None else mending.thinkact("plugins", "doctor"),
        value={
            "plugin": file.stem if file else None,
            "file": str(file) if file else None,
            "line": None,
            "argument": None,
        },
    )


def _not_ended(folder: Path, seconds: float, trace: str) -> Finding:
    """A plugin is still loading; the trace tells where it stands."""
    place = re.search(rf'File "({re.escape(str(folder))}[^"]*)", line (\d+)', trace)
    if place is None:
        what = f"the plugins of {folder} were still loading after {seconds:g} s"
        value = {"folder": str(folder)}
        return Finding(name="plugins", state="warning", what=what, mend=mending.look_longer(), value=value)
    file, line = Path(place[1]), int(place[2])
    what = f"{file}:{line}: the plugin was still loading after {seconds:g} s; one that takes ten is left out"
    return Finding(
        name="plugin",
        state="warning",
        what=what,
        mend=mending.edit(file, line),
        value={"plugin": file.stem, "file": str(file), "line": line, "argument": None},
    )
