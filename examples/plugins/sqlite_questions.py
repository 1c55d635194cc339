"""SQLite questions: tells what is in a database of the workspace, and answers SELECT statements and questions about it.

The database is read as bytes, through the workspace, and opened in memory: nothing can be changed in it, no other file
can be reached from it, and a statement that is no SELECT is refused before it does anything.
"""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

from plugins import Context, Effect, ToolError, WorkspacePath, tool

_MOST_BYTES = 200_000_000
_SECONDS = 20.0  # that a statement may take
_LONGEST_VALUE = 1_000_000  # bytes that a value may have while it is worked out
_LONGEST_SHOWN = 500  # characters of a value that are told
_MOST_ROWS = 1_000
_ALLOWED = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}


@tool(effect=Effect.READ, repeatable=True, aliases=["database schema", "sqlite tables", "数据库结构"])
def database_schema(path: WorkspacePath, *, context: Context) -> dict[str, Any]:
    """Tell the tables and views of a SQLite database, each with its columns and how many rows it has.

    Args:
        path: The database file.
    """
    with _opened(path, context) as database:
        return {"tables": _tables(database)} | _doubt(path, context)


@tool(effect=Effect.READ, repeatable=True, aliases=["sql", "query database", "sqlite", "查询数据库"])
def query_database(path: WorkspacePath, sql: str, most_rows: int = 50, *, context: Context) -> dict[str, Any]:
    """Answer one SELECT statement (or WITH … SELECT) on a SQLite database; nothing in it can be changed.

    Args:
        path: The database file.
        sql: The statement, in SQLite's SQL.
        most_rows: How many rows at most, from 1 to 1000.
    """
    if not 1 <= most_rows <= _MOST_ROWS:
        raise ToolError(f"most_rows must be from 1 to {_MOST_ROWS}", hint="count or group in the statement instead")
    with _opened(path, context) as database:
        return _answer(database, sql, most_rows) | _doubt(path, context)


@tool(effect=Effect.READ, repeatable=True, aliases=["ask database", "问数据库"], timeout=120)
def ask_database(path: WorkspacePath, question: str, *, context: Context) -> dict[str, Any]:
    """Answer a question in words about a SQLite database: the model writes the SELECT, which is told with its rows.

    Args:
        path: The database file.
        question: What is to be known, in any language.
    """
    if context.ask is None:
        raise ToolError("there is no model to write the statement", hint="write it yourself: query_database takes SQL")
    with _opened(path, context) as database:
        schema = "\n".join(str(one["sql"]) for one in _tables(database))
        prompt = (
            f"SQLite schema:\n{schema}\n\nQuestion: {question}\n\nReply with one SELECT statement and nothing else."
        )
        sql = _bare(context.ask(prompt, purpose="sql", reply=500))
        try:
            return {"sql": sql, **_answer(database, sql, 50), **_doubt(path, context)}
        except ToolError as error:  # once more, with what was wrong
            again = f"{prompt}\n\nThis failed: {sql}\nbecause: {error.message}. {error.hint or ''}"
            sql = _bare(context.ask(again, purpose="sql", reply=500))
            return {"sql": sql, **_answer(database, sql, 50), **_doubt(path, context)}


@contextmanager
def _opened(path: WorkspacePath, context: Context) -> Iterator[sqlite3.Connection]:
    """A copy of the database in memory, with rules and limits on what a statement may do."""
    size = context.workspace.entry(path).bytes
    if size > _MOST_BYTES:
        raise ToolError(f"{path} has {size:,} bytes; at most {_MOST_BYTES:,} are opened", hint="export a part of it")
    content = bytearray(context.workspace.read(path))
    if content[:16] != b"SQLite format 3\0":
        raise ToolError(f"{path} is no SQLite database", hint="list the files: it may have another name")
    content[18:20] = b"\1\1"  # a database with a write-ahead log says so here; in memory there is none
    with closing(sqlite3.connect(":memory:")) as database:
        try:
            database.deserialize(bytes(content))
            database.execute("SELECT count(*) FROM sqlite_master").fetchone()
        except sqlite3.Error as error:
            raise ToolError(f"{path} cannot be read as a database: {error}", hint="it may be damaged") from None
        database.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LONGEST_VALUE)
        database.set_authorizer(_ruling)
        until = time.monotonic() + _SECONDS
        database.set_progress_handler(lambda: int(context.cancelled or time.monotonic() > until), 10_000)
        yield database


def _ruling(action: int, first: str | None, second: str | None, *_: object) -> int:
    """May a statement do this? It may read, and call functions, but for the one that loads programs."""
    del first
    denied = action not in _ALLOWED or (action == sqlite3.SQLITE_FUNCTION and second == "load_extension")
    return sqlite3.SQLITE_DENY if denied else sqlite3.SQLITE_OK


def _tables(database: sqlite3.Connection) -> list[dict[str, Any]]:
    named = "SELECT name, type, sql FROM sqlite_master WHERE type IN ('table', 'view') AND name NOT LIKE 'sqlite\\_%' "
    found = []
    for name, kind, sql in database.execute(named + "ESCAPE '\\' ORDER BY name").fetchall():
        quoted = '"{}"'.format(str(name).replace('"', '""'))
        one: dict[str, Any] = {"name": name, "kind": kind, "sql": " ".join(str(sql).split())}
        try:
            cursor = database.execute(f"SELECT * FROM {quoted} LIMIT 0")
            one["columns"] = [column[0] for column in cursor.description]
            one["rows"] = database.execute(f"SELECT count(*) FROM {quoted}").fetchone()[0]
        except sqlite3.Error as error:  # a view of a table that is gone
            one["fault"] = str(error)
        found.append(one)
    return found


def _answer(database: sqlite3.Connection, sql: str, most_rows: int) -> dict[str, Any]:
    try:
        cursor = database.execute(sql)
        if cursor.description is None:
            raise ToolError("the statement gives no rows", hint="only SELECT is answered, and WITH … SELECT")
        rows = cursor.fetchmany(most_rows + 1)
    except (sqlite3.Error, sqlite3.Warning, ValueError) as error:
        raise _complaint(database, str(error)) from None
    return {
        "columns": [column[0] for column in cursor.description],
        "rows": [[_shown(value) for value in row] for row in rows[:most_rows]],
        "more": len(rows) > most_rows,
    }


def _complaint(database: sqlite3.Connection, what: str) -> ToolError:
    """What SQLite says, with what would do."""
    if "not authorized" in what or "prohibited" in what:
        return ToolError("only SELECT is answered: nothing is changed, attached or set", hint="write one SELECT")
    if "interrupted" in what:
        hint = "ask for less: a WHERE, a LIMIT inside, fewer joins"
        return ToolError(f"the statement took more than {_SECONDS:g} s and was stopped", hint=hint)
    if "one statement" in what:
        return ToolError("there is more than one statement", hint="write one SELECT, and call again for the next")
    database.set_progress_handler(None, 0)
    known = [f"{one['name']}({', '.join(map(str, one['columns']))})" for one in _tables(database) if "columns" in one]
    return ToolError(f"SQLite says: {what[:300]}", hint="there are " + "; ".join(known)[:1500] if known else None)


def _shown(value: Any) -> Any:
    if isinstance(value, bytes):
        return f"<{len(value)} bytes>"
    if isinstance(value, float) and value in (float("inf"), float("-inf")):
        return str(value)  # JSON has no such number
    if isinstance(value, str) and len(value) > _LONGEST_SHOWN:
        return f"{value[:_LONGEST_SHOWN]}… ({len(value):,} characters)"
    return value


def _doubt(path: WorkspacePath, context: Context) -> dict[str, str]:
    """What is not seen: changes that the program which writes the database has not yet put into its file."""
    beside = f"{path}-wal"
    if context.workspace.exists(beside) and context.workspace.entry(beside).bytes:
        return {"doubt": f"{beside} holds changes that are not in this answer: close the program that writes it"}
    return {}


def _bare(reply: str) -> str:
    """The statement in a model's reply, without the fence around it."""
    fenced = re.search(r"```(?:\w+)?\s*(.*?)```", reply, re.DOTALL)
    return (fenced[1] if fenced else reply).strip().rstrip(";")
