"""What is to be written where no words are given: of the documents that are named, of what was found, or nothing."""

from __future__ import annotations

import re
from collections.abc import Generator, Sequence

from agent.model.offline.composable import BEYOND_CHINESE, BEYOND_ENGLISH, COMPOSABLE_CHINESE, COMPOSABLE_ENGLISH
from agent.model.offline.documents import documents
from agent.model.offline.extents import beyond
from agent.model.offline.findings import Finding
from agent.model.offline.focusing import collect, files_about
from agent.model.offline.gather import read_handed
from agent.model.offline.intents import Outcome, Wants
from agent.model.offline.literals import without_title
from agent.model.offline.marks import BLANK, Mark, Marked, mark
from agent.model.offline.matching import Match
from agent.model.offline.script import Job
from agent.model.offline.transcript import Result
from agent.model.offline.wishes import topic_of
from agent.model.offline.wording import short
from agent.model.offline.words import IDEOGRAPH, is_chinese, stem

_OBJECT_ENDS = re.compile(
    rf"\b(?:of|about|from|on|for|based|in|into|to|as|at|with|using|that|which|containing|under)\b|[{BLANK},，:：到至入进为成]",
    re.IGNORECASE,
)


def is_whole(found: Finding) -> bool:
    """Is a finding a document as it stands, and not a page of it or a text that it was converted to?"""
    return found.kind == "text" and not re.search(r"\n\[[^\n]*\]\s*$", found.text)


def is_copied(marked: Marked, match: Match, found: Sequence[Finding]) -> bool:
    """ "Save it": one document that was read whole is written as it is, and not told in brief."""
    thing = _OBJECT_ENDS.split(marked.masked[match.end :], maxsplit=1)[0].strip().casefold()
    alone = len(found) == 1 and is_whole(found[0])
    return alone and thing in (
        "",
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


_REFERRING = re.compile(
    r"\W*(?:down\s+)?(?:(?:all|both) of )?(?:it|them|this|that|these|those|all|everything|"
    r"(?:the|its|their)\s+(?:\w+\s+)?(?:results?|translations?|texts?|lines?|hits?|matches|findings?|outputs?|versions?|"
    r"answers?|contents?))?\W*|"
    r"\W*(?:它们?|其|这些?|结果|译文|翻译|翻译结果|搜索结果|内容|答案)?\W*",
    re.IGNORECASE,
)


def refers_back(marked: Marked, match: Match) -> bool:
    """Is what is to be written only what the step before gave ("save it", 并保存到)?"""
    thing = _OBJECT_ENDS.split(marked.masked[match.end :], maxsplit=1)[0]
    before = re.search(r"(?:把|将)([^到至]+)$", marked.masked[: match.start])
    return _REFERRING.fullmatch(thing) is not None and (before is None or bool(_REFERRING.fullmatch(before[1])))


_NAMED_THING = re.compile(
    rf"((?:(?!\b(?:about|of|on|from|for)\b)[^{BLANK},:])+\w:\s+[^{BLANK},]+?)\s+(?:to|into|in|as)\s+(?:[a-z]+\s+){{0,3}}{BLANK}+\s*[.!]?$",
    re.IGNORECASE,
)
"""Words with a colon, "My report: money": they are to be written as they stand, or they are a title; who knows."""


def invented(marked: Marked, start: int) -> tuple[str, bool]:
    """What the sub-goal wants written, if it cannot be put together ("" otherwise), and whether it is surely something
    to be invented."""
    masked = re.sub(rf"(?:关于|有关|围绕|提到|提及)\s*{BLANK}+\s*的?", "", without_title(marked)[start:])
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
    named = _NAMED_THING.match(masked)
    if named is not None:
        return named[1].strip(), False
    thing = _OBJECT_ENDS.split(masked, maxsplit=1)[0]
    words = [
        word for word in re.findall(r"[A-Za-z][\w\-]*", thing) if word.casefold() not in ("a", "an", "the", "down")
    ]
    stems = [stem(word) for word in words]
    if any(one in {stem(word) for word in BEYOND_ENGLISH} for one in stems):
        return " ".join(words), True
    fits = not words or any(one in {stem(word) for word in COMPOSABLE_ENGLISH} for one in stems)
    return "" if fits else " ".join(words), False


def matter(
    job: Job, marked: Marked, match: Match, outcome: Outcome, target: Mark | None
) -> Generator[Wants, list[Result], list[Finding]]:
    """What is to be written: of the documents that the sub-goal names, else what was found since the last file."""
    since = len(job.findings)
    topic = topic_of(marked, match.end) or _topic_before(marked, match.start)
    topic = "" if refers_back(marked, match) else topic
    paths = yield from documents(job, outcome, marked, without=target)
    if paths:
        yield from collect(job, outcome, paths, topic=topic)
        return job.findings[since:]
    if outcome.failed:
        return []
    if job.fresh < since:
        return job.findings[job.fresh :]
    if job.findings:
        return list(job.findings)
    if job.mentioned:
        yield from collect(job, outcome, job.mentioned, topic=topic)
    else:
        yield from read_handed(job, outcome)
    if topic and len(job.findings) == since and not outcome.failed:
        found = yield from files_about(job, topic, outcome)
        yield from collect(job, outcome, found, topic=topic)
    return job.findings[since:]


def _topic_before(marked: Marked, end: int) -> str:
    """What 把 … 写到 puts before its verb: 预算 of 把预算写到 a.md."""
    found = re.search(rf"(?:把|将)([^{BLANK}，,]+)$", marked.masked[:end])
    return topic_of(mark(found[1]), 0) if found is not None else ""


def refuses_form(job: Job, marked: Marked, outcome: Outcome) -> bool:
    """Is a form or a tone asked for that sentences of documents cannot be given? It is said."""
    form = beyond(marked.masked)
    if form:
        outcome.failed.append(job.say("form", what=short(form)))
    return bool(form)


_LANGUAGE = re.compile(
    r"\b(?:in|into) (english|chinese|german|french|spanish|italian|japanese|korean|russian|portuguese|dutch|arabic)\b|"
    r"用?(英文|英语|中文|汉语|德语|法语|日语|韩语|俄语|西班牙语)(?=写|总结|撰|的|概|版|简|摘|回|$|，)",
    re.IGNORECASE,
)


def wants_another_language(marked: Marked, found: Sequence[Finding]) -> bool:
    """Is a text asked for in another language than that of the sentences that were found?"""
    named = _LANGUAGE.search(marked.masked)
    if named is None:
        return False
    language = (named[1] or named[2]).casefold()
    chinese = is_chinese(" ".join(one.text for one in found))
    if language in ("chinese", "中文", "汉语"):
        return not chinese
    return chinese or language not in ("english", "英文", "英语")
