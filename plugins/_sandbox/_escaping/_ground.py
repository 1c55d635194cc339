"""What every attempt stands on: what lies outside, the calls of the kernel, and the list of attempts."""

import ctypes
import json
import os
import platform
import sys
from collections.abc import Callable, Iterator
from typing import Any

assert sys.platform != "win32"

with open(sys.argv[1], encoding="utf-8") as told:
    W = json.load(told)
libc = ctypes.CDLL(None, use_errno=True)
libc.syscall.restype = ctypes.c_long
PLACE = {"x86_64": 0}.get(platform.machine(), 1)
CALLS = {
    "mount": (165, 40), "unshare": (272, 97), "setns": (308, 268), "clone": (56, 220), "pivot_root": (155, 41),
    "bpf": (321, 280), "perf_event_open": (298, 241), "io_uring_setup": (425, 425), "userfaultfd": (323, 282),
    "keyctl": (250, 219), "add_key": (248, 217), "ptrace": (101, 117), "process_vm_readv": (310, 270),
    "pidfd_open": (434, 434), "pidfd_getfd": (438, 438), "open_by_handle_at": (304, 265), "memfd_create": (319, 279),
    "name_to_handle_at": (303, 264), "init_module": (175, 105), "reboot": (169, 142), "swapon": (167, 224),
    "shmget": (29, 194), "shmat": (30, 196), "mq_open": (240, 180), "prlimit64": (302, 261), "syslog": (103, 116),
    "setpriority": (141, 140), "clone3": (435, 435), "openat2": (437, 437), "fanotify_init": (300, 262),
    "inotify_init1": (294, 26), "fsopen": (430, 430), "open_tree": (428, 428), "acct": (163, 89), "mknodat": (259, 33),
    "sethostname": (170, 161), "kexec_load": (246, 104), "personality": (135, 92), "fchmodat2": (452, 452),
    "quotactl": (179, 60), "settimeofday": (164, 170), "sched_setaffinity": (203, 122), "process_madvise": (440, 440),
}  # fmt: skip


def call(name: str, *arguments: Any) -> str:
    plain = [ctypes.c_long(one) if isinstance(one, int) else one for one in arguments]
    result = libc.syscall(ctypes.c_long(CALLS[name][PLACE]), *plain)
    if result < 0:
        raise OSError(ctypes.get_errno(), name)
    return f"{name} gave {result}"


def read(path: str) -> str:
    with open(path, "rb") as file:
        return file.read(200).decode("utf-8", "replace") or "an empty file"


def secret(text: str) -> str | None:
    return text if W["secret"] in text else None


def write(path: str, mode: str = "w") -> str | None:
    with open(path, mode) as file:
        file.write("escaped\n")
    return f"wrote {path}" if mode == "w" or os.path.getsize(path) else None


def each_process() -> Iterator[str]:
    for name in os.listdir("/proc"):
        if name.isdecimal():
            yield name


ATTEMPTS: dict[str, Callable[[], object]] = {}
RESULT = [-1]  # where this attempt's result goes


def attempt(function: Callable[[], object]) -> Callable[[], object]:
    ATTEMPTS[function.__name__] = function
    return function


def on_linux(function: Callable[[], object]) -> Callable[[], object]:
    """An attempt by what no other system has."""
    return attempt(function) if sys.platform == "linux" else function


def same_file(path: str, identity: list[int]) -> bool:
    """Is it that very file of the host's, and not one of its name in an image?"""
    found = os.stat(path)
    return [found.st_dev, found.st_ino] == identity


def own_namespace() -> bool:
    """Are the numbers of processes here other ones than the host's?"""
    return os.getpid() < 50 or os.getppid() in (0, 1)
