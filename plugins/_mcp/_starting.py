"""The one place where a server's program is started: in a group that dies with us, confined unless the user lets it
have their rights."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from plugins._apart import needed_environment
from plugins._mcp import _keeper
from plugins._mcp._around import McpSurroundings, found_program, programs_of
from plugins._mcp._server import McpServer

if TYPE_CHECKING:
    from anyio.abc import Process

__all__ = ["Started", "start_program"]

# For commands that fetch their program, such as npx and uvx: npm would try again for over a minute, while a start may
# take half of one.
_FETCHING = {
    "npm_config_fetch_retries": "1",
    "npm_config_fetch_retry_mintimeout": "1000",  # ms
    "npm_config_update_notifier": "false",
}
_OFFLINE = {"npm_config_offline": "true", "UV_OFFLINE": "1"}
"""Without a network they take what they fetched before, or say at once that they have not."""


@dataclass(frozen=True, slots=True)
class Started:
    """A program that was started; `end` has it ended, and all that it started; `clear` takes away what was laid out for
    it once it has ended, and tells why it could not be confined, or None; `exposed` is a path that it may see since its
    start, though it must not, or None."""

    process: Process
    end: Callable[[], None]
    clear: Callable[[], str | None] = lambda: None
    exposed: Callable[[], str | None] = lambda: None


async def start_program(server: McpServer, around: McpSurroundings) -> Started:
    """Start a server's program, whose input, output and words are pipes, and which ends at the latest when this process
    does; confined, unless the server's entry says otherwise. The one place where a server's process is begun.

    Raises:
        ToolError: there is no such program, or it cannot be confined.
    """
    words = found_program(server)
    if not server.confined:
        return await _unconfined(words, folder=server.folder, env=_environment(server))
    import anyio

    with anyio.CancelScope(shield=True):  # what was laid out must be known, to be taken away again
        served = await anyio.to_thread.run_sync(around.confine, server, words[0])
    process = None
    try:
        process = await anyio.open_process(
            served.words, env=needed_environment(), pass_fds=served.inherited, start_new_session=True
        )
        environment = {**_FETCHING, **({} if server.network else _OFFLINE), **server.env}
        served.order(words, folder=str(server.folder or Path.cwd()), given=server.given, environment=environment)
    except BaseException:
        if process is not None:
            served.end()
            with suppress(ProcessLookupError):
                process.kill()
            with anyio.CancelScope(shield=True):
                await process.aclose()
        served.clear()
        raise
    return Started(process, served.end, served.clear, served.exposed)


def _environment(server: McpServer) -> dict[str, str]:
    """That of a program which is not confined: what it, or its first line, starts by a name is found where it was
    itself."""
    env = {**server.given, **server.env}
    return env | {name: os.pathsep.join(programs_of(server).folders()) for name in ("PATH", "Path") if name in env}


if sys.platform == "win32":  # pragma: no cover - only there

    async def _unconfined(words: Sequence[str], *, folder: Path | None, env: Mapping[str, str]) -> Started:
        import anyio

        process = await anyio.open_process(
            [sys.executable, "-I", "-S", str(_keeper.__file__), str(os.getpid()), *words],
            cwd=folder,
            env=env,
            creationflags=subprocess.CREATE_NO_WINDOW,
        )
        return Started(process, process.kill)

else:

    async def _unconfined(words: Sequence[str], *, folder: Path | None, env: Mapping[str, str]) -> Started:
        import anyio

        here, there = os.pipe()
        try:
            process = await anyio.open_process(
                [sys.executable, "-I", "-S", str(_keeper.__file__), str(here), *words],
                cwd=folder,
                env=env,
                pass_fds=[here],
                start_new_session=True,
            )
        except BaseException:
            os.close(there)
            raise
        finally:
            os.close(here)

        held = [there]

        def end() -> None:
            while held:  # once: the number may be another file's by now
                os.close(held.pop())

        return Started(process, end)
