"""A picture as those see it who look at it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plugins.images._picture import open_picture

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["in_chinese", "seen"]


def seen(image: bytes) -> Image:
    """A picture in RGB; what it lets through is white.

    Raises:
        ToolError: it cannot be opened; see `open_picture`.
    """
    from PIL import Image as Images

    opened = open_picture(image, "the picture to look at").image
    if opened.mode == "RGBA":
        opened = Images.alpha_composite(Images.new("RGBA", opened.size, "white"), opened)
    return opened.convert("RGB")


def in_chinese(text: str) -> bool:
    """Is any of a text written in Chinese characters?"""
    return any("\u4e00" <= one <= "\u9fff" for one in text)
