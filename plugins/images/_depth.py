"""Depth maps by a model for depth estimation, through transformers."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plugins._given_images import Drawn
from plugins._outcome import ToolError
from plugins.images._backend import Backend, State
from plugins.images._made import made
from plugins.images._picture import open_picture
from plugins.images._recipe import Recipe

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["DepthBackend"]

NAME = "depth"
_PACKAGES = ("torch", "transformers")
_NAMED = "name the folder of a model for depth estimation (Depth Anything, DPT) in THINKACT_IMAGE_DEPTH_MODEL"
_FAR_IS_LARGE = ("depth_pro", "glpn", "prompt_depth_anything", "zoedepth")
"""The kinds of models that tell distances; the others tell how near something is."""


class DepthBackend(Backend):
    """Tells how near each point of a picture is. `folder`: the model's, as save_pretrained writes it, or None."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._loaded: tuple[Any, Any] | None = None

    @property
    def state(self) -> State:
        """See `Backend`."""
        if self._folder is None:
            return State(name=NAME, works=False, why="no model for depth maps is named", hint=_NAMED)
        if not (self._folder / "config.json").is_file():
            why = f"its model is not there: {self._folder} has no config.json"
            return State(name=NAME, works=False, why=why, hint=_NAMED)
        if missing := [one for one in _PACKAGES if find_spec(one) is None]:
            hint = "pip install 'thinkact[images]'"
            return State(name=NAME, works=False, why=f"not installed: {', '.join(missing)}", hint=hint)
        why = "depth maps by a model of this machine"
        return State(name=NAME, works=True, why=why, abilities=frozenset({"depth"}), model=self._folder.name)

    def depth(self, image: bytes, parents: Sequence[tuple[str, str]]) -> Drawn:
        """See `Backend`."""
        opened = open_picture(image, "to tell the depth of")
        with self._lock:
            map_ = self._map(opened.image.convert("RGB"))
        recipe = Recipe(
            tool="control_image",
            backend=NAME,
            model=self._folder.name if self._folder else "",
            width=map_.width,
            height=map_.height,
            arguments={"kind": "depth"},
            parents=tuple(parents),
        )
        return made(map_, recipe, opened.notes, packages=_PACKAGES)

    def close(self) -> None:
        """Let go of the model."""
        self._loaded = None

    def _map(self, image: Image) -> Image:
        import numpy as np
        import torch
        from PIL import Image as Images

        from plugins.images._loading import enough_memory

        processor, model = self._loaded = self._loaded or self._opened()
        with enough_memory(), torch.inference_mode():
            told = model(**processor(images=image, return_tensors="pt").to(model.device)).predicted_depth[0]
        values = told.float().cpu().numpy()
        kind = getattr(model.config, "depth_estimation_type", "")
        if model.config.model_type in _FAR_IS_LARGE or kind == "metric":
            values = -values
        if not np.isfinite(values).all() or values.max() - values.min() < 1e-6:
            raise ToolError("the model tells no depths of this picture", hint="take another picture or model")
        values = (values - values.min()) / (values.max() - values.min()) * 255
        small = Images.fromarray(values.astype("float32"))
        large = small.resize(image.size, Images.Resampling.BICUBIC)
        return large.point(lambda value: value * 1 + 0.5).convert("L")  # rounded, not cut off

    def _opened(self) -> tuple[Any, Any]:
        import torch
        from transformers.utils import logging as told_by_transformers

        from plugins.images._loading import told_as_one_line

        told_by_transformers.set_verbosity_error()
        told_by_transformers.disable_progress_bar()
        from transformers import AutoImageProcessor, AutoModelForDepthEstimation

        with told_as_one_line(f"the model {self._folder}", _NAMED):
            processor = AutoImageProcessor.from_pretrained(str(self._folder), local_files_only=True)
            model = AutoModelForDepthEstimation.from_pretrained(
                str(self._folder), local_files_only=True, use_safetensors=True
            )
        return processor, model.eval().to("cuda" if torch.cuda.is_available() else "cpu")
