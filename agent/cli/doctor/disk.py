"""The places where thinkact writes: whether they are there, take files, and have room."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from agent.cli import mending
from agent.cli.doctor.finding import Around, Finding

_LITTLE, _TOO_LITTLE = 200 * 2**20, 10 * 2**20
"""Bytes: below the first there is a warning, below the second a fault."""


def look_at_disk(around: Around) -> Iterator[Finding]:
    """The home, the workspace, the folder for temporary files."""
    settings = around.settings
    other_home = mending.export("THINKACT_HOME", str(Path.home() / "thinkact"))
    fewer_runs = mending.thinkact("runs", "delete", "--older-than", "30d")
    home = _place("home", settings.home, other=other_home, room=fewer_runs)
    yield home
    for folder in (settings.runs_folder, settings.memory_folder, settings.plugins_folder):
        if (found := _inside(folder, other=other_home)) is not None:
            yield found
    if home.state == "ok" and (found := _open_to_others(settings.home)) is not None:
        yield found
    yield from _workspace(around.cwd)
    yield from _temporary(around)


def _place(name: str, folder: Path, *, other: str, room: str) -> Finding:
    """A folder that is made where it is missing. `other` is the command that takes another one, `room` the one that
    makes room."""
    try:
        return _looked_at(name, folder, other=other, room=room)
    except OSError as error:
        above = _nearest(folder.parent)
        what = f"{folder} cannot be looked at: {error.strerror or error}"
        mend = mending.give_rights(above) if _is_own(above, str(error)) else other
        return Finding(
            name=name, state="fault", what=what, mend=mend, value={"folder": str(folder), "there": False, "free": None}
        )


def _looked_at(name: str, folder: Path, *, other: str, room: str) -> Finding:
    value = {"folder": str(folder), "there": folder.is_dir(), "free": None}
    if folder.is_symlink() and not folder.exists():
        what = f"{folder} is a link to {folder.readlink()}, which is not there"
        return Finding(name=name, state="fault", what=what, mend=mending.make_folder(folder.resolve()), value=value)
    if folder.exists() and not folder.is_dir():
        what = f"{folder} is not a folder"
        return Finding(name=name, state="fault", what=what, mend=mending.move_away(folder), value=value)
    there = _nearest(folder)
    if (why := _refused(there)) is not None:
        what = f"nothing can be written in {there}: {why}"
        mend = mending.give_rights(there) if _is_own(there, why) else other
        return Finding(name=name, state="fault", what=what, mend=mend, value=value)
    free = shutil.disk_usage(there).free
    value["free"] = free
    state = "fault" if free < _TOO_LITTLE else "warning" if free < _LITTLE else "ok"
    told = f"{folder}{'' if folder.is_dir() else ' (made when it is needed)'}, {_size(free)} free"
    if state == "ok":
        return Finding(name=name, state="ok", what=told, value=value)
    return Finding(name=name, state="fault" if state == "fault" else "warning", what=told, mend=room, value=value)


def _inside(folder: Path, *, other: str) -> Finding | None:
    """What is wrong with a folder of the home; None where nothing is."""
    if not os.path.lexists(folder):
        return None
    value = {"folder": str(folder), "there": folder.is_dir(), "free": None}
    if not folder.is_dir():
        what = f"{folder} is not a folder"
        return Finding(name="home", state="fault", what=what, mend=mending.move_away(folder), value=value)
    why = _refused(folder)
    if why is None or _refused(folder.parent) is not None:  # of the home that is told already
        return None
    what = f"nothing can be written in {folder}: {why}"
    mend = mending.give_rights(folder) if _is_own(folder, why) else other
    return Finding(name="home", state="fault", what=what, mend=mend, value=value)


def _open_to_others(home: Path) -> Finding | None:
    """Told where others on this machine may look into the home, which an older version or a person made."""
    if mending.WINDOWS or not home.is_dir() or not home.stat().st_mode & 0o077:
        return None
    what = f"others on this machine may look into {home}, where runs and notes lie"
    value = {"folder": str(home), "there": True, "free": None}
    return Finding(name="home", state="warning", what=what, mend=mending.close_to_others(home), value=value)


def _workspace(cwd: Path) -> Iterator[Finding]:
    folder = cwd / "workspace"
    elsewhere = f"cd {mending.quoted(Path.home())}"
    found = _place("workspace", folder, other=elsewhere, room=_what_fills(folder))
    if found.state == "ok" and not folder.exists():
        what = f"{folder} is not there; a run makes it, or works in the one that --workspace names"
        mend = mending.make_folder(folder)
        yield Finding(name="workspace", state="absent", what=what, mend=mend, value=found.value)
    else:
        yield found


def _temporary(around: Around) -> Iterator[Finding]:
    stated = next((one for name in ("TMPDIR", "TEMP", "TMP") if (one := _stated(around, name))), None)
    other = mending.make_folder(Path.home() / "tmp") + "; " + mending.export("TMPDIR", str(Path.home() / "tmp"))
    try:
        folder = Path(tempfile.gettempdir())
    except OSError as error:
        what = f"no folder for temporary files: {error.strerror or error}"
        yield Finding(name="temporary", state="fault", what=what, mend=other, value={"folder": None})
        return
    if stated is not None and not stated[1].is_dir():
        what = f"{stated[0]} names {stated[1]}, which is not there; {folder} is taken"
        mend = mending.make_folder(stated[1])
        yield Finding(name="temporary", state="warning", what=what, mend=mend, value={"folder": str(folder)})
        return
    yield _place("temporary", folder, other=other, room=_what_fills(folder))


def _stated(around: Around, name: str) -> tuple[str, Path] | None:
    text = around.settings.program_environment.get(name)
    return (name, Path(text)) if text else None


def _refused(folder: Path) -> str | None:
    """Why a folder takes no file; None where it does. What is made to see that is gone at once."""
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"thinkact")
            file.flush()
        with os.scandir(folder) as entries:
            next(entries, None)
    except OSError as error:
        return error.strerror or str(error)
    return None


def _is_own(folder: Path, why: str) -> bool:
    """Is it a matter of rights that the user can give?"""
    if sys.platform != "win32" and "ermission" in why:
        return folder.stat().st_uid == os.getuid()
    return False


def _what_fills(folder: Path) -> str:
    """See what takes the room on a disk."""
    if mending.WINDOWS:  # pragma: no cover
        return "cleanmgr"
    return f"du -xah {mending.quoted(_nearest(folder))} | sort -h | tail"


def _nearest(folder: Path) -> Path:
    """The folder, or the one above it that is there."""
    return next((one for one in (folder, *folder.parents) if os.path.lexists(one)), folder)


def _size(count: int) -> str:
    return f"{count / 1e9:.1f} GB" if count >= 1e9 else f"{count / 1e6:.0f} MB"
