"""Names of the workspace that are guarded: of git, of the goal, of the settings."""

import os
import sys

assert sys.platform != "win32"

from plugins._sandbox._escaping._ground import W, attempt, read, secret, write


@attempt
def write_a_hook_of_git() -> object:
    os.makedirs(".git/hooks", exist_ok=True)
    return write(".git/hooks/pre-commit")


@attempt
def write_the_configuration_of_git() -> object:
    return write(".git/config", "a")


@attempt
def put_another_repository_in_the_place_of_git() -> object:
    os.rename(".git", "old-git")
    return "renamed"


@attempt
def make_the_folder_of_git_anew() -> object:
    os.rmdir(".git")
    os.makedirs(".git/hooks")
    return write(".git/hooks/pre-commit")


@attempt
def write_a_protected_file() -> object:
    return write(W["protected"], "a")


@attempt
def replace_a_protected_file() -> object:
    write("replacement")
    os.replace("replacement", W["protected"])
    return "replaced"


@attempt
def delete_a_protected_file() -> object:
    os.unlink(W["protected"])
    return "deleted"


@attempt
def move_the_folder_of_a_protected_file() -> object:
    os.rename(os.path.dirname(W["protected"]), "elsewhere")
    return "renamed"


@attempt
def write_a_protected_file_by_a_hard_link() -> object:
    os.link(W["protected"], "other-name")
    return write("other-name", "a")


@attempt
def make_a_protected_file_that_is_absent() -> object:
    os.makedirs(os.path.dirname(W["absent"]), exist_ok=True)
    return write(W["absent"])


@attempt
def read_a_hidden_file() -> object:
    return read(W["hidden"])


@attempt
def list_a_hidden_folder() -> object:
    return os.listdir(os.path.dirname(W["hidden"])) or None


@attempt
def write_into_a_hidden_folder() -> object:
    return write(os.path.join(os.path.dirname(W["hidden"]), "plugin.py"))


@attempt
def read_the_env_file() -> object:
    return secret(read(".env"))


@attempt
def write_the_env_file() -> object:
    return write(".env", "a")
