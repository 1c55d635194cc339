"""The MCP servers of a run: those that are trusted, as plugins; of the others the person is told what to do."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Literal, TypeAlias
from urllib.parse import urlsplit

from agent.approval import Approver
from agent.errors import SettingsError
from agent.goal import Goal
from agent.opening.mcp import Entry, find_entries
from agent.opening.mcp_around import surroundings
from agent.opening.mcp_asking import ask_for_trust, asked_by, asks_of, why_it_failed
from agent.opening.mcp_trust import Trust, Trusted, read_trust
from agent.opening.web import web_of
from agent.settings import Settings
from plugins import McpServer, McpServers, McpSurroundings, Rules, ToolError

__all__ = ["Named", "State", "named_servers", "open_servers", "ready", "trust_command"]

State: TypeAlias = Literal["trusted", "new", "redefined", "changed", "off", "fault"]
"""`new`: never trusted; `redefined`: trusted when its entry said something else; `changed`: its tools are no more those
that were trusted; `off`: its entry says so."""


_WHY_OFF = {
    "new": "is not trusted yet",
    "redefined": "is another than the one that was trusted",
    "changed": "is off: its tools are no more those that were trusted",
}
_ASKED = frozenset({"new", "redefined", "changed"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """A server that is named, and how the user stands to it."""

    entry: Entry
    state: State
    trusted: Trusted | None = None
    other: Trusted | None = None
    """The trust in the same entry, whose program was another then, or not known."""

    @property
    def why_off(self) -> str:
        """Why it is not started unless it is trusted, as the end of a sentence about it; "" where that is not why."""
        if self.state == "redefined" and self.other is not None and self.entry.server is not None:
            if not self.other.program:
                return "was trusted before it was kept which program it starts"
            if not self.entry.server.file:
                return f"starts a program that is not found any more: it was {self.other.program}"
            return (
                f"starts another program than the one that was trusted: {self.entry.server.file}, and no more "
                f"{self.other.program}"
            )
        return _WHY_OFF.get(self.state, "")


def named_servers(
    settings: Settings, cwd: Path, goal: Goal | None = None, *, workspace: Path | None = None
) -> tuple[list[Named], Trust]:
    """Every server that is named here, with its state, as it is in a run with this workspace (None: the one that a run
    here has where nobody names another); nothing is started.

    Raises:
        SettingsError: what is trusted cannot be read.
    """
    entries = find_entries(settings, cwd, goal, workspace=workspace)
    trust = read_trust(settings) if entries else Trust(settings.home / "mcp-trust.json", {})
    return [_named(one, trust) for one in entries], trust


def _named(entry: Entry, trust: Trust) -> Named:
    given = trust.of(entry)
    if entry.fault is not None:
        return Named(entry=entry, state="fault")
    if entry.off:
        return Named(entry=entry, state="off", trusted=given)
    if given is None:
        known = trust.earlier(entry) is not None
        return Named(entry=entry, state="redefined" if known else "new", other=trust.of_other_program(entry))
    return Named(entry=entry, state="changed" if given.changed else "trusted", trusted=given)


def ready(found: Sequence[Named]) -> Iterator[tuple[McpServer, Trusted]]:
    """Those that may be started. A private address counts where it was one when it was trusted."""
    for one in found:
        if one.state == "trusted" and one.trusted is not None and one.entry.server is not None:
            yield replace(one.entry.server, private=one.trusted.listing.private), one.trusted


def open_servers(
    settings: Settings,
    cwd: Path,
    *,
    goal: Goal | None,
    logs: Path | None,
    tell: Callable[[str], None],
    begin: bool = False,
    quiet: bool = False,
    deny: Sequence[str] = (),
    workspace: Path | None = None,
    approver: Approver | None = None,
) -> McpServers:
    """The servers of a run, which must be closed. One that cannot be used is told of, and takes nothing from the run.

    `begin`: those that the goal itself names are started at once, beside whatever comes next; every other is started
    by the first call of one of its tools. `quiet`: of those that are not used nothing is told. `deny`: patterns of
    tools that do not run; for them alone nothing is started. `workspace`: what their programs may read. `approver`: is
    asked for the trust in those that the user or the goal names and that are not trusted.
    """
    try:
        found, trust = named_servers(settings, cwd, goal, workspace=workspace)
    except SettingsError as error:
        tell(f"{error.message}; no MCP server is used ({error.hint})")
        found, trust = [], Trust(settings.home / "mcp-trust.json", {})
    hosts = None if goal is None else goal.hosts
    kept_out = [why for one in found if (why := _kept_out(one.entry, hosts))]
    found = [one for one in found if not _kept_out(one.entry, hosts)]
    around = surroundings(settings, cwd, goal=goal, workspace=workspace)
    if approver is not None:
        found = [_asked(one, trust, settings, around, approver, tell) for one in found]
    entries = {one.entry.name: one.entry for one in found}

    def changed(name: str) -> None:
        try:
            trust.mark(entries[name])
        except SettingsError as error:
            tell(error.message)

    servers = McpServers(
        [(server, trusted.listing) for server, trusted in ready(found)],
        web=web_of(settings, hosts),
        around=around,
        logs=logs,
        say=tell,
        changed=changed,
    )
    if not quiet:
        for line in (*kept_out, *(why for one in found if (why := _why_not(one))), *servers.left_out):
            tell(line)
    if begin:
        wanted = {
            plugin.name.removeprefix("mcp:")
            for plugin in servers.plugins
            if any(not any(fnmatchcase(tool.name, pattern) for pattern in deny) for tool in plugin.tools)
        }
        servers.begin([name for name, entry in entries.items() if entry.of_goal and name in wanted])
    return servers


def _asked(
    one: Named,
    trust: Trust,
    settings: Settings,
    around: McpSurroundings,
    approver: Approver,
    tell: Callable[[str], None],
) -> Named:
    """A server as it stands once the person was asked for it, where that is due."""
    if one.state not in _ASKED or not asks_of(one.entry):
        return one
    try:
        given = ask_for_trust(one.entry, trust, settings, around, agrees=asked_by(approver), tell=tell)
    except ToolError as error:
        for line in why_it_failed(error):
            tell(line)
        return one
    except SettingsError as error:
        tell(error.message)
        return one
    return one if given is None else replace(one, state="trusted", trusted=given)


def _kept_out(entry: Entry, hosts: Sequence[str] | None) -> str | None:
    """Why a server is not used where the goal file allows only some hosts; None where it is. A program that has the
    network has all of it: nothing between it and the hosts knows their names."""
    server = entry.server
    if hosts is None or server is None or entry.off:
        return None
    why = None
    if not server.url:
        why = "its program has the whole network" if server.network or not server.confined else None
    else:
        url = urlsplit(server.url)
        port = url.port or (443 if url.scheme == "https" else 80)
        why = None if Rules(hosts=hosts).permits(url.hostname or "", port) else f"{url.hostname} is none of them"
    told = f"the MCP server {entry.name} ({entry.origin}) is not used: the goal file allows only some hosts"
    return why and f"{told} (network.hosts), and {why}"


def _why_not(one: Named) -> str | None:
    """Why a server is not used, in a line that says what to do; None where it is, or where the user turned it off."""
    entry = one.entry
    if one.state == "fault":
        return f"an MCP server is not used: {entry.fault}"
    if not one.why_off:
        return None
    why = one.why_off if one.state == "changed" else f"{one.why_off}, and was not started"
    return f"the MCP server {entry.name} ({entry.origin}) {why}: {trust_command(entry)}"


def trust_command(entry: Entry) -> str:
    """The command by which a person looks at a server and trusts it."""
    words = ["thinkact", "mcp", "trust", entry.name]
    return shlex.join([*words, "--goal", entry.goal_file] if entry.goal_file else words)
