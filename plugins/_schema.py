"""A tool from a function: its JSON schema is read from the signature and the docstring, and from nothing else."""

from __future__ import annotations

import inspect
import json
import sys
import typing
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from types import SimpleNamespace
from typing import Any, overload

from plugins._annotation import Shape, UnknownAnnotation, plain_default, read_annotation
from plugins._contract import Context, Effect, Tool, ToolError
from plugins._declaration import flaw
from plugins._docstring import read_docstring
from plugins._outline import holds, wanted, workspace_paths
from plugins._paths import normal
from plugins._text import show

__all__ = ["PluginFault", "fault_of", "tool"]

_LONGEST_DEFAULT = 4096  # characters of JSON

After = Callable[[Mapping[str, Any], Mapping[str, bytes | None]], Mapping[str, bytes | None]]


class PluginFault(Exception):
    """A tool that cannot be used as it is written. The text is one line: file, line, argument, what to do."""

    def __init__(self, file: str, line: int, message: str) -> None:
        super().__init__(f"{file}:{line}: {message}")
        self.file = file
        self.line = line
        self.message = message


def fault_of(function: Any, message: str, *, place: tuple[str, int] = ("?", 0)) -> PluginFault:
    """A complaint that says where a function stands, or else where it was decorated (`place`: file and line)."""
    code = getattr(inspect.unwrap(function) if callable(function) else None, "__code__", None)
    file, line = place if code is None else (code.co_filename, code.co_firstlineno)
    called = getattr(function, "__name__", None) or type(function).__name__
    return PluginFault(file, line, f"{called}: {message}")


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
    place = (frame.f_code.co_filename, frame.f_lineno)
    del frame
    settings: dict[str, Any] = {"repeatable": repeatable, "after": after, "origin": origin}

    def decorate(function: Callable[..., Any]) -> Tool:
        author = _Author(function, names, place)
        return author.make(name=name, effect=effect, timeout=timeout, aliases=aliases, settings=settings)

    return decorate if function is None else decorate(function)


@dataclass(frozen=True, slots=True)
class _Author:
    """A function as its author wrote it, being read."""

    function: Callable[..., Any]
    names: Mapping[str, Any]
    place: tuple[str, int]

    def fault(self, message: str) -> PluginFault:
        """A complaint that says where the function stands."""
        return fault_of(self.function, message, place=self.place)

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
        try:
            effect = Effect(effect)
        except ValueError:
            raise self.fault(f"effect must be one of {', '.join(Effect)}, not {effect!r}") from None
        description, described = read_docstring(inspect.getdoc(function) or "")
        if not description:
            raise self.fault('it has no docstring; say what the tool does, then describe its arguments under "Args:"')
        made = Tool(
            name=name if name is not None else function.__name__,
            description=description,
            effect=effect,
            function=function,
            timeout=timeout,
            aliases=_words(aliases),
            **self.parameters(described),
            **settings,
        )
        if (wrong := flaw(made)) is not None:
            raise self.fault(wrong)
        self.check_default_paths(made)
        return replace(made, timeout=float(timeout))

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
            properties[one.name] = {**shape.schema, "description": described[one.name], **self.default(one, shape)}
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

    def read(self, one: inspect.Parameter, annotation: Any) -> tuple[Shape, bool]:
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

    def default(self, one: inspect.Parameter, shape: Shape) -> dict[str, Any]:
        """The schema's entry for a default, none where it says nothing or JSON has nothing like it."""
        if one.default is one.empty or one.default is None:
            return {}
        try:
            plain = plain_default(one.default)
            length = len(json.dumps(plain, allow_nan=False))
        except TypeError:
            return {}
        except (ValueError, RecursionError):  # not finite, more digits than Python writes down, or it holds itself
            raise self.fault(f"the default of argument {one.name!r} cannot be written as JSON") from None
        if not holds(shape.schema, plain):
            what = f"the default of argument {one.name!r} is {show(plain)}, which its annotation does not allow"
            raise self.fault(f"{what} (it must be {wanted(shape.schema)})")
        if length > _LONGEST_DEFAULT:
            what = f"the default of argument {one.name!r} has {length} characters"
            raise self.fault(f"{what}; a model is told of at most {_LONGEST_DEFAULT}, let None stand for it")
        return {"default": plain}

    def check_default_paths(self, made: Tool) -> None:
        """A path that nobody gave is locked and hashed like any other, so it must be in its one form."""
        for path in workspace_paths(made, {}):
            try:
                usual = normal(path, roots=("/",), windows=False)
            except ToolError as error:
                raise self.fault(f"the default {show(path)} is no path in the workspace: {error.message}") from None
            if usual != path:
                raise self.fault(f"the default {show(path)} must be written {show(usual)}")


def _words(aliases: Any) -> tuple[Any, ...]:
    """The aliases, one alone or many; they are looked at later, so anything may be among them."""
    return tuple(aliases) if isinstance(aliases, Iterable) and not isinstance(aliases, str) else (aliases,)


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
