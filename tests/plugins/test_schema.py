from __future__ import annotations

import functools
import inspect
from collections.abc import Mapping, Sequence
from dataclasses import InitVar, dataclass, field
from enum import Enum, IntEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, NewType, NotRequired, Required, TypedDict

import pytest

from plugins import Context, Effect, PluginFault, Tool, WorkspacePath, tool

if TYPE_CHECKING:
    from decimal import Decimal

FILE = __file__


class Colour(Enum):
    RED = "red"
    DARK_BLUE = "dark blue"


class Size(IntEnum):
    SMALL = 1
    LARGE = 9


class Point(TypedDict):
    x: int
    y: NotRequired[Annotated[int, "Downwards."]]


class Loose(TypedDict, total=False):
    must: Required[str]
    may: str


@dataclass(frozen=True)
class Edit:
    old: str
    new: Colour = Colour.RED
    where: tuple[int, str] = (0, "start")


Name = NewType("Name", str)


class Endless(TypedDict):
    inner: list[Endless]


def schema_of(made: Tool, name: str = "value") -> Any:
    said = dict(made.parameters["properties"][name])
    said.pop("description")
    return said


def test_a_function_becomes_a_tool_by_its_name_annotations_and_docstring() -> None:
    @tool(effect=Effect.FETCH, repeatable=True, timeout=5, aliases=("weather", "天气"))
    def forecast(city: str, days: int = 1, *, context: Context) -> str:
        """Tell the weather
        of a city.

        A second paragraph is for people.

        Args:
            city: The city's name,
                as a local would write it.
            days (int): How many days: from 1 to 7.

        Returns:
            city: this is no argument any more.
        """
        return city * days

    assert forecast.name == "forecast"
    assert forecast.description == "Tell the weather of a city."
    assert forecast.parameters == {
        "type": "object",
        "properties": {
            "city": {"type": "string", "description": "The city's name, as a local would write it."},
            "days": {"type": "integer", "description": "How many days: from 1 to 7.", "default": 1},
        },
        "required": ["city"],
        "additionalProperties": False,
    }
    assert (forecast.effect, forecast.repeatable, forecast.timeout) == (Effect.FETCH, True, 5.0)
    assert forecast.aliases == ("weather", "天气")
    assert forecast.context == "context"
    assert forecast("Ulm", 2, context=None) == "UlmUlm"


def test_a_bare_decorator_declares_the_gravest_effect() -> None:
    @tool
    def shout() -> str:
        """Shout."""
        return "!"

    assert shout.effect is Effect.SEND
    assert shout.parameters == {"type": "object", "properties": {}, "additionalProperties": False}
    assert shout() == "!"


def test_a_chinese_docstring_is_read_with_its_full_width_colons_and_without_added_spaces() -> None:
    @tool(name="weather")
    def 天气(城市: str, days: int = 1) -> str:  # noqa: N802, N803  these letters have no case
        """查询天气，
        给出预报。

        参数：
            城市（str）：城市的
                名字
            days：天数
        """
        return 城市

    assert 天气.description == "查询天气，给出预报。"
    assert schema_of(天气, "城市") == {"type": "string"}
    assert 天气.parameters["properties"]["城市"]["description"] == "城市的名字"
    assert 天气.parameters["properties"]["days"]["description"] == "天数"


def takes(annotation: Any, *default: Any) -> Tool:
    def function(value: Any) -> None:
        """Take it.

        Args:
            value: It.
        """

    function.__annotations__["value"] = annotation
    function.__defaults__ = default or None
    return tool(function)


@pytest.mark.parametrize(
    ("annotation", "schema"),
    [
        (str, {"type": "string"}),
        (float, {"type": "number"}),
        (bool, {"type": "boolean"}),
        (Any, {}),
        (Name, {"type": "string"}),
        (WorkspacePath, {"type": "string", "format": "workspace-path"}),
        (str | None, {"anyOf": [{"type": "string"}, {"type": "null"}]}),
        (Literal["a", "b"], {"type": "string", "enum": ["a", "b"]}),
        (Literal["a", 1, None], {"enum": ["a", 1, None]}),
        (Literal[Colour.RED], {"type": "string", "enum": ["red"]}),
        (Colour, {"type": "string", "enum": ["red", "dark blue"]}),
        (Size, {"type": "string", "enum": ["SMALL", "LARGE"]}),
        (list[int], {"type": "array", "items": {"type": "integer"}}),
        (list, {"type": "array", "items": {}}),
        (Sequence[str], {"type": "array", "items": {"type": "string"}}),
        (set[str], {"type": "array", "items": {"type": "string"}, "uniqueItems": True}),
        (tuple[int, ...], {"type": "array", "items": {"type": "integer"}}),
        (tuple[int, int], {"type": "array", "items": {"type": "integer"}, "minItems": 2, "maxItems": 2}),
        (
            tuple[int, str],
            {
                "type": "array",
                "prefixItems": [{"type": "integer"}, {"type": "string"}],
                "items": {"anyOf": [{"type": "integer"}, {"type": "string"}]},
                "minItems": 2,
                "maxItems": 2,
            },
        ),
        (dict[str, int], {"type": "object", "additionalProperties": {"type": "integer"}}),
        (Mapping[str, Any], {"type": "object", "additionalProperties": True}),
        (dict, {"type": "object", "additionalProperties": True}),
        (
            Point,
            {
                "type": "object",
                "properties": {"x": {"type": "integer"}, "y": {"type": "integer", "description": "Downwards."}},
                "required": ["x"],
                "additionalProperties": False,
            },
        ),
        (
            Loose,
            {
                "type": "object",
                "properties": {"must": {"type": "string"}, "may": {"type": "string"}},
                "required": ["must"],
                "additionalProperties": False,
            },
        ),
        (Annotated[int, "inner word"], {"type": "integer"}),
        ("list[WorkspacePath]", {"type": "array", "items": {"type": "string", "format": "workspace-path"}}),
    ],
    ids=str,
)
def test_an_annotation_becomes_its_schema(annotation: Any, schema: Any) -> None:
    assert schema_of(takes(annotation)) == schema


def test_a_dataclass_becomes_an_object_and_its_defaults_may_be_left_out() -> None:
    schema = schema_of(takes(Edit))
    assert list(schema["properties"]) == ["old", "new", "where"]
    assert schema["required"] == ["old"]
    assert schema["additionalProperties"] is False


def test_paths_are_noted_wherever_they_stand() -> None:
    assert takes(WorkspacePath).paths == ("value",)
    assert takes(dict[str, list[WorkspacePath]]).paths == ("value",)
    assert takes(str).paths == ()


def test_a_default_of_none_leaves_null_out_of_the_schema() -> None:
    assert schema_of(takes(str | None, None)) == {"type": "string"}
    assert schema_of(takes(Annotated[int | None, "x"], None)) == {"type": "integer"}
    assert schema_of(takes(str | None, "a"))["default"] == "a"
    assert "required" not in takes(str, None).parameters


@pytest.mark.parametrize(
    ("annotation", "default", "told"),
    [
        (Colour, Colour.DARK_BLUE, "dark blue"),
        (Size, Size.LARGE, "LARGE"),
        (WorkspacePath, WorkspacePath("a"), "a"),
        (tuple[int, int], (1, 2), [1, 2]),
        (dict[str, int], {"a": 1}, {"a": 1}),
        (Edit, Edit("a"), {"old": "a", "new": "red", "where": [0, "start"]}),
    ],
)
def test_a_default_is_told_as_json_has_it(annotation: Any, default: Any, told: Any) -> None:
    assert schema_of(takes(annotation, default))["default"] == told


def test_a_default_that_json_cannot_hold_only_makes_the_argument_optional() -> None:
    made = takes(Any, object())
    assert schema_of(made) == {}
    assert "required" not in made.parameters


@pytest.mark.parametrize(
    ("annotation", "default", "words"),
    [
        (int, "3", 'is "3", which its annotation does not allow (it must be a whole number)'),
        (int, True, "is true, which its annotation does not allow"),
        (str, 3, "it must be text"),
        (float, float("nan"), "the default of argument 'value' cannot be written as JSON"),
        (float, float("inf"), "the default of argument 'value' cannot be written as JSON"),
        (list[int], ["a"], "it must be a list"),
        (tuple[int, int], (1,), "it must be a list"),
        (dict[str, int], {"a": "b"}, "it must be an object"),
        (Literal["a", "b"], "c", 'it must be one of "a", "b"'),
        (Colour, Size.LARGE, 'it must be one of "red"'),
        (int | str, 1.5, "it must be a whole number or text"),
        (Any, [float("nan")], "cannot be written as JSON"),
        (str, "x" * 5000, "has 5002 characters; a model is told of at most 4096"),
        (list[str], ["\ud800"], "lone surrogate"),
        (WorkspacePath, "../out", 'the default "../out" is no path in the workspace'),
        (WorkspacePath, "./a//b", 'the default "./a//b" must be written "a/b"'),
        (list[WorkspacePath], ["/etc/passwd"], 'the default "/etc/passwd" must be written "etc/passwd"'),
    ],
    ids=lambda value: str(value)[:30],
)
def test_a_default_that_its_annotation_does_not_allow_is_refused(annotation: Any, default: Any, words: str) -> None:
    with pytest.raises(PluginFault) as caught:
        takes(annotation, default)
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("default", [10**5000, [10**5000]], ids=["alone", "in a list"])
def test_a_default_of_very_many_digits_is_refused(default: Any) -> None:
    with pytest.raises(PluginFault, match="cannot be written as JSON"):
        takes(Any, default)


def test_a_default_that_holds_itself_is_refused() -> None:
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(PluginFault, match="cannot be written as JSON"):
        takes(list[Any], endless)


@dataclass
class Span:
    text: str
    given: InitVar[int]
    width: int = field(init=False, default=0)
    tags: list[str] = field(default_factory=list)

    def __post_init__(self, given: int) -> None:
        self.width = given * 2


def test_a_dataclass_takes_what_its_constructor_takes() -> None:
    made = takes(Span)
    schema = schema_of(made)
    assert list(schema["properties"]) == ["text", "given", "tags"]
    assert schema["properties"]["given"] == {"type": "integer"}
    assert schema["required"] == ["text", "given"]
    span = made.convert["value"]({"text": "a", "given": 4})
    assert (span.text, span.width, span.tags) == ("a", 8, [])
    # What an InitVar was given is not kept, so such a default cannot be told.
    assert "default" not in schema_of(takes(Span, Span("a", 1)))


@dataclass(frozen=True)
class Width:
    wide: int


@dataclass(frozen=True)
class Height:
    high: int


def test_of_several_dataclasses_the_one_is_made_whose_fields_were_given() -> None:
    convert = takes(Width | Height).convert["value"]
    assert convert({"high": 3}) == Height(3)
    assert convert({"wide": 3}) == Width(3)


def test_a_set_takes_frozen_dataclasses() -> None:
    convert = takes(set[Width]).convert["value"]
    assert convert([{"wide": 1}, {"wide": 1}]) == {Width(1)}


def test_arguments_become_what_was_annotated() -> None:
    def converted(annotation: Any, value: Any) -> Any:
        convert = takes(annotation).convert.get("value")
        return convert(value) if convert else value

    assert converted(Colour, "red") is Colour.RED
    assert converted(Size, "LARGE") is Size.LARGE
    assert converted(Literal[Colour.RED], "red") is Colour.RED
    assert type(converted(float, 3)) is float
    assert converted(tuple[int, str], [1, "a"]) == (1, "a")
    assert converted(tuple[Colour, ...], ["red"]) == (Colour.RED,)
    assert converted(set[int], [1, 1]) == {1}
    assert converted(list[Colour], ["red"]) == [Colour.RED]
    assert converted(list[int], [1]) == [1]
    assert converted(dict[str, Colour], {"a": "red"}) == {"a": Colour.RED}
    assert converted(Edit, {"old": "a", "where": [3, "b"]}) == Edit("a", where=(3, "b"))
    assert converted(int | Colour, "red") is Colour.RED
    assert converted(int | Colour, 5) == 5
    assert converted(int | Colour, 5.5) == 5.5
    assert converted(Point, {"x": 1}) == {"x": 1}
    assert isinstance(converted(WorkspacePath, "a"), WorkspacePath)


def test_a_wrapped_function_is_read_through_its_wrapper() -> None:
    def loud(function: Any) -> Any:
        @functools.wraps(function)
        def wrapper(*positional: Any, **named: Any) -> str:
            return str(function(*positional, **named)).upper()

        return wrapper

    @tool
    @loud
    def echo(value: str) -> str:
        """Echo.

        Args:
            value: What.
        """
        return value

    assert schema_of(echo) == {"type": "string"}
    assert echo(value="a") == "A"


def test_local_classes_may_be_named_in_annotations() -> None:
    class Local(TypedDict):
        x: int

    class Holder(TypedDict):
        local: Local

    @tool
    def take(value: Holder) -> None:
        """Take.

        Args:
            value: It.
        """

    assert schema_of(take)["properties"]["local"]["properties"] == {"x": {"type": "integer"}}


def refused(function: Any, **settings: Any) -> str:
    with pytest.raises(PluginFault) as caught:
        tool(**settings)(function)
    fault = caught.value
    line = inspect.unwrap(function).__code__.co_firstlineno
    assert (fault.file, fault.line) == (FILE, line)
    assert str(fault).startswith(f"{FILE}:{line}: ")
    assert "\n" not in str(fault)
    return fault.message


def no_docstring(value: str) -> None: ...


def only_arguments(value: str) -> None:
    """
    Args:
        value: It.
    """


def no_annotation(value) -> None:  # type: ignore[no-untyped-def]
    """Do.

    Args:
        value: It.
    """


def undescribed(value: str, other: str) -> None:
    """Do.

    Args:
        value: It.
        other:
    """


def no_arguments_section(value: str) -> None:
    """Do: value: it."""


def ghost(value: str) -> None:
    """Do.

    Args:
        value: It.
        valeu: What is this?
    """


def starred(*values: str) -> None:
    """Do.

    Args:
        *values: Them.
    """


def double_starred(**values: str) -> None:
    """Do."""


def positional(value: str, /) -> None:
    """Do.

    Args:
        value: It.
    """


def two_contexts(one: Context, two: Context) -> None:
    """Do."""


def unresolved(value: Decimal) -> None:
    """Do.

    Args:
        value: It.
    """


def path_typed(value: Path) -> None:
    """Do.

    Args:
        value: It.
    """


def bytes_typed(value: list[bytes]) -> None:
    """Do.

    Args:
        value: It.
    """


def endless(value: Endless) -> None:
    """Do.

    Args:
        value: It.
    """


def odd_keys(value: dict[int, str]) -> None:
    """Do.

    Args:
        value: It.
    """


def odd_literal(value: Literal[b"x"]) -> None:
    """Do.

    Args:
        value: It.
    """


class Unresolved(TypedDict):
    value: Decimal


def unresolved_inside(value: Unresolved) -> None:
    """Do.

    Args:
        value: It.
    """


def yields() -> Any:
    """Do."""
    yield 1


async def yields_later() -> Any:
    """Do."""
    yield 1


def 名字() -> None:  # noqa: N802  these letters have no case
    """Do."""


def plain() -> None:
    """Do."""


async def later(arguments: Any, old: Any) -> Any:
    """Nobody awaits it."""


@dataclass
class Loose2:
    x: int


def set_of_unhashable(value: set[Loose2]) -> None:
    """Do.

    Args:
        value: It.
    """


def set_of_lists(value: frozenset[tuple[int, list[str]]]) -> None:
    """Do.

    Args:
        value: It.
    """


@dataclass(init=False)
class Hidden:
    x: int

    def __init__(self, **more: int) -> None:
        self.x = more["x"]


def hidden_keywords(value: Hidden) -> None:
    """Do.

    Args:
        value: It.
    """


def broken_text() -> None:
    """Do \ud800."""


def endless_text() -> None:
    """Do."""


endless_text.__doc__ = "Do. " * 50_000


def huge_literal(value: Literal[1]) -> None:
    """Do.

    Args:
        value: It.
    """


huge_literal.__annotations__["value"] = Literal[10**5000]


@pytest.mark.parametrize(
    ("function", "words"),
    [
        (no_docstring, ["no_docstring", "docstring"]),
        (only_arguments, ["docstring"]),
        (no_annotation, ["'value'", "no annotation"]),
        (undescribed, ["'other'", "not described"]),
        (no_arguments_section, ["'value'", "not described"]),
        (ghost, ["'valeu'", "no argument"]),
        (starred, ["*values"]),
        (double_starred, ["**values"]),
        (positional, ["'value'", "positional-only"]),
        (two_contexts, ["'one'", "'two'", "Context"]),
        (unresolved, ["'value'", "Decimal", "type checking"]),
        (unresolved_inside, ["'value'", "Unresolved", "Decimal"]),
        (path_typed, ["'value'", "WorkspacePath"]),
        (bytes_typed, ["'value'", "bytes"]),
        (endless, ["'value'", "holds itself"]),
        (odd_keys, ["'value'", "keys"]),
        (odd_literal, ["'value'", "Literal"]),
        (yields, ["yield"]),
        (yields_later, ["yield"]),
        (名字, ["名字", "name="]),
        (set_of_unhashable, ["'value'", "a set"]),
        (set_of_lists, ["'value'", "a set"]),
        (hidden_keywords, ["'value'", "Hidden", "**more"]),
        (broken_text, ["broken_text", "lone surrogate"]),
        (endless_text, ["too long"]),
        (huge_literal, ["cannot be written as JSON"]),
    ],
)
def test_what_cannot_be_told_to_a_model_is_refused_with_file_line_and_argument(function: Any, words: list[str]) -> None:
    message = refused(function)
    for word in words:
        assert word in message


@pytest.mark.parametrize(
    ("settings", "word"),
    [
        ({"name": "a b"}, "'a b'"),
        ({"name": ""}, "''"),
        ({"name": "x" * 65}, "64"),
        ({"timeout": 0}, "timeout"),
        ({"timeout": "5"}, "timeout"),
        ({"timeout": True}, "timeout"),
        ({"timeout": float("nan")}, "timeout must be a number of seconds above 0, not nan"),
        ({"timeout": 10**400}, "timeout must be a number of seconds above 0, not a number of very many digits"),
        ({"effect": "explode"}, "effect"),
        ({"effect": ["read"]}, "effect"),
        ({"name": 5}, "models cannot call 5"),
        ({"repeatable": "no"}, "repeatable must be True or False, not 'no'"),
        ({"aliases": (1,)}, "an alias must be a word of at most 100 characters, not 1"),
        ({"aliases": 5}, "an alias must be a word of at most 100 characters, not 5"),
        ({"aliases": ("", "cry")}, "an alias must be a word"),
        ({"aliases": ("x" * 200,)}, "an alias must be a word"),
        ({"aliases": ("\ud800",)}, "lone surrogate"),
        ({"after": 5}, "after must be a function, not 5"),
        ({"after": later}, "after must be a plain function"),
    ],
)
def test_settings_that_make_no_sense_are_refused(settings: dict[str, Any], word: str) -> None:
    assert word in refused(plain, **settings)


def test_what_is_no_function_is_refused() -> None:
    with pytest.raises(PluginFault, match="only a function"):
        tool(functools.partial(plain))
    with pytest.raises(PluginFault) as caught:

        @tool
        class Thing:
            """Do."""

    assert (caught.value.file, caught.value.line > 0) == (FILE, True)
    assert caught.value.message == "Thing: only a function can be a tool"


def test_one_alias_may_be_written_without_a_tuple_and_an_effect_as_its_word() -> None:
    made = tool(aliases="cry", effect="read")(plain)
    assert made.aliases == ("cry",)
    assert made.effect is Effect.READ


def test_a_described_context_is_no_ghost() -> None:
    @tool
    def look(*, context: Annotated[Context, "hidden"]) -> None:
        """Look.

        Args:
            context: Filled in.
        """

    assert look.parameters["properties"] == {}


def test_an_argument_told_over_several_lines_at_one_margin_stays_one() -> None:
    @tool
    def look(value: str) -> None:
        """Look.

        Args:
            value: It begins here

            and goes on after a gap.
        """

    assert look.parameters["properties"]["value"]["description"] == "It begins here and goes on after a gap."


def test_a_context_that_may_be_none_is_refused_in_words_that_help() -> None:
    def look(context: Context | None = None) -> None:
        """Look.

        Args:
            context: Filled in.
        """

    assert "annotate it Context alone" in refused(look)
