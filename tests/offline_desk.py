"""A tiny loop for the offline model: it makes the calls over a dict of files, with the descriptions of the real tools.

A new model is made for every thought, so a test over this desk also shows that nothing is kept between two thoughts.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from agent.ending import FINISH_TOOL
from agent.events import Thought, ToolCall
from agent.goal import Goal
from agent.model import Message, Request, ToolDescription
from agent.model.offline_model import OfflineModel
from plugins import Toolbox, built_in_plugins

TAIL = "# State\nToday is 2026-11-01."


def described(
    name: str,
    description: str,
    *aliases: str,
    effect: str = "read",
    required: Sequence[str] = (),
    **properties: Mapping[str, Any],
) -> ToolDescription:
    """A stranger's tool, as the model is told of it."""
    schema: dict[str, Any] = {
        "type": "object",
        "properties": {key: dict(value) for key, value in properties.items()},
        "required": list(required or properties),
    }
    return ToolDescription(name, description, schema, tuple(aliases), effect)


def built_in() -> tuple[ToolDescription, ...]:
    """The tools that come with thinkact."""
    return tuple(ToolDescription(**one) for one in Toolbox(built_in_plugins()).describe())


TEXT = {"type": "string"}
FORECAST = described(
    "forecast",
    "Tell the weather of a city for the coming days.",
    "weather",
    "天气",
    effect="fetch",
    required=("city",),
    city={"type": "string", "description": "The city's name, as a local would write it."},
    days={"type": "integer", "description": "How many days ahead, from 1 to 7.", "default": 1},
)
COUNT_WORDS = described(
    "count_words", "Count the words of a text file.", path={"type": "string", "format": "workspace-path"}
)
SEND_MAIL = described("send_mail", "Send an electronic letter.", "mail", effect="send", to=TEXT, text=TEXT)
DRAW = described("generate_image", "Make a picture from words.", "draw", "paint", "画", effect="write", prompt=TEXT)
FETCH = described("fetch_page", "Fetch a page of the web as text.", "fetch", effect="fetch", url=TEXT)
STRANGERS = (FORECAST, COUNT_WORDS, SEND_MAIL, DRAW, FETCH)

Say = Callable[[ToolCall], str]


@dataclass
class Desk:
    """Files, tools and a run over them.

    `answers` are results for tools by name, in place of what the desk would say. `after` are messages that come as
    soon as the work was ended, one at a time. `between` maps the number of a thought to a message that comes behind it.
    """

    files: dict[str, str] = field(default_factory=dict)
    tools: tuple[ToolDescription, ...] = STRANGERS
    answers: dict[str, str] = field(default_factory=dict)
    after: list[str] = field(default_factory=list)
    between: dict[int, str] = field(default_factory=dict)
    tail: str = TAIL
    head: str = "# Goal"
    notes: list[str] = field(default_factory=list)
    offered: tuple[ToolDescription, ...] = field(default_factory=built_in)
    thoughts: list[Thought] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)

    def run(self, goal: Goal | str, *, most: int = 40) -> list[ToolCall]:
        """Work until the end; the calls that were made, the ends among them."""
        goal = Goal(goals=(goal,)) if isinstance(goal, str) else goal
        self.messages = self.messages or [Message("system", "You are thinkact."), Message("user", self.head)]
        made: list[ToolCall] = []
        for _ in range(most):
            thought = think(goal, self.request())
            self.thoughts.append(thought)
            self.messages.append(Message("assistant", thought.text, thought.calls))
            made += thought.calls
            self.messages += [Message("tool", self.result(call), call_id=call.id) for call in thought.calls]
            if len(self.thoughts) in self.between:
                self.messages.append(Message("user", self.between[len(self.thoughts)]))
            ended = any(call.tool == "finish" for call in thought.calls)
            if ended and self.after:
                self.messages.append(Message("user", self.after.pop(0)))
            elif ended or not thought.calls:
                return made
        raise AssertionError(f"no end after {most} thoughts: {self.thoughts[-1].text}")

    def request(self) -> Request:
        """What the model is asked next."""
        return Request(
            messages=(*self.messages, Message("user", self.tail)), tools=(*self.offered, *self.tools, FINISH_TOOL)
        )

    def result(self, call: ToolCall) -> str:
        """What comes back from a call."""
        if call.tool in self.answers:
            return self.answers[call.tool]
        try:
            return self._do(call.tool, dict(call.arguments))
        except KeyError as error:
            return f"Error (tool): there is no {error}"

    def _do(self, tool: str, given: Mapping[str, Any]) -> str:
        match tool:
            case "read_file":
                return _lines(self.files[given["path"]], given.get("start_line", 1), given.get("lines", 400))
            case "summarize_file":
                lines = [line for line in self.files[given["path"]].split("\n") if line and not line.startswith("#")]
                if not lines:
                    return f"Error (tool): '{given['path']}' is empty: there is nothing to summarise"
                listed = "\n".join(f"- {line} (line {number})" for number, line in enumerate(lines[:8], 1))
                return f"{listed}\n\n[summary of {given['path']}; extractive: sentences taken from the text, no model]"
            case "write_file":
                before = self.files.get(given["path"], "") if given.get("append") else ""
                self.files[given["path"]] = before + given["content"]
                return json.dumps({"path": given["path"], "change": "created"})
            case "list_files":
                inside = [path for path in sorted(self.files) if path.startswith(given.get("path", ""))]
                return "\n".join(f"{path}  {len(self.files[path])} bytes" for path in inside) or "(no files)"
            case "search_files":
                place = given.get("path", "")
                hits = [
                    f"{path}:{number}: {line}"
                    for path, text in sorted(self.files.items())
                    if place in ("", path) or path.startswith(f"{place}/")
                    for number, line in enumerate(text.split("\n"), 1)
                    if re.search(given["regex"], line)
                ]
                return "\n".join(hits) or "(nothing found)"
            case "delete_file":
                del self.files[given["path"]]
            case "move_file":
                self.files[given["target"]] = self.files.pop(given["source"])
            case "edit_file":
                self.files[given["path"]] = self.files[given["path"]].replace(given["old"], given["new"])
            case "remember":
                self.notes.append(given["text"])
            case "ask_user":
                return "blue"
        return json.dumps(dict(given), ensure_ascii=False)


def _lines(text: str, first: int, count: int) -> str:
    """Some lines of a text, as `read_file` shows them."""
    lines = text.rstrip("\n").split("\n")
    start = len(lines) + first if first < 0 else first - 1
    if start == 0 and count >= len(lines):
        return text
    last = min(len(lines), start + count)
    return "\n".join(lines[start:last]) + f"\n\n[lines {start + 1}-{last} of {len(lines)}]"


def think(goal: Goal, request: Request) -> Thought:
    """One thought of a model made for it alone; what it streamed is what it says."""
    thinking = OfflineModel(goal).think(request)
    streamed = ""
    while True:
        try:
            streamed += next(thinking).text
        except StopIteration as ended:
            thought: Thought = ended.value
            assert streamed == thought.text
            return thought


def told(calls: Sequence[ToolCall]) -> list[str]:
    """The calls in short, such as `read_file docs/a.md`; the last one says whether the goal is held to be reached."""
    found = []
    for call in calls:
        if call.tool == "finish":
            found.append("reached" if call.arguments["reached"] else "not reached")
        else:
            shown = {name: value for name, value in call.arguments.items() if name != "content"}
            found.append(" ".join([call.tool, *(str(value) for value in shown.values())]))
    return found
