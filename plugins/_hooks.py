"""Hooks on a run: `before_call` hooks that edit or refuse a call, observers that see each event. Both are an author's
code, and run under a clock."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from copy import deepcopy
from functools import partial
from typing import Any, TypeAlias

from plugins._arguments import coerce
from plugins._contract import BeforeCall, Files, Observation, Refuse, Tool, ToolError
from plugins._result import fail, refused
from plugins._text import in_words, said, traced
from plugins._worker import Hung, Worker

__all__ = ["HookFailed", "Hooks", "Observer", "Observers"]

Observer: TypeAlias = Callable[[dict[str, Any]], object]
"""Is given each event of a run as a plain dict of its own; what it returns is not looked at."""


class HookFailed(Exception):
    """A call must not be made: a hook refused it, or failed. `observation` tells it."""

    def __init__(self, observation: Observation) -> None:
        super().__init__(observation.text)
        self.observation = observation


class Hooks:
    """The `before_call` hooks of all plugins, each with its plugin's name, asked one after the other.

    A hook that did not end in time is not asked again. As nobody can say what it would have refused, no call is made
    from then on: were calls let pass, a model that makes a guard hang would be rid of it.
    """

    def __init__(self, hooks: Sequence[tuple[str, BeforeCall]], *, seconds: float = 10.0) -> None:
        self._hooks = hooks
        self._seconds = seconds
        self._worker = Worker()
        self._hung: str | None = None

    def apply(self, tool: Tool, first: dict[str, Any], workspace: Files) -> tuple[dict[str, Any], str]:
        """The arguments as the hooks leave them, and which hooks edited them ("" for none).

        Raises:
            HookFailed: the call must not be made.
        """
        current, editors = first, []
        for plugin, hook in self._hooks:
            who = f"before_call hook {_called(hook)} of the plugin {plugin}"
            edited = self._ask(hook, who, tool, current, workspace)
            if edited != current:
                current = edited
                editors.append(who)
        return current, "edited by the " + " and the ".join(editors) if editors else ""

    def _ask(self, hook: BeforeCall, who: str, tool: Tool, current: dict[str, Any], workspace: Files) -> dict[str, Any]:
        if self._hung is not None:
            raise HookFailed(_unguarded(self._hung))
        # What the hook returned may be a mapping of its author's making: it is read under the same clock.
        outcome = self._worker.run(lambda: _edited(hook, tool, current, workspace), seconds=self._seconds)
        if outcome.error is None:
            edited: dict[str, Any] = outcome.value
            return edited
        if isinstance(outcome.error, Hung):
            self._hung = f"the {who} did not end within {self._seconds:g} s"
            raise HookFailed(_unguarded(self._hung))
        raise HookFailed(_told(outcome.error, who)) from outcome.error


class Observers:
    """The observers of all plugins, each with its plugin's name. One that did not end in time is left out from then
    on."""

    def __init__(self, observers: Sequence[tuple[str, Observer]], *, seconds: float = 5.0) -> None:
        self._observers = list(observers)
        self._seconds = seconds
        self._worker = Worker()

    def tell(self, event: Mapping[str, Any]) -> list[str]:
        """Give an event to every observer, to each a copy; the complaints of those that failed, one line each."""
        faults = []
        for pair in tuple(self._observers):
            plugin, observer = pair
            who = f"plugin {plugin}: observer {_called(observer)}"
            outcome = self._worker.run(partial(_observe, observer, event), seconds=self._seconds)
            if isinstance(outcome.error, Hung):
                self._observers.remove(pair)
                faults.append(f"{who} is left out from now on: it did not end within {self._seconds:g} s")
            elif outcome.error is not None:
                faults.append(f"{who} failed: {in_words(outcome.error)}")
        return faults


class _Unfit(Exception):
    """What a hook returned are no arguments for the tool."""


def _edited(hook: BeforeCall, tool: Tool, current: dict[str, Any], workspace: Files) -> dict[str, Any]:
    seen = deepcopy(current)
    returned: Any = hook(tool.name, seen)
    _check_plain(returned)
    try:
        # A hook that returns nothing has edited in place, or has only looked.
        return coerce(tool, seen if returned is None else returned, workspace)
    except ToolError as error:
        raise _Unfit(error.message) from error


def _observe(observer: Observer, event: Mapping[str, Any]) -> None:
    _check_plain(observer(_copied(event)))


def _check_plain(returned: object) -> None:
    """A coroutine that comes back has done nothing, and nobody would run it."""
    if inspect.iscoroutine(returned):
        returned.close()
        raise TypeError("it is async, and hooks are not awaited: write it with a plain def")


def _told(error: BaseException, who: str) -> Observation:
    """Why the call is not made, in words that blame the hook and not the model."""
    if isinstance(error, Refuse):
        return fail("denied", f"refused by the {who}: {said(error)}")
    if isinstance(error, ToolError):
        return refused(error, by=f"stopped by the {who}: ")
    detail = traced(error)
    if isinstance(error, _Unfit):
        return fail("crash", f"the {who} returned arguments that the tool does not take: {said(error)}", detail=detail)
    return fail("crash", f"the {who} failed: {in_words(error)}", detail=detail)


def _unguarded(reason: str) -> Observation:
    return fail(
        "crash",
        f"{reason}; no call is made any more, as it might have refused it",
        hint="finish with what there is; the user can mend the plugin or take it out, and resume",
    )


def _copied(value: Any) -> Any:
    """JSON, copied to its depth: what one observer changes, nobody else sees."""
    if isinstance(value, Mapping):
        return {name: _copied(one) for name, one in value.items()}
    return [_copied(one) for one in value] if isinstance(value, list | tuple) else value


def _called(hook: object) -> str:
    return getattr(hook, "__name__", None) or type(hook).__name__
