"""How far a tool that a person called has come: a line that lives on a terminal, a line now and then elsewhere."""

from __future__ import annotations

import sys
import threading
from types import TracebackType

from rich.live import Live
from rich.text import Text

from agent.cli.saying import say
from agent.cli.terminals import is_terminal
from agent.screen import Tenths, bar, make_console
from agent.terminal import plain


class Meter:
    """Shows it on stderr while its `with` block lasts; it may be told from any thread."""

    def __init__(self, *, colour: bool) -> None:
        self._console = make_console(colour=colour)
        self._terminal = is_terminal(sys.stderr)
        self._tenths = Tenths()
        self._lock = threading.Lock()
        self._live: Live | None = None
        self._open = True

    def __enter__(self) -> Meter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            self._open = False
            self._take_away()

    def __call__(self, text: str, *, done: float | None = None, total: float | None = None) -> None:
        """What `context.progress` is told."""
        with self._lock:
            if not self._open:  # a tool that was given up may still talk
                return
            if self._terminal:
                self._show(f"{bar(done or 0.0, total)} {plain(text)}" if total else plain(text))
            elif total and (line := self._tenths.line(text, done or 0.0, total)):
                say(line)

    def pause(self) -> None:
        """Take the line away, so that something else can be written."""
        with self._lock:
            self._take_away()

    def _show(self, line: str) -> None:
        if self._live is None:
            self._live = Live(console=self._console, transient=True, refresh_per_second=8)
            self._live.start()
        self._live.update(Text(line, style="dim", no_wrap=True, overflow="ellipsis"))

    def _take_away(self) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None
