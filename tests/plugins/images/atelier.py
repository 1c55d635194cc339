"""A place where tools are tried that draw by a studio of the test's choice, and pictures to try them on."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from plugins import Box, Images, Observation
from plugins.images import Recipe, Studio, open_picture, read_told
from plugins.images._scene_reader import read
from plugins.images._scenes import Scene, render
from plugins.testing import Trial


class Atelier(Trial):
    """A trial whose pictures are drawn by `studio`."""

    def __init__(self, folder: Path, studio: Images) -> None:
        super().__init__(folder)
        self._studio = studio  # type: ignore[assignment]

    def made(self, tool: str, **arguments: Any) -> Observation:
        """What came of a call that must succeed."""
        came = self.call(tool, **arguments)
        assert came.ok, came.error
        return came

    def refused(self, tool: str, **arguments: Any) -> str:
        """The complaint and its hint of a call that must fail, and leave no file behind."""
        before = [one.path for one in self.files.list(recursive=True)]
        came = self.call(tool, **arguments)
        assert not came.ok
        assert came.error is not None
        assert "\n" not in came.error.message
        assert came.error.kind != "crash", came.error.detail
        assert [one.path for one in self.files.list(recursive=True)] == before
        return f"{came.error.message} | {came.error.hint}"

    def put(self, path: str, scene: Scene, side: int = 256) -> Image.Image:
        """Put the picture of a scene into the workspace."""
        image = render(scene, side)
        self.write(path, png(image))
        return image

    def picture(self, name: str) -> Image.Image:
        """A picture of the workspace, or an artifact by its handle."""
        content = self.files.read(name) if self.files.exists(name) else self.artifacts.get(name)[1]
        return open_picture(content, name).image

    def told(self, name: str) -> Recipe:
        """How a picture was made, as it tells."""
        content = self.files.read(name) if self.files.exists(name) else self.artifacts.get(name)[1]
        recipe = read_told(content, name).recipe
        assert recipe is not None
        return recipe

    def scene(self, name: str) -> Scene:
        """What a picture shows."""
        reading = read(self.picture(name))
        assert reading is not None
        return reading.scene


class Finder(Studio):
    """A studio that finds things where the test put them."""

    def __init__(self, backend: str, boxes: Sequence[Box]) -> None:
        super().__init__(backend)
        self.boxes, self.asked = boxes, [""]

    def abilities(self) -> Mapping[str, str]:
        return {**super().abilities(), "find": "eye"}

    def find(self, image: bytes, what: Sequence[str]) -> Sequence[Box]:
        open_picture(image, "looked at")
        self.asked = [*what]
        return self.boxes


def png(image: Image.Image, form: str = "PNG", **options: Any) -> bytes:
    """A picture as a file."""
    written = io.BytesIO()
    image.save(written, form, **options)
    return written.getvalue()


__all__ = ["Atelier", "Finder", "png"]
