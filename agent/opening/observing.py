"""The observers that plugins register on the events of a run."""

from __future__ import annotations

from collections.abc import Callable

from agent.events import Record
from agent.runs import Listener, envelope
from plugins import Toolbox


def observed_by_plugins(toolbox: Toolbox, tell: Callable[[str], None], *, changing: bool = False) -> Listener | None:
    """A listener that tells the plugins' observers of every event; None where there is none, and none can come because
    the plugins are `changing`. Of an observer that fails `tell` says so, once."""
    if not changing and not any(plugin.observers for plugin in toolbox.plugins):
        return None
    failed: set[str] = set()

    def listen(record: Record) -> None:
        for fault in toolbox.tell(envelope(record)):
            observer = fault.partition(" failed: ")[0]
            if observer not in failed:
                failed.add(observer)
                tell(f"{fault} (said once)")

    return listen
