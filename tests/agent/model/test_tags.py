"""Reasoning between tags, told from the text while it streams."""

import pytest

from agent.model.tags import ThinkTags


def split(text: str, size: int) -> tuple[str, str, bool]:
    """Text and reasoning as a listener of the deltas would have them, and whether it was told to begin anew."""
    tags = ThinkTags()
    pairs = [pair for start in range(0, len(text), size) for pair in tags.feed(text[start : start + size])]
    pairs += tags.close()
    heard = {"text": "", "reasoning": ""}
    restarted = False
    for channel, piece in pairs:
        if channel == "restart":
            heard, restarted = {"text": "", "reasoning": ""}, True
        else:
            heard[channel] += piece
    assert heard["text"] == "".join(tags.text)
    return heard["text"], heard["reasoning"], restarted


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize(
    ("text", "said", "thought"),
    [
        ("Hello <b>you</b> < 3", "Hello <b>you</b> < 3", ""),
        ("<think>hm</think>\n\nHello", "Hello", "hm"),
        ("\n<thinking>h < m</thinking>Hello", "\nHello", "h < m"),
        ("One\n<think>two</think>\nthree", "One\nthree", "two"),
        ("Write `<think>` and </think> in a line", "Write `<think>` and </think> in a line", ""),
        ("<think>never closed", "", "never closed"),
        ("<think>closing </thi", "", "closing </thi"),
        ("Text\n<think>that was no tag", "Text\n<think>that was no tag", ""),
        ("ends with <thi", "ends with <thi", ""),
        ("<think></think>", "", ""),
        ("", "", ""),
    ],
)
def test_text_and_reasoning_are_told_apart_however_the_pieces_fall(
    text: str, said: str, thought: str, size: int
) -> None:
    assert split(text, size)[:2] == (said, thought)


@pytest.mark.parametrize("size", [1, 5, 1000])
def test_a_closing_tag_that_was_never_opened_makes_all_before_it_reasoning(size: int) -> None:
    said, thought, _ = split("First I think.\nSo:\n</think>\n\nThe answer", size)
    assert (said, thought.strip()) == ("The answer", "First I think.\nSo:")


def test_what_was_streamed_as_text_is_taken_back_when_it_turns_out_to_be_reasoning() -> None:
    assert split("I think\n</think>\nyes", 4)[2] is True
    assert split("</think>yes", 4) == ("yes", "", False)
