"""A person at a terminal, asked before something is undone or deleted."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.agent.cli.desk import worked, write
from tests.place import Place

if sys.platform == "win32":  # pragma: no cover  (Windows has no pty module)
    pytest.skip("there is no pseudo-terminal here", allow_module_level=True)

from tests.test_terminal_session import at_a_terminal


@pytest.mark.parametrize(("typed", "code", "left"), [("y", 0, set()), ("n", 1, {"a.md"}), ("是", None, {"a.md"})])
def test_an_undoing_is_asked_and_only_the_key_allows_it(
    tmp_path: Path, typed: str, code: int | None, left: set[str]
) -> None:
    place = Place(tmp_path)
    worked(place, write("a.md", "1"))
    with at_a_terminal(place, "runs", "undo") as terminal:
        asked = terminal.until("[y yes · n no]")
        assert "delete     a.md" in asked
        assert "Put back 1 file?" in asked
        terminal.say(typed)
        if code is None:
            terminal.until("type y for yes")
            terminal.until("[y yes · n no]")
            terminal.press_ctrl_c()
            code = 130
        assert terminal.end() == code, terminal.text
    assert set(place.files()) == left
