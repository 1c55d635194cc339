"""The things that a question is about, by its nouns: what answers it speaks of them, or stands below them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from itertools import pairwise

from agent.model.offline.words import IDEOGRAPH, stem, words_of

_DETERMINER = re.compile(r"the|an?|my|our|your|their|his|her|its|this|these|those|each|every", re.IGNORECASE)
_WHERE = words_of(
    """about above after against along among around as at before behind below beside between by during for from in
    inside into like near off on onto opposite out outside over past per since through to toward towards under until up
    upon with within without"""
)
_ENDS = _WHERE | words_of(
    """of and or but than that which who whom whose when where why how what if because while there is are was were be
    been being am do does did has have had can could may might must shall should will would not the a an my our your
    their his her its this these those each every last first next still ever already yet"""
)
"""Words that no noun goes on across."""
_VERB_FOLLOWS = words_of("do does did can could may might must shall should will would")
_SAID_OTHERWISE = frozenset(
    map(
        stem,
        words_of(
            """height width length depth size weight age price cost fee amount number sum total rest half share part
            kind sort type name title colour color date day time hour week month year place address way reason rule
            purpose use limit manner deadline answer result capacity area temperature speed value rate people person man
            woman"""
        ),
    )
)
"""What a sentence says by its kind of answer, or by other words: "is 96 centimetres high" tells a height."""
_IS_IT = re.compile(
    r"\W*(?:is|are|was|were) (?:the|my|our|this|these|those|that) (?:[\w'’-]+ )+([\w'’-]+?)"
    r"(?: enough| now| yet| today)?\W*$",
    re.IGNORECASE,
)
_IS_IT_SO = re.compile(f"[{IDEOGRAPH}]([{IDEOGRAPH}]{{2}})[吗么][？?\\s]*$")
_MEASURED_BY = re.compile(r"\bas \w+ as\b|\bhow \w+", re.IGNORECASE)
_NOT = ("un", "in", "im")
_TOKEN = re.compile(r"[^\W_]+(?:[-'’][^\W_]+)*|[^\w\s]")


def things_of(question: str, words: Collection[str]) -> tuple[str, ...]:
    """Of the nouns of an English question the heads, as stems that are among its `words`: "garden" of "the manager of
    the town's roof garden", and "manager". What only tells where or how ("the gravel under the pier") is none."""
    runs = (one for one in _runs(question) if one[1] not in _WHERE)
    return tuple(dict.fromkeys(head for run, before in runs if (head := _head(run, before, words))))


def quality_asked(question: str, words: Collection[str]) -> str:
    """The word, of those of a question, that says what somebody asks whether it is so: "safe" of "is the bridge safe?",
    安全 of 桥安全吗; "" where none does."""
    found = _IS_IT.match(question)
    if found is not None:
        last = stem(found[1])
        return last if last in words else ""
    asked = _IS_IT_SO.search(question)
    return asked[1] if asked is not None and asked[1] in words else ""


def says_quality(quality: str, text: str) -> bool:
    """Does a sentence say that it is so, or not so?"""
    if not quality.isascii():
        return any(sign in text for sign in quality)
    tokens = _TOKEN.findall(_MEASURED_BY.sub(" ", text))
    for word, after in pairwise([*tokens, "."]):
        ends = not after[0].isalnum() or after.casefold() in _ENDS  # "safe ways" says nothing of what is asked about
        if ends and any(stem(word).removeprefix(prefix) == quality for prefix in ("", *_NOT)):
            return True
    return False


def _runs(question: str) -> Iterator[tuple[list[str], str]]:
    """The words behind each determiner up to where its noun must have ended, and the word before it."""
    tokens = _TOKEN.findall(question)
    for at, token in enumerate(tokens):
        if _DETERMINER.fullmatch(token) is None:
            continue
        run: list[str] = []
        for word in tokens[at + 1 :]:
            if not word[0].isalnum() or word.casefold() in _ENDS:
                break
            run.append(word)
        yield run, tokens[at - 1].casefold() if at else ""


def _head(run: list[str], before: str, words: Collection[str]) -> str:
    """The last noun of a run. What the verb before it turned round ("when did the inverter fail") ends with a verb."""
    if len(run) > 1 and before in _VERB_FOLLOWS:
        run = run[:-1]
    return next(
        (found for word in reversed(run) if (found := stem(word)) in words and found not in _SAID_OTHERWISE), ""
    )
