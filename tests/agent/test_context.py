"""What a tool is given: calls, questions, notes, the person; paid once, and found again after an interruption."""

from __future__ import annotations

import dataclasses
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from agent.approval import Allow, Comment, Deny, Edit, Policy, Quit
from agent.errors import ContextTooLong, ModelUnavailable
from agent.events import (
    Feedback,
    LimitReached,
    ModelCalled,
    NoteWritten,
    Observed,
    Progress,
    Recalled,
    ThoughtDelta,
    ToolStarted,
    Verdict,
)
from agent.goal import Goal
from agent.limits import Allowance
from agent.mail import Item, Nested
from agent.model import Request, Thinking
from agent.notes import MOST_NOTES
from plugins import Context, Effect, Tool, ToolError, WorkspacePath, tool
from tests.kits import House, Person, called, finish
from tests.scripted import ScriptedModel
from tests.tools import look, put


def errand(does: Callable[[Context], Any], effect: Effect = Effect.READ) -> Tool:
    """A tool that does this with its context."""

    @tool(effect=effect)
    def run_errand(*, context: Context) -> str:
        """Run an errand."""
        return str(does(context))

    return run_errand


def sender(sent: list[str]) -> Tool:
    @tool(effect=Effect.SEND)
    def post(text: str) -> str:
        """Post a text.

        Args:
            text: The text.
        """
        sent.append(text)
        return f"posted {text}"

    return post


ERRAND = called("run_errand")


@pytest.fixture
def small(house: House) -> House:
    house.built_in, house.policy = False, Policy(yes=True, allow=("post",))
    return house


def run(house: House, does: Callable[[Context], Any], *tools: Tool, replies: Any = (), **model: Any) -> Any:
    house.tools = (errand(does), look, put, *tools)
    return house.run("Run the errand.", ScriptedModel(list(replies or (ERRAND, finish())), **model))


def errand_result(outcome: Any) -> Observed:
    found: Observed = next(one for one in outcome.of(Observed) if one.tool == "run_errand")
    return found


def inside(outcome: Any) -> list[tuple[str, str]]:
    return [(record.path, record.event.kind) for record in outcome.records if "/" in record.path]


def stop_at(house: House, path: str, kind: type[Any]) -> None:
    """Interrupt the run when this event is announced; it is the first that is not written down."""

    def look_out(item: Item) -> None:
        if isinstance(item, Nested) and item.path == path and isinstance(item.event, kind):
            raise KeyboardInterrupt

    house.seen.append(look_out)


# --- calls from inside ---


def test_a_call_from_inside_goes_through_approval_and_the_journal_at_its_own_address(small: House) -> None:
    outcome = run(
        small, lambda c: (c.call("put", {"path": "a", "text": "1"}).text, c.call("look", {"name": "sky"}).text)
    )
    assert errand_result(outcome).text == "('put 1 characters into a', 'sky is blue')"
    assert inside(outcome) == [
        ("run_errand-1/1", "verdict"),
        ("run_errand-1/1", "tool.started"),
        ("run_errand-1/1", "observation"),
        ("run_errand-1/2", "verdict"),
        ("run_errand-1/2", "tool.started"),
        ("run_errand-1/2", "observation"),
    ]
    assert outcome.run.history.files["a"].change == "created"
    assert small.read("a") == "1"


def test_an_effect_inside_goes_ahead_only_when_its_intent_is_on_disk(small: House) -> None:
    told: list[str] = []
    seen: list[list[str]] = []

    @tool(effect=Effect.WRITE)
    def witness(path: WorkspacePath) -> str:
        """See what was told.

        Args:
            path: A file.
        """
        seen.append(list(told))
        return "seen"

    small.watchers.append(lambda record: told.append(f"{record.path}:{record.event.kind}"))
    run(small, lambda c: c.call("witness", {"path": "a"}), witness)
    assert seen[0][-1] == "run_errand-1/1:tool.started"


def test_calls_inside_calls_have_addresses_inside_addresses(small: House) -> None:
    @tool(effect=Effect.READ)
    def deeper(*, context: Context) -> str:
        """Go deeper."""
        return context.call("look", {"name": "deep"}).text

    outcome = run(small, lambda c: c.call("deeper", {}).text, deeper)
    assert errand_result(outcome).text == "deep is blue"
    assert ("run_errand-1/1/1", "observation") in inside(outcome)


@pytest.mark.parametrize(
    ("tool_name", "arguments", "kind"),
    [("lok", {}, "unknown-tool"), ("look", {"nme": "x"}, "arguments"), ("finish", {"answer": "x"}, "unknown-tool")],
)
def test_a_call_that_cannot_be_made_comes_back_as_a_failure(
    small: House, tool_name: str, arguments: dict[str, Any], kind: str
) -> None:
    found: list[Any] = []
    run(small, lambda c: found.append(c.call(tool_name, arguments)))
    assert found[0].error.kind == kind


def test_a_denied_call_inside_is_told_to_the_tool_and_remembered(small: House) -> None:
    small.policy = Policy(deny=("put",))
    found: list[Any] = []
    outcome = run(small, lambda c: found.append(c.call("put", {"path": "a", "text": "x"})))
    assert (found[0].error.kind, found[0].error.message) == ("denied", "put is denied by the user's rules")
    assert outcome.run.history.denied == ["put is denied by the user's rules"]


def test_a_limit_inside_is_told_to_the_tool(small: House) -> None:
    small.allowance = Allowance(tool_calls={"look": 1})
    found: list[Any] = []
    outcome = run(small, lambda c: found.extend(c.call("look", {"name": f"{n}"}) for n in range(2)))
    assert [one.ok for one in found] == [True, False]
    assert found[1].error.kind == "limit"
    assert len(outcome.of(LimitReached)) == 1


def test_the_person_is_asked_for_a_call_inside(small: House) -> None:
    sent: list[str] = []
    person = Person(
        [Allow(), Allow(), Deny("no more"), Comment("in French, please"), Edit({"text": "edited"}), Allow()]
    )
    small.policy, small.approver = Policy(attended=True, allow=("run_errand",)), person
    found: list[Any] = []
    outcome = run(small, lambda c: found.extend(c.call("post", {"text": f"t{n}"}) for n in range(5)), sender(sent))
    assert sent == ["t0", "t1", "edited"]
    assert [one.ok for one in found] == [True, True, False, False, True]
    assert found[2].error.message == "no more"
    assert found[3].error.kind == "feedback"
    assert outcome.of(Feedback) == [Feedback(text="in French, please", origin="user")]
    assert [one.tool for one in person.questions] == ["post"] * 6


def test_q_at_a_question_from_inside_stops_the_run_after_the_step(small: House) -> None:
    small.policy, small.approver = Policy(attended=True), Person([Quit()])
    sent: list[str] = []
    found: list[Any] = []
    outcome = run(small, lambda c: found.append(c.call("post", {"text": "t"})), sender(sent))
    assert outcome.ended.state == "interrupted"
    assert sent == []
    assert found[0].error.message == "the user stopped the run"


# --- after an interruption ---


def test_what_a_call_inside_gave_is_given_again_and_not_made_again(small: House) -> None:
    sent: list[str] = []

    def does(context: Context) -> str:
        return context.call("post", {"text": "a"}).text + ", " + context.call("put", {"path": "x", "text": "1"}).text

    stop_at(small, "run_errand-1/2", ToolStarted)
    assert run(small, does, sender(sent), replies=[ERRAND]).ended.state == "interrupted"
    small.seen.clear()
    outcome = small.resume(ScriptedModel([finish()]))
    assert errand_result(outcome).text == "posted a, put 1 characters into x"
    assert sent == ["a"]
    assert [path for path, kind in inside(outcome) if kind == "tool.started"] == ["run_errand-1/2"]


def test_threads_that_come_in_another_order_get_their_own_results_again(small: House) -> None:
    sent: list[str] = []
    backwards = False

    def does(context: Context) -> list[str]:
        texts = ["a", "b", "c"]
        found = {text: context.call("post", {"text": text}).text for text in (texts[::-1] if backwards else texts)}
        context.call("put", {"path": "x", "text": "1"})
        return [found[text] for text in texts]

    stop_at(small, "run_errand-1/4", ToolStarted)
    run(small, does, sender(sent), replies=[ERRAND])
    small.seen.clear()
    backwards = True
    outcome = small.resume(ScriptedModel([finish()]))
    assert errand_result(outcome).text == "['posted a', 'posted b', 'posted c']"
    assert sent == ["a", "b", "c"]


def test_an_edited_call_inside_is_found_again_though_the_tool_asks_as_before(small: House) -> None:
    sent: list[str] = []
    small.policy, small.approver = Policy(attended=True), Person([Edit({"text": "edited"}), Allow(), Allow()])

    def does(context: Context) -> str:
        return context.call("post", {"text": "a"}).text + ", " + context.call("put", {"path": "x", "text": "1"}).text

    stop_at(small, "run_errand-1/2", ToolStarted)
    run(small, does, sender(sent), replies=[ERRAND])
    small.seen.clear()
    small.approver = Person([Allow()])
    outcome = small.resume(ScriptedModel([finish()]))
    assert errand_result(outcome).text == "posted edited, put 1 characters into x"
    assert sent == ["edited"]


def test_a_result_goes_to_the_call_that_asked_for_it_though_a_hook_edits_both(small: House) -> None:
    sent: list[str] = []
    seen: list[str] = []

    def number(name: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        if name != "post":
            return arguments
        seen.append(arguments["text"])
        return {"text": f"{arguments['text']} {len(seen)}"}

    def does(context: Context) -> str:
        texts = [context.call("post", {"text": text}).text for text in order]
        return ", ".join([*texts, context.call("put", {"path": "x", "text": "1"}).text])

    small.hooks = (number,)
    order = ["a", "b"]
    stop_at(small, "run_errand-1/3", ToolStarted)
    run(small, does, sender(sent), replies=[ERRAND])
    small.seen.clear()
    order = ["b", "a"]
    outcome = small.resume(ScriptedModel([finish()]))
    assert errand_result(outcome).text == "posted b 2, posted a 1, put 1 characters into x"
    assert (sent, seen) == (["a 1", "b 2"], ["a", "b"])


def test_a_call_inside_that_was_announced_and_not_made_is_made_again_with_its_leave(small: House) -> None:
    small.policy, small.approver = Policy(attended=True), Person([Allow()])
    stop_at(small, "run_errand-1/1", Observed)

    def does(context: Context) -> str:
        return context.call("put", {"path": "x", "text": "1"}).text

    run(small, does, replies=[ERRAND])
    small.seen.clear()
    (small.workspace / "x").unlink()
    small.approver = Person([Allow()])  # nobody foretold what it writes: it may have been made
    small.allowance = Allowance(tool_calls={"put": 1})
    outcome = small.resume(ScriptedModel([finish()]))
    assert errand_result(outcome).text == "put 1 characters into x"
    (intent,) = [one for one in outcome.of(ToolStarted) if one.tool == "put"]
    assert (intent.call, intent.attempt) == ("run_errand-1/1", 2)
    assert outcome.run.history.tool_calls["put"] == 1


def test_a_call_inside_that_was_denied_leaves_its_leave_to_nobody(small: House) -> None:
    """An address whose call was never announced may be another call's after a resume."""
    sent: list[str] = []
    texts = ["first", "second"]
    small.policy, small.approver = Policy(attended=True), Person([Allow(), Deny()])
    stop_at(small, "run_errand-1/1", ToolStarted)
    run(small, lambda c: c.call("post", {"text": texts[0]}).ok, sender(sent), replies=[ERRAND])
    small.seen.clear()
    texts.reverse()
    person = Person([Deny()])
    small.approver = person
    outcome = small.resume(ScriptedModel([finish()]))
    assert errand_result(outcome).text == "False"
    assert [dict(one.arguments) for one in person.questions] == [{"text": "second"}]
    assert sent == []


# --- questions to the model ---


def asking(*prompts: str, reply: int = 100) -> Callable[[Context], str]:
    def does(context: Context) -> str:
        assert context.ask is not None
        return " | ".join(context.ask(prompt, purpose="sum", system="Be brief.", reply=reply) for prompt in prompts)

    return does


def test_a_question_is_paid_journaled_and_sent_with_its_system_text(small: House) -> None:
    replies = [ERRAND, "short", finish()]
    outcome = run(small, asking("Sum up."), replies=replies)
    (asked,) = outcome.of(ModelCalled)
    assert (asked.purpose, asked.text) == ("sum", "short")
    assert errand_result(outcome).text == "short"
    assert outcome.run.history.spend.model_calls == 3
    record = next(record for record in outcome.records if record.event == asked)
    assert record.path == "run_errand-1"


def test_a_question_that_was_answered_before_an_interruption_is_not_paid_again(small: House) -> None:
    def both(context: Context) -> str:
        found = asking("Sum up.", "Sum up.")(context)
        return found + context.call("put", {"path": "x", "text": "1"}).text

    stop_at(small, "run_errand-1/1", ToolStarted)
    run(small, both, replies=[ERRAND, "short", "other"])
    small.seen.clear()
    model = ScriptedModel([finish()])
    outcome = small.resume(model)
    assert errand_result(outcome).text == "short | otherput 1 characters into x"
    assert [request.purpose for request in model.requests] == ["think"]


def test_a_question_beyond_the_budget_is_refused_before_it_is_paid(small: House) -> None:
    small.allowance = Allowance(model_calls=2)
    outcome = run(small, asking("One?", "Two?"), replies=[ERRAND, "one"])
    observed = errand_result(outcome)
    assert observed.error is not None
    assert observed.error.kind == "limit"
    assert len(outcome.of(ModelCalled)) == 1


def test_a_question_that_the_model_cannot_answer_fails_the_tool_and_not_the_run(small: House) -> None:
    outcome = run(small, asking("One?"), replies=[ERRAND, ModelUnavailable("down", hint="later"), finish()])
    observed = errand_result(outcome)
    assert observed.error is not None
    assert (observed.error.kind, observed.error.message) == ("model", "the model could not be asked: down")
    assert outcome.ended.state == "reached"


def test_questions_side_by_side_are_all_paid_and_never_more_than_allowed(small: House) -> None:
    small.allowance = Allowance(model_calls=4)
    gate = threading.Barrier(6)

    def does(context: Context) -> str:
        def one(n: int) -> bool:
            gate.wait()
            try:
                asking(f"Question {n}?")(context)
            except ToolError:
                return False
            return True

        with ThreadPoolExecutor(6) as pool:
            return str(sum(pool.map(one, range(6))))

    def reply(request: Request) -> Any:
        if request.purpose == "sum":
            time.sleep(0.05)
            return "yes"
        return ERRAND

    small.tools = (errand(does),)
    outcome = small.run("Ask.", ScriptedModel(reply))
    assert errand_result(outcome).text == "3"
    assert outcome.run.history.spend.model_calls == 4
    assert outcome.ended.state == "limit"


class Late(ScriptedModel):
    """Answers a question once as many are under way as its gate is wide, or after a while."""

    def __init__(self, wide: int) -> None:
        super().__init__(lambda request: "yes")
        self.gate = threading.Barrier(wide)
        self.thoughts = [finish(), ERRAND]

    def think(self, request: Request) -> Thinking:
        if request.purpose == "think":
            return (yield from ScriptedModel([self.thoughts.pop()], name=self.name).think(request))
        self.gate.wait(20)
        return (yield from super().think(request))


def side_by_side(context: Context, count: int) -> list[str]:
    with ThreadPoolExecutor(context.parallel) as pool:
        return list(pool.map(lambda n: asking(f"Question {n}?")(context), range(count)))


def test_questions_of_several_threads_are_under_way_at_the_same_time(small: House) -> None:
    small.tools = (errand(lambda c: len(side_by_side(c, 16))),)
    outcome = small.run(Goal(goals=("Ask.",), parallel=8), Late(8))
    assert errand_result(outcome).text == "16"
    assert len(outcome.of(ModelCalled)) == 16


def test_every_question_that_the_budget_carries_is_answered_when_they_are_asked_side_by_side(small: House) -> None:
    """What is set aside for those under way stands in no other's way for good."""
    small.allowance = Allowance(model_calls=13)
    small.tools = (errand(lambda c: len(side_by_side(c, 12))),)
    outcome = small.run(Goal(goals=("Ask.",), parallel=8), Late(4))
    assert errand_result(outcome).text == "12"


def test_questions_that_are_answered_when_the_run_is_stopped_are_all_counted(small: House) -> None:
    def look_out(item: Item) -> None:
        if isinstance(item, Nested) and isinstance(item.event, ModelCalled) and item.event.purpose == "sum":
            small.seen.clear()
            raise KeyboardInterrupt

    small.tools = (errand(lambda c: len(side_by_side(c, 8))),)
    small.seen.append(look_out)
    outcome = small.run(Goal(goals=("Ask.",), parallel=8), Late(8))
    assert outcome.ended.state == "interrupted"
    assert outcome.run.history.spend.model_calls == 9


def test_a_call_that_is_given_up_while_its_question_waits_pays_for_nothing_more(small: House) -> None:
    """It waits for what others have set aside; that is no limit that the run has reached."""
    small.allowance = Allowance(model_calls=2)
    release = threading.Event()

    def does(context: Context) -> str:
        with ThreadPoolExecutor(2) as pool:
            return str(list(pool.map(lambda n: asking(f"Question {n}?")(context), range(2))))

    def reply(request: Request) -> Any:
        if request.purpose == "sum":
            release.wait(20)
            return "yes"
        return ERRAND

    small.tools = (dataclasses.replace(errand(does), timeout=0.3),)
    small.seen.append(lambda item: release.set() if isinstance(item, Observed) else None)
    outcome = small.run("Ask.", ScriptedModel(reply))
    assert errand_result(outcome).error.kind == "timeout"  # type: ignore[union-attr]
    assert [one.purpose for one in outcome.of(ModelCalled)] == ["sum"]
    assert [record.path for record in outcome.records if isinstance(record.event, LimitReached)] == [""]


def test_a_tool_learns_what_a_question_costs_and_what_is_left(small: House) -> None:
    def does(context: Context) -> str:
        assert context.budget is not None
        before, cost = context.budget.left(), context.budget.cost("One? " * 100, purpose="sum", reply=200)
        asking("One?", reply=200)(context)
        after = context.budget.left()
        assert (cost.calls, before.calls - after.calls) == (1, 1)
        assert 300 <= cost.tokens < 500
        assert cost.usd == pytest.approx(0.00001 * cost.tokens)
        assert before.tokens > after.tokens
        assert before.usd is not None
        assert after.usd is not None
        assert before.usd > after.usd
        assert 0 < after.seconds <= before.seconds
        return f"{context.parallel} {context.budget.window}"

    outcome = run(small, does, replies=[ERRAND, "one", finish()], price=0.00001, window=9_000)
    assert errand_result(outcome).text == "4 9000"


def test_a_question_that_was_paid_before_an_interruption_costs_nothing_again(small: House) -> None:
    def does(context: Context) -> str:
        assert context.budget is not None
        costs = [context.budget.cost(prompt, purpose="sum", system="Be brief.", reply=100).calls for prompt in "ab"]
        asking("a", reply=100)(context)
        costs.append(context.budget.cost("a", purpose="sum", system="Be brief.", reply=100).calls)
        context.call("put", {"path": "x", "text": "1"})
        return str(costs)

    stop_at(small, "run_errand-1/1", ToolStarted)
    run(small, does, replies=[ERRAND, "short"])
    small.seen.clear()
    assert errand_result(small.resume(ScriptedModel([finish()]))).text == "[0, 1, 1]"


def test_a_question_longer_than_the_window_is_told_as_that(small: House) -> None:
    observed = errand_result(run(small, asking("One?"), replies=[ERRAND, ContextTooLong("too long"), finish()]))
    assert observed.error is not None
    assert observed.error.kind == "window"


def test_where_no_model_can_be_asked_there_is_no_budget_for_it(small: House) -> None:
    assert errand_result(run(small, lambda c: c.budget, offline=True)).text == "None"


def test_what_one_call_worked_out_the_next_one_of_the_run_finds(small: House) -> None:
    made: list[int] = []

    def does(context: Context) -> str:
        context.cache.get("errand: answer", lambda: made.append(1), size=lambda _: 1)
        return str(len(made))

    outcome = run(small, does, replies=[[ERRAND, called("run_errand", "two")], called("run_errand", "three"), finish()])
    assert [one.text for one in outcome.of(Observed)][:3] == ["1", "1", "1"]


class Noticing(ScriptedModel):
    """Tells of a retry in the middle of a reply."""

    def think(self, request: Request) -> Any:
        yield ThoughtDelta(text="the server is busy", channel="notice")
        return (yield from super().think(request))


def test_a_notice_of_the_model_passes_by_at_the_tools_address(small: House) -> None:
    small.tools = (errand(asking("One?")),)
    outcome = small.run("Ask.", Noticing([ERRAND, "yes", finish()]))
    found = [(record.path, record.event.text) for record in outcome.records if isinstance(record.event, ThoughtDelta)]
    assert ("run_errand-1", "the server is busy") in found
    assert not any(text == "yes" for _, text in found)


def test_the_offline_model_cannot_be_asked(small: House) -> None:
    outcome = run(small, lambda c: c.ask is None, offline=True)
    assert errand_result(outcome).text == "True"


# --- notes and the person ---


def test_notes_become_events_of_the_run(small: House) -> None:
    def does(context: Context) -> str:
        kept = context.notes.remember("the sky is blue", kind="fact").id
        return kept + context.notes.recall("sky")[0].text

    outcome = run(small, does)
    assert errand_result(outcome).text == "n1the sky is blue"
    (note,) = outcome.of(NoteWritten)
    assert (note.id, note.note, note.namespace) == ("n1", "fact", "test")
    (found,) = outcome.of(Recalled)
    assert (found.query, found.trigger, found.notes[0].id) == ("sky", "tool", "n1")


def test_a_refused_note_is_no_event(small: House) -> None:
    outcome = run(small, lambda c: c.notes.remember("refuse this"))
    assert outcome.of(NoteWritten) == []
    assert errand_result(outcome).error is not None


def test_a_run_writes_so_many_notes_and_no_more(small: House) -> None:
    def does(context: Context) -> None:
        for n in range(MOST_NOTES + 1):
            context.notes.remember(f"note {n}")

    outcome = run(small, does)
    assert len(outcome.of(NoteWritten)) == MOST_NOTES
    observed = errand_result(outcome)
    assert observed.error is not None
    assert observed.error.kind == "limit"


def test_nobody_there_is_told_to_the_tool(small: House) -> None:
    observed = errand_result(run(small, lambda c: c.person("Which?")))
    assert observed.error is not None
    assert observed.error.kind == "no-person"


def test_a_question_to_the_person_is_asked_when_all_before_it_is_on_disk(small: House) -> None:
    told: list[str] = []
    seen: list[list[str]] = []

    class Careful(Person):
        def answer(self, question: str, choices: Any) -> str:
            seen.append(list(told))
            return super().answer(question, choices)

    person = Careful([], ["blue"])
    small.policy, small.approver = Policy(attended=True), person
    small.watchers.append(lambda record: told.append(record.event.kind))
    outcome = run(small, lambda c: c.person("Which colour?", ("red", "blue")))
    assert errand_result(outcome).text == "blue"
    assert person.asked == [("Which colour?", ("red", "blue"))]
    assert "tool.started" in seen[0]
    assert any(one.text == "waiting for an answer" for one in outcome.of(Progress))


def test_the_goal_is_worked_on_in_its_own_workspace(small: House) -> None:
    small.tools = (errand(lambda c: c.workspace.root),)
    outcome = small.run(Goal(goals=("Where?",)), ScriptedModel([ERRAND, finish()]))
    assert errand_result(outcome).text == str(small.workspace)
    assert [one for one in outcome.of(Verdict) if one.decision != "allow"] == []


def test_after_q_at_a_question_from_inside_nothing_more_is_begun(small: House) -> None:
    sent: list[str] = []
    small.policy, small.approver = Policy(attended=True), (person := Person([Quit(), Allow(), Allow()]))

    def does(context: Context) -> list[str]:
        return [context.call("post", {"text": text}).text for text in "abc"]

    calls = [ERRAND, called("put", "later", path="x", text="1")]
    outcome = run(small, does, sender(sent), replies=[calls])
    assert outcome.ended.state == "interrupted"
    assert (len(person.questions), sent) == (1, [])
    assert not (small.workspace / "x").exists()


def test_what_is_denied_inside_is_told_in_the_stream(small: House) -> None:
    small.policy = Policy(deny=("post",))
    outcome = run(small, lambda c: c.call("post", {"text": "a"}).ok, sender([]))
    told = [one.error.kind for one in outcome.of(Observed) if one.call == "run_errand-1/1"]
    assert told == ["denied"]


def test_the_same_question_asked_again_gets_another_answer(small: House) -> None:
    outcome = run(small, asking("An idea?", "An idea?"), replies=[ERRAND, "red", "blue", finish()])
    assert errand_result(outcome).text == "red | blue"


def test_a_file_that_a_tool_makes_unannounced_is_told_as_created(small: House) -> None:
    @tool(effect=Effect.EXECUTE)
    def build(*, context: Context) -> str:
        """Make a file, and change one."""
        context.workspace.write("new.txt", b"x")
        context.workspace.write("old.txt", b"y")
        return "built"

    small.write("old.txt", "x")
    small.tools = (build,)
    outcome = small.run("Build.", ScriptedModel([called("build"), finish()]))
    assert {one.path: one.change for one in outcome.of(Observed)[0].files} == {
        "new.txt": "created",
        "old.txt": "changed",
    }
