"""Printing: lines on the console, and on a terminal the last one, which lives.

Foreign text is framed, so that none of its lines can pass for one of ours.
"""

from __future__ import annotations

from rich.console import Console
from rich.live import Live
from rich.text import Text

from agent.history import History
from agent.screen.folding import columns, folded
from agent.screen.wording import cut
from agent.spending import Allowed, counted, spent_line
from agent.terminal import neutral

SHOWN_LINES = 6
"""Lines of a result that are shown; all of it is in the journal (`thinkact runs show --json`)."""
SHOWN_CHARACTERS = 400
"""Characters of each of these lines that are shown."""
FRAME = "      │ "
"""Stands before what a terminal would wrap: nothing foreign may begin a line and pass for one of ours."""
_BETWEEN = " · "


class Printer:
    """Writes lines to a console.

    Args:
        history: The run's, read for the live line; `allowed` are its limits, for "of" in it.
        quiet: There is no live line.
    """

    def __init__(self, console: Console, history: History, allowed: Allowed, *, quiet: bool) -> None:
        self._console = console
        self._history = history
        self.allowed = allowed
        self._quiet = quiet
        self._live: Live | None = None

    @property
    def is_terminal(self) -> bool:
        """Is somebody looking on, and no log file?"""
        return self._console.is_terminal

    def pause(self) -> None:
        """Take the live line away, so that something else can be written."""
        if self._live is not None:
            self._live.stop()
            self._live = None

    def show(self, text: str, step: int | None = None) -> None:
        """The live line: on a terminal only. `step` is the one under way, the last that was thought if not given."""
        if self._quiet or not self._console.is_terminal:
            return
        if self._live is None:
            self._live = Live(console=self._console, transient=True, refresh_per_second=8)
            self._live.start()
        live = self.live_line(self._history.step if step is None else step)
        line = Text(f"{live}{_BETWEEN}{text}", style="dim", no_wrap=True, overflow="ellipsis")
        self._live.update(line)

    def live_line(self, step: int) -> str:
        """`step 7 · 12.4k tokens · $0.08 of $1.00`."""
        return f"step {step}{_BETWEEN}{spent_line(self._history, self.allowed)}"

    def room(self, step: int) -> int:
        """Columns that are left in the live line of a step."""
        return max(8, self._console.width - columns(self.live_line(step)) - len(_BETWEEN))

    def line(self, text: str, style: str = "", *, frame: str = FRAME) -> None:
        """A line; what a terminal would wrap of it begins with the frame."""
        if not self._console.is_terminal:  # in a log a line is its text; rich would take half a millisecond a step
            self._console.file.write(f"{text}\n")
            return
        for line in folded(text, self._console.width, frame):
            self._console.print(Text(line, style=style), soft_wrap=True)

    def picture(self, preview: str) -> None:
        """A picture, as what shows it made it for this terminal."""
        if preview and self._console.is_terminal:
            self._console.file.write(preview)
            self._console.file.flush()

    def framed(self, text: str, style: str, inside: str = "") -> None:
        """Foreign text: each line framed, so that none can pass for one of ours."""
        lines, frame = neutral(text).strip().split("\n"), f"{inside}│ "
        for line in lines[:SHOWN_LINES]:
            self.line(f"{frame}{cut(line, SHOWN_CHARACTERS)}", style, frame=frame)
        if len(lines) > SHOWN_LINES:
            self.line(f"{frame}… {counted(len(lines) - SHOWN_LINES, 'more line')}", "dim")
