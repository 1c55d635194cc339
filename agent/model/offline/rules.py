"""The rules: what a sub-goal of each meaning does. Each rule is a part of the script of `script.Job`."""

from __future__ import annotations

import re
from collections.abc import Callable, Generator, Mapping, Sequence

from agent.events import JSON
from agent.model import ToolDescription
from agent.model.offline.arguments import fill
from agent.model.offline.copying import rule_combine
from agent.model.offline.documents import documents, documents_meant, general_folder
from agent.model.offline.findings import Finding
from agent.model.offline.focusing import collect
from agent.model.offline.gather import cut, has, read_each, read_handed, show
from agent.model.offline.intents import Intent, Outcome, Steps, Wants
from agent.model.offline.marks import Mark, Marked
from agent.model.offline.matching import Match
from agent.model.offline.matter import refuses_form, wants_another_language
from agent.model.offline.parameters import parameters
from agent.model.offline.putting import write_brief
from agent.model.offline.remembering import rule_remember
from agent.model.offline.script import Job, list_arguments
from agent.model.offline.searching import rule_search
from agent.model.offline.sources import Wanted, chosen, speaks_of_files_in, wanted
from agent.model.offline.targets import folder_of, target_of, targets_of
from agent.model.offline.transcript import Result
from agent.model.offline.wishes import topic_of, wish
from agent.model.offline.wording import short
from agent.model.offline.words import terms
from agent.model.offline.writing import rule_append, rule_write


def rule_summarise(job: Job, marked: Marked, match: Match, outcome: Outcome) -> Steps:
    """Summarise what is named; with a file to write to, a brief goes there."""
    target, targets, folder = target_of(marked), targets_of(marked), folder_of(marked)
    if targets is None or (target is None and folder):
        outcome.failed.append(job.say("several") if targets is None else job.say("a_folder", what=folder))
        return
    topic = topic_of(marked, match.end)
    wanted = wish(job, marked, target=target.text if target else "", title="", topic=topic)
    found = yield from _summarised(job, marked, match, outcome, target, topic)
    if not found:
        return
    refused = refuses_form(job, marked, outcome)
    if wants_another_language(marked, found):
        outcome.failed.append(job.say("translate"))
        refused = True
    job.wished.setdefault(job.chain, []).append(marked.masked)
    since = len(job.findings) - len(found)
    if target is None:
        show(job, outcome, since, wish=wanted)
    if refused:
        del job.findings[since:]  # it is not what was asked for: nothing after this is made of it
    else:
        for path in targets:
            yield from write_brief(job, marked, match, outcome, path, found)


def _summarised(
    job: Job, marked: Marked, match: Match, outcome: Outcome, target: Mark | None, topic: str
) -> Generator[Wants, list[Result], list[Finding]]:
    """The findings out of which a summary is made, the last ones of the job: of the documents that are named, of those
    spoken of before, of what was handed over, or of those that are called so."""
    since = len(job.findings)
    why = job.barren.get(job.chain)
    paths = yield from documents(job, outcome, marked, without=target)
    if why and not paths and not outcome.failed and target is not None:
        outcome.failed.append(job.say("held_back", line=job.say("write", what=target.text), why=why))
        return []
    paths = paths or ([] if outcome.failed else list(job.mentioned))
    if not paths and not outcome.failed:
        yield from read_handed(job, outcome)
        if len(job.findings) == since and job.fresh < since:
            since = job.fresh
        elif len(job.findings) == since:
            paths = yield from documents_meant(job, outcome, marked, start=match.start, end=match.end)
            topic = ""  # its words were the document's name
            if not paths and not outcome.failed:
                outcome.failed.append(job.say("no_source"))
    if paths:
        yield from collect(job, outcome, paths, topic=topic)
    return job.findings[since:]


def rule_read(job: Job, marked: Marked, match: Match, outcome: Outcome) -> Steps:
    """Read what is named."""
    since = len(job.findings)
    paths = yield from documents(job, outcome, marked)
    if not paths and not outcome.failed:
        yield from read_handed(job, outcome)
        if len(job.findings) == since:
            paths = list(job.mentioned)
        if len(job.findings) == since and not paths:
            paths = yield from documents_meant(job, outcome, marked, start=match.start, end=match.end)
            if not paths and not outcome.failed:
                outcome.failed.append(job.say("no_source"))
    if paths:
        yield from read_each(job, outcome, paths, more=_lines_asked(marked, match))
    show(job, outcome, since, whole=True)


_LINES = re.compile(
    r"\blines?\s+(\d{1,9})\s*(?:to|through|and|-|–|—)\s*(\d{1,9})|"
    r"第\s*(\d{1,9})\s*(?:到|至|-)\s*第?\s*(\d{1,9})\s*行",
    re.IGNORECASE,
)


def _lines_asked(marked: Marked, match: Match) -> dict[str, JSON]:
    tool = match.tool
    if tool is None or not (has(tool, "start_line") and has(tool, "lines")):
        return {}
    span = _LINES.search(marked.masked)
    if span is not None:
        first, last = (int(one) for one in span.groups() if one is not None)
        return {"start_line": first, "lines": max(1, last - first + 1)}
    first_lines = re.search(r"\bfirst\s+(\d{1,9})\s+lines\b|前\s*(\d{1,9})\s*行", marked.masked, re.I)
    return {"lines": int(first_lines[1] or first_lines[2])} if first_lines else {}


_THEM = re.compile(
    r"\s*(?:them|it|these|those|(?:the|their|its)\s+(?:hits?|results?|matches|lines|names|findings?|answers?))\b|\s*(?:它们?|结果)",
    re.IGNORECASE,
)


def rule_list(job: Job, marked: Marked, match: Match, outcome: Outcome) -> Steps:
    """List a folder, or the files that match."""
    target = target_of(marked, behind=match.end)
    named = target is not None and target.part in ("target", "within") and "." in target.text.rpartition("/")[2]
    if match.strength == "head" and named and _THEM.match(marked.masked, match.end):
        yield from rule_write(job, marked, match, outcome)  # list them in a.md
        return
    asked = wanted(marked) or [Wanted("", None)]
    if (
        asked[0].path == ""
        and not marked.places
        and (folder := (yield from general_folder(job, marked, behind=match.end)))
    ):
        asked = [Wanted(folder, f"{folder}/{asked[0].glob}" if asked[0].glob else None)]
    if match.tool is None or (match.strength == "head" and not asked[0].path and not _speaks_of_files(marked)):
        outcome.failed.append(job.say("not_offered" if match.tool is None else "beyond"))
        return
    if match.strength == "head" and _lists_what_is_in_a_file(marked, match):
        outcome.failed.append(job.say("beyond"))
        return
    for one in asked:
        if one.glob is not None and "/" not in one.glob:
            one = Wanted(one.path, f"**/{one.glob}")
        where = one if one.glob is not None else Wanted(one.path, f"{one.path}/**/*" if one.path else "**/*")
        line = job.say("list", what=one.path or job.say("workspace"))
        result = yield from job.call(outcome, match.tool.name, list_arguments(job.tools, where), line)
        if result.ok:
            names, others = chosen(result.text, where, leave_out=())
            exact = one.glob is not None and not one.glob.endswith("**/*")
            text = "\n".join(sorted([*names, *others])) if exact else result.text
            job.find(Finding(source=one.path or job.say("workspace"), kind="plain", text=text))
            job.mention(names)
            outcome.show(cut(text))


def _speaks_of_files(marked: Marked) -> bool:
    words = r"\b(?:files?|documents?|folders?|director(?:y|ies)|workspace|contents?)\b|文件|目录|工作区|内容|文档"
    return bool(marked.places) or re.search(words, marked.masked, re.IGNORECASE) is not None


def _lists_what_is_in_a_file(marked: Marked, match: Match) -> bool:
    """ "List everyone in people.md" wants something out of a file, and no files listed."""
    files = [one for one in marked.places if one.kind == "path" and "." in one.text.rpartition("/")[2]]
    return bool(files) and len(files) == len(marked.places) and bool(topic_of(marked, match.end))


MOST_LISTED = 20
"""Notes that are listed where it is asked what is remembered at all."""
_EVERYTHING = re.compile(
    r"(?:都|还|我)*(?:有|了|过)?(?:些)?(?:什么|哪些|啥)(?:东西|事情?|内容|笔记)?|所有的?(?:事情?|内容|笔记|东西)?|一切|全部|"
    r"我(?:的(?:事情?|一切|所有事))?|(?:your|the|my)\s+(?:notes|memory|memories)|so far|by now",
    re.IGNORECASE,
)


def rule_recall(job: Job, marked: Marked, match: Match, outcome: Outcome) -> Steps:
    """Look into what earlier runs noted."""
    quotes = marked.of("quote")
    query = quotes[0].text if quotes else marked.text[match.end :]
    query = re.sub(
        r"^(?:\s*(?:about|of|on|what|everything|anything|all|that|you know|is known|we know|"
        r"一下|关于|有关|我们?|的)(?![A-Za-z]))+\s*"
        r"|的(?:内容|事情?|信息)?\s*$",
        "",
        query,
        flags=re.IGNORECASE,
    ).strip(" ,.?？。，:：")
    if match.tool is None:
        outcome.failed.append(job.say("not_offered"))
        return
    name = next((one.name for one in parameters(match.tool) if one.kind == "text"), "query")
    arguments: dict[str, JSON] = {name: query}
    line = job.say("recall", what=short(query))
    if not terms(query) or _EVERYTHING.fullmatch(query):
        arguments = {name: "", "count": MOST_LISTED} if has(match.tool, "count") else {name: ""}
        line = job.say("recall_all")
    result = yield from job.call(outcome, match.tool.name, arguments, line)
    if result.ok:
        job.find(Finding(source=match.tool.name, kind="plain", text=result.text))
        outcome.show(cut(result.text))


def rule_any(job: Job, marked: Marked, match: Match, outcome: Outcome) -> Steps:
    """Call a tool by its schema; several documents for a tool that takes one make several calls."""
    tool = match.tool
    if tool is None:
        outcome.failed.append(job.say("not_offered"))
        return
    filled = fill(tool, marked, start=match.start, end=match.end)
    paths = [one for one in parameters(tool) if one.kind == "path"]
    needed = [one for one in paths if one.required]
    intents = [dict(filled.arguments)]
    if len(needed) == 1 and set(filled.missing) <= {needed[0].name}:
        several = len(marked.places) > 1 or marked.of("pattern") or speaks_of_files_in(marked)
        if several or needed[0].name in filled.missing:
            harmless = tool.effect in ("read", "fetch")
            asked = wanted(marked)
            unnamed = not asked or (asked[0].path == "" and not marked.places)
            if not harmless and (unnamed or any(one.glob == "**/*" for one in asked)):
                # What was spoken of before may be read for "it"; a file is changed only where it is named itself.
                outcome.failed.append(job.say("vague"))
                return
            found = yield from documents(job, outcome, marked)
            found = found or (list(job.mentioned) if harmless and not outcome.failed else [])
            intents = [filled.arguments | {needed[0].name: path} for path in found]
            if outcome.failed:
                return
        if not intents:
            outcome.failed.append(job.say("missing", tool=tool.name, what=needed[0].name))
            return
    elif filled.missing:
        outcome.failed.append(job.say("missing", tool=tool.name, what=", ".join(filled.missing)))
        return
    elif filled.others:
        name, values = filled.others
        intents += [filled.arguments | {name: value} for value in values]
    yield from call_each(job, tool, intents, outcome)


CHANGES = ("edit_file", "move_file", "delete_file")
"""Tools whose result only tells of a change: it is nothing to be written elsewhere."""


def call_each(job: Job, tool: ToolDescription, intents: Sequence[dict[str, JSON]], outcome: Outcome) -> Steps:
    """Call a tool with each of these arguments, and tell what came of it; what changes something goes out alone."""
    lines = [job.say("call", what=short(f"{tool.name}({_told(arguments)})", 100)) for arguments in intents]
    wanted = [Intent(tool=tool.name, arguments=arguments) for arguments in intents]
    results: list[Result] = []
    if tool.effect in ("read", "fetch"):
        results = yield from job.calls(outcome, wanted, lines)
    else:
        for one, line in zip(wanted, lines, strict=True):
            results += yield from job.calls(outcome, [one], [line])
    for arguments, result in zip(intents, results, strict=True):
        if result.ok:
            source = next((str(arguments[key]) for key in arguments if key in ("path", "url", "query")), tool.name)
            fetched = tool.effect == "fetch" and len(result.text) > 400
            if tool.name not in CHANGES:
                job.find(Finding(source=source, kind="text" if fetched else "plain", text=result.text))
            outcome.show(cut(result.text))
            if tool.name in CHANGES[1:]:
                job.gone |= {str(arguments.get(key)) for key in ("path", "source") if key in arguments}
            job.mention(
                [
                    str(arguments[key])
                    for key in ("target", "path")
                    if key in arguments and arguments[key] not in job.gone
                ][:1]
            )


def _told(arguments: Mapping[str, JSON]) -> str:
    return ", ".join(f"{name}={short(str(value), 40)}" for name, value in arguments.items())


Rule = Callable[[Job, Marked, Match, Outcome], Steps]

RULES: Mapping[str, Rule] = {
    "summarise": rule_summarise,
    "read": rule_read,
    "list": rule_list,
    "search": rule_search,
    "recall": rule_recall,
    "remember": rule_remember,
    "write": rule_write,
    "append": rule_append,
    "combine": rule_combine,
}
"""By the meaning of the verb; what is not here is called by its schema, or written (`writing`)."""
