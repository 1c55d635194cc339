"""What a sub-goal asks of a picture: "Describe circle.png", "What colour is the shape in a.png?", 圆.png 里有什么？"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from agent.events import JSON
from agent.model import ToolDescription
from agent.model.offline.clauses import is_question
from agent.model.offline.findings import Finding
from agent.model.offline.intents import Outcome, Steps
from agent.model.offline.marks import BLANK, Marked
from agent.model.offline.pictures import GENERATE
from agent.model.offline.rules import call_each
from agent.model.offline.script import Job
from agent.model.offline.words import is_chinese

CAPTION, ASK, FIND = "caption_image", "ask_image", "find_in_image"
"""The tools that look."""

_PICTURE = re.compile(r"\.(?:png|jpe?g|webp|gif|bmp|tiff?)$", re.IGNORECASE)
_DRAWN = re.compile(r"^(\S.*?\.png) \([^()\s]+\): \d+ x \d+", re.MULTILINE)
"""How `generate_image` tells of a file."""
_MEANT = re.compile(
    r"\b(?:it|this|that|the\s+(?:picture|image|drawing|result|shape))\b|它|[图圖](?:片|像)?|画", re.IGNORECASE
)
"""What stands for the picture that was spoken of last."""
_WHOLE = re.compile(r"\b(?:describe|caption|description|what|look)\b|描述|说明|什么|啥|看|说说|内容", re.IGNORECASE)
_EMPTY = re.compile(
    r"\b(?:the|this|that|a|an|picture|image|photo|drawing|file|result|pictures|images|photos|of|in|on|at|what|is|are|"
    r"does|do|show|shows|shown|can|could|you|see|seen|be|i|we|it|them|there|to|me|us|for|about|look|looks|like|like|"
    r"describe|description|caption|please|tell|say|give|write|contain|contains|depict|depicts|content|contents|visible|"
    r"called|named|and|then|now|also|briefly|s)\b|"
    r"描述|说明|说说|说|看看|看|讲讲|告诉我|请|帮我|帮忙|给我|一下|一张|这张|那张|照片|图片|图像|画面|图|里面?|中|上|面|的|有|是|"
    r"什么|啥|些|内容|画|了|展示|显示|出|它|这|那|张|幅|并|然后|再|和|与|呢",
    re.IGNORECASE,
)
"""All that a sub-goal may hold that wants the whole picture told."""
_TOLD = re.compile(
    r"^\W*(?:please\s+)?(?:tell (?:me|us)|say|answer|find out|determine)\b[:,]?\s*|^\W*(?:请)?(?:告诉我|回答)[:：，,]?",
    re.IGNORECASE,
)
_PLACES = rf"{BLANK}+(?:\s*(?:,|\band\b|和|与|、)\s*(?:\b(?:in|of)\s+)?{BLANK}+)*"
_SUBJECT = re.compile(
    rf"\b(is|are|does|do|was)\s+(?:the\s+)?(?:(?:picture|image|photo|file)\s+)?{BLANK}+", re.IGNORECASE
)
_IN_PICTURE = re.compile(
    rf"\s*(?:\b(?:in|on|of|from|for)\s+)?(?:the\s+|this\s+|these\s+)?(?:(?:picture|image|photo|file)s?\s+)?{_PLACES}"
    rf"(?:\s*(?:这|那)[张幅](?:图片?|图像|照片|画))?(?:\s*(?:里面?|中|上面?)?的?)?",
    re.IGNORECASE,
)
_NOUN = re.compile(r"^\W*(?:the|its)\s+(?:colou?rs?|shape|size|background|place|position|number|kind)\b", re.IGNORECASE)
"""What is to be told without being asked: "the colour of the shape"."""
_SOUGHT = re.compile(
    rf"^\W*(?:please\s+)?(?:find|locate)\s+(?P<english>\S.*?)\s+(?:in|on)\s+(?:the\s+)?(?:(?:picture|image|photo)\s+)?"
    rf"{BLANK}+\W*$|^\W*(?:请)?在?(?:图片?|图像)?\s*{BLANK}+\s*(?:里面?|中|上面?)?(?:找到|找出|找|定位)(?P<chinese>\S.*)$",
    re.IGNORECASE,
)
_OF_THE_FILE = re.compile(
    r"\b(?:bytes|file size|exists?|saved|stored|metadata|seed|prompt)\b|字节|存在|保存", re.IGNORECASE
)
"""Questions about a file rather than about what a picture shows."""


@dataclass(frozen=True, slots=True)
class Sight:
    """The tool that looks, the pictures that it looks at, and what else it is told."""

    tool: ToolDescription
    pictures: tuple[str, ...]
    more: Mapping[str, JSON]


def rule_sight(job: Job, asked: Sight, outcome: Outcome) -> Steps:
    """Have the pictures looked at."""
    yield from call_each(job, asked.tool, [{"image": one, **asked.more} for one in asked.pictures], outcome)
    job.mention(asked.pictures)


def asked_of_a_picture(job: Job, marked: Marked) -> Sight | None:
    """What a sub-goal asks of the pictures that it names, or of the one that was spoken of or drawn last; None where it
    asks nothing of a picture, or nothing here looks at any."""
    named = [one for one in marked.places if one.part != "target"]
    pictures = tuple(dict.fromkeys(one.text for one in named))
    if not named and _MEANT.search(marked.masked):
        pictures = tuple(job.mentioned) or _drawn(job.findings)
    if not pictures or not all(_PICTURE.search(one) for one in pictures):
        return None
    if any(one.kind == "pattern" for one in named) or any(one.part == "target" for one in marked.places):
        return None
    name, more = _wanted(marked)
    tool = next((one for one in job.tools.matched if one.name == name), None)
    return Sight(tool, pictures, more) if tool is not None else None


def _wanted(marked: Marked) -> tuple[str, Mapping[str, JSON]]:
    """The name of the tool that is wanted, with what it is told; "" where none is."""
    if _WHOLE.search(marked.masked) and not re.search(r"\w", _EMPTY.sub(" ", marked.masked.replace(BLANK, " "))):
        return CAPTION, {}
    masked = marked.text
    for one in reversed(marked.places):
        masked = masked[: one.start] + BLANK * (one.end - one.start) + masked[one.end :]
    if sought := _SOUGHT.match(masked):
        return FIND, {"what": [(sought["english"] or sought["chinese"]).strip(" .。!！")]}
    question = _question(marked, masked)
    return (ASK, {"question": question}) if question else ("", {})


def _question(marked: Marked, masked: str) -> str:
    """The question without the words that only lead to the picture; "" where it is none."""
    asked = _TOLD.sub("", masked)
    if _OF_THE_FILE.search(masked) or not (asked != masked or is_question(marked.text) or _NOUN.match(masked)):
        return ""
    plain = " ".join(_IN_PICTURE.sub(" ", _SUBJECT.sub(r"\1 it", asked)).split()).strip(" ,，.。")
    if is_chinese(plain):
        return re.sub(r"\s+", "", plain)
    return re.sub(r"\s+([?!,.])", r"\1", plain)


def _drawn(findings: Sequence[Finding]) -> tuple[str, ...]:
    """The file of the picture that was drawn last."""
    told = next((one.text for one in reversed(findings) if one.source == GENERATE), "")
    found = _DRAWN.search(told)
    return (found[1],) if found else ()
