"""How a note takes its place among those there are: as a copy, as another's successor, or as a new one."""

from __future__ import annotations

import re
import unicodedata
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from operator import mul

from ._change import Change
from ._contradiction import contradicts, stated
from ._drafts import NoteRefused, agree
from ._frames import differ_in_day_or_denial, happened
from ._full_text import Candidate
from ._notes import NewRow, Note
from ._store import Store
from ._subjects import found_by
from ._times import DAY
from .embedding import COMMON, words

_NEAR = 0.8  # two notes whose words overlap by this much (Jaccard) say the same
_LIKE = 0.6  # so much, and the vectors as near as this: the same too
_SAME_MEANING = 0.92
_ALIKE = 0.5  # so much shared, and they may speak of the same
_ASKED = 16  # numbers that the file is asked for; what it finds is compared by all of them
_CANDIDATES = 500
_SENTENCE = 300  # characters; what is longer says more than one thing
_RAREST = 4  # words by which a sentence that differs in a day or a denial is looked for
_APART = 6  # words in which two such sentences differ at most; of pairs of characters, twice as many
_SIGN = re.compile(r"(?<=\w)#|%|(?<!\w)-(?=\d)")  # C and C#, 5 and 5 %, 5 and -5
_FACTUAL = ("fact", "preference", "note")  # what holds until it is corrected; an episode and a lesson stay true
_SPECIAL = re.compile(r"\w[/_.@:-]\w|[^\W\d_][A-Z]")  # paths, identifiers, camelCase
_DENIAL = re.compile(
    r"^(?:not?|never|none|without|nor|cannot|\w+n['’]t|不|没|無|无|非|未|nicht|kein\w*)", re.IGNORECASE
)
_QUOTES = "`´"


def put(change: Change, row: NewRow, vector: bytes | None, *, embedder: str, merge: bool = True) -> str:
    """Store one note by the rules of `Recall.add`; the id of the note that now says this."""
    replaced = None
    if row.supersedes is not None:
        replaced = change.active(row.supersedes)
        if replaced is None:
            raise NoteRefused(f"there is no note {row.supersedes} to replace", hint="look it up in the list")
    same = _same(change, row) if merge else None
    if same is not None:
        change.copied(same[0], row)
        if replaced is not None and replaced != same:
            change.supersede(replaced[0], by=same[1], why="replaced")
        return same[1]
    older: _Older | None = _Older(replaced[0], replaced[1], "user", "replaced") if replaced is not None else None
    if older is None and merge:
        older = _near(change, row, vector, embedder=embedder) or _contradicted(change, row)
        if older is not None and older.origin == "user" and row.origin != "user":
            return _behind(change, row, older, embedder=embedder)
    added = change.insert(row, vector, embedder=embedder)
    if older is not None:
        change.supersede(older.number, by=added, why=older.why)
        if older.why == "near":
            change.said_before(added, older.number)
    return added


@dataclass(frozen=True, slots=True)
class _Older:
    """A note whose place another may take, and why."""

    number: int
    id: str
    origin: str
    why: str


def _behind(change: Change, row: NewRow, users: _Older, *, embedder: str) -> str:
    """What an agent says against a user's note is kept behind it, as history; the id of the user's."""
    hidden = change.hidden(row.digest, by=users.number)
    if hidden is None:
        change.insert(row, None, embedder=embedder, superseded_by=users.number, why=users.why)
    else:
        change.copied(hidden, row)
    return users.id


def _same(change: Change, row: NewRow) -> tuple[int, str] | None:
    """Number and id of the active note with this very text, unless its metadata tells that it is another thing."""
    for number, identifier, metadata in change.same(row.digest):
        if agree(metadata, row.metadata):
            return number, identifier
    return None


def _of_one_thing(row: NewRow, other: Candidate) -> bool:
    """May one take the other's place? Entries of a sequence, which stand in different contexts or carry different
    metadata, are different things however alike they read; so are a passage and a note."""
    if row.expires is not None and (other.expires is None or other.expires > row.expires):
        return False  # when the one is gone, the other is to be there
    alike = not row.context or not other.context or row.context == other.context
    return alike and other.source is None and row.source is None and agree(other.metadata, row.metadata)


def _near(change: Change, row: NewRow, vector: bytes | None, *, embedder: str) -> _Older | None:
    """The note that says nearly the same: nearly all of its words, or most of them and, by its vector, the same."""
    mine = list(dict.fromkeys(row.terms.split()))
    if not mine:
        return None
    numbers, signs = _numbers(row.terms.split()), _signs(row.text)
    frequencies = change.frequencies(mine)
    # A note that shares a part of the words holds one of any so many others; the rarest ones name the fewest notes.
    least = _NEAR if vector is None else _LIKE
    rarest = sorted(mine, key=lambda term: (frequencies.get(term, 0), term))[: int(len(mine) * (1 - least)) + 1]
    asked = sorted(set(numbers))[:_ASKED]
    best: tuple[float, _Older | None] = (0.0, None)
    for other in change.with_any(rarest, all_of=asked, limit=_CANDIDATES):
        others = other.terms.split()
        overlap = _overlap(mine, list(dict.fromkeys(others)))
        if overlap < least or overlap <= best[0] or not _of_one_thing(row, other):
            continue
        # Invoice 17 and invoice 18 are two things, however alike the sentences; so are 5 $ and 5 €.
        if _numbers(others) != numbers or _signs(other.text) != signs:
            continue
        mine_only, theirs_only = _apart(row.text, other.text)
        why = "near"
        # The door is locked, the door is not locked; the code changes on Monday, the code changes on Tuesday.
        if any(map(_DENIAL.search, (*mine_only, *theirs_only))) or _another_day(mine_only, theirs_only):
            if overlap < _NEAR or happened(row.text) or row.kind not in _FACTUAL or other.kind not in _FACTUAL:
                continue
            why = "contradiction"
        elif not _says_all(mine_only, theirs_only) or (
            overlap < _NEAR and _cosine(vector, change.vector(other.number, embedder)) < _SAME_MEANING
        ):
            continue
        best = (overlap, _Older(other.number, other.id, other.origin, why))
    return best[1]


def _apart(one: str, other: str) -> tuple[list[str], list[str]]:
    """The words that only the one of two texts has, and those that only the other has, as they are spelled there."""
    ones, others = _spelled(one), _spelled(other)
    return [ones[term] for term in ones.keys() - others.keys()], [others[term] for term in others.keys() - ones.keys()]


def _says_all(mine: Sequence[str], theirs: Sequence[str]) -> bool:
    """Does a text say all that an older one does, if each has these words that the other lacks? Winter tyres are no
    summer tyres, and Anna's key is not Erik's, however alike the sentences, and a vector sees little of it. Only words
    that say little may have gone, and what came may be no name."""
    gone = [term for word in theirs for term in words(word) if term not in COMMON]
    return not gone and not any(map(_special, mine))


def _another_day(mine: Sequence[str], theirs: Sequence[str]) -> bool:
    """Is all that two texts differ in the day or the month?"""
    return bool(mine and theirs) and all(map(DAY.search, (*mine, *theirs)))


def _special(spelled: str) -> bool:
    """Is this word a name, a path or an identifier?"""
    return spelled[:1].isupper() or _SPECIAL.search(spelled) is not None


def _spelled(text: str) -> dict[str, str]:
    """The words of a text, each as it is spelled there; the first of a sentence has a capital for no reason."""
    begun = re.sub(r"(?:^|(?<=[.!?]\s))[A-Z]", lambda found: found[0].lower(), text.strip())
    found: dict[str, str] = {}
    for spelled in begun.split():
        terms = words(spelled)
        # Where no spaces part the words, what was cut is all that there is of one.
        found |= {term: spelled if spelled.isascii() or len(terms) == 1 else term for term in terms}
    return found


def _cosine(one: bytes | None, other: bytes | None) -> float:
    if one is None or other is None or len(one) != len(other):
        return 0.0
    return float(sum(map(mul, array("f", one), array("f", other))))


def similar(store: Store, text: str, count: int) -> list[Note]:
    """Active notes that say something of the same as a text, the most alike first."""
    mine = list(dict.fromkeys(words(text)))
    mine = [term for term in mine if term not in COMMON] or mine
    if not mine or not store.exists:
        return []
    about = stated(text)
    with store.reading() as connection:
        if connection is None:
            return []
        change = store.change(connection)
        frequencies = change.frequencies(mine)
        rarest = sorted(mine, key=lambda term: (frequencies.get(term, 0), term))[: len(mine) // 2 + 1]
        found = change.with_any(rarest, all_of=(), limit=_CANDIDATES)
    alike: list[tuple[float, str]] = []
    for other in found:
        theirs = stated(other.text)
        share = _shared(mine, [term for term in other.terms.split() if term not in COMMON])
        if about is not None and theirs is not None and (about.subject, about.verb) == (theirs.subject, theirs.verb):
            share = 1.0 + share
        if share >= _ALIKE and other.source is None:
            alike.append((share, other.id))
    best = [identifier for _, identifier in sorted(alike, reverse=True)[:count]]
    notes = {note.id: note for note in store.notes(ids=best)}
    return [notes[identifier] for identifier in best if identifier in notes]


def _shared(mine: Sequence[str], others: Sequence[str]) -> float:
    """How much of two lists of words is shared (Jaccard), in whatever order."""
    one, other = set(mine), set(others)
    return len(one & other) / max(1, len(one | other))


def _contradicted(change: Change, row: NewRow) -> _Older | None:
    """The note that this one contradicts: the newest, where there are several."""
    if row.kind not in _FACTUAL:
        return None
    return _of_another_value(change, row) or _of_another_day(change, row)


def _of_another_day(change: Change, row: NewRow) -> _Older | None:
    """The note that is the same sentence with another day, or with a denial more or less."""
    if len(row.text) > _SENTENCE:
        return None
    frequencies = change.frequencies(set(row.terms.split()))
    known = [term for term in sorted(frequencies, key=lambda term: (frequencies[term], term)) if not DAY.search(term)]
    if not known:
        return None
    mine, apart = set(row.terms.split()), _APART if row.text.isascii() else 2 * _APART
    for other in change.with_any(known[:_RAREST], all_of=(), limit=_CANDIDATES):
        if len(mine.symmetric_difference(other.terms.split())) > apart:
            continue  # told at once: else each of hundreds were taken apart
        if other.kind in _FACTUAL and _of_one_thing(row, other) and differ_in_day_or_denial(row.text, other.text):
            return _Older(other.number, other.id, other.origin, "contradiction")
    return None


def _of_another_value(change: Change, row: NewRow) -> _Older | None:
    """The note that states another value of the same thing."""
    if (mine := stated(row.text)) is None:
        return None
    some, each = found_by(mine.subject)
    for other in change.with_any(some, all_of=each, limit=_CANDIDATES):
        if other.kind not in _FACTUAL or not _of_one_thing(row, other):
            continue
        theirs = stated(other.text)
        if theirs is not None and contradicts(mine, theirs):
            return _Older(other.number, other.id, other.origin, "contradiction")
    return None


def _overlap(mine: Sequence[str], others: Sequence[str]) -> float:
    """How much of two lists of different words is shared (Jaccard); 0 where it comes in another order: that the port
    pays the bank is not that the bank pays the port."""
    shared = set(mine) & set(others)
    if [term for term in mine if term in shared] != [term for term in others if term in shared]:
        return 0.0
    return len(shared) / (len(mine) + len(others) - len(shared))


def _numbers(terms: Sequence[str]) -> Sequence[str]:
    return [term for term in terms if any(sign.isdigit() for sign in term)]


def _signs(text: str) -> Sequence[str]:
    """The signs that are no punctuation: currencies, comparisons, emoji, the plus signs of C++."""
    composed = unicodedata.normalize("NFKC", text)
    signs = [one for one in composed if unicodedata.category(one)[0] == "S" and one not in _QUOTES]
    return [*signs, *_SIGN.findall(composed)]
