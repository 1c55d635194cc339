"""Addresses of pages without their scheme: "Summarise example.org/page", where no such folder lies in the workspace."""

from __future__ import annotations

import re
from collections.abc import Generator

from agent.model.offline.documents import lies_there
from agent.model.offline.intents import Wants
from agent.model.offline.marks import Marked, mark
from agent.model.offline.pages import asked_of_pages
from agent.model.offline.script import Job
from agent.model.offline.transcript import Result
from agent.model.offline.words import IDEOGRAPH

_KINDS = (
    r"com|org|net|edu|gov|mil|int|info|biz|name|museum|wiki|news|blog|site|online|tech|cloud|app|dev|page|example|test|"
    r"(?!(?:js|ts|py|rb|cs|hs|kt|db|gz|xz|go|vb|md)/)[a-z]{2}"
)
"""What a host's name ends with: common domains and those of countries, but for endings that rather are a file's."""
_BARE = re.compile(
    rf"(?<![A-Za-z0-9_@/\\.:~\-])(?P<host>(?:[a-z0-9](?:[a-z0-9\-]*[a-z0-9])?\.)+(?:{_KINDS}))"
    rf"(?:/[^\s<>\"'“”‘’「」《》，。；：！？、（）,;!?(){IDEOGRAPH}]*)(?<![.:\]}}])",
    re.IGNORECASE,
)


def with_schemes(job: Job, marked: Marked) -> Generator[Wants, list[Result], Marked]:
    """A sub-goal whose words `host.tld/path` are addresses, where it wants something of pages and no folder of the
    workspace is called so; else as it was."""
    elsewhere = [one for one in marked.marks if one.kind in ("quote", "assignment", "address") or one.part == "target"]
    found = [
        one
        for one in _BARE.finditer(marked.text)
        if not any(place.start < one.end() and one.start() < place.end for place in elsewhere)
    ]
    text = marked.text
    for one in reversed(found):
        text = f"{text[: one.start()]}https://{text[one.start() :]}"
    if not found or asked_of_pages(named := mark(text), job.tools) is None:
        return marked
    for host in dict.fromkeys(one["host"] for one in found):
        if (yield from lies_there(job, host)):
            return marked
    return named
