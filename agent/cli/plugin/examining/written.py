"""A plugin as it is written: what is missing in its text, found without running any of it."""

from __future__ import annotations

import ast
import inspect
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from agent.cli.plugin.examining.findings import Finding
from agent.cli.tool_files import arguments_of
from plugins._docstring import read_docstring

Function = ast.FunctionDef | ast.AsyncFunctionDef


def read_files(files: Sequence[Path]) -> list[Finding]:
    """Everything that is missing in the text of a plugin: docstrings, descriptions, annotations, effects."""
    found: list[Finding] = []
    for file in files:
        tree = parsed(file)
        if tree is None:
            continue
        functions = [(node, mark) for node in ast.walk(tree) if (mark := decorator(node, "tool")) is not None]
        if functions and ast.get_docstring(tree) is None:
            found.append(
                Finding(
                    state="warning",
                    what="the file does not say what the plugin is for",
                    file=str(file),
                    line=1,
                    instead='"""Say in one line what the plugin brings."""',
                )
            )
        for node, mark in functions:
            assert isinstance(node, Function)
            found += _of_tool(file, node, mark)
    return found


def parsed(file: Path) -> ast.Module | None:
    """A file's tree; None where there is none: loading it says why."""
    try:
        return ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def decorator(node: ast.AST, name: str) -> ast.expr | None:
    """A function's decorator of this name, called or bare; None where it has none."""
    for one in node.decorator_list if isinstance(node, Function) else ():
        called = one.func if isinstance(one, ast.Call) else one
        if (isinstance(called, ast.Name) and called.id == name) or (
            isinstance(called, ast.Attribute) and called.attr == name
        ):
            return one
    return None


def _of_tool(file: Path, node: Function, mark: ast.expr) -> Iterator[Finding]:
    def finding(state: str, what: str, line: int, instead: str) -> Finding:
        return Finding(
            state="fault" if state == "fault" else "warning",
            what=what,
            tool=node.name,
            file=str(file),
            line=line,
            instead=instead,
        )

    keywords = {one.arg for one in mark.keywords} if isinstance(mark, ast.Call) else set()
    if "effect" not in keywords and None not in keywords:
        what = "no effect is declared, so each call counts as one that sends something away, and is asked for"
        yield finding("warning", what, mark.lineno, "@tool(effect=Effect.READ), or WRITE, EXECUTE, FETCH or SEND")
    docstring = ast.get_docstring(node)
    description, described = read_docstring(inspect.cleandoc(docstring or ""))
    if not description:
        yield finding("fault", "it has no docstring: a model is told nothing of it", node.lineno, _DOCSTRING)
    for one in arguments_of(node):
        if not one.annotation:
            what, instead = f"argument '{one.name}' has no annotation", f"{one.name}: str"
            yield finding("fault", what, one.line, instead)
        elif one.annotation.rpartition(".")[2] != "Context" and description and not described.get(one.name):
            what = f"argument '{one.name}' is not described"
            yield finding("fault", what, one.line, f"Args:\n    {one.name}: What it is, in a few words.")
    if node.returns is None:
        instead = f"def {node.name}(...) -> str:"
        yield finding("warning", "it does not say what it returns", node.lineno, instead)


_DOCSTRING = '"""Say in one line what the tool does.\n\nArgs:\n    name: What it is, in a few words.\n"""'


def imports_at_the_top(file: Path) -> Iterator[tuple[int, str]]:
    """The lines in which a file imports what is not Python's own as soon as it is loaded, each with the module."""
    tree = parsed(file)
    for node in tree.body if tree is not None else ():
        names: list[str] = []
        if isinstance(node, ast.Import):
            names = [one.name for one in node.names]
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names = [node.module]
        for name in names:
            top = name.partition(".")[0]
            if top not in sys.stdlib_module_names and top not in ("plugins", "agent", "memory"):
                yield node.lineno, top
