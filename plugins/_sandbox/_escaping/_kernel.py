"""The kernel: mounts, namespaces, devices, and what else it does for those who may ask."""

import ctypes
import os
import socket
import struct
import sys

assert sys.platform == "linux"

from plugins._sandbox._escaping._ground import CALLS, PLACE, attempt, call, libc


@attempt
def mount_something() -> object:
    return call("mount", b"none", b"/tmp", b"tmpfs", 0, 0)


@attempt
def mount_in_a_namespace() -> object:
    return call("unshare", 0x10000000 | 0x00020000)


@attempt
def clone_into_a_namespace() -> object:
    pid = libc.syscall(ctypes.c_long(CALLS["clone"][PLACE]), ctypes.c_long(0x10000000 | 17), 0, 0, 0, 0)
    if pid == 0:
        os._exit(0)
    return f"process {pid}" if pid > 0 else None


@attempt
def clone_by_the_newer_call() -> object:
    return call("clone3", struct.pack("8Q", 0x10000000, 0, 0, 0, 17, 0, 0, 0), 64)


@attempt
def enter_another_namespace() -> object:
    descriptor = os.open("/proc/1/ns/mnt", os.O_RDONLY)
    return call("setns", descriptor, 0)


@attempt
def change_the_root() -> object:
    os.chroot("/tmp")
    return "changed"


@attempt
def open_a_file_by_its_handle() -> object:
    return call("open_by_handle_at", -100, struct.pack("Ii8s", 8, 1, b"\2" + bytes(7)), 0)


@attempt
def make_a_device() -> object:
    os.mknod("device", 0o020600, os.makedev(1, 1))
    return "made"


@attempt
def open_a_disk() -> object:
    for name in ("vda", "sda", "nvme0n1", "mem", "kmem", "port", "kmsg", "fuse", "kvm", "tty0", "console", "loop0"):
        try:
            with open(f"/dev/{name}", "rb"):
                return name
        except OSError:
            pass
    return None


@attempt
def write_a_setting_of_the_kernel() -> object:
    done = []
    for name in ("kernel/core_pattern", "kernel/modprobe", "kernel/hostname", "vm/drop_caches", "fs/suid_dumpable"):
        try:
            descriptor = os.open(f"/proc/sys/{name}", os.O_WRONLY)
            os.close(descriptor)
            done.append(name)
        except OSError:
            pass
    return done


@attempt
def ask_for_a_reset() -> object:
    os.close(os.open("/proc/sysrq-trigger", os.O_WRONLY))
    return "opened"


@attempt
def write_into_control_groups() -> object:
    for folder in ("/sys/fs/cgroup", "/sys/fs/cgroup/cpu", "/sys/fs/cgroup/unified"):
        try:
            os.mkdir(f"{folder}/thinkact-escaped")
            os.rmdir(f"{folder}/thinkact-escaped")
            return folder
        except OSError:
            pass
    return None


@attempt
def read_keys() -> object:
    return call("keyctl", 0, -3, 0)


@attempt
def add_a_key() -> object:
    return call("add_key", b"user", b"thinkact", b"x", 1, -4)


@attempt
def load_a_program_into_the_kernel() -> object:
    return call("bpf", 0, struct.pack("IIII", 2, 4, 4, 1) + bytes(48), 64)


@attempt
def watch_the_processor() -> object:
    return call("perf_event_open", struct.pack("IIQ", 1, 112, 0) + bytes(96), 0, -1, -1, 0)


@attempt
def set_up_a_ring() -> object:
    return call("io_uring_setup", 4, ctypes.create_string_buffer(120))


@attempt
def catch_page_faults() -> object:
    return call("userfaultfd", 0)


@attempt
def load_a_module() -> object:
    libc.syscall(ctypes.c_long(CALLS["init_module"][PLACE]), b"x", ctypes.c_long(1), b"")
    return None if ctypes.get_errno() in (1, 38) else f"errno {ctypes.get_errno()}"


@attempt
def forbid_the_reset_key() -> object:
    return call("reboot", 0xFEE1DEAD, 672274793, 0, 0)


@attempt
def name_the_host() -> object:
    return call("sethostname", b"escaped", 7)


@attempt
def read_the_kernels_log() -> object:
    return call("syslog", 10, 0, 0)


@attempt
def open_a_file_system() -> object:
    return call("fsopen", b"tmpfs", 0)


@attempt
def open_a_tree_of_mounts() -> object:
    return call("open_tree", -100, b"/", 1)


@attempt
def watch_names_outside() -> object:
    descriptor = libc.syscall(ctypes.c_long(CALLS["inotify_init1"][PLACE]), ctypes.c_long(0))
    return f"descriptor {descriptor}" if descriptor >= 0 else None


@attempt
def open_a_packet_socket() -> object:
    with socket.socket(socket.AF_PACKET, socket.SOCK_RAW):
        return "opened"
