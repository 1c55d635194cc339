"""Finding plugins: those that come with thinkact, files and packages in a folder, and installed entry points."""

from __future__ import annotations

import hashlib
import importlib
import inspect
import io
import os
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stdout
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any, TypeVar

from plugins._contract import BeforeCall, Tool
from plugins._hooks import Observer
from plugins._schema import PluginFault, fault_of
from plugins._text import in_words
from plugins._toolbox import BUILT_IN, Plugin

if TYPE_CHECKING:
    from importlib.metadata import EntryPoint

__all__ = ["before_call", "built_in_plugins", "load_plugins", "observe"]

_GROUP = "thinkact.plugins"
_BUILT_IN = ("artifacts", "files", "knowledge", "notes", "person", "python", "shell", "summarize")
_MARK = "__thinkact_hook__"
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


def load_plugins(folder: Path | None, *, entry_points: bool = True) -> tuple[Plugin, ...]:
    """The plugins of others: every `*.py` file and every package in `folder` (None, or not there: none), sorted by
    name, then the installed entry points of the group `thinkact.plugins`.

    Names that begin with `_` or `.` are passed over. Importing runs the plugin's code: what it prints goes to stderr.
    One that cannot be loaded is there with its fault ("file:line: what"), and the others load.
    """
    found = list(_from_folder(folder)) if folder is not None else []
    if entry_points:
        found.extend(_from_entry_points())
    return tuple(found)


def _built_in(name: str) -> Plugin:
    plugin = Plugin(name=name, origin=BUILT_IN)
    return _loaded(plugin, lambda: importlib.import_module(f"plugins.{name}"), _inside(f"plugins.{name}"))


def _from_folder(folder: Path) -> Iterator[Plugin]:
    try:
        entries = sorted(folder.iterdir(), key=lambda entry: entry.name) if folder.is_dir() else []
    except OSError as error:
        yield Plugin(name=folder.name, origin=str(folder), fault=f"{folder}: cannot be read: {error.strerror}")
        return
    for entry in entries:
        if entry.name.startswith(("_", ".")):
            continue
        if entry.is_dir():
            start = entry / "__init__.py"
            if start.is_file():
                yield _from_file(entry.name, start, package=entry)
            elif any(entry.glob("*.py")):
                fault = f"{entry}: the folder holds Python files, but no __init__.py that would make it a plugin"
                yield Plugin(name=entry.name, origin=str(entry), fault=fault)
        elif entry.suffix == ".py":
            yield _from_file(entry.stem, entry)


def _from_file(name: str, file: Path, *, package: Path | None = None) -> Plugin:
    # A name of our own: a plugin called json.py must neither hide nor be hidden by the module json.
    digest = hashlib.sha256(os.fsencode(file.absolute())).hexdigest()[:8]
    module = f"_thinkact_plugin_{digest}_{re.sub(r'[^0-9a-zA-Z_]', '_', name)}"
    plugin = Plugin(name=name, origin=str(package or file))
    return _loaded(plugin, lambda: _import_file(module, file, package), _inside(module))


def _import_file(name: str, file: Path, package: Path | None) -> ModuleType:
    from importlib.util import module_from_spec, spec_from_file_location

    spec = spec_from_file_location(name, file, submodule_search_locations=[str(package)] if package else None)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    sys.modules[name] = module  # dataclasses and annotations look their module up there
    try:
        spec.loader.exec_module(module)
    except BaseException:
        for one in [one for one in sys.modules if one == name or one.startswith(f"{name}.")]:
            del sys.modules[one]
        raise
    return module


def _from_entry_points() -> Iterator[Plugin]:
    from importlib.metadata import entry_points  # slow to import

    known = set()
    for point in sorted(entry_points(group=_GROUP), key=lambda point: (point.name, point.value)):
        if (point.name, point.value) not in known:  # a distribution that is found twice on the path
            known.add((point.name, point.value))
            yield _from_entry_point(point)


def _from_entry_point(point: EntryPoint) -> Plugin:
    origin = f"entry point {point.name} = {point.value}"
    return _loaded(Plugin(name=point.name, origin=origin), point.load, _inside(point.module.split(".")[0]))


def _inside(module: str) -> Callable[[str], bool]:
    """Is a module this one, or in this package?"""
    return lambda name: name == module or name.startswith(f"{module}.")


def _loaded(plugin: Plugin, load: Callable[[], Any], is_own: Callable[[str], bool]) -> Plugin:
    """The plugin with what loading it brought, or with its fault. `is_own` tells its own modules by name."""
    try:
        with _apart():
            return _collect(plugin, load(), is_own)
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001  a plugin is foreign code; only Ctrl-C is not its fault
        return replace(plugin, fault=_fault(error, plugin, is_own))


@contextmanager
def _apart() -> Iterator[None]:
    """While foreign code is imported, stdout is kept for the answer, and a question on stdin gets no answer."""
    before = sys.stdin
    sys.stdin = io.StringIO()
    try:
        with redirect_stdout(sys.stderr):
            yield
    finally:
        sys.stdin = before


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


def _fault(error: BaseException, plugin: Plugin, is_own: Callable[[str], bool]) -> str:
    """One line: where in the plugin's own code, and what."""
    if isinstance(error, PluginFault):
        return str(error)
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}:{error.lineno or 1}: {error.msg}"
    what = " ".join(in_words(error).split())
    if isinstance(error, SystemExit):
        what = f"it ended the program ({what}) instead of being imported"
    elif isinstance(error, ModuleNotFoundError):
        what += " (install it where thinkact is installed)"
    where, trace = plugin.origin, error.__traceback__
    while trace is not None:
        if is_own(str(trace.tb_frame.f_globals.get("__name__"))):
            where = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
        trace = trace.tb_next
    return f"{where}: {what}"
