"""The excerpt: head and tail of a text that is too long for the window, with a handle by which the rest is read.

Sizes are those on the wire: a result is a string of JSON there, and an argument one within another, so that quotes and
line ends take more than they seem to.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from agent.events import JSON, Thought
from agent.model import compact
from memory.tokens import Counter

_SHORT = 64
"""Characters; a text of a thought that is not longer is never cut."""


@dataclass(frozen=True, slots=True)
class Excerpts:
    """Cuts texts to a number of tokens.

    Args:
        counter: Counts tokens.
        keep: Keeps a whole text as an artifact and returns its handle.
    """

    counter: Counter
    keep: Callable[[str], str]

    def result(self, text: str, cap: int, handle: str | None) -> str:
        """A result in at most `cap` tokens; `handle` is that of the whole, where there is one already."""
        return self._cut(text, cap, handle, _once)

    def start(self, text: str, most: int) -> str:
        """A text that nobody needs the end of: its first characters, and how to read on."""
        if len(text) <= most:
            return text
        return f"{text[:most]} {_note(len(text) - most, self.keep(text), most)}"

    def thought(self, thought: Thought, cap: int) -> Thought:
        """A thought with no words and no argument longer than `cap` tokens: an endpoint that does not keep to the
        reply's length may send more than the window holds."""
        words = self._cut(thought.text, cap, None, _once) if _long(thought.text) else thought.text
        calls = (
            replace(call, arguments={name: self._argument(value, cap) for name, value in call.arguments.items()})
            for call in thought.calls
        )
        return replace(thought, text=words, calls=tuple(calls))

    def sizes(self, thought: Thought) -> list[int]:
        """Plain tokens of each part that `thought` may cut."""
        words = [self.counter.plain(_once(thought.text))] if _long(thought.text) else []
        values = (value for call in thought.calls for value in call.arguments.values())
        return words + [self.counter.plain(_argument(value)) for value in values if _long(value) is not None]

    def _argument(self, value: JSON, cap: int) -> JSON:
        text = _long(value)
        if text is None or self.counter.count(_argument(value)) <= cap:
            return value
        return self._cut(text, cap, None, _argument)

    def _cut(self, text: str, cap: int, handle: str | None, sent: Callable[[str], str]) -> str:
        """At most `cap` tokens (or as few as the note in the middle takes), as `sent`."""
        size = self.counter.count(sent(text))
        if size <= cap:
            return text
        handle = handle or self.keep(text)
        room = int(len(text) * cap / size)
        while True:
            head, tail = text[: room * 2 // 3], text[len(text) - room // 3 :]
            left = len(text) - len(head) - len(tail)
            short = f"{head}\n{_note(left, handle, len(head))}\n{tail}"
            if room < 8 or self.counter.count(sent(short)) <= cap:
                return short
            room = room * 3 // 4


def _note(left: int, handle: str, offset: int) -> str:
    return f'[{left} characters left out; read_artifact(handle="{handle}", offset={offset}) reads on]'


def _long(value: JSON) -> str | None:
    """A part of a thought as a text that may be cut; None where that is not worth it."""
    text = compact(value).decode() if isinstance(value, list | dict) else value
    return text if isinstance(text, str) and len(text) > _SHORT else None


def _once(text: str) -> str:
    return compact(text).decode()


def _argument(value: JSON) -> str:
    return _once(compact(value).decode())
