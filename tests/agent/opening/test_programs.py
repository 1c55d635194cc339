"""What an agent writes into a folder of the PATH is never started with the user's rights."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest

from agent.cli.doctor.confinement import look_at_confinement
from agent.cli.doctor.finding import Around
from agent.cli.doctor.servers import look_at_servers
from agent.goal import Goal
from agent.opening.levels import find_levels
from agent.opening.mcp_around import surroundings
from agent.opening.mcp_servers import Named, named_servers
from agent.opening.mcp_trust import read_trust
from agent.opening.mcp_words import entry_lines
from agent.opening.parts import open_workspace
from agent.opening.sandbox import open_sandbox
from agent.settings import Settings
from plugins import McpListing, NoConfinement, Programs, ToolError, Web, found_program, look_at_server
from tests.mcp_place import RAW, write_plan
from tests.plugins.confined import any_level

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the programs are scripts of the shell")
LISTING = McpListing(server="raw 1")


@dataclass(frozen=True)
class House:
    """A workspace whose `bin` leads the PATH, a folder of the user's own behind it, and what shows that bait ran."""

    folder: Path

    @property
    def desk(self) -> Path:
        return self.folder / "桌面"

    @property
    def start(self) -> Path:
        return self.folder / "start"

    @property
    def ran(self) -> bool:
        return (self.folder / "ran").exists()

    def bait(self, *names: str, folder: Path | None = None) -> None:
        for name in names:
            self.program((folder or self.desk / "bin") / name, f"touch {self.folder / 'ran'}; exit 1")

    def program(self, file: Path, script: str) -> Path:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.unlink(missing_ok=True)
        file.write_text(f"#!/bin/sh\n{script}\n")
        file.chmod(0o755)
        return file

    def settings(self, path: str = "", **environ: str) -> Settings:
        stated = path or f"{self.desk / 'bin'}:{self.folder / 'own'}:/usr/bin:/bin"
        config = self.folder / "config" / "config.toml"
        return Settings.load(
            cwd=self.start, environ={"PATH": stated, **environ}, config=config, home=self.folder / "home"
        )

    def server(self, **entry: Any) -> Named:
        (self.start / ".mcp.json").write_text(json.dumps({"mcpServers": {"s": entry}}), "utf-8")
        ((found,), _) = named_servers(self.settings(), self.start, workspace=self.desk)
        return found


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> House:
    made = House(Path(os.path.realpath(tmp_path)))
    (made.desk / "bin").mkdir(parents=True)
    made.start.mkdir()
    (made.folder / "elsewhere").mkdir()
    monkeypatch.setenv("PATH", f"{made.desk / 'bin'}:{os.environ['PATH']}")
    return made


def suppressing(start: Callable[[], object]) -> None:
    """Something is started, or refused: a machine need not have what confines it."""
    with suppress(ToolError, NoConfinement):
        start()


@pytest.mark.parametrize("way", ["bwrap", "docker", "podman", "sandbox-exec", "auto"])
def test_no_program_of_the_workspace_confines(house: House, way: str) -> None:
    house.bait("bwrap", "docker", "podman", "sandbox-exec")
    settings = house.settings(THINKACT_SANDBOX=way, THINKACT_SANDBOX_IMAGE="example/image:1")
    elsewhere = house.folder / "elsewhere"
    with open_sandbox(Goal(goals=("x",)), settings, house.desk, cwd=elsewhere) as sandbox:
        suppressing(lambda: sandbox.run("true"))
    for level in (
        find_levels(settings, house.desk),  # as doctor does
        surroundings(settings, elsewhere, goal=None, workspace=house.desk).level,
    ):
        suppressing(level)
    findings = [*look_at_confinement(Around(cwd=house.desk, settings=settings, wait=0.1))]
    assert len(findings) == 1
    assert not house.ran


def test_no_program_of_a_folder_that_a_server_writes_confines(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    given = house.folder / "elsewhere"
    house.bait("bwrap", folder=given)
    entry = {"command": "x", "folders": [str(given)]}
    (house.start / ".mcp.json").write_text(json.dumps({"mcpServers": {"s": entry}}), "utf-8")
    monkeypatch.setenv("PATH", f"{given}:{os.environ['PATH']}")
    settings = house.settings(THINKACT_SANDBOX="bwrap")
    with open_sandbox(Goal(goals=("x",)), settings, house.desk, cwd=house.start) as sandbox:
        suppressing(lambda: sandbox.run("true"))
    assert not house.ran


def test_a_server_that_is_not_confined_is_no_program_of_the_workspace(house: House) -> None:
    started = f'exec {sys.executable} "$@"'
    house.program(house.folder / "own" / "蛇", started)
    plan = write_plan(house.folder / "plan.json", "echo")
    script = house.folder / "own" / "serve"
    script.write_text("#!/usr/bin/env 蛇\n" + Path(RAW).read_text("utf-8"), "utf-8")
    script.chmod(0o755)
    entries: list[dict[str, Any]] = [
        {"command": "蛇", "args": [RAW, str(plan)]},
        {"command": "serve", "args": [str(plan)]},
    ]
    for entry in entries:
        first = house.server(**entry, confined=False)
        read_trust(house.settings()).give(first.entry, LISTING)
        house.bait("蛇", "serve")
        named = house.server(**entry, confined=False)
        assert named.state == "trusted"
        assert named.entry.server is not None
        around = surroundings(house.settings(), house.start, goal=None, workspace=house.desk)
        listing = look_at_server(named.entry.server, Web(), around=around, log=house.folder / "log")
        assert [one.name for one in listing.tools] == ["echo"]
        assert not house.ran
        assert any("passed over: " in line for line in entry_lines(named.entry, named.entry.server))
        ((elsewhere,), _) = named_servers(house.settings(), house.start)  # where that folder is nobody's workspace
        assert "starts another program" in elsewhere.why_off


def test_the_trust_in_a_server_that_is_not_confined_holds_for_the_very_program(house: House) -> None:
    own = house.program(house.folder / "own" / "蛇", "exit 1")
    named = house.server(command="蛇", confined=False)
    read_trust(house.settings()).give(named.entry, LISTING)
    assert house.server(command="蛇", confined=False).state == "trusted"
    server = house.server(command="蛇", confined=False).entry.server
    assert server is not None
    assert f"its program is {own}" in "".join(entry_lines(named.entry, server))
    other = house.program(house.folder / "elsewhere" / "蛇", "exit 1")
    own.unlink()
    own.symlink_to(other)
    with pytest.raises(ToolError, match="is another file now"):
        found_program(server)
    moved = house.server(command="蛇", confined=False)
    assert moved.state == "redefined"
    assert moved.why_off == f"starts another program than the one that was trusted: {other}, and no more {own}"
    assert house.server(command="蛇").why_off == "is another than the one that was trusted"


def test_a_trust_that_was_given_before_the_program_was_kept_is_asked_anew(house: House) -> None:
    house.program(house.folder / "own" / "蛇", "exit 1")
    named = house.server(command="蛇", confined=False)
    read_trust(house.settings()).give(replace(named.entry, definition=named.entry.stated, stated=""), LISTING)
    old = house.server(command="蛇", confined=False)
    assert (old.state, old.why_off) == ("redefined", "was trusted before it was kept which program it starts")
    (told,) = look_at_servers(Around(cwd=house.start, settings=house.settings()))
    assert "was trusted before it was kept which program it starts, so it is not started" in told.what
    assert told.mend is not None
    read_trust(house.settings()).give(old.entry, LISTING)
    assert house.server(command="蛇", confined=False).state == "trusted"
    assert read_trust(house.settings()).take(old.entry)
    assert house.server(command="蛇", confined=False).state == "new"


def test_a_program_that_the_entry_names_by_its_path_may_lie_in_the_workspace_and_is_guarded(house: House) -> None:
    own = house.program(house.desk / "bin" / "服务", "exit 1")
    named = house.server(command=str(own), confined=False)
    assert named.entry.server is not None
    assert found_program(named.entry.server) == [str(own)]
    desk = open_workspace(Goal(goals=("x",)), house.desk, house.settings(), cwd=house.start, tell=print)
    with desk as files, pytest.raises(ToolError, match="is protected"):
        files.write("bin/服务", b"2")
    by_name = house.server(command="服务", confined=False).entry.server
    assert by_name is not None
    with pytest.raises(ToolError, match=r"there is no program .服务.; .服务. lies in the workspace"):
        found_program(by_name)


def test_a_run_writes_nothing_into_the_environment_of_thinkact(house: House) -> None:
    own = Path(os.path.realpath(sys.prefix))
    desk = open_workspace(Goal(goals=("x",)), own.parent, house.settings(), cwd=house.start, tell=print)
    with desk as files, pytest.raises(ToolError, match="is protected"):
        files.write(f"{own.name}/bin/bwrap", b"2")


def test_the_user_is_told_what_a_container_lacks(house: House) -> None:
    any_level()
    said = "echo 'Cannot connect to the Docker daemon' >&2; exit 1"
    for script, image, way_out in (
        (None, "example/image:1", "install docker"),
        (said, "example/image:1", "start docker, or see that it answers: docker info"),
        ("echo 'No such image' >&2; exit 1", "example/image:1", "fetch it (docker pull example/image:1)"),
        (said, "", "name an image that is here"),
    ):
        place = house.folder / f"with-{abs(hash(way_out))}"
        place.mkdir()
        if script is not None:
            house.program(place / "docker", script)
        named = {"THINKACT_SANDBOX_IMAGE": image} if image else {}
        settings = house.settings(THINKACT_SANDBOX="docker", **named)
        programs = Programs(first=(), path=str(place))
        (found,) = look_at_confinement(Around(cwd=house.start, settings=settings), programs)
        assert f"You can {way_out}" in found.what
        assert found.what.count("You can") == 1
        with pytest.raises(NoConfinement) as raised:
            find_levels(settings, house.start, programs=programs)()
        assert f"the user can {way_out}" in raised.value.hint
