"""The mark of a journal: the number of its last committed row, in a file of its own.

It tells of rows that are missing at the end, which no chain can. It is written after the commit and never synced: it
may lag behind the journal, it is never ahead of it.
"""

from __future__ import annotations

import os
from contextlib import ExitStack, suppress
from pathlib import Path

from ._journal_errors import damaged
from ._journal_file import beside


class Mark:
    """The mark, open for writing until `held` is closed. Raises OSError where it cannot be made."""

    def __init__(self, file: Path, held: ExitStack) -> None:
        flags = os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0)
        self._stream = held.enter_context(os.fdopen(os.open(beside(file, ".mark"), flags, 0o600), "r+b", buffering=0))

    def write(self, seq: int) -> None:
        """Set it to the number of a row that was committed."""
        with suppress(OSError):  # a mark that lags costs nothing but a check
            self._stream.seek(0)
            self._stream.write(b"%020d %020d\n" % (seq, seq))  # twice: a torn or flipped one is then passed over


def acknowledged(file: Path) -> int:
    """The number that the mark holds; 0 where there is none, or none that can be read."""
    with suppress(OSError):
        numbers = beside(file, ".mark").read_bytes().split()
        if len(numbers) == 2 and numbers[0] == numbers[1] and numbers[0].isdigit():
            return int(numbers[0])
    return 0


def must_reach(file: Path, last: int, committed: int) -> None:
    """Refuse a journal that ends at row `last`, before a row that was `committed`.

    Raises:
        JournalDamaged: it does.
    """
    if last < committed:
        raise damaged(file, last + 1, f"the rows up to {committed} were committed and are gone")
