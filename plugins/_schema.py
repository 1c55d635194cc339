"""A tool from a function: its JSON schema is read from the signature and the docstring, and from nothing else."""

from __future__ import annotations

import inspect
import re
import sys
import typing
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, overload

from plugins._annotation import UnknownAnnotation, plain_default, read_annotation
from plugins._contract import Context, Effect, Tool

__all__ = ["PluginFault", "tool"]

_NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")  # what chat completions let a function be called
_ARGUMENTS = re.compile(r"(?:Args|Arguments|Parameters|参数)\s*[:：]\s*", re.IGNORECASE)
_ENTRY = re.compile(r"(\*{0,2}[^\W\d]\w*)\s*(?:[(（][^)）]*[)）])?\s*[:：]\s*(.*)")
_WIDE = "\u2e80"  # from here on, scripts are written without spaces between words

After = Callable[[Mapping[str, Any], Mapping[str, bytes | None]], Mapping[str, bytes | None]]


class PluginFault(Exception):
    """A tool that cannot be used as it is written. The text is one line: file, line, argument, what to do."""

    def __init__(self, file: str, line: int, message: str) -> None:
        super().__init__(f"{file}:{line}: {message}")
        self.file = file
        self.line = line
        self.message = message


@overload
def tool(function: Callable[..., Any], /) -> Tool: ...
@overload
def tool(
    *,
    effect: Effect | str = Effect.SEND,
    repeatable: bool = False,
    timeout: float = 60.0,
    aliases: Iterable[str] = (),
    name: str | None = None,
    after: After | None = None,
) -> Callable[[Callable[..., Any]], Tool]: ...
def tool(
    function: Callable[..., Any] | None = None,
    /,
    *,
    effect: Effect | str = Effect.SEND,
    repeatable: bool = False,
    timeout: float = 60.0,
    aliases: Iterable[str] = (),
    name: str | None = None,
    after: After | None = None,
) -> Tool | Callable[[Callable[..., Any]], Tool]:
    """Make a function a tool: `@tool`, or `@tool(effect=Effect.READ, ...)`.

    The docstring's first paragraph describes it, `Args:` describes every parameter; a parameter annotated `Context`
    is filled in and hidden. The function may be `async def`.

    Args:
        function: What becomes the tool, where the decorator is written bare.
        effect: What a call may do to the world.
        repeatable: Running it twice does no harm.
        timeout: Seconds after which a call is given up.
        aliases: Other words for it, in any language.
        name: What the model calls it; the function's name if not given.
        after: See `Tool.after`.

    Raises:
        PluginFault: the function cannot be told to a model as it is written.
    """
    frame = sys._getframe(1)
    # A plugin's tools are told apart from those it imports by where the decorator stands, and annotations may name
    # classes that are local to that place.
    origin, names = str(frame.f_globals.get("__name__", "")), frame.f_locals
    names = {} if names is frame.f_globals else dict(names)
    del frame
    settings: dict[str, Any] = {"repeatable": repeatable, "after": after, "origin": origin}

    def decorate(function: Callable[..., Any]) -> Tool:
        author = _Author(function, names)
        return author.make(name=name, effect=effect, timeout=timeout, aliases=aliases, settings=settings)

    return decorate if function is None else decorate(function)


@dataclass(frozen=True, slots=True)
class _Author:
    """A function as its author wrote it, being read."""

    function: Callable[..., Any]
    names: Mapping[str, Any]

    def fault(self, message: str) -> PluginFault:
        """A complaint that says where the function stands."""
        code = getattr(inspect.unwrap(self.function), "__code__", None)
        called = getattr(self.function, "__name__", None) or repr(self.function)
        if code is None:
            return PluginFault("?", 0, f"{called}: {message}")
        return PluginFault(code.co_filename, code.co_firstlineno, f"{called}: {message}")

    def make(
        self,
        *,
        name: str | None,
        effect: Effect | str,
        timeout: float,
        aliases: Iterable[str],
        settings: dict[str, Any],
    ) -> Tool:
        """The tool, or the first reason why it cannot be one."""
        function = self.function
        if not inspect.isfunction(function):
            raise self.fault("only a function can be a tool")
        if function.__code__.co_flags & (inspect.CO_GENERATOR | inspect.CO_ASYNC_GENERATOR):
            raise self.fault("a tool must return its result, it cannot yield")
        called = name if name is not None else function.__name__
        if not _NAME.fullmatch(called):
            raise self.fault(
                f"models cannot call {called!r}; give it a name=... of at most 64 characters out of a-z A-Z 0-9 _ -"
            )
        seconds: Any = timeout  # authors are not held to types
        if not isinstance(seconds, int | float) or not seconds > 0:
            raise self.fault(f"timeout must be a number of seconds above 0, not {timeout!r}")
        try:
            effect = Effect(effect)
        except ValueError:
            raise self.fault(f"effect must be one of {', '.join(Effect)}, not {effect!r}") from None
        description, described = _read_docstring(inspect.getdoc(function) or "")
        if not description:
            raise self.fault('it has no docstring; say what the tool does, then describe its arguments under "Args:"')
        return Tool(
            name=called,
            description=description,
            effect=effect,
            function=function,
            timeout=float(timeout),
            aliases=(aliases,) if isinstance(aliases, str) else tuple(aliases),
            **self.parameters(described),
            **settings,
        )

    def parameters(self, described: Mapping[str, str]) -> dict[str, Any]:
        """The fields of the tool that come from its parameters."""
        properties: dict[str, Any] = {}
        required: list[str] = []
        convert: dict[str, Callable[[Any], Any]] = {}
        paths: list[str] = []
        context: str | None = None
        for one in inspect.signature(self.function).parameters.values():
            annotation = self.annotation(one)
            if _is_context(annotation):
                if context is not None:
                    raise self.fault(f"arguments {context!r} and {one.name!r} are both a Context; one is enough")
                context = one.name
                continue
            if not described.get(one.name):
                raise self.fault(f'argument {one.name!r} is not described; add "{one.name}: ..." under "Args:"')
            shape, optional = self.read(one, annotation)
            properties[one.name] = {**shape.schema, "description": described[one.name], **self.default(one)}
            if not optional:
                required.append(one.name)
            if shape.convert is not None:
                convert[one.name] = shape.convert
            if shape.holds_path:
                paths.append(one.name)
        for name in described:
            if name not in properties and name != context:
                raise self.fault(f'"Args:" describes {name!r}, which is no argument')
        schema: dict[str, Any] = {"type": "object", "properties": properties}
        if required:
            schema["required"] = required
        schema["additionalProperties"] = False
        return {"parameters": schema, "convert": convert, "paths": tuple(paths), "context": context}

    def annotation(self, one: inspect.Parameter) -> Any:
        """A parameter's annotation, resolved where it is text."""
        if one.kind in (one.VAR_POSITIONAL, one.VAR_KEYWORD):
            raise self.fault(f"argument {str(one)!r}: a model cannot be told what it takes; name each argument")
        if one.kind is one.POSITIONAL_ONLY:
            raise self.fault(f"argument {one.name!r} is positional-only; tools are called by name")
        if one.annotation is one.empty:
            raise self.fault(f"argument {one.name!r} has no annotation")
        found = inspect.unwrap(self.function)
        spaces = {"globalns": getattr(found, "__globals__", {}), "localns": dict(self.names)}
        holder: Any = SimpleNamespace(__annotations__={"one": one.annotation})
        try:
            return typing.get_type_hints(holder, include_extras=True, **spaces)["one"]
        except Exception as error:  # an annotation is foreign code, it may raise anything
            raise self.fault(
                f"the annotation of argument {one.name!r} cannot be resolved: {error} "
                "(what is imported only for type checking is not there at run time)"
            ) from error

    def read(self, one: inspect.Parameter, annotation: Any) -> tuple[Any, bool]:
        """A parameter's shape, and whether it may be left out."""
        optional = one.default is not one.empty
        try:
            if optional and one.default is None:
                # "or null" would tell the model nothing: it leaves the argument out.
                shape = read_annotation(_without_none(annotation), self.names)
            else:
                shape = read_annotation(annotation, self.names)
        except UnknownAnnotation as error:
            raise self.fault(f"argument {one.name!r}: {error}") from error
        return shape, optional

    def default(self, one: inspect.Parameter) -> dict[str, Any]:
        """The schema's entry for a default, none where it says nothing or JSON cannot hold it."""
        if one.default is one.empty or one.default is None:
            return {}
        try:
            return {"default": plain_default(one.default)}
        except TypeError:
            return {}


def _is_context(annotation: Any) -> bool:
    if typing.get_origin(annotation) is typing.Annotated:
        return _is_context(typing.get_args(annotation)[0])
    return isinstance(annotation, type) and issubclass(annotation, Context)


def _without_none(annotation: Any) -> Any:
    if typing.get_origin(annotation) is typing.Annotated:
        inner, *rest = typing.get_args(annotation)
        return typing.Annotated[(_without_none(inner), *rest)]
    parts = typing.get_args(annotation)
    if type(None) in parts and typing.get_origin(annotation) is not typing.Literal:
        return typing.Union[tuple(part for part in parts if part is not type(None))]  # noqa: UP007  the parts are computed
    return annotation


def _read_docstring(text: str) -> tuple[str, dict[str, str]]:
    """The first paragraph, and what is said of each argument. Full-width colons and brackets count like others."""
    lines = text.splitlines()
    start = next((index for index, line in enumerate(lines) if _ARGUMENTS.fullmatch(line)), len(lines))
    first: list[str] = []
    for line in lines[:start]:
        if not line.strip():
            break
        first.append(line.strip())
    return _joined(first), _read_entries(lines[start + 1 :])


def _read_entries(lines: Iterable[str]) -> dict[str, str]:
    said: dict[str, list[str]] = {}
    current: list[str] = []
    margin: int | None = None
    for line in lines:
        if not line.strip():
            continue
        indent = len(line) - len(line.lstrip())
        if indent == 0:
            break
        margin = indent if margin is None else margin
        entry = _ENTRY.fullmatch(line.strip()) if indent <= margin else None
        if entry:
            current = said.setdefault(entry[1].lstrip("*"), [])
            current.append(entry[2].strip())
        else:
            current.append(line.strip())
    return {name: _joined(parts) for name, parts in said.items()}


def _joined(parts: Iterable[str]) -> str:
    """Lines as one: with a space between them, except where a script has none."""
    text = ""
    for part in parts:
        if text and part and not (text[-1] >= _WIDE and part[0] >= _WIDE):
            text += " "
        text += part
    return text
