"""A goal file kept: where it may lie, how it is written whole or not at all, and read back before anybody is told."""

from __future__ import annotations

import os
import re
import secrets
import shutil
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from agent.errors import GoalError, UsageError
from agent.goal.draft import Draft, goal_file_text, says
from agent.goal.file import check_goal, read_goal_text
from agent.goal.folder import MAX_BYTES, read_text

SUFFIXES = (".yaml", ".yml")
_UNFIT = re.compile(r'[\s/\\:*?"<>|\x00-\x1f\x7f]+')
_CONTROL = re.compile("[\x00-\x1f\x7f]")
_MOST = 40
"""Characters of a name that is made from the goal's."""


def placed(draft: Draft, folder: Path) -> Draft:
    """The draft of a file in this folder: its workspace, absolute so far, as it is written from there."""
    if not draft.workspace:
        return draft
    try:
        beside = Path(os.path.relpath(draft.workspace, folder)).as_posix()
    except ValueError:  # on Windows, another drive
        return draft
    if beside.startswith("~"):  # which would be read as a home folder
        return draft
    return replace(draft, workspace=beside if beside.startswith(".") else f"./{beside}")


def proposed(draft: Draft, folder: Path) -> str:
    """A name for the goal's file that is free in this folder."""
    stem = _UNFIT.sub("-", draft.name)[:_MOST].strip("-. ") or "goal"
    names = [f"{stem}.yaml", *(f"{stem}-{number}.yaml" for number in range(2, 1000))]
    return next((name for name in names if not os.path.lexists(folder / name)), names[0])


def named(text: str, cwd: Path) -> Path:
    """The file that is meant; a name without an ending gets `.yaml`."""
    path = cwd / Path(text.strip()).expanduser()
    return path if path.suffix else path.with_name(f"{path.name}.yaml")


def file_fault(text: str, cwd: Path) -> str | None:
    """Why no goal file can lie there; None where it can, be it in the place of another."""
    try:
        path = named(text, cwd)
        if _CONTROL.search(text):
            return "this can be no name of a file"
        if (cwd / Path(text.strip()).expanduser()).is_dir():
            return f"{text.strip()} is a folder: name a file in it"
        if path.suffix.lower() not in SUFFIXES:
            return f"a goal file's name ends in .yaml, not in {path.suffix}"
        if not path.parent.is_dir():
            return f"there is no folder {path.parent}"
        if path.exists() and not path.is_file():
            return f"{path.name} is no regular file"
    except (OSError, ValueError, RuntimeError):
        return "this can be no name of a file"
    return None


def keep(draft: Draft, path: Path, *, overwrite: bool) -> None:
    """Write the goal file of a draft, and read it back as `goal check` does.

    Args:
        draft: Its workspace is absolute, or not stated.
        path: Where; its folder is there.
        overwrite: Take the place of a file that is there.

    Raises:
        UsageError: it cannot be written, or it is there by now. Nothing was changed, and nothing is left.
        GoalError: what was answered does not fit together. Nothing was written.
    """
    draft = placed(draft, path.parent)
    text = goal_file_text(draft)
    if len(text.encode()) > MAX_BYTES:
        raise UsageError(
            f"a goal file has {MAX_BYTES // 1024} kB at most", hint="put long texts into files of their own"
        )
    read_goal_text(text, file=path, lenient=True)
    try:
        _put(path, text.encode(), overwrite=overwrite)
    except FileExistsError:
        raise UsageError(f"{path} is there already", hint="choose another name") from None
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}", hint="choose another place") from error
    check_goal(path)
    if not says(read_text(path), draft):
        raise GoalError(f"{path}: does not say what was answered", hint="look at it before you run it")


def _put(path: Path, content: bytes, *, overwrite: bool) -> None:
    """Give a file its content at once, and on the disk. A link is followed: what it leads to is written."""
    target = Path(os.path.realpath(path)) if overwrite else path
    beside = target.with_name(f".{secrets.token_hex(8)}.tmp")
    try:
        with beside.open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        if overwrite:
            with suppress(OSError):
                shutil.copymode(target, beside)
            beside.replace(target)
        else:
            _name(beside, target)
        _sync(target.parent)
    finally:
        beside.unlink(missing_ok=True)


def _name(beside: Path, target: Path) -> None:
    """Give a file a name that nobody has. Raises FileExistsError."""
    if sys.platform == "win32":  # pragma: no cover  (only there: a rename takes no place of another)
        beside.rename(target)
    else:
        try:
            target.hardlink_to(beside)
        except FileExistsError:
            raise
        except OSError:  # a disk without links
            if os.path.lexists(target):
                raise FileExistsError from None
            beside.rename(target)


def _sync(folder: Path) -> None:
    if sys.platform != "win32":  # where it cannot be done, nor need it
        with suppress(OSError):
            descriptor = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
