"""The user's knowledge base, as runs and commands look into it: one file for all bases, a namespace for each."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

from agent.errors import SettingsError
from agent.opening.store import documents_file, open_documents
from plugins import FoundPassage, ToolError

if TYPE_CHECKING:
    from agent.settings import Settings
    from memory.recall import Recall

DOCUMENT_TOOLS = frozenset({"search_documents"})
"""Tools that need a knowledge base."""
_FILL_ANEW = "thinkact kb add FOLDER fills a new one from your documents, and keeps the damaged one beside it"


@contextmanager
def mended_by_adding() -> Iterator[None]:
    """Where the file is damaged, tell how it is mended: all that it holds is made of documents, which are still there.

    Raises:
        RecallError: whatever was raised inside.
    """
    from memory.recall import StoreDamaged

    try:
        yield
    except StoreDamaged as error:
        error.hint = _FILL_ANEW
        raise


def has_documents(settings: Settings, namespace: str, tell: Callable[[str], None]) -> bool:
    """Is there a knowledge base of this namespace with any document in it? Where it cannot be looked at, the reason is
    told, and whoever asks goes on without."""
    if not documents_file(settings).exists():
        return False  # as mostly: then nothing of memory is loaded for it
    from memory.recall import PASSAGES, Recall, RecallError

    try:
        # Nothing is looked for yet, so no embedder is made.
        with (
            mended_by_adding(),
            Recall(documents_file(settings), namespace, None, rules=PASSAGES, upkeep=False) as recall,
        ):
            return bool(recall.sources())
    except RecallError as error:
        tell(f"no documents can be searched: {error.message}{f' ({error.hint})' if error.hint else ''}")
        return False


class LibraryDocuments:
    """The knowledge base, as tools see it. A context manager: it is opened when it is first asked, and closed at the
    end. Safe to be used by several threads.

    Args:
        namespace: The run's.
        opened: Opens the documents of a namespace.
        tell: Says a line to the person.
    """

    def __init__(self, namespace: str, opened: Callable[[str], Recall], *, tell: Callable[[str], None]) -> None:
        self._namespace, self._opened, self._tell = namespace, opened, tell
        self._recall: Recall | None = None
        self._opening = threading.Lock()

    def __enter__(self) -> LibraryDocuments:
        return self

    def __exit__(self, *raised: object) -> None:
        with self._opening:
            if self._recall is not None:
                self._recall.close()

    def search(self, query: str, *, count: int = 5) -> Sequence[FoundPassage]:
        """The passages nearest to a query."""
        from memory.library import Library
        from memory.recall import RecallError

        try:
            with mended_by_adding():
                found = Library(self._open()).search(query, count)
        except RecallError as error:
            if error.what != error.message:  # it names a place of this machine, which no model needs to know
                self._tell(error.message)
            raise ToolError(error.what, hint=error.hint) from error
        except SettingsError as error:
            raise ToolError(error.message, hint=error.hint) from error
        return [
            FoundPassage(id=one.id, text=one.text, score=one.score, file=one.file, place=one.place, heading=one.heading)
            for one in found
        ]

    def _open(self) -> Recall:
        with self._opening:
            if self._recall is None:
                self._recall = self._opened(self._namespace)
            return self._recall


def find_documents(settings: Settings, namespace: str, tell: Callable[[str], None]) -> LibraryDocuments | None:
    """The knowledge base of a namespace, to be closed by whoever asked for it; None where nothing was added to it."""
    if not has_documents(settings, namespace, tell):
        return None
    return LibraryDocuments(namespace, lambda name: open_documents(settings, name, tell=tell, upkeep=False), tell=tell)
