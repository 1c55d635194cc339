"""Tab completion in real shells, pressed like a person at a terminal; and what it must never do."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import struct
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from agent.archive.finding import newest
from tests.agent.cli.desk import worked, write
from tests.place import ROOT, Place

if sys.platform == "win32":  # pragma: no cover  (Windows has no pty module)
    pytest.skip("there is no pseudo-terminal here", allow_module_level=True)

import fcntl
import pty
import termios

from tests.test_terminal_session import Terminal

SHELLS = {
    "bash": ("bash", "--norc", "--noprofile", "-i"),
    "zsh": ("zsh", "-f", "-i"),
    "fish": ("fish", "--no-config", "-i"),
}
LEARN = {
    "bash": 'eval "$(thinkact --show-completion)"',
    "zsh": 'autoload -Uz compinit; compinit -u -D; eval "$(thinkact --show-completion)"',
    "fish": "thinkact --show-completion | source",
}
"""How a shell is taught for as long as it runs."""
EVIL = 'Say "hi" \\$(touch pwned) $(touch pwned) `touch pwned` \'; touch pwned; \' \\";touch pwned;" done'
"""A goal that a shell must show, and never run."""


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A folder with goal files whose names shells must quote, and two runs."""
    made = Place(tmp_path)
    made.goal(f"goal: {EVIL}\n", "my goal.yaml")
    made.goal("goal: 写一份摘要\n", "目标 一.yaml")
    made.goal("goal: later\n", "b:c=d.yaml")
    made.goal("goal: hers\n", "it's.yaml")
    made.goal("services: {}\n", "docker-compose.yaml")
    (tmp_path / "data folder").mkdir()
    worked(made, write("a.md", "one"), goal=EVIL)
    worked(made, write("b.md", "two"), goal="写一份摘要")
    programs = tmp_path / "programs"
    programs.mkdir()
    (programs / "thinkact").write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -P -m agent "$@"\n', "utf-8")
    (programs / "thinkact").chmod(0o755)
    return made


@contextmanager
def at_a_prompt(place: Place, shell: str) -> Iterator[Terminal]:
    """An interactive shell of 120 columns that was taught to complete `thinkact`."""
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 120, 0, 0))
    home = place.folder / "user"
    home.mkdir(exist_ok=True)
    path = os.pathsep.join([str(place.folder / "programs"), os.environ["PATH"]])
    settings = {"PATH": path, "HOME": str(home), "TERM": "xterm", "LC_ALL": "C.UTF-8", "PS1": "", "PROMPT": ""}
    environment = place.environment(**settings)
    del environment["COLUMNS"]
    take = "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execvp(sys.argv[1], sys.argv[1:])"
    process = subprocess.Popen(
        [sys.executable, "-c", take, *SHELLS[shell]],
        cwd=place.folder,
        env=environment,
        stdin=slave,
        stdout=slave,
        stderr=slave,
        start_new_session=True,
    )
    os.close(slave)
    terminal = Terminal(process, master)
    try:
        terminal.say(f"{LEARN[shell]}; echo rea''dy")
        terminal.until("ready")
        yield terminal
    finally:
        process.kill()
        process.wait()
        os.close(master)


def completed(terminal: Terminal, typed: str) -> list[str]:
    """Type this, press the tab key, and let the shell print the words that stand on the line then."""
    os.write(terminal.master, f"{typed}\t\x01printf '<%s>\\n' \x05 ; echo e''nd\n".encode())
    shown = terminal.until("\nend").replace("\r", "")
    words = re.findall("<([^<>\n]*)>$", shown, re.MULTILINE)
    assert words[:1] == ["thinkact"], shown
    return words[1:]


@pytest.mark.parametrize("shell", SHELLS)
def test_what_is_typed_is_completed_and_quoted_and_no_word_of_others_is_ever_run(place: Place, shell: str) -> None:
    first, second = newest(place.home / "runs")
    with at_a_prompt(place, shell) as terminal:
        assert completed(terminal, "thinkact run my") == ["run", "my goal.yaml"]
        assert completed(terminal, 'thinkact run "my g') == ["run", "my goal.yaml"]
        assert completed(terminal, "thinkact run 目标") == ["run", "目标 一.yaml"]
        assert completed(terminal, "thinkact run b:") == ["run", "b:c=d.yaml"]
        assert completed(terminal, "thinkact goal check it") == ["goal", "check", "it's.yaml"]
        assert completed(terminal, "thinkact run x --model=off") == ["run", "x", "--model=offline"]
        assert completed(terminal, "thinkact tools call read_file st") == ["tools", "call", "read_file", "start_line="]
        *_, folder = completed(terminal, "thinkact run x --workspace da")
        assert folder.rstrip("/") == "data folder"
        assert completed(terminal, f"thinkact runs show {second[:-1]}") == ["runs", "show", second]
        os.write(terminal.master, b"thinkact runs show \t\t")
        shown = terminal.until(second)
        assert shown.index("last") < shown.index(first) < shown.index(second)
        if shell != "bash":  # which shows values alone
            assert "reached · " in shown
    assert not list(place.folder.rglob("pwned"))


@pytest.mark.parametrize("shell", SHELLS)
def test_what_is_installed_for_good_teaches_the_next_shell(place: Place, shell: str) -> None:
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    home = place.folder / "user"
    home.mkdir()
    start = {"bash": home / ".bashrc", "zsh": home / ".zshrc"}.get(shell)
    own = "# 我的设置\nalias ll='ls -l'".encode("gb18030")
    if start is not None:
        start.write_bytes(own)
    path = os.pathsep.join([str(place.folder / "programs"), os.environ["PATH"]])
    environment = place.environment(PATH=path, HOME=str(home), XDG_CONFIG_HOME=str(home / ".config"))
    for _ in range(2):
        ended = subprocess.run(
            [shell, "-c", "thinkact --install-completion; true"],
            env=environment,
            cwd=place.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert f"tab completion for {shell} is in {home}" in ended.stdout, ended.stderr
    if start is not None:
        assert start.read_bytes().startswith(own + b"\n")
        assert start.read_bytes().count(b"\n") == 3
    asks = {
        "bash": "complete -p thinkact",
        "zsh": "print -r -- $_comps[thinkact]",
        "fish": "complete --do-complete 'thinkact doct' | string replace doctor _thinkact",
    }
    ended = subprocess.run(
        [shell, "-i", "-c", asks[shell]], env=environment, capture_output=True, text=True, check=False, input=""
    )
    assert "_thinkact" in ended.stdout, ended.stderr


def asked(place: Place, *words: str, **settings: Any) -> list[str]:
    """What thinkact answers to a shell; nothing else is ever said."""
    ended = place.thinkact("_complete", *words, **settings)
    assert (ended.returncode, ended.stderr) == (0, "")
    return ended.stdout.splitlines()


def test_a_broken_home_and_broken_settings_spoil_nobodys_line(place: Place) -> None:
    config = place.folder / "config" / "thinkact" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text("modle = [", "utf-8")
    (place.folder / ".env").write_bytes("# 设置\nTHINKACT_MODEL=某\n".encode("gb18030"))
    place.plugin("loud.py", "print('noise'); import os; os._exit(3)\n@tool\ndef shout(text: str) -> str: ...\n")
    (place.home / "memory").mkdir()
    (place.home / "memory" / "notes.db").write_bytes(b"garbage")
    for journal in (place.home / "runs").glob("*/journal.db"):
        journal.write_bytes(b"garbage" * 100)
    assert asked(place, "fish", "--", "tools", "call", "sho") == ["values", "shout"]
    assert asked(place, "fish", "--", "memory", "list", "--namespace", "") == ["values"]
    assert "unreadable" in asked(place, "fish", "--", "runs", "show", "2")[1]
    assert asked(place, "fish", "--", "run", "--mod") == [
        "values",
        "--model\tThe model's name; `offline` is the rule-based one.",
        "--mode\tHow to work on the goal.",
    ]
    home = str(place.folder / "docker-compose.yaml")
    assert asked(place, "zsh", "--", "resume", "", THINKACT_HOME=home) == ["values"]
    assert asked(place, "bash", "thinkact doc", "", THINKACT_HOME=home) == ["values", "doctor "]


@pytest.mark.parametrize("words", [(), ("bash",), ("tcsh", "--", "x"), ("fish", "--"), ("zsh", "--", "nope", "--", "")])
def test_a_question_that_makes_no_sense_gets_no_answer_and_no_complaint(place: Place, words: tuple[str, ...]) -> None:
    assert asked(place, *words)[1:] == []


def test_nothing_heavy_is_loaded_and_nothing_is_made_for_an_answer(tmp_path: Path) -> None:
    code = (
        "import sys\nsys.argv = ['thinkact', '_complete', 'fish', '--', *sys.argv[1:]]\n"
        "from agent.__main__ import main\n"
        "try:\n    main()\nexcept SystemExit as end:\n    assert not end.code\n"
        "heavy = {'chromadb', 'openai', 'jsonschema', 'numpy', 'lxml', 'plugins.files'}\n"
        "print('HEAVY', sorted(heavy & set(sys.modules)))\n"
    )
    place = Place(tmp_path)
    for words in (("tools", "call", ""), ("runs", "show", ""), ("run", "--model", ""), ("memory", "forget", "")):
        ended = subprocess.run(
            [sys.executable, "-c", code, *words],
            env=place.environment(PYTHONPATH=str(ROOT)),
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ended.stdout.splitlines()[-1] == "HEAVY []", ended.stdout + ended.stderr
    assert list(tmp_path.iterdir()) == []
