"""What outlasts a thought: the journal, the window, artifacts and notes. Knows nothing of `agent` and `plugins`."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from .recall import Recall

__all__ = ["Recall"]


def __getattr__(name: str) -> Any:
    # Only on demand: whoever wants the journal should not wait for the rest.
    if name in __all__:
        from . import recall

        return getattr(recall, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
