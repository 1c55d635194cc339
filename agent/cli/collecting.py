"""Python's garbage collector at the start of a run: what imports make stays, and to look through it again and again
takes a tenth of the time until the first request.

So `__main__` holds the collector. A run lets it go at its first thought; every other command when it is called.
"""

from __future__ import annotations

import gc

from agent.events import Record, Thought


def collect_at_a_thought(record: Record) -> None:
    """A listener: by a run's first thought all that it needs is imported, and is passed over from then on."""
    if not gc.isenabled() and isinstance(record.event, Thought):
        gc.freeze()
        gc.enable()
