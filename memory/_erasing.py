"""What is forgotten is taken out of the bytes of all files: which of it is still owed, and how it is done.

The rows and their vectors go within the transaction that forgets, and SQLite overwrites them (`secure_delete`). Three
places keep what was deleted for a while: the pages of FTS5, until they are merged; the write-ahead log, until it is
emptied into the file; and the folder of the vector index, for chromadb marks a vector as deleted and leaves its bytes
where they are. Such a folder is removed as a whole, and made anew.

What is owed is noted in the file by the very transaction that forgets, so that whoever is killed in between only leaves
it to the next one.
"""

from __future__ import annotations

from dataclasses import dataclass

from ._index import VectorIndex
from ._index_folder import IndexFolder
from ._owing import Owed
from ._store import Store

PATIENCE = 1.0
"""Seconds that who forgets waits for others who read an older state of the file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Erasing:
    """How it is done for one namespace. `folder` is where its vector index lies, if there is one on this machine."""

    store: Store
    index: VectorIndex | None
    folder: IndexFolder

    def soon(self) -> bool:
        """After something was forgotten: empty the log, and tell a chroma server. False where another process is still
        reading what the log holds."""
        if self.index is not None and self.index.shared and self.index.exists:
            self.index.sync()
        return self.store.wipe(PATIENCE)

    def finish(self) -> None:
        """Do whatever is owed, as far as other processes let it be done. The vector index is closed for that."""
        owed = self.store.owed()
        if not owed:
            return
        if owed.words:
            with self.store.writing() as change:
                change.tidy()
        wiped = self.store.wipe(0)
        done = Owed(owed.words if wiped else None, owed.vectors if wiped and self._unvectored(owed) else None)
        if done:
            with self.store.writing() as change:
                change.paid(done)

    def vectors(self) -> bool:
        """Remove the folder of the vector index. False where another process is using it."""
        if self.index is not None:
            self.index.close()
        try:
            return self.folder.erase()
        except OSError:
            return False

    def _unvectored(self, owed: Owed) -> bool:
        return owed.vectors is not None and self.vectors()
