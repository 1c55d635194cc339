"""The goal and its file: the envelope of a run. What is wanted, what is allowed, what it may cost, how one can tell."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from agent.events import JSON


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelChoice:
    """Which model, and how it is asked. None: not stated here. `window` and `reply` are tokens."""

    name: str | None = None
    fallback: tuple[str, ...] = ()
    temperature: float | None = None
    window: int | None = None
    reply: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolRules:
    """Patterns (`fnmatch`, on tool names) of what may run unasked, must be asked, must not run."""

    allow: tuple[str, ...] = ()
    ask: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Budget:
    """Limits. None: not stated here (the default holds); a stated 0 of `usd` means no limit. `time` is seconds."""

    steps: int | None = None
    model_calls: int | None = None
    tokens: int | None = None
    usd: float | None = None
    time: float | None = None
    tool_calls: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class FileCheck:
    """The file is there, is no placeholder, and has at least `min_bytes` bytes."""

    file: str
    min_bytes: int = 1
    required: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class RegexCheck:
    """`regex` is found in the file `path` at least `min_count` times."""

    regex: str
    path: str
    min_count: int = 1
    required: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class RunCheck:
    """The program ends with 0 within `timeout` seconds, started in the workspace. `env` may hold secret inputs."""

    run: str
    timeout: float = 60.0
    env: Mapping[str, str] = field(default_factory=dict)
    required: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SchemaCheck:
    """The JSON file `path` fits the JSON Schema file `schema` (its absolute path; `content` is the parsed schema)."""

    schema: str
    path: str
    content: Mapping[str, JSON] = field(default_factory=dict)
    required: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerCheck:
    """The regular expression is found in the final answer."""

    answer: str
    required: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class AbsentCheck:
    """No file of the workspace matches the glob."""

    absent: str
    required: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class UnchangedCheck:
    """The files that match the glob are, byte for byte, what they were when the run began; none is new or gone."""

    unchanged: str
    required: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeCheck:
    """The model answers this question about the answer and the files with yes."""

    judge: str
    required: bool = True


Check: TypeAlias = (
    FileCheck | RegexCheck | RunCheck | SchemaCheck | AnswerCheck | AbsentCheck | UnchangedCheck | JudgeCheck
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """A goal, checked and with its inputs filled in.

    `goals` are the sub-goals (at least one). `workspace` is an absolute folder or None (the default is used);
    `write` are globs that narrow what may be written (empty: all). `hosts` None: not narrowed. `namespace` None: the
    default. `recall` False: nothing is recalled or remembered. `files` are the absolute paths that `context` named.
    `secrets` are the values that must never be shown or stored. `source` is the goal file's absolute path.
    """

    goals: tuple[str, ...]
    name: str = "goal"
    role: str = ""
    instructions: str = ""
    constraints: tuple[str, ...] = ()
    inputs: Mapping[str, JSON] = field(default_factory=dict)
    model: ModelChoice = ModelChoice()
    mode: Literal["auto", "loop", "plan"] = "auto"
    tools: ToolRules = ToolRules()
    workspace: str | None = None
    write: tuple[str, ...] = ()
    hosts: tuple[str, ...] | None = None
    namespace: str | None = None
    recall: bool = True
    budget: Budget = Budget()
    parallel: int = 4
    checks: tuple[Check, ...] = ()
    attempts: int = 2
    files: tuple[str, ...] = ()
    source: str | None = None
    secrets: tuple[str, ...] = ()
