"""What was read from the file and holds until anything is written to it, by this process or another."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Hashable
from typing import Any


class Kept:
    """Values by their keys, all forgotten when the file changes. Used under the lock of its database.

    A connection tells what others have committed (`data_version`) and what it has changed itself (`total_changes`).
    Within a transaction of its own both stand still while rows come and go, so nothing is kept there.
    """

    def __init__(self) -> None:
        self._values: dict[Hashable, Any] = {}
        self._connection: sqlite3.Connection | None = None  # held, so that no other can be taken for it
        self._state: tuple[int, int] | None = None

    def get(self, connection: sqlite3.Connection, key: Hashable, read: Callable[[], Any]) -> Any:
        """The kept value, or what `read` gives, kept from now on."""
        known = self.known(connection, key)
        if known is None:
            known = read()
            self.keep(connection, key, known)
        return known

    def known(self, connection: sqlite3.Connection, key: Hashable) -> Any:
        """The kept value; None where there is none that still holds."""
        if connection is not self._connection or self._state != _state(connection):
            self._values.clear()
            self._connection, self._state = connection, _state(connection)
        return self._values.get(key)

    def keep(self, connection: sqlite3.Connection, key: Hashable, value: Any) -> None:
        """Keep a value that was read after `known` was asked, unless the file has changed since."""
        if connection is self._connection and self._state == _state(connection) and not connection.in_transaction:
            self._values[key] = value


def _state(connection: sqlite3.Connection) -> tuple[int, int]:
    return connection.execute("PRAGMA data_version").fetchone()[0], connection.total_changes
