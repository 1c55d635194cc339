"""Embedders, and the words that they and the full-text index cut a text into.

An embedder turns texts into vectors whose cosine tells how near they are in meaning. Vectors of two embedders are
never compared: whoever stores a vector stores the embedder's `id` and `dimensions` beside it.
"""

from __future__ import annotations

import re
import unicodedata
from array import array
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from hashlib import blake2b
from math import log, sqrt
from typing import Protocol, runtime_checkable

from ._forms import FORMS

WORDS_VERSION = "4"
"""Changes whenever `words` cuts differently, so that a stored index knows that it is of an older kind."""

# A word: letters and digits with the marks that belong to them (vowel signs of Indic scripts, Arabic, Hebrew, Thai).
_MARKS = (
    "\u0300-\u036f\u0591-\u05bd\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0963\u0970-\u0fff\u1000-\u109f\u1780-\u17d3"
)
# A picture sign (emoji) is a word too.
_SIGNS = "\u2600-\u27bf\u2b50\u2b55\U0001f000-\U0001faff"
_WORD = re.compile(rf"[^\W_{_MARKS}](?:[^\W_]|[{_MARKS}])*|[{_MARKS}]+|[{_SIGNS}]")
_SIGN = re.compile(f"[{_SIGNS}]")
# Scripts that put no spaces between words (and Korean, whose particles cling to them) are cut into character pairs.
_UNSPACED = (
    "\u3005\u3007\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\U00020000-\U0003ffff"
)
_RUN = re.compile(rf"([{_UNSPACED}]+)")
_ACCENTS = re.compile("[\u0300-\u036f]")
# Anna's, I'll, they've: what hangs on an English word says nothing by itself. The t of "can't" denies, and stays.
_HANGING = re.compile("(?<=\\w)['’ʼ](?:s|re|ve|ll|d|m)(?![^\\W_])")
# camelCase is found whole and by its parts.
_HUMPED = re.compile(r"\b[A-Za-z][a-z]+(?:[A-Z][a-z]+)+\b")
_HUMP = re.compile(r"[A-Z]?[a-z]+")
_VOWEL = re.compile("[aeiouy]")
_HISSING = ("ses", "xes", "zes", "ches", "shes")


class EmbeddingFailed(Exception):
    """The vectors cannot be had now (an endpoint is away, a model is missing); the text says why, in one line."""


@runtime_checkable
class Embedder(Protocol):
    """Turns texts into vectors.

    `id` names the model and everything that changes its vectors; `dimensions` is the length of each. An embedder
    may also have `unrelated` and `certain`, floats: the cosine that two texts reach which have nothing to do with each
    other (0.0 where it is absent), and the one from which on they surely have (1.0); `share`, the vectors' part in the
    order of what is found (0.35); and `latin_only`, where it knows no other scripts.
    """

    @property
    def id(self) -> str:
        """Name of the model, stored with each vector."""
        ...

    @property
    def dimensions(self) -> int:
        """Length of each vector."""
        ...

    def embed(self, texts: Sequence[str]) -> Sequence[Sequence[float]]:
        """One vector for each text, in order. Raises `EmbeddingFailed` where they cannot be had."""
        ...


def fold(text: str) -> str:
    """The text without what searching should not notice: case, width, and accents on letters."""
    if text.isascii():
        return text.lower()
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return unicodedata.normalize("NFKC", _ACCENTS.sub("", decomposed)).casefold()


def words(text: str) -> list[str]:
    """The words that a text is indexed and searched by, in order, with repetitions.

    Words are folded and, in Latin script, freed of the commonest endings, and of an English 's, 'll and the like;
    irregular English forms (went, bought, children) become their plain ones, and camelCase gives its parts beside the
    whole. Chinese, Japanese, Korean, Thai, Lao, Khmer and Burmese runs give each character and each pair of neighbours,
    so that part of a run is found too. An emoji gives its number.
    """
    found: list[str] = []
    text = _HUMPED.sub(lambda humped: " ".join((humped[0], *_HUMP.findall(humped[0]))), text)
    for word in _WORD.findall(_HANGING.sub("", fold(text))):
        if word.isascii():
            found.append(_stem(word))
            continue
        if _SIGN.match(word):
            found.append(f"u{ord(word):x}")  # in letters, as the full-text index knows no signs
            continue
        for piece in _RUN.split(word):
            if not piece:
                continue
            if _RUN.match(piece):
                found.extend(piece)
                found.extend(piece[n : n + 2] for n in range(len(piece) - 1))
            else:
                found.append(_stem(piece))
    return found


@lru_cache(maxsize=20_000)
def _stem(word: str) -> str:
    # Light on purpose: a wrong cut joins two words for ever, a missed one is mended by the character pieces.
    word = FORMS.get(word, word)
    if len(word) < 4 or not word.isalpha():
        return word
    if word.endswith(("ies", "ied")) and len(word) > 5:
        return word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is")):
        word = word[:-2] if word.endswith(_HISSING) else word[:-1]
    else:
        for ending in ("ing", "ed"):
            stem = word.removesuffix(ending)
            if stem != word and len(stem) > 2 and _VOWEL.search(stem) and not word.endswith("eed"):
                word = stem[:-1] if stem[-1] == stem[-2] and stem[-1] not in "aeiouls" and len(stem) > 3 else stem
                break
    if len(word) > 3 and word[-1] == "e":
        return word[:-1]
    # try and tried, study and studying; but not play and plai
    return word[:-1] + "i" if len(word) > 3 and word[-1] == "y" and word[-2] not in "aeiou" else word


def beginning(word: str) -> str | None:
    """What other forms and compounds of a word, as `words` gives it, begin with; None where that would say nothing."""
    if len(word) < 4 or _RUN.search(word) or not word.isalpha():
        return None
    return word[: max(5, len(word) - 2)]


_COMMON = (
    # Left out are those that are words of weight in another of these languages (die, war, son, pour).
    # English, German, French, Spanish, Italian, Portuguese, Dutch: the words that say how, not what.
    "a about after all also an and any are as at be been but by can could did do does for from had has have he her him "
    "his how i if in into is it its just me my no not of on or our she should so some such than that the their them "
    "then there these they this to up us was we were what when where which while who whom whose why will with would "
    "you your "
    "aber als am an auch auf aus bei bis das dass dem der des ein eine einem einen einer er es für ich "
    "ihr im ist mein mit nach nicht noch nur oder sich sie sind so um und uns vom von vor was wenn wer wie wir wird "
    "wo zu zum zur über "
    "au aux avec ce ces cette dans de des du elle en est et il ils je la le les leur ma mais mes mon ne nous ou où par "
    "qu que qui se ses sont sur ta te tu un une vous "
    "al como con cual cuando de del donde el ella ellos es esta este las lo los mi muy para pero por quien se ser si "
    "su sus te un una y ya "
    "che chi da dei del della di e gli ho io la le lo ma mi nei nel nella non piu quale quando sono su tra "
    "ao das do dos e ela ele em foi meu na nas no nos o os ou pela pelo por quem sao seu sua um uma "
    "bij dat deze een en haar hem het hij ik je naar niet nog of ook op te uit van voor waar wat wie wij ze zijn "
    # Chinese and Japanese: particles, pronouns and question words, as the single characters and bigrams that they are.
    "的 了 是 在 我 你 他 她 它 们 这 那 有 和 与 就 都 也 很 吗 呢 吧 啊 什 么 怎 谁 哪 "
    "我们 你们 他们 什么 怎么 哪里 哪个 谁的 是什 么是 的是 是的 这个 那个 "
    "の は が を に へ と で も や か な だ て た し い う る です ます した して いる ある こと もの は何 何で"
)

COMMON = frozenset(_stem(fold(word)) for word in _COMMON.split())
"""Words, as `words` gives them, that say little about what a text is about; they count little in comparisons."""


class HashingEmbedder:
    """Vectors by feature hashing: no model, no download, the same on every machine and in every version of Python.

    Features are words, the character pieces (3 and 4 long) of spaced words, and the character pairs of unspaced
    scripts. It knows nothing of meaning, but sees through endings, typing errors and compounds. Vectors have length 1,
    or are all zero for a text without a word.
    """

    unrelated = 0.15
    share = 0.05  # of the order of what is found: words say what it says, and more surely

    def __init__(self, dimensions: int = 384) -> None:
        if dimensions < 8:
            raise ValueError("dimensions must be at least 8")
        self.dimensions = dimensions
        self.id = f"thinkact-hashing-{WORDS_VERSION}-{dimensions}"

    def embed(self, texts: Sequence[str]) -> list[array[float]]:
        """One vector for each text, in order; never fails."""
        return [self._vector(text) for text in texts]

    def weighted(self, weights: Mapping[str, float]) -> array[float]:
        """The vector of a query whose words, as `words` gives them, weigh differently: the rare ones more."""
        return self._summed((word, sqrt(weight)) for word, weight in weights.items())

    def _vector(self, text: str) -> array[float]:
        counted = Counter(words(text)).items()
        return self._summed((word, (1.0 + log(count)) * (0.1 if word in COMMON else 1.0)) for word, count in counted)

    def _summed(self, features: Iterable[tuple[str, float]]) -> array[float]:
        sums = [0.0] * self.dimensions
        for word, weight in features:
            places = _places(word, self.dimensions)
            # Together the pieces weigh about as much as their word, so that long words do not drown short ones.
            share = weight * 0.9 / sqrt(len(places) - 1) if len(places) > 1 else 0.0
            part = weight
            for place in places:
                if place > 0:
                    sums[place - 1] += part
                else:
                    sums[-place - 1] -= part
                part = share
        length = sqrt(sum(value * value for value in sums))
        return array("f", (value / length for value in sums) if length else sums)


@lru_cache(maxsize=20_000)
def _places(word: str, dimensions: int) -> tuple[int, ...]:
    """Where a word and its pieces fall in a vector, counted from 1 and negative where they are taken off. Kept: texts
    repeat their words, and drawing them is most of the work."""
    pieces: list[str] = []
    if len(word) >= 4 and not _RUN.match(word):
        framed = f"<{word}>"
        pieces = [f"~{framed[n : n + size]}" for size in (3, 4) for n in range(len(framed) - size + 1)]
    return tuple(_place(feature, dimensions) for feature in (word, *pieces))


def _place(feature: str, dimensions: int) -> int:
    drawn = int.from_bytes(blake2b(feature.encode("utf-8", "replace"), digest_size=8).digest(), "little")
    place = (drawn >> 1) % dimensions + 1
    return place if drawn & 1 else -place
