"""Key frames as Deforum writes them: `0:(1.02), 30:(1.0)` for a number, `0: a circle | 12: a square` for words.

Between two numbers the value runs in a straight line; a sum with `t` in it holds by itself until the next key frame.
Before the first key frame and behind the last the nearest one holds.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from plugins._outcome import ToolError
from plugins.images._arithmetic import NotASum, Sum

__all__ = ["Curve", "Script", "read_curve", "read_script"]

_MOST = 1000  # key frames
_FULL_WIDTH = str.maketrans("：，（）；｜", ":,();|")
_KEYED = re.compile(r"\s*(\d+)\s*:(.*)", re.DOTALL)
_HINT = "write it as 1.02, or as 0:(1.02), 30:(1.0)"
_WORDS = "write it as 0: a red circle | 12: a blue square"


@dataclass(frozen=True, slots=True)
class Curve:
    """A number over the frames; `name` is that of the argument, for complaints."""

    name: str
    keys: Sequence[tuple[int, Sum]]

    def at(self, frame: int) -> float:
        """Its value at a frame.

        Raises:
            ToolError: there is none.
        """
        try:
            return self._at(frame)
        except NotASum as error:
            raise ToolError(f"{self.name}: {error}", hint=_HINT) from error

    def _at(self, frame: int) -> float:
        before = [key for key in self.keys if key[0] <= frame] or [self.keys[0]]
        start, first = before[-1]
        behind = next((key for key in self.keys if key[0] > frame), None)
        if first.moves or behind is None or start > frame:
            return first.at(max(frame, start))
        end, last = behind
        share = (frame - start) / (end - start)
        return first.at(start) * (1 - share) + last.at(end) * share


@dataclass(frozen=True, slots=True)
class Script:
    """Words over the frames."""

    keys: Sequence[tuple[int, str]]

    def at(self, frame: int) -> str:
        """The words that hold at a frame."""
        return next((words for start, words in reversed(self.keys) if start <= frame), self.keys[0][1])

    def used(self, frames: int) -> Sequence[str]:
        """The words that come up in so many frames, each once."""
        return list(dict.fromkeys(self.at(frame) for frame in range(frames)))

    def unused(self, frames: int) -> Sequence[int]:
        """The key frames that so many frames never come to."""
        return [start for start, _ in self.keys if start >= frames]


def read_curve(text: str, name: str) -> Curve:
    """Read a number over time.

    Args:
        text: A number, a sum with `t`, or key frames.
        name: Of the argument that it is.

    Raises:
        ToolError: it is none of these; it says where.
    """
    whole = text.translate(_FULL_WIDTH)
    if not whole.strip():
        raise ToolError(f"{name} is empty", hint=_HINT)
    pieces = list(_pieces(whole, name))
    if len(pieces) == 1 and ":" not in whole:
        return Curve(name, [(0, _sum(whole, name, 1))])
    keys: dict[int, Sum] = {}
    for at, piece in pieces:
        found = _KEYED.fullmatch(piece)
        if found is None:
            told = f"{piece.strip()[:60]!r} is no key frame" if piece.strip() else "a key frame is missing"
            raise ToolError(f"{name}, at character {at}: {told}", hint=_HINT)
        _add(keys, _frame(found[1], name), _sum(found[2], name, at + found.start(2)), name)
    return Curve(name, sorted(keys.items(), key=lambda key: key[0]))


def read_script(prompts: str | Mapping[str, str], name: str = "prompts") -> Script:
    """Read words over time: one text that holds for all frames, `FRAME: WORDS | FRAME: WORDS`, or the words by frame.

    Raises:
        ToolError: a frame is no number or named twice, or has no words.
    """
    keys: dict[int, str] = {}
    if isinstance(prompts, str):
        pieces = re.split(r"[|｜](?=\s*\d+\s*[:：])", prompts)
        for piece in pieces:
            found = re.fullmatch(r"\s*(\d+)\s*[:：](.*)", piece, re.DOTALL)
            frame, words = (0, piece) if found is None else (_frame(found[1], name), found[2])
            _add(keys, frame, _words(words, frame, name), name)
    else:
        for told, words in prompts.items():
            if not told.strip().isdecimal():
                raise ToolError(f"{name}: {told[:40]!r} is no frame", hint="frames are whole numbers from 0")
            frame = _frame(told, name)
            _add(keys, frame, _words(words, frame, name), name)
    if not keys:
        raise ToolError(f"{name} is empty", hint=_WORDS)
    return Script(sorted(keys.items()))


def _pieces(text: str, name: str) -> Iterator[tuple[int, str]]:
    """What stands between the commas that are in no brackets, each with the place of its first character from 1."""
    start, depth = 0, 0
    for at, one in enumerate(text):
        depth += (one == "(") - (one == ")")
        if depth < 0:
            raise ToolError(f"{name}, at character {at + 1}: this bracket was never opened", hint=_HINT)
        if one in ",;" and depth == 0:
            yield start + 1, text[start:at]
            start = at + 1
    if depth:
        raise ToolError(f"{name}: a bracket is never closed", hint=_HINT)
    yield start + 1, text[start:]


def _sum(text: str, name: str, at: int) -> Sum:
    try:
        return Sum(text)
    except NotASum as error:
        raise ToolError(f"{name}, at character {at}: {error}", hint=_HINT) from error


def _frame(text: str, name: str) -> int:
    if len(text.strip()) > 9:
        raise ToolError(f"{name}: {text.strip()[:20]}... is no frame", hint="frames are whole numbers from 0")
    return int(text)


def _words(text: object, frame: int, name: str) -> str:
    if not isinstance(text, str) or not text.strip():
        raise ToolError(f"{name}: there are no words for frame {frame}", hint=_WORDS)
    return text.strip()


def _add(keys: dict[int, Sum] | dict[int, str], frame: int, value: Sum | str, name: str) -> None:
    if frame in keys:
        raise ToolError(f"{name}: frame {frame} stands there twice", hint="name each frame once")
    if len(keys) >= _MOST:
        raise ToolError(f"{name} has more than {_MOST} key frames", hint="name fewer")
    keys[frame] = value  # type: ignore[assignment]
