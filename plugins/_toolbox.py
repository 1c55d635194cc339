"""The toolbox: finds the tool that a call names, fits its arguments, and runs it."""

from __future__ import annotations

import hashlib
import json
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from plugins._arguments import coerce
from plugins._contract import BeforeCall, Context, Effect, Files, Observation, Tool, ToolError
from plugins._crew import Crew
from plugins._deadlines import Deadlines
from plugins._declaration import flaw
from plugins._hooks import HookFailed, Hooks, Observer, Observers
from plugins._intents import Foreteller, PathState
from plugins._outline import PATH_FORMAT, workspace_paths
from plugins._result import fail, refused
from plugins._running import PathLocks, Running
from plugins._text import in_words, nearest, show, traced

__all__ = ["BUILT_IN", "Plugin", "Prepared", "Toolbox"]

BUILT_IN = "built-in"
"""The origin of the plugins that come with thinkact."""

_DEEPEST = 8  # calls within calls: each waits in a thread of its own, and a tool may call itself
_OF_THE_LOOP = frozenset({"call_tool", "delegate", "find_tools", "finish", "run_check", "submit_plan", "undo"})


@dataclass(frozen=True, kw_only=True)
class Plugin:
    """A plugin, loaded or not. `origin` is its file, its entry point, or "built-in". Where `fault` is set it says in
    one line why the plugin did not load, and the plugin brings nothing."""

    name: str
    origin: str
    tools: tuple[Tool, ...] = ()
    observers: tuple[Observer, ...] = ()
    before_call: tuple[BeforeCall, ...] = ()
    fault: str | None = None


@dataclass(frozen=True, kw_only=True)
class Prepared:
    """A call that can be made. `arguments` are final and plain JSON, `arguments_hash` is over them; `edited` says
    that a hook changed them, `reason` which one."""

    tool: Tool
    arguments: Mapping[str, Any]
    arguments_hash: str
    edited: bool = False
    reason: str = ""

    @property
    def paths(self) -> tuple[str, ...]:
        """Every workspace path among the arguments, also within lists and objects, each once."""
        return tuple(workspace_paths(self.tool, self.arguments))


class Toolbox:
    """All tools of all plugins. Built-in plugins come first; of two plugins that bring a tool of the same name the
    second does not load, nor does one whose tool has a name of the loop's own (`finish` and so on). A toolbox belongs
    to one workspace: it keeps two calls from writing one file at a time.

    `patience` is how many seconds an author's `before_call` hook, or a tool's `after`, may take; an observer has half
    of it.
    """

    def __init__(self, plugins: Iterable[Plugin], *, patience: float = 10.0) -> None:
        self._patience = patience
        self._crew = Crew()
        self._locks = PathLocks()
        self._deadlines = Deadlines()
        self._foreteller = Foreteller(seconds=patience)
        self._here = threading.local()
        self.take(plugins)

    def take(self, plugins: Iterable[Plugin]) -> None:
        """Let these plugins take the place of those that were given before. Calls on their way end as they began."""
        tools: dict[str, Tool] = {}
        self._given = tuple(plugins)
        admitted = []
        for plugin in sorted(self._given, key=lambda plugin: plugin.origin != BUILT_IN):
            judged = _admit(plugin, tools)
            admitted.append(judged)
            if judged.fault is None:
                tools.update((tool.name, tool) for tool in judged.tools)
        self._plugins = tuple(admitted)
        self._tools = dict(sorted(tools.items()))
        hooks = [(plugin.name, one) for plugin in admitted for one in plugin.before_call]
        observers = [(plugin.name, one) for plugin in admitted for one in plugin.observers]
        self._hooks = Hooks(hooks, seconds=self._patience)
        self._observers = Observers(observers, seconds=self._patience / 2)
        self.__dict__.pop("_descriptions", None)

    @property
    def given(self) -> tuple[Plugin, ...]:
        """Every plugin as it was given, before it was judged."""
        return self._given

    @property
    def plugins(self) -> tuple[Plugin, ...]:
        """Every plugin, those that did not load with their fault."""
        return self._plugins

    @property
    def tools(self) -> Mapping[str, Tool]:
        """Every tool by its name, sorted."""
        return self._tools

    def get(self, name: str) -> Tool:
        """The tool of this name.

        Raises:
            ToolError: kind "unknown-tool"; the hint names the nearest ones.
        """
        found = self._tools.get(name)
        if found is not None:
            return found
        near = self._nearest(name)
        hint = "did you mean " + " or ".join(near) + "?" if near else "use one of the tools that you were told of"
        raise ToolError(f"there is no tool {show(name)}", hint=hint, kind="unknown-tool")

    def describe(self) -> tuple[dict[str, Any], ...]:
        """Every tool as a model may be told of it: name, description, parameters (JSON schema), aliases (a tuple),
        effect (its word). Sorted by name, equal from run to run."""
        return self._descriptions

    def prepare(
        self, name: str, arguments: Mapping[str, Any], workspace: Files, *, hooks: bool = True
    ) -> Prepared | Observation:
        """Find the tool, fit the arguments, let the `before_call` hooks see them, fit them again where edited.

        `hooks` False: they are not asked. Arguments that they have seen already are not shown to them again.

        Never raises: what cannot be called is a failed observation, of kind "unknown-tool", "arguments", "denied"
        (a hook refused), "crash" (a hook failed, tried to end the program, returned what does not fit, or did not end
        in time), or "depth": called from inside a tool, it would be more than 8 calls deep. How deep it is tells the
        thread, in which `context.call` was called.
        """
        outer: Running | None = getattr(self._here, "running", None)
        if outer is not None and outer.depth >= _DEEPEST:
            return _too_deep(name)
        try:
            tool = self.get(name)
            first = coerce(tool, arguments, workspace)
            final, reason = self._hooks.apply(tool, first, workspace) if hooks else (first, "")
            digest = hashlib.sha256(json.dumps(final, sort_keys=True, separators=(",", ":")).encode())
        except ToolError as error:
            return refused(error)
        except HookFailed as error:
            return error.observation
        except RecursionError:
            return fail("arguments", "the arguments are nested too deeply")
        except Exception as error:  # noqa: BLE001  a schema from elsewhere may hold anything
            message = f"the arguments of {show(name)} cannot be read: {in_words(error)}"
            return fail("crash", message, detail=traced(error))
        return Prepared(
            tool=tool,
            arguments=final,
            arguments_hash=digest.hexdigest()[:32],
            edited=bool(reason),
            reason=reason,
        )

    def states(self, prepared: Prepared, workspace: Files) -> tuple[list[PathState], dict[str, str | None] | None]:
        """For the intent of a call that writes: its paths as they are, and the sha256 that each file will have
        (None: gone) where the tool's `after` can tell in time, else None; one that did not end is not asked again.
        Never raises; a path that cannot be read counts as not there. Other effects: `[]` and None."""
        if prepared.tool.effect is not Effect.WRITE:
            return [], None
        return self._foreteller.states(prepared.tool, prepared.arguments, prepared.paths, workspace)

    def start(
        self,
        prepared: Prepared,
        context: Context,
        *,
        cut: int,
        done: Callable[[Observation], None],
        within: float | None = None,
    ) -> Running:
        """Run the call in a thread of its own; `done` is given what came of it, exactly once, from another thread.

        A call with the effect WRITE waits until no other writes its paths. At the tool's timeout, after `within`
        seconds where that is sooner, or when it is cancelled, `done` is told at once: the thread is left to itself,
        `context.cancel` is set (so each call needs a Context with a `cancel` of its own), and whatever it still tries
        to change is refused. While the call waits for another call or for the human, its clock stands still; that
        other call ends with it at the latest. Text longer than `cut` characters is kept as an artifact and cut.
        """
        writes = prepared.tool.effect is Effect.WRITE
        running = Running(
            prepared.tool,
            prepared.arguments,
            context,
            paths=prepared.paths if writes else (),
            crew=self._crew,
            locks=self._locks,
            deadlines=self._deadlines,
            here=self._here,
            cut=cut,
            done=done,
            within=within,
        )
        running.begin()
        return running

    def tell(self, event: Mapping[str, Any]) -> list[str]:
        """Give an event to every observer, to each a copy; the complaints of those that failed, one line each.

        A failing observer harms neither the run nor the other observers, also where it tries to end the program; one
        that does not end in time is complained of once and not told any more.
        """
        return self._observers.tell(event)

    @cached_property
    def _descriptions(self) -> tuple[dict[str, Any], ...]:
        return tuple(
            {
                "name": tool.name,
                "description": tool.description,
                "parameters": _told_schema(tool.parameters),
                "aliases": tool.aliases,
                "effect": str(tool.effect),
            }
            for tool in self._tools.values()
        )

    def _nearest(self, name: str) -> list[str]:
        folded = name.casefold()
        aliased = [
            tool.name for tool in self._tools.values() if any(folded == alias.casefold() for alias in tool.aliases)
        ]
        return list(dict.fromkeys([*aliased, *nearest(name, self._tools)]))[:3]


def _admit(plugin: Plugin, taken: Mapping[str, Tool]) -> Plugin:
    """The plugin, or the plugin without anything and with the reason."""
    fault = plugin.fault
    names = [tool.name for tool in plugin.tools]
    for index, name in enumerate(names):
        if fault is None and (wrong := flaw(plugin.tools[index])) is not None:
            fault = f"{plugin.origin}: the tool {show(name)}: {wrong}"
        elif fault is None and name.casefold() in _OF_THE_LOOP:
            fault = f"{plugin.origin}: no tool can be called {name}: thinkact itself has it; give it another name"
        elif fault is None and name in taken:
            fault = f"{plugin.origin}: the tool {name} is already brought by the plugin {taken[name].origin}"
        elif fault is None and name in names[:index]:
            fault = f"{plugin.origin}: two of its tools are called {name}"
    if fault is not None:
        return replace(plugin, tools=(), observers=(), before_call=(), fault=fault)
    return replace(plugin, tools=tuple(replace(tool, origin=plugin.name) for tool in plugin.tools))


def _too_deep(name: str) -> Observation:
    message = f"{show(name)} was not called: at most {_DEEPEST} calls within calls are made"
    return fail("depth", message, hint="let a tool not call itself, or do with fewer calls within calls")


def _told_schema(schema: Any) -> Any:
    """A schema as it goes out: without our mark on paths, which some endpoints refuse as an unknown format."""
    if isinstance(schema, Mapping):
        return {name: _told_schema(one) for name, one in schema.items() if (name, one) != ("format", PATH_FORMAT)}
    return [_told_schema(one) for one in schema] if isinstance(schema, list) else schema
