"""Questions at the terminal: an answer a line, of which each can be mended."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any, TypeVar

import pytest

from agent.cli.questions import Asked, Left, Mend, Questions

T = TypeVar("T")


class Table:
    """Questions over plain streams."""

    def __init__(self, typed: str) -> None:
        self.target = io.StringIO()
        self.questions = Questions(io.StringIO(typed), self.target)

    def go(self, flow: Callable[[Questions], T]) -> T:
        return self.questions.go(flow)

    @property
    def shown(self) -> str:
        return self.target.getvalue()


def asked(text: str = "What?", **more: Any) -> Asked:
    return Asked(**{"text": text, "help": ("helps", "  more"), "why": "it is needed"} | more)


def two(questions: Questions) -> tuple[str, str]:
    return questions.ask(asked("First")), questions.ask(asked("Second", default="two"))


def test_answers_come_line_by_line_and_enter_keeps_a_default() -> None:
    table = Table("一\n\n")
    assert table.go(two) == ("一", "two")
    assert table.shown == "First\n> Second [two]\n> "


def test_an_empty_answer_is_asked_again_with_a_word_why() -> None:
    table = Table("\n   \nat last\n\n")
    assert table.go(two)[0] == "at last"
    assert table.shown.startswith("First\n>   it is needed\n>   it is needed\n> Second")


@pytest.mark.parametrize("key", ["?", "？", " ? "])
def test_a_question_mark_explains_and_is_no_answer(key: str) -> None:
    table = Table(f"{key}\nx\n\n")
    assert table.go(two)[0] == "x"
    assert table.shown.startswith("First\n>   helps\n    more\n> ")


@pytest.mark.parametrize("key", ["<", "＜", "《", "  <  "])
def test_back_mends_the_answer_before_and_enter_keeps_it_as_it_was(key: str) -> None:
    assert Table(f"one\n{key}\nother\n\n").go(two) == ("other", "two")
    table = Table(f"one\n{key}\n\n{key}\nthird\nlast\n")
    assert table.go(two) == ("third", "last")
    assert "First [one]\n> " in table.shown


def test_back_at_the_first_question_says_so() -> None:
    table = Table("<\none\n\n")
    assert table.go(two) == ("one", "two")
    assert "this is the first question\nFirst\n> " in table.shown


def listed(questions: Questions) -> list[str]:
    answers: list[str] = []
    while line := questions.ask(asked("Goals", default="", label=f"goal {len(answers) + 1}", more=bool(answers))):
        answers.append(line)
    return [*answers, questions.ask(asked("Then"))]


def test_back_goes_through_a_list_line_by_line() -> None:
    table = Table("a\nb\nc\n\n<\n<\n<\nB\n\n\nend\n")
    assert table.go(listed) == ["a", "B", "c", "end"]
    assert "goal 2>   [c]  Enter keeps it, - removes it\ngoal 3> goal 4> Then\n" in table.shown
    assert table.shown.count("Goals\n") == 2


def test_a_line_of_a_list_can_be_removed_and_more_be_added() -> None:
    assert Table("a\nb\nc\n\n<\n<\n<\n-\n\nd\n\nend\n").go(listed) == ["a", "c", "d", "end"]
    assert Table("a\n-\n\nend\n").go(listed) == ["a", "-", "end"]


def test_going_back_far_loses_none_of_the_answers_between() -> None:
    def flow(questions: Questions) -> list[str]:
        return [questions.ask(asked(text)) for text in ("A", "B", "C", "D")]

    assert Table("1\n2\n3\n<\n<\n<\none\n\n\n4\n").go(flow) == ["one", "2", "3", "4"]
    assert Table("1\n2\n3\n<\n<\n<\n<\n\n\n\n4\n").go(flow) == ["1", "2", "3", "4"]


def test_an_answer_is_offered_only_to_the_question_that_it_answered() -> None:
    def flow(questions: Questions) -> list[str]:
        kind = questions.ask(asked("Kind"))
        return [kind, questions.ask(asked(f"Which {kind}?")), questions.ask(asked("Last"))]

    table = Table("file\na.md\n<\n<\nword\n\nhello\nend\n")
    assert table.go(flow) == ["word", "hello", "end"]
    assert "Which word?\n>   it is needed\n> Last\n" in table.shown


def test_an_answer_that_is_kept_is_looked_at_again() -> None:
    def flow(questions: Questions) -> list[str]:
        first = questions.ask(asked("First"))
        other = asked("Second", fault=lambda text: "is the same" if text == first else None)
        return [first, questions.ask(other), questions.ask(asked("Third"))]

    table = Table("a\nb\n<\n<\nb\n\nc\nd\n")
    assert table.go(flow) == ["b", "c", "d"]
    assert table.shown.count("it is the same") == 1


def test_what_was_told_is_told_again_only_where_it_was_undone() -> None:
    def flow(questions: Questions) -> str:
        questions.tell(["hello"])
        first = questions.ask(asked("First"))
        questions.tell([f"you said {first}"])
        return first + questions.ask(asked("Second"))

    table = Table("a\n<\nb\nc\n")
    assert table.go(flow) == "bc"
    assert table.shown.count("hello") == 2
    assert table.shown.count("you said a") == table.shown.count("you said b") == 1


def test_a_fault_is_told_and_the_question_stands() -> None:
    def flow(questions: Questions) -> str:
        return questions.ask(asked(fault=lambda text: None if text == "5" else "must be five\x1b[31m"))

    table = Table("four\n5\n")
    assert table.go(flow) == "5"
    assert "  it must be five\\x1b[31m\n" in table.shown


def test_spaces_belong_to_an_exact_answer_alone() -> None:
    def flow(questions: Questions) -> tuple[str, str]:
        return questions.ask(asked(exact=True)), questions.ask(asked())

    assert Table("  x  \n  y  \n").go(flow) == ("  x  ", "y")


def test_a_flow_can_ask_for_its_last_answer_again() -> None:
    def flow(questions: Questions) -> str:
        first, second = questions.ask(asked("First")), questions.ask(asked("File"))
        if second == "full":
            raise Mend("the disk is full")
        return first + second

    table = Table("a\nfull\nfree\n")
    assert table.go(flow) == "afree"
    assert "the disk is full\nFile [full]\n> " in table.shown


@pytest.mark.parametrize(
    ("line", "yes"),
    [("y", True), ("Yes", True), ("是", True), ("好的。", True), ("n", False), ("no", False), ("不要", False)],
)
def test_yes_and_no_are_taken_as_people_write_them(line: str, yes: bool) -> None:
    table = Table(f"maybe\n\n{line}\n")
    assert table.go(lambda questions: questions.agrees("Sure?", ("help",))) is yes
    assert table.shown.count("y or n?") == 2


@pytest.mark.parametrize("typed", ["", "a\n", "a\nb"])
def test_the_end_of_input_leaves(typed: str) -> None:
    with pytest.raises(Left):
        Table(typed).go(lambda questions: [*two(questions), *two(questions)])


class Interrupted(io.StringIO):
    """Somebody who types some lines and then presses Ctrl-C."""

    def readline(self, size: int = -1, /) -> str:  # type: ignore[override]
        line = super().readline(size)
        if not line:
            raise KeyboardInterrupt
        return line


@pytest.mark.parametrize("count", [0, 1])
def test_ctrl_c_leaves(count: int) -> None:
    with pytest.raises(Left):
        Questions(Interrupted("x\n" * count), io.StringIO()).go(two)


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("ab\x1b[D\x1b[Dc", "a key without a letter is in this line (\\x1b)"),
        ("bytes of another encoding \ufffd\ufffd", "this is not UTF-8"),
        ("长" * 1366, "the end of this one is lost"),
    ],
)
def test_what_a_terminal_did_not_hand_over_as_it_was_meant_is_asked_again(line: str, words: str) -> None:
    table = Table(f"{line}\nfine\n\n")
    assert table.go(two)[0] == "fine"
    assert words in table.shown
