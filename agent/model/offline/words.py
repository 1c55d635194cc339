"""Words of any language: which script, which words carry meaning, where a sentence ends.

Nothing here knows a tool. Chinese and Japanese have no spaces, so their words are pairs of characters.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import pairwise

IDEOGRAPH = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
"""Characters of scripts that are written without spaces, as the inside of a regular expression's set."""

_IDEOGRAPHS = re.compile(f"[{IDEOGRAPH}]+")
_WORD = re.compile(rf"[^\W_{IDEOGRAPH}]+(?:['’][^\W\d_{IDEOGRAPH}]+)?")
_PIECE = re.compile(rf"(?P<run>[{IDEOGRAPH}]+)|(?P<word>{_WORD.pattern})")


def words_of(text: str) -> frozenset[str]:
    """The words of a list that is written down as a text."""
    return frozenset(text.split())


def in_order(text: str) -> tuple[str, ...]:
    """The words of a list that is written down as a text, in their order."""
    return tuple(text.split())


def any_of(words: Iterable[str]) -> str:
    """The inside of a regular expression that finds any of these words, the longest that fits."""
    return "|".join(re.escape(word) for word in sorted(words, key=lambda word: (-len(word), word)))


_STOP_ENGLISH = words_of(
    """much many a about above after again all also am an and any are as at be because been before being
    below between both but by can could did do does doing down during each every few for from further
    get give had has have having he her here hers him his how i if in into is it its itself just let
    may me might more most must my no nor not now of off on once only or other our ours out over
    own please same shall she should so some such than that the their theirs them then there these they
    this those through to too under until up upon us very was we were what when where which while who
    whom whose why will with within would yes you your yours tell using use s t"""
)
_STOP_IDEOGRAPHS = frozenset(
    "的了是在和与及把将到为对从有我你他她它们这那请吗呢吧就都也很个一不中里上下之其并或被让给用于以而"
)
_STRONG = dict(
    pair.split("=")
    for pair in in_order(
        """began=begin begun=begin bought=buy brought=bring built=build came=come chose=choose chosen=choose fell=fall
        fallen=fall found=find gave=give given=give gone=go went=go grew=grow grown=grow held=hold kept=keep knew=know
        known=know left=leave lost=lose made=make met=meet paid=pay ran=run rose=rise risen=rise said=say sold=sell
        sent=send spent=spend spoke=speak spoken=speak taught=teach thought=think told=tell took=take taken=take
        won=win wrote=write written=write drank=drink drove=drive ate=eat broke=break broken=break wore=wear worn=wear
        led=lead won=win drew=draw flew=fly froze=freeze stole=steal stolen=steal born=bear children=child men=man
        women=woman mice=mouse feet=foot teeth=tooth"""
    )
)
"""Forms of English words that no ending tells, and their words: a question has "did … begin", its answer "began"."""
_SUFFIXES = (("ies", "y"), ("sses", "ss"), ("ing", ""), ("ed", ""), ("es", "e"), ("s", ""))


def is_chinese(text: str) -> bool:
    """Is most of a text written in characters without spaces? Paths and foreign names do not decide it."""
    characters = sum(len(run) for run in _IDEOGRAPHS.findall(text))
    return characters > 0 and characters >= 0.6 * len(_WORD.findall(text))


@lru_cache(maxsize=4096)
def stem(word: str) -> str:
    """An English word without its ending, so that forms and spellings of it are equal; others only case-folded."""
    folded = word.casefold().replace("’", "'").removesuffix("'s")
    folded = _STRONG.get(folded, folded)
    if not folded.isascii() or len(folded) < 4:
        return folded
    for suffix, instead in _SUFFIXES:
        left = len(folded) - len(suffix)
        if left >= 3 and folded.endswith(suffix) and not folded.endswith(("ss", "us", "is")):
            folded = folded[:left] + instead
            if suffix == "s" and folded.endswith("ing"):  # meetings are what a meeting is
                return stem(folded)
            if suffix in ("ing", "ed") and folded[-1] == folded[-2] and folded[-1] not in "lsz":
                folded = folded[:-1]
            break
    if len(folded) > 3:
        folded = folded.removesuffix("e")
    return folded[:-1] + "z" if len(folded) > 5 and folded.endswith("is") else folded


def pattern_of(*wanted: str) -> str:
    """A regular expression that finds any of these terms (of `terms`) in running text, whatever their endings and
    without regard to case."""
    plain = {form for term in wanted if term.isascii() for form in (term, *_forms(term))}
    found = [rf"\b(?:{'|'.join(sorted(_open_end(form) for form in plain))})"] if plain else []
    return "(?i)" + "|".join([*found, *(re.escape(term) for term in wanted if not term.isascii())])


def _forms(term: str) -> list[str]:
    return [form for form, word in _STRONG.items() if stem(word) == term]


def _open_end(form: str) -> str:
    if len(form) > 3 and form.endswith("y"):
        return rf"{re.escape(form[:-1])}[yi]"
    return rf"{re.escape(form[:-1])}[sz]" if len(form) > 5 and form.endswith("iz") else re.escape(form)


def stems_with_ends(text: str) -> Iterator[tuple[str, int]]:
    """Every word of a text as its stem, and where it ends; a character of a script without spaces is a word."""
    for piece in _PIECE.finditer(text):
        if piece["run"] is not None:
            yield from ((character, piece.start() + at) for at, character in enumerate(piece["run"], 1))
        else:
            yield stem(piece["word"]), piece.end()


def stems(text: str) -> list[str]:
    """Every word of a text as its stem, in order."""
    return [word for word, _ in stems_with_ends(text)]


def terms(text: str) -> list[str]:
    """The words that carry meaning, in order: stems, and pairs of characters where a script has no spaces."""
    found: list[str] = []
    for piece in _PIECE.finditer(text):
        if piece["run"] is not None:
            found.extend(_pairs(piece["run"]))
        elif piece["word"].casefold() not in _STOP_ENGLISH:
            found.append(stem(piece["word"]))
    return found


def _pairs(run: str) -> Iterator[str]:
    if len(run) == 1:
        if run not in _STOP_IDEOGRAPHS:
            yield run
        return
    for first, second in pairwise(run):
        if first not in _STOP_IDEOGRAPHS and second not in _STOP_IDEOGRAPHS:
            yield first + second


_END = re.compile(r"[。！？]+[”’」』\"')）]*|[.!?…]+[\"'”’)\]]*(?=\s|$)|\n+")
_ABBREVIATION = re.compile(r"(?:\b(?:[A-Za-z]|e\.g|i\.e|etc|vs|cf|Dr|Mr|Mrs|Ms|Prof|No|Nr|St|approx|ca|Fig)|z\.B)\.$")


def sentences(text: str) -> list[str]:
    """The sentences of running prose, trimmed; a line break ends one as well."""
    found: list[str] = []
    begin = 0
    for end in _END.finditer(text):
        piece = text[begin : end.end()]
        if end.end() < len(text) and _ABBREVIATION.search(piece):
            continue
        found.append(piece.strip())
        begin = end.end()
    found.append(text[begin:].strip())
    return [one for one in found if one]
