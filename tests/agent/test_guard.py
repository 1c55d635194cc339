"""The guard: circles are seen, and what is none is let be."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent import guard
from agent.approval import Policy
from agent.events import Event, Failure, Feedback, Observed, Record, RunResumed, Stopped, Thought, ToolCall, ToolStarted
from agent.goal import Goal
from agent.history import History
from agent.model.offline_model import OfflineModel
from plugins import Effect, ToolError, tool
from tests.kits import House, called, finish
from tests.scripted import ScriptedModel

RESUMED = RunResumed(model="m", limits={}, unattended=True, seconds=0.0)


class Told:
    """A history written call by call."""

    def __init__(self) -> None:
        self.history = History()
        self.step = 0

    def apply(self, event: Event) -> None:
        seq = self.history.seq + 1
        self.history.apply(Record(seq=seq, time=0.0, elapsed=0.0, path="", event=event))

    def turn(
        self, *calls: tuple[str, str, str], effect: str = "read", error: str = "", kind: str = "tool"
    ) -> guard.Circle | None:
        """A turn of calls (tool, arguments, result); what the guard says after the last one."""
        self.step += 1
        ids = [f"c{self.step}.{number}" for number in range(len(calls))]
        made = tuple(ToolCall(id=id_, tool=tool) for id_, (tool, _, _) in zip(ids, calls, strict=True))
        self.apply(Thought(text="", calls=made, step=self.step))
        for id_, (name, arguments, result) in zip(ids, calls, strict=True):
            self.apply(
                ToolStarted(call=id_, tool=name, arguments={}, arguments_hash=arguments, effect=effect)  # type: ignore[arg-type]
            )
            failure = Failure(kind=kind, message=error) if error else None
            self.apply(Observed(call=id_, tool=name, ok=not error, text=result, result_hash=result, error=failure))
        return guard.watch(self.history)


def stage(circle: guard.Circle | None) -> int:
    return circle.stage if circle else 0


def test_nothing_done_is_no_circle() -> None:
    assert guard.watch(History()) is None


def test_the_first_repeat_is_a_note_the_second_a_demand_the_third_a_stop() -> None:
    told = Told()
    assert [stage(told.turn(("look", "a", "x"))) for _ in range(4)] == [0, 1, 2, 3]


def test_a_repeat_is_seen_across_other_looks() -> None:
    told = Told()
    stages = []
    for n in range(4):
        told.turn(("look", f"other {n}", f"y{n}"))
        stages.append(stage(told.turn(("look", "a", "x"))))
    assert stages == [0, 1, 2, 3]


def test_what_a_turn_repeats_within_itself_counts_once() -> None:
    told = Told()
    assert stage(told.turn(*[("look", "a", "x")] * 6)) == 1
    assert stage(told.turn(*[("look", "a", "x")] * 6)) == 1
    assert stage(told.turn(("look", "a", "x"))) == 2


def test_ping_pong_is_seen_also_where_each_call_changes_something() -> None:
    told = Told()
    stages = [stage(told.turn(("put", "ab"[n % 2], "done"), effect="write")) for n in range(8)]
    assert stages == [0, 0, 0, 1, 1, 2, 2, 3]


@pytest.mark.parametrize("period", [3, 4])
def test_longer_cycles_are_seen(period: int) -> None:
    told = Told()
    stages = [stage(told.turn(("put", str(n % period), "done"), effect="execute")) for n in range(period * 4)]
    assert max(stages[: 2 * period - 1]) == 0
    assert stages[-1] == 3


def test_a_cycle_of_other_results_is_none() -> None:
    told = Told()
    assert {stage(told.turn(("put", "ab"[n % 2], f"result {n}"), effect="write")) for n in range(12)} == {0}


def test_a_cycle_within_one_turn_is_none() -> None:
    told = Told()
    block = [("put", "a", "x"), ("put", "b", "x")]
    assert told.turn(*block * 4, effect="write") is None


def test_the_same_error_with_other_arguments_is_seen_at_the_third_step() -> None:
    told = Told()
    stages = [stage(told.turn(("fetch", str(n), f"e{n}"), error="the network is down")) for n in range(6)]
    assert stages == [0, 0, 2, 2, 3, 3]


@pytest.mark.parametrize(
    "error",
    [
        "cannot read 'nix{n}.txt': there is no such file or folder",
        'there is no page "{n}"',
        "docs/part{n}/a.md is not there",
        "文档/第{n}章.md 不存在",
        "没有名为“笔记{n}”的文件",
        "line {n} is beyond the end",
        "timed out after {n}.5 s",
        "https://example.org/{n}?q={n} answered 404",
    ],
)
def test_errors_that_differ_in_names_places_and_numbers_are_alike(error: str) -> None:
    told = Told()
    stages = [stage(told.turn(("fetch", str(n), f"e{n}"), error=error.format(n=n))) for n in range(5)]
    assert stages == [0, 0, 2, 2, 3]


def test_errors_with_other_words_are_not_alike() -> None:
    told = Told()
    reasons = ["is not there", "is a folder", "may not be read", "is too large", "is not text"]
    assert {stage(told.turn(("fetch", r, r), error=f"'a{n}.md' {r}")) for n, r in enumerate(reasons)} == {0}
    chinese = ["不存在", "是一个文件夹", "不能读取", "太大", "不是文本"]
    assert {stage(told.turn(("fetch", r, r), error=f"笔记{n}.md {r}")) for n, r in enumerate(chinese)} == {0}


def test_calls_that_could_not_even_be_made_are_counted_whatever_they_were_meant_to_be() -> None:
    told = Told()
    stages = []
    for n in range(5):
        kind = ("arguments", "unknown-tool")[n % 2]
        stages.append(stage(told.turn((f"tool{n}", str(n), f"e{n}"), error=f"fault number {'x' * n}", kind=kind)))
    assert stages == [0, 0, 2, 2, 3]
    circle = guard.watch(told.history)
    assert circle is not None
    assert circle.text == "5 calls in a row could not be made, the last one with: fault number xxxx"


def test_many_failures_a_turn_are_seen_in_as_many_turns_as_one() -> None:
    told = Told()
    stages = []
    for turn in range(5):
        calls = [("fetch", f"{turn}.{n}", f"e{turn}.{n}") for n in range(12)]
        stages.append(stage(told.turn(*calls, error=f"'{turn}' is not there")))
    assert stages == [0, 0, 2, 2, 3]


def test_two_kinds_of_failure_by_turns_are_ping_pong() -> None:
    told = Told()
    stages = []
    for n in range(4):
        told.turn(("read", f"r{n}", f"r{n}"), error=f"'a{n}' is not there")
        stages.append(stage(told.turn(("edit", f"e{n}", f"e{n}"), error=f"'b{n}' holds no such text")))
    assert stages == [0, 1, 2, 3]


def test_words_of_a_person_in_place_of_a_call_are_no_errors() -> None:
    told = Told()
    error = "not made; the user gave feedback instead"
    assert {stage(told.turn(("put", str(n), f"e{n}"), error=error, kind="feedback")) for n in range(9)} == {0}


def test_probing_for_files_between_calls_that_succeed_is_no_circle() -> None:
    told = Told()
    for n in range(12):
        for m in range(2):
            assert told.turn(("read", f"{n}.{m}", f"e{n}.{m}"), error=f"cannot read 'a{n}.{m}': not there") is None
        assert told.turn(("read", f"{n}", f"text {n}")) is None


def test_mending_one_fault_after_the_other_is_no_circle() -> None:
    told = Told()
    for n in range(12):
        assert told.turn(("run", "tests", f"f{n}"), effect="execute", error=f"a.py:{n}: {n} tests failed") is None
        assert told.turn(("edit", f"line {n}", f"ok {n}"), effect="write") is None


FAILS = st.sampled_from(["{n}.md is not there", "'{n}' is a folder", "line {n} is beyond the end of 'b{n}'"])


@given(st.lists(st.tuples(FAILS, st.integers(1, 4)), max_size=14))
def test_fewer_than_three_failing_turns_between_successes_are_never_a_circle(turns: list[tuple[str, int]]) -> None:
    told, number = Told(), 0
    for place, (error, calls) in enumerate(turns):
        number += 1
        if place % 3 == 2:
            assert told.turn(("read", f"ok {number}", f"text {number}")) is None
            continue
        many = [("read", f"{number}.{n}", f"e{number}.{n}") for n in range(calls)]
        assert told.turn(*many, error=error.format(n=number)) is None


@given(FAILS, st.lists(st.integers(1, 5), min_size=5, max_size=8), st.lists(st.booleans(), max_size=6))
def test_five_turns_of_alike_failures_are_always_the_end_whatever_was_before(
    error: str, sizes: list[int], before: list[bool]
) -> None:
    told = Told()
    for number, fine in enumerate(before):
        told.turn(("other", f"b{number}", f"b{number}"), error="" if fine else f"odd {number}: {'x' * number}")
    stages = []
    for turn, size in enumerate(sizes):
        calls = [("read", f"{turn}.{n}", f"e{turn}.{n}") for n in range(size)]
        stages.append(stage(told.turn(*calls, error=error.format(n=turn))))
    assert stages[2:5] == [2, 2, 3]
    assert set(stages[4:]) == {3}


def test_many_calls_of_one_turn_that_fail_alike_are_one_error() -> None:
    told = Told()
    calls = [("fetch", str(n), f"e{n}") for n in range(8)]
    assert told.turn(*calls, error="the network is down") is None


def test_another_error_or_a_success_in_between_begins_anew() -> None:
    told = Told()
    for n in range(9):
        error = "abcde"[n // 2] + "bc is down"
        assert told.turn(("fetch", str(n), f"e{n}"), error=error) is None
    told.turn(("fetch", "ok", "fine"))
    assert told.turn(("fetch", "z", "e"), error="ebc is down") is None


def test_reading_again_after_a_write_is_no_circle() -> None:
    told = Told()
    for n in range(6):
        assert told.turn(("read", "a", "same"), effect="read") is None
        assert told.turn(("put", f"v{n}", "ok"), effect="write") is None


def test_a_write_that_failed_changed_nothing() -> None:
    told = Told()
    told.turn(("read", "a", "same"))
    told.turn(("put", "v", "no"), effect="write", error="no")
    assert stage(told.turn(("read", "a", "same"))) == 1


def test_fetching_something_else_in_between_changes_nothing() -> None:
    told = Told()
    told.turn(("page", "a", "same"), effect="fetch")
    told.turn(("page", "b", "other"), effect="fetch")
    assert stage(told.turn(("page", "a", "same"), effect="fetch")) == 1


def test_polling_with_changing_results_is_no_circle() -> None:
    told = Told()
    assert {stage(told.turn(("status", "job", f"{n} %"))) for n in range(40)} == {0}


def test_thirty_different_calls_are_no_circle() -> None:
    told = Told()
    assert {stage(told.turn(("look", str(n), "the same for all"))) for n in range(30)} == {0}


def test_what_was_long_ago_is_no_circle() -> None:
    told = Told()
    told.turn(("look", "a", "x"))
    for n in range(guard.NEARBY):
        told.turn(("look", f"other {n}", f"y{n}"))
    assert told.turn(("look", "a", "x")) is None


def test_what_was_before_a_resume_does_not_count() -> None:
    told = Told()
    assert [stage(told.turn(("look", "a", "x"))) for _ in range(3)] == [0, 1, 2]
    told.apply(RESUMED)
    assert guard.watch(told.history) is None
    assert [stage(told.turn(("look", "a", "x"))) for _ in range(2)] == [0, 1]


def test_the_earlier_call_is_found_until_something_changed() -> None:
    told = Told()
    told.turn(("post", "a", "x"), effect="send")
    done = told.history.done
    assert guard.earlier(done, "post", "a") == done[0]
    assert guard.earlier(done, "post", "b") is None
    assert guard.earlier(done, "look", "a") is None
    told.turn(("put", "b", "x"), effect="write")
    assert guard.earlier(told.history.done, "post", "a") is None


def test_empty_turns_are_counted_from_the_last_one_back_to_the_last_resume() -> None:
    told = Told()
    for text in ("words", "", " "):
        told.apply(Thought(text=text, step=1))
    assert guard.empty_turns(told.history) == 2
    told.apply(RESUMED)
    assert guard.empty_turns(told.history) == 0
    told.apply(Thought(text="", step=2))
    assert guard.empty_turns(told.history) == 1


@tool(effect=Effect.READ)
def look(name: str) -> str:
    """Look at a thing.

    Args:
        name: The thing.
    """
    if name.startswith("far"):
        raise ToolError("it is too far away")
    return f"{name} is blue"


@tool(effect=Effect.EXECUTE)
def ask_job(name: str) -> str:
    """Ask how far a job is.

    Args:
        name: The job.
    """
    return f"{name} is half done"


def feedback(house: House, replies: Any) -> list[Feedback]:
    return list(house.run("Look.", ScriptedModel(replies)).of(Feedback))


def test_duplicates_in_one_turn_are_told_once_and_the_run_goes_on(house: House) -> None:
    house.tools, house.built_in = (look,), False
    twins = [called("look", f"c{n}", name="sky") for n in range(6)]
    told = feedback(house, [twins, finish("blue")])
    assert [one.origin for one in told] == ["guard"]
    assert "called 6 times" in told[0].text or "called 2 times" in told[0].text


def test_a_turn_in_which_every_call_fails_alike_does_not_end_the_run(house: House) -> None:
    house.tools, house.built_in = (look,), False
    far = [called("look", f"c{n}", name=f"far {n}") for n in range(8)]
    outcome = house.run("Look.", ScriptedModel([far, finish("too far", reached=False)]))
    assert outcome.ended.state == "not_reached"
    assert outcome.of(Feedback) == []


def test_denied_calls_with_other_arguments_are_not_called_the_same(house: House) -> None:
    house.tools, house.built_in, house.policy = (look,), False, Policy(deny=("look",))
    replies = [called("look", name="sky"), called("look", name="sea"), finish("no", reached=False)]
    outcome = house.run("Look.", ScriptedModel(replies))
    assert [one for one in outcome.of(Feedback) if one.origin == "guard"] == []


def test_a_program_may_be_run_again_and_is_judged_by_its_results(house: House) -> None:
    runs: list[str] = []

    @tool(effect=Effect.EXECUTE)
    def poll(name: str) -> str:
        """Ask how far a job is.

        Args:
            name: The job.
        """
        runs.append(name)
        return f"{len(runs)} done"

    house.tools, house.built_in, house.policy = (poll,), False, Policy(yes=True)
    outcome = house.run("Wait.", ScriptedModel([called("poll", name="j")] * 6 + [finish("done")]))
    assert outcome.ended.state == "reached"
    assert runs == ["j"] * 6


def test_the_second_note_of_the_same_stage_is_not_repeated_in_one_step(house: House) -> None:
    house.tools, house.built_in = (look,), False
    turns = [called("look", "a", name="sky"), called("look", "b", name="sea")]
    outcome = house.run("Look.", ScriptedModel([turns, turns, finish("blue")]))
    assert [one.origin for one in outcome.of(Feedback)] == ["guard"]


def test_calls_that_cannot_be_prepared_again_and_again_end_the_run(house: House) -> None:
    house.tools, house.built_in = (look,), False
    model = ScriptedModel(lambda _: called("look", nme="sky"))
    outcome = house.run("Look.", model)
    assert outcome.ended.state == "loop"
    assert len(model.requests) == 4


def varied(house: House, turn: Any) -> tuple[Any, ScriptedModel]:
    """A run of a model that makes another wrong call each time; it is cut by the limits if nothing else ends it."""
    model = ScriptedModel(lambda request: turn(len(model.requests)))
    return house.run("Look.", model), model


@pytest.mark.parametrize(
    "turn",
    [
        lambda n: ToolCall(id=f"c{n}", tool="write_file", raw="{" * n, fault=f"nonsense near {'{' * n}"),
        lambda n: called(f"nix{'x' * n}", f"c{n}"),
        lambda n: called("read_file", f"c{n}", path=f"nix{'x' * n}.txt"),
    ],
    ids=["spoilt arguments", "unknown tools", "missing files"],
)
def test_a_model_that_fails_alike_in_another_way_each_time_is_stopped_after_five_calls(house: House, turn: Any) -> None:
    outcome, model = varied(house, turn)
    assert outcome.ended.state == "loop"
    assert len(model.requests) == 5
    told = [one.text for one in outcome.of(Feedback) if one.origin == "guard"]
    assert len(told) == 2
    assert told[0].startswith("You are going round in circles: ")
    assert told[0].endswith("Take another way now.")


def test_a_model_that_finds_what_it_looked_for_at_the_fifth_place_goes_on(house: House) -> None:
    house.write("d.txt", "found")
    names = ["a.txt", "b.txt", "d.txt", "c.txt", "e.txt", "d.txt"]
    reads = [called("read_file", f"c{n}", path=name) for n, name in enumerate(names)]
    outcome = house.run("Look.", ScriptedModel([*reads, finish("found")]))
    assert outcome.ended.state == "reached"


def test_a_list_that_is_worked_off_by_rule_is_worked_off_to_its_end(house: House) -> None:
    goal = Goal(goals=tuple(f"Read {name}.md" for name in "abcdefg"))
    outcome = house.run(goal, OfflineModel(goal))
    assert outcome.ended.state == "not_reached"
    assert sum(one.tool == "read_file" for one in outcome.of(Observed)) == 7


def test_a_stop_by_the_guard_leaves_no_announced_call_without_a_result(house: House) -> None:
    house.tools, house.built_in = (look, ask_job), False
    turn = [called("look", name="sky"), called("ask_job", name="x")]
    house.policy = Policy(yes=True)
    outcome = house.run("Look.", ScriptedModel(lambda _: turn))
    assert isinstance(outcome.ended, Stopped)
    assert len(outcome.of(ToolStarted)) == len(outcome.of(Observed))
