"""Facts: every event that a run can have, as a closed union. Each class carries its `kind` (the name that users see in
`--output stream-json`) and its `version`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal, TypeAlias, get_args

from agent.events.values import (
    JSON,
    ArtifactReference,
    Effect,
    Failure,
    FileChange,
    FileState,
    FormChange,
    Label,
    RecalledNote,
    ToolCall,
    Usage,
)

_UNUSED, _UNTRUSTED = Usage(), Label(integrity="untrusted")


@dataclass(frozen=True, slots=True, kw_only=True)
class Thought:
    """One reply of the model: its words and the calls that it wants made."""

    kind: ClassVar = "thought"
    version: ClassVar = 1
    text: str
    calls: tuple[ToolCall, ...] = ()
    usage: Usage = _UNUSED
    model: str = ""
    finish: str = "stop"  # the endpoint's finish_reason: stop, length, tool_calls, content_filter, ...
    seconds: float = 0.0
    request: str = ""  # hash of the request that was answered
    step: int = 0  # numbered by the loop, from 1


@dataclass(frozen=True, slots=True, kw_only=True)
class ThoughtDelta:
    """A piece of a thought while it streams; passes by, never journaled.

    `channel` is "text", "reasoning", "notice" (a retry, a fall-back: words of ours), or "restart": what was streamed
    of this thought so far is void and it begins anew. `waited`, of a notice that nothing came yet: for so many seconds.
    """

    kind: ClassVar = "thought.delta"
    version: ClassVar = 1
    text: str
    channel: Literal["text", "reasoning", "notice", "restart"] = "text"
    waited: float | None = None


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
    source: str | None  # the goal file's absolute path; None for a goal in words
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
    source_hash: str = ""  # sha256 of the goal file's text; "": unknown
    offered: tuple[str, ...] | None = None  # the tools that the prompt tells of, in its order; None: not chosen


@dataclass(frozen=True, slots=True, kw_only=True)
class RunResumed:
    """The run went on in a new process. `limits` are the limits raised by flags, `seconds` the time spent before.

    `deny`, `endpoint` and `pinned` are as in RunStarted, from here on; `memory` False: a flag turned it off for good.
    `goal`: where it was changed, the goal that counts from here on, with its `baseline`, its `source` and the tools
    that are `offered` for it.
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
    offered: tuple[str, ...] | None = None


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
    """A note was stored for later runs. `why`: a tool asked for it, the user corrected the agent, a failed call was put
    right, older steps were folded, the run ended."""

    kind: ClassVar = "note.written"
    version: ClassVar = 1
    id: str
    text: str
    note: str  # its kind: fact, preference, lesson, episode, note
    namespace: str
    why: Literal["remember", "correction", "error", "fold", "end"] = "remember"
    origin: str = "agent"  # whose words they are: user, agent
    state: str = "new"  # new, counted, replaced, covered: see plugins.Remembered
    replaced: tuple[str, ...] = ()  # ids of the notes whose place it took


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
class Observed:
    """What came back from a tool call. `text` is what the model reads, cut to size; `whole` is the handle of the
    artifact that holds all of it, where it was cut. `settled`: not run again, found done after an interruption.
    `before`: how the files that a program changed were before it, which nobody could tell before it ran."""

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
    label: Label = _UNTRUSTED
    settled: bool = False
    result_hash: str = ""  # of ok, text and value as the tool gave them: the guard compares it
    arguments_hash: str = ""  # set where the call was answered without being started
    before: tuple[FileState, ...] = ()
    forms: tuple[FormChange, ...] = ()  # links, folders and rights that a program changed


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
class ContextHanded:
    """What the project says of itself was handed over: an `AGENTS.md`, or the list of its skills.

    `text` is what the model reads, framed; "" where there was nothing to hand over. `handle` is that of the whole file,
    kept with the run, `bytes` its size; `names` are those of the skills; `faults` tell the person what is wrong.
    """

    kind: ClassVar = "context.handed"
    version: ClassVar = 1
    source: Literal["agents", "skills"]
    path: str  # in the workspace
    text: str = ""
    handle: str = ""
    bytes: int = 0
    names: tuple[str, ...] = ()
    faults: tuple[str, ...] = ()
    label: Label = _UNTRUSTED


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
    | ContextHanded
    | LimitReached
    | Finished
    | Stopped
)
"""Everything that can happen in a run."""

Passing: TypeAlias = ThoughtDelta | Progress
"""Events that pass by and are never journaled."""

KINDS: Mapping[str, type[Event]] = {event.kind: event for event in get_args(Event)}
"""Every event class by its kind."""
