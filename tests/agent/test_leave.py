"""Leave for calls: the user's words come first, a denial is a denial, and waiting costs the run nothing."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

import pytest

from agent.approval import Allow, Answer, Comment, Policy, Question, Quit
from agent.events import Observed, ToolStarted, Verdict
from agent.goal import FileCheck, Goal
from agent.limits import Allowance
from plugins import Refuse
from tests.kits import House, Person, called, finish
from tests.scripted import ScriptedModel, ScriptedReply
from tests.tools import look, post, put


@pytest.fixture
def small(house: House) -> House:
    house.tools, house.built_in, house.policy = (look, put, post), False, Policy(yes=True, allow=("post",))
    return house


def test_what_the_user_says_on_resume_holds_back_a_call_that_was_not_made_yet(small: House) -> None:
    small.seat(Quit())
    small.run("Post.", ScriptedModel([called("post", text="x")]))
    small.policy, small.approver = Policy(yes=True, allow=("post",)), None
    model = ScriptedModel([finish("I did not.")])
    outcome = small.resume(model, feedback="Do not post that.")
    assert outcome.of(ToolStarted) == []
    assert outcome.of(Observed)[0].error.kind == "feedback"
    assert "Do not post that." in model.requests[0].messages_wire.decode()


def test_a_comment_on_one_call_holds_back_the_others_of_the_turn_but_not_what_only_reads(small: House) -> None:
    person = small.seat(Comment("wait"))
    small.policy = Policy(attended=True, allow=("put",))
    calls = [
        called("post", "c1", text="x"),
        called("put", "c2", path="a", text="1"),
        called("look", "c3", name="thing"),
    ]
    outcome = small.run("Work.", ScriptedModel([calls, finish("ok")]))
    assert [one.tool for one in outcome.of(ToolStarted)] == ["look"]
    assert len(person.questions) == 1
    assert outcome.ended.state == "reached"


def test_comments_are_neither_denials_nor_attempts(small: House) -> None:
    small.seat(Comment("one"), Comment("two"))
    goal = Goal(goals=("Work.",), checks=(FileCheck(file="never.txt"),), attempts=1)
    turns: list[ScriptedReply] = [
        [called("post", "c1", text="x"), finish("a")],
        [called("post", "c2", text="y"), finish("b")],
        finish("c"),
        finish("d"),
    ]
    outcome = small.run(goal, ScriptedModel(turns))
    assert outcome.ended.state == "not_reached"
    assert outcome.run.history.step == 4


def test_of_two_finishes_in_a_turn_the_first_is_judged_and_the_other_answered(small: House) -> None:
    goal = Goal(goals=("Work.",), checks=(FileCheck(file="never.txt"),), attempts=1)
    two = [finish("one"), called("finish", "second", answer="two")]
    outcome = small.run(goal, ScriptedModel([two, finish("three")]))
    assert [one.error.kind for one in outcome.of(Observed)][:2] == ["repeated", "checks"]
    assert outcome.ended.answer == "three"


def test_a_hooks_refusal_is_a_denial(small: House) -> None:
    def refuse(name: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        if name == "post":
            raise Refuse("never")
        return arguments

    small.hooks = (refuse,)
    goal = Goal(goals=("Post.",), checks=(FileCheck(file="never.txt"),), attempts=0)
    outcome = small.run(goal, ScriptedModel([called("post", text="x"), finish()]))
    assert outcome.ended.state == "blocked"
    assert [(one.decision, one.by) for one in outcome.of(Verdict)] == [("deny", "hook")]


def test_a_yes_that_comes_after_the_time_is_over_makes_nothing_and_is_kept(small: House) -> None:
    class Slow(Person):
        def ask(self, question: Question) -> Answer:
            small.allowance = Allowance(time=0)
            outcome_limits[0].allowance = small.allowance
            return super().ask(question)

    outcome_limits: list[Any] = []
    small.prepare = lambda kit: outcome_limits.append(kit.limits)
    small.policy, small.approver = Policy(attended=True), Slow([Allow()])
    outcome = small.run("Put.", ScriptedModel([called("put", path="a", text="1")]))
    assert outcome.ended.state == "limit"
    assert outcome.of(ToolStarted) == []
    small.allowance, small.approver, small.prepare = Allowance(), Person([]), lambda kit: None
    assert small.resume(ScriptedModel([finish()])).ended.state == "reached"
    assert small.read("a") == "1"


def test_waiting_for_the_person_costs_the_run_no_time(small: House) -> None:
    class Slow(Person):
        def ask(self, question: Question) -> Answer:
            time.sleep(0.6)
            return super().ask(question)

    small.policy, small.approver = Policy(attended=True), Slow([Allow()])
    small.allowance = Allowance(time=0.5)
    outcome = small.run("Put.", ScriptedModel([called("put", path="a", text="1"), finish()]))
    assert outcome.ended.state == "reached"
    assert outcome.run.history.seconds < 0.5
