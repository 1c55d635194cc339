"""A model that does what a trial asks of it."""

from __future__ import annotations

from typing import Any

from tests.server import Call, Reply

VECTOR = {"data": [{"embedding": [0.1, 0.2, 0.3]}], "usage": {"prompt_tokens": 2}}
"""What the page of embeddings answers."""


def cities(asked: dict[str, Any]) -> list[str]:
    """The cities that it is asked about."""
    return [city for city in ("Paris", "Oslo") if city in asked["messages"][-1]["content"]]


def obliging(asked: dict[str, Any], number: int) -> Reply | str:
    """The replies that pass."""
    text = asked["messages"][-1]["content"]
    if asked.get("tools"):
        return Reply(calls=[Call(name="temperature", arguments={"city": city}) for city in cities(asked)])
    if asked.get("response_format"):
        return '{"city": "Oslo", "degrees": 7}'
    return "one, two, three, four, five, and so on" if "Count" in text else "Hello"
