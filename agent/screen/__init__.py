"""The screen: events of a run, told to a person on stderr."""

from agent.screen.folding import columns, folded
from agent.screen.printing import FRAME
from agent.screen.telling import OFFLINE, SHOWN_PICTURES, Screen, make_console
from agent.screen.tenths import Tenths, bar
from agent.screen.wording import arguments_line, size

__all__ = [
    "FRAME",
    "OFFLINE",
    "SHOWN_PICTURES",
    "Screen",
    "Tenths",
    "arguments_line",
    "bar",
    "columns",
    "folded",
    "make_console",
    "size",
]
