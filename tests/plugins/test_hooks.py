from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from plugins import Effect, Refuse, Tool, ToolError, Workspace, tool
from plugins._hooks import HookFailed, Hooks, Observers

PATIENT = 10.0  # seconds; only a failing test waits so long


@tool(effect=Effect.READ)
def look(path: str, names: list[str] | None = None) -> None:
    """Look.

    Args:
        path: Where.
        names: At what.
    """


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace.open(tmp_path / "desk") as opened:
        yield opened


def refusal(hooks: Hooks, workspace: Workspace, arguments: dict[str, Any] | None = None) -> tuple[str, str]:
    with pytest.raises(HookFailed) as caught:
        hooks.apply(look, arguments or {"path": "a"}, workspace)
    error = caught.value.observation.error
    assert error is not None
    return error.kind, caught.value.observation.text


def test_without_hooks_the_arguments_are_as_they_were(workspace: Workspace) -> None:
    assert Hooks([]).apply(look, {"path": "a"}, workspace) == ({"path": "a"}, "")


def test_a_hook_that_hangs_is_blamed_by_name_and_no_call_slips_by_it_from_then_on(workspace: Workspace) -> None:
    asked = []

    def guard(tool: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        asked.append(tool)
        if len(asked) == 1:
            threading.Event().wait(PATIENT)
        return arguments

    hooks = Hooks([("own", guard)], seconds=0.05)
    words = "the before_call hook guard of the plugin own did not end within 0.05 s; no call is made any more"
    began = time.monotonic()
    for _ in range(3):
        kind, text = refusal(hooks, workspace)
        assert kind == "crash"
        assert text.startswith(words)
    assert time.monotonic() - began < PATIENT / 2
    assert asked == ["look"]


def test_a_mapping_that_hangs_while_it_is_read_is_under_the_same_clock(workspace: Workspace) -> None:
    class Slow(dict[str, Any]):
        def __iter__(self) -> Iterator[str]:
            threading.Event().wait(PATIENT)
            return super().__iter__()

    hooks = Hooks([("own", lambda tool, arguments: Slow(path="b"))], seconds=0.05)
    assert "did not end within" in refusal(hooks, workspace)[1]


def test_what_does_not_fit_is_blamed_on_the_hook_that_returned_it(workspace: Workspace) -> None:
    def fine(tool: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        return {**arguments, "path": "b"}

    def odd(tool: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        return {**arguments, "extra": 1}

    kind, text = refusal(Hooks([("one", fine), ("two", odd)]), workspace)
    assert kind == "crash"
    assert text == (
        "the before_call hook odd of the plugin two returned arguments that the tool does not take: "
        'unknown argument "extra"'
    )


def test_a_coroutine_that_a_hook_returns_is_no_answer(workspace: Workspace) -> None:
    async def later(tool: str, arguments: Mapping[str, Any]) -> None:
        raise Refuse("never")

    def hook(tool: str, arguments: Mapping[str, Any]) -> Any:
        return later(tool, arguments)

    kind, text = refusal(Hooks([("own", hook)]), workspace)
    assert kind == "crash"
    assert "hooks are not awaited" in text
    (fault,) = Observers([("own", lambda event: later("", event))]).tell({})
    assert "hooks are not awaited" in fault


def test_a_refusal_whose_words_cannot_be_had_is_a_refusal(workspace: Workspace) -> None:
    class Mute(Refuse):
        def __str__(self) -> str:
            raise SystemExit(0)

    def hook(tool: str, arguments: Mapping[str, Any]) -> Any:
        raise Mute

    assert refusal(Hooks([("own", hook)]), workspace)[0] == "denied"


def test_a_tool_error_that_was_never_made_whole_is_told_all_the_same(workspace: Workspace) -> None:
    class Half(ToolError):
        def __init__(self) -> None:
            """Without the rest."""

    def hook(tool: str, arguments: Mapping[str, Any]) -> Any:
        raise Half

    assert refusal(Hooks([("own", hook)]), workspace) == (
        "tool",
        "stopped by the before_call hook hook of the plugin own: Half",
    )


def test_an_observer_that_hangs_is_left_out_and_that_is_said_once() -> None:
    told: list[Any] = []

    def hang(event: dict[str, Any]) -> None:
        threading.Event().wait(PATIENT)

    observers = Observers([("a", hang), ("b", told.append)], seconds=0.05)
    began = time.monotonic()
    assert observers.tell({"n": 1}) == ["plugin a: observer hang is left out from now on: it did not end within 0.05 s"]
    assert observers.tell({"n": 2}) == []
    assert time.monotonic() - began < PATIENT / 2
    assert told == [{"n": 1}, {"n": 2}]


def test_what_one_observer_does_to_an_event_nobody_else_sees() -> None:
    seen: list[Any] = []

    def scribble(event: dict[str, Any]) -> None:
        event["deep"]["list"].append("scribble")
        event["deep"]["tuple"].append("scribble")

    event = {"deep": {"list": [1, {"a": 2}], "tuple": (1, 2)}}
    assert Observers([("a", scribble), ("b", seen.append)]).tell(event) == []
    assert seen == [{"deep": {"list": [1, {"a": 2}], "tuple": [1, 2]}}]
    assert event == {"deep": {"list": [1, {"a": 2}], "tuple": (1, 2)}}


def test_observers_see_all_events_in_one_thread() -> None:
    threads: list[int] = []
    observers = Observers([("own", lambda event: threads.append(threading.get_ident()))])
    for number in range(10):
        observers.tell({"n": number})
    assert len(set(threads)) == 1


def test_an_observer_costs_little_for_each_event() -> None:
    observers = Observers([("own", lambda event: None)])
    event = {"kind": "observation", "text": "x" * 16_000, "value": [{"a": number} for number in range(20)]}
    durations = []
    for _ in range(200):
        began = time.perf_counter()
        observers.tell(event)
        durations.append(time.perf_counter() - began)
    assert sorted(durations)[20] < 0.001


def test_what_a_hook_returned_is_read_by_the_tools_own_schema(workspace: Workspace) -> None:
    def widen(tool: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        return {**arguments, "names": "Ada"}

    assert isinstance(look, Tool)
    assert Hooks([("own", widen)]).apply(look, {"path": "a"}, workspace) == (
        {"path": "a", "names": ["Ada"]},
        "edited by the before_call hook widen of the plugin own",
    )


def test_an_exception_whose_parts_cannot_be_read_is_the_hooks_failure(workspace: Workspace) -> None:
    class Mute:
        def __str__(self) -> str:
            raise SystemExit(0)

    class Noted(ValueError):
        def __getattribute__(self, name: str) -> Any:
            if name == "__notes__":
                raise SystemExit(0)
            return super().__getattribute__(name)

    stubborn = ToolError("wrong")
    stubborn.message = Mute()  # type: ignore[assignment]  # authors are not held to types
    for error, words in ((Noted("odd"), "failed: Noted: odd"), (stubborn, "plugin own: ToolError")):

        def hook(tool: str, arguments: Mapping[str, Any], error: BaseException = error) -> Any:
            raise error

        assert refusal(Hooks([("own", hook)]), workspace)[1].endswith(words)
