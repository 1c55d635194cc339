"""`run_shell`: what the model is told of a command, and that nothing runs unconfined."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from plugins import ConfinedProcesses, SandboxLevels
from tests.plugins.confined import confined
from tests.plugins.escaping import Desk

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="confinement is Linux's")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with confined(tmp_path / "desk") as sandbox:
        yield Desk(tmp_path / "desk", sandbox)


def test_a_commands_output_is_told(desk: Desk) -> None:
    found = desk.call("run_shell", command="echo 你好; echo more >&2")
    assert (found.ok, found.text, found.value) == (True, "你好\nmore\n", {"code": 0, "stopped": None})
    assert desk.call("run_shell", command="true").text == "(it said nothing)"


def test_a_failed_command_is_told_with_its_code_and_output(desk: Desk) -> None:
    found = desk.call("run_shell", command="echo why; exit 7")
    assert not found.ok
    assert found.text == "it ended with exit code 7\nwhy\n"
    assert found.error is not None
    assert found.error.kind == "exit"


def test_one_that_takes_too_long_is_told_with_what_it_said(desk: Desk) -> None:
    found = desk.call("run_shell", command="echo begun; sleep 60", timeout=1)
    assert found.text == "it was stopped after 1 seconds\nbegun\n"
    assert found.value == {"code": 137, "stopped": "time"}


def test_several_lines_are_one_script(desk: Desk) -> None:
    found = desk.call("run_shell", command="x=1\nif [ $x = 1 ]; then\n  echo yes\nfi")
    assert found.text == "yes\n"


def test_what_it_says_is_shown_while_it_runs(desk: Desk) -> None:
    desk.call("run_shell", command="echo one; sleep 0.5; echo two")
    assert desk.shown[0] == "one"


def test_an_empty_command_and_one_with_a_nul_are_refused(desk: Desk) -> None:
    assert desk.call("run_shell", command=" ").text.startswith("command is empty")
    assert "NUL" in desk.call("run_shell", command="a\0b").text


@pytest.mark.parametrize("tool", ["run_shell", "run_python"])
def test_without_a_confinement_it_refuses(tool: str, tmp_path: Path) -> None:
    argument = {"run_shell": "command", "run_python": "code"}[tool]
    root = tmp_path / "desk"
    root.mkdir()
    with ConfinedProcesses(root, level=SandboxLevels("off")) as sandbox:
        found = Desk(root, sandbox).call(tool, **{argument: "touch = open('ran', 'w')"})
    assert not found.ok
    assert "turned off (THINKACT_SANDBOX=off)" in found.text
    assert found.error is not None
    assert found.error.kind == "no-sandbox"
    none = Desk(root, None).call(tool, **{argument: "touch ran"})
    assert none.text.startswith("no programs are run here")
    assert list(root.iterdir()) == []


@pytest.mark.parametrize("timeout", [0, -5, 601, 99999])
def test_a_time_that_nothing_can_have_is_refused_with_the_range(desk: Desk, timeout: int) -> None:
    found = desk.call("run_shell", command="true", timeout=timeout)
    assert found.text.startswith(f"timeout is {timeout}: it must be from 1 to 600 seconds")
