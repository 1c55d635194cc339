"""What a tool declares of itself, checked once for every tool, however it was made: what fits here can be told to any
model, found by its words, and run."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from plugins._contract import Effect, Tool
from plugins._text import said

__all__ = ["flaw"]

_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")  # what chat completions let a function be called
_LONGEST_ALIAS = 100  # characters
_MOST_TOLD = 65_536  # characters of JSON: each request of a run tells it again


def flaw(tool: Tool) -> str | None:
    """The first thing for which a tool cannot be used as it is declared, in one line; None where there is none."""
    return next(_flaws(tool), None)


def _flaws(tool: Any) -> Iterator[str]:
    """Authors are not held to types, so each field may hold anything."""
    if not isinstance(tool.name, str) or not _NAME.fullmatch(tool.name):
        wanted = "at most 64 characters out of a-z A-Z 0-9 _ -"
        yield f"models cannot call {_short(tool.name)}; give it a name=... of {wanted}"
    if not isinstance(tool.effect, Effect):
        yield f"effect must be one of {', '.join(Effect)}, not {_short(tool.effect)}"
    if not isinstance(tool.timeout, int | float) or isinstance(tool.timeout, bool) or not _is_span(tool.timeout):
        yield f"timeout must be a number of seconds above 0, not {_short(tool.timeout)}"
    if not isinstance(tool.repeatable, bool):
        yield f"repeatable must be True or False, not {_short(tool.repeatable)}"
    yield from _flaws_of_aliases(tool.aliases)
    yield from _flaws_of_code(tool)
    if not isinstance(tool.paths, tuple) or not all(isinstance(one, str) for one in tool.paths):
        yield f"paths must be names of parameters, not {_short(tool.paths)}"
    if tool.context is not None and not isinstance(tool.context, str):
        yield f"context must be the name of a parameter, not {_short(tool.context)}"
    if not isinstance(tool.convert, Mapping) or not all(map(callable, tool.convert.values())):
        yield "convert must hold a function for each parameter that it names"
    if not isinstance(tool.description, str) or not tool.description.strip():
        yield "it has no description; say what the tool does"
    if not isinstance(tool.parameters, Mapping):
        yield f"parameters must be a JSON schema, not {_short(tool.parameters)}"
    else:
        yield from _flaws_on_the_wire(tool)


def _flaws_of_aliases(aliases: Any) -> Iterator[str]:
    if not isinstance(aliases, tuple):
        yield f"aliases must be words, not {_short(aliases)}"
        return
    for alias in aliases:
        if not isinstance(alias, str) or not alias.strip() or len(alias) > _LONGEST_ALIAS:
            yield f"an alias must be a word of at most {_LONGEST_ALIAS} characters, not {_short(alias)}"


def _flaws_of_code(tool: Any) -> Iterator[str]:
    if not callable(tool.function):
        yield f"function must be callable, not {_short(tool.function)}"
    if tool.after is not None and not callable(tool.after):
        yield f"after must be a function, not {_short(tool.after)}"
    if inspect.iscoroutinefunction(tool.after):
        yield "after must be a plain function: nobody awaits what an async one returns"


def _flaws_on_the_wire(tool: Any) -> Iterator[str]:
    """What a model is told goes out as strict JSON in UTF-8."""
    told = [tool.name, tool.description, tool.aliases, tool.parameters]
    try:
        text = json.dumps(told, allow_nan=False, ensure_ascii=False)
        text.encode()
    except UnicodeEncodeError:
        yield "its texts hold a lone surrogate, which cannot be encoded"
    except (TypeError, ValueError, RecursionError) as error:
        yield f"what a model would be told of it cannot be written as JSON: {said(error)}"
    else:
        if len(text) > _MOST_TOLD:
            yield f"what a model would be told of it is too long ({len(text)} characters, at most {_MOST_TOLD})"


def _is_span(seconds: int | float) -> bool:
    try:
        return float(seconds) > 0
    except OverflowError:
        return False


def _short(value: Any) -> str:
    """A value as its author wrote it, where that is short."""
    if isinstance(value, int) and value.bit_length() > 200:
        return "a number of very many digits"
    if value is None or isinstance(value, bool | int | float | str):
        return repr(value)[:80]
    return f"a value of the type {type(value).__name__}"
