"""Acting: calls are approved, announced, run and told, at few commits, and nothing that goes wrong is lost."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Mapping
from typing import Any

import pytest

from agent.approval import Allow, Comment, Deny, Edit, Policy, Quit
from agent.events import (
    Failure,
    Feedback,
    ModelCalled,
    NoteWritten,
    Observed,
    Progress,
    Stopped,
    Thought,
    ToolCall,
    ToolStarted,
    Verdict,
)
from agent.mail import Item
from agent.model import Request
from plugins import Context, Effect, Refuse, ToolError, WorkspacePath, tool
from tests.kits import House, Person, called, finish, within
from tests.scripted import ScriptedModel
from tests.tools import look, post, put


@tool(effect=Effect.WRITE)
def put_all(paths: list[WorkspacePath], *, context: Context) -> str:
    """Write into several files.

    Args:
        paths: The files.
    """
    for path in paths:
        context.workspace.write(path, b"all")
    return "done"


@tool(effect=Effect.EXECUTE)
def script(name: str, *, context: Context) -> str:
    """Run a script that writes into a file.

    Args:
        name: Its file.
    """
    context.workspace.write(name, b"by the script")
    return "ran"


@tool(effect=Effect.READ, timeout=0.2)
def hang(name: str, *, context: Context) -> str:
    """Hang.

    Args:
        name: A name.
    """
    context.cancel.wait(30)
    return "too late"


@tool(effect=Effect.READ)
def fall(how: str, *, context: Context) -> Any:
    """Fail in some way.

    Args:
        how: The way.
    """
    match how:
        case "raise":
            raise ZeroDivisionError("by nought")
        case "exit":
            sys.exit(3)
        case "tool error":
            raise ToolError("not so", hint="but so")
        case "big":
            return "0123456789" * 1_000_000
        case "progress":
            for n in range(3):
                context.progress("half way", done=n, total=3)
            return "done"
    return None


TOOLS = (look, put, put_all, script, post, hang, fall)


@pytest.fixture
def small(house: House) -> House:
    house.tools, house.built_in, house.policy = TOOLS, False, Policy(yes=True, allow=("post",))
    return house


# --- commits ---


def test_several_writes_of_one_turn_cost_one_commit_before_and_one_after(small: House) -> None:
    calls = [called("put", f"c{n}", path=f"{n}.txt", text="x") for n in range(5)]
    outcome = small.run("Put.", ScriptedModel([calls, finish()]))
    before, after, *_ = outcome.commits()
    assert before == ["thought", *["verdict"] * 5, *["tool.started"] * 5]
    assert after[:5] == ["observation"] * 5


def test_a_step_that_only_reads_costs_one_commit(small: House) -> None:
    turns = [[called("look", f"c{t}{n}", name=f"{t}{n}") for n in range(3)] for t in range(4)]
    outcome = small.run("Look.", ScriptedModel([*turns, finish()]))
    assert [one.count("observation") for one in outcome.commits()[:4]] == [3, 3, 3, 3]


def test_an_intent_is_on_disk_before_its_tool_runs(small: House) -> None:
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

    small.tools = (witness,)
    small.watchers.append(lambda record: told.append(record.event.kind))
    small.run("Look.", ScriptedModel([called("witness", path="a"), finish()]))
    assert seen[0][-1] == "tool.started"


# --- what must wait ---


def order(outcome: Any) -> list[str]:
    return [f"{event.kind[0]}:{event.call}" for event in outcome.events if isinstance(event, ToolStarted | Observed)]


def test_a_path_that_is_written_twice_in_a_turn_is_announced_twice(small: House) -> None:
    calls = [called("put", "a", path="x.txt", text="1"), called("put", "b", path="x.txt", text="2")]
    outcome = small.run("Put.", ScriptedModel([calls, finish()]))
    assert order(outcome) == ["t:a", "o:a", "t:b", "o:b"]
    first, second = outcome.of(ToolStarted)
    assert first.before[0].sha256 is None
    assert second.before[0].content == "1"
    assert small.read("x.txt") == "2"


@pytest.mark.parametrize(
    ("one", "two", "waits"),
    [
        (called("put", "a", path="x/y.txt", text="1"), called("put", "b", path="x/z.txt", text="2"), False),
        (called("put_all", "a", paths=["x", "Y"]), called("put", "b", path="y", text="2"), True),
        (called("put_all", "a", paths=[]), called("put", "b", path="y", text="2"), True),
        (called("script", "a", name="x"), called("put", "b", path="y", text="2"), True),
        (called("put", "a", path="y", text="2"), called("script", "b", name="x"), False),
        (called("look", "a", name="x"), called("look", "b", name="x"), True),
        (called("look", "a", name="x"), called("look", "b", name="y"), False),
    ],
)
def test_a_call_waits_for_those_that_it_depends_on(small: House, one: ToolCall, two: ToolCall, waits: bool) -> None:
    outcome = small.run("Work.", ScriptedModel([[one, two], finish()]))
    assert order(outcome)[:4] == (["t:a", "o:a", "t:b", "o:b"] if waits else ["t:a", "t:b", "o:a", "o:b"])


def test_calls_that_only_read_run_side_by_side(small: House) -> None:
    both = threading.Barrier(2)

    @tool(effect=Effect.READ)
    def meet(name: str) -> str:
        """Meet.

        Args:
            name: Who.
        """
        both.wait(5)
        return name

    small.tools = (meet,)
    outcome = small.run(
        "Meet.", ScriptedModel([[called("meet", "a", name="1"), called("meet", "b", name="2")], finish()])
    )
    assert [one.text for one in outcome.of(Observed)] == ["1", "2"]


# --- what goes wrong ---


def test_a_tool_that_hangs_is_cut_at_its_timeout(small: House) -> None:
    with within(3):
        outcome = small.run("Hang.", ScriptedModel([called("hang", name="x"), finish()]))
    assert outcome.of(Observed)[0].error.kind == "timeout"


@pytest.mark.parametrize(("how", "kind"), [("raise", "crash"), ("exit", "crash"), ("tool error", "tool")])
def test_a_tool_that_fails_is_told_to_the_model(small: House, how: str, kind: str) -> None:
    model = ScriptedModel([called("fall", how=how), finish()])
    outcome = small.run("Fall.", model)
    observed = outcome.of(Observed)[0]
    assert (observed.ok, observed.error.kind) == (False, kind)
    assert "Traceback" not in model.requests[1].messages[-2].text
    assert outcome.ended.state == "reached"


def test_ten_megabytes_are_kept_whole_and_told_short(small: House) -> None:
    outcome = small.run("Fall.", ScriptedModel([called("fall", how="big"), finish()]))
    observed = outcome.of(Observed)[0]
    assert len(observed.text) <= outcome.kit.cut
    assert observed.whole is not None
    assert len(outcome.kit.artifacts.get(observed.whole)[1]) == 10_000_000


def test_progress_passes_by_and_is_not_written_down(small: House) -> None:
    outcome = small.run("Fall.", ScriptedModel([called("fall", how="progress"), finish()]))
    assert [one.done for one in outcome.of(Progress)] == [0, 1, 2]
    assert {record.path for record in outcome.records if isinstance(record.event, Progress)} == {"fall-1"}
    stored = [record.event.kind for record in outcome.records if record.seq]
    assert "progress" not in stored


def test_arguments_that_could_not_be_read_are_told_as_such(small: House) -> None:
    call = ToolCall(id="c", tool="look", raw="{name: ", fault="line 1: no value")
    outcome = small.run("Look.", ScriptedModel([call, finish()]))
    assert outcome.of(Observed)[0].text == (
        "Error (arguments): the arguments of look could not be read: line 1: no value"
    )
    assert outcome.of(ToolStarted) == []


@pytest.mark.parametrize("when", ["at the intent", "while it runs"])
def test_a_second_ctrl_c_stops_at_once_and_cancels_what_runs(small: House, when: str) -> None:
    cancelled = threading.Event()

    @tool(effect=Effect.EXECUTE, timeout=30)
    def endless(name: str, *, context: Context) -> str:
        """Run for ever.

        Args:
            name: A name.
        """
        context.progress("running")
        if context.cancel.wait(20):
            cancelled.set()
        return "never"

    def interrupt(item: Item) -> None:
        running = getattr(item, "event", None)
        if isinstance(item, ToolStarted) if when == "at the intent" else isinstance(running, Progress):
            raise KeyboardInterrupt

    small.tools = (endless,)
    small.seen.append(interrupt)
    with within(5):
        outcome = small.run("Run.", ScriptedModel([called("endless", name="x")]))
    assert outcome.ended == Stopped(state="interrupted", reason="stopped by the user")
    if when == "while it runs":
        assert cancelled.wait(2)
        assert outcome.kit.mail.over.is_set()


def test_a_tool_that_waits_for_the_journal_of_a_stopped_run_is_let_go(small: House) -> None:
    said: list[str] = []
    left = threading.Event()

    @tool(effect=Effect.EXECUTE, timeout=30)
    def late(name: str, *, context: Context) -> str:
        """Remember something when the run is over.

        Args:
            name: A name.
        """
        context.progress("now")
        time.sleep(0.3)
        try:
            context.notes.remember("too late")
        except ToolError as error:
            said.append(error.kind)
        left.set()
        return "done"

    def interrupt(item: Item) -> None:
        if isinstance(getattr(item, "event", None), Progress):
            raise KeyboardInterrupt

    small.tools = (late,)
    small.seen.append(interrupt)
    small.run("Run.", ScriptedModel([called("late", name="x")]))
    assert left.wait(5)
    assert said == ["cancelled"]


def test_a_tool_that_takes_its_time_is_waited_for(small: House) -> None:
    @tool(effect=Effect.READ)
    def slow(name: str, *, context: Context) -> str:
        """Take more time than one look into the mail.

        Args:
            name: A name.
        """
        time.sleep(1.2)
        return context.notes.remember(name).id

    def dawdle(item: Item) -> None:
        if isinstance(getattr(item, "event", None), NoteWritten):
            time.sleep(1.2)

    small.tools = (slow,)
    small.seen.append(dawdle)
    outcome = small.run("Wait.", ScriptedModel([called("slow", name="x"), finish()]))
    assert outcome.of(Observed)[0].text == "n1"


def test_what_an_abandoned_tool_still_paid_is_counted(small: House) -> None:
    asked = threading.Event()

    @tool(effect=Effect.READ, timeout=0.3)
    def ponder(name: str, *, context: Context) -> str:
        """Ask the model, for too long.

        Args:
            name: A name.
        """
        assert context.ask is not None
        return context.ask("Why?", purpose="why")

    def reply(request: Request) -> Any:
        if request.purpose == "why":
            asked.wait(5)
            return "because"
        if len(request.messages) > 3:
            asked.set()
            time.sleep(0.3)
        number = sum(message.role == "assistant" for message in request.messages)
        return [called("ponder", name="x"), "I wait.", finish()][number]

    small.tools = (ponder,)
    outcome = small.run("Ponder.", ScriptedModel(reply))
    assert outcome.of(Observed)[0].error.kind == "timeout"
    assert [one.purpose for one in outcome.of(ModelCalled)] == ["why"]
    assert outcome.run.history.spend.model_calls == 4


def test_old_content_rides_in_the_intent_as_text_or_else_as_base64(small: House) -> None:
    small.write("text.txt", "您好")
    (small.workspace / "bytes.bin").write_bytes(b"\xff\x00")
    (small.workspace / "big.txt").write_text("x" * 70_000)
    (small.workspace / "folder").mkdir()
    outcome = small.run(
        "Write.", ScriptedModel([called("put_all", paths=["text.txt", "bytes.bin", "big.txt"]), finish()])
    )
    states = {state.path: state for state in outcome.of(ToolStarted)[0].before}
    assert (states["text.txt"].content, states["text.txt"].encoding) == ("您好", "utf-8")
    assert (states["bytes.bin"].content, states["bytes.bin"].encoding) == ("/wA=", "base64")
    assert (states["big.txt"].content, states["big.txt"].bytes) == (None, 70_000)
    assert [(one.path, one.change) for one in outcome.of(Observed)[0].files] == [
        ("text.txt", "changed"),
        ("bytes.bin", "changed"),
        ("big.txt", "changed"),
    ]
    outcome = small.run("Write.", ScriptedModel([called("put", path="folder", text="x"), finish()]))
    assert not outcome.of(Observed)[0].ok
    assert outcome.of(Observed)[0].files == ()


# --- hooks ---


def test_a_hook_edits_and_the_edit_is_what_is_approved_announced_and_made(small: House) -> None:
    def shout(name: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        return {**arguments, "text": arguments["text"].upper()} if name == "put" else arguments

    small.hooks = (shout,)
    outcome = small.run("Put.", ScriptedModel([called("put", path="a.txt", text="hi"), finish()]))
    assert small.read("a.txt") == "HI"
    (verdict,) = outcome.of(Verdict)
    assert (verdict.by, verdict.arguments) == ("hook", {"path": "a.txt", "text": "HI"})
    assert "shout" in verdict.reason
    assert outcome.of(ToolStarted)[0].arguments == {"path": "a.txt", "text": "HI"}


def test_a_hook_sees_a_call_once_even_where_it_must_wait(small: House) -> None:
    seen: list[str] = []

    def count(name: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        seen.append(arguments["text"])
        return arguments

    small.hooks = (count,)
    calls = [called("put", f"c{n}", path="same.txt", text=str(n)) for n in range(3)]
    small.run("Put.", ScriptedModel([calls, finish()]))
    assert seen == ["0", "1", "2"]


def test_a_hook_that_refuses_is_told_to_the_model(small: House) -> None:
    def refuse(name: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        raise Refuse("the diary is private")

    small.hooks = (refuse,)
    outcome = small.run("Put.", ScriptedModel([called("put", path="diary", text="x"), finish()]))
    assert outcome.of(Observed)[0].error.kind == "denied"
    assert "the diary is private" in outcome.of(Observed)[0].text
    assert outcome.of(ToolStarted) == []


# --- the person ---


def test_yes_makes_the_call_and_the_question_shows_what_would_be_done(small: House) -> None:
    person = small.seat(Allow())
    outcome = small.run(
        "Put.", ScriptedModel([Thought(text="I put it.", calls=(called("put", path="a", text="x"),)), finish()])
    )
    (question,) = person.questions
    assert (question.tool, question.effect, dict(question.arguments)) == ("put", "write", {"path": "a", "text": "x"})
    assert (question.step, question.thought, question.kind) == (1, "I put it.", "call")
    assert [(one.decision, one.by) for one in outcome.of(Verdict)] == [("ask", "policy"), ("allow", "person")]


def test_the_question_is_on_disk_before_it_is_asked(small: House) -> None:
    told: list[str] = []
    seen: list[list[str]] = []

    class Careful(Person):
        def ask(self, question: Any) -> Any:
            seen.append(list(told))
            return super().ask(question)

    small.policy, small.approver = Policy(attended=True), Careful([Allow()])
    small.watchers.append(lambda record: told.append(record.event.kind))
    small.run("Put.", ScriptedModel([called("put", path="a", text="x"), finish()]))
    assert seen[0][-1] == "verdict"


def test_no_with_a_reason_is_told_to_the_model(small: House) -> None:
    small.seat(Deny("use b instead"), Deny())
    model = ScriptedModel([called("put", path="a", text="x"), called("put", path="c", text="x"), finish()])
    outcome = small.run("Put.", model)
    assert "use b instead" in model.requests[1].messages[-2].text
    assert "the user said no" in model.requests[2].messages[-2].text
    assert not (small.workspace / "a").exists()
    assert outcome.run.history.denied == ["use b instead", "the user said no"]


def test_feedback_in_place_of_an_answer_reaches_the_model_as_the_users_words(small: House) -> None:
    small.seat(Comment("write it in French"))
    model = ScriptedModel([called("put", path="a", text="x"), finish()])
    outcome = small.run("Put.", model)
    assert outcome.of(Feedback) == [Feedback(text="write it in French", origin="user")]
    assert model.requests[1].messages[-2].text == "Feedback from the user: write it in French"
    assert "Still to be answered" in model.requests[1].messages[-1].text
    assert outcome.of(Observed)[0].error.kind == "feedback"


def test_q_stops_the_run_and_resume_asks_again(small: House) -> None:
    small.seat(Quit())
    outcome = small.run("Put.", ScriptedModel([called("put", path="a", text="x")]))
    assert outcome.ended == Stopped(state="interrupted", reason="stopped at the prompt")
    person = small.seat(Allow())
    assert small.resume(ScriptedModel([finish()])).ended.state == "reached"
    assert len(person.questions) == 1
    assert small.read("a") == "x"


def test_edited_arguments_are_approved_again_and_made(small: House) -> None:
    person = small.seat(Edit({"path": "b.txt", "text": "new"}), Allow())
    outcome = small.run("Put.", ScriptedModel([called("put", path="a", text="x"), finish()]))
    assert [dict(one.arguments)["path"] for one in person.questions] == ["a", "b.txt"]
    assert "edited by the person" in person.questions[1].reason
    assert [(one.by, one.decision, one.arguments) for one in outcome.of(Verdict)] == [
        ("policy", "ask", None),
        ("person", "ask", {"path": "b.txt", "text": "new"}),
        ("person", "allow", {"path": "b.txt", "text": "new"}),
    ]
    assert small.read("b.txt") == "new"
    assert not (small.workspace / "a").exists()


def test_an_edit_that_cannot_be_used_is_said_and_asked_again(small: House) -> None:
    person = small.seat(Edit({"wrong": 1}), Deny())
    small.run("Put.", ScriptedModel([called("put", path="a", text="x"), finish()]))
    assert "cannot be used" in person.questions[1].reason
    assert dict(person.questions[1].arguments) == {"path": "a", "text": "x"}


def test_always_and_steps_are_granted(small: House) -> None:
    person = small.seat(Allow(always=True), Allow(steps=2))
    turns = [
        called("put", path="a", text="1"),
        called("put", path="a", text="2"),
        called("post", text="a"),
        called("post", text="b"),
        finish(),
    ]
    small.run("Work.", ScriptedModel(turns))
    assert [one.tool for one in person.questions] == ["put", "post"]


def test_an_edited_call_that_was_interrupted_is_made_as_it_was_edited(small: House) -> None:
    """Allowed with other arguments, then killed while the next call was asked: the model's own must not be made."""
    small.seat(Edit({"path": "b.txt", "text": "edited"}), Allow(), Quit())
    calls = [called("put", "one", path="a.txt", text="x"), called("post", "two", text="x")]
    small.run("Put.", ScriptedModel([calls]))
    assert not (small.workspace / "b.txt").exists()
    person = small.seat(Deny())
    outcome = small.resume(ScriptedModel([finish()]))
    assert [one.tool for one in person.questions] == ["post"]
    assert small.read("b.txt") == "edited"
    assert not (small.workspace / "a.txt").exists()
    assert outcome.of(ToolStarted)[0].arguments == {"path": "b.txt", "text": "edited"}


def interrupted_at(small: House, kind: type[Any], model: ScriptedModel) -> None:
    def stop(item: Item) -> None:
        if isinstance(item, kind):
            raise KeyboardInterrupt

    small.seen.append(stop)
    small.run("Work.", model)
    small.seen.clear()


def test_an_allowed_call_that_was_interrupted_is_not_asked_again(small: House) -> None:
    small.seat(Allow())
    interrupted_at(small, ToolStarted, ScriptedModel([called("post", text="x")]))
    person = small.seat()
    assert small.resume(ScriptedModel([finish()])).ended.state == "reached"
    assert person.questions == []


def test_what_is_denied_by_now_is_denied_though_it_was_allowed_before(small: House) -> None:
    small.seat(Allow())
    interrupted_at(small, ToolStarted, ScriptedModel([called("post", text="x")]))
    small.policy = Policy(deny=("post",), yes=True)
    outcome = small.resume(ScriptedModel([finish()]))
    assert outcome.of(ToolStarted) == []
    assert outcome.of(Observed)[0].error.kind == "denied"


def test_a_hook_does_not_edit_again_what_it_edited_before_the_interruption(small: House) -> None:
    person = small.seat(Allow())
    numbers = iter(range(9))

    def number(name: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        return {**arguments, "text": f"{arguments['text']} {next(numbers)}"}

    small.hooks = (number,)
    interrupted_at(small, ToolStarted, ScriptedModel([called("post", text="x")]))
    outcome = small.resume(ScriptedModel([finish()]))
    assert [dict(one.arguments)["text"] for one in person.questions] == ["x 0"]
    assert [one.arguments for one in outcome.of(ToolStarted)] == [{"text": "x 0"}]


def test_a_hook_does_not_edit_what_the_person_wrote(small: House) -> None:
    def shout(name: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        return {**arguments, "text": arguments["text"].upper()}

    small.hooks = (shout,)
    small.seat(Edit({"text": "Softly"}), Allow())
    outcome = small.run("Post.", ScriptedModel([called("post", text="x"), finish()]))
    assert [one.arguments for one in outcome.of(ToolStarted)] == [{"text": "Softly"}]


def test_calls_that_the_person_edits_onto_one_file_are_announced_one_after_the_other(small: House) -> None:
    small.seat(Allow(), Edit({"path": "a", "text": "2"}), Allow())
    calls = [called("put", "c1", path="a", text="1"), called("put", "c2", path="b", text="2")]
    outcome = small.run("Put.", ScriptedModel([calls, finish()]))
    first, second = outcome.of(ToolStarted)
    assert first.before[0].content is None
    assert second.before[0].content == "1"
    assert [type(one).__name__ for one in outcome.events if isinstance(one, ToolStarted | Observed)] == [
        *("ToolStarted", "Observed", "ToolStarted", "Observed"),
        "Observed",
    ][:4]


def test_a_call_that_a_hook_edited_is_known_again_after_an_interruption(small: House) -> None:
    def shout(name: str, arguments: Mapping[str, Any]) -> Mapping[str, Any]:
        return {**arguments, "text": arguments["text"].upper()}

    small.hooks = (shout,)
    person = small.seat(Allow(), Quit())
    small.run("Post.", ScriptedModel([[called("post", "a", text="x"), called("post", "b", text="y")]]))
    person.answers = [Deny()]
    outcome = small.resume(ScriptedModel([finish()]))
    assert [dict(one.arguments)["text"] for one in person.questions] == ["X", "Y", "Y"]
    assert [one.arguments for one in outcome.of(ToolStarted)] == [{"text": "X"}]


# --- repeats ---


def test_something_sent_is_not_sent_again_while_nothing_changed(small: House) -> None:
    turns = [
        called("post", text="x"),
        called("post", text="x"),
        called("put", path="a", text="1"),
        called("post", text="x"),
    ]
    outcome = small.run("Post.", ScriptedModel([*turns, finish()]))
    assert [one.tool for one in outcome.of(ToolStarted)] == ["post", "put", "post"]
    again = outcome.of(Observed)[1]
    assert again.text.startswith("posted x\n(Not run again: this very call was made in step 1")


def test_ctrl_c_while_the_model_thinks_stops_the_run_and_resume_goes_on(small: House) -> None:
    outcome = small.run("Look.", ScriptedModel([KeyboardInterrupt()]))
    assert outcome.ended == Stopped(state="interrupted", reason="stopped by the user")
    assert small.resume(ScriptedModel([finish()])).ended.state == "reached"


def test_a_failure_has_the_shape_that_observations_promise(small: House) -> None:
    outcome = small.run("Fall.", ScriptedModel([called("fall", how="tool error"), finish()]))
    assert outcome.of(Observed)[0].error == Failure(kind="tool", message="not so", hint="but so")


@tool(effect=Effect.WRITE)
def scribble(name: str, *, context: Context) -> str:
    """Write to a file without saying so in its types.

    Args:
        name: The file.
    """
    context.workspace.write(name, b"<insert text here>")
    return "written"


def test_a_file_that_a_tool_wrote_unannounced_is_in_the_record(house: House) -> None:
    house.tools, house.built_in = (scribble,), False
    outcome = house.run("Write.", ScriptedModel([called("scribble", name="out.txt"), *[finish()] * 3]))
    assert [change.path for change in outcome.of(Observed)[0].files] == ["out.txt"]
    assert outcome.ended.state == "not_reached"  # and its placeholder is seen
