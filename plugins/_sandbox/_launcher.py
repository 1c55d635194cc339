"""Confines one program, keeps it within its limits, and ends with the one who asked for it; all that it started, too.

Started as a file of its own by a plain Python (`python -I -S _launcher.py`), it reads its orders from its standard
input (their length in eight bytes, then `marshal`), and goes on holding that pipe: once it is closed, be it that the
asker was killed, everything ends. How it ended is written to the descriptor that the orders name, as a line of JSON.
With the number of another descriptor behind its name the orders come from there, and the program gets the launcher's
own input and outputs.

It confines by one of two ways, which the orders state whole: `bwrap` (the arguments of bubblewrap are in the orders) or
`landlock` (mounts in namespaces of its own, where the orders want them; rules of Landlock; a seccomp filter).
A way that does not work is a failure to start: nothing runs with less.
"""

from __future__ import annotations

import _signal  # type: ignore[import-not-found]  # the plain one: the other loads enum

# It stands between a program and its start, so it loads little: modules in C, and ctypes where Landlock needs it.
import errno
import marshal
import os
import resource
import select
import struct
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

_PR_SET_PDEATHSIG, _PR_SET_SECCOMP, _PR_CAPBSET_DROP, _PR_SET_NO_NEW_PRIVS = 1, 22, 24, 38
_PR_SET_CHILD_SUBREAPER, _PR_CAP_AMBIENT, _SECCOMP_MODE_FILTER = 36, 47, 2
_MS_RDONLY, _MS_REMOUNT, _MS_BIND, _MS_REC, _MS_PRIVATE = 1, 32, 4096, 16384, 1 << 18
_NETWORK = 0x40000000
_NAMESPACES = 0x10000000 | 0x00020000 | 0x20000000 | _NETWORK | 0x08000000  # user, mount, process, net, ipc
_LANDLOCK_CREATE, _LANDLOCK_ADD, _LANDLOCK_RESTRICT = 444, 445, 446  # the same numbers on every machine
LEAST_LANDLOCK = 6
"""The first version of Landlock (Linux 6.12) that keeps a process from signalling others."""

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR, _TRUNCATE = 1, 2, 4, 8, 1 << 14
_EVERY_RIGHT = (1 << 16) - 1
_SPECIAL = 1 << 6 | 1 << 9 | 1 << 11 | 1 << 15  # devices and sockets are neither made nor controlled
_OF_FILES = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE
_READING = _EXECUTE | _READ_FILE | _READ_DIR
_WRITING = _EVERY_RIGHT & ~_SPECIAL
_TICK = 0.03  # seconds between two looks at what runs
_SLOW_TICK, _SOON = 0.1, 30.0
_MOST_SEEN = 20_000
_ORDERS = int(sys.argv[1]) if len(sys.argv) > 1 else 0

assert sys.platform == "linux"
_PAGE = os.sysconf("SC_PAGE_SIZE")
_SIGKILL, _SIGSTOP, _SIGCONT, _SIGPIPE, _SIGXFSZ, _DEFAULT = 9, 19, 18, 13, 25, 0


class Fault(Exception):
    """It cannot be confined as ordered."""


def main() -> None:
    """Do as ordered; the exit status says nothing, the report does."""
    import ctypes  # noqa: F401 - while the orders are not there yet

    size = int.from_bytes(_read(8), "little")
    orders = marshal.loads(_read(size))
    report = orders["report"]
    for descriptor in {report, _ORDERS}:
        os.set_inheritable(descriptor, False)
    alone = orders["way"] == "landlock"
    _go_ahead()
    try:
        if alone:  # else the first process of a namespace gathers what is left
            _check(_libc().prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0), "subreaper")
        orders["apart"] = alone and _go_apart(orders)
        pid = _start(orders, report)
    except (Fault, OSError) as error:
        _tell(report, f'{{"fault": {_quoted(str(error))}}}')
        return
    if _ORDERS:
        _let_go()
    stopped, status = _watch(pid, orders["limits"], report)
    _end(pid if status is None else None)
    if stopped == "left":
        _remove(orders["placeholders"], apart=orders["apart"])
        _remove_folder(orders["scratch"])
    code = os.waitstatus_to_exitcode(status) if status is not None else -_SIGKILL
    why = "null" if stopped is None else f'"{stopped}"'
    _tell(report, f'{{"code": {code if code >= 0 else 128 - code}, "stopped": {why}}}')


def _go_ahead() -> None:
    """Come before all that is started from here, where we may: for root the kernel limits no number of processes, and
    among thousands that want to run it would be long until they are counted. What is started does not inherit it."""
    try:
        os.sched_setscheduler(0, os.SCHED_FIFO | os.SCHED_RESET_ON_FORK, os.sched_param(1))
    except OSError:
        pass


def _let_go() -> None:
    """The pipes are the program's alone from here on: their other end must see when it closes them."""
    nowhere = os.open("/dev/null", os.O_RDWR)
    for descriptor in range(3):
        os.dup2(nowhere, descriptor)


def _libc() -> Any:
    import ctypes

    library = ctypes.CDLL(None, use_errno=True)
    library.syscall.restype = ctypes.c_long
    return library


# starting


def _start(orders: dict[str, Any], report: int) -> int:
    """Fork the program; a pipe that closes with its start tells of what went wrong before."""
    told, telling = os.pipe()
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        try:
            os.close(told)
            if orders["way"] == "landlock":  # bubblewrap does so itself
                _die_with_parent()
            # In a namespace of processes of its own the parent has the number 0.
            if os.getppid() not in (parent, 0):
                os._exit(126)
            if orders["apart"]:
                _become_first(telling)
            _become(orders, keep={telling, report})
        except BaseException as error:  # noqa: BLE001 - whatever it is, the parent is told
            os.write(telling, f"{type(error).__name__}: {error}".encode()[:2000])
        finally:
            os._exit(126)
    os.close(telling)
    said = b""
    while piece := os.read(told, 4096):
        said += piece
    os.close(told)
    if said:
        os.waitpid(pid, 0)
        raise Fault(said.decode("utf-8", "replace"))
    return pid


def _die_with_parent() -> None:
    _check(_libc().prctl(_PR_SET_PDEATHSIG, _SIGKILL, 0, 0, 0), "death signal")


def _close(descriptor: int) -> None:
    try:
        os.close(descriptor)
    except OSError:
        pass


def _become_first(telling: int) -> None:
    """Stay as the first process of the namespace, with whose end the kernel ends all others; go on in a child."""
    child = os.fork()
    if child == 0:
        _die_with_parent()
        return
    os.close(telling)
    for descriptor in range(3):
        _close(descriptor)
    while True:
        pid, status = os.wait()
        if pid == child:
            code = os.waitstatus_to_exitcode(status)
            os._exit(code if code >= 0 else 128 - code)


def _become(orders: dict[str, Any], keep: set[int]) -> None:
    """Give up what the program must not have, and become it."""
    os.setsid()
    for number in (_SIGPIPE, _SIGXFSZ):  # Python does not heed them, and a program would not either
        _signal.signal(number, _DEFAULT)
    if not _ORDERS:
        os.dup2(os.open("/dev/null", os.O_RDONLY), 0)
    _limit(orders["limits"])
    os.umask(orders["umask"])
    words, environment = orders["words"], orders["environment"]
    wrapper = orders["wrapper"]
    wanted = {0, 1, 2, *orders["pass"]}
    for descriptor in orders["pass"]:
        os.set_inheritable(descriptor, True)
    program = orders["filter"]
    if orders["way"] == "bwrap":
        # The program's environment goes by a file: bubblewrap itself must obey none of it, such as LD_PRELOAD.
        rules = [*wrapper[1:], "--clearenv", *(one for pair in environment.items() for one in ("--setenv", *pair))]
        given = _held("".join(f"{one}\0" for one in rules).encode("utf-8", "surrogateescape"))
        held = _held(program)
        words = [wrapper[0], "--args", str(given), "--seccomp", str(held), "--", *words]
        environment = {}
        _close_all_but(wanted | {given, held} | keep)
    else:
        os.chdir(orders["cwd"])
        _close_all_but(wanted | keep)
        libc = _libc()
        _check(libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no new privileges")
        _restrict(orders)
        _drop_capabilities()
        _filter(program)
    os.execvpe(words[0], words, environment)


def _held(content: bytes) -> int:
    """A descriptor from which these bytes can be read, open in the program that is started."""
    descriptor = os.memfd_create("thinkact", 0)
    os.write(descriptor, content)
    os.lseek(descriptor, 0, os.SEEK_SET)
    os.set_inheritable(descriptor, True)
    return descriptor


def _limit(limits: dict[str, Any]) -> None:
    for name, value in limits["each"].items():
        kind = getattr(resource, f"RLIMIT_{name}")
        hard = resource.getrlimit(kind)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(kind, (value, value))


def _close_all_but(kept: set[int]) -> None:
    for name in os.listdir("/proc/self/fd"):
        if int(name) not in kept:
            _close(int(name))


def _drop_capabilities() -> None:
    libc = _libc()
    for number in range(64):
        libc.prctl(_PR_CAPBSET_DROP, number, 0, 0, 0)  # fails where there is no such capability, or no right to drop
    libc.prctl(_PR_CAP_AMBIENT, 4, 0, 0, 0)
    header = struct.pack("=Ii", 0x20080522, 0)
    _check(libc.capset(header, bytes(24)), "capabilities")


def _filter(program: bytes) -> None:
    import ctypes

    libc = _libc()
    steps = ctypes.create_string_buffer(program, len(program))
    whole = struct.pack("@HP", len(program) // 8, ctypes.addressof(steps))
    _check(libc.prctl(_PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.c_char_p(whole), 0, 0), "seccomp")


# namespaces of our own, for Landlock alone


def _go_apart(orders: dict[str, Any]) -> bool:
    """Take namespaces, and lay over the workspace what must not be written there. False where they are not wanted:
    then Landlock's rules have to do it alone."""
    if not orders["namespaces"]:
        return False
    user, group = os.getuid(), os.getgid()
    _unshare(user, group, _NAMESPACES & ~_NETWORK if orders["network"] else _NAMESPACES)
    _lay_over(orders)
    return True


def _unshare(user: int, group: int, kinds: int) -> None:
    _check(_libc().unshare(kinds), "namespaces")
    for name, text in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
        with open(f"/proc/self/{name}", "w") as file:
            file.write(text)
    _mount(None, "/", _MS_REC | _MS_PRIVATE)


def _lay_over(orders: dict[str, Any]) -> None:
    for path in orders["pinned"]:
        _mount(path, path, _MS_BIND | _MS_REC)
    for path in orders["readonly"]:
        _mount(path, path, _MS_BIND | _MS_REC)
        _make_readonly(path)
    for path in orders["masked"]:
        empty = orders["empty_folder"] if os.path.isdir(path) else orders["empty_file"]
        _mount(empty, path, _MS_BIND)
        _make_readonly(path)


def _make_readonly(path: str) -> None:
    flags = os.statvfs(path).f_flag
    kept = flags & (2 | 4 | 8 | 1024 | 2048) | ((1 << 21) if flags & 4096 else 0)
    _mount(None, path, _MS_BIND | _MS_REMOUNT | _MS_RDONLY | kept)


def _mount(source: str | None, target: str, flags: int) -> None:
    given = None if source is None else os.fsencode(source)
    import ctypes

    done = _libc().mount(given, os.fsencode(target), None, ctypes.c_ulong(flags), None)
    _check(done, f"mount of {target}")


# Landlock


def _restrict(orders: dict[str, Any]) -> None:
    import ctypes

    libc = _libc()
    version = libc.syscall(_LANDLOCK_CREATE, None, ctypes.c_size_t(0), 1)
    if version < LEAST_LANDLOCK:
        raise Fault(f"Landlock is too old here (version {version})")
    # Files; TCP; abstract sockets and signals of those outside.
    handled = struct.pack("=QQQ", _EVERY_RIGHT, 0 if orders["network"] else 3, 3)
    ruleset = libc.syscall(_LANDLOCK_CREATE, handled, ctypes.c_size_t(len(handled)), 0)
    _check(ruleset, "Landlock")
    for path in orders["read"]:
        _permit(ruleset, path, _READING)
    for path in orders["devices"]:
        _permit(ruleset, path, _READ_FILE | _WRITE_FILE)
    for path in orders["write"]:
        _permit(ruleset, path, _WRITING)
    guarded = {} if orders["apart"] else _guarded(orders)
    for path, writable in orders["trees"]:
        _permit_tree(ruleset, path, guarded, writable)
    _check(libc.syscall(_LANDLOCK_RESTRICT, ruleset, 0), "Landlock's rules")
    os.close(ruleset)


def _guarded(orders: dict[str, Any]) -> dict[str, bool]:
    """What must not be written, by its path; True where it must not be read either."""
    return {**dict.fromkeys(orders["readonly"], False), **dict.fromkeys(orders["masked"], True)}


def _permit_tree(ruleset: int, path: str, guarded: dict[str, bool], writable: bool) -> None:
    """Permit all below a folder but what is guarded. Rules only add up: so in a folder with something guarded below it
    no name can be made or taken away, and each of its entries has a rule of its own."""
    below = [one for one in guarded if one.startswith(f"{path.rstrip('/')}/")]
    if not below:
        _permit(ruleset, path, _WRITING if writable else _READING)
        return
    if not any(guarded[one] and os.path.isdir(one) for one in below):
        _permit(ruleset, path, _READ_DIR)
    for entry in os.scandir(path):
        if entry.is_symlink():
            continue
        if entry.path in guarded:
            if not guarded[entry.path]:
                _permit(ruleset, entry.path, _READING)
        elif entry.is_dir():
            _permit_tree(ruleset, entry.path, guarded, writable)
        elif entry.is_file():
            _permit(ruleset, entry.path, _WRITING if writable else _READING)


def _permit(ruleset: int, path: str, rights: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return  # what is not there cannot be reached either
    try:
        if os.fstat(descriptor).st_mode & 0o170000 != 0o040000:  # no folder
            rights &= _OF_FILES
        rule = struct.pack("=Qi", rights, descriptor)
        if _libc().syscall(_LANDLOCK_ADD, ruleset, 1, rule, 0) != 0:
            code = _errno()
            if code != errno.EBADFD:  # a file of which Landlock knows nothing stays closed
                raise OSError(code, os.strerror(code), path)
    finally:
        os.close(descriptor)


# while it runs


def _watch(pid: int, limits: dict[str, Any], report: int) -> tuple[str | None, int | None]:
    """Wait for the end: why it was stopped, or None, and the status that it left, or None."""
    poll = select.poll()
    poll.register(_ORDERS, select.POLLIN | select.POLLHUP)
    poll.register(os.pidfd_open(pid), select.POLLIN)
    began = time.monotonic()
    while True:
        ready = poll.poll((_TICK if time.monotonic() - began < _SOON else _SLOW_TICK) * 1000)
        found, status = os.waitpid(pid, os.WNOHANG)
        if found == pid:
            return None, status
        if any(descriptor == _ORDERS for descriptor, _ in ready):
            match os.read(_ORDERS, 1):
                case b"p":
                    _signal_all(_SIGSTOP)
                    _tell(report, '{"paused": true}')
                case b"r":
                    _signal_all(_SIGCONT)
                case said:
                    return ("asked" if said else "left"), None
        if (stopped := _beyond(limits)) is not None:
            return stopped, None


def _beyond(limits: dict[str, Any]) -> str | None:
    pids = _descendants(limits["processes"] + 1)
    if len(pids) > limits["processes"]:
        return "processes"
    if sum(map(_resident, pids)) > limits["memory"]:
        return "memory"
    return None


def _descendants(most: int) -> list[int]:
    """Every process that was started from here and still is there, as far as one look tells; once there are so many,
    no more are looked for."""
    found: list[int] = []
    waiting = [os.getpid()]
    while waiting and len(found) < most:
        one = waiting.pop()
        try:
            for thread in os.listdir(f"/proc/{one}/task"):
                with open(f"/proc/{one}/task/{thread}/children", "rb") as file:
                    children = [int(word) for word in file.read().split()]
                found += children
                waiting += children
        except OSError:
            continue
    return found


def _resident(pid: int) -> int:
    try:
        with open(f"/proc/{pid}/statm", "rb") as file:
            return int(file.read().split()[1]) * _PAGE
    except (OSError, ValueError):
        return 0


def _end(pid: int | None) -> None:
    """End all that is left; `pid` is the program, where it has not ended. Each is stopped first: what is stopped cannot
    make more."""
    if pid is not None:
        _kill(pid, _SIGKILL)  # the first of a namespace takes all others with it
    while _reaped():
        for one in _signal_all(_SIGSTOP):
            _kill(one, _SIGKILL)
        time.sleep(0.001)


def _signal_all(number: int) -> set[int]:
    """Send a signal to all that was started from here, those that are begun meanwhile too."""
    seen: set[int] = set()
    while fresh := [one for one in _descendants(_MOST_SEEN) if one not in seen]:
        seen.update(fresh)
        for one in fresh:
            _kill(one, number)
    return seen


def _reaped() -> bool:
    """Take in those that have ended; are there others?"""
    try:
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass
    except ChildProcessError:
        return False
    return True


def _kill(pid: int, number: int) -> None:
    try:
        os.kill(pid, number)
    except OSError:
        pass


def _remove(placeholders: list[str], *, apart: bool) -> None:
    """The asker is gone: what it laid into the workspace goes too, if it is still empty."""
    for path in placeholders:
        if apart:
            _libc().umount2(os.fsencode(path), 2)  # in our own namespace it is laid over
        try:
            if os.path.isdir(path):
                os.rmdir(path)
            elif os.path.getsize(path) == 0:
                os.unlink(path)
        except OSError:
            continue


def _remove_folder(folder: str) -> None:
    """The asker's folder for temporary files goes with it."""
    for here, folders, files in os.walk(folder, topdown=False):
        for name in [*files, *folders]:
            path = os.path.join(here, name)
            try:
                (os.rmdir if name in folders and not os.path.islink(path) else os.unlink)(path)
            except OSError:
                continue
    try:
        os.rmdir(folder)
    except OSError:
        pass


# words


def _read(size: int) -> bytes:
    whole = b""
    while len(whole) < size:
        piece = os.read(_ORDERS, size - len(whole))
        if not piece:
            os._exit(126)
        whole += piece
    return whole


def _tell(descriptor: int, line: str) -> None:
    try:
        os.write(descriptor, line.encode() + b"\n")
    except OSError:
        pass


def _quoted(text: str) -> str:
    """The text as JSON has it."""
    return (
        '"'
        + "".join(one if one.isalnum() or one in " .,:;/()'-_" else f"\\u{ord(one) & 0xFFFF:04x}" for one in text)
        + '"'
    )


def _errno() -> int:
    import ctypes

    return ctypes.get_errno()


def _check(result: int, what: str) -> None:
    if result < 0:
        raise Fault(f"{what}: {os.strerror(_errno())}")


if __name__ == "__main__":
    main()
    os._exit(0)  # nothing is left to be tidied up
