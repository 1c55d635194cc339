"""Trying a plugin in a process of its own: whatever the plugin does there, it is told, and the process is ended."""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any

from agent.cli.plugin.examining.findings import Finding, Report
from agent.cli.plugin.examining.written import read_files
from agent.errors import UsageError
from plugins._origins import in_folder, installed

_CHILD = (
    "import json, sys; sys.path[:] = json.loads(sys.argv.pop(1)); "
    "from agent.cli.plugin.examining.child import main; main()"
)
_LOOK = 0.05  # seconds between two looks
_START = 30.0  # seconds that the process has to load what it needs of thinkact
_SILENCE = 5.0  # seconds beyond those of a call after which the process hangs as a whole


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """What is to be tried, and how. `given` are arguments of the author's own, `allow` patterns of tools that are
    called whatever they declare, `seconds` the most that a call may take. They work in a copy of `workspace`."""

    path: Path
    given: Mapping[str, Any] = field(default_factory=dict)
    allow: Sequence[str] = ()
    seconds: float = 5.0
    workspace: Path | None = None


def plugin_file(word: str, folder: Path) -> Path:
    """The file, or the package's folder, that a word means: a path, or else the name of a plugin that is in the plugin
    folder or installed.

    Raises:
        UsageError: there is none, or it is no plugin's.
    """
    path = Path(word).expanduser()
    if path.is_dir() and not (path / "__init__.py").is_file():
        inner = [one.parent for one in sorted(path.glob("src/*/__init__.py"))]
        if len(inner) != 1:
            raise UsageError(
                f"{path} is a folder without an __init__.py", hint="name the plugin's file, or its package"
            )
        path = inner[0]
    if not path.exists():
        path = next((one for one in _called(word, folder) if one.exists()), path)
    if not path.exists():
        raise UsageError(
            f"there is no file {path}, and no plugin of that name",
            hint="`thinkact plugins new NAME` writes one to begin with",
        )
    if path.is_file() and path.suffix != ".py":
        raise UsageError(f"{path} is no Python file", hint="a plugin is a file NAME.py, or a package")
    return path.absolute()


def _called(name: str, folder: Path) -> Iterator[Path]:
    for one in chain(in_folder(folder), installed()):
        place = one.place() if one.name == name and one.fault is None else None
        if place is not None:
            yield place


def examined(order: Order) -> Report:
    """Read, load and call a plugin; what was found out. What it leaves running is ended.

    Raises:
        UsageError: the folder that it is to be tried in cannot be copied, or the order names an argument or a tool that
            the plugin has not.
    """
    with tempfile.TemporaryDirectory(prefix="thinkact-test-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        _copy(order.workspace, folder / "place" / "workspace")
        lines = list(_lines(order, folder))
    unknown = next((line["unknown"] for line in lines if "unknown" in line), None)
    if unknown is not None:
        raise UsageError("".join(unknown))
    files = [order.path] if order.path.is_file() else sorted(order.path.rglob("*.py"))
    read = read_files(files)
    found = [Finding(**line["finding"]) for line in lines if "finding" in line]
    known = "".join(one.what for one in found if one.state == "fault")
    return Report(
        plugin=order.path.stem,
        file=str(order.path),
        schemas=[line["schema"] for line in lines if "schema" in line],
        findings=[*found, *(one for one in read if one.state != "fault" or one.what not in known)],
    )


def _copy(source: Path | None, target: Path) -> None:
    try:
        if source is None:
            target.mkdir(parents=True)
        else:
            shutil.copytree(source, target, symlinks=True)
    except (OSError, shutil.Error) as error:
        raise UsageError(f"the workspace {source} cannot be copied", hint=str(error)[:200]) from None


def _lines(order: Order, folder: Path) -> Iterator[dict[str, Any]]:
    """What the process wrote down, and how it ended where it did not end by itself."""
    notes = folder / "notes"
    notes.touch()
    told = {
        "path": str(order.path),
        "given": order.given,
        "allow": list(order.allow),
        "seconds": order.seconds,
        "notes": str(notes),
        "folder": str(folder / "place"),
    }
    words = [sys.executable, "-P", "-c", _CHILD, json.dumps([*sys.path]), json.dumps(told)]
    with (folder / "stdout").open("wb") as out, (folder / "stderr").open("wb") as err:
        process = subprocess.Popen(
            words,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=err,
            process_group=None if sys.platform == "win32" else 0,
        )
        try:
            hung = _waited(process, notes, order.seconds)
        finally:
            _end(process)
    lines = [json.loads(line) for line in notes.read_text("utf-8").splitlines() if line.endswith("}")]
    yield from lines
    if not any("end" in line for line in lines):
        yield {"finding": _broken(lines, process.returncode, hung, (folder / "stderr").read_text("utf-8", "replace"))}


def _waited(process: subprocess.Popen[bytes], notes: Path, seconds: float) -> bool:
    """Wait until the process is through. True: it came to a halt, and nothing in it goes on."""
    size, since, patience = 0, time.monotonic(), _START + seconds
    while process.poll() is None:
        time.sleep(_LOOK)
        now = notes.stat().st_size
        if now != size:
            size, since, patience = now, time.monotonic(), max(seconds, 10.0) + _SILENCE
        if time.monotonic() - since > patience:
            return True
    return False


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process, and those that the plugin started in it."""
    if sys.platform != "win32":
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.wait()


def _broken(lines: Sequence[Mapping[str, Any]], code: int | None, hung: bool, complaint: str) -> dict[str, Any]:
    """What to say where the plugin took the whole process with it."""
    at = next((line["at"] for line in reversed(lines) if "at" in line), "")
    if hung:
        what = f"everything hangs since {at}: not even other threads go on"
    else:
        last = next((line for line in reversed(complaint.splitlines()) if line.strip()), "")
        what = f"the process ended (code {code}) when {at}" + (f": {last.strip()[:200]}" if last else "")
    instead = "return, or raise ToolError: a plugin lives in thinkact's own process"
    return Finding(state="fault", what=what, instead=instead).as_data()
