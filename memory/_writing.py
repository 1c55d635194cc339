"""How a note takes its place among those there are: as a copy, as another's successor, or as a new one."""

from __future__ import annotations

from collections.abc import Sequence

from ._change import Change
from ._drafts import NoteRefused
from ._notes import NewRow

_NEAR = 0.8  # two notes whose words overlap by this much (Jaccard) say the same


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
        change.insert(row, None, embedder=embedder, superseded_by=near[0])
        return near[1]
    added = change.insert(row, vector, embedder=embedder)
    older = replaced or near
    if older is not None:
        change.supersede(older[0], by=added)
    return added


def _near(change: Change, row: NewRow) -> tuple[int, str, str] | None:
    """Number, id and origin of the note that says nearly the same."""
    terms = set(row.terms.split())
    if not terms:
        return None
    numbers = _numbers(row.terms)
    frequencies = change.frequencies(terms)
    # A note that shares .8 of the words holds at least one of any .2 of them: the rarest ones name the fewest notes.
    telling = sorted(terms, key=lambda term: (frequencies.get(term, 0), term))[: int(len(terms) * (1 - _NEAR)) + 1]
    best: tuple[float, tuple[int, str, str] | None] = (_NEAR, None)
    for number, identifier, origin, spaced in change.with_any(telling, all_of=sorted(set(numbers)), limit=500):
        other = set(spaced.split())
        if _numbers(spaced) != numbers:
            continue  # invoice 17 and invoice 18 are two things, however alike the sentences
        overlap = len(terms & other) / len(terms | other)
        if overlap > best[0] or (overlap == best[0] and best[1] is None):
            best = (overlap, (number, identifier, origin))
    return best[1]


def _numbers(spaced: str) -> Sequence[str]:
    return [term for term in spaced.split() if any(sign.isdigit() for sign in term)]
