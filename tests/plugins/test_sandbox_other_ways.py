"""Confined by sandbox-exec, docker or podman: programs of these names stand in for them (see `pretending`)."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agent.cli.doctor.confinement import look_at_confinement
from agent.cli.doctor.finding import Around
from agent.settings import Settings
from plugins import ConfinedProcesses, McpServer, McpSurroundings, NoConfinement, Programs, SandboxLevels, ToolError
from plugins._sandbox import Level
from tests.plugins.confined import ENVIRONMENT, needed
from tests.plugins.escaping import Desk
from tests.plugins.pretending import IMAGE, calls, lay_out

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="bubblewrap confines for those that are stood in for")
ROOT = Path(__file__).parent.parent.parent
WAYS = ("sandbox-exec", "docker")
ON_PATH = Programs(first=())
"""Those of the PATH, before what the system may have of the same names."""


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    needed("bwrap")
    (tmp_path / "桌 面").mkdir()
    return tmp_path / "桌 面"


def pretend(monkeypatch: pytest.MonkeyPatch, folder: Path, way: str, holds: str = "holds") -> Path:
    place = lay_out(folder, way, holds)
    monkeypatch.setenv("PATH", f"{place}:{os.environ['PATH']}")
    return place


def levels(way: Any, image: str = IMAGE) -> SandboxLevels:
    return SandboxLevels(way, image=image, programs=ON_PATH)


def sleeping(seconds: str) -> bool:
    found = (one.read_bytes() for one in Path("/proc").glob("[0-9]*/cmdline") if os.access(one, os.R_OK))
    try:
        return f"sleep\0{seconds}\0".encode() in set(found)
    except OSError:  # it ended at this moment
        return True


@pytest.mark.parametrize(
    ("way", "holds", "why"),
    [
        ("sandbox-exec", "open", "it showed a file that it should hide"),
        ("sandbox-exec", "half", "programs get out of it: connect to a port"),
        ("docker", "open", "it showed a file that it should hide"),
        ("docker", "half", "programs get out of it: connect to a port"),
        ("sandbox-exec", "says", "what it printed does not answer what was asked"),
        ("docker", "says", "what it printed does not answer what was asked"),
    ],
)
def test_what_lets_programs_out_runs_none(
    way: str, holds: str, why: str, desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pretend(monkeypatch, tmp_path, way, holds)
    with ConfinedProcesses(desk, level=levels(way), environment=ENVIRONMENT) as sandbox:
        found = Desk(desk, sandbox).call("run_shell", command="echo x > ran")
    assert not found.ok
    assert found.error is not None
    assert found.error.kind == "no-sandbox"
    assert why in found.error.message
    assert list(desk.iterdir()) == []


@pytest.mark.parametrize("way", WAYS)
def test_what_holds_on_this_machine_runs_the_tools(
    way: str, desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = pretend(monkeypatch, tmp_path, way)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-of-ours")
    (desk / ".env").write_text("KEY=sk-hidden\n")
    (desk / "目标.yaml").write_text("goal: x\n")
    found = levels(way)
    with ConfinedProcesses(desk, level=found, protected=[desk / "目标.yaml"], environment=ENVIRONMENT) as sandbox:
        tools = Desk(desk, sandbox)
        said = tools.call(
            "run_shell", command="pwd; cat .env; echo y > 目标.yaml; env; cat; echo 值 > 笔记.txt; exit 3"
        )
        assert said.value == {"code": 3, "stopped": None}
        assert os.path.realpath(desk) in said.text.splitlines()
        assert "sk-" not in said.text
        assert (desk / "目标.yaml").read_text() == "goal: x\n"
        assert (desk / "笔记.txt").read_text("utf-8") == "值\n"
        began = time.monotonic()
        stopped = tools.call("run_shell", command="echo 始; setsid sleep 5433 & sleep 5433", timeout=1)
        assert stopped.value == {"code": 137, "stopped": "time"}
        assert "始" in stopped.text
        assert time.monotonic() - began < 20
        assert not sleeping("5433")
        assert tools.call("run_python", code="x = 41; print('说')").text.endswith("说")
        assert tools.call("run_python", code="x + 1").value == 42
        assert sandbox.run(["/bin/bash", "-c", "echo $0 $1", "一 二", "$3"]).output == "一 二 $3\n"
    assert sorted(one.name for one in desk.iterdir()) == [".env", "目标.yaml", "笔记.txt"]
    assert found.proof
    assert "sk-" not in str(calls(place))


def test_a_container_ends_with_the_engine(desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = pretend(monkeypatch, tmp_path, "docker")
    program = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "from pathlib import Path\n"
        "from plugins import ConfinedProcesses\n"
        "from plugins._sandbox import Level\n"
        "level = Level('docker', sys.argv[4], image=sys.argv[3])\n"
        "sandbox = ConfinedProcesses(Path(sys.argv[2]), level=lambda: level)\n"
        "sandbox.run('touch begun; sleep 5434', timeout=300)\n"
    )
    engine = subprocess.Popen([sys.executable, "-c", program, str(ROOT), str(desk), IMAGE, str(place / "docker")])
    try:
        assert eventually((desk / "begun").exists)
    finally:
        engine.send_signal(signal.SIGKILL)
        engine.wait()
    assert eventually(lambda: not sleeping("5434"))
    assert eventually(lambda: not (desk / ".git").exists())
    (name,) = [words[words.index("--name") + 1] for words in calls(place) if words[0] == "run"]
    assert ["kill", name] in calls(place)


def eventually(holds: Callable[[], bool], seconds: float = 15.0) -> bool:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if holds():
            return True
        time.sleep(0.05)
    return False


def test_no_image_is_fetched(desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    place = pretend(monkeypatch, tmp_path, "docker")
    with ConfinedProcesses(desk, level=levels("docker", "example/other"), environment=ENVIRONMENT) as sandbox:
        with pytest.raises(ToolError, match="example/other is not here, and none is fetched unasked") as raised:
            sandbox.run("true")
        assert "THINKACT_SANDBOX_IMAGE" in str(raised.value.hint)
    assert [words[:2] for words in calls(place)] == [["image", "inspect"]]
    unnamed = ConfinedProcesses(desk, level=levels("docker", ""), environment=ENVIRONMENT)
    with unnamed, pytest.raises(ToolError, match="no image is named"):
        unnamed.run("true")


def test_without_an_image_no_container_is_asked_for(
    desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = pretend(monkeypatch, tmp_path, "docker")
    assert SandboxLevels("auto")().way == "bwrap"
    monkeypatch.setenv("PATH", str(place))  # where no bubblewrap is
    with pytest.raises(NoConfinement, match="bwrap: it is not installed"):
        SandboxLevels("bwrap", programs=ON_PATH)()
    assert calls(place) == []
    assert list(desk.iterdir()) == []


def test_the_doctor_names_the_level(desk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pretend(monkeypatch, tmp_path, "docker")
    environ = {"THINKACT_SANDBOX": "docker", "THINKACT_SANDBOX_IMAGE": IMAGE}
    settings = Settings.load(cwd=desk, environ=environ, config=tmp_path / "none.toml")
    (found,) = look_at_confinement(Around(cwd=desk, settings=settings), ON_PATH)
    assert found.state == "ok"
    assert re.search(rf"confined by docker with the image {IMAGE}: \d\d ways out were tried", found.what)


def test_a_server_is_not_started_in_a_container(tmp_path: Path) -> None:
    around = McpSurroundings(workspace=tmp_path, level=lambda: Level("docker", image=IMAGE))
    with pytest.raises(ToolError, match="has the programs of its image") as raised:
        around.confine(McpServer(name="x", command=sys.executable), sys.executable)
    assert raised.value.kind == "no-sandbox"
