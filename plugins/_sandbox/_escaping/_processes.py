"""Other processes, and their secrets."""

import ctypes
import json
import os
import signal
import struct
import sys

assert sys.platform != "win32"

from plugins._sandbox._escaping._ground import RESULT, W, attempt, call, each_process, on_linux, own_namespace, secret


@attempt
def find_a_secret_in_the_own_environment() -> object:
    return secret(json.dumps(dict(os.environ)))


@on_linux
def find_a_secret_in_the_environment_of_any_process() -> object:
    for name in each_process():
        try:
            with open(f"/proc/{name}/environ", "rb") as file:
                if W["secret"].encode() in file.read():
                    return f"in that of {name}"
        except OSError:
            pass
    return None


@on_linux
def find_a_secret_in_the_arguments_of_any_process() -> object:
    own = str(os.getpid())
    for name in each_process():
        try:
            with open(f"/proc/{name}/cmdline", "rb") as file:
                if W["argument"].encode() in file.read() and name != own:
                    return f"in those of {name}"
        except OSError:
            pass
    return None


@attempt
def signal_the_parent() -> object:
    # The first process of a namespace of our own may be signalled: it is none of the host's.
    os.kill(os.getppid(), 0)
    return "reached" if os.getppid() == W["engine"] else None


@attempt
def kill_the_engine() -> object:
    os.kill(W["engine"], 0)
    return "reached" if not own_namespace() else None


@attempt
def kill_another_process() -> object:
    os.kill(W["victim"], signal.SIGKILL)
    return "reached" if not own_namespace() else None


@on_linux
def trace_another_process() -> object:
    return call("ptrace", 16, W["victim"], 0, 0)


@on_linux
def read_the_memory_of_another_process() -> object:
    buffer = ctypes.create_string_buffer(64)
    iov = struct.pack("@PN", ctypes.addressof(buffer), 64)
    return call("process_vm_readv", W["victim"], iov, 1, iov, 1, 0)


@on_linux
def open_the_memory_of_another_process() -> object:
    with open(f"/proc/{W['victim']}/mem", "rb"):
        return "opened"


@on_linux
def take_a_descriptor_of_another_process() -> object:
    return call("pidfd_open", W["victim"], 0)


@on_linux
def limit_another_process() -> object:
    call("prlimit64", W["victim"], 7, struct.pack("QQ", 4, 4), 0)
    return "limited" if not own_namespace() else None


@on_linux
def slow_all_processes_of_the_user() -> object:
    return call("setpriority", 2, 0, 19)


@attempt
def find_an_open_descriptor() -> object:
    allowed = {0, 1, 2, RESULT[0], *W["descriptors"]}
    found = []
    for one in range(3, 1024):
        try:
            os.fstat(one)
            found.append(one)
        except OSError:
            pass
    return [one for one in found if one not in allowed] or None


@on_linux
def attach_to_shared_memory() -> object:
    return call("shmat", W["shm"], 0, 0)


@on_linux
def make_shared_memory() -> object:
    return call("shmget", 0x7465, 4096, 0o1666)


@on_linux
def open_a_message_queue() -> object:
    return call("mq_open", b"thinkact", 0o102, 0o600, 0)
