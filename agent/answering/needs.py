"""What of a question must be met by whatever answers it: each of its words, but those that only ask.

A word is met by itself, by a form of it, by another name of the same thing, in the sentence or in what that stands
under. What is not met is not said: a sentence that lacks one word of the question is none that answers it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

from agent.answering.kin import akin, is_named
from agent.model.offline.words import IDEOGRAPH, stem, terms, words_of

_FUNCTION = frozenset(
    "的了是在和与及把将到为对从有我你他她它们这那其该请吗呢吧就都也很个不被让给用于以而且或要会能由需须得去来看做办可"
)
"""Characters that mostly are words of their own and name nothing."""
_LIGHT = frozenset(
    map(
        stem,
        words_of(
            """bring carry come exist fall fit get give go happen hold include keep leave lie need offer pay
            put run sit stand start take use want wear work begin end mean hang current currently today responsible
            located anybody anything anyone somebody someone something apply find"""
        ),
    )
)
"""Words of a question that say little beside its nouns: how it is answered says them, or other words do."""
_LIGHT_CHINESE = re.compile("开始|举行|进行|需要|应该")
_ASKING_CHINESE = re.compile(
    r"目前|现在|当前|一共|总共|共计|共有|大概|大约|一般|具体|表示|意思|时候|可以|能够|能不能|名字|名称|情况|东西|还有|"
    r"一(?=[天个次年月周份张本名位日些样页]|小时)|[坐乘](?=\s)"
)
_TAKES_PLACE = re.compile("上课?|开[课的]?")
"""What is done with a class or a meeting, where it is named beside."""
_INSIDE = re.compile(rf"(?<=[{IDEOGRAPH}])[里内中上下](?=[{''.join(_FUNCTION)}]|[^{IDEOGRAPH}]|$)")
_RUN = re.compile(f"[{IDEOGRAPH}]+")
_GAP = re.compile(rf"(?<=[{IDEOGRAPH}])\s+(?=[{IDEOGRAPH}])")
_WHICH = frozenset(
    "一二三四五六七八九十甲乙丙丁新旧老大小上下前后东西南北左右男女正副总高低长短早晚内外首末次今明昨本最单双"
)
"""Characters that tell which of several is meant: by themselves they are in many a word, so they count beside their
neighbour only."""


def needs_of(matter: str, *, but: str = "", all_of_it: bool = False) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The words that must be met, and the stretches of characters of scripts without spaces. What says little is asked
    for only where there is nothing else, or where `all_of_it` is; `but` this word is met otherwise."""
    matter = _ASKING_CHINESE.sub(" ", _INSIDE.sub(" ", matter))
    kept = matter if all_of_it else _LIGHT_CHINESE.sub(" ", matter)
    words = [one for one in terms(_RUN.sub(" ", matter)) if one != but]
    runs = [one for one in _RUN.findall(kept) if set(one) - _FUNCTION]
    runs = [one for one in runs if not _TAKES_PLACE.fullmatch(one)] or runs
    told = [one for one in words if all_of_it or one not in _LIGHT]
    if not told and not runs:
        told = words
        runs = [one for one in _RUN.findall(matter) if set(one) - _FUNCTION]
    return tuple(dict.fromkeys(told)), tuple(dict.fromkeys(runs))


def lacking(
    words: Sequence[str], runs: Sequence[str], own: Collection[str], text: str, *, doing: bool = False
) -> list[str]:
    """Of these words and characters those that neither the words of a text nor the text itself has. `doing`: who does
    it counts as what is done."""
    plain = _GAP.sub("", text)
    return [
        *(one for one in words if not (_is_figure_of(one, plain) if one.isdecimal() else akin(one, own, doing=doing))),
        *(missing for run in runs for missing in _uncovered(run, plain)),
    ]


def _uncovered(run: str, text: str) -> list[str]:
    """What of a stretch no two characters of it, one beside the other, cover in a text, nor another name of the same
    thing. One that is left alone may be a word, and stand in the text by itself."""
    covered = [sign in _FUNCTION for sign in run]
    for at in range(len(run) - 1):
        if run[at : at + 2] in text:
            covered[at] = covered[at + 1] = True
    left = "".join(" " if done else sign for sign, done in zip(run, covered, strict=True)).split()
    return [one for one in left if not _stands_alone(one, text) and not is_named(one, text)]


def _is_figure_of(figure: str, text: str) -> bool:
    """Has a text this number, and not only as a part of another, or of a time?"""
    return re.search(rf"(?<![\d.,:])(?<!\d-){figure}(?![\d:]|[.,]\d)", text) is not None


def _stands_alone(piece: str, text: str) -> bool:
    return len(piece) == 1 and piece not in _WHICH and piece in text
