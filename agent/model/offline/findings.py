"""What results hold: sentences worth quoting, each with its source, scored."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from agent.model.offline.prose import quotes
from agent.model.offline.weighing import weigh
from agent.model.offline.words import terms


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a call found. `source` is a path, an address or a tool's name; `text` the result as it was shown.

    `kind`: "summary" and "text" are prose from a document, "plain" is a tool's answer, to be kept as it is.
    """

    source: str
    kind: Literal["summary", "text", "plain"]
    text: str

    @property
    def is_a_page(self) -> bool:
        """Is it a page of the web that was opened?"""
        return self.source.startswith(("http://", "https://"))


ONWARD = re.compile(r"\[lines \d+-(?P<last>\d+) of (?P<all>[^\];]*); go on with start_line=(?P<next>\d+)\]\s*$")
"""The end of a page that is not the last: `read_file` says where to go on."""


def extent(page: str) -> str:
    """How far a page of a document that goes on has come: `1-431 / 1800` lines; empty where none follows."""
    found = ONWARD.search(page)
    return f"1-{found['last']} / {found['all']}" if found else ""


def unread(findings: Sequence[Finding]) -> dict[str, str]:
    """The sources of which only the beginning was read, each with how far."""
    last = {one.source: one.text for one in findings if one.kind == "text"}
    return {source: far for source, text in last.items() if (far := extent(text))}


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A sentence of a source. `place` is its place among the source's sentences, `score` how central it is, `above`
    what it hangs on and `part` where it stands in a document of pages or the like (`prose.Quote`)."""

    text: str
    source: str
    place: int
    score: float
    above: str = ""
    part: str = ""


_ALARM = re.compile(r"\b(?:ERROR|FATAL|CRITICAL)\b")
"""Levels in a log that nobody wants left out."""
_HANGING = 0.7
"""What a word is worth that stands only in what a sentence hangs on."""


def ranked(findings: Sequence[Finding], *, topic: str = "") -> list[Sentence]:
    """Every sentence of the findings once, scored; sentences in the order of their sources.

    A sentence scores by how common its words are in all that was found, and by standing early; with a topic above all
    by the topic's words, of which the rare ones weigh more.
    """
    texts: dict[tuple[str, str], tuple[int, str, str]] = {}
    for finding in findings:
        if finding.kind != "plain":
            for place, one in enumerate(quotes(finding.text)):
                # In a summary the sentence before is not the one that stood before it in the document.
                texts.setdefault(
                    (finding.source, one.text), (place, one.above if finding.kind == "text" else "", one.place)
                )
    words = {key: set(terms(key[1])) for key in texts}
    common = Counter(term for found in words.values() for term in found)
    shares = shared(topic, [(key[1], above) for key, (_, above, _) in texts.items()]) if topic else [0.0] * len(texts)
    scored: list[Sentence] = []
    for ((source, text), (place, above, part)), share in zip(texts.items(), shares, strict=True):
        found = words[(source, text)]
        weight = sum(math.log1p(common[term]) for term in found) / math.sqrt(len(found) + 3)
        digits = 0.3 if re.search(r"\d", text) else 0.0
        alarm = 3.0 if _ALARM.search(text) else 0.0
        score = weight + 1.0 / (1 + place) + digits + alarm + 100.0 * share
        whole = round(score, 6)
        scored.append(Sentence(text=text, source=source, place=place, score=whole, above=above, part=part))
    return scored


def shared(topic: str, texts: Sequence[tuple[str, str]]) -> list[float]:
    """Which part of a topic each text has, by the weight of its words over all these texts, between 0 and 1.

    Args:
        topic: Words, of which those without meaning of their own do not count.
        texts: Each text, and what it hangs on.
    """
    wanted = set(terms(topic))
    own = [set(terms(text)) for text, _ in texts]
    weights = weigh(own)
    found: list[float] = []
    for words, (_, above) in zip(own, texts, strict=True):
        with_above = weights.share(wanted, words | set(terms(above))) if above else 0.0
        alone = weights.share(wanted, words)
        found.append(max(alone, alone + _HANGING * (with_above - alone)))
    return found


def best(found: Sequence[Sentence], count: int, *, alike: bool = False) -> list[Sentence]:
    """The highest scored sentences, in the order in which they came; those that repeat others only with `alike`."""
    chosen: list[Sentence] = []
    seen: list[set[str]] = []
    for one in sorted(found, key=lambda sentence: -sentence.score):
        words = matter_of(one.text)
        if alike or not any(repeats(words, other) for other in seen):
            chosen.append(one)
            seen.append(words)
            if len(chosen) >= count:
                break
    return [one for one in found if one in chosen]


def matter_of(text: str) -> set[str]:
    """The words of a sentence by which it is told from others; figures do not count."""
    return {term for term in terms(text) if not term.isdigit()}


def repeats(words: set[str], other: set[str]) -> bool:
    """Do two sentences of these words (of `matter_of`) say the same? Of a word or two only equality tells."""
    few = min(len(words), len(other))
    return words == other and bool(words) if few < 3 else len(words & other) >= 0.8 * few


def coverage(question: str, text: str) -> float:
    """Which part of a question's words stand in a text, between 0 and 1."""
    wanted = set(terms(question))
    return len(wanted & set(terms(text))) / len(wanted) if wanted else 0.0
