"""What was said and done so far, read from the messages of a request.

The offline model keeps nothing between two thoughts: a run that is resumed in another process stands exactly where it
stood, since everything is read from here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from agent.events import JSON, ToolCall
from agent.model import Message
from agent.model.offline.matching import FINISH

USER_SAYS = "Feedback from the user:"
CHECKS_SAY = "Checks not passed:"
TAIL = "# State"
NOTES = "Notes from earlier runs"
"""Marks of the messages that `agent.prompt` writes."""

_ID = re.compile(r"offline-(\d+)")
_NOTE = re.compile(r"- \[([^\],]*),\s*([^\],]*)(?:,\s*(?P<kind>\w+) by \w+)?\]\s*(.+)")
_TOLD = ("episode", "lesson")
"""Kinds of notes that tell of runs and their tools, and nothing of what a goal is about."""
_PATH = re.compile(r'\s*\{[^{}\[\]]*?"path"\s*:\s*("(?:[^"\\]|\\.)*")')
_HANDLE = re.compile(r"\ba-[0-9a-f]{12,64}\b")


@dataclass(frozen=True, slots=True)
class Result:
    """What came back from a call; `text` as the prompt shows it."""

    text: str

    @property
    def ok(self) -> bool:
        """Did the call do its work?"""
        return not self.text.startswith("Error (")

    @property
    def path(self) -> str:
        """The file that the tool says it worked on, "" where it names none: the user may have edited the call."""
        named = _PATH.match(self.text)
        try:
            return str(json.loads(named[1])) if named else ""
        except ValueError:
            return ""


@dataclass(frozen=True, slots=True)
class Made:
    """A call that was answered."""

    call: ToolCall
    result: Result


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """Words to the model during the run; `finishes`: how often it had ended its work before they came."""

    origin: Literal["user", "checks"]
    text: str
    finishes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A note of an earlier run, found again."""

    id: str
    date: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Handed:
    """A file handed over with the goal, under its handle."""

    handle: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """The run so far. `claims`: whether it held the goal to be reached, each time it ended its work; `refused`: because
    of files that are not there. `forgotten`: how many of the first calls are no longer shown (their steps were
    folded)."""

    made: tuple[Made, ...] = ()
    claims: tuple[bool, ...] = ()
    refused: bool = False
    said: tuple[Said, ...] = ()
    notes: tuple[Note, ...] = ()
    handed: tuple[Handed, ...] = ()
    thoughts: int = 0
    forgotten: int = 0
    highest: int = 0

    @property
    def finishes(self) -> int:
        """How often the work was ended."""
        return len(self.claims)


def read(messages: Sequence[Message]) -> Transcript:
    """Read the messages of a request."""
    results = {message.call_id: message.text for message in messages if message.role == "tool"}
    made: list[Made] = []
    said: list[Said] = []
    claims: list[bool] = []
    thoughts = highest = 0
    numbers: list[int] = []
    for message in messages:
        if message.role == "assistant":
            thoughts += 1
            claims += [call.arguments.get("reached") is not False for call in message.calls if call.tool == FINISH]
            numbers += [int(number[1]) for call in message.calls if (number := _ID.match(call.id))]
            made += [
                Made(call, Result(results[call.id]))
                for call in message.calls
                if call.tool != FINISH and call.id in results
            ]
        elif message.role == "user" and message.text.startswith((USER_SAYS, CHECKS_SAY)):
            said.append(_said(message.text, len(claims)))
    highest = max(numbers, default=0)
    refused = any(text.startswith("Error (claim)") for text in results.values())
    return Transcript(
        made=tuple(made),
        claims=tuple(claims),
        refused=refused,
        said=tuple(said),
        notes=_notes(messages),
        handed=_handed(messages),
        thoughts=thoughts,
        forgotten=min(numbers, default=1) - 1,
        highest=highest,
    )


def _said(text: str, finishes: int) -> Said:
    if text.startswith(USER_SAYS):
        return Said(origin="user", text=text.removeprefix(USER_SAYS).strip(), finishes=finishes)
    return Said(origin="checks", text=text.removeprefix(CHECKS_SAY).strip(), finishes=finishes)


def _notes(messages: Sequence[Message]) -> tuple[Note, ...]:
    if not messages or messages[-1].role != "user" or not messages[-1].text.startswith(TAIL):
        return ()
    _, _, listed = messages[-1].text.partition(NOTES)
    found = (_NOTE.fullmatch(line.strip()) for line in listed.split("\n"))
    return tuple(
        Note(id=one[1].strip(), date=one[2].strip(), text=one[4].strip())
        for one in found
        if one and one["kind"] not in _TOLD
    )


def _handed(messages: Sequence[Message]) -> tuple[Handed, ...]:
    """Files of the goal: their handles stand in the goal's message, each on a line with its name."""
    goal = next((message.text for message in messages if message.role == "user"), "")
    found: list[Handed] = []
    for line in goal.split("\n"):
        handle = _HANDLE.search(line)
        if handle is not None:
            name = re.search(
                r"[^\s\"'“”:：,，()（）\[\]=]+\.[A-Za-z][A-Za-z0-9]{0,7}\b", line.replace(handle.group(), " ")
            )
            found.append(Handed(handle=handle.group(), name=name.group() if name else handle.group()))
    return tuple(found)


@dataclass(slots=True)
class Ledger:
    """The calls made, each to be taken once: what the rules want again is found here and not made twice."""

    made: list[Made]
    forgotten: int = 0
    _left: list[Made] = field(init=False)

    def __post_init__(self) -> None:
        self._left = list(self.made)

    def take(self, tool: str, arguments: Mapping[str, JSON]) -> Result | None:
        """The result of this very call, if it was made. Arguments that only the call has do not count: they were
        worked out from results when it was made."""
        for one in self._left:
            if one.call.tool == tool and arguments.items() <= dict(one.call.arguments).items():
                self._left.remove(one)
                return one.result
        return None

    def take_edited(self, tool: str) -> Result | None:
        """The result of the next call, if it is one of this tool: the user may have edited its arguments."""
        if self._left and self._left[0].call.tool == tool:
            return self._left.pop(0).result
        return None

    def forget(self) -> bool:
        """Was the call made in a step that is no longer shown?"""
        if self.forgotten <= 0:
            return False
        self.forgotten -= 1
        return True
