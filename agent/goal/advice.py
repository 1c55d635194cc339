"""What a goal that can be used does not say well: for `goal check`."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

from agent.globs import matches
from agent.goal.envelope import (
    AbsentCheck,
    Check,
    CitationsCheck,
    FileCheck,
    Goal,
    JudgeCheck,
    RegexCheck,
    RunCheck,
    SchemaCheck,
    UnchangedCheck,
)
from agent.spelling import nearest

OFFLINE = "offline"
"""The name of the model that follows rules, and judges nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """Where a goal would be run, as far as its file does not say it.

    `tools` gives the names of all tools; it is asked only where rules speak of some. `model` is the name that settings
    state, None where they state none; `endpoint`: they state a key or a base URL. `workspace` is the default folder.
    `servers` tells of every MCP server by its name what is wrong with it, in sentences. `unconfined`: why programs are
    not confined, as far as that is known without starting one.
    """

    tools: Callable[[], Collection[str]]
    model: str | None
    endpoint: bool
    workspace: Path
    servers: Callable[[Goal], Mapping[str, Sequence[str]]] = lambda _: {}
    unconfined: str | None = None


def advice(goal: Goal, around: Surroundings | None = None) -> Iterator[tuple[str, str]]:
    """Pairs of a key path and one sentence about it, in the order of the file. Without `around`, only what can be said
    of the file alone."""
    yield from _tools(goal)
    if around is not None:
        servers = around.servers(goal) if goal.mcp or _rules(goal) else {}
        yield from _for_nothing(goal, around.tools, servers)
        yield from _workspace(goal)
        if (said := wide_checks(goal, around.unconfined)) is not None:
            yield "network.hosts", said
        yield from ((f"mcp.{name}", said) for name in goal.mcp for said in servers.get(name, ()))
    if goal.budget.usd == 0:
        yield "budget.usd", "0 means that money is not limited"
    yield from _deciding(goal)
    for index, check in enumerate(goal.checks):
        yield from _of_check(goal, check, f"checks[{index}]", around)
        if around is not None and isinstance(check, JudgeCheck):
            yield from _judge(goal, f"checks[{index}]", around)


def unmatched(patterns: Sequence[str], tools: Collection[str]) -> Iterator[tuple[int, str]]:
    """The places of the patterns that match no tool, each with a sentence: most likely a slip of the pen."""
    for place, pattern in enumerate(patterns):
        if not any(fnmatchcase(name, pattern) for name in tools):
            guess = nearest(pattern, tools)
            yield place, f"{pattern} matches no tool{f'; did you mean {guess}?' if guess else ''}"


def wide_checks(goal: Goal, unconfined: str | None) -> str | None:
    """A sentence where a goal allows only some hosts, and programs of its checks reach all; `unconfined` is why."""
    if goal.hosts is None or unconfined is None or not any(isinstance(one, RunCheck) for one in goal.checks):
        return None
    return f"the programs of `run` checks are not held to the hosts: they have the whole network ({unconfined})"


def _rules(goal: Goal) -> Mapping[str, tuple[str, ...]]:
    rules = {
        "tools.allow": goal.tools.allow,
        "tools.ask": goal.tools.ask,
        "tools.deny": goal.tools.deny,
        "budget.tool_calls": tuple(goal.budget.tool_calls),
    }
    return {path: patterns for path, patterns in rules.items() if patterns}


def _for_nothing(
    goal: Goal, tools: Callable[[], Collection[str]], servers: Mapping[str, Sequence[str]]
) -> Iterator[tuple[str, str]]:
    rules = _rules(goal)
    names = tools() if rules else ()
    for path, patterns in rules.items():
        for place, sentence in unmatched(patterns, names):
            server = patterns[place].partition("__")[0]
            if server in goal.mcp:
                continue  # what a server brings is known once it is trusted
            if wrong := servers.get(server):
                sentence = f"the MCP server {server} {wrong[0]}"
            yield (f"{path}.{patterns[place]}" if path == "budget.tool_calls" else f"{path}[{place}]"), sentence


def _workspace(goal: Goal) -> Iterator[tuple[str, str]]:
    if goal.workspace is None or Path(goal.workspace).exists():
        return
    if Path(goal.workspace).parent.is_dir():
        yield "workspace.dir", f"{goal.workspace} is not there; a run makes it, empty"
    else:
        yield (
            "workspace.dir",
            f"{goal.workspace} is not there, nor the folder that it would lie in: make that one first",
        )


def _judge(goal: Goal, path: str, around: Surroundings) -> Iterator[tuple[str, str]]:
    name = goal.model.name or around.model
    if name == OFFLINE:
        yield path, "cannot pass: the offline model judges nothing; name a language model"
    elif name is None and not around.endpoint:
        yield path, "passes only with a language model, and none is set here: the offline model judges nothing"


def _tools(goal: Goal) -> Iterator[tuple[str, str]]:
    for name in goal.tools.allow:
        if any(fnmatchcase(name, pattern) for pattern in goal.tools.deny):
            yield "tools.allow", f"{name} is denied as well, and does not run"
        elif any(fnmatchcase(name, pattern) for pattern in goal.tools.ask):
            yield "tools.allow", f"{name} is under ask as well, and is asked for"


def _deciding(goal: Goal) -> Iterator[tuple[str, str]]:
    if not goal.checks:
        yield "", "there are no checks: any answer counts as reached whose claimed files exist and hold no placeholder"
    elif not any(check.required for check in goal.checks):
        yield "checks", "no check is required, so nothing decides whether the goal is reached"
    elif all(isinstance(check, JudgeCheck | AbsentCheck | UnchangedCheck) for check in goal.checks if check.required):
        if any(isinstance(check, JudgeCheck) for check in goal.checks if check.required):
            yield "checks", "only a model's opinion decides; add a check of a file or a program"
        else:
            yield "checks", "the required checks pass before anything is done; add a check of a file or a program"


def _of_check(goal: Goal, check: Check, path: str, around: Surroundings | None) -> Iterator[tuple[str, str]]:
    match check:
        case FileCheck():
            file = check.file
        case CitationsCheck():
            file = check.citations
        case RegexCheck() | SchemaCheck():
            file = check.path
        case _:
            return
    if "{{" in file:
        return
    if goal.write and not any(matches(file, pattern) for pattern in goal.write) and not _there(goal, file, around):
        yield path, f"{file} is covered by no pattern of workspace.write, so the agent cannot write it"
    for other in goal.checks:
        if isinstance(other, AbsentCheck) and matches(file, other.absent):
            yield path, f"{file} must be there and, by absent: {other.absent}, must not"


def _there(goal: Goal, file: str, around: Surroundings | None) -> bool:
    """Is the file there before the run? Then a check may look at it though nobody may write it."""
    root = Path(goal.workspace) if goal.workspace is not None else around.workspace if around is not None else None
    try:
        return root is not None and (root / file).is_file()
    except (OSError, ValueError):
        return False
