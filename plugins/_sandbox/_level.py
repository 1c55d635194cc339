"""Which confinement works here: tried, not read from versions."""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

from plugins._outcome import ToolError
from plugins._sandbox._desk import Desk
from plugins._sandbox._limits import Limits
from plugins._sandbox._process import Launcher, Process
from plugins._sandbox._ways import Way, bubblewrap, orders, shell_words

__all__ = ["Choice", "Level", "Levels", "NoConfinement"]

Choice: TypeAlias = Literal["auto", "bwrap", "landlock", "off"]
"""What the user wants programs to be confined by."""

_SECONDS = 10.0


class NoConfinement(Exception):
    """Programs cannot be confined here as wanted, so none is run. `tried` tells of each way why it does not work."""

    def __init__(self, message: str, *, hint: str, tried: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.hint = hint
        self.tried = tuple(tried)


@dataclass(frozen=True, slots=True)
class Level:
    """By what programs are confined. `namespaces` False: Landlock has to do without them."""

    way: Way
    namespaces: bool = True

    def __str__(self) -> str:
        return self.way if self.namespaces else f"{self.way} without namespaces"


class Levels:
    """Finds the confinement that works here, once; called again it gives the same answer."""

    def __init__(self, choice: Choice = "auto") -> None:
        self._choice = choice
        self._lock = threading.Lock()
        self._found: Level | NoConfinement | None = None

    def __call__(self) -> Level:
        """The level. Raises `NoConfinement`."""
        with self._lock:
            if self._found is None:
                self._found = self._find()
            if isinstance(self._found, NoConfinement):
                raise self._found
            return self._found

    def _find(self) -> Level | NoConfinement:
        if self._choice == "off":
            return NoConfinement(
                "running programs is turned off (THINKACT_SANDBOX=off)", hint="work with the file tools"
            )
        if not _is_linux():
            return NoConfinement(
                "programs cannot be confined on this system, so none is run", hint="work with the file tools"
            )
        tried = []
        for level in (Level("bwrap"), Level("landlock"), Level("landlock", namespaces=False)):
            if self._choice in ("auto", level.way):
                why = why_not(level)
                if why is None:
                    return level
                tried.append(f"{level}: {why}")
        return NoConfinement(
            f"programs cannot be confined here, so none is run ({'; '.join(tried)})",
            hint="work with the file tools; the user can install bubblewrap, or use Linux 6.12 or newer with Landlock",
            tried=tried,
        )


def _is_linux() -> bool:
    return sys.platform == "linux"


def why_not(level: Level) -> str | None:
    """Why this level does not work here; None where it does: a program was started in it, wrote where it may, and did
    not see a file that lies elsewhere."""
    if level.way == "bwrap" and bubblewrap() is None:
        return "it is not installed"
    import tempfile  # slow to import

    with tempfile.TemporaryDirectory(prefix="thinkact-") as folder:
        home = Path(os.path.realpath(folder))
        for name in ("desk", "tmp", "empty"):
            (home / name).mkdir()
        (home / "nothing").touch()
        (home / "outside").write_text("seen")
        heard: list[bytes] = []
        try:
            told = orders(
                level.way,
                shell_words('read -r word < ../outside; echo "${word:-none}"; echo written > inside'),
                desk=Desk(root=str(home / "desk")),
                folder=str(home / "desk"),
                environment={"PATH": "/usr/bin:/bin"},
                scratch=str(home),
                limits=Limits(),
                seconds=_SECONDS,
                namespaces=level.namespaces,
            )
            process = Process(Launcher(), told, output=heard.append)
        except (ValueError, ToolError) as error:
            return str(error)
        process.wait(time.monotonic() + _SECONDS, lambda: None)
        ended = process.end()
        said = b"".join(heard).decode("utf-8", "replace").strip()
        if "fault" in ended:
            return str(ended["fault"])
        if not (home / "desk" / "inside").is_file():
            return said.splitlines()[-1][:200] if said else f"it ended with {ended.get('code')}"
        return None if said.splitlines()[-1:] == ["none"] else "it showed a file that it should hide"
