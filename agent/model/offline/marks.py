"""What stands out in a sub-goal: quoted words, paths, addresses, numbers, `name=value`, and what part each plays."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from agent.model.offline.lexicon import CHINESE_VERBS, OTHER_CHINESE, PUT_SOMEWHERE, VERBS_OF_ONE_WORD
from agent.model.offline.parts import Part, is_joined, part_of
from agent.model.offline.words import IDEOGRAPH, any_of

BLANK = "\ue000"
"""Stands for each character of what is masked, so that places stay the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """Something that stands out. `text` is its value (without quotes), `start` and `end` its place with them.

    `kind` "pattern" is a path with wildcards, or a folder of which the files are meant. `name` is that of an
    assignment, or the unit of a number. `quoted` tells that the user put it in quotes.
    """

    kind: Literal["quote", "path", "pattern", "address", "number", "assignment"]
    text: str
    start: int
    end: int
    name: str = ""
    quoted: bool = False
    part: Part = "plain"


@dataclass(frozen=True, slots=True)
class Marked:
    """A sub-goal with its marks in order; `masked` is the text with every mark but numbers blanked out. Files that are
    excepted ("but not b.md") are none of its marks: they stand in `left_out`."""

    text: str
    marks: tuple[Mark, ...]
    masked: str
    left_out: tuple[str, ...] = ()

    def of(self, *kinds: str) -> list[Mark]:
        """The marks of these kinds, in order."""
        return [mark for mark in self.marks if mark.kind in kinds]

    @property
    def places(self) -> list[Mark]:
        """Paths and patterns, in order."""
        return self.of("path", "pattern")


_QUOTE = re.compile(
    r"“([^”]*)”|「([^」]*)」|『([^』]*)』|《([^》]*)》|\"([^\"\n]*)\"|`([^`\n]*)`"
    r"|(?<!\w)‘([^’\n]*)’(?!\w)|(?<!\w)'([^'\n]*)'(?!\w)"
)
_IN_ADDRESS = r"(?:(?!(?:https?|ftp)://)[^\s<>\"'“”‘’「」《》，。；（）])+"
_ADDRESS = re.compile(rf"(?:https?|ftp)://{_IN_ADDRESS}|\bwww\.{_IN_ADDRESS}")
_BEHIND_ADDRESS = re.compile(rf"(?<=[A-Za-z0-9])[{IDEOGRAPH}][^/.=&%?#]*$")
"""Words that follow an address without a space: https://example.org/a讲了什么."""
_ASSIGNMENT = re.compile(
    rf"(?<![\w/.\-])([A-Za-z_]\w*)\s?=\s?({BLANK}+|(?:[^\s,;()（），；。{BLANK}]|,(?=[^\s,;=()]+(?:[\s,;)]|$)))+)"
)
_STRUCTURE = re.compile(r"(?<![\w/.\-])([A-Za-z_]\w*)\s?=\s?(?=[\[{])")
_INSIDE = r"[^\s\"'“”‘’`「」《》『』，。；：、！？,;:!?()（）<>|]"
_FILE = re.compile(
    rf"(?:(?<![A-Za-z0-9_])|(?=[{IDEOGRAPH}]))(?:[A-Za-z]:[/\\])?{_INSIDE}{{0,160}}?[^\s./\\\"'“”，。；：、,;:(（]"
    r"\.[A-Za-z][A-Za-z0-9]{0,7}(?![A-Za-z0-9_]|\.[A-Za-z0-9]|[/\\])"
)
_HIDDEN = re.compile(
    r"(?<![\w./\\])(?:[\w\-]+/)*\.[A-Za-z][\w.\-]*(?!\s+(?:files?|documents?)\b|\s*文件)(?![\w.\-])|"
    r"\b(?:README|LICEN[SC]E|CHANGELOG|CONTRIBUTING|AUTHORS|Makefile|Dockerfile)\b(?!\.)"
)
"""Names without an ending, or with nothing else, that are files all the same."""
_FOLDER = re.compile(r"(?<![\w:])(?:[A-Za-z]:[/\\])?(?:~|\.{1,2})?/?(?:[\w.\-@+*?]+[/\\])+(?:[\w.\-@+*?]*[\w*?\-])?")
_WILDCARD = re.compile(r"(?<![\w*/\\])(?:\*\*?(?:[/.][\w*.\-/]+|(?=\s|$)))")
_NUMBER = re.compile(r"(?<![A-Za-z0-9_.])-?\d+(?:\.\d+)?(?![\d.]*\w*\.\w)(?:\s?(%|[A-Za-z]+|[" + IDEOGRAPH + r"]))?")

_NO_FILE = re.compile(r"^(?:e\.g|i\.e|etc\.|and/or|either/or|vs\.|[A-Z]\.[A-Z]\.?$|\d+/\d+)", re.IGNORECASE)
_GLUED = re.compile(
    r"^(?:请|帮我|把|将|从|对|给|为|在|用|和|与|跟|及|以及|并|再|然后|先|到|至|入|进|成|名为|叫做?|关于|根据|基于|按照|参考|文件|文档)"
)
_LONG_VERBS = frozenset(one for one in (*CHINESE_VERBS, *OTHER_CHINESE, "摘录") if len(one) > 1)
_GLUED_VERB = re.compile(rf"^(?:(?:{any_of(PUT_SOMEWHERE)})到?|(?:追加|输出)到?|{any_of(_LONG_VERBS | CHINESE_VERBS)})")
_FOLDER_OF = re.compile(
    r"(?P<folder>[^\s，。；、：“”\"]+?)\s*(?:文件夹|目录)(?:里面?|下面?|中|内)?的?\s*(?P<file>[^\s的]*)$"
)
_FILE_INSIDE = re.compile(r"(?P<folder>(?:[\w\-.]+/)+[\w\-.]+?)(?:里面?|中|下面?|内)的(?P<file>[^的/\\*?]+)$")
"""资料/周报里的一月.md, of which the file is 资料/周报/一月.md."""
_CUT_AFTER = re.compile(
    r"^.*的(?=[^的]+$)|"
    r"^[^/\\]+[/\\].*(?:文件|所有|内容|[里中下内])(?:到|为|入|至|进|成)(?=[A-Za-z0-9_*.])|"
    rf"^[{IDEOGRAPH}]+(?:到|为|入|至|和|与|及|是|把|将|用)(?=[A-Za-z0-9_*.])"
)


def mark(text: str) -> Marked:
    """Find everything that stands out in a text."""
    found: list[Mark] = []
    masked = text
    for finder in (_structures, _quotes, _addresses, _assignments, _wildcards, _files, _folders, _hidden):
        new = list(finder(masked, text))
        found.extend(new)
        for one in new:
            masked = masked[: one.start] + BLANK * (one.end - one.start) + masked[one.end :]
    found.extend(_numbers(masked))
    named = [one for one in found if one.kind == "assignment"]
    if named:
        found = [one for one in found if one in named or not any(n.start <= one.start < n.end for n in named)]
    found.sort(key=lambda one: one.start)
    marks = list(_with_parts(text, found))
    left_out = tuple(one.text for one in marks if one.part == "left out")
    return Marked(text, tuple(one for one in marks if one.part != "left out"), masked, left_out)


def _structures(_masked: str, text: str) -> Iterator[Mark]:
    """`name={"a": 1}`: a value in JSON, with all that stands in it."""
    for match in _STRUCTURE.finditer(text):
        try:
            _, end = json.JSONDecoder().raw_decode(text, match.end())
        except ValueError:
            continue
        yield Mark(kind="assignment", text=text[match.end() : end], start=match.start(), end=end, name=match[1])


def _quotes(masked: str, _text: str) -> Iterator[Mark]:
    for match in _QUOTE.finditer(masked):
        inside = next(group for group in match.groups() if group is not None)
        kind: Literal["quote", "path", "pattern", "address"] = "quote"
        if _ADDRESS.fullmatch(inside):
            kind = "address"
        elif _names_a_file(inside):
            kind = "pattern" if _has_wildcard(inside) else "path"
        yield Mark(kind=kind, text=inside, start=match.start(), end=match.end(), quoted=True)


def _names_a_file(inside: str) -> bool:
    name = inside.strip()
    if not name or len(name) > 200 or "\n" in name or name != inside or name[-1] in "。！？!?":
        return False
    if re.fullmatch(r"[^\s].*[^\s.]\.[A-Za-z][A-Za-z0-9]{0,7}", name):
        return name.count(" ") <= 6
    return bool(re.fullmatch(r"(?:~|\.{1,2})?/?(?:[^\s/\\]+[/\\])+[^\s/\\]*", name))


def _has_wildcard(text: str) -> bool:
    return any(sign in text for sign in "*?[")


def _assignments(masked: str, text: str) -> Iterator[Mark]:
    # A value may be quoted, and quotes are masked by now: the value is read from the text itself.
    for match in _ASSIGNMENT.finditer(masked):
        value = text[match.start(2) : match.end(2)]
        inner = _QUOTE.fullmatch(value)
        if inner is not None:
            value = next(group for group in inner.groups() if group is not None)
        yield Mark(kind="assignment", text=value, start=match.start(), end=match.end(), name=match[1])


def _addresses(masked: str, _text: str) -> Iterator[Mark]:
    for match in _ADDRESS.finditer(masked):
        address = _BEHIND_ADDRESS.sub("", match.group()).rstrip(".,;:!?)]}'：！？、")
        yield Mark(kind="address", text=address, start=match.start(), end=match.start() + len(address))


def _wildcards(masked: str, _text: str) -> Iterator[Mark]:
    for match in _WILDCARD.finditer(masked):
        value = match.group().rstrip(".")
        if len(value) > 1:
            yield Mark(kind="pattern", text=value, start=match.start(), end=match.start() + len(value))


def _files(masked: str, _text: str) -> Iterator[Mark]:
    for match in _FILE.finditer(masked):
        start, value = match.start(), match.group()
        if BLANK in value:
            cut = value.rindex(BLANK) + 1
            start, value = start + cut, value[cut:]
        inside = _FILE_INSIDE.search(value)
        if inside is not None:
            outer = _unglue(inside["folder"], alone=True)
            place = start + inside.start("folder") + len(inside["folder"]) - len(outer)
            yield Mark(kind="path", text=f"{outer}/{inside['file']}", start=place, end=start + len(value))
            continue
        alone = not _verb_outside(masked, match.start(), match.end())
        unglued = _unglue(value, alone=alone)
        start, value = start + len(value) - len(unglued), unglued
        if not value or value.startswith(".") or _NO_FILE.match(value):
            continue
        end, folder = start + len(value), _FOLDER_OF.search(masked, max(0, start - 80), start)
        if folder is not None and "/" not in value and BLANK not in folder["folder"]:
            name = _unglue(folder["folder"], alone=True)
            if not _GLUED_VERB.fullmatch(name):
                start, value = folder.start() + len(folder["folder"]) - len(name), f"{name.rstrip('/')}/{value}"
        yield Mark(kind="pattern" if _has_wildcard(value) else "path", text=value, start=start, end=end)


def _verb_outside(masked: str, start: int, end: int) -> bool:
    """Is there a verb elsewhere, so that characters glued to a name rather belong to the name?"""
    before = masked[:start]
    if not before.endswith((" ", "\t", BLANK)):
        return False
    rest = before + " " + masked[end:]
    return re.search(_GLUED_VERB.pattern.removeprefix("^"), rest) is not None


def _unglue(value: str, *, alone: bool) -> str:
    """A file's name without the characters of the sentence that stand before it with no space between."""
    while not value.isascii():
        verb = _GLUED_VERB.match(value) if alone else None
        match = verb or _GLUED.match(value) or _CUT_AFTER.match(value)
        if match is None or value[match.end() :].startswith((".", "/", "\\")) or match.end() == len(value):
            break
        alone = alone and verb is None
        value = value[match.end() :]
    return value


def _folders(masked: str, _text: str) -> Iterator[Mark]:
    last = -1
    for match in _FOLDER.finditer(masked):
        start, value = match.start(), _without_tail(match.group())
        unglued = _unglue(value, alone=True)
        start, value = start + len(value) - len(unglued), unglued
        if not value.strip("/\\.") or _NO_FILE.match(value) or BLANK in value:
            continue
        surely = value.endswith(("/", "\\")) or value.startswith(("/", ".", "~"))
        joined = last >= 0 and _AND.fullmatch(masked[last : match.start()]) is not None
        if not (surely or joined or _plain_folder(masked, start, start + len(value), value)):
            continue
        last = start + len(value)
        yield Mark(kind="pattern" if _has_wildcard(value) else "path", text=value, start=start, end=start + len(value))


_AND = re.compile(r"\s*(?:,|，|、)?\s*(?:and|or|&|和|或|与|及|以及|跟)?\s*(?:the\s+)?", re.IGNORECASE)
_TAIL = re.compile(
    r"(?<=[^/\\])(?:(?:里面?|中|内|下面?|之中|这个)?(?:的|所有|全部|每个)|(?:这个)?(?:文件夹|目录)|"
    rf"(?:里面?|中|内|下面?)?(?:{any_of(one for one in CHINESE_VERBS if len(one) > 1)})|里面?$)"
    r"[^/\\]*$"
)


def _without_tail(value: str) -> str:
    """A folder's name without the words of a sentence that stand behind it with no space between: 资料/周报里查找."""
    last = max(value.rfind("/"), value.rfind("\\")) + 1
    return value if value[last:].isascii() else value[:last] + _TAIL.sub("", value[last:], count=1)


def _plain_folder(masked: str, begin: int, end: int, value: str) -> bool:
    """`docs/guides` is a path; `tea/coffee` in a sentence is none, unless the words around speak of files."""
    around = masked[max(0, begin - 24) : end + 12].casefold()
    return (
        _has_wildcard(value)
        or _object_of_a_verb(masked[:begin], masked[end:])
        or bool(
            re.search(
                r"\b(?:in|from|under|read|open|list|delete|remove|move|rename|folder|directory|file|files|to|into)\b"
                r"|文件|目录|夹|删除|移动|[读写到从在]",
                around,
            )
        )
    )


_VERB_BEFORE = re.compile(
    r"(?:^|[\s,;:&，；：、。])(?:" + any_of(VERBS_OF_ONE_WORD) + r")"
    r"\s+(?:(?:the|my|our|all|whole|entire|folder|directory|through|over|inside|within|out|of|up)\s+)*$"
    rf"|{BLANK}(?:\s+|\s*(?:,|，|、|\band\b|\bor\b|&|[和与及或])\s*)$"
    rf"|(?:{any_of(CHINESE_VERBS)}|[把将对用]|根据|基于|依据|按照|参考|参照)(?:一下)?\s*$",
    re.IGNORECASE,
)
_NO_NOUN_BEHIND = re.compile(
    rf"\s*(?:$|[,;.!?，。；！？、：:()（）&{BLANK}{IDEOGRAPH}]|"
    r"(?:and|or|for|to|into|in|with|then|as|on|about|focusing|using|by|from|but|without|at|except)\b)",
    re.IGNORECASE,
)


def _object_of_a_verb(before: str, behind: str) -> bool:
    """Does a verb stand right before the name, and no noun behind it: "search docs/guides for …", 总结 资料/周报?"""
    return _VERB_BEFORE.search(before[-40:]) is not None and _NO_NOUN_BEHIND.match(behind) is not None


def _hidden(masked: str, _text: str) -> Iterator[Mark]:
    for match in _HIDDEN.finditer(masked):
        value = match.group().rstrip(".")
        if len(value.rpartition("/")[2]) > 1:
            yield Mark(kind="path", text=value, start=match.start(), end=match.start() + len(value))


_NUMERALS = dict(zip("一二两三四五六七八九十", (1, 2, 2, 3, 4, 5, 6, 7, 8, 9, 10), strict=True))
_NUMBER_WORDS = {
    word: number
    for number, word in enumerate(
        ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"], 1
    )
}
_SPELT = re.compile(
    r"\b("
    + "|".join(_NUMBER_WORDS)
    + r")\s+([A-Za-z]+)|([一二两三四五六七八九十])\s?(天|日|周|个|条|句|点|行|页|次|段|项|小时|分钟|字|篇)",
    re.IGNORECASE,
)


def _numbers(masked: str) -> Iterator[Mark]:
    for match in _NUMBER.finditer(masked):
        value = re.match(r"-?\d+(?:\.\d+)?", match.group())
        text = value.group() if value else ""
        yield Mark(kind="number", text=text, start=match.start(), end=match.start() + len(text), name=match[1] or "")
    for match in _SPELT.finditer(masked):
        word, unit = (match[1], match[2]) if match[1] else (match[3], match[4])
        number = _NUMBER_WORDS.get(word.casefold()) or _NUMERALS[word]
        yield Mark(kind="number", text=str(number), start=match.start(), end=match.start() + len(word), name=unit)


def _with_parts(text: str, marks: Sequence[Mark]) -> Iterator[Mark]:
    previous: Mark | None = None
    for one in marks:
        if one.kind not in ("path", "pattern"):
            yield one
            continue
        behind = text[one.end :]
        part = part_of(text[: one.start], behind)
        if one.kind == "pattern" and part == "target":
            part = "plain"
        if part == "plain" and previous is not None and is_joined(text[previous.end : one.start], behind):
            part = previous.part
        previous = replace(one, part=part)
        yield previous
