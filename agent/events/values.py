"""Values: what events are made of. Frozen, and of plain values only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

JSON: TypeAlias = "bool | int | float | str | list[JSON] | dict[str, JSON] | None"
"""A value as JSON knows it."""

Integrity: TypeAlias = Literal["user", "product", "untrusted"]
Confidentiality: TypeAlias = Literal["public", "workspace", "secret"]
Effect: TypeAlias = Literal["read", "write", "execute", "fetch", "send"]
"""What a tool call may do to the world; the values of `plugins.Effect`, which floor 1 cannot import."""
State: TypeAlias = Literal["reached", "not_reached", "limit", "loop", "blocked", "model", "interrupted"]
"""How a run ended, or where it stands."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """Where a text came from, and who may see it."""

    integrity: Integrity = "product"
    confidentiality: Confidentiality = "workspace"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """A call as the model asked for it.

    `arguments` is the parsed object. Where the model's text could not be read as one, it is empty and `fault`
    says why (with the text's place), and `raw` keeps the text. `via` is the tool of the loop's own through which it was
    asked for, such as `call_tool`; "": by its own name.
    """

    id: str
    tool: str
    arguments: Mapping[str, JSON] = field(default_factory=dict)
    raw: str | None = None
    fault: str | None = None
    via: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """What a call of the model cost, in tokens and US dollars.

    `cached_tokens` is the part of `prompt_tokens` that the endpoint had cached. `usd` is None where the price is
    unknown, and 0.0 where there is none (a model on this machine). `estimated` says that the endpoint reported no
    usage and the tokens were counted here, or that they are those of several calls. `calls` is how many calls they
    are of: those that were billed and gave nothing to go on with are counted with the one that did.
    """

    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    usd: float | None = 0.0
    estimated: bool = False
    calls: int = 1

    @property
    def tokens(self) -> int:
        """Prompt and completion together."""
        return self.prompt_tokens + self.completion_tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class RecalledNote:
    """A note as recall found it. `score` is None where it was not weighed: it is told whatever the goal is."""

    id: str
    text: str
    score: float | None
    kind: str  # fact, preference, lesson, episode, note
    origin: str  # user, agent, tool, import
    date: str  # ISO date
    label: Label = Label(integrity="untrusted")


@dataclass(frozen=True, slots=True, kw_only=True)
class FileState:
    """A file before a call that may write it. `sha256` None: it was not there. `content`: the whole old content
    (UTF-8, or base64 where `encoding` says so) if it is at most 64 kB; `artifact`: its handle if it is larger. `mode`:
    its rights, nine bits as POSIX counts them; None where there are none."""

    path: str
    sha256: str | None
    bytes: int = 0
    content: str | None = None
    encoding: Literal["utf-8", "base64"] = "utf-8"
    artifact: str | None = None
    mode: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ArtifactReference:
    """A file kept by thinkact: content-addressed, read by its handle."""

    handle: str
    path: str
    media_type: str
    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FileChange:
    """What a call did to a file of the workspace. `sha256` is None and `bytes` 0 where it was deleted."""

    path: str
    change: Literal["created", "changed", "deleted"]
    bytes: int
    sha256: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class FormChange:
    """What a program made of a name of the workspace beside a file's content. Forms: "" for nothing, `link TARGET`,
    `folder 755`, `file 644` (rights as octal digits; none on Windows), `other`."""

    path: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a call failed. `kind`: tool, arguments, unknown-tool, denied, timeout, cancelled, crash, feedback,
    repeated, no-model. `detail` is for the journal (a traceback), never for the model."""

    kind: str
    message: str
    hint: str | None = None
    detail: str | None = None
