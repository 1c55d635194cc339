"""Where the programs of servers are started: by what they are confined, and what they may see there."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from plugins._contract import ToolError
from plugins._mcp._places import holds, places_of_program
from plugins._mcp._server import McpServer
from plugins._programs import Programs
from plugins._sandbox import Level, Levels, NoConfinement, Served
from plugins._text import show

__all__ = ["McpSurroundings", "file_name", "found_program", "programs_of"]


@dataclass(frozen=True, slots=True, kw_only=True)
class McpSurroundings:
    """What holds for every server of a run.

    Attributes:
        homes: Where each has a folder of its own, which stays between runs; None: one that goes with the program.
        workspace: The workspace, which they may read; None: there is none.
        kept: What none of them sees, nor a folder around it: thinkact's own.
        hidden: Files that none of them sees, wherever they lie.
        level: By what programs are confined here; asked when the first one is started. It raises `NoConfinement`.
    """

    homes: Path | None = None
    workspace: Path | None = None
    kept: tuple[Path, ...] = ()
    hidden: tuple[Path, ...] = ()
    level: Callable[[], Level] = field(default_factory=Levels)

    def confine(self, server: McpServer, program: str) -> Served:
        """The confinement of a server whose program lies there, ready to be started.

        Raises:
            ToolError: kind "no-sandbox": nothing here can confine it.
        """
        try:
            level = self.level()
        except NoConfinement as error:
            raise ToolError(
                f"the MCP server {show(server.name)} is not started: {error}",
                hint='do without it; the user can set "confined": false in its entry: it then has the user\'s rights',
                kind="no-sandbox",
            ) from error
        if not level.has_our_programs:
            raise ToolError(
                f"the MCP server {show(server.name)} is not started: programs are confined by {level} here, which has "
                "the programs of its image, and not those of this machine",
                hint='do without it; the user can set "confined": false in its entry: it then has the user\'s rights',
                kind="no-sandbox",
            )
        kept = [Path(os.path.realpath(one)) for one in self.kept]
        for name, folder in server.folders.items():
            if any(holds(Path(folder), one) for one in kept):
                raise ToolError(
                    f"the MCP server {show(server.name)} is not started: its folder {show(name)} holds thinkact's own "
                    "files",
                    hint="the user can name the folders in it that the server needs (folders in its entry)",
                    kind="mcp",
                )
        return Served(
            level,
            home=self._home(server),
            read=self._read(server, program, kept),
            write=_as_they_were(server.folders),
            hidden=self.hidden,
            network=server.network,
        )

    def leads_inside(self, server: McpServer) -> bool:
        """Does its address lead to this machine or to a private network? What cannot be told is found out by asking."""
        if not server.url:
            return False
        from plugins._addresses import why_not
        from plugins._judging import resolved
        from plugins._mcp._posted import host_and_port

        try:
            host, port = host_and_port(server.url)
            return any(why_not(address) for address in resolved(host, port, timeout=10.0))
        except ToolError:
            return False

    def _read(self, server: McpServer, program: str, kept: Sequence[Path]) -> dict[str, str]:
        desk = {} if self.workspace is None else {str(self.workspace): os.path.realpath(self.workspace)}
        loose = [Path(one) for one in (*server.folders.values(), *desk.values())]
        own = places_of_program(program, _path_of(server), kept=kept, loose=loose)
        seen = {name: real for name, real in desk.items() if not any(holds(Path(real), one) for one in kept)}
        return {**dict(zip(own, own, strict=True)), **_as_they_were(server.reads), **seen}

    def _home(self, server: McpServer) -> Path | None:
        if self.homes is None:
            return None
        whole = repr([server.name, str(server.folder), server.command, server.args])  # another of its name has another
        home = self.homes / f"{file_name(server.name)}-{sha256(whole.encode('utf-8', 'replace')).hexdigest()[:8]}"
        home.mkdir(mode=0o700, parents=True, exist_ok=True)
        return home


def _as_they_were(places: Mapping[str, str]) -> dict[str, str]:
    """Those that lead where they led: a link that was laid there since leads elsewhere than the user was shown."""
    return {name: real for name, real in places.items() if os.path.realpath(name) == real}


def _path_of(server: McpServer) -> str:
    env = {**server.given, **server.env}
    return env.get("PATH") or env.get("Path") or os.defpath


def found_program(server: McpServer) -> list[str]:
    """The program with its arguments: where its command is no path, as it is found in the server's own PATH, outside of
    the folders that are avoided. The one place where a server's program is chosen.

    Raises:
        ToolError: there is no such program, or it is another than the one that it must be.
    """
    command, passed = server.command, ""
    if os.path.dirname(command):  # noqa: PTH120 - as the shell tells a path from a name
        place = str((server.folder or Path()) / Path(command).expanduser())
        found = shutil.which(place)
    else:
        looked = programs_of(server).look(command)
        found, passed = looked.found, "".join(f"; {show(command)} {why}" for _, why in looked.passed[:1])
    if found is None:
        raise ToolError(
            f"the MCP server {show(server.name)} cannot be started: there is no program {show(command)}{passed}",
            hint=f"the user can install it, or put its whole path in the server's entry ({_installed_by(command)})",
            kind="mcp",
        )
    if server.file is not None and os.path.realpath(found) != server.file:
        raise ToolError(
            f"the MCP server {show(server.name)} is not started: its program {show(found)} is another file now",
            hint="do without it; the user can look at the program, and trust the server again",
            kind="mcp",
        )
    return [found, *server.args]


def programs_of(server: McpServer) -> Programs:
    """Those that a server is, and finds, by their names."""
    return Programs(first=(), path=_path_of(server), avoided=server.avoided, spared=server.spared)


def _installed_by(command: str) -> str:
    return {
        "uvx": "uvx comes with uv: https://docs.astral.sh/uv",
        "npx": "npx comes with Node.js: https://nodejs.org",
        "docker": "docker comes with Docker",
    }.get(Path(command).stem, "its PATH was searched")


def file_name(name: str) -> str:
    """A server's name as that of a file: whatever is odd in it is changed, and then marked."""
    plain = re.sub(r"[^\w.-]+", "_", name)[:40].strip(".")
    return plain if plain == name else f"{plain}-{sha256(name.encode()).hexdigest()[:6]}"
