"""The moving formats that are written here frame by frame: GIF89a and animated WebP.

Pillow writes one frame, and keeps all of an animation in memory until its end; so each frame is written by it as a
picture of its own, whose compressed part is put behind those before it.
"""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol

from plugins.images._picture import as_file
from plugins.images._recipe import Recipe, to_json

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["Form", "Gif", "WebP"]

_GIF_END = b"\x3b"
_PICTURE, _EXTENSION = 0x2C, 0x21
_COLOURS = 256
_QUALITY = 90  # of 100, of WebP's frames


class Form(Protocol):
    """How a format is put together: what stands first, one part for each frame, what stands last."""

    def head(self) -> bytes:
        """What stands before the first frame."""
        ...

    def frame(self, image: Image, milliseconds: int) -> bytes:
        """A frame that is shown for so long. `image` is RGB, of the film's size."""
        ...

    def whole(self, head: bytes, length: int) -> tuple[bytes, bytes]:
        """The head as it is once the file is `length` bytes long without its tail, and the tail."""
        ...


class Gif:
    """GIF89a. It counts in hundredths of a second. `alike`: all frames share the first one's 256 colours, so that even
    grounds do not flicker; else each has its own."""

    def __init__(self, size: tuple[int, int], recipe: Recipe, *, alike: bool) -> None:
        self._size, self._recipe, self._alike = size, recipe, alike
        self._first: Image | None = None

    def head(self) -> bytes:
        """See `Form`."""
        screen = struct.pack("<HHBBB", *self._size, 0x70, 0, 0)  # no table of colours that all share
        forever = b"\x21\xff\x0bNETSCAPE2.0\x03\x01\x00\x00\x00"
        comment = b"\x21\xfe" + b"".join(_blocks(to_json(self._recipe).encode())) + b"\x00"
        return b"GIF89a" + screen + forever + comment

    def frame(self, image: Image, milliseconds: int) -> bytes:
        """See `Form`."""
        if self._alike and self._first is not None:
            few = image.quantize(palette=self._first)
        else:
            few = image.quantize(_COLOURS)
            self._first = self._first or few
        written = io.BytesIO()
        few.save(written, "GIF", interlace=False)
        table, place, packed = _gif_parts(written.getvalue())
        control = b"\x21\xf9\x04" + struct.pack("<BHBB", 0x04, milliseconds // 10, 0, 0)  # 4: it stays
        bits = (len(table) // 3).bit_length() - 2
        return control + b"\x2c" + place + bytes([0x80 | bits]) + table + packed

    def whole(self, head: bytes, length: int) -> tuple[bytes, bytes]:  # noqa: ARG002
        """See `Form`."""
        return head, _GIF_END


def _blocks(content: bytes) -> Iterator[bytes]:
    for at in range(0, len(content), 255):
        part = content[at : at + 255]
        yield bytes([len(part)]) + part


def _gif_parts(file: bytes) -> tuple[bytes, bytes, bytes]:
    """Of a GIF with one picture: its table of colours, its place and size, and its compressed pixels."""
    packed = file[10]
    at = 13
    table = file[at : at + 3 * 2 ** ((packed & 7) + 1)] if packed & 0x80 else b""
    at += len(table)
    while file[at] == _EXTENSION:
        at = _behind(file, at + 2)
    assert file[at] == _PICTURE
    place, own = file[at + 1 : at + 9], file[at + 9]
    at += 10
    if own & 0x80:
        table = file[at : at + 3 * 2 ** ((own & 7) + 1)]
        at += len(table)
    return table, place, file[at : _behind(file, at + 1)]


def _behind(file: bytes, at: int) -> int:
    """Where a row of blocks ends."""
    while file[at]:
        at += file[at] + 1
    return at + 1


class WebP:
    """Animated WebP, as Google's container specification has it."""

    _ANIMATED, _WITH_EXIF = 0x02, 0x08

    def __init__(self, size: tuple[int, int], recipe: Recipe) -> None:
        self._size = size
        self._exif = _exif(recipe)

    def head(self) -> bytes:
        """See `Form`."""
        width, height = self._size
        canvas = struct.pack("<I", self._ANIMATED | self._WITH_EXIF) + _three(width - 1) + _three(height - 1)
        forever = struct.pack("<IH", 0xFFFFFFFF, 0)
        return b"RIFF\x00\x00\x00\x00WEBP" + _chunk(b"VP8X", canvas) + _chunk(b"ANIM", forever)

    def frame(self, image: Image, milliseconds: int) -> bytes:
        """See `Form`."""
        written = io.BytesIO()
        image.save(written, "WEBP", quality=_QUALITY)
        inner = b"".join(_chunk(*one) for one in _chunks(written.getvalue()) if one[0] in (b"VP8 ", b"VP8L"))
        place = _three(0) * 2 + _three(image.width - 1) + _three(image.height - 1)
        return _chunk(b"ANMF", place + _three(milliseconds) + b"\x02" + inner)  # 2: it covers what was there

    def whole(self, head: bytes, length: int) -> tuple[bytes, bytes]:
        """See `Form`."""
        tail = _chunk(b"EXIF", self._exif)
        return head[:4] + struct.pack("<I", length + len(tail) - 8) + head[8:], tail


def _exif(recipe: Recipe) -> bytes:
    """What a picture's file tells of how it was made, as WebP holds it."""
    from PIL import Image

    file = as_file(Image.new("RGB", (1, 1)), recipe, form="WEBP")
    return next(content for name, content in _chunks(file) if name == b"EXIF")


def _chunks(file: bytes) -> Iterator[tuple[bytes, bytes]]:
    at = 12
    while at + 8 <= len(file):
        (length,) = struct.unpack_from("<I", file, at + 4)
        yield file[at : at + 4], file[at + 8 : at + 8 + length]
        at += 8 + length + length % 2


def _chunk(name: bytes, content: bytes) -> bytes:
    return name + struct.pack("<I", len(content)) + content + b"\x00" * (len(content) % 2)


def _three(number: int) -> bytes:
    return number.to_bytes(3, "little")
