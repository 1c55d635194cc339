from __future__ import annotations

import io
import os
import sys
from pathlib import Path

import pytest

from agent.cli.terminals import is_terminal


def test_what_is_no_terminal_is_told_apart(tmp_path: Path) -> None:
    with (tmp_path / "file").open("w") as file, Path(os.devnull).open() as nothing:
        assert not is_terminal(file)
        assert not is_terminal(nothing)
    assert not is_terminal(nothing)  # it is closed
    assert not is_terminal(io.StringIO())
    assert not is_terminal(None)


@pytest.mark.skipif(sys.platform == "win32", reason="there are no pseudo-terminals")
def test_a_terminal_is_one() -> None:
    if sys.platform != "win32":
        import pty

        ours, theirs = pty.openpty()
        with open(theirs, "w") as stream:  # noqa: PTH123 - a descriptor has no path
            assert is_terminal(stream)
        os.close(ours)
