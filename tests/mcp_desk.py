"""Servers as a run has them, and whoever calls their tools: for tests, and for the bench."""

from __future__ import annotations

import threading
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from agent.opening.parts import ShelfArtifacts
from memory.artifacts import Shelf
from plugins import (
    Context,
    McpListing,
    McpServer,
    McpServers,
    McpSurroundings,
    Observation,
    Toolbox,
    ToolError,
    Web,
    Workspace,
    look_at_server,
)
from tests.plugins.nothing import Nothing

WEB = Web()


def listed(server: McpServer, around: McpSurroundings | None = None) -> McpListing:
    """What a server brings."""
    return look_at_server(server, WEB, around=around or McpSurroundings())


def no_call(tool: str, arguments: Mapping[str, Any]) -> Observation:
    """No tool is called from inside."""
    raise ToolError(f"nothing is called here, not {tool} with {arguments}")


def nobody(question: str, choices: Sequence[str] = ()) -> str:
    """Nobody is asked."""
    raise ToolError(f"nobody is here to answer {question}{choices}")


class Desk:
    """The servers of a run, each trusted with what it brings now, or with `trusted`; a context manager."""

    def __init__(
        self,
        folder: Path,
        *servers: McpServer,
        trusted: McpListing | None = None,
        around: McpSurroundings | None = None,
    ) -> None:
        around = around or McpSurroundings()
        self.said, self.changed, self.told = list[str](), list[str](), list[Any]()
        self.servers = McpServers(
            [(one, trusted or listed(one, around)) for one in servers],
            web=WEB,
            around=around,
            logs=folder / "logs",
            say=self.said.append,
            changed=self.changed.append,
        )
        self.toolbox = Toolbox(self.servers.plugins)
        self.cancel = threading.Event()
        (folder / "desk").mkdir(exist_ok=True)
        self._stack = ExitStack()
        self._files = self._stack.enter_context(Workspace.open(folder / "desk"))
        self._artifacts = ShelfArtifacts(Shelf(folder / "kept"))

    def __enter__(self) -> Desk:
        return self

    def __exit__(self, *_: object) -> None:
        self.servers.close()
        self._stack.close()

    def call(self, tool: str, within: float | None = None, **arguments: Any) -> Observation:
        """Call a tool as a run does."""
        found: list[Observation] = []

        def progress(text: str, *, done: float | None = None, total: float | None = None) -> None:
            self.told.append((text, done, total))

        prepared = self.toolbox.prepare(tool, arguments, self._files)
        if isinstance(prepared, Observation):
            return prepared
        context = Context(
            workspace=self._files,
            artifacts=self._artifacts,
            notes=Nothing(),
            ask=None,
            call=no_call,
            person=nobody,
            progress=progress,
            cancel=self.cancel,
        )
        running = self.toolbox.start(prepared, context, cut=10_000, done=found.append, within=within)
        assert running.wait(60)
        return found[0]
