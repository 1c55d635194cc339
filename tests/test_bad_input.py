"""Bad input from outside: one clear line on stderr (what, where, what to do), the right exit code, nothing lost."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from memory.journal import Journal
from tests.place import Ended, Place, no_traceback
from tests.server import Call, ChatServer, Reply

NOTES = "The highest tide is 6.2 m.\n"
WRITE = Call(name="write_file", arguments={"path": "out.md", "content": NOTES})
FINISH = Call(name="finish", arguments={"answer": "It is in out.md."})
GOAL = "goal: Write the tide to out.md\nchecks: [{file: out.md}]\n"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = Place(tmp_path)
    made.write("notes.txt", NOTES)
    return made


def complained(ended: Ended, code: int, *parts: str) -> None:
    """It ended with this code; stderr says what is wrong in plain words, and stdout nothing."""
    no_traceback(ended)
    assert ended.returncode == code, ended.stderr
    assert ended.stdout == ""
    harmless(ended.stderr)
    assert ended.stderr.startswith("thinkact: "), ended.stderr
    for part in parts:
        assert part in ended.stderr, ended.stderr


def harmless(text: str) -> None:
    """No character of it moves a cursor, hides or turns anything."""
    odd = [one for one in text if (one < " " and one not in "\n\t") or "\x7f" <= one < "\xa0" or one in "\u202e\u2066"]
    assert not odd, text


def works(request: dict[str, Any], number: int) -> Reply:
    """Write and finish; where writing failed twice, finish all the same."""
    results = [message["content"] for message in request["messages"] if message["role"] == "tool"]
    if any("created" in one or "changed" in one for one in results) or len(results) > 1:
        return Reply(calls=[FINISH])
    return Reply(calls=[WRITE])


def run(place: Place, server: ChatServer, *words: str) -> Ended:
    """`thinkact run`, with the scripted model."""
    return place.thinkact("run", *words, OPENAI_BASE_URL=server.url, THINKACT_MODEL="scripted")


def results(server: ChatServer, request: int = 1) -> list[str]:
    """What the tools gave, as the model reads it in this request."""
    return [message["content"] for message in server.requests[request].json["messages"] if message["role"] == "tool"]


def runs_of(place: Place) -> list[str]:
    folder = place.home / "runs"
    return sorted(one.name for one in folder.iterdir()) if folder.is_dir() else []


GOAL_FILES: dict[str, tuple[str | bytes, str]] = {
    "empty": ("", ":1:1: is empty"),
    "only a comment": ("# nothing\n", "is empty"),
    "a list": ("- a\n", "holds no keys"),
    "a tab": ("goal: x\n\tname: y\n", ":2:1: a tab"),
    "a misspelled key": ("goal: x\nbudgte: {steps: 3}\n", ':2:1: budgte: unknown key; did you mean "budget"?'),
    "a key twice": ("goal: a\ngoal: b\n", ":2:1: "),
    "a tag": ("goal: !!python/object:os.system x\n", ":1:7: tags"),
    "a merge key": ("a: &a {x: 1}\ngoal: x\n<<: *a\n", ":3:1: "),
    "a bomb": ("x-a: &a [x, x]\n" + "".join(f"x-{n}: [*a, *a]\n" for n in range(60)) + "goal: x\n", "bomb"),
    "too deep": ("goal: " + "[" * 5000 + "\n", "nested deeper"),
    "not closed": ("goal: {a: b\n", ":2:1: "),
    "a later version": ("goal: x\nversion: 2\n", ":2:10: version"),
    "a later field": ("goal: x\nsteps: [{id: a, tool: b}]\n", "steps: not yet in this version"),
    "no goal": ("name: x\n", "goal"),
    "a goal of nothing": ("goal:\n", ":1:6: goal: is empty"),
    "a mapping for a list": ("goal: x\nconstraints: {a: 3}\n", ":2:14: constraints"),
    "limits out of range": ("goal: x\nbudget: {steps: -1}\n", "budget.steps: must be from 1"),
    "a duration that is none": ("goal: x\nbudget: {time: soon}\n", "must be a duration, such as 30s, 15m"),
    "a pattern that is none": ("goal: x\nchecks: [{regex: '(', in: a}]\n", "checks[0].regex"),
    "a check of no kind": ("goal: x\nchecks: [{nothing: 1}]\n", "checks[0]"),
    "a path that leaves": ("goal: x\nchecks: [{file: ../x}]\n", "inside the workspace"),
    "a schema that is missing": (
        "goal: x\nchecks: [{json_schema: no.json, in: a}]\n",
        "no.json: there is no such file",
    ),
    "an undeclared input": ("goal: x {{ y }}\n", "no declared input"),
    "an unused input": ("goal: x\ninputs: {y: {type: string}}\n", "inputs.y: is not used"),
    "a missing input": ("goal: x {{ y }}\ninputs: {y: {type: string, required: true}}\n", "inputs: must be given: y"),
    "escape codes": ('goal: x\n"\\e]0;owned\\a\\u202e": 1\n', "\\x1b]0;owned\\x07\\u202e: unknown key"),
    "latin-1": ("goal: café\n".encode("latin-1"), ":1:10: holds a byte that is not UTF-8"),
    "utf-16": ("goal: hi\n".encode("utf-16"), "UTF-16"),
    "a nul": (b"goal: a\0b\n", ":1:8: "),
    "too large": ("goal: " + "x" * 300_000, "larger than 256 kB"),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "bad"),
}


@pytest.mark.parametrize("kind", GOAL_FILES)
def test_a_spoilt_goal_file_is_refused_with_its_place_and_nothing_is_begun(place: Place, kind: str) -> None:
    content, said = GOAL_FILES[kind]
    raw = content.encode() if isinstance(content, str) else content
    file = place.folder / "bad.yaml"
    file.write_bytes(raw)
    ended = place.thinkact("run", "bad.yaml", "--model", "offline")
    complained(ended, 2, "" if kind in ("a bomb", "a picture") else said)
    assert ended.stderr.startswith("thinkact: bad.yaml"), ended.stderr
    assert file.read_bytes() == raw
    assert not runs_of(place)


def test_every_fault_of_a_goal_file_has_a_line_of_its_own_and_none_can_pass_for_ours(place: Place) -> None:
    place.goal('goal: x\nbudgte: 1\nchekcs: 2\n"a\\nthinkact: all is well": 3\n')
    for words in (("goal", "check", "goal.yaml"), ("run", "goal.yaml")):
        ended = place.thinkact(*words)
        complained(ended, 2)
        lines = ended.stderr.splitlines()
        assert [line.startswith("thinkact: ") for line in lines] == [True, *[False] * (len(lines) - 1)]
        assert all(f"goal.yaml:{n}:1: " in ended.stderr for n in (2, 3, 4))


def test_goal_check_tells_faults_as_json_and_ends_with_2(place: Place) -> None:
    place.goal("goal: x\nbudgte: 1\nchekcs: 2\n")
    ended = place.thinkact("goal", "check", "goal.yaml", "--json")
    told = json.loads(ended.stdout)
    assert (ended.returncode, told["ok"], len(told["faults"])) == (2, False, 2)
    assert told["faults"][0].startswith("goal.yaml:2:1: budgte: unknown key")


def test_goal_check_tells_slips_as_notes_and_ends_with_0(place: Place) -> None:
    place.goal(
        "goal: x\nmodel: offline\nworkspace: {dir: ./nope}\ntools: {deny: [read_fiel]}\n"
        'checks: [{answer: x}, {judge: "Is it neutral?"}]\n'
    )
    ended = place.thinkact("goal", "check", "goal.yaml")
    assert ended.returncode == 0, ended.stderr
    assert [line.strip().partition(": ")[2] for line in ended.stdout.splitlines()[1:]] == [
        "goal.yaml:4:16: tools.deny[0]: read_fiel matches no tool; did you mean read_file?",
        f"goal.yaml:3:13: workspace.dir: {place.folder / 'nope'} is not there; a run makes it, empty",
        "goal.yaml:5:23: checks[1]: cannot pass: the offline model judges nothing; name a language model",
    ]
    assert not (place.folder / "nope").exists()


GOALS: list[tuple[tuple[str, ...], str]] = [
    (("",), "the goal is empty"),
    ((" \n\t",), "the goal is empty"),
    (("-",), "the goal is empty"),
    (("missing.yaml",), "missing.yaml: there is no such goal file"),
    (("gaol.yaml",), "did you mean goal.yaml? If these are words and no file, end them with a full stop"),
    (("write the settings to config.yaml",), "if these are words and no file, end them with a full stop"),
    (("goal\x1b[31m\n\u202e.yaml",), "goal\\x1b[31m\\n\\u202e.yaml"),
    (("workspace",), "workspace: is a folder"),
    (("do it", "--set", "a=1"), "--set gives inputs to a goal file"),
    (("goal.yaml", "--set", "tide"), "--set 'tide' has no name and value"),
    (("goal.yaml", "--set", "tide=7"), "tide"),
    (("goal.yaml", "--mode", "plan"), "not yet in this version"),
    (("goal.yaml", "--mode", "fast"), "--mode"),
    (("goal.yaml", "--window", "wide"), "--window must be an amount"),
    (("goal.yaml", "--window", "0"), "--window must be from 256"),
    (("goal.yaml", "--max-tokens", "-3"), "--max-tokens must be an amount"),
    (("goal.yaml", "--max-time", "soon\x1b"), "--max-time must be a duration"),
    (("goal.yaml", "--max-usd", "nan"), "--max-usd"),
    (("goal.yaml", "--max-steps", "0"), "--max-steps"),
    (("goal.yaml", "--steps", "-2"), "--steps"),
    (("goal.yaml", "--output", "xml"), "--output"),
    (("goal.yaml", "-o", "nowhere/answer.md"), "nowhere/answer.md"),
    (("goal.yaml", "-o", "workspace"), "workspace"),
    (("goal.yaml", "--workspace", "goal.yaml"), "is not a folder"),
    (("goal.yaml", "--base-url", "nonsense"), "no URL of a server"),
    (("goal.yaml", "--namespace", " "), "a namespace needs a name"),
    (("goal.yaml", "--colour"), "--colour"),
    (("goal.yaml", "again.yaml"), "again.yaml"),
    ((), "GOAL"),
]


@pytest.mark.parametrize(("words", "said"), GOALS, ids=[" ".join(words) or "nothing" for words, _ in GOALS])
def test_wrong_words_after_run_end_with_2_and_leave_no_run(place: Place, words: tuple[str, ...], said: str) -> None:
    place.goal(GOAL)
    model = () if "--base-url" in words else ("--model", "offline")
    complained(place.thinkact("run", *model, *words), 2, said)
    assert not runs_of(place)


def test_a_pipe_that_is_named_as_goal_file_does_not_hang(place: Place) -> None:
    os.mkfifo(place.folder / "pipe")
    complained(place.thinkact("run", "pipe", timeout=20), 2, "no regular file")


def test_a_goal_in_words_may_be_longer_than_a_file_name(place: Place) -> None:
    words = "请阅读 notes.txt 并把最重要的内容写进 brief.md。" + "请写得清楚。" * 40
    ended = place.thinkact("run", words, "--model", "offline", "--max-steps", "1")
    no_traceback(ended)
    assert ended.returncode in (0, 1, 3), ended.stderr
    assert len(runs_of(place)) == 1


COMMANDS: list[tuple[tuple[str, ...], int, str]] = [
    (("rnu",), 2, "rnu"),
    (("runs", "show"), 2, "there is no run yet"),
    (("runs", "tail"), 2, "there is no run yet"),
    (("runs", "replay"), 2, "there is no run yet"),
    (("runs", "show", "\x1b[31m\n..\u202e"), 2, "\\x1b[31m\\n..\\u202e"),
    (("runs", "show", "../.."), 2, "there is no run '../..'"),
    (("resume",), 2, "there is no run yet"),
    (("resume", "2026"), 2, "there is no run '2026'"),
    (("goal", "check", "none.yaml"), 2, "none.yaml: there is no such file"),
    (("goal", "check", "workspace"), 2, "is a folder"),
    (("tools", "call", "read_file", "path"), 2, "'path' has no name and value"),
    (("tools", "schema", "nothing"), 2, 'there is no tool "nothing"\n          thinkact tools list shows them all'),
    (("tools", "call", "rea_file", "path=x"), 2, "did you mean read_file?"),
    (("tools", "call", "read_file", "pth=notes.txt"), 2, 'unknown argument "pth", did you mean "path"?'),
    (("tools", "call", "read_file"), 2, 'argument "path" is missing'),
    (("tools", "call", "read_file", "path=notes.txt", "lines=many"), 2, 'argument "lines"'),
    (("memory", "add", ""), 2, "the note is empty"),
    (("memory", "add", "x" * 50_000), 2, "4,000 are the most"),
    (("memory", "add", "x", "--kind", "rumour"), 2, "--kind"),
    (("memory", "search", ""), 2, "the query is empty"),
    (("memory", "search", "x", "-k", "0"), 2, "-k"),
    (("memory", "list", "--most", "many"), 2, "--most"),
]


@pytest.mark.parametrize(("words", "code", "said"), COMMANDS, ids=[" ".join(one[0])[:40] for one in COMMANDS])
def test_wrong_words_after_other_commands_are_told(place: Place, words: tuple[str, ...], code: int, said: str) -> None:
    complained(place.thinkact(*words), code, said)


SETTINGS: list[tuple[dict[str, str], int, str]] = [
    ({"THINKACT_MAX_STEPS": "many"}, 2, "THINKACT_MAX_STEPS in the environment: must be a whole number"),
    ({"OPENAI_BASE_URL": "not a url"}, 2, "OPENAI_BASE_URL in the environment: must be an address"),
    ({"OPENAI_BASE_URL": "http://[::1/v1"}, 2, "OPENAI_BASE_URL"),
    ({"OPENAI_BASE_URL": "ftp://host/v1", "THINKACT_MODEL": "m"}, 2, "OPENAI_BASE_URL"),
    ({"OPENAI_API_KEY": "sk 密钥", "THINKACT_MODEL": "m"}, 2, "OPENAI_API_KEY in the environment: must be a key"),
    ({"THINKACT_MODEL": "gpt-none"}, 6, "the model gpt-none is named, but there is no key and no endpoint for it"),
    ({"THINKACT_MODEL": "offlin"}, 6, 'did you mean "offline"?'),
    ({"THINKACT_HOME": "notes"}, 2, "THINKACT_HOME"),
]


@pytest.mark.parametrize(
    ("settings", "code", "said"), SETTINGS, ids=["/".join(f"{n}={v}" for n, v in one[0].items()) for one in SETTINGS]
)
def test_settings_that_cannot_be_used_are_named(place: Place, settings: dict[str, str], code: int, said: str) -> None:
    (place.folder / "notes").write_text("a file where a folder must be")
    complained(place.thinkact("run", "do it", stdin=None, timeout=90, **settings), code, said)
    assert not runs_of(place)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        (".env", b"\xff\xfe", "is not UTF-8"),
        ("config/thinkact/config.toml", b"model = \n", "is not TOML"),
        ("config/thinkact/config.toml", b"modle = 'x'\n", 'unknown key modle; did you mean "model"?'),
        ("config/thinkact/config.toml", b"max_steps = 'few'\n", "max_steps in "),
    ],
)
def test_a_settings_file_that_cannot_be_used_is_named(place: Place, name: str, content: bytes, said: str) -> None:
    file = place.folder / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(content)
    complained(place.thinkact("runs", "list"), 2, str(file), said)
    assert file.read_bytes() == content


# -- journals


def a_run(place: Place) -> Path:
    """A run that ended; its folder."""
    place.goal(GOAL)
    with ChatServer(["I do not know."], repeat=True) as server:
        ended = run(place, server, "goal.yaml")
    assert ended.returncode == 1, ended.stderr
    return place.home / "runs" / runs_of(place)[0]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The home of a place with one run, to be copied."""
    made = Place(tmp_path_factory.mktemp("kept"))
    a_run(made)
    return made.home


def truncate(journal: Path) -> None:
    journal.write_bytes(journal.read_bytes()[:5000])


def empty(journal: Path) -> None:
    journal.write_bytes(b"")


def overwrite(journal: Path) -> None:
    journal.write_bytes(b"hello " * 2000)


def drop_a_row(journal: Path) -> None:
    _execute(journal, "DELETE FROM row WHERE seq = 3")


def drop_the_end(journal: Path) -> None:
    _execute(journal, "DELETE FROM row WHERE seq > 3")


def change_a_row(journal: Path) -> None:
    _execute(journal, "UPDATE row SET body = replace(body, 'tide', 'tied') WHERE seq = 1")


def _execute(journal: Path, statement: str) -> None:
    connection = sqlite3.connect(journal)
    connection.execute(statement)
    connection.commit()
    connection.close()


@pytest.mark.parametrize("damage", [truncate, empty, overwrite, drop_a_row, drop_the_end, change_a_row])
def test_a_torn_journal_is_told_by_every_command_and_left_as_it_is(
    place: Place, kept: Path, damage: Callable[[Path], None]
) -> None:
    shutil.copytree(kept, place.home)
    run = runs_of(place)[0]
    journal = place.home / "runs" / run / "journal.db"
    damage(journal)
    torn = journal.read_bytes()
    for words in (("runs", "show"), ("runs", "tail", "--no-follow"), ("resume", "-m", "offline")):
        ended = place.thinkact(*words)
        no_traceback(ended)
        assert ended.returncode == 2, ended.stderr
        assert "is damaged" in ended.stderr, ended.stderr
        assert str(journal) in ended.stderr
        way = ended.stderr.splitlines()[-1].strip()
        assert way.endswith((f": thinkact runs show {run}", f": thinkact runs delete {run}")), ended.stderr
    listed = place.thinkact("runs", "list", "--json")
    assert listed.returncode == 0, listed.stderr
    assert "damaged" in json.loads(listed.stdout)[0]["state"]
    assert journal.read_bytes() == torn
    deleted = place.thinkact("runs", "delete", run, "-y")
    assert deleted.returncode == 0, deleted.stderr
    assert runs_of(place) == []


def test_a_journal_with_events_of_a_newer_thinkact_is_refused_with_a_hint(place: Place, kept: Path) -> None:
    shutil.copytree(kept, place.home)
    folder = place.home / "runs" / runs_of(place)[0]
    with Journal.open(folder / "journal.db") as journal:
        journal.append({"kind": "dream", "text": "of later"}, path="", elapsed=1.0, now=1.0)
        journal.commit()
    for words in (("runs", "show"), ("resume", "-m", "offline")):
        ended = place.thinkact(*words)
        no_traceback(ended)
        assert ended.returncode == 2
        assert "was written by a newer thinkact" in ended.stderr
        assert "update thinkact" in ended.stderr


def test_a_damaged_memory_is_told_and_the_run_goes_on_without(place: Place) -> None:
    notes = place.home / "memory" / "notes.db"
    notes.parent.mkdir(parents=True)
    notes.write_bytes(b"garbage " * 500)
    place.goal(GOAL)
    with ChatServer(works) as server:
        ended = run(place, server, "goal.yaml")
        assert ended.returncode == 0, ended.stderr
        assert f"{notes}: the file of notes is damaged" in ended.stderr
        assert str(notes) not in run(place, server, "goal.yaml", "--no-memory").stderr
    for words in (("list",), ("add", "x"), ("search", "x"), ("forget", "x")):
        complained(place.thinkact("memory", *words), 2, str(notes), "is damaged")
    assert notes.read_bytes() == b"garbage " * 500


# -- places


def test_a_workspace_that_is_gone_is_told_on_resume_and_not_made_anew(place: Place) -> None:
    folder = a_run(place)
    shutil.move(place.workspace, place.folder / "elsewhere")
    complained(place.thinkact("resume", "-m", "offline"), 2, str(place.workspace), "is gone")
    assert not place.workspace.exists()
    shutil.move(place.folder / "elsewhere", place.workspace)
    with ChatServer(works) as server:
        ended = place.thinkact("resume", folder.name, OPENAI_BASE_URL=server.url, THINKACT_MODEL="scripted")
    assert ended.returncode == 0, ended.stderr


def test_a_missing_workspace_is_made_for_a_new_run(place: Place) -> None:
    shutil.rmtree(place.workspace)
    place.goal(GOAL)
    with ChatServer(works) as server:
        ended = run(place, server, "goal.yaml", "--workspace", "新 工作区")
    assert ended.returncode == 0, ended.stderr
    assert (place.folder / "新 工作区" / "out.md").read_text("utf-8") == NOTES


def test_a_folder_that_is_gone_is_told(place: Place) -> None:
    if sys.platform == "win32":  # pragma: no cover
        pytest.skip("Windows lets nobody remove the folder of a process")
    script = f'mkdir gone && cd gone && rmdir ../gone && "{sys.executable}" -m agent runs list'
    ended = shell(place, script)
    complained(ended, 2, "the folder where it is started is gone")


def shell(place: Place, script: str, *prefix: str, **settings: str) -> Ended:
    """Run a script in the place; `thinkact` is a word of it."""
    head = 'thinkact() { "$PYTHON" -m agent "$@"; }\n'
    return subprocess.run(
        [*prefix, "sh", "-c", head + script],
        cwd=place.folder,
        env={**place.environment(**settings), "PYTHON": sys.executable},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=90,
        check=False,
    )


MOUNTS = ("unshare", "-Urm")
"""In a namespace of their own even an ordinary user may mount; everything is gone with the process."""


@pytest.fixture
def mounting() -> None:
    """Is there a way to mount here?"""
    probe = "mount -t tmpfs -o size=64k none /tmp"
    try:
        done = (
            subprocess.run([*MOUNTS, "sh", "-c", probe], capture_output=True, timeout=20, check=False).returncode == 0
        )
    except (OSError, subprocess.TimeoutExpired):
        done = False
    if not done:
        pytest.skip("nothing can be mounted here: no unprivileged namespaces")


READ_ONLY = "mount --bind {0} {0} && mount -o remount,bind,ro {0}\n"


@pytest.mark.usefixtures("mounting")
@pytest.mark.parametrize(
    ("mount", "said"),
    [
        (READ_ONLY.format("workspace"), "ead-only"),
        ("mount -t tmpfs -o size=4k none workspace\necho > workspace/a\n", "space"),
    ],
    ids=["read-only", "full"],
)
def test_a_workspace_that_takes_no_file_is_told_to_the_model_and_the_run_ends_truthfully(
    place: Place, mount: str, said: str
) -> None:
    place.goal(GOAL)
    with ChatServer(works) as server:
        settings = {"OPENAI_BASE_URL": server.url, "THINKACT_MODEL": "scripted"}
        ended = shell(place, mount + "thinkact run goal.yaml --output json", *MOUNTS, **settings)
        told = results(server)
    no_traceback(ended)
    assert (ended.returncode, json.loads(ended.stdout)["state"]) == (1, "not_reached"), ended.stderr
    assert said in told[0], told
    assert place.files() == {"notes.txt": NOTES}


@pytest.mark.usefixtures("mounting")
def test_a_home_that_is_read_only_is_told_and_can_still_be_looked_at(place: Place, kept: Path) -> None:
    shutil.copytree(kept, place.home)
    place.goal(GOAL)
    script = """
        thinkact run goal.yaml -m offline; echo "= $?"
        thinkact resume -m offline; echo "= $?"
        thinkact memory add tide; echo "= $?"
        thinkact runs show >/dev/null; echo "= $?"
        thinkact runs list --json >/dev/null; echo "= $?"
        thinkact tools call read_file path=notes.txt; echo "= $?"
    """
    ended = shell(place, READ_ONLY.format("home") + script, *MOUNTS)
    no_traceback(ended)
    assert [line[2:] for line in ended.stdout.splitlines() if line.startswith("= ")] == ["2", "2", "2", "0", "0", "0"]
    assert NOTES in ended.stdout
    assert ended.stderr.count("Read-only file system") + ended.stderr.count("read-only") >= 2, ended.stderr


@pytest.mark.usefixtures("mounting")
def test_a_disk_that_fills_up_stops_the_run_and_with_room_again_it_goes_on(place: Place) -> None:
    place.goal(GOAL)
    place.home.mkdir()
    script = """
        mount -t tmpfs -o size=64k none home
        thinkact run goal.yaml; echo "= $?"
        thinkact runs list --json; echo "= $?"
        mount -o remount,size=8m home
        thinkact resume --output json; echo "= $?"
    """
    with ChatServer(large) as server:
        settings = {"OPENAI_BASE_URL": server.url, "THINKACT_MODEL": "scripted"}
        ended = shell(place, script, *MOUNTS, **settings)
    no_traceback(ended)
    assert [line[2:] for line in ended.stdout.splitlines() if line.startswith("= ")] == ["2", "0", "0"], ended.stderr
    assert "thinkact: " in ended.stderr
    assert "make room on the disk" in ended.stderr
    assert place.read("out.md").startswith("The tide")


def large(request: dict[str, Any], number: int) -> Reply:
    """A write of 20 kB, then the end."""
    if any("out.md" in str(message["content"]) for message in request["messages"] if message["role"] == "tool"):
        return Reply(calls=[FINISH])
    return Reply(calls=[Call(name="write_file", arguments={"path": "out.md", "content": "The tide\n" + "x" * 20_000})])


# -- streams


def the_run_ended(place: Place, state: str) -> None:
    assert json.loads(place.thinkact("runs", "list", "--json").stdout)[0]["state"] == state


SUMMARY = "Summarise notes.txt to brief.md"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device here")
def test_an_answer_that_cannot_be_written_is_told_and_kept(place: Place) -> None:
    ended = shell(place, f'thinkact run "{SUMMARY}" -m offline >/dev/full')
    no_traceback(ended)
    assert ended.returncode == 1
    assert "the answer cannot be written (No space left on device)" in ended.stderr
    the_run_ended(place, "reached")
    assert place.thinkact("runs", "replay").stdout.strip()
    ended = shell(place, "thinkact runs list >/dev/full")
    assert ended.returncode == 1
    assert len(ended.stderr.splitlines()) <= 2, ended.stderr
    no_traceback(ended)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device here")
@pytest.mark.parametrize("redirection", ["2>/dev/full", "2>&-", "<&-", "2>&1 >/dev/null | head -c 1"])
def test_a_run_outlives_those_who_watch_it(place: Place, redirection: str) -> None:
    ended = shell(place, f'thinkact run "{SUMMARY}" -m offline {redirection}')
    no_traceback(ended)
    assert ended.returncode == 0, ended.stderr
    the_run_ended(place, "reached")
    assert "tide" in place.read("brief.md")


def test_stdout_that_is_closed_or_gone_harms_no_run(place: Place) -> None:
    ended = shell(place, f'thinkact run "{SUMMARY}" -m offline >&-')
    no_traceback(ended)
    assert ended.returncode == 0, ended.stderr
    reader, writer = os.pipe()
    os.close(reader)
    words = ["run", f"{SUMMARY} and to two.md", "-m", "offline", "--output", "stream-json"]
    gone = subprocess.run(
        [sys.executable, "-m", "agent", *words],
        cwd=place.folder,
        env=place.environment(),
        stdin=subprocess.DEVNULL,
        stdout=writer,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
        check=False,
        timeout=60,
    )
    os.close(writer)
    assert gone.returncode == 0, gone.stderr
    assert "Traceback" not in gone.stderr
    the_run_ended(place, "reached")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no full device here")
def test_events_that_cannot_be_written_are_told_once_and_the_run_goes_on(place: Place) -> None:
    ended = shell(place, f'thinkact run "{SUMMARY}" -m offline --output stream-json >/dev/full')
    no_traceback(ended)
    assert ended.returncode == 1
    assert ended.stderr.count("the events cannot be written (No space left on device)") == 1
    the_run_ended(place, "reached")


# -- names


def test_names_with_spaces_line_ends_and_control_characters_are_shown_harmless(tmp_path: Path) -> None:
    if sys.platform == "win32":  # pragma: no cover
        pytest.skip("Windows has no such names")
    place = Place(tmp_path / "目录 with spaces")
    odd = "工作\n区\x1b[31m"
    for name, text in {"notes.txt": NOTES, "潮汐 表.txt": "六米\n", "odd\x1b]0;x\x07\n.txt": "odd\n"}.items():
        place.write(f"../{odd}/{name}", text)
    place.goal(GOAL, "目标 一.yaml")
    listing = Reply(calls=[Call(name="list_files", arguments={})])
    with ChatServer([listing, Reply(calls=[WRITE]), Reply(calls=[FINISH])]) as server:
        ended = run(place, server, "目标 一.yaml", "--workspace", odd)
        assert "潮汐 表.txt" in results(server)[0]
    assert ended.returncode == 0, ended.stderr
    harmless(ended.stderr)
    assert "工作\\n区\\x1b[31m" in ended.stderr
    for words in (("runs", "show"), ("runs", "list"), ("plugins", "list"), ("goal", "check", "目标 一.yaml")):
        told = place.thinkact(*words)
        assert told.returncode == 0, told.stderr
        harmless(told.stderr)
        harmless(told.stdout)
    called = place.thinkact("tools", "call", "list_files", "--workspace", odd)
    assert "潮汐 表.txt" in called.stdout
    harmless(called.stdout)
    complained(place.thinkact("run", "no\n\x1b[31m.yaml"), 2, "no\\n\\x1b[31m.yaml")


# -- tools

TOOLS = '''
import os, time
from plugins import Effect, tool

@tool(effect=Effect.READ)
def raises() -> str:
    """Raise."""
    raise ZeroDivisionError("bo\\x1b[31mom")

@tool(effect=Effect.READ)
def leaves() -> str:
    """Leave."""
    raise SystemExit(3)

@tool(effect=Effect.READ, timeout=0.5)
def hangs() -> str:
    """Hang."""
    time.sleep(60)
    return "late"

@tool(effect=Effect.READ)
def floods() -> str:
    """Return 100 MB."""
    return "tide\\n" * 20_000_000

@tool(effect=Effect.READ)
def babbles() -> dict[str, object]:
    """Return what is no JSON."""
    return {"a": object()}

@tool(effect=Effect.READ)
def whispers() -> str:
    """Return broken text."""
    return "half \\ud83d a pair, \\x1b[2J"
'''
FAILURES = {
    "raises": "ZeroDivisionError",
    "leaves": "SystemExit",
    "hangs": "timed out after 0.5 s",
    "floods": None,
    "babbles": None,
    "whispers": None,
    "rises": 'did you mean "raises"',
}


@pytest.mark.parametrize("name", FAILURES)
def test_whatever_a_tool_does_the_run_goes_on(place: Place, name: str) -> None:
    place.plugin("odd.py", TOOLS)
    place.goal(GOAL)
    replies = [Reply(calls=[Call(name=name)]), Reply(calls=[WRITE]), Reply(calls=[FINISH])]
    with ChatServer(replies) as server:
        ended = run(place, server, "goal.yaml")
        told = results(server)[0]
        assert max(len(request.body) for request in server.requests) < 200_000
    no_traceback(ended)
    harmless(ended.stderr)
    assert ended.returncode == 0, ended.stderr
    said = FAILURES[name]
    if said is not None:
        assert said.replace('"', "") in told.replace('"', ""), told
    observed = next(event for event in place.events() if event["kind"] == "observation")
    assert observed["ok"] is (said is None)
    if name == "floods":
        whole = next((place.home / "runs" / runs_of(place)[0] / "artifacts").rglob("*"), None)
        assert whole is not None
        assert observed["whole"] in told


@pytest.mark.parametrize(("name", "code"), [("raises", 1), ("leaves", 1), ("hangs", 1), ("rises", 2)])
def test_a_tool_that_fails_ends_tools_call_with_1_and_one_that_is_not_there_with_2(
    place: Place, name: str, code: int
) -> None:
    place.plugin("odd.py", TOOLS)
    ended = place.thinkact("tools", "call", name)
    no_traceback(ended)
    harmless(ended.stderr)
    assert ended.returncode == code
    assert ended.stdout == ""
    ended = place.thinkact("tools", "call", name, "--json")
    observation = json.loads(ended.stdout)
    assert (ended.returncode, observation["ok"]) == (code, False)
    assert observation["error"]["message"]


MISCHIEF = '''
import sys
from plugins import Effect, observe, tool

@observe
def watch(event):
    raise RuntimeError("no \\x1b[31m" + event["kind"])

@tool(effect=Effect.READ)
def shut() -> str:
    """Shut the streams."""
    sys.stdout.close()
    sys.stderr.close()
    return "shut"
'''


def test_an_observer_that_fails_is_told_once_and_a_tool_that_shuts_the_streams_harms_nothing(place: Place) -> None:
    place.plugin("mischief.py", MISCHIEF)
    place.goal(GOAL)
    with ChatServer([Reply(calls=[Call(name="shut")]), Reply(calls=[WRITE]), Reply(calls=[FINISH])]) as server:
        ended = run(place, server, "goal.yaml")
    no_traceback(ended)
    harmless(ended.stderr)
    assert ended.returncode == 0, ended.stderr
    assert ended.stderr.count("observer watch failed") == 1, ended.stderr
    assert ended.stdout == "It is in out.md.\n"
    assert "reached: 1 check passed" in ended.stderr


def test_what_a_fault_of_ours_leaves_is_a_line_and_a_trace_in_a_file(place: Place) -> None:
    place.goal(GOAL)
    traces = place.folder / "traces"
    traces.mkdir()
    # a plugin stands for a bug: it breaks a room of ours from inside
    body = "def broken(self):\n    raise ZeroDivisionError('ours')\n"
    place.plugin("odd.py", f"from plugins import Toolbox\n{body}Toolbox.describe = broken\n")
    ended = place.thinkact("run", "goal.yaml", "-m", "offline", TMPDIR=str(traces))
    complained(ended, 1, "a fault of thinkact itself: ZeroDivisionError: ours", str(traces))
    assert "Traceback" in next(traces.iterdir()).read_text("utf-8")


@pytest.mark.parametrize("name", [".env", ".mcp.json"])
def test_no_tool_writes_what_would_configure_thinkact_in_the_workspace(place: Place, name: str) -> None:
    ended = place.thinkact("tools", "call", "write_file", f"path={name}", "content=x", "--workspace", "desk")
    assert ended.returncode == 1
    assert "is protected" in ended.stderr
    assert not (place.folder / "desk" / name).exists()


def test_no_tool_reads_the_env_file_whose_settings_are_in_use(place: Place) -> None:
    (place.folder / ".env").write_text("OPENAI_API_KEY=sk-secret-000111\n", "utf-8")
    for words in (("read_file", "path=.env"), ("search_files", "pattern=secret"), ("list_files",)):
        ended = place.thinkact("tools", "call", *words, "--workspace", ".")
        assert "sk-secret" not in ended.stdout + ended.stderr
        assert ".env" not in ended.stdout
