"""Hooks: functions that their author marked, to see each event of a run, or each call before it is made."""

from __future__ import annotations

import inspect
import sys
from typing import Any, TypeVar

from plugins._contract import BeforeCall
from plugins._hooks import Observer
from plugins._schema import fault_of

__all__ = ["before_call", "mark_of", "observe"]

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


def mark_of(thing: Any) -> str | None:
    """Which hook a thing is. Modules hold anything, so nothing of its own may run when it is looked at."""
    try:
        mark: str | None = object.__getattribute__(thing, "__dict__").get(_MARK)
    except AttributeError:
        return None
    return mark
