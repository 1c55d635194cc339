"""The contract between a tool and whoever runs it: what an author writes, what a tool is given, what comes back.

A tool is a plain function. Its name, docstring and annotations are the only source of its JSON schema; a parameter
annotated `Context` is filled in by the runner and never shown to the model.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any, Literal, Protocol

from plugins._cache import Cache

__all__ = [
    "Artifact",
    "Artifacts",
    "Ask",
    "BeforeCall",
    "Budget",
    "Cache",
    "Call",
    "Context",
    "Cost",
    "Documents",
    "Effect",
    "FileEntry",
    "Files",
    "Found",
    "FoundPassage",
    "Left",
    "Notes",
    "Observation",
    "Person",
    "Progress",
    "Refuse",
    "Remembered",
    "Seen",
    "Tool",
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


@dataclass(frozen=True, slots=True, kw_only=True)
class FileEntry:
    """A file or folder of the workspace. `bytes` is 0 for a folder; `modified` is seconds since the epoch; `mode` are
    its rights, nine bits as POSIX counts them, None on Windows."""

    path: WorkspacePath
    folder: bool
    bytes: int
    modified: float
    mode: int | None = None


class Files(Protocol):
    """The workspace, as a tool sees it: nothing outside it can be named. All methods raise `ToolError` with a clear
    text where a file is missing, protected, not a regular file, or the disk refuses. A tool that declares the effect
    READ or FETCH may not write, move, or delete: that is refused by a `ToolError` too."""

    @property
    def root(self) -> Path:
        """The folder's absolute path, to be shown; not to be joined and opened."""
        ...

    def path(self, text: str) -> WorkspacePath:
        """Confine and normalise a path as a model or a user wrote it."""
        ...

    def exists(self, path: str) -> bool:
        """Is there a file or folder of this name?"""
        ...

    def entry(self, path: str) -> FileEntry:
        """Tell of one file or folder."""
        ...

    def list(self, path: str = "", *, recursive: bool = False) -> Iterator[FileEntry]:
        """What is in a folder, sorted by name, folders first entered then listed; links are not followed."""
        ...

    def read(self, path: str, *, offset: int = 0, limit: int | None = None) -> bytes:
        """Bytes of a regular file, from `offset`, at most `limit`."""
        ...

    def sha256(self, path: str) -> str | None:
        """Hash of a file's content; None where there is none."""
        ...

    def write(self, path: str, content: bytes) -> FileEntry:
        """Replace or create a file, atomically (temp file, fsync, rename), making its folders."""
        ...

    def move(self, source: str, target: str) -> None:
        """Rename a file or folder; refuses an existing target."""
        ...

    def delete(self, path: str) -> None:
        """Remove a file or an empty folder."""
        ...


class Artifacts(Protocol):
    """Where big results, pictures and pages are kept."""

    def put(self, content: bytes, *, media_type: str = "text/plain", name: str = "") -> Artifact:
        """Keep bytes; the same bytes give the same handle."""
        ...

    def get(self, handle: str) -> tuple[Artifact, bytes]:
        """The artifact and its content, checked against its hash. Raises `ToolError` for an unknown handle."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A note that was found again. `score` is between 0 and 1, `date` an ISO date, `origin` user, agent, tool or
    import."""

    id: str
    text: str
    score: float
    kind: str
    origin: str
    date: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """What became of a note; `id` is that of the note that says it now, in `namespace`.

    `state`: "new"; "counted": it stood there word for word; "replaced": it took the place of the notes in `replaced`;
    "covered": a note of nearly the same words is the user's own, and stays; "known": this run was told it by its own
    memory, and does not write it again. `similar` are other notes about the same, which it leaves as they are.
    """

    id: str
    state: Literal["new", "counted", "replaced", "covered", "known"]
    namespace: str
    replaced: tuple[Found, ...] = ()
    similar: tuple[Found, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a run itself said or saw in a step that is no longer shown to its model. `source` says where: the call, or
    "words". `text` is the part that answers a query, `handle` the artifact with all of it where it was cut."""

    step: int
    source: str
    text: str
    score: float
    handle: str | None = None


class Notes(Protocol):
    """Long-term memory: notes that later runs find again, and what this run has seen and no longer shows."""

    def remember(self, text: str, *, kind: str = "note", replaces: str | None = None) -> Remembered:
        """Store a note; `replaces` is the id of the note that it corrects. Raises `ToolError` where it is refused (a
        secret, too long, too many)."""
        ...

    def recall(self, query: str, *, count: int = 5, kinds: Sequence[str] = ()) -> Sequence[Found]:
        """The notes nearest to a query, best first, of these kinds where any are named; empty where nothing is
        relevant."""
        ...

    def seen(self, query: str, *, count: int = 3) -> Sequence[Seen]:
        """What this run said or saw about it in steps that were folded away, best first."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPassage:
    """A passage of the user's documents. `file` is the document, `place` where in it the passage stands (`page 3`,
    `lines 10-24`), `heading` the headings above it or "". `score` is between 0 and 1."""

    id: str
    text: str
    score: float
    file: str
    place: str
    heading: str


class Documents(Protocol):
    """The user's knowledge base: documents that were added to it, found by passages."""

    def search(self, query: str, *, count: int = 5) -> Sequence[FoundPassage]:
        """The passages nearest to a query, best first; empty where nothing is relevant. Raises `ToolError` where the
        base cannot be read."""
        ...


class Ask(Protocol):
    """Asks the run's model, charged to the run's budget: reserved before, settled after. May be called from several
    threads at the same time; `Context.parallel` says how many the user wants."""

    def __call__(self, prompt: str, *, purpose: str, system: str = "", reply: int = 1024) -> str:
        """The model's reply to a prompt, of at most `reply` tokens. `purpose` is a word for the record (summary,
        judge, ...). When an interrupted call is made again, a question that it paid for before is answered as it was.

        Raises `ToolError` with kind "limit" where the budget does not allow it, "window" where the prompt is longer
        than the model takes, "model" where it cannot be had, "cancelled" after a cancellation.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """What a run may still spend on its model. `usd` is None where no limit on money is set."""

    calls: int
    tokens: int
    usd: float | None
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """The most that a question costs: nothing where it was paid before an interruption. `usd` is None where the price
    is not known."""

    calls: int
    tokens: int
    usd: float | None


class Budget(Protocol):
    """Tells a tool that asks the model much what that will cost, before it is spent."""

    @property
    def window(self) -> int | None:
        """Tokens that the model takes, prompt and reply together; None where nobody knows."""
        ...

    def left(self) -> Left:
        """What is left now. What others spend meanwhile is not foreseen, and the run needs some of it to go on."""
        ...

    def cost(self, prompt: str, *, purpose: str, system: str = "", reply: int = 1024) -> Cost:
        """What the same call of `Context.ask` would cost. The prompt's tokens are estimated, rather too many than too
        few, and the reply is counted as long as it may be."""
        ...


class Call(Protocol):
    """Calls another tool, through approval and the journal like any call."""

    def __call__(self, tool: str, arguments: Mapping[str, Any]) -> Observation:
        """Make the call and wait for what comes back."""
        ...


class Person(Protocol):
    """Asks the human a question."""

    def __call__(self, question: str, choices: Sequence[str] = ()) -> str:
        """The answer, one line. Raises `ToolError` with kind "no-person" where nobody can be asked."""
        ...


class Progress(Protocol):
    """Tells how far long work has come."""

    def __call__(self, text: str, *, done: float | None = None, total: float | None = None) -> None:
        """Show one line, and a bar where `total` is known."""
        ...


@dataclass(frozen=True, kw_only=True)
class Context:
    """A tool's way to the world; what is not here a tool should not need.

    `ask` is None where no model can be asked free questions (the offline model): a tool that can must then work
    without. `budget` goes with `ask`, and is None with it. `parallel` is how many questions a tool may have under way
    at a time (the goal file's `parallel`). `cache` holds what was worked out in this run and may be needed again.
    `cancel` is set when the call timed out or the user stopped it; the context is revoked at the same moment, so later
    writes through it are refused. What is handed to it is checked: a `TypeError` or `ValueError` names what has the
    wrong type. `documents` is None where the user has no knowledge base.
    """

    workspace: Files
    artifacts: Artifacts
    notes: Notes
    ask: Ask | None
    call: Call
    person: Person
    progress: Progress
    budget: Budget | None = None
    parallel: int = 1
    documents: Documents | None = None
    cache: Cache = field(default_factory=Cache)
    cancel: threading.Event = field(default_factory=threading.Event)

    @property
    def cancelled(self) -> bool:
        """Should the work be given up?"""
        return self.cancel.is_set()


@dataclass(frozen=True, kw_only=True)
class Tool:
    """A tool, as `@tool` makes it from a function. Calling it calls the function.

    `parameters` is its JSON schema. `paths` names the parameters typed `WorkspacePath`; `context` names the one
    typed `Context`, or None. `timeout` is in seconds. `aliases` are other words for it, in any language: they help
    to find the tool and the offline model. `after` tells, for a tool that writes, the content that its files will
    have: given the arguments and the old content of each path (None: not there), it returns path -> new content
    (None: gone); with it an interrupted call can be settled by comparing hashes. `origin` is the plugin's name.
    `convert` turns an argument, by its name, from JSON into what the function's annotation asks for (an enum's member,
    a tuple, a dataclass); an argument without an entry is handed over as it is.
    """

    name: str
    description: str
    parameters: Mapping[str, Any]
    effect: Effect
    function: Callable[..., Any]
    repeatable: bool = False
    timeout: float = 60.0
    aliases: tuple[str, ...] = ()
    paths: tuple[str, ...] = ()
    context: str | None = None
    after: Callable[[Mapping[str, Any], Mapping[str, bytes | None]], Mapping[str, bytes | None]] | None = None
    origin: str = ""
    convert: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)

    def __call__(self, *positional: Any, **named: Any) -> Any:
        """Call the plain function, as a test would."""
        return self.function(*positional, **named)


class BeforeCall(Protocol):
    """A hook that sees every call before approval: it returns the arguments (edited or not), or raises `Refuse`.

    It is given arguments of its own and may edit them in place; then, or where it only looked, it may return None.
    """

    def __call__(self, tool: str, arguments: dict[str, Any], /) -> Mapping[str, Any] | None:
        """Edit or let pass."""
        ...
