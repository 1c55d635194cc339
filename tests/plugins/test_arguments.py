from __future__ import annotations

import json
import time
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Any, Literal, TypedDict

import pytest

from plugins import Effect, Tool, ToolError, Workspace, WorkspacePath, tool
from plugins._arguments import coerce
from plugins._outline import holds, workspace_paths


class Colour(Enum):
    RED = "red"
    BLUE = "Blue"


class Edit(TypedDict):
    old: str
    count: int


@dataclass
class Copy:
    source: WorkspacePath
    names: list[str]


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace.open(tmp_path) as opened:
        yield opened


def takes(annotation: Any, *default: Any) -> Tool:
    def take(value: Any) -> None:
        """Take it.

        Args:
            value: It.
        """

    take.__annotations__["value"] = annotation
    take.__defaults__ = default or None
    return tool(take)


def stranger(parameters: Any) -> Tool:
    """A tool whose schema came from elsewhere, as those of MCP servers do."""
    return Tool(name="far", description="Far.", parameters=parameters, effect=Effect.SEND, function=dict)


def fitted(made: Tool, value: Any, workspace: Workspace) -> Any:
    return coerce(made, {"value": value}, workspace)["value"]


def refusal(made: Tool, arguments: Any, workspace: Workspace) -> ToolError:
    with pytest.raises(ToolError) as caught:
        coerce(made, arguments, workspace)
    assert caught.value.kind == "arguments"
    return caught.value


@pytest.mark.parametrize(
    ("annotation", "given", "wanted"),
    [
        (int, 3, 3),
        (int, "3", 3),
        (int, " 3.0 ", 3),
        (int, 3.0, 3),
        (int, "-1_000", -1000),
        (float, "2.5", 2.5),
        (float, "7", 7),
        (float, 7, 7),
        (bool, True, True),
        (bool, "True", True),
        (bool, "no", False),
        (bool, "是", True),
        (bool, 0, False),
        (str, "x", "x"),
        (str, 3, "3"),
        (str, 3.5, "3.5"),
        (str, True, "true"),
        (str, {"a": ["é"]}, '{\n  "a": [\n    "é"\n  ]\n}'),
        (list[int], [1, "2"], [1, 2]),
        (list[int], "[1, 2]", [1, 2]),
        (list[int], 1, [1]),
        (list[str], "a", ["a"]),
        (list[str], "[draft] a", ["[draft] a"]),
        (list[str], '{"a": 1}', ['{"a": 1}']),
        (tuple[int, str], ["1", 2], [1, "2"]),
        (dict[str, int], {"a": "1"}, {"a": 1}),
        (dict[str, Any], '{"a": 1}', {"a": 1}),
        (dict[str, Any], {"a": (1, None)}, {"a": [1, None]}),
        (Edit, {"count": "2", "old": "a"}, {"old": "a", "count": 2}),
        (list[Edit], {"old": "a", "count": 2}, [{"old": "a", "count": 2}]),
        (Colour, "red", "red"),
        (Colour, " RED", "red"),
        (Literal["a", 1], "1", 1),
        (Literal["a", 1], "A", "a"),
        (int | str, "3", "3"),
        (int | str, 3, 3),
        (int | list[int], "3", 3),
        (list[int] | None, "null", None),
        (int | None, None, None),
        (Any, {"a": 1.5}, {"a": 1.5}),
        (WorkspacePath, "./a/../b.txt", "b.txt"),
        (list[WorkspacePath], "b.txt", ["b.txt"]),
        (str, "a\x00\x1b[31m", "a\x00\x1b[31m"),
        (str, "a\ud800b", "a\ufffdb"),
        (str, "\ud83d\ude00", "😀"),
        (dict[str, Any], {"\udc00": "\ud800"}, {"\ufffd": "\ufffd"}),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_harmless_slip_is_mended(annotation: Any, given: Any, wanted: Any, workspace: Workspace) -> None:
    got = fitted(takes(annotation), given, workspace)
    assert got == wanted
    assert type(got) is type(wanted)
    json.dumps(got).encode()


@pytest.mark.parametrize(
    ("annotation", "given", "words"),
    [
        (int, "three", ['"value"', "a whole number", '"three"']),
        (int, 3.5, ["a whole number", "3.5"]),
        (int, True, ["a whole number", "true"]),
        (int, None, ['"value"', "a whole number", "not null"]),
        (int, 10**5000, ["a whole number", "digits"]),
        (int, "9" * 5000, ["a whole number"]),
        (int, [1], ["a whole number", "a list"]),
        (int, object(), ["a whole number", "object"]),
        (float, "NaN", ["a number", '"NaN"']),
        (float, float("inf"), ["a number", "inf"]),
        (float, 10**400, ["a number"]),
        (bool, "maybe", ["true or false", '"maybe"']),
        (bool, [], ["true or false", "a list"]),
        (str, None, ["text", "not null"]),
        (str, b"x", ["text", "bytes"]),
        (list[int], ["1", "b"], ['"value[1]"', "a whole number", '"b"']),
        (list[int], None, ["a list (each a whole number)", "not null"]),
        (tuple[int, int], [1], ["exactly 2", "1"]),
        (dict[str, int], "x", ["an object", '"x"']),
        (dict[str, int], "[1]", ["an object"]),
        (dict[str, int], {"a": "x"}, ['"value.a"', "a whole number"]),
        (Edit, {"old": "a", "count": "x"}, ['"value.count"']),
        (Edit, {"old": "a"}, ['"value.count"', "missing"]),
        (Edit, {"old": "a", "count": 1, "cuont": 2}, ['unknown argument "value.cuont"']),
        (Colour, "green", ['one of "red", "Blue"', '"green"']),
        (Colour, ["red"], ["one of", "a list"]),
        (Literal["a", "A"], "ä", ["one of"]),
        (int | list[int], "x", ["a whole number or a list"]),
        (int | Edit, {"old": "a", "count": "x"}, ['"value.count"']),
        (int | None, "x", ["a whole number or null"]),
        (Any, {"a": {1, 2}}, ['"value.a"', "set"]),
        (Any, [float("nan")], ['"value[0]"', "JSON"]),
        (WorkspacePath, "../../etc/passwd", ['"value"']),
        (WorkspacePath, "a\0b", ['"value"']),
    ],
    ids=lambda value: type(value).__name__,  # some values cannot be written down
)
def test_what_does_not_fit_is_refused_saying_what_was_got_and_is_wanted(
    annotation: Any, given: Any, words: list[str], workspace: Workspace
) -> None:
    message = refusal(takes(annotation), {"value": given}, workspace).message
    for word in words:
        assert word in message
    assert "\n" not in message
    message.encode()


def test_an_unknown_argument_is_refused_with_what_was_meant(workspace: Workspace) -> None:
    error = refusal(takes(int), {"vlaue": 1}, workspace)
    assert 'unknown argument "vlaue", did you mean "value"?' in error.message
    assert 'argument "value" is missing' in error.message
    assert error.hint == "take takes value (a whole number)"


def test_nothing_is_meant_by_a_word_like_no_other_or_by_one_that_is_given(workspace: Workspace) -> None:
    assert "did you mean" not in refusal(takes(int), {"value": 1, "zzz": 1}, workspace).message
    assert "did you mean" not in refusal(takes(int), {"value": 1, "values": 1}, workspace).message
    assert "did you mean" not in refusal(takes(int), {"v" * 100_000: 1}, workspace).message


def test_many_mistakes_and_many_choices_stay_one_short_line(workspace: Workspace) -> None:
    error = refusal(takes(int), {f"unknown{n}": n for n in range(10_000)}, workspace)
    assert "and 9993 more" in error.message
    assert len(error.message) < 2000
    wide = stranger(
        {"type": "object", "properties": {f"name{n}": {"type": "string"} for n in range(1000)}, "required": ["name0"]}
    )
    assert len(refusal(wide, {}, workspace).hint or "") < 500


def test_a_null_for_what_may_be_left_out_leaves_it_out(workspace: Workspace) -> None:
    assert coerce(takes(int, 5), {"value": None}, workspace) == {}
    assert coerce(takes(int | None, None), {"value": None}, workspace) == {}
    assert coerce(takes(int | None, 5), {"value": None}, workspace) == {"value": None}


def test_arguments_that_are_no_object_are_refused(workspace: Workspace) -> None:
    assert "must be an object, not a list" in refusal(takes(int), [1], workspace).message
    assert "not null" in refusal(takes(int), None, workspace).message


def test_arguments_nested_without_end_are_refused(workspace: Workspace) -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    assert "nested too deeply" in refusal(takes(Any), {"value": deep}, workspace).message
    while deep:  # taken apart by hand: freeing it is recursive too
        deep = deep.pop()


def test_text_that_looks_like_deep_json_stays_text(workspace: Workspace) -> None:
    text = "[" * 100_000
    assert fitted(takes(list[str]), text, workspace) == [text]


def test_arguments_come_in_the_order_of_the_schema(workspace: Workspace) -> None:
    @tool
    def two(one: int, other: int) -> None:
        """Take two.

        Args:
            one: One.
            other: Other.
        """

    assert list(coerce(two, {"other": 2, "one": 1}, workspace)) == ["one", "other"]


def test_a_refused_path_says_why_and_what_to_do(workspace: Workspace) -> None:
    error = refusal(takes(list[WorkspacePath]), {"value": ["a", "../b"]}, workspace)
    assert error.message.startswith('argument "value[1]": ')
    assert error.hint


def test_every_path_among_arguments_is_found_once(workspace: Workspace) -> None:
    made = takes(list[Copy])
    value = [{"source": "a.txt", "names": ["x"]}, {"source": "./a.txt", "names": []}, {"source": "b", "names": []}]
    arguments = coerce(made, {"value": value}, workspace)
    assert workspace_paths(made, arguments) == ["a.txt", "b"]
    assert workspace_paths(takes(dict[str, WorkspacePath]), {"value": {"k": "c"}}) == ["c"]
    assert workspace_paths(takes(WorkspacePath | None), {"value": None}) == []
    assert workspace_paths(takes(WorkspacePath | None), {"value": "d"}) == ["d"]
    assert workspace_paths(takes(WorkspacePath, WorkspacePath("e")), {}) == ["e"]
    assert workspace_paths(takes(str), {"value": "f"}) == []


def test_the_schema_of_a_stranger_is_followed_as_far_as_it_says_something(workspace: Workspace) -> None:
    far = stranger(
        {
            "type": "object",
            "properties": {
                "value": {"$ref": "#/$defs/Node"},
                "kind": {"const": "leaf"},
                "either": {"type": ["integer", "null"]},
                "list": {"type": "array", "items": [{"type": "integer"}]},
                "odd": {"type": "colour"},
                "lost": {"$ref": "#/nowhere/at/all"},
                "circle": {"$ref": "#/properties/circle"},
                "elsewhere": {"$ref": "https://example.org/schema"},
                "one": {"oneOf": [{"type": "integer"}, {"const": "all"}]},
            },
            "$defs": {
                "Node": {"type": "object", "properties": {"next": {"$ref": "#/$defs/Node"}, "n": {"type": "integer"}}}
            },
        }
    )
    given = {
        "value": {"next": {"n": "2"}, "n": "1", "more": True},
        "kind": "LEAF",
        "either": "4",
        "list": ["a"],
        "odd": 1,
        "lost": 2,
        "circle": 3,
        "elsewhere": 4,
        "one": "ALL",
        "extra": {"free": 1},
    }
    assert coerce(far, given, workspace) == {
        "value": {"next": {"n": 2}, "n": 1, "more": True},
        "kind": "leaf",
        "either": 4,
        "list": ["a"],
        "odd": 1,
        "lost": 2,
        "circle": 3,
        "elsewhere": 4,
        "one": "all",
        "extra": {"free": 1},
    }
    assert 'must be "leaf"' in refusal(far, {"kind": 3}, workspace).message
    assert "a whole number or null" in refusal(far, {"either": "x"}, workspace).message
    assert 'a whole number or "all"' in refusal(far, {"one": "x"}, workspace).message
    anything = stranger({"type": "object", "properties": {"a": True, "b": {"type": "colour"}}, "required": ["a", "b"]})
    assert "missing (any value)" in refusal(anything, {}, workspace).message


@pytest.mark.parametrize(
    "parameters", [{}, {"properties": None, "required": None}, {"properties": [], "required": True}]
)
def test_a_schema_that_says_nothing_lets_everything_pass(parameters: Any, workspace: Workspace) -> None:
    assert coerce(stranger(parameters), {"value": 1}, workspace) == {"value": 1}


@pytest.mark.parametrize("annotation", [bool, Colour, Literal[1, 2], str, int, float, Any], ids=str)
def test_a_number_of_very_many_digits_is_an_argument_that_does_not_fit(annotation: Any, workspace: Workspace) -> None:
    with pytest.raises(ToolError) as caught:
        fitted(takes(annotation), 10**5000, workspace)
    assert caught.value.kind == "arguments"
    assert "a number of very many digits" in caught.value.message


def test_very_many_unknown_arguments_are_refused_quickly(workspace: Workspace) -> None:
    began = time.monotonic()
    with pytest.raises(ToolError, match="and 19993 more"):
        coerce(takes(str), {f"valu{number}": 1 for number in range(20_000)}, workspace)
    assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    ("schema", "value", "held"),
    [
        ({"type": "array", "items": {"type": "integer"}}, [1, 2], True),
        ({"type": "array", "items": {"type": "integer"}}, [1, "2"], False),
        ({"type": "array", "minItems": 2, "maxItems": 2}, [1], False),
        ({"type": "array", "prefixItems": [{"type": "string"}], "items": {"type": "integer"}}, ["a", 1], True),
        ({"type": "array", "prefixItems": [{"type": "string"}], "items": {"type": "integer"}}, ["a", "b"], False),
        ({"type": "object", "properties": {"a": {}}, "required": ["a"]}, {}, False),
        ({"type": "object", "properties": {"a": {}}, "additionalProperties": False}, {"a": 1, "b": 1}, False),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, {"a": 1}, True),
        ({"type": "object", "additionalProperties": {"type": "integer"}}, {"a": "b"}, False),
        ({"anyOf": [{"type": "integer"}, {"type": "array", "items": {"type": "integer"}}]}, [1.5], False),
        ({"type": "number"}, float("nan"), False),
        ({}, {"a": [1]}, True),
        (True, 1, True),
        (False, 1, False),
    ],
)
def test_whether_a_value_holds_to_a_schema_is_seen_to_its_depth(schema: Any, value: Any, held: bool) -> None:
    assert holds(schema, value) is held
