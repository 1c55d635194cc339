"""`thinkact memory`: notes looked at, corrected, carried and forgotten, through the process."""

from __future__ import annotations

import json
import re
import sqlite3
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.place import Ended, Place, no_traceback


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def memory(place: Place, *words: str, code: int = 0, **more: Any) -> Ended:
    ended = place.thinkact("memory", *words, **more)
    no_traceback(ended)
    assert ended.returncode == code, ended.stderr
    return ended


def added(place: Place, *words: str) -> str:
    return memory(place, "add", *words).stdout.strip()


def shown(place: Place, note: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(memory(place, "show", note, "--json").stdout)
    return found


def test_a_fact_said_five_times_and_then_contradicted_is_told_and_shown_with_its_history(place: Place) -> None:
    olds = {added(place, "The deploy port is 8080", "--kind", "fact") for _ in range(5)}
    (old,) = olds
    said = memory(place, "add", "The deploy port is 9090", "--kind", "fact")
    new = said.stdout.strip()
    assert f"takes the place of {old} (it contradicts): The deploy port is 8080" in said.stderr
    assert [one["text"] for one in json.loads(memory(place, "list", "--json").stdout)] == ["The deploy port is 9090"]
    whole = shown(place, new)
    assert (whole["origin"], whole["kind"], whole["history"][0]["copies"]) == ("user", "fact", 5)
    assert whole["history"][0]["superseded_why"] == "contradiction"
    screen = memory(place, "show", new[:6]).stdout
    assert screen.startswith("The deploy port is 9090\n")
    assert re.search(r"before [-\d]+ [:\d]+ \(contradiction, said 5 times\): The deploy port is 8080", screen)
    everything = memory(place, "list", "--all").stdout
    assert f"replaced by {new}: The deploy port is 8080" in everything


def test_a_note_names_the_one_that_it_replaces(place: Place) -> None:
    old = added(place, "Herons nest at pier 7.")
    said = memory(place, "add", "Storks nest at the mill.", "--replaces", old[:8], "--json")
    assert json.loads(said.stdout)["replaced"] == [old]
    memory(place, "add", "x", "--replaces", "nothere", code=2)


def test_a_like_note_is_pointed_out_and_stays(place: Place) -> None:
    old = added(place, "The staging server listens on port 8080.", "--kind", "lesson")
    said = memory(place, "add", "The staging server of the mill listens on port 9090.")
    assert f"see also {old}" in said.stderr
    assert len(json.loads(memory(place, "list", "--json").stdout)) == 2


def test_a_note_comes_from_stdin_and_expires(place: Place) -> None:
    note = memory(place, "add", "-", "--expires", "90d", stdin="潮位计有误差。\n").stdout.strip()
    whole = shown(place, note)
    assert whole["text"] == "潮位计有误差。"
    assert 89 * 86400 < whole["expires"] - whole["created"] < 91 * 86400
    assert "expires" in memory(place, "show", note).stdout
    assert "must be" in memory(place, "add", "x", "--expires", "90", code=2).stderr


def test_a_note_is_corrected_under_its_id(place: Place) -> None:
    note = added(place, "Herons nest at pier 7.")
    memory(place, "edit", note, "--text", "Herons nest at pier 9.", "--kind", "fact", "--expires", "1d")
    whole = shown(place, note)
    assert (whole["text"], whole["kind"], whole["history"][0]["text"]) == (
        *("Herons nest at pier 9.", "fact", "Herons nest at pier 7."),
    )
    memory(place, "edit", note, "--expires", "never")
    assert "expires" not in shown(place, note)
    memory(place, "search", "pier 7 herons", "-k", "1")
    ended = memory(place, "edit", note, code=2)
    assert "say what is to be changed" in ended.stderr
    assert "empty" in memory(place, "edit", note, "--text", " ", code=2).stderr
    memory(place, "edit", "nothere", "--text", "x", code=2)


def test_the_parts_of_a_score_are_shown(place: Place) -> None:
    added(place, "Herons nest at pier 7.")
    screen = memory(place, "search", "where do herons nest", "--why").stdout
    assert re.search(r"lexical \d\.\d\d  dense \d\.\d\d", screen)


def test_only_notes_of_a_kind_are_found_and_listed(place: Place) -> None:
    added(place, "Herons nest at pier 7.", "--kind", "fact")
    added(place, "The user loves herons at the mill.", "--kind", "preference")
    (only,) = json.loads(memory(place, "search", "herons", "--kind", "preference", "--json").stdout)
    assert only["kind"] == "preference"
    assert [one["kind"] for one in json.loads(memory(place, "list", "--kind", "fact", "--json").stdout)] == ["fact"]


def test_what_is_exported_is_put_back_elsewhere_as_it_was(place: Place, tmp_path: Path) -> None:
    added(place, "The deploy port is 8080", "--kind", "fact")
    added(place, "The deploy port is 9090", "--kind", "fact")
    added(place, "潮位计有误差。", "--namespace", "海港")
    file = tmp_path / "导出.jsonl"
    assert "2 notes, with 1 earlier version, written to" in memory(place, "export", "--all", "-o", str(file)).stderr
    assert len(file.read_text("utf-8").splitlines()) == 3
    assert json.loads(memory(place, "export", "--json").stdout)[0]["text"] == "The deploy port is 8080"
    said = memory(place, "import", str(file), "--namespace", "新", "--own").stdout
    assert "3 notes taken in, 0 known already, in 新" in said
    said = memory(place, "import", str(file), "--namespace", "新", "--own").stdout
    assert "0 notes taken in, 3 known already, in 新" in said
    for name in ("other", "third"):
        (tmp_path / name).mkdir()
    other = Place(tmp_path / "other")
    ended = memory(other, "import", str(file))
    assert "3 notes taken in, 0 known already, in " in ended.stdout
    assert "none is of this project: --namespace other-" in ended.stderr
    assert json.loads(memory(other, "list", "--json").stdout) == []
    (gauge,) = json.loads(memory(other, "list", "--json", "--namespace", "海港").stdout)
    assert (gauge["text"], gauge["origin"]) == ("潮位计有误差。", "import")
    mended = memory(other, "import", str(file), "--own")
    assert "0 notes taken in, 3 known already" in mended.stdout
    assert "3 notes got the origin back" in mended.stderr
    (gauge,) = json.loads(memory(other, "list", "--json", "--namespace", "海港").stdout)
    assert gauge["origin"] == "user"
    third = Place(tmp_path / "third")
    lines = file.read_text("utf-8")
    told = json.loads(memory(third, "import", "-", "--namespace", "mine", "--json", stdin=lines).stdout)
    assert told == {"added": 3, "known": 0, "mended": 0, "left": 0, "namespaces": ["mine"]}
    assert json.loads(memory(third, "search", "deploy port", "--json", "--namespace", "mine").stdout)[0]["text"] == (
        "The deploy port is 9090"
    )


def test_a_file_that_comes_in_parts_is_put_together_and_what_is_left_out_is_said(place: Place, tmp_path: Path) -> None:
    added(place, "The deploy port is 8080", "--kind", "fact")
    added(place, "The deploy port is 9090", "--kind", "fact")
    first, rest = memory(place, "export").stdout.splitlines()
    (tmp_path / "other").mkdir()
    other = Place(tmp_path / "other")
    orphan = memory(other, "import", "-", "--namespace", "part", stdin=first)
    assert "0 notes taken in" in orphan.stdout
    assert "1 note left out: what replaced it is neither in the file nor here" in orphan.stderr
    assert "1 note taken in" in memory(other, "import", "-", "--namespace", "part", stdin=rest).stdout
    assert "1 note taken in" in memory(other, "import", "-", "--namespace", "part", stdin=first).stdout


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b'{"text": "good"}\n{"text": \n', "notes.jsonl:2: this is no JSON"),
        (b'{"text": "good"}\n{"word": "x"}\n', "note 2 of what is to be imported: it has no text"),
        (b"\xff\xfe\x00", "notes.jsonl:1: this is no JSON"),
        (b'["x"]', "note 1 of what is to be imported"),
        (b"[" * 100_000, "this is no JSON"),
        (b'{"text": "password=' + b'hunter2"}', "secrets are not remembered"),
    ],
)
def test_what_cannot_be_imported_is_said_with_its_place_and_nothing_is_taken_in(
    place: Place, tmp_path: Path, content: bytes, said: str
) -> None:
    file = tmp_path / "notes.jsonl"
    file.write_bytes(content)
    ended = memory(place, "import", str(file), code=2)
    assert said in ended.stderr
    assert json.loads(memory(place, "list", "--json").stdout) == []
    assert "cannot be read" in memory(place, "import", str(tmp_path / "nothere"), code=2).stderr


def test_what_is_remembered_is_counted(place: Place) -> None:
    added(place, "Herons nest at pier 7.", "--kind", "fact")
    added(place, "潮位计有误差。", "--namespace", "海港")
    told = json.loads(memory(place, "stats", "--json").stdout)
    assert (told["notes"], told["kinds"], told["origins"], told["embedded"]) == (1, {"fact": 1}, {"user": 1}, 1)
    assert "海港" in told["namespaces"]
    assert told["bytes"] > 0
    assert "1 fact" in memory(place, "stats").stdout
    assert "海港" in memory(place, "list", "--namespace", "空").stderr


def test_a_forgotten_note_is_gone_from_rows_index_export_and_bytes(place: Place) -> None:
    note = added(place, "Herons nest at pier 7.")
    other = added(place, "The mill is closed.")
    assert memory(place, "forget", note[:8]).stdout == f"forgotten: {note}\n"
    memory(place, "show", note, code=2)
    assert "Herons" not in memory(place, "export").stdout
    memory(place, "search", "herons nest", code=1)
    found = b"".join(path.read_bytes() for path in (place.home / "memory").rglob("*") if path.is_file())
    assert b"erons" not in found
    ended = memory(place, "forget", "--all", code=2)
    assert "add -y" in ended.stderr
    assert memory(place, "forget", "--all", "-y").stdout == "forgotten: 1 note\n"
    memory(place, "show", other, code=2)
    memory(place, "forget", code=2)


@pytest.mark.skipif(sys.platform == "win32", reason="a full device is a file of Unix")
@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full here")
def test_an_export_to_a_full_disk_says_so(place: Place, tmp_path: Path) -> None:
    added(place, "Herons nest at pier 7.")
    ended = memory(place, "export", "-o", str(tmp_path / "no" / "file"), code=2)
    assert "cannot be written" in ended.stderr


@pytest.mark.parametrize("command", [("search", "pier", "--json"), ("list", "--json"), ("show", "abc"), ("add", "x")])
def test_a_damaged_file_is_told_from_a_search_that_finds_nothing(place: Place, command: tuple[str, ...]) -> None:
    added(place, "Herons nest at pier 7.")
    assert memory(place, "search", "quantum mechanics", "--json", code=1).stdout.strip() == "[]"
    file = place.home / "memory" / "notes.db"
    file.write_bytes(b"garbage " * 500)
    ended = memory(place, *command, code=2)
    assert ended.stdout == ""  # with --json too: what went wrong is a line on stderr, as everywhere
    assert "the file of notes is damaged" in ended.stderr
    assert file.read_bytes() == b"garbage " * 500


def test_a_file_without_its_first_page_is_mended_and_every_namespace_counted(place: Place) -> None:
    for space, text in (
        ("桥", "大桥建于1931年。"),
        ("harbour", "Pier 7 is closed."),
        ("harbour", "Herons nest at pier 9."),
    ):
        memory(place, "add", text, "--namespace", space)
    file = place.home / "memory" / "notes.db"
    with sqlite3.connect(file) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    connection.close()
    file.write_bytes(bytes(4096) + file.read_bytes()[4096:])
    assert "thinkact memory rebuild makes it anew" in memory(place, "search", "herons", code=2).stderr
    mended = memory(place, "rebuild")
    assert "3 notes were read" in mended.stderr
    assert mended.stdout == "3 notes in 2 namespaces can be found by their words and vectors: harbour 2, 桥 1\n"
    assert "1931" in memory(place, "search", "大桥", "--namespace", "桥").stdout
    told = json.loads(memory(place, "rebuild", "--json").stdout)
    assert {"notes": 3, "harbour": 2, "桥": 1}.items() <= (told["namespaces"] | {"notes": told["notes"]}).items()
    assert memory(place, "rebuild", "--namespace", "桥").stdout.startswith("1 note can be found")
