"""The user's knowledge base, as runs and commands open it: one file for all bases, a namespace for each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from agent.errors import SettingsError
from agent.opening.project import default_namespace
from agent.opening.store import open_store
from plugins import FoundPassage, ToolError

if TYPE_CHECKING:
    from agent.settings import Settings
    from memory.recall import Recall

DOCUMENT_TOOLS = frozenset({"search_documents"})
"""Tools that need a knowledge base."""


def documents_file(settings: Settings) -> Path:
    """Where all knowledge bases lie."""
    return settings.memory_folder / "documents.db"


def open_documents(
    settings: Settings,
    namespace: str | None = None,
    *,
    tell: Callable[[str], None] | None = None,
    upkeep: bool = True,
    busy_seconds: float = 15.0,
) -> Recall:
    """The knowledge base of a namespace; nothing is made before something is added. All else as in `open_notes`.

    Raises:
        SettingsError: the endpoint for vectors is asked for, and not set up.
        RecallError: it cannot be opened.
    """
    from memory.recall import PASSAGES

    namespace = namespace or default_namespace(settings, Path.cwd())
    file = documents_file(settings)
    return open_store(settings, file, namespace, rules=PASSAGES, tell=tell, upkeep=upkeep, busy_seconds=busy_seconds)


def has_documents(settings: Settings, namespace: str, tell: Callable[[str], None]) -> bool:
    """Is there a knowledge base of this namespace with any document in it? Where it cannot be looked at, the reason is
    told, and whoever asks goes on without."""
    from memory.recall import PASSAGES, Recall, RecallError

    file = documents_file(settings)
    if not file.exists():
        return False
    try:
        with Recall(file, namespace, None, rules=PASSAGES, upkeep=False) as recall:  # nothing is looked for yet
            return bool(recall.sources())
    except RecallError as error:
        tell(f"no documents can be searched: {error.message}")
        return False


@dataclass(frozen=True, slots=True)
class LibraryDocuments:
    """The knowledge base, as tools see it: opened when it is asked. `tell` says a line to the person."""

    settings: Settings
    namespace: str
    tell: Callable[[str], None]

    def search(self, query: str, *, count: int = 5) -> Sequence[FoundPassage]:
        """The passages nearest to a query."""
        from memory.library import Library
        from memory.recall import RecallError

        try:
            with open_documents(self.settings, self.namespace, tell=self.tell, upkeep=False) as recall:
                found = Library(recall).search(query, count)
        except RecallError as error:
            if error.what != error.message:  # it names a place of this machine, which no model needs to know
                self.tell(error.message)
            raise ToolError(error.what, hint=error.hint) from error
        except SettingsError as error:
            raise ToolError(error.message, hint=error.hint) from error
        return [
            FoundPassage(id=one.id, text=one.text, score=one.score, file=one.file, place=one.place, heading=one.heading)
            for one in found
        ]
