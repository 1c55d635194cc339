"""Proves a confinement by trying to get out of it: with real files, sockets and processes outside as witnesses."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from plugins._apart import needed_environment
from plugins._sandbox._containers import CONTAINERS
from plugins._sandbox._escaping import program
from plugins._sandbox._level import Level, this_system
from plugins._sandbox._sandbox import ConfinedProcesses
from plugins._sandbox._ways import python_words

__all__ = ["QUICK", "Escape", "prove"]

_ANYWHERE = (
    *("read_a_file_outside", "read_a_file_outside_by_a_link", "list_the_home_folder", "write_a_file_outside"),
    *("change_the_rights_of_a_file_outside", "read_the_users_of_the_system", "write_into_the_packages_of_python"),
    *("write_a_hook_of_git", "make_a_protected_file_that_is_absent", "read_a_hidden_file", "read_the_env_file"),
    *("connect_to_a_port", "send_a_datagram", "connect_to_a_socket_in_the_workspace"),
    *("find_an_open_descriptor", "kill_another_process", "make_a_file_that_runs_as_its_owner"),
)
QUICK = (
    *_ANYWHERE,
    *("connect_to_an_abstract_socket", "find_a_secret_in_the_environment_of_any_process", "trace_another_process"),
    *("mount_in_a_namespace", "write_a_setting_of_the_kernel", "set_up_a_ring", "override_rights"),
)
"""The attempts that tell most: each closed by another part of the confinement."""
QUICK_ON_MACOS = (
    *_ANYWHERE,
    *("write_a_protected_file_by_a_hard_link", "move_the_folder_of_a_protected_file", "replace_a_protected_file"),
    *("put_another_repository_in_the_place_of_git", "read_a_file_outside_by_the_volume_of_data"),
    *("find_a_secret_in_the_environment_of_the_victim", "attach_to_another_process", "reach_a_service_of_the_system"),
    *("have_another_program_do_it", "have_the_system_start_a_program"),
)
"""The same for sandbox-exec, which lays nothing over names, and where services do things for those who ask."""

_SECONDS, _GRACE = 60.0, 10.0  # the latter is for the start, and the attempt that is under way
_ANSWER = '{"name": '
_AF_UNIX = 1  # which Python lacks on Windows
Start: TypeAlias = Callable[[ConfinedProcesses, Path, str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Escape:
    """An attempt to get out: `got` is what it got, None where it was held; `how` says by what. `tried`
    False: there was no time for it, or it could not be made."""

    name: str
    got: str | None
    how: str
    tried: bool = True


def prove(
    level: Level,
    *,
    quick: bool = False,
    only: Sequence[str] = (),
    start: Start | None = None,
    seconds: float = _SECONDS,
) -> list[Escape]:
    """Try to get out of this level, by all attempts or by some.

    Args:
        level: The confinement.
        quick: Only those attempts that tell most, each closed by another part of the confinement.
        only: Names of attempts; none: all.
        seconds: How long is tried, once at least; an attempt for which there was no time is told as not tried.
        start: Runs a piece of Python in the sandbox and gives what it printed, where it is not just run in it.

    Raises:
        ToolError: nothing could be started in it.
    """
    import secrets
    import tempfile  # slow to import

    system = "linux" if level.way in CONTAINERS else this_system()
    only = only or ((QUICK_ON_MACOS if system == "darwin" else QUICK) if quick else ())
    with ExitStack() as stack:
        place = Path(os.path.realpath(stack.enter_context(tempfile.TemporaryDirectory(prefix="thinkact-proof-"))))
        root, told = stack.enter_context(_witnesses(place))
        sandbox = stack.enter_context(
            ConfinedProcesses(
                root,
                level=lambda: level,
                protected=(root / "kept" / "goal.yaml", root / "absent" / "config.toml"),
                hidden=(root / "home",),
                environment=needed_environment(),
            )
        )
        nonce = secrets.token_hex(16)
        orders = {**told, "only": list(only), "seconds": seconds, "image": level.way in CONTAINERS, "nonce": nonce}
        (root / "orders.json").write_text(json.dumps(orders))
        source = program(system)
        said = start(sandbox, root, source) if start else _start(sandbox, source, seconds)
        found = [*_answers(said, nonce)]
        told_of = {one.name for one in found}
        found += [Escape(name=one, got=None, how="it was not tried", tried=False) for one in only if one not in told_of]
        if not told_of:
            how = "what it printed does not answer what was asked" if _ANSWER in said else said[-500:]
            found.append(Escape(name="start", got="no attempt could be made", how=how))
        return [*found, *_seen_outside(place, told)]


def _answers(said: str, nonce: str) -> Iterator[Escape]:
    """What the attempts came to. A line without the nonce counts for nothing: whatever printed it has not read, from
    inside, what was asked."""
    for line in said.splitlines():
        if line.startswith(_ANSWER):
            answer = json.loads(line)
            if answer.pop("nonce", None) == nonce:
                yield Escape(**answer)


def _start(sandbox: ConfinedProcesses, source: str, seconds: float) -> str:
    return sandbox.run([*python_words(source), "orders.json"], timeout=seconds + _GRACE).output


@contextmanager
def _witnesses(place: Path) -> Iterator[tuple[Path, dict[str, Any]]]:
    """What lies outside, and the workspace."""
    import secrets
    import socket
    import subprocess
    import tempfile

    secret, argument = secrets.token_hex(12), secrets.token_hex(8)
    root, outside = place / "workspace", place / "outside"
    for folder in (root / ".git" / "hooks", root / "kept", root / "home" / "runs", outside):
        folder.mkdir(parents=True)
    (outside / "secret.txt").write_text(secret)
    (outside / "secret.txt").chmod(0o644)
    (root / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    (root / ".env").write_text(f"OPENAI_API_KEY={secret}\n")
    (root / "kept" / "goal.yaml").write_text("goal: x\n")
    (root / "home" / "runs" / "journal.db").write_text(secret)
    home = Path.home()
    with ExitStack() as stack:
        temporary = stack.enter_context(tempfile.NamedTemporaryFile(prefix="thinkact-proof-"))
        Path(temporary.name).write_text(secret)
        shared = Path("/dev/shm" if os.access("/dev/shm", os.W_OK) else place, f"thinkact-proof-{argument}")
        shared.write_text(secret)
        stack.callback(shared.unlink)
        tcp = stack.enter_context(socket.create_server(("127.0.0.1", 0)))
        udp = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_DGRAM))
        udp.bind(("127.0.0.1", 0))
        if this_system() == "linux":  # no other system has sockets without a place
            abstract = stack.enter_context(socket.socket(_AF_UNIX))
            abstract.bind(f"\0thinkact-proof-{argument}")
            abstract.listen()
        local = stack.enter_context(socket.socket(_AF_UNIX))
        opened = os.open(root, os.O_RDONLY)  # a socket's path must be short
        stack.callback(os.close, opened)
        local.bind(f"/proc/self/fd/{opened}/s" if this_system() == "linux" else str(root / "s"))
        local.listen()
        victim = subprocess.Popen(
            [sys.executable, "-I", "-S", "-c", "import time; time.sleep(300)", argument],
            env={"OPENAI_API_KEY": secret},
            stdin=subprocess.DEVNULL,
        )
        stack.callback(victim.wait)
        stack.callback(victim.kill)
        with _segment() as segment:
            yield (
                root,
                {
                    "secret": secret,
                    "argument": argument,
                    "outside": str(outside / "secret.txt"),
                    "home": str(home),
                    "in_home": (in_home := _any_name(home)),
                    "in_home_is": _identity(home / in_home),
                    "users_are": _identity(Path("/etc/passwd")),
                    "image": False,
                    "protected": str(root / "kept" / "goal.yaml"),
                    "absent": str(root / "absent" / "config.toml"),
                    "hidden": str(root / "home" / "runs" / "journal.db"),
                    "shared": str(shared),
                    "shared_is_ours": False,
                    "temporary": temporary.name,
                    "tcp": tcp.getsockname()[1],
                    "udp": udp.getsockname()[1],
                    "abstract": f"thinkact-proof-{argument}",
                    "socket": "s",
                    "victim": victim.pid,
                    "shm": segment,
                    "strict": True,
                    "descriptors": [],
                    "engine": os.getpid(),
                },
            )


def _any_name(folder: Path) -> str:
    """A name in the folder, but that of a proof, which holds a workspace; "" where it has none, or nobody may look."""
    with suppress(OSError):
        return next((one.name for one in folder.iterdir() if not one.name.startswith("thinkact-")), "")
    return ""


def _identity(path: Path) -> list[int]:
    """By what it is known again, whatever lies at its name elsewhere."""
    with suppress(OSError):
        found = path.stat()
        return [found.st_dev, found.st_ino]
    return []


@contextmanager
def _segment() -> Iterator[int]:
    """A segment of System V's shared memory, whose number may be guessed."""
    import ctypes

    libc: Any = ctypes.CDLL(None)
    made = int(libc.shmget(0, ctypes.c_size_t(4096), 0o1666))
    try:
        yield max(0, made)
    finally:
        if made >= 0:
            libc.shmctl(made, 0, None)


def _seen_outside(place: Path, told: dict[str, Any]) -> Iterator[Escape]:
    """What the witnesses say, whatever the attempts said."""
    root = place / "workspace"
    held = {
        "outside": (place / "outside" / "secret.txt").exists()
        and _text(place / "outside" / "secret.txt") == told["secret"],
        "nothing made outside": sorted(os.listdir(place / "outside")) == ["secret.txt"],
        "protected": _text(root / "kept" / "goal.yaml") == "goal: x\n",
        "absent": not (root / "absent" / "config.toml").exists(),
        "hooks": not (root / ".git" / "hooks" / "pre-commit").exists(),
        "env": _text(root / ".env").startswith("OPENAI_API_KEY"),
        "hidden": sorted(os.listdir(root / "home")) == ["runs"],
        "shared memory": not _removed(Path("/dev/shm/thinkact-escaped")),
        "victim": _alive(int(told["victim"])),
        "no owner's file": not any(one.stat().st_mode & 0o6000 for one in root.iterdir()),
    }
    for name, kept in held.items():
        yield Escape(name=f"witness: {name}", got=None if kept else "it was changed from within", how="as it was")


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except OSError:
        return ""


def _removed(path: Path) -> bool:
    """Was it there? Then it is taken away."""
    if not path.exists():
        return False
    with suppress(OSError):
        path.unlink()
    return True


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except OSError:
        return False
    with suppress(OSError):
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    return True
