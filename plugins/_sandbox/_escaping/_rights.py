"""Rights that a process could gain, and words in a terminal."""

import ctypes
import os
import struct
import sys

assert sys.platform != "win32"

from plugins._sandbox._escaping._ground import attempt, call, libc, on_linux, write


@attempt
def make_a_file_that_runs_as_its_owner() -> object:
    write("suid")
    os.chmod("suid", 0o4755)
    return "made" if os.stat("suid").st_mode & 0o6000 else None


@attempt
def make_a_file_that_runs_as_its_owner_at_once() -> object:
    os.umask(0)
    os.close(os.open("suid2", os.O_CREAT | os.O_WRONLY, 0o6755))
    return "made" if os.stat("suid2").st_mode & 0o6000 else None


@on_linux
def change_rights_by_the_newest_call() -> object:
    write("suid3")
    call("fchmodat2", -100, b"suid3", 0o4755, 0)
    return "made" if os.stat("suid3").st_mode & 0o6000 else None


@on_linux
def gain_rights_by_a_program() -> object:
    return None if libc.prctl(39, 0, 0, 0, 0) == 1 else "programs may gain rights"


@attempt
def become_another_user() -> object:
    os.setuid(1 if os.getuid() != 1 else 2)
    return "changed"


@on_linux
def override_rights() -> object:
    # The first field of what capget tells are the effective capabilities.
    held = ctypes.create_string_buffer(24)
    libc.capget(struct.pack("=Ii", 0x20080522, 0), held)
    return held.raw.hex() if any(held.raw) else None


@on_linux
def put_words_into_the_terminal() -> object:
    import fcntl

    for name in ("/dev/tty", "/dev/console", *(f"/dev/pts/{n}" for n in range(4))):
        try:
            descriptor = os.open(name, os.O_RDWR)
        except OSError:
            continue
        fcntl.ioctl(descriptor, 0x5412, b"x")
        return name
    return None


@on_linux
def put_words_into_a_terminal_of_its_own() -> object:
    import fcntl

    master, slave = os.openpty()
    fcntl.ioctl(slave, 0x5412, b"x")
    return f"into {os.ttyname(slave)}, {master}"
