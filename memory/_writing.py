"""How a note takes its place among those there are: as a copy, as another's successor, or as a new one."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

from ._change import Change
from ._drafts import NoteRefused
from ._notes import NewRow

_NEAR = 0.8  # two notes whose words overlap by this much (Jaccard) say the same
_ASKED = 16  # numbers that the file is asked for; what it finds is compared by all of them
_CANDIDATES = 500
_SIGN = re.compile(r"(?<=\w)#|%|(?<!\w)-(?=\d)")  # C and C#, 5 and 5 %, 5 and -5
_QUOTES = "`´"


def put(change: Change, row: NewRow, vector: bytes | None, *, embedder: str) -> str:
    """Store one note by the rules of `Recall.add`; the id of the note that now says this."""
    replaced = None
    if row.supersedes is not None:
        replaced = change.active(row.supersedes)
        if replaced is None:
            raise NoteRefused(f"there is no note {row.supersedes} to replace", hint="look it up in the list")
    same = change.same(row.digest)
    if same is not None:
        change.copied(same[0], row)
        if replaced is not None and replaced != same:
            change.supersede(replaced[0], by=same[1])
        return same[1]
    near = None if replaced is not None else _near(change, row)
    if near is not None and near[2] == "user" and row.origin != "user":
        hidden = change.hidden(row.digest, by=near[0])
        if hidden is None:
            change.insert(row, None, embedder=embedder, superseded_by=near[0])
        else:
            change.copied(hidden, row)
        return near[1]
    added = change.insert(row, vector, embedder=embedder)
    older = replaced or near
    if older is not None:
        change.supersede(older[0], by=added)
    return added


def _near(change: Change, row: NewRow) -> tuple[int, str, str] | None:
    """Number, id and origin of the note that says nearly the same."""
    mine = list(dict.fromkeys(row.terms.split()))
    if not mine:
        return None
    numbers, signs = _numbers(row.terms.split()), _signs(row.text)
    frequencies = change.frequencies(mine)
    # A note that shares .8 of the words holds at least one of any .2 of them: the rarest ones name the fewest notes.
    rarest = sorted(mine, key=lambda term: (frequencies.get(term, 0), term))[: int(len(mine) * (1 - _NEAR)) + 1]
    asked = sorted(set(numbers))[:_ASKED]
    best: tuple[float, tuple[int, str, str] | None] = (0.0, None)
    for number, identifier, origin, spaced, text in change.with_any(rarest, all_of=asked, limit=_CANDIDATES):
        others = spaced.split()
        overlap = _overlap(mine, list(dict.fromkeys(others)))
        # Invoice 17 and invoice 18 are two things, however alike the sentences; so are 5 $ and 5 €.
        if overlap >= _NEAR and overlap > best[0] and _numbers(others) == numbers and _signs(text) == signs:
            best = (overlap, (number, identifier, origin))
    return best[1]


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
