"""Stories with pictures: "Illustrate story.md with three pictures, describe each, build a page", 为…配三幅插图."""

from __future__ import annotations

import html
import posixpath
import re
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from agent.events import JSON
from agent.model.offline.intents import Intent, Outcome, Steps, Wants
from agent.model.offline.marks import Marked, mark
from agent.model.offline.matching import Toolset
from agent.model.offline.pictures import GENERATE
from agent.model.offline.scenes import scenes_in
from agent.model.offline.script import Job
from agent.model.offline.transcript import Result
from agent.model.offline.web import POLITE
from agent.model.offline.wording import short
from agent.model.offline.words import any_of, is_chinese

CAPTION, ASK = "caption_image", "ask_image"
"""The tools that tell what a picture shows, and answer a question about it."""
_WHAT = "图里有什么？"  # captions are in the language of whoever looks; an answer is in that of its question
_BY = re.compile(r"\s*\((?:score [\d.]+, )?by [^()]*(?:\([^()]*\))?\)\s*$")
_COUNT = 3
_MOST = 8
_NUMBERS: Mapping[str, int] = {
    **{name: at for at, name in enumerate(("one", "two", "three", "four", "five", "six", "seven", "eight"), 1)},
    **{name: at for at, name in enumerate("一二三四五六七八", 1)},
    "两": 2,
    "a": 1,
    "an": 1,
}
_OF = any_of(name for name in _NUMBERS if name.isascii())
_PICTURE = r"(?:picture|image|illustration|drawing)s?"
_BEGIN_CHINESE = r"^\W*(?:请|帮我|帮忙|先|再|然后|并且|并)*"
_ILLUSTRATE = (
    re.compile(
        rf"{POLITE}illustrate\b.*?(?:\b(?:with|by|in)\s+(?P<count>{_OF}|\d{{1,2}})\s+{_PICTURE})?[\s.]*$", re.I | re.S
    ),
    re.compile(
        _BEGIN_CHINESE
        + r"[为给替].*?(?:配上?|画|绘制|制作|加上?|生成)(?P<count>\d{1,2}|[一二两三四五六七八])?[张幅个]?"
        r"(?:插图|配图|图片|图画|画)(?P<more>\s*[,，]\s*(?:并且?|再|然后)?描述(?:每一?[张幅]|它们|各[张幅])(?:图片?|插图|画)?)?"
        r"[\s。.]*$",
        re.S,
    ),
)
_DESCRIBE = (
    re.compile(rf"{POLITE}(?:describe|caption)\s+(?:each|every|them|all|the\s+{_PICTURE})\b[^,.]{{0,30}}[\s.]*$", re.I),
    re.compile(
        _BEGIN_CHINESE + r"(?:描述|说明)(?:一下)?(?:每一?[张幅]|它们|各[张幅]|这些)?(?:图片?|插图|画)?[\s。.]*$"
    ),
)
_PAGE = (
    re.compile(rf"{POLITE}(?:build|make|create|write|compose|assemble)\b.*?\bpage\b.*$", re.I | re.S),
    re.compile(_BEGIN_CHINESE + r"(?:把.*?)?(?:做成|生成|制作|建立?|写成|组成|做).*?(?:网页|页面|一页).*$", re.S),
)
_SAVED = re.compile(r"(?P<path>\S.*?\.png) \(a-[0-9a-f]+\)")


@dataclass(frozen=True, slots=True)
class Page:
    """One part of an illustrated page: its pictures (so many, of the text of `path`, `described` at once or not),
    what each of them shows, or the page itself, to be written to `path`."""

    part: Literal["pictures", "captions", "page"]
    path: str = ""
    count: int = 0
    described: bool = False


def asked_of_illustrating(marked: Marked, tools: Toolset, pictures: Mapping[str, str]) -> Page | None:
    """What a sub-goal wants of an illustrated page; None where it wants none. `pictures` are those drawn so far."""
    offered = {one.name for one in tools.tools}
    sources = [one.text for one in marked.of("path")]
    if GENERATE in offered and (found := _first(_ILLUSTRATE, marked.text)) and sources:
        count = (found["count"] or str(_COUNT)).casefold()
        described = bool(found.groupdict().get("more")) and CAPTION in offered
        return Page("pictures", sources[0], min(_MOST, max(1, int(_NUMBERS.get(count, count)))), described)
    if pictures and CAPTION in offered and _first(_DESCRIBE, marked.text):
        return Page("captions")
    if pictures and (page := _page(marked)):
        return Page("page", page)
    return None


def _first(patterns: Sequence[re.Pattern[str]], text: str) -> re.Match[str] | None:
    return next((found for pattern in patterns if (found := pattern.match(text))), None)


def rule_illustrating(job: Job, asked: Page, outcome: Outcome) -> Steps:
    """Do one part of it."""
    if asked.part == "pictures":
        yield from _draw(job, asked, outcome)
        if asked.described and job.pictures:
            yield from _describe(job, outcome)
    elif asked.part == "captions":
        yield from _describe(job, outcome)
    else:
        yield from _write(job, asked.path, outcome)


def _draw(job: Job, asked: Page, outcome: Outcome) -> Steps:
    """Draw what the text tells of that can be drawn, in its order."""
    read = job.tools.for_concept("read")
    if read is None:
        outcome.failed.append(job.say("not_offered"))
        return
    line = job.say("read", what=asked.path)
    text = (yield from job.call(outcome, read.name, {"path": asked.path}, line)).text
    if outcome.failed:
        return
    job.story = text
    job.touched.append(asked.path)  # 为 stands before what is written, too: this one is only read
    scenes = scenes_in(text)[: asked.count]
    if len(scenes) < asked.count:
        outcome.failed.append(job.say("few_scenes", what=asked.path, count=len(scenes), wanted=asked.count))
    folder = _folder(job)
    for number, scene in enumerate(scenes, 1):
        arguments: dict[str, JSON] = {"prompt": scene, "path": f"{folder}{number}.png"}
        result = yield from job.call(outcome, GENERATE, arguments, job.say("draw", what=short(scene, 80)))
        if result.ok and (saved := _SAVED.search(result.text)):
            job.pictures[saved["path"]] = scene


def _folder(job: Job) -> str:
    """Where the pictures go: beside the page that is to be made of them."""
    asked = (_page(mark(clause.text)) for clause in job.todo)
    page = next(filter(None, asked), "pictures/")
    folder = posixpath.dirname(page)
    return f"{folder}/" if folder else ""


def _page(marked: Marked) -> str:
    """The page that a sub-goal wants built; "" where it wants none."""
    places = [one.text for one in marked.of("path") if one.text.lower().endswith((".html", ".htm", ".md"))]
    return places[-1] if places and _first(_PAGE, marked.text) else ""


def _describe(job: Job, outcome: Outcome) -> Steps:
    """Have somebody look at each picture, and keep what is seen in it."""
    results = yield from _looked_at(job, outcome)
    for path, result in zip(job.pictures, results, strict=True):
        if result.ok:
            job.pictures[path] = _BY.sub("", result.text.split("\n", 1)[0]).strip()
            outcome.show(f"{path}: {job.pictures[path]}")


def _looked_at(job: Job, outcome: Outcome) -> Generator[Wants, list[Result], list[Result]]:
    asks = job.chinese and any(one.name == ASK for one in job.tools.tools)
    more: dict[str, JSON] = {"question": _WHAT} if asks else {}
    intents = [Intent(tool=ASK if asks else CAPTION, arguments={"image": path, **more}) for path in job.pictures]
    lines = [job.say("look_at", what=path) for path in job.pictures]
    return (yield from job.calls(outcome, intents, lines))


def _write(job: Job, path: str, outcome: Outcome) -> Steps:
    """Write the page, with the text before its pictures."""
    write = job.tools.for_concept("write")
    if write is None:
        outcome.failed.append(job.say("not_offered"))
        return
    content = page_of(job.story, job.pictures, path, chinese=job.chinese)
    arguments: dict[str, JSON] = {"path": path, "content": content}
    yield from job.call(outcome, write.name, arguments, job.say("write", what=path))


def page_of(story: str, pictures: Mapping[str, str], path: str, *, chinese: bool) -> str:
    """An illustrated page: Markdown where `path` says so, else HTML; pictures by their way from the page."""
    folder = posixpath.dirname(path)
    shown = [(posixpath.relpath(one, folder or "."), told) for one, told in pictures.items()]
    joined = "" if is_chinese(story) else " "
    parts = re.split(r"\n\s*\n", story.strip())
    lines = [joined.join(line.strip() for line in part.splitlines()) for part in parts if part.strip()]
    title = lines.pop(0).lstrip("# ") if lines and lines[0].startswith("#") else posixpath.basename(path)
    if path.lower().endswith(".md"):
        figures = [f"![{told}](<{name}>)\n\n{told}" for name, told in shown]
        return "\n\n".join([f"# {title}", *lines, *figures]) + "\n"
    figures = [
        f'<figure><img src="{name}" alt="{told}"><figcaption>{told}</figcaption></figure>'
        for name, told in ((html.escape(name), html.escape(told)) for name, told in shown)
    ]
    language = "zh-CN" if chinese else "en"
    head = f'<!doctype html>\n<html lang="{language}">\n<meta charset="utf-8">\n<title>{html.escape(title)}</title>'
    body = [f"<h1>{html.escape(title)}</h1>", *(f"<p>{html.escape(line)}</p>" for line in lines), *figures]
    return "\n".join([head, *body, "</html>"]) + "\n"
