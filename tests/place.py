"""A place of its own for the command line: a home, a folder to start in, a workspace, and `thinkact` as a process."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from tests.nursery import nursery

ROOT = Path(__file__).parent.parent
Ended: TypeAlias = subprocess.CompletedProcess[str]


@dataclass(frozen=True)
class Place:
    """A folder in which `thinkact` is started, with a home beside it and nothing of this machine's settings."""

    folder: Path

    @property
    def home(self) -> Path:
        return self.folder / "home"

    @property
    def workspace(self) -> Path:
        return self.folder / "workspace"

    def environment(self, **settings: str) -> dict[str, str]:
        """The environment of this process without what would reach thinkact, with `settings`."""
        clean = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("THINKACT", "OPENAI")) and not name.lower().endswith("_proxy")
        }
        mine = {"THINKACT_HOME": str(self.home), "XDG_CONFIG_HOME": str(self.folder / "config")}
        return clean | mine | {"PYTHONPATH": str(ROOT), "COLUMNS": "80"} | settings

    def thinkact(self, *words: str, stdin: str | None = None, timeout: float = 90, **settings: str) -> Ended:
        """Run a command to its end. Without `stdin` there is none, and never a terminal."""
        environment = self.environment(**settings)
        usual = hasattr(os, "fork") and not any(name.startswith(("PYTHON", "LC_", "LANG")) for name in settings)
        if usual and nursery().alone.acquire(blocking=False):
            try:
                return nursery().run(words, cwd=self.folder, environment=environment, stdin=stdin, timeout=timeout)
            finally:
                nursery().alone.release()
        return subprocess.run(
            [sys.executable, "-m", "agent", *words],
            cwd=self.folder,
            env=environment,
            input=stdin,
            stdin=subprocess.DEVNULL if stdin is None else None,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=timeout,
            check=False,
        )

    def start(self, *words: str, **settings: str) -> subprocess.Popen[str]:
        """Start a command and leave it running."""
        return subprocess.Popen(
            [sys.executable, "-m", "agent", *words],
            cwd=self.folder,
            env=self.environment(**settings),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )

    def write(self, path: str, text: str) -> Path:
        """A file of the workspace."""
        file = self.workspace / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
        return file

    def read(self, path: str) -> str:
        return (self.workspace / path).read_text("utf-8")

    def goal(self, text: str, name: str = "goal.yaml") -> Path:
        """A goal file in the folder where thinkact is started."""
        file = self.folder / name
        file.write_text(text, "utf-8")
        return file

    def plugin(self, name: str, text: str) -> Path:
        """A file in the plugin folder."""
        file = self.home / "plugins" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
        return file

    def files(self) -> dict[str, str]:
        """All files of the workspace with their texts."""
        return {
            path.relative_to(self.workspace).as_posix(): path.read_text("utf-8")
            for path in sorted(self.workspace.rglob("*"))
            if path.is_file()
        }

    def events(self, run: str = "last") -> list[dict[str, Any]]:
        """The events of a run, as `runs show --json` tells them."""
        shown = self.thinkact("runs", "show", run, "--json")
        assert shown.returncode == 0, shown.stderr
        events: list[dict[str, Any]] = json.loads(shown.stdout)
        return events


def no_traceback(ended: Ended) -> None:
    """Whatever happened, the person was told in words."""
    assert "Traceback" not in ended.stderr, ended.stderr
    assert "Traceback" not in ended.stdout, ended.stdout


def killed(ended: Ended) -> bool:
    """Did kill -9 end it?"""
    return ended.returncode == -signal.SIGKILL
