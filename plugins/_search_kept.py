"""What was found, kept for an hour, and which engines are to be left alone: on disk, so that the next run knows."""

from __future__ import annotations

import hashlib
import json
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from plugins._given_web import AskedEngine, Hit, Searched
from plugins._search_engine import Question

KEPT = 3_600.0
"""Seconds for which the same question is not asked again."""
_TABLES = """
CREATE TABLE IF NOT EXISTS found (
    question TEXT PRIMARY KEY, at REAL NOT NULL, count INTEGER NOT NULL, found TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS resting (engine TEXT PRIMARY KEY, until REAL NOT NULL);
"""


class Kept:
    """What was found. Used from several threads.

    It only saves questions: where the file cannot be read or written, a search goes on as if nothing were kept.

    Args:
        folder: Where the file lies; None keeps it in memory.
        clock: Gives the seconds since the epoch; what is kept outlasts the process.
    """

    def __init__(self, folder: Path | None, *, clock: Callable[[], float] = time.time) -> None:
        self._folder, self._clock = folder, clock
        self._lock = threading.Lock()
        self._database: sqlite3.Connection | None = None

    def find(self, question: Question, engines: tuple[str, ...]) -> Searched | None:
        """What the same engines said to the same question within the hour, if they were asked for as much."""
        with self._opened() as database:
            row = None
            if database is not None:
                row = database.execute(
                    "SELECT at, found FROM found WHERE question = ? AND count >= ?",
                    (_key(question, engines), question.count),
                ).fetchone()
        if row is None or not 0 <= (age := self._clock() - row[0]) < KEPT:
            return None
        try:
            return _read(row[1], age, question.count)
        except (ValueError, TypeError, KeyError):  # of another version
            return None

    def keep(self, question: Question, engines: tuple[str, ...], found: Searched) -> None:
        """Keep what was found, and forget what is older than an hour."""
        now = self._clock()
        text = json.dumps(
            {
                "hits": [asdict(one) for one in found.hits],
                "asked": [asdict(one) for one in found.asked],
                "left_out": found.left_out,
            },
            ensure_ascii=False,
        )
        with self._opened() as database:
            if database is not None:
                database.execute("DELETE FROM found WHERE at <= ? OR at > ?", (now - KEPT, now))
                database.execute(
                    "INSERT OR REPLACE INTO found VALUES (?, ?, ?, ?)",
                    (_key(question, engines), now, question.count, text),
                )

    def rest(self, engine: str, seconds: float) -> None:
        """Leave an engine alone for so long."""
        with self._opened() as database:
            if database is not None:
                database.execute("INSERT OR REPLACE INTO resting VALUES (?, ?)", (engine, self._clock() + seconds))

    def resting(self, engine: str) -> float:
        """For how many seconds more an engine is to be left alone; 0 where it is not. A day is the most: the clock may
        have been set back."""
        with self._opened() as database:
            row = None
            if database is not None:
                row = database.execute("SELECT until FROM resting WHERE engine = ?", (engine,)).fetchone()
        left = 0.0 if row is None else row[0] - self._clock()
        return left if 0 < left <= 86_400 else 0.0

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            database, self._database = self._database, None
        if database is not None:
            database.close()

    @contextmanager
    def _opened(self) -> Iterator[sqlite3.Connection | None]:
        """The database, for one look or change; None where it cannot be had. What goes wrong in it is let go."""
        with self._lock:
            try:
                if self._database is None:
                    self._database = self._open()
                database: sqlite3.Connection | None = self._database
            except (sqlite3.Error, OSError):
                database = None
            try:
                yield database
            except sqlite3.Error:
                return

    def _open(self) -> sqlite3.Connection:
        place: Path | str = ":memory:"
        if self._folder is not None:
            self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            place = self._folder / "searches.db"
        database = sqlite3.connect(place, timeout=1.0, isolation_level=None, check_same_thread=False)
        try:
            database.executescript(_TABLES)
        except sqlite3.Error:
            database.close()
            raise
        return database


def _key(question: Question, engines: tuple[str, ...]) -> str:
    """The question by its hash: what was asked need not stand in the file once more."""
    since = question.since.isoformat() if isinstance(question.since, date) else ""
    words = " ".join(question.query.split()).casefold()
    return hashlib.sha256(json.dumps([words, question.site, since, engines]).encode()).hexdigest()


def _read(text: str, age: float, count: int) -> Searched:
    kept: dict[str, Any] = json.loads(text)
    return Searched(
        hits=tuple(Hit(**one) for one in kept["hits"][:count]),
        asked=tuple(AskedEngine(**one) for one in kept["asked"]),
        left_out=int(kept["left_out"]),
        age=age,
    )
