"""What is said of the thing that is asked about, in a sentence that speaks of others with the same name as well.

"The teaching pool" and "the main pool", 大会议室 and 小会议室, 2024 and 2025, ward 3 and ward 4 share a name and are
told apart by what stands beside it. Where a sentence names several, each owns the stretch up to the next: only the one
that is asked about may answer.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, pairwise

from agent.answering.forms import A_YEAR
from agent.answering.kin import akin
from agent.answering.numbered import marked
from agent.answering.quality import PREPOSITIONS
from agent.model.offline.words import IDEOGRAPH, stem, terms, words_of

_TOKEN = re.compile(rf"[^\W_{IDEOGRAPH}]+(?:['’][^\W\d_{IDEOGRAPH}]+)?")
_RUN = re.compile(f"[{IDEOGRAPH}]+")
_LEAD = re.compile(r"[^\d,.;:，。；：]*(?=\s\d)")
_CLAUSE = re.compile(r"[;,(；，、（：:]\s*")
_NO_NAMES = PREPOSITIONS | words_of("anything anybody anyone something somebody someone nothing nobody")
_LESS = frozenset(map(stem, words_of("vice deputy assistant former previous acting interim ex co")))
_LESS_CHINESE = ("副", "助理", "代理", "前任", "原任", "候任", "曾任")
"""What makes somebody or something another than the word behind it says: a deputy director is no director."""
_PARTICLES = frozenset("的了是在和与及把将为从有吗呢吧就都也很被于以而或")
"""Characters that end a name, or stand before one."""
_WIDEST = 4  # words of a name before its last


@dataclass(frozen=True, slots=True)
class _Mention:
    """Where a text names something by the name that is asked for, and whether it is the one that is asked about;
    `less`: it is none by that name."""

    start: int
    end: int
    same: bool
    less: bool = False


def said_of_it(question: str, text: str) -> str | None:
    """The part of a text that is said of what a question names: all of it, where it names no other. None where it
    speaks of others by that name, and never of the one."""
    names: list[_English | _Chinese] = [*_english(question), *_chinese(question)]
    for told_apart in names:
        mentions = list(told_apart.mentions(text))
        kinds = {one.same for one in mentions}
        if len(kinds) == 2:
            text = _stretches(text, mentions)
        elif kinds == {False} and told_apart.only_others(text, mentions):
            return None
    for mentions in (list(_years(question, text)), *(list(_numbered(group)) for group in marked(question, text))):
        if len({one.same for one in mentions}) == 2:
            text = _stretches(text, mentions)
    return text


def meant(question: str, text: str, around: str, file: str = "") -> set[str]:
    """The words that tell which is meant, of things that a text names without them: "the plant" is the solar plant
    where all around it no other plant is told apart by a word, and the solar plant is named there, or is what its file
    or the folder of that is called after."""
    found: set[str] = set()
    called = {stem(token[0]) for token in _TOKEN.finditer(file)}
    for told_apart in _english(question):
        bare = not told_apart.which or any(told_apart.mentions(text))
        if bare or told_apart.head not in (stem(token[0]) for token in _TOKEN.finditer(text)):
            continue
        mentions = list(told_apart.mentions(around))
        if (mentions or told_apart.which <= called) and all(one.same for one in mentions):
            found |= told_apart.which
    return found


def _stretches(text: str, mentions: Sequence[_Mention]) -> str:
    """What is said before them all, and each stretch of the one that is asked about. Where nothing is said behind the
    last, each owns what stands before it ("27 degrees in the big pool and 31 degrees in the family pool")."""
    groups = _grouped(text, sorted(mentions, key=lambda one: one.start))
    if not terms(text[groups[-1].end :]):
        ends = [0, *(one.end for one in groups)]
        lead = _LEAD.match(text[: groups[0].start])
        own = [text[begin : one.end] for begin, one in zip(ends, groups, strict=False) if one.same]
        return " ".join([lead[0] if lead else "", *own])
    starts = [_clause_start(text, one, before) for before, one in pairwise([_Mention(0, 0, same=False), *groups])]
    pieces = [text[: starts[0]]]
    for (begin, end), one in zip(pairwise([*starts, len(text)]), groups, strict=True):
        if one.same:
            pieces.append(text[begin:end])
    return " ".join(pieces)


def _clause_start(text: str, one: _Mention, before: _Mention) -> int:
    found = [mark.end() for mark in _CLAUSE.finditer(text, before.end, one.start)]
    return found[-1] if found else max(one.start, before.end)


def _grouped(text: str, mentions: Sequence[_Mention]) -> list[_Mention]:
    """Those between which nothing is said are told of together: "the big pool and the family pool"."""
    found = [mentions[0]]
    for one in mentions[1:]:
        last = found[-1]
        between = text[last.end : one.start]
        if one.same == last.same or (not terms(between) and re.fullmatch(r"[\w\s,、&]*", between)):
            found[-1] = _Mention(last.start, max(one.end, last.end), one.same or last.same)
        else:
            found.append(one)
    return found


@dataclass(frozen=True, slots=True)
class _English:
    """A word of a question, and those before it that tell which is meant (none where nothing does)."""

    which: frozenset[str]
    head: str

    def only_others(self, text: str, mentions: Sequence[_Mention]) -> bool:
        stems = [stem(token[0]) for token in _TOKEN.finditer(text)]
        return stems.count(self.head) == len(mentions) and not any(akin(one, stems) for one in self.which)

    def mentions(self, text: str) -> Iterator[_Mention]:
        run: list[re.Match[str]] = []
        for token in _TOKEN.finditer(text):
            if run and (text[run[-1].end() : token.start()].strip(" -") or not _tells_which(run[-1][0])):
                run = []
            run = [*run[-_WIDEST:], token]
            if stem(token[0]) != self.head:
                continue
            before = [one for one in run[:-1] if _tells_which(one[0]) and not one[0].isdecimal()]
            beside = {stem(one[0]) for one in before}
            begin = before[0].start() if before else token.start()
            less = bool(before) and stem(before[-1][0]) in _LESS - self.which
            if less or beside or not self.which or self.which & _LESS:
                yield _Mention(begin, token.end(), same=not less and (not self.which or bool(self.which & beside)))


def _tells_which(word: str) -> bool:
    plain = word.casefold()
    return plain == "this" or (plain not in _NO_NAMES and bool(terms(word)))


def _english(question: str) -> Iterator[_English]:
    before: re.Match[str] | None = None
    found: dict[str, set[str]] = {}
    for token in _TOKEN.finditer(question):
        if not _tells_which(token[0]) or token[0][0].isdigit():
            before = None
            continue
        which = found.setdefault(stem(token[0]), set())
        if before is not None and not question[before.end() : token.start()].strip(" -"):
            which.add(stem(before[0]))
        before = token
    return (_English(frozenset(which), head) for head, which in found.items())


@dataclass(frozen=True, slots=True)
class _Chinese:
    """Two characters of a question, and what stands before them that tells which is meant ("" where nothing does)."""

    which: str
    head: str

    def only_others(self, text: str, mentions: Sequence[_Mention]) -> bool:
        return text.count(self.head) == len(mentions) and all(one.less for one in mentions)

    def mentions(self, text: str) -> Iterator[_Mention]:
        at = text.find(self.head)
        while at >= 0:
            before = text[max(0, at - 2) : at]
            less = next((one for one in _LESS_CHINESE if before.endswith(one)), "")
            if less and not self.which.endswith(less[-1]):
                yield _Mention(at - len(less), at + 2, same=False, less=True)
            elif not self.which:
                yield _Mention(at, at + 2, same=True)
            elif self.which.endswith(_LESS_CHINESE) or (_RUN.fullmatch(before[-1:]) and before[-1] not in _PARTICLES):
                yield _Mention(max(0, at - 1), at + 2, same=before[-1:] == self.which[-1])
            at = text.find(self.head, at + 1)


def _chinese(question: str) -> Iterator[_Chinese]:
    for run in _RUN.findall(question):
        for named, piece in groupby(run, lambda sign: sign not in _PARTICLES):
            name = "".join(piece)
            for at in range(len(name) - 1 if named else 0):
                yield _Chinese(name[max(0, at - 2) : at], name[at : at + 2])


def _years(question: str, text: str) -> Iterator[_Mention]:
    asked = set(A_YEAR.findall(question))
    if asked:
        for one in A_YEAR.finditer(text):
            yield _Mention(one.start(), one.end(), same=one[0] in asked)


def _numbered(group: Sequence[tuple[int, int, bool]]) -> Iterator[_Mention]:
    return (_Mention(start, end, same) for start, end, same in group)
