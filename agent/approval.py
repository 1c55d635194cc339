"""Approval: may this call be made? By the user's policy, or by asking the person.

The table is effect x mode. At a terminal every call but READ is asked, except the tools that the user allowed by
name. Unattended (no terminal, or `-y`) the policy decides alone; what would need asking is then denied, unless `-y`
may answer it. An approval holds for one call with exactly these arguments.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from typing import Any, Literal, Protocol, TypeAlias

from plugins import Effect

PROGRAM = "run_check"
"""The name by which the user's rules speak of the programs that a goal's checks start."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """What the user permits. Patterns are matched on tool names. `allow` is the goal file's word, `own` the user's
    (flags and settings): only this one lets something leave this machine without a question or `-y`.

    `attended`: a person sits at a terminal and wants to be asked. `yes`: `-y` was given. `unasked`: so many steps
    run before the first question (`--steps N`).
    """

    allow: tuple[str, ...] = ()
    own: tuple[str, ...] = ()
    ask: tuple[str, ...] = ()
    deny: tuple[str, ...] = ()
    attended: bool = False
    yes: bool = False
    unasked: int = 0


@dataclass(frozen=True, slots=True)
class Ruling:
    """What the policy says, and why in a few words."""

    decision: Literal["allow", "ask", "deny"]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What the person is shown before a call: exactly what would be done. `kind` "unsettled": the call may already
    have been made before an interruption, and `allow` means to make it again. `kind` "server": there is no call; `told`
    are lines about a server of tools, and `tool` says what would be done with it."""

    tool: str
    effect: str
    arguments: Mapping[str, Any]
    reason: str
    step: int
    thought: str = ""
    kind: Literal["call", "unsettled", "program", "server"] = "call"
    told: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Allow:
    """Yes. `steps` more steps run unasked; `always`: this tool is not asked again in this process."""

    steps: int = 0
    always: bool = False


@dataclass(frozen=True, slots=True)
class Deny:
    """No, and why; the model is told."""

    reason: str = ""


@dataclass(frozen=True, slots=True)
class Edit:
    """Yes, with these arguments instead: they are checked and approved again."""

    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Comment:
    """No; the words are feedback that the model must answer."""

    text: str


@dataclass(frozen=True, slots=True)
class Quit:
    """Stop the run here; `resume` goes on."""


Answer: TypeAlias = Allow | Deny | Edit | Comment | Quit


class Approver(Protocol):
    """Somebody who can be asked: a person at a terminal. Calls may come from several threads."""

    def ask(self, question: Question) -> Answer:
        """Show the question and wait for the answer."""
        ...

    def answer(self, question: str, choices: Sequence[str]) -> str:
        """A question of the agent to the person: one line comes back."""
        ...


def _named(patterns: Sequence[str], tool: str) -> bool:
    return any(fnmatchcase(tool, pattern) for pattern in patterns)


@dataclass(slots=True)
class Approval:
    """The policy at work, with what the person granted in this process."""

    policy: Policy
    approver: Approver | None = None
    always: set[str] = field(default_factory=set)
    programs: set[str] = field(default_factory=set)
    unasked_until: int = 0

    def __post_init__(self) -> None:
        self.unasked_until = self.policy.unasked

    def denied(self, tool: str) -> bool:
        """Is this tool denied by name, whatever it does?"""
        return _named(self.policy.deny, tool)

    def rule(self, tool: str, effect: Effect, step: int) -> Ruling:
        """Decide on a call of `tool`, in step number `step`."""
        if self.denied(tool):
            return Ruling("deny", f"{tool} is denied by the user's rules")
        if self.policy.attended and self.approver is not None:
            return self._attended(tool, effect, step)
        return self._unattended(tool, effect)

    def _attended(self, tool: str, effect: Effect, step: int) -> Ruling:
        if _named(self.policy.ask, tool) and tool not in self.always:
            return Ruling("ask", "the rules say to ask")
        if effect is Effect.READ:
            return Ruling("allow", "only reads")
        if tool in self.always or _named((*self.policy.allow, *self.policy.own), tool):
            return Ruling("allow", "allowed by name")
        if step <= self.unasked_until:
            return Ruling("allow", f"unasked until step {self.unasked_until}")
        return Ruling("ask", f"its effect is {effect.value}")

    def _unattended(self, tool: str, effect: Effect) -> Ruling:
        own = _named(self.policy.own, tool)
        named = own or _named(self.policy.allow, tool)
        if _named(self.policy.ask, tool) and not self.policy.yes:
            return Ruling("deny", f"{tool} must be asked, and nobody can be")
        if effect in (Effect.READ, Effect.WRITE, Effect.FETCH):
            return Ruling("allow", f"its effect is {effect.value}")
        if own or (named and (effect is Effect.EXECUTE or self.policy.yes)):
            return Ruling("allow", "allowed by name")
        if effect is Effect.EXECUTE and self.policy.yes:
            return Ruling("allow", "-y answers yes")
        return Ruling("deny", f"{tool} needs approval (its effect is {effect.value}), and nobody can be asked")

    def rule_program(self, command: str) -> Ruling:
        """Decide on a program that the goal's own file starts: its word counts for tools, not for its programs."""
        if self.denied(PROGRAM):
            return Ruling("deny", "programs are denied by the user's rules")
        if command in self.programs:
            return Ruling("allow", "allowed before")
        if _named(self.policy.ask, PROGRAM) and not self.policy.yes:
            if self.policy.attended and self.approver is not None:
                return Ruling("ask", "the rules say to ask")
            return Ruling("deny", "programs must be asked for, and nobody can be")
        if self.policy.yes or _named(self.policy.own, PROGRAM):
            return Ruling("allow", "-y answers yes" if self.policy.yes else "allowed by name")
        if self.policy.attended and self.approver is not None:
            return Ruling("ask", "a check of the goal starts this program")
        return Ruling("deny", "it runs a program, and nobody can be asked; -y allows it")

    def grant(self, tool: str, answer: Allow, step: int) -> None:
        """Keep what the person granted beyond this one call."""
        if answer.always:
            self.always.add(tool)
        if answer.steps:
            self.unasked_until = max(self.unasked_until, step + answer.steps - 1)
