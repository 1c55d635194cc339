"""The offer: which tools the prompt tells of from the start, and how the others are found and called.

A few tools are told of whole. Where all schemas together take more than `ROOM` tokens, the prompt carries those that a
run always needs, those that the goal names, and those that fit it best by a search that is handed in; the rest are
found by `find_tools`, whose result holds their schemas, and called by `call_tool`. So the list of tools, which every
endpoint puts before all else, stays what it was, and with it the prefix that the endpoint has cached; and servers that
let a model call nothing but what is listed can be worked with. What was found and called joins the list where the
window is folded, as the prefix begins anew there anyway, and what `find_tools` gave may be folded away.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase
from typing import Any, TypeAlias

from agent.events import JSON, ToolCall
from agent.goal import Check, Goal, RunCheck
from agent.history import CALL, FIND, FINISH
from agent.model import ToolDescription
from agent.model.arguments import read_value
from agent.terminal import plain

ROOM = 1_500
"""Tokens that the schemas of the tools may take before a part of them is left to be found."""
ALWAYS = ("read_file", "write_file", "edit_file", "list_files", "search_files", "read_artifact", "recall", "ask_user")
"""Told of whatever the goal is: for work with files, for what the system message speaks of, and to ask the person."""
NEXT = ("remember", "web_search", "fetch_page", "run_python", "run_shell", "summarize_file", "search_documents")
"""Told of where there is room left, in this order."""
FLOOR = 0.34
"""So much of the score of the best a tool must have to fit the goal."""
FOUND = 5
"""So many tools are told of in one result of `find_tools`."""
_NAMED = 24  # so many tools that are to be found are told by name; more by where they come from
_SIGNED = re.compile(r"[_\d-]")  # a name that is no word of everyday

Search: TypeAlias = Callable[[str], Sequence[tuple[str, float]]]
"""The names of the tools that fit words, best first, each with its score."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """The tools of one run. `told` are those that the prompt tells of, the loop's own among them, in its order;
    `others` are to be found, by name; `search` finds them."""

    told: tuple[ToolDescription, ...]
    others: Mapping[str, ToolDescription] = field(default_factory=dict)
    search: Search | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The names of what is told of but for the loop's own: what is kept of the choice."""
        return tuple(one.name for one in self.told if one.name not in OWN)

    def find(self, query: str) -> list[ToolDescription]:
        """The tools that are not told of and fit a query, best first."""
        ranked = self.search(query) if self.search is not None else ()
        named = [one for name, one in self.others.items() if is_named(name, query) or name == query.strip()]
        found = [self.others[name] for name, _ in ranked if name in self.others]
        return list({one.name: one for one in (*named, *found)}.values())


OWN = frozenset({FIND, CALL, FINISH})
"""The loop's own tools."""


def offer_all(tools: Sequence[ToolDescription], finish: ToolDescription) -> Offer:
    """Every tool is told of."""
    return Offer(told=(*tools, finish))


def offer_of(
    names: Collection[str],
    tools: Sequence[ToolDescription],
    finish: ToolDescription,
    *,
    search: Search | None,
    origins: Mapping[str, str],
    denied: Callable[[str], bool],
) -> Offer:
    """The offer that tells of the tools of these names, in that order, and leaves the others to be found, unless it is
    denied to find any. `origins` tells where each comes from."""
    known = {one.name: one for one in tools}
    told = [known[name] for name in names if name in known]
    others = {name: one for name, one in known.items() if name not in set(names)}
    if not others:
        return offer_all(told, finish)
    own = [make(others, origins) for make in (_find_tools, _call_tool) if not denied(FIND)]
    return Offer(told=(*told, *own, finish), others={} if denied(FIND) else others, search=search)


def choose(
    goal: Goal,
    tools: Sequence[ToolDescription],
    *,
    search: Search,
    weigh: Callable[[ToolDescription], int],
    room: int,
    allowed: Sequence[str] = (),
    own: Sequence[str] = (),
) -> tuple[str, ...]:
    """The names of the tools to tell of from the start, in the order of `tools`: those that are always needed, those
    that the goal, its checks or a rule name, and in the `room` (tokens, as `weigh` has them) that is left those that
    match a rule, those that fit the goal, best first, and the user's `own`, as somebody put them there to be used.
    `allowed` are the rules: names and patterns.
    """
    known = {one.name: one for one in tools}
    texts = goal_texts(goal)
    whole = "\n".join(texts)
    chosen = {name: None for name in ALWAYS if name in known}
    left = room - sum(weigh(known[name]) for name in chosen)
    for name in known:
        if name not in chosen and (name in allowed or is_named(name, whole)) and left + room > weigh(known[name]):
            chosen[name] = None  # even beyond the room: somebody counts on it
            left -= weigh(known[name])
    scores = _scores(texts, search)
    best = max((score for name, score in scores.items() if name in known), default=0.0)
    ruled = [name for name in known if any(fnmatchcase(name, one) for one in allowed)]
    ranked = sorted(ruled, key=lambda name: (-scores.get(name, 0.0), name))[: len(ruled) if len(ruled) < FOUND else 0]
    ranked += sorted((name for name in known if scores.get(name, 0.0) >= FLOOR * best > 0), key=lambda n: -scores[n])
    for name in (*ranked, *own, *NEXT):
        if name in known and name not in chosen and weigh(known[name]) <= left:
            chosen[name] = None
            left -= weigh(known[name])
    return tuple(name for name in known if name in chosen)


def goal_texts(goal: Goal) -> tuple[str, str]:
    """The words of a goal that tell which tools it needs: what is wanted, and what is said beside it."""
    beside = [goal.role, goal.instructions, *goal.constraints, *map(_checked, goal.checks)]
    return "\n".join(goal.goals), "\n".join(filter(None, beside))


def is_named(name: str, text: str) -> bool:
    """Does a text name this tool? A name that is a word as well counts only between backticks."""
    if name not in text:
        return False
    if not _SIGNED.search(name):
        return f"`{name}`" in text
    return re.search(rf"(?<![A-Za-z0-9_-]){re.escape(name)}(?![A-Za-z0-9_-])", text) is not None


def unwrapped(call: ToolCall) -> ToolCall:
    """A call of `call_tool` as the call that it asks for. It is read kindly: arguments that are a text of JSON, or that
    stand beside the name, are taken for what they are."""
    if call.tool != CALL or call.fault is not None:
        return call
    rest = dict(call.arguments)
    name = next((rest.pop(key) for key in ("name", "tool", "tool_name") if isinstance(rest.get(key), str)), "")
    wrapped = "arguments" in rest
    inner = rest.pop("arguments") if wrapped else rest
    if isinstance(inner, str):
        inner = _read(inner)
    if not str(name).strip() or str(name).strip() == CALL or not isinstance(inner, dict | None):
        return replace(call, fault="it needs the name of a tool, and its arguments as an object")
    return replace(call, tool=str(name).strip(), arguments=inner or {}, via=CALL)


def joining(
    others: Mapping[str, ToolDescription],
    called: Iterable[str],
    size: Callable[[Iterable[ToolDescription]], int],
    room: int,
) -> dict[str, ToolDescription]:
    """The tools that join those told of from the start once the steps are folded that found them: those that were
    called, in that order, as far as there is room."""
    joined: dict[str, ToolDescription] = {}
    for name in called:
        if name in others and size([*joined.values(), others[name]]) <= room:
            joined[name] = others[name]
    return joined


def schemas(tools: Iterable[ToolDescription]) -> str:
    """Tools as the model reads them in a result: a line of JSON each."""
    return "\n".join(one.wire.decode() for one in tools)


def _read(text: str) -> Any:
    try:
        return read_value(text, None) if text.strip() else {}
    except (ValueError, RecursionError):
        return text


def _scores(texts: Sequence[str], search: Search) -> dict[str, float]:
    """How well each tool fits: what is wanted counts whole, what is said beside it half."""
    scores: dict[str, float] = defaultdict(float)
    for text, part in zip(texts, (1.0, 0.5), strict=True):
        if text:
            for name, score in search(text):
                scores[name] += part * score
    return dict(scores)


def _checked(check: Check) -> str:
    """The words of a check."""
    if isinstance(check, RunCheck):
        return check.run
    return " ".join(
        value for name in type(check).__dataclass_fields__ if isinstance(value := getattr(check, name), str)
    )


# -- the loop's own


def _find_tools(others: Mapping[str, ToolDescription], origins: Mapping[str, str]) -> ToolDescription:
    if len(others) <= _NAMED:
        there = f"Not told of here: {', '.join(others)}."
    else:
        counted = Counter(origins.get(name, "") for name in others)
        from_where = ", ".join(f"{plain(origin)[:40]} ({times})" for origin, times in counted.most_common(12) if origin)
        there = f"{len(others)} are not told of here{f', of {from_where}' if from_where else ''}."
    return ToolDescription(
        name=FIND,
        description=f"Find more tools by what they do. {there} Gives their schemas; then use {CALL}.",
        parameters=_object(query="What is to be done, in a few words, also in English."),
        effect="read",
    )


def _call_tool(others: Mapping[str, ToolDescription], origins: Mapping[str, str]) -> ToolDescription:
    """Its arguments are a text of JSON, as every endpoint takes a text, and some refuse an object without properties or
    let a model send an empty one for it. An object is read as well."""
    del others, origins
    told = "A JSON object by its schema, as a text."
    return ToolDescription(
        name=CALL,
        description=f"Call a tool that {FIND} gave.",
        parameters=_object(name="The tool.", arguments=told),
        effect="read",
    )


def _object(**texts: str) -> dict[str, JSON]:
    properties: dict[str, JSON] = {name: {"type": "string", "description": text} for name, text in texts.items()}
    return {"type": "object", "properties": properties, "required": list(texts)}
