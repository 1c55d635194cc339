"""Figures of a set of pictures, each with its label, whose features it is made of, and of how many pictures."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from functools import cached_property
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plugins._outcome import ToolError
from plugins.images._clip import Clip, clip_at
from plugins.images._picture import open_picture
from plugins.images._scene_reader import read
from plugins.images._scene_words import ATTRIBUTES, NotAScene, completed, scene_of
from plugins.images._scenes import COLOURS, SHAPES
from plugins.images._scores import clip_score, fid, inception_score, psnr, ssim

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["METRICS", "Figure", "Jury"]

METRICS = ("align", "clip", "fid", "is", "ssim", "psnr")
_CLASSES = tuple(f"a {colour} {shape}" for shape, colour in product(SHAPES, COLOURS))
"""What the demo's CLIP tells apart for an Inception Score."""
_NO_CLIP = "name the folder of a CLIP in THINKACT_IMAGE_CLIP_MODEL, with thinkact[images] installed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """One figure. `by`: whose features or eyes it is made of; `count`: of how many pictures; `better`: "higher" or
    "lower"; `note`: what is to be known before it is believed; `each`: that of each picture, where each has one."""

    metric: str
    label: str
    value: float
    by: str
    count: int
    better: str
    note: str = ""
    each: Sequence[float] = ()

    def plain(self) -> dict[str, Any]:
        """As JSON has it: an infinite figure is null."""
        told = asdict(self)
        told["value"] = self.value if math.isfinite(self.value) else None
        told["each"] = [one if math.isfinite(one) else None for one in self.each]
        return told


@dataclass(kw_only=True)
class Jury:
    """Judges pictures.

    Attributes:
        pictures, references: Files, each with a way to read it, in their order.
        prompts: One for each picture, or none.
        classes: What pictures are told apart by for an Inception Score; none: the demo's own.
        clip: The folder of the user's CLIP.
    """

    pictures: Sequence[tuple[str, Callable[[], bytes]]]
    references: Sequence[tuple[str, Callable[[], bytes]]] = ()
    prompts: Sequence[str] = ()
    classes: Sequence[str] = ()
    clip: Path | None = None
    notes: list[str] = field(default_factory=list)

    def figures(self, metrics: Sequence[str]) -> Iterator[Figure]:
        """The figures that are wanted; without any named, those that there is enough for.

        Raises:
            ToolError: one that is named cannot be had; before a picture is looked at, where that can be known.
        """
        wanted = metrics or METRICS
        for one in dict.fromkeys(wanted):
            if one not in METRICS:
                raise ToolError(f"there is no metric {one[:40]!r}", hint=f"one of {', '.join(METRICS)}")
        ways: dict[str, Callable[[], Figure]] = {}
        for one in dict.fromkeys(wanted):
            lacking = self._lacking(one)
            if not lacking:
                ways[one] = getattr(self, f"_{one}")
            elif metrics:
                raise ToolError(f"{one} cannot be told: {lacking[0]}", hint=lacking[1])
        if not ways:
            raise ToolError(
                "there is nothing to score the pictures by",
                hint="give prompts or reference pictures; for the rest " + _NO_CLIP,
            )
        for name, way in ways.items():
            try:
                yield way()
            except ToolError as error:
                if metrics:
                    raise
                self.notes.append(f"no {name}: {error.message}")

    def _lacking(self, metric: str) -> tuple[str, str] | None:
        """What is not there for a metric, and what to do."""
        if metric in ("align", "clip") and not self.prompts:
            return "no prompts are given", "give prompts, one for each picture"
        if metric in ("fid", "ssim", "psnr") and not self.references:
            return "no reference pictures are given", "name them in reference"
        if metric in ("ssim", "psnr") and len(self.references) != len(self.pictures):
            told = f"{len(self.pictures)} pictures are not {len(self.references)} references"
            return told, "name one reference for each picture, in the same order"
        if metric in ("clip", "fid", "is"):
            folder = clip_at(self.clip)
            if folder is None:
                return "there is no CLIP here", _NO_CLIP
            if metric == "is" and not self.classes and self.clip is not None:
                return "no classes are given", "name in classes what the pictures may show"
        return None

    @cached_property
    def _extractor(self) -> Clip:
        folder = clip_at(self.clip)
        assert folder is not None  # else nothing asks for it
        return Clip(folder)

    @cached_property
    def _features(self) -> Any:
        return self._extractor.images(map(_opened, self.pictures))

    def _fid(self) -> Figure:
        others = self._extractor.images(map(_opened, self.references))
        fewest, width = min(len(self.pictures), len(others)), self._features.shape[1]
        note = ""
        if fewest < width + 1:
            note = f"unreliable: {fewest} pictures are too few for a covariance of {width} features"
        return Figure(
            metric="fid",
            label="toy-FID" if self._extractor.toy else "CLIP-FID",
            value=fid(self._features, others),
            by=f"features of {self._extractor.name}, not of Inception",
            count=len(self.pictures),
            better="lower",
            note=note,
        )

    def _is(self) -> Figure:
        import numpy as np

        names = list(self.classes or _CLASSES)
        logits = self._extractor.scale * _unit(self._features) @ _unit(self._extractor.texts(names)).T
        shares = np.exp(logits - logits.max(axis=1, keepdims=True))
        few = len(self.pictures) < 10 * len(names)
        return Figure(
            metric="is",
            label="toy-IS" if self._extractor.toy else "CLIP-IS",
            value=inception_score(shares / shares.sum(axis=1, keepdims=True)),
            by=f"features of {self._extractor.name}, zero-shot over {len(names)} classes, not of Inception",
            count=len(self.pictures),
            better="higher",
            note=f"few pictures for {len(names)} classes" if few else "",
        )

    def _clip(self) -> Figure:
        cosines = (_unit(self._features) * _unit(self._extractor.texts(self.prompts))).sum(axis=1)
        each = [clip_score(float(one)) for one in cosines]
        mean = sum(each) / len(each)
        usual = sum(max(float(one), 0.0) for one in cosines) * 100 / len(each)
        return Figure(
            metric="clip",
            label="CLIP score",
            value=mean,
            by=f"{self._extractor.name}; {usual:.1f} on the scale from 0 to 100",
            count=len(each),
            better="higher",
            each=each,
        )

    def _align(self) -> Figure:
        wanted = [_stated(prompt) for prompt in self.prompts]
        each = []
        for file, stated in zip(self.pictures, wanted, strict=True):
            reading = read(_opened(file))
            shown = {} if reading is None else asdict(reading.scene)
            each.append(float(all(shown.get(name) == value for name, value in stated.items())))
        return Figure(
            metric="align",
            label="prompt alignment",
            value=sum(each) / len(each),
            by="the pixel reader of the demo's world: the share of prompts whose scene is shown",
            count=len(each),
            better="higher",
            each=each,
        )

    def _ssim(self) -> Figure:
        return self._paired("ssim", "SSIM", ssim, "windows of 11 x 11, on the brightness")

    def _psnr(self) -> Figure:
        return self._paired("psnr", "PSNR in dB", psnr, "all pixels")

    def _paired(self, metric: str, label: str, way: Callable[[Image, Image], float], by: str) -> Figure:
        each = [way(_opened(one), _opened(other)) for one, other in zip(self.pictures, self.references, strict=True)]
        return Figure(
            metric=metric,
            label=label,
            value=sum(each) / len(each),
            by=f"{by}; the mean over all pairs",
            count=len(each),
            better="higher",
            each=each,
        )


def _opened(file: tuple[str, Callable[[], bytes]]) -> Image:
    name, content = file
    return open_picture(content(), name).image.convert("RGB")


def _stated(prompt: str) -> dict[str, str]:
    """What a prompt says of the scene, without what it leaves open."""
    try:
        _, left_open = completed(prompt)
        scene = asdict(scene_of(prompt))
    except NotAScene as error:
        raise ToolError(
            f"{prompt[:60]!r} is not of the demo's world ({error}), which alone the pixel reader reads",
            hint="take the metric clip",
        ) from error
    return {name: scene[name] for name in ATTRIBUTES if name not in left_open}


def _unit(features: Any) -> Any:
    import numpy as np

    return features / np.maximum(np.linalg.norm(features, axis=1, keepdims=True), 1e-12)
