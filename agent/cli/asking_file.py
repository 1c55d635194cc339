"""What a goal file is asked for beside the goal: inputs, files that may be written, checks, tools."""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias

from agent.cli.asking_goal import Around, ask_budget, ask_list, ask_who, ask_workspace
from agent.cli.questions import Asked, Questions
from agent.goal.advice import unmatched
from agent.goal.draft import CheckDraft, Draft, FileThere, InputDraft, ProgramSucceeds, WordsIn
from agent.goal.inputs import TYPES
from agent.goal.single import fault, input_fault
from agent.goal.templates import is_name, names_in
from agent.spelling import did_you_mean

Defaults: TypeAlias = Mapping[str, str | None]
"""The inputs, each with the text that its default puts in; None where it must be given."""


def ask_whole(questions: Questions, around: Around) -> Draft:
    """All that a goal file is asked for. The draft's `workspace` is absolute, or empty for the default."""
    name, role, goals = ask_who(questions, around.given)
    inputs = _inputs(questions, (name, role, *goals))
    defaults = {name: one.text for name, one in inputs.items()}
    draft = Draft(
        name=name,
        role=role,
        goals=goals,
        inputs=inputs,
        workspace=ask_workspace(questions, around),
        write=_write(questions, defaults),
        checks=_checks(questions, defaults),
        allow=_allow(questions, around),
        budget=ask_budget(questions, around),
    )
    unused = [name for name in inputs if name not in draft.used()]
    questions.tell([f"{{{{ {name} }}}} stands nowhere, so this input is left out" for name in unused])
    return replace(draft, inputs={name: one for name, one in inputs.items() if name not in unused})


_INPUT = re.compile(
    r"(?:\{\{)?\s*(?P<name>[^\s:：=＝{}]+)\s*(?:\}\})?\s*(?:[:：]\s*(?P<type>\w+))?\s*(?:[=＝](?P<default>.*))?"
)
_KINDS = tuple(one for one in TYPES if one != "secret")


def _inputs(questions: Questions, texts: Sequence[str]) -> dict[str, InputDraft]:
    found = dict.fromkeys(name for text in texts for name in names_in(text))
    named = ", ".join(f"{{{{ {name} }}}}" for name in found)
    if named:
        questions.tell([f"You wrote {named}: an input if you name it now, else it stands as it is."])
    lines = ask_list(
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


def _write(questions: Questions, inputs: Defaults) -> tuple[str, ...]:
    return ask_list(
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


def _checks(questions: Questions, inputs: Defaults) -> tuple[CheckDraft, ...]:
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


def _file(questions: Questions, inputs: Defaults, default: str | None) -> str:
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


def _program(questions: Questions, inputs: Defaults) -> str:
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
    for name in _names(text):
        if (wrong := fault("tools.allow", name)) is not None:
            return wrong
    return next((sentence for _, sentence in unmatched(_names(text), tools)), None)
