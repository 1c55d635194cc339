from __future__ import annotations

import json
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.errors import GoalError
from agent.goal import (
    AbsentCheck,
    AnswerCheck,
    Budget,
    FileCheck,
    Goal,
    JudgeCheck,
    ModelChoice,
    RegexCheck,
    RunCheck,
    SchemaCheck,
    ToolRules,
    UnchangedCheck,
    goal_from_dict,
    goal_to_dict,
)
from agent.goal.file import check_goal, read_goal, read_goal_text

FULL = r"""# yaml-language-server: $schema=goal.schema.json
version: 1
name: digest
goal: Write a digest of {{ topic }} to {{ out }}
role: careful researcher
instructions: |
  First read,
  then write.
constraints: [cite every claim]
inputs:
  topic: {type: string, required: true, description: What it is about}
  out: {type: path, default: digest.md}
model: {name: gpt-5.4-mini, fallback: [local], temperature: 0, window: 128k, reply: 4k}
mode: loop
tools: {allow: [read_file, "web_*"], ask: [run_shell], deny: [delete_file]}
workspace: {dir: ./work, write: ["digest.md", "out/"]}
network: {hosts: []}
memory: {namespace: research, recall: no}
project_context: yes
skills: true
budget: {steps: 40, model_calls: 60, tokens: 200k, usd: 0.50, time: 15m, tool_calls: {web_search: 10}}
parallel: 8
checks:
  - {file: "{{ out }}", min_bytes: 500}
  - {regex: '\[\d+\]', in: "./{{ out }}", min_count: 3}
  - {run: "python tools/links.py {{ out }}", timeout: 30s, env: {LANG: C, EMPTY: }}
  - {json_schema: digest.schema.json, in: out.json}
  - {answer: "(?i)done"}
  - {absent: "*.tmp"}
  - {unchanged: "src/"}
  - {judge: "Is the tone neutral?", required: false}
on_fail: {attempts: 3}
context: ["docs/*.md"]
steps: []
mcp: {}
x-mine: {anything: [goes]}
"""

Refusal = Callable[..., GoalError]


@pytest.fixture
def write(tmp_path: Path) -> Callable[[str | bytes], Path]:
    def write_goal(text: str | bytes) -> Path:
        file = tmp_path / "goal.yaml"
        file.write_bytes(text if isinstance(text, bytes) else text.encode())
        return file

    return write_goal


@pytest.fixture
def read(write: Callable[[str | bytes], Path]) -> Callable[..., Goal]:
    return lambda text, **inputs: read_goal(write(text), inputs=inputs)


@pytest.fixture
def refusal(write: Callable[[str | bytes], Path], tmp_path: Path) -> Refusal:
    """The error for a text, with the folder cut off."""

    def refuse(text: str | bytes, **inputs: str) -> GoalError:
        with pytest.raises(GoalError) as raised:
            read_goal(write(text), inputs=inputs)
        error = raised.value
        return GoalError(error.message.replace(f"{tmp_path / 'goal.yaml'}", "goal.yaml"), hint=error.hint)

    return refuse


def test_every_field_is_read(read: Callable[..., Goal], tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    for name in ("b.md", "a.md", ".hidden.md", "c.txt"):
        (tmp_path / "docs" / name).write_text("x", "utf-8")
    (tmp_path / "digest.schema.json").write_text('{"type": "object"}', "utf-8")
    goal = read(FULL, topic="猫 & co")
    assert goal == Goal(
        goals=("Write a digest of 猫 & co to digest.md",),
        name="digest",
        role="careful researcher",
        instructions="First read,\nthen write.",
        constraints=("cite every claim",),
        inputs={"topic": "猫 & co", "out": "digest.md"},
        model=ModelChoice(name="gpt-5.4-mini", fallback=("local",), temperature=0, window=128_000, reply=4_000),
        mode="loop",
        tools=ToolRules(allow=("read_file", "web_*"), ask=("run_shell",), deny=("delete_file",)),
        workspace=str(tmp_path / "work"),
        write=("digest.md", "out/**"),
        hosts=(),
        namespace="research",
        recall=False,
        project_context=True,
        skills=True,
        budget=Budget(steps=40, model_calls=60, tokens=200_000, usd=0.5, time=900.0, tool_calls={"web_search": 10}),
        parallel=8,
        checks=(
            FileCheck(file="digest.md", min_bytes=500),
            RegexCheck(regex=r"\[\d+\]", path="digest.md", min_count=3),
            RunCheck(run="python tools/links.py digest.md", timeout=30.0, env={"LANG": "C", "EMPTY": ""}),
            SchemaCheck(schema=str(tmp_path / "digest.schema.json"), path="out.json", content={"type": "object"}),
            AnswerCheck(answer="(?i)done"),
            AbsentCheck(absent="*.tmp"),
            UnchangedCheck(unchanged="src/**"),
            JudgeCheck(judge="Is the tone neutral?", required=False),
        ),
        attempts=3,
        files=(str(tmp_path / "docs" / "a.md"), str(tmp_path / "docs" / "b.md")),
        source=str(tmp_path / "goal.yaml"),
    )
    assert goal_from_dict(json.loads(json.dumps(goal_to_dict(goal)))) == goal


def test_only_the_goal_is_required(read: Callable[..., Goal], tmp_path: Path) -> None:
    assert read("goal: a") == Goal(goals=("a",), name="goal", source=str(tmp_path / "goal.yaml"))


@pytest.mark.parametrize(
    "text", [b"\xef\xbb\xbfgoal: a\r\n", b'{"goal": "a"}', b"goal: a\nrole:\nchecks:\nbudget: ~\n"]
)
def test_marks_json_and_blank_values_are_harmless(read: Callable[..., Goal], text: bytes) -> None:
    assert read(text).goals == ("a",)


def test_a_string_is_one_goal_and_a_list_is_sub_goals(read: Callable[..., Goal]) -> None:
    assert read("goal: |\n  1. a\n  2. b\n").goals == ("1. a\n2. b",)
    assert read("goal: [a, b, c, d, e, f, g]\n").goals == tuple("abcdefg")


def test_spaces_in_quotes_are_the_goals_own_and_those_of_a_block_are_not(read: Callable[..., Goal]) -> None:
    goal = read("goal: \"  a  \"\nname: ' b'\nrole: |\n\n  first\n    second\n\n")
    assert (goal.goals, goal.name, goal.role) == (("  a  ",), " b", "first\n  second")


def test_a_goal_of_spaces_alone_is_empty(refusal: Refusal) -> None:
    assert refusal('goal: "   "').message == "goal.yaml:1:7: goal: is empty"


def test_a_text_is_read_as_if_it_stood_in_a_file(tmp_path: Path) -> None:
    text = "goal: Read {{ topic }}\ninputs: {topic: {required: true}}\nworkspace: {dir: ../x}\n"
    goal = read_goal_text(text, file=tmp_path / "here" / "goal.yaml", lenient=True)
    assert (goal.goals, goal.workspace, goal.name) == (("Read {{ topic }}",), str(tmp_path / "x"), "goal")
    with pytest.raises(GoalError, match="must be given: topic"):
        read_goal_text(text, file=tmp_path / "goal.yaml")


def test_words_that_yaml_would_change_stay_what_was_written(read: Callable[..., Goal]) -> None:
    goal = read("goal: no\nname: 1e3\nrole: 12:30\nmodel: 007\nconstraints: yes\n")
    assert (goal.goals, goal.name, goal.role, goal.model.name) == (("no",), "1e3", "12:30", "007")
    assert goal.constraints == ("yes",)


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("goal: a\nbugdet: {}\n", 'goal.yaml:2:1: bugdet: unknown key; did you mean "budget"?'),
        ("gaol: a\n", 'goal.yaml:1:1: gaol: unknown key; did you mean "goal"?'),
        ("name: a\n", 'goal.yaml:1:1: "goal" is missing'),
        ("goal:\n", "goal.yaml:1:6: goal: is empty"),
        ("goal: []\n", "goal.yaml:1:7: goal: is empty"),
        ("goal: [a, '']\n", "goal.yaml:1:11: goal[1]: is empty"),
        ("goal: {a: b}\n", "goal.yaml:1:7: goal: must be a list"),
        ("goal: [{a: b}]\n", "goal.yaml:1:8: goal[0]: must be text, not a mapping"),
        ("goal: [[a]]\n", "goal.yaml:1:8: goal[0]: must be text, not a list"),
        ("goal: a\nversion: 2\n", "goal.yaml:2:10: version: must be 1, not 2"),
        ("goal: a\nname: |\n  b\n  c\n", "goal.yaml:2:7: name: must be one line"),
        ("goal: a\nmode: lop\n", 'goal.yaml:2:7: mode: "lop" is none of its values; did you mean "loop"?'),
        ("goal: a\nmode: [x]\n", "goal.yaml:2:7: mode: must be one of auto, loop, plan, not a list"),
        ("goal: a\nmode: plan\n", "goal.yaml:2:7: mode: not yet in this version of thinkact"),
        (
            "goal: a\nsteps: [{id: x, tool: y, arguments: {a: 1}}]\n",
            "goal.yaml:2:8: steps: not yet in this version of thinkact",
        ),
        ("goal: a\nsteps: [{id: x, toll: y}]\n", 'goal.yaml:2:17: steps[0].toll: unknown key; did you mean "tool"?'),
        ("goal: a\nmcp: {f: {args: [c]}}\n", "goal.yaml:2:7: mcp.f: needs a command, or a url"),
        ("goal: a\nmcp: {f: {command: c, url: u}}\n", "goal.yaml:2:7: mcp.f: names both command and url"),
        ("goal: a\nmcp: {f: {command: c, timeout: 5y}}\n", "goal.yaml:2:32: mcp.f.timeout: must be a duration"),
        ("goal: a\nmcp: {f: {command: c, env: {A-B: x}}}\n", "goal.yaml:2:29: mcp.f.env.A-B: the key must be"),
        ("goal: a\nmcp: [f]\n", "goal.yaml:2:6: mcp: must be a mapping"),
        ("goal: a\nnetwork: {hosts: [https://a.b/c]}\n", "goal.yaml:2:19: network.hosts[0]: must be a host, such as"),
        ("goal: a\nnetwork: {hosts: [a.*]}\n", "goal.yaml:2:19: network.hosts[0]: must be a host, such as"),
        ("goal: a\nnetwork: {hosts: [127.1]}\n", "goal.yaml:2:19: network.hosts[0]: must be a host, such as"),
        ('goal: a\nnetwork: {hosts: ["a.b:99999"]}\n', "goal.yaml:2:19: network.hosts[0]: must be a host whose port"),
        ("goal: a\nnetwork: {hosts: }\n", "goal.yaml:2:17: network.hosts: is empty"),
        ("goal: a\nbudget: {steps: 0}\n", "goal.yaml:2:17: budget.steps: must be from 1 to 100,000, not 0"),
        ("goal: a\nbudget: {time: 5y}\n", "goal.yaml:2:16: budget.time: must be a duration"),
        ("goal: a\nbudget: {time: 9999d}\n", "goal.yaml:2:16: budget.time: must be from 1s to 30d, not 9999d"),
        ("goal: a\nbudget: {usd: [1]}\n", "goal.yaml:2:15: budget.usd: must be a single value, not a list"),
        ("goal: a\nbudget: 5\n", "goal.yaml:2:9: budget: must be a mapping (its keys: steps, model_calls, tokens"),
        ("goal: a\nbudget: {tool_calls: {a b: 1}}\n", "goal.yaml:2:23: budget.tool_calls.a b: the key must be"),
        ("goal: a\nparallel: 33\n", "goal.yaml:2:11: parallel: must be from 1 to 32, not 33"),
        ("goal: a\nmodel: {temperature: 3}\n", "goal.yaml:2:22: model.temperature: must be from 0 to 2, not 3"),
        ("goal: a\nmodel: {naem: x}\n", 'goal.yaml:2:9: model.naem: unknown key; did you mean "name"?'),
        ("goal: a\ntools: {allow: 'a, b'}\n", "goal.yaml:2:16: tools.allow: must be one tool's name"),
        ("goal: a\nworkspace: {write: ['../x']}\n", "goal.yaml:2:21: workspace.write[0]: must be a path inside"),
        ("goal: a\nworkspace: {write: ['/x']}\n", "goal.yaml:2:21: workspace.write[0]: must be a path inside"),
        ("goal: a\nworkspace: {dir: goal.yaml}\n", "goal.yaml:2:13: workspace.dir: goal.yaml is not a folder"),
        ("goal: a\nmemory: {namespace: 'a\\b'}\nrole: [1]", "goal.yaml:3:7: role: must be text, not a list"),
        ("goal: a\nmemory: {namespace: global}\n", "goal.yaml:2:21: memory.namespace: must be another than global"),
        ('goal: a\nmemory: {namespace: "a\\tb"}\n', "goal.yaml:2:21: memory.namespace: must be one line"),
        ("goal: a\ncontext: [none/*.md]\n", "goal.yaml:2:11: context[0]: no file matches \"none/*.md\""),
        ("goal: a\ncontext: none.md\n", 'goal.yaml:2:10: context: no file matches "none.md"'),
        ("goal: a\ncontext: [/etc/passwd]\n", "goal.yaml:2:11: context[0]: must be relative to the goal file's folder"),
        ("goal: a\nchecks: {file: a}\n", "goal.yaml:2:9: checks: must be a list"),
        ("goal: a\nchecks: [a]\n", "goal.yaml:2:10: checks[0]: must be a mapping with one of: file, regex, run"),
        ("goal: a\nchecks: [{fil: a}]\n", 'goal.yaml:2:11: checks[0].fil: unknown key; did you mean "file"?'),
        ("goal: a\nchecks: [{in: a}]\n", "goal.yaml:2:10: checks[0]: must hold one of: file, regex, run"),
        ("goal: a\nchecks: [{file: a, run: b}]\n", "goal.yaml:2:10: checks[0]: holds file and run; each"),
        ("goal: a\nchecks: [{file: a, min_byte: 3}]\n", 'goal.yaml:2:20: checks[0].min_byte: unknown key; did'),
        ("goal: a\nchecks: [{regex: '(', in: a}]\n", "goal.yaml:2:18: checks[0].regex: must be a regular expr"),
        ("goal: a\nchecks: [{answer: 'a{99999999999}'}]\n", "goal.yaml:2:19: checks[0].answer: must be a regular"),
        ("goal: a\nchecks: [{regex: a}]\n", 'goal.yaml:2:10: checks[0]: "in" is missing'),
        ("goal: a\nchecks: [{file: }]\n", "goal.yaml:2:16: checks[0].file: is empty"),
        ("goal: a\nchecks: [{run: a, env: {A-B: c}}]\n", "goal.yaml:2:25: checks[0].env.A-B: the key must be"),
        ("goal: a\nchecks: [{run: a, required: maybe}]\n", 'goal.yaml:2:29: checks[0].required: must be true or false'),
        ("goal: a\nchecks: [{json_schema: s.json, in: a}]\n", "goal.yaml:2:11: checks[0].json_schema: "),
        ("goal: a\nname: a\ngoal: b\n", 'goal.yaml:3:1: the key "goal" comes a second time'),
        ("goal: {{ topic }}\n", "goal.yaml:1:8: a text that begins with {{ needs quotes"),
        ("", "goal.yaml:1:1: is empty"),
        ("just words\n", "goal.yaml:1:1: holds no keys"),
        ("- goal\n", "goal.yaml:1:1: holds no keys"),
    ],
)  # fmt: skip
def test_a_complaint_says_where_and_what(refusal: Refusal, text: str, line: str) -> None:
    assert refusal(text).message.splitlines()[0].startswith(line)


def test_several_complaints_come_together_the_cause_before_its_effects(refusal: Refusal) -> None:
    error = refusal("gaol: a\nparallel: 99\nbudget: {steps: x}\nmode: plan\n")
    assert [line.split(": ")[1] for line in error.message.splitlines()] == [
        "gaol",
        "parallel",
        "budget.steps",
        "mode",
        '"goal" is missing',
    ]


def test_at_most_ten_complaints_are_told_and_how_many_more_there_are(refusal: Refusal) -> None:
    lines = refusal("goal: a\n" + "".join(f"zz{n}: a\n" for n in range(14))).message.splitlines()
    assert len(lines) == 11
    assert lines[-1] == "... and 4 more"


def test_a_later_check_is_still_named_by_its_own_place(refusal: Refusal) -> None:
    error = refusal("goal: a\nchecks:\n- {fil: x}\n- {json_schema: none.json, in: a}\ncontext: ['/a', 'none']\n")
    assert "goal.yaml:4:4: checks[1].json_schema: " in error.message
    assert 'goal.yaml:5:17: context[1]: no file matches "none"' in error.message


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"goal: \xff\n", "goal.yaml:1:7: holds a byte that is not UTF-8"),
        ("goal: 猫\nname: ".encode() + b"\xe4\n", "goal.yaml:2:7: holds a byte that is not UTF-8"),
        ("goal: a".encode("utf-16"), "goal.yaml:1:1: is written in UTF-16"),
        (b"goal: a\n#" + b"x" * 262_144, "goal.yaml: is larger than 256 kB"),
    ],
)
def test_what_is_no_text_of_ours_is_refused_before_it_is_parsed(refusal: Refusal, content: bytes, message: str) -> None:
    assert refusal(content).message == message


def test_a_file_that_is_not_there_or_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(GoalError, match="there is no such file"):
        read_goal(tmp_path / "none.yaml")
    with pytest.raises(GoalError, match="is a folder"):
        read_goal(tmp_path)
    with pytest.raises(GoalError, match=r"cannot be read|no such file"):
        read_goal(tmp_path / ("x" * 5000))


def test_a_complaint_is_one_short_line_whatever_the_file_holds(refusal: Refusal) -> None:
    assert refusal('goal: a\nmode: "l\\no"\n').message.count("\n") == 0
    for text in ('goal: a\n"x\\ny": b\n', f"goal: a\n? {'y' * 3000}\n: b\n", f"goal: a\nmode: {'z' * 3000}\n"):
        message = refusal(text).message
        assert message.count("\n") == 0
        assert len(message) < 700
    assert len(refusal(f"? {'y' * 3000}\n: b\n? {'y' * 3000}\n: c\n").message) < 700


@settings(max_examples=60, deadline=None)
@given(noise=st.text(max_size=12), at=st.integers(0, len(FULL)), drop=st.integers(0, 9))
def test_a_damaged_file_is_read_or_refused_and_nothing_else(noise: str, at: int, drop: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "goal.yaml"
        file.write_bytes((FULL[:at] + noise + FULL[at + drop :]).encode("utf-8", "replace"))
        goal, refused = None, ""
        try:
            goal = read_goal(file, inputs={"topic": "x"})
        except GoalError as error:
            refused = error.message
        assert (goal is None) == bool(refused)
        assert all(line.startswith((str(file), "... and")) for line in refused.splitlines())
        assert goal is None or goal_from_dict(json.loads(json.dumps(goal_to_dict(goal)))) == goal


# inputs


TYPED = "goal: '{{{{ a }}}}'\ninputs: {{a: {}}}\n"


@pytest.mark.parametrize(
    ("declared", "given", "value", "text"),
    [
        ("{type: string}", "x y", "x y", "x y"),
        ("{}", "x", "x", "x"),
        ("{type: number}", " 3 ", 3, "3"),
        ("{type: number}", "0.5", 0.5, "0.5"),
        ("{type: boolean}", "Yes", True, "true"),
        ("{type: boolean}", "off", False, "false"),
        ("{type: date}", "2026-01-31", "2026-01-31", "2026-01-31"),
        ("{type: path}", " out/a.md ", "out/a.md", "out/a.md"),
        ("{type: select, options: [red, no]}", "no", "no", "no"),
        ("{type: list}", "a, b,", ["a", "b"], "a, b"),
        ("{type: list}", '["a, b", 3]', ["a, b", "3"], "a, b, 3"),
        ("{type: list, default: [a, no]}", None, ["a", "no"], "a, no"),
        ("{type: list, default: 'a, b'}", None, ["a, b"], "a, b"),
        ("{default: no}", None, "no", "no"),
        ("{required: true, default: d}", None, "d", "d"),
        ("{default: '{{ ''{{'' }}'}", None, "{{", "{{"),
        ("{default: d}", "{{ a }}", "{{ a }}", "{{ a }}"),
        ("{type: string}", "\udcff", "\ufffd", "\ufffd"),
    ],
)
def test_an_input_has_the_value_of_its_type(
    read: Callable[..., Goal], declared: str, given: str | None, value: object, text: str
) -> None:
    goal = read(TYPED.format(declared), **({} if given is None else {"a": given}))
    assert goal.inputs == {"a": value}
    assert goal.goals == (text,)


@pytest.mark.parametrize(
    ("declared", "given", "message"),
    [
        ("{type: number}", "x", "inputs.a: --set a: must be a number"),
        ("{type: boolean}", "x", "inputs.a: --set a: must be true or false"),
        ("{type: date}", "31.1.2026", "inputs.a: --set a: must be a date, such as 2026-01-31"),
        ("{type: path}", " ", "inputs.a: --set a: must be given, it is empty"),
        ("{type: path}", "a\nb", "inputs.a: --set a: must be a path on one line"),
        ("{type: select, options: [red, blue]}", "green", 'inputs.a: --set a: must be one of red, blue, not "green"'),
        ("{type: list}", "[a", "inputs.a: --set a: must be a list"),
        ("{type: number, default: x}", None, "inputs.a.default: must be a number"),
        ("{type: string, default: [x]}", None, "inputs.a.default: must be a single value"),
        ("{type: list, default: [[x]]}", None, "inputs.a.default: must be a list of texts"),
        ("{default: '{{ b }}'}", None, "inputs.a.default: must be a plain value"),
        ("{type: list, default: ['{{ b }}']}", None, "inputs.a.default: must be a plain value"),
        ("{type: select}", None, "inputs.a: a select needs its options"),
        ("{type: string, options: [x]}", None, "inputs.a: options are for a select"),
        ("{type: secret, default: x}", None, "inputs.a.default: a secret does not stand in a file"),
        ("{type: strin}", None, 'inputs.a.type: "strin" is none of its values; did you mean "string"?'),
        ("{typ: string}", None, 'inputs.a.typ: unknown key; did you mean "type"?'),
        ("text", None, "inputs.a: must be a mapping"),
        ("", None, "inputs.a: must be a mapping"),
    ],
)
def test_a_wrong_input_is_one_complaint(refusal: Refusal, declared: str, given: str | None, message: str) -> None:
    lines = refusal(TYPED.format(declared), **({} if given is None else {"a": given})).message.splitlines()
    assert len(lines) == 1
    assert f": {message}" in lines[0]


def test_inputs_that_are_wanted_are_named_together(refusal: Refusal) -> None:
    error = refusal("goal: '{{ a }} {{ b }}'\ninputs:\n  a: {required: true}\n  b: {required: true}\n")
    assert error.message == "goal.yaml:2:1: inputs: must be given: a, b"
    assert error.hint == "add --set a=... --set b=..."


def test_an_unknown_input_on_the_command_line_gets_a_guess(refusal: Refusal) -> None:
    assert 'did you mean "topic"?' in refusal("goal: '{{ topic }}'\ninputs: {topic: {}}\n", topc="x").message
    assert "declares no such input, it has none" in refusal("goal: a\n", topic="x").message


def test_an_undeclared_and_an_unused_input_are_errors_with_their_places(refusal: Refusal) -> None:
    assert refusal("goal: about {{ topic }}\n").message.startswith(
        "goal.yaml:1:7: goal: {{ topic }} is no declared input"
    )
    assert refusal("goal: a\ninputs:\n  topic: {}\n").message == "goal.yaml:3:3: inputs.topic: is not used"


def test_a_name_that_no_template_could_hold_is_no_name(refusal: Refusal) -> None:
    assert "the key must be a name" in refusal("goal: a\ninputs: {a b: {}}\n").message
    assert "goal.yaml:2:9: inputs: must be a mapping" in refusal("goal: a\ninputs: [a]\n").message


def test_an_optional_input_that_is_not_given_is_empty(read: Callable[..., Goal]) -> None:
    goal = read("goal: a{{ b }}\ninputs: {b: {}}\n")
    assert goal.goals == ("a",)
    assert goal.inputs == {"b": None}


SECRET = "goal: a\ninputs: {token: {type: secret, required: true}}\nchecks: [{run: p, env: {KEY: 'x {{ token }}'}}]\n"


def test_servers_are_read_with_their_secrets_which_nobody_keeps(read: Callable[..., Goal]) -> None:
    text = """goal: a
inputs: {token: {type: secret, required: true}}
mcp:
  时间: {command: uvx, args: [mcp-server-time, --local-timezone, Asia/Shanghai], env: {KEY: "{{ token }}"}, x: 1}
  far: {url: "https://a.example/mcp", headers: {Authorization: "Bearer {{ token }}"}, timeout: 2m}
"""
    goal = read(text, token="s3cret")
    assert goal.mcp["时间"]["args"] == ["mcp-server-time", "--local-timezone", "Asia/Shanghai"]
    assert goal.mcp["时间"]["env"] == {"KEY": "s3cret"}
    assert goal.mcp["far"]["timeout"] == 120.0
    kept = goal_to_dict(goal)
    assert "s3cret" not in json.dumps(kept) + repr(goal)
    assert kept["mcp"]["far"]["headers"] == {"Authorization": "Bearer <secret token>"}  # type: ignore[index, call-overload]
    assert goal_from_dict(kept, secrets={"token": "s3cret"}) == goal


def test_a_secret_stands_only_in_the_environment_of_a_program(read: Callable[..., Goal], refusal: Refusal) -> None:
    goal = read(SECRET, token="s3cret")
    assert goal.secrets == ("s3cret",)
    assert goal.checks == (RunCheck(run="p", env={"KEY": "x s3cret"}),)
    assert goal.inputs == {"token": "<secret token>"}
    assert "s3cret" not in json.dumps(goal_to_dict(goal))
    assert goal_from_dict(goal_to_dict(goal), secrets={"token": "s3cret"}) == goal
    for text in ("goal: '{{ t }}'\n", "goal: a\nchecks: [{run: 'p {{ t }}'}]\n", "goal: a\nrole: '{{ t }}'\n"):
        assert "is a secret" in refusal(text + "inputs: {t: {type: secret}}\n", t="s3cret").message
    assert "s3cret" not in refusal(SECRET + "nonsense: 1\n", token="s3cret").message


def test_an_input_is_a_word_of_a_program_and_literal_in_an_expression(read: Callable[..., Goal]) -> None:
    text = "goal: a\ninputs: {o: {}}\nchecks: [{run: \"p '{{ o }}' {{ o }}\"}, {answer: '^{{ o }}$'}]\n"
    run, answer = read(text, o="C++").checks
    assert isinstance(answer, AnswerCheck)
    assert answer.answer == r"^C\+\+$"
    assert isinstance(run, RunCheck)
    assert run.run == "p 'C++' C++"


# AutoGPT's own file


AI_SETTINGS = """# made by AutoGPT
ai_goals:
- Increase net worth
- Find: the best {{ deals }}
- [a, b]
- three
- four
- five
- six
ai_name: Entrepreneur-GPT
ai_role: an AI that makes money
api_budget: 0.0
constraints: [~4000 word limit]
resources: [Internet access]
best_practices:
- Review what you do
"""


def test_ai_settings_load_unchanged_with_any_number_of_goals(read: Callable[..., Goal], tmp_path: Path) -> None:
    assert read(AI_SETTINGS) == Goal(
        goals=("Increase net worth", "Find: the best {{ deals }}", "a, b", "three", "four", "five", "six"),
        name="Entrepreneur-GPT",
        role="Entrepreneur-GPT, an AI that makes money",
        instructions="Resources:\n- Internet access\n\nBest practices:\n- Review what you do",
        constraints=("~4000 word limit",),
        budget=Budget(usd=0.0),
        source=str(tmp_path / "goal.yaml"),
    )


def test_ai_settings_need_no_more_than_one_goal_or_a_role(read: Callable[..., Goal], refusal: Refusal) -> None:
    assert read("ai_goals: [a]\n") == Goal(goals=("a",), name="goal", source=read("goal: a").source)
    assert read("ai_role: writer of odes\nai_name:\n").goals == ("writer of odes",)
    assert read("ai_goals: [a]\napi_budget: 1.5\n").budget.usd == 1.5
    assert refusal("ai_goals: []\nai_name: x\n").message == "goal.yaml:1:1: ai_goals: there are no goals"
    assert 'did you mean "ai_goals"' in refusal("ai_name: x\nai_goal: [a]\n").message
    assert "declares no such input" in refusal("ai_goals: [a]\n", topic="x").message


# goal check


def test_a_check_of_a_file_needs_no_inputs(write: Callable[[str | bytes], Path], tmp_path: Path) -> None:
    file = write(
        "goal: about {{ t }}\ninputs: {t: {required: true}}\ncontext: ['{{ t }}.md']\nworkspace: {dir: '{{ t }}'}\n"
        "checks: [{file: '{{ t }}.out'}, {json_schema: '{{ t }}.json', in: a}]\n"
    )
    assert check_goal(file) == ()
    with pytest.raises(GoalError, match=r"checks\[1\]\.json_schema"):
        check_goal(file, inputs={"t": "x"})
    with pytest.raises(GoalError, match="unknown key"):
        check_goal(write("goal: a\nbugdet: {}\n"))


def test_advice_has_its_place(write: Callable[[str | bytes], Path]) -> None:
    file = write("goal: a\nworkspace: {write: [b.md]}\nchecks:\n- {file: a.md}\n")
    assert check_goal(file) == (
        f"{file}:4:3: checks[0]: a.md is covered by no pattern of workspace.write, so the agent cannot write it",
    )
    assert check_goal(write("goal: a\n"))[0].startswith(f"{file}:1:1: there are no checks")
