"""Hiding: secret inputs are taken out of texts, however those were folded or cut."""

from __future__ import annotations

import pytest

from agent.goal import Goal, mask
from agent.hiding import Hiding, hiding

LONG = "".join(f"{number:04d}-" for number in range(82))
"""A secret of 410 characters."""


def one(secret: str) -> Hiding:
    return hiding(Goal(goals=("g",), inputs={"key": mask("key")}, secrets=(secret,)))


@pytest.mark.parametrize(
    ("secret", "text"),
    [
        ("swordfish", "it is swordfish."),
        ("tide and\ntime", "it is tide and time."),
        ("tide  and time", "it is tide and time."),
        ("tide and time", "it is tide\n  and\ttime."),
        ("\ntide and time \n", "it is tide and time."),
        ("潮汐 与时间", "it is 潮汐\u3000与时间."),
        (LONG, f"it is {LONG}."),
    ],
)
def test_a_secret_is_taken_out_however_its_white_space_is_folded(secret: str, text: str) -> None:
    assert one(secret).holds(text)
    assert one(secret).hidden(text) == "it is <secret key>."


@pytest.mark.parametrize("behind", ["", " …", "…", "...", "\nmore", " [cut]"])
def test_the_beginning_of_a_secret_is_taken_out_where_a_text_was_cut(behind: str) -> None:
    for length in (12, 100, 340):
        assert one(LONG).hidden(f"it is {LONG[:length]}{behind}") == f"it is <secret key>{behind}"
        assert one(LONG).holds(f"it is {LONG[:length]}{behind}")


@pytest.mark.parametrize(
    "text", [f"it is {LONG[:11]}", f"it is {LONG[:40]}x goes on", "it is another", f"it is {LONG[1:30]}"]
)
def test_what_only_begins_alike_stays(text: str) -> None:
    assert not one(LONG).holds(text)
    assert one(LONG).hidden(text) == text


def test_each_secret_has_the_mask_that_the_journal_has_and_the_longest_goes_first() -> None:
    inputs = {"short": mask("short"), "long": mask("long")}
    both = hiding(Goal(goals=("g",), inputs=inputs, secrets=("tide", "tide-and-time")))
    assert both.hidden("tide-and-time or tide") == "<secret long> or <secret short>"


def test_one_that_begins_within_itself_is_found() -> None:
    assert one("aaaaaaaaaaaaab").hidden("aaaaaaaaaaaaaaaab") == "aaa<secret key>"


def test_a_secret_of_two_letters_is_no_mark_in_every_word_but_is_held() -> None:
    assert one("at").hidden("a cat") == "a cat"
    assert one("at").holds("a cat")
    assert not one(" ").holds("a cat")


def test_it_is_found_in_values_however_deep() -> None:
    value = {"swordfish": [1, None, {"key": "a swordfish"}], "b": True}
    assert one("swordfish").hidden_within(value) == {"<secret key>": [1, None, {"key": "a <secret key>"}], "b": True}  # type: ignore[arg-type]  # a dict of JSON
