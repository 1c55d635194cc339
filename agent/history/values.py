"""What a history is made of: its steps, the calls in them, and what they cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from agent.events import JSON, ContextHanded, Feedback, Observed, Thought, ToolCall, ToolStarted, Usage, Verdict

FINISH = "finish"
"""The loop's own tool by which the model ends its work."""
FIND = "find_tools"
"""The loop's own tool that finds those which the prompt does not tell of."""
CALL = "call_tool"
"""The loop's own tool by which those are called."""
ROUND = "checks"
"""The addresses of rounds of checks begin so."""
RESERVED = (ROUND, "undo")
"""No id of a call begins like the address of a round of checks or of an undoing."""
UNSETTLED = "unsettled"
"""The reason with which a run stops whose last call may or may not have been made begins so."""
COMMENTED = "feedback instead"
"""The reason of a verdict by which a person spoke to the agent, and neither allowed nor denied."""


@dataclass(frozen=True, slots=True)
class Edited:
    """Arguments that a call was made with in place of those that the model gave, and whose they are."""

    by: Literal["person", "plugin"]
    arguments: Mapping[str, JSON]


@dataclass(slots=True)
class Step:
    """One thought, what came back from its calls, and the words that followed. `edited` are the calls that were made
    with other arguments, by their ids; `handed` is what the project says of where they worked."""

    thought: Thought
    results: dict[str, Observed] = field(default_factory=dict)
    feedback: list[Feedback] = field(default_factory=list)
    edited: dict[str, Edited] = field(default_factory=dict)
    handed: list[ContextHanded] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class OpenCall:
    """A call of the model without a result: its verdict and its intent, as far as it came."""

    call: ToolCall
    verdict: Verdict | None
    started: ToolStarted | None


@dataclass(frozen=True, slots=True)
class Done:
    """A call that came back, as the guard compares it. `kind`, `error` and `like` tell why it failed: the kind of its
    error, its words, and those without the names and numbers in them."""

    tool: str
    arguments_hash: str
    result_hash: str
    ok: bool
    effect: str
    step: int
    text: str
    kind: str = ""
    error: str = ""
    like: str = ""


@dataclass(slots=True)
class Spend:
    """What was used so far. `usd` counts what is known; `priced` is False once a call had no known price."""

    model_calls: int = 0
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    usd: float = 0.0
    priced: bool = True

    def add(self, usage: Usage) -> None:
        """Count one more answer of the model, with the calls that it took."""
        self.model_calls += usage.calls
        self.prompt_tokens += usage.prompt_tokens
        self.cached_tokens += usage.cached_tokens
        self.completion_tokens += usage.completion_tokens
        if usage.usd is None:
            self.priced = False
        else:
            self.usd += usage.usd

    @property
    def tokens(self) -> int:
        """Prompt and completion tokens together."""
        return self.prompt_tokens + self.completion_tokens
