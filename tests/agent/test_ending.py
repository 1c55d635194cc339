"""Beginning and ending: recall, stops, a finish that is judged, words that are none."""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import Any

import pytest

from agent.approval import Allow, Comment, Deny, Policy, Quit
from agent.errors import ModelUnavailable
from agent.events import CheckResult, Feedback, Finished, ModelCalled, Observed, Recalled, Stopped, ToolCall, Verdict
from agent.goal import AnswerCheck, FileCheck, Goal, JudgeCheck, RegexCheck, RunCheck
from agent.limits import Allowance
from agent.model import Request
from plugins import Found, ToolError
from tests.kits import House, Notes, Person, called, finish
from tests.scripted import ScriptedModel
from tests.tools import put

posix = pytest.mark.skipif(os.name != "posix", reason="the commands are those of a POSIX shell")


WRITE = called("put", path="a.txt", text="the whole text")
FILE = Goal(goals=("Write a.txt",), checks=(FileCheck(file="a.txt"),))


@pytest.fixture
def small(house: House) -> House:
    house.tools, house.built_in = (put,), False
    return house


# --- the beginning ---


def test_checks_that_pass_already_are_said_before_the_first_step(small: House) -> None:
    small.write("a.txt", "old")
    outcome = small.run(FILE, ScriptedModel([finish()]))
    first = outcome.events[1]
    assert isinstance(first, CheckResult)
    assert (first.phase, first.passed) == ("before", True)
    assert outcome.run.history.before == [first]
    again = small.run(FILE, ScriptedModel([finish()]))
    assert again.ended.state == "reached"


def test_a_resumed_run_makes_them_no_second_time(small: House) -> None:
    small.write("a.txt", "old")
    small.run(FILE, ScriptedModel([KeyboardInterrupt()]))
    outcome = small.resume(ScriptedModel([finish()]))
    assert [one.phase for one in outcome.of(CheckResult)] == ["after"]


def test_what_memory_knows_of_the_goal_is_in_the_first_request(small: House) -> None:
    small.notes = Notes(["the sky is always blue", "fish live in water"])
    model = ScriptedModel([finish("blue")])
    outcome = small.run("Tell me of the sky", model)
    (recalled,) = outcome.of(Recalled)
    assert (recalled.trigger, [one.id for one in recalled.notes]) == ("start", ["n1"])
    assert "the sky is always blue" in model.requests[0].messages[-1].text


def test_nothing_relevant_is_no_event_and_recall_can_be_turned_off(small: House) -> None:
    small.notes = Notes(["fish live in water"])
    assert small.run("Tell me of the sky", ScriptedModel([finish()])).of(Recalled) == []
    small.notes = Notes(["the sky is blue"])
    goal = Goal(goals=("Tell me of the sky",), recall=False)
    assert small.run(goal, ScriptedModel([finish()])).of(Recalled) == []


def test_a_memory_that_cannot_be_read_is_said_and_the_run_goes_on(small: House) -> None:
    class Broken(Notes):
        def recall(self, query: str, *, count: int = 5, kinds: Sequence[str] = ()) -> list[Found]:
            raise ToolError("the store is damaged")

    small.notes = Broken()
    outcome = small.run("Tell me of the sky", ScriptedModel([finish()]))
    assert outcome.ended.state == "reached"
    assert outcome.of(Feedback)[0].text == "(long-term memory could not be read: the store is damaged)"


# --- the end ---


def test_a_stop_that_was_asked_for_comes_after_the_step(small: House) -> None:
    def stop(request: Request) -> ToolCall:
        outer.append(request)
        small_kit[0].stop.set()
        return WRITE

    outer: list[Request] = []
    small_kit: list[Any] = []
    small.prepare = small_kit.append
    outcome = small.run(FILE, ScriptedModel(stop))
    assert outcome.ended == Stopped(state="interrupted", reason="stopped by the user")
    assert small.read("a.txt") == "the whole text"
    assert len(outer) == 1


def test_a_finish_reaches_the_goal_only_through_the_checks(small: House) -> None:
    outcome = small.run(FILE, ScriptedModel([finish("done"), WRITE, finish("done now")]))
    assert outcome.ended == Finished(state="reached", answer="done now", reason="1 check passed")
    assert [(one.attempt, one.passed) for one in outcome.of(CheckResult)] == [(1, False), (2, True)]
    (told,) = outcome.of(Feedback)
    assert (told.origin, "a.txt is not there" in told.text) == ("checks", True)
    assert outcome.of(Observed)[0].error.kind == "checks"


def test_attempts_are_counted_and_a_resume_gives_new_ones(small: House) -> None:
    goal = Goal(goals=FILE.goals, checks=FILE.checks, attempts=1)
    outcome = small.run(goal, ScriptedModel([finish("one"), finish("two")]))
    assert outcome.ended.state == "not_reached"
    again = small.resume(ScriptedModel([finish("three"), WRITE, finish("four")]))
    assert again.ended.state == "reached"
    assert [one.attempt for one in again.of(CheckResult)] == [3, 4]


def test_a_check_that_is_not_required_does_not_hinder(small: House) -> None:
    goal = Goal(goals=("g",), checks=(FileCheck(file="a.txt", required=False), AnswerCheck(answer="done")))
    outcome = small.run(goal, ScriptedModel([finish("done")]))
    reason = "1 check passed; 0 of 1 optional check passed"
    assert outcome.ended == Finished(state="reached", answer="done", reason=reason)


def test_giving_up_is_not_reached_and_says_why(small: House) -> None:
    outcome = small.run("Fly.", ScriptedModel([finish("I cannot.", reached=False)]))
    assert outcome.ended == Finished(state="not_reached", answer="I cannot.", reason="the model gave up")
    again = small.resume(ScriptedModel([finish("I can.")]))
    assert again.ended.state == "reached"


@pytest.mark.parametrize(
    ("call", "kind"),
    [
        (ToolCall(id="f", tool="finish", raw="{", fault="cut off"), "arguments"),
        (called("finish"), "arguments"),
        (finish("  "), "arguments"),
        (called("finish", answer=3), "arguments"),
        (finish("done", files=["lost.txt"]), "claim"),
        (finish("done", files=["../outside.txt"]), "claim"),
    ],
)
def test_a_finish_that_cannot_be_judged_is_sent_back_as_often_as_attempts_allow(
    small: House, call: ToolCall, kind: str
) -> None:
    model = ScriptedModel(lambda _: call)
    outcome = small.run("Say it.", model)
    assert outcome.ended.state == "not_reached"
    assert len(model.requests) == 3
    assert {one.error.kind for one in outcome.of(Observed)} == {kind}
    assert small.resume(ScriptedModel([call, finish("done")])).ended.state == "reached"


def test_files_that_are_claimed_and_there_are_fine_and_strange_claims_are_passed_over(small: House) -> None:
    outcome = small.run("Write.", ScriptedModel([WRITE, finish("done", files=["a.txt", 3])]))
    assert outcome.ended.state == "reached"
    outcome = small.run("Write.", ScriptedModel([finish("done", files="a.txt")]))
    assert outcome.ended.state == "reached"


def test_one_who_gives_up_may_claim_what_is_not_there(small: House) -> None:
    outcome = small.run("Write.", ScriptedModel([finish("no", files=["lost.txt"], reached=False)]))
    assert outcome.ended == Finished(state="not_reached", answer="no", reason="the model gave up")


def test_calls_beside_a_finish_are_made_before_it_is_judged(small: House) -> None:
    outcome = small.run(FILE, ScriptedModel([[finish("done"), WRITE]]))
    assert outcome.ended.state == "reached"


def test_words_alone_are_asked_about_once_and_then_judged_like_a_finish(small: House) -> None:
    goal = Goal(goals=("Say yes",), checks=(AnswerCheck(answer="yes"),), attempts=1)
    outcome = small.run(goal, ScriptedModel(["no", "no", "yes"]))
    assert outcome.ended == Finished(state="reached", answer="yes", reason="1 check passed")
    assert [one.origin for one in outcome.of(Feedback)] == ["product", "checks"]


def test_empty_turns_are_counted_anew_after_a_resume(small: House) -> None:
    assert small.run("Say it.", ScriptedModel(["", "", ""])).ended.state == "loop"
    assert small.resume(ScriptedModel(["", finish()])).ended.state == "reached"


def test_a_run_that_ends_without_its_checks_after_a_denial_is_blocked(small: House) -> None:
    small.policy = Policy(deny=("put",))
    goal = Goal(goals=FILE.goals, checks=FILE.checks, attempts=0)
    outcome = small.run(goal, ScriptedModel([WRITE, finish("no")]))
    assert outcome.ended == Stopped(state="blocked", reason="denied: put is denied by the user's rules", answer="no")
    small.policy = Policy()
    assert small.resume(ScriptedModel([WRITE, finish("yes")])).ended.state == "reached"


# --- judges ---

KIND = Goal(goals=("Be kind",), checks=(JudgeCheck(judge="Is it kind?"),), attempts=0)


@pytest.mark.parametrize(
    ("reply", "state"), [("YES\nvery", "reached"), ("NO\nrude", "not_reached"), ("perhaps", "not_reached")]
)
def test_a_judge_decides(small: House, reply: str, state: str) -> None:
    model = ScriptedModel([finish("You are kind."), reply])
    outcome = small.run(KIND, model)
    assert outcome.ended.state == state
    assert "You are kind." in model.requests[1].messages[0].text
    assert "Is it kind?" in model.requests[1].messages[0].text
    assert [one.purpose for one in outcome.of(ModelCalled)] == ["judge"]


def test_a_judge_that_cannot_be_asked_is_a_no(small: House) -> None:
    outcome = small.run(KIND, ScriptedModel([finish("x"), ModelUnavailable("down")]))
    assert outcome.ended.state == "not_reached"
    assert "the judge could not be asked: down" in outcome.ended.reason


def test_without_a_model_that_can_judge_a_judge_check_fails(small: House) -> None:
    outcome = small.run(KIND, ScriptedModel([finish("x")], offline=True))
    assert "there is no model that could judge" in outcome.ended.reason


# --- the goal's programs ---

PROGRAM = Goal(goals=("Write a.txt",), checks=(RunCheck(run="test -s a.txt"),), attempts=1)


@posix
def test_a_program_runs_with_yes(small: House) -> None:
    small.policy = Policy(yes=True)
    outcome = small.run(PROGRAM, ScriptedModel([finish("x"), WRITE, finish("y")]))
    assert outcome.ended.state == "reached"
    assert outcome.of(CheckResult)[0].detail == "ended with 1"


def test_a_program_that_nobody_can_allow_is_not_run_and_the_run_is_blocked(small: House) -> None:
    outcome = small.run(PROGRAM, ScriptedModel([WRITE, finish("x"), finish("y")]))
    assert outcome.ended.state == "blocked"
    assert outcome.of(CheckResult)[0].detail.startswith("not run: it runs a program, and nobody can be asked")
    assert outcome.of(Verdict)[-1].reason.startswith("the check `test -s a.txt`")


@posix
def test_a_program_that_the_user_allows_by_name_runs(small: House) -> None:
    small.policy = Policy(own=("run_check",))
    assert small.run(PROGRAM, ScriptedModel([WRITE, finish("x")])).ended.state == "reached"


@posix
def test_a_goal_file_cannot_allow_its_own_programs(small: House) -> None:
    small.policy = Policy(allow=("run_check", "*"))
    outcome = small.run(PROGRAM, ScriptedModel([WRITE, finish("x"), finish("x"), finish("x")]))
    assert outcome.ended.state == "blocked"


@posix
def test_the_person_is_asked_once_for_the_goals_programs(small: House) -> None:
    person = Person([Allow(), Allow()])
    small.policy, small.approver = Policy(attended=True, allow=("put",)), person
    outcome = small.run(PROGRAM, ScriptedModel([finish("x"), WRITE, finish("y")]))
    assert outcome.ended.state == "reached"
    (question,) = person.questions
    assert (question.tool, question.kind, dict(question.arguments)) == (
        "run_check",
        "program",
        {"run": "test -s a.txt"},
    )


@pytest.mark.parametrize(
    ("answer", "state"),
    [(Deny(), "blocked"), (Comment("not that one"), "blocked"), (Quit(), "interrupted")],
)
def test_a_program_that_the_person_refuses_is_not_run(small: House, answer: Any, state: str) -> None:
    small.policy, small.approver = Policy(attended=True, allow=("put",)), Person([answer, Deny()])
    goal = Goal(goals=PROGRAM.goals, checks=(RunCheck(run="touch ran.txt"),), attempts=0)
    outcome = small.run(goal, ScriptedModel([finish("x"), finish("You are right.")]))
    assert outcome.ended.state == state
    assert not (small.workspace / "ran.txt").exists()
    said = [one.text for one in outcome.of(Feedback) if one.origin == "user"]
    assert said == (["not that one"] if isinstance(answer, Comment) else [])


@posix
def test_a_run_stopped_at_that_question_goes_on_with_it(small: House) -> None:
    small.policy, small.approver = Policy(attended=True, allow=("put",)), Person([Quit()])
    goal = Goal(goals=PROGRAM.goals, checks=(RunCheck(run="true"),), attempts=0)
    small.run(goal, ScriptedModel([finish("x")]))
    small.approver = Person([Allow()])
    assert small.resume(ScriptedModel([])).ended.state == "reached"


# --- what nobody may hand in ---


def test_a_placeholder_in_a_file_of_the_run_is_sent_back(small: House) -> None:
    replies = [
        called("put", path="story.txt", text="<insert story text here>"),
        finish("Saved to story.txt."),
        called("put", path="story.txt", text="Once upon a time."),
        finish("Saved to story.txt."),
    ]
    outcome = small.run("Write a story.", ScriptedModel(replies))
    assert outcome.ended == Finished(
        state="reached", answer="Saved to story.txt.", reason="finished with an answer; nothing was checked"
    )
    assert "story.txt is finished: it holds '<insert story text here>'" in outcome.of(Feedback)[0].text


def test_a_file_that_the_answer_claims_and_nobody_made_is_sent_back(small: House) -> None:
    outcome = small.run("Write.", ScriptedModel(lambda _: finish("I saved it to lost.txt.")))
    assert outcome.ended.state == "not_reached"
    assert "lost.txt is there, as the answer says: it is not" in outcome.ended.reason


def test_limits_hold_also_for_what_is_sent_back(small: House) -> None:
    small.allowance = Allowance(steps=1)
    goal = Goal(goals=("g",), checks=(RegexCheck(regex="x", path="a.txt"),))
    assert small.run(goal, ScriptedModel([finish("x")])).ended.state == "limit"


def held_up(small: House) -> House:
    """A run that was ended by a limit on the calls of a tool."""
    small.allowance = Allowance(tool_calls={"put": 1})
    turns = [called("put", path=f"{number}.txt", text="x") for number in range(4)]
    assert small.run("Write.", ScriptedModel(turns)).ended.state == "limit"
    return small


def test_a_limit_on_a_tools_calls_holds_on_resume_without_a_call_of_the_model(small: House) -> None:
    outcome = held_up(small).resume(ScriptedModel([]))
    assert outcome.ended == Stopped(state="limit", reason="put may be called 1 times, and was")


def test_with_the_limit_raised_the_run_goes_on(small: House) -> None:
    held_up(small).allowance = Allowance(tool_calls={"put": 5})
    assert small.resume(ScriptedModel([finish()])).ended.state == "reached"


def test_with_the_users_words_it_goes_on_without_that_tool(small: House) -> None:
    outcome = held_up(small).resume(ScriptedModel([finish(), finish()]), feedback="One file is enough.")
    assert outcome.ended.state == "reached"
