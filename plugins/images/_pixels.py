"""Looks at pictures of the demo's world by their pixels: no model, nothing to install, and no guess about any other."""

from __future__ import annotations

from collections.abc import Sequence

from plugins._given_images import Answer, Box
from plugins._outcome import ToolError
from plugins.images._backend import Backend, State
from plugins.images._scene_questions import NotAsked, answer, said
from plugins.images._scene_reader import Reading, readings
from plugins.images._scene_words import mentioned
from plugins.images._scenes import SIDE
from plugins.images._seen import in_chinese, seen

__all__ = ["PixelBackend"]

NAME = "pixels"
_KNOWS = "it reads one coloured shape on an even background, as the demo draws them"
_HINT = "name a BLIP model in THINKACT_IMAGE_CAPTION_MODEL (pip install 'thinkact[images]')"
_HINT_FIND = "name an OWL-ViT model in THINKACT_IMAGE_DETECTION_MODEL (pip install 'thinkact[images]')"
_ANY = frozenset(("shape", "shapes", "object", "thing", "figure", "形状", "图形", "物体", "东西"))


class PixelBackend(Backend):
    """Reads the demo's shapes."""

    @property
    def state(self) -> State:
        """See `Backend`."""
        return State(name=NAME, works=True, why=f"no model: {_KNOWS}", abilities=frozenset({"caption", "ask", "find"}))

    def look(self, image: bytes, question: str, candidates: int) -> Sequence[Answer]:
        """See `Backend`. The candidates are what the other shapes would make of the picture."""
        answers: dict[str, Answer] = {}
        for one in _read(image, _HINT)[:candidates]:
            try:
                text = answer(question, one.scene) if question else said(one.scene)
            except NotAsked as error:
                raise ToolError(f"{NAME} cannot answer this: {error}", hint=_HINT, kind="not-here") from error
            answers.setdefault(text, Answer(text=text, by=NAME, score=round(one.overlap, 3)))
        return list(answers.values())

    def find(self, image: bytes, what: Sequence[str]) -> Sequence[Box]:
        """See `Backend`. A box is right to one part in 32 of the picture's side."""
        wanted = [(one, *_meant(one)) for one in what]
        picture, best = seen(image).size, _read(image, _HINT_FIND)[0]
        strange = [text for text, _, unknown in wanted if unknown]
        if strange:
            told = ", ".join(repr(one[:40]) for one in strange[:4])
            raise ToolError(f"{NAME} does not know {told}: {_KNOWS}", hint=_HINT_FIND, kind="not-here")
        return [
            _box(text, best, picture)
            for text, named, _ in wanted
            if all(values == (getattr(best.scene, name),) for name, values in named.items())
        ]


def _read(image: bytes, hint: str) -> list[Reading]:
    found = readings(seen(image))
    if not found or not found[0].clean:
        raise ToolError(f"{NAME} cannot tell what the picture shows: {_KNOWS}", hint=hint, kind="not-here")
    return found


def _meant(text: str) -> tuple[dict[str, tuple[str, ...]], bool]:
    """What of the demo's world a text names, and does it name anything else, or nothing at all?"""
    named, unknown = mentioned(text)
    left = [word for word in unknown if word not in _ANY]
    if in_chinese(text):  # it is read sign by sign
        left = [] if "".join(unknown) in _ANY else left
    return dict(named), bool(left) or not (named or unknown)


def _box(label: str, reading: Reading, size: tuple[int, int]) -> Box:
    left, top, right, bottom = (edge * size[at % 2] / SIDE for at, edge in enumerate(reading.box))
    return Box(
        label=label,
        x=round(left),
        y=round(top),
        width=max(1, round(right) - round(left)),
        height=max(1, round(bottom) - round(top)),
        by=NAME,
        score=round(reading.overlap, 3),
    )
