"""A call's arguments, fitted to the tool's JSON schema: harmless slips are mended, all else is refused by name.

Reading follows the schema alone, so tools whose schema came from elsewhere (MCP) are read the same way. What a schema
says beyond types, names, and choices is left to the tool.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from typing import Any

from plugins._contract import Files, Tool, ToolError
from plugins._outline import PATH_FORMAT, fits, properties, required, same, takes, wanted
from plugins._text import mend, nearest, show

__all__ = ["coerce"]

_TRUE = frozenset({"true", "yes", "1", "是"})
_FALSE = frozenset({"false", "no", "0", "否"})
_LONGEST_INTEGER = 4096  # bits; Python refuses to write down much longer ones, so they could not be journaled
_MOST_PROBLEMS = 8


class _Misfit(Exception):
    """What is wrong with the arguments, one line for each mistake."""

    def __init__(self, *problems: str, hint: str | None = None) -> None:
        super().__init__(*problems)
        self.problems = problems
        self.hint = hint


def coerce(tool: Tool, arguments: Mapping[str, Any], workspace: Files) -> dict[str, Any]:
    """Fit arguments to a tool: plain JSON, in the order of the schema, paths confined and normalised.

    A null for an argument that may be left out leaves it out. Nothing is filled in.

    Raises:
        ToolError: kind "arguments"; every argument that is unknown, missing or unfit, with what was got and is wanted.
    """
    try:
        if not isinstance(arguments, Mapping):
            raise _Misfit(f"the arguments must be an object, not {show(arguments)}")
        fitted: dict[str, Any] = _Fitting(tool.parameters, workspace).fit_object(tool.parameters, arguments, "")
        return fitted
    except _Misfit as misfit:
        told = misfit.problems[:_MOST_PROBLEMS]
        more = len(misfit.problems) - len(told)
        problems, hint = "; ".join(told) + (f"; and {more} more" if more else ""), misfit.hint or takes(tool)
    except RecursionError:
        problems, hint = "the arguments are nested too deeply", None
    raise ToolError(problems, hint=hint, kind="arguments")


class _Fitting:
    """One fitting of arguments. Each method returns the fitted value or raises `_Misfit`; `place` names the argument,
    such as `edits[0].old`."""

    def __init__(self, root: Mapping[str, Any], workspace: Files) -> None:
        self._root = root
        self._workspace = workspace
        self._readers: dict[str, Callable[[Any, Any, str], Any]] = {
            "string": self._string,
            "integer": self._integer,
            "number": self._number,
            "boolean": self._boolean,
            "null": self._null,
            "array": self._array,
            "object": self.fit_object,
        }

    def fit(self, schema: Any, value: Any, place: str) -> Any:
        """The value as the schema wants it."""
        schema = self._resolve(schema)
        if not isinstance(schema, Mapping):
            return self._free(value, place)
        several = schema.get("anyOf") or schema.get("oneOf")
        if several:
            return self._any(list(several), value, place)
        if "enum" in schema or "const" in schema:
            return self._choice(schema, value, place)
        kind = schema.get("type")
        if isinstance(kind, list):
            return self._any([{**schema, "type": one} for one in kind], value, place)
        reader = self._readers.get(kind or "")
        return reader(schema, value, place) if reader else self._free(value, place)

    def fit_object(self, schema: Mapping[str, Any], value: Any, place: str) -> dict[str, Any]:
        """An object: known names only, unless the schema lets others pass."""
        if isinstance(value, str):
            value = _parsed(value, dict)
        if not isinstance(value, Mapping):
            raise _unfit(schema, value, place)
        named, needed = properties(schema), required(schema)
        fitted: dict[str, Any] = {}
        problems, hint = self._unknown(schema, value, place), None
        for name, inner in named.items():
            where = f"{place}.{name}" if place else name
            given = value.get(name)
            if name not in value or (given is None and name not in needed and not fits(self._resolve(inner), None)):
                if name in needed:
                    problems.append(f"argument {show(where)} is missing ({wanted(self._resolve(inner))})")
                continue
            try:
                fitted[name] = self.fit(inner, given, where)
            except _Misfit as misfit:
                problems.extend(misfit.problems)
                hint = hint or misfit.hint
        if problems:
            raise _Misfit(*problems, hint=hint)
        for name, one in value.items():
            if name not in named:
                rest = schema.get("additionalProperties", True)
                fitted[mend(str(name))] = self.fit(rest, one, f"{place}.{name}" if place else str(name))
        return fitted

    def _unknown(self, schema: Mapping[str, Any], value: Mapping[str, Any], place: str) -> list[str]:
        if schema.get("additionalProperties", True) is not False:
            return []
        known = properties(schema)
        problems: list[str] = []
        for name in value:
            if name not in known:
                where = f"{place}.{name}" if place else str(name)
                # Beyond what is told, a guess would only cost time: there may be very many.
                guesses = nearest(str(name), known, count=1) if len(problems) < _MOST_PROBLEMS else []
                near = [one for one in guesses if one not in value]
                problems.append(
                    f"unknown argument {show(where)}" + (f", did you mean {show(near[0])}?" if near else "")
                )
        return problems

    def _resolve(self, schema: Any) -> Any:
        for _ in range(20):  # a reference to itself must not hold us
            reference = schema.get("$ref") if isinstance(schema, Mapping) else None
            if not isinstance(reference, str) or not reference.startswith("#"):
                return schema
            target: Any = self._root
            for part in reference.removeprefix("#").strip("/").split("/"):
                if part:
                    target = (
                        target.get(part.replace("~1", "/").replace("~0", "~")) if isinstance(target, dict) else None
                    )
            schema = target
        return None

    def _any(self, branches: list[Any], value: Any, place: str) -> Any:
        """The branch that the value has the type of is tried first: "3" stays text where text is wanted as well."""
        resolved = [self._resolve(branch) for branch in branches]
        misfits = []
        for branch in sorted(resolved, key=lambda branch: not fits(branch, value)):
            try:
                return self.fit(branch, value, place)
            except _Misfit as misfit:
                if fits(branch, value):
                    misfits.append(misfit)
        # One branch alone was meant: what is wrong inside it says more than a list of what else would do.
        raise misfits[0] if len(misfits) == 1 else _unfit({"anyOf": resolved}, value, place)

    def _choice(self, schema: Mapping[str, Any], value: Any, place: str) -> Any:
        choices = list(schema["enum"]) if "enum" in schema else [schema["const"]]
        for one in choices:
            if same(one, value):
                return one
        if isinstance(value, str | float) or _is_writable(value):
            folded = str(value).strip().casefold()
            alike = [one for one in choices if str(one).casefold() == folded]
            if len(alike) == 1:
                return alike[0]
        raise _unfit(schema, value, place)

    def _string(self, schema: Mapping[str, Any], value: Any, place: str) -> str:
        if isinstance(value, dict | list | tuple):
            # Models hand over the content of a JSON file as the object that it is.
            text = json.dumps(self._free(value, place), ensure_ascii=False, indent=2)
        elif isinstance(value, bool):
            text = "true" if value else "false"
        elif isinstance(value, str | float) or _is_writable(value):
            text = mend(str(value))
        else:
            raise _unfit(schema, value, place)
        return self._path(text, place) if schema.get("format") == PATH_FORMAT else text

    def _path(self, text: str, place: str) -> str:
        try:
            return str(self._workspace.path(text))
        except ToolError as error:
            raise _Misfit(f"argument {show(place)}: {error.message}", hint=error.hint) from error
        except (ValueError, OSError) as error:
            raise _Misfit(f"argument {show(place)} is no usable path ({error}): {show(text)}") from error

    def _integer(self, schema: Mapping[str, Any], value: Any, place: str) -> int:
        number = _to_number(value)
        if isinstance(number, float) and number.is_integer():
            number = int(number)
        if not isinstance(number, int) or number.bit_length() > _LONGEST_INTEGER:
            raise _unfit(schema, value, place)
        return number

    def _number(self, schema: Mapping[str, Any], value: Any, place: str) -> int | float:
        number = _to_number(value)
        if number is None or (isinstance(number, int) and number.bit_length() > 1000):  # more than a float holds
            raise _unfit(schema, value, place)
        return number

    def _boolean(self, schema: Mapping[str, Any], value: Any, place: str) -> bool:
        folded = str(value).strip().casefold() if isinstance(value, str) or _is_writable(value) else ""
        if folded in _TRUE:
            return True
        if folded in _FALSE:
            return False
        raise _unfit(schema, value, place)

    def _null(self, schema: Mapping[str, Any], value: Any, place: str) -> None:
        if value is not None and not (isinstance(value, str) and value.strip().casefold() in ("null", "none")):
            raise _unfit(schema, value, place)

    def _array(self, schema: Mapping[str, Any], value: Any, place: str) -> list[Any]:
        if isinstance(value, str):
            value = _parsed(value, list)
        if value is None:
            raise _unfit(schema, value, place)
        given = list(value) if isinstance(value, list | tuple) else [value]
        least, most = schema.get("minItems", 0), schema.get("maxItems", math.inf)
        if not least <= len(given) <= most:
            count = f"exactly {least}" if least == most else f"from {least} to {most}"
            raise _Misfit(f"argument {show(place)} must have {count} items, not {len(given)}")
        prefix, rest = schema.get("prefixItems", ()), schema.get("items", True)
        return [
            self.fit(prefix[index] if index < len(prefix) else rest, one, f"{place}[{index}]")
            for index, one in enumerate(given)
        ]

    def _free(self, value: Any, place: str) -> Any:
        """Any JSON, copied; text that cannot be encoded is mended."""
        if isinstance(value, str):
            return mend(value)
        if value is None or isinstance(value, bool):
            return value
        if _is_writable(value):
            return value
        if isinstance(value, float) and math.isfinite(value):
            return value
        if isinstance(value, Mapping):
            return {mend(str(name)): self._free(one, f"{place}.{name}") for name, one in value.items()}
        if isinstance(value, list | tuple):
            return [self._free(one, f"{place}[{index}]") for index, one in enumerate(value)]
        raise _Misfit(f"argument {show(place)} must be something that JSON can hold, not {show(value)}")


def _is_writable(value: Any) -> bool:
    """Is it a whole number that Python writes down?"""
    return isinstance(value, int) and value.bit_length() <= _LONGEST_INTEGER


def _to_number(value: Any) -> int | float | None:
    """The finite number that a value is or spells; None where it is none."""
    if isinstance(value, str):
        for reading in (int, float):
            try:
                value = reading(value)
                break
            except ValueError:
                continue
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _parsed(text: str, wanted: type) -> Any:
    """A list or object that was sent as the text of one; the text itself where it is none."""
    if text.lstrip()[:1] not in ("[", "{"):
        return text
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        return text
    return value if isinstance(value, wanted) else text


def _unfit(schema: Mapping[str, Any], value: Any, place: str) -> _Misfit:
    return _Misfit(f"argument {show(place)} must be {wanted(schema)}, not {show(value)}")
