"""Finding plugins: those that come with thinkact, files and packages in a folder, and installed entry points."""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from fnmatch import fnmatchcase
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeVar

from plugins._contract import BeforeCall, Tool
from plugins._hooks import Observer
from plugins._importing import Importer, fault_in_words, import_file, inside, module_name
from plugins._schema import fault_of
from plugins._toolbox import BUILT_IN, Plugin

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

__all__ = ["before_call", "built_in_plugins", "is_passed_over", "load_plugin", "load_plugins", "observe", "plugin_of"]

_GROUP = "thinkact.plugins"
_BUILT_IN = ("artifacts", "files", "knowledge", "notes", "person", "python", "search", "shell", "summarize", "web")
_MARK = "__thinkact_hook__"
_TESTS = ("test_*.py", "*_test.py", "conftest.py")  # what pytest takes for its own may lie beside a plugin
_PATIENCE = 10.0  # seconds that a plugin's code may take to be imported
_LATER = (inspect.iscoroutinefunction, inspect.isgeneratorfunction, inspect.isasyncgenfunction)  # nobody would run it

O = TypeVar("O", bound=Observer)  # noqa: E741  O for observer
B = TypeVar("B", bound=BeforeCall)


def observe(function: O) -> O:
    """Let a plugin's function see each event of a run, as a plain dict; the function stays as it is.

    It is called in a thread of thinkact's, one event after the other, and left out once it did not end within 5 s.

    Raises:
        PluginFault: it is async, yields, or cannot be called with one argument.
    """
    _mark_as("observe", function, {})
    return function


def before_call(function: B) -> B:
    """Let a plugin's function see each call before approval: given the tool's name and the arguments, it returns the
    arguments (edited or not) or raises `Refuse`; the function stays as it is.

    It is called in a thread of thinkact's, one call after the other. Where it did not end within 10 s, or failed, the
    call is not made.

    Raises:
        PluginFault: it is async, yields, or cannot be called with two arguments.
    """
    _mark_as("before_call", function, "", {})
    return function


def _mark_as(mark: str, function: Any, *given: Any) -> None:
    frame = sys._getframe(2)
    place = (frame.f_code.co_filename, frame.f_lineno)
    if not callable(function) or isinstance(function, type):
        raise fault_of(function, f"only a function can be @{mark}", place=place)
    own = function if inspect.isroutine(function) else type(function).__call__
    if any(kind(function) or kind(own) for kind in _LATER):
        raise fault_of(function, f"an @{mark} function must be plain: it cannot be async or yield", place=place)
    try:
        inspect.signature(function).bind(*given)
    except TypeError:
        wanted = "the event" if mark == "observe" else "the tool's name and the arguments"
        raise fault_of(function, f"it cannot be called with {wanted} alone, as @{mark} does", place=place) from None
    except ValueError:  # some builtins do not tell what they take
        pass
    try:
        setattr(function, _MARK, mark)
    except AttributeError:
        raise fault_of(function, f"@{mark} cannot mark it; write a function", place=place) from None


def built_in_plugins() -> tuple[Plugin, ...]:
    """The plugins that come with thinkact; one that cannot be loaded is there with its fault."""
    return tuple(_built_in(name) for name in _BUILT_IN)


def load_plugins(folder: Path | None, *, entry_points: bool = True, patience: float = _PATIENCE) -> tuple[Plugin, ...]:
    """The plugins of others: every `*.py` file and every package in `folder` (None, or not there: none), sorted by
    name, then the installed entry points of the group `thinkact.plugins`.

    Names that begin with `_` or `.` are passed over, and so are tests (`test_*.py`, `*_test.py`, `conftest.py`).
    Importing runs the plugin's code, in a thread of thinkact's: what it prints goes to stderr. One that cannot be
    loaded, or is not through after `patience` seconds, is there with its fault ("file:line: what"), and the others
    load.
    """
    importer = Importer(seconds=patience)
    found = list(_from_folder(folder, importer)) if folder is not None else []
    if entry_points:
        found.extend(_from_entry_points(importer))
    return tuple(found)


def load_plugin(path: Path, *, patience: float = _PATIENCE, fresh: bool = False) -> Plugin:
    """The plugin of one file, or of one package's folder, wherever it lies; see `load_plugins`. `fresh`: its text
    counts, whatever was compiled of it before."""
    return _from_path(path, Importer(seconds=patience, fresh=fresh))


def plugin_of(module: ModuleType) -> Plugin:
    """The plugin that an imported module is; with its fault where it brings nothing."""
    name = module.__name__
    return _loaded(Plugin(name=name, origin=getattr(module, "__file__", None) or name), lambda: module, inside(name))


def is_passed_over(name: str) -> bool:
    """Is what has this name in the plugin folder no plugin: private, hidden, or a test?"""
    return name.startswith(("_", ".")) or any(fnmatchcase(name, one) for one in _TESTS)


def _built_in(name: str) -> Plugin:
    plugin = Plugin(name=name, origin=BUILT_IN)
    return _loaded(plugin, lambda: importlib.import_module(f"plugins.{name}"), inside(f"plugins.{name}"))


def _from_folder(folder: Path, importer: Importer) -> Iterator[Plugin]:
    try:
        entries = sorted(folder.iterdir(), key=lambda entry: entry.name) if folder.is_dir() else []
    except OSError as error:
        yield Plugin(name=folder.name, origin=str(folder), fault=f"{folder}: cannot be read: {error.strerror}")
        return
    for entry in entries:
        if not is_passed_over(entry.name) and _may_be_plugin(entry):
            yield _from_path(entry, importer)


def _may_be_plugin(entry: Path) -> bool:
    if entry.is_dir():
        return any(entry.glob("*.py"))
    return entry.suffix == ".py"


def _from_path(path: Path, importer: Importer) -> Plugin:
    if not path.is_dir():
        return _from_file(path.stem, path, importer)
    start = path / "__init__.py"
    if start.is_file():
        return _from_file(path.name, start, importer, package=path)
    fault = f"{path}: the folder holds Python files, but no __init__.py that would make it a plugin"
    return Plugin(name=path.name, origin=str(path), fault=fault)


def _from_file(name: str, file: Path, importer: Importer, *, package: Path | None = None) -> Plugin:
    module = module_name(name, file)
    plugin = Plugin(name=name, origin=str(package or file))
    return _loaded(plugin, lambda: import_file(module, file, package, fresh=importer.fresh), inside(module), importer)


def _from_entry_points(importer: Importer) -> Iterator[Plugin]:
    from importlib.metadata import entry_points  # slow to import

    known = set()
    for point in sorted(entry_points(group=_GROUP), key=lambda point: (point.name, point.value)):
        if (point.name, point.value) not in known:  # a distribution that is found twice on the path
            known.add((point.name, point.value))
            yield _from_entry_point(point, importer)


def _from_entry_point(point: EntryPoint, importer: Importer) -> Plugin:
    origin = f"entry point {point.name} = {point.value}"
    return _loaded(Plugin(name=point.name, origin=origin), point.load, inside(point.module.split(".")[0]), importer)


def _loaded(
    plugin: Plugin, load: Callable[[], Any], is_own: Callable[[str], bool], importer: Importer | None = None
) -> Plugin:
    """The plugin with what loading it brought, or with its fault. `is_own` tells its own modules by name. With an
    `importer` it is loaded under a clock."""
    importer = importer or Importer(seconds=None)
    try:
        return _collect(plugin, importer.load(load, is_own), is_own)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001  a plugin is foreign code; only Ctrl-C is not its fault
        return replace(plugin, fault=fault_in_words(error, plugin.origin, is_own))


def _collect(plugin: Plugin, brought: Any, is_own: Callable[[str], bool]) -> Plugin:
    """Take the tools and hooks that a plugin brought: a module's own, or those handed over one by one."""
    if isinstance(brought, ModuleType):
        things = [one for one in vars(brought).values() if is_own(_home(one))]
    else:
        things = list(brought) if isinstance(brought, list | tuple) else [brought]
    things = [one for index, one in enumerate(things) if all(one is not other for other in things[:index])]
    tools = tuple(replace(one, origin=plugin.name) for one in things if issubclass(type(one), Tool))
    observers = tuple(one for one in things if _mark(one) == "observe")
    hooks = tuple(one for one in things if _mark(one) == "before_call")
    if not (tools or observers or hooks):
        raise ImportError("it brings no tool and no hook (decorate a function with @tool, @observe, or @before_call)")
    return replace(plugin, tools=tools, observers=observers, before_call=hooks)


def _home(thing: Any) -> str:
    """The module where a tool or hook was made; "" for all else."""
    if issubclass(type(thing), Tool):
        return str(thing.origin)
    return str(getattr(thing, "__module__", "")) if _mark(thing) else ""


def _mark(thing: Any) -> str | None:
    """Which hook a thing is. Modules hold anything, so nothing of its own may run when it is looked at."""
    try:
        mark: str | None = object.__getattribute__(thing, "__dict__").get(_MARK)
    except AttributeError:
        return None
    return mark
