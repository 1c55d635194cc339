"""Finding: the loop's own tool `find_tools`, made a call like any other, and what is told where a call fails of a tool
that the prompt does not tell of."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from agent.events import ToolCall
from agent.history import CALL, FIND
from agent.kit import Kit
from agent.model import ToolDescription, compact
from agent.observed import failed
from agent.offer import FOUND, schemas
from plugins import Effect, Observation, Prepared, Tool

_LONGEST = 400
"""Characters of a query that are searched with."""
_HEAD = 700
"""Characters that are left for what stands around the schemas."""
_NAMED = 12
"""So many more tools that fit are told by name."""


def find_prepared(kit: Kit, arguments: Mapping[str, Any]) -> Prepared | Observation:
    """A call of `find_tools` that can be made; never raises."""
    query = arguments.get("query")
    if not isinstance(query, str) or not query.strip():
        return failed("arguments", f"{FIND} needs a query: what is to be done, in a few words")
    final = {"query": query.strip()[:_LONGEST]}
    tool = Tool(
        name=FIND,
        description="Find tools by what they do.",
        parameters={"type": "object", "properties": {"query": {"type": "string"}}, "required": ["query"]},
        effect=Effect.READ,
        repeatable=True,
        function=lambda query: _found(kit, query),
    )
    return Prepared(tool=tool, arguments=final, arguments_hash=hashlib.sha256(compact(final)).hexdigest()[:32])


def explained(kit: Kit, call: ToolCall, observation: Observation) -> Observation:
    """What came of a call that could not be prepared, with what the model needs to make it rightly: the schema of a
    tool that it was not told of, or the way to find one."""
    kind = observation.error.kind if observation.error is not None else ""
    unlisted = kit.offer.others.get(call.tool)
    if kind == "arguments" and unlisted is not None:
        return replace(observation, text=f"{observation.text}\nIts schema: {schemas([unlisted])}")
    if kind == "unknown-tool" and kit.offer.others:
        return replace(observation, text=f"{observation.text}\n{FIND} finds the tools that you were not told of.")
    return observation


def _found(kit: Kit, query: str) -> Observation:
    """The tools that fit, with their schemas, as many as fit well into the window."""
    ranked = kit.offer.find(query)
    best, size = list[ToolDescription](), 0
    for one in ranked[:FOUND]:
        size += len(one.wire)
        if best and size > kit.cut - _HEAD:
            break
        best.append(one)
    if not best:
        return Observation(ok=True, text=_nothing(kit), value=[])
    more = ", ".join(one.name for one in ranked[len(best) : len(best) + _NAMED])
    lines = [f"Call one by {CALL}, with its name and its arguments:", schemas(best)]
    lines += [f"Less near: {more}. Search with other words for their schemas."] if more else []
    return Observation(ok=True, text="\n".join(lines), value=[one.name for one in best])


def _nothing(kit: Kit) -> str:
    if not kit.offer.others:
        return "There are no tools beside those that you were told of."
    return "No tool fits these words. Try others: what it does and to what, in English too."
