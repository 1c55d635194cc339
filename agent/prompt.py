"""The prompt: goal + history + recalled notes -> messages, with a prefix that stays the same byte for byte.

Layout: [system] [goal] [summary of folded steps] [steps, append-only] [tail: state, notes, what is pending]. Only the
tail changes between two requests, except where the window was folded. A message is rendered and counted once.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from agent.events import ContextHanded, RecalledNote, Thought, Usage, WindowFolded
from agent.excerpt import Excerpts
from agent.goal import Goal
from agent.history import History, Step
from agent.limits import Allowance
from agent.model import Message, Request, ToolDescription
from agent.offer import joining
from agent.quoting import quoted
from agent.wording import arguments_text, edited_text, feedback_text, goal_text, result_text, system_text
from memory.tokens import Counter
from memory.window import Step as Size

RECALL = "recall"
"""The tool that finds notes, and what was in folded steps."""
DEFAULT_WINDOW = 128_000
"""Tokens, where neither the goal, the settings nor the endpoint say; a refusal teaches better."""
MOST_EDITED = 2000
"""Characters of edited arguments that are told beside the result of their call."""
NOTES_ROOM, SMALL_NOTES_ROOM = 800, 500
"""Tokens that recalled notes take at most; the latter in a window of less than `SMALL_WINDOW` tokens, and never more
than an eighth of it."""
SMALL_WINDOW = 16_000
JOINED_ROOM = 2_400
"""Plain tokens that the schemas of tools take at most that join those told of from the start; in a small window a tenth
of it."""
_ERROR = 1.06
"""So many times a prompt may be what it is counted, before a reply no longer fits beside it."""
OVERHEAD = 24
"""Tokens added per request for what servers put around the messages."""


@dataclass(frozen=True, slots=True)
class Sizes:
    """Tokens: the model's `window`, the longest `reply` that is wanted, how much of the window is kept free for it
    when steps are folded (`kept`), and the `reserve` for a summary."""

    window: int
    reply: int
    kept: int
    reserve: int

    def reply_to(self, prompt: int) -> int:
        """The most tokens to ask for in answer to a prompt of so many: what is wanted, as far as there is room beside
        the prompt, counted with some error; never less than what was kept free."""
        return max(self.kept, min(self.reply, int(self.window - prompt * _ERROR)))


@dataclass(frozen=True, slots=True)
class _Rendered:
    """A step as it is sent: its thought, and plain tokens of all of it, of the user's words, and of each result."""

    thought: Thought
    tokens: int
    pinned: int
    results: tuple[int, ...]


class Prompt:
    """Makes the requests of one run.

    Args:
        goal: What is wanted.
        tools: What the model is told that it may call, in a fixed order.
        counter: Counts tokens; it learns from what the endpoint reports.
        files: The goal's context files, as lines for the model.
        keep: Keeps a text as an artifact and returns its handle.
        others: What it may call too, and finds; told of from the next folding on, once it was called.

    Attributes: `tools`, what it is told of as the history stands.
    """

    def __init__(
        self,
        goal: Goal,
        tools: Sequence[ToolDescription],
        *,
        counter: Counter,
        keep: Callable[[str], str],
        files: Sequence[str] = (),
        cache_key: str | None = None,
        others: Sequence[ToolDescription] = (),
    ) -> None:
        self.goal = goal
        self.tools = tuple(tools)
        self._told = self.tools
        self._others = {tool.name: tool for tool in others}
        self._unlisted = tuple(others)
        self._tool_sizes: dict[str, int] = {}
        self.counter = counter
        self._excerpts = Excerpts(counter, keep)
        self._cache_key = cache_key
        self.head = (Message("system", system_text(goal)), Message("user", goal_text(goal, files)))
        self._stand: tuple[WindowFolded | None, int] | None = None
        self._settled: list[Message] = []
        self._steps: list[_Rendered] = []
        self._past = 0  # so many messages of what is settled come before the steps
        self._ends: list[int] = []  # the messages of what is settled that end the head, the summary, each step
        self._next = 0  # the place in the history of the next step to be rendered
        self._steps_tokens = 0
        self._cut: tuple[int, int | None] = (0, None)
        self._window = goal.model.window or DEFAULT_WINDOW
        self._quoted: tuple[Sequence[RecalledNote], int, list[str]] = ((), 0, [])
        self._recalls = any(tool.name == RECALL for tool in self.tools)

    def sizes(self, history: History, known: int | None) -> Sizes:
        """The window that holds now: the smallest of what the goal states, what the endpoint taught and what is
        `known` of the model."""
        window = min((size for size in (self.goal.model.window, history.window, known) if size), default=DEFAULT_WINDOW)
        self._window = window
        stated = self.goal.model.reply
        reply = min(stated or 4096, window // 4)
        # Most replies are short. In a small window, room kept free for the longest one is room that nothing fills.
        return Sizes(window, reply, reply if stated else min(reply, window // 8), min(800, window // 10))

    def request(self, history: History, allowance: Allowance, reply: int, now: date) -> Request:
        """The request for the next thought."""
        self._catch_up(history)
        return Request(
            messages=(*self._settled, self._tail(history, allowance, now)),
            tools=self.tools,
            reply=reply,
            temperature=self.goal.model.temperature,
            cache_key=self._cache_key,
            stable=tuple(self._ends),
            unlisted=self._unlisted,
        )

    def tokens(self, history: History, allowance: Allowance, now: date) -> int:
        """About how many tokens the request for the next thought has. A bound: the parts are rounded one by one when
        they are laid out."""
        self._catch_up(history)
        rest = (*self._settled[: self._past], self._tail(history, allowance, now))
        plain = OVERHEAD + self._size_of(self.tools) + self._sizes(rest) + self._steps_tokens
        return self.counter.scaled(plain) + len(self._steps) + 3

    def weigh(self, request: Request) -> tuple[int, tuple[int, ...]]:
        """About how many tokens the tools of a request take, and each of its messages."""
        scaled = self.counter.scaled
        return scaled(self._size_of(request.tools)), tuple(scaled(self._size(message)) for message in request.messages)

    def learn(self, counted: int, usage: Usage) -> None:
        """Correct the counting by what the endpoint reported for a request that was counted so."""
        if not usage.estimated:
            self.counter.observe(counted=counted, reported=usage.prompt_tokens)

    def layout(self, history: History, allowance: Allowance, now: date) -> tuple[int, int, list[Size], int]:
        """Tokens of head, summary, each step not yet folded, and tail: what the window decides on."""
        self._catch_up(history)
        scaled, summary = self.counter.scaled, self._summary(history.fold)
        head = self._settled[: self._past - len(summary)]
        steps = [
            Size(
                tokens=scaled(one.tokens),
                pinned=scaled(one.pinned),
                results=tuple(map(scaled, (*self._excerpts.sizes(one.thought), *one.results))),
            )
            for one in self._steps
        ]
        tail = self._size(self._tail(history, allowance, now))
        return (
            scaled(OVERHEAD + self._size_of(self.tools) + self._sizes(head)),
            scaled(self._sizes(summary)),
            steps,
            scaled(tail),
        )

    def _catch_up(self, history: History) -> None:
        """Bring what is settled up to the history. A step is rendered and counted once; only a folding, and the
        user's words before the first step, make it begin anew."""
        stand = (history.fold, len(history.preface) + len(history.handed))
        if self._stand is None or self._stand[0] is not stand[0] or self._stand[1] != stand[1]:
            self._begin(history)
            self._stand = stand
        for step in history.steps[self._next :]:
            self._next += 1
            self._render(step)

    def _begin(self, history: History) -> None:
        fold = history.fold
        upto = fold.upto if fold else 0
        called = (call.tool for step in history.steps if step.thought.step <= upto for call in step.thought.calls)
        room = min(JOINED_ROOM, (self.goal.model.window or history.window or DEFAULT_WINDOW) // 10)
        joined = joining(self._others, called, self._size_of, room)
        self.tools = (*self._told, *joined.values())
        self._unlisted = tuple(tool for name, tool in self._others.items() if name not in joined)
        self._cut = (fold.until, fold.cap) if fold else (0, None)
        handed = _project(history.handed)
        self._settled = [*self.head, *handed, *self._preface(history, upto), *self._summary(fold)]
        self._past = len(self._settled)
        self._ends = sorted({len(self.head) + len(handed) - 1, self._past - 1})
        self._steps, self._steps_tokens = [], 0
        self._next = next((n for n, step in enumerate(history.steps) if step.thought.step > upto), len(history.steps))

    def _render(self, step: Step) -> None:
        """A step as messages: the thought, its results (long ones cut where the window asks for it), the words."""
        thought = step.thought
        until, cap = self._cut
        cap = cap if thought.step <= until else None
        thought = self._excerpts.thought(thought, cap) if cap is not None else thought
        messages = [Message("assistant", thought.text, thought.calls)]
        results: list[int] = []
        for call in thought.calls:
            messages.append(self._result(step, call.id, cap))
            results.append(self._size(messages[-1]))
        feedback = [Message("user", feedback_text(one.origin, one.text)) for one in step.feedback]
        pinned = sum(self._size(m) for m, one in zip(feedback, step.feedback, strict=True) if one.origin == "user")
        messages += [*feedback, *_project(step.handed)]
        total = self._sizes(messages)
        self._settled += messages
        self._ends.append(len(self._settled) - 1)
        self._steps.append(_Rendered(thought, total, pinned, tuple(results)))
        self._steps_tokens += total

    def _result(self, step: Step, call: str, cap: int | None) -> Message:
        """What came back from a call, in at most `cap` tokens."""
        observed, edited = step.results.get(call), step.edited.get(call)
        text = result_text(observed)
        remark = (
            edited_text(edited.by, self._excerpts.start(arguments_text(edited.arguments), MOST_EDITED))
            if edited
            else ""
        )
        if cap is None:
            return Message("tool", text, call_id=call, remark=remark)
        if not remark:
            return Message("tool", self._excerpts.result(text, cap, observed.whole if observed else None), call_id=call)
        return Message("tool", self._excerpts.result(f"{remark}\n{text}", cap, None), call_id=call)

    def _preface(self, history: History, upto: int) -> list[Message]:
        """The user's words that stay whatever is folded: those before the first step, and those in folded steps."""
        words = [one for one in history.preface if one.origin == "user"]
        for step in history.steps:
            if step.thought.step > upto:
                break
            words += [one for one in step.feedback if one.origin == "user"]
        return [Message("user", feedback_text(one.origin, one.text)) for one in words]

    def _summary(self, fold: WindowFolded | None) -> list[Message]:
        if fold is None or not fold.upto:
            return []
        found = "; recall finds what was in them" if self._recalls else ""
        return [Message("user", f"# Summary of steps 1 to {fold.upto} (folded to save room{found})\n{fold.summary}")]

    def _tail(self, history: History, allowance: Allowance, now: date) -> Message:
        spend = history.spend
        lines = [
            "# State",
            f"Today is {now.isoformat()}. Next is step {history.step + 1} of {allowance.steps}.",
            f"{spend.tokens} of {allowance.tokens} tokens are used.",
        ]
        if history.notes:
            lines += self._notes(history.notes)
        if (pending := history.pending_feedback()) is not None:
            lines.append(f"Still to be answered, from the user: {pending}")
        return Message("user", "\n".join(lines))

    def _notes(self, notes: Sequence[RecalledNote]) -> list[str]:
        """Recalled notes, within their room. They stay as they are from step to step, until others are recalled."""
        room = NOTES_ROOM if self._window >= SMALL_WINDOW else min(SMALL_NOTES_ROOM, self._window // 8)
        if self._quoted[0] is not notes or self._quoted[1] != room:
            self._quoted = (notes, room, quoted(notes, room, self.counter.count))
        return self._quoted[2]

    def _size(self, message: Message) -> int:
        """Plain tokens of a message; kept with it, since most messages are sent many times."""
        size = message.__dict__.get("tokens")
        if size is None:
            size = message.__dict__["tokens"] = 4 + self.counter.plain(message.wire.decode())
        return int(size)

    def _sizes(self, messages: Iterable[Message]) -> int:
        return sum(self._size(message) for message in messages)

    def _size_of(self, tools: Iterable[ToolDescription]) -> int:
        """Plain tokens of tools; each is counted once."""
        total = 0
        for tool in tools:
            size = self._tool_sizes.get(tool.name)
            if size is None:
                size = self._tool_sizes[tool.name] = self.counter.plain(tool.wire.decode())
            total += size
        return total


def _project(handed: Iterable[ContextHanded]) -> list[Message]:
    """What the project says of itself, as it was handed over."""
    return [Message("user", one.text) for one in handed if one.text]
