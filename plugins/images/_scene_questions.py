"""Questions about a picture of the demo's world, in English and Chinese, answered from its scene.

Three kinds are understood: what an attribute is ("what colour is the background?"), whether something is so ("is it a
red circle?", which names values), and which of two ("is it red or blue?"). A word that is not of this world is refused
by name rather than guessed at.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from plugins.images._scene_words import ATTRIBUTES, caption, mentioned, name_of
from plugins.images._scenes import Scene
from plugins.images._seen import in_chinese

__all__ = ["QUESTIONS", "NotAsked", "answer", "said"]

QUESTIONS: Mapping[str, tuple[str, ...]] = {
    "en": (
        "What shape is it?",
        "What colour is the shape?",
        "What colour is the background?",
        "How big is the shape?",
        "Where is the shape?",
        "How many shapes are there?",
    ),
    "zh": ("是什么形状？", "形状是什么颜色？", "背景是什么颜色？", "形状有多大？", "形状在哪里？", "有几个形状？"),
}
"""All that can be asked of a picture of this world, by language."""


class NotAsked(ValueError):
    """A question that cannot be answered from a scene. The text says why."""


# What is asked for, the first that fits; what is found is cut out before the rest of the question is read.
_WHAT = r"(?:what|which)(?:'s|\s+is)?\s+(?:the\s+)?"
_WHAT_CHINESE = r"(?:是|有)?(?:什么|哪[种个]|何种|啥)"
_ASKED = {
    "count": r"how many\b|多少个?|[几幾]个?",
    "size": r"(?:how|what)\s+(?:big|large|small|size)\b|\bsize\b|"
    r"有?多[大小]|什么大小|大小",
    "place": r"\bwhere\b|(?:what|which)(?:\s+is)?\s+(?:the\s+)?(?:place|position|location|side|part)\b|"
    r"\b(?:position|location)\b|在?(?:哪里|哪儿|哪边|哪裡|何处|什么(?:位置|地方))|位置",
    "colour": rf"(?:{_WHAT})?\bcolou?rs?\b|(?:{_WHAT_CHINESE})?颜色",
    "shape": rf"{_WHAT}(?:kind\s+of\s+|type\s+of\s+)?(?:shape|figure|form|object|thing)s?\b|"
    rf"{_WHAT_CHINESE}(?:形状|图形|东西|物体)",
    "whole": r"\b(?:what|describe|caption)\b|描述|(?:是|有)?(?:什么|啥)",
}
_ENDS = r"[?？!！.。\s]*$"
_OR = re.compile(r"\bor\b|还是|或者?")
_WHETHER = re.compile(
    r"^\W*(?:and\s+)?(?:is|are|does|do|has|have|can|could|was|were|isn't|aren't)\b|吗|是不是|是否|有没有|有沒有|嗎|对不对",
    re.IGNORECASE,
)
_THERE = re.compile(r"有没有|有沒有|(?<![没沒])有.*[吗嗎]")
_IN_PICTURE = re.compile(
    r"\b(?:in|on|of|does|do)\s+(?:the|this|that)\s+(?:picture|image|photo)\b|(?:这|那|該)?[张幅]?[图圖画](?:片|像|画|中)?(?:里面?|中|上|裡)"
    r"的?",
    re.IGNORECASE,
)
_EMPTY = re.compile(
    r"\b(?:is|are|does|do|has|have|can|could|you|see|i|we|be|contain|contains|look|looks|like|this|that|these|they|"
    r"any|shown|show|shows|visible|one|thing|things|object|objects|figure|figures|shape|shapes|form|please|tell|me|"
    r"say|which|what|colou?red|colou?r|and|picture|image|photo|isn't|aren't|or|drawn|located|placed|have|for)\b|"
    r"是不是|是否|有没有|有沒有|对不对|请问|告诉我|形状|图形|物体|东西|什么|它们?|这|那|呢|吗|嗎|位于|还是|或者?|看到|颜色|能",
    re.IGNORECASE,
)
_SEVERAL = re.compile(r"\b(circle|disc|disk|dot|square|triangle)s\b|\b(cross)es\b", re.IGNORECASE)
_SUBJECT = re.compile(r"\b(?:background|backdrop)\b|背景|底色", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Question:
    """A question, taken apart: what it asks for ("" for whether it is so), what it names, and how it is to be said."""

    about: str
    named: Mapping[str, tuple[str, ...]]
    language: str
    choice: bool
    there: bool


class _First(random.Random):
    """No chance at all."""

    def choice(self, seq: Any) -> Any:
        return seq[0]


def said(scene: Scene, language: str = "en") -> str:
    """A scene in its plainest sentence."""
    return caption(scene, _First(), language)


def answer(question: str, scene: Scene) -> str:
    """The answer, in the language of the question.

    Raises:
        NotAsked: it is no question about shape, colour, background, size, place or number, or names what is not of this
            world.
    """
    asked = _taken_apart(question)
    if asked.about == "":
        return _which(asked, scene) if asked.choice else _whether(asked, scene)
    if asked.about == "count":
        return str(int(_fits(asked.named, scene)))
    if "shape" in asked.named and asked.about != "shape" and not _fits(_only(asked.named, "shape"), scene):
        return _missing(asked, scene)
    if asked.about == "whole":
        return said(scene, asked.language)
    return name_of(asked.about, getattr(scene, asked.about), asked.language)


def _taken_apart(question: str) -> _Question:
    text = _IN_PICTURE.sub(" ", re.sub(_ENDS, "", question.strip()))
    language = "zh" if in_chinese(question) else "en"
    whether, choice = bool(_WHETHER.search(question)), bool(_OR.search(text))
    about = "" if whether or choice else _about(text)
    if about is None:
        raise NotAsked("that is no question about a shape, its colour, background, size, place or number")
    rest = re.sub(_ASKED[about], " ", text, flags=re.IGNORECASE) if about else text
    if about == "colour" and _SUBJECT.search(rest):
        about = "background"
    named, unknown = mentioned(_EMPTY.sub(" ", _SEVERAL.sub(_singular, rest)))
    if unknown:
        raise NotAsked(f"not known here: {', '.join(unknown[:8])}")
    if not about and not named and not re.search(r"shape|object|figure|形状|图形|物体|东西", text, re.IGNORECASE):
        raise NotAsked("no shape, colour, size or place is named in the question")
    return _Question(about, named, language, choice, bool(_THERE.search(question)))


def _singular(found: re.Match[str]) -> str:
    return found[1] or found[2]


def _about(text: str) -> str | None:
    return next((name for name, form in _ASKED.items() if re.search(form, text, re.IGNORECASE)), None)


def _only(named: Mapping[str, tuple[str, ...]], attribute: str) -> Mapping[str, tuple[str, ...]]:
    return {attribute: named[attribute]}


def _fits(named: Mapping[str, tuple[str, ...]], scene: Scene) -> bool:
    """Is all that is named as in the scene?"""
    return all(set(values) == {getattr(scene, name)} for name, values in named.items())


def _whether(asked: _Question, scene: Scene) -> str:
    fits = _fits(asked.named, scene)
    if asked.language == "en":
        return "yes" if fits else "no"
    if asked.there:
        return "有" if fits else "没有"
    return "是" if fits else "不是"


def _which(asked: _Question, scene: Scene) -> str:
    """Which of those that are named; where it is none of them, what it is."""
    several = [name for name in ATTRIBUTES if len(asked.named.get(name, ())) > 1]
    if not several:
        raise NotAsked("the question does not say between what it asks")
    return ", ".join(name_of(name, getattr(scene, name), asked.language) for name in several)


def _missing(asked: _Question, scene: Scene) -> str:
    """What is said where the question takes for granted a shape that is not there."""
    wanted = " / ".join(name_of("shape", one, asked.language) for one in asked.named["shape"])
    is_there = name_of("shape", scene.shape, asked.language)
    if asked.language == "en":
        return f"there is no {wanted}: it is a {is_there}"
    return f"没有{wanted}，是{is_there}"
