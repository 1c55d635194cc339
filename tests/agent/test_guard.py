"""The guard: circles are seen, and what is none is let be."""

from __future__ import annotations

from typing import Any

import pytest

from agent import guard
from agent.approval import Policy
from agent.events import Event, Failure, Feedback, Observed, Record, RunResumed, Stopped, Thought, ToolCall, ToolStarted
from agent.history import History
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

    def turn(self, *calls: tuple[str, str, str], effect: str = "read", error: str = "") -> guard.Circle | None:
        """A turn of calls (tool, arguments, result); what the guard says after the last one."""
        self.step += 1
        ids = [f"c{self.step}.{number}" for number in range(len(calls))]
        made = tuple(ToolCall(id=id_, tool=tool) for id_, (tool, _, _) in zip(ids, calls, strict=True))
        self.apply(Thought(text="", calls=made, step=self.step))
        for id_, (name, arguments, result) in zip(ids, calls, strict=True):
            self.apply(
                ToolStarted(call=id_, tool=name, arguments={}, arguments_hash=arguments, effect=effect)  # type: ignore[arg-type]
            )
            failure = Failure(kind="tool", message=error) if error else None
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
    assert stages == [0, 0, 1, 2, 3, 3]


def test_many_calls_of_one_turn_that_fail_alike_are_one_error() -> None:
    told = Told()
    calls = [("fetch", str(n), f"e{n}") for n in range(8)]
    assert told.turn(*calls, error="the network is down") is None


def test_another_error_or_a_success_in_between_begins_anew() -> None:
    told = Told()
    for n in range(9):
        error = f"error {n // 2}"
        assert told.turn(("fetch", str(n), f"e{n}"), error=error) is None
    told.turn(("fetch", "ok", "fine"))
    assert told.turn(("fetch", "z", "e"), error="error 4") is None


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


def test_a_stop_by_the_guard_leaves_no_announced_call_without_a_result(house: House) -> None:
    house.tools, house.built_in = (look, ask_job), False
    turn = [called("look", name="sky"), called("ask_job", name="x")]
    house.policy = Policy(yes=True)
    outcome = house.run("Look.", ScriptedModel(lambda _: turn))
    assert isinstance(outcome.ended, Stopped)
    assert len(outcome.of(ToolStarted)) == len(outcome.of(Observed))
