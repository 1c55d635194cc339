from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from agent.goal import Budget, FileCheck, RegexCheck, RunCheck
from agent.goal.draft import Draft, FileThere, InputDraft, ProgramSucceeds, WordsIn, body, goal_file_text, says
from agent.goal.file import check_goal, read_goal, read_goal_text
from agent.goal.schema import goal_schema

FILE = Path("/nowhere/goal.yaml")
TRICKY = (
    '读 documents/图书馆: "所有" 文件 # 全部',
    "  leading and trailing  ",
    "{{ topic }}, {{ '{{' }}, {{{x}}} and }} {",
    "- a list? {no: mapping} [nor: this]",
    "it's 'quoted' and \\backslashed\\n",
    "# no comment",
    "yes",
    "1e3",
    "2026-01-31",
    "~",
    "*alias &anchor !tag %percent @at `tick`",
    "全角：冒号，“引号”　空格",
    "emoji 😀 and \u202ebidi\u202c and \u2028 and a\ttab",
    "two\nlines\n\n  and more",
    "é́ combining ﬀ",
)


def read(draft: Draft, **inputs: str) -> Any:
    """The goal that a draft's text reads back as."""
    return read_goal_text(goal_file_text(draft), file=FILE, lenient=not inputs)


@pytest.mark.parametrize("text", TRICKY)
def test_an_answer_comes_back_exactly_from_the_yaml_that_is_written(text: str) -> None:
    one_line = " ".join(text.splitlines())
    draft = Draft(goals=(text, f"x{text}"), name=one_line, role=text, checks=(WordsIn(one_line, "a.md"),))
    goal = read(draft)
    assert goal.goals == (text, f"x{text}")
    assert goal.role == text
    assert goal.name == one_line
    assert read(Draft(goals=(text,))).goals == (text,)
    assert says(goal_file_text(draft), draft)


TEXTS = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=40).filter(
    lambda text: bool(text.strip()) and text.strip("\r\n") == text
)


@given(text=TEXTS)
@settings(max_examples=300)
def test_whatever_is_answered_comes_back_through_our_reader_and_another(text: str) -> None:
    draft = Draft(goals=(text, text), role=text)
    written = goal_file_text(draft)
    assert read(draft).goals == (text, text)
    loaded = yaml.safe_load(written)
    assert loaded["goal"] == body(draft)["goal"]
    assert loaded["role"] == body(draft)["role"]


@given(words=TEXTS)
@settings(max_examples=200)
def test_words_that_must_stand_in_a_file_are_found_there_and_nothing_else_is(words: str) -> None:
    import regex

    (check,) = read(Draft(goals=("a",), checks=(WordsIn(words, "a.md"),))).checks
    assert isinstance(check, RegexCheck)
    assert set(regex.findall(check.regex, f"before {words}\nafter", flags=regex.MULTILINE)) == {words}


WHOLE = Draft(
    goals=("Read every document in {{ folder }}", "Write to {{ out }}, never {{ that }}"),
    name="council-brief",
    role="careful clerk of the town",
    inputs={
        "folder": InputDraft(type="path", default="documents"),
        "out": InputDraft(type="path"),
        "length": InputDraft(type="select", options=("short", "长, 很长")),
        "words": InputDraft(type="list", default=("a, b", "c")),
    },
    allow=("write_file", "web_*"),
    workspace="../data",
    write=("out/**", "{{ out }}"),
    budget={"steps": "20", "usd": "0.50", "time": "10m"},
    checks=(
        FileThere("{{ out }}"),
        WordsIn("1,000 元 (about {{ length }})", "{{ out }}"),
        ProgramSucceeds("wc {{ words }}"),
    ),
)


def test_the_file_is_readable_and_says_little_beside() -> None:
    assert goal_file_text(WHOLE) == (
        """# yaml-language-server: $schema=goal.schema.json
version: 1
name: council-brief
role: careful clerk of the town
goal:
  - Read every document in {{ folder }}
  - Write to {{ out }}, never {{ "{{" }} that }}
inputs:
  folder: {type: path, default: documents}
  out: {type: path, required: true}
  length: {type: select, options: [short, '长, 很长'], required: true}
  words: {type: list, default: ['a, b', c]}
tools:
  allow: [write_file, web_*]  # these run unasked, also at a terminal
workspace:
  dir: ../data
  write: [out/**, '{{ out }}']  # nothing else is written
budget: {steps: 20, usd: 0.50, time: 10m}
checks:  # these decide whether the goal is reached, not the model's word
  - {file: '{{ out }}'}
  - {regex: '1,000 元 \\(about {{ length }}\\)', in: '{{ out }}'}
  - {run: 'wc {{ words }}'}
"""
    )


def test_a_small_goal_is_a_small_file() -> None:
    assert goal_file_text(Draft(goals=("总结 notes.md",))) == (
        "# yaml-language-server: $schema=goal.schema.json\nversion: 1\ngoal: 总结 notes.md\n"
    )
    assert "workspace: {dir: ./data}\n" in goal_file_text(Draft(goals=("a",), workspace="./data"))


def test_a_goal_file_that_is_written_passes_goal_check_and_the_schema(tmp_path: Path) -> None:
    file = tmp_path / "goal.yaml"
    file.write_text(goal_file_text(WHOLE), "utf-8")
    check_goal(file)
    values = {"out": "out/a.md", "length": "长, 很长"}
    goal = read_goal(file, inputs=values)
    assert goal.goals == ("Read every document in documents", "Write to out/a.md, never {{ that }}")
    assert goal.write == ("out/**", "out/a.md")
    assert goal.budget == Budget(steps=20, usd=0.5, time=600.0)
    assert goal.checks == (
        FileCheck(file="out/a.md"),
        RegexCheck(regex="1,000 元 \\(about 长,\\ 很长\\)", path="out/a.md"),
        RunCheck(run="wc 'a, b, c'"),
    )
    Draft202012Validator(goal_schema()).validate(json.loads(json.dumps(yaml.safe_load(file.read_text("utf-8")))))


def test_a_name_in_braces_that_no_input_has_stands_for_itself() -> None:
    draft = Draft(goals=("{{ topic }} and {{ other }}",), inputs={"topic": InputDraft(default="鳟鱼")})
    assert read(draft).goals == ("鳟鱼 and {{ other }}",)
    assert draft.used() == {"topic", "other"}


def test_a_text_that_says_something_else_is_seen() -> None:
    written = goal_file_text(WHOLE)
    assert says(written, WHOLE)
    assert not says(written.replace("clerk", "clark"), WHOLE)
    assert not says("- a list\n", WHOLE)
