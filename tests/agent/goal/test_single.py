from __future__ import annotations

import pytest

from agent.goal.single import fault, input_fault


@pytest.mark.parametrize(
    ("path", "text"),
    [
        ("name", "简报"),
        ("goal", "  Find: {{ all }} # of it"),
        ("budget.steps", "50"),
        ("budget.usd", "$0.50"),
        ("budget.time", "1h30m"),
        ("workspace.dir", "~/x y"),
        ("workspace.write", "out/**"),
        ("tools.allow", "web_*"),
        ("checks.file.file", "out/报告.md"),
        ("checks.run.run", "python -c 'print(\"{{\")'"),
        ("name", "~"),
    ],
)
def test_what_can_stand_in_a_goal_file_has_no_fault(path: str, text: str) -> None:
    assert fault(path, text) is None


@pytest.mark.parametrize(
    ("path", "text", "words"),
    [
        ("goal", "   ", "is empty"),
        ("name", "two\nlines", "must be one line"),
        ("budget.steps", "many", 'must be a whole number, such as 4, not "many"'),
        ("budget.steps", "0", "must be from 1 to 100,000, not 0"),
        ("budget.usd", "-1", "must be an amount of US dollars"),
        ("budget.time", "soon", "must be a duration"),
        ("workspace.write", "../x", "must be a path inside the workspace"),
        ("tools.allow", "two words", "must be one tool's name"),
        ("checks.file.file", "/etc/passwd", "must be a path inside the workspace"),
    ],
)
def test_a_fault_is_told_in_the_words_of_the_reader(path: str, text: str, words: str) -> None:
    assert (fault(path, text) or "").startswith(words)


def test_an_input_that_is_declared_may_stand_in_a_path_and_its_value_is_not_judged() -> None:
    assert fault("checks.file.file", "{{ out }}", inputs={"out": None}) is None
    assert fault("checks.file.file", "../{{ out }}", inputs={"out": None}) is None
    assert fault("checks.file.file", "../{{ out }}") is not None


def test_an_input_that_has_a_default_is_judged_with_it_and_one_in_a_program_always() -> None:
    assert fault("checks.file.file", "{{ out }}", inputs={"out": "out/a.md"}) is None
    assert "inside the workspace" in (fault("checks.file.file", "{{ out }}", inputs={"out": "/etc"}) or "")
    assert fault("checks.run.run", "wc {{ out }}", inputs={"out": None}) is None
    assert "backtick" in (fault("checks.run.run", "wc `pwd` {{ out }}", inputs={"out": None}) or "")


def test_an_input_is_judged_by_what_is_stated_of_it() -> None:
    assert input_fault("day", {"type": "date", "default": "2026-01-31"}) is None
    assert input_fault("day", {"type": "date", "default": "soon"}) == "must be a date, such as 2026-01-31"
    assert input_fault("length", {"type": "select"}) == "a select needs its options"
    assert input_fault("text", {"type": "string", "default": "{{ other }}"}) is not None
