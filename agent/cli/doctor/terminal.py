"""The terminal: its encoding, width and colours."""

from __future__ import annotations

import re
import shutil
import sys
from collections.abc import Iterator

from agent.cli import mending
from agent.cli.doctor.finding import Around, Finding
from agent.cli.terminals import is_terminal

_NARROW = 40
"""Columns below which lines are hard to read."""


def look_at_terminal(around: Around) -> Iterator[Finding]:
    """What is shown where, and whether it can be read there."""
    at_terminal = is_terminal(sys.stdout)
    columns = shutil.get_terminal_size().columns
    colour = at_terminal and not around.settings.no_color
    value = {"terminal": at_terminal, "columns": columns if at_terminal else None, "colour": colour}
    seen = f"{columns} columns, {'colours' if colour else 'no colours, as NO_COLOR is set'}"
    place = seen if at_terminal else "stdout is no terminal"
    asks = "you can be asked" if is_terminal(sys.stdin) else "stdin is no terminal, so nobody is asked"
    encoding = _other_encoding(around)
    if encoding is not None:
        name, stated, better = encoding
        what = f"{name}={stated} says that the terminal is not UTF-8; what thinkact writes is"
        told = {**value, name: stated}
        yield Finding(name="terminal", state="warning", what=what, mend=mending.export(name, better), value=told)
    if at_terminal and columns < _NARROW:
        what = f"the terminal has {columns} columns; with {_NARROW} or more, lines can be read well"
        mend = None if mending.WINDOWS else f"stty cols 80; {mending.unset('COLUMNS')}"
        yield Finding(name="terminal", state="warning", what=what, mend=mend, value=value)
    else:
        yield Finding(name="terminal", state="ok", what=f"{place}; {asks}", value=value)


def _other_encoding(around: Around) -> tuple[str, str, str] | None:
    """The name in the environment that states another encoding than UTF-8, what it says, and what it should say."""
    environment = around.settings.program_environment
    name = next((one for one in ("LC_ALL", "LANG") if environment.get(one)), None)
    if name is None or mending.WINDOWS:
        return None
    stated = environment[name]
    found = re.fullmatch(r"([^.@]+)\.([^@]+)(@.*)?", stated)
    if found is None or re.fullmatch(r"utf-?8", found[2], re.IGNORECASE):
        return None
    return name, stated, f"{found[1]}.UTF-8"
