from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from plugins import Effect, PathState, Tool, Workspace
from plugins._intents import Foreteller


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    with Workspace.open(tmp_path / "desk") as opened:
        yield opened


def writer(name: str, after: Any) -> Tool:
    return Tool(name=name, description="W.", effect=Effect.WRITE, function=dict, parameters={}, after=after)


def test_an_after_that_hangs_is_not_asked_again_and_others_are(workspace: Workspace) -> None:
    asked: list[str] = []

    def hang(arguments: Mapping[str, Any], old: Mapping[str, bytes | None]) -> Mapping[str, bytes | None]:
        asked.append("hang")
        threading.Event().wait(10)
        return {}

    foreteller = Foreteller(seconds=0.05)
    for _ in range(2):
        assert foreteller.states(writer("hanging", hang), {}, ["a"], workspace) == (
            [PathState(path="a", sha256=None)],
            None,
        )
    assert asked == ["hang"]
    assert foreteller.states(writer("quick", lambda arguments, old: {"a": None}), {}, [], workspace) == (
        [],
        {"a": None},
    )


@pytest.mark.parametrize("answer", [None, 5, {"a": "text"}, {5: b""}, {"../a": b""}], ids=repr)
def test_an_after_whose_answer_is_none_tells_nothing(answer: Any, workspace: Workspace) -> None:
    assert Foreteller(seconds=10).states(writer("odd", lambda arguments, old: answer), {}, [], workspace) == ([], None)
