"""Whether something is so: "is the bridge safe?" is answered by what says of it that it is safe, or unsafe."""

from __future__ import annotations

import re
from collections.abc import Collection
from itertools import pairwise

from agent.model.offline.words import stem, words_of

PREPOSITIONS = words_of(
    """about above after against along among around as at before behind below beside between by during for from in
    inside into like near off on onto opposite out outside over past per since through to toward towards under until up
    upon with within without"""
)
_ENDS = PREPOSITIONS | words_of(
    """of and or but than that which who whom whose when where why how what if because while there is are was were be
    been being am do does did has have had can could may might must shall should will would not the a an my our your
    their his her its this these those each every last first next still ever already yet"""
)
"""Words that no noun goes on across."""
_IS_IT = re.compile(
    r"\W*(?:is|are|was|were) (?:the|my|our|this|these|those|that) (?:[\w'’-]+ )+([\w'’-]+?)"
    r"(?: enough| now| yet| today)?\W*$",
    re.IGNORECASE,
)
_MEASURED_BY = re.compile(r"\bas \w+ as\b|\bhow \w+", re.IGNORECASE)
_NOT = ("un", "in", "im")
_TOKEN = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*|[^\w\s]")


def quality_asked(question: str, words: Collection[str]) -> str:
    """The word, of those of an English question, that says what somebody asks whether it is so: "safe" of "is the
    bridge safe?"; "" where none does."""
    found = _IS_IT.match(question)
    if found is None or PREPOSITIONS & set(found[0].casefold().split()):
        return ""
    last = stem(found[1])
    return last if last in words else ""


def says_quality(quality: str, text: str) -> bool:
    """Does a sentence say that it is so, or not so?"""
    tokens = _TOKEN.findall(_MEASURED_BY.sub(" ", text))
    for word, after in pairwise([*tokens, "."]):
        ends = not after[0].isalnum() or after.casefold() in _ENDS  # "safe ways" says nothing of what is asked about
        if ends and any(stem(word).removeprefix(prefix) == quality for prefix in ("", *_NOT)):
            return True
    return False
