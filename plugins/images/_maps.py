"""Control maps made from pictures: edges and scribbles by rule, depth by a model, poses from points."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from plugins._contract import Artifact, Context, ControlPicture, Drawn, ToolError
from plugins.images._edges import edges
from plugins.images._given import picture_of
from plugins.images._keeping import images_of, keep_beside
from plugins.images._made import made
from plugins.images._models import CONTROLS
from plugins.images._picture import open_picture, read_told
from plugins.images._pose import figure
from plugins.images._recipe import Recipe

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["Controlled", "control_of", "map_of"]

TOOL = "control_image"


@dataclass(frozen=True, slots=True)
class Controlled:
    """A map to draw by. `parents`: the map and what it was made from; `beside`: the map where it was made here."""

    controls: tuple[ControlPicture, ...] = ()
    parents: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    beside: tuple[Artifact, ...] = ()


def control_of(image: str, kind: str, scale: float, *, is_map: bool, context: Context) -> Controlled:
    """What a drawing follows, as a tool was told of it; nothing where no picture is named. The map is made, unless the
    picture is one already: because it is said so, or because thinkact made it as one of this kind.

    Raises:
        ToolError: it cannot be.
    """
    kind = "" if kind.strip().lower() == "none" else kind.strip().lower()
    if not image.strip():
        if kind:
            raise ToolError(f"control_kind is {kind[:40]} and no control_image is named", hint="name one, or leave out")
        return Controlled()
    if not kind:
        raise ToolError("control_image needs its control_kind", hint=f"one of {', '.join(CONTROLS)}")
    _known(kind)
    if "control" not in images_of(context).abilities():
        hint = "it takes a model of the family Stable Diffusion with a ControlNet beside it; see thinkact images status"
        raise ToolError("nothing here can follow a control map", hint=hint, kind="not-here")
    content, parents = picture_of(image, context)
    if is_map or _is_map(content, image, kind):
        return Controlled((ControlPicture(image=content, kind=kind, scale=scale),), parents)
    drawn = map_of(content, kind, context, parents=parents)
    artifact = keep_beside(drawn.content, kind, context)
    return Controlled(
        (ControlPicture(image=drawn.content, kind=kind, scale=scale),),
        ((artifact.handle, artifact.sha256), *parents),
        (*drawn.notes, f"the map of {kind} that it follows is {artifact.handle}"),
        (artifact,),
    )


def map_of(
    content: bytes, kind: str, context: Context, *, parents: Sequence[tuple[str, str]], points: str = ""
) -> Drawn:
    """A control map of a picture, as large as it is.

    Args:
        content: The picture's file.
        kind: "edges", "scribble", "depth" or "pose".
        context: The tool's.
        points: For a pose: see `_pose.figure`.
        parents: The picture, as the map's file is to tell.

    Raises:
        ToolError: it is no picture, or nothing here makes such a map.
    """
    _known(kind)
    if points.strip() and kind != "pose":
        raise ToolError(f"points are for a pose, not for {kind}", hint="leave points out")
    opened = open_picture(content, parents[0][0])
    if kind == "depth":
        return images_of(context).depth(content, parents=parents)
    arguments: dict[str, str] = {"kind": kind}
    if kind == "pose":
        if not points.strip():
            raise ToolError(
                "poses are not found in pictures here: they are drawn from points",
                hint="control_image takes points; or name a pose map of another program, with control_map true",
            )
        map_, arguments["points"] = figure(points, opened.image.size), points
    else:
        map_ = edges(opened.image) if kind == "edges" else _scribble(opened.image)
        if map_.getbbox() is None:
            raise ToolError(f"the picture has no {'edges' if kind == 'edges' else 'lines'}", hint="take another one")
    recipe = Recipe(
        tool=TOOL, backend="rule", width=map_.width, height=map_.height, arguments=arguments, parents=tuple(parents)
    )
    return made(map_, recipe, opened.notes)


def _known(kind: str) -> None:
    if kind not in CONTROLS:
        raise ToolError(f"there is no kind {kind[:40]!r} of control map", hint=f"one of {', '.join(CONTROLS)}")


def _scribble(image: Image) -> Image:
    """The main outlines alone, as thick as if they were drawn with a pen."""
    from PIL import ImageFilter

    side = min(image.size)
    lines = edges(image, blur=max(1.5, side / 100), weak=7, strong=14)
    thick = max(3, side // 170 * 2 + 1)
    soft = lines.filter(ImageFilter.MaxFilter(thick)).filter(ImageFilter.GaussianBlur(thick / 3))
    return soft.point([255 if value > 127 else 0 for value in range(256)])


def _is_map(content: bytes, name: str, kind: str) -> bool:
    recipe = read_told(content, name).recipe
    return recipe is not None and recipe.tool == TOOL and recipe.arguments.get("kind") == kind
