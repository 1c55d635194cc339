"""What the tools of pictures share: what they are asked for, put into order, and what came of it, kept."""

from __future__ import annotations

import math
import re
import threading
from collections.abc import Callable, Sequence

from plugins._contract import (
    Artifact,
    Context,
    Drawing,
    Drawn,
    Images,
    Lora,
    Observation,
    ToolError,
    WorkspacePath,
)

__all__ = ["draw_all", "images_of", "keep", "keep_beside", "loras_of", "size_of", "stem_of", "telling", "together"]

_SIZE = re.compile(r"\s*(\d{1,5})\s*[x×*]\s*(\d{1,5})\s*", re.IGNORECASE)
_FOLDER = "pictures"
_NAMING = threading.Lock()
"""Held from the look for a free name until there is a file of it: two calls at a time may draw under one name."""


def images_of(context: Context) -> Images:
    """Whoever draws and looks.

    Raises:
        ToolError: nobody does.
    """
    if context.images is None:
        raise ToolError("nothing here works with pictures", hint="thinkact images status tells what to do")
    return context.images


def size_of(size: str) -> tuple[int, int]:
    """Width and height as somebody wrote them; 0, 0 for nothing."""
    if not size.strip():
        return 0, 0
    found = _SIZE.fullmatch(size)
    if found is None:
        raise ToolError(f"size {size[:40]!r} is no size", hint="write it as 512x768, width first")
    return int(found[1]), int(found[2])


def loras_of(texts: Sequence[str] | None) -> tuple[Lora, ...]:
    """LoRAs as "name" or "name:weight". The name may be a path, with a colon behind its drive."""
    return tuple(map(_lora, texts or ()))


def _lora(text: str) -> Lora:
    name, colon, weight = text.strip().rpartition(":")
    if not colon or re.search(r"[\\/]", weight):
        name, weight = text.strip(), "1"
    try:
        value = float(weight)
    except ValueError:
        value = math.nan
    if not name.strip() or not math.isfinite(value):
        raise ToolError(f"{text[:80]!r} is no LoRA with a weight", hint="write NAME, or NAME:0.8")
    return Lora(name=name.strip(), weight=value)


def stem_of(path: WorkspacePath | None, named: str, ending: str = "") -> str:
    """The path of the file to make without its ending `.png`. Where none is stated it is called by the first words of
    `named`, a prompt or a picture's name, and `ending`."""
    if path is not None:
        stem, dot, form = path.rpartition(".")
        if dot and form.lower() != "png":
            raise ToolError(f"{path} is no PNG file", hint="end its name with .png")
        return stem if dot else path
    words = re.findall(r"\w+", named.lower())[:6]
    return f"{_FOLDER}/{'-'.join(words)[:60] or 'picture'}{ending}"


def telling(context: Context, what: str = "drawing") -> Callable[[int, int], None]:
    """Steps, told on as the call's progress."""

    def told(done: int, of: int) -> None:
        context.progress(what, done=done, total=of)

    return told


def keep(drawn: Drawn, stem: str, context: Context, *, notes: Sequence[str] = (), verb: str = "drawn") -> Observation:
    """Keep a picture as an artifact, and as a file that was not there before."""
    artifact = keep_beside(drawn.content, stem.rpartition("/")[2], context)
    names = (f"{stem}{f'-{number}' if number > 1 else ''}.png" for number in range(1, 10_000))
    with _NAMING:
        path = next((name for name in names if not context.workspace.exists(name)), None)
        if path is None:
            raise ToolError(f"there are too many pictures called {stem}", hint="name another path")
        context.workspace.write(path, drawn.content)
    seeded = "" if drawn.seed is None else f", seed {drawn.seed}"
    by = f"{drawn.backend} ({drawn.model})" if drawn.model else drawn.backend
    text = f"{path} ({artifact.handle}): {drawn.width} x {drawn.height}{seeded}, {verb} by {by}"
    value = {
        "path": path,
        "handle": artifact.handle,
        "width": drawn.width,
        "height": drawn.height,
        "seed": drawn.seed,
        "backend": drawn.backend,
        "model": drawn.model,
    }
    said = "".join(f"\n[{note}]" for note in dict.fromkeys((*notes, *drawn.notes)))
    return Observation(ok=True, text=f"{text}{said}", value=value, artifacts=(artifact,))


def keep_beside(content: bytes, name: str, context: Context) -> Artifact:
    """Keep a picture as an artifact alone: one that another is made from."""
    return context.artifacts.put(content, media_type="image/png", name=f"{name}.png")


def draw_all(
    drawing: Drawing,
    stem: str,
    context: Context,
    *,
    tool: str,
    parents: Sequence[tuple[str, str]] = (),
    notes: Sequence[str] = (),
    beside: Sequence[Artifact] = (),
) -> Observation:
    """Draw, and keep each picture as soon as it is there. `parents`: what a drawing begins from first, then the mask,
    the map and the reference, then what those were made from. `beside`: what was kept on the way."""
    kept: list[Observation] = []
    for drawn in images_of(context).draw(
        drawing, tool=tool, parents=parents, progress=telling(context), cancelled=lambda: context.cancelled
    ):
        kept.append(keep(drawn, stem, context, notes=notes))
    if not kept:
        raise ToolError("the call was given up", kind="cancelled")
    return together(kept, wanted=drawing.count, beside=beside)


def together(kept: Sequence[Observation], *, wanted: int, beside: Sequence[Artifact] = ()) -> Observation:
    """What came of one call."""
    lines = dict.fromkeys(line for one in kept for line in one.text.split("\n"))  # notes that all share stand once
    if len(kept) < wanted:
        lines[f"[given up after {len(kept)} of {wanted}]"] = None
    artifacts = (*(artifact for one in kept for artifact in one.artifacts), *beside)
    return Observation(ok=True, text="\n".join(lines), value=[one.value for one in kept], artifacts=artifacts)
