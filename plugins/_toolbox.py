"""The toolbox: finds the tool that a call names, fits its arguments, and runs it."""

from __future__ import annotations

import hashlib
import json
import threading
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, TypeAlias

from plugins._arguments import coerce
from plugins._contract import BeforeCall, Context, Effect, Files, Observation, Refuse, Tool, ToolError
from plugins._deadlines import Deadlines
from plugins._outline import PATH_FORMAT, workspace_paths
from plugins._result import fail
from plugins._running import PathLocks, Running
from plugins._text import in_words, nearest, show

__all__ = ["BUILT_IN", "Observer", "PathState", "Plugin", "Prepared", "Toolbox"]

BUILT_IN = "built-in"
"""The origin of the plugins that come with thinkact."""

Observer: TypeAlias = Callable[[dict[str, Any]], object]
"""Is given each event of a run as a plain dict of its own; what it returns is not looked at."""

_Content: TypeAlias = bytes  # `bytes` is a field's name below
_KEPT_CONTENT = 65_536  # bytes of an old file that ride in the intent
_DEEPEST = 8  # calls within calls: each waits in a thread of its own, and a tool may call itself
_STOPS = (KeyboardInterrupt, GeneratorExit)  # the user's and Python's own; all else that a plugin raises is its failure
_OF_THE_LOOP = frozenset({"delegate", "find_tools", "finish", "run_check", "submit_plan"})


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


@dataclass(frozen=True, slots=True, kw_only=True)
class PathState:
    """A path before a call that may write it. `sha256` is None where there is no file; `content` is None where there
    is none or it is larger than 64 kB."""

    path: str
    sha256: str | None
    bytes: int = 0
    content: _Content | None = None


class Toolbox:
    """All tools of all plugins. Built-in plugins come first; of two plugins that bring a tool of the same name the
    second does not load, nor does one whose tool has a name of the loop's own (`finish` and so on). A toolbox belongs
    to one workspace: it keeps two calls from writing one file at a time."""

    def __init__(self, plugins: Iterable[Plugin]) -> None:
        tools: dict[str, Tool] = {}
        admitted = []
        for plugin in sorted(plugins, key=lambda plugin: plugin.origin != BUILT_IN):
            judged = _admit(plugin, tools)
            admitted.append(judged)
            if judged.fault is None:
                tools.update((tool.name, tool) for tool in judged.tools)
        self._plugins = tuple(admitted)
        self._tools = dict(sorted(tools.items()))
        self._locks = PathLocks()
        self._deadlines = Deadlines()
        self._here = threading.local()

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
        (a hook refused), "crash" (a hook failed, or tried to end the program), or "depth": called from inside a tool,
        it would be more than 8 calls deep. How deep it is tells the thread, in which `context.call` was called.
        """
        outer: Running | None = getattr(self._here, "running", None)
        if outer is not None and outer.depth >= _DEEPEST:
            return _too_deep(name)
        try:
            tool = self.get(name)
            first = coerce(tool, arguments, workspace)
            final, reason = self._hooked(tool, first, workspace) if hooks and self._hooks else (first, "")
            digest = hashlib.sha256(json.dumps(final, sort_keys=True, separators=(",", ":")).encode())
        except ToolError as error:
            return fail(error.kind, error.message, hint=error.hint)
        except _HookFailed as error:
            return fail(error.kind, str(error), detail=error.detail)
        except RecursionError:
            return fail("arguments", "the arguments are nested too deeply")
        except _STOPS:
            raise
        except BaseException as error:  # noqa: BLE001  a schema from elsewhere may hold anything
            message = f"the arguments of {show(name)} cannot be read: {in_words(error)}"
            return fail("crash", message, detail=traceback.format_exc())
        return Prepared(
            tool=tool,
            arguments=final,
            arguments_hash=digest.hexdigest()[:32],
            edited=bool(reason),
            reason=reason,
        )

    def states(self, prepared: Prepared, workspace: Files) -> tuple[list[PathState], dict[str, str | None] | None]:
        """For the intent of a call that writes: its paths as they are, and the sha256 that each file will have
        (None: gone) where the tool's `after` can tell, else None. Never raises; a path that cannot be read counts as
        not there. Other effects: `[]` and None."""
        if prepared.tool.effect is not Effect.WRITE:
            return [], None
        before = [_state(path, workspace) for path in prepared.paths]
        try:
            return before, _foretell(prepared, before, workspace)
        except _STOPS:
            raise
        except BaseException:  # noqa: BLE001  `after` is an author's code; not to know is a good answer
            return before, None

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
        """Give an event to every observer; the complaints of those that failed, one line each. A failing observer
        harms neither the run nor the other observers, also where it tries to end the program."""
        faults = []
        for plugin, observer in self._observers:
            try:
                observer(dict(event))
            except _STOPS:
                raise
            except BaseException as error:  # noqa: BLE001  an observer is an author's code
                faults.append(f"plugin {plugin}: observer {_called(observer)} failed: {in_words(error)}")
        return faults

    @cached_property
    def _observers(self) -> Sequence[tuple[str, Observer]]:
        return [(plugin.name, one) for plugin in self._plugins for one in plugin.observers]

    @cached_property
    def _hooks(self) -> Sequence[tuple[str, BeforeCall]]:
        return [(plugin.name, one) for plugin in self._plugins for one in plugin.before_call]

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

    def _hooked(self, tool: Tool, first: dict[str, Any], workspace: Files) -> tuple[dict[str, Any], str]:
        """The arguments as the hooks leave them, and which hooks edited them ("" for none)."""
        current, editors = first, []
        for plugin, hook in self._hooks:
            who = f"before_call hook {_called(hook)} of the plugin {plugin}"
            seen = deepcopy(current)
            try:
                returned: Any = hook(tool.name, seen)
            except Refuse as refusal:
                raise _HookFailed("denied", f"refused by the {who}: {refusal}") from refusal
            except (ToolError, *_STOPS):
                raise
            except BaseException as error:
                detail = traceback.format_exc()
                raise _HookFailed("crash", f"the {who} failed: {in_words(error)}", detail) from error
            # A hook that returns nothing has edited in place, or has only looked.
            edited = coerce(tool, seen if returned is None else returned, workspace)
            if edited != current:
                current = edited
                editors.append(who)
        return current, "edited by the " + " and the ".join(editors) if editors else ""


class _HookFailed(Exception):
    def __init__(self, kind: str, message: str, detail: str | None = None) -> None:
        super().__init__(message)
        self.kind = kind
        self.detail = detail


def _admit(plugin: Plugin, taken: Mapping[str, Tool]) -> Plugin:
    """The plugin, or the plugin without anything and with the reason."""
    fault = plugin.fault
    names = [tool.name for tool in plugin.tools]
    for index, name in enumerate(names):
        if fault is None and name.casefold() in _OF_THE_LOOP:
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


def _called(hook: object) -> str:
    return getattr(hook, "__name__", None) or type(hook).__name__


def _state(path: str, workspace: Files) -> PathState:
    try:
        if not workspace.exists(path):
            return PathState(path=path, sha256=None)
        entry = workspace.entry(path)
        if entry.folder:
            return PathState(path=path, sha256=None)
        if entry.bytes > _KEPT_CONTENT:
            return PathState(path=path, sha256=workspace.sha256(path), bytes=entry.bytes)
        content = workspace.read(path)
    except (ToolError, OSError):  # the call itself will say it better
        return PathState(path=path, sha256=None)
    kept = content if len(content) <= _KEPT_CONTENT else None  # it may have grown meanwhile
    return PathState(path=path, sha256=hashlib.sha256(content).hexdigest(), bytes=len(content), content=kept)


def _foretell(prepared: Prepared, before: Iterable[PathState], workspace: Files) -> dict[str, str | None] | None:
    after = prepared.tool.after
    if after is None:
        return None
    old = {
        state.path: workspace.read(state.path) if state.content is None and state.sha256 else state.content
        for state in before
    }
    contents = after(prepared.arguments, old)
    return {
        str(workspace.path(path)): None if content is None else hashlib.sha256(content).hexdigest()
        for path, content in contents.items()
    }


def _told_schema(schema: Any) -> Any:
    """A schema as it goes out: without our mark on paths, which some endpoints refuse as an unknown format."""
    if isinstance(schema, Mapping):
        return {name: _told_schema(one) for name, one in schema.items() if (name, one) != ("format", PATH_FORMAT)}
    return [_told_schema(one) for one in schema] if isinstance(schema, list) else schema
