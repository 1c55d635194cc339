"""A goal, asked for at the terminal as AutoGPT does: name, role, any number of goals, budget, folder.

Each part is a function that asks for it and gives what a draft holds of it. What is known already is not asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agent.cli.questions import Asked, Questions
from agent.cli.saying import say
from agent.errors import UsageError
from agent.goal import Budget, Goal
from agent.goal.draft import Draft
from agent.goal.single import fault
from agent.opening.desk import find_workspace
from agent.opening.parts import open_workspace
from agent.quantities import read_duration, read_money, read_whole, write_duration
from agent.settings import Settings, effective_budget

NONE = "-"
"""Leaves out what need not be there."""
WORKSPACE = "./workspace"


@dataclass(frozen=True, slots=True, kw_only=True)
class Around:
    """Where a goal is asked for. `given` is what is known of it already, and `passed` names what needs no asking beside
    (limits, `workspace`). `tools` names the tools with their effects."""

    settings: Settings
    cwd: Path
    given: Draft = field(default_factory=lambda: Draft(goals=()))
    passed: frozenset[str] = frozenset()
    tools: Callable[[], Mapping[str, str]] = dict


def ask_short(questions: Questions, around: Around) -> Draft:
    """What a run needs. The draft's `workspace` is absolute, or empty for the default."""
    name, role, goals = ask_who(questions, around.given)
    return Draft(
        name=name,
        role=role,
        goals=goals,
        budget=ask_budget(questions, around),
        workspace=ask_workspace(questions, around),
    )


def ask_who(questions: Questions, given: Draft) -> tuple[str, str, tuple[str, ...]]:
    """Name, role and goals."""
    name = given.name or _name(questions)
    role = given.role or _role(questions)
    return name, role, given.goals or _goals(questions)


def _name(questions: Questions) -> str:
    answer = questions.ask(
        Asked(
            text="Name: a short one for this goal",
            help=(f"It stands in listings, and names the goal file. {NONE} leaves it out.", "Such as: council-brief"),
            why=f"without a name it is hard to find again; type one, or {NONE} to leave it out",
            fault=lambda text: fault("name", text),
            exact=True,
        )
    )
    return "" if answer.strip() == NONE else answer


def _role(questions: Questions) -> str:
    answer = questions.ask(
        Asked(
            text="Role: who the agent is",
            help=(f"It tells the model how to see the work. {NONE} leaves it out.", "Such as: careful clerk of a town"),
            why=f"the role tells the agent how to see the work; type one, or {NONE} to leave it out",
            fault=lambda text: fault("role", text),
            exact=True,
        )
    )
    return "" if answer.strip() == NONE else answer


def _goals(questions: Questions) -> tuple[str, ...]:
    return ask_list(
        questions,
        "Goals: what is wanted, one a line; an empty line ends",
        "goal",
        help=(
            "As many as you like. Name the files to be read and to be written, with their folders in the workspace.",
            "Such as: Read every document in papers and write a brief to out/brief.md",
        ),
        why="without a goal there is nothing to work on; say what is wanted",
        fault=lambda text: fault("goal", text),
        exact=True,
    )


def ask_list(
    questions: Questions,
    text: str,
    label: str,
    *,
    help: Sequence[str],  # noqa: A002 - as in Asked
    fault: Callable[[str], str | None],
    why: str = "",
    exact: bool = False,
) -> tuple[str, ...]:
    """Answers up to an empty one. `why`: there must be one at least."""
    answers: list[str] = []
    while True:
        number = len(answers) + 1
        answer = questions.ask(
            Asked(
                text=text,
                help=help,
                why=why,
                default=None if why and not answers else "",
                fault=fault,
                label=f"{label} {number}",
                exact=exact,
                more=number > 1,
            )
        )
        if not answer.strip():
            return tuple(answers)
        answers.append(answer)


# -- the budget and the folder


@dataclass(frozen=True, slots=True)
class _Limit:
    """A limit that is asked for: how it is asked, read and written."""

    text: str
    help: str
    read: Callable[[str], float]
    write: Callable[[float], str]


def _dollars(usd: float) -> str:
    if not usd:
        return "0"
    return f"{usd:.2f}" if round(usd, 2) == usd else f"{usd:.6f}".rstrip("0").rstrip(".")


_LIMITS: Mapping[str, _Limit] = {
    "steps": _Limit(
        "Steps at most", "A step is one thought with its tool calls, such as 50.", read_whole, lambda n: str(int(n))
    ),
    "usd": _Limit(
        "US dollars at most", "What calls of the model may cost, such as 0.50; 0: no limit.", read_money, _dollars
    ),
    "time": _Limit("Time at most", "Such as 15m, 2h or 1h30m.", read_duration, write_duration),
}


def ask_budget(questions: Questions, around: Around) -> dict[str, str]:
    """The limits that differ from those that hold anyway, and what flags stated."""
    stated = dict(around.given.budget)
    holding = effective_budget(around.settings, goal=Budget()).budget
    for name, limit in _LIMITS.items():
        if name in stated or name in around.passed:
            continue
        default = limit.write(getattr(holding, name))
        answer = questions.ask(
            Asked(
                text=limit.text,
                help=(limit.help, f"Enter keeps {default}. At a limit a run stops, and can be resumed."),
                default=default,
                fault=lambda text, name=name: fault(f"budget.{name}", text),  # type: ignore[misc]
            )
        )
        if (written := limit.write(limit.read(answer))) != default:
            stated[name] = written
            _say_cap(questions, around.settings, name, limit.read(answer), limit)
    return stated


def _say_cap(questions: Questions, settings: Settings, name: str, wanted: float, limit: _Limit) -> None:
    stated: dict[str, Any] = {name: wanted}
    holds = getattr(effective_budget(settings, goal=Budget(**stated)).budget, name)
    if holds != wanted:
        questions.tell([f"  your settings hold it at {limit.write(holds)}"])


def ask_workspace(questions: Questions, around: Around) -> str:
    """The folder to work in, absolute; empty for the default."""
    if around.given.workspace or "workspace" in around.passed:
        return around.given.workspace
    answer = questions.ask(
        Asked(
            text="Workspace: the folder to work in",
            help=(
                "The agent reads and writes in this folder and nowhere else. It is made where it is not there.",
                f"Enter means {WORKSPACE} of the folder where thinkact is started.",
            ),
            default=WORKSPACE,
            fault=lambda text: workspace_fault(text, around),
        )
    )
    return "" if answer == WORKSPACE else str(around.cwd / Path(answer).expanduser())


def workspace_fault(text: str, around: Around) -> str | None:
    """Why no run could work in this folder; None where it can."""
    if (wrong := fault("workspace.dir", text)) is not None:
        return wrong
    try:
        root = find_workspace(flag=Path(text).expanduser(), stated=None, cwd=around.cwd).root
        if root.exists():
            open_workspace(Goal(goals=("look",)), root, around.settings, cwd=around.cwd, tell=say).close()
    except UsageError as error:
        return error.message
    except RuntimeError:
        return "there is no home folder to put in place of ~"
    return None
