"""`thinkact kb` at a terminal: the bar, a Ctrl-C on it, and the question before everything is removed."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

from tests.place import Place

if sys.platform == "win32":  # pragma: no cover  (Windows has no pty module)
    pytest.skip("there is no pseudo-terminal here", allow_module_level=True)

from tests.seated import at_a_terminal


@pytest.fixture
def place(tmp_path: Path) -> Place:
    docs = tmp_path / "docs"
    docs.mkdir()
    for number in range(30):
        words = "".join(f"Paragraph {at} of document {number} says words. " * 20 + "\n\n" for at in range(40))
        (docs / f"{number:02}.md").write_text(words, "utf-8")
    (docs / "[red]bad.pdf").write_bytes(b"%PDF-1.4 nothing")
    return Place(tmp_path)


def listed(place: Place) -> int:
    return len(json.loads(place.thinkact("kb", "list", "--json").stdout))


def test_a_bar_shows_how_far_it_has_come_ctrl_c_keeps_that_and_the_rest_follows(place: Place) -> None:
    with at_a_terminal(place, "kb", "add", "docs", columns=120) as terminal:
        terminal.until("/31 files")
        terminal.until("docs/0")
        terminal.press_ctrl_c()
        assert terminal.end() == 130
        assert "the same command goes on" in terminal.text
    done = listed(place)
    assert 0 < done < 30
    with at_a_terminal(place, "kb", "add", "docs", columns=120) as terminal:
        assert terminal.end(60) == 0
        assert f"added {30 - done}, changed 0, unchanged {done}, skipped 1: " in terminal.text
        assert "skipped: 'docs/[red]bad.pdf' is damaged" in " ".join(terminal.text.split())
    assert listed(place) == 30


def test_everything_is_removed_only_after_a_yes(place: Place) -> None:
    (place.folder / "one.md").write_text("The anchor weighs 80 kilograms.", "utf-8")
    (place.folder / "two.md").write_text("The roof leaks.", "utf-8")
    assert place.thinkact("kb", "add", "one.md", "two.md").returncode == 0
    for answer, code, left in (("n", 1, 2), ("y", 0, 0)):
        with at_a_terminal(place, "kb", "remove", "--all") as terminal:
            terminal.until("Remove all 2 documents")
            terminal.until("]")
            terminal.say(answer)
            assert terminal.end() == code
        assert listed(place) == left
