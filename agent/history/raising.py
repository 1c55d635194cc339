"""The limits that flags state, at the start of a run and at each resume."""

from __future__ import annotations

from collections.abc import Mapping

from agent.events import JSON


def raise_limits(raised: dict[str, JSON], limits: Mapping[str, JSON]) -> None:
    """Take in newer limits; of those on the calls of tools the ones that are not named again stay."""
    tools = {**_table(raised.get("tool_calls")), **_table(limits.get("tool_calls"))}
    raised.update(limits)
    if tools:
        raised["tool_calls"] = tools


def _table(value: JSON) -> dict[str, JSON]:
    return value if isinstance(value, dict) else {}
