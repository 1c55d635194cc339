"""A goal file that is yet to be written: what was answered, and the YAML that says exactly that.

The texts of a draft are as a person gave them. `{{ name }}` of an input that the draft declares is filled in by a run;
every other `{{` stands for itself, and is written so. What is written reads back, by our reader and by any other, as
the very same texts: in Chinese, with quotes, colons and signs of YAML in them, with spaces around.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

from agent.goal.shapes import plain
from agent.goal.templates import literal, names_in
from agent.goal.yaml_scan import Table, scan
from agent.terminal import neutral

SCHEMA = "goal.schema.json"
"""The file that editors take the schema from, beside the goal file; `thinkact goal schema` prints it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class InputDraft:
    """An input. `default` None: it must be given. `options` are those of a select."""

    type: str = "string"
    default: str | tuple[str, ...] | None = None
    options: tuple[str, ...] = ()

    @property
    def text(self) -> str | None:
        """What the default puts into a text; None where there is none."""
        return ", ".join(self.default) if isinstance(self.default, tuple) else self.default

    @property
    def stated(self) -> dict[str, Any]:
        """What its declaration holds."""
        made: dict[str, Any] = {"type": self.type}
        if self.options:
            made["options"] = list(self.options)
        if self.default is None:
            return made | {"required": Bare("true")}
        return made | {"default": list(self.default) if isinstance(self.default, tuple) else self.default}


@dataclass(frozen=True, slots=True)
class FileThere:
    """A check: the file is there, finished."""

    path: str


@dataclass(frozen=True, slots=True)
class WordsIn:
    """A check: exactly these words stand in the file."""

    words: str
    path: str


@dataclass(frozen=True, slots=True)
class ProgramSucceeds:
    """A check: the program ends with 0."""

    run: str


CheckDraft: TypeAlias = FileThere | WordsIn | ProgramSucceeds


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """What a goal file is to say. Empty: not stated. `workspace` is relative to the file's folder, or absolute; the
    values of `budget` are as they are to be written (`10m`)."""

    goals: tuple[str, ...]
    name: str = ""
    role: str = ""
    inputs: Mapping[str, InputDraft] = field(default_factory=dict)
    allow: tuple[str, ...] = ()
    workspace: str = ""
    write: tuple[str, ...] = ()
    budget: Mapping[str, str] = field(default_factory=dict)
    checks: tuple[CheckDraft, ...] = ()

    def used(self) -> set[str]:
        """The names that stand in `{{ }}` in its texts."""
        checks = [text for check in self.checks for text in _texts(check)]
        return {name for text in (self.name, self.role, *self.goals, *self.write, *checks) for name in names_in(text)}


class Bare(str):
    """A value that stands without quotes, whatever it looks like: a number, a truth."""

    __slots__ = ()


def body(draft: Draft) -> dict[str, Any]:
    """The mapping that the file holds, its scalars as texts."""

    def text(answer: str) -> str:
        return literal(answer, draft.inputs)

    goals = [text(one) for one in draft.goals]
    stated = {
        "version": Bare("1"),
        "name": text(draft.name),
        "role": text(draft.role),
        "goal": goals[0] if len(goals) == 1 else goals,
        "inputs": {name: one.stated for name, one in draft.inputs.items()},
        "tools": {"allow": list(draft.allow)} if draft.allow else {},
        "workspace": {
            name: value
            for name, value in {
                "dir": literal(draft.workspace, ()),
                "write": [text(one) for one in draft.write],
            }.items()
            if value
        },
        "budget": {name: Bare(value) for name, value in draft.budget.items()},
        "checks": [_check(one, draft) for one in draft.checks],
    }
    return {name: value for name, value in stated.items() if value}


def goal_file_text(draft: Draft) -> str:
    """The text of the file, a line for a value, Chinese as it is."""
    lines = [f"# yaml-language-server: $schema={SCHEMA}"]
    for key, value in body(draft).items():
        lines += _entry(key, value)
    return "".join(f"{line}\n" for line in lines)


def says(text: str, draft: Draft) -> bool:
    """Does the text of a goal file hold exactly what the draft says?"""
    node = scan(text)
    return isinstance(node, Table) and plain(node) == body(draft)


_COMMENTS = {
    "tools.allow": "these run unasked, also at a terminal",
    "workspace.write": "nothing else is written",
    "checks": "these decide whether the goal is reached, not the model's word",
}
_SPECIAL = re.compile(r"[\\.^$*+?{}\[\]|()]")
"""What means something in a regular expression."""
_ESCAPED = re.compile("[\t\n\r\ufffe\uffff]")
_NUMBER = re.compile(r"[-+]?[\d.][\d_.]*([eE][-+]?\d+)?")
"""What a reader of another YAML may take for a number."""


def _texts(check: CheckDraft) -> Sequence[str]:
    match check:
        case FileThere():
            return (check.path,)
        case WordsIn():
            return check.words, check.path
        case ProgramSucceeds():
            return (check.run,)


def _check(check: CheckDraft, draft: Draft) -> dict[str, str]:
    match check:
        case FileThere():
            return {"file": literal(check.path, draft.inputs)}
        case WordsIn():
            pattern = literal(check.words, draft.inputs, escape=lambda text: _SPECIAL.sub(r"\\\g<0>", text))
            return {"regex": pattern, "in": literal(check.path, draft.inputs)}
        case ProgramSucceeds():
            return {"run": literal(check.run, draft.inputs)}


def _entry(key: str, value: Any) -> Iterator[str]:
    """A key of the file with its value: lists of texts and of checks in lines, small mappings in braces."""
    if isinstance(value, str):
        yield f"{key}: {_scalar(value, flow=False)}"
    elif isinstance(value, list):
        yield f"{key}:{_comment(key)}"
        yield from (f"  - {_inline(one)}" for one in value)
    elif all(isinstance(one, str) for one in value.values()):
        yield f"{key}: {_inline(value)}"
    else:
        yield f"{key}:"
        yield from (
            f"  {_scalar(name, flow=False)}: {_inline(one)}{_comment(f'{key}.{name}')}" for name, one in value.items()
        )


def _comment(path: str) -> str:
    return f"  # {_COMMENTS[path]}" if path in _COMMENTS else ""


def _inline(value: Any) -> str:
    """A value on one line; only a text that is the whole line's is in no braces."""
    return _scalar(value, flow=False) if isinstance(value, str) else _flow(value)


def _flow(value: Any) -> str:
    if isinstance(value, str):
        return _scalar(value, flow=True)
    if isinstance(value, list):
        return f"[{', '.join(map(_flow, value))}]"
    return f"{{{', '.join(f'{_scalar(name, flow=True)}: {_flow(one)}' for name, one in value.items())}}}"


def _scalar(text: str, *, flow: bool) -> str:
    """A text as YAML, plain where every reader takes it for that text; `flow`: within brackets or braces."""
    if isinstance(text, Bare):
        return str(text)
    if neutral(text) != text or _ESCAPED.search(text):
        return _quoted(text)
    if _NUMBER.fullmatch(text):
        return f"'{text}'"
    import yaml

    whole: str = yaml.safe_dump([text], default_flow_style=flow, allow_unicode=True, width=10**9)
    return whole.removesuffix("\n")[1:-1] if flow else whole.removesuffix("\n").removeprefix("- ")


def _quoted(text: str) -> str:
    """In double quotes, with an escape for what cannot stand in a file or would not be seen there."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    for letter, written in (("\r", "\\r"), ("\n", "\\n"), ("\t", "\\t"), ("\ufffe", "\\uFFFE"), ("\uffff", "\\uFFFF")):
        escaped = escaped.replace(letter, written)
    return f'"{neutral(escaped)}"'
