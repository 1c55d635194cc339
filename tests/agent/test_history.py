"""The history: events folded into what the rest asks about."""

from __future__ import annotations

from itertools import count

import pytest

from agent.events import (
    CheckResult,
    Effect,
    Event,
    Failure,
    Feedback,
    FileChange,
    Finished,
    LimitReached,
    ModelCalled,
    NoteWritten,
    Observed,
    Progress,
    Recalled,
    RecalledNote,
    Record,
    RunResumed,
    Stopped,
    Thought,
    ThoughtDelta,
    ToolCall,
    ToolStarted,
    Usage,
    Verdict,
    WindowFolded,
)
from agent.history import History
from tests.kits import opening

RESUMED = RunResumed(model="m", limits={"steps": 9}, unattended=True, seconds=0.0)


def told(*events: Event | tuple[str, Event]) -> History:
    """A history of these events; a pair is an event at an address."""
    numbers = count(1)
    return History(
        Record(seq=(n := next(numbers)), time=0.0, elapsed=n / 10, path=path, event=event)
        for path, event in (one if isinstance(one, tuple) else ("", one) for one in events)
    )


def thought(step: int, *calls: str, text: str = "") -> Thought:
    return Thought(text=text, step=step, calls=tuple(ToolCall(id=one, tool=one.rstrip("0123456789")) for one in calls))


def started(
    call: str, *, tool: str = "work", effect: Effect = "write", attempt: int = 1, arguments: str = "h"
) -> ToolStarted:
    return ToolStarted(
        call=call,
        tool=tool,
        arguments={},
        arguments_hash=arguments,
        effect=effect,
        attempt=attempt,
    )


def observed(
    call: str, *, tool: str = "work", ok: bool = True, files: tuple[FileChange, ...] = (), hashed: str = ""
) -> Observed:
    error = None if ok else Failure(kind="tool", message="no")
    return Observed(call=call, tool=tool, ok=ok, text="x", error=error, files=files, arguments_hash=hashed)


def change(path: str, kind: str, sha256: str | None = "s") -> FileChange:
    return FileChange(path=path, change=kind, bytes=1 if sha256 else 0, sha256=sha256)  # type: ignore[arg-type]


def test_an_empty_history_knows_of_nothing() -> None:
    history = told()
    assert (history.step, history.open_calls(), history.open_finishes(), history.pending_feedback()) == (
        0,
        (),
        (),
        None,
    )
    assert history.started is None
    assert not history.is_open("c1")


def test_open_calls_are_those_of_the_last_thought_without_a_result() -> None:
    history = told(
        thought(1, "work1", "work2", "finish3"),
        Verdict(call="work1", decision="allow", by="policy", reason="r"),
        started("work1"),
        observed("work1"),
        Verdict(call="work2", decision="allow", by="policy", reason="r"),
    )
    (one,) = history.open_calls()
    assert one.call.id == "work2"
    assert one.verdict is not None
    assert one.started is None
    assert history.open_finishes() == [ToolCall(id="finish3", tool="finish")]
    assert [history.is_open(call) for call in ("work1", "work2")] == [False, True]


def test_an_ended_run_has_no_open_calls_until_it_is_resumed() -> None:
    events: list[Event] = [thought(1, "work1"), started("work1"), Stopped(state="limit", reason="steps")]
    assert told(*events).open_calls() == ()
    assert told(*events).ended == events[-1]
    (one,) = told(*events, RESUMED).open_calls()
    assert one.started == events[1]


def test_spending_counts_thoughts_and_paid_questions_at_any_address() -> None:
    usage = Usage(prompt_tokens=10, cached_tokens=4, completion_tokens=2, usd=0.5)
    asked = ModelCalled(purpose="p", request="r", text="t", usage=usage, model="m")
    history = told(Thought(text="x", usage=usage, step=1), asked, ("c1", asked))
    spend = history.spend
    assert (spend.model_calls, spend.tokens, spend.cached_tokens, spend.usd, spend.priced) == (3, 36, 12, 1.5, True)
    assert history.answered == {("", "r"): [asked], ("c1", "r"): [asked]}


def test_one_call_of_unknown_price_makes_the_sum_one_of_unknown_price() -> None:
    history = told(Thought(text="x", usage=Usage(usd=None), step=1), Thought(text="x", usage=Usage(usd=0.25), step=2))
    assert (history.spend.priced, history.spend.usd) == (False, 0.25)


def test_a_call_made_again_after_an_interruption_counts_once() -> None:
    history = told(thought(1, "work1"), started("work1"), RESUMED, started("work1", attempt=2))
    assert history.tool_calls["work"] == 1
    intent = history.intent("work1")
    assert intent is not None
    assert intent.attempt == 2


@pytest.mark.parametrize(
    ("changes", "left"),
    [
        ([("a", "created"), ("a", "changed")], {"a": "created"}),
        ([("a", "created"), ("a", "deleted")], {}),
        ([("a", "changed"), ("a", "deleted")], {"a": "deleted"}),
        ([("a", "deleted"), ("a", "created")], {"a": "changed"}),
    ],
)
def test_files_are_told_by_their_last_change(changes: list[tuple[str, str]], left: dict[str, str]) -> None:
    files = tuple(change(path, kind, None if kind == "deleted" else "s") for path, kind in changes)
    history = told(thought(1, "work1"), *(observed("work1", files=(one,)) for one in files))
    assert {path: one.change for path, one in history.files.items()} == left


def test_what_a_tool_did_inside_counts_as_files_and_calls_but_not_as_steps() -> None:
    history = told(
        thought(1, "work1"),
        started("work1"),
        ("work1/1", started("work1/1", tool="put")),
        ("work1/1", observed("work1/1", tool="put", files=(change("a", "created"),))),
        ("work1", NoteWritten(id="n1", text="t", note="note", namespace="s")),
        ("work1", Recalled(query="q", notes=())),
    )
    assert list(history.files) == ["a"]
    assert history.tool_calls == {"work": 1, "put": 1}
    assert history.notes_written == 1
    assert history.done == []
    assert [one.started for one in history.open_calls()] == [started("work1")]


def test_calls_inside_are_found_by_the_call_that_made_them() -> None:
    history = told(
        thought(1, "work1"),
        ("work1/1", started("work1/1", tool="a")),
        ("work1/1/1", started("work1/1/1", tool="b")),
        ("work1/1/1", observed("work1/1/1", tool="b")),
        ("work1/2", started("work1/2", tool="c")),
        ("work1/2", observed("work1/2", tool="c")),
        ("work1/3", started("work1/3", tool="d")),
        ("work1/3/1", started("work1/3/1", tool="e")),
    )
    assert [(path, result is not None) for path, _, result in history.nested("work1")] == [
        ("work1/1", False),
        ("work1/2", True),
        ("work1/3", False),
    ]
    assert [path for path, _ in history.open_nested("work1")] == ["work1/1", "work1/3", "work1/3/1"]
    assert history.nested("other") == []


def test_a_result_of_nothing_that_was_begun_is_no_result_of_a_call_inside() -> None:
    history = told(thought(1, "work1"), ("work1/1", observed("work1/1")))
    assert history.nested("work1") == []


def test_refusals_are_remembered_until_the_run_is_resumed() -> None:
    events: list[Event | tuple[str, Event]] = [
        thought(1, "work1"),
        Verdict(call="work1", decision="deny", by="policy", reason="no"),
        ("work1/1", Verdict(call="work1/1", decision="deny", by="policy", reason="inside no")),
        LimitReached(name="tool_calls.work", used=1, allowed=1, text="t"),
        ("work1/1", LimitReached(name="tool_calls.work", used=1, allowed=1, text="t")),
    ]
    history = told(*events)
    assert history.denied == ["no", "inside no"]
    assert history.limited == {"tool_calls.work": 2}
    assert len(history.limits) == 2
    again = told(*events, RESUMED)
    assert (again.denied, again.limited, again.raised, again.resumes) == ([], {}, {"steps": 9}, 1)


def test_a_resume_marks_what_was_before_it() -> None:
    check = CheckResult(name="n", passed=False, detail="d", attempt=2)
    history = told(
        thought(1, "finish1"), observed("finish1", tool="finish", ok=False), check, RESUMED, thought(2, "finish2")
    )
    assert (history.steps_before, history.done_before, history.checked_before, history.refused_finishes) == (1, 1, 2, 0)


def test_limits_stated_at_the_start_are_those_that_flags_raised() -> None:
    opened = opening(limits={"steps": 5})
    history = told(opened)
    assert history.raised == {"steps": 5}
    assert history.started == opened


def test_checks_are_those_of_the_last_round() -> None:
    first = CheckResult(name="n", passed=True, detail="d", phase="before")
    results = [CheckResult(name="n", passed=False, detail="d", attempt=n) for n in (1, 1, 2)]
    history = told(first, *results)
    assert history.before == [first]
    assert history.checks == results[2:]
    assert history.checked == 2


def test_feedback_belongs_to_the_step_before_it_and_waits_for_the_next_thought() -> None:
    early, mine, guards = (
        Feedback(text="early", origin="user"),
        Feedback(text="mine", origin="user"),
        Feedback(text="g", origin="guard"),
    )
    assert told(early).pending_feedback() == "early"
    history = told(early, thought(1, text="x"), mine, guards)
    assert history.preface == [early]
    assert history.steps[0].feedback == [mine, guards]
    assert history.pending_feedback() == "mine"
    assert told(early, thought(1, text="x"), mine, thought(2, text="y")).pending_feedback() is None


def test_a_learned_window_stays_learned_when_the_next_folding_says_nothing_of_it() -> None:
    def folded(window: int | None) -> WindowFolded:
        return WindowFolded(
            upto=0, until=0, cap=None, summary="", tokens_before=1, tokens_after=1, mechanical=True, window=window
        )

    history = told(folded(4000), folded(None))
    assert history.window == 4000
    assert history.fold == folded(None)


def test_notes_and_what_passes_by() -> None:
    note = RecalledNote(id="n1", text="t", score=0.5, kind="fact", origin="user", date="2026-01-01")
    history = told(
        Recalled(query="q", notes=(note,)),
        NoteWritten(id="n2", text="t", note="note", namespace="s"),
        ThoughtDelta(text="x"),
        Progress(text="x"),
        Finished(state="reached", answer="a", reason="r"),
    )
    assert history.notes == (note,)
    assert history.notes_written == 1
    assert history.ended == Finished(state="reached", answer="a", reason="r")
    assert (history.seq, history.seconds) == (5, 0.5)


def test_a_result_before_any_thought_is_passed_over() -> None:
    assert told(observed("c1")).done == []


def test_done_calls_carry_what_the_guard_compares() -> None:
    history = told(
        thought(1, "work1", "work2"),
        started("work1", effect="send", arguments="h1"),
        observed("work1"),
        observed("work2", ok=False, hashed="h2"),
    )
    assert [(one.arguments_hash, one.effect, one.ok, one.error, one.step) for one in history.done] == [
        ("h1", "send", True, "", 1),
        ("h2", "read", False, "no", 1),
    ]
