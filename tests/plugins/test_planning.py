from __future__ import annotations

from itertools import pairwise

import pytest

from plugins import Cost, Left
from plugins._planning import Passage, cut, plan, sizes
from plugins._wording import costs, lacking


class Purse:
    def __init__(self, left: Left) -> None:
        self.window = None
        self._left = left

    def left(self) -> Left:
        return self._left

    def cost(self, prompt: str, *, purpose: str, system: str = "", reply: int = 1024) -> Cost:
        raise AssertionError("the plan is given its costs")


ONE = Cost(calls=1, tokens=2_000, usd=0.01)
NONE = Cost(calls=0, tokens=0, usd=0.0)


def planned(
    count: int,
    *,
    paid: tuple[int, ...] = (),
    question: str = "",
    calls: int = 1_000,
    tokens: int = 10**9,
    usd: float | None = None,
) -> tuple[int, ...]:
    parts = [Passage(f"part {n} about thing{n}", n, n) for n in range(count)]
    made = plan(
        parts,
        lambda at: NONE if at in paid else ONE,
        lambda: ONE,
        Purse(Left(calls=calls, tokens=tokens, usd=usd, seconds=3600.0)),
        of=sizes(10**6, None),
        question=question,
        beside=1_000,
    )
    return made.read


def test_everything_is_read_where_the_budget_carries_it() -> None:
    assert planned(40) == tuple(range(40))


@pytest.mark.parametrize(("calls", "tokens", "usd"), [(30, 10**9, None), (900, 70_000, None), (900, 10**9, 0.35)])
def test_what_is_read_of_a_text_that_costs_too_much_is_spread_over_it(
    calls: int, tokens: int, usd: float | None
) -> None:
    read = planned(64, calls=calls, tokens=tokens, usd=usd)
    assert 8 <= len(read) < 30
    gaps = [after - before for before, after in pairwise(read)]
    assert max(gaps) <= 8
    assert read[0] < 8
    assert read[-1] > 55


def test_less_money_reads_a_part_of_what_more_reads() -> None:
    some, more = set(planned(64, calls=20)), set(planned(64, calls=40))
    assert some < more


def test_what_was_paid_for_is_always_read_and_the_most_fitting_first() -> None:
    assert set(range(50, 60)) <= set(planned(64, paid=tuple(range(50, 60)), calls=12))
    assert planned(64, paid=tuple(range(64)), calls=0) == tuple(range(64))
    assert 41 in planned(64, calls=9, question="What of thing41?")


def test_one_question_is_asked_where_an_answer_can_still_follow() -> None:
    assert planned(1, calls=2) == (0,)
    assert planned(1, calls=1) == ()


def test_an_unknown_price_does_not_count_against_the_money() -> None:
    parts = [Passage("a", 1, 1)]
    free = Cost(calls=1, tokens=10, usd=None)
    purse = Purse(Left(calls=9, tokens=999, usd=0.01, seconds=1.0))
    assert plan(parts, lambda _: free, lambda: free, purse, of=sizes(9, None), beside=0).read == (0,)


def test_the_sizes_fit_the_window_and_the_length_of_the_text() -> None:
    assert sizes(1_000_000, None).passage == 6_000
    assert sizes(1_000_000, 4_096).passage == 5_326
    assert sizes(1_000_000, 128_000).passage == 16_666
    assert sizes(100_000, 128_000).passage == 6_000
    assert sizes(10**8, 128_000).passage == 20_000
    assert sizes(10**6, 500).passage == 1_500


def test_the_merges_of_each_level_are_foreseen() -> None:
    of = sizes(10**6, None)
    assert of.fan == 5
    assert of.merges(1) == ()
    assert of.merges(5) == (1,)
    assert of.merges(26) == (6, 2, 1)


def test_passages_know_their_lines() -> None:
    text = "".join(f"{'w ' * 100}{n}\n\n" for n in range(9))
    parts = cut(text, 500)
    assert "".join(one.text for one in parts) == text
    lines = text.split("\n")
    for one in parts:
        assert "\n".join(lines[one.first - 1 : one.last]) == one.text.strip("\n")


def test_costs_are_told_in_round_figures() -> None:
    assert costs(Cost(calls=216, tokens=413_207, usd=0.1234)) == "216 calls, about 420,000 tokens ($0.12)"
    assert costs(Cost(calls=1, tokens=87, usd=0.00042)) == "1 call, about 87 tokens ($0.0004)"
    assert costs(Cost(calls=1, tokens=1_001, usd=None)) == "1 call, about 1,100 tokens"


def test_what_is_lacking_is_told_with_a_way_out() -> None:
    parts = [Passage("a", 1, 1)]
    purse = Purse(Left(calls=1, tokens=900, usd=0.5, seconds=1.0))
    told = lacking(plan(parts, lambda _: ONE, lambda: ONE, purse, of=sizes(9, None), beside=0))
    assert told.startswith(
        "all of it takes at most 1 call, about 2,000 tokens ($0.01); 1 call, 900 tokens and $0.50 are"
    )
    assert "--max-tokens" in told
