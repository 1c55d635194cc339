"""Citations that code has checked: the passage was given, and the quoted words stand in it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agent.answering.evidence import Evidence
from agent.answering.figures import figures
from agent.model.offline.words import terms

_WIDE = "\u2e80-\u9fff\uac00-\ud7a3\uf900-\ufaff"
_BESIDE_WIDE = re.compile(rf"(?<=[{_WIDE}])\s+|\s+(?=[{_WIDE}])")
_MARKS = re.compile(r"[*`|]+|(?<!\w)_+|(?<!_)_+(?!\w)|^[^\S\n]*(?:(?:[-*+•]|\d{1,3}[.)])\s+|>+\s?)", re.MULTILINE)
_QUOTES: Mapping[int, str | None] = {ord(one): '"' for one in "“”„‟«»「」『』〝〞＂"} | {
    ord(one): "'" for one in "‘’‚‛＇`´"
}
_DASHES: Mapping[int, str | None] = {ord(one): "-" for one in "‐‑‒–—―−－"} | {0xAD: None, 0x200B: None, 0xFEFF: None}
_STOPS: Mapping[int, str | None] = {
    0x3002: ".",
    0xFF0C: ",",
    0x3001: ",",
    0xFF1B: ";",
    0xFF1A: ":",
    0xFF01: "!",
    0xFF1F: "?",
}
_EDGES = " \t\n.,;:!?\"'()[]…-"
_GAP = re.compile(r"(?:\[\s*)?(?:\.{3,}|…+)(?:\s*\])?")
_SHORTEST = 4  # letters and digits of a quotation, of which an East Asian one counts as two


@dataclass(frozen=True, slots=True)
class Citation:
    """A passage, by its number, and words of it."""

    number: int
    quote: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """Something that is said, and what it is taken from. `unfounded` are figures in it that stand neither in the
    passages cited nor in the question: they may be worked out, or made up."""

    text: str
    citations: tuple[Citation, ...]
    unfounded: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """Something that a model said and that nothing bears out, and why."""

    text: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What is left of an answer once it is checked. Without a statement the documents do not say."""

    statements: tuple[Statement, ...]
    left_out: tuple[LeftOut, ...] = ()


def check(claims: Sequence[Statement], evidence: Sequence[Evidence], *, question: str = "") -> Answer:
    """Hold statements against the passages. A citation counts where its passage was given and its words stand in that
    passage, or all in one other that was given: then it is cited. A statement without any that counts is left out."""
    given = {one.number: one for one in evidence}
    kept: list[Statement] = []
    left: list[LeftOut] = []
    for claim in claims:
        sound: list[Citation] = []
        reason = "it cites nothing"
        for citation in claim.citations:
            found, why = _sound(_with_words(citation, claim.text, given), given)
            if found is not None:
                sound.append(found)
            reason = why or reason
        if sound:
            cited = list(dict.fromkeys(sound))
            known = "\n".join([question, *(given[one.number].whole for one in cited)])
            missing = tuple(one for one in figures(claim.text) if one not in figures(known))
            kept.append(Statement(text=claim.text, citations=tuple(cited), unfounded=missing))
        elif claim.text.strip():
            left.append(LeftOut(text=claim.text, reason=reason))
    return Answer(statements=tuple(kept), left_out=tuple(left))


def _with_words(citation: Citation, said: str, given: Mapping[int, Evidence]) -> Citation:
    """A citation that quotes nothing has the words of the statement, where these themselves stand in the passage."""
    if citation.quote.strip() or citation.number not in given or not stands_in(said, given[citation.number].text):
        return citation
    return Citation(citation.number, said)


def _sound(citation: Citation, given: Mapping[int, Evidence]) -> tuple[Citation | None, str]:
    """The citation as it holds; or None, and why it does not."""
    if citation.number not in given:
        return None, f"it cites passage {citation.number}, which was not given"
    quote = citation.quote.strip()
    if not quote:
        return None, f"it quotes no words of passage {citation.number}"
    if not _is_telling(quote):
        return None, f"the words that it quotes are too few to show anything: “{quote}”"
    if stands_in(quote, given[citation.number].text):
        return Citation(citation.number, quote), ""
    others = [one.number for one in given.values() if stands_in(quote, one.text)]
    if len(others) == 1:
        return Citation(others[0], quote), ""
    return None, f"the words that it quotes do not stand in passage {citation.number}: “{quote}”"


def _is_telling(quote: str) -> bool:
    size = sum(2 if re.match(f"[{_WIDE}]", one) else 1 for one in quote if one.isalnum())
    return (size >= _SHORTEST and bool(terms(quote))) or bool(re.search(r"\d{2}", quote))


def stands_in(quote: str, text: str) -> bool:
    """Do these words stand in a text, one after another? White space, width, case, kinds of quotation marks and dashes,
    and the marks of Markdown make no difference; words are whole. What is left out between them shows as an ellipsis,
    and its pieces stand in the text in their order."""
    return stands_in_plain(quote, plain(text))


def stands_in_plain(quote: str, whole: str) -> bool:
    """The same, of a text that `plain` has given."""
    at = 0
    pieces = [piece for one in _GAP.split(quote) if (piece := plain(one).strip(_EDGES))]
    for piece in pieces:
        at = _find(piece, whole, at)
        if at < 0:
            return False
    return bool(pieces)


def _find(piece: str, whole: str, start: int) -> int:
    """The end of a piece in a text, from a place on; -1 where it does not stand there as whole words."""
    at = whole.find(piece, start)
    while at >= 0:
        end = at + len(piece)
        if not (_joined(whole, at) or _joined(whole, end)):
            return end
        at = whole.find(piece, at + 1)
    return -1


def _joined(text: str, at: int) -> bool:
    """Does a word, or a number, go on across this place?"""
    if not 0 < at < len(text):
        return False
    before, after = text[at - 1], text[at]
    if before.isdigit() and after in ".," and text[at + 1 : at + 2].isdigit():
        return True
    if after.isdigit() and before in ".," and text[at - 2 : at - 1].isdigit():
        return True
    return before.isascii() and after.isascii() and before.isalnum() and after.isalnum()


def plain(text: str) -> str:
    """A text without what makes no difference to whoever reads its words."""
    text = unicodedata.normalize("NFKC", _MARKS.sub(" ", text).translate({**_QUOTES, **_DASHES, **_STOPS})).casefold()
    return _BESIDE_WIDE.sub("", " ".join(text.translate({**_QUOTES, **_DASHES}).split()))
