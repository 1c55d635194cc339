"""Things that are told apart by a number ("ward 4", 3号楼) or a dimension: what is said of another is no answer."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from agent.answering.kin import akin
from agent.model.offline.words import stem, words_of

_NUMBERS = r"\d{1,4}[a-z]?(?:\s*(?:,|and|or|&)\s*\d{1,4}[a-z]?)*"
_LABELLED = re.compile(rf"\b([a-z]{{3,}}):?\s+(?:no\.?\s*|number\s+|#)?({_NUMBERS})(?![\w.:,%]*\d|\s*%)", re.IGNORECASE)
_ONE = re.compile(r"\d+[a-z]?", re.IGNORECASE)
_NO_LABEL = words_of(
    """about after around before below between from into least most near only over past since than that the this until
    with within and are but can could did does for has have had how into may more must not should was were what when
    where which who why will would january february march april may june july august september october november
    december jan feb mar apr jun jul aug sep sept oct nov dec year years page line version"""
)
_CLASSIFIED = re.compile(
    r"(?:([高初小大]?[一二三四五六七八九])?[（(]?(\d{1,4}|[一二三四五六七八九十]{1,3})[）)]?|\b([A-Z]))"
    r"(?:号)?(楼|层|栋|幢|班(?!车)|号线|路(?!程)|单元|室|组|车间|展厅|机组)"
)
_DIGITS = {sign: str(number) for number, sign in enumerate("一二三四五六七八九十", 1)}
_DIMENSIONS: Mapping[str, str] = {
    "long": "long",
    "length": "long",
    "wide": "wide",
    "width": "wide",
    "deep": "deep",
    "depth": "deep",
    "high": "high",
    "height": "high",
    "tall": "high",
    "长": "long",
    "宽": "wide",
    "深": "deep",
    "高": "high",
}
_ASKED_DIMENSION = re.compile(r"\bhow (long|wide|deep|high|tall)\b|多([长宽深高])(?!时间)", re.IGNORECASE)
_SAID_DIMENSION = re.compile(
    r"\d\s*(?:m|cm|mm|km|ft|feet|foot|inch(?:es)?|yards?|miles?|(?:kilo|centi|milli)?met(?:re|er)s?) "
    r"(long|wide|deep|high|tall)\b|\b(length|width|depth|height)\W{1,3}(?:is |of )?\d|"
    r"([长宽深高])度?(?:约|达|为|：|:)?\s*[\d一二三四五六七八九十百千]",
    re.IGNORECASE,
)


def is_of_another(question: str, text: str, above: Sequence[str] = ()) -> bool:
    """Does a text tell a number for a thing of the question, and never the one that is asked about? What the text
    itself numbers counts, else what the nearest of `above` does that numbers it."""
    for label, wanted in _labels(question):
        for place in (text, *above):
            found = [number for name, number in _labels(place) if _are_one(name, label)]
            if found:
                if not any(_is_it(wanted, one) for one in found):
                    return True
                break
    return _is_of_another_dimension(question, text)


def marked(question: str, text: str) -> Iterator[list[tuple[int, int, bool]]]:
    """For each thing with a number that a question names, where a text names such by a number: from where to where,
    and whether it is that one."""
    for label, wanted in _labels(question):
        yield [
            (start, end, _is_it(wanted, number)) for name, number, start, end in _placed(text) if _are_one(name, label)
        ]


def _labels(text: str) -> Iterator[tuple[str, str]]:
    """Each thing with a number, as its name and the number."""
    return ((name, number) for name, number, _, _ in _placed(text))


def _placed(text: str) -> Iterator[tuple[str, str, int, int]]:
    """The same with where each stands."""
    for found in _LABELLED.finditer(text):
        name = found[1].lower()
        if name in _NO_LABEL:
            continue
        for one in _ONE.findall(found[2]):
            yield stem(name), one.lower(), found.start(), found.end()
    for found in _CLASSIFIED.finditer(text):
        grade, figure, letter, name = found.groups()
        number = f"{grade or ''}{_DIGITS.get(figure, figure)}" if figure else letter
        yield name, number, found.start(), found.end()


def _are_one(name: str, label: str) -> bool:
    return name == label or (name.isascii() and label.isascii() and akin(name, {label}))


def _is_it(wanted: str, found: str) -> bool:
    """Is it that number? A class is named with its grade or without it."""
    if wanted.isdecimal() == found.isdecimal():
        return wanted == found
    return wanted.endswith(found) or found.endswith(wanted)


def _is_of_another_dimension(question: str, text: str) -> bool:
    asked, said = (
        {_DIMENSIONS[one.lower()] for found in pattern.findall(where) for one in found if one}
        for pattern, where in ((_ASKED_DIMENSION, question), (_SAID_DIMENSION, text))
    )
    return bool(asked and said) and asked.isdisjoint(said)
