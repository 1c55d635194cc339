"""Tools as they stand in their files, read without running any of it: quick, and safe with a plugin that is broken."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

import agent

BUILT_IN = Path(next(iter(agent.__path__))).parent / "plugins"
"""The folder of the plugins that come with thinkact."""
_GROUP = "thinkact.plugins"
_TESTS = ("test_*.py", "*_test.py", "conftest.py")  # as in plugins/_discovery.py, which is slow to load
_LARGEST = 1_000_000  # bytes of a file that is read


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenArgument:
    """An argument that a tool is given by name: its annotation and its default as they are written ("": none)."""

    name: str
    annotation: str
    default: str
    line: int
    column: int


@dataclass(frozen=True, slots=True, kw_only=True)
class WrittenTool:
    """A function with the decorator `tool`. `name` is what a model calls it; `line` is that of its `def`; `about` is
    the first line of its docstring."""

    name: str
    function: str
    file: Path
    line: int
    about: str
    arguments: tuple[WrittenArgument, ...]


def plugin_files(folder: Path) -> Iterator[tuple[str, tuple[Path, ...]]]:
    """The plugins in a folder by name, each with its files; what is private, hidden or a test is none."""
    try:
        entries = sorted(folder.iterdir(), key=lambda one: one.name)
    except OSError:
        return
    for entry in entries:
        if entry.name.startswith(("_", ".")) or any(fnmatchcase(entry.name, one) for one in _TESTS):
            continue
        if entry.suffix == ".py" and entry.is_file():
            yield entry.stem, (entry,)
        elif (entry / "__init__.py").is_file():
            yield entry.name, tuple(sorted(entry.rglob("*.py")))


def installed_plugin_files() -> Iterator[tuple[str, tuple[Path, ...]]]:
    """The plugins of installed packages by name, each with its files. Nothing is imported: the packages' own records
    name the modules, and Python's folders hold them."""
    for folder in dict.fromkeys(sys.path):
        for record in sorted(Path(folder or ".").glob("*.dist-info/entry_points.txt")):
            try:
                text = record.read_text("utf-8", "replace")
            except OSError:
                continue
            section = text.partition(f"[{_GROUP}]")[2].partition("\n[")[0]
            for line in section.splitlines():
                name, equals, value = line.partition("=")
                if equals:
                    yield name.strip(), _files_of(value.partition(":")[0].strip())


def _files_of(module: str) -> tuple[Path, ...]:
    """The files of a module, or of a package and all below it."""
    below = Path(*module.split("."))
    for folder in dict.fromkeys(sys.path):
        package, file = Path(folder or ".") / below, Path(folder or ".") / below.with_suffix(".py")
        if (package / "__init__.py").is_file():
            return tuple(sorted(package.rglob("*.py")))
        if file.is_file():
            return (file,)
    return ()


def tools_in(files: Sequence[Path]) -> Iterator[WrittenTool]:
    """The tools that are written in these files; a file that cannot be read holds none."""
    for file in files:
        try:
            if file.stat().st_size > _LARGEST:
                continue
            text = file.read_bytes()
            if b"tool" not in text:
                continue
            tree = ast.parse(text)
        except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                yield from (_written(node, one, file) for one in node.decorator_list if _is_tool(one))


def function_at(file: Path, line: int) -> ast.FunctionDef | ast.AsyncFunctionDef | None:
    """The function whose decorators or head stand in this line; None where there is none."""
    try:
        tree = ast.parse(file.read_bytes())
    except (OSError, SyntaxError, ValueError, RecursionError, MemoryError):
        return None
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            first = min([node.lineno, *(one.lineno for one in node.decorator_list)])
            if first <= line < node.body[0].lineno:
                return node
    return None


def arguments_of(node: ast.FunctionDef | ast.AsyncFunctionDef) -> tuple[WrittenArgument, ...]:
    """The arguments of a function, without `*args` and `**kwargs`."""
    positional = [*node.args.posonlyargs, *node.args.args]
    defaults: list[ast.expr | None] = [None] * (len(positional) - len(node.args.defaults)) + [*node.args.defaults]
    pairs = [*zip(positional, defaults, strict=True), *zip(node.args.kwonlyargs, node.args.kw_defaults, strict=True)]
    return tuple(
        WrittenArgument(
            name=one.arg,
            annotation=_source(one.annotation),
            default=_source(default),
            line=one.lineno,
            column=one.col_offset + 1,
        )
        for one, default in pairs
    )


def _source(node: ast.expr | None) -> str:
    return "" if node is None else ast.unparse(node)


def _is_tool(decorator: ast.expr) -> bool:
    called = decorator.func if isinstance(decorator, ast.Call) else decorator
    return (isinstance(called, ast.Name) and called.id == "tool") or (
        isinstance(called, ast.Attribute) and called.attr == "tool"
    )


def _written(node: ast.FunctionDef | ast.AsyncFunctionDef, decorator: ast.expr, file: Path) -> WrittenTool:
    named = [one.value for one in decorator.keywords if one.arg == "name"] if isinstance(decorator, ast.Call) else []
    name = next((one.value for one in named if isinstance(one, ast.Constant) and isinstance(one.value, str)), node.name)
    arguments = [one for one in arguments_of(node) if one.annotation.rpartition(".")[2] != "Context"]
    about = (ast.get_docstring(node) or "").partition("\n")[0]
    return WrittenTool(
        name=name, function=node.name, file=file, line=node.lineno, about=about, arguments=tuple(arguments)
    )
