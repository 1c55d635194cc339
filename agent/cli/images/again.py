"""`thinkact images again`: a picture made again from what its own file tells."""

from __future__ import annotations

import hashlib
import re
import shutil
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import typer

from agent.cli.images.files import read_file, wrong_usage
from agent.cli.images.models import library_of
from agent.cli.images.showing import put
from agent.cli.meter import Meter
from agent.cli.previews import shown, way_of
from agent.cli.saying import say
from agent.errors import UsageError
from agent.opening.desk import find_workspace
from agent.settings import Settings
from agent.terminal import plain
from plugins import Drawing, Drawn, ToolError
from plugins.images import BACKENDS, Recipe, Studio, open_picture, read_told
from plugins.images._again import Again, again_of, lora_changed
from plugins.images._hub import Library
from plugins.images._loading import model_hash
from plugins.images._models import Model, demo_model

_LARGEST = 200_000_000  # bytes of a picture that it was made from


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What was said on the command line. `anyway`: by another model or LoRA, too."""

    file: Path
    out: Path | None
    seed: int | None
    model: str
    anyway: bool
    preview: bool


def make_again(wanted: Wanted) -> int:
    """Make it and tell whether it came out the same; the exit code, 1 where it should have and did not.

    Raises:
        UsageError: it cannot be made again here; nothing is written.
    """
    settings = Settings.load(cwd=Path.cwd())
    content, opened = read_file(wanted.file)
    if wanted.out is not None and wanted.out.exists():
        raise UsageError(f"{wanted.out} is there already", hint="name another file; none is written over")
    with wrong_usage():
        told = read_told(content, str(wanted.file))
        again = again_of(told, lambda name, digest: _parent(name, digest, wanted.file, settings))
        if wanted.seed is not None:
            again = again.with_seed(wanted.seed)
        again, model = _chosen(again, wanted, settings, told.recipe)
        drawn = _drawn(again, model, settings)
    out = _written(drawn, wanted)
    typer.echo(plain(f"{out}: {drawn.width} x {drawn.height}{_by(drawn)}"))
    for note in (*again.notes, *drawn.notes):
        typer.echo(plain(f"note: {note}"))
    put(shown(drawn.content, way_of(settings, sys.stdout, wanted=wanted.preview), columns=_columns()))
    if wanted.seed is not None:
        return 0
    return _compared(again, drawn, opened.image, told.recipe, lossy=not content.startswith(b"\x89PNG"))


def _columns() -> int:
    return shutil.get_terminal_size().columns


def _by(drawn: Drawn) -> str:
    seeded = "" if drawn.seed is None else f", seed {drawn.seed}"
    return f"{seeded}, drawn by {drawn.backend}{f' ({drawn.model})' if drawn.model else ''}"


def _parent(name: str, digest: str, file: Path, settings: Settings) -> bytes:
    """The content of a picture that this one was made from: a file where its path leads, or an artifact of a run.

    Only content of that very hash counts, so that a strange file gets nothing read that it does not know already.
    """
    if not re.fullmatch(r"[0-9a-f]{64}", digest):
        raise ToolError("the file does not tell the hash of the picture that it was made from")
    changed = False
    for path in _places(name, digest, file, settings):
        try:
            content = path.read_bytes() if path.is_file() and path.stat().st_size <= _LARGEST else None
        except (OSError, ValueError):
            continue
        if content is not None:
            if hashlib.sha256(content).hexdigest() == digest:
                return content
            changed = True
    told = f"{name[:200]}, from which it was made, "
    if changed:
        raise ToolError(f"{told}has changed since", hint="put the one that it was back in its place")
    raise ToolError(f"{told}is not here any more", hint="put it back where it was, or beside the picture")


def _places(name: str, digest: str, file: Path, settings: Settings) -> Iterator[Path]:
    """Where a picture of this name and hash may lie: where it was, beside the picture, and where runs keep theirs."""
    if name and "\0" not in name:
        desk = find_workspace(flag=None, stated=None, cwd=Path.cwd()).root
        yield from (Path(name), file.parent / name, desk / name, file.parent / Path(name).name)
    for shelf in (settings.home / "calls", *settings.runs_folder.glob("*/artifacts")):
        yield from shelf.glob(f"{digest}*")


def _chosen(again: Again, wanted: Wanted, settings: Settings, recipe: Recipe | None) -> tuple[Again, Model | None]:
    """The same with the model that it is to be made by, and that model; None where it takes none."""
    if again.enlarged is not None or again.backend == "draw":
        return again, None
    if again.backend and again.backend not in BACKENDS:
        raise ToolError(f"it was drawn by {again.backend[:60]}, which is not here")
    library = library_of(settings)
    found = list(_candidates(again, wanted, settings, library))
    model = _same(again, found)
    if model is None and not found and not again.backend:
        return again, None  # another program's picture, drawn by whatever draws here
    if model is None:
        model = _other(again, found, anyway=wanted.anyway)
        told = f"{model.name}, not by {again.model[:200] or 'the one that it was drawn by'}"
        other = f"drawn by {told}{' of other weights' if model.name == again.model else ''}"
        notes = (*again.notes, other)
        again = replace(again, notes=notes, exact=False)
    if changed := lora_changed(recipe, model.lora):
        if not wanted.anyway:
            raise ToolError(f"the LoRA {changed[:200]} is another than it was drawn with", hint=_ANYWAY)
        again = replace(again, notes=(*again.notes, f"the LoRA {changed[:200]} is another now"), exact=False)
    return again, model


_ANYWAY = "--anyway draws with it all the same; it will not come out identical"


def _candidates(again: Again, wanted: Wanted, settings: Settings, library: Library) -> Iterator[Model]:
    """The models that it may be made by, the likeliest first."""
    if again.backend == "demo" and not wanted.model:
        yield demo_model()
        return
    names = [wanted.model] if wanted.model else [again.model, settings.image_model or ""]
    for name in names:
        try:
            if name:
                yield library.find(name)
        except ToolError:
            if wanted.model:
                raise


def _same(again: Again, found: Sequence[Model]) -> Model | None:
    """The one of the very weights that the picture was drawn with; of another program's picture, the one that was
    named."""
    if not again.model_hash:
        return found[0] if found and again.model in ("", found[0].name) else None
    return next((one for one in found if model_hash(one.folder) == again.model_hash), None)


def _other(again: Again, found: Sequence[Model], *, anyway: bool) -> Model:
    """Another model than it was drawn with, where that is wanted; a picture of another program can have no other."""
    named = f"{again.model[:200]} (hash {again.model_hash[:10]})"
    if not found:
        raise ToolError(
            f"it was drawn by {named}, which is not here",
            hint="`thinkact images models` lists what is here; --model NAME --anyway draws by another",
        )
    if again.model_hash and not anyway:
        here = f"{found[0].name} (hash {model_hash(found[0].folder)[:10]})"
        raise ToolError(f"it was drawn by {named}; here is {here}", hint=_ANYWAY)
    return found[0]


def _drawn(again: Again, model: Model | None, settings: Settings) -> Drawn:
    """The picture, drawn by the back-end that drew it."""
    with Meter(colour=not settings.no_color) as meter:

        def progress(done: int, of: int) -> None:
            meter("drawing", done=done, total=of)

        if again.enlarged is not None:
            image, scale, method, prompt = again.enlarged
            with _studio(settings.images, settings) as studio:
                return studio.upscale(
                    image,
                    scale=scale,
                    method=method,
                    prompt=prompt,
                    seed=again.seed,
                    parents=again.parents,
                    progress=progress,
                )
        assert again.drawing is not None  # or it is an enlargement
        drawing, backend = _by_model(again.drawing, again.backend, model, settings)
        with _studio(backend, settings) as studio:
            (drawn,) = studio.draw(drawing, tool=again.tool, parents=again.parents, progress=progress)
            return drawn


def _by_model(drawing: Drawing, backend: str, model: Model | None, settings: Settings) -> tuple[Drawing, str]:
    """The drawing with its model named, and the back-end that is to draw it."""
    if model is None:
        return drawing, backend or settings.images
    if model.look.scenes:
        return drawing, "demo"
    name = model.name if "/" in model.name else str(model.folder)
    return replace(drawing, model=name), "diffusers"


def _studio(backend: str, settings: Settings) -> Studio:
    return Studio(backend, model=settings.image_model, models=settings.image_models, cache=settings.hub_cache)


def _written(drawn: Drawn, wanted: Wanted) -> Path:
    """Write it to a file that was not there before."""
    stem = wanted.file.with_suffix("")
    names = (Path(f"{stem}-again{f'-{number}' if number > 1 else ''}.png") for number in range(1, 10_000))
    for name in [wanted.out] if wanted.out is not None else names:
        try:
            with name.open("xb") as file:
                file.write(drawn.content)
        except FileExistsError:
            continue
        except OSError as error:
            raise UsageError(f"{name} cannot be written: {error.strerror}", hint="name another with --out") from error
        return name
    raise UsageError("no name is free for it", hint="name one with --out")


def _compared(again: Again, drawn: Drawn, before: Any, recipe: Recipe | None, *, lossy: bool) -> int:
    """Tell whether it came out the same; the exit code."""
    now = open_picture(drawn.content, "the picture").image
    if now.size != before.size:
        typer.echo(f"it was {before.width} x {before.height} before")
        return 1 if again.exact else 0
    if now.convert("RGBA").tobytes() == before.convert("RGBA").tobytes():
        typer.echo("the pixels came out identical")
        return 0
    most, count = _difference(before, now)
    typer.echo(f"the pixels differ: {count:,} of {now.width * now.height:,}, by {most} of 255 at most")
    if lossy:
        typer.echo("the file keeps its pixels only nearly, so that tells little")
        return 0
    if again.exact and recipe is not None:
        for name, version in _changed(recipe.versions, drawn.recipe.get("versions", {})):
            say(plain(f"it was drawn with {name} {version}"))
    return 1 if again.exact else 0


def _difference(before: Any, now: Any) -> tuple[int, int]:
    """By how much two pictures differ at most, and in how many of their pixels."""
    from PIL import ImageChops

    apart = ImageChops.difference(before.convert("RGB"), now.convert("RGB"))
    worst = apart.split()[0]
    for band in apart.split()[1:]:
        worst = ImageChops.lighter(worst, band)
    counts = worst.histogram()
    return max(value for value, count in enumerate(counts) if count), sum(counts[1:])


def _changed(before: Mapping[str, str], now: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for name, version in before.items():
        if now.get(name) != version:
            yield name, f"{version}, and here is {now.get(name, 'none')}"
