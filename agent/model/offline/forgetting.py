"""Forgetting: no tool removes a note, only the person does. So the notes that are meant are looked up, and the answer
names the command that removes them."""

from __future__ import annotations

import re

from agent.model.offline.intents import Outcome, Steps
from agent.model.offline.marks import Marked
from agent.model.offline.parameters import parameters
from agent.model.offline.script import Job
from agent.model.offline.wording import short
from agent.model.offline.words import terms

_NOTES = r"(?:(?:the|my|your|all|any|every)\s+)*(?:notes?|memor(?:y|ies)|facts?)"
_ENGLISH = re.compile(
    rf"^(?:forget|unlearn)\s+(?:about\s+)?(?:(?:{_NOTES}|everything|all|anything|what)\s+(?:(?:you|we|i)\s+"
    r"(?:know|knew|noted?|remember(?:ed)?|said|told\s+you|have)\s+)?(?:about|of|on|that|with)\s+|that\s+)?(?P<what>.+)$|"
    rf"^(?:delete|remove|erase|drop|forget)\s+{_NOTES}\s+(?:about|of|on|that|with|saying)\s+(?P<note>.+)$|"
    r"^(?:delete|remove|erase|drop)\s+(?P<from>.+?)\s+from\s+(?:(?:your|the|my)\s+)?(?:memory|notes)$|"
    r"^(?:do\s+not|don['’]t|no\s+longer|stop)\s+remember(?:ing)?\s+(?:that\s+)?(?P<longer>.+)$",
    re.IGNORECASE | re.DOTALL,
)
_CHINESE = re.compile(
    r"^(?:忘掉|忘记|忘了|忘却|不要再记得|别再记得|不再记得)(?:关于|有关)?(?P<what>.+?)(?:这件事|的事情?|的?笔记|这条笔记)?$|"
    r"^(?:把|将)(?P<it>.+?)(?:从(?:记忆|笔记)(?:里|中))?(?:忘掉|忘记|忘了)(?:吧)?$|"
    r"^(?:删除|删掉|去掉|清除)(?:关于|有关)(?P<note>.+?)的?(?:笔记|记忆)$|"
    r"^(?:从(?:记忆|笔记)(?:里|中))(?:删除|删掉|去掉|清除)(?P<from>.+)$",
    re.DOTALL,
)
_FOUND = re.compile(r"^\[(?P<id>[\w-]+)\] (?P<about>.+)\n(?P<text>(?:> .*\n?)+)", re.MULTILINE)
_NOT_A_NOTE = ("step ",)  # what this run itself saw
_SHOWN = 3


def to_forget(marked: Marked) -> str | None:
    """What a sub-goal wants to have forgotten; None where it wants nothing of the kind, or does not say what."""
    text = marked.text.strip(" .。!！")
    if marked.places or (found := _ENGLISH.match(text) or _CHINESE.match(text)) is None:
        return None
    what = next(part for part in found.groupdict().values() if part is not None).strip(" ,，\"'“”‘’「」")
    return what if terms(what) else None


def rule_forget(job: Job, what: str, outcome: Outcome) -> Steps:
    """Look up which notes are meant, and tell how the person removes them."""
    tool = job.tools.for_concept("recall")
    if tool is None:
        outcome.failed.append(job.say("not_offered"))
        return
    name = next((one.name for one in parameters(tool) if one.kind == "text"), "query")
    line = job.say("recall", what=short(what))
    result = yield from job.call(outcome, tool.name, {name: what}, line)
    if not result.ok:
        return
    outcome.done = [one for one in outcome.done if one != line]  # looking them up is not what was asked
    notes = [found for found in _FOUND.finditer(result.text) if not found["about"].startswith(_NOT_A_NOTE)]
    for found in notes[:_SHOWN]:
        text = " ".join(one.removeprefix("> ") for one in found["text"].strip().split("\n"))
        outcome.failed.append(job.say("forget", id=found["id"], what=short(text, 120)))
    if not notes:
        outcome.failed.append(job.say("unremembered"))
