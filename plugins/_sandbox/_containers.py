"""A container of docker or podman: the command line that runs a program in it, and what goes with that.

Nothing is ever fetched: an image that is not here is an error. The folder of the workspace has the same name inside;
programs are the image's own.

Source: docker-run(1), podman-run(1).
"""

from __future__ import annotations

import csv
import io
import json
import os
import secrets
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from plugins._apart import needed_environment
from plugins._programs import SYSTEM
from plugins._sandbox._container_filter import container_filter
from plugins._sandbox._desk import Desk, Guarded
from plugins._sandbox._limits import Limits

__all__ = ["CONTAINERS", "Container", "client_environment", "temporary_folder"]

CONTAINERS = ("docker", "podman")
"""The ways that are containers, by the name of their program."""

_FOR_THE_CLIENT = (  # where it finds its server, and its own settings
    *("HOME", "XDG_RUNTIME_DIR", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "DBUS_SESSION_BUS_ADDRESS"),
    *("DOCKER_HOST", "DOCKER_CONTEXT", "DOCKER_CONFIG", "DOCKER_CERT_PATH", "DOCKER_TLS_VERIFY", "DOCKER_API_VERSION"),
    *("CONTAINER_HOST", "CONTAINER_SSHKEY", "CONTAINERS_CONF", "CONTAINERS_STORAGE_CONF"),
)
# Of an image no more is known than that it has a shell. Both outputs are one: their order would be lost on the way. Of
# one that is asked and answers, questions come by 0 and answers go by 1.
_SHELL = 'if [ "$1" = /bin/bash ] && [ ! -x /bin/bash ]; then shift; set -- /bin/sh "$@"; fi; exec "$@"'
_RUN = f"exec 2>&1; {_SHELL}"
_TALK = f"exec 3<&0 4>&1 </dev/null >&2; {_SHELL}"
ASKED, ANSWERED = "3", "4"
"""The descriptors of a program that is asked and answers, inside."""


def client_environment(program: str = "") -> dict[str, str]:
    """Of our environment what docker itself, which lies at `program`, needs; nothing of it reaches what runs in the
    container. What it starts, such as ssh, it finds beside it and in the folders of the system: the user's PATH may
    have folders in which an agent writes."""
    own = [os.path.dirname(program)] if program else []
    return {**needed_environment(_FOR_THE_CLIENT), "PATH": os.pathsep.join(dict.fromkeys([*SYSTEM, *own]))}


def temporary_folder(root: str) -> str:
    """The folder for temporary files inside, in memory: not where the workspace lies, as what is written beside that
    must fail, and not vanish with the container."""
    return "/var/tmp" if f"{root}/".startswith("/tmp/") else "/tmp"


class Container:
    """One container, that is to be.

    Args:
        way: docker or podman.
        program: The program that manages it, by its whole path.
        image: The image's name.
        scratch: A folder of ours: what the container is told lies there while it runs.
    """

    def __init__(self, way: str, program: str, image: str, *, scratch: str) -> None:
        self._way, self._program, self._image, self._scratch = way, program, image, scratch
        self._name = f"thinkact-{secrets.token_hex(8)}"
        self._variables = os.path.join(scratch, f"{self._name}.env")
        self._filter = os.path.join(scratch, f"{self._name}.json")

    def orders(
        self, words: Sequence[str], *, desk: Desk, guarded: Guarded, folder: str, environment: Mapping[str, str],
        limits: Limits, seconds: float | None, talks: bool,
    ) -> dict[str, Any]:  # fmt: skip
        """What the launcher is told of it; see `_ways.orders`.

        Raises:
            ValueError: the environment holds what cannot be handed over.
        """
        return {
            "wrapper": [
                *self._options(desk, guarded, folder, limits, seconds, talks=talks),
                *("--entrypoint", "/bin/sh", self._image, "-c", _TALK if talks else _RUN, "sh"),
            ],
            "words": ["python3" if words[0] == sys.executable else words[0], *words[1:]],
            "environment": client_environment(self._program),
            "files": [
                [self._variables, _variables(environment)],
                [self._filter, json.dumps(container_filter()).encode()],
            ],
            "container": [self._program, self._name, client_environment(self._program)],
            # The container is held by limits of its own; its client, and what podman starts for it, is not.
            "limits": {**limits.orders(seconds), "each": {}},
            "cwd": self._scratch,  # that of its client, which looks for nothing there
        }

    def _options(
        self, desk: Desk, guarded: Guarded, folder: str, limits: Limits, seconds: float | None, *, talks: bool
    ) -> list[str]:
        root = os.path.realpath(desk.root)
        made = [self._program, "run", "--rm", "--name", self._name, "--pull", "never", "--init"]
        made += ["--network", "none", "--read-only", "--cap-drop", "ALL"]
        made += ["--security-opt", "no-new-privileges", "--security-opt", f"seccomp={self._filter}"]
        made += [
            "--user",
            ":".join(map(str, _user())),
            "--hostname",
            "thinkact",
            "--env-file",
            self._variables,
            "--workdir",
            folder,
        ]
        if self._way == "podman" and _user()[0] != 0:
            made += ["--userns", "keep-id"]  # else the workspace would be another's inside
        made += ["--interactive"] if talks else []
        made += _limited(limits, seconds)
        made += ["--tmpfs", f"{temporary_folder(root)}:rw,exec,nosuid,nodev,size={limits.scratch},mode=1777"]
        mounts = [(root, root, desk.write is None)]
        open_ones = [root] if desk.write is None else list(desk.write)
        mounts += [(path, path, any(f"{path}/".startswith(f"{one}/") for one in open_ones)) for path in guarded.pinned]
        mounts += [(path, path, True) for path in desk.write or ()]
        mounts += [(path, path, False) for path in guarded.readonly]
        for path in guarded.masked:
            empty = "empty" if os.path.isdir(path) else "nothing"
            mounts.append((os.path.join(self._scratch, empty), path, False))
        named = os.path.abspath(desk.root)
        mounts += [(root, named, desk.write is None)] if named != root else []
        return [*made, *(word for mount in mounts for word in ("--mount", _mount(*mount)))]


if sys.platform == "win32":  # pragma: no cover - nothing gets here there

    def _user() -> list[int]:
        """Nobody."""
        raise ValueError("containers are not used on Windows")

else:

    def _user() -> list[int]:
        """The numbers of this user and its group."""
        return [os.getuid(), os.getgid()]


def _limited(limits: Limits, seconds: float | None) -> list[str]:
    made = ["--memory", str(limits.memory), "--memory-swap", str(limits.memory)]
    made += ["--pids-limit", str(limits.processes), "--shm-size", str(limits.scratch)]
    each = limits.orders(seconds)["each"]
    for name in ("CORE", "CPU", "FSIZE", "NOFILE", "NPROC"):
        if name in each:
            made += ["--ulimit", f"{name.lower()}={each[name]}:{each[name]}"]
    return made


def _mount(source: str, target: str, writable: bool) -> str:
    """A mount, in the form of a line of CSV: a name may hold commas and colons."""
    parts = ["type=bind", f"source={source}", f"target={target}", *([] if writable else ["readonly"])]
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow(parts)
    return line.getvalue()


def _variables(environment: Mapping[str, str]) -> bytes:
    """The file of variables: on a command line every user of the machine could read them.

    Raises:
        ValueError: one cannot stand in it.
    """
    for name, value in environment.items():
        if "\n" in value or "\r" in value:
            raise ValueError(f"a container cannot be handed {name}: it has a line break in it")
    lines = (f"{name}={value}\n" for name, value in environment.items())
    return "".join(lines).encode("utf-8", "surrogateescape")
