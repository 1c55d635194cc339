"""The keys at a prompt, and the lines that are nearly one."""

from __future__ import annotations

import pytest

from agent.approval import Allow, Comment, Deny, Quit
from agent.cli.keys import FEW_KEYS, KEYS, meant, near, offered

NEARLY = {
    "y": ("yes", "Yes!", "YES", "Y", "ｙ", "ok", "OK.", "是", "好。", "да", "はい", "sí"),
    "n": ("no", "No.", "N", "不", "否", "нет", "nein"),
    "a": ("A", "always"),
    "e": ("E", "edit"),
    "q": ("Q", "quit", "exit", "stop", ":q", "退出"),
}


@pytest.mark.parametrize(("key", "line"), [(key, line) for key, lines in NEARLY.items() for line in lines])
def test_a_line_that_is_nearly_a_key_is_told_the_key(key: str, line: str) -> None:
    assert near(line, KEYS) == [f"type {key} for {KEYS[key].short}"]
    assert near(f"  {line} ", KEYS) == near(line, KEYS)
    assert meant(line) == Comment(
        line
    )  # whoever does not ask whether it is near takes it for feedback, never for a yes


@pytest.mark.parametrize("line", ["y5", "y 5", "Y -5", "y -", "y -N", "y −5", "y -5000000", "ｙ５"])
def test_a_number_of_steps_that_is_written_otherwise_is_told_how(line: str) -> None:
    assert near(line, KEYS) == ["type y -N for yes and N steps unasked, such as y -5"]
    assert near(line, FEW_KEYS) is None


@pytest.mark.parametrize("line", ["y", " y ", "y -5", "a", "n", "n yes", "e", "q"])
def test_a_key_is_not_nearly_one(line: str) -> None:
    assert near(line, KEYS) is None


@pytest.mark.parametrize(
    "line", ["yes please", "no, in metres", "why", "stop writing to that file", "请用中文", "n1", "hm", "…", "1", "yy"]
)
def test_everything_else_is_feedback(line: str) -> None:
    assert near(line, KEYS) is None
    assert meant(line) == Comment(line)


@pytest.mark.parametrize("line", ["?", "？", "h", "help", "HELP!", "帮助"])
def test_who_asks_for_help_is_told_every_key(line: str) -> None:
    told = near(line, KEYS)
    assert told is not None
    assert [one.split("  ")[1] for one in told[:-1]] == ["y", "y -N", "a", "n [reason]", "e", "q"]
    assert "any other line is feedback" in told[-1]
    few = near(line, FEW_KEYS)
    assert few is not None
    assert len(few) == 3
    assert not any("feedback" in one for one in few)


def test_where_few_keys_count_only_these_are_near() -> None:
    assert near("always", FEW_KEYS) is None
    assert near("OK", FEW_KEYS) == ["type y for yes"]
    assert offered(FEW_KEYS) == "y yes · n [reason] no · q stop"


@pytest.mark.parametrize(
    ("line", "answer"),
    [("y", Allow()), ("y  -3", Allow(steps=3)), ("n\tno", Deny("no")), ("q", Quit()), ("y -٣", Comment("y -٣"))],
)
def test_what_a_line_means(line: str, answer: object) -> None:
    assert meant(line) == answer
