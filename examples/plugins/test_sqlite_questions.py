"""Tests of the questions to SQLite databases."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from plugins.testing import Trial

PLUGIN = Path(__file__).with_name("sqlite_questions.py")
SHOP = """
CREATE TABLE goods (id INTEGER PRIMARY KEY, name TEXT, price REAL, picture BLOB);
CREATE TABLE 订单 (id INTEGER PRIMARY KEY, 客户 TEXT, good INTEGER REFERENCES goods(id));
CREATE VIEW dear AS SELECT name FROM goods WHERE price > 10;
CREATE VIEW broken AS SELECT * FROM gone;
INSERT INTO goods VALUES (1, 'lamp', 12.5, x'0102'), (2, 'cup', 3.0, NULL), (3, '椅子', 80, NULL);
INSERT INTO 订单 VALUES (1, '王芳', 3), (2, '李雷', 3), (3, '王芳', 2);
"""


def shop(folder: Path, *, log: bool = False) -> Path:
    """A database of goods and orders in the workspace of a trial."""
    file = folder / "workspace" / "shop.db"
    file.parent.mkdir(exist_ok=True)
    with closing(sqlite3.connect(file)) as database:
        if log:
            database.execute("PRAGMA journal_mode = WAL")
        database.executescript(SHOP)
    return file


@pytest.fixture
def trial(tmp_path: Path) -> Iterator[Trial]:
    shop(tmp_path)
    with Trial(tmp_path, PLUGIN) as made:
        yield made


def test_the_schema_names_tables_views_columns_and_rows(trial: Trial) -> None:
    tables = {one["name"]: one for one in trial.call("database_schema", path="shop.db").value["tables"]}
    assert list(tables) == ["broken", "dear", "goods", "订单"]
    assert (tables["goods"]["columns"], tables["goods"]["rows"]) == (["id", "name", "price", "picture"], 3)
    assert tables["订单"]["columns"] == ["id", "客户", "good"]
    assert "gone" in tables["broken"]["fault"]


def test_a_select_is_answered_with_columns_and_rows(trial: Trial) -> None:
    sql = "SELECT 客户, count(*) AS n FROM 订单 GROUP BY 客户 ORDER BY n DESC"
    answer = trial.call("query_database", path="shop.db", sql=sql).value
    assert answer == {"columns": ["客户", "n"], "rows": [["王芳", 2], ["李雷", 1]], "more": False}
    first = trial.call("query_database", path="shop.db", sql="SELECT id, picture FROM goods", most_rows=1).value
    assert (first["rows"], first["more"]) == ([[1, "<2 bytes>"]], True)


@pytest.mark.parametrize(
    "sql",
    [
        "DELETE FROM goods",
        "UPDATE goods SET price = 0",
        "CREATE TABLE x (y)",
        "ATTACH '/etc/passwd' AS other",
        "PRAGMA writable_schema = 1",
        "SELECT load_extension('x')",
        "VACUUM INTO 'copy.db'",
        "BEGIN",
        "SELECT 1; DELETE FROM goods",
        "",
        "-- nothing",
    ],
)
def test_what_is_no_select_is_refused_and_nothing_is_changed(trial: Trial, tmp_path: Path, sql: str) -> None:
    before = (tmp_path / "workspace" / "shop.db").read_bytes()
    observation = trial.call("query_database", path="shop.db", sql=sql)
    assert observation.error is not None, observation.text
    assert observation.error.kind == "tool"
    assert [one.name for one in (tmp_path / "workspace").iterdir()] == ["shop.db"]
    assert (tmp_path / "workspace" / "shop.db").read_bytes() == before


def test_a_statement_that_would_never_end_or_fill_the_memory_is_stopped(tmp_path: Path) -> None:
    shop(tmp_path)
    text = PLUGIN.read_text("utf-8").replace("_SECONDS = 20.0", "_SECONDS = 0.2")
    (tmp_path / "quick.py").write_text(text, "utf-8")
    with Trial(tmp_path, tmp_path / "quick.py") as trial:
        endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
        assert "was stopped" in trial.call("query_database", path="shop.db", sql=endless).text
        big = trial.call("query_database", path="shop.db", sql="SELECT length(zeroblob(2000000000))")
        assert "too big" in big.text


def test_a_name_that_is_wrong_is_told_with_those_that_there_are(trial: Trial) -> None:
    text = trial.call("query_database", path="shop.db", sql="SELECT * FROM good").text
    assert "no such table: good" in text
    assert "goods(id, name, price, picture)" in text
    assert "goods(id, name, price, picture)" in trial.call("query_database", path="shop.db", sql="prices of all").text


def test_a_database_with_a_write_ahead_log_is_read_and_what_is_missing_is_said(tmp_path: Path) -> None:
    file = shop(tmp_path, log=True)
    with closing(sqlite3.connect(file)) as writer, Trial(tmp_path, PLUGIN) as trial:
        writer.execute("INSERT INTO goods (name) VALUES ('new')")
        writer.commit()
        answer = trial.call("query_database", path="shop.db", sql="SELECT count(*) FROM goods").value
    assert answer["rows"] == [[3]]
    assert "shop.db-wal holds changes" in answer["doubt"]


def test_what_is_no_database_is_told(trial: Trial) -> None:
    trial.write("text.db", "hello")
    trial.write("broken.db", b"SQLite format 3\0" + bytes(100))
    assert "is no SQLite database" in trial.call("database_schema", path="text.db").text
    assert "cannot be read" in trial.call("database_schema", path="broken.db").text
    assert "no such file" in trial.call("database_schema", path="none.db").text


def test_a_question_is_answered_with_the_statement_and_a_wrong_one_is_written_again(tmp_path: Path) -> None:
    shop(tmp_path)
    replies = ["SELECT price FROM good", "```sql\nSELECT max(price) FROM goods;\n```"]
    with Trial(tmp_path, PLUGIN, replies=replies) as trial:
        answer = trial.call("ask_database", path="shop.db", question="最贵的多少钱？").value
        assert (answer["sql"], answer["rows"]) == ("SELECT max(price) FROM goods", [[80.0]])
        assert "最贵的多少钱？" in trial.asked[0]
        assert "no such table: good" in trial.asked[1]


def test_without_a_model_the_other_tool_is_named(trial: Trial) -> None:
    assert "query_database" in trial.call("ask_database", path="shop.db", question="how many?").text
