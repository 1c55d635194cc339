"""What has become of the files of documents since these were added."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Literal, TypeAlias

from ._sources import Source
from ._walking import content_of

State: TypeAlias = Literal["there", "changed", "gone"]
"""What has become of a document's file: as it was when it was added, with other content, or not at its place."""


def hashed(content: bytes) -> str:
    """What tells one content from another."""
    return hashlib.sha256(content).hexdigest()


def state_of(source: Source) -> State:
    """What has become of a document's file. One that cannot be looked at, such as one on a disk that is not mounted,
    is gone for whoever wants to read it."""
    path = Path(source.name)
    try:
        found = path.stat(follow_symlinks=False)
        if (found.st_size, found.st_mtime) == (source.size, source.modified):
            return "there"
        same = found.st_size == source.size and hashed(content_of(path)) == source.digest.rpartition(" ")[2]
    except OSError:
        return "gone"
    return "there" if same else "changed"
