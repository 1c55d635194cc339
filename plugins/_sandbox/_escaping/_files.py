"""Files outside: to read them, to write them, to change what is said of them."""

import json
import os
import sys
from contextlib import suppress

assert sys.platform != "win32"

from plugins._sandbox._escaping._ground import W, attempt, each_process, on_linux, read, same_file, secret, write


@attempt
def read_a_file_outside() -> object:
    return read(W["outside"])


@attempt
def read_a_file_outside_by_a_link() -> object:
    os.symlink(W["outside"], "link")
    return read("link")


@attempt
def read_a_file_outside_by_a_hard_link() -> object:
    os.link(W["outside"], "hard")
    return read("hard")


@attempt
def read_a_file_outside_by_dots() -> object:
    return read("../" * 20 + W["outside"].lstrip("/"))


@on_linux
def read_a_file_outside_by_the_root_of_a_process() -> object:
    for name in each_process():
        for way in ("root", "cwd/../.."):
            try:
                return secret(read(f"/proc/{name}/{way}{W['outside']}"))
            except OSError:
                pass
    return None


@attempt
def list_a_folder_outside() -> object:
    return os.listdir(os.path.dirname(W["outside"])) and secret(read(W["outside"]))


@attempt
def list_the_home_folder() -> object:
    home = W["home"]
    seen = [name for name in os.listdir(home) if name == os.path.basename(W["in_home"])]
    if W["image"] and seen and not same_file(os.path.join(home, seen[0]), W["in_home_is"]):
        return None  # the image has a home of the same name
    return seen or None


@attempt
def write_a_file_outside() -> object:
    return write(W["outside"], "a")


@attempt
def make_a_file_outside() -> object:
    return write(os.path.join(os.path.dirname(W["outside"]), "made"))


@attempt
def write_a_file_outside_by_a_link() -> object:
    os.symlink(W["outside"], "link2")
    return write("link2", "a")


@attempt
def truncate_a_file_outside() -> object:
    os.truncate(W["outside"], 0)
    return "truncated"


@attempt
def delete_a_file_outside() -> object:
    os.unlink(W["outside"])
    return "deleted"


@attempt
def rename_a_folder_outside() -> object:
    os.rename(os.path.dirname(W["outside"]), "stolen")
    return "renamed"


@attempt
def change_the_rights_of_a_file_outside() -> object:
    os.chmod(W["outside"], 0o777)
    return "changed" if os.stat(W["outside"]).st_mode & 0o777 == 0o777 else None


@attempt
def change_the_times_of_a_file_outside() -> object:
    os.utime(W["outside"], (1, 1))
    return "changed" if os.stat(W["outside"]).st_mtime == 1 else None


@attempt
def change_the_owner_of_a_file_outside() -> object:
    os.chown(W["outside"], 12345, 12345)
    return "changed" if os.stat(W["outside"]).st_uid == 12345 else None


@attempt
def read_the_users_of_the_system() -> object:
    if W["image"] and not same_file("/etc/passwd", W["users_are"]):
        return None  # the users of the image
    return read("/etc/passwd")


@attempt
def read_the_passwords_of_the_system() -> object:
    return None if W["image"] else read("/etc/shadow")


@attempt
def write_into_the_system() -> object:
    return write("/usr/escaped")


@attempt
def write_into_the_configuration_of_the_system() -> object:
    return write("/etc/escaped")


@attempt
def write_into_the_packages_of_python() -> object:
    done = []
    for folder in {os.path.dirname(json.__file__), *(one for one in sys.path if os.path.isdir(one))} - {os.getcwd()}:
        if not any(name.endswith((".py", ".so", "-info")) for name in os.listdir(folder)):
            continue  # none of Python's: a folder on the way to one, in a file system of our own
        with suppress(OSError):
            done.append(write(os.path.join(folder, "escaped.pth")))
    return done


@attempt
def fill_the_hosts_shared_memory() -> object:
    path = "/dev/shm/thinkact-escaped"
    write(path)
    return path if W["shared_is_ours"] else None


@attempt
def read_the_hosts_shared_memory() -> object:
    return read(W["shared"])


@attempt
def write_a_temporary_file_of_others() -> object:
    return secret(read(W["temporary"])) and write(W["temporary"], "a")
