"""What a prompt means to the model that is to draw it: the demo's world filled in, and what no encoder would read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import Any

from plugins._outcome import ToolError
from plugins.images._scene_reader import ground_of, read
from plugins.images._scene_telling import hint_for
from plugins.images._scene_words import NotAScene, completed
from plugins.images._scenes import PLACES, mask
from plugins.images._source import Begun

__all__ = ["WORLD", "in_the_world", "place_of", "unread"]

WORLD = "it draws one circle, square, triangle or cross, in eight colours, on a background of one colour"
"""What the demo's model and the back-end `draw` draw."""


def in_the_world(prompt: str, begun: Begun | None, *, place: str = "") -> tuple[str, Sequence[str]]:
    """A prompt that says all of its scene, which the demo's model follows surely, and what should be said of that.

    What the prompt leaves open is as the picture shows that the drawing begins from, as people mean it who change one
    thing of it; `place` is where something is to come to be. What the model never heard of is refused: it would draw
    something, and not that.
    """
    seen = ({} if begun is None else _seen(begun)) | ({"place": place} if place else {})
    try:
        whole, left_open = completed(prompt, seen)
    except NotAScene as error:
        raise ToolError(
            f"the demo's model cannot draw this ({error}): {WORLD}",
            hint=hint_for(prompt),
            kind="not-here",
        ) from error
    filled = [name for name in left_open if name not in seen]
    taken = [name for name in left_open if name in seen]
    notes = [f"left open, and filled in: {', '.join(filled)}"] if filled else []
    return whole, [*notes, f"left open, and taken from the picture: {', '.join(taken)}"] if taken else notes


def _seen(begun: Begun) -> dict[str, str]:
    """What the picture that a drawing begins from shows of this world."""
    reading = read(begun.whole)
    seen = {} if reading is None else asdict(reading.scene)
    ground = ground_of(begun.whole)
    if reading is None and ground is not None:
        seen = {"background": ground}
    if begun.edge is not None:
        seen["place"] = _place(begun)
    return seen


def _place(begun: Begun) -> str:
    """The place nearest to the middle of the mask."""
    assert begun.edge is not None
    box = begun.edge.getbbox()
    assert box is not None  # a mask that is empty was refused
    return place_of((box[0] + box[2]) / 2 / begun.whole.width, (box[1] + box[3]) / 2 / begun.whole.height)


def place_of(x: float, y: float) -> str:
    """The place of the demo's world nearest to a point, given as shares of the width and of the height."""

    def apart(place: str) -> float:
        shape = mask("square", "small", place).point([255 if value > 127 else 0 for value in range(256)])
        left, top, right, bottom = shape.getbbox() or (0, 0, 0, 0)
        return abs((left + right) / 2 / shape.width - x) + abs((top + bottom) / 2 / shape.height - y)

    return min(PLACES, key=apart)


def unread(tokenizer: Any, prompt: str) -> Iterator[str]:
    """What of a prompt a text encoder does not read: what is beyond its length, and Chinese that it has no word for."""
    most = getattr(tokenizer, "model_max_length", 0)
    if not callable(tokenizer) or not 0 < most < 100_000:
        return
    chinese = [one for one in prompt if "\u4e00" <= one <= "\u9fff"]
    if chinese and len(_ids(tokenizer, "".join(chinese))) > 1.5 * len(chinese):
        yield "the model's text encoder has no Chinese words, so it hardly follows this prompt: say it in English"
    ids = _ids(tokenizer, prompt)
    room = most - 2  # its first and last token
    if len(ids) > room:
        cut = tokenizer.decode(ids[room:]).strip()
        yield f"the prompt is longer than the model's text encoder reads ({len(ids)} tokens of {room}); cut off: {cut}"


def _ids(tokenizer: Any, text: str) -> list[int]:
    return list(tokenizer(text, add_special_tokens=False, verbose=False).input_ids)
