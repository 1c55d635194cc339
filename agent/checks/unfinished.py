"""What nobody may hand in: files with placeholders in them, empty files, files that are claimed and not there.

The words are looked for in English and Chinese. They must not be found in ordinary text: a run that did its work and
is told that it did not is worse than a placeholder that passes.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator, Sequence

from agent.checks.scene import Scene
from agent.globs import matches
from agent.goal import CitationsCheck, FileCheck, Goal, RegexCheck, SchemaCheck
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
_SENTENCE = 2000
"""Characters before and behind a claim that are looked at for words which take it back."""
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
    named |= {check.citations for check in goal.checks if isinstance(check, CitationsCheck)}
    for path, change in sorted(scene.changed.items()):
        mine = not goal.checks or path in named or any(matches(path, glob) for glob in goal.write)
        if path not in checked and change.sha256 is not None and mine and (fault := _fault(path, goal, scene)):
            yield f"{path} is finished", fault
    if not goal.checks:
        for path in claims(scene.answer, lambda path: _lines(scene, path)):
            if not _there(scene.files, path):
                yield f"{path} is there, as the answer says", "it is not"


def _fault(path: str, goal: Goal, scene: Scene) -> str | None:
    try:
        text = scene.text(path)
    except ToolError:  # gone or replaced since, by a program perhaps; a check of the goal would say so
        return None
    if not text.strip():
        return None if _EMPTY_BY_NATURE.search(path) else "it is empty"
    found = placeholder(text, goal, fresh=scene.fresh(path) and not _moved(path, scene))
    return f"it holds {found!r}" if found and not _copied(path, scene) else None


def _moved(path: str, scene: Scene) -> bool:
    """Has the run deleted a file of this name elsewhere? What it holds may be older than the run."""
    name = path.rpartition("/")[2]
    return any(change.sha256 is None and gone.rpartition("/")[2] == name for gone, change in scene.changed.items())


def _copied(path: str, scene: Scene) -> bool:
    """Is a file the very copy of one that the run did not touch? What that one holds is not left out by the run."""
    files = [one for one in scene.files.list(recursive=True) if not one.folder]
    size = next((one.bytes for one in files if one.path == path), -1)
    own = _hash(scene.files, path)
    same = (one.path for one in files if one.path not in scene.changed and one.bytes == size)
    return own is not None and any(_hash(scene.files, one) == own for one in same)


def _hash(files: Files, path: str) -> str | None:
    try:
        return files.sha256(path)
    except ToolError:
        return None


def _lines(scene: Scene, path: str) -> Collection[str]:
    try:
        return frozenset(line.strip() for line in scene.text(path).splitlines())
    except ToolError:
        return ()


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


_UNDONE = re.compile(
    r"^[^\w\n]*(?:(?:still |left )?(?:not|un)[ -]?(?:yet )?(?:done|finished|saved|written)|not reached|failed|"
    r"missing|could not be done|"
    r"未完成|尚未完成|没有完成|没有做|没做|未做|未做到|失败)[^\w\n]*$",
    re.IGNORECASE,
)
"""A line above what was not done."""
_NOT_AFTER_ALL = re.compile(
    r"\b(?:not done|was not|were not|is not|could not|cannot|failed)\b|n't\b|没有做|没做|没有完成|未完成|没有写|没能|"
    r"失败",
    re.IGNORECASE,
)
_CITED = re.compile(
    r"^\s*(?:>|(?:[-*]\s+)?[^\s:*>-][^:\n]{0,200}:\d+:\s|[-*]\s.*[(（][\w./\\ -]{1,200}\.\w{1,8}[)）]\s*$)"
)
"""A line of somebody else: a quote, a hit of a search, a list's line with the file that it was taken from."""
_FILE_HEADING = re.compile(r"^\s*(?P<path>[^\s:：]{1,200}\.\w{1,8})[:：]\s*$")
_MOST_QUOTED = 20
"""So many files are looked into for what an answer quotes."""
_LIST_LINE = re.compile(r"^\s*[-*]\s")


def claims(answer: str, lines_of: Callable[[str], Collection[str]] = lambda _: ()) -> Sequence[str]:
    """Files that an answer claims to have made: "saved to story.txt", "已写入 报告.md". Rather too few than too many:
    what is said not to be, or only might be, is no claim, and neither is what the answer quotes.

    Args:
        answer: The answer.
        lines_of: The lines of a file, without spaces around them, to tell what below the file's name is quoted from it.
    """
    if not _CLAIM.search(answer):
        return []
    found = []
    spoken = _spoken(answer, lines_of)
    for match in _CLAIM.finditer(spoken):
        before = spoken[max(0, match.start() - _SENTENCE) : match.start()]
        sentence = re.split(r"[.!?;。！？；\n](?:\s|$)|[。！？；\n]", before)[-1]
        rest = spoken[match.end() : match.end() + _SENTENCE]
        behind = re.split(r"[.!?;。！？；](?:\s|$)|[。！？；\n]", rest, maxsplit=1)[0]
        path = next(group for group in match.groups() if group)
        if (
            not _NOT_SO.search(sentence + spoken[match.start() : match.start(match.lastindex or 0)])
            and not _NOT_AFTER_ALL.search(behind)
            and "//" not in path
        ):
            found.append(path)
    return list(dict.fromkeys(found))


def _spoken(answer: str, lines_of: Callable[[str], Collection[str]]) -> str:
    """An answer's own words of what was done: without lists of what was not, and without what it quotes from files."""
    kept: list[str] = []
    undone, looked_into = False, 0
    quoted: Collection[str] | None = None
    for line in answer.split("\n"):
        heading = _FILE_HEADING.match(line)
        if heading is not None:
            looked_into += 1
            quoted = lines_of(heading["path"]) if looked_into <= _MOST_QUOTED else ()
        elif quoted is not None and line.strip():
            quoted = quoted if line.strip() in quoted or _LIST_LINE.match(line) else None
        if _UNDONE.match(line):
            undone = True
        elif not line.strip():
            undone = False
        kept.append("" if undone or quoted is not None or _CITED.match(line) else line)
    return "\n".join(kept)
