"""Finds what is named in words (zero-shot) by an OWL-ViT, OWLv2 or Grounding DINO model on this machine."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plugins._given_images import Box
from plugins.images._backend import Backend, State
from plugins.images._local import INSTALL, Loaded, architecture, lacking, load, told_shortly
from plugins.images._seen import seen

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["DetectionBackend"]

NAME = "detector"
_LEAST = {  # scores from which on a box counts, as the papers' own demonstrations have it
    "OwlViTForObjectDetection": 0.1,
    "Owlv2ForObjectDetection": 0.1,
    "GroundingDinoForObjectDetection": 0.25,
}
_PACKAGES = ("torch", "transformers")
_SETTING = "name the folder of an OWL-ViT model in THINKACT_IMAGE_DETECTION_MODEL"
_SAME = 0.5  # from this overlap on two boxes of one name are the same thing
_MOST = 50  # boxes


class DetectionBackend(Backend):
    """Finds things with the model of a folder, which is loaded when it is first asked, and kept.

    Args:
        folder: None where none is named.
    """

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._loaded: Loaded | None = None

    @property
    def state(self) -> State:
        """See `Backend`."""
        failed = partial(State, name=NAME, works=False)
        if self._folder is None:
            return failed(why="no model is named", hint=_SETTING)
        kind = architecture(self._folder)
        if kind not in _LEAST:
            why = f"{self._folder} is no model that finds things: no config.json there names {', '.join(_LEAST)}"
            return failed(why=why, hint=_SETTING)
        if missing := lacking(_PACKAGES):
            return failed(why=missing, hint=INSTALL)
        if kind.startswith("Owlv2") and (missing := lacking(("scipy",))):
            return failed(why=f"{missing}, which OWLv2 needs to scale pictures", hint="pip install scipy")
        why = "a model of this machine that finds what is named in words"
        return State(name=NAME, works=True, why=why, abilities=frozenset({"find"}), model=self._folder.name)

    def find(self, image: bytes, what: Sequence[str]) -> Sequence[Box]:
        """See `Backend`."""
        assert self._folder is not None  # it works
        picture, kind = seen(image), architecture(self._folder)
        with self._lock:
            if self._loaded is None:
                self._loaded = load(self._folder, kind)
            with told_shortly(f"the model {self._folder} cannot look at this picture", "is it a whole model?"):
                found = list(_found(self._loaded, picture, what, _LEAST[kind]))
        by = f"{NAME} ({self._folder.name})"
        boxes = [_box(label, corners, score, picture.size, by) for label, corners, score in found]
        return _each_once(sorted(boxes, key=lambda one: -(one.score or 0)))[:_MOST]

    def close(self) -> None:
        """Let go of the model."""
        self._loaded = None


def _found(
    loaded: Loaded, picture: Image, what: Sequence[str], least: float
) -> Iterator[tuple[str, Sequence[float], float]]:
    """What was found of each thing: its name, its corners in pixels, its score. Each is looked for by itself, so that a
    box is of the thing that was named, and not of part of the words of another."""
    import torch

    size = [(picture.height, picture.width)]
    for name in what:
        # Grounding DINO wants lower case and a full stop; OWL takes any words, but no more than its encoder reads.
        dino = type(loaded.model).__name__.startswith("GroundingDino")
        text: Any = f"{name.lower().rstrip('.')}." if dino else [[name]]
        given = loaded.processor(images=picture, text=text, return_tensors="pt", truncation=True).to(loaded.device)
        with torch.inference_mode():
            made = loaded.model(**given)
        more: dict[str, Any] = {"input_ids": given["input_ids"], "text_threshold": least} if dino else {}
        (told,) = loaded.processor.post_process_grounded_object_detection(
            made, threshold=least, target_sizes=size, **more
        )
        for corners, score in zip(told["boxes"].tolist(), told["scores"].tolist(), strict=True):
            yield name, corners, score


def _box(label: str, corners: Sequence[float], score: float, size: tuple[int, int], by: str) -> Box:
    """A box that lies in the picture and holds at least one pixel."""
    left, top, right, bottom = (
        min(max(round(one), 0), size[at % 2] - (at < 2)) for at, one in enumerate(corners)
    )  # the first corner is a pixel, the second lies behind the last one
    return Box(
        label=label,
        x=left,
        y=top,
        width=max(1, right - left),
        height=max(1, bottom - top),
        by=by,
        score=round(score, 4),
    )


def _each_once(boxes: Sequence[Box]) -> list[Box]:
    """The boxes without those that overlap a better one of the same name (non-maximum suppression)."""
    kept: list[Box] = []
    for one in boxes:
        if all(one.label != other.label or _overlap(one, other) < _SAME for other in kept):
            kept.append(one)
    return kept


def _overlap(one: Box, other: Box) -> float:
    """Intersection over union."""
    width = min(one.x + one.width, other.x + other.width) - max(one.x, other.x)
    height = min(one.y + one.height, other.y + other.height) - max(one.y, other.y)
    shared = max(0, width) * max(0, height)
    return shared / (one.width * one.height + other.width * other.height - shared)
