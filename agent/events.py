"""Events: everything that can happen in a run, as a closed union of facts.

A run is its events in order; the screen, the report, `resume` and `replay` are folds over them. An event is
frozen and holds plain values only, so that `encode` and `decode` are exact inverses. Each class carries its
`kind` (the name users see in `--output stream-json`) and its `version`; `decode` migrates older versions by
small numbered functions and refuses newer ones.
"""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any, ClassVar, Literal, TypeAlias, Union, get_args, get_origin

JSON: TypeAlias = "bool | int | float | str | list[JSON] | dict[str, JSON] | None"
"""A value as JSON knows it."""

Integrity: TypeAlias = Literal["user", "product", "untrusted"]
Confidentiality: TypeAlias = Literal["public", "workspace", "secret"]
Effect: TypeAlias = Literal["read", "write", "execute", "fetch", "send"]
"""What a tool call may do to the world; the values of `plugins.Effect`, which floor 1 cannot import."""
State: TypeAlias = Literal["reached", "not_reached", "limit", "loop", "blocked", "model", "interrupted"]
"""How a run ended, or where it stands."""


class UnknownEvent(ValueError):
    """A stored event of a kind or version that this version of thinkact does not know."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Label:
    """Where a text came from, and who may see it."""

    integrity: Integrity = "product"
    confidentiality: Confidentiality = "workspace"


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCall:
    """A call as the model asked for it.

    `arguments` is the parsed object. Where the model's text could not be read as one, it is empty and `fault`
    says why (with the text's place), and `raw` keeps the text.
    """

    id: str
    tool: str
    arguments: Mapping[str, JSON] = field(default_factory=dict)
    raw: str | None = None
    fault: str | None = None


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
class Thought:
    """One reply of the model: its words and the calls that it wants made."""

    kind: ClassVar = "thought"
    version: ClassVar = 1
    text: str
    calls: tuple[ToolCall, ...] = ()
    usage: Usage = Usage()
    model: str = ""
    finish: str = "stop"  # the endpoint's finish_reason: stop, length, tool_calls, content_filter, ...
    seconds: float = 0.0
    request: str = ""  # hash of the request that was answered
    step: int = 0  # numbered by the loop, from 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ThoughtDelta:
    """A piece of a thought while it streams; passes by, never journaled.

    `channel` is "text", "reasoning", "notice" (a retry, a fall-back: words of ours), or "restart": what was streamed
    of this thought so far is void and it begins anew.
    """

    kind: ClassVar = "thought.delta"
    version: ClassVar = 1
    text: str
    channel: Literal["text", "reasoning", "notice", "restart"] = "text"


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """How far long work has come; passes by, never journaled. `total` is None where it is not known."""

    kind: ClassVar = "progress"
    version: ClassVar = 1
    text: str
    done: float | None = None
    total: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCalled:
    """A paid call of the model that is no thought: a summary, a judgement, a folding, a tool's question."""

    kind: ClassVar = "model.called"
    version: ClassVar = 1
    purpose: str
    request: str  # hash of the request: on resume an answered request is not paid twice
    text: str
    usage: Usage
    model: str
    seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RunStarted:
    """The run was opened. `goal` is the goal as a plain dict: what counts, also when the file changes later."""

    kind: ClassVar = "run.started"
    version: ClassVar = 1
    run_id: str
    goal: Mapping[str, JSON]
    source: str | None  # the goal file, as given; None for a goal in words
    model: str
    workspace: str  # absolute path
    namespace: str
    unattended: bool
    tools: tuple[str, ...]
    thinkact: str  # version of the product
    limits: Mapping[str, JSON] = field(default_factory=dict)  # those that flags state
    baseline: Mapping[str, str] = field(default_factory=dict)  # path -> sha256 of the files that `unchanged` names
    deny: tuple[str, ...] = ()  # the patterns that flags deny: they hold on every resume
    endpoint: str = ""  # where the model is asked: its base URL without user, password and query; "": offline, unknown
    pinned: bool = False  # a flag named the endpoint: no setting takes the run elsewhere
    handed: tuple[str, ...] = ()  # the goal's context files, kept as artifacts: a line each for the model
    fork_of: str = ""  # the run that this one branched off from
    forked: int = 0  # so many events, this one among them, are those of that run, before its step `fork_step`
    fork_step: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResumed:
    """The run went on in a new process. `limits` are the limits raised by flags, `seconds` the time spent before.

    `deny`, `endpoint` and `pinned` are as in RunStarted, from here on; `memory` False: a flag turned it off for good.
    `goal`: where it was changed, the goal that counts from here on, with its `baseline` and its `source`.
    """

    kind: ClassVar = "run.resumed"
    version: ClassVar = 1
    model: str
    limits: Mapping[str, JSON]
    unattended: bool
    seconds: float
    deny: tuple[str, ...] = ()
    endpoint: str = ""
    pinned: bool = False
    memory: bool = True
    goal: Mapping[str, JSON] | None = None
    baseline: Mapping[str, str] | None = None
    source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RecalledNote:
    """A note as recall found it."""

    id: str
    text: str
    score: float
    kind: str  # fact, preference, lesson, episode, note
    origin: str  # user, agent, tool, import
    date: str  # ISO date
    label: Label = Label(integrity="untrusted")


@dataclass(frozen=True, slots=True, kw_only=True)
class Recalled:
    """Long-term memory was searched for `query`, because of `trigger`."""

    kind: ClassVar = "memory.recalled"
    version: ClassVar = 1
    query: str
    notes: tuple[RecalledNote, ...]
    trigger: Literal["start", "error", "tool", "task"] = "start"


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteWritten:
    """A note was stored for later runs."""

    kind: ClassVar = "note.written"
    version: ClassVar = 1
    id: str
    text: str
    note: str  # its kind: fact, preference, lesson, episode, note
    namespace: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """May this call be made? `ask` is followed by a second verdict, of a person or, unattended, of the policy.

    `arguments` is set where they were edited: the call is made with these.
    """

    kind: ClassVar = "verdict"
    version: ClassVar = 1
    call: str
    decision: Literal["allow", "ask", "deny"]
    by: Literal["policy", "person", "hook"]
    reason: str
    arguments: Mapping[str, JSON] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class FileState:
    """A file before a call that may write it. `sha256` None: it was not there. `content`: the whole old content
    (UTF-8, or base64 where `encoding` says so) if it is at most 64 kB; `artifact`: its handle if it is larger."""

    path: str
    sha256: str | None
    bytes: int = 0
    content: str | None = None
    encoding: Literal["utf-8", "base64"] = "utf-8"
    artifact: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolStarted:
    """The intent: on disk before the tool runs. `arguments` are the final ones and `arguments_hash` is over them.

    `before` is the state of every workspace path among the arguments, for calls that write; `after` maps a path
    to the sha256 that it will have (None: it will be gone), where that can be known beforehand, else is None.
    `asked_hash`, for a call made from inside a tool, is over the arguments as that tool gave them, before a hook or a
    person edited them: by it the tool gets its result again when it is run again after an interruption.
    """

    kind: ClassVar = "tool.started"
    version: ClassVar = 1
    call: str
    tool: str
    arguments: Mapping[str, JSON]
    arguments_hash: str
    effect: Effect
    repeatable: bool = False
    attempt: int = 1
    before: tuple[FileState, ...] = ()
    after: Mapping[str, str | None] | None = None
    asked_hash: str = ""


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
class Failure:
    """Why a call failed. `kind`: tool, arguments, unknown-tool, denied, timeout, cancelled, crash, feedback,
    repeated, no-model. `detail` is for the journal (a traceback), never for the model."""

    kind: str
    message: str
    hint: str | None = None
    detail: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """What came back from a tool call. `text` is what the model reads, cut to size; `whole` is the handle of the
    artifact that holds all of it, where it was cut. `settled`: not run again, found done after an interruption."""

    kind: ClassVar = "observation"
    version: ClassVar = 1
    call: str
    tool: str
    ok: bool
    text: str
    value: JSON = None
    artifacts: tuple[ArtifactReference, ...] = ()
    error: Failure | None = None
    seconds: float = 0.0
    whole: str | None = None
    files: tuple[FileChange, ...] = ()
    label: Label = Label(integrity="untrusted")
    settled: bool = False
    result_hash: str = ""  # of ok, text and value as the tool gave them: the guard compares it
    arguments_hash: str = ""  # set where the call was answered without being started


@dataclass(frozen=True, slots=True, kw_only=True)
class WindowFolded:
    """Older steps were folded into the running summary. Steps up to and including `upto` are no longer sent whole.

    Results in the steps up to `until` (the last one then) that are longer than `cap` tokens are sent cut, with a
    handle. `window` is set where the model's window was learned from a refusal. `mechanical`: no model wrote the
    summary.
    """

    kind: ClassVar = "window.folded"
    version: ClassVar = 1
    upto: int
    until: int
    cap: int | None
    summary: str
    tokens_before: int
    tokens_after: int
    mechanical: bool
    window: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """A check of the goal was made. `phase` "before": before the first step, to tell a check that cannot fail."""

    kind: ClassVar = "check"
    version: ClassVar = 1
    name: str
    passed: bool
    detail: str
    required: bool = True
    phase: Literal["before", "after"] = "after"
    attempt: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Feedback:
    """Words to the model that are no result: from the user (pending until answered), from failed checks, from the
    guard, or from thinkact itself (an empty turn)."""

    kind: ClassVar = "feedback"
    version: ClassVar = 1
    text: str
    origin: Literal["user", "checks", "guard", "product"]


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitReached:
    """A limit would be passed by the next thing to do, which therefore is not done."""

    kind: ClassVar = "limit"
    version: ClassVar = 1
    name: str  # steps, model_calls, tokens, usd, time, tool_calls.NAME
    used: float
    allowed: float
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """The agent ended its work, and the checks have decided."""

    kind: ClassVar = "finished"
    version: ClassVar = 1
    state: Literal["reached", "not_reached"]
    answer: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """The run was stopped short of a finish; `resume` goes on."""

    kind: ClassVar = "stopped"
    version: ClassVar = 1
    state: Literal["limit", "loop", "blocked", "model", "interrupted"]
    reason: str
    answer: str = ""


Event: TypeAlias = (
    RunStarted
    | RunResumed
    | Recalled
    | NoteWritten
    | ThoughtDelta
    | Progress
    | Thought
    | ModelCalled
    | Verdict
    | ToolStarted
    | Observed
    | WindowFolded
    | CheckResult
    | Feedback
    | LimitReached
    | Finished
    | Stopped
)
"""Everything that can happen in a run."""

Passing: TypeAlias = ThoughtDelta | Progress
"""Events that pass by and are never journaled."""

KINDS: Mapping[str, type[Event]] = {event.kind: event for event in get_args(Event)}
"""Every event class by its kind."""

_MIGRATIONS: dict[tuple[str, int], Callable[[dict[str, Any]], dict[str, Any]]] = {}
# (kind, n) -> a function that turns the fields of version n into those of version n + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """An event with its envelope: its place in the run.

    `seq` counts from 1; `time` is the wall clock (seconds since the epoch, for people); `elapsed` is the run's own
    time in seconds, monotonic, summed over resumes; `path` is the address of nested work ("" for the run itself).
    """

    seq: int
    time: float
    elapsed: float
    path: str
    event: Event


def encode(event: Event) -> dict[str, JSON]:
    """Turn an event into a plain dict with `kind` and, from version 2 on, `v`. Inverse of `decode`."""
    body: dict[str, JSON] = {"kind": event.kind}
    if event.version != 1:
        body["v"] = event.version
    for one in dataclasses.fields(event):
        body[one.name] = _plain(getattr(event, one.name))
    return body


def decode(body: Mapping[str, Any]) -> Event:
    """Turn a stored dict back into its event.

    Raises:
        UnknownEvent: its kind or version is unknown here (it was written by a newer thinkact), or its fields are not
            those of its kind.
    """
    kind, version = body.get("kind"), body.get("v", 1)
    found = KINDS.get(kind) if isinstance(kind, str) else None
    if found is None or not isinstance(version, int) or version > found.version:
        raise UnknownEvent(f"an event of kind {kind!r}, version {version}, was written by a newer thinkact")
    fields = {name: value for name, value in body.items() if name not in ("kind", "v")}
    for n in range(version, found.version):
        fields = _MIGRATIONS[(found.kind, n)](fields)
    try:
        event: Event = _build(found, fields)
    except (TypeError, AttributeError) as error:
        raise UnknownEvent(f"an event of kind {kind!r} is not what was written: {error}") from error
    return event


def _plain(value: Any) -> JSON:
    if value is None or isinstance(value, str | int | float):
        return value
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {one.name: _plain(getattr(value, one.name)) for one in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    return [_plain(one) for one in value]


@cache
def _hints(cls: Any) -> dict[str, Any]:
    hints = typing.get_type_hints(cls)
    return {one.name: hints[one.name] for one in dataclasses.fields(cls)}


def _build(cls: Any, fields: Mapping[str, Any]) -> Any:
    hints = _hints(cls)
    return cls(**{name: _restore(hints[name], value) for name, value in fields.items() if name in hints})


def _restore(hint: Any, value: Any) -> Any:
    """Give `value`, as JSON has it, the type that `hint` asks for; only tuples and dataclasses differ from JSON."""
    if value is None:
        return None
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        return _build(hint, value)
    origin = get_origin(hint)
    if origin is tuple:
        return tuple(_restore(get_args(hint)[0], one) for one in value)
    if origin in (Union, types.UnionType):
        for one in get_args(hint):
            if get_origin(one) is tuple or (isinstance(one, type) and dataclasses.is_dataclass(one)):
                return _restore(one, value)
    return value
