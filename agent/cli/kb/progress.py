"""How far an adding has come: a bar at a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import time
from types import TracebackType

from rich.progress import BarColumn, Progress, Task, TaskID, TextColumn, TimeRemainingColumn
from rich.text import Text

from agent.cli.saying import say
from agent.cli.tables import within
from agent.cli.terminals import is_terminal
from agent.screen import make_console, size
from agent.terminal import plain

_EVERY = 10.0  # seconds between two lines of a log
_NAME = 36  # columns of a file's name
_LAST = 0.1  # the part of the bar that is left to what is done once all files are


class _TimeLeft(TimeRemainingColumn):
    """The time that is left, where it can be told."""

    def render(self, task: Task) -> Text:
        return Text("") if task.fields.get("open") else super().render(task)


class Bar:
    """The bar on stderr, while its `with` block lasts. Foreign names are shown as they are, never as markup."""

    def __init__(self, *, colour: bool) -> None:
        self._console = make_console(colour=colour)
        self._progress: Progress | None = None
        self._task: TaskID | None = None
        self._files = self._bytes = self._done = self._passed = 0
        self._told = time.monotonic()

    def __enter__(self) -> Bar:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def plan(self, files: int, total: int, *, more: bool = False) -> None:
        """So many files are to come, of so many bytes; `more` if something is left to do after them."""
        self._files, self._bytes = files, total
        if not is_terminal(sys.stderr):
            return
        self._progress = Progress(
            BarColumn(bar_width=24),
            TextColumn("{task.percentage:>3.0f} %", markup=False),
            TextColumn("{task.fields[come]}", markup=False),
            _TimeLeft(compact=True),
            TextColumn("{task.description}", markup=False),
            console=self._console,
            transient=True,
        )
        whole = max(total, 1)
        self._task = self._progress.add_task("", total=whole / (1 - _LAST) if more else whole, come="", open=False)
        self._progress.start()

    def working(self, file: str) -> None:
        """This file is what is worked on now."""
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, description=within(plain(file), _NAME))

    def advance(self, count: int) -> None:
        """One more file is done, of so many bytes."""
        self._done += 1
        self._passed += count
        come = f"{self._done:,}/{self._files:,} files, {size(self._passed)} of {size(self._bytes)}"
        if self._progress is not None and self._task is not None:
            self._progress.update(self._task, advance=count, come=come)
        elif time.monotonic() - self._told > _EVERY:
            self._told = time.monotonic()
            say(come)

    def doing(self, what: str) -> None:
        """What is done once all files are. How long it takes nobody knows; until it is done the bar is not full."""
        if self._progress is not None and self._task is not None:
            whole = max(self._bytes, 1)
            self._progress.update(self._task, total=whole / (1 - _LAST), completed=whole, description=what, open=True)
        else:
            say(what)

    def say(self, line: str) -> None:
        """A line above the bar."""
        if self._progress is not None:
            self._console.print(f"thinkact: {plain(line)}", soft_wrap=True)
        else:
            say(line)

    def close(self) -> None:
        """Take the bar away. Twice does no harm."""
        if self._progress is not None:
            self._progress.stop()
            self._progress = None
