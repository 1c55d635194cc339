"""The documents that a sub-goal speaks of: by path, by folder and wildcard, by a part of their names, as "it"."""

from __future__ import annotations

import re
from collections.abc import Generator, Sequence, Set

from agent.model.offline.intents import Outcome, Wants
from agent.model.offline.listing import listed, meant
from agent.model.offline.marks import BLANK, Mark, Marked, mark
from agent.model.offline.script import Job, list_arguments, spelt
from agent.model.offline.sources import MOST_FILES, Wanted, chosen, speaks_of_a_folder, wanted
from agent.model.offline.transcript import Result
from agent.model.offline.wishes import topic_of
from agent.model.offline.words import is_chinese

_PRONOUNS = re.compile("一下|它们?|其|此|这个?|那个?|给我|我|请|把|将|吧")
_Paths = Generator[Wants, list[Result], list[str]]


def documents(job: Job, outcome: Outcome, marked: Marked, *, without: Mark | None = None) -> _Paths:
    """The documents that a sub-goal speaks of; folders and wildcards are listed first. Those spoken of before stand for
    "it" and "the documents"; empty where there is none."""
    asked = wanted(marked, without=without)
    # "Every file" is each of those spoken of before, if there were any; "all files" are all that there are.
    everything = re.search(r"\b(?:all|everything)\b|所有|全部", marked.masked, re.IGNORECASE)
    if asked and asked[0].path == "" and not everything and job.mentioned and not marked.places:
        return job.mentioned
    if asked and asked[0].path == "" and not marked.places and (named := (yield from general_folder(job, marked))):
        asked = [Wanted(named, f"{named}/{(asked[0].glob or '**/*')}")]
    found: list[str] = []
    for one in asked:
        if one.glob is None and _may_be_a_folder(one.path) and (yield from is_a_folder(job, one.path)):
            one = Wanted(one.path, f"{one.path}/**/*")
        if one.glob is None:
            found.append(one.path)
        else:
            found += yield from _listed(job, outcome, one, marked)
    left_out = {spelt(one) for one in marked.left_out}
    found = [one for one in dict.fromkeys(found) if not _is_left_out(one, left_out)]
    job.mention(found)
    return found


_GENERAL = re.compile(
    r"(?<!\bthe )(?<!\ball )(?<!\bmy )(?<!\bevery )(?<!\beach )(?<!\bthese )(?<!\bour )"
    r"\b(documents|docs|notes|texts|reports|papers)\b(?!\s+(?:in|under|from|about|on|of|that|which)\b)",
    re.IGNORECASE,
)


def general_folder(job: Job, marked: Marked, *, behind: int = -1) -> Generator[Wants, list[Result], str]:
    """The folder that a sub-goal calls by a general word without an article ("list documents"), "" where there is no
    such folder. With `behind`, the end of its verb, only a word right there counts."""
    word = _GENERAL.search(marked.masked) if behind < 0 else _GENERAL.match(marked.masked, behind + 1)
    return word[1] if word is not None and (yield from is_a_folder(job, word[1])) else ""


_WITHOUT_ENDING = re.compile(r"(?:^|/)(?:[^/]*\.[^/]*|README|LICEN[SC]E|CHANGELOG|CONTRIBUTING|AUTHORS|\w+file)$")


def _may_be_a_folder(path: str) -> bool:
    """Has a path no ending, so that it may be a folder?"""
    return _WITHOUT_ENDING.search(path) is None


def _is_left_out(path: str, names: Set[str]) -> bool:
    """Is a file, or a folder that it lies in, among these names? A bare name is that of a file in any folder."""
    folders = {path[:at] for at, sign in enumerate(path) if sign == "/"}
    return bool(names & {path, path.rpartition("/")[2], *folders})


_BARE = re.compile(
    rf"\s*(?:the\s+|my\s+)?(?P<name>(?!(?:it|them|this|that|these|those|all|everything)\b)[A-Za-z][\w\-]+)/?"
    rf"(?=\s*(?:$|[,.;!]|{BLANK})|\s+(?:to|into|in|as|and|with|for)\b)",
    re.IGNORECASE,
)
"""A general word ("documents") that may be the very name of a folder."""


def documents_meant(job: Job, outcome: Outcome, marked: Marked, *, start: int, end: int) -> _Paths:
    """The documents whose names a sub-goal without any path speaks of: "the bee notes", 会议记录. Where none is called
    so, it is told which there are; `start` and `end` are the place of the verb."""
    bare = _BARE.match(marked.masked[end:])
    if bare is not None and not topic_of(mark(bare["name"]), 0) and (yield from is_a_folder(job, bare["name"])):
        return (yield from _listed(job, outcome, Wanted(bare["name"], f"{bare['name']}/**/*"), marked))
    words = f"{marked.masked[:start]} {marked.masked[end:]}".replace(BLANK, " ")
    folder = speaks_of_a_folder(words)
    if not folder and not topic_of(mark(words), 0) and not is_chinese(_PRONOUNS.sub("", words)):
        return []
    names = yield from _all(job, outcome)
    found = meant(words, names) or (names if folder else [])
    if not found and names and not outcome.failed:
        outcome.failed.append(job.say("not_called", what=", ".join(names[:8])))
    return _capped(job, outcome, found)


def is_a_folder(job: Job, name: str) -> Generator[Wants, list[Result], bool]:
    """Is there a folder of this name with files in it?"""
    tool = job.tools.for_concept("list")
    if tool is None:
        return False
    asked = list_arguments(job.tools, Wanted(name, f"{name}/**/*"))
    aside = Outcome(text=name)
    result = yield from job.call(aside, tool.name, asked, job.say("list", what=name))
    return result.ok and bool(listed(result.text))


def lies_there(job: Job, name: str) -> Generator[Wants, list[Result], bool]:
    """Is there a folder of this name, whatever is in it?"""
    tool = job.tools.for_concept("list")
    if tool is None:
        return False
    asked = list_arguments(job.tools, Wanted(name, f"{name}/**/*"))
    result = yield from job.call(Outcome(text=name), tool.name, asked, job.say("list", what=name))
    return result.ok and f"{name}/" in result.text


def files_at(job: Job, places: Sequence[str]) -> _Paths:
    """The files at some places: those of a folder, and a file itself."""
    tool = job.tools.for_concept("list")
    found: list[str] = []
    for place in places:
        one = Wanted(place, f"{place}/**/*")
        aside = Outcome(text=place)
        if tool is not None and _may_be_a_folder(place):
            line = job.say("list", what=place)
            result = yield from job.call(aside, tool.name, list_arguments(job.tools, one), line)
            found += chosen(result.text, one, leave_out=sorted(job.targets))[0] if result.ok else []
        else:
            found.append(place)
    return list(dict.fromkeys(found))[:MOST_FILES]


def named_so(job: Job, words: str) -> Generator[Wants, list[Result], tuple[list[str], list[str]]]:
    """The files that words speak of by their names, and all that there are."""
    names = yield from _all(job, Outcome(text=words))
    return meant(words, names)[:MOST_FILES], names


def _listed(job: Job, outcome: Outcome, one: Wanted, marked: Marked) -> _Paths:
    tool = job.tools.for_concept("list")
    if tool is None:
        outcome.failed.append(job.say("not_offered"))
        return []
    aside = Outcome(text=outcome.text)
    line = job.say("list", what=one.path or job.say("workspace"))
    result = yield from job.call(aside, tool.name, list_arguments(job.tools, one), line)
    if not (result.ok and listed(result.text)) and one.path and not marked.places:
        # What only the words call a folder may be a part of the name of one.
        names = yield from _all(job, aside)
        if found := meant(one.path, names):
            return _capped(job, outcome, found)
    outcome.failed += aside.failed
    if not result.ok:
        return []
    names, skipped = chosen(result.text, one, leave_out=sorted(job.targets))
    if skipped:
        outcome.done.append(job.say("skipped", what=", ".join(skipped[:5])))
    if not names:
        outcome.failed.append(job.say("no_files", what=one.glob or one.path))
    return _capped(job, outcome, names)


def _all(job: Job, outcome: Outcome) -> _Paths:
    """Every text file of the workspace that the run is not to write."""
    tool = job.tools.for_concept("list")
    if tool is None:
        outcome.failed.append(job.say("not_offered"))
        return []
    everything = Wanted("", "**/*")
    aside = Outcome(text=outcome.text)
    line = job.say("list", what=job.say("workspace"))
    result = yield from job.call(aside, tool.name, list_arguments(job.tools, everything), line)
    return chosen(result.text, everything, leave_out=sorted(job.targets))[0] if result.ok else []


def _capped(job: Job, outcome: Outcome, names: Sequence[str]) -> list[str]:
    if len(names) > MOST_FILES:
        outcome.failed.append(job.say("too_many", count=MOST_FILES, total=len(names)))
    job.expanded.update(names)
    job.mention(names[:MOST_FILES])
    return list(names[:MOST_FILES])


def is_there(job: Job, path: str) -> Generator[Wants, list[Result], bool]:
    """Is there such a file? True where nothing can tell."""
    tool = job.tools.for_concept("list")
    if tool is None:
        return True
    one = Wanted(path.rpartition("/")[0], path)
    aside = Outcome(text=path)
    result = yield from job.call(aside, tool.name, list_arguments(job.tools, one), job.say("list", what=path))
    names = [
        name if not one.path or name.startswith(f"{one.path}/") else f"{one.path}/{name}"
        for name in listed(result.text)
    ]
    return result.ok and path in names
