"""The goal and its file: the envelope of a run. What is wanted, what is allowed, what it may cost, how one can tell."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias, get_args

from agent.errors import GoalError
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
    env: Mapping[str, str] = field(default_factory=dict, repr=False)
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
class CitationsCheck:
    """The file `citations` cites at least `min_count` pages, each opened in this run, and what it quotes stands on
    them; at least `min_quotes` statements are their own words."""

    citations: str
    min_count: int = 1
    min_quotes: int = 0
    required: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeCheck:
    """The model answers this question about the answer and the files with yes."""

    judge: str
    required: bool = True


Check: TypeAlias = (
    FileCheck
    | RegexCheck
    | RunCheck
    | SchemaCheck
    | AnswerCheck
    | AbsentCheck
    | UnchangedCheck
    | CitationsCheck
    | JudgeCheck
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Goal:
    """A goal, checked and with its inputs filled in.

    `goals` are the sub-goals (at least one). `workspace` is an absolute folder or None (the default is used);
    `write` are globs that narrow what may be written (empty: all). `hosts` None: not narrowed. `namespace` None: the
    default. `recall` False: nothing is recalled or remembered. `files` are the absolute paths that `context` named.
    `project_context`: the project's `AGENTS.md` files are handed over, and `skills`: the list of its skills.
    `secrets` are the values that must never be shown or stored, in the order of the secret inputs, whose value in
    `inputs` is their mask. `source` is the goal file's absolute path. `mcp` are the servers that the goal names,
    each as the content of `mcpServers` has it, `timeout` in seconds.
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
    mcp: Mapping[str, Mapping[str, JSON]] = field(default_factory=dict, repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)
    project_context: bool = False
    skills: bool = False


def goal_from_words(text: str | Sequence[str]) -> Goal:
    """A goal in words. A string is one goal, never split, however many lines it has; a sequence is sub-goals.

    Raises:
        GoalError: there are no words.
    """
    goals = tuple(well_formed(one).strip() for one in ([text] if isinstance(text, str) else text))
    if not goals or not all(goals):
        raise GoalError("the goal is empty", hint='say what is wanted: thinkact run "summarise notes.md to brief.md"')
    return Goal(goals=goals)


def well_formed(text: str) -> str:
    """Text that UTF-8 can hold: halves of surrogate pairs are joined, lone ones become U+FFFD."""
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def mask(name: str) -> str:
    """What is kept and shown in place of the value of the secret input `name`."""
    return f"<secret {name}>"


def masked(goal: Goal) -> tuple[str, ...]:
    """The names of the goal's secret inputs, in order."""
    return tuple(name for name, value in goal.inputs.items() if value == mask(name))


def goal_to_dict(goal: Goal) -> dict[str, JSON]:
    """The goal as a plain dict, for the journal. Secrets stand in it as their masks, and are listed nowhere."""
    values = dict(zip(goal.secrets, map(mask, masked(goal)), strict=True)) if goal.secrets else {}
    body: dict[str, JSON] = {"version": _VERSION}
    for name, value in _fields(goal):
        if name == "checks":
            body[name] = [_plain(_with_env(check, values)) for check in goal.checks]
        elif name == "mcp":
            body[name] = _other_texts(_plain(value), values)
        elif name != "secrets":
            body[name] = _plain(value)
    return body


def goal_from_dict(body: Mapping[str, Any], *, secrets: Mapping[str, str] | None = None) -> Goal:
    """The goal that `goal_to_dict` wrote; with the same `secrets` (by the names of their inputs) exactly that goal.

    Without `secrets` the masks stay where the values were, and `masked` tells which are wanted.

    Raises:
        GoalError: the dict is of a newer version, is no goal, or a secret is missing.
    """
    version = body.get("version", _VERSION)
    if version != _VERSION:
        raise GoalError(f"the goal was kept by a newer thinkact (version {version})", hint="update thinkact")
    known = {one.name for one in dataclasses.fields(Goal)} - {"secrets"}
    try:
        parts = {name: _restored(name, value) for name, value in body.items() if name in known}
        goal = Goal(**parts)
    except (TypeError, ValueError, AttributeError) as fault:
        raise GoalError(f"what was kept is no goal: {fault}") from None
    return goal if secrets is None else _unmasked(goal, secrets)


_VERSION = 1
_CHECKS: Mapping[str, type[Check]] = {dataclasses.fields(one)[0].name: one for one in get_args(Check)}
_SECTIONS: Mapping[str, type[ModelChoice | ToolRules | Budget]] = {
    "model": ModelChoice,
    "tools": ToolRules,
    "budget": Budget,
}


def _fields(value: Any) -> Iterator[tuple[str, Any]]:
    return ((one.name, getattr(value, one.name)) for one in dataclasses.fields(value))


def _plain(value: Any) -> JSON:
    if dataclasses.is_dataclass(value):
        return {name: _plain(one) for name, one in _fields(value)}
    if isinstance(value, Mapping):
        return {str(name): _plain(one) for name, one in value.items()}
    if isinstance(value, tuple | list):
        return [_plain(one) for one in value]
    plain: JSON = value
    return plain


def _restored(name: str, value: Any) -> Any:
    """A field of a goal from its plain form; every list is a tuple again, but for those inside a mapping."""
    if name in _SECTIONS:
        return _SECTIONS[name](**{key: _tuple(one) for key, one in value.items()})
    if name == "checks":
        return tuple(_check(one) for one in value)
    return _tuple(value)


def _check(body: Mapping[str, Any]) -> Check:
    for key, form in _CHECKS.items():
        if key in body:
            return form(**body)
    raise ValueError("a check of an unknown form")


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


def _with_env(check: Check, values: Mapping[str, str]) -> Check:
    """A check whose `env` has other texts in place of `values`, the longest first; nothing replaced is read again."""
    if not isinstance(check, RunCheck) or not check.env or not values:
        return check
    env: Any = _other_texts(dict(check.env), values)
    return dataclasses.replace(check, env=env)


def _other_texts(value: JSON, texts: Mapping[str, str]) -> JSON:
    """A value in whose texts others stand in place of `texts`, the longest first; nothing replaced is read again."""
    if isinstance(value, dict):
        return {name: _other_texts(one, texts) for name, one in value.items()}
    if isinstance(value, list):
        return [_other_texts(one, texts) for one in value]
    if not isinstance(value, str) or not texts:
        return value
    either = "|".join(re.escape(one) for one in sorted(texts, key=len, reverse=True))
    return re.sub(either, lambda found: texts[found[0]], value)


def _unmasked(goal: Goal, secrets: Mapping[str, str]) -> Goal:
    names = masked(goal)
    missing = [name for name in names if not secrets.get(name)]
    if missing:
        hint = "give them again: " + " ".join(f"--set {name}=..." for name in missing)
        raise GoalError(f"secret inputs are not kept, these are needed again: {', '.join(missing)}", hint=hint)
    values = {mask(name): secrets[name] for name in names}
    checks = tuple(_with_env(check, values) for check in goal.checks)
    servers: Any = _other_texts(_plain(goal.mcp), values)
    return dataclasses.replace(goal, checks=checks, mcp=servers, secrets=tuple(secrets[name] for name in names))
