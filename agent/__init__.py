"""The deciding half of thinkact: it thinks, asks leave, acts and tells.

For scripts: `run` works on a goal and yields its events, `resume` goes on with a run. See `agent.door`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agent.door import Result, Running, resume, run

__all__ = ["Result", "Running", "resume", "run"]

if not TYPE_CHECKING:  # a type checker knows the names from above, and should know no others

    def __getattr__(name: str) -> object:
        """The door's names, which are loaded only where somebody asks for them."""
        if name in __all__:
            from agent import door

            return getattr(door, name)
        raise AttributeError(f"module 'agent' has no attribute {name!r}")
