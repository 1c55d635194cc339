"""`thinkact images drag`: what is at a point of a picture dragged to another."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from pathlib import Path

import typer

from agent.cli.images.files import read_file, wrong_usage
from agent.errors import UsageError
from agent.opening.studio import open_studio
from agent.settings import Settings
from agent.terminal import plain

_NUMBER = r"(\d+(?:\.\d+)?)"
_MOVE = re.compile(rf"\s*{_NUMBER}\s*,\s*{_NUMBER}\s+{_NUMBER}\s*,\s*{_NUMBER}\s*")


def drag(
    picture: Path,
    moves: Sequence[str],
    prompt: str,
    out: Path,
    *,
    radius: float | None,
    rounds: int | None,
    strength: float | None,
    seed: int | None,
) -> int:
    """Do it; the exit code.

    Raises:
        UsageError: something is wrong with what was given, or nothing here can do it.
    """
    points = [_move(one) for one in moves]
    content, _ = read_file(picture)
    if out.exists():
        raise UsageError(f"{out} is there already", hint="name another file; none is written over")
    parents = [(str(picture), hashlib.sha256(content).hexdigest())]
    with open_studio(Settings.load(cwd=Path.cwd())) as studio, wrong_usage():
        drawn = studio.drag(
            content, prompt, points, radius=radius, rounds=rounds, strength=strength, seed=seed, parents=parents
        )
    try:
        with out.open("xb") as written:
            written.write(drawn.content)
    except OSError as error:
        raise UsageError(f"{out} cannot be written: {error.strerror}", hint="name another place") from error
    told = f"{out}: {drawn.width} x {drawn.height}, seed {drawn.seed}, by {drawn.backend} ({drawn.model})"
    for line in (told, *drawn.notes):
        typer.echo(plain(line))
    return 0


def _move(text: str) -> tuple[float, float, float, float]:
    found = _MOVE.fullmatch(text)
    if found is None:
        raise UsageError(f"{text!r} is no move", hint="write it as '40,128 200,128': from x,y to x,y")
    a, b, c, d = (float(one) for one in found.groups())
    return a, b, c, d
