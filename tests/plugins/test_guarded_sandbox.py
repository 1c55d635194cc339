"""Confined programs behind a tool's gate."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import pytest

from plugins import Effect, Ended, Talker, ToolError, tool
from plugins._guarded_sandbox import GuardedSandbox
from plugins._revocation import Gate


class Said:
    """A sandbox that notes what reaches it."""

    def __init__(self) -> None:
        self.reached: list[Any] = []

    def run(
        self,
        command: str | Sequence[str],
        *,
        folder: str = "",
        environment: Mapping[str, str] | None = None,
        timeout: float = 60.0,
        output: Callable[[str], None] | None = None,
        cancel: threading.Event | None = None,
    ) -> Ended:
        self.reached.append((command, cancel))
        return Ended(code=0, output="", stopped=None, seconds=0.0)

    def talk(
        self,
        name: str,
        command: Sequence[str],
        *,
        environment: Mapping[str, str] | None = None,
        cancel: threading.Event | None = None,
    ) -> tuple[Talker, bool]:
        raise AssertionError("nobody asked")


def guarded(effect: Effect, said: Said, gate: Gate | None = None) -> tuple[Any, threading.Event]:
    @tool(effect=effect)
    def own() -> str:
        """Do it."""
        return ""

    cancel = threading.Event()
    return GuardedSandbox(said, own, gate or Gate(cancel), cancel), cancel


@pytest.mark.parametrize("effect", [Effect.READ, Effect.WRITE, Effect.FETCH, Effect.SEND])
def test_only_a_tool_that_declares_execute_runs_programs(effect: Effect) -> None:
    said = Said()
    sandbox, _ = guarded(effect, said)
    with pytest.raises(ToolError, match="may not run a program"):
        sandbox.run("id")
    with pytest.raises(ToolError, match="may not run a program"):
        sandbox.talk("x", ["/bin/cat"])
    assert said.reached == []


def test_what_a_tool_starts_hangs_on_its_own_call() -> None:
    said = Said()
    sandbox, cancel = guarded(Effect.EXECUTE, said)
    sandbox.run("id", cancel=threading.Event())
    assert said.reached == [("id", cancel)]


def test_once_the_gate_is_closed_nothing_is_started() -> None:
    said = Said()
    gate = Gate(threading.Event())
    sandbox, _ = guarded(Effect.EXECUTE, said, gate)
    gate.close("the call has ended", patience=0)
    with pytest.raises(ToolError, match="ended"):
        sandbox.run("id")
    assert said.reached == []


def test_what_is_handed_in_is_checked() -> None:
    sandbox, _ = guarded(Effect.EXECUTE, Said())
    for wrong in (3, ["a", 3], [], ["a\0b"]):
        with pytest.raises((TypeError, ValueError), match=r"context\.sandbox\.run"):
            sandbox.run(wrong)
    with pytest.raises(TypeError, match="environment"):
        sandbox.run("id", environment=["A=1"])
    with pytest.raises(TypeError, match="timeout"):
        sandbox.run("id", timeout="long")
