from __future__ import annotations

from typing import Any

import pytest

from plugins import Effect, Tool, built_in_plugins
from plugins._declaration import flaw


def declared(**fields: Any) -> Tool:
    """A tool that was made by hand, without `@tool`."""
    usual = {"name": "own", "description": "Own.", "effect": Effect.READ, "function": dict, "parameters": {}}
    return Tool(**{**usual, **fields})


def test_a_tool_that_can_be_used_has_no_flaw() -> None:
    assert flaw(declared()) is None
    assert flaw(declared(timeout=float("inf"), aliases=("叫", "shout"), paths=("a",), convert={"a": str})) is None


def test_the_tools_that_come_with_thinkact_have_none() -> None:
    tools = [tool for plugin in built_in_plugins() for tool in plugin.tools]
    assert tools
    assert {tool.name: flaw(tool) for tool in tools} == dict.fromkeys(tool.name for tool in tools)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"name": None}, "models cannot call None"),
        ({"effect": "read"}, "effect must be one of read, write"),
        ({"timeout": None}, "timeout must be a number of seconds above 0, not None"),
        ({"timeout": -1}, "timeout must be a number of seconds above 0, not -1"),
        ({"repeatable": 1}, "repeatable must be True or False, not 1"),
        ({"aliases": ["a"]}, "aliases must be words, not a value of the type list"),
        ({"aliases": (None,)}, "an alias must be a word of at most 100 characters, not None"),
        ({"function": "f"}, "function must be callable, not 'f'"),
        ({"after": "f"}, "after must be a function, not 'f'"),
        ({"description": " "}, "it has no description"),
        ({"description": "a\ud800"}, "lone surrogate"),
        ({"parameters": None}, "parameters must be a JSON schema, not None"),
        ({"parameters": {"default": float("inf")}}, "cannot be written as JSON"),
        ({"parameters": {"default": {1, 2}}}, "cannot be written as JSON"),
        ({"parameters": {"description": "x" * 100_000}}, "is too long (1000"),
        ({"paths": "path"}, "paths must be names of parameters, not 'path'"),
        ({"context": True}, "context must be the name of a parameter, not True"),
        ({"convert": {"a": 5}}, "convert must hold a function"),
    ],
)
def test_what_cannot_be_told_or_run_is_said_in_one_line(fields: dict[str, Any], words: str) -> None:
    found = flaw(declared(**fields))
    assert found is not None
    assert words in found
    assert "\n" not in found
    found.encode()
