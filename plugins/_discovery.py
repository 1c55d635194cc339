"""Finding plugins: those that come with thinkact, files and packages in a folder, and installed entry points."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import Any

from plugins._contract import Tool
from plugins._importing import Importer, fault_in_words, inside
from plugins._marking import mark_of
from plugins._origins import Origin, in_folder, installed, of_path
from plugins._probation import Probation
from plugins._toolbox import BUILT_IN, Plugin

__all__ = ["built_in_plugins", "load_plugin", "load_plugins", "plugin_of"]

_BUILT_IN = (
    "artifacts",
    "files",
    "images.animating",
    "images.changing",
    "images.enlarging",
    "images.judging",
    "images.looking",
    "images.making",
    "images.mapping",
    "knowledge",
    "notes",
    "person",
    "python",
    "search",
    "shell",
    "summarize",
    "web",
)
_PATIENCE = 10.0  # seconds that a plugin's code may take to be imported


def built_in_plugins() -> tuple[Plugin, ...]:
    """The plugins that come with thinkact; one that cannot be loaded is there with its fault."""
    return tuple(_built_in(name) for name in _BUILT_IN)


def load_plugins(
    folder: Path | None,
    *,
    entry_points: bool = True,
    patience: float = _PATIENCE,
    tried: Path | None = None,
    again: bool = False,
    write: bool = True,
) -> tuple[Plugin, ...]:
    """The plugins of others: every `*.py` file and every package in `folder` (None, or not there: none), sorted by
    name, then the installed entry points of the group `thinkact.plugins`.

    Names that begin with `_` or `.` are passed over, and so are tests (`test_*.py`, `*_test.py`, `conftest.py`).
    Importing runs the plugin's code, in a thread of thinkact's: what it prints goes to stderr. One that cannot be
    loaded, or is not through after `patience` seconds, is there with its fault ("file:line: what"), and the others
    load.

    With `tried`, a file that thinkact writes, one that is new or has changed is first imported in a process of its
    own. One that ended that process, or hung in it, is there with its fault and is not imported here, until it
    changes, or `again` has it tried anew. Without `write` the file stays as it is.
    """
    origins = list(in_folder(folder)) if folder is not None else []
    if entry_points:
        origins.extend(installed())
    return _from_origins(origins, patience, tried, again=again, write=write)


def load_plugin(path: Path, *, patience: float = _PATIENCE, fresh: bool = False, tried: Path | None = None) -> Plugin:
    """The plugin of one file, or of one package's folder, wherever it lies; see `load_plugins`. `fresh`: its text
    counts, whatever was compiled of it before."""
    (plugin,) = _from_origins([of_path(path)], patience, tried, fresh=fresh)
    return plugin


def plugin_of(module: ModuleType) -> Plugin:
    """The plugin that an imported module is; with its fault where it brings nothing."""
    name = module.__name__
    return _loaded(Plugin(name=name, origin=getattr(module, "__file__", None) or name), lambda: module, inside(name))


def _built_in(name: str) -> Plugin:
    plugin = Plugin(name=name, origin=BUILT_IN)
    return _loaded(plugin, lambda: importlib.import_module(f"plugins.{name}"), inside(f"plugins.{name}"))


def _from_origins(
    origins: list[Origin],
    patience: float,
    tried: Path | None,
    *,
    again: bool = False,
    fresh: bool = False,
    write: bool = True,
) -> tuple[Plugin, ...]:
    faults = {one.told: one.fault for one in origins if one.fault is not None}
    sound = [one for one in origins if one.told not in faults]
    if tried is not None and sound:
        faults |= Probation(tried, seconds=patience, fresh=fresh, write=write).faults(sound, again=again)
    importer = Importer(seconds=patience)

    def load(one: Origin) -> Plugin:
        plugin = Plugin(name=one.name, origin=one.told, fault=faults.get(one.told))
        return plugin if plugin.fault else _loaded(plugin, lambda: one.load(fresh=fresh), one.is_own, importer)

    return tuple(load(one) for one in origins)


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
    observers = tuple(one for one in things if mark_of(one) == "observe")
    hooks = tuple(one for one in things if mark_of(one) == "before_call")
    if not (tools or observers or hooks):
        what = "it brings no tool and no hook (decorate a function with @tool, @observe, or @before_call)"
        return replace(plugin, fault=f"{plugin.origin}: {what}")
    return replace(plugin, tools=tools, observers=observers, before_call=hooks)


def _home(thing: Any) -> str:
    """The module where a tool or hook was made; "" for all else."""
    if issubclass(type(thing), Tool):
        return str(thing.origin)
    return str(getattr(thing, "__module__", "")) if mark_of(thing) else ""
