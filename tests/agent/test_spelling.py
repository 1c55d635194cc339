from __future__ import annotations

import pytest

from agent.spelling import did_you_mean, nearest


@pytest.mark.parametrize(
    ("word", "known", "expected"),
    [
        ("bugdet", ["budget", "goal"], "budget"),
        ("Min-Bytes", ["min_bytes", "file"], "min_bytes"),
        ("主题", ["主題", "goal"], None),
        ("zzz", ["budget"], None),
        ("a", [], None),
    ],
)
def test_the_nearest_known_word_is_found_or_none(word: str, known: list[str], expected: str | None) -> None:
    assert nearest(word, known) == expected


def test_the_end_of_the_sentence_names_the_guess_or_all_that_is_known() -> None:
    assert did_you_mean("gaol", ["goal", "mode"]) == '; did you mean "goal"?'
    assert did_you_mean("zzz", ["goal", "mode"]) == " (known: goal, mode)"
    assert did_you_mean("zzz", []) == ""
