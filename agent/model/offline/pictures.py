"""What a sub-goal wants drawn: "Draw a red circle and save it as circle.png", 画一个红色的圆，存为 圆.png."""

from __future__ import annotations

import re
from dataclasses import dataclass

from agent.events import JSON
from agent.model import ToolDescription
from agent.model.offline.intents import Outcome, Steps
from agent.model.offline.marks import Marked, mark
from agent.model.offline.matching import Toolset
from agent.model.offline.rules import call_each
from agent.model.offline.script import Job
from agent.model.offline.web import POLITE
from agent.model.offline.words import terms

GENERATE = "generate_image"
"""The tool that draws."""

_PICTURE = r"(?:picture|image|illustration|drawing|painting|photo(?:graph)?)s?"
_ENGLISH = re.compile(
    POLITE
    + rf"(?:(?:draw|paint|sketch)\b(?:\s+(?:me|us))?(?:\s+(?:a|an|the|one)\s+{_PICTURE}\s+(?:of|with|showing)\b)?|"
    rf"(?:generate|create|make|render|produce)\b(?:\s+(?:me|us))?\s+(?:a|an|the|one)\s+(?:\w+\s+)?{_PICTURE}"
    r"(?:\s+(?:of|with|showing|that shows?)\b|\s*:))\s*(?P<what>\S.*)$",
    re.IGNORECASE | re.DOTALL,
)
_CHINESE = re.compile(
    r"^\W*(?:请|帮我|帮忙|麻烦|先|再|然后|给我)*"
    r"(?:(?:画|绘制|绘)(?:出|一下)?(?:[一1]?[张幅](?:图片?|画|图像|插图)?\s*[:：，,]?\s*)?|"
    r"(?:生成|创建|制作|做)[一1]?[张幅个]?(?:图片?|图像|插图|图画)\s*[:：，,]\s*)(?P<what>\S.*)$",
    re.DOTALL,
)
_NO_PICTURE = re.compile(
    r"^(?:up|on|from|out|attention|conclusions?|lots?|the line|a line under|a comparison)\b|^[饼圈龙]",
    re.IGNORECASE,
)
"""What is drawn in another sense: "draw up a list"."""
SAVE = re.compile(
    r"[\s,，;；。.]*(?:\b(?:and|then)\b\s*)*(?:(?:save|saved|store|put|write|keep)\b(?:\s+(?:it|them|the \w+))?\s*)?"
    r"(?:\b(?:to|as|in|into|under|at)\b)?\s*$|"
    r"[\s,，;；。.]*(?:并|然后|再)?(?:将其|把它|把图片)?(?:(?:保存|另存|存储|存|写|放)(?:到|为|成|在|入|进)?|到)\s*$",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Picture:
    """What is to be drawn, by which tool, and the file that it is for; "" where none is named."""

    tool: ToolDescription
    prompt: str
    path: str


def rule_picture(job: Job, asked: Picture, outcome: Outcome) -> Steps:
    """Have it drawn."""
    arguments: dict[str, JSON] = {"prompt": asked.prompt}
    if path := asked.path or saved_next(job):
        arguments["path"] = path
    yield from call_each(job, asked.tool, [arguments], outcome)


def saved_next(job: Job) -> str:
    """The file that the next part of the goal has the picture saved to, which is then done with; "" where it does
    something else."""
    if job.following is None:
        return ""
    marked = mark(job.following.text)
    places = marked.places
    if len(places) != 1 or places[0].part != "target" or not places[0].text.lower().endswith(".png"):
        return ""
    before, after = marked.text[: places[0].start], marked.text[places[0].end :]
    if SAVE.fullmatch(before) is None or re.search(r"\w", after):
        return ""
    job.settled = job.following
    return places[0].text


def asked_of_pictures(marked: Marked, tools: Toolset) -> Picture | None:
    """What a sub-goal wants drawn; None where it wants no picture, or nothing here draws."""
    tool = next((one for one in tools.matched if one.name == GENERATE), None)
    found = _ENGLISH.match(marked.text) or _CHINESE.match(marked.text)
    if tool is None or found is None or _NO_PICTURE.match(found["what"]):
        return None
    target = next((one for one in marked.of("path") if one.part == "target" and one.start > found.start("what")), None)
    end = len(marked.text) if target is None else target.start
    prompt = marked.text[found.start("what") : end]
    prompt = (SAVE.sub("", prompt) if target is not None else prompt).strip(" ,，.。;；!！")
    return Picture(tool, prompt, target.text if target is not None else "") if terms(prompt) else None
