"""Confined programs behind a tool's gate: who declares no EXECUTE starts none, and none outlives its call."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence

from plugins import _handed as handed
from plugins._contract import Effect, Ended, Sandbox, Talker, Tool, ToolError
from plugins._revocation import Gate


class GuardedSandbox:
    """Confined programs whose arguments are checked, for one tool; what it starts ends once `cancel` is set."""

    def __init__(self, sandbox: Sandbox, tool: Tool, gate: Gate, cancel: threading.Event) -> None:
        self._sandbox, self._tool, self._gate, self._cancel = sandbox, tool, gate, cancel

    def run(
        self,
        command: str | Sequence[str],
        *,
        folder: str = "",
        environment: Mapping[str, str] | None = None,
        timeout: float = 60.0,
        output: Callable[[str], None] | None = None,
        cancel: threading.Event | None = None,  # noqa: ARG002 - the call's own counts
    ) -> Ended:
        self._permit()
        what = "context.sandbox.run"
        ended = self._sandbox.run(
            handed.text(command, f"{what}: command") if isinstance(command, str) else _words(command, what),
            folder=handed.text(folder, f"{what}: folder"),
            environment=_environment(environment, what),
            timeout=handed.number(timeout, f"{what}: timeout"),
            output=output,
            cancel=self._cancel,
        )
        self._gate.check()
        return ended

    def talk(
        self,
        name: str,
        command: Sequence[str],
        *,
        environment: Mapping[str, str] | None = None,
        cancel: threading.Event | None = None,  # noqa: ARG002 - the call's own counts
    ) -> tuple[Talker, bool]:
        self._permit()
        what = "context.sandbox.talk"
        found = self._sandbox.talk(
            handed.text(name, f"{what}: name"),
            _words(command, what),
            environment=_environment(environment, what),
            cancel=self._cancel,
        )
        self._gate.check()
        return found

    def _permit(self) -> None:
        self._gate.check()
        if self._tool.effect is not Effect.EXECUTE:
            raise ToolError(
                f"{self._tool.name} declares the effect {self._tool.effect.name}, so it may not run a program",
                hint="a tool that does declares effect=Effect.EXECUTE",
            )


def _words(command: Sequence[str], what: str) -> tuple[str, ...]:
    found = handed.texts(command, f"{what}: command")
    if not found or any("\0" in one for one in found):
        raise ValueError(f"{what}: command must name a program, without NUL characters")
    return found


def _environment(given: object, what: str) -> dict[str, str] | None:
    if given is None:
        return None
    if not isinstance(given, Mapping):
        raise TypeError(f"{what}: environment must be a mapping of names to values, not {type(given).__name__}")
    name = f"{what}: environment"
    return {handed.text(key, name): handed.text(value, name) for key, value in given.items()}
