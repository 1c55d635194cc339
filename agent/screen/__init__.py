"""The screen: events of a run, told to a person on stderr."""

from agent.screen.folding import columns, folded
from agent.screen.printing import FRAME
from agent.screen.telling import OFFLINE, Screen, make_console
from agent.screen.wording import arguments_line, size

__all__ = ["FRAME", "OFFLINE", "Screen", "arguments_line", "columns", "folded", "make_console", "size"]
