"""What a picture is to become: "make circle.png red and save it as red.png", 把 圆.png 改成绿色，存为 绿.png."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agent.events import JSON
from agent.model import ToolDescription
from agent.model.offline.intents import Outcome, Steps
from agent.model.offline.marks import Marked
from agent.model.offline.matching import Toolset
from agent.model.offline.pictures import SAVE, saved_next
from agent.model.offline.rules import call_each
from agent.model.offline.script import Job
from agent.model.offline.web import POLITE
from agent.model.offline.words import terms

EDIT = "edit_image"
"""The tool that changes a picture."""

_PICTURE = re.compile(r"\.(?:png|jpe?g|webp|gif|bmp)$", re.IGNORECASE)
_CHANGE = r"(?:make|turn|change|recolou?r|repaint|edit|redraw)"
_THAT = r"(?:it|this|that|the (?:picture|image|drawing))"
_ENGLISH_OF_IT = re.compile(
    POLITE + rf"{_CHANGE}\s+{_THAT}\s+(?:(?:to|into|as)\s+)?(?P<what>\S.*)$",
    re.IGNORECASE | re.DOTALL,
)
_CHINESE_OF_IT = re.compile(
    r"^\W*(?:请|帮我|再|然后|接着)*(?:把|将)(?:它|这张图|这幅画|图片|这张图片)\s*(?:改|变|换|画|涂|染)(?:成|为|作)\s*(?P<what>\S.*)$",
    re.DOTALL,
)
_BEFORE = re.compile(
    POLITE + rf"{_CHANGE}\s+(?:the\s+(?:picture|image|drawing)\s+)?$|"
    r"^\W*(?:请|帮我|再|然后|接着)*(?:把|将)\s*(?:图片|图像|图)?\s*$",
    re.IGNORECASE,
)
_BEHIND = re.compile(
    r"^\s*(?:(?:to|into|as|so that it (?:is|shows))\s+|(?:里的?|中的?)?\s*(?:改|变|换|画|涂|染)(?:成|为|作)\s*)?"
    r"(?P<what>\S.*)$",
    re.IGNORECASE | re.DOTALL,
)
_SIGNS = " ,，.。;；!！"


@dataclass(frozen=True, slots=True)
class Change:
    """A picture, what it is to become, by which tool, and the file that it is for; "" where none is named."""

    tool: ToolDescription
    image: str
    prompt: str
    path: str


def rule_change(job: Job, asked: Change, outcome: Outcome) -> Steps:
    """Have it changed."""
    arguments: dict[str, JSON] = {"image": asked.image, "prompt": asked.prompt}
    if path := asked.path or saved_next(job):
        arguments["path"] = path
    yield from call_each(job, asked.tool, [arguments], outcome)


def asked_to_change(marked: Marked, tools: Toolset, mentioned: Sequence[str]) -> Change | None:
    """What a sub-goal wants of which picture; None where it wants no picture changed, or nothing here changes any.
    `mentioned` are the files that were spoken of last: "it"."""
    tool = next((one for one in tools.matched if one.name == EDIT), None)
    if tool is None:
        return None
    paths = [one for one in marked.of("path") if _PICTURE.search(one.text)]
    if paths and _BEFORE.match(marked.text[: paths[0].start]):
        image, start = paths[0].text, paths[0].end
        targets = paths[1:]
        found = _BEHIND.match(marked.text[start : targets[0].start if targets else None])
    else:
        image, start, targets = next(filter(_PICTURE.search, mentioned), ""), 0, paths
        text = marked.text[: targets[0].start if targets else None]
        found = _ENGLISH_OF_IT.match(text) or _CHINESE_OF_IT.match(text)
    if not image or found is None or len(targets) > 1:
        return None
    prompt = (SAVE.sub("", found["what"]) if targets else found["what"]).strip(_SIGNS)
    return Change(tool, image, prompt, targets[0].text if targets else "") if terms(prompt) else None
