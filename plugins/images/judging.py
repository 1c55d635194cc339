"""The tool that scores pictures: whole sets of them, against words, and against other pictures."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import Literal

from plugins._contract import Context, Effect, Observation, ToolError, WorkspacePath
from plugins._schema import tool
from plugins.images._judge import Figure, Jury

__all__ = ["score_images"]

_ENDINGS = (".png", ".jpg", ".jpeg", ".webp", ".gif", ".bmp", ".tif", ".tiff")
_MOST = 20_000  # pictures


@tool(
    effect=Effect.READ,
    repeatable=True,
    timeout=3600.0,
    aliases=(
        *("rate pictures", "evaluate images", "image quality", "FID", "inception score", "CLIP score", "SSIM", "PSNR"),
        *("评分", "给图片打分", "评价图片", "图像质量"),
    ),
)
def score_images(
    images: list[WorkspacePath] | None = None,
    folder: WorkspacePath | None = None,
    prompts: list[str] | None = None,
    prompts_file: WorkspacePath | None = None,
    reference: list[WorkspacePath] | None = None,
    metrics: list[Literal["align", "clip", "fid", "is", "ssim", "psnr"]] | None = None,
    classes: list[str] | None = None,
    *,
    context: Context,
) -> Observation:
    """Score pictures: do they show their prompts, how good and varied is a set, how near are they to others.

    Args:
        images: The pictures.
        folder: Or a folder of them, by name.
        prompts: What each shows, in the same order.
        prompts_file: Or a file with one a line.
        reference: Pictures to compare with, or a folder.
        metrics: Which; else all that can be told.
        classes: What they may show, for is.
    """
    pictures = _files([*(images or ()), *((folder,) if folder is not None else ())], "images", context)
    if not pictures:
        raise ToolError("no pictures are named", hint="name them in images, or a folder")
    told = _prompts(prompts, prompts_file, context)
    if told and len(told) != len(pictures):
        raise ToolError(
            f"{len(told)} prompts are not {len(pictures)} pictures", hint="give one for each, in the same order"
        )
    jury = Jury(
        pictures=pictures,
        references=_files(reference or (), "reference", context),
        prompts=told,
        classes=classes or (),
        clip=_clip_model(context),
    )
    figures = list(jury.figures(metrics or ()))
    if not figures:
        raise ToolError(f"nothing could be scored: {'; '.join(jury.notes)}", hint="name metrics for the reason of one")
    lines = [*map(_line, figures), *(f"[{note}]" for note in jury.notes)]
    return Observation(ok=True, text="\n".join(lines), value=[one.plain() for one in figures])


def _clip_model(context: Context) -> Path | None:
    return None if context.images is None else context.images.clip_model()


def _line(figure: Figure) -> str:
    note = f"; {figure.note}" if figure.note else ""
    return (
        f"{figure.label}: {figure.value:.4g} ({figure.better} is better; {figure.by}; "
        f"of {figure.count} picture{'s' if figure.count != 1 else ''}{note})"
    )


def _files(named: Sequence[WorkspacePath], argument: str, context: Context) -> list[tuple[str, Callable[[], bytes]]]:
    """The pictures that are named, folders by what is in them; they are read when their turn comes."""
    names: list[str] = []
    for one in named:
        if not context.workspace.entry(one).folder:
            names.append(str(one))
            continue
        found = [entry.path for entry in context.workspace.list(one) if entry.path.lower().endswith(_ENDINGS)]
        if not found:
            raise ToolError(f"{argument}: there is no picture in the folder {one}")
        names += sorted(found, key=_natural)
    if len(names) > _MOST:
        raise ToolError(f"{argument}: {len(names):,} pictures are too many; {_MOST:,} are the most")
    return [(name, partial(context.workspace.read, name)) for name in names]


def _natural(path: str) -> list[tuple[int, str]]:
    """So that a-2 comes before a-10, and a before both, as pictures of one prompt are numbered."""
    stem = path.rpartition(".")[0]
    return [(int(part), "") if part.isdecimal() else (-1, part) for part in re.split(r"(\d+)", stem)]


def _prompts(prompts: list[str] | None, file: WorkspacePath | None, context: Context) -> list[str]:
    if prompts and file is not None:
        raise ToolError("prompts are given twice", hint="give prompts or prompts_file")
    if file is None:
        return list(prompts or ())
    try:
        text = context.workspace.read(file).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ToolError(f"{file} is no text in UTF-8", hint="save it as UTF-8") from error
    found = [line.strip() for line in text.splitlines() if line.strip()]
    if not found:
        raise ToolError(f"{file} holds no prompts", hint="write one a line")
    return found
