from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memory.window import Fold, Step, WindowTooSmall, fold, room

FRAME: dict[str, Any] = {"window": 10_000, "reply": 1_000, "reserve": 1_000, "high": 0.85}
# high water 6,800, low water 2,400


def steps(count: int, tokens: int = 500) -> list[Step]:
    return [Step(tokens=tokens) for _ in range(count)]


def test_nothing_is_folded_up_to_high_water_and_something_one_token_above() -> None:
    assert room(**FRAME) == 6_800
    assert fold(head=500, summary=300, steps=steps(11), tail=500, **FRAME) is None
    assert fold(head=501, summary=300, steps=steps(11), tail=500, **FRAME) is not None


def test_the_oldest_steps_are_folded_until_low_water_and_no_further() -> None:
    done = fold(head=501, summary=300, steps=steps(11), tail=500, **FRAME)
    assert done == Fold(steps=11 - 1, cap=None, tokens_before=6_801, tokens_after=501 + 1_000 + 500 + 500)
    done = fold(head=100, summary=0, steps=steps(14), tail=0, **FRAME)
    assert done == Fold(steps=12, cap=None, tokens_before=7_100, tokens_after=100 + 1_000 + 2 * 500)


def test_the_last_steps_are_never_folded() -> None:
    for keep in (0, 1, 3):
        done = fold(head=2_000, summary=0, steps=steps(10), tail=0, keep=keep, **FRAME)
        assert done is not None
        assert done.steps == 10 - keep


def test_pinned_words_of_a_folded_step_are_counted_as_staying() -> None:
    pinned = [Step(tokens=500, pinned=200), *steps(13)]
    done = fold(head=100, summary=0, steps=pinned, tail=0, **FRAME)
    assert done == Fold(steps=12, cap=None, tokens_before=7_100, tokens_after=100 + 1_000 + 200 + 2 * 500)


def test_a_long_result_that_must_stay_is_cut_to_the_largest_cap_that_fits() -> None:
    last = Step(tokens=8_100, results=(5_000, 3_000))
    done = fold(head=500, summary=0, steps=[*steps(3), last], tail=0, **FRAME)
    assert done == Fold(steps=3, cap=2_600, tokens_before=10_100, tokens_after=500 + 1_000 + 100 + 2 * 2_600)
    assert done.tokens_after == room(**FRAME)


def test_where_nothing_can_be_folded_results_are_cut_and_the_summary_stays() -> None:
    done = fold(head=500, summary=900, steps=[Step(tokens=8_000, results=(7_900,))], tail=0, **FRAME)
    assert done == Fold(steps=0, cap=5_300, tokens_before=9_400, tokens_after=6_800)


def test_a_cap_is_never_below_64_tokens_and_then_the_window_decides() -> None:
    many = Step(tokens=10_100, results=(100,) * 100)
    done = fold(head=300, summary=0, steps=[many], tail=0, **FRAME)
    assert done == Fold(steps=0, cap=64, tokens_before=10_400, tokens_after=300 + 100 + 6_400)
    done = fold(head=1_500, summary=0, steps=[many], tail=0, **FRAME)
    assert done is not None
    assert (done.cap, done.tokens_after) == (64, 8_000), "over high water, and it fits"


def test_where_nothing_helps_the_window_is_too_small_and_says_by_how_much() -> None:
    with pytest.raises(WindowTooSmall, match=r"need 9,100 tokens and the window has room for 9,000") as caught:
        fold(head=8_600, summary=0, steps=[Step(tokens=500)], tail=0, **FRAME)
    assert (caught.value.needs, caught.value.has) == (9_100, 9_000)
    assert isinstance(caught.value, ValueError)
    with pytest.raises(WindowTooSmall) as caught:
        fold(head=10, summary=0, steps=[], tail=0, window=100, reply=200, reserve=50)
    assert caught.value.has == 0


def test_what_is_over_high_water_but_fits_and_cannot_shrink_is_left_alone() -> None:
    assert fold(head=6_900, summary=0, steps=[Step(tokens=500)], tail=0, **FRAME) is None
    assert fold(head=6_900, summary=0, steps=[Step(tokens=500, results=(60,))], tail=0, **FRAME) is None


def test_a_folding_that_would_only_cost_is_not_made() -> None:
    assert fold(head=6_700, summary=0, steps=steps(4, 100), tail=0, **FRAME) is None


def test_a_result_said_to_be_larger_than_its_step_does_no_harm() -> None:
    done = fold(head=0, summary=0, steps=[Step(tokens=7_000, pinned=10, results=(90_000,))], tail=0, **FRAME)
    assert done is not None
    assert 10 <= done.tokens_after <= 6_800


@pytest.mark.parametrize("marks", [{"low": 0.9}, {"high": 1.1}, {"low": -0.1}, {"keep": -1}])
def test_marks_out_of_order_are_refused(marks: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="cannot be kept"):
        fold(head=0, summary=0, steps=[], tail=0, **{**FRAME, **marks})


def test_a_window_smaller_than_what_is_set_aside_has_no_room() -> None:
    assert room(window=100, reply=90, reserve=20) == 0


def test_five_hundred_steps_in_a_small_window_fold_seldom() -> None:
    frame = {"window": 16_384, "reply": 1_024, "reserve": 800}
    summary, kept, foldings = 0, list[Step](), 0
    for _ in range(500):
        kept.append(Step(tokens=500, results=(400,)))
        done = fold(head=1_000, summary=summary, steps=kept, tail=150, **frame)
        if done is not None:
            foldings += 1
            assert done.cap is None
            summary, kept = 800, kept[done.steps :]
        assert 1_000 + summary + sum(one.tokens for one in kept) + 150 <= room(**frame)
    assert 20 <= foldings <= 32


# --- properties ------------------------------------------------------------------------------------------------------


@st.composite
def a_step(draw: st.DrawFn) -> Step:
    results = tuple(draw(st.lists(st.integers(0, 9_000) | st.integers(0, 300), max_size=4)))
    pinned = draw(st.integers(0, 400) | st.just(0))
    return Step(tokens=sum(results) + pinned + draw(st.integers(0, 600)), pinned=pinned, results=results)


def carried_out(done: Fold, head: int, summary: int, history: list[Step], reserve: int) -> tuple[int, int, list[Step]]:
    """What a caller does with a `Fold`, the new summary as long as it may be."""
    for folded in history[: done.steps]:
        head += folded.pinned
    kept = []
    for step in history[done.steps :]:
        cap = done.cap if done.cap is not None else max(step.results, default=0)
        shown = tuple(min(result, cap) for result in step.results)
        kept.append(Step(tokens=step.tokens - sum(step.results) + sum(shown), pinned=step.pinned, results=shown))
    return head, reserve if done.steps else summary, kept


SIZES = st.fixed_dictionaries(
    {
        "head": st.integers(0, 6_000),
        "summary": st.integers(0, 1_000),
        "tail": st.integers(0, 1_000),
        "window": st.integers(1_000, 40_000),
        "reply": st.integers(0, 4_000),
        "reserve": st.integers(1, 1_000),
        "keep": st.integers(0, 3),
    }
)


def decided(sizes: dict[str, int], history: list[Step]) -> tuple[Fold | None, WindowTooSmall | None]:
    try:
        return fold(steps=history, **sizes), None
    except WindowTooSmall as error:
        return None, error


def keeps_its_promises(sizes: dict[str, int], history: list[Step]) -> None:
    total = sizes["head"] + sizes["summary"] + sum(step.tokens for step in history) + sizes["tail"]
    frame = {name: sizes[name] for name in ("window", "reply", "reserve")}
    if total <= room(**frame):
        assert fold(steps=history, **sizes) is None
        return
    done, refused = decided(sizes, history)
    if refused is not None:
        assert total > sizes["window"] - sizes["reply"]
        assert refused.needs > refused.has
        return
    assert done == fold(steps=tuple(history), **sizes), "the same sizes, the same answer"
    if done is None:
        assert total <= sizes["window"] - sizes["reply"]
        return
    assert done.tokens_before == total
    assert 0 <= done.steps <= max(0, len(history) - sizes["keep"])
    head, summary, kept = carried_out(done, sizes["head"], sizes["summary"], history, sizes["reserve"])
    after = head + summary + sum(step.tokens for step in kept) + sizes["tail"]
    assert after == done.tokens_after < total
    assert after <= sizes["window"] - sizes["reply"]
    assert done.cap is None or done.cap >= 64
    if done.cap is not None and done.cap > 64:
        assert after <= room(**frame)
        looser = Fold(steps=done.steps, cap=done.cap + 1, tokens_before=0, tokens_after=0)
        _, _, longer = carried_out(looser, 0, 0, history, 0)
        assert head + summary + sum(step.tokens for step in longer) + sizes["tail"] > room(**frame), "the largest cap"


@settings(max_examples=200, deadline=None)
@given(SIZES, st.lists(a_step(), max_size=25))
def test_after_a_folding_the_prompt_fits_and_is_shorter(sizes: dict[str, int], history: list[Step]) -> None:
    keeps_its_promises(sizes, history)


def test_thousands_of_histories_by_chance_are_folded_as_promised() -> None:
    chance = random.Random(3)
    for _ in range(4_000):
        history = []
        for _ in range(chance.randrange(25)):
            results = tuple(chance.randrange(chance.choice((60, 300, 9_000))) for _ in range(chance.randrange(4)))
            pinned = chance.choice((0, 0, chance.randrange(400)))
            tokens = sum(results) + pinned + chance.randrange(600)
            history.append(Step(tokens=tokens, pinned=pinned, results=results))
        sizes = {
            "head": chance.randrange(6_000),
            "summary": chance.randrange(1_000),
            "tail": chance.randrange(1_000),
            "window": chance.randrange(1_000, 40_000),
            "reply": chance.randrange(4_000),
            "reserve": chance.randrange(1, 1_000),
            "keep": chance.randrange(4),
        }
        keeps_its_promises(sizes, history)


@settings(max_examples=40, deadline=None)
@given(st.lists(a_step(), min_size=20, max_size=60), st.integers(6_000, 30_000))
def test_a_run_of_any_steps_never_leaves_the_window_unless_it_says_so(history: list[Step], window: int) -> None:
    head, summary, kept = 500, 0, list[Step]()
    for step in history:
        kept.append(step)
        while True:  # carried out again and again it comes to an end
            try:
                done = fold(head=head, summary=summary, steps=kept, tail=100, window=window, reply=1_000, reserve=500)
            except WindowTooSmall:
                return
            if done is None:
                break
            head, summary, kept = carried_out(done, head, summary, kept, 500)
        assert head + summary + sum(one.tokens for one in kept) + 100 <= window - 1_000
