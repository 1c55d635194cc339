"""What a confined process may ask of a Linux kernel: a seccomp filter, as BPF for x86-64 and 64-bit ARM.

It closes what neither a mount namespace nor Landlock closes: sockets of every kind (UDP, and with it DNS, is nothing
that Landlock knows of), other processes' memory, keys, namespaces, mounts, modules, io_uring, terminals. Calls that are
newer than the table are answered as by a kernel that lacks them, so that what nobody judged is not let through.

Source: linux/seccomp.h, linux/bpf_common.h, asm/unistd.h of Linux 6.18.
"""

from __future__ import annotations

import errno
import struct
from collections.abc import Iterable

__all__ = ["ARCHITECTURES", "DENIED", "MISSING", "NEW_NAMESPACES", "SET_ID", "TERMINAL", "filter_program"]

ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
"""The machines for which there is a filter, with the kernel's number for each (AUDIT_ARCH_...)."""

_LOAD, _AND, _EQUAL, _AT_LEAST, _ANY, _RETURN = 0x20, 0x54, 0x15, 0x35, 0x45, 0x06
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_NUMBER, _ARCHITECTURE = 0, 4  # places in struct seccomp_data
_NEWEST = 451  # cachestat: the last call that was looked at
_X32 = 0x40000000

NEW_NAMESPACES = 0x7E020000  # CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET
SET_ID = 0o6000
_CREATES = 0o100 | 0o20000000  # O_CREAT, and what makes O_TMPFILE more than O_DIRECTORY
_INTERNET, _NETLINK = (2, 10), 16  # AF_INET and AF_INET6; AF_NETLINK tells a program what addresses it has
_TYPE, _FIFO, _REGULAR = 0o170000, 0o010000, 0o100000
TERMINAL = (0x5412, 0x541C, 0x541D, 0x5423)  # TIOCSTI, TIOCLINUX, TIOCCONS, TIOCSETD

# name: (x86-64, 64-bit ARM); None where the machine has no such call
DENIED: dict[str, tuple[int | None, int | None]] = {
    "mount": (165, 40),
    "umount2": (166, 39),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "unshare": (272, 97),
    "setns": (308, 268),
    "open_tree": (428, 428),
    "move_mount": (429, 429),
    "fsopen": (430, 430),
    "fsconfig": (431, 431),
    "fsmount": (432, 432),
    "fspick": (433, 433),
    "mount_setattr": (442, 442),
    "init_module": (175, 105),
    "finit_module": (313, 273),
    "delete_module": (176, 106),
    "kexec_load": (246, 104),
    "kexec_file_load": (320, 294),
    "bpf": (321, 280),
    "perf_event_open": (298, 241),
    "userfaultfd": (323, 282),
    "reboot": (169, 142),
    "swapon": (167, 224),
    "swapoff": (168, 225),
    "sethostname": (170, 161),
    "setdomainname": (171, 162),
    "iopl": (172, None),
    "ioperm": (173, None),
    "modify_ldt": (154, None),
    "uselib": (134, None),
    "_sysctl": (156, None),
    "acct": (163, 89),
    "quotactl": (179, 60),
    "quotactl_fd": (443, 443),
    "syslog": (103, 116),
    "settimeofday": (164, 170),
    "clock_settime": (227, 112),
    "clock_adjtime": (305, 266),
    "adjtimex": (159, 171),
    "nfsservctl": (180, 42),
    "ustat": (136, None),
    "sysfs": (139, None),
    "lookup_dcookie": (212, 18),
    "vhangup": (153, 58),
    "ptrace": (101, 117),
    "process_vm_readv": (310, 270),
    "process_vm_writev": (311, 271),
    "process_madvise": (440, 440),
    "process_mrelease": (448, 448),
    "kcmp": (312, 272),
    "pidfd_getfd": (438, 438),
    "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265),
    "add_key": (248, 217),
    "request_key": (249, 218),
    "keyctl": (250, 219),
    "migrate_pages": (256, 238),
    "move_pages": (279, 239),
    "fanotify_init": (300, 262),
    "fanotify_mark": (301, 263),
    "shmget": (29, 194),
    "shmat": (30, 196),
    "shmctl": (31, 195),
    "msgget": (68, 186),
    "msgsnd": (69, 189),
    "msgrcv": (70, 188),
    "msgctl": (71, 187),
    "semget": (64, 190),
    "semop": (65, 193),
    "semctl": (66, 191),
    "semtimedop": (220, 192),
    "mq_open": (240, 180),
    "mq_unlink": (241, 181),
    "mq_timedsend": (242, 182),
    "mq_timedreceive": (243, 183),
    "mq_notify": (244, 184),
    "mq_getsetattr": (245, 185),
}

# Programs have another way where a kernel lacks these: so they are told that it does.
MISSING: dict[str, tuple[int | None, int | None]] = {
    "clone3": (435, 435),  # its flags lie in memory, where no filter sees them
    "openat2": (437, 437),  # as does its mode
    "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426),
    "io_uring_register": (427, 427),
    "memfd_create": (319, 279),  # memory that no limit counts
    "memfd_secret": (447, 447),
    "pidfd_open": (434, 434),
    "pidfd_send_signal": (424, 424),
    "inotify_init": (253, None),  # it tells the names in folders that may not be read
    "inotify_init1": (294, 26),
    "mbind": (237, 235),  # where memory lies: a kernel without NUMA has none of these
    "set_mempolicy": (238, 237),
    "get_mempolicy": (239, 236),
    "set_mempolicy_home_node": (450, 450),
}

# Landlock knows nothing of rights, owners, times and attributes: with nothing else around a process it could change
# those of any file of the user's. It is told that it did, and nothing is done: programs that copy, unpack or commit
# would else stop at a thing that they do by the way.
_UNDONE: dict[str, tuple[int | None, int | None]] = {
    "chmod": (90, None),
    "fchmod": (91, 52),
    "fchmodat": (268, 53),
    "chown": (92, None),
    "fchown": (93, 55),
    "lchown": (94, None),
    "fchownat": (260, 54),
    "setxattr": (188, 5),
    "lsetxattr": (189, 6),
    "fsetxattr": (190, 7),
    "removexattr": (197, 14),
    "lremovexattr": (198, 15),
    "fremovexattr": (199, 16),
}


# The same for times, with the places of the path (None: there always is one) and of the times among the arguments.
_TIMES: tuple[tuple[tuple[int | None, int | None], int | None, int], ...] = (
    ((132, None), None, 1),  # utime
    ((235, None), None, 1),  # utimes
    ((261, None), 1, 2),  # futimesat
    ((280, 88), 1, 2),  # utimensat
)


def filter_program(*, files_alone: bool, network: bool = False, machine: str | None = None) -> bytes:
    """The filter, as an array of `struct sock_filter`.

    Args:
        files_alone: Landlock is all that keeps a process from files: then rights, owners and times stay as they are.
        network: It may have sockets of the network; those of this machine alone stay closed.
        machine: As `platform.machine()` has it.

    Raises:
        ValueError: there is no filter for this machine.
    """
    if machine is None:
        import platform  # slow to import

        machine = platform.machine()
    if machine not in ARCHITECTURES:
        raise ValueError(f"there is no seccomp filter for {machine}")
    place = list(ARCHITECTURES).index(machine)
    head = [_load(_ARCHITECTURE), _jump(_EQUAL, ARCHITECTURES[machine], 1, 0), _answer(_KILL), _load(_NUMBER)]
    if machine == "x86_64":
        head += [_jump(_AT_LEAST, _X32, 0, 1), _answer(_KILL)]
    head += [_jump(_AT_LEAST, _NEWEST + 1, 0, 1), _refuse(errno.ENOSYS)]
    tables = [(DENIED, errno.EPERM), (MISSING, errno.ENOSYS)]
    if files_alone:
        tables.append((_UNDONE, 0))
    plain = [
        step
        for table, code in tables
        for numbers in table.values()
        if (number := numbers[place]) is not None
        for step in (_jump(_EQUAL, number, 0, 1), _refuse(code))
    ]
    judged = [*_sockets(place, network=network), *_judged(place, chmods=not files_alone)]
    return b"".join([*head, *plain, *judged, _answer(_ALLOW)])


def _sockets(place: int, *, network: bool) -> list[bytes]:
    """Which sockets may be made."""
    block = [_refuse(errno.EPERM)]
    if network:
        routes = [_load(_low(2)), _jump(_EQUAL, 0, 1, 0), _refuse(errno.EPERM), _answer(_ALLOW)]  # NETLINK_ROUTE
        kinds = [_jump(_EQUAL, kind, len(_INTERNET) - n + len(routes) - 1, 0) for n, kind in enumerate(_INTERNET)]
        block = [_load(_low(0)), *kinds, _jump(_EQUAL, _NETLINK, 0, 2), *routes]
    return [_jump(_EQUAL, (41, 198)[place], 0, len(block)), *block]


def _judged(place: int, *, chmods: bool) -> list[bytes]:
    """The calls that depend on what is asked."""
    found: list[bytes] = []

    def add(numbers: tuple[int | None, int | None], block: list[bytes]) -> None:
        number = numbers[place]
        if number is not None:
            whole = [*block, _answer(_ALLOW)]
            found.extend([_jump(_EQUAL, number, 0, len(whole)), *whole])

    add((56, 220), _unless_clear(0, NEW_NAMESPACES))  # clone
    add((302, 261), _unless_equal(0, 0))  # prlimit64: of itself alone
    add((16, 29), [_load(_low(1)), *(step for one in TERMINAL for step in _refused_if(one))])  # ioctl
    add((135, 92), [_load(_low(0)), _jump(_EQUAL, 0xFFFFFFFF, 2, 0), _jump(_EQUAL, 0, 1, 0), _refuse(errno.EPERM)])
    add((141, 140), [*_unless_equal(0, 0), *_unless_equal(1, 0)])  # setpriority: PRIO_PROCESS, itself
    add((251, 30), [*_unless_equal(0, 1), *_unless_equal(1, 0)])  # ioprio_set: IOPRIO_WHO_PROCESS, itself
    for numbers in ((203, 122), (144, 119), (142, 118), (314, 274)):  # sched_set...
        add(numbers, _unless_equal(0, 0))
    add((53, 199), _unless_equal(0, 1))  # socketpair: AF_UNIX
    for calls, path, times in () if chmods else _TIMES:
        add(calls, _touched(path, times))
    if chmods:
        add((90, None), _unless_clear(1, SET_ID))
        add((91, 52), _unless_clear(1, SET_ID))
        add((268, 53), _unless_clear(2, SET_ID))
    add((2, None), _created(1, 2))  # open
    add((257, 56), _created(2, 3))  # openat
    add((85, None), _unless_clear(1, SET_ID))  # creat
    add((133, None), _plain_node(1))  # mknod
    add((259, 33), _plain_node(2))  # mknodat
    return found


def _created(flags: int, mode: int) -> list[bytes]:
    """Whoever makes a file may not make it one that runs as its owner."""
    check = _unless_clear(mode, SET_ID)
    return [_load(_low(flags)), _jump(_ANY, _CREATES, 0, len(check)), *check]


def _touched(path: int | None, times: int) -> list[bytes]:
    """Times that are stated are not set, and it is told that they were. Who gives a path and no times, as `touch` does,
    first asks whether the file is there, and makes it where it is not: so it is told that none is."""
    ways = [_low(times), _low(times) + 4, *([] if path is None else [_low(path), _low(path) + 4])]
    end = 2 * len(ways) + 1  # the last answer
    found: list[bytes] = []
    for number, place in enumerate(ways, 1):
        here = 2 * number  # the step behind the jump
        zero = 1 if number == len(ways) == 4 else 0
        other = end - here if number <= 2 else end - 1 - here
        found += [_load(place), _jump(_EQUAL, 0, zero, other)]
    return [*found, _refuse(errno.ENOENT), _refuse(0)]


def _plain_node(mode: int) -> list[bytes]:
    check = _unless_clear(mode, SET_ID)
    kinds = [_jump(_EQUAL, kind, 3 - n, 0) for n, kind in enumerate((0, _FIFO, _REGULAR))]
    return [*check, _load(_low(mode)), _step(_AND, _TYPE), *kinds, _refuse(errno.EPERM)]


def _unless_equal(argument: int, value: int) -> list[bytes]:
    return [_load(_low(argument)), _jump(_EQUAL, value, 1, 0), _refuse(errno.EPERM)]


def _unless_clear(argument: int, bits: int) -> list[bytes]:
    return [_load(_low(argument)), _jump(_ANY, bits, 0, 1), _refuse(errno.EPERM)]


def _refused_if(value: int) -> Iterable[bytes]:
    return (_jump(_EQUAL, value, 0, 1), _refuse(errno.EPERM))


def _low(argument: int) -> int:
    """The place of an argument's lower half: the kernel looks at no more of flags, modes and numbers of processes.
    Behind it lies the upper half."""
    return 16 + 8 * argument


def _load(offset: int) -> bytes:
    return _step(_LOAD, offset)


def _answer(value: int) -> bytes:
    return _step(_RETURN, value)


def _refuse(code: int) -> bytes:
    return _answer(_ERRNO | code)


def _step(code: int, value: int) -> bytes:
    return struct.pack("=HBBI", code, 0, 0, value)


def _jump(code: int, value: int, then: int, otherwise: int) -> bytes:
    return struct.pack("=HBBI", code, then, otherwise, value)
