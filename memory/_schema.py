"""How the file of notes is laid out, and how a file of an older layout becomes one of today's."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence

SCHEMA_VERSION = 2
TABLES = ("notes", "vectors", "outbox", "state")
"""Tables that a file of any version has."""
APPLICATION = 0x74616E31
""""tan1": tells our files from any other SQLite database."""

_SOURCES = """
CREATE TABLE sources (
  namespace TEXT NOT NULL, name TEXT NOT NULL, digest TEXT NOT NULL, size INTEGER NOT NULL, modified REAL NOT NULL,
  passages INTEGER NOT NULL, added REAL NOT NULL, PRIMARY KEY (namespace, name)
) WITHOUT ROWID;
CREATE INDEX notes_digest ON notes(namespace, digest) WHERE superseded_by IS NULL;
CREATE INDEX notes_source ON notes(namespace, source) WHERE source IS NOT NULL;
CREATE INDEX notes_expires ON notes(expires) WHERE expires IS NOT NULL;
"""

SCHEMA = (
    """
CREATE TABLE notes (
  number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL UNIQUE, namespace TEXT NOT NULL,
  text TEXT NOT NULL, context TEXT NOT NULL, digest TEXT NOT NULL, terms TEXT NOT NULL, context_terms TEXT NOT NULL,
  metadata TEXT NOT NULL, kind TEXT NOT NULL, origin TEXT NOT NULL, label TEXT, run TEXT, step INTEGER,
  created REAL NOT NULL, used REAL, uses INTEGER NOT NULL DEFAULT 0, copies INTEGER NOT NULL DEFAULT 1,
  superseded_by INTEGER REFERENCES notes(number) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
  superseded_why TEXT, expires REAL, source TEXT
);
CREATE INDEX notes_active ON notes(namespace, superseded_by, created);
CREATE INDEX notes_superseded ON notes(superseded_by);
CREATE TABLE vectors (
  note INTEGER PRIMARY KEY REFERENCES notes(number) ON DELETE CASCADE,
  embedder TEXT NOT NULL, dimensions INTEGER NOT NULL, digest BLOB NOT NULL, vector BLOB NOT NULL
);
CREATE INDEX vectors_embedder ON vectors(embedder, dimensions, note);
CREATE TABLE outbox (position INTEGER PRIMARY KEY AUTOINCREMENT, namespace TEXT NOT NULL, id TEXT NOT NULL);
CREATE INDEX outbox_namespace ON outbox(namespace, position);
CREATE TABLE state (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
    + _SOURCES
)

_MIGRATIONS: Mapping[int, Sequence[str]] = {
    1: (
        "ALTER TABLE notes ADD COLUMN superseded_why TEXT",
        "ALTER TABLE notes ADD COLUMN expires REAL",
        "ALTER TABLE notes ADD COLUMN source TEXT",
        "DROP INDEX notes_one_active",
        *_SOURCES.strip().removesuffix(";").split(";"),
    ),
}
"""What makes a file of this version one of the next."""


def migrate(connection: sqlite3.Connection, version: int) -> None:
    """Bring a file of an older version up to today's, within the caller's transaction."""
    for number in range(version, SCHEMA_VERSION):
        for statement in _MIGRATIONS[number]:
            connection.execute(statement)
        connection.execute(f"PRAGMA user_version={number + 1}")
