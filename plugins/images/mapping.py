"""The tool that makes control maps from pictures."""

from __future__ import annotations

from plugins._contract import Context, Effect, Observation, WorkspacePath
from plugins._schema import tool
from plugins.images._given import picture_of
from plugins.images._keeping import keep, stem_of, together
from plugins.images._maps import map_of

__all__ = ["control_image"]


@tool(
    effect=Effect.WRITE,
    timeout=600.0,
    aliases=(
        *(
            "edge map",
            "depth map",
            "pose map",
            "canny",
            "scribble",
            "control map",
            "ControlNet",
            "outlines of a picture",
        ),
        *("边缘图", "深度图", "姿态图", "线稿", "控制图", "轮廓"),
    ),
)
def control_image(
    image: str, kind: str = "edges", path: WorkspacePath | None = None, points: str = "", *, context: Context
) -> Observation:
    """Make a control map from a picture, for generate_image to follow.

    Args:
        image: File or handle of the picture.
        kind: edges, scribble, depth or pose.
        path: PNG file to save to.
        points: For a pose: x,y of the joints in OpenPose's order, - for one not seen.
    """
    kind = kind.strip().lower()
    stem = stem_of(path, image.rpartition("/")[2].rpartition(".")[0] or image, f"-{kind}")
    content, parents = picture_of(image, context)
    drawn = map_of(content, kind, context, points=points, parents=parents)
    return together([keep(drawn, stem, context, verb=f"a map of {kind}, made")], wanted=1)
