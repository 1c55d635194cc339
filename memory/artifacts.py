"""Artifacts: big results, pictures and pages, kept as files that are named by their content.

A file is named by the SHA-256 of its bytes, with a suffix that tells its media type. It is written under another name,
synced, renamed, and its folder synced; only then does `put` return, so a handle that somebody wrote down leads to
whole bytes after a kill or a power cut. The name is all there is to know: no index can be lost or be out of step.

A handle is `a-` and the first 12 hex digits of the hash; 16 or more where another artifact begins with the same 12
(the file's name then says how many). The same bytes have one handle, and the media type they were first kept with.
"""

from __future__ import annotations

import difflib
import hashlib
import os
import re
import tempfile
import threading
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from urllib.parse import quote, unquote

from ._durable import sync, sync_folder
from ._places import trouble

__all__ = ["ArtifactError", "Kept", "Shelf", "handle_of"]

_SHORTEST, _LONGER = 12, 4  # hex digits of a handle, and by how many it grows where two clash
_SUFFIXES = MappingProxyType(
    {
        "text/plain": ".txt",
        "text/markdown": ".md",
        "text/html": ".html",
        "text/csv": ".csv",
        "application/json": ".json",
        "application/pdf": ".pdf",
        "application/zip": ".zip",
        "application/octet-stream": ".bin",
        "image/png": ".png",
        "image/jpeg": ".jpg",
        "image/webp": ".webp",
        "image/gif": ".gif",
        "image/svg+xml": ".svg",
        "audio/mpeg": ".mp3",
        "audio/wav": ".wav",
        "video/mp4": ".mp4",
    }
)
_MEDIA_TYPES = MappingProxyType({suffix: media_type for media_type, suffix in _SUFFIXES.items()})
_STEM = re.compile(r"([0-9a-f]{64})(?:~([0-9]{2}))?")
_TYPE = re.compile(r"[a-z0-9][a-z0-9!#$&^_.+-]*/[a-z0-9][a-z0-9!#$&^_.+-]*( *;.*)?")
_SUFFIX = re.compile(r"\.[a-z0-9]{1,8}")
_LONGEST_TYPE = 60  # bytes; written into a file's name, where three letters may stand for one of them


class ArtifactError(Exception):
    """An artifact that cannot be kept or had.

    Args:
        message: What is wrong, one line; a model may read it, so that it names no file of this machine.
        hint: What to do about it, or None.
    """

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """An artifact on the shelf. `path` is absolute, `sha256` 64 hex digits, `bytes` the size of the content."""

    handle: str
    path: Path
    media_type: str
    bytes: int
    sha256: str


def handle_of(content: bytes) -> str:
    """The handle that these bytes have on a shelf where no other's is like it."""
    return _handle(hashlib.sha256(content).hexdigest(), _SHORTEST)


class Shelf:
    """A folder of artifacts. May be used by several threads; nothing is made before the first `put`.

    One process puts (a run's journal sees to that); others may look at the same time.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = Path(folder).absolute()
        self._guard = threading.Lock()
        self._kept: dict[str, Kept] = {}  # by handle
        self._handles: dict[str, str] = {}  # by hash
        self._looked = False

    def put(self, content: bytes, *, media_type: str = "text/plain", name: str = "") -> Kept:
        """Keep bytes durably. The same bytes again are the same artifact, and cost no write.

        `name` is what the content was called where it came from: its suffix is taken over where the media type has
        none of its own. A media type that is none is kept as `application/octet-stream`.

        Raises:
            ArtifactError: it cannot be written; nothing was kept.
        """
        digest = hashlib.sha256(content).hexdigest()
        with self._guard:
            kept = self._look().get(self._handles.get(digest, ""))
            if kept is None:
                kept = self._new(digest, len(content), _checked(media_type), name)
            elif _holds(kept.path, content):
                return kept
            try:
                _write(kept.path, content)
            except OSError as error:
                raise _refused(f"an artifact of {len(content)} bytes cannot be kept", error, self.folder) from error
            self._add(kept)
            return kept

    def get(self, handle: str) -> tuple[Kept, bytes]:
        """An artifact and its content, which was compared with its hash.

        Raises:
            ArtifactError: the handle is unknown (the nearest is named), or the file is damaged or cannot be read.
        """
        kept = self.find(handle)
        try:
            content = kept.path.read_bytes()
        except OSError as error:
            raise _refused(f"artifact {handle} cannot be read", error, kept.path) from error
        if hashlib.sha256(content).hexdigest() != kept.sha256:
            raise ArtifactError(
                f"artifact {handle} is damaged: its file is not what was kept", hint="make it again, if that can be"
            )
        return kept, content

    def find(self, handle: str) -> Kept:
        """What is known of an artifact, without reading it. Raises `ArtifactError` for an unknown handle."""
        with self._guard:
            kept = self._look().get(handle)
            if kept is None or not kept.path.is_file():
                kept = self._look(again=True).get(handle)
            if kept is None:
                nearest = difflib.get_close_matches(handle, self._look(), n=1)
                raise ArtifactError(
                    f"there is no artifact {handle!r}", hint=f"did you mean {nearest[0]}?" if nearest else None
                )
            return kept

    def handles(self) -> tuple[str, ...]:
        """The handles of all artifacts, sorted."""
        with self._guard:
            return tuple(sorted(self._look(again=True)))

    def _look(self, *, again: bool = False) -> dict[str, Kept]:
        if self._looked and not again:
            return self._kept
        self._kept, self._handles = {}, {}
        for kept in _told_by_names(self.folder):
            if kept.sha256 not in self._handles:
                # two processes may have kept clashing contents at the same moment, neither seeing the other's
                self._add(self._apart(kept))
        self._looked = True
        return self._kept

    def _add(self, kept: Kept) -> None:
        self._kept[kept.handle] = kept
        self._handles[kept.sha256] = kept.handle

    def _apart(self, kept: Kept) -> Kept:
        """The same with a longer handle, where its own is another artifact's."""
        length = len(kept.handle) - 2
        while _handle(kept.sha256, length) in self._kept:
            length += _LONGER
        return replace(kept, handle=_handle(kept.sha256, length))

    def _new(self, digest: str, size: int, media_type: str, name: str) -> Kept:
        ending = _SUFFIXES.get(media_type)
        if ending is None:
            own = Path(name).suffix.lower()
            ending = f".{quote(media_type, safe='')}{own if _SUFFIX.fullmatch(own) else '.bin'}"
        kept = Kept(
            handle=_handle(digest, _SHORTEST), path=self.folder, media_type=media_type, bytes=size, sha256=digest
        )
        kept = self._apart(kept)
        length = len(kept.handle) - 2
        stem = digest if length == _SHORTEST else f"{digest}~{length}"
        return replace(kept, path=self.folder / f"{stem}{ending}")


def _handle(digest: str, length: int) -> str:
    return f"a-{digest[:length]}"


def _checked(media_type: str) -> str:
    media_type = media_type.strip().lower()
    fits = len(media_type) <= _LONGEST_TYPE and media_type.isascii() and media_type.isprintable()
    return media_type if fits and _TYPE.fullmatch(media_type) else "application/octet-stream"


def _told_by_names(folder: Path) -> list[Kept]:
    try:
        paths = sorted(folder.iterdir()) if folder.is_dir() else []
        return [kept for kept in map(_told_by, paths) if kept is not None]
    except OSError as error:
        raise _refused("the artifacts of this run cannot be read", error, folder) from error


def _told_by(path: Path) -> Kept | None:
    """What a file's name tells; None where it is no artifact, such as one that a kill left half written."""
    stem, _, ending = path.name.partition(".")
    parts = _STEM.fullmatch(stem)
    if parts is None or path.is_symlink() or not path.is_file():
        return None
    media_type = _MEDIA_TYPES.get(f".{ending}") or unquote(ending.rpartition(".")[0])
    return Kept(
        handle=_handle(parts[1], int(parts[2] or _SHORTEST)),
        path=path,
        media_type=media_type or "application/octet-stream",
        bytes=path.stat().st_size,
        sha256=parts[1],
    )


def _refused(what: str, error: OSError, file: Path) -> ArtifactError:
    found = trouble(error, file)
    return ArtifactError(f"{what}: {found.why}", hint=found.hint)


def _holds(path: Path, content: bytes) -> bool:
    try:
        return path.stat().st_size == len(content) and path.read_bytes() == content
    except OSError:
        return False


def _write(path: Path, content: bytes) -> None:
    folder = path.parent
    if not folder.is_dir():
        folder.mkdir(parents=True, exist_ok=True)
        sync_folder(folder.parent)
    descriptor, temporary = tempfile.mkstemp(dir=folder, prefix="unfinished-")
    try:
        with os.fdopen(descriptor, "wb") as stream:
            stream.write(content)
            stream.flush()
            sync(stream.fileno())
        Path(temporary).replace(path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    sync_folder(folder)
