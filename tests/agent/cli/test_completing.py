"""What a word could become: found by the commands' own parameters, and quoted as bash wants it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from agent.cli.application import application
from agent.cli.completing import answering
from agent.cli.completing.splitting import quoted, split
from memory.recall import Recall
from tests.agent.cli.desk import worked, write
from tests.place import Place

BREAKS = " \t\n\"'><=;|&(:"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Place:
    """The folder that this very process is in."""
    made = Place(tmp_path)
    monkeypatch.chdir(tmp_path)
    for name in ("THINKACT_MODEL", "THINKACT_NAMESPACE", "OPENAI_API_KEY", "OPENAI_BASE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("THINKACT_HOME", str(made.home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    return made


def found(words: list[str], word: str) -> tuple[str, list[answering.Item]]:
    return answering.found(application, words, word)


def offers(*words: str) -> dict[str, str]:
    """The values that the last word could become, each with what it is."""
    kind, items = found([*words[:-1]], words[-1])
    assert kind == "values"
    return dict(items)


def test_commands_are_offered_where_a_command_comes_and_nothing_behind_one_that_is_none(place: Place) -> None:
    assert {"run", "resume", "runs", "goal", "doctor"} <= set(offers(""))
    assert list(offers("doc")) == ["doctor"]
    assert offers("plugins", "")["doctor"].startswith("Say why a plugin did not load")
    assert offers("nope", "") == {}
    assert offers("runs", "nope", "") == {}
    assert not [name for name in offers("") if name.startswith("_")]


def test_options_are_offered_once_given_or_as_often_as_they_may_be_repeated(place: Place) -> None:
    assert set(offers("run", "x", "--mod")) == {"--model", "--mode"}
    assert set(offers("run", "x", "--model", "offline", "--mod")) == {"--mode"}
    assert set(offers("run", "--allow", "a", "--allow=b", "--al")) == {"--allow"}
    assert set(offers("runs", "tail", "--no")) == {"--no-follow"}
    assert offers("run", "--", "--mod") == {}


def test_the_value_of_an_option_is_offered_behind_it_or_behind_its_equals_sign(place: Place) -> None:
    assert list(offers("run", "--mode", "")) == ["auto", "loop", "plan"]
    assert list(offers("run", "--mode=")) == ["auto", "loop", "plan"]
    assert list(offers("memory", "add", "x", "--kind", "f")) == ["fact"]
    assert list(offers("resume", "--settle", "")) == ["again", "done"]
    assert offers("run", "--max-steps", "") == {}


def test_what_the_shell_knows_best_is_left_to_it(place: Place) -> None:
    assert found(["run", "x", "--workspace"], "a") == ("folders", [])
    assert found(["run", "x", "-o"], "a") == ("files", [])
    assert found(["runs", "stats", "--plot"], "") == ("files", [])


def test_goal_files_are_told_from_other_yaml_and_found_in_folders(place: Place) -> None:
    place.goal("# 注释\nversion: 1\ngoal: 写一份摘要\n", "目标 一.yaml")
    place.goal("name: x\ngoal:\n  - first\n", "several.yml")
    place.goal("ai_name: Bo\nai_role: helper\nai_goals: [a]\n", "ai_settings.yaml")
    place.goal("services: {}\n", "compose.yaml")
    (place.folder / "broken.yaml").write_bytes(b"\xff\xfegoal")
    (place.folder / "deep").mkdir()
    place.goal("goal: deeper\n", "deep/goal.yaml")
    place.goal("goal: seen only by its name\n", ".hidden.yaml")
    if hasattr(os, "mkfifo"):
        os.mkfifo(place.folder / "pipe.yaml")  # to open it would wait for ever
    assert offers("run", "") == {
        "ai_settings.yaml": "helper",
        "deep/": "",
        "several.yml": "",
        "目标 一.yaml": "写一份摘要",
    }
    assert offers("run", "deep/") == {"deep/goal.yaml": "deeper"}
    assert list(offers("goal", "check", ".h")) == [".hidden.yaml"]
    assert offers("run", "nowhere/") == {}
    assert offers("run", "Summarise it") == {}


def test_runs_are_offered_the_newest_first_with_state_and_goal(place: Place) -> None:
    assert offers("runs", "show", "") == {}
    done = worked(place, write("a.md", "1"), goal="写 a \x1b[31m\nand more").run.id
    shown = offers("runs", "show", "")
    assert list(shown) == ["last", done]
    assert shown[done] == "reached · 写 a \\x1b[31m\\nand more"
    assert list(offers("runs", "delete", "last", done[:10])) == [done]
    assert list(offers("resume", "")) == ["last"]


def test_tools_their_arguments_and_plugins_are_offered_without_running_a_plugin(place: Place) -> None:
    text = "from plugins import tool\nraise SystemExit\n\n@tool(name='other_name')\ndef f(words: str, *, c: Context):\n"
    place.plugin("mine.py", text + '    """Do it.\n\n    More.\n    """\n')
    place.plugin("wrong.py", "def (")
    assert offers("tools", "schema", "other") == {"other_name": "Do it."}
    assert {"read_file", "other_name"} <= set(offers("run", "--deny", ""))
    assert offers("tools", "call", "other_name", "") == {"words=": "str"}
    assert list(offers("run", "--max-tool-calls", "write_f")) == ["write_file="]
    shown = offers("plugins", "show", "")
    assert shown["mine"].startswith(str(place.folder)[:40])
    assert shown["files"] == "comes with thinkact"
    assert "wrong" in shown


def test_tools_of_installed_packages_are_found_by_their_records(place: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    site = place.folder / "site"
    (site / "far" / "away").mkdir(parents=True)
    (site / "far" / "__init__.py").write_text("raise SystemExit", "utf-8")
    tool = 'from plugins import tool\n@tool\ndef from_far(x: str):\n    """Far."""\n'
    (site / "far" / "away" / "__init__.py").write_text(tool, "utf-8")
    (site / "far-1.0.dist-info").mkdir()
    points = "[console_scripts]\nfar = far:main\n\n[thinkact.plugins]\ndistant = far.away:tools\n\n[other]\nx = y\n"
    (site / "far-1.0.dist-info" / "entry_points.txt").write_text(points, "utf-8")
    monkeypatch.syspath_prepend(str(site))
    assert offers("tools", "call", "from_") == {"from_far": "Far."}
    assert offers("plugins", "doctor", "dis") == {"distant": "an installed package"}


def test_models_namespaces_and_notes_are_those_that_are_known_here(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("THINKACT_MODEL", "qwen3:8b")
    worked(place, write("a.md", "1"))
    assert offers("run", "-m", "") == {
        "offline": "the rule-based model",
        "qwen3:8b": "set in environment",
        "scripted": "called by an earlier run",
    }
    with Recall(place.home / "memory" / "notes.db", namespace="桥") as recall:
        note = recall.add("The pier must be mended.")
    assert list(offers("memory", "list", "--namespace", "")) == ["桥"]
    assert offers("memory", "forget", "--namespace", "桥", "") == {note: "The pier must be mended."}
    assert offers("memory", "forget", "") == {}


@pytest.mark.parametrize(
    ("text", "words", "word", "quote", "kept"),
    [
        ("thinkact run ", ("thinkact", "run"), "", "", ""),
        ("thinkact run my\\ g", ("thinkact", "run"), "my g", "", ""),
        ("thinkact run 'my g", ("thinkact", "run"), "my g", "'", ""),
        ('a "x \\" $y" "b c', ("a", 'x " $y'), "b c", '"', ""),
        ("a --model=q", ("a",), "--model=q", "", "--model="),
        ("a --model='q", ("a",), "--model=q", "'", "--model="),
        ("a b:c=d", ("a",), "b:c=d", "", "b:c="),
        ("a b\\:c", ("a",), "b:c", "", ""),
        ("a '' ", ("a", ""), "", "", ""),
        ("a  目标 一", ("a", "目标"), "一", "", ""),
    ],
)
def test_a_line_is_cut_as_bash_cuts_it(text: str, words: tuple[str, ...], word: str, quote: str, kept: str) -> None:
    line = split(text, BREAKS)
    assert (line.words, line.word, line.quote, line.kept) == (words, word, quote, kept)
    assert split(text, "").kept in ("", line.kept if quote else "")


@pytest.mark.parametrize(
    ("text", "quote", "written"),
    [
        ("my goal.yaml", "", "my\\ goal.yaml"),
        ("my goal.yaml", '"', "my goal.yaml"),
        ("it's", "", "it\\'s"),
        ("it's", "'", "it'\\''s"),
        ('$(x)`"\\', '"', '\\$(x)\\`\\"\\\\'),
        ("$(x);y", "", "\\$\\(x\\)\\;y"),
        ("~home", "", "\\~home"),
        ("目标，一。", "", "目标，一。"),
    ],
)
def test_a_value_is_quoted_so_that_bash_reads_it_back(text: str, quote: str, written: str) -> None:
    assert quoted(text, quote, begins=True) == written


def test_documents_are_offered_by_the_way_to_them_from_here_and_bases_by_name(place: Place) -> None:
    assert offers("kb", "remove", "") == {}
    docs = place.folder / "docs"
    docs.mkdir()
    (docs / "bridge.md").write_text("The pier is 41 metres long.", "utf-8")
    (docs / "roof.md").write_text("The roof leaks.", "utf-8")
    assert place.thinkact("kb", "add", "docs", "--namespace", "海港").returncode == 0
    assert offers("kb", "remove", "--namespace", "海港", "docs/b") == {"docs/bridge.md": "1 passage"}
    assert offers("kb", "remove", "") == {}
    assert "海港" in offers("kb", "list", "--namespace", "")
    assert found(["kb", "add"], "do")[0] == "files"
