"""A CLIP of this machine: features of pictures and words that can be compared with each other."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plugins._outcome import ToolError
from plugins.images._models import DEMO

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["DEMO_CLIP", "Clip", "clip_at"]

DEMO_CLIP = DEMO / "clip"
"""That of the demo's world."""
_BATCH = 16
_MEAN, _DEVIATION = (0.48145466, 0.4578275, 0.40821073), (0.26862954, 0.26130258, 0.27577711)
"""By which OpenAI's CLIPs want pictures normalised; one that wants it otherwise says so in a file."""
_HALF = (0.5, 0.5, 0.5)


def clip_at(folder: Path | None) -> Path | None:
    """The folder of the CLIP to score by: the user's own, or else the demo's where it lies; None: there is none, or
    what runs it is not installed. Nothing is loaded.

    Raises:
        ToolError: the folder that the user named holds none.
    """
    if folder is None and not (DEMO_CLIP / "config.json").is_file():
        return None
    if folder is not None and _told(folder / "config.json").get("model_type") != "clip":
        raise ToolError(
            f"{folder} holds no CLIP", hint="name a folder with the config.json, weights and tokenizer of a CLIPModel"
        )
    if any(find_spec(one) is None for one in ("torch", "transformers", "numpy")):
        return None
    return folder or DEMO_CLIP


class Clip:
    """A CLIP, loaded from a folder.

    Args:
        folder: As `clip_at` gives it.

    Raises:
        ToolError: it is not whole.
    """

    def __init__(self, folder: Path) -> None:
        import torch
        from safetensors import SafetensorError
        from transformers import AutoTokenizer, CLIPModel
        from transformers.utils import logging

        logging.set_verbosity_error()
        logging.disable_progress_bar()
        self.toy = folder == DEMO_CLIP
        self.name = "the demo's CLIP" if self.toy else f"the CLIP {folder.name}"
        try:
            self._model = CLIPModel.from_pretrained(str(folder), local_files_only=True, use_safetensors=True).eval()
            self._tokenizer = AutoTokenizer.from_pretrained(str(folder), local_files_only=True)
        except (OSError, ValueError, RuntimeError, KeyError, TypeError, SafetensorError) as error:
            why = " ".join(str(error).split())[:200]
            raise ToolError(f"the CLIP {folder} cannot be loaded: {why}", hint="get its files again") from error
        self._model.to("cuda" if torch.cuda.is_available() else "cpu")
        told = _told(folder / "processor_config.json").get("image_processor") or {}
        told = told or _told(folder / "preprocessor_config.json")
        self._mean = told.get("image_mean", _HALF if self.toy else _MEAN)
        self._deviation = told.get("image_std", _HALF if self.toy else _DEVIATION)
        self.scale = float(self._model.logit_scale.exp())
        """By which a cosine is multiplied before it is compared with others."""

    def images(self, pictures: Iterable[Image]) -> Any:
        """The features of pictures, (n, d), not normalised."""
        import numpy as np
        import torch

        rows, coming = [], iter(pictures)
        while some := list(islice(coming, _BATCH)):
            shown = torch.tensor(np.stack([self._shown(one) for one in some]), device=self._model.device)
            with torch.inference_mode():
                seen = self._model.vision_model(pixel_values=shown).pooler_output
                rows.append(self._model.visual_projection(seen).double().cpu().numpy())
        return np.concatenate(rows)

    def texts(self, texts: Sequence[str]) -> Any:
        """The features of words, (n, d), not normalised; what is beyond the encoder's length is not read."""
        import numpy as np
        import torch

        rows = []
        for at in range(0, len(texts), _BATCH):
            told = self._tokenizer(
                list(texts[at : at + _BATCH]),
                padding=True,
                truncation=True,
                max_length=self._longest,
                return_tensors="pt",
            ).to(self._model.device)
            with torch.inference_mode():
                read = self._model.text_model(**told).pooler_output
                rows.append(self._model.text_projection(read).double().cpu().numpy())
        return np.concatenate(rows)

    @property
    def _longest(self) -> int:
        return int(self._model.config.text_config.max_position_embeddings)

    def _shown(self, picture: Image) -> Any:
        """A picture as the model takes it: its middle square, normalised."""
        import numpy as np
        from PIL import ImageOps
        from PIL.Image import Resampling

        side = int(self._model.config.vision_config.image_size)
        # The demo's pictures are enlarged 32 pixels: the mean of what falls into one gives them back.
        way = Resampling.BOX if self.toy and min(picture.size) >= side else Resampling.BICUBIC
        small = ImageOps.fit(picture.convert("RGB"), (side, side), way)
        values = (np.asarray(small, dtype=np.float32) / 255 - np.array(self._mean)) / np.array(self._deviation)
        return np.moveaxis(values, -1, 0).astype(np.float32)


def _told(file: Path) -> Mapping[str, Any]:
    try:
        read = json.loads(file.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return read if isinstance(read, dict) else {}
