"""Reasoning that a model writes into its text, between `<think>` tags, told from the text while it streams."""

from __future__ import annotations

import re
from typing import Literal, TypeAlias

__all__ = ["Channel", "ThinkTags"]

_OPEN = re.compile(r"<(/?)think(?:ing)?>")
_CLOSE = re.compile(r"</think(?:ing)?>")
_OPENINGS = ("<think>", "<thinking>", "</think>", "</thinking>")
_CLOSINGS = ("</think>", "</thinking>")

Channel: TypeAlias = Literal["text", "reasoning", "restart"]


class ThinkTags:
    """Tells what stands between `<think>` tags from the text, while it streams.

    A tag counts at the start of a line only, so that a text may speak of tags. A closing tag that was never opened
    (some templates open it in the prompt) makes all before it reasoning: "restart", and told anew.
    """

    def __init__(self) -> None:
        self.text: list[str] = []
        self._held = ""
        self._inside: list[str] | None = None  # what was thought since the tag was opened
        self._late = False  # opened after text had come
        self._line = ""  # the text's last line so far
        self._after = False  # behind a closing tag: white space is dropped

    def feed(self, piece: str) -> list[tuple[Channel, str]]:
        """What a piece brings: pairs of channel and text."""
        out: list[tuple[Channel, str]] = []
        self._held += piece
        while self._step(out):
            pass
        return out

    def close(self) -> list[tuple[Channel, str]]:
        """What was held back. A tag that was opened amid the text and never closed was no tag: it is text."""
        out: list[tuple[Channel, str]] = []
        held, self._held = self._held, ""
        if self._inside is None:
            self._say(out, held)
        elif self._late:
            out += [("restart", ""), ("text", "".join(self.text))]
            self._say(out, "<think>" + "".join(self._inside) + held)
        elif held:
            out.append(("reasoning", held))
        self._inside = None
        return out

    def _step(self, out: list[tuple[Channel, str]]) -> bool:
        """Settle what can be settled; True where there is more to do."""
        if not self._held:
            return False
        if self._inside is not None:
            found = _CLOSE.search(self._held)
            sure = found.start() if found else len(self._held) - _partial(self._held, _CLOSINGS)
            if sure:
                out.append(("reasoning", self._held[:sure]))
                self._inside.append(self._held[:sure])
            self._held = self._held[found.end() if found else sure :]
            if found:
                self._inside, self._after = None, True
            return found is not None
        found = next(
            (one for one in _OPEN.finditer(self._held) if self._at_line_start(self._held[: one.start()])), None
        )
        if found is None:
            sure = len(self._held) - _partial(self._held, _OPENINGS)
            self._say(out, self._held[:sure])
            self._held = self._held[sure:]
            return False
        self._say(out, self._held[: found.start()])
        self._held = self._held[found.end() :]
        if found.group(1):
            self._orphan(out)
        else:
            self._inside, self._late = [], bool("".join(self.text).strip())
        return True

    def _orphan(self, out: list[tuple[Channel, str]]) -> None:
        thought = "".join(self.text)
        self.text.clear()
        self._line, self._after = "", True
        if thought:
            out += [("restart", ""), ("reasoning", thought)]

    def _say(self, out: list[tuple[Channel, str]], text: str) -> None:
        if self._after:
            text = text.lstrip()
            self._after = not text
        if text:
            self.text.append(text)
            _, newline, last = text.rpartition("\n")
            self._line = last if newline else self._line + last
            out.append(("text", text))

    def _at_line_start(self, before: str) -> bool:
        _, newline, last = before.rpartition("\n")
        return not (last if newline else self._line + last).strip()


def _partial(text: str, tags: tuple[str, ...]) -> int:
    """How many characters at the end of a text may be the beginning of a tag."""
    place = text.rfind("<")
    tail = text[place:] if place >= 0 else ""
    return len(tail) if tail and any(tag.startswith(tail) for tag in tags) else 0
