"""The words that notes are found by, within one transaction: in FTS5, or in the rows where SQLite has none."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from ._told import context_terms
from .embedding import WORDS_VERSION, words

# The index keeps no text of its own: it reads `notes`, where the words stand ready cut.
_WORDS = """
CREATE VIRTUAL TABLE IF NOT EXISTS words USING fts5(
  terms, context_terms, content='notes', content_rowid='number',
  tokenize="unicode61 remove_diacritics 0 categories 'L* N* M* Co'"
);
CREATE VIRTUAL TABLE IF NOT EXISTS vocabulary USING fts5vocab(words, row);
"""


def match(terms: Iterable[str], *, beginnings: Iterable[str] = ()) -> str:
    """An FTS5 query for any of these words, or of words that begin so; quoted, so that none of FTS5's own syntax can
    be meant."""
    quoted = ['"' + term.replace('"', '""') + '"' for term in terms]
    return " OR ".join([*quoted, *('"' + start.replace('"', '""') + '"*' for start in beginnings)])


def one(connection: sqlite3.Connection, sql: str, *parameters: Any) -> Any:
    """The first column of the first row; None where there is no row."""
    row = connection.execute(sql, parameters).fetchone()
    return None if row is None else row[0]


def make_words(connection: sqlite3.Connection) -> None:
    """Make the tables of the words where they are missing; sqlite3.OperationalError where SQLite has no FTS5."""
    for statement in _WORDS.strip().removesuffix(";").split(";"):
        connection.execute(statement)


class Candidate(NamedTuple):
    """A note that another may say the same as; the fields are those of its row."""

    number: int
    id: str
    origin: str
    kind: str
    terms: str
    text: str
    context: str
    metadata: str
    source: str | None
    expires: float | None


class FullText:
    """The words of the notes of one namespace, and of the file where that is said. Numbers are SQLite's."""

    def __init__(self, connection: sqlite3.Connection, namespace: str, *, full_text: bool) -> None:
        self.connection = connection
        self.namespace = namespace
        self.full_text = full_text

    def with_any(self, terms: Sequence[str], *, all_of: Sequence[str], limit: int) -> list[Candidate]:
        """Active notes that hold one of `terms` and all of `all_of`, newest first."""
        if self.full_text:
            query = f"{{terms}} : ({match(terms)})" + "".join(f" AND {{terms}} : {match([term])}" for term in all_of)
            sql, parameters = "JOIN words ON words.rowid = n.number WHERE words MATCH ?", [query]
        else:
            # As lists, not as so many conditions: of those SQLite takes but a thousand.
            held = "FROM json_each(?) WHERE instr(' ' || n.terms || ' ', ' ' || value || ' ')"
            sql = f"WHERE EXISTS (SELECT 1 {held} > 0) AND NOT EXISTS (SELECT 1 {held} = 0)"
            parameters = [json.dumps(list(terms)), json.dumps(list(all_of))]
        rows = self.connection.execute(
            f"SELECT n.{', n.'.join(Candidate._fields)} FROM notes AS n {sql} AND n.namespace = ? "
            "AND n.superseded_by IS NULL ORDER BY n.number DESC LIMIT ?",
            (*parameters, self.namespace, limit),
        )
        return [Candidate(*row) for row in rows]

    def frequencies(self, terms: Iterable[str]) -> dict[str, int]:
        """In how many notes of the file each of these words stands; words that stand in none may be left out."""
        wanted = list(terms)
        if self.full_text:
            sql = "SELECT term, doc FROM vocabulary WHERE term IN (SELECT value FROM json_each(?))"
            return dict(self.connection.execute(sql, (json.dumps(wanted),)).fetchall())
        sql = (
            "SELECT count(*) FROM notes WHERE superseded_by IS NULL "
            "AND instr(' ' || terms || ' ' || context_terms || ' ', ' ' || ? || ' ') > 0"
        )
        return {term: int(one(self.connection, sql, term)) for term in wanted}

    def tidy(self) -> None:
        """See to it that no word of what was forgotten stays readable in FTS5's own pages."""
        if self.full_text:
            self.connection.execute("INSERT INTO words(words) VALUES ('optimize')")

    def reindex(self, *, recut: bool) -> None:
        """Fill the full-text index anew from all notes of the file; `recut`: cut their words anew too."""
        if recut:
            rows = self.connection.execute("SELECT number, text, context, metadata FROM notes").fetchall()
            self.connection.executemany(
                "UPDATE notes SET terms = ?, context_terms = ? WHERE number = ?",
                [
                    (" ".join(words(text)), context_terms(context, metadata), number)
                    for number, text, context, metadata in rows
                ],
            )
            self.connection.execute("UPDATE state SET value = ? WHERE name = 'terms'", (WORDS_VERSION,))
        if not self.full_text:
            self._words_are_stale()
            return
        make_words(self.connection)
        self.connection.execute("INSERT INTO words(words) VALUES ('delete-all')")
        self.connection.execute(
            "INSERT INTO words(rowid, terms, context_terms) SELECT number, terms, context_terms FROM notes "
            "WHERE superseded_by IS NULL"
        )
        self.connection.execute("UPDATE state SET value = ? WHERE name = 'words'", (WORDS_VERSION,))

    def add_words(self, number: int, terms: str, context_terms: str) -> None:
        """A note is found by these words from now on."""
        if not self.full_text:
            self._words_are_stale()
            return
        sql = "INSERT INTO words(rowid, terms, context_terms) VALUES (?, ?, ?)"
        self.connection.execute(sql, (number, terms, context_terms))

    def drop_words(self, number: int, terms: str, context_terms: str) -> None:
        """A note, whose words these are, is not found by them any more."""
        if not self.full_text:
            self._words_are_stale()
            return
        sql = "INSERT INTO words(words, rowid, terms, context_terms) VALUES ('delete', ?, ?, ?)"
        self.connection.execute(sql, (number, terms, context_terms))

    def _words_are_stale(self) -> None:
        self.connection.execute("UPDATE state SET value = 'none' WHERE name = 'words'")
