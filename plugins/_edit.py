"""Exact replacement in a text, and what to tell whoever got the old text nearly right."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, islice

from plugins._contract import ToolError
from plugins._decoding import to_lines, to_newlines

__all__ = ["line_end", "replace"]

_COMPARED = 5_000  # lines that are looked through for a likeness
_MEASURED = 500  # of them, those that are measured exactly, which takes a hundred times as long
_SHOWN = 160  # characters of a line in a complaint
_LIKE = 0.6
_ANCHORS = 3  # lines of the wanted text that are looked for one after the other
_DRAWN = str.maketrans("‘’‚“”„«»–—−\u00a0", '\'\'\'"""""--- ')


def line_end(text: str) -> str:
    r"""How most lines of a text end: `\n`, `\r\n` or `\r`; `\n` where there are none."""
    pairs = text.count("\r\n")
    single = text.count("\n") - pairs
    if pairs > single:
        return "\r\n"
    return "\r" if not single and "\r" in text else "\n"


def replace(text: str, old: str, new: str, *, everywhere: bool, name: str) -> tuple[str, list[int]]:
    """Put `new` in the place of `old`, which must be there exactly once unless `everywhere`.

    Line ends do not count in the comparison; what is put in gets those of what it replaces, or
    of the text. All else stays as it was.

    Returns:
        The new text, and the line of each replacement in the old one, from 1.

    Raises:
        ToolError: `old` is empty, the same as `new`, not found (then the nearest place is told), or found several
            times (then their lines are told).
    """
    old, new = _plain(old), _plain(new)
    if not old:
        raise ToolError("old is empty", hint="give the text that is to be replaced, or use write_file")
    if old == new:
        raise ToolError("old and new are the same: nothing would change", hint="say what new should be")
    plain = _plain(text)
    places = _places(plain, old, everywhere=everywhere)
    if not places:
        raise _missed(text, old, name)
    lines = _lines_of(text, places)
    if len(places) > 1 and not everywhere:
        shown = ", ".join(str(line) for line in lines[:20]) + (", …" if len(lines) > 20 else "")
        raise ToolError(
            f"old is found {len(places)} times in '{name}', at lines {shown}",
            hint="put lines around it into old so that only one place fits, or set all to true",
        )
    return "".join(_spliced(text, places, len(old), new)), lines


def _plain(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _places(plain: str, old: str, *, everywhere: bool) -> list[int]:
    """Where `old` begins, in order. Places that overlap are each one where only one is wanted: any could be meant."""
    places = list(_finds(plain, old, step=len(old)))
    if len(places) == 1 and not everywhere:
        return list(islice(_finds(plain, old, step=1), 2))
    return places


def _finds(plain: str, old: str, *, step: int) -> Iterator[int]:
    place = plain.find(old)
    while place >= 0:
        yield place
        place = plain.find(old, place + step)


def _spliced(text: str, places: Sequence[int], length: int, new: str) -> Iterator[str]:
    """The text in pieces, with `new` at each place. Places and length count in the text with plain line ends."""
    usual = line_end(text)
    at = 0
    ends = _standing(text, chain.from_iterable((one, one + length) for one in places))
    for start, end in zip(ends, ends, strict=True):
        taken = text[start:end]
        yield text[at:start]
        yield new.replace("\n", line_end(taken) if "\n" in taken or "\r" in taken else usual)
        at = end
    yield text[at:]


def _standing(text: str, places: Iterable[int]) -> Iterator[int]:
    """Where places of the text with plain line ends, in order, stand in the text, whose line ends may be pairs."""
    pairs = re.finditer("\r\n", text)
    passed, pair = 0, next(pairs, None)
    for place in places:
        while pair is not None and pair.start() - passed < place:
            passed, pair = passed + 1, next(pairs, None)
        yield place + passed


def _lines_of(text: str, places: Sequence[int]) -> list[int]:
    """The line of each place, as whoever reads the file counts them; places are in order."""
    read, lines, line, at = to_newlines(text), [], 1, 0
    for place in places:
        line += read.count("\n", at, place)
        at = place
        lines.append(line)
    return lines


# What nearly fits.


def _missed(text: str, old: str, name: str) -> ToolError:
    lines, wanted = to_lines(text), old.strip("\n").split("\n")
    missing = f"old is not found in '{name}'"
    for likeness, told in ((_squeezed, "white space"), (_loose, "letter case, quotes or dashes")):
        place = _stands_at(lines, wanted, likeness)
        if place is not None:
            stands = f"but for {told} it stands at line {place + 1}{_difference(lines, wanted, place)}"
            return ToolError(f"{missing}, {stands}", hint="copy old from the file exactly")
    place = _nearest(lines, wanted)
    if place is None:
        return ToolError(f"{missing}, and nothing is like it", hint="read the file and copy old from it exactly")
    return ToolError(
        f"{missing}; the nearest is at line {place + 1}{_difference(lines, wanted, place)}",
        hint="read these lines of the file and copy old from them exactly",
    )


def _squeezed(line: str) -> str:
    return "".join(line.split())


def _loose(line: str) -> str:
    if not line.isascii():
        # One by one: to put thousands of combining marks on one letter in order takes Unicode the square of their time.
        line = line.translate({ord(char): unicodedata.normalize("NFKD", char) for char in set(line)})
    return _squeezed(line.translate(_DRAWN)).casefold()


def _stands_at(lines: Sequence[str], wanted: Sequence[str], likeness: Callable[[str], str]) -> int | None:
    """The line at which the wanted text begins where lines are compared by their likeness."""
    needle = "".join(likeness(line) for line in wanted)
    if not needle:
        return None
    whole, starts, length = [], [], 0
    for line in lines:
        starts.append(length)
        whole.append(likeness(line))
        length += len(whole[-1])
    place = "".join(whole).find(needle)
    if place < 0:
        return None
    # Of the lines that begin at this place the last is meant: those before it are empty.
    return max(index for index, start in enumerate(starts) if start <= place)


def _nearest(lines: Sequence[str], wanted: Sequence[str]) -> int | None:
    """The line at which a text most like the wanted one would begin, told by its most telling line."""
    telling = sorted(range(len(wanted)), key=lambda index: -len(wanted[index].strip()))
    for anchor in telling[:_ANCHORS]:
        found = _most_like(lines, wanted[anchor].strip()[:_SHOWN])
        if found is not None:
            return max(0, found - anchor)
    return None


def _most_like(lines: Sequence[str], wanted: str) -> int | None:
    from difflib import SequenceMatcher  # only a mistake needs it

    matcher = SequenceMatcher(None, autojunk=False)
    matcher.set_seq2(wanted)
    best, best_ratio, left = None, _LIKE, _MEASURED
    for index, line in enumerate(lines[:_COMPARED]):
        matcher.set_seq1(line.strip()[:_SHOWN])
        if left and matcher.real_quick_ratio() > best_ratio and matcher.quick_ratio() > best_ratio:
            left -= 1
            ratio = matcher.ratio()
            if ratio > best_ratio:
                best, best_ratio = index, ratio
    return best


def _difference(lines: Sequence[str], wanted: Sequence[str], place: int) -> str:
    """The first pair of lines that differ."""
    for index, line in enumerate(wanted):
        there = lines[place + index] if place + index < len(lines) else None
        if there is None:
            return f"; the file ends at line {len(lines)}, before {_quoted(line)} of old"
        if there != line and not (index in (0, len(wanted) - 1) and line and line in there):
            return f"; line {place + index + 1} reads {_quoted(there)}, old has {_quoted(line)}"
    return ""


def _quoted(line: str) -> str:
    return json.dumps(line if len(line) <= _SHOWN else line[:_SHOWN] + "…", ensure_ascii=False)
