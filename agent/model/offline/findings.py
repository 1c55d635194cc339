"""What results hold: sentences worth quoting, each with its source; and names of files in a listing."""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from agent.model.offline.words import sentences, terms


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What a call found. `source` is a path, an address or a tool's name; `text` the result as it was shown.

    `kind`: "summary" and "text" are prose from a document, "plain" is a tool's answer, to be kept as it is.
    """

    source: str
    kind: Literal["summary", "text", "plain"]
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """A sentence of a source. `place` is its place among the source's sentences, `score` how central it is."""

    text: str
    source: str
    place: int
    score: float


_FENCE = re.compile(r"^\s*(?:```|~~~)")
_ABOUT_THE_RESULT = re.compile(
    r"read_artifact\(|^\[(?:lines?|bytes|line|characters|\d+ characters|summary of|decoded from|read as)\b.*\]$|"
    r"^\((?:the file is empty|no files|nothing found|nothing relevant is remembered)\)$",
    re.IGNORECASE,
)
_UNFINISHED = re.compile(
    r"^\W*(?:TODO|TBD|FIXME)\b|待补充|此处省略|lorem ipsum|<\s*(?:insert|add|todo)\b", re.IGNORECASE
)
_PLACE = re.compile(r"\s*[(（](?:lines?|第)\s*\d+(?:\s*行)?[)）]\s*$")
_LINE_NUMBER = re.compile(r"^\s*\d+\s*[:|\t│]\s?")
_ITEM = re.compile(r"^\s*(?:[-*+•·]|\d{1,3}[.)])\s+")


def prose(text: str) -> list[str]:
    """The sentences of a document as a tool showed it: no headings, tables, code, and no words about the result."""
    found: list[str] = []
    for block in _blocks(text):
        found += [_clean(one) for one in sentences(block) if _is_worth(one)]
    return found or _first_lines(text)


def _first_lines(text: str) -> list[str]:
    """Of a table or a list of bare words, which has no sentences: its first lines."""
    lines = (_LINE_NUMBER.sub("", line).strip() for line in text.split("\n") if not _ABOUT_THE_RESULT.search(line))
    return [line[:300] for line in lines if terms(line) and not _UNFINISHED.search(line)][:8]


def _blocks(text: str) -> Iterator[str]:
    """Paragraphs and list items, their lines joined."""
    lines = text.replace("\r\n", "\n").split("\n")
    filled = [line for line in lines if line.strip()]
    numbered = bool(filled) and sum(bool(_LINE_NUMBER.match(line)) for line in filled) > 0.8 * len(filled)
    paragraph: list[str] = []
    fenced = False
    for raw in lines:
        line = _LINE_NUMBER.sub("", raw) if numbered else raw
        if _FENCE.match(line):
            fenced = not fenced
        skipped = (
            fenced or _FENCE.match(line) or not line.strip() or line.lstrip().startswith(("#", "|", ">", "---", "==="))
        )
        if (skipped or _ITEM.match(line) or _ABOUT_THE_RESULT.search(line)) and paragraph:
            yield _joined(paragraph)
            paragraph = []
        if not skipped and not _ABOUT_THE_RESULT.search(line):
            paragraph.append(_PLACE.sub("", _ITEM.sub("", line)).strip())
    if paragraph:
        yield _joined(paragraph)


def _joined(lines: Sequence[str]) -> str:
    text = lines[0]
    for line in lines[1:]:
        text += line if text[-1:] > "\u2e7f" and line[:1] > "\u2e7f" else " " + line
    return text


def _clean(sentence: str) -> str:
    plain = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", sentence)
    return re.sub(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1", r"\2", plain).strip().lstrip("→⇒•·–—> ")


_SEVERAL = re.compile(r"[^\W\d_]{2,}.*[^\w].*[^\W_]{2,}|[\u3040-\u30ff\u3400-\u9fff]{3,}")


def _is_worth(sentence: str) -> bool:
    return len(sentence) <= 600 and _SEVERAL.search(sentence) is not None and not _UNFINISHED.search(sentence)


def ranked(findings: Sequence[Finding], *, topic: str = "") -> list[Sentence]:
    """Every sentence of the findings once, scored; sentences in the order of their sources.

    A sentence scores by how common its words are in all that was found, by standing early, and by the topic's words.
    """
    texts: dict[tuple[str, str], int] = {}
    for finding in findings:
        if finding.kind != "plain":
            for place, text in enumerate(prose(finding.text)):
                texts.setdefault((finding.source, text), place)
    words = {key: set(terms(key[1])) for key in texts}
    common = Counter(term for found in words.values() for term in found)
    wanted = set(terms(topic))
    scored: list[Sentence] = []
    for (source, text), place in texts.items():
        found = words[(source, text)]
        weight = sum(math.log1p(common[term]) for term in found) / math.sqrt(len(found) + 3)
        on_topic = 4.0 * len(wanted & found) / len(wanted) if wanted else 0.0
        digits = 0.3 if re.search(r"\d", text) else 0.0
        score = weight + 1.0 / (1 + place) + on_topic + digits
        scored.append(Sentence(text=text, source=source, place=place, score=round(score, 6)))
    return scored


def best(found: Sequence[Sentence], count: int, *, alike: bool = False) -> list[Sentence]:
    """The highest scored sentences, in the order in which they came; those that repeat others only with `alike`."""
    chosen: list[Sentence] = []
    seen: list[set[str]] = []
    for one in sorted(found, key=lambda sentence: -sentence.score):
        words = set(terms(one.text))
        if alike or all(len(words & other) < 0.7 * min(len(words), len(other)) or not other for other in seen):
            chosen.append(one)
            seen.append(words)
            if len(chosen) >= count:
                break
    return [one for one in found if one in chosen]


def coverage(question: str, text: str) -> float:
    """Which part of a question's words stand in a text, between 0 and 1."""
    wanted = set(terms(question))
    return len(wanted & set(terms(text))) / len(wanted) if wanted else 0.0


_LISTED = re.compile(
    r"^[-*•]?\s*(?:\[?(?:file|文件)\]?[:\s]\s*)?(?P<path>[^\t]+?)"
    r"(?:\t.*|\s{2,}.*|\s+[(（\[].*|\s+\d[\d.,]*\s?(?:B|bytes?|[kKMG]i?B|字节)\b.*|\s+[—–-]\s.*|[,:]\s.*)?$"
)


def listed(text: str) -> list[str]:
    """The files that a listing names, whatever its form: JSON, or a path a line with sizes behind it."""
    found: list[str] = []
    try:
        value = json.loads(text)
    except ValueError:
        value = None
    for one in _walk(value) if isinstance(value, list | dict) else _lines(text):
        name = one.strip().strip("\"'`").replace("\\", "/").removeprefix("./")
        if name and not name.endswith("/") and re.search(r"[^/.]\.[A-Za-z0-9]{1,8}$|^[A-Z][A-Za-z]+$", name):
            found.append(name)
    return list(dict.fromkeys(found))


def _lines(text: str) -> Iterator[str]:
    for line in text.split("\n"):
        match = _LISTED.match(line.strip())
        if match is not None and not _ABOUT_THE_RESULT.search(line):
            yield match["path"]


def _walk(value: object) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, list):
        for one in value:
            yield from _walk(one)
    elif isinstance(value, dict):
        named = next((value[key] for key in ("path", "file", "name") if isinstance(value.get(key), str)), None)
        if named is not None and not value.get("folder"):
            yield str(named)
        elif named is None:
            for one in value.values():
                yield from _walk(one)
