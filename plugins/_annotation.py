"""What an annotation says: the JSON schema that the model reads, and how a value of JSON becomes what was annotated."""

from __future__ import annotations

import collections.abc
import dataclasses
import enum
import inspect
import types
import typing
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal, Union, get_args, get_origin

from plugins._contract import Context, WorkspacePath
from plugins._outline import PATH_FORMAT, fits, holds

__all__ = ["Shape", "UnknownAnnotation", "plain_default", "read_annotation"]

_SCALARS: Mapping[Any, str] = {str: "string", int: "integer", float: "number", bool: "boolean", type(None): "null"}
_LISTS = (list, tuple, set, frozenset, collections.abc.Sequence, collections.abc.Iterable, collections.abc.Collection)
_SETS = (set, frozenset)
_DICTS = (dict, collections.abc.Mapping, collections.abc.MutableMapping)
_DEEPEST = 12  # a type within a type; deeper than this it holds itself


class UnknownAnnotation(Exception):
    """An annotation that no schema can be made from; its text says which and what to write instead."""


@dataclass(frozen=True, slots=True)
class Shape:
    """An annotation, read. `convert` is None where JSON is already what was annotated; `hashable` says that what was
    annotated can be in a set."""

    schema: dict[str, Any]
    convert: Callable[[Any], Any] | None = None
    hashable: bool = True

    @property
    def holds_path(self) -> bool:
        """Is there a path of the workspace anywhere in it?"""
        return _mentions_path(self.schema)


def read_annotation(annotation: Any, names: Mapping[str, Any] | None = None, *, depth: int = 0) -> Shape:
    """Read an annotation that is resolved at its outermost level; `names` are the local names where it was written.

    Raises:
        UnknownAnnotation: it, or a part of it, cannot be told to a model.
    """
    if depth > _DEEPEST:
        raise UnknownAnnotation("a type that holds itself cannot be told to a model")
    names = names or {}
    origin, parts = get_origin(annotation), get_args(annotation)
    if origin is typing.Annotated:
        shape = read_annotation(parts[0], names, depth=depth)
        told = next((one for one in parts[1:] if isinstance(one, str)), None)
        return dataclasses.replace(shape, schema={**shape.schema, "description": told}) if told else shape
    if annotation in (Any, object):
        return Shape({})
    if annotation is WorkspacePath:
        return Shape({"type": "string", "format": PATH_FORMAT}, WorkspacePath)
    if annotation is float:
        return Shape({"type": "number"}, float)
    if annotation in _SCALARS:
        return Shape({"type": _SCALARS[annotation]})
    if origin is Literal:
        return _literal(parts)
    if origin in (Union, types.UnionType):
        return _union(parts, names, depth)
    if (origin or annotation) in _LISTS:
        return _list(origin or annotation, parts, names, depth)
    if (origin or annotation) in _DICTS:
        return _dict(parts, names, depth)
    return _class(annotation, names, depth)


def plain_default(value: Any) -> Any:
    """A default as JSON has it.

    Raises:
        TypeError: JSON cannot hold it.
    """
    if value is None or type(value) in (bool, int, float, str):
        return value
    if isinstance(value, enum.Enum):
        return _choices(type(value))[1](value)
    if isinstance(value, str):
        return str(value)
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return _plain_fields(value)
    if isinstance(value, Mapping):
        return {str(name): plain_default(one) for name, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [plain_default(one) for one in value]
    raise TypeError(f"a default of the type {type(value).__name__} cannot be written as JSON")


def _plain_fields(value: Any) -> dict[str, Any]:
    """What would have to be given to make this dataclass's instance again."""
    wanted = inspect.signature(type(value)).parameters
    if missing := [name for name in wanted if not hasattr(value, name)]:
        raise TypeError(f"what was given as {missing[0]} is not kept")
    return {name: plain_default(getattr(value, name)) for name in wanted}


def _class(annotation: Any, names: Mapping[str, Any], depth: int) -> Shape:
    if isinstance(annotation, type) and issubclass(annotation, enum.Enum):
        return _enum(annotation)
    if typing.is_typeddict(annotation):
        return _typed_dict(annotation, names, depth)
    if annotation is Context:
        raise UnknownAnnotation("the Context is always given; annotate it Context alone, without None or a list")
    if isinstance(annotation, type) and dataclasses.is_dataclass(annotation):
        return _dataclass(annotation, names, depth)
    for inner in ("__supertype__", "__value__"):  # NewType, and `type X = ...` of Python 3.12
        if not isinstance(annotation, type) and hasattr(annotation, inner):
            return read_annotation(getattr(annotation, inner), names, depth=depth + 1)
    told = getattr(annotation, "__name__", None) or str(annotation)
    if told in ("Path", "PurePath"):
        raise UnknownAnnotation(f"{told} is not for tools; annotate it WorkspacePath")
    raise UnknownAnnotation(
        f"the annotation {told} cannot be told to a model; "
        "use str, int, float, bool, WorkspacePath, Literal, an Enum, list, dict, a TypedDict, or a dataclass"
    )


def _literal(values: tuple[Any, ...]) -> Shape:
    if not all(value is None or isinstance(value, str | int | enum.Enum) for value in values):
        raise UnknownAnnotation("a Literal may hold text, whole numbers, true, false, and None")
    by_value = {(type(value) is bool, plain_default(value)): value for value in values}
    schema: dict[str, Any] = {"enum": [plain for _, plain in by_value]}
    if all(isinstance(plain, str) for _, plain in by_value):
        schema = {"type": "string", **schema}
    if any(isinstance(value, enum.Enum) for value in values):
        return Shape(schema, lambda given: by_value[(isinstance(given, bool), given)])
    return Shape(schema)


def _choices(kind: type[enum.Enum]) -> tuple[list[str], Callable[[enum.Enum], str]]:
    """How the members of an enum are called before a model: by value where all values are text, else by name."""
    if all(isinstance(member.value, str) for member in kind):
        return [member.value for member in kind], lambda member: str(member.value)
    return [member.name for member in kind], lambda member: member.name


def _enum(kind: type[enum.Enum]) -> Shape:
    called, _ = _choices(kind)
    members = dict(zip(called, kind, strict=True))
    return Shape({"type": "string", "enum": called}, members.__getitem__)


def _union(parts: tuple[Any, ...], names: Mapping[str, Any], depth: int) -> Shape:
    shapes = [read_annotation(part, names, depth=depth + 1) for part in parts]

    def convert(value: Any) -> Any:
        for fitting in (holds, fits):  # of two dataclasses, the one whose fields these are
            for shape in shapes:
                if fitting(shape.schema, value):
                    return shape.convert(value) if shape.convert else value
        return value

    schema = {"anyOf": [shape.schema for shape in shapes]}
    hashable = all(shape.hashable for shape in shapes)
    return Shape(schema, convert if any(shape.convert for shape in shapes) else None, hashable)


def _list(kind: Any, parts: tuple[Any, ...], names: Mapping[str, Any], depth: int) -> Shape:
    if kind is tuple and parts and parts[-1] is not Ellipsis:
        return _fixed_tuple(parts, names, depth)
    inner = read_annotation(parts[0], names, depth=depth + 1) if parts else Shape({})
    schema: dict[str, Any] = {"type": "array", "items": inner.schema}
    if kind in _SETS:
        if not inner.hashable:
            raise UnknownAnnotation(
                "what cannot be hashed cannot be in a set; use list, or a frozen dataclass of what can be hashed"
            )
        schema["uniqueItems"] = True
    make = kind if kind in (tuple, *_SETS) else list
    hashable = make is frozenset or (make is tuple and inner.hashable)
    each = inner.convert
    if each is not None:
        return Shape(schema, lambda value: make(each(one) for one in value), hashable)
    return Shape(schema, None if make is list else make, hashable)


def _fixed_tuple(parts: tuple[Any, ...], names: Mapping[str, Any], depth: int) -> Shape:
    shapes = [read_annotation(part, names, depth=depth + 1) for part in parts]
    schemas = [shape.schema for shape in shapes]
    different = [schema for index, schema in enumerate(schemas) if schema not in schemas[:index]]
    size = len(parts)
    schema: dict[str, Any] = {"type": "array", "minItems": size, "maxItems": size}
    if len(different) > 1:
        # Readers that do not know `prefixItems` are still told something true by `items`.
        schema |= {"prefixItems": schemas, "items": {"anyOf": different}}
    else:
        schema["items"] = different[0]

    def convert(value: Any) -> Any:
        pairs = zip(shapes, value, strict=True)
        return tuple(shape.convert(one) if shape.convert else one for shape, one in pairs)

    return Shape(schema, convert, all(shape.hashable for shape in shapes))


def _dict(parts: tuple[Any, ...], names: Mapping[str, Any], depth: int) -> Shape:
    if not parts:
        return Shape({"type": "object", "additionalProperties": True}, hashable=False)
    if parts[0] is not str:
        raise UnknownAnnotation("the keys of a dict must be str: JSON knows no others")
    inner = read_annotation(parts[1], names, depth=depth + 1)
    schema = {"type": "object", "additionalProperties": inner.schema or True}
    each = inner.convert
    if each is None:
        return Shape(schema, hashable=False)
    return Shape(schema, lambda value: {name: each(one) for name, one in value.items()}, hashable=False)


def _hints(kind: Any, names: Mapping[str, Any]) -> dict[str, Any]:
    try:
        return typing.get_type_hints(kind, localns=dict(names), include_extras=True)
    except Exception as error:  # an annotation is foreign code, it may raise anything
        raise UnknownAnnotation(f"the annotations of {kind.__name__} cannot be resolved: {error}") from error


def _typed_dict(kind: Any, names: Mapping[str, Any], depth: int) -> Shape:
    fields: dict[str, Shape] = {}
    required = []
    for name, hint in _hints(kind, names).items():
        marked = get_origin(hint)
        # Where annotations are strings, Python does not see `NotRequired` itself.
        if marked is typing.Required or (marked is not typing.NotRequired and name in kind.__required_keys__):
            required.append(name)
        inner = get_args(hint)[0] if marked in (typing.Required, typing.NotRequired) else hint
        fields[name] = read_annotation(inner, names, depth=depth + 1)
    return _object(fields, required, dict, hashable=False)


def _dataclass(kind: Any, names: Mapping[str, Any], depth: int) -> Shape:
    """What its constructor takes: the fields, without those that it fills in itself, and the `InitVar`s."""
    hints = _hints(kind, names)
    fields: dict[str, Shape] = {}
    required = []
    for one in inspect.signature(kind).parameters.values():
        hint = hints.get(one.name)
        if hint is None or one.kind in (one.POSITIONAL_ONLY, one.VAR_POSITIONAL, one.VAR_KEYWORD):
            raise UnknownAnnotation(f"{kind.__name__}: its constructor takes {str(one)!r}, which is no field of it")
        hint = hint.type if isinstance(hint, dataclasses.InitVar) else hint
        fields[one.name] = read_annotation(hint, names, depth=depth + 1)
        if one.default is one.empty:
            required.append(one.name)
    settings = kind.__dataclass_params__
    by_fields = settings.eq and (settings.frozen or settings.unsafe_hash)
    hashable = kind.__hash__ is not None and not (by_fields and any(not one.hashable for one in fields.values()))
    return _object(fields, required, kind, hashable=hashable)


def _object(fields: Mapping[str, Shape], required: list[str], make: Callable[..., Any], *, hashable: bool) -> Shape:
    schema: dict[str, Any] = {"type": "object", "properties": {name: shape.schema for name, shape in fields.items()}}
    if required:
        schema["required"] = required
    schema["additionalProperties"] = False

    def convert(value: Any) -> Any:
        converted = {}
        for name, one in value.items():
            each = fields[name].convert
            converted[name] = each(one) if each else one
        return make(**converted)

    plain = make is dict and not any(shape.convert for shape in fields.values())
    return Shape(schema, None if plain else convert, hashable)


def _mentions_path(schema: Any) -> bool:
    if isinstance(schema, Mapping):
        return schema.get("format") == PATH_FORMAT or any(_mentions_path(one) for one in schema.values())
    return isinstance(schema, list) and any(_mentions_path(one) for one in schema)
