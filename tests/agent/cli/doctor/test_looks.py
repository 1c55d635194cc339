"""The doctor's looks, each at a place of the test's own; where a command can be run, it is run as it is printed."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from agent.cli.doctor import endpoint
from agent.cli.doctor.confinement import look_at_confinement
from agent.cli.doctor.disk import look_at_disk
from agent.cli.doctor.documents import look_at_documents
from agent.cli.doctor.endpoint import look_at_model
from agent.cli.doctor.examining import Slow
from agent.cli.doctor.finding import Around, Finding
from agent.cli.doctor.journals import look_at_runs
from agent.cli.doctor.network import look_at_network
from agent.cli.doctor.notes import look_at_embedder, look_at_notes
from agent.cli.doctor.searching import look_at_search
from agent.cli.doctor.stated import look_at_settings, look_at_sources
from agent.cli.doctor.terminal import look_at_terminal
from agent.settings import Settings
from memory.recall import PASSAGES, Draft, Recall, Rules
from tests.agent.model.places import answering, dead_url, reply
from tests.place import ROOT
from tests.plugins.confined import any_level
from tests.server import ChatServer

posix = pytest.mark.skipif(sys.platform == "win32", reason="the commands are those of a POSIX shell")


def around(cwd: Path, **environ: str) -> Around:
    (cwd / "config").mkdir(exist_ok=True)
    config = cwd / "config" / "config.toml"
    environ = {"THINKACT_HOME": str(cwd / "my home")} | environ
    settings, notices = Settings.examine(cwd=cwd, environ=environ, config=config)
    return Around(cwd=cwd, settings=settings, notices=notices)


def only(findings: Iterator[Finding]) -> Finding:
    (found,) = findings
    return found


def pasted(command: str | None, cwd: Path) -> None:
    assert command is not None
    environment = {
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "PYTHONPATH": str(ROOT),
        "THINKACT_HOME": str(cwd / "my home"),
    }
    subprocess.run(["sh", "-c", command], cwd=cwd, check=True, env=environment, capture_output=True)


# -- confinement


@pytest.mark.skipif(sys.platform != "linux", reason="confinement is Linux's")
def test_of_confinement_it_is_told_how_many_ways_out_there_was_time_to_try(tmp_path: Path) -> None:
    any_level()
    whole = only(look_at_confinement(around(tmp_path)))
    assert (whole.state, whole.value["escapes"]) == ("ok", [])
    short = only(look_at_confinement(replace(around(tmp_path), wait=0.0)))
    count = len([one for one in whole.value["tried"] if not one.startswith("witness")])
    assert f": 1 of {count} ways out were tried in time" in short.what
    assert (short.state, short.mend is not None) == ("warning", True)


# -- settings


@posix
@pytest.mark.parametrize(
    ("name", "content", "line"),
    [
        (".env", "THINKACT_MODLE=x\n", 1),
        (".env", "\n# 好\n\n  export THINKACT_MODLE='x'\n", 4),
        (".env", "THINKACT_MAX_STEPS=3\nTHINKACT_TIMEOUT=soon\n", 2),
        (".env", "THINKACT_ALLOW=*\n", 1),
        (".env", "A=1\n\n\nwhat is this\nB=2\n", 4),
        (".env", "THINKACT_NOTHING_LIKE_IT=1\n", 1),
        (".env", "OPENAI_BASE_URL=https://models.example/v1\n", 1),
        ("config/config.toml", '# 好\n"modle" = "x"\n', 2),
        ("config/config.toml", 'THINKACT_MODEL = "x"\n', 1),
        ("config/config.toml", "max_steps = 0\n", 1),
        ("config/config.toml", "allow = [1]\n", 1),
    ],
)
def test_a_mistake_in_a_file_is_named_with_its_line_and_its_command_mends_it(
    tmp_path: Path, name: str, content: str, line: int
) -> None:
    (tmp_path / "config").mkdir()
    (tmp_path / name).write_text(content, "utf-8")
    found = only(one for one in look_at_sources(around(tmp_path)) if one.name == "settings")
    assert found.value["line"] == line
    assert f"line {line}" in found.what or f":{line}:" in found.what
    pasted(found.mend, tmp_path)
    assert not [one for one in look_at_sources(around(tmp_path)) if one.name == "settings"]
    after = (tmp_path / name).read_text("utf-8").splitlines()
    before = content.splitlines()
    assert [n for n, pair in enumerate(zip(before, after, strict=True), 1) if pair[0] != pair[1]] == [line]


@posix
@pytest.mark.parametrize(
    ("encoding", "told"),
    [("gb18030", "GB18030"), ("utf-16", "UTF-16-LE"), ("cp932", "Shift-JIS"), ("latin-1", "CP125")],
)
def test_a_dotenv_in_another_encoding_is_told_and_turned_to_utf8(tmp_path: Path, encoding: str, told: str) -> None:
    texts = {
        "gb18030": "# 这里是设置文件\n",
        "utf-16": "# 设置\n",
        "cp932": "# 日本語の設定ファイル\n",
        "latin-1": "# Größe\n",
    }
    (tmp_path / ".env").write_bytes(f"{texts[encoding]}THINKACT_MODEL=offline\n".encode(encoding))
    found = only(one for one in look_at_sources(around(tmp_path)) if one.name == "settings")
    assert f"; it looks like {told}" in found.what
    pasted(found.mend, tmp_path)
    assert around(tmp_path).settings.model == "offline"
    assert around(tmp_path).notices == ()
    assert (tmp_path / ".env").read_text("utf-8").startswith(texts[encoding])


def test_what_cannot_be_taken_out_line_by_line_is_opened_in_the_editor(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    file = tmp_path / "config" / "config.toml"
    for content, line in (("model = \n", 1), ("allow = [\n 1,\n]\n", 1), ('a = 1\nx = """\n', 2)):
        file.write_text(content, "utf-8")
        found = only(one for one in look_at_sources(around(tmp_path)) if one.name == "settings")
        assert found.mend == f"${{EDITOR:-vi}} +{line} {file}"


def test_a_misspelled_name_in_the_environment_is_renamed_and_an_unknown_one_taken_out(tmp_path: Path) -> None:
    looked = around(tmp_path, THINKACT_MODLE="x", THINKACT_NOTHING_LIKE_IT="y", THINKACT_TIMEOUT="soon")
    mends = {one.value["word"]: one.mend for one in look_at_sources(looked) if one.name == "settings"}
    assert mends == {
        "THINKACT_MODLE": 'export THINKACT_MODEL="$THINKACT_MODLE"; unset THINKACT_MODLE',
        "THINKACT_NOTHING_LIKE_IT": "unset THINKACT_NOTHING_LIKE_IT",
        "THINKACT_TIMEOUT": "unset THINKACT_TIMEOUT",
    }


def test_every_setting_is_told_with_its_origin_and_no_secret(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("THINKACT_MODEL=m\nTHINKACT_MAX_USD=0.5\n", "utf-8")
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "config.toml").write_text('api_key = "sk-very"\nnamespace = "桥"\n', "utf-8")
    looked = list(look_at_settings(around(tmp_path, HTTPS_PROXY="http://me:pazz@p.example:1")))
    told = {one.value["setting"]: (one.value["value"], one.value["origin"]) for one in looked}
    assert told["OPENAI_API_KEY"] == ("set", "config.toml")
    assert told["THINKACT_MODEL"] == ("m", ".env")
    assert told["THINKACT_MAX_USD"] == ("0.50", ".env")
    assert told["THINKACT_MAX_STEPS"] == ("50", "default")
    assert told["HTTPS_PROXY"] == ("http://***@p.example:1", "environment")
    assert "sk-very" not in repr(looked)
    assert "pazz" not in repr(looked)


# -- the model


def test_an_endpoint_is_asked_for_its_list_and_for_nothing_else(tmp_path: Path) -> None:
    with ChatServer(models=("one",)) as server:
        named = only(look_at_model(around(tmp_path, OPENAI_BASE_URL=server.url, THINKACT_MODEL="one")))
        near = only(look_at_model(around(tmp_path, OPENAI_BASE_URL=server.url, THINKACT_MODEL="oone")))
        far = only(look_at_model(around(tmp_path, OPENAI_BASE_URL=server.url, THINKACT_MODEL="潮汐")))
        first = only(look_at_model(around(tmp_path, OPENAI_BASE_URL=server.url)))
        assert {one.path for one in server.others} == {"/v1/models"}
        assert server.requests == []
    assert (named.state, named.value["model"], named.value["why"]) == ("ok", "one", "named")
    assert (near.state, near.mend) == ("warning", "export THINKACT_MODEL=one")
    assert (far.state, str(far.mend).endswith(" models list")) == ("warning", True)
    assert (first.state, first.value["model"]) == ("ok", "one")


def test_what_hinders_a_model_is_told_with_what_to_do(tmp_path: Path) -> None:
    dead = dead_url()
    for named in ({}, {"THINKACT_MODEL": "m"}):
        found = only(look_at_model(around(tmp_path, OPENAI_BASE_URL=dead, **named)))
        assert (found.state, found.mend) == ("fault", "export THINKACT_MODEL=offline")
        assert "cannot be reached" in found.what
    assert only(look_at_model(around(tmp_path, OPENAI_BASE_URL=dead, THINKACT_MODEL="offline"))).state == "ok"
    with ChatServer(models=()) as server:
        found = only(look_at_model(around(tmp_path, OPENAI_BASE_URL=server.url)))
        assert (found.state, found.mend) == ("fault", "export THINKACT_MODEL=offline")
        found = only(look_at_model(around(tmp_path, OPENAI_BASE_URL=server.url, THINKACT_MODEL="m")))
        assert found.state == "warning"
    with answering(reply("404 Not Found", b"no")) as (url, _):
        found = only(look_at_model(around(tmp_path, OPENAI_BASE_URL=url, THINKACT_MODEL="m")))
        assert (found.state, "does not list its models (404)" in found.what) == ("warning", True)
    found = only(look_at_model(around(tmp_path, THINKACT_MODEL="offlin")))
    assert (found.state, found.mend) == ("fault", "export THINKACT_MODEL=offline")


def test_a_key_is_mended_where_it_stands(tmp_path: Path) -> None:
    with answering(reply("401 Unauthorized", b"no")) as (url, _):
        found = only(look_at_model(around(tmp_path, OPENAI_BASE_URL=url)))
        assert (found.what.endswith("wants a key (401)"), found.mend) == (
            True,
            "read -rs OPENAI_API_KEY && export OPENAI_API_KEY",
        )
        (tmp_path / ".env").write_text(f"OPENAI_BASE_URL={url}\nOPENAI_API_KEY=sk-x\n", "utf-8")
        found = only(look_at_model(around(tmp_path)))
        assert found.mend == f"${{EDITOR:-vi}} {tmp_path / '.env'}"


def test_an_endpoint_that_keeps_silent_is_given_up_in_time(tmp_path: Path) -> None:
    def silent(_: Around) -> Iterator[Finding]:
        time.sleep(30)
        yield from ()

    looked = around(tmp_path, OPENAI_BASE_URL="http://127.0.0.1:9/v1")
    begun = time.monotonic()
    slow = Slow(silent, looked, endpoint.late)
    slow.begin()
    (found,) = slow.end(begun + 0.1)
    assert time.monotonic() - begun < 5
    assert (found.state, found.what) == ("warning", "127.0.0.1:9 has not answered; a run waits longer")


def test_what_cannot_be_looked_at_is_a_finding_too(tmp_path: Path) -> None:
    def broken(_: Around) -> Iterator[Finding]:
        yield Finding(name="x", state="ok", what="first")
        raise RuntimeError("two\nlines")

    slow = Slow(broken, around(tmp_path), endpoint.late)
    slow.begin()
    first, second = slow.end(time.monotonic() + 5)
    assert (first.what, second.state) == ("first", "fault")
    assert second.what == "broken could not be looked at: RuntimeError: two lines"


# -- memory


@posix
def test_notes_without_vectors_are_told_and_rebuilt_by_the_printed_command(tmp_path: Path) -> None:
    file = tmp_path / "my home" / "memory" / "notes.db"
    with Recall(file, namespace="桥 1", embedder=None) as recall:
        recall.add("The pier must be mended.")
    found = next(one for one in look_at_notes(around(tmp_path)) if one.name == "index")
    assert (found.state, found.value) == ("warning", {"namespace": "桥 1", "without_vector": 1, "behind": False})
    pasted(found.mend, tmp_path)
    notes, index = look_at_notes(around(tmp_path))
    assert (notes.state, notes.value["notes"], index.state) == ("ok", 1, "ok")


@posix
def test_a_broken_page_in_the_middle_of_the_notes_is_found_and_mended_and_the_file_kept(tmp_path: Path) -> None:
    import sqlite3

    folder = tmp_path / "my home" / "memory"
    file = folder / "notes.db"
    with Recall(file, rules=Rules(merge=False)) as recall:  # none is compared with all the others
        recall.add_many([f"Note number {number} is about something else, {number * 7919}." for number in range(300)])
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = bytearray(file.read_bytes())
    content[40 * 4096 : 41 * 4096] = b"\xa5" * 4096
    file.write_bytes(content)
    found = only(look_at_notes(around(tmp_path)))
    assert (found.state, "is damaged" in found.what) == ("fault", True)
    pasted(found.mend, tmp_path)
    notes, _ = look_at_notes(around(tmp_path))
    assert notes.state == "ok"
    assert 250 < notes.value["notes"] <= 300
    assert (folder / "notes.db.damaged-1").read_bytes()[100:] == content[100:]


@posix
def test_an_index_that_is_damaged_and_a_chroma_server_that_is_away_are_told(tmp_path: Path) -> None:
    file = tmp_path / "my home" / "memory" / "notes.db"
    with Recall(file, exact_up_to=0) as recall:
        recall.add_many([f"Pier {number} is long." for number in range(20)])
        assert recall.sync()
    _, index = look_at_notes(around(tmp_path))
    assert index.state == "ok"
    (database,) = file.with_name("notes.db.index").glob("*/chroma-*/chroma.sqlite3")
    database.write_bytes(b"\xa5" * 9999)
    _, index = look_at_notes(around(tmp_path))
    assert (index.name, index.state) == ("index", "warning")
    assert "its files are not what was written" in index.what
    pasted(index.mend, tmp_path)
    _, index = look_at_notes(around(tmp_path))
    assert index.state == "ok"
    _, index = look_at_notes(around(tmp_path, THINKACT_CHROMA=dead_url().removesuffix("/v1")))
    assert (index.state, index.mend) == ("warning", None)
    assert "the chroma server of THINKACT_CHROMA cannot be used" in index.what


@posix
def test_a_damaged_file_of_documents_is_named_as_what_it_is_and_moved_away(tmp_path: Path) -> None:
    assert only(look_at_documents(around(tmp_path))).what == "there are no documents yet"
    file = tmp_path / "my home" / "memory" / "documents.db"
    with Recall(file, namespace="桥", embedder=None, rules=PASSAGES) as recall:
        recall.replace_source("/a.md", [Draft(text="The pier is long.")], digest="1 x", size=1, modified=1.0)
    found = only(look_at_documents(around(tmp_path)))
    assert (found.state, found.what) == ("ok", "1 document in 1 namespace, the file is whole")
    file.write_bytes(b"garbage " * 500)
    found = only(look_at_documents(around(tmp_path)))
    assert (found.name, found.state, found.value) == ("documents", "fault", {"file": str(file), "documents": None})
    assert "the file of documents is damaged" in found.what
    assert "thinkact kb add FOLDER" in found.what
    pasted(found.mend, tmp_path)
    assert only(look_at_documents(around(tmp_path))).what == "there are no documents yet"


def test_notes_of_a_newer_version_another_program_and_none_are_told_apart(tmp_path: Path) -> None:
    import sqlite3

    file = tmp_path / "my home" / "memory" / "notes.db"
    assert only(look_at_notes(around(tmp_path))).state == "ok"
    assert not file.parent.exists()
    with Recall(file) as recall:
        recall.add("One.")
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA user_version = 99")
    found = only(look_at_notes(around(tmp_path)))
    assert (found.state, str(found.mend).endswith("install --upgrade thinkact")) == ("fault", True)
    file.unlink()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE theirs (x)")
    assert "another program's database" in only(look_at_notes(around(tmp_path))).what


def test_the_embedder_works_without_a_model(tmp_path: Path) -> None:
    assert only(look_at_embedder(around(tmp_path))).state == "ok"


def test_runs_that_were_never_begun_are_none(tmp_path: Path) -> None:
    assert only(look_at_runs(around(tmp_path))).what == "there is no run yet"
    (tmp_path / "my home" / "runs" / "20261122-193757-get3").mkdir(parents=True)
    assert only(look_at_runs(around(tmp_path))).state == "ok"


# -- places, network, terminal


@posix
def test_a_link_to_nowhere_in_the_place_of_the_workspace_is_told_and_its_target_made(tmp_path: Path) -> None:
    (tmp_path / "workspace").symlink_to(tmp_path / "far away" / "desk")
    found = next(one for one in look_at_disk(around(tmp_path)) if one.name == "workspace")
    assert (found.state, "which is not there" in found.what) == ("fault", True)
    pasted(found.mend, tmp_path)
    assert next(one for one in look_at_disk(around(tmp_path)) if one.name == "workspace").state == "ok"


@posix
@pytest.mark.parametrize("name", ["runs", "memory", "plugins"])
def test_a_file_in_the_place_of_a_folder_of_the_home_is_told_and_put_aside(tmp_path: Path, name: str) -> None:
    (tmp_path / "my home").mkdir()
    (tmp_path / "my home" / name).write_text("x", "utf-8")
    found = only(one for one in look_at_disk(around(tmp_path)) if one.state == "fault")
    pasted(found.mend, tmp_path)
    assert not [one for one in look_at_disk(around(tmp_path)) if one.state == "fault"]
    assert (tmp_path / "my home" / f"{name}.away").read_text("utf-8") == "x"


def test_a_home_that_is_a_file_is_told_once_by_the_settings_and_once_by_the_disk(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("x", "utf-8")
    looked = around(tmp_path, THINKACT_HOME="notes.txt")
    found = only(one for one in look_at_sources(looked) if one.name == "settings")
    assert (found.state, found.mend) == ("fault", "unset THINKACT_HOME")
    assert next(look_at_disk(looked)).state == "fault"


def test_a_missing_workspace_is_no_fault_and_nothing_is_made_by_looking(tmp_path: Path) -> None:
    looked = around(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    found = {one.name: one for one in look_at_disk(looked)}
    assert (found["workspace"].state, found["home"].state, found["temporary"].state) == ("absent", "ok", "ok")
    assert found["workspace"].mend == f"mkdir -p {tmp_path / 'workspace'}"
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("proxy.example:3128", "no address of a proxy"),
        ("ftp://proxy.example", "no address of a proxy"),
        ("http://proxy.example:99999", "no address of a proxy"),
        ("socks5://user:pazz@proxy.example:1080", "socksio"),
    ],
)
def test_a_proxy_that_the_client_cannot_use_is_told_without_its_password(tmp_path: Path, url: str, said: str) -> None:
    found = only(look_at_network(around(tmp_path, ALL_PROXY=url)))
    if found.state == "ok":  # pragma: no cover
        pytest.skip("socksio is installed here")
    assert (found.state, said in found.what) == ("fault", True)
    assert "pazz" not in found.what
    assert found.mend == "unset ALL_PROXY; unset all_proxy" or str(found.mend).endswith("install socksio")


def test_a_proxy_that_can_be_used_is_told(tmp_path: Path) -> None:
    found = only(look_at_network(around(tmp_path, HTTPS_PROXY="http://me:pazz@proxy.example:3128", NO_PROXY="a,b")))
    assert (found.state, found.value["HTTPS_PROXY"]) == ("ok", "http://***@proxy.example:3128")


def test_the_engines_that_a_search_would_ask_are_told_and_not_asked(tmp_path: Path) -> None:
    found = only(look_at_search(around(tmp_path, THINKACT_SEARXNG_URL=dead_url(), THINKACT_SEARCH_ENGINES="brave")))
    assert (found.state, found.value["engines"]) == ("ok", ["searxng", "brave"])
    assert "SearXNG at 127.0.0.1" in found.what
    assert only(look_at_search(around(tmp_path))).value["engines"][0] == "duckduckgo"


def test_an_engine_that_nobody_knows_is_told_before_a_search_fails_on_it(tmp_path: Path) -> None:
    found = only(look_at_search(around(tmp_path, THINKACT_SEARCH_ENGINES="brave,altavista")))
    assert (found.state, "altavista" in found.what) == ("fault", True)
    assert found.mend == "unset THINKACT_SEARCH_ENGINES"


@pytest.mark.skipif(sys.platform == "win32", reason="a matter of POSIX locales")
def test_a_locale_of_another_encoding_is_told_and_a_better_one_named(tmp_path: Path) -> None:
    found = next(look_at_terminal(around(tmp_path, LANG="zh_CN.GBK@x")))
    assert (found.state, found.mend) == ("warning", "export LANG=zh_CN.UTF-8")
    for fine in ({"LANG": "zh_CN.utf8"}, {"LANG": "C"}, {}, {"LC_ALL": "de_DE.UTF-8", "LANG": "x.GBK"}):
        assert only(look_at_terminal(around(tmp_path, **fine))).state == "ok"
