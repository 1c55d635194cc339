"""The settings with their origin, and all that is wrong with what states them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from agent.cli import mending
from agent.cli.doctor.finding import Around, Finding
from agent.setting_table import SETTINGS
from agent.settings import DEFAULTS, Notice


def look_at_sources(around: Around) -> Iterator[Finding]:
    """The files that settings are read from, and every mistake in them and in the environment."""
    for name, file in _files(around).items():
        there = file.is_file()
        what = f"{file} is read" if there else f"{file} is not there; it need not be"
        if not any(one.grave and one.origin == name for one in around.notices):
            yield Finding(name=name, state="ok" if there else "absent", what=what, value={"file": str(file)})
    for notice in around.notices:
        yield _told(around, notice)


def look_at_settings(around: Around) -> Iterator[Finding]:
    """Every setting: its value, secrets masked, and where it comes from."""
    defaults = {one.name: one.shown(getattr(DEFAULTS, one.limit)) for one in SETTINGS if one.limit}
    for one in around.settings.told():
        shown = defaults.get(one.name) if one.value is None else one.value
        what = f"{one.name}: {'–' if shown is None else shown} ({one.origin})"
        value = {"setting": one.name, "value": shown, "origin": one.origin}
        yield Finding(name="setting", state="ok", what=what, value=value)


def _files(around: Around) -> dict[str, Path]:
    """The files of settings by their origin."""
    return {".env": around.cwd / ".env", "config.toml": around.settings.config}


def _told(around: Around, notice: Notice) -> Finding:
    file = _files(around).get(notice.origin)
    what = notice.text
    if notice.line and f"line {notice.line}" not in what and f":{notice.line}:" not in what:
        what += f" (line {notice.line}, column {notice.column})" if notice.column else f" (line {notice.line})"
    if file is None:
        mend = _mend_environment(notice)
    else:
        found = _encoding(file)
        what += f"; it looks like {found[1]}" if found else ""
        mend = mending.reencode(file, found[0]) if found else _mend_file(file, notice)
    return Finding(
        name="settings",
        state="fault" if notice.grave else "warning",
        what=what,
        mend=mend,
        value={"origin": notice.origin, "line": notice.line or None, "column": notice.column or None}
        | {"word": notice.name or None, "meant": notice.meant},
    )


def _mend_environment(notice: Notice) -> str:
    if notice.meant is not None:
        return mending.rename_variable(notice.name, notice.meant)
    return mending.unset(notice.name)


def _encoding(file: Path) -> tuple[str, str] | None:
    """The codec of a file that is not UTF-8, and its name for people; None where it is, or cannot be read."""
    from plugins._decoding import detect

    try:
        content = file.read_bytes()[:1_000_000]
    except OSError:
        return None
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        found = detect(content)
        return None if found.broken else (found.codec, found.name)
    return None


def _mend_file(file: Path, notice: Notice) -> str:
    try:
        lines = file.read_bytes().decode("utf-8-sig").replace("\r\n", "\n").split("\n")
    except OSError:
        return mending.give_rights(file)
    except UnicodeDecodeError:
        return mending.edit(file, notice.line)
    line = lines[notice.line - 1] if 0 < notice.line <= len(lines) else ""
    if notice.meant is not None and notice.name in line:
        return mending.replace(file, notice.line, notice.name, notice.meant)
    if line and _does_without(file, lines, notice):
        return mending.comment_out(file, notice.line)
    return mending.edit(file, notice.line)


def _does_without(file: Path, lines: list[str], notice: Notice) -> bool:
    """Is the file in order, as far as this line is concerned, once it is taken out? A value may go on in the next."""
    if file.suffix != ".toml":
        return True
    import tomllib

    if not notice.name:
        return False
    rest = [*lines[: notice.line - 1], *lines[notice.line :]]
    try:
        return notice.name not in tomllib.loads("\n".join(rest))
    except (ValueError, RecursionError):
        return False
