"""When to try again, how long to wait, and what a refusal means."""

import math
from typing import Any

import pytest

from agent.errors import ContextTooLong, ModelError, ModelRefused, ModelUnavailable
from agent.events import Usage
from agent.model import add_up
from agent.model.retry import Again, Retry, judge, retry_after, words


def refusal(status: int, body: Any = None, *, keyed: bool = True, **headers: str) -> Again | ModelError:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return judge(status, body, named, model="m-1", host="api.example", keyed=keyed)


def error(message: str, **fields: Any) -> dict[str, Any]:
    return {"error": {"message": message, **fields}}


def test_the_wait_doubles_up_to_a_longest_one_less_a_quarter_by_chance() -> None:
    retry = Retry()
    assert [retry.delay(failures, chance=0.0) for failures in range(1, 8)] == [0.25, 0.5, 1, 2, 4, 8, 8]
    assert retry.delay(3, chance=1.0) == 0.75
    assert retry.delay(10_000, chance=0.5) == 7


def test_six_failures_are_outlasted_and_eight_are_not() -> None:
    retry = Retry()
    for failures in range(1, 8):
        assert retry.after(Again("down"), failures=failures, slow=0, chance=0) > 0
    with pytest.raises(ModelUnavailable, match="down; given up after 8 tries") as caught:
        retry.after(Again("down"), failures=8, slow=0, chance=0)
    assert caught.value.hint is not None
    assert "resume" in caught.value.hint


def test_attempts_that_use_up_a_whole_timeout_are_fewer() -> None:
    with pytest.raises(ModelUnavailable, match="3 tries"):
        Retry().after(Again("silent", slow=True), failures=3, slow=3, chance=0)
    with pytest.raises(ModelUnavailable, match="after 1 try"):
        Retry(tries=1).after(Again("silent"), failures=1, slow=0, chance=0)


def test_attempts_that_are_billed_in_vain_are_fewer_whatever_the_others_were() -> None:
    assert Retry().after(Again("cut"), failures=7, slow=0, billed=2, chance=0) > 0
    with pytest.raises(ModelUnavailable, match="cut; given up after 3 replies that were billed and could not be used"):
        Retry().after(Again("cut", wait=1), failures=3, slow=0, billed=3, chance=0)
    with pytest.raises(ModelUnavailable, match="after 1 reply that was billed"):
        Retry(billed_tries=1).after(Again("cut"), failures=1, slow=0, billed=1, chance=0)


def test_tries_add_up_and_a_price_that_is_not_known_makes_the_sum_unknown() -> None:
    one = Usage(prompt_tokens=10, cached_tokens=4, completion_tokens=2, usd=0.5)
    assert add_up(one) == one
    two = Usage(prompt_tokens=1, completion_tokens=1, usd=0.25, calls=2)
    both = Usage(prompt_tokens=11, cached_tokens=4, completion_tokens=3, usd=0.75, estimated=True, calls=3)
    assert add_up(one, two) == both
    assert add_up(one, Usage(usd=None)).usd is None
    assert add_up(Usage(estimated=True)).estimated


def test_a_wait_that_the_server_asks_for_is_kept_up_to_a_minute() -> None:
    assert Retry().after(Again("busy", wait=7), failures=1, slow=0, chance=0) == 7
    assert Retry().after(Again("busy", wait=0), failures=5, slow=0, chance=0) == 0.25
    for seconds, told in ((90.0, "90 s"), (600.0, "10 min"), (86_400.0, "24 h"), (math.inf, "h")):
        with pytest.raises(ModelUnavailable, match=f"come back in .*{told}"):
            Retry().after(Again("busy", wait=seconds), failures=1, slow=0, chance=0)


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"retry-after": "7"}, 7.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after-ms": "1500", "retry-after": "7"}, 1.5),
        ({"retry-after-ms": "soon", "retry-after": "7"}, 7.0),
        ({"retry-after": "-3"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "later"}, None),
        ({"retry-after": "Thu, 01 Jan 1970 00:01:30 GMT"}, 80.0),
        ({"retry-after": "Thu, 01 Jan 1970 00:00:01 GMT"}, 0.0),
    ],
)
def test_the_wait_is_read_as_seconds_milliseconds_or_date(headers: dict[str, str], seconds: float | None) -> None:
    assert retry_after(headers, now=10.0) == seconds


def test_a_date_is_measured_against_the_clock() -> None:
    assert retry_after({"retry-after": "Thu, 01 Jan 1970 00:00:01 GMT"}) == 0.0


@pytest.mark.parametrize("status", [408, 409, 425, 429, 500, 502, 503, 504, 520, 529])
def test_passing_trouble_is_tried_again_with_the_wait_asked_for(status: int) -> None:
    found = refusal(status, error("busy now"), retry_after="3")
    assert isinstance(found, Again)
    assert found.wait == 3
    assert "busy now" in found.reason
    assert f"({status})" in found.reason


def test_an_error_in_place_of_a_reply_is_tried_again() -> None:
    assert isinstance(refusal(200, error("try later")), Again)


@pytest.mark.parametrize("status", [401, 403])
def test_a_refused_key_names_the_setting_and_the_host(status: int) -> None:
    found = refusal(status, error("no"))
    assert isinstance(found, ModelRefused)
    assert "api.example" in found.message
    assert found.hint is not None
    assert "OPENAI_API_KEY" in found.hint
    without = refusal(status, None, keyed=False)
    assert "wants a key" in str(without)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (404, error('model "m-1" not found, try pulling it first')),
        (404, "<html>404</html>"),
        (400, error("m-1 is not a valid model ID")),
        (400, error("The model `m-1` does not exist", code="model_not_found")),
    ],
)
def test_a_missing_model_is_told_with_its_host(status: int, body: Any) -> None:
    found = refusal(status, body)
    assert isinstance(found, ModelRefused)
    assert found.message.startswith("no model m-1 at api.example")
    assert found.hint is not None


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (429, error("You exceeded your current quota", code="insufficient_quota")),
        (429, error("x", type="insufficient_quota")),
        (402, error("Insufficient Balance")),
        (402, None),
    ],
)
def test_an_empty_account_is_not_asked_again(status: int, body: Any) -> None:
    found = refusal(status, body)
    assert isinstance(found, ModelRefused)
    assert "credit" in found.message


@pytest.mark.parametrize(
    ("status", "body", "limit"),
    [
        (
            400,
            error(
                "This model's maximum context length is 8192 tokens. However, your messages resulted in 9001 tokens.",
                code="context_length_exceeded",
            ),
            8192,
        ),
        (400, error("Your input exceeds the context window of this model.", code="context_length_exceeded"), None),
        (
            400,
            error(
                "request (9000 tokens) exceeds the available context size (4096 tokens), try increasing it",
                type="exceed_context_size_error",
                n_prompt_tokens=9000,
                n_ctx=4096,
            ),
            4096,
        ),
        (
            400,
            {
                "object": "error",
                "message": "This model's maximum context length is 32,768 tokens. However, you requested 40000",
            },
            32768,
        ),
        (
            400,
            error(
                "'max_tokens' or 'max_completion_tokens' is too large: 4096. This model's maximum context length is "
                "8192 tokens and your request has 5000 input tokens (4096 > 8192 - 5000)."
            ),
            8192,
        ),
        (400, error("prompt is too long: 210000 tokens > 200000 maximum"), 200000),
        (400, error("input length exceeds the context length"), None),
        (400, error("prompt too long; exceeded max context length by 500 tokens"), None),
        (500, error("the request exceeds the available context size. try increasing the context size"), None),
        (
            400,
            error("The input token count (1200000) exceeds the maximum number of tokens allowed (1048576)."),
            1048576,
        ),
        (400, error("This model's maximum prompt length is 131072 but the request contains 537812 tokens."), 131072),
        (
            400,
            error("Prompt contains 40000 tokens, too large for model with 32768 maximum context length"),
            32768,
        ),
        (400, error("`inputs` tokens + `max_new_tokens` must be <= 4097. Given: 5000 `inputs` tokens"), 4097),
        (
            400,
            {
                "error": "Trying to keep the first 5000 tokens when context the overflows. However, the model is "
                "loaded with context length of only 4096 tokens, which is not enough."
            },
            4096,
        ),
        (429, error("Request too large for m on tokens per min (TPM): Limit 30000, Requested 43000."), 30000),
        (413, "too big", None),
        (200, error("context_length_exceeded"), None),
    ],
)
def test_a_prompt_that_is_too_long_is_told_with_its_window_where_the_server_said_it(
    status: int, body: Any, limit: int | None
) -> None:
    found = refusal(status, body)
    assert isinstance(found, ContextTooLong)
    assert found.limit == limit


@pytest.mark.parametrize(
    "message",
    [
        "Invalid value for 'messages[1].role'",
        "max_tokens is too large: 100000. This model supports at most 16384 completion tokens",
        "An assistant message with 'tool_calls' must be followed by tool messages",
    ],
)
def test_any_other_refusal_is_for_good_and_is_no_matter_of_length(message: str) -> None:
    found = refusal(400, error(message))
    assert type(found) is ModelRefused
    assert message in found.message


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (error("one\n two"), "one two"),
        ({"error": "one"}, "one"),
        ({"detail": [{"loc": ["body"], "msg": "one"}, {"msg": "two"}]}, "one; two"),
        ({"message": "one"}, "one"),
        ({"error": {"code": "oops"}}, "oops"),
        ({}, ""),
        (None, ""),
        ("<html>x</html>", "a web page"),
        ("x" * 1000, "x" * 299 + "…"),
    ],
)
def test_the_words_of_an_error_are_one_line_and_not_too_long(body: Any, said: str) -> None:
    assert words(body) == said


def test_fewer_billed_replies_than_usual_may_be_allowed_and_never_more() -> None:
    again = Again("spoilt")
    for calls, billed in ((1, 1), (2, 2), (9, 3), (None, 3)):
        with pytest.raises(ModelUnavailable, match="billed"):
            Retry().after(again, failures=1, slow=0, chance=0, billed=billed, calls=calls)
        assert Retry().after(again, failures=1, slow=0, chance=0, billed=billed - 1, calls=calls) > 0
