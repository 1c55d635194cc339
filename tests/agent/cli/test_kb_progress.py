"""The bar of `kb add`: what it names, and how full it is."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Callable
from contextlib import redirect_stderr

import pytest

from agent.cli.kb.progress import Bar


class Screen(io.StringIO):
    """A terminal of which everything is kept."""

    def isatty(self) -> bool:
        return True


def until(holds: Callable[[], bool]) -> None:
    """Wait for what the bar draws by itself, some times a second."""
    end = time.monotonic() + 5
    while not holds() and time.monotonic() < end:
        time.sleep(0.02)
    assert holds()


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Screen:
    monkeypatch.setenv("TERM", "xterm-256color")
    monkeypatch.setenv("COLUMNS", "120")
    return Screen()


def percents(text: str) -> list[int]:
    return [int(one) for one in re.findall(r"(\d+) %", text)]


def test_the_bar_is_not_full_while_something_is_left_to_do_after_the_files(screen: Screen) -> None:
    with redirect_stderr(screen), Bar(colour=False) as bar:
        bar.plan(2, 100, more=True)
        bar.advance(60)
        bar.advance(40)
        until(lambda: "2/2 files" in screen.getvalue())
        bar.doing("indexing")
        until(lambda: "indexing" in screen.getvalue())
    assert max(percents(screen.getvalue())) == 90
    assert re.search(r"indexing", screen.getvalue())
    assert not re.search(r"\d:\d\d[ \w]*indexing", screen.getvalue())  # nobody knows how long it takes


def test_it_gives_way_where_what_is_left_was_not_foreseen_and_is_full_where_nothing_is(screen: Screen) -> None:
    with redirect_stderr(screen), Bar(colour=False) as bar:
        bar.plan(1, 100)
        bar.advance(100)
        until(lambda: "100 %" in screen.getvalue())
        before = len(screen.getvalue())
        bar.doing("indexing")
        until(lambda: "indexing" in screen.getvalue()[before:])
    assert percents(screen.getvalue()[before:])[-1] == 90


def test_it_names_what_is_worked_on_and_not_what_was_done_last(screen: Screen) -> None:
    with redirect_stderr(screen), Bar(colour=False) as bar:
        bar.plan(2, 100)
        bar.working("docs/large.pdf")
        bar.advance(1)  # another one, done beside it
        until(lambda: bool(re.search(r"1/2 files.*docs/large\.pdf", screen.getvalue())))
