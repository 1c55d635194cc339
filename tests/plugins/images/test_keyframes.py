"""Key frames as Deforum writes them: numbers and words over time, and what is said of those that are none."""

from __future__ import annotations

import math
from typing import Any

import pytest

from plugins import ToolError
from plugins.images._keyframes import read_curve, read_script


@pytest.mark.parametrize(
    ("text", "frame", "value"),
    [
        ("1.02", 7, 1.02),
        ("-3", 0, -3),
        ("0:(1.02), 30:(1.0)", 0, 1.02),
        ("0:(1.02), 30:(1.0)", 15, 1.01),
        ("0:(1.02), 30:(1.0)", 99, 1.0),
        ("30:(2), 0:(1)", 15, 1.5),
        ("0: 1.02, 30: 1.0", 15, 1.01),
        ("0：（2）， 10：（4）", 5, 3),
        ("10:(5), 20:(6)", 3, 5),
        ("1 + 0.5 * sin(t / 5)", 5, 1 + 0.5 * math.sin(1)),
        ("0:(max(1, t)), 10:(min(3, 2, t)), 20:(abs(-7))", 4, 4),
        ("0:(max(1, t)), 10:(min(3, 2, t)), 20:(abs(-7))", 12, 2),
        ("0:(max(1, t)), 10:(min(3, 2, t)), 20:(abs(-7))", 25, 7),
        ("0:(0), 10:(t)", 5, 5),
        ("0:(cos(pi) + 2 ** 3 // 3 % 2)", 0, -1),
    ],
)
def test_a_number_runs_from_key_frame_to_key_frame(text: str, frame: int, value: float) -> None:
    assert read_curve(text, "zoom").at(frame) == pytest.approx(value)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "zoom is empty"),
        ("wide", "zoom, at character 1: 'wide' is not known: there is"),
        ("0:(1), 5:", "zoom, at character 10: '' is neither a number nor a sum"),
        ("0:(1),, 5:(2)", "zoom, at character 7: a key frame is missing"),
        ("0:(1), five:(2)", "zoom, at character 7: 'five:(2)' is no key frame"),
        ("0:(1), 0:(2)", "zoom: frame 0 stands there twice"),
        ("0:(1", "zoom: a bracket is never closed"),
        ("0:1)", "zoom, at character 4: this bracket was never opened"),
        ("0:(__import__('os'))", "at character 3: \"__import__('os')\" is not known"),
        ("0:(t.real)", "'t.real' is not known"),
        ("(lambda: 1)()", "is no key frame"),
        ("True", "True is no number"),
        ("sin(1, 2)", "sin does not take 2 numbers"),
        ("min(1)", "min does not take 1 numbers"),
        ("(" * 60 + "1" + ")" * 60 + "+" + "-" * 60 + "1", "too many brackets within brackets"),
        ("1" * 600, "more than 500 characters"),
        ("99999999999999:(1)", "is no frame"),
        (",".join(f"{one}:(1)" for one in range(1001)), "more than 1000 key frames"),
    ],
)
def test_what_is_no_number_over_time_is_told_with_its_place(text: str, said: str) -> None:
    with pytest.raises(ToolError) as caught:
        read_curve(text, "zoom")
    assert said in caught.value.message
    assert "\n" not in caught.value.message
    assert caught.value.hint is not None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("1 / (t - 3)", "zoom: it divides by 0 at frame 3"),
        ("9 ** (9 ** (9 ** (t + 1)))", "zoom: it has no value at frame 3"),
        ("(0 - 1) ** 0.5 + t", "zoom: it has no value at frame 3"),
        ("1" + "0" * 400, "zoom: it has no value at frame 3"),
    ],
)
def test_a_sum_without_a_value_names_the_frame(text: str, said: str) -> None:
    curve = read_curve(text, "zoom")
    with pytest.raises(ToolError, match=said):
        curve.at(3)


@pytest.mark.parametrize(
    ("prompts", "shown"),
    [
        ("a red circle", ["a red circle"]),
        ("0: a red circle | 12: a blue square", ["a red circle", "a blue square"]),
        ("0：一个红色圆形｜12：一个蓝色方形", ["一个红色圆形", "一个蓝色方形"]),
        ({"12": "a blue square", "0": "a red circle"}, ["a red circle", "a blue square"]),
        ("a red circle | 12: either: a | b", ["a red circle", "either: a | b"]),
        ("5: a red circle", ["a red circle"]),
    ],
)
def test_words_hold_until_the_next_key_frame(prompts: Any, shown: list[str]) -> None:
    script = read_script(prompts)
    assert (script.at(0), script.at(11)) == (shown[0], shown[0])
    assert (script.at(12), script.at(99)) == (shown[-1], shown[-1])
    assert script.used(24) == shown


def test_key_frames_that_are_never_come_to_are_known() -> None:
    script = read_script("0: a red circle | 12: a blue square")
    assert script.used(12) == ["a red circle"]
    assert script.unused(12) == [12]


@pytest.mark.parametrize(
    ("prompts", "said"),
    [
        ("", "there are no words for frame 0"),
        ("0: | 12: a", "there are no words for frame 0"),
        ("0: a | 0: b", "frame 0 stands there twice"),
        ({}, "prompts is empty"),
        ({"first": "a"}, "'first' is no frame"),
        ({"-1": "a"}, "'-1' is no frame"),
        ({"3": ""}, "there are no words for frame 3"),
    ],
)
def test_what_are_no_words_over_time_is_told(prompts: Any, said: str) -> None:
    with pytest.raises(ToolError, match=said):
        read_script(prompts)
