"""Pictures behind a tool's gate: what it wants drawn is checked, and nothing is handed to a call that was given up."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, get_args, get_type_hints

from plugins._given_images import Answer, Box, ControlPicture, Drawing, Drawn, Images, Lora, SourcePicture
from plugins._revocation import Gate

_LISTS: Mapping[str, type[ControlPicture | Lora]] = {"controls": ControlPicture, "loras": Lora}
"""What a drawing has several of."""


class GuardedImages:
    """Whoever draws, for one call."""

    def __init__(self, images: Images, gate: Gate) -> None:
        self._images, self._gate = images, gate

    def abilities(self) -> Mapping[str, str]:
        return self._images.abilities()

    def draw(
        self,
        drawing: Drawing,
        *,
        tool: str = "generate_image",
        parents: Sequence[tuple[str, str]] = (),
        progress: Callable[[int, int], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> Iterator[Drawn]:
        self._gate.check()
        drawn = self._images.draw(_checked(drawing), tool=tool, parents=parents, progress=progress, cancelled=cancelled)
        for one in drawn:
            self._gate.check()
            yield one

    def upscale(
        self,
        image: bytes,
        *,
        scale: int = 4,
        method: str = "",
        prompt: str = "",
        seed: int | None = None,
        parents: Sequence[tuple[str, str]] = (),
        progress: Callable[[int, int], None] | None = None,
        cancelled: Callable[[], bool] | None = None,
    ) -> Drawn:
        self._gate.check()
        _is_picture(image, "upscale")
        drawn = self._images.upscale(
            image,
            scale=scale,
            method=method,
            prompt=prompt,
            seed=seed,
            parents=parents,
            progress=progress,
            cancelled=cancelled,
        )
        self._gate.check()
        return drawn

    def depth(self, image: bytes, *, parents: Sequence[tuple[str, str]] = ()) -> Drawn:
        self._gate.check()
        _is_picture(image, "depth")
        drawn = self._images.depth(image, parents=parents)
        self._gate.check()
        return drawn

    def look(self, image: bytes, question: str = "", *, candidates: int = 1) -> Sequence[Answer]:
        self._gate.check()
        _is_picture(image, "look")
        answers = self._images.look(image, question, candidates=candidates)
        self._gate.check()
        return answers

    def find(self, image: bytes, what: Sequence[str]) -> Sequence[Box]:
        self._gate.check()
        _is_picture(image, "find")
        if isinstance(what, str):
            raise TypeError("context.images.find: what must be a list of words, not str")
        boxes = self._images.find(image, what)
        self._gate.check()
        return boxes

    def clip_model(self) -> Path | None:
        return self._images.clip_model()


def _is_picture(image: Any, method: str) -> None:
    if not isinstance(image, bytes):
        raise TypeError(f"context.images.{method}: image must be bytes, not {type(image).__name__}")


def _checked(drawing: Any) -> Drawing:
    if not isinstance(drawing, Drawing):
        raise TypeError(f"context.images.draw: drawing must be a Drawing, not {type(drawing).__name__}")
    _check_fields(drawing, "")
    for name, kind in _LISTS.items():
        for number, one in enumerate(getattr(drawing, name)):
            if not isinstance(one, kind):
                wanted = kind.__name__
                raise TypeError(f"context.images.draw: {name}[{number}] must be a {wanted}, not {type(one).__name__}")
            _check_fields(one, f"{name}[{number}].")
    if drawing.source is not None:
        _check_fields(drawing.source, "source.")
    return drawing


def _check_fields(given: Drawing | ControlPicture | Lora | SourcePicture, where: str) -> None:
    """Each value has the type that is stated for it."""
    hints = get_type_hints(type(given))
    for name in (one.name for one in fields(given)):
        value = getattr(given, name)
        kinds = (list, tuple) if name in _LISTS else get_args(hints[name]) or (hints[name],)
        whole = isinstance(value, int) and float in kinds
        if isinstance(value, bool) or not (isinstance(value, kinds) or whole):
            wanted = " or ".join("nothing" if one is type(None) else one.__name__ for one in kinds)
            raise TypeError(f"context.images.draw: {where}{name} must be {wanted}, not {type(value).__name__}")
