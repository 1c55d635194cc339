"""The tools that look at pictures: what one shows, the answer to a question about it, and where something is in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from plugins._contract import Answer, Box, Context, Effect, Images, Observation, ToolError
from plugins._schema import tool
from plugins.images._given import picture_of
from plugins.images._rounds import MOST_ROUNDS, Inquiry, inquire

__all__ = ["ask_image", "caption_image", "find_in_image"]

_MINUTES = 600.0  # seconds; a model may have to be loaded first
_MOST_THINGS = 20


@tool(
    effect=Effect.READ,
    timeout=_MINUTES,
    repeatable=True,
    aliases=(
        *("describe the picture", "describe the image", "caption a picture", "caption an image"),
        *("描述图片", "描述图像", "图片说明", "看图"),
    ),
)
def caption_image(image: str, candidates: int = 1, *, context: Context) -> Observation:
    """Tell what a picture shows.

    Args:
        image: Its path, or the handle of an artifact.
        candidates: How many captions, with scores.
    """
    images, (content, parents) = _images(context), picture_of(image, context)
    answers = images.look(content, candidates=candidates)
    return Observation(ok=True, text=_listed(answers), value=_value(answers, parents))


@tool(
    effect=Effect.READ,
    timeout=_MINUTES,
    repeatable=True,
    aliases=("ask about a picture", "ask about an image", "visual question", "问图片", "图片问答", "看图回答"),
)
def ask_image(image: str, question: str, candidates: int = 1, rounds: int = 0, *, context: Context) -> Observation:
    """Answer a question about a picture.

    Args:
        image: Its path, or the handle of an artifact.
        question: About what can be seen.
        candidates: How many answers, with scores.
        rounds: Further questions that are asked first, to find out more.
    """
    if not question.strip():
        raise ToolError("the question is empty", hint="caption_image tells what a picture shows")
    if not 0 <= rounds <= MOST_ROUNDS:
        raise ToolError(f"rounds must be from 0 to {MOST_ROUNDS}, not {rounds}")
    if rounds and candidates != 1:
        raise ToolError("rounds end in one answer, so there are no candidates", hint="leave one of the two out")
    images, (content, parents) = _images(context), picture_of(image, context)
    if rounds:
        return _inquired(inquire(content, question.strip(), rounds, images, context), parents)
    answers = images.look(content, question, candidates=candidates)
    return Observation(ok=True, text=_listed(answers), value=_value(answers, parents))


@tool(
    effect=Effect.READ,
    timeout=_MINUTES,
    repeatable=True,
    aliases=("locate in a picture", "find in a picture", "bounding box", "detect objects", "图中定位", "检测物体"),
)
def find_in_image(image: str, what: list[str], *, context: Context) -> Observation:
    """Find where things are in a picture: boxes in pixels from its upper left corner.

    Args:
        image: Its path, or the handle of an artifact.
        what: Things in words, such as "a dog".
    """
    if len(what) > _MOST_THINGS:
        raise ToolError(f"{len(what)} things are too many at once", hint=f"name at most {_MOST_THINGS}")
    images, (content, _) = _images(context), picture_of(image, context)
    boxes = images.find(content, what)
    value = [asdict(one) for one in boxes]
    return Observation(ok=True, text="\n".join(map(_box, boxes)) or f"not there: {', '.join(what)}", value=value)


def _images(context: Context) -> Images:
    if context.images is None:
        raise ToolError("no pictures can be looked at here", hint="thinkact images status tells what to do")
    return context.images


def _listed(answers: Sequence[Answer]) -> str:
    """The answers, one a line, numbered where there are several; then what the person should know."""
    several = len(answers) > 1
    lines = [
        f"{f'{number}. ' if several else ''}{one.text} ({_by(one.by, one.score)})"
        for number, one in enumerate(answers, 1)
    ]
    notes = dict.fromkeys(f"[{note}]" for one in answers for note in one.notes)
    return "\n".join([*lines, *notes])


def _by(by: str, score: float | None) -> str:
    return f"by {by}" if score is None else f"score {score:.2f}, by {by}"


def _value(answers: Sequence[Answer], parents: Sequence[tuple[str, str]]) -> dict[str, Any]:
    """The best answer, and all of them; plain data for programs."""
    best, (name, digest) = answers[0], parents[0]
    told = [{"text": one.text, "score": one.score, "by": one.by} for one in answers]
    return {"text": best.text, "score": best.score, "by": best.by, "answers": told, "image": name, "sha256": digest}


def _inquired(found: Inquiry, parents: Sequence[tuple[str, str]]) -> Observation:
    told = [
        f"- {one.question} {one.answer}{f' ({_by(one.by, one.score)})' if one.by else ''}" for one in found.evidence
    ]
    text = "\n".join(
        [f"{found.summary} (by {found.by})", "What it rests on:", *told, *(f"[{note}]" for note in found.notes)]
    )
    (name, digest) = parents[0]
    value = {
        "text": found.summary,
        "score": None,
        "by": found.by,
        "evidence": [asdict(one) for one in found.evidence],
        "image": name,
        "sha256": digest,
    }
    return Observation(ok=True, text=text, value=value)


def _box(one: Box) -> str:
    return f"{one.label}: x {one.x}, y {one.y}, {one.width} x {one.height} ({_by(one.by, one.score)})"
