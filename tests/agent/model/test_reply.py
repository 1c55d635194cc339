"""Calls that a model writes into its text."""

import pytest

from agent.model.reply import find_calls, read_arguments, read_calls

NAMES = {"read_file", "write_file"}
CALL = '{"name": "read_file", "arguments": {"path": "a.txt"}}'


@pytest.mark.parametrize(
    "text",
    [
        pytest.param(CALL, id="bare"),
        pytest.param(f"I will look.\n{CALL}\nThen I go on.", id="prose around"),
        pytest.param(f"```json\n{CALL}\n```", id="fenced"),
        pytest.param(f"Let me see:\n~~~\n{CALL}\n~~~\n", id="fenced with tildes"),
        pytest.param(f"<tool_call>\n{CALL}\n</tool_call>", id="tagged"),
        pytest.param(f"I look. <tool_call>{CALL}", id="an unclosed tag"),
        pytest.param(
            '<tool_call>{"name": "read_file", "arguments": "{\\"path\\": \\"a.txt\\"}"}</tool_call>', id="twice"
        ),
        pytest.param('{"tool": "read_file", "args": {"path": "a.txt"}}', id="tool and args"),
        pytest.param('{"action": "read_file", "action_input": {"path": "a.txt"}}', id="action"),
        pytest.param('{"command": {"name": "read_file", "args": {"path": "a.txt"}}}', id="a nested command"),
        pytest.param('{"type": "function", "function": ' + CALL + "}", id="the native form"),
        pytest.param(
            '{"tool_calls": [{"id": "1", "type": "function", "function": ' + CALL + "}]}", id="the native list"
        ),
        pytest.param(f"[TOOL_CALLS][{CALL}]", id="Mistral"),
        pytest.param('<|python_tag|>{"name": "read_file", "parameters": {"path": "a.txt"}}', id="Llama"),
        pytest.param('<function=read_file>{"path": "a.txt"}</function>', id="a function tag"),
        pytest.param(
            "<tool_call>\n<function=read_file>\n<parameter=path>\na.txt\n</parameter>\n</function>\n</tool_call>",
            id="Qwen",
        ),
        pytest.param("{'name': 'read_file', 'arguments': {'path': 'a.txt'}}", id="Python quotes"),
        pytest.param('I go: {"name": "read_file", "arguments": {"path": "a.txt",},} Done', id="trailing commas"),
        pytest.param('{"name": "functions.read_file", "arguments": {"path": "a.txt"}}', id="a prefix"),
    ],
)
def test_a_call_is_found_however_it_is_written(text: str) -> None:
    calls = read_calls(text, NAMES)
    assert [(call.tool, call.arguments, call.fault) for call in calls] == [("read_file", {"path": "a.txt"}, None)]


def test_the_form_of_autogpt_is_a_call_and_its_thoughts_are_the_text() -> None:
    text = '{"thoughts": {"text": "I must look"}, "command": {"name": "read_file", "args": {"path": "a"}}}'
    calls, rest = find_calls(text, NAMES)
    assert [(call.tool, call.arguments) for call in calls] == [("read_file", {"path": "a"})]
    assert rest == "I must look"


def test_several_calls_come_in_their_order_and_the_prose_is_what_is_left() -> None:
    text = f"First this.\n<tool_call>{CALL}</tool_call>\n<tool_call>{CALL.replace('a.txt', 'b.txt')}</tool_call>\nDone."
    calls, rest = find_calls(text, NAMES)
    assert [call.arguments["path"] for call in calls] == ["a.txt", "b.txt"]
    assert rest == "First this.\n\nDone."


def test_a_list_of_calls_is_taken_whole_or_not_at_all() -> None:
    other = '{"name": "unknown", "arguments": {}}'
    assert len(read_calls(f"[{CALL}, {CALL.replace('a.txt', 'b')}]", NAMES)) == 2
    assert read_calls(f"[{CALL}, 17]", NAMES) == []
    assert [call.tool for call in read_calls(f"{other} {CALL}", NAMES)] == ["read_file"]


@pytest.mark.parametrize(
    "text",
    [
        "Nothing to call here.",
        "Use read_file to read a file {as you like}.",
        '{"name": "Ada", "born": 1815}',
        '{"name": "delete_all", "arguments": {}}',
        '{"name": "read_file", "description": "Reads a file", "arguments": {"path": "string"}}',
        '{"answer": "read_file"}',
        '{"function": "read_file"}',
        "```python\nread_file('a.txt')\n```",
        '[1, 2, "read_file"]',
        "<tool_call>please read_file a.txt</tool_call>",
        "<tool_call></tool_call>",
        "{ read_file",
        "x" * 400_001 + CALL,
    ],
)
def test_prose_and_documents_are_no_calls_and_stay_as_they_are(text: str) -> None:
    assert find_calls(text, NAMES) == ([], text)


def test_an_unknown_tool_between_explicit_tags_is_told_so_that_the_model_learns_of_it() -> None:
    calls = read_calls('<tool_call>{"name": "delete_all", "arguments": {}}</tool_call>', NAMES)
    assert [call.tool for call in calls] == ["delete_all"]


def test_a_tagged_call_that_cannot_be_read_is_a_call_with_a_fault() -> None:
    (call,) = read_calls('<tool_call>{"name": "read_file", "arguments": {"path": @@}</tool_call>', NAMES)
    assert call.tool == "read_file"
    assert call.fault is not None
    assert call.raw is not None
    assert "@@" in call.raw


def test_a_tagged_call_that_was_cut_off_is_not_completed() -> None:
    calls, _ = find_calls('<tool_call>{"name": "write_file", "arguments": {"content": "half', NAMES, cut=True)
    assert [(call.tool, call.arguments) for call in calls] == [("write_file", {})]
    assert calls[0].fault is not None


def test_arguments_of_parameters_between_tags_keep_text_as_text_and_numbers_as_numbers() -> None:
    text = (
        '<function=write_file><parameter=path>a.txt</parameter><parameter=n>3</parameter><parameter=q>"x"</parameter>'
    )
    (call,) = read_calls(text, NAMES)
    assert call.arguments == {"path": "a.txt", "n": 3, "q": '"x"'}


@pytest.mark.parametrize("cut", [True, False])
def test_parameters_between_tags_that_are_not_whole_are_a_fault(cut: bool) -> None:
    text = "<function=write_file><parameter=path>a.txt</parameter><parameter=content>half of"
    ((call,), _) = find_calls(text, NAMES, cut=cut)
    assert call.arguments == {}
    assert call.fault is not None
    assert ("token limit" in call.fault) is cut


def test_several_functions_within_one_tag_are_several_calls() -> None:
    function = "<function=read_file><parameter=path>a</parameter></function>"
    assert len(read_calls(f"<tool_call>{function}{function}</tool_call>", NAMES)) == 2


def test_a_call_without_arguments_needs_none() -> None:
    assert [call.tool for call in read_calls('{"tool": "read_file"}', NAMES)] == ["read_file"]


def test_a_reply_full_of_brackets_is_searched_in_bounded_time() -> None:
    assert read_calls("read_file " + "{[" * 20_000, NAMES) == []


def test_the_reader_of_arguments_is_at_hand_here_too() -> None:
    assert read_arguments('{"a": 1,}') == ({"a": 1}, None)
