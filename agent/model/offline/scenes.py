"""Phrases of a story that say what a picture could show: a thing of one colour, where it is, and what is behind it.

They are only found here; whether they can be drawn is for the tool that draws.
"""

from __future__ import annotations

import re

from agent.model.offline.words import any_of


def _one_of(*words: str) -> str:
    return f"(?:{any_of(words)})"


_COLOURS = _one_of("red", "orange", "yellow", "green", "blue", "purple", "violet", "black", "white")
_SIZES = _one_of("small", "little", "tiny", "medium", "large", "big", "huge")
_SHAPES = _one_of("circle", "disc", "dot", "square", "triangle", "cross")
_COLOURS_CHINESE = "[红橙黄绿蓝紫黑白]色?"
_SHAPES_CHINESE = "(?:圆形|圆圈|圆|正方形|方形|方块|三角形|三角|十字形|十字)"
_SENTENCE = re.compile(r"[^.!?。！？\n]+")

_WRAPPED = re.compile(r"(?<!\n)\n(?!\n)")

_THING = re.compile(rf"\b(?:an?|the|one)\s+(?:{_SIZES}\s+)?{_COLOURS}\s+{_SHAPES}\b", re.IGNORECASE)
_PLACE = re.compile(
    r"\b(?:(?:at|on|in)\s+the\s+(?:left|right|top|bottom|middle|cent(?:er|re))(?:\s+side)?)\b", re.IGNORECASE
)
_GROUND = re.compile(
    rf"\b(?:on|against)\s+(?:an?\s+|the\s+)?{_COLOURS}\s+(?:background|backdrop|ground)\b", re.IGNORECASE
)
_THING_CHINESE = re.compile(rf"一?[个只]?(?:(?:小|大|巨大|中等大小|中等)的?)?{_COLOURS_CHINESE}的?{_SHAPES_CHINESE}")
_PLACE_CHINESE = re.compile(r"(?:[左右上下][边侧方面]|中[间央])")
_GROUND_CHINESE = re.compile(rf"背景是{_COLOURS_CHINESE}|{_COLOURS_CHINESE}的?背景")


def scenes_in(text: str) -> list[str]:
    """What the sentences of a text give to draw, in their order, none twice."""
    found: dict[str, str] = {}
    for sentence in _SENTENCE.findall(_WRAPPED.sub(" ", text)):
        if phrase := _english(sentence) or _chinese(sentence):
            found.setdefault(phrase.casefold(), phrase)
    return list(found.values())


def _english(sentence: str) -> str:
    thing = _THING.search(sentence)
    if thing is None:
        return ""
    parts = (thing, _PLACE.search(sentence), _GROUND.search(sentence))
    return " ".join(part[0] for part in parts if part is not None)


def _chinese(sentence: str) -> str:
    thing = _THING_CHINESE.search(sentence)
    if thing is None:
        return ""
    place, ground = _PLACE_CHINESE.search(sentence), _GROUND_CHINESE.search(sentence)
    told = thing[0] if place is None else f"{thing[0]}在{place[0]}"
    colour = re.search(_COLOURS_CHINESE, ground[0]) if ground is not None else None
    return told if colour is None else f"{told}，背景是{colour[0]}"
