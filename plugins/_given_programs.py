"""What a tool is given to run programs: a sandbox, how one ended, and one that stays and is asked."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Literal, Protocol

__all__ = ["Ended", "Sandbox", "Talker"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a confined program ended: its exit code (128 + n after signal n), all that it said on both outputs, why it
    was stopped (None: it ended by itself), and after how many seconds."""

    code: int
    output: str
    stopped: Literal["time", "output", "memory", "processes", "disk", "cancelled"] | None
    seconds: float


class Talker(Protocol):
    """A confined program that stays between the calls of a run, and is asked and answers in lines, within `turn`.

    Attributes:
        instead_of: Why it was started in the place of one that still ran: what has changed, as its path in the
            workspace, so that the one before it was not guarded from it any more. "" where that was not so.
    """

    instead_of: str

    def send(self, line: bytes, until: float) -> None:
        """Ask it, waiting at most until this moment of `time.monotonic`; `line` holds no line break."""
        ...

    def receive(self, until: float, *, output: Callable[[str], None] | None = None) -> bytes:
        """Its next answer; `output` hears what it says meanwhile. Raises `ToolError` where it has ended, or was ended
        since none came; `kind` says why: timeout, cancelled, output, memory, processes, disk, ended."""
        ...

    def said(self) -> str:
        """What it wrote to its two outputs since this was asked last."""
        ...

    def end(self) -> object:
        """End it, and all that it started."""
        ...

    def turn(self) -> AbstractContextManager[None]:
        """A stretch in which nobody else asks it. Out of it, all of it stands still."""
        ...


class Sandbox(Protocol):
    """Confined programs: no network, nothing of this machine but programs and libraries to read, nothing to write but
    the workspace and a temporary folder of their own, an environment without secrets, and limits. They end with the
    run, with all that they started. Where nothing here can confine them, every method raises `ToolError` of kind
    "no-sandbox", and nothing is run; of kind "sandbox" where this one could not be started. For tools that declare
    EXECUTE."""

    def run(
        self,
        command: str | Sequence[str],
        *,
        folder: str = "",
        environment: Mapping[str, str] | None = None,
        timeout: float = 60.0,
        output: Callable[[str], None] | None = None,
        cancel: threading.Event | None = None,
    ) -> Ended:
        """Run a program and wait for its end: a line of shell, or a program's path and arguments. It begins in `folder`
        of the workspace, gets `environment` beside what finds programs, and is stopped after `timeout` seconds, or once
        `cancel` is set (for a tool it is the call's own); `output` hears what it says, piece by piece, in a thread of
        its own."""
        ...

    def talk(
        self,
        name: str,
        command: Sequence[str],
        *,
        environment: Mapping[str, str] | None = None,
        cancel: threading.Event | None = None,
    ) -> tuple[Talker, bool]:
        """The talker that this run has under a name, started with `command` where none runs, and whether it was. In
        `command` the words `{asked}` and `{answered}` stand for the descriptors from which it reads what it is asked,
        and to which it writes its answers."""
        ...
