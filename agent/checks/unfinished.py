"""What nobody may hand in: files with placeholders in them, empty files, files that are claimed and not there.

The words are looked for in English and Chinese. They must not be found in ordinary text: a run that did its work and
is told that it did not is worse than a placeholder that passes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from agent.checks.scene import Scene
from agent.globs import matches
from agent.goal import FileCheck, Goal, RegexCheck, SchemaCheck
from plugins import Files, ToolError

_ASKED = r"(?:insert|put|paste|fill in|replace|enter|describe)"  # what a placeholder asks its reader to do
_PLACEHOLDER = re.compile(
    rf"<(?:{_ASKED}|add|write|your)\s+[^<>=/\n]{{2,80}}>"  # <insert story here>; not <add key="x"/>, not <your-key>
    r"|<(?:todo|placeholder|tbd)\b[^<>=/\n]{0,80}>"
    rf"|(?<![\w!\]\[])\[\s*(?:(?:{_ASKED}|add|write|your)\s+[^\[\]\n]{{2,80}}|insert|placeholder|todo|tbd)\](?![(\[:\w])"
    rf"|\{{\{{\s*(?:(?:{_ASKED}|add|your)\s+[^{{}}\n]{{2,80}}|placeholder)\}}\}}"
    r"|\blorem ipsum\b"
    r"|[<［【\[(（〈《]\s*(?:请)?(?:在此|在这里|此处|这里|请)(?:处)?(?:填写|填入|插入|输入|写入|替换)[^>］】\])）〉》\n]{0,40}[>］】\])）〉》]"
    r"|[<［【\[(（]\s*(?:请补充|待补充|待填写|待完善|此处省略|略去其余)[^>］】\])）\n]{0,40}[>］】\])）]"
    r"|内容待(?:补充|填写|完善)",
    re.IGNORECASE,
)
_TODO = re.compile(r"^[^\w\n]{0,40}(?:TODO|TBD|FIXME)\b[^\n]*$|^[^\w\n]{0,40}待补充[^\w\n]{0,40}$", re.MULTILINE)
_FENCE = re.compile(r"```+|~~~+")
_SPAN = re.compile(r"(?<!`)(`{1,8})(?!`)[^`\n]{1,2000}\1(?!`)")
_NEAR = 200
"""So many fences further on, the one that closes a block is looked for."""
_MOST = 1_000_000
"""Characters of a text in which placeholders are looked for."""
_EMPTY_BY_NATURE = re.compile(r"(?:^|/)(?:__init__\.py|py\.typed|\.[^/]+)$")

_FORMATS = (
    "txt|md|rst|tex|csv|tsv|json|jsonl|ya?ml|toml|ini|cfg|xml|html?|css|svg|pdf|docx?|xlsx?|pptx?|odt|ods|epub|log|"
    "py|ipynb|js|ts|jsx|tsx|go|rs|c|h|cpp|java|kt|rb|php|swift|sh|bat|ps1|sql|db|sqlite|parquet|"
    "png|jpe?g|gif|webp|bmp|ico|mp3|wav|mp4|webm|zip|gz|tar|patch|diff"
)
_NAME = rf"(?<![\w./\\-])[\w./\\-]{{0,200}}\w\.(?:{_FORMATS})(?!\.?\w|/)"
_QUOTED = rf"[`\"'“‘「『《]((?:[\w./\\-]| (?! )){{0,200}}\w\.(?:{_FORMATS}))[`\"'”’」』》]"
_MADE = r"(?:saved|stored|written|wrote|exported|created|generated|produced|put)"
_CLAIM = re.compile(
    rf"\b{_MADE}\b[^.!?;:\n]{{0,60}}?\b(?:to|into|as|at|named|called|file|in the file)\s+(?:the )?(?:new )?(?:file )?"
    rf"(?:{_QUOTED}|({_NAME}))"
    rf"|\b(?:saved|stored|put)\b[^.!?;:\n]{{0,60}}?\bin\s+(?:the )?(?:file )?(?:{_QUOTED}|({_NAME}))"
    rf"|\b{_MADE}\s+(?:(?:the|a|an|new|file)\s+)*(?:{_QUOTED}|({_NAME}))"
    rf"|(?:保存|写入|写到|存入|存到|存为|导出|生成|创建)(?:了|好了?)?(?:到|为|至|于|在|入|成)?(?:了)?(?:文件)?\s*[:：]?\s*"
    rf"(?:{_QUOTED}|((?:[A-Za-z0-9_./\\-]|(?![的了和与及目录件夹里中])[\u3400-\u9fff]){{0,80}}\w\.(?:{_FORMATS})(?!\.?\w|/)))",
    re.IGNORECASE,
)
_NOT_SO = re.compile(
    r"\b(?:not|never|cannot|could|can|would|should|will|may|might|must|if|unable|failed|please)\b|n't\b|"
    r"[没未无别不]|可以|如果|请|将会|将要",
    re.IGNORECASE,
)


def unfinished(goal: Goal, scene: Scene) -> Iterator[tuple[str, str]]:
    """Files of the run that still hold placeholders, are empty, or were claimed and are not there: what was wanted,
    and what is found. Where a goal has checks, only files that they name or that the goal says to write count."""
    checked = {check.file for check in goal.checks if isinstance(check, FileCheck)}
    named = {check.path for check in goal.checks if isinstance(check, RegexCheck | SchemaCheck)}
    for path, change in sorted(scene.changed.items()):
        mine = not goal.checks or path in named or any(matches(path, glob) for glob in goal.write)
        if path not in checked and change.sha256 is not None and mine and (fault := _fault(path, goal, scene)):
            yield f"{path} is finished", fault
    if not goal.checks:
        for path in claims(scene.answer):
            if not _there(scene.files, path):
                yield f"{path} is there, as the answer says", "it is not"


def _fault(path: str, goal: Goal, scene: Scene) -> str | None:
    try:
        text = scene.text(path)
    except ToolError:  # gone or replaced since, by a program perhaps; a check of the goal would say so
        return None
    if not text.strip():
        return None if _EMPTY_BY_NATURE.search(path) else "it is empty"
    found = placeholder(text, goal, fresh=scene.fresh(path))
    return f"it holds {found!r}" if found else None


def _there(files: Files, path: str) -> bool:
    try:
        return files.exists(files.path(path))
    except ToolError:
        return False


def placeholder(text: str, goal: Goal, *, fresh: bool = True) -> str | None:
    """The first placeholder in a text: "<insert …>", "[your name]", a line that begins with TODO, 待补充; None if there
    is none. What stands in Markdown's code is shown to a reader, not left out, so it does not count.

    A goal that itself speaks of TODO, or asks for lorem ipsum or placeholders, means the word. In a file that the run
    only changed (`fresh` False) a TODO may be older than the run.
    """
    if "\0" in text[:8192]:
        return None
    wanted = " ".join((*goal.goals, *goal.constraints, goal.instructions)).casefold()
    if "placeholder" in wanted or "lorem ipsum" in wanted or "占位" in wanted or "模板" in wanted:
        return None
    shown = _without_code(text[:_MOST])
    found = _PLACEHOLDER.search(shown)
    if found is None and fresh and "todo" not in wanted:
        found = _TODO.search(shown)
    return found.group().strip()[:60] if found else None


def _without_code(text: str) -> str:
    """The text without Markdown's blocks and spans of code. A fence that nobody closes is none."""
    if "`" not in text and "~~~" not in text:
        return text
    lines = text.split("\n")
    fences = [(place, found.group()) for place, line in enumerate(lines) if (found := _FENCE.match(line))]
    kept: list[str] = []
    begin = 0
    for opening, closing in _blocks(fences):
        kept += (_SPAN.sub("", line) for line in lines[begin:opening])
        begin = closing + 1
    kept += (_SPAN.sub("", line) for line in lines[begin:])
    return "\n".join(kept)


def _blocks(fences: Sequence[tuple[int, str]]) -> Iterator[tuple[int, int]]:
    """The first and the last line of each block of code."""
    number = 0
    while number < len(fences):
        opening, fence = fences[number]
        near = range(number + 1, min(number + 1 + _NEAR, len(fences)))
        closing = next((later for later in near if fences[later][1].startswith(fence)), None)
        if closing is not None:
            yield opening, fences[closing][0]
        number = number + 1 if closing is None else closing + 1


def claims(answer: str) -> Sequence[str]:
    """Files that an answer claims to have made: "saved to story.txt", "已写入 报告.md". Rather too few than too many:
    what is said not to be, or only might be, is no claim."""
    found = []
    for match in _CLAIM.finditer(answer):
        sentence = re.split(r"[.!?;。！？；\n](?:\s|$)|[。！？；\n]", answer[: match.start()])[-1]
        path = next(group for group in match.groups() if group)
        if (
            not _NOT_SO.search(sentence + answer[match.start() : match.start(match.lastindex or 0)])
            and "//" not in path
        ):
            found.append(path)
    return list(dict.fromkeys(found))
