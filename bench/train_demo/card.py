"""Write the model card of a trained demo model, from the notes of its training alone.

python -m bench.train_demo.card [NAME]
"""

from __future__ import annotations

import json
import sys
from typing import Any

from bench.train_demo.places import OUT
from plugins.images._scene_words import ATTRIBUTES
from plugins.images._scenes import COLOURS, HELD_OUT, PLACES, SHAPES, SIDE, SIZES

COLUMNS = ("all three", *ATTRIBUTES, "all five", "clean")


def notes(name: str) -> list[dict[str, Any]]:
    """The lines of `out/NAME.jsonl`."""
    file = OUT / f"{name}.jsonl"
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()] if file.exists() else []


def percent(share: float) -> str:
    """A share as people write it."""
    return f"{100 * share:.0f} %"


def table(first: str, rows: dict[str, dict[str, float]]) -> list[str]:
    """One row for each measurement, one column for each thing that was judged."""
    lines = [f"| {first} | {' | '.join(COLUMNS)} |", "|---" * (len(COLUMNS) + 1) + "|"]
    for name, figures in rows.items():
        lines.append(f"| {name} | {' | '.join(percent(figures[column]) for column in COLUMNS)} |")
    return lines


def last(lines: list[dict[str, Any]], key: str) -> dict[str, Any] | None:
    """The last note that has `key`."""
    return next((line for line in reversed(lines) if key in line), None)


def clip_part() -> list[str]:
    """What the text tower can tell apart."""
    lines = notes("clip")
    found, losses = last(lines, "english"), last(lines, "loss")
    if found is None or losses is None:
        return []
    told = (
        f"A CLIP of the same world, trained first, for {found['step']} steps. Of all held-out pictures the one nearest "
        f"to a full caption is the right one for {percent(found['english']['all'])} of English and "
        f"{percent(found['chinese']['all'])} of Chinese captions. Its text tower is then frozen."
    )
    return ["## Words", "", told, ""]


def training_part(name: str) -> list[str]:
    """How long the denoiser was trained, and what its single step showed on the way."""
    lines = [line for line in notes(name) if "loss_open" in line]
    if not lines:
        return []
    end = lines[-1]
    told = (
        f"The denoiser saw {end['pictures']:,} pictures in {end['cpu'] / 60:.0f} minutes of one CPU core. Its loss on "
        f"the velocity fell from {lines[0]['loss_open']:.3f} to {end['loss_open']:.3f} where the noise hides the "
        f"picture, and from {lines[0]['loss_settled']:.3f} to {end['loss_settled']:.3f} elsewhere."
    )
    rows = {}
    glimpses = [line for line in notes(name) if "glimpse" in line]
    for line in glimpses[:: max(1, len(glimpses) // 12)]:
        rows[f"{line['pictures']:,}"] = line["glimpse"]["unseen, zh"]
    curve = "One single step from pure noise, for held-out Chinese captions, by pictures seen:"
    return ["## Training", "", told, "", curve, "", *table("pictures", rows), ""]


def gates_part(name: str) -> list[str]:
    """What the finished pictures show."""
    lines = notes(name)
    found = last(lines, "gates")
    if found is None:
        return ["## What its pictures show", "", "Not measured yet."]
    head = (
        f"After {found['pictures']:,} pictures, 20 steps, guidance {found['guidance']}, {found['count']} full captions "
        "a row, read by a pixel checker that reads every true picture right:"
    )
    parts = ["## What its pictures show", "", head, "", *table("captions", found["gates"]), ""]
    opened = last(lines, "partly_said")
    if opened is not None and opened["pictures"] == found["pictures"]:
        english, chinese = opened["partly_said"]["en"], opened["partly_said"]["zh"]
        told = (
            f"Where captions leave about half open, {percent(english['all that was stated'])} of the pictures show all "
            f"that was stated in English and {percent(chinese['all that was stated'])} in Chinese; of the values left "
            f"open {percent(english['values left open that came up'])} came up."
        )
        parts += [told, ""]
    changes = {
        _change(line): line["image_to_image"]
        for line in lines
        if "image_to_image" in line and line["pictures"] == found["pictures"]
    }
    fill = last(lines, "inpainting")
    if fill is not None and fill["pictures"] == found["pictures"]:
        changes["a mask in the middle filled"] = fill["inpainting"]
        parts += [f"One picture takes {fill['seconds']} s on one core of a busy machine.", ""]
    if changes:
        parts += [*table("changes of a picture", changes), ""]
        kept = {name: figures for name, figures in changes.items() if "colour changed and place kept" in figures}
        for name, figures in kept.items():
            parts.append(
                f"- {name}: colour changed and place kept in {percent(figures['colour changed and place kept'])}"
            )
        parts.append("")
    return parts


def _change(line: dict[str, Any]) -> str:
    unsaid = "what goes unsaid filled in from the picture" if line["filled"] else "as it stands"
    return f"image to image, strength {line['strength']}, {unsaid}"


def card(name: str) -> str:
    """The whole card."""
    world = (
        f"It draws one shape ({', '.join(SHAPES)}) on an even background, both in one of {len(COLOURS)} colours, in "
        f"{len(SIZES)} sizes and {len(PLACES)} places, {SIDE} x {SIDE} pixels, from English or Chinese captions, and "
        f"nothing else. {len(HELD_OUT)} of the combinations of shape and colours were never trained on."
    )
    parts = ["# The demo model", "", world, ""]
    return "\n".join([*parts, *clip_part(), *training_part(name), *gates_part(name)]).rstrip() + "\n"


if __name__ == "__main__":
    asked = sys.argv[1] if len(sys.argv) > 1 else "unet"
    print(card(asked), end="")
