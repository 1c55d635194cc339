"""What a tool is given: the ways to the world that hang on its `Context`, each a small protocol."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from plugins._outcome import Artifact, Observation, WorkspacePath

__all__ = [
    "Artifacts",
    "Ask",
    "AskedEngine",
    "Budget",
    "Call",
    "Cost",
    "Documents",
    "Ended",
    "Fetched",
    "FileEntry",
    "Files",
    "Found",
    "FoundPassage",
    "Hit",
    "Http",
    "Left",
    "Notes",
    "Person",
    "Progress",
    "Remembered",
    "Sandbox",
    "Search",
    "Searched",
    "Seen",
    "Talker",
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """What an address of the web answered.

    Attributes:
        url: Where it was found in the end.
        status: The code of the answer, 200 to 299.
        media_type: As "text/html", without parameters; "" where the server does not say.
        charset: The encoding that the server names, or None.
        content: The body, unpacked, cut at the limit.
        cut: Was there more of it?
        cached: Was it read from the disk, or unchanged since?
        hops: The addresses that led there, the asked one first; empty where none did.
        headers: The answer's, by lower-case names.
    """

    url: str
    status: int
    media_type: str
    charset: str | None
    content: bytes
    cut: bool
    cached: bool
    hops: Sequence[str] = ()
    headers: Mapping[str, str] = field(default_factory=dict)


class Http(Protocol):
    """The web, read by the one client of the product: every address is judged, also those that an answer leads to, so
    that none of this machine or of its network is opened that the user did not name; answers are capped; what may be
    kept is kept on disk; the owner's `robots.txt` is honoured. Both methods raise `ToolError` with a clear text where
    an address may not be opened, nobody answers, or the answer is no success."""

    def get(
        self,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        most_bytes: int = 20_000_000,
        timeout: float = 30.0,
        fresh: bool = False,
    ) -> Fetched:
        """Read an http or https address. Headers beyond those that anyone may be told (accept, accept-language,
        cache-control, range, user-agent) go to the first host alone; of the unpacked body at most `most_bytes` are
        kept; `timeout` is in seconds, for waits and redirects too; `fresh` asks the server, whatever is
        kept. For tools that declare FETCH or SEND."""
        ...

    def send(
        self,
        method: str,
        url: str,
        *,
        content: bytes = b"",
        headers: Mapping[str, str] | None = None,
        most_bytes: int = 20_000_000,
        timeout: float = 30.0,
    ) -> Fetched:
        """Send something to an address, once: nothing is tried again or kept. For tools that declare SEND."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Hit:
    """A page that a search engine names. `url` can be opened as it stands; `text` are the engine's words on it; `date`
    is an ISO date, or "" where nobody tells it."""

    title: str
    url: str
    text: str
    engine: str
    date: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedEngine:
    """What became of one engine. `outcome`: "found"; "nothing": it knows no page; "limited": it was asked too often, or
    takes us for a robot; "unreachable"; "unreadable": it sent a page in which no results can be seen; "skipped".
    `detail` says more, in a few words. `timed`: did it leave out what is older than was wanted?"""

    engine: str
    outcome: Literal["found", "nothing", "limited", "unreachable", "unreadable", "skipped"]
    detail: str = ""
    timed: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Searched:
    """What a search of the web gave: each page once, best first.

    `hits` is empty where the engines know nothing. `asked` are the engines, in the order in which they were asked.
    `left_out` counts pages of another site, or known to be older than was wanted. `age` is how many seconds ago the
    engines were asked, where the answer was kept; else None.
    """

    hits: Sequence[Hit]
    asked: Sequence[AskedEngine]
    left_out: int = 0
    age: float | None = None


class Search(Protocol):
    """Search engines of the web, asked in turn until one knows enough; politely, and not twice the same."""

    def find(self, query: str, *, count: int = 10, site: str = "", since: str = "") -> Searched:
        """Pages about a query, at most `count`. `site` keeps to one site ("example.org", "example.org/docs"); `since`
        to what is no older: a date ("2026-03-01") or "day", "week", "month", "year". For tools that declare FETCH or
        SEND.

        Raises `ToolError` with kind "rate-limited" where no engine wants to answer now, "unreachable" where none can
        be reached, "unreadable" where none gives a page with results in it.
        """
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How a confined program ended: its exit code (128 + n after signal n), all that it said on both outputs, why it
    was stopped (None: it ended by itself), and after how many seconds."""

    code: int
    output: str
    stopped: Literal["time", "output", "memory", "processes", "disk", "cancelled"] | None
    seconds: float


class Talker(Protocol):
    """A confined program that stays between the calls of a run, and is asked and answers in lines, within `turn`."""

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
