"""What a tool is given: the ways to the world that hang on its `Context`, each a small protocol."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from plugins._outcome import Artifact, Observation, WorkspacePath

__all__ = [
    "Artifacts",
    "Ask",
    "Budget",
    "Call",
    "Cost",
    "Documents",
    "FileEntry",
    "Files",
    "Found",
    "FoundPassage",
    "Left",
    "Notes",
    "Person",
    "Progress",
    "Remembered",
    "Seen",
]


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
    "covered": a note that says nearly the same, or the contrary, is the user's own and stays (it is in `similar`);
    "known": this run was told it by its own memory, and does not write it again. `similar` are other notes about the
    same, which it leaves as they are.
    """

    id: str
    state: Literal["new", "counted", "replaced", "covered", "known"]
    namespace: str
    replaced: tuple[Found, ...] = ()
    similar: tuple[Found, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Newest:
    """The newest notes, those that hold before what happened (episodes); `total`: how many notes there are."""

    notes: Sequence[Found]
    total: int


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

    def newest(self, *, count: int = 20) -> Newest:
        """The newest notes, at most so many, whatever they are about; they are not weighed, and have the score 1."""
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
