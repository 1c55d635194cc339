"""What a search asks the file of notes for: those with some words, and those around them."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterable, Mapping

from ._candidates import Candidate
from ._full_text import match
from ._note_file import CURRENT, NoteFile
from ._notes import MOST, Where
from .embedding import beginning

_FEW = 1_000  # so many notes are looked through for their words
_LONG = 20_000  # characters of a note's words: longer ones are not looked through as others' neighbours


class NotesByWords(NoteFile):
    """Notes by their words."""

    def frequencies(self, terms: Iterable[str]) -> dict[str, int]:
        """In how many notes of this namespace each of these words stands, about: where there are many and other
        namespaces have notes too, as many as its share of the file. Words that stand in none may be left out."""
        wanted = list(terms)
        with self.reading() as connection:
            if connection is None:
                return {}
            found = self.change(connection).frequencies(wanted)
            mine, every = self.count(), self.number_kept("SELECT count(*) FROM notes WHERE superseded_by IS NULL")
            if mine >= every or not found:
                return found
            if mine > _FEW:
                return {term: max(1, round(count * mine / every)) for term, count in found.items()}
            sql = (
                "SELECT value, (SELECT count(*) FROM notes WHERE namespace = ? AND superseded_by IS NULL "
                "AND instr(' ' || terms || ' ' || context_terms || ' ', ' ' || value || ' ') > 0) FROM json_each(?)"
            )
            rows = connection.execute(sql, (self.namespace, json.dumps(list(found)))).fetchall()
            return {term: count for term, count in rows if count}

    def lexical(
        self, weights: Mapping[str, float], where: Where, *, limit: int, others: Mapping[str, float] | None = None
    ) -> dict[int, float]:
        """The active notes with any of these words or a word that begins alike: number -> rank, the higher the better,
        at most `limit`. `others` are words, or words in a row, that count too.

        Ranks are BM25 (the context counts half), or sums of the weights where there is no FTS5. They choose who is
        looked at; the order is made in `_ranking`.
        """
        beginnings = {term: start for term in weights if (start := beginning(term)) is not None}
        with self.reading() as connection:
            if connection is None or not weights:
                return {}
            if self.by_full_text:
                query = match([*weights, *(others or {})], beginnings=beginnings.values())
                return self._ranked(connection, query, where, limit=limit)
            counted = [(f" {term} ", weight) for term, weight in (*weights.items(), *(others or {}).items())]
            counted += [(f" {start}", weights[term] / 2) for term, start in beginnings.items()]
            total = " + ".join("(instr(' ' || n.terms || '  ' || n.context_terms || ' ', ?) > 0) * ?" for _ in counted)
            sql = (
                f"SELECT n.number, {total} AS total FROM notes AS n WHERE total > 0 AND n.namespace = ? "
                f"AND n.superseded_by IS NULL {where.sql} ORDER BY 2 DESC LIMIT ?"
            )
            parameters = [part for pair in counted for part in pair]
            return dict(connection.execute(sql, (*parameters, self.namespace, *where.parameters, limit)).fetchall())

    def _ranked(self, connection: sqlite3.Connection, query: str, where: Where, *, limit: int) -> dict[int, float]:
        # FTS5 sorts by itself without a look at the notes, of which a common word names many. Only where too many of
        # the best are of other namespaces, or do not fulfil the conditions, is each looked at.
        best = "SELECT rowid, rank FROM words WHERE words MATCH ? AND rank MATCH 'bm25(1.0, 0.5)' ORDER BY rank LIMIT ?"
        rows: list[tuple[int, float, int]] = []
        for most in (min(4 * limit, MOST), MOST):
            rows = connection.execute(
                f"WITH best AS MATERIALIZED ({best}) SELECT n.number, -b.rank, (SELECT count(*) FROM best) "
                "FROM best AS b CROSS JOIN notes AS n ON n.number = b.rowid "
                f"WHERE +n.namespace = ? AND +n.superseded_by IS NULL {where.sql} ORDER BY 2 DESC LIMIT ?",
                (query, most, self.namespace, *where.parameters, limit),
            ).fetchall()
            if len(rows) == limit or (rows and rows[0][2] < most):
                break
        return {number: rank for number, rank, _ in rows}

    def around(self, numbers: Iterable[int], near: Iterable[int], where: Where, *, distance: int) -> list[Candidate]:
        """The active notes of this namespace with these numbers, and those up to `distance` from one of `near`, in
        order of their numbers. Neighbours of more than some pages are left out."""
        wanted = set(numbers)
        every = wanted | {number + step for number in near for step in range(-distance, distance + 1)}
        sql = (
            f"SELECT n.number, n.created, n.text, n.terms, n.context_terms, n.metadata, (1 {where.sql}) "
            # The plus signs: by their numbers they are found at once, by the namespace it would be all of them.
            "FROM notes AS n WHERE n.number IN (SELECT value FROM json_each(?)) AND +n.namespace = ? "
            f"AND +n.superseded_by IS NULL AND {CURRENT}"
        )
        parameters = (*where.parameters, json.dumps(list(every)), self.namespace, time.time())
        with self.reading() as connection:
            if connection is None:
                return []
            rows = connection.execute(sql, parameters).fetchall()
        return [
            Candidate(number, created, text, f" {terms} ", f" {context_terms} ", metadata, bool(fits))
            for number, created, text, terms, context_terms, metadata, fits in sorted(rows)
            if number in wanted or len(terms) <= _LONG
        ]
