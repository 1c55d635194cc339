"""Briefs: put together from sentences of the sources, each told with where it stands, and nothing invented."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from agent.model.offline.findings import Finding, Sentence, best, ranked, unread
from agent.model.offline.transcript import Note
from agent.model.offline.wording import say
from agent.model.offline.words import is_chinese

SENTENCES = 5
"""How many sentences a source gives, where nothing else is asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What the user said of the text. `sentences`: how many in all; `least` and `most`: words (or characters of
    Chinese; with `letters` characters in any language); `each`: so
    many sentences of every source; `wanted`: patterns of which every source's matching sentences are
    to be quoted."""

    title: str = ""
    topic: str = ""
    sentences: int | None = None
    least: int = 0
    most: int | None = None
    letters: bool = False
    each: bool = False
    least_bytes: int = 0
    wanted: tuple[str, ...] = ()


def brief(findings: Sequence[Finding], wish: Wish, *, notes: Sequence[Note] = (), chinese: bool) -> str:
    """A brief in Markdown: key points, a section for each source, notes from before, and who composed it.

    It grows until it has the length that was wished for, or nothing is left to quote. Where a number of sentences or a
    greatest length is wished for, it holds the sentences alone, and of the rest what there is room for.
    """
    sentences = ranked(findings, topic=wish.topic)
    told = _is_told_in_chinese(sentences, chinese=chinese)
    if is_limited(wish):
        return _compact(findings, sentences, wish, chinese=told)
    per_source = SENTENCES + (3 if wish.topic else 0)  # of a topic little is said, and all of it counts
    text = _brief(findings, sentences, wish, per_source, notes, chinese=told)
    most = max(
        (sum(one.source == source for one in sentences) for source in {one.source for one in sentences}), default=0
    )
    while _too_short(text, wish) and per_source < most:
        per_source = min(most, per_source * 2)
        text = _brief(findings, sentences, wish, per_source, notes, chinese=told)
    return text


def is_limited(wish: Wish) -> bool:
    """Is a number of sentences or a greatest length wished for?"""
    return wish.sentences is not None or wish.most is not None


def fitting(sentences: Sequence[Sentence], wish: Wish, *, count: int = SENTENCES) -> list[Sentence]:
    """The best sentences, in their order, as many as were wished for and (where they fit) in the length that was wished
    for; empty where not even the shortest fits."""
    count = wish.sentences or count
    if wish.each:
        sources = dict.fromkeys(one.source for one in sentences)
        return [one for source in sources for one in best([each for each in sentences if each.source == source], count)]
    if wish.most is None:
        return best(sentences, count)
    chosen: list[Sentence] = []
    left = wish.most
    for one in sorted(best(sentences, len(sentences)), key=lambda sentence: -sentence.score):
        size = measured(one.text, wish)
        if size <= left and len(chosen) < count:
            chosen.append(one)
            left -= size
    return [one for one in sentences if one in chosen]


def measured(text: str, wish: Wish) -> int:
    """The length of a text as it was wished for: in words, or in characters."""
    return len(text) if wish.letters else length(text)


def _compact(findings: Sequence[Finding], sentences: Sequence[Sentence], wish: Wish, *, chinese: bool) -> str:
    chosen = fitting(sentences, wish)
    several = len({one.source for one in chosen}) > 1
    lines = [f"- {cited(one, several=True)}" for one in chosen] if several else [cited(one) for one in chosen]
    plain = [finding.text.strip() for finding in findings if finding.kind == "plain"]
    body = "\n".join([*lines, *plain])
    sources = ", ".join(dict.fromkeys(one.source for one in chosen))
    source = _source_line(sources, chinese=chinese)
    signed = f"---\n\n*{say('signed', chinese=chinese)}*"
    frames = ((f"# {wish.title}", body, source, signed), (body, source), (body,))
    texts = ["\n\n".join(frame) + "\n" for frame in frames]
    most = wish.most
    return next((text for text in texts if most is None or measured(text, wish) <= most), texts[-1])


def _is_told_in_chinese(sentences: Sequence[Sentence], *, chinese: bool) -> bool:
    """The language of most sources; the goal's where neither has more."""
    texts: dict[str, str] = {}
    for one in sentences:
        texts[one.source] = texts.get(one.source, "") + " " + one.text
    votes = [is_chinese(text) for text in texts.values()]
    return chinese if 2 * sum(votes) == len(votes) else 2 * sum(votes) > len(votes)


def is_long_enough(text: str, wish: Wish) -> bool:
    """Has a text the length that was wished for?"""
    return not _too_short(text, wish)


def _too_short(text: str, wish: Wish) -> bool:
    return len(text.encode("utf-8", "replace")) < wish.least_bytes or length(text) < wish.least


def length(text: str) -> int:
    """Words of a text; each Chinese character is one."""
    return len(re.findall(r"[\u3400-\u9fff]|[^\W\u3400-\u9fff]+", text))


def _brief(
    findings: Sequence[Finding],
    sentences: Sequence[Sentence],
    wish: Wish,
    per_source: int,
    notes: Sequence[Note],
    *,
    chinese: bool,
) -> str:
    sources = list(dict.fromkeys(finding.source for finding in findings))
    chosen = {source: _chosen(sentences, source, per_source, wish) for source in sources}
    several = sum(bool(chosen[source]) for source in sources) > 1
    points = _points([chosen[source] for source in sources if chosen[source]])
    lines = [f"# {wish.title}"]
    if points:
        lines += ["", f"## {say('points', chinese=chinese)}", ""]
        lines += [f"- {cited(one, several=several)}" for one in points]
    sections = {source: _section(source, findings, chosen[source], points, chinese=chinese) for source in sources}
    lines += [line for section in sections.values() for line in section]
    if bare := [source for source, section in sections.items() if not section]:
        lines += ["", _source_line(", ".join(bare), chinese=chinese)]
    if cut := unread(findings):
        told = [f"- {say('cut', chinese=chinese, what=source, extent=far)}" for source, far in cut.items()]
        lines += ["", *told]
    if notes:
        lines += ["", f"## {say('known', chinese=chinese)}", "", *(f"- {note.text} ({note.date})" for note in notes)]
    lines += ["", "---", "", f"*{say('signed', chinese=chinese)}*", ""]
    return "\n".join(lines)


def _chosen(sentences: Sequence[Sentence], source: str, count: int, wish: Wish) -> list[Sentence]:
    mine = [one for one in sentences if one.source == source]
    kept = best(mine, count, alike=count > SENTENCES)
    wanted = [one for one in mine if any(_matches(pattern, one.text) for pattern in wish.wanted)]
    return [one for one in mine if one in kept or one in wanted]


def _matches(pattern: str, text: str) -> bool:
    try:
        return re.search(pattern, text) is not None
    except re.error:
        return False


def _points(chosen: Sequence[Sequence[Sentence]]) -> list[Sentence]:
    """The best sentences of every source: three of one, two each of two, one each of more."""
    each = {1: 3, 2: 2}.get(len(chosen), 1)
    found: list[Sentence] = []
    for one in chosen:
        top = sorted(one, key=lambda sentence: -sentence.score)[:each]
        found += [sentence for sentence in one if sentence in top]
    return found


_ENDS = (*".!?。！？…”\"')）」』",)
"""What ends a sentence: lines without it are told as a list."""


def _section(
    source: str,
    findings: Sequence[Finding],
    chosen: Sequence[Sentence],
    points: Sequence[Sentence],
    *,
    chinese: bool,
) -> list[str]:
    plain = [finding.text.strip() for finding in findings if finding.source == source and finding.kind == "plain"]
    rest = [one for one in chosen if one not in points]
    if not rest and not plain:
        return []
    lines = ["", f"## {source}", ""]
    if rest:
        joined = "" if is_chinese(rest[0].text) else " "
        running = all(one.text.endswith(_ENDS) and not one.part for one in rest)
        lines += [joined.join(one.text for one in rest)] if running else [f"- {cited(one)}" for one in rest]
        lines.append("")
    for text in plain:
        lines += [text, ""]
    return [*lines, _source_line(source, chinese=chinese)]


_CHINESE_PARTS = {
    "page": "第 {} 页",
    "slide": "第 {} 张幻灯片",
    "chapter": "第 {} 章",
    "cell": "第 {} 个单元",
    "sheet": "工作表 {}",
}


def cited(one: Sentence, *, several: bool = False) -> str:
    """A sentence with where it stands: its source where there are `several`, and the page or the like."""
    part, source = one.part, one.source if several else ""
    if not (part or source):
        return one.text
    if not is_chinese(one.text):
        return f"{one.text} ({', '.join(filter(None, (source, part)))})"
    kind, _, number = part.partition(" ")
    part = _CHINESE_PARTS[kind].format(number) if kind in _CHINESE_PARTS else part
    return f"{one.text}（{'，'.join(filter(None, (source, part)))}）"


def _source_line(sources: str, *, chinese: bool) -> str:
    return f"{say('source', chinese=chinese)}{'：' if chinese else ': '}{sources}"
