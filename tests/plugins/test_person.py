from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from plugins import Context, Observation, ToolError, Workspace
from plugins.person import ask_user
from tests.plugins.nothing import Nothing


class Human:
    """Answers what was put into `answer`; None: is not there."""

    def __init__(self) -> None:
        self.answer: str | None = ""
        self.asked: list[tuple[str, list[str]]] = []

    def __call__(self, question: str, choices: Sequence[str] = ()) -> str:
        self.asked.append((question, list(choices)))
        if self.answer is None:
            raise ToolError("nobody can be asked", kind="no-person")
        return self.answer


@pytest.fixture
def human() -> Human:
    return Human()


@pytest.fixture
def ask(tmp_path: Path, human: Human) -> Iterator[Callable[..., str]]:
    def call(tool: str, arguments: Mapping[str, Any]) -> Observation:
        raise ToolError("no tool can be called here")

    def progress(text: str, *, done: float | None = None, total: float | None = None) -> None:
        """Nobody looks."""

    with Workspace.open(tmp_path) as workspace:
        context = Context(
            workspace=workspace,
            artifacts=Nothing(),
            notes=Nothing(),
            ask=None,
            call=call,
            person=human,
            progress=progress,
        )

        def asking(*given: Any) -> str:
            return str(ask_user(*given, context=context))

        yield asking


def test_the_answer_is_handed_on(ask: Callable[..., str], human: Human) -> None:
    human.answer = " 明天 \n"
    assert ask(" When? ") == "明天"
    assert human.asked == [("When?", [])]


@pytest.mark.parametrize(
    ("answer", "meant"),
    [("red", "Red"), ("2", "green"), ("3", "3"), ("0", "0"), ("neither", "neither"), ("２", "green"), ("²", "²")],
)
def test_a_choice_is_meant_by_its_words_or_its_number(
    ask: Callable[..., str], human: Human, answer: str, meant: str
) -> None:
    human.answer = answer
    assert ask("Which?", ["Red", " green ", "", "Red"]) == meant
    assert human.asked == [("Which?", ["Red", "green"])]


def test_no_answer_is_said(ask: Callable[..., str], human: Human) -> None:
    human.answer = "  "
    assert ask("When?") == "(the user gave no answer)"


def test_nobody_there_is_told_as_such(ask: Callable[..., str], human: Human) -> None:
    human.answer = None
    with pytest.raises(ToolError) as caught:
        ask("When?")
    assert caught.value.kind == "no-person"


def test_an_empty_question_reaches_nobody(ask: Callable[..., str], human: Human) -> None:
    with pytest.raises(ToolError, match="question is empty"):
        ask(" ")
    assert human.asked == []


def test_people_may_take_their_time() -> None:
    assert ask_user.timeout >= 86_400
