"""The programs of a goal's checks: announced before they start, cut in time, never run twice unasked."""

from __future__ import annotations

import os
from typing import Any

import pytest

from agent.approval import Allow, Deny, Policy
from agent.events import CheckResult, Observed, Stopped, ToolStarted, Verdict
from agent.goal import Goal, RunCheck, mask
from agent.limits import Allowance
from agent.mail import Barrier, Item, Nested
from plugins import Context, Effect, tool
from tests.kits import House, Outcome, Person, called, finish, within
from tests.scripted import ScriptedModel

pytestmark = pytest.mark.skipif(os.name != "posix", reason="the commands are those of a POSIX shell")


def goal(*programs: str | RunCheck, attempts: int = 0, **more: Any) -> Goal:
    made = tuple(one if isinstance(one, RunCheck) else RunCheck(run=one) for one in programs)
    return Goal(goals=("Work.",), checks=made, attempts=attempts, **more)


@pytest.fixture
def yes(house: House) -> House:
    house.policy = Policy(yes=True)
    return house


def details(outcome: Outcome) -> list[tuple[bool, str]]:
    return [(one.passed, one.detail) for one in outcome.of(CheckResult)]


def test_a_program_must_end_well_and_its_last_words_are_told(yes: House) -> None:
    yes.write("a.txt", "x")
    wanted = goal(
        "test -s a.txt",
        "echo one; echo two; exit 4",
        RunCheck(run="echo slow; sleep 30", timeout=0.4),
        RunCheck(run="test $KEY = k", env={"KEY": "k"}),
        "no-such-program-at-all",
    )
    found = details(yes.run(wanted, ScriptedModel([finish("x")])))
    assert found[:4] == [
        (True, "ended with 0"),
        (False, "ended with 4: one | two"),
        (False, "stopped after 0.4 seconds: slow"),
        (True, "ended with 0"),
    ]
    assert found[4][1].startswith("ended with 127")


def test_a_program_that_writes_too_much_is_said_to(yes: House) -> None:
    ((passed, detail),) = details(yes.run(goal("yes"), ScriptedModel([finish("x")])))
    assert not passed
    assert detail.startswith("stopped, since it wrote too much: y | y | y")


def test_a_secret_that_a_program_tells_is_in_no_event(yes: House) -> None:
    check = RunCheck(run="echo $KEY; exit 1", env={"KEY": "hunter2"})
    wanted = goal(check, inputs={"key": mask("key")}, secrets=("hunter2",))
    outcome = yes.run(wanted, ScriptedModel([finish("x")]))
    assert details(outcome) == [(False, "ended with 1: <secret>")]
    assert not any("hunter2" in str(one) for one in outcome.of(Observed))


def test_a_program_is_announced_on_disk_at_an_address_of_its_own(yes: House) -> None:
    outcome = yes.run(goal("true", "echo hi"), ScriptedModel([finish("x")]))
    told = [
        (type(one.event).__name__, one.path)
        for one in outcome.items
        if isinstance(one, Nested) and one.path == "checks1/2"
    ]
    assert told == [("Verdict", "checks1/2"), ("ToolStarted", "checks1/2"), ("Observed", "checks1/2")]
    place = next(n for n, one in enumerate(outcome.items) if isinstance(one, Nested) and one.path == "checks1/2")
    assert isinstance(outcome.items[place + 2], Barrier)
    (intent,), (observed,) = (
        [one for one in outcome.of(kind) if one.call == "checks1/2"] for kind in (ToolStarted, Observed)
    )
    assert (intent.tool, intent.effect, dict(intent.arguments)) == ("run_check", "execute", {"run": "echo hi"})
    assert (observed.ok, observed.text) == (True, "ended with 0: hi")


def test_each_round_has_its_own_addresses(yes: House) -> None:
    outcome = yes.run(goal("false", attempts=1), ScriptedModel([finish("x"), finish("y")]))
    assert [one.call for one in outcome.of(ToolStarted)] == ["checks1/1", "checks2/1"]
    assert outcome.run.history.step == 2


def test_a_program_is_cut_when_the_runs_time_is_over(yes: House) -> None:
    yes.allowance = Allowance(time=1.0)
    with within(8):
        outcome = yes.run(goal(RunCheck(run="sleep 60", timeout=50), attempts=5), ScriptedModel([finish("x")]))
    assert outcome.ended.state == "limit"
    assert details(outcome)[0][1].startswith("stopped after")


def stopped_in(house: House, address: str, wanted: Goal, kind: type[Any] = Observed) -> None:
    """A run that was killed before this event of a program was taken in."""

    def stop(item: Item) -> None:
        if isinstance(item, Nested) and item.path == address and isinstance(item.event, kind):
            raise SystemError("killed")

    house.seen.append(stop)
    with pytest.raises(SystemError):
        house.run(wanted, ScriptedModel([finish("x")]))
    house.seen.clear()


COUNT = "echo ran >> count.txt"


def ran(house: House) -> int:
    file = house.workspace / "count.txt"
    return len(file.read_text("utf-8").split()) if file.exists() else 0


def test_a_program_of_which_nobody_knows_how_it_ended_is_not_run_again_unasked(yes: House) -> None:
    stopped_in(yes, "checks1/1", goal(COUNT))
    outcome = yes.resume(ScriptedModel([]))
    assert outcome.ended.state == "blocked"
    assert outcome.ended.reason.startswith("unsettled: run_check was begun before the interruption")
    assert ran(yes) == 1


@pytest.mark.parametrize(("word", "state", "times"), [("again", "reached", 2), ("done", "not_reached", 1)])
def test_the_user_may_settle_it_beforehand(yes: House, word: str, state: str, times: int) -> None:
    stopped_in(yes, "checks1/1", goal(COUNT))
    outcome = yes.resume(ScriptedModel([]), word=word)
    assert outcome.ended.state == state
    assert ran(yes) == times
    if word == "done":
        assert details(outcome) == [(False, "how it ended is not known: the run was interrupted while it ran")]


@pytest.mark.parametrize(("answer", "times"), [(Allow(), 2), (Deny(), 1)])
def test_the_person_is_asked_about_it_once(yes: House, answer: Any, times: int) -> None:
    stopped_in(yes, "checks1/1", goal(COUNT))
    person = Person([answer])
    yes.policy, yes.approver = Policy(attended=True), person
    yes.resume(ScriptedModel([]))
    assert [one.kind for one in person.questions] == ["unsettled"]
    assert ran(yes) == times


def test_a_program_that_ended_before_the_interruption_is_not_run_again(yes: House) -> None:
    stopped_in(yes, "checks1/2", goal(COUNT, "true"), kind=Verdict)
    outcome = yes.resume(ScriptedModel([]))
    assert outcome.ended.state == "reached"
    assert ran(yes) == 1
    assert details(outcome) == [(True, "ended with 0"), (True, "ended with 0")]


def test_a_denial_names_the_check(house: House) -> None:
    outcome = house.run(goal("true"), ScriptedModel([finish("x")]))
    assert outcome.ended == Stopped(
        state="blocked",
        reason="denied: the check `true`: it runs a program, and nobody can be asked; -y allows it",
        answer="x",
    )
    assert details(outcome) == [(False, "not run: it runs a program, and nobody can be asked; -y allows it")]
    assert outcome.of(ToolStarted) == []


def test_ctrl_c_in_a_program_stops_it_and_resume_asks_about_it(yes: House) -> None:
    def stop(item: Item) -> None:
        if isinstance(item, Nested) and isinstance(item.event, Observed):
            raise KeyboardInterrupt

    yes.seen.append(stop)
    outcome = yes.run(goal(COUNT), ScriptedModel([finish("x")]))
    assert outcome.ended.state == "interrupted"
    yes.seen.clear()
    assert yes.resume(ScriptedModel([])).ended.state == "blocked"
    assert ran(yes) == 1


def test_what_a_program_said_of_an_earlier_finish_says_nothing_of_the_next(yes: House) -> None:
    """Stopped between two programs, and gone on with other words: the files may be others by then."""
    yes.write("a.txt", "good")
    stopped_in(yes, "checks1/2", goal("grep -q good a.txt", "true", attempts=1), kind=Verdict)
    yes.write("a.txt", "bad")
    outcome = yes.resume(ScriptedModel([finish("y"), finish("z")]), feedback="I changed it.")
    assert outcome.ended.state == "not_reached"
    assert details(outcome)[0] == (False, "ended with 1")


def test_no_call_of_the_model_can_pass_for_a_program(yes: House) -> None:
    @tool(effect=Effect.READ)
    def nest(*, context: Context) -> str:
        """Call from inside."""
        return context.call("list_files", {}).text

    yes.tools = (nest,)
    outcome = yes.run(goal("touch ran; false"), ScriptedModel([called("nest", "checks2"), finish("x")]))
    assert outcome.ended.state == "not_reached"
    assert (yes.workspace / "ran").exists()


def test_a_limit_on_its_calls_holds_for_programs_too(yes: House) -> None:
    yes.allowance = Allowance(tool_calls={"run_check": 1})
    outcome = yes.run(goal(COUNT, COUNT), ScriptedModel([finish("x")]))
    assert outcome.ended.state == "limit"
    assert ran(yes) == 1
    assert details(outcome)[1] == (False, "not run: run_check may be called 1 times, and was")


def test_a_goal_may_want_to_be_asked_for_its_programs_though_the_user_allows_them(house: House) -> None:
    house.policy = Policy(attended=True, own=("run_*",), ask=("run_check",))
    house.approver = person = Person([Deny("not today")])
    assert house.run(goal("true"), ScriptedModel([finish("x")])).ended.state == "blocked"
    assert [one.kind for one in person.questions] == ["program"]
    house.policy, house.approver = Policy(own=("run_*",), ask=("run_check",)), None
    assert house.run(goal("true"), ScriptedModel([finish("x")])).ended.state == "blocked"
