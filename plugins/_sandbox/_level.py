"""A confinement, and whether it works here at all: tried, not read from versions."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from plugins._outcome import ToolError
from plugins._sandbox._containers import CONTAINERS, client_environment
from plugins._sandbox._desk import Desk
from plugins._sandbox._limits import Limits
from plugins._sandbox._process import Launcher, Process
from plugins._sandbox._ways import Way, orders, program_of, shell_words

__all__ = ["Level", "NoConfinement", "this_system", "why_not"]

_SECONDS, _SECONDS_OF_A_CONTAINER = 10.0, 60.0


class NoConfinement(Exception):
    """Programs cannot be confined here as wanted, so none is run. `tried` tells of each way why it does not work."""

    def __init__(self, message: str, *, hint: str, tried: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.hint = hint
        self.tried = tuple(tried)


@dataclass(frozen=True, slots=True)
class Level:
    """By what programs are confined. `namespaces` False: Landlock has to do without them. `image` is that of a
    container."""

    way: Way
    namespaces: bool = True
    image: str = ""

    @property
    def has_our_programs(self) -> bool:
        """Are the programs of this machine to be had in it? A container has those of its image."""
        return self.way not in CONTAINERS

    def __str__(self) -> str:
        if self.image:
            return f"{self.way} with the image {self.image}"
        return self.way if self.namespaces else f"{self.way} without namespaces"


def this_system() -> str:
    """The system that this is, as `sys.platform` has it."""
    return sys.platform


def why_not(level: Level) -> str | None:
    """Why this level does not work here; None where it does: a program was started in it, wrote where it may, and did
    not see a file that lies elsewhere."""
    if level.way != "landlock":
        program = program_of(level.way)
        if program is None:
            return "it is not installed"
        if level.way in CONTAINERS and (missing := _why_no_image(program, level.image)) is not None:
            return missing
    import tempfile  # slow to import

    seconds = _SECONDS_OF_A_CONTAINER if level.way in CONTAINERS else _SECONDS
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
                seconds=seconds,
                namespaces=level.namespaces,
                image=level.image,
            )
            process = Process(Launcher(), told, output=heard.append)
        except (ValueError, ToolError) as error:
            return str(error)
        process.wait(time.monotonic() + seconds, lambda: None)
        ended = process.end()
        said = b"".join(heard).decode("utf-8", "replace").strip()
        if "fault" in ended:
            return str(ended["fault"])
        if not (home / "desk" / "inside").is_file():
            return said.splitlines()[-1][:200] if said else f"it ended with {ended.get('code')}"
        hid = "none" in said.splitlines() and "seen" not in said.splitlines()
        return None if hid else "it showed a file that it should hide"


def _why_no_image(program: str, image: str) -> str | None:
    """Why a container of this image cannot be had; None where it can. Nothing is fetched."""
    if not image:
        return "no image is named (THINKACT_SANDBOX_IMAGE)"
    import subprocess  # slow to import

    words = [program, "image", "inspect", "--format", "{{.Id}}", image]
    try:
        done = subprocess.run(
            words,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
            env=client_environment(),
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"it does not answer: {error}"
    if done.returncode == 0:
        return None
    said = done.stderr.decode("utf-8", "replace").strip().splitlines()
    if any("no such image" in line.lower() or "image not known" in line.lower() for line in said):
        return f"the image {image} is not here, and none is fetched unasked"
    return said[-1][:200] if said else f"it ended with {done.returncode}"
