"""Listings of files: which files one names, and which of them a sub-goal means by a part of their names."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence

from agent.model.offline.prose import ABOUT_THE_RESULT
from agent.model.offline.words import IDEOGRAPH, stems, words_of

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
        if match is not None and not ABOUT_THE_RESULT.search(line):
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


_LEAST_SHARED = 2
"""Characters of a script without spaces, or one letter less, that a name must share with the words."""
_ANY_FILE = words_of("文件 文档 内容 文本 目录")
"""What every file may be called: no part of a name that tells which one is meant."""


def meant(words: str, names: Sequence[str]) -> list[str]:
    """The files that words speak of by their names, without path and ending: "the bee notes", 会议记录.

    A file's own name goes before its folder's; of a folder all its files are meant. Empty where no name fits.

    Args:
        words: What the sub-goal says behind its verb.
        names: Paths of files.
    """
    own = {name: _fit(words, _stem(name.rpartition("/")[2])) for name in names}
    folders = {name: max((_fit(words, one) for one in name.split("/")[:-1]), default=(0, False)) for name in names}
    return _best(names, own) or _best(names, folders)


def _best(names: Sequence[str], fits: Mapping[str, tuple[int, bool]]) -> list[str]:
    """Those whose whole name was said; where there are none, those of which the longest part was."""
    whole = [name for name in names if fits[name][1]]
    longest = max((size for size, _ in fits.values()), default=0)
    return whole or [name for name in names if longest and fits[name][0] == longest]


def _stem(name: str) -> str:
    return name.rpartition(".")[0] or name


def _fit(words: str, name: str) -> tuple[int, bool]:
    """How many characters of a name the words have, and whether that is all of it: of a name in a script without
    spaces a piece at either end counts as well (会议 or 记录 of 会议记录), of others all their words."""
    called = stems(name)
    if name.isascii():
        letters = [one for one in called if one.isalpha()]
        known = len("".join(letters)) > _LEAST_SHARED and set(letters) <= set(stems(words))
        return (len(name), True) if known else (0, False)
    if len(called) >= _LEAST_SHARED and name in words:
        return len(name), True
    runs = re.findall(f"[{IDEOGRAPH}]+", name)
    return max((_longest_end(words, run) for run in runs), default=0), False


def _longest_end(words: str, run: str) -> int:
    sizes = range(len(run), _LEAST_SHARED - 1, -1)
    ends = (end for size in sizes for end in (run[:size], run[-size:]))
    return next((len(end) for end in ends if end in words and end not in _ANY_FILE), 0)
