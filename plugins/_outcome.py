"""What a call is and what comes of it: its effect, the errors by which it fails, the observation that it gives."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

__all__ = [
    "Artifact",
    "Effect",
    "Observation",
    "Refuse",
    "ToolError",
    "ToolFailure",
    "WorkspacePath",
]


class Effect(StrEnum):
    """What a call may do to the world; the tool declares it, the user's policy decides."""

    READ = "read"  # looks at the workspace, changes nothing
    WRITE = "write"  # changes files of the workspace
    EXECUTE = "execute"  # runs a confined process
    FETCH = "fetch"  # reads from the network
    SEND = "send"  # anything leaves, or the outside is changed; what is undeclared counts as this


class ToolError(Exception):
    """A failure that the model is told about, so that it can do better.

    Args:
        message: What is wrong, one line, naming the argument or file.
        hint: What to try instead, or None.
        kind: A short word for programs: "tool" unless the runner says otherwise (arguments, unknown-tool, ...).

    What is no text is told by `str`.
    """

    def __init__(self, message: str, *, hint: str | None = None, kind: str = "tool") -> None:
        self.message = str(message)
        self.hint = None if hint is None else str(hint)
        self.kind = str(kind or "tool")
        super().__init__(self.message)


class Refuse(Exception):
    """Raised by a `before_call` hook: this call must not be made, for this reason."""


class WorkspacePath(str):
    """A path inside the workspace, as a tool's parameter: relative, with `/`, already confined and normalised.

    The toolbox makes it from the model's text, or refuses the call; it records the file's hash in the intent of a
    call that writes, and locks it against a second writer. `""` is the workspace itself.
    """

    __slots__ = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Artifact:
    """A file kept by thinkact, found by its handle and content-addressed. `path` is absolute."""

    handle: str
    path: Path
    media_type: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolFailure:
    """Why a call failed. `kind`: tool, arguments, unknown-tool, denied, timeout, cancelled, crash, no-model, ...
    `detail` (a traceback) is for the journal, never for the model."""

    kind: str
    message: str
    hint: str | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What came back from a call.

    `text` is what the model reads, already cut to size; `whole` is the handle of the artifact that holds all of it
    where it was cut. `value` is the result as JSON where it is one. `result_hash` is over the uncut result: two
    calls with equal hashes gave the same. `written` are the files that the call changed through its context, also
    where it failed or was given up: relative paths, each once, in the order of the first change; of a moved folder the
    files in it, by their old and their new path. One whose change was still on its way when the call was given up is
    among them. `created` are those of `written` that were not there before the call first changed them. Whoever runs
    the call fills in both, and `seconds`; what a tool puts there is not looked at.

    A tool may return one of its own making: `ok`, `text`, and of the rest what it has. One that does not fit (a text
    that is none, an `error` where `ok` is true) is a crash of the call.
    """

    ok: bool
    text: str
    value: Any = None
    artifacts: tuple[Artifact, ...] = ()
    error: ToolFailure | None = None
    seconds: float = 0.0
    whole: str | None = None
    result_hash: str = ""
    written: tuple[str, ...] = ()
    created: tuple[str, ...] = ()
