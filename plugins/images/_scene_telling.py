"""Which scenes of the demo's world a longer text tells of: what of a story can be drawn here."""

from __future__ import annotations

import re
from collections.abc import Iterator

from plugins.images._scene_words import NotAScene, read_at, scene_of

__all__ = ["hint_for", "scenes_told"]

_SENTENCE = re.compile(r"[^.!?。！？\n]+")
_GAP = 4  # unknown words, or Chinese characters, between a shape and where it is


def hint_for(text: str) -> str:
    """What to say instead of a wording that could not be drawn."""
    told = scenes_told(text)[:3]
    if told:
        return f"of this it could draw: {'; '.join(told)}"
    return "say it as 'a large red circle at the left on a white background'"


def scenes_told(text: str) -> list[str]:
    """The phrases of a text that name a scene which `draw` and the demo's model can draw, in their order, none twice.

    "Then a large red circle rose at the top on a white background." tells of "a large red circle at the top on a white
    background". What names no shape and colour is passed over.
    """
    found: dict[str, str] = {}
    for sentence in _SENTENCE.findall(text):
        if phrase := _scene(sentence):
            found.setdefault(phrase.casefold(), phrase)
    return list(found.values())


def _scene(sentence: str) -> str:
    """The first scene that a sentence tells of; "" where it tells of none."""
    pieces = list(_pieces(sentence))
    for number, (kinds, phrase, _) in enumerate(pieces):
        if not {"shape", "colour"} <= kinds:
            continue
        for more_kinds, more, gap in pieces[number + 1 :]:
            if gap > _GAP or not more_kinds & {"place", "ground"} or "shape" in more_kinds:
                break
            phrase = f"{phrase} {more}" if more[0].isascii() else f"{phrase}{more}"
        try:
            scene_of(phrase)
        except NotAScene:
            continue
        return phrase
    return ""


def _pieces(sentence: str) -> Iterator[tuple[set[str], str, int]]:
    """The stretches of known words of a sentence: the kinds of their words, their text, and how many unknown words
    stand before each."""
    run: list[tuple[str, int, int]] = []
    unknown = 0
    for word, start, stop in [*read_at(sentence), (None, len(sentence), len(sentence))]:
        if word is not None and word.kind != "unknown":
            run.append((word.kind, start, stop))
            continue
        if trimmed := _trimmed(run, sentence):
            text = sentence[trimmed[0][1] : trimmed[-1][2]]
            yield {kind for kind, _, _ in trimmed}, text, unknown
            unknown = 0
        run = []
        unknown += word is not None


_BEGINS = re.compile(r"(?:a|an|the|on|in|at|with|against|在)\b|一[个個只张幅]?|在", re.IGNORECASE)


def _trimmed(run: list[tuple[str, int, int]], sentence: str) -> list[tuple[str, int, int]]:
    """The words from the first that says something, with its article, to the last."""
    told = [at for at, (kind, _, _) in enumerate(run) if kind not in ("border", "filler")]
    if not told:
        return []
    begin = told[0]
    while begin and _BEGINS.fullmatch(sentence[run[begin - 1][1] : run[begin - 1][2]]):
        begin -= 1
    return run[begin : told[-1] + 1]
