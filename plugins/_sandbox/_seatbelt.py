"""macOS: the profile by which `sandbox-exec` confines a program, as a text of its own language.

All is denied but what stands here, and of two rules that fit the last one counts. The kernel compares the real names
of files, as they lie on the disk: `/tmp` is `/private/tmp` to it, and case counts.

Source: sandbox-exec(1); the profiles in /System/Library/Sandbox/Profiles of macOS, which name operations and filters.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from pathlib import PurePosixPath

from plugins._sandbox._desk import Desk, Guarded, python_folders
from plugins._sandbox._reach import Reach

__all__ = ["profile", "quoted", "readable_folders"]

_PREFIXES = ("/usr/local", "/opt/homebrew")  # of Homebrew: its settings and data, beside these, are the user's
_SYSTEM = (
    *("/usr/bin", "/usr/lib", "/usr/libexec", "/usr/sbin", "/usr/share", "/bin", "/sbin", "/nix/store"),
    *("/System/Library", "/System/Cryptexes", "/System/Volumes/Preboot/Cryptexes"),  # the latter: shared libraries
    *("/Library/Apple/System", "/Library/Apple/usr", "/Library/Frameworks", "/Library/Fonts", "/Library/Java"),
    *("/Library/Developer/CommandLineTools", "/Applications/Xcode.app/Contents/Developer"),
    *(f"{prefix}/{name}" for prefix in _PREFIXES for name in ("bin", "lib", "opt", "Cellar", "share", "Frameworks")),
    *("/private/var/select", "/private/var/db/timezone", "/private/var/db/dyld", "/private/var/db/xcode_select_link"),
)
_LINKS = ("/tmp", "/var", "/etc", "/private/etc/localtime")
_DEVICES = ("/dev/null", "/dev/zero", "/dev/random", "/dev/urandom")
_OF_THE_KERNEL = (
    *("argmax", "hostname", "maxfilesperproc", "maxproc", "ngroups", "osproductversion", "osrelease", "ostype"),
    *("osvariant_status", "osversion", "secure_kernel", "usrstack64", "version"),
)
_ALWAYS = f"""\
(version 1)
(deny default)
; To start programs, and to know and signal those in this very confinement.
(allow process-exec process-fork)
(allow process-info* signal (target same-sandbox))
; What machine it is: nothing of other processes, whose arguments and environment are told by these calls as well.
(allow sysctl-read
    (sysctl-name-prefix "hw.") (sysctl-name-prefix "machdep.cpu.")
    {" ".join(f'(sysctl-name "kern.{one}")' for one in _OF_THE_KERNEL)}
    (sysctl-name "security.mac.lockdown_mode_state") (sysctl-name "sysctl.proc_cputype") (sysctl-name "vm.loadavg"))
; Locks between processes, such as those of Python's multiprocessing.
(allow ipc-posix-sem)
; The loader looks at the root itself; what lies in it stays closed.
(allow file-read* (literal "/"))"""
_NETWORK = """\
(allow system-socket)
(allow network-outbound (remote ip "*:*"))
(allow network-bind network-inbound (local ip "*:*"))
; Names of hosts, and which certificates are believed.
(allow network-outbound (literal "/private/var/run/mDNSResponder"))
(allow mach-lookup
    (global-name "com.apple.SystemConfiguration.configd") (global-name "com.apple.mDNSResponder")
    (global-name "com.apple.system.opendirectoryd.libinfo") (global-name "com.apple.trustd.agent"))"""


def readable_folders() -> list[str]:
    """Programs and libraries of the system, those that are there."""
    return [path for path in _SYSTEM if os.path.lexists(path)]


def profile(*, desk: Desk, guarded: Guarded, temporary: str, reach: Reach) -> str:
    """The profile for a program in this workspace.

    Args:
        guarded: What in the workspace is not written, or not read either.
        temporary: The folder for its temporary files.
        reach: What it reaches beside the workspace.

    Raises:
        ValueError: a path holds what a profile cannot.
    """
    root = _true(os.path.realpath(desk.root))
    read = [*readable_folders(), *map(_true, python_folders()), *map(_true, reach.read), *map(_true, reach.system())]
    write = [*map(_true, [temporary] if desk.write is not None else [root, temporary])]
    narrow = [*map(_true, desk.write or ())]
    trees = [*read, root, *write, *map(_true, reach.write)]
    spelled = [*trees, *python_folders(), os.path.abspath(desk.root), *(name for name, _ in reach.named)]
    rules = [
        _ALWAYS,
        _rule("allow file-read-metadata", map(_literal, [*_LINKS, *_above(spelled)])),
        _rule("allow file-read* file-write-data file-ioctl", map(_literal, _DEVICES)),
        _rule("allow file-read*", [_subpath("/dev/fd")]),
        _rule("allow file-read* file-map-executable", map(_subpath, trees)),
        _rule("allow file-write*", map(_subpath, [*write, *narrow])),
        *_of_the_reach(reach),
        # A name on the way to something guarded stays: else that could be reached by another one.
        _rule("deny file-write-unlink", map(_literal, [*write, *narrow, *_both([*guarded.pinned, *reach.pinned])])),
        _rule("deny file-write*", map(_subpath, _both([*guarded.readonly, *reach.readonly]))),
        _rule("deny file-read* file-write*", map(_subpath, _both([*guarded.masked, *reach.masked]))),
        "(deny file-write-setugid)",
        *([_NETWORK] if reach.network else []),
    ]
    return "\n".join(rule for rule in rules if rule) + "\n"


def _of_the_reach(reach: Reach) -> Iterator[str]:
    """What may be written beside the workspace: of trees that lie in each other the inner one counts."""
    for path, writable in reach.trees():
        yield _rule(f"{'allow' if writable else 'deny'} file-write*", [_subpath(_true(str(path)))])


def _rule(what: str, filters: Iterable[str]) -> str:
    """A rule; "" where it would fit nothing, as one without filters fits all."""
    found = list(dict.fromkeys(filters))
    return "\n    ".join([f"({what}", *found]) + ")" if found else ""


def _subpath(path: str) -> str:
    return f"(subpath {quoted(path)})"


def _literal(path: str) -> str:
    return f"(literal {quoted(path)})"


def quoted(text: str) -> str:
    """The text as the profile's language has it.

    Raises:
        ValueError: it holds what cannot stand there.
    """
    if any(ord(one) < 32 or ord(one) == 127 for one in text):
        raise ValueError(f"a name with a control character cannot be stated to sandbox-exec: {text!r}")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _above(paths: Sequence[str]) -> list[str]:
    """The folders above them, and they themselves: whoever finds out where it is asks about each."""
    return sorted({one for path in paths for one in (path, *map(str, PurePosixPath(path).parents))} - {"/"})


def _both(paths: Sequence[str]) -> list[str]:
    """What is to stay closed, as it is written and as it lies on the disk."""
    return [one for path in paths for one in (path, _true(path))]


if sys.platform == "darwin":  # pragma: no cover - seen only there

    def _true(path: str) -> str:
        """The name as it lies on the disk, whose case may be another than what opens it."""
        import fcntl

        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_EVTONLY)
        except OSError:
            return os.path.realpath(path)
        try:
            return os.fsdecode(fcntl.fcntl(descriptor, fcntl.F_GETPATH, bytes(1024)).rstrip(b"\0"))
        finally:
            os.close(descriptor)

else:

    def _true(path: str) -> str:
        """The name as it lies on the disk."""
        return os.path.realpath(path)
