"""The knowledge bases: whether their file is whole, and the documents in it are there."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from agent.cli.doctor.finding import Around, Finding
from agent.cli.doctor.stores import broken
from agent.spending import counted

_MOST = 50
"""Namespaces that are looked at."""


def look_at_documents(around: Around) -> Iterator[Finding]:
    """Whether the file of the knowledge bases is whole. It holds nothing that cannot be made of the documents again."""
    from agent.opening.store import documents_file, open_documents
    from memory.recall import RecallError, StoreDamaged

    file = documents_file(around.settings)
    try:
        if not file.exists():
            value = {"file": str(file), "documents": 0}
            yield Finding(name="documents", state="ok", what="there are no documents yet", value=value)
            return
        with open_documents(around.settings, busy_seconds=0.5, upkeep=False) as first:
            first.check()
            names = first.namespaces()[:_MOST]
        total = 0
        for name in names:
            with open_documents(around.settings, name, busy_seconds=0.5, upkeep=False) as recall:
                total += len(recall.sources())
    except (RecallError, OSError) as error:
        found = broken(around, "documents", error)
        again = "; nothing is lost: thinkact kb add FOLDER fills a new one from your documents"
        yield replace(found, what=found.what + again) if isinstance(error, StoreDamaged) else found
        return
    what = f"{counted(total, 'document')} in {counted(len(names), 'namespace')}, the file is whole"
    yield Finding(name="documents", state="ok", what=what, value={"file": str(file), "documents": total})
