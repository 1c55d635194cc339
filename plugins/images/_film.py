"""Films, written frame by frame, so that no more of one is in memory than the frame that comes."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, BinaryIO, Protocol, Self

from plugins._outcome import ToolError
from plugins.images._film_forms import Form, Gif, WebP
from plugins.images._film_mp4 import Mp4
from plugins.images._recipe import Recipe

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["FILM_TYPES", "Film", "judge_film"]

FILM_TYPES = {"gif": "image/gif", "webp": "image/webp", "mp4": "video/mp4"}
"""The formats, by their endings, with their media types."""
_FASTEST = {"gif": 50.0, "webp": 100.0, "mp4": 120.0}
_SLOWEST = 0.1  # frames a second
_LARGEST = {"gif": 65_535, "webp": 16_383, "mp4": 8_192}  # pixels of a side


class _Written(Protocol):
    """Who writes one kind of film."""

    def add(self, image: Image, milliseconds: int) -> None: ...
    def so_far(self) -> bytes: ...
    def finish(self) -> None: ...
    def give_up(self) -> None: ...


def judge_film(form: str, fps: float) -> None:
    """Refuse a format that cannot be written here, and a speed that it does not have.

    Raises:
        ToolError: it says which can.
    """
    if form not in FILM_TYPES:
        raise ToolError(f"there is no format {form[:40]!r} for films", hint=f"one of {', '.join(FILM_TYPES)}")
    if not _SLOWEST <= fps <= _FASTEST[form]:
        raise ToolError(
            f"fps must be from {_SLOWEST:g} to {_FASTEST[form]:g} in a {form} file, not {fps:g}",
            hint="8 to 24 are usual",
        )
    if form == "mp4":
        Mp4.program()


class Film:
    """A film that is being written. A context manager: a file is there once `finish` was called, and else nothing.

    Args:
        file: Where it is to be; what is there is replaced at the end. Its ending tells the format: see `FILM_TYPES`.
        size: Width and height in pixels.
        fps: Frames a second.
        recipe: What the file is to tell of how it was made.
        alike: A GIF's frames share the colours of the first.

    Raises:
        ToolError: it cannot be written so.
    """

    def __init__(self, file: Path, *, size: tuple[int, int], fps: float, recipe: Recipe, alike: bool = False) -> None:
        form = file.suffix.lower().removeprefix(".")
        judge_film(form, fps)
        if max(size) > _LARGEST[form]:
            raise ToolError(f"a {form} film has at most {_LARGEST[form]} pixels a side, not {size[0]} x {size[1]}")
        self.frames = 0
        self._file, self._fps, self._size, self._finished = file, fps, size, False
        part = file.with_name(f".{file.stem}.part.{form}")
        self._part = part
        self._grain = 10 if form == "gif" else 1  # milliseconds that the format counts by
        try:
            self._written = _written(part, form, size=size, fps=fps, recipe=recipe, alike=alike)
        except OSError as error:
            raise _unwritten(error) from error

    def add(self, image: Image) -> None:
        """Write the next frame; one of another size is refused.

        Raises:
            ToolError: it cannot be written, such as where the disk is full.
        """
        if image.size != self._size:
            raise ToolError(f"a frame of {image.width} x {image.height} in a film of {self._size[0]} x {self._size[1]}")
        ends, began = (round((self.frames + more) * 1000 / self._fps / self._grain) for more in (1, 0))
        try:
            self._written.add(image.convert("RGB"), (ends - began) * self._grain)
        except OSError as error:
            raise _unwritten(error) from error
        self.frames += 1

    def so_far(self) -> bytes:
        """A whole film of the frames that are written; b"" where there is none yet."""
        try:
            return self._written.so_far()
        except OSError as error:
            raise _unwritten(error) from error

    def finish(self) -> None:
        """End it, and put it where it is to be.

        Raises:
            ToolError: it has no frame, or cannot be written.
        """
        if not self.frames:
            raise ToolError("a film without a frame is none")
        try:
            self._written.finish()
            os.replace(self._part, self._file)  # noqa: PTH105 - as it says what is meant: whatever is there goes
        except OSError as error:
            raise _unwritten(error) from error
        self._finished = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._finished:
            self._written.give_up()
            self._part.unlink(missing_ok=True)


def _written(part: Path, form: str, *, size: tuple[int, int], fps: float, recipe: Recipe, alike: bool) -> _Written:
    if form == "mp4":
        return Mp4(part, size=size, fps=fps, recipe=recipe)
    return _Rows(part, Gif(size, recipe, alike=alike) if form == "gif" else WebP(size, recipe))


class _Rows:
    """A file that is its head, its frames one behind the other, and its tail."""

    def __init__(self, part: Path, form: Form) -> None:
        self._part, self._form = part, form
        self._head = form.head()
        self._opened: BinaryIO = part.open("wb")
        self._length = 0
        self._put(self._head)

    def add(self, image: Image, milliseconds: int) -> None:
        self._put(self._form.frame(image, milliseconds))

    def _put(self, content: bytes) -> None:
        self._opened.write(content)
        self._opened.flush()
        self._length += len(content)

    def so_far(self) -> bytes:
        head, tail = self._form.whole(self._head, self._length)
        return head + self._part.read_bytes()[len(head) :] + tail

    def finish(self) -> None:
        head, tail = self._form.whole(self._head, self._length)
        self._opened.write(tail)
        self._opened.seek(0)
        self._opened.write(head)
        self._opened.flush()
        os.fsync(self._opened.fileno())
        self._opened.close()

    def give_up(self) -> None:
        with suppress(OSError):  # a full disk again: what would be lost is given up anyway
            self._opened.close()


def _unwritten(error: OSError) -> ToolError:
    told = error.strerror or str(error)
    return ToolError(f"the film cannot be written: {told}", hint="make room, or name another place")
