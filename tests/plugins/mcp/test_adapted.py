"""A server's tool as a model is told of it."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from plugins import Effect, McpTool
from plugins._mcp._adapted import Unfit, adapt, model_name
from plugins._outline import PATH_FORMAT


@pytest.mark.parametrize(
    ("hints", "effect"),
    [
        ({}, Effect.SEND),
        ({"title": "Look"}, Effect.SEND),
        ({"readOnlyHint": True, "openWorldHint": False}, Effect.READ),
        ({"readOnlyHint": True, "openWorldHint": True}, Effect.FETCH),
        ({"readOnlyHint": True}, Effect.FETCH),  # the protocol's default: its world is open
        ({"readOnlyHint": False, "destructiveHint": False}, Effect.SEND),
        ({"destructiveHint": True}, Effect.SEND),
        ({"readOnlyHint": "true"}, Effect.SEND),
        ({"readOnlyHint": 1, "openWorldHint": False}, Effect.SEND),
    ],
)
def test_hints_become_an_effect_and_what_says_nothing_sends(hints: dict[str, Any], effect: Effect) -> None:
    assert McpTool(name="x", annotations=hints).effect is effect


@pytest.mark.parametrize(
    ("server", "tool", "name"),
    [
        ("fetch", "fetch", "fetch__fetch"),
        ("my-git", "git_log", "my-git__git_log"),
        ("时间", "现在", r"x__x_[0-9a-f]{6}"),
        ("a b", "c.d/e", r"a_b__c_d_e_[0-9a-f]{6}"),
        ("server", "t" * 100, r"server__t{49}_[0-9a-f]{6}"),
    ],
)
def test_a_name_is_one_that_a_model_can_call(server: str, tool: str, name: str) -> None:
    made = model_name(server, tool)
    assert re.fullmatch(name, made)
    assert re.fullmatch(r"[a-zA-Z0-9_-]{1,64}", made)


def test_names_that_would_be_cut_alike_are_told_apart() -> None:
    assert model_name("s", "t" * 90 + "1") != model_name("s", "t" * 90 + "2")
    assert model_name("时间", "a") != model_name("日期", "a")


def schema_of(**schema: Any) -> dict[str, Any]:
    adapted = adapt("s", McpTool(name="t", schema=schema))
    return json.loads(json.dumps(adapted.parameters))  # type: ignore[no-any-return]


def test_a_schema_keeps_what_it_says_and_loses_what_leads_elsewhere() -> None:
    given = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "type": "object",
        "properties": {
            "file": {"type": "string", "format": PATH_FORMAT, "description": "a\u202efile"},
            "far": {"$ref": "https://a.example/schema.json"},
            "near": {"$ref": "#/$defs/n"},
            "kind": {"enum": ["a\u200bb", "c"]},
            "format": {"type": "string"},
        },
        "$defs": {"n": {"type": "integer", "description": "x" * 900}},
        "required": ["file"],
    }
    kept = schema_of(**given)
    assert kept["properties"]["file"] == {"type": "string", "description": "afile"}
    assert kept["properties"]["far"] == {}
    assert kept["properties"]["near"] == {"$ref": "#/$defs/n"}
    assert kept["properties"]["kind"] == {"enum": ["a\u200bb", "c"]}  # a value must be that, to the letter
    assert kept["properties"]["format"] == {"type": "string"}
    assert len(kept["$defs"]["n"]["description"]) == 500
    assert kept["required"] == ["file"]
    assert "$schema" not in kept


def test_no_schema_takes_no_arguments() -> None:
    assert schema_of() == {"type": "object", "properties": {}}


def deep(levels: int) -> dict[str, Any]:
    return {"type": "array", "items": deep(levels - 1)} if levels else {"type": "string"}


@pytest.mark.parametrize(
    ("schema", "why"),
    [
        ({"type": "string"}, "no object"),
        ({"properties": {"a": deep(20)}}, "levels deep"),
        ({"properties": {f"a{n}": {} for n in range(101)}}, "takes 101 arguments"),
        ({"properties": {"a": {"enum": ["x" * 20_000]}}}, "characters"),
        ({"properties": {"a\x1b[2J": {}}}, "name that cannot be told"),
        ({"properties": {"a" * 65: {}}}, "name that cannot be told"),
        ({"properties": [1]}, "properties are no object"),
    ],
)
def test_a_schema_that_cannot_be_told_leaves_the_tool_out(schema: dict[str, Any], why: str) -> None:
    with pytest.raises(Unfit, match=why):
        adapt("s", McpTool(name="t", schema=schema))


def test_a_description_is_made_visible_and_cut() -> None:
    described = adapt("s", McpTool(name="t", description="看\x1b]0;x\x07这里\U000e0041 " + "y" * 5_000)).description
    assert described.startswith("看]0;x这里 y")
    assert len(described) == 2_000
    assert adapt("s", McpTool(name="t", description="\u202e ")).description == "The tool t of s."
