"""What to write instead: for each complaint about a plugin's code, a line that would do."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Sequence

from agent.cli.tool_files import WrittenArgument
from agent.spelling import nearest

_TYPES = {bool: "bool", int: "int", float: "float", str: "str", list: "list[str]", dict: "dict[str, str]"}


def example(what: str, plugin: str, *, arguments: Sequence[WrittenArgument] = ()) -> str | None:
    """What to write in place of what a complaint is about; None where nobody can know. `plugin` is its name,
    `arguments` are those of the function that it is about."""
    for pattern, write in _EXAMPLES:
        found = re.search(pattern, what)
        if found is not None:
            return write(found, plugin, arguments)
    return None


_Write = Callable[[re.Match[str], str, Sequence[WrittenArgument]], str | None]


def _said(text: str) -> _Write:
    return lambda found, plugin, arguments: text  # noqa: ARG005  (the shape of all of them)


def _annotated(found: re.Match[str], _: str, arguments: Sequence[WrittenArgument]) -> str:
    """The argument with the type that its default has, or that of a text."""
    one = next((one for one in arguments if one.name == found[1]), None)
    default = one.default if one is not None else ""
    return f"{found[1]}: {_type_of(default)}{f' = {default}' if default else ''}"


def _type_of(default: str) -> str:
    try:
        value = ast.literal_eval(default) if default else ""
    except (ValueError, SyntaxError):
        value = ""
    return "str | None" if value is None else _TYPES.get(type(value), "str")


def _described(found: re.Match[str], _: str, __: Sequence[WrittenArgument]) -> str:
    return f"Args:\n    {found[1]}: What it is, in a few words."


def _not_there(found: re.Match[str], _: str, arguments: Sequence[WrittenArgument]) -> str:
    names = [one.name for one in arguments if one.annotation.rpartition(".")[2] != "Context"]
    meant = nearest(found[1], names)
    if meant is not None:
        return f"{meant}: ... under Args"
    return f"describe only {', '.join(names)} under Args" if names else "leave Args out: there is no argument"


def _docstring(_: re.Match[str], __: str, arguments: Sequence[WrittenArgument]) -> str:
    names = [one.name for one in arguments if one.annotation.rpartition(".")[2] != "Context"]
    lines = ['"""Say in one line what the tool does.']
    if names:
        lines += ["", "Args:", *(f"    {name}: What it is, in a few words." for name in names)]
    return "\n".join([*lines, '"""']) if names else f'{lines[0]}"""'


def _other_name(found: re.Match[str], plugin: str, _: Sequence[WrittenArgument]) -> str:
    stem = re.sub(r"\W+", "_", plugin, flags=re.ASCII).strip("_")
    return f'@tool(name="{f"{stem}_" if stem else "my_"}{found[1]}", ...)'


def _from_the_face(found: re.Match[str], _: str, __: Sequence[WrittenArgument]) -> str | None:
    import plugins

    meant = nearest(found[1], plugins.__all__)
    return f"from plugins import {meant}" if meant is not None else f"from plugins import {', '.join(plugins.__all__)}"


def _imported(found: re.Match[str], plugin: str, arguments: Sequence[WrittenArgument]) -> str | None:
    import plugins

    return _from_the_face(found, plugin, arguments) if nearest(found[1], plugins.__all__) else None


_program = _said('if __name__ == "__main__": above what runs only as a program')
_EXAMPLES: tuple[tuple[str, _Write], ...] = (
    (r"argument '(\w+)' has no annotation", _annotated),
    (r"argument '(\w+)' is not described", _described),
    (r"\"Args:\" describes '(\w+)', which is no argument", _not_there),
    (r"it has no docstring", _docstring),
    (r"annotation of argument '(\w+)' cannot be resolved", _annotated),
    (r"argument '(\w+)': Path|argument '(\w+)': PurePath", lambda found, *_: f"{found[1] or found[2]}: WorkspacePath"),
    (r"argument '(\w+)': the Context is always given", lambda found, *_: f"{found[1]}: Context"),
    (r"argument '(\w+)': the keys of a dict must be str", lambda found, *_: f"{found[1]}: dict[str, str]"),
    (r"argument '(\w+)': the annotation .* cannot be told", lambda found, *_: f"{found[1]}: str"),
    (r"argument '\*{1,2}(\w+)", lambda found, *_: f"{found[1]}: list[str]"),
    (r"argument '(\w+)' is positional-only", _said("def name(argument: str, *, context: Context), without the /")),
    (r"are both a Context", _said("*, context: Context, once")),
    (r"effect must be one of", _said("@tool(effect=Effect.READ), or WRITE, EXECUTE, FETCH, SEND")),
    (r"timeout must be a number", _said("@tool(timeout=30)")),
    (r"repeatable must be True or False", _said("@tool(repeatable=True)")),
    (r"alias(?:es)? must be", _said('@tool(aliases=("word count", "数字数"))')),
    (r"models cannot call", _said('@tool(name="a_name_of_letters_and_digits")')),
    (r"a tool must return its result", _said("return [...] with all results, in place of yield")),
    (r"only a function can be a tool", _said('@tool above a plain "def"')),
    (r"only a function can be @(\w+)", lambda found, *_: f'@{found[1]} above a plain "def"'),
    (r"as @observe does|an @observe function", _said("@observe\ndef watch(event: dict) -> None: ...")),
    (
        r"as @before_call does|an @before_call function",
        _said("@before_call\ndef keep_out(tool: str, arguments: dict) -> dict | None: ..."),
    ),
    (r"the default of argument '(\w+)' .*must be (.+)\)", lambda found, *_: f"a default that is {found[2]}"),
    (r"write `(from .+? import \w+)`", lambda found, *_: found[1]),
    (r"brings no tool and no hook", _said("@tool(effect=Effect.READ) above a function that is defined here")),
    (r"the tool (\S+) is already brought by", _other_name),
    (r"no tool can be called (\w+)", _other_name),
    (r"two of its tools are called (\S+)", _other_name),
    (r"cannot import name '(\w+)' from 'plugins'", _from_the_face),
    (r"NameError: name '(\w+)' is not defined", _imported),
    (r"still being imported after", _said("def name(...):\n    import what_is_slow  # here, not at the top")),
    (r"ended the (?:whole process .code|program)", _program),
)
"""What a complaint reads like, and what to write; the first that fits counts."""
