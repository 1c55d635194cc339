"""The ways to confine a program: what the launcher is ordered to do for each."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Literal, TypeAlias

from plugins._programs import Programs
from plugins._sandbox._containers import CONTAINERS, Container, temporary_folder
from plugins._sandbox._desk import Desk, Guarded, python_folders, system_folders
from plugins._sandbox._filter import filter_program
from plugins._sandbox._limits import Limits
from plugins._sandbox._reach import NOWHERE, Reach, laid_over
from plugins._sandbox._seatbelt import profile, readable_folders

__all__ = ["Way", "launcher_words", "orders", "program_of"]

Way: TypeAlias = Literal["bwrap", "landlock", "sandbox-exec", "docker", "podman"]
"""By what a program is confined."""

_LAUNCH = (  # behind the standard library, of which it must hide nothing
    "import os, sys; sys.path.append(sys.argv[1]); from _launcher._main import main; main(); os._exit(0)"
)
_DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
_HARMLESS = ("/proc/cpuinfo", "/proc/meminfo")


def launcher_words(*more: str) -> list[str]:
    """The command that starts a launcher; see `_launcher`."""
    return [sys.executable, "-I", "-S", "-c", _LAUNCH, os.path.dirname(__file__), *more]


def program_of(way: Way, programs: Programs) -> str:
    """The program that confines in this way, by an absolute path; "" where the kernel does it. It is started
    unconfined: nothing else says which one that is.

    Raises:
        NoProgram: there is none.
    """
    if way == "landlock":
        return ""
    found = programs.find(way)
    real = os.path.realpath(found)
    if os.path.basename(real) == way or way not in CONTAINERS:
        return real
    # Some are one program by many names, which goes by its name.
    return os.path.join(os.path.realpath(os.path.dirname(found)), os.path.basename(found))


def _needed_program(way: Way, program: str, root: str) -> str:
    """The program that was chosen, which must not lie in this very workspace.

    Raises:
        ValueError: it does, or none was chosen.
    """
    if not program:
        raise ValueError(f"{way} is not installed")
    why = Programs(avoided={root: "the workspace"}).why_refused(program)
    if why is not None:
        raise ValueError(f"{way} {why}")
    return program


def orders(
    way: Way,
    words: Sequence[str],
    *,
    desk: Desk,
    folder: str,
    environment: Mapping[str, str],
    scratch: str,
    limits: Limits,
    seconds: float | None,
    program: str = "",
    namespaces: bool = True,
    image: str = "",
    talks: bool = False,
    reach: Reach = NOWHERE,
) -> dict[str, Any]:
    """What the launcher is told, but for the descriptors.

    Args:
        words: The program and its arguments.
        folder: Where it begins, an absolute path in the workspace.
        environment: All that it gets of one.
        scratch: A folder of ours for its temporary files, where those are not in memory.
        program: The one that confines, as `program_of` chose it.
        namespaces: Whether Landlock is helped by namespaces. Without them nothing can be laid over what is absent.
        image: That of the container, where there is one.
        talks: It is asked and answers, by descriptors of its own.
        reach: What it reaches beside the workspace.

    Raises:
        ValueError: it cannot be confined so.
    """
    if desk.write is not None:  # what became a link since would lead elsewhere
        desk = replace(desk, write=[one for one in desk.write if os.path.realpath(one) == one])
    guarded = desk.guarded(holding=way != "landlock" or namespaces)
    root = os.path.realpath(desk.root)
    told: dict[str, Any] = {
        "way": way,
        "words": list(words),
        "environment": dict(environment),
        "cwd": folder,
        "limits": limits.orders(seconds),
        "umask": 0o022,
        "placeholders": list(desk.placeholders.held),
        "namespaces": namespaces,
        "network": reach.network,
        "wrapper": [],
        "scratch": scratch,
        "files": [],
        "container": [],
    }
    if way in CONTAINERS:
        if reach is not NOWHERE:
            raise ValueError("a container has the image's programs, and not those of this machine")
        container = Container(way, _needed_program(way, program, root), image, scratch=scratch)
        return told | container.orders(
            words, desk=desk, guarded=guarded, folder=folder, environment=environment, limits=limits, seconds=seconds,
            talks=talks,
        )  # fmt: skip
    if way == "sandbox-exec":
        text = profile(desk=desk, guarded=guarded, temporary=os.path.join(scratch, "tmp"), reach=reach)
        return {**told, "wrapper": [_needed_program(way, program, root), "-p", text, "--"]}
    told["filter"] = filter_program(files_alone=way == "landlock", network=reach.network)
    if way == "bwrap":
        told["wrapper"] = _bubblewrap_words(
            _needed_program(way, program, root),
            desk=desk, root=root, guarded=guarded, folder=folder, limits=limits, reach=reach,
        )  # fmt: skip
        return told
    return {
        **told,
        "trees": [[root, desk.write is None], *([one, True] for one in desk.write or ()), *reach.trees()],
        "pinned": [*guarded.pinned, *reach.pinned],
        "readonly": [*guarded.readonly, *reach.readonly],
        "masked": [*guarded.masked, *reach.masked],
        "empty_folder": os.path.join(scratch, "empty"),
        "empty_file": os.path.join(scratch, "nothing"),
        "read": [*system_folders(), *python_folders(), *_HARMLESS, *reach.system()],
        "write": [os.path.join(scratch, "tmp")],
        "devices": _DEVICES,
    }


def _bubblewrap_words(
    program: str, *, desk: Desk, root: str, guarded: Guarded, folder: str, limits: Limits, reach: Reach
) -> list[str]:
    """The command line of bubblewrap, which lies at `program`, but for environment, filter and what it starts."""
    made = [program, "--unshare-all", "--die-with-parent", "--new-session"]
    made += ["--cap-drop", "ALL", "--hostname", "thinkact", "--proc", "/proc", "--dev", "/dev"]
    size = str(limits.scratch)
    made += ["--size", size, "--tmpfs", "/dev/shm", "--size", size, "--tmpfs", "/tmp"]
    for path in system_folders():
        if os.path.islink(path):
            made += ["--symlink", os.readlink(path), path]
        else:
            made += ["--ro-bind", path, path]
    for path in python_folders():
        if os.path.isdir(path) and not path.startswith(f"{root}/"):
            made += ["--ro-bind", path, path]
    above = _above(root)
    if above is not None:
        made += ["--tmpfs", above]
    made += ["--bind" if desk.write is None else "--ro-bind", root, root]
    if root != os.path.abspath(desk.root):
        made += ["--symlink", root, os.path.abspath(desk.root)]
    open_ones = [root] if desk.write is None else list(desk.write)
    for path in guarded.pinned:
        made += ["--bind" if any(f"{path}/".startswith(f"{one}/") for one in open_ones) else "--ro-bind", path, path]
    for path in desk.write or ():
        made += ["--bind", path, path]
    made += laid_over(guarded.readonly, guarded.masked)
    if reach is not NOWHERE:
        made += [*reach.words(), "--dir", folder]
    if above is not None:
        made += ["--remount-ro", above]
    made += ["--remount-ro", "/dev", "--remount-ro", "/proc", "--remount-ro", "/", "--chdir", folder]
    return made


def _above(root: str) -> str | None:
    """Of a workspace deep in the folder for temporary files, the topmost folder above it there: what is written beside
    the workspace must fail, and not go to a file that is gone with the program."""
    names = root.split("/")
    return "/".join(names[:3]) if names[1] == "tmp" and len(names) > 3 else None


def temporary_of(way: Way, root: str, scratch: str) -> str:
    """The folder for temporary files, as a program in the workspace `root` sees it."""
    if way in CONTAINERS:
        return temporary_folder(root)
    return "/tmp" if way == "bwrap" else os.path.join(scratch, "tmp")


def readable_of(way: Way) -> list[str]:
    """The folders of the system in which a program may find others."""
    return readable_folders() if way == "sandbox-exec" else system_folders()


def shell_words(command: str) -> list[str]:
    """The program that runs a line of shell: bash where there is one, as most lines are written for it."""
    shell = "/bin/bash" if os.path.exists("/bin/bash") else "/bin/sh"
    return [shell, "-c", command]


def python_words(source: str) -> list[str]:
    """The program that runs some Python, with the packages of this environment and nothing of the workspace."""
    return [sys.executable, "-I", "-u", "-c", source]
