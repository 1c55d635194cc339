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
from plugins._sandbox._ways import Way, orders, shell_words

__all__ = ["Lack", "Level", "NoConfinement", "installing", "this_system", "why_not"]

_SECONDS, _SECONDS_OF_A_CONTAINER = 10.0, 60.0
_NAMING = "name an image that is here and has a shell and python3 (THINKACT_SANDBOX_IMAGE)"
_NO_IMAGE = ("no such image", "image not known")


class NoConfinement(Exception):
    """Programs cannot be confined here as wanted, so none is run. `tried` tells of each way why it does not work,
    `ways_out` what the user can do about it, each in the words of an order."""

    def __init__(self, message: str, *, tried: Sequence[str] = (), ways_out: Sequence[str] = ()) -> None:
        super().__init__(message)
        self.hint = "; ".join(["work with the file tools", *(f"the user can {one}" for one in ways_out)])
        self.tried = tuple(tried)
        self.ways_out = tuple(ways_out)


@dataclass(frozen=True, slots=True)
class Lack:
    """Why a confinement does not work here, and what the user can do about it, in the words of an order; "" where
    nothing is known."""

    why: str
    way_out: str = ""

    def __str__(self) -> str:
        return self.why


@dataclass(frozen=True, slots=True)
class Level:
    """By what programs are confined. `program` is the one that does it, by its absolute path, as `program_of` chose it;
    "" where there is none. `namespaces` False: Landlock has to do without them. `image` is that of a container."""

    way: Way
    program: str = ""
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


def installing(way: Way) -> str:
    """What the user can do who lacks its program, in the words of an order; "" for what is macOS's alone."""
    return {"sandbox-exec": "", "bwrap": "install bubblewrap"}.get(way, f"install {way}")


def why_not(level: Level) -> Lack | None:
    """Why this level does not work here; None where it does: a program was started in it, wrote where it may, and did
    not see a file that lies elsewhere."""
    if level.way != "landlock" and not level.program:
        return Lack("it is not installed", installing(level.way))
    if level.way in CONTAINERS and (missing := _why_no_image(level)) is not None:
        return missing
    why = _why_unstarted(level)
    way_out = "use Linux 6.12 or newer with Landlock" if level.way == "landlock" else ""
    return None if why is None else Lack(why, way_out)


def _why_unstarted(level: Level) -> str | None:
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
                program=level.program,
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


def _why_no_image(level: Level) -> Lack | None:
    """Why a container of this image cannot be had; None where it can. Nothing is fetched."""
    if not level.image:
        return Lack("no image is named (THINKACT_SANDBOX_IMAGE)", _NAMING)
    import subprocess  # slow to import

    words = [level.program, "image", "inspect", "--format", "{{.Id}}", level.image]
    starting = f"start {level.way}, or see that it answers: {level.way} info"
    try:
        done = subprocess.run(
            words,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=_SECONDS,
            check=False,
            env=client_environment(level.program),
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return Lack(f"it does not answer: {error}", starting)
    if done.returncode == 0:
        return None
    said = done.stderr.decode("utf-8", "replace").strip().splitlines()
    if any(words in line.lower() for line in said for words in _NO_IMAGE):
        fetching = f"fetch it ({level.way} pull {level.image}), or name one that is here (THINKACT_SANDBOX_IMAGE)"
        return Lack(f"the image {level.image} is not here, and none is fetched unasked", fetching)
    return Lack(said[-1][:200] if said else f"it ended with {done.returncode}", starting)
