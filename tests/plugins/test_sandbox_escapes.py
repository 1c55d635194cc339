"""Nobody gets out: by over ninety ways, from either tool, as root and as an ordinary user, by each confinement."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from plugins._sandbox._escaping import program
from plugins._sandbox._proof import QUICK, prove
from tests.plugins.confined import any_level, needed, plain_python
from tests.plugins.escaping import LEVELS

SCRIPT = Path(__file__).with_name("escaping.py")
LEAST = 90


def as_user(user: str) -> list[str]:
    """The words that start the script as this user."""
    if user == "this user":
        return [sys.executable]
    python = plain_python()
    if os.geteuid() != 0 or shutil.which("setpriv") is None:
        pytest.skip("only root can become an ordinary user")
    if python is None:
        pytest.skip("there is no Python that an ordinary user may start")
    tried = subprocess.run([python, "-c", "import sys; sys.exit(sys.version_info < (3, 11))"], check=False)
    if tried.returncode:
        pytest.skip(f"{python} is older than 3.11")
    words = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", python, "-B"]
    if subprocess.run([*words, "-c", f"open({str(SCRIPT)!r})"], check=False, capture_output=True).returncode:
        pytest.skip("an ordinary user may not read where these tests lie")
    return words


def tried_by(user: str, level: str, tool: str) -> Mapping[str, Any]:
    ended = subprocess.run(
        [*as_user(user), str(SCRIPT), level, tool],
        env={
            "PATH": "/usr/bin:/bin",
            "HOME": "/tmp" if user != "this user" else str(Path.home()),
            "OPENAI_API_KEY": "k",
        },
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert ended.stdout, ended.stderr[-2000:]
    found: Mapping[str, Any] = json.loads(ended.stdout.splitlines()[-1])
    return found


@pytest.mark.skipif(sys.platform != "linux", reason="confinement is Linux's")
@pytest.mark.parametrize("tool", ["run_shell", "run_python"])
@pytest.mark.parametrize("user", ["this user", "an ordinary user"])
@pytest.mark.parametrize("level", list(LEVELS))
def test_nobody_gets_out(level: str, user: str, tool: str) -> None:
    needed(level)
    found = tried_by(user, level, tool)
    if user != "this user":
        assert found["user"] == 65534
    tried = found["tried"]
    assert len([name for name in tried if not name.startswith("witness")]) >= LEAST
    assert {name: got for name, (got, _) in tried.items() if got} == {}
    hung = [name for name, (_, how) in tried.items() if how in ("it hung", "it was not tried") or "NameError" in how]
    assert hung == []


HARMLESS = (
    *("read_a_file_outside", "read_a_file_outside_by_a_link", "write_a_file_outside", "read_the_users_of_the_system"),
    *("write_a_hook_of_git", "write_a_protected_file", "make_a_protected_file_that_is_absent", "read_a_hidden_file"),
    *("read_the_env_file", "connect_to_a_port", "send_a_datagram", "connect_to_an_abstract_socket"),
    *("connect_to_a_socket_in_the_workspace", "find_a_secret_in_the_environment_of_any_process"),
    *("find_a_secret_in_the_arguments_of_any_process", "make_a_file_that_runs_as_its_owner", "make_shared_memory"),
)


@pytest.mark.skipif(sys.platform != "linux", reason="confinement is Linux's")
def test_the_same_attempts_get_out_where_nothing_confines_them(tmp_path: Path) -> None:
    from plugins._sandbox._proof import _witnesses

    place = tmp_path / "proof"
    with _witnesses(place) as (root, told):
        (root / "orders.json").write_text(json.dumps({**told, "only": HARMLESS, "seconds": 60, "nonce": ""}))
        ended = subprocess.run(
            [sys.executable, "-I", "-c", program(), "orders.json"],
            cwd=root,
            capture_output=True,
            text=True,
            check=False,
        )
        found = {one["name"]: one["got"] for one in map(json.loads, ended.stdout.splitlines())}
    assert [name for name in HARMLESS if not found.get(name)] == []


def test_doctor_tries_at_least_a_dozen_ways() -> None:
    source = program()
    assert len(QUICK) >= 12
    assert [name for name in QUICK if f"def {name}()" not in source] == []


@pytest.mark.skipif(sys.platform != "linux", reason="confinement is Linux's")
def test_what_there_was_no_time_to_try_is_told_as_not_tried() -> None:
    found = prove(any_level(), quick=True, seconds=0.0)
    assert {one.name for one in found if not one.tried} == set(QUICK[1:])
    assert [one.name for one in prove(any_level(), quick=True) if not one.tried] == []
