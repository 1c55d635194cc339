"""What a sentence says of the thing that a question asks about, where it speaks of another thing as well.

"The fence around the tower is 2 metres high" tells nothing of how high the tower is: the tower only says which fence.
In "in 2019 the treasurer resigned and the mayor stayed" each has a clause of its own, and only that of the one that is
asked about may answer; a clause without a subject goes on from the one before.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from agent.answering.forms import MONEY
from agent.answering.kin import akin
from agent.answering.quality import PREPOSITIONS
from agent.model.offline.words import IDEOGRAPH, stem, terms, words_of

_WORD = re.compile(rf"[^\W_{IDEOGRAPH}]+(?:[.,:'’-][^\W_{IDEOGRAPH}]+)*")
_DETERMINERS = words_of("the a an my our your its their his her this that these those each every")
_GOVERNING = (PREPOSITIONS | {"of"}) - {"by", "like", "than", "since", "through", "into", "onto"}
_BESIDE = words_of(
    "above after against along around before behind below beside between near opposite outside over past under beyond"
)
"""Prepositions of which what stands behind them is never what is spoken of."""
_SIDES = words_of("front next close side foot edge end back left right north south east west middle")
_VERBS = words_of("is are was were be been being do does did has have had can could will would must may might should")
_SUBORDINATE = words_of("when while as if because since although though where whereas once")
_PRONOUNS = words_of("i you we they he she it there one who which what whose where when as if because since that")
_HELPING = "is|are|was|were|do|does|did|has|have|had|can|could|will|would|must|may|should"
_ASKED = re.compile(
    rf"^\W*(?:who|(?:which|what) [\w'’-]+) (?!(?:{_HELPING})\b)(?P<verb>[\w'’-]+) "
    rf"(?P<object>(?:{'|'.join(sorted(_DETERMINERS))}) .+)|\b(?P<helping>{_HELPING})\s+(?P<rest>.+)",
    re.IGNORECASE,
)
_STATES = words_of(
    "open closed shut valid free due born built held made sold bought found written drawn left paid shown"
)
_ATTRIBUTES = frozenset(
    map(
        stem,
        words_of(
            """height length width depth size area age weight price cost fee fare charge rent ticket admission entrance
            entry hours time opening closing start beginning end date day term period duration number name address
            telephone phone members people staff water capacity total sum budget construction use hire visit rest half
            part most all some many top none both"""
        ),
    )
)
"""What a thing has, or is in part: what is said of it is said of the thing."""
_UNITS = re.compile(
    r"\d.*|(?:euros?|pounds?|dollars?|cents?|\w*met(?:re|er)s?|miles?|feet|km|cm|mm|seconds?|minutes?|hours?|days?|"
    r"weeks?|months?|years?|times?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\w+teen|\w+ty)",
    re.IGNORECASE,
)
_NEAR = 12
"""Words before a noun that are looked at for what it belongs to."""
_FAR = 200  # characters between "between" and its "and"
_BETWEEN = re.compile(r"\b(?:between|both)\b[^,;]*$", re.IGNORECASE)
_CUT = re.compile(r"[;,]\s+(?:(?:and|but|while|whereas|so|yet)\s+)?|\s(?:and|but|while|whereas)\s+", re.IGNORECASE)


def said_in_its_clauses(question: str, text: str) -> str | None:
    """What a sentence says of the thing that a question asks about: all of it, where it does not name the thing; None
    where it names it only to tell which other thing it speaks of, or says what is asked of another thing only."""
    asked = _asked(question)
    if asked is None:
        return text
    head, verb = asked
    thing = _Thing(head, frozenset(map(stem, _WORD.findall(question))) - {head})
    if not any(thing.is_at(word) for word in _WORD.findall(text)):
        return text
    groups = list(thing.groups(text))
    own = [one for one in groups if thing.is_spoken_of(one)]
    if not own:
        return None
    if len(own) == len(groups):
        return text
    if verb in _stems(text) and not any(verb in _stems(one) or not thing.has_verb(one) for one in own):
        return None  # of "adults pay nine euros, a child four" the second has no verb of its own
    return ", ".join(own)


def _stems(text: str) -> set[str]:
    return set(map(stem, _WORD.findall(text)))


def _asked(question: str) -> tuple[str, str] | None:
    """The stems of the noun that an English question asks about and of what it does or what is done to it ("" where
    nothing is); None where no noun is found."""
    found = _ASKED.search(question)
    if found is None:
        return None
    words = _WORD.findall(found["rest"] or found["object"])
    if words and words[0].casefold() in _DETERMINERS:
        words = words[1:]
    name = list(takewhile(_is_content, words))
    after = words[len(name)].casefold() if len(name) < len(words) else ""
    helping = (found["helping"] or "").casefold()
    verb = found["verb"] or ""
    if helping in {"is", "are", "was", "were"}:
        while len(name) > 1 and (name[-1].endswith("ed") or name[-1].casefold() in _STATES):
            verb = name.pop()
    elif helping and len(name) > 1 and after not in {"have", "be"}:
        verb = name.pop()
    return (stem(name[-1]), stem(verb)) if name else None


def _is_content(word: str) -> bool:
    plain = word.casefold()
    return not (plain in PREPOSITIONS or plain in _VERBS or plain in _DETERMINERS or plain in _PRONOUNS) and (
        bool(terms(word)) and not word[0].isdigit()
    )


@dataclass(frozen=True, slots=True)
class _Thing:
    """A noun that is asked about, and the other words of the question, all as stems."""

    head: str
    others: Collection[str]

    def is_at(self, word: str) -> bool:
        return akin(stem(word), {self.head})

    def is_spoken_of(self, clause: str) -> bool:
        """Is it named here by itself, and not only behind a preposition that belongs to something else?"""
        found = list(_WORD.finditer(clause))
        return any(
            self.is_at(one[0]) and not self._is_behind(clause, found[max(0, at - _NEAR) : at])
            for at, one in enumerate(found)
        )

    def _is_behind(self, clause: str, before: Sequence[re.Match[str]]) -> bool:
        """Do these words before it end with a preposition, and something else before that?"""
        words = _last_run(clause, before)
        adjectives = 0
        while words and adjectives < 3 and _is_content(words[-1]):
            words, adjectives = words[:-1], adjectives + 1
        if words and words[-1] in _DETERMINERS:
            words = words[:-1]
        if not words or words[-1] not in _GOVERNING:
            return False
        beside = words[-1] in _BESIDE or words[-2:-1] == ["front"]
        while words and words[-1] in _GOVERNING | _DETERMINERS | _SIDES:
            words = words[:-1]
        if not words:
            return beside
        other = words[-1]
        if not _is_content(other) or other.endswith("ed") or _UNITS.fullmatch(other):
            return False
        return stem(other) not in _ATTRIBUTES and not akin(stem(other), self.others, doing=True)

    def groups(self, text: str) -> Iterator[str]:
        """The clauses of a sentence, each with those that go on from it, and with what stands before its subject."""
        group = ""
        clauses = self._clauses(text)
        for at, clause in enumerate(clauses):
            last = at + 1 == len(clauses)
            if _is_adverbial(group) and not last and _first(clause) in _SUBORDINATE:
                yield clause  # "in March, when the cellar was flooded, the pump failed"
            elif group and (
                _is_bare(group, self) or _has_no_subject(group) or not self._begins_anew(clause, last=last)
            ):
                group = f"{group}, {clause}"
            else:
                if group:
                    yield group
                group = clause
        yield group

    def _clauses(self, text: str) -> list[str]:
        """Cut at commas, and at "and" where a subject follows."""
        found: list[str] = []
        begin = 0
        for cut in _CUT.finditer(text):
            after = _WORD.match(text, cut.end())
            if cut[0][0] not in ",;" and _BETWEEN.search(text, max(begin, cut.start() - _FAR), cut.start()):
                continue
            if cut[0][0] in ",;" or (after and (after[0].casefold() in _DETERMINERS or self.is_at(after[0]))):
                found.append(text[begin : cut.start()])
                begin = cut.end()
        return [*found, text[begin:]]

    def _begins_anew(self, clause: str, *, last: bool) -> bool:
        """Has a clause a subject of its own?"""
        words = [one.casefold() for one in _WORD.findall(clause)]
        if not words or (_is_adverbial(clause) and not (last and self.is_spoken_of(clause))):
            return False
        if words[0] in _DETERMINERS:
            name = [*words[1:2], *takewhile(self._may_go_on, words[2:])]
            return any(map(self.is_at, name)) or not (words[0] in {"its", "their"} or any(map(_belongs, name)))
        if len(words) <= 3 and all(map(_is_content, words)):
            return False  # "Ines Aldous, bridge engineer"
        if words[0] in PREPOSITIONS or self.is_at(words[0]):
            return True
        return (
            len(words) > 1
            and _is_content(words[0])
            and not words[0].endswith(("ed", "ing"))
            and (words[1] in _VERBS or akin(stem(words[1]), self.others))
        )

    def _may_go_on(self, word: str) -> bool:
        """May a name have this word behind its first?"""
        return word not in _VERBS | PREPOSITIONS and (self.is_at(word) or not akin(stem(word), self.others))

    def has_verb(self, group: str) -> bool:
        """Is something done or said right behind the name of the thing?"""
        words = _WORD.findall(group)
        for at, word in enumerate(words[:-1]):
            if self.is_at(word):
                after = words[at + 1]
                if not (after.casefold() in PREPOSITIONS or _UNITS.fullmatch(after) or re.match(MONEY, after, re.I)):
                    return True
        return False


def _belongs(word: str) -> bool:
    """Does something that is called so belong to a thing, as its height and "the first hour" do?"""
    return stem(word) in _ATTRIBUTES or _UNITS.fullmatch(word) is not None


def _last_run(clause: str, found: Sequence[re.Match[str]]) -> list[str]:
    """The words that stand together at the end of these, with no mark between them, in small letters."""
    words: list[str] = []
    for at, one in enumerate(found):
        if at and clause[found[at - 1].end() : one.start()].strip(" -"):
            words = []
        words.append(one[0].casefold())
    return words


def _is_adverbial(clause: str) -> bool:
    """Is all of a clause governed by prepositions: "after a vote", "in 2019"?"""
    words = [one.casefold() for one in _WORD.findall(clause)]
    if not words or (words[0] not in PREPOSITIONS and not _UNITS.fullmatch(words[0])):
        return False
    return not any(
        word in _DETERMINERS and before not in _GOVERNING for before, word in zip(["", *words], words, strict=False)
    )


def _first(clause: str) -> str:
    return found[0].casefold() if (found := _WORD.search(clause)) else ""


def _has_no_subject(clause: str) -> bool:
    """Is a clause adverbial, or does it begin with what is done to what is named behind it: "built in 1958"?"""
    words = [one.casefold() for one in _WORD.findall(clause)[:2]]
    done = len(words) > 1 and (words[0].endswith("ed") or words[0] in _STATES) and words[1] in PREPOSITIONS
    return done or _is_adverbial(clause)


def _is_bare(clause: str, thing: _Thing) -> bool:
    """Is a clause nothing but a name: "the mayor" of "the mayor and the treasurer resigned"?"""
    words = [one.casefold() for one in _WORD.findall(clause)]
    while words and words[0] not in _DETERMINERS:  # "in 2019 the mayor"
        if words[0] not in PREPOSITIONS and not _UNITS.fullmatch(words[0]) and len(words) > 2:
            return False
        words = words[1:]
    name = words[1:]
    return (
        0 < len(name) <= 2
        and all(map(_is_content, name))
        and not (len(name) > 1 and (name[-1].endswith("ed") or akin(stem(name[-1]), thing.others)))
    )
