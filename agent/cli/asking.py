"""A yes or no that a command needs before it goes on."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from agent.approval import Allow, Deny
from agent.cli.keys import KEYS, Key, meant, near, offered
from agent.cli.terminals import is_terminal
from agent.cli.typed import open_typed
from agent.errors import UsageError
from agent.terminal import plain

_YES_OR_NO = {
    "y": Key(typed="y", short="yes", whole="do it", near=KEYS["y"].near),
    "n": Key(typed="n", short="no", whole="leave everything as it is", near=KEYS["n"].near | KEYS["q"].near),
}


def agreed(question: str, told: Sequence[str] = (), *, yes: bool) -> bool:
    """Ask the person at the terminal, after the lines in `told`; with `yes` nobody is asked. The end of input is a no.

    Raises:
        UsageError: there is nobody to ask.
    """
    if yes:
        return True
    if not is_terminal(sys.stdin):
        raise UsageError(f"{question} Nobody can be asked here", hint="add -y to do it without a question")
    source = open_typed(sys.stdin)
    source.forget()
    _show([*told, question])
    while True:
        _show([f"[{offered(_YES_OR_NO)}]"])
        line = source.read_line()
        if not line:
            return False
        answer = meant(line) if line.strip() else None
        if answer == Allow():
            return True
        if isinstance(answer, Deny):
            return False
        if line.strip():
            _show(near(line, _YES_OR_NO) or ["that is no answer to this question"])


def _show(lines: Sequence[str]) -> None:
    for line in lines:
        sys.stderr.write(f"{plain(line)}\n")
    sys.stderr.flush()
