"""Streaming: what passes by while a thought is made or a tool works, on a terminal in the line that lives."""

from __future__ import annotations

from agent.events import Progress, ThoughtDelta
from agent.history import History
from agent.screen.folding import tail
from agent.screen.printing import Printer
from agent.screen.tenths import Tenths, bar
from agent.terminal import plain

LOGGED_FROM = 15.0
"""Seconds of waiting for a model that are worth a line of a log."""


class Streaming:
    """Shows pieces of thoughts and the progress of tools. `quiet`: none of it is worth a line of a log."""

    def __init__(self, printer: Printer, history: History, *, quiet: bool) -> None:
        self._printer = printer
        self._history = history
        self._quiet = quiet
        self._streamed = ""
        self._tenths = Tenths()
        self._streaming = ""  # the address of the work whose words `_streamed` are

    def done(self) -> None:
        """The thought is whole, or something else was asked: what was streamed of it is no more."""
        self._streamed = ""

    def delta(self, event: ThoughtDelta, path: str) -> None:
        """A piece of a thought; `path` is the address of the tool that asked for it, "" for the run's own."""
        if event.waited is not None:
            self._waited(event.text, event.waited, path)
            return
        if event.channel == "notice":
            self._printer.pause()
            self._printer.line(f"  {plain(event.text)}", "yellow")
            return
        if event.channel == "restart" or path != self._streaming:
            self._streamed, self._streaming = "", path
        if event.channel == "restart":
            return
        step = self._history.step + (0 if path else 1)  # it is counted once it is complete
        if event.channel == "text":
            self._streamed = (self._streamed + event.text)[-2000:]
            newest = plain(self._streamed.strip().rpartition("\n")[2])
            self._printer.show(tail(newest, self._printer.room(step)), step)
        elif not self._streamed:
            self._printer.show("thinking …", step)

    def _waited(self, text: str, seconds: float, path: str) -> None:
        """Nothing came yet: on a terminal the live line says so from soon on, in a log a line now and then."""
        if self._printer.is_terminal:
            self._printer.show(plain(text), self._history.step + (0 if path else 1))
        elif seconds >= LOGGED_FROM and not self._quiet:
            self._printer.line(f"  {plain(text)}", "yellow")

    def progress(self, event: Progress) -> None:
        """How far a tool has come: on a terminal in the live line, in a log a line now and then."""
        if not event.total:
            self._printer.show(plain(event.text))
            return
        done = event.done or 0.0
        if self._printer.is_terminal:
            self._printer.show(f"{bar(done, event.total)} {plain(event.text)}")
        elif not self._quiet and (line := self._tenths.line(event.text, done, event.total)):
            self._printer.line(f"    {plain(line)}")
