"""Tools that are called by their names: "Call forecast city=Rome", "use count_words on a.txt", 用 forecast 查询罗马."""

from __future__ import annotations

import re
from dataclasses import dataclass

from agent.events import JSON
from agent.model import ToolDescription
from agent.model.offline.arguments import fill
from agent.model.offline.intents import Outcome, Steps
from agent.model.offline.marks import Marked, mark
from agent.model.offline.matching import Toolset, find
from agent.model.offline.parameters import parameters
from agent.model.offline.rules import RULES, call_each
from agent.model.offline.script import Job
from agent.model.offline.wording import short
from agent.model.offline.words import terms

_CALL = re.compile(
    r"(?:(?:call|use|run|invoke|execute|apply|try)\s+(?:the\s+)?(?P<tool>tool\s+|plugin\s+)?|"
    r"(?:调用|使用|运行|执行|用)\s*(?P<chinese>工具|插件)?\s*)"
    r"[\"'`“「]?(?P<name>[A-Za-z_][\w\-]*)(?![/\\]|\.\w)[\"'`”」]?(?P<behind>\s+(?:tool|plugin)\b|\s*(?:这个)?(?:工具|插件))?",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"^\s*(?:with|on|for|of|in order|and|:|：|,|，|来|去|对|把|将|\()*\s*(?:arguments?\b)?\s*", re.IGNORECASE
)
_TO_DO = re.compile(r"^to\s+(?=[A-Za-z])", re.IGNORECASE)
_BY_RULE = ("summarise", "read", "list", "remember", "recall")
"""Meanings whose rules may be told by more words than their tool has arguments for."""


@dataclass(frozen=True, slots=True)
class Called:
    """A tool that is called by its name. `tool` is None where there is none of this name; `words` stand behind it."""

    name: str
    tool: ToolDescription | None
    words: str


def called(text: str, tools: Toolset) -> Called | None:
    """The tool that a sub-goal calls by its name; None where it calls none: "use simple words" names no tool."""
    found = _CALL.match(text)
    if found is None:
        return None
    known = {one.name.casefold(): one for one in tools.matched}
    tool = known.get(found["name"].casefold())
    means_a_tool = found["tool"] or found["chinese"] or found["behind"] or re.search(r"[a-z]_[a-z]", found["name"])
    if tool is None and not means_a_tool:
        return None
    return Called(found["name"], tool, _LEAD.sub("", text[found.end() :], count=1))


def rule_called(job: Job, one: Called, outcome: Outcome) -> Steps:
    """Call the tool with what the words give its arguments; say which are missing, or which tools there are."""
    tool = one.tool
    if tool is None:
        names = ", ".join(sorted(each.name for each in job.tools.matched))
        outcome.failed.append(job.say("no_tool", what=short(one.name), names=names))
        return
    words = _TO_DO.sub("", one.words)
    marked = mark(words)
    match = next((each for each in find(marked, job.tools) if each.tool == tool and each.strength == "head"), None)
    if match is not None and match.concept in _BY_RULE and match.end:
        yield from RULES[match.concept](job, marked, match, outcome)
        return
    start = match.end if match is not None else _first_word(words) if words != one.words else 0
    arguments, missing = _arguments(tool, words, start)
    if missing:
        outcome.failed.append(job.say("missing", tool=tool.name, what=", ".join(missing)))
        return
    yield from call_each(job, tool, [arguments], outcome)


def _first_word(words: str) -> int:
    """The end of the verb of "to find honey"."""
    verb = re.match(r"[A-Za-z]+\s*", words)
    return verb.end() if verb is not None else 0


def _arguments(tool: ToolDescription, words: str, start: int) -> tuple[dict[str, JSON], tuple[str, ...]]:
    """The arguments, and the names of those that are missing. `name: value` is read as `name=value`."""
    wanted = parameters(tool)
    words = words[start:].rstrip(" )）.。")
    for parameter in wanted:
        words = re.sub(rf"(?<!\w){re.escape(parameter.name)}\s*[:：]\s*(?=\S)", f"{parameter.name}=", words)
    marked: Marked = mark(words)
    filled = fill(tool, marked, start=0, end=0)
    texts = [each.name for each in wanted if each.required and each.kind == "text"]
    arguments = dict(filled.arguments)
    stated = {one.name.casefold() for one in marked.of("assignment")}
    if len(texts) == 1 and not marked.of("quote") and texts[0].casefold() not in stated:
        rest = marked.masked
        for each in marked.of("number"):
            if each.text in map(str, (value for name, value in arguments.items() if name != texts[0])):
                rest = rest[: each.start] + " " * (each.end - each.start) + rest[each.end :]
        free = re.sub(r"\s*\b(?:in|to|from|of|on|at|for)\s*(?=\ue000|$)|\ue000|在|里|中", " ", rest)
        free = " ".join(free.split()).strip(" ,，")
        arguments.pop(texts[0], None)
        if terms(free):
            arguments[texts[0]] = free
    missing = tuple(each.name for each in wanted if each.required and each.name not in arguments)
    return arguments, missing
