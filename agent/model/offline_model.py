"""The offline model: rules in place of a language model, for a first run without a key and without a network.

It turns the goal's sub-goals into calls of the tools that are offered, plugins of strangers among them, and says
plainly on screen and in the answer that it is rule-based. What no rule covers it does not pretend to do.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from agent.events import JSON, Thought, ThoughtDelta, ToolCall, Usage
from agent.goal import Goal
from agent.model import Request, Thinking
from agent.model.offline import transcript as told
from agent.model.offline.intents import Intent
from agent.model.offline.matching import FINISH, Toolset
from agent.model.offline.play import play
from agent.model.offline.script import Job, begin
from agent.model.offline.transcript import Ledger, Result

NAME = "offline"
WINDOW = 1_000_000
"""Tokens; the rules read everything, so nothing needs to be folded."""


@dataclass(frozen=True, slots=True)
class _Next:
    """What the next thought says and wants: `answer` is the final one."""

    line: str
    intents: tuple[Intent, ...]
    answer: str = ""


class OfflineModel:
    """A rule-based `agent.model.Model`. It keeps nothing between two thoughts: the goal and the request say all.

    Args:
        goal: What is wanted. Its sub-goals, constraints and the files of its checks are read.
    """

    def __init__(self, goal: Goal) -> None:
        self._goal = goal

    @property
    def name(self) -> str:
        """ "offline"."""
        return NAME

    @property
    def window(self) -> int:
        """Large: nothing needs to be folded."""
        return WINDOW

    @property
    def offline(self) -> bool:
        """True: nothing is paid, and it cannot be asked free questions."""
        return True

    def price(self, usage: Usage) -> float:  # noqa: ARG002  the protocol's, and nothing costs anything
        """Nothing."""
        return 0.0

    def think(self, request: Request) -> Thinking:
        """The next calls by the rules; or, for anything but a step of the run, an empty reply.

        The ids of calls count up through the run. It never raises `ModelError`.
        """
        began = time.monotonic()
        if request.purpose != "think":
            return Thought(text="", model=NAME)
        transcript = told.read(request.messages)
        job = begin(self._goal, Toolset(tuple(request.tools)), transcript)
        found = _next(job)
        key = "first" if transcript.thoughts == 0 else "step"
        text = job.say(key, number=transcript.thoughts + 1, line=found.line)
        calls = _calls(found.intents, transcript.highest)
        if found.answer:
            text, calls = f"{text}\n\n{found.answer}", ()
        yield ThoughtDelta(text=text)
        return Thought(
            text=text,
            calls=calls,
            model=NAME,
            finish="tool_calls" if calls else "stop",
            seconds=time.monotonic() - began,
        )


def _calls(intents: Sequence[Intent], highest: int) -> tuple[ToolCall, ...]:
    calls: list[ToolCall] = []
    for number, intent in enumerate(intents, highest + 1):
        arguments: dict[str, JSON] = dict(intent.arguments) | dict(intent.late() if intent.late else {})
        calls.append(ToolCall(id=f"{NAME}-{number}", tool=intent.tool, arguments=arguments))
    return tuple(calls)


def _next(job: Job) -> _Next:
    """Play the script up to the first call that was not made yet."""
    ledger = Ledger(list(job.transcript.made), job.transcript.forgotten)
    script = play(job)
    wants = next(script)
    finishes = 0
    while True:
        if wants.intents[0].tool == FINISH:
            if finishes < job.transcript.finishes and any(one.finishes > finishes for one in job.transcript.said):
                finishes += 1
                wants = script.send([Result("")])
                continue
            if not job.tools.can_finish:
                return _Next(wants.line, (), _final(wants.intents[0]))
            return _Next(wants.line, wants.intents)
        results = [_known(job, ledger, intent) for intent in wants.intents]
        missing = tuple(one for one, result in zip(wants.intents, results, strict=True) if result is None)
        if missing:
            return _Next(wants.line, missing)
        wants = script.send([result for result in results if result is not None])


def _final(intent: Intent) -> str:
    late = intent.late() if intent.late else {}
    return str(late.get("answer", ""))


def _known(job: Job, ledger: Ledger, intent: Intent) -> Result | None:
    """The result of a call if it was made, or if it must not be or need not be made; else None."""
    found = ledger.take(intent.tool, intent.arguments)
    if found is not None:
        return found
    if job.prohibits(intent):
        return Result("Error (prohibited): " + job.say("prohibited"))
    return ledger.take_edited(intent.tool) or (Result("") if ledger.forget() else None)
