"""Arguments that are nearly JSON: repaired where there is one way, else a fault that names its place."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.events import JSON
from agent.model.arguments import read_arguments

SCHEMA: dict[str, JSON] = {
    "type": "object",
    "properties": {"path": {"type": "string"}, "content": {"type": "string"}, "lines": {"type": "array"}},
}
WANTED: dict[str, JSON] = {"path": "a.txt", "content": "it's here"}


@pytest.mark.parametrize(
    "text",
    [
        pytest.param('{"path": "a.txt", "content": "it\'s here"}', id="valid"),
        pytest.param('{"path": "a.txt", "content": "it\'s here",}', id="a trailing comma"),
        pytest.param('{"path": "a.txt", "content": "it\'s here"', id="no closing bracket"),
        pytest.param('{"path": "a.txt", "content": "it\'s here", ', id="a comma and no bracket"),
        pytest.param('{"path": "a.txt", "content": "it\'s here', id="an open string"),
        pytest.param("{'path': 'a.txt', 'content': \"it's here\"}", id="Python quotes"),
        pytest.param("{'path': 'a.txt', 'content': 'it\\'s here'}", id="an escaped apostrophe"),
        pytest.param('{path: "a.txt", content: "it\'s here"}', id="bare keys"),
        pytest.param('{"path": "a.txt" "content": "it\'s here"}', id="a missing comma"),
        pytest.param('"{\\"path\\": \\"a.txt\\", \\"content\\": \\"it\'s here\\"}"', id="encoded twice"),
        pytest.param('```json\n{"path": "a.txt", "content": "it\'s here"}\n```', id="fenced"),
        pytest.param('```\n{"path": "a.txt", "content": "it\'s here",}', id="fenced, unclosed, with a comma"),
        pytest.param('Sure! Here it is: {"path": "a.txt", "content": "it\'s here"} Done.', id="prose around"),
        pytest.param('Sure: {"path": "a.txt", "content": "it\'s here",}\nDone.', id="prose around spoilt JSON"),
        pytest.param('[{"path": "a.txt", "content": "it\'s here"}]', id="a list of one"),
        pytest.param('{"arguments": {"path": "a.txt", "content": "it\'s here"}}', id="wrapped"),
        pytest.param('{"path": "a.txt", "path": "a.txt", "content": "it\'s here"}', id="the same key twice alike"),
        pytest.param('{"path": "a.txt", "content": "it\'s here"}' * 2, id="the same object twice"),
    ],
)
def test_an_unambiguous_text_is_read_without_asking_again(text: str) -> None:
    assert read_arguments(text, SCHEMA) == (WANTED, None)


def test_raw_newlines_and_tabs_within_a_string_are_kept() -> None:
    assert read_arguments('{"content": "one\n\ttwo"}', SCHEMA) == ({"content": "one\n\ttwo"}, None)


def test_raw_newlines_and_a_trailing_comma_at_once_are_repaired() -> None:
    assert read_arguments('{"content": "one\ntwo", "lines": [1, 2,],}', SCHEMA) == (
        {"content": "one\ntwo", "lines": [1, 2]},
        None,
    )


def test_python_literals_become_those_of_json() -> None:
    found, fault = read_arguments("{'path': None, 'lines': [True, False]}", SCHEMA)
    assert (found, fault) == ({"path": None, "lines": [True, False]}, None)


def test_brackets_and_commas_inside_strings_are_left_alone() -> None:
    found, fault = read_arguments('{"content": "f(a, ]) {x,}", "lines": [1,],}', SCHEMA)
    assert (found, fault) == ({"content": "f(a, ]) {x,}", "lines": [1]}, None)


@pytest.mark.parametrize("text", ["", "  \n", "null", '""', "{}"])
def test_nothing_at_all_means_no_arguments(text: str) -> None:
    assert read_arguments(text) == ({}, None)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ('{"path": "a"} {"path": "b"}', "second object"),
        ('{"path": "a", "path": "b"}', "twice"),
        ("a.txt", "no JSON object"),
        ("[1, 2]", "a list"),
        ("17", "a number"),
        ("true", "true or false"),
        ('{"path": NaN}', "cannot be read"),
        ('{"content": "a" // dropped by a repair\n}', "more than one way"),
        ('{"path": "a", "content": "x"}]] extra {', "cannot be read"),
    ],
)
def test_what_could_mean_two_things_is_a_fault_and_not_a_guess(text: str, word: str) -> None:
    found, fault = read_arguments(text, SCHEMA)
    assert found == {}
    assert fault is not None
    assert word in fault
    assert "\n" not in fault


def test_a_fault_names_line_column_and_surroundings() -> None:
    _, fault = read_arguments('{"path": "a",\n "content": @@ }', SCHEMA)
    assert fault is not None
    assert "line 2, column 13" in fault
    assert "@@" in fault


def test_a_repair_may_not_invent_arguments_that_the_tool_lacks() -> None:
    text = "{'content': 'x', other: 'y'}"
    assert read_arguments(text)[0] == {"content": "x", "other": "y"}
    found, fault = read_arguments(text, SCHEMA)
    assert found == {}
    assert fault is not None


def test_a_text_cut_at_the_token_limit_is_never_completed() -> None:
    found, fault = read_arguments('{"path": "a.txt", "content": "half of i', SCHEMA, cut=True)
    assert found == {}
    assert fault is not None
    assert "token limit" in fault
    assert "39 characters" in fault


def test_a_call_cut_before_its_arguments_is_no_call_without_arguments() -> None:
    assert read_arguments("", SCHEMA, cut=True)[1] is not None


def test_a_whole_text_before_the_cut_is_taken() -> None:
    assert read_arguments('{"path": "a.txt"}', SCHEMA, cut=True) == ({"path": "a.txt"}, None)


@pytest.mark.parametrize(
    "text",
    [
        "[" * 5000,
        '{"a":' * 5000,
        '{"a":' * 200 + "1" + "}" * 200,
        '{"a":' * 200 + "1,}" + "}" * 199,
        '{"a":' * 100_000 + "1" + "}" * 100_000,
    ],
)
def test_deep_nesting_is_a_fault_and_no_crash(text: str) -> None:
    found, fault = read_arguments(text)
    assert found == {}
    assert fault is not None


def test_many_shallow_brackets_are_not_deep() -> None:
    text = json.dumps({"lines": [[number] for number in range(500)]})
    assert read_arguments(text)[1] is None


def test_a_long_spoilt_text_is_a_fault_and_does_not_hang() -> None:
    found, fault = read_arguments("{'content': '" + "word " * 100_000 + "'}")
    assert found == {}
    assert fault is not None
    assert "too long" in fault


def test_a_long_text_with_only_a_trailing_comma_is_repaired() -> None:
    content = "word " * 100_000
    found, fault = read_arguments(json.dumps({"content": content})[:-1] + ",}", SCHEMA)
    assert (found, fault) == ({"content": content}, None)


def test_half_a_character_becomes_the_replacement_mark_and_a_whole_pair_stays() -> None:
    found, fault = read_arguments('{"path": "\\ud83d", "content": "\\ud83d\\ude00", "lines": ["\\udc00"]}', SCHEMA)
    assert (found, fault) == ({"path": "�", "content": "😀", "lines": ["�"]}, None)


def test_text_in_any_script_survives_a_repair() -> None:
    assert read_arguments("{'path': '说明.txt', 'content': 'naïve “Ω” 你好'}", SCHEMA) == (
        {"path": "说明.txt", "content": "naïve “Ω” 你好"},
        None,
    )


def test_escapes_survive_a_repair() -> None:
    found, fault = read_arguments('{content: "a\\tb \\u4f60 \\"q\\" c:\\\\x"}', SCHEMA)
    assert (found, fault) == ({"content": 'a\tb 你 "q" c:\\x'}, None)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-999, 999) | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(st.text(max_size=6), VALUES, max_size=4))
def test_valid_json_is_read_as_json_reads_it(arguments: dict[str, JSON]) -> None:
    assert read_arguments(json.dumps(arguments, ensure_ascii=False)) == (arguments, None)


@settings(max_examples=100, deadline=None)
@given(st.text(alphabet="{}[]\"',:\\ab1 \n", max_size=40))
def test_any_text_gives_arguments_or_a_fault_and_never_both(text: str) -> None:
    found, fault = read_arguments(text)
    assert fault is None or found == {}
