"""A goal, asked for at the terminal as AutoGPT does: name, role, goals, budget, folder; for a goal file also inputs,
files that may be written, checks and tools.

Each part is a function that asks for it and gives what a draft holds of it. What a flag has stated is not asked.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from agent.cli.questions import Asked, Questions
from agent.cli.saying import say
from agent.errors import UsageError
from agent.goal import Budget, Goal
from agent.goal.draft import CheckDraft, Draft, FileThere, InputDraft, ProgramSucceeds, WordsIn
from agent.goal.inputs import TYPES
from agent.goal.single import fault, input_fault
from agent.goal.templates import is_name, names_in
from agent.opening.desk import find_workspace
from agent.opening.parts import open_workspace
from agent.quantities import read_duration, read_money, read_whole, write_duration
from agent.settings import Settings, effective_budget
from agent.spelling import did_you_mean

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
    name, role, goals = _who(questions, around.given)
    return Draft(
        name=name,
        role=role,
        goals=goals,
        budget=_budget(questions, around),
        workspace=_workspace(questions, around),
    )


def ask_whole(questions: Questions, around: Around) -> Draft:
    """All that a goal file is asked for; else as `ask_short`."""
    name, role, goals = _who(questions, around.given)
    inputs = _inputs(questions, (name, role, *goals))
    draft = Draft(
        name=name,
        role=role,
        goals=goals,
        inputs=inputs,
        workspace=_workspace(questions, around),
        write=_write(questions, inputs),
        checks=_checks(questions, inputs),
        allow=_allow(questions, around),
        budget=_budget(questions, around),
    )
    unused = [name for name in inputs if name not in draft.used()]
    questions.tell([f"{{{{ {name} }}}} stands nowhere, so this input is left out" for name in unused])
    return replace(draft, inputs={name: one for name, one in inputs.items() if name not in unused})


def _who(questions: Questions, given: Draft) -> tuple[str, str, tuple[str, ...]]:
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
    return _listed(
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


def _listed(
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


def _budget(questions: Questions, around: Around) -> dict[str, str]:
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


def _workspace(questions: Questions, around: Around) -> str:
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


# -- what a goal file says beside


_INPUT = re.compile(
    r"(?:\{\{)?\s*(?P<name>[^\s:：=＝{}]+)\s*(?:\}\})?\s*(?:[:：]\s*(?P<type>\w+))?\s*(?:[=＝](?P<default>.*))?"
)
_KINDS = tuple(one for one in TYPES if one != "secret")


def _inputs(questions: Questions, texts: Sequence[str]) -> dict[str, InputDraft]:
    found = dict.fromkeys(name for text in texts for name in names_in(text))
    named = ", ".join(f"{{{{ {name} }}}}" for name in found)
    if named:
        questions.tell([f"You wrote {named}: an input if you name it now, else it stands as it is."])
    lines = _listed(
        questions,
        "Inputs: what --set NAME=VALUE fills in for {{ NAME }}, one a line; an empty line ends",
        "input",
        help=(
            "Write NAME, NAME=DEFAULT or NAME:TYPE=DEFAULT. Without a default it must be given for each run.",
            f"Types: {', '.join(_KINDS)}. A select has its values in place of a default.",
            "Such as: topic · out:path=out/brief.md · length:select=short|long",
        ),
        fault=_input_fault,
    )
    return dict(map(_input, lines))


def _input(line: str) -> tuple[str, InputDraft]:
    parts = _INPUT.fullmatch(line)
    assert parts is not None, line
    kind, default = parts["type"] or "string", parts["default"]
    if default is None or not default.strip():
        return parts["name"], InputDraft(type=kind)
    values = tuple(one.strip() for one in re.split(r"[|｜,，]", default) if one.strip())
    if kind == "select":
        return parts["name"], InputDraft(type=kind, options=values)
    return parts["name"], InputDraft(type=kind, default=values if kind == "list" else default.strip())


def _input_fault(line: str) -> str | None:
    parts = _INPUT.fullmatch(line)
    if parts is None or not is_name(parts["name"]):
        return "write NAME, NAME=DEFAULT or NAME:TYPE=DEFAULT, a name of letters, digits, _ and -"
    kind = parts["type"] or "string"
    if kind == "secret":
        return "a secret may stand only in the env of a run check: write it into the file by hand"
    if kind not in _KINDS:
        return f'there is no type "{kind}"{did_you_mean(kind, _KINDS)}'
    name, made = _input(line)
    return input_fault(name, made.stated)


def _write(questions: Questions, inputs: Collection[str]) -> tuple[str, ...]:
    return _listed(
        questions,
        "Files that it may write, one name or pattern a line; an empty line ends (none: all of the workspace)",
        "write",
        help=(
            "Names and patterns in the workspace. Everything else is protected from this goal.",
            "Such as: out/brief.md · out/** · *.csv",
        ),
        fault=lambda text: fault("workspace.write", text, inputs=inputs),
    )


_CHECKS = {
    **dict.fromkeys(("f", "file", "文件"), "f"),
    **dict.fromkeys(("w", "words", "文字", "词"), "w"),
    **dict.fromkeys(("p", "program", "程序"), "p"),
}


def _checks(questions: Questions, inputs: Collection[str]) -> tuple[CheckDraft, ...]:
    """Checks, each asked in one to three lines."""
    checks: list[CheckDraft] = []
    file: str | None = None
    while True:
        number = len(checks) + 1
        kind = questions.ask(
            Asked(
                text="Checks: how one can tell that it is reached. f a file is there · w words stand in a file · "
                "p a program succeeds; an empty line ends",
                help=(
                    "All of them must pass, whatever the model says. What fails goes back to the agent.",
                    "Without a check, any answer counts as reached whose claimed files are there.",
                ),
                default="",
                fault=lambda text: None if text.casefold() in _CHECKS else "f, w or p; an empty line ends",
                label=f"check {number}",
                more=number > 1,
            )
        )
        if not kind:
            return tuple(checks)
        match _CHECKS[kind.casefold()]:
            case "f":
                file = _file(questions, inputs, None)
                checks.append(FileThere(file))
            case "w":
                words = _words(questions)
                file = _file(questions, inputs, file)
                checks.append(WordsIn(words, file))
            case _:
                checks.append(ProgramSucceeds(_program(questions, inputs)))


def _file(questions: Questions, inputs: Collection[str], default: str | None) -> str:
    return questions.ask(
        Asked(
            text="  Which file?",
            help=("A file of the workspace, such as out/brief.md. It must be there, finished, and not empty.",),
            why="name a file of the workspace, such as out/brief.md",
            default=default,
            fault=lambda text: fault("checks.file.file", text, inputs=inputs),
        )
    )


def _words(questions: Questions) -> str:
    return questions.ask(
        Asked(
            text="  Which words?",
            help=("Exactly these must stand in the file. Regular expressions can be written into the goal file.",),
            why="type the words that must stand in the file",
            exact=True,
        )
    )


def _program(questions: Questions, inputs: Collection[str]) -> str:
    return questions.ask(
        Asked(
            text="  Which program, with its arguments?",
            help=("It is started in the workspace, and must end with 0. Such as: python -m pytest -q",),
            why="type the program, such as: python -m pytest -q",
            fault=lambda text: fault("checks.run.run", text, inputs=inputs),
        )
    )


def _allow(questions: Questions, around: Around) -> tuple[str, ...]:
    tools = around.tools()
    answer = questions.ask(
        Asked(
            text="Tools that run unasked, with commas between (Enter: none; reading is never asked)",
            help=(
                "At a terminal every other call that does more than read is shown to you first.",
                *(f"{name} · {effect}" for name, effect in tools.items() if effect != "read"),
            ),
            default="",
            fault=lambda text: _tools_fault(text, tools),
        )
    )
    return tuple(dict.fromkeys(_names(answer)))


def _names(text: str) -> list[str]:
    return [one for one in re.split(r"[\s,，、;；]+", text) if one]


def _tools_fault(text: str, tools: Collection[str]) -> str | None:
    from agent.goal.advice import unmatched

    for name in _names(text):
        if (wrong := fault("tools.allow", name)) is not None:
            return wrong
    return next((sentence for _, sentence in unmatched(_names(text), tools)), None)
