"""Writing: literal words exactly as they stand, results as they came, and briefs out of what was found."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Sequence

from agent.events import JSON
from agent.goal import FileCheck, Goal, RegexCheck
from agent.model.offline.compose import Wish, brief, is_long_enough
from agent.model.offline.findings import Finding, coverage
from agent.model.offline.gather import files_with, read_each, read_handed, show, summarise_each
from agent.model.offline.lexicon import (
    BEYOND_CHINESE,
    BEYOND_ENGLISH,
    COMPOSABLE_CHINESE,
    COMPOSABLE_ENGLISH,
)
from agent.model.offline.marks import BLANK, Mark, Marked
from agent.model.offline.matching import Match
from agent.model.offline.script import Job, Outcome, Steps, Wants
from agent.model.offline.transcript import Note, Result
from agent.model.offline.wishes import topic_of, wish
from agent.model.offline.wording import short
from agent.model.offline.words import IDEOGRAPH, is_chinese, stem, terms


def target_of(marked: Marked, *, writes: bool = False) -> Mark | None:
    """The file that a sub-goal writes to; with `writes` also one that it only names."""
    paths = [one for one in marked.of("path") if not one.text.endswith("/")]
    for part in ("target", "within") if writes else ("target",):
        found = next((one for one in reversed(paths) if one.part == part), None)
        if found is not None:
            return found
    plain = [one for one in paths if one.part == "plain"]
    return plain[0] if writes and len(plain) == 1 else None


_TITLE_BEFORE = re.compile(
    r"(?:\b(?:titled|entitled|title|headed|heading|called|named)\s*:?\s*|(?:标题|题目|题)(?:为|是|叫)?[:：]?\s*)$", re.I
)
_STATED = re.compile(
    r"\b(?:containing|contains|saying|that says|reading|with the (?:following )?(?:text|contents?|words?|lines?)|"
    r"with content)\b\s*[:：]?\s*|"
    r"(?:内容(?:为|是|如下)?|写着)[:：]?\s*",
    re.IGNORECASE,
)


def _literal(marked: Marked, target: Mark | None) -> str | None:
    """The very words that are to be written, or None."""
    quotes = [one for one in marked.of("quote") if not _TITLE_BEFORE.search(marked.text[: one.start])]
    if quotes:
        return "\n".join(one.text for one in quotes)
    stated = _STATED.search(marked.masked)
    if stated is not None:
        end = target.start if target is not None and target.start > stated.end() else len(marked.text)
        text = re.sub(r"\s*(?:to|into|in|到|至)\s*$", "", marked.text[stated.end() : end]).strip()
        if text and text.casefold() not in ("following", "the following", "以下", "如下"):
            return text
    named = re.search(
        r"\bthe (?:words?|text|line|sentence|string|number|phrase)\s+(\S.*?)\s+(?:to|into|in|to the end of)\s*$",
        (marked.text[: target.start] if target is not None else ""),
        re.IGNORECASE,
    )
    if named is not None and not re.match(r"(?:of|from|in|about|that)\b", named[1], re.IGNORECASE):
        return named[1]
    if re.search(r"\b(?:empty|blank) (?:\w+ )?file\b|空(?:白)?(?:文件|文档)", marked.masked, re.IGNORECASE):
        return ""
    return None


def _pairs(marked: Marked) -> list[tuple[str, str]]:
    """Several words for several files: "a" to x and "b" to y; or the same words for each of them."""
    targets = [one for one in marked.of("path") if one.part == "target"]
    quotes = [one for one in marked.of("quote") if not _TITLE_BEFORE.search(marked.text[: one.start])]
    if len(targets) < 2 or len(quotes) not in (1, len(targets)):
        return []
    texts = quotes if len(quotes) > 1 else quotes * len(targets)
    return [(text.text, target.text) for text, target in zip(texts, targets, strict=True)]


def rule_write(job: Job, marked: Marked, match: Match, outcome: Outcome) -> Steps:
    """Write a file, or (where none is named) tell in the answer what would be written."""
    yield from _write(job, marked, match, outcome, append=False)


def rule_append(job: Job, marked: Marked, match: Match, outcome: Outcome) -> Steps:
    """Add to the end of a file."""
    yield from _write(job, marked, match, outcome, append=True)


def _write(job: Job, marked: Marked, match: Match, outcome: Outcome, *, append: bool) -> Steps:
    target = target_of(marked, writes=True)
    literal = _literal(marked, target)
    if match.tool is None:
        outcome.failed.append(job.say("not_offered"))
        return
    if literal is None and target is not None and target.part == "plain" and _is_source(marked, target):
        target = None
    path = target.text if target is not None else _checked_file(job, marked)
    if literal is not None and path is not None:
        for text, file in _pairs(marked) or [(literal, path)]:
            yield from _put(job, outcome, file, text, append=append)
    elif literal is not None:
        outcome.failed.append(job.say("no_target"))
    else:
        yield from _write_found(job, marked, match, outcome, target, path, append=append)


def _write_found(
    job: Job,
    marked: Marked,
    match: Match,
    outcome: Outcome,
    target: Mark | None,
    path: str | None,
    *,
    append: bool,
) -> Steps:
    """Write, or show where no file is named, what the sub-goal asks for, if it can be put together."""
    noun, known = _invented(marked, match.end)
    if noun:
        outcome.failed.append(job.say("invent" if known else "unknown", what=short(noun)))
        return
    found = yield from _matter(job, marked, match, outcome, target)
    if not found:
        if not outcome.failed:
            outcome.failed.append(job.say("no_matter"))
    elif path is None:
        job.fresh = len(job.findings)
        show(job, outcome, len(job.findings) - len(found))
    elif all(one.kind == "plain" for one in found):
        yield from _put(job, outcome, path, "\n\n".join(one.text.strip() for one in found) + "\n", append=append)
    elif _is_copied(marked, match, found):
        yield from _put(job, outcome, path, found[0].text, append=append)
    else:
        yield from write_brief(job, marked, match, outcome, path, found, append=append)


def _is_copied(marked: Marked, match: Match, found: Sequence[Finding]) -> bool:
    """ "Save it": one document that was read whole is written as it is, and not told in brief."""
    thing = _OBJECT_ENDS.split(marked.masked[match.end :], maxsplit=1)[0].strip().casefold()
    alone = len(found) == 1 and found[0].kind == "text" and not re.search(r"\n\[[^\n]*\]\s*$", found[0].text)
    return alone and thing in (
        "it",
        "this",
        "the text",
        "the content",
        "its content",
        "the contents",
        "它",
        "其内容",
        "内容",
    )


def _is_source(marked: Marked, target: Mark) -> bool:
    """ "Make a summary of a.md": the path behind "of" is read, not written."""
    return bool(re.search(r"\b(?:of|from|about|for)\s[^,]*$", marked.text[: target.start], re.IGNORECASE))


def _checked_file(job: Job, marked: Marked) -> str | None:
    """The one file that the checks look at, where the words name none."""
    files = [file for file in checked_files(job.goal) if file not in job.written]
    return files[0] if len(files) == 1 and not marked.of("pattern") else None


def checked_files(goal: Goal) -> list[str]:
    """Text files that the checks look at and that no rule of theirs says are there already."""
    named = [check.file for check in goal.checks if isinstance(check, FileCheck)]
    named += [check.path for check in goal.checks if isinstance(check, RegexCheck)]
    kinds = [file for file in named if re.search(r"\.(?:md|markdown|txt|rst)$", file, re.IGNORECASE)]
    return list(dict.fromkeys(kinds))


_OBJECT_ENDS = re.compile(
    rf"\b(?:of|about|from|on|for|based|in|into|to|as|at|with|using|that|which|containing|under)\b|[{BLANK},，:：到至入]",
    re.IGNORECASE,
)


def _invented(marked: Marked, start: int) -> tuple[str, bool]:
    """What the sub-goal wants written, if it cannot be put together ("" otherwise), and whether it is surely something
    to be invented."""
    masked = marked.masked[start:]
    if re.match(rf"\s*[{IDEOGRAPH}]", masked):
        thing = re.split(rf"[{BLANK}，,：:]|[到至入进]|保存|写入", masked, maxsplit=1)[0].rpartition("的")[2]
        rest = thing
        for word in COMPOSABLE_CHINESE:
            rest = rest.replace(word, "")
        beyond = next((word for word in BEYOND_CHINESE if word in rest), "")
        known = (
            rest != thing
            or not re.sub(
                r"[一两三四五六七八九十\d份个篇份段些张条成为请把将并到入进在的短新详细简要中英文]+", "", thing
            ).strip()
        )
        return thing.strip() if beyond or not known else "", bool(beyond)
    thing = _OBJECT_ENDS.split(masked, maxsplit=1)[0]
    words = [
        word for word in re.findall(r"[A-Za-z][\w\-]*", thing) if word.casefold() not in ("a", "an", "the", "down")
    ]
    stems = [stem(word) for word in words]
    if any(one in {stem(word) for word in BEYOND_ENGLISH} for one in stems):
        return " ".join(words), True
    fits = not words or any(one in {stem(word) for word in COMPOSABLE_ENGLISH} for one in stems)
    return "" if fits else " ".join(words), False


def _matter(
    job: Job, marked: Marked, match: Match, outcome: Outcome, target: Mark | None
) -> Generator[Wants, list[Result], list[Finding]]:
    """What is to be written: of the documents that the sub-goal names, else what was found since the last file."""
    since = len(job.findings)
    topic = topic_of(marked, match.end)
    paths = yield from job.documents(outcome, marked, without=target)
    if paths:
        yield from summarise_each(job, outcome, paths, topic=topic)
        return job.findings[since:]
    if outcome.failed:
        return []
    if job.fresh < since:
        return job.findings[job.fresh :]
    if job.findings:
        return list(job.findings)
    if job.mentioned:
        yield from summarise_each(job, outcome, job.mentioned, topic=topic)
    else:
        yield from read_handed(job, outcome)
    if topic and len(job.findings) == since:
        found = yield from files_with(job, topic, outcome)
        yield from summarise_each(job, outcome, found, topic=topic)
        if not any(coverage(topic, one.text) >= 0.6 for one in job.findings[since:]):
            del job.findings[since:]
    return job.findings[since:]


def write_brief(
    job: Job,
    marked: Marked,
    match: Match,
    outcome: Outcome,
    path: str,
    found: Sequence[Finding],
    *,
    append: bool = False,
) -> Steps:
    """Compose a brief of what was found and write it; for a wished length that summaries cannot give, the documents
    are read as well."""
    if _wants_another_language(marked, found):
        outcome.failed.append(job.say("translate"))
    topic = topic_of(marked, match.end)
    wanted = wish(job, marked, target=path, title=_title(marked, match, path), topic=topic)
    found = list(found)
    sized = wanted.least_bytes > 1 or wanted.least > 0
    if sized and not is_long_enough(brief(found, wanted, chinese=job.chinese), wanted):
        found = yield from with_whole_texts(job, outcome, found)
    yield from put_brief(job, outcome, path, found, wanted, append=append)


def with_whole_texts(
    job: Job, outcome: Outcome, found: Sequence[Finding]
) -> Generator[Wants, list[Result], list[Finding]]:
    """The findings, and the documents that were only summarised read as well."""
    summarised = {one.source for one in found if one.kind == "summary"}
    whole = {one.source for one in job.findings if one.kind == "text"}
    since = len(job.findings)
    yield from read_each(job, outcome, sorted(summarised - whole))
    texts = [one for one in job.findings if one.kind == "text" and one.source in summarised]
    return [*found, *(one for one in texts if one not in found or one in job.findings[since:])]


def put_brief(
    job: Job, outcome: Outcome, path: str, found: Sequence[Finding], wanted: Wish, *, append: bool = False
) -> Steps:
    """Write a brief of these findings, and remember what it was made of."""
    kept = list(found)
    job.written[path], job.composed[path] = wanted, kept

    def compose() -> str:
        return brief(kept, wanted, notes=_known_before(job, kept), chinese=job.chinese)

    yield from _put(job, outcome, path, compose, append=append)


def _known_before(job: Job, found: Sequence[Finding]) -> list[Note]:
    """Notes of earlier runs that speak of the same: they share words with the goal and with what was found."""
    goal = set(terms(" ".join(job.goal.goals)))
    matter = {term for one in found for term in terms(one.text)}
    near = [note for note in job.transcript.notes if len(set(terms(note.text)) & (goal | matter)) >= 2]
    return near[:5]


def _put(job: Job, outcome: Outcome, path: str, text: str | Callable[[], str], *, append: bool) -> Steps:
    tool = job.tools.for_concept("write")
    if tool is None:
        outcome.failed.append(job.say("not_offered"))
        return
    given: dict[str, JSON] = {"path": path}
    if append:
        given["append"] = True
    line = job.say("write", what=path)
    if isinstance(text, str):
        given["content"] = text if not append or text.endswith("\n") else f"{text}\n"
        result = yield from job.call(outcome, tool.name, given, line)
    else:
        compose = text
        result = yield from job.call(outcome, tool.name, given, line, late=lambda: {"content": compose()})
    if result.ok:
        job.written.setdefault(path, Wish())
        job.gone.discard(path)
        job.fresh = len(job.findings)
        if not job.mentioned:
            job.mention([path])
    else:
        job.written.pop(path, None)
        job.composed.pop(path, None)


_LANGUAGE = re.compile(
    r"\b(?:in|into) (english|chinese|german|french|spanish|italian|japanese|korean|russian|portuguese|dutch|arabic)\b|"
    r"用?(英文|英语|中文|汉语|德语|法语|日语|韩语|俄语|西班牙语)(?=写|总结|撰|的|概|版|简|摘|回|$|，)",
    re.IGNORECASE,
)


def _wants_another_language(marked: Marked, found: Sequence[Finding]) -> bool:
    named = _LANGUAGE.search(marked.masked)
    if named is None:
        return False
    language = (named[1] or named[2]).casefold()
    chinese = is_chinese(" ".join(one.text for one in found))
    if language in ("chinese", "中文", "汉语"):
        return not chinese
    return chinese or language not in ("english", "英文", "英语")


def _title(marked: Marked, match: Match, path: str) -> str:
    for one in marked.of("quote"):
        if _TITLE_BEFORE.search(marked.text[: one.start]):
            return one.text
    name = re.sub(r"[_\-]+", " ", path.rpartition("/")[2].rpartition(".")[0] or path).strip()
    name = name[:1].upper() + name[1:]
    topic = topic_of(marked, match.end)
    return f"{name}{'：' if is_chinese(topic) else ': '}{short(topic, 80)}" if topic else name
