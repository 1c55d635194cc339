"""The offer of a run: which tools its prompt tells of from the start, by the goal's words and by what is permitted."""

from __future__ import annotations

from collections import Counter as Counted
from collections.abc import Mapping, Sequence
from math import ceil
from typing import TYPE_CHECKING

from agent.approval import Approval
from agent.ending import FINISH_TOOL
from agent.goal import Goal
from agent.model import Model, ToolDescription
from agent.offer import ROOM, Offer, Search, choose, offer_all, offer_of
from agent.opening.parts import describe_tool
from agent.opening.tool_words import translated
from memory.tokens import Counter
from plugins import BUILT_IN, Effect, Toolbox

if TYPE_CHECKING:
    from memory.lexical import Fields

OWN_ROOM = 150
"""Tokens that the two tools take by which others are found and called."""
_OVERCOUNT = 0.63
"""So much of what the estimate makes of a schema, erring upwards, is what o200k counts: 0.58 to 0.63 of those of the
tools that come with thinkact."""
_FEW = 10
"""So many tools at most brings a plugin or a server whose tools are told of where there is room; of one that brings
more, those are that fit."""


def make_offer(
    goal: Goal, model: Model | None, toolbox: Toolbox, approval: Approval, kept: Sequence[str] | None = None
) -> Offer:
    """The offer for a goal. `kept` are the names that were chosen before for the same run, which then hold. Tools that
    the user denies are neither told of nor found, nor those that run programs where nobody can allow them. The
    rule-based model is told of all, as it pays for none; None: any other."""
    described = [describe_tool(one) for one in toolbox.describe()]
    tools = [one for one in described if _is_offered(one, approval)]
    fits = sum(map(weight, (*tools, FINISH_TOOL))) <= ROOM
    if (model is not None and model.offline) or (kept is None and fits):
        return offer_all(tools, FINISH_TOOL)
    search = searching(tools, origins_of(toolbox))
    names = kept if kept is not None else chosen(goal, tools, approval, search, own=_own(toolbox))
    if fits:  # what has come since the run began is told of behind what it had
        names = tuple(dict.fromkeys((*names, *(one.name for one in tools))))
    return offer_of(names, tools, FINISH_TOOL, search=search, origins=origins_of(toolbox), denied=approval.denied)


def _is_offered(tool: ToolDescription, approval: Approval) -> bool:
    if tool.effect == Effect.EXECUTE.value:
        return approval.rule(tool.name, Effect.EXECUTE, 1).decision != "deny"
    return not approval.denied(tool.name)


def chosen(
    goal: Goal, tools: Sequence[ToolDescription], approval: Approval, search: Search, *, own: Sequence[str] = ()
) -> tuple[str, ...]:
    """The names of the tools to tell of for a goal, where not all can be. `own` are those of the user's plugins."""
    policy = approval.policy
    return choose(
        goal,
        tools,
        search=search,
        weigh=weight,
        room=ROOM - OWN_ROOM - weight(FINISH_TOOL),
        allowed=(*policy.allow, *policy.own, *policy.ask),
        own=own,
    )


def names_to_keep(offer: Offer, model: Model) -> tuple[str, ...] | None:
    """What is written down of a choice; None where none was made, so that another model may be told of less."""
    return None if model.offline else offer.names


def origins_of(toolbox: Toolbox) -> Mapping[str, str]:
    """Where each tool comes from, by name: the plugin that brings it; "" for those that come with thinkact."""
    own = {plugin.name for plugin in toolbox.plugins if plugin.origin == BUILT_IN}
    return {name: "" if tool.origin in own else tool.origin for name, tool in toolbox.tools.items()}


def _own(toolbox: Toolbox) -> tuple[str, ...]:
    """The tools of small plugins and servers that the user put there."""
    origins = {name: origin for name, origin in origins_of(toolbox).items() if origin}
    brought = Counted(origins.values())
    return tuple(name for name, origin in origins.items() if brought[origin] <= _FEW)


def weight(tool: ToolDescription) -> int:
    """About how many tokens a tool takes in the prompt."""
    return ceil(_OVERCOUNT * Counter().plain(tool.wire.decode()))


def searching(tools: Sequence[ToolDescription], origins: Mapping[str, str]) -> Search:
    """A search among tools by the words of their names, their other names, their descriptions, and what they take and
    come from. Words of Chinese are found in English as well, and the other way round."""
    from memory.lexical import Lexical  # few runs have so many tools

    index = Lexical([_fields(one, origins.get(one.name, "")) for one in tools])

    def search(query: str) -> list[tuple[str, float]]:
        return [(tools[number].name, score) for number, score in index.rank(query, translated(query))]

    return search


def _fields(tool: ToolDescription, origin: str) -> Fields:
    properties = tool.parameters.get("properties")
    arguments = properties if isinstance(properties, dict) else {}
    told = [str(one.get("description", "")) for one in arguments.values() if isinstance(one, dict)]
    return [
        (tool.name, 3.0),
        (" ".join(tool.aliases), 2.0),
        (tool.description, 1.0),
        (" ".join(arguments), 0.5),
        ("\n".join(told), 0.3),
        (origin, 1.0),
    ]
