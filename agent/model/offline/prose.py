"""The sentences of a document as a tool showed it, each with what it hangs on.

Lines of a paragraph are joined where its prose goes on; a log, a list of short lines or a table of bare words has none,
and there every line stands for a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from agent.model.offline.words import IDEOGRAPH, sentences, terms


@dataclass(frozen=True, slots=True)
class Quote:
    """A sentence, without marks of lists and emphasis. `above` is what it hangs on: the heading that it stands under,
    and the sentence before it where that asks something, or where this one begins with a word such as "she". `place` is
    where it stands in a document of pages, slides, sheets or the like: `page 3`."""

    text: str
    above: str = ""
    place: str = ""


_PART = re.compile(r"^\[((?:page|slide|chapter|cell|sheet|rows) [^\[\]]+)\]$")
"""A line in which a tool that reads documents says which part of one begins."""
_FENCE = re.compile(r"^\s*(?:```|~~~)")
ABOUT_THE_RESULT = re.compile(
    r"read_artifact\(|^\[(?:lines?|bytes|line|characters|\d+ characters|summary of|decoded from|read as)\b.*\]$|"
    r"^\((?:the file is empty|no files|nothing found|nothing relevant is remembered|nothing is remembered yet)\)$",
    re.IGNORECASE,
)
"""A line in which a tool speaks of its result."""
_UNFINISHED = re.compile(
    r"^\W*(?:TODO|TBD|FIXME)\b|待补充|此处省略|lorem ipsum|<\s*(?:insert|add|todo)\b", re.IGNORECASE
)
_PLACE = re.compile(r"\s*[(（](?:lines?|第)\s*\d+(?:\s*行)?[)）]\s*$")
_CITED = re.compile(r"\s*[(（]((?:page|slide|chapter|cell|sheet|rows) [^()（）]+)[)）]\s*$")
"""How a summary tells at the end of a line where in a document of pages or the like it stands."""
_LINE_NUMBER = re.compile(r"^\s*\d+\s*[:|\t│]\s?")
_ITEM = re.compile(r"^\s*(?:[-*+•·]|\d{1,3}[.)])\s+")
_HEADING = re.compile(r"^\s*#{1,6}\s+(?P<words>.+?)\s*#*$")
_END = re.compile(r"[.!?。！？…:：;；][\"'”’」』)）\]]*$")
_RECORD = re.compile(
    r"\[?(?:\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}:\d{2})\b|\[[A-Z]{3,}\]|(?:INFO|WARN(?:ING)?|ERROR|DEBUG|FATAL|TRACE)\b|"
    r"[^\s:：]{1,24}(?:[:=]\s|：)\S"
)
"""How a line of a log, or of `name: value`, begins."""
_HANGS = re.compile(
    r"(?:she|he|it|they|this|that|these|those|there|her|his|its|their|both|also)\b|[他她它这那其该此]|另外|同时|也",
    re.IGNORECASE,
)


def prose(text: str) -> list[str]:
    """The sentences of a document: no headings, tables, code, and no words about the result."""
    return [one.text for one in quotes(text)]


def quotes(text: str) -> list[Quote]:
    """The sentences of a document with what each hangs on; of a document without any, its first lines."""
    found: list[Quote] = []
    before, heading = "", ""
    for title, place, block in _blocks(text):
        if title != heading:
            before, heading = "", title
        for one in (_clean(piece) for piece in sentences(block) if _is_worth(piece)):
            hangs = before.endswith(("?", "？")) or bool(_HANGS.match(one))
            found.append(Quote(one, f"{heading}\n{before}" if hangs else heading, place))
            before = one
    return found or [Quote(line) for line in _first_lines(text)]


def _first_lines(text: str) -> list[str]:
    """Of a table or a list of bare words, which has no sentences: its first lines."""
    lines = (_LINE_NUMBER.sub("", line).strip() for line in text.split("\n") if not ABOUT_THE_RESULT.search(line))
    return [line[:300] for line in lines if terms(line) and not (_UNFINISHED.search(line) or _PART.match(line))][:8]


def _blocks(text: str) -> Iterator[tuple[str, str, str]]:
    """Paragraphs and list items, each behind its heading and the part of the document that it stands in; a line break
    that is left in one ends a sentence."""
    lines = text.replace("\r\n", "\n").split("\n")
    filled = [line for line in lines if line.strip()]
    numbered = bool(filled) and sum(bool(_LINE_NUMBER.match(line)) for line in filled) > 0.8 * len(filled)
    paragraph: list[str] = []
    heading, place, cited, fenced = "", "", "", False
    paged, summary = _is_paged(lines), any(line.startswith("[summary of") for line in lines)
    for raw in lines:
        line = _LINE_NUMBER.sub("", raw) if numbered else raw
        if _FENCE.match(line):
            fenced = not fenced
        title = None if fenced else _HEADING.match(line)
        part = _PART.match(line) if paged and not fenced else None
        skipped = (
            part
            or fenced
            or _FENCE.match(line)
            or not line.strip()
            or line.lstrip().startswith(("#", "|", ">", "---", "==="))
        )
        if (skipped or _ITEM.match(line) or ABOUT_THE_RESULT.search(line)) and paragraph:
            yield heading, cited or place, _joined(paragraph)
            paragraph, cited = [], ""
        if part is not None:
            heading, place = "", part[1]
        if title is not None:
            heading = title["words"]
        if not skipped and not ABOUT_THE_RESULT.search(line):
            if summary and (found := _CITED.search(line)) is not None:
                cited, line = found[1], line[: found.start()]
            paragraph.append(_PLACE.sub("", _ITEM.sub("", line)).strip())
    if paragraph:
        yield heading, cited or place, _joined(paragraph)


def _is_paged(lines: Sequence[str]) -> bool:
    """Does a tool say of this text that it was a document of another kind, or that parts of it begin?"""
    return any(line.startswith("[read as text:") or _PART.match(line) for line in lines[:3])


def _joined(lines: Sequence[str]) -> str:
    running = any(_END.search(line) for line in lines)
    longest = max(map(len, lines))
    text = lines[0]
    for before, line in pairwise(lines):
        if not _goes_on(before, line, running=running, longest=longest):
            text += "\n" + line
        elif text[-1:] > "\u2e7f" and line[:1] > "\u2e7f":
            text += line
        else:
            text += " " + line
    return text


def _goes_on(before: str, line: str, *, running: bool, longest: int) -> bool:
    """Does a line go on with the sentence of the line before? `running`: some line of the paragraph has an end mark;
    `longest`: characters of its longest line, beside which a line that was broken is not short: that is a heading."""
    if _RECORD.match(line):
        return False
    if _END.search(before) or before.endswith((",", "，", "、", "-")) or line[:1].islower():
        return True
    unspaced = bool(re.search(f"[{IDEOGRAPH}]$", before)) and 2 * len(before) >= longest
    return running and (unspaced or len(before) >= 40)


def _clean(sentence: str) -> str:
    plain = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", sentence)
    return re.sub(r"(\*\*|__)(?=\S)(.+?)(?<=\S)\1", r"\2", plain).strip().lstrip("→⇒•·–—> ")


_SEVERAL = re.compile(r"[^\W\d_]{2,}.*[^\w].*[^\W_]{2,}|[\u3040-\u30ff\u3400-\u9fff]{3,}")


def _is_worth(sentence: str) -> bool:
    return len(sentence) <= 600 and _SEVERAL.search(sentence) is not None and not _UNFINISHED.search(sentence)
