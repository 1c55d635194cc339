"""Pieces of a reply put together, as servers of many makes send them."""

import itertools
from collections.abc import Sequence
from typing import Any

import pytest

from agent.events import JSON, ThoughtDelta, ToolCall, Usage
from agent.model.reading import Reading, ReplyError
from agent.model.retry import Again

SCHEMAS: dict[str, dict[str, JSON]] = {
    "read_file": {"type": "object", "properties": {"path": {"type": "string"}}},
    "list_files": {"type": "object", "properties": {}},
}


def delta(**fields: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": fields, "finish_reason": None}]}


def pieces(*calls: dict[str, Any]) -> dict[str, Any]:
    return delta(tool_calls=list(calls))


def piece(name: str | None = None, arguments: Any = None, **rest: Any) -> dict[str, Any]:
    function = {key: value for key, value in (("name", name), ("arguments", arguments)) if value is not None}
    return {**rest, "function": function}


def end(finish: str = "stop", **rest: Any) -> dict[str, Any]:
    return {"choices": [{"index": 0, "delta": {}, "finish_reason": finish}], **rest}


def read(
    chunks: Sequence[dict[str, Any] | None], *, tools: bool = True, sent: int = 300
) -> tuple[str, tuple[ToolCall, ...], str, list[ThoughtDelta], Reading]:
    reading = Reading(SCHEMAS if tools else {}, sent=sent)
    deltas = [one for chunk in chunks for one in reading.take(chunk)]
    deltas += list(reading.end())
    numbers = itertools.count(1)
    return *reading.result(new_id=lambda id_: id_ or f"new{next(numbers)}"), deltas, reading


def calls(*chunks: dict[str, Any]) -> list[tuple[str, str, Any]]:
    found = read([*chunks, end("tool_calls")])[1]
    return [(call.id, call.tool, call.fault or dict(call.arguments)) for call in found]


TWO = [("a", "read_file", {"path": "x"}), ("b", "read_file", {"path": "y"})]


@pytest.mark.parametrize(
    "chunks",
    [
        pytest.param(
            [
                pieces(piece("read_file", "", index=0, id="a")),
                pieces(piece(None, '{"path"', index=0)),
                pieces(piece(None, ': "x"}', index=0)),
                pieces(piece("read_file", "", index=1, id="b")),
                pieces(piece(None, '{"path": "y"}', index=1)),
            ],
            id="as OpenAI streams",
        ),
        pytest.param(
            [
                pieces(piece("read_file", "", index=0, id="a"), piece("read_file", "", index=1, id="b")),
                pieces(piece(None, '{"path":', index=1), piece(None, '{"path":', index=0)),
                pieces(piece(None, '"x"}', index=0), piece(None, '"y"}', index=1)),
            ],
            id="interleaved",
        ),
        pytest.param(
            [
                pieces(
                    piece("read_file", '{"path":"x"}', index=0, id="a"),
                    piece("read_file", '{"path":"y"}', index=1, id="b"),
                )
            ],
            id="whole calls in one delta",
        ),
        pytest.param(
            [
                pieces(piece("read_file", '{"path":"x"}', index=0, id="a")),
                pieces(piece("read_file", '{"path":"y"}', index=0, id="b")),
            ],
            id="every call numbered 0",
        ),
        pytest.param(
            [
                pieces(piece("read_file", '{"path":', id="a")),
                pieces(piece(None, '"x"}')),
                pieces(piece("read_file", '{"path":', id="b")),
                pieces(piece(None, '"y"}', id="b")),
            ],
            id="no numbers",
        ),
        pytest.param(
            [
                pieces(piece("read_file", '{"path":', index="0", id="a")),
                pieces(piece("read_file", '"x"}', index="0", id="a")),
                pieces(piece("read_file", '{"path":"y"}', index="1", id="b")),
                pieces(piece("read_file", '{"path":"y"}', index="1", id="b")),
            ],
            id="names and ids repeated, numbers as text, a call told twice",
        ),
        pytest.param(
            [
                pieces(piece("read_", index=0, id="a")),
                pieces(piece("file", index=0)),
                pieces(piece(None, {"path": "x"}, index=0)),
                pieces(piece("read_file", {"path": "y"}, index=1, id="b")),
            ],
            id="a name in pieces, arguments as objects",
        ),
        pytest.param(
            [
                pieces(piece("read_file", '{"path":"x"}', id="a")),
                pieces(piece("functions.read_file", '{"path":"y"}', id="b")),
            ],
            id="a prefixed name",
        ),
    ],
)
def test_parallel_calls_are_put_together_however_they_are_streamed(chunks: list[dict[str, Any]]) -> None:
    assert calls(*chunks) == TWO


def test_calls_without_ids_are_told_apart_and_get_some() -> None:
    assert calls(
        pieces(piece("list_files", "", index=0, id="")),
        pieces(piece("read_file", '{"path":"x"}', index=0, id="")),
        pieces(piece("read_file", '{"path":"y"}', index=0, id="")),
        pieces(piece("list_files", "{}")),
    ) == [
        ("new1", "list_files", {}),
        ("new2", "read_file", {"path": "x"}),
        ("new3", "read_file", {"path": "y"}),
        ("new4", "list_files", {}),
    ]


def test_a_repeated_head_without_an_id_is_the_same_call() -> None:
    head = pieces(piece("read_file", "", index=0))
    assert calls(head, head, pieces(piece(None, '{"path":"x"}', index=0))) == [("new1", "read_file", {"path": "x"})]


def test_the_old_form_of_a_function_call_is_understood() -> None:
    assert calls(
        delta(function_call={"name": "read_file", "arguments": '{"path"'}), delta(function_call={"arguments": ': "x"}'})
    ) == [("new1", "read_file", {"path": "x"})]


def test_a_call_without_a_name_is_kept_with_a_fault() -> None:
    assert calls(pieces(piece(None, "{}", index=0, id="a"))) == [("a", "", "the call names no tool")]


def test_rubbish_among_the_calls_is_passed_over() -> None:
    assert calls(pieces(17, {"index": True, "id": "a", "function": None}), delta(tool_calls=None)) == [  # type: ignore[arg-type]
        ("a", "", "the call names no tool")
    ]


def test_spoilt_arguments_keep_their_text_and_good_ones_do_not() -> None:
    _, found, _, _, _ = read([pieces(piece("read_file", "{@", index=0, id="a")), end("tool_calls")])
    assert (found[0].raw, found[0].arguments) == ("{@", {})
    _, found, _, _, _ = read([pieces(piece("read_file", "{'path': 'x'}", index=0, id="a")), end("tool_calls")])
    assert (found[0].raw, found[0].arguments) == (None, {"path": "x"})


def test_only_the_last_call_of_a_reply_cut_at_its_limit_is_not_made() -> None:
    _, found, finish, _, _ = read(
        [
            pieces(piece("read_file", '{"path": "x",}', index=0, id="a")),
            pieces(piece("read_file", '{"path": "y', index=1, id="b")),
            end("length"),
        ]
    )
    assert (found[0].arguments, found[0].fault) == ({"path": "x"}, None)
    assert found[1].arguments == {}
    assert "cut off" in (found[1].fault or "")
    assert finish == "length"


def test_text_and_reasoning_stream_on_their_own_channels() -> None:
    text, _, finish, deltas, _ = read(
        [
            delta(role="assistant", content=""),
            delta(reasoning_content="hm"),
            delta(reasoning="so", reasoning_content=None),
            delta(content="Hel"),
            delta(content=[{"type": "text", "text": "lo"}, {"type": "thinking", "thinking": [{"text": "ah"}]}, "!"]),
            end(),
        ]
    )
    assert text == "Hello!"
    assert finish == "stop"
    assert [(one.channel, one.text) for one in deltas] == [
        ("reasoning", "hm"),
        ("reasoning", "so"),
        ("text", "Hel"),
        ("text", "lo"),
        ("reasoning", "ah"),
        ("text", "!"),
    ]


def test_a_think_block_is_kept_out_of_the_text() -> None:
    text, _, _, deltas, _ = read([delta(content="<thi"), delta(content="nk>hm</think>\n\nYes"), end()])
    assert text == "Yes"
    assert "".join(one.text for one in deltas if one.channel == "reasoning") == "hm"


def test_a_refusal_is_the_text() -> None:
    text, found, finish, deltas, _ = read([delta(refusal="I can"), delta(refusal="not."), end()])
    assert (text, found, finish) == ("I cannot.", (), "refusal")
    assert "".join(one.text for one in deltas) == "I cannot."
    assert read([delta(refusal="No."), end("content_filter")])[2] == "content_filter"


def test_a_whole_message_is_read_like_a_stream() -> None:
    message = {"role": "assistant", "content": "Hi", "tool_calls": [piece("read_file", '{"path":"x"}', id="a")]}
    text, found, finish, deltas, _ = read(
        [{"choices": [{"index": 0, "message": message, "finish_reason": "tool_calls"}]}]
    )
    assert (text, found[0].arguments, finish) == ("Hi", {"path": "x"}, "tool_calls")
    assert [one.text for one in deltas] == ["Hi"]


def test_plain_completions_behind_the_same_path_are_understood() -> None:
    assert read([{"choices": [{"text": "Hi", "finish_reason": "stop"}]}])[0] == "Hi"


def test_a_call_in_the_text_is_one_only_where_tools_were_offered() -> None:
    chunks: list[dict[str, Any] | None] = [
        delta(content='I look. {"name": "read_file", "arguments": {"path": "x"}}'),
        None,
    ]
    text, found, finish, _, _ = read(chunks)
    assert (text, [call.tool for call in found], finish) == ("I look.", ["read_file"], "tool_calls")
    text, found, finish, _, _ = read(chunks, tools=False)
    assert (found, finish) == ((), "stop")
    assert "read_file" in text


@pytest.mark.parametrize(
    "chunks", [[], [None], [{"choices": []}, None], [{"id": "x"}], [{"choices": None}, None], [{"choices": [17]}, None]]
)
def test_a_reply_without_an_answer_is_tried_again(chunks: list[dict[str, Any] | None]) -> None:
    with pytest.raises(Again, match="without an answer"):
        read(chunks)


def test_a_stream_that_ends_in_its_midst_is_tried_again() -> None:
    with pytest.raises(Again, match="broke off"):
        read([delta(content="Hel")])


def test_either_sign_of_the_end_is_enough() -> None:
    assert read([delta(content="Hi"), None])[0] == "Hi"
    assert read([delta(content="Hi"), end()])[0] == "Hi"


def test_other_choices_than_the_first_are_left_alone() -> None:
    other = {"choices": [{"index": 1, "delta": {"content": "No"}, "finish_reason": "stop"}]}
    assert read([delta(content="Hi"), other, end()])[0] == "Hi"


@pytest.mark.parametrize(
    "chunk", [{"error": {"message": "no"}}, {"object": "error", "message": "no"}, {"detail": "no"}]
)
def test_an_error_in_the_stream_is_an_error(chunk: dict[str, Any]) -> None:
    with pytest.raises(ReplyError):
        read([delta(content="Hi"), chunk])


@pytest.mark.parametrize(
    ("usage", "wanted"),
    [
        ({"prompt_tokens": 10, "completion_tokens": 2}, Usage(prompt_tokens=10, completion_tokens=2)),
        (
            {"prompt_tokens": 10, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 8}},
            Usage(prompt_tokens=10, completion_tokens=2, cached_tokens=8),
        ),
        ({"prompt_tokens": 10, "prompt_cache_hit_tokens": 4}, Usage(prompt_tokens=10, cached_tokens=4)),
        ({"prompt_tokens": 10, "cached_tokens": 40}, Usage(prompt_tokens=10, cached_tokens=10)),
        ({"prompt_tokens": "10", "completion_tokens": 2, "prompt_tokens_details": None}, Usage(completion_tokens=2)),
        (  # Gemini, xAI: thoughts are in the total only
            {"prompt_tokens": 21, "completion_tokens": 2, "total_tokens": 83},
            Usage(prompt_tokens=21, completion_tokens=62),
        ),
        (  # OpenAI: they are among the completion tokens
            {
                "prompt_tokens": 10,
                "completion_tokens": 9,
                "total_tokens": 19,
                "completion_tokens_details": {"reasoning_tokens": 8},
            },
            Usage(prompt_tokens=10, completion_tokens=9),
        ),
        (
            {"prompt_tokens": 10, "completion_tokens": 9, "total_tokens": 3},
            Usage(prompt_tokens=10, completion_tokens=9),
        ),
    ],
)
def test_usage_is_read_in_the_forms_that_servers_give(usage: dict[str, Any], wanted: Usage) -> None:
    assert read([delta(content="Hi"), end(usage=usage)])[4].usage() == wanted
    assert read([delta(content="Hi"), end(), {"choices": [], "x_groq": {"usage": usage}}])[4].usage() == wanted
    in_choice = end()
    in_choice["choices"][0]["usage"] = usage
    assert read([delta(content="Hi"), in_choice])[4].usage() == wanted


@pytest.mark.parametrize(
    "usage", [None, {}, {"prompt_tokens": 0, "completion_tokens": 0}, {"prompt_tokens": "many"}, 17]
)
def test_usage_that_is_missing_or_unbelievable_is_estimated_from_bytes(usage: Any) -> None:
    found = read([delta(content="six by"), delta(reasoning="tes"), end(usage=usage)], sent=301)[4].usage()
    assert found == Usage(prompt_tokens=101, completion_tokens=3, estimated=True)


def test_usage_inside_an_error_counts() -> None:
    for error in ({"error": {"message": "no"}, "usage": TOLD}, {"error": {"message": "no", "usage": TOLD}}):
        reading = Reading(SCHEMAS)
        with pytest.raises(ReplyError):
            list(reading.take(error))
        assert reading.cost() == Usage(prompt_tokens=700, completion_tokens=100)


TOLD = {"prompt_tokens": 700, "completion_tokens": 100}


def test_a_reply_that_is_not_whole_costs_at_least_what_came_of_it() -> None:
    reading = Reading(SCHEMAS)
    told = {"prompt_tokens": 700, "completion_tokens": 1}
    for chunk in (delta(content="a" * 30) | {"usage": told}, delta(content="b" * 30)):
        list(reading.take(chunk))
    assert reading.cost() == Usage(prompt_tokens=700, completion_tokens=20, estimated=True)
    list(reading.take(end()))
    assert reading.usage() == Usage(prompt_tokens=700, completion_tokens=1)


def test_a_reply_of_which_nothing_came_costs_nothing_unless_we_left_while_the_server_worked() -> None:
    reading = Reading(SCHEMAS, sent=30)
    assert reading.cost(left=True) is None
    reading.begun = True
    assert reading.cost() is None
    assert reading.cost(left=True) == Usage(prompt_tokens=10, estimated=True)


def test_one_object_that_is_cut_costs_what_came_from_its_choices_on() -> None:
    reading = Reading(SCHEMAS, sent=30)
    reading.spoil(b'{"id": "x", "object": "chat.completion"')
    assert reading.cost() is None
    reading.spoil(b'{"id": "x", "choices": [{"message": {"content": "Hal')
    found = reading.cost()
    assert found is not None
    assert (found.prompt_tokens, found.completion_tokens, found.estimated) == (10, 14, True)


@pytest.mark.parametrize("finish", ["error", "network_error", "insufficient_system_resource"])
def test_a_server_that_says_that_it_could_not_finish_is_asked_again(finish: str) -> None:
    with pytest.raises(Again, match=finish):
        read([delta(content="Half of"), end(finish)])


def test_an_error_inside_a_choice_is_an_error() -> None:
    choice = {"index": 0, "finish_reason": "error", "error": {"code": 502, "message": "the provider is down"}}
    with pytest.raises(ReplyError):
        read([{"choices": [choice]}])


def test_what_a_server_gives_with_its_calls_for_itself_is_told_in_their_order() -> None:
    signed = {"google": {"thought_signature": "s"}}
    one = piece("read_file", "{}", index=0, id="a", extra_content=signed)
    found = read(
        [delta(reasoning_content="Let"), delta(reasoning=" us"), pieces(one, piece("x", "{}", index=1, id="b")), end()]
    )[4]
    assert found.extras == [signed, None]
    assert found.reasoning == "Let us"


@pytest.mark.parametrize("finish", ["length", "MAX_TOKENS", "model_length", "model_context_window_exceeded"])
def test_a_call_is_never_completed_where_the_server_says_in_its_words_that_it_is_cut_off(finish: str) -> None:
    found = read([pieces(piece("read_file", '{"path": "a', index=0, id="a")), end(finish)])
    assert found[2] == "length"
    assert found[1][0].arguments == {}
    assert found[1][0].fault is not None
