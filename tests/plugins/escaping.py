"""Tries to get out of a tool, as the user who starts this: `python escaping.py LEVEL TOOL` prints what came of it.

LEVEL is `bwrap`, `landlock` or `landlock-alone`; TOOL is `run_shell` or `run_python`. It needs nothing but `plugins`,
so that a user without rights, who may not read where the tests' own Python lies, can run it with another one.
"""

from __future__ import annotations

import json
import os
import queue
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).parent.parent.parent))

from plugins import (
    Artifact,
    ConfinedProcesses,
    Context,
    Found,
    Newest,
    Observation,
    Programs,
    Remembered,
    Seen,
    Toolbox,
    ToolError,
    Workspace,
    built_in_plugins,
)
from plugins._sandbox import Level, prove

LEVELS = {
    "bwrap": Level("bwrap", Programs().look("bwrap").found or ""),
    "landlock": Level("landlock"),
    "landlock-alone": Level("landlock", namespaces=False),
}


class Kept:
    """Artifacts in a dict."""

    def __init__(self) -> None:
        self.kept: dict[str, tuple[Artifact, bytes]] = {}

    def put(self, content: bytes, *, media_type: str = "text/plain", name: str = "") -> Artifact:
        handle = f"a{len(self.kept) + 1}"
        made = Artifact(handle=handle, path=Path(name), media_type=media_type, bytes=len(content), sha256="")
        self.kept[handle] = made, content
        return made

    def get(self, handle: str) -> tuple[Artifact, bytes]:
        return self.kept[handle]


class NoNotes:
    """No memory."""

    def remember(self, text: str, *, kind: str = "note", replaces: str | None = None) -> Remembered:
        raise ToolError("there is no memory")

    def recall(self, query: str, *, count: int = 5, kinds: Sequence[str] = ()) -> Sequence[Found]:
        return ()

    def newest(self, *, count: int = 20) -> Newest:
        return Newest(notes=(), total=0)

    def seen(self, query: str, *, count: int = 3) -> Sequence[Seen]:
        return ()


class Desk:
    """The tools over a workspace, with programs confined by some level; every call goes through the toolbox."""

    def __init__(self, root: Path, sandbox: ConfinedProcesses | None) -> None:
        self.files = Workspace.open(root)
        self.artifacts = Kept()
        self.shown: list[str] = []
        self.toolbox = Toolbox(built_in_plugins())
        self.sandbox = sandbox

    def call(self, tool: str, **arguments: Any) -> Observation:
        return self._call(tool, arguments)

    def context(self) -> Context:
        return Context(
            workspace=self.files,
            artifacts=self.artifacts,
            notes=NoNotes(),
            ask=None,
            call=self._call,
            person=lambda question, choices=(): "",
            progress=lambda text, *, done=None, total=None: self.shown.append(text),
            sandbox=self.sandbox,
            effects={name: one.effect for name, one in self.toolbox.tools.items()},
        )

    def _call(self, tool: str, arguments: Mapping[str, Any]) -> Observation:
        prepared = self.toolbox.prepare(tool, arguments, self.files)
        if isinstance(prepared, Observation):
            return prepared
        box: queue.SimpleQueue[Observation] = queue.SimpleQueue()
        self.toolbox.start(prepared, self.context(), cut=1_000_000, done=box.put)
        return box.get(timeout=120)


def main() -> None:
    level, tool = LEVELS[sys.argv[1]], sys.argv[2]

    def start(sandbox: ConfinedProcesses, root: Path, source: str) -> str:
        desk = Desk(root, sandbox)
        (root / "escaping.py").write_text(source, "utf-8")
        if tool == "run_shell":
            return desk.call("run_shell", command=f"'{sys.executable}' -I escaping.py orders.json", timeout=70).text
        orders = json.loads((root / "orders.json").read_text())
        # Its two pipes to us, which the tool's own arguments name.
        (root / "orders.json").write_text(json.dumps({**orders, "descriptors": list(range(3, 16))}))
        code = "import sys\nsys.argv = ['', 'orders.json']\nexec(open('escaping.py').read())"
        return desk.call("run_python", code=code, timeout=70).text

    found = prove(level, start=start)
    sys.stdout.write(json.dumps({"user": os.getuid(), "tried": {one.name: [one.got, one.how] for one in found}}))


if __name__ == "__main__":
    main()
