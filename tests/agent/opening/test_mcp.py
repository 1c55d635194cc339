"""The servers that are named where a run is started, and the trust in them."""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent.errors import SettingsError
from agent.goal import Goal
from agent.goal.file import read_goal
from agent.opening.mcp import Entry, find_entries, user_file
from agent.opening.mcp_servers import named_servers, open_servers
from agent.opening.mcp_trust import read_trust
from agent.opening.mcp_words import entry_lines
from agent.opening.parts import open_workspace
from agent.settings import Settings
from plugins import McpListing, McpServers, McpTool, ToolError
from tests.mcp_place import entry, write_plan

LISTING = McpListing(tools=(McpTool(name="echo", description="看", schema={"type": "object"}),), server="raw 1")


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    environ = {"PATH": "/usr/bin", "TOKEN": "hush-hush", "OPENAI_API_KEY": "sk-ours"}
    config = tmp_path / "config" / "config.toml"
    config.parent.mkdir()
    return Settings.load(cwd=tmp_path, environ=environ, config=config, home=tmp_path / "home")


@pytest.fixture
def named(tmp_path: Path, settings: Settings) -> Callable[..., dict[str, Entry]]:
    """The servers that an `.mcp.json` of these entries names."""

    def name(servers: Any) -> dict[str, Entry]:
        (tmp_path / ".mcp.json").write_text(json.dumps({"mcpServers": servers}), "utf-8")
        return {one.name: one for one in find_entries(settings, tmp_path)}

    return name


@pytest.mark.parametrize("confined", [False, True])
def test_the_program_of_a_server_that_is_not_confined_is_never_written(
    tmp_path: Path, settings: Settings, *, confined: bool
) -> None:
    desk = tmp_path / "desk"
    desk.mkdir()
    for name in ("服务.py", "notes.txt", "start", "beside.py"):
        (desk / name).write_text("1", "utf-8")
    (desk / "start").chmod(0o755)
    entries: dict[str, dict[str, Any]] = {
        "python": {"command": sys.executable, "args": ["-I", "desk/服务.py", f"--file={desk / 'notes.txt'}"]},
        "own": {"command": "./desk/start"},
    }
    stated = {name: {**one, "confined": confined} for name, one in entries.items()}
    (tmp_path / ".mcp.json").write_text(json.dumps({"mcpServers": stated}), "utf-8")
    goal = Goal(goals=("look",))
    with open_workspace(goal, desk, settings, cwd=tmp_path, tell=print) as files:
        files.write("beside.py", b"2")
        for name in ("服务.py", "notes.txt", "start"):
            if confined:
                files.write(name, b"2")
                continue
            with pytest.raises(ToolError, match="is protected"):
                files.write(name, b"2")
    assert {one.read_text("utf-8") for one in desk.iterdir()} == ({"2"} if confined else {"1", "2"})


def test_an_entry_is_read_with_what_it_names_of_the_environment(
    named: Callable[..., dict[str, Entry]], tmp_path: Path
) -> None:
    stated = {
        "command": "uvx",
        "args": ["a b", "${TOKEN}"],
        "env": {"KEY": "${TOKEN}", "X": "${NONE:-1}"},
        "cwd": "sub",
    }
    found = named({"时间": {**stated, "timeout": "90s", "alwaysAllow": []}})["时间"]
    assert found.server is not None
    assert found.server.args == ("a b", "hush-hush")
    assert {**found.server.given, **found.server.env} == {"PATH": "/usr/bin", "KEY": "hush-hush", "X": "1"}
    assert found.server.folder == tmp_path / "sub"
    assert found.server.timeout == 90.0
    assert "hush-hush" in found.server.hidden
    assert found.asks == ("TOKEN", "NONE")
    assert found.handed == ("KEY=${TOKEN}", "X=${NONE:-1}")
    assert found.shown == 'uvx "a b" ${TOKEN}'
    assert "hush-hush" not in repr(found)


def test_what_is_trusted_is_all_that_decides_what_is_started(named: Callable[..., dict[str, Entry]]) -> None:
    base = {"command": "uvx", "args": ["a"], "env": {"A": "1"}}
    changes: list[dict[str, Any]] = [{"command": "npx"}, {"args": ["b"]}, {"env": {"A": "2"}}, {"cwd": "x"}]
    changes += [{"network": True}, {"folders": ["."]}, {"confined": False}, {"args": ["."]}]
    seen = {named({"s": {**base, **change}})["s"].definition for change in ({}, *changes)}
    assert len(seen) == 9
    assert named({"s": {**base, "timeout": 5, "description": "x"}})["s"].definition in seen
    assert named({"t": base})["t"].definition not in seen
    url = {"url": "https://a.example/mcp"}
    assert named({"s": url})["s"].definition != named({"s": {**url, "headers": {"A": "b"}}})["s"].definition


def test_before_the_trust_a_person_reads_what_the_program_may_do(
    named: Callable[..., dict[str, Entry]], tmp_path: Path
) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "docs")
    told: list[list[str]] = []
    for more in ({}, {"network": True, "folders": ["docs"]}, {"confined": False}, {"args": [str(Path.home())]}):
        entry = named({"s": {"command": "npx", "args": ["x", "--at=link"], **more}})["s"]
        assert entry.server is not None
        told.append([*entry_lines(entry, entry.server)][2:])
    assert told[0] == [
        f"  confined: it reads programs, the workspace, {tmp_path}/link (it is {tmp_path}/docs)",
        "  writes: a folder of its own",
        "  network: none",
    ]
    assert told[1][1:] == [
        f"  writes: a folder of its own, {tmp_path}/docs",
        "  network: all of it, and what listens on this machine",
    ]
    assert told[2][0].startswith("  NOT CONFINED, as its entry says: with your rights")
    assert told[3][-1].startswith(f"  not seen, though its arguments name it: {Path.home()} (")


@pytest.mark.parametrize(
    ("stated", "why"),
    [
        ({}, "needs a command, or a url"),
        ({"command": "a", "url": "https://b"}, "names both command and url"),
        ("uvx", "must be an object"),
        ({"command": 1}, "command must be a text"),
        ({"command": "a", "args": "b"}, "args must be a list of texts"),
        ({"command": "a", "env": {"A-B": "1"}}, "must be a variable's name"),
        ({"command": "a", "env": {"A": 1}}, "env must be an object of texts"),
        ({"command": "a", "env": {"A": "${MISSING}"}}, "${MISSING} is not set in the environment"),
        ({"command": "a", "timeout": 0}, "timeout must be seconds"),
        ({"command": "a", "timeout": 60_000}, "timeout must be seconds"),
        ({"command": "a", "timeout": "soon"}, "timeout must be seconds"),
        ({"command": "a", "network": "yes"}, "network must be true or false"),
        ({"command": "a", "confined": 0}, "confined must be true or false"),
        ({"command": "a", "folders": "b"}, "folders must be a list of paths"),
        ({"command": "a", "folders": ["absent"]}, "absent is no folder that is there"),
        ({"url": "https://a", "network": True}, "network goes with a command, not with a url"),
        ({"url": "ftp://a"}, "url must be an address that begins with http:// or https://"),
        ({"url": "https://"}, "url must be an address that begins with http:// or https://"),
        ({"url": "http://[a"}, "url must be an address that begins with http:// or https://"),
        ({"url": "https://a", "type": "sse"}, "older form (sse) is not spoken"),
        ({"url": "https://a", "type": "pigeon"}, "no type that is known"),
    ],
)
def test_a_broken_entry_says_what_is_wrong_and_the_others_are_read(
    named: Callable[..., dict[str, Entry]], stated: Any, why: str
) -> None:
    found = named({"bad": stated, "good": {"command": "a"}})
    assert found["bad"].fault is not None
    assert found["bad"].fault.startswith(".mcp.json: bad: ")
    assert why in found["bad"].fault
    assert found["bad"].server is None
    assert found["good"].server is not None


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"{", ".mcp.json: line 1, column 2: "),
        (b"[]", 'it needs an object "mcpServers"'),
        (b'{"mcpServers": []}', 'it needs an object "mcpServers"'),
        (b"\xff\xfe", "not written in UTF-8"),
        (b" " * 300_000, "more than 256000 bytes"),
        (b'{"mcpServers": ' + b'{"a":' * 40_000, "nested too deeply"),
    ],
)
def test_a_broken_file_is_one_entry_with_a_fault(tmp_path: Path, settings: Settings, content: bytes, why: str) -> None:
    (tmp_path / ".mcp.json").write_bytes(content)
    (found,) = find_entries(settings, tmp_path)
    assert found.fault is not None
    assert why in found.fault


def test_the_goal_comes_before_the_user_and_the_user_before_the_folder(tmp_path: Path, settings: Settings) -> None:
    for file, names in ((user_file(settings), "user both all"), (tmp_path / ".mcp.json", "folder both all")):
        servers = {name: {"command": f"of-{file.parent.name}"} for name in names.split()}
        file.write_text(json.dumps({"mcpServers": servers}), "utf-8")
    file = tmp_path / "goal.yaml"
    file.write_text("goal: a\nmcp: {all: {command: of-goal}}\n", "utf-8")
    found = {one.name: one for one in find_entries(settings, tmp_path, read_goal(file))}
    assert {name: one.shown for name, one in found.items()} == {
        "all": "of-goal",
        "both": "of-config",
        "folder": f"of-{tmp_path.name}",
        "user": "of-config",
    }
    assert found["all"].goal_file == str(file)


def test_a_goals_secret_is_handed_on_and_decides_nothing_about_trust(tmp_path: Path, settings: Settings) -> None:
    file = tmp_path / "goal.yaml"
    file.write_text(
        "goal: a\ninputs: {t: {type: secret}}\nmcp: {s: {command: c, env: {A: '{{ t }}', B: '${TOKEN}'}}}\n", "utf-8"
    )
    one, other = (find_entries(settings, tmp_path, read_goal(file, inputs={"t": t}))[0] for t in ("abcdef", "123456"))
    assert one.definition == other.definition
    assert one.server is not None
    assert one.server.env["A"] == "abcdef"
    assert one.server.env["B"] == "${TOKEN}"  # a goal file is handed secrets as inputs, and nothing else
    assert "abcdef" in one.server.hidden


def test_trust_is_kept_for_its_owner_alone_and_read_again(
    named: Callable[..., dict[str, Entry]], tmp_path: Path, settings: Settings
) -> None:
    first = named({"s": {"command": "a"}})["s"]
    assert read_trust(settings).of(first) is None
    read_trust(settings).give(first, LISTING)
    found = read_trust(settings).of(first)
    assert found is not None
    assert found.listing == LISTING
    assert found.listing.hash == LISTING.hash
    if sys.platform != "win32":
        assert os.stat(settings.home / "mcp-trust.json").st_mode & 0o777 == 0o600  # noqa: PTH116
    states = {one.entry.name: one.state for one in named_servers(settings, tmp_path)[0]}
    assert states == {"s": "trusted"}
    other = named({"s": {"command": "b"}})["s"]
    assert read_trust(settings).of(other) is None
    assert [one.state for one in named_servers(settings, tmp_path)[0]] == ["redefined"]
    named({"s": {"command": "a"}})
    read_trust(settings).mark(first)
    assert [one.state for one in named_servers(settings, tmp_path)[0]] == ["changed"]
    read_trust(settings).give(first, LISTING)
    assert [one.state for one in named_servers(settings, tmp_path)[0]] == ["trusted"]
    assert read_trust(settings).take(first)
    assert [one.state for one in named_servers(settings, tmp_path)[0]] == ["new"]


@pytest.mark.parametrize(
    "content", ["{", "[]", '{"version": 1, "servers": {"x": {}}}', '{"version": 9, "servers": {}}']
)
def test_trust_that_cannot_be_read_is_told_and_no_run_fails(
    named: Callable[..., dict[str, Entry]], tmp_path: Path, settings: Settings, content: str
) -> None:
    named({"s": {"command": "a"}})
    settings.home.mkdir()
    (settings.home / "mcp-trust.json").write_text(content, "utf-8")
    with pytest.raises(SettingsError, match=r"mcp-trust\.json"):
        read_trust(settings)
    said: list[str] = []
    with open_servers(settings, tmp_path, goal=None, logs=None, tell=said.append) as servers:
        assert servers.plugins == ()
    assert "no MCP server is used" in said[0]


def test_of_what_is_not_used_the_person_is_told_what_to_do(
    named: Callable[..., dict[str, Entry]], tmp_path: Path, settings: Settings
) -> None:
    entries = named(
        {"new one": {"command": "a"}, "bad": {}, "off": {"command": "a", "disabled": True}, "ok": {"url": "http://u"}}
    )
    read_trust(settings).give(entries["ok"], replace(LISTING, private=True))
    said: list[str] = []
    with open_servers(settings, tmp_path, goal=None, logs=None, tell=said.append) as servers:
        assert [one.name for one in servers.plugins] == ["mcp:ok"]
        assert [tool.name for tool in servers.plugins[0].tools] == ["ok__echo"]
    assert said == [
        "an MCP server is not used: .mcp.json: bad: needs a command, or a url",
        "the MCP server new one (.mcp.json) is not trusted yet, and was not started: thinkact mcp trust 'new one'",
    ]


def test_a_server_that_the_goal_names_is_begun_unless_none_of_its_tools_may_run(
    tmp_path: Path, settings: Settings
) -> None:
    mark, plan = tmp_path / "pid", write_plan(tmp_path / "plan.json", "echo", pid=str(tmp_path / "pid"))
    file = tmp_path / "goal.yaml"
    file.write_text(f"goal: a\nmcp: {{own: {json.dumps(entry(plan, confined=False))}}}\n", "utf-8")
    goal = read_goal(file)
    (named_here,) = find_entries(settings, tmp_path, goal)
    read_trust(settings).give(named_here, LISTING)
    (tmp_path / ".mcp.json").write_text(json.dumps({"mcpServers": {"own": {"command": "other"}}}), "utf-8")

    def opened(*deny: str) -> McpServers:
        return open_servers(settings, tmp_path, goal=goal, logs=None, tell=lambda _: None, begin=True, deny=deny)

    with opened("own__*") as servers:
        assert servers.plugins[0].tools
        time.sleep(0.5)
        assert not mark.exists()
    with opened():
        until = time.monotonic() + 20
        while not mark.exists():
            assert time.monotonic() < until, "it was not begun"
            time.sleep(0.05)
