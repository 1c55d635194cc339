"""The packed formats (docx, xlsx, pptx, epub, odt): their parts, without being blown up by them."""

from __future__ import annotations

import io
import posixpath
import zipfile
import zlib
from types import TracebackType
from typing import IO
from urllib.parse import unquote

from plugins._contract import ToolError
from plugins._convert._document import Source
from plugins._convert._markup import Node, attribute, tree
from plugins._kinds import size

__all__ = ["BROKEN", "Archive"]

BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError)
"""What reading a damaged archive raises."""
_SMALL = 10_000_000  # bytes; a part of this size hurts nobody, however well it was packed
_ENCRYPTED = 0x1


class Archive:
    """A packed file. What is read is counted by the size that it declares, beyond which `zipfile` reads nothing."""

    def __init__(self, source: Source) -> None:
        self._name = source.name
        self._limits = source.limits
        try:
            self._zip = zipfile.ZipFile(io.BytesIO(source.content))
        except zipfile.BadZipFile as error:
            raise zipfile.BadZipFile("its list of parts, which stands at its end, is missing or spoilt") from error
        self._unpacked = 0
        self.names = frozenset(self._zip.namelist())

    def __enter__(self) -> Archive:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._zip.close()

    def open(self, name: str) -> IO[bytes]:
        """A part, to be read from.

        Raises:
            KeyError: there is none of this name.
            ToolError: it would be too large, or needs a password.
        """
        one = self._zip.getinfo(name)
        if one.flag_bits & _ENCRYPTED:
            raise ToolError(f"'{self._name}' needs a password", hint="save a copy without one, and name that")
        self._unpacked += one.file_size
        packed = max(1, one.compress_size)
        if self._unpacked > self._limits.unpacked or (
            one.file_size > _SMALL and one.file_size > self._limits.ratio * packed
        ):
            raise ToolError(
                f"'{self._name}' is refused: its part '{name}' grows from {size(one.compress_size)} to "
                f"{size(one.file_size)} when unpacked, and that is what a bomb does",
                hint="if it is yours, save it anew with the program it is from, or split it",
            )
        return self._zip.open(one)

    def read(self, name: str) -> bytes:
        """A whole part; see `open`."""
        with self.open(name) as stream:
            return stream.read()

    def tree(self, name: str) -> Node:
        """A small part, as XML; see `open`."""
        return tree(self.read(name))

    def links(self, name: str) -> dict[str, tuple[str, str]]:
        """What a part of an Office file points at: by its id, the last word of its type and the target, which is the
        name of a part, or an address as it stands."""
        folder, file = posixpath.split(name)
        place = posixpath.join(folder, "_rels", f"{file}.rels")
        if place not in self.names:
            return {}
        found: dict[str, tuple[str, str]] = {}
        for link in self.tree(place):
            target = attribute(link, "Target")
            if attribute(link, "TargetMode") != "External":
                target = resolve(folder, target)
            found[attribute(link, "Id")] = (attribute(link, "Type").rpartition("/")[2], target)
        return found


def resolve(folder: str, target: str) -> str:
    """The name of the part that a reference from a folder of the archive means."""
    path = unquote(target.partition("#")[0])
    return posixpath.normpath(posixpath.join("/", folder, path)).lstrip("/")
