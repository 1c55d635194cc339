"""`thinkact images show`: pictures, in the terminal."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Sequence
from pathlib import Path

import typer

from agent.cli.images.files import read_file
from agent.cli.previews import shown, way_of
from agent.settings import Settings
from agent.terminal import plain


def show(files: Sequence[Path]) -> int:
    """Show them, one below the other, each with its name and size; the exit code.

    Raises:
        UsageError: one is no picture.
    """
    way = way_of(Settings.load(cwd=Path.cwd()), sys.stdout)
    read = [(file, *read_file(file)) for file in files]
    for file, content, opened in read:
        typer.echo(plain(f"{file}: {opened.image.width} x {opened.image.height}"))
        put(shown(content, way, columns=shutil.get_terminal_size().columns))
    return 0


def put(preview: str) -> None:
    """Write a picture to stdout, as it is."""
    sys.stdout.write(preview)
    sys.stdout.flush()
