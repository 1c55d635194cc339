"""What docker and podman are told: their command line, and what goes with it."""

from __future__ import annotations

import csv
import os
import sys
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from plugins._sandbox import Limits
from plugins._sandbox._container_filter import container_filter
from plugins._sandbox._containers import Container, client_environment, temporary_folder
from plugins._sandbox._desk import Desk
from plugins._sandbox._filter import DENIED, MISSING

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="containers are not used on Windows")


def told(root: Path, scratch: Path, *, way: str = "docker", talks: bool = False, **environment: str) -> dict[str, Any]:
    desk = Desk(root=str(root), hidden=[root / "隐"])
    container = Container(way, f"/usr/bin/{way}", "python:3.13", scratch=str(scratch))
    try:
        return container.orders(
            [sys.executable, "-c", "1"],
            desk=desk,
            guarded=desk.guarded(),
            folder=str(root),
            environment=environment,
            limits=Limits(memory=1 << 30, processes=99),
            seconds=5.0,
            talks=talks,
        )
    finally:
        desk.clear()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    place = Path(os.path.realpath(tmp_path)) / '桌, "面":1'
    (place / "隐").mkdir(parents=True)
    return place


def test_it_is_closed_to_all_but_the_workspace(root: Path, tmp_path: Path) -> None:
    words = told(root, tmp_path)["wrapper"]
    line = " ".join(words)
    assert words[:2] == ["/usr/bin/docker", "run"]
    for wanted in (
        *("--rm", "--init", "--read-only", "--network none", "--cap-drop ALL", "--pull never"),
        *("--security-opt no-new-privileges", f"--user {os.getuid()}:{os.getgid()}", "--pids-limit 99"),
        *(
            f"--memory {1 << 30}",
            f"--memory-swap {1 << 30}",
            f"--workdir {root}",
            "--name thinkact-",
            "--ulimit core=0:0",
        ),
    ):
        assert wanted in line
    assert "--interactive" not in words
    mounts = [next(csv.reader([after])) for word, after in pairwise(words) if word == "--mount"]
    assert mounts == [
        ["type=bind", f"source={root}", f"target={root}"],
        ["type=bind", f"source={root}/.git", f"target={root}/.git", "readonly"],
        ["type=bind", f"source={tmp_path}/empty", f"target={root}/隐", "readonly"],
    ]


def test_its_python_is_the_images_and_questions_come_by_its_own_descriptors(root: Path, tmp_path: Path) -> None:
    found = told(root, tmp_path, talks=True)
    assert found["words"] == ["python3", "-c", "1"]
    assert "--interactive" in found["wrapper"]
    assert found["wrapper"][-3:-1][1].startswith("exec 3<&0 4>&1 </dev/null >&2; ")


def test_no_variable_stands_on_the_command_line(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-ours")
    monkeypatch.setenv("DOCKER_HOST", "unix:///run/mine")
    found = told(root, tmp_path, KEY="值 #s")
    assert "值 #s" not in " ".join(found["wrapper"])
    assert "KEY=值 #s\n".encode() in [content for _, content in found["files"]]
    assert found["environment"] == client_environment()
    assert client_environment()["DOCKER_HOST"] == "unix:///run/mine"
    assert "OPENAI_API_KEY" not in client_environment()
    with pytest.raises(ValueError, match="KEY: it has a line break"):
        told(root, tmp_path, KEY="a\nLD_PRELOAD=b")


def test_its_temporary_folder_is_not_where_the_workspace_lies() -> None:
    assert temporary_folder("/tmp/desk") == "/var/tmp"
    assert temporary_folder("/tmpdesk") == "/tmp"


def test_its_filter_closes_what_dockers_own_closes_without_capabilities() -> None:
    closed = {name for rule in container_filter()["syscalls"] if not rule["args"] for name in rule["names"]}
    policies = {"mbind", "set_mempolicy", "get_mempolicy", "set_mempolicy_home_node", "migrate_pages", "move_pages"}
    assert closed >= {*policies, "sysfs", "ustat", "lookup_dcookie", "_sysctl", "uselib", "nfsservctl", "vhangup"}


def test_its_filter_closes_what_the_others_close() -> None:
    rules = container_filter()["syscalls"]
    closed = {name for rule in rules if not rule["args"] for name in rule["names"]}
    assert closed >= {*DENIED, *MISSING, "socket"}
    judged = {name for rule in rules if rule["args"] for name in rule["names"]}
    assert judged >= {"clone", "chmod", "fchmodat", "openat", "ioctl", "prlimit64", "setpriority", "mknodat"}
