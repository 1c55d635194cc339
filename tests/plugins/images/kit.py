"""What tests of pictures share."""

from __future__ import annotations

import io
import subprocess
import sys
from functools import cache

import pytest
from PIL import Image


@cache
def _here() -> bool:
    wanted = "import diffusers, peft, torch, transformers"
    return subprocess.run([sys.executable, "-c", wanted], capture_output=True).returncode == 0


needs_pipelines = pytest.mark.skipif(not _here(), reason="needs pip install 'thinkact[images]'")


def as_png(image: Image.Image) -> bytes:
    """The picture as a file."""
    written = io.BytesIO()
    image.save(written, "PNG")
    return written.getvalue()


def plain(colour: str | tuple[int, int, int], size: tuple[int, int] = (64, 64)) -> bytes:
    """A picture of one colour as a file."""
    return as_png(Image.new("RGB", size, colour))


def box_mask(box: tuple[int, int, int, int], size: tuple[int, int] = (64, 64)) -> bytes:
    """A mask, white within `box` (left, top, right, bottom)."""
    mask = Image.new("L", size, 0)
    mask.paste(255, box)
    return as_png(mask)
