"""macOS: the services of the system, which do things for those who may ask them, and the names that only it has."""

import ctypes
import os
import subprocess
import sys

assert sys.platform != "win32"

from plugins._sandbox._escaping._ground import W, attempt, libc, read, secret

_CTL_KERN, _KERN_PROCARGS2, _PT_ATTACHEXC = 1, 49, 14
_SERVICES = (  # the clipboard, keys, other programs, windows, what a user allowed
    *("com.apple.pasteboard.1", "com.apple.SecurityServer", "com.apple.coreservices.launchservicesd"),
    *("com.apple.coreservices.appleevents", "com.apple.windowserver.active", "com.apple.tccd"),
)


def _ended(*words: str) -> int:
    """How a program ended."""
    return subprocess.run(words, stdin=subprocess.DEVNULL, capture_output=True, timeout=8, check=False).returncode


@attempt
def read_a_file_outside_by_the_volume_of_data() -> object:
    return read("/System/Volumes/Data" + W["outside"])


@attempt
def find_a_secret_in_the_environment_of_the_victim() -> object:
    name = (ctypes.c_int * 3)(_CTL_KERN, _KERN_PROCARGS2, W["victim"])
    size = ctypes.c_size_t(1 << 18)
    held = ctypes.create_string_buffer(size.value)
    if libc.sysctl(name, 3, held, ctypes.byref(size), None, ctypes.c_size_t(0)) != 0:
        return None
    return secret(held.raw[: size.value].decode("utf-8", "replace"))


@attempt
def attach_to_another_process() -> object:
    return "attached" if libc.ptrace(_PT_ATTACHEXC, W["victim"], None, 0) == 0 else None


@attempt
def reach_a_service_of_the_system() -> object:
    port = ctypes.c_uint.in_dll(libc, "bootstrap_port")
    found = []
    for name in _SERVICES:
        given = ctypes.c_uint(0)
        if libc.bootstrap_look_up(port, name.encode(), ctypes.byref(given)) == 0:
            found.append(name)
    return found


@attempt
def have_another_program_do_it() -> object:
    script = 'tell application "System Events" to count processes'
    return "it answered" if _ended("/usr/bin/osascript", "-e", script) == 0 else None


@attempt
def have_the_system_start_a_program() -> object:
    label = f"thinkact-proof-{W['argument']}"
    made = os.path.join(os.path.dirname(W["outside"]), "made")
    if _ended("/bin/launchctl", "submit", "-l", label, "--", "/usr/bin/touch", made) != 0:
        return None
    _ended("/bin/launchctl", "remove", label)
    return "it was started"
