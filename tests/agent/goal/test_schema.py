from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from agent.errors import GoalError
from agent.goal.file import read_goal
from agent.goal.schema import goal_schema

GOOD = [
    "goal: a",
    "goal: [a, b]\nversion: 1\nname: n\nrole: r\ninstructions: i\nconstraints: [c]\nparallel: 32",
    "goal: 3\nrole:\nchecks: []\nbudget: ~",
    "goal: '{{ t }}'\ninputs: {t: {type: select, options: [x, 1], default: x, required: false, description: d}}",
    "goal: a\nmodel: m",
    "goal: a\nmodel: {name: m, fallback: x, temperature: 0.5, window: 128k, reply: 4000}",
    "goal: a\nmode: loop",
    "goal: a\ntools: {allow: [x, 'y_*'], ask: z, deny: []}",
    "goal: a\nworkspace: {dir: w, write: ['*.md']}\nnetwork: {hosts: []}\nmemory: {namespace: n, recall: false}",
    "goal: a\nmemory: {recall: 'no'}",
    "goal: a\nproject_context: true\nskills: off",
    "goal: a\nbudget: {steps: 3, model_calls: '4', tokens: 1.5M, usd: 0, time: 1h30m, tool_calls: {x: 0}}",
    "goal: a\nbudget: {tokens: 10, time: 90, usd: $2}",
    "goal: a\nchecks: [{file: a, min_bytes: 2k}, {regex: a, in: b, min_count: 2}, {answer: a, required: false}]",
    "goal: a\nchecks: [{run: p, timeout: 5m, env: {A: b, B: }}, {absent: a}, {unchanged: a}, {judge: a, x-y: 1}]",
    "goal: a\nchecks: [{citations: a, min_count: 2, min_quotes: 2, required: no}]",
    "goal: a\non_fail: {attempts: 0}\nsteps: []\nmcp: {}\nx-mine: {a: [1]}",
]
BAD = [
    "{}",
    "goal:",
    "goal: []",
    "goal: ''",
    "goal: {a: b}",
    "goal: a\nbugdet: {}",
    "goal: a\nversion: 2",
    "goal: a\nparallel: 0",
    "goal: a\nparallel: 33",
    "goal: a\nmode: lop",
    "goal: a\nmodel: [m]",
    "goal: a\nmodel: {nam: m}",
    "goal: a\nmodel: {temperature: 3}",
    "goal: a\nmodel: {window: many}",
    "goal: a\ninputs: {t: x}",
    "goal: a\ninputs: {t: {type: strin}}",
    "goal: a\ntools: [x]",
    "goal: a\ntools: {alow: [x]}",
    "goal: a\nworkspace: ./w",
    "goal: a\nbudget: {steps: 0}",
    "goal: a\nbudget: {time: 5y}",
    "goal: a\nbudget: {usd: -1}",
    "goal: a\nbudget: {tokens: lots}",
    "goal: a\nbudget: {tool_calls: {x: -1}}",
    "goal: a\nmemory: {recall: maybe}",
    "goal: a\nskills: [tide]",
    "goal: a\nproject_context: perhaps",
    "goal: a\nchecks: {file: a}",
    "goal: a\nchecks: [a]",
    "goal: a\nchecks: [{fil: a}]",
    "goal: a\nchecks: [{file: a, run: b}]",
    "goal: a\nchecks: [{regex: a}]",
    "goal: a\nchecks: [{file: a, min_byte: 1}]",
    "goal: a\non_fail: 2",
    "goal: a\nsteps: [{tool: x}]",
]


def validator() -> jsonschema.Draft202012Validator:
    schema: Any = goal_schema()
    return jsonschema.Draft202012Validator(schema)


def test_the_schema_is_one_and_is_json() -> None:
    schema: Any = goal_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    assert json.loads(json.dumps(schema, allow_nan=False)) == schema


@pytest.mark.parametrize("text", GOOD)
def test_what_the_reader_takes_editors_take(text: str, tmp_path: Path) -> None:
    (tmp_path / "goal.yaml").write_text(text, "utf-8")
    read_goal(tmp_path / "goal.yaml")
    assert [error.message for error in validator().iter_errors(yaml.safe_load(text))] == []


@pytest.mark.parametrize("text", BAD)
def test_what_the_reader_refuses_editors_mark(text: str, tmp_path: Path) -> None:
    (tmp_path / "goal.yaml").write_text(text, "utf-8")
    with pytest.raises(GoalError):
        read_goal(tmp_path / "goal.yaml")
    assert not validator().is_valid(yaml.safe_load(text))


def test_every_key_tells_editors_what_it_is_for() -> None:
    properties: Any = goal_schema()["properties"]
    assert [name for name, one in properties.items() if not one.get("description")] == []
