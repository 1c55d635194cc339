"""`thinkact images grid`: several pictures on one sheet."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import typer

from agent.cli.images.files import read_file, wrong_usage
from agent.errors import UsageError
from agent.terminal import plain
from plugins.images import grid_of

_MOST = 400  # pictures on a sheet


def write_grid(files: Sequence[Path], out: Path, *, columns: int) -> int:
    """Write it; the exit code.

    Raises:
        UsageError: a file is no picture, or the sheet cannot be written or is there already.
    """
    if len(files) > _MOST:
        raise UsageError(f"{len(files)} pictures are too many for one sheet", hint=f"name at most {_MOST}")
    pictures = [read_file(file)[1].image for file in files]
    with wrong_usage():
        sheet = grid_of(pictures, columns=columns)
    try:
        with out.open("xb") as written:
            sheet.save(written, "PNG")
    except FileExistsError as error:
        raise UsageError(f"{out} is there already", hint="name another file; none is written over") from error
    except OSError as error:
        raise UsageError(f"{out} cannot be written: {error.strerror}", hint="name another place") from error
    typer.echo(plain(f"{out}: {len(files)} pictures, {sheet.width} x {sheet.height}"))
    return 0
