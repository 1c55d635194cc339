"""The picture files that are named on the command line."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from agent.errors import UsageError
from plugins import ToolError
from plugins.images import Opened, open_picture

_LARGEST = 200_000_000  # bytes of a picture file


def read_file(file: Path) -> tuple[bytes, Opened]:
    """The content of a file, and the picture that it is.

    Raises:
        UsageError: it cannot be read, or is no picture.
    """
    try:
        if file.stat().st_size > _LARGEST:
            raise UsageError(f"{file} is larger than {_LARGEST // 1_000_000} MB", hint="name a smaller picture")
        content = file.read_bytes()
    except OSError as error:
        raise UsageError(f"{file} cannot be read: {error.strerror}", hint="name a picture file") from error
    with wrong_usage():
        return content, open_picture(content, str(file))


@contextmanager
def wrong_usage() -> Iterator[None]:
    """What a tool would refuse is wrong usage where a person typed it."""
    try:
        yield
    except ToolError as error:
        raise UsageError(error.message, hint=error.hint) from error
