"""What a sub-goal asks of the user's knowledge base: "Search my documents for …", 在知识库里查一下…, 根据我的文档…"""

from __future__ import annotations

import re

from agent.model import ToolDescription
from agent.model.offline.intents import Outcome, Steps
from agent.model.offline.marks import Marked
from agent.model.offline.matching import Toolset
from agent.model.offline.rules import call_each
from agent.model.offline.script import Job
from agent.model.offline.words import terms

SEARCH = "search_documents"
"""The tool that searches it, offered only where it holds anything."""

_BASE = (
    r"(?:\b(?:the |my |our )?knowledge base\b|\b(?:my|our|the user's) (?:own )?(?:documents|docs)\b|"
    r"(?:我们?的?|用户的?)?知识库|(?:我们?|用户)的?(?:文档|资料|文献)库?|(?:文档|资料)库)"
)
_ENGLISH = re.compile(
    r"^\W*(?:please )?(?:(?:search|look|consult|query|check|ask|find|go|answer|tell me|see)\b(?: up| out)?"
    r"(?P<what>.*?)(?:\b(?:in|into|through|from|by|with|using|of|within)\b )?|what (?:do|does|did) |"
    r"(?:in|from|using|with|according to|based on) )"
    rf"{_BASE}(?P<rest>.*)$",
    re.IGNORECASE | re.DOTALL,
)
_ENGLISH_LEAD = re.compile(
    r"^\W*(?:(?:say|says|tell|tells|contain|mention|state)\b(?: us| me)?)?\W*"
    r"(?:for|about|on|regarding|whether|find)?\b\W*",
    re.IGNORECASE,
)
_LOOK = r"(?:搜索|搜寻|检索|查询|查找|查阅|查查|查|翻阅|翻|寻找|找出|找到|找找|找|看看|看|问问?|回答)"
_CHINESE = re.compile(
    rf"^\W*(?:请|帮我|帮忙|麻烦)*(?P<lead>在|从|到|去|根据|依据|基于|按照?|用|利用|{_LOOK}(?:一下|下)?)?{_BASE}(?P<rest>.*)$",
    re.DOTALL,
)
_CHINESE_LEAD = re.compile(
    rf"^(?:里面?|中|内|上)?(?:的(?:内容|资料))?[\s，,：:、]*(?:请|帮我)?(?P<verb>{_LOOK}(?:一下|下)?)?[\s，,：:、]*(?:有?关于|有关|对于?)?"
)
_CHINESE_END = re.compile(
    r"(?:的(?:相关)?(?:内容|资料|信息|部分))?(?:都?(?:说|写|讲|提到)了?(?:些)?什么)?[\s。.！!？?]*$"
)
_ASKS = re.compile(r"[?？]|什么|谁|哪|几|多少|吗|怎|如何|是否|有没有|关于|有关|说|提到")


def rule_base(job: Job, asked: tuple[ToolDescription, str], outcome: Outcome) -> Steps:
    """Look for it there."""
    tool, query = asked
    yield from call_each(job, tool, [{"query": query}], outcome)


def asked_of_the_base(marked: Marked, tools: Toolset) -> tuple[ToolDescription, str] | None:
    """The tool and what is to be looked for; None where the sub-goal asks nothing of a knowledge base, where it names
    a file or folder to look into, or where there is none."""
    tool = next((one for one in tools.matched if one.name == SEARCH), None)
    if tool is None or any(one.part != "target" for one in marked.places):
        return None
    query = _in_english(marked.text) or _in_chinese(marked.text)
    return (tool, query) if terms(query) else None


def _in_english(text: str) -> str:
    found = _ENGLISH.match(text)
    if found is None:
        return ""
    words = [_ENGLISH_LEAD.sub("", one or "", count=1) for one in (found["what"], found["rest"])]
    return " ".join(one for one in (part.strip(" ,.:;?!") for part in words) if one)


def _in_chinese(text: str) -> str:
    found = _CHINESE.match(text)
    if found is None:
        return ""
    lead = _CHINESE_LEAD.match(found["rest"])
    looked_for = lead is not None and lead["verb"] is not None
    if not looked_for and not re.match(_LOOK, found["lead"] or "") and not _ASKS.search(found["rest"]):
        return ""
    rest = found["rest"][lead.end() :] if lead is not None else found["rest"]
    return _CHINESE_END.sub("", rest).strip(" ，,。.：:；;?？!！")
