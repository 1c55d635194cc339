from __future__ import annotations

from pathlib import Path

import pytest

from agent.opening.documents import LibraryDocuments, find_documents
from agent.opening.store import documents_file, open_documents
from agent.settings import Settings
from memory.library import Converted, Library
from memory.recall import Recall
from plugins import ToolError


def converted(content: bytes, name: str, *, cancelled: object) -> Converted:
    del name, cancelled
    return Converted(kind="text", parts=[("line 1", content.decode())], marked=False)


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    config = tmp_path / "config.toml"
    config.write_text('embedder = "none"\n', "utf-8")
    return Settings.load(cwd=tmp_path, environ={}, config=config, home=tmp_path / "home")


@pytest.fixture
def filled(settings: Settings, tmp_path: Path) -> Path:
    note = tmp_path / "pier.md"
    note.write_text("The pier is 41 metres long.", "utf-8")
    with open_documents(settings, "town") as recall:
        list(Library(recall).add([note], converted))
    return note


def test_a_base_is_opened_once_however_often_it_is_asked_and_closed_at_the_end(
    settings: Settings, filled: Path
) -> None:
    opened: list[Recall] = []

    def open_one(name: str) -> Recall:
        opened.append(open_documents(settings, name, upkeep=False))
        return opened[-1]

    with LibraryDocuments("town", open_one, tell=pytest.fail) as documents:
        assert opened == []
        for _ in range(3):
            assert [one.place for one in documents.search("how long is the pier")] == ["line 1"]
        filled.write_text("The pier is 44 metres long.", "utf-8")
        with open_documents(settings, "town") as recall:  # as another process does meanwhile
            list(Library(recall).add([filled], converted))
        assert "44 metres" in documents.search("how long is the pier")[0].text
    assert len(opened) == 1
    with pytest.raises(ToolError):
        documents.search("pier")


def test_there_is_a_base_only_where_the_namespace_has_a_document(settings: Settings, filled: Path) -> None:
    assert find_documents(settings, "elsewhere", pytest.fail) is None
    assert find_documents(settings, "town", pytest.fail) is not None


def test_a_damaged_base_is_told_with_what_mends_it(settings: Settings, filled: Path) -> None:
    said: list[str] = []
    found = find_documents(settings, "town", said.append)
    assert found is not None
    for end in ("-wal", "-shm"):
        Path(f"{documents_file(settings)}{end}").unlink(missing_ok=True)
    documents_file(settings).write_bytes(b"garbage " * 500)
    with found as documents, pytest.raises(ToolError) as raised:
        documents.search("pier")
    assert raised.value.message.startswith("the file of documents is damaged")
    assert str(documents_file(settings)) not in raised.value.message
    assert raised.value.hint is not None
    assert "kb add" in raised.value.hint
    assert find_documents(settings, "town", said.append) is None
    assert said[-1].startswith("no documents can be searched: ")
    assert "thinkact kb add FOLDER" in said[-1]
