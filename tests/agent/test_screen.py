"""The screen: events told to a person, with nothing foreign that could pass for ours."""

from __future__ import annotations

import dataclasses
import io
import re
import time
from collections.abc import Iterable
from typing import Any

import pytest
from rich.console import Console

from agent.events import (
    CheckResult,
    Event,
    Failure,
    Feedback,
    FileChange,
    FileState,
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
    RunStarted,
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
from agent.screen import OFFLINE, Screen, arguments_line, folded, make_console, size
from agent.screen.reporting import with_what
from agent.spending import Allowed

ALLOWED = Allowed(steps=50, tokens=1_000_000, usd=1.0)
HOSTILE = "\x1b[2J\x1b]8;;http://evil.test\x07click\x1b]8;;\x07\x9b31m\u202etxt.exe\U000e0041[bold red]loud[/bold red]"


class Told:
    """What a screen wrote, event by event."""

    def __init__(
        self,
        *,
        terminal: bool = False,
        width: int = 80,
        quiet: bool = False,
        colour: bool = False,
        introduced: bool = False,
    ) -> None:
        self.stream = io.StringIO()
        self.console = Console(
            file=self.stream,
            force_terminal=terminal,
            width=width,
            no_color=not colour,
            highlight=False,
            emoji=False,
            markup=False,
            legacy_windows=False,
        )
        self.history = History()
        self.screen = Screen(self.console, self.history, ALLOWED, quiet=quiet, introduced=introduced)
        self.seq = 0

    def tell(self, *events: Event, path: str = "") -> str:
        """Tell events; what was written for them."""
        before = len(self.stream.getvalue())
        for event in events:
            self.seq += 1
            record = Record(seq=self.seq, time=0.0, elapsed=self.seq / 2, path=path, event=event)
            self.history.apply(record)
            self.screen(record)
        return self.stream.getvalue()[before:]

    def report(self, ended: Finished | Stopped, *, resumable: bool = True) -> str:
        before = len(self.stream.getvalue())
        self.screen.report("20260101-000000-aaaa", ended, resumable=resumable)
        return self.stream.getvalue()[before:]


def started(**more: Any) -> RunStarted:
    fields: dict[str, Any] = {
        "run_id": "20260101-000000-aaaa",
        "goal": {},
        "source": None,
        "model": "gpt-x",
        "workspace": "/work",
        "namespace": "n",
        "unattended": True,
        "tools": (),
        "thinkact": "1",
    }
    return RunStarted(**fields | more)


def intent(arguments: dict[str, Any], call: str = "c1") -> ToolStarted:
    return ToolStarted(call=call, tool="work", arguments=arguments, arguments_hash="h", effect="write")


STYLE = re.compile("\x1b\\[[0-9;]*m")
"""How a terminal is told of a style."""


def lines(text: str) -> list[str]:
    return text.rstrip("\n").split("\n")


def test_a_run_begins_with_its_id_model_and_workspace() -> None:
    assert Told().tell(started()) == "run 20260101-000000-aaaa · model gpt-x · workspace /work\n"


def test_the_offline_model_is_said_to_follow_rules_where_it_is_introduced_and_only_there() -> None:
    assert lines(Told(introduced=True).tell(started(model="offline")))[1:] == list(OFFLINE)
    assert len(lines(Told().tell(started(model="offline")))) == 1


def test_a_step_is_told_by_its_cost_its_words_its_calls_and_what_became_of_the_files() -> None:
    told = Told()
    usage = Usage(prompt_tokens=12_000, completion_tokens=400, usd=0.08)
    assert told.tell(Thought(text="I write.\nNow.", step=7, usage=usage)) == (
        "step 7 · 12.4k tokens · $0.08 of $1.00\n│ I write.\n│ Now.\n"
    )
    assert told.tell(intent({"path": "a.txt", "text": "x" * 200, "deep": {"n": [1]}})) == (
        f'  → work(path="a.txt", text="{"x" * 80} … (200 characters)", deep={{\'n\': [1]}})\n'
    )
    change = FileChange(path="a.txt", change="created", bytes=4100, sha256="s")
    observed = Observed(call="c1", tool="work", ok=True, text="wrote", files=(change,), seconds=2.25)
    assert told.tell(observed) == "    created a.txt, 4.1 kB (2.2 s)\n"


def test_a_result_is_shown_in_a_frame_and_cut() -> None:
    text = "\n".join(f"line {n}" for n in range(9)) + "\n"
    shown = lines(Told().tell(Observed(call="c1", tool="work", ok=True, text=text)))
    assert shown == [*(f"  │ line {n}" for n in range(6)), "  │ … 3 more lines"]
    shown = lines(Told().tell(Observed(call="c1", tool="work", ok=True, text="y" * 500)))
    assert shown == [f"  │ {'y' * 400} …"]


def test_failures_and_refusals_are_told() -> None:
    told = Told()
    error = Failure(kind="tool", message="no")
    assert (
        told.tell(Observed(call="c", tool="work", ok=False, text="no\nhint: do", error=error))
        == "  │ no\n  │ hint: do\n"
    )
    assert told.tell(Verdict(call="c", decision="deny", by="policy", reason="not\nso")) == "  denied: not\\nso\n"
    assert told.tell(Verdict(call="c", decision="allow", by="policy", reason="r")) == ""
    call = ToolCall(id="c", tool="work", fault="cut off")
    assert told.tell(Thought(text="", step=1, calls=(call,))).endswith(
        "  → work: its arguments could not be read: cut off\n"
    )


def test_the_result_of_finish_is_not_told() -> None:
    assert Told().tell(Observed(call="f", tool="finish", ok=False, text="not yet")) == ""


def test_work_inside_a_tool_stands_further_in() -> None:
    told = Told()
    assert told.tell(intent({}), path="c1/1").startswith("    → work()")
    assert told.tell(Observed(call="c1/1", tool="work", ok=True, text="x"), path="c1/1") == "    │ x\n"


def test_everything_else_has_its_line() -> None:
    told = Told()
    note = RecalledNote(id="n1", text="likes tea", score=0.51, kind="fact", origin="user", date="2026-01-01")
    folding = WindowFolded(
        upto=4, until=0, cap=None, summary="s", tokens_before=900, tokens_after=300, mechanical=False
    )
    cases: Iterable[tuple[Event, str]] = [
        (
            RunResumed(model="m", limits={}, unattended=True, seconds=12.4),
            "goes on after 12 s of work, with m\n",
        ),
        (
            Recalled(query="q", notes=(note,)),
            "  recalled 1 note (start)\n  │ 0.51 [n1, 2026-01-01, fact by user] likes tea\n",
        ),
        (
            Recalled(query="q", notes=(dataclasses.replace(note, score=None),)),
            "  recalled 1 note (start)\n  │ always [n1, 2026-01-01, fact by user] likes tea\n",
        ),
        (NoteWritten(id="n2", text="t", note="fact", namespace="n"), "  remembered as n2 (fact, in n): t\n"),
        (
            NoteWritten(id="n3", text="t\nu", note="fact", namespace="n", state="replaced", replaced=("n2",)),
            "  remembered as n3 (fact, in n), in place of n2: t u\n",
        ),
        (
            NoteWritten(id="n3", text="t", note="note", namespace="n", state="counted"),
            "  remembered before as n3 (note, in n): t\n",
        ),
        (
            NoteWritten(id="n1", text="t", note="note", namespace="n", state="covered"),
            "  not kept beside the user's own note n1 (note, in n): t\n",
        ),
        (
            ModelCalled(purpose="judge", request="r", text="t", usage=Usage(prompt_tokens=7), model="m"),
            "  asked the model: judge (7 tokens)\n",
        ),
        (folding, "  window folded by the model: steps 1 to 4, 900 → 300 tokens\n"),
        (CheckResult(name="a", passed=True, detail="4 bytes"), "  check passed: a (4 bytes)\n"),
        (CheckResult(name="a", passed=False, detail="not there"), "  check failed: a (not there)\n"),
        (CheckResult(name="a", passed=False, detail="d", required=False), "  optional check failed: a (d)\n"),
        (CheckResult(name="a", passed=True, detail="d", phase="before"), "  passes already, before the run: a\n"),
        (Feedback(text="be quick", origin="user"), "  user: be quick\n"),
        (Feedback(text="your turn was empty", origin="product"), "  to the agent: your turn was empty\n"),
        (Feedback(text="a: d", origin="checks"), ""),  # each failed check has told it
        (LimitReached(name="steps", used=1, allowed=1, text="1 of 1"), "  limit steps: 1 of 1\n"),
        (Finished(state="reached", answer="a", reason="r"), ""),
    ]
    for event, words in cases:
        assert told.tell(event) == words
    assert "by rule" in told.tell(dataclasses.replace(folding, mechanical=True))
    assert told.tell(dataclasses.replace(folding, window=4000)) == "  the endpoint's window is learned: 4000 tokens\n"


def hostile_events(text: str) -> list[Event]:
    note = RecalledNote(id=text, text=text, score=0.5, kind="fact", origin=text, date=text)
    change = FileChange(path=text, change="created", bytes=1, sha256="s")
    return [
        started(model=text, workspace=text),
        RunResumed(model=text, limits={}, unattended=True, seconds=0.0),
        Recalled(query=text, notes=(note,)),
        ThoughtDelta(text=text),
        ThoughtDelta(text=text, channel="notice"),
        Progress(text=text),
        Progress(text=text, done=1, total=2),
        Thought(text=text, step=1, calls=(ToolCall(id="c", tool=text, fault=text),)),
        Verdict(call="c", decision="deny", by="policy", reason=text),
        ToolStarted(call="c", tool=text, arguments={text: text, "n": [text]}, arguments_hash="h", effect="read"),
        Observed(call="c", tool="t", ok=True, text=text),
        Observed(call="c", tool="t", ok=True, text=text, files=(change,)),
        Observed(call="c", tool="t", ok=False, text=text, error=Failure(kind="tool", message=text)),
        ModelCalled(purpose=text, request="r", text=text, usage=Usage(), model=text),
        CheckResult(name=text, passed=False, detail=text),
        CheckResult(name=text, passed=True, detail=text, phase="before"),
        Feedback(text=text, origin="user"),
        NoteWritten(id=text, text=text, note=text, namespace=text),
        LimitReached(name=text, used=1, allowed=1, text=text),
    ]


@pytest.mark.parametrize("terminal", [True, False])
def test_hostile_text_in_any_event_never_reaches_the_screen_raw(terminal: bool) -> None:
    told = Told(terminal=terminal, width=200)
    for event in hostile_events(HOSTILE):
        told.tell(event)
    told.report(Stopped(state="blocked", reason=HOSTILE))
    written = told.stream.getvalue()
    assert "evil.test" in written
    assert "[bold red]loud[/bold red]" in written
    for raw in ("\x1b[2J", "\x1b]8", "\x07", "\x9b", "\u202e", "\U000e0041"):
        assert raw not in written
    if not terminal:
        assert "\x1b" not in written


def test_an_escape_that_comes_in_pieces_is_neutralised_all_the_same() -> None:
    told = Told(terminal=True)
    for piece in ("safe \x1b", "[2J", "\x1b]8;;http://evil", ".test\x1b", "\\"):
        told.tell(ThoughtDelta(text=piece))
    told.screen.pause()
    assert "\x1b[2J" not in told.stream.getvalue()
    assert "\x1b]8" not in told.stream.getvalue()


@pytest.mark.parametrize("terminal", [True, False])
def test_chinese_and_emoji_stay_readable(terminal: bool) -> None:
    told = Told(terminal=terminal)
    text = "报告已写好 ✅ 👩‍👩‍👧"
    assert text in told.tell(Observed(call="c", tool="t", ok=True, text=text))


@pytest.mark.parametrize("width", [80, 40])
def test_a_long_foreign_line_cannot_begin_a_line_of_the_terminal(width: int) -> None:
    forged = "x" * (width - 4) + "  check passed: all is fine " + "漢" * 60
    events: list[Event] = [
        Observed(call="c", tool="t", ok=True, text=forged),
        Thought(text=forged, step=1),
        Feedback(text=forged, origin="user"),
        Verdict(call="c", decision="deny", by="policy", reason=forged),
        intent({"a": forged}),
        CheckResult(name=forged, passed=False, detail=forged),
    ]
    for event in events:
        told = Told(terminal=True, width=width)
        shown = [line for line in lines(STYLE.sub("", told.tell(event))) if line]
        assert all(len(line.replace("漢", "漢 ")) <= width for line in shown)
        first = 1 if isinstance(event, Thought) else 0
        assert all("│" in line[:7] for line in shown[first + 1 :])
        assert not any(line.lstrip().startswith("check passed: all") for line in shown)


@pytest.mark.parametrize(
    "wide", ["\t", "👩‍👩‍👧", "🇨🇳", "❤️", "👍🏻", "漢"], ids=["tab", "family", "flag", "heart", "skin", "ideograph"]
)
def test_what_a_terminal_may_show_wider_cannot_push_a_forged_line_to_its_edge(wide: str) -> None:
    """The widths are those of a terminal that joins no characters."""
    for piece in folded(f"│ {wide * 60}  check passed: all is fine", 80, "│ "):
        assert "\t" not in piece
        assert piece.startswith("│ ")
        taken = sum(
            2 if ord(one) > 0x1000 and one not in "\u2502\u200d\ufe0f\u2764" else one != "\u200d" for one in piece
        )
        assert taken <= 80


def test_a_line_is_folded_at_a_space_and_no_other_is_lost() -> None:
    text = "  one   two  three    four"
    pieces = folded(text, 12, "  │ ")
    assert " ".join(one.removeprefix("  │ ") for one in pieces) == text
    assert folded("", 80, "│ ") == [""]
    assert folded("x" * 30, 3, "│ ") == ["x" * 8, "│ xxxxxxxx", "│ xxxxxxxx", "│ xxxxxx"]


def test_a_log_file_has_one_line_for_each_line_however_long() -> None:
    told = Told(width=80)
    assert told.tell(Feedback(text="word " * 100, origin="user")).count("\n") == 1


def test_a_line_is_folded_with_a_frame_and_nothing_is_lost() -> None:
    assert folded("short", 80, "  │ ") == ["short"]
    text = "one two three four five six seven eight nine ten"
    pieces = folded(text, 24, "  │ ")
    assert all(len(one) <= 24 for one in pieces)
    assert all(one.startswith("  │ ") for one in pieces[1:])
    assert " ".join(one.removeprefix("  │ ") for one in pieces) == text
    assert "".join(one.removeprefix("│ ") for one in folded("漢" * 50, 20, "│ ")) == "漢" * 50


def test_the_live_line_is_there_on_a_terminal_only() -> None:
    at_terminal, in_file = Told(terminal=True), Told()
    for told in (at_terminal, in_file):
        told.tell(Thought(text="", step=3), ThoughtDelta(text="thinking of tea"))
        told.screen.pause()
    assert "step 3" in at_terminal.stream.getvalue()
    assert "thinking of tea" in at_terminal.stream.getvalue()
    assert "thinking of tea" not in in_file.stream.getvalue()


def test_what_a_tool_asks_the_model_is_told_in_one_line_on_a_terminal_and_line_by_line_in_a_log() -> None:
    at_terminal, in_file = Told(terminal=True), Told()
    for told in (at_terminal, in_file):
        for number in range(3):
            usage = Usage(prompt_tokens=1_000 + number)
            told.tell(ModelCalled(purpose="summary", request="r", text="t", usage=usage, model="m"), path="c1")
        told.tell(Observed(call="c1", tool="t", ok=True, text="done"))
    assert "asked the model: summary (3 times, 3003 tokens)\n" in STYLE.sub("", at_terminal.stream.getvalue())
    assert at_terminal.stream.getvalue().count("asked the model") == 1
    assert in_file.stream.getvalue().count("    asked the model: summary (100") == 3


def test_progress_has_a_bar_where_the_total_is_known() -> None:
    told = Told(terminal=True)
    told.tell(Progress(text="loading", done=5, total=10))
    told.screen.pause()
    assert "█" * 10 + "░" * 10 + " 5 of 10 loading" in told.stream.getvalue()
    told.tell(Progress(text="no total"))
    told.screen.pause()
    assert "· no total" in told.stream.getvalue()


@pytest.mark.parametrize(
    ("done", "bar"), [(30, "█" * 20 + " 30 of 10"), (None, "░" * 20 + " 0 of 10"), (-5, "░" * 20 + " -5 of 10")]
)
def test_progress_that_makes_no_sense_does_no_harm(done: float | None, bar: str) -> None:
    told = Told(terminal=True)
    told.tell(Progress(text="x", done=done, total=10))
    told.screen.pause()
    assert f"· {bar} x" in told.stream.getvalue()


def test_a_log_has_a_line_for_progress_now_and_then() -> None:
    told = Told(terminal=False)
    told.tell(Progress(text="drawing\x1b[1m", done=1, total=20))
    assert told.stream.getvalue() == ""  # it has just begun
    time.sleep(1.05)
    told.tell(*(Progress(text="drawing\x1b[1m", done=step, total=20) for step in range(2, 21)))
    assert told.stream.getvalue() == "    drawing\\x1b[1m: 10 % (2 of 20)\n"


def test_a_thought_that_begins_anew_forgets_what_was_streamed() -> None:
    told = Told(terminal=True, width=200)
    told.tell(ThoughtDelta(text="old words "), ThoughtDelta(text="", channel="restart"), ThoughtDelta(text="new words"))
    told.screen.pause()
    assert "old words new" not in told.stream.getvalue()


def test_that_the_model_reasons_is_shown_and_not_what() -> None:
    told = Told(terminal=True)
    told.tell(ThoughtDelta(text="hidden", channel="reasoning"))
    told.screen.pause()
    assert "step 1 · 0 tokens · $0.00 of $1.00 · thinking …" in told.stream.getvalue()
    assert "hidden" not in told.stream.getvalue()


def test_the_live_line_tells_the_step_that_is_under_way() -> None:
    told = Told(terminal=True)
    told.tell(ThoughtDelta(text="first words"))
    told.screen.pause()
    told.tell(Thought(text="first words", step=1), intent({}))
    told.tell(Progress(text="loading"))
    told.screen.pause()
    told.tell(ThoughtDelta(text="an answer to a tool"), path="c1")
    told.screen.pause()
    told.tell(ThoughtDelta(text="second words"))
    told.screen.pause()
    shown = re.findall(r"step (\d+) · 0 tokens · \$0\.00 of \$1\.00 · ([a-z ]+)", told.stream.getvalue())
    assert {words.strip(): step for step, words in shown} == {
        "first words": "1",
        "loading": "1",
        "an answer to a tool": "1",
        "second words": "2",
    }


def test_of_a_long_streamed_line_the_end_is_shown() -> None:
    told = Told(terminal=True, width=60)
    told.tell(ThoughtDelta(text="漢字 " * 40 + "the newest words"))
    told.screen.pause()
    assert "the newest words" in told.stream.getvalue()


def program(
    *, code: int | None = 0, said: str = "12 passed", path: str = "checks1/2", run: str = "pytest -q"
) -> list[str]:
    """What is told of a check's program; without a code it is denied."""
    told = Told()
    if code is None:
        told.tell(
            Verdict(call=path, decision="deny", by="policy", reason=f"the check `{run}`: nobody\nasked"), path=path
        )
        error = Failure(kind="denied", message="nobody asked")
        told.tell(Observed(call=path, tool="run_check", ok=False, text="Error", error=error), path=path)
        return lines(told.stream.getvalue())
    told.tell(Verdict(call=path, decision="allow", by="policy", reason="-y"), path=path)
    started = ToolStarted(call=path, tool="run_check", arguments={"run": run}, arguments_hash="h", effect="execute")
    told.tell(started, path=path)
    text = f"ended with {code}: {said}"
    failure = Failure(kind="program", message=text) if code else None
    told.tell(Observed(call=path, tool="run_check", ok=not code, text=text, error=failure, seconds=1.2), path=path)
    return lines(told.stream.getvalue())


def test_a_program_of_a_check_is_one_calm_line() -> None:
    assert program() == ["  check program: pytest -q ended with 0 (1.2 s)"]
    assert program(code=3, said="1 failed: x") == ["  check program: pytest -q ended with 3 (1.2 s)"]
    assert program(path="checks12/3", run="x" * 70) == [f"  check program: {'x' * 60} … ended with 0 (1.2 s)"]
    assert program(code=None) == ["  check program not run: the check `pytest -q`: nobody\\nasked"]
    assert program(run=HOSTILE)[0].startswith("  check program: \\x1b[2J")
    assert not any("\x1b" in line for line in program(run=HOSTILE, code=1, said=HOSTILE))


def test_a_program_that_runs_is_in_the_live_line() -> None:
    told = Told(terminal=True)
    told.tell(
        Thought(text="", step=4),
        ToolStarted(call="c", tool="run_check", arguments={"run": "make"}, arguments_hash="h", effect="execute"),
        path="checks1/1",
    )
    told.screen.pause()
    assert "check program: make" in told.stream.getvalue()


def test_a_call_that_is_answered_without_being_made_is_named() -> None:
    told = Told()
    calls = (ToolCall(id="c", tool="wrok", arguments={"a": 1}), ToolCall(id="d", tool="work", fault="cut off"))
    told.tell(Thought(text="", step=1, calls=calls))
    error = Failure(kind="unknown-tool", message="there is no tool")
    observed = Observed(call="c", tool="wrok", ok=False, text="there is no tool", error=error, arguments_hash="h")
    assert told.tell(observed) == "  → wrok(a=1) is not made\n  │ there is no tool\n"
    fault = dataclasses.replace(observed, call="d", text="cut off")
    assert told.tell(fault) == "  │ cut off\n"  # its thought has named it


def test_a_denial_is_told_once_and_what_the_model_reads_of_it_not_at_all() -> None:
    told = Told()
    told.tell(Verdict(call="c", decision="deny", by="person", reason="the user said no"))
    error = Failure(kind="denied", message="the user said no")
    assert told.tell(Observed(call="c", tool="work", ok=False, text="Error (denied): no", error=error)) == ""
    assert told.tell(Observed(call="d", tool="work", ok=False, text="Error (denied): x", error=error)) != ""


def paid(told: Told, usd: float | None, step: int = 1) -> list[str]:
    usage = Usage(prompt_tokens=1500, usd=usd)
    return lines(told.tell(Thought(text="", step=step, usage=usage)))


def test_that_a_limit_on_money_does_not_hold_is_said_once() -> None:
    told = Told()
    assert paid(told, None) == [
        "step 1 · 1.5k tokens · $0.00 and calls of unknown price",
        "  the price of this model is not known: the limit of $1.00 does not hold, that of 1.00M tokens holds",
    ]
    assert len(paid(told, None, 2)) == 1


def test_a_limit_on_money_that_was_stated_for_a_model_that_costs_nothing_is_told_of() -> None:
    told = Told()
    assert paid(told, 0.0) == ["step 1 · 1.5k tokens · $0.00"]
    for more in ({"limits": {"usd": 1.0}}, {"goal": {"budget": {"usd": 1.0}}}):
        told = Told()
        told.tell(started(**more))
        [_, line] = paid(told, 0.0)
        assert line.startswith(
            "  this model costs nothing where it is asked: the limit of $1.00 is not used up, that of"
        )
        assert len(paid(told, 0.0, 2)) == 1


def test_a_notice_is_a_line_of_its_own() -> None:
    assert Told().tell(ThoughtDelta(text="the server is busy", channel="notice")) == "  the server is busy\n"


def still_waiting(seconds: float) -> ThoughtDelta:
    return ThoughtDelta(text=f"still waiting for host, {seconds:.0f} s", channel="notice", waited=seconds)


def test_waiting_for_a_model_is_told_in_a_log_by_a_line_now_and_then() -> None:
    told = Told()
    assert told.tell(still_waiting(5.0)) == ""
    assert told.tell(still_waiting(15.0)) == "  still waiting for host, 15 s\n"
    assert Told(quiet=True).tell(still_waiting(60.0)) == ""


def test_on_a_terminal_the_live_line_tells_that_a_model_is_waited_for() -> None:
    told = Told(terminal=True)
    told.tell(still_waiting(5.0))
    assert told.screen._printer._live is not None
    (line,) = told.screen._printer._live.get_renderable().plain.split("\n")  # type: ignore[union-attr]
    assert line == "step 1 · 0 tokens · $0.00 of $1.00 · still waiting for host, 5 s"
    told.screen.pause()


def test_a_quiet_screen_tells_nothing_but_notices() -> None:
    told = Told(quiet=True, terminal=True)
    told.tell(started(), Thought(text="x", step=1), ThoughtDelta(text="x"), Progress(text="x"))
    assert told.stream.getvalue() == ""
    assert "busy" in told.tell(ThoughtDelta(text="busy", channel="notice"))


def test_pausing_without_a_live_line_does_nothing() -> None:
    told = Told()
    told.screen.pause()
    assert told.stream.getvalue() == ""


def test_the_report_tells_state_files_checks_cost_and_how_to_go_on() -> None:
    told = Told()
    changes = (
        FileChange(path="out.md", change="created", bytes=312, sha256="0123456789abcdef"),
        FileChange(path="old.txt", change="deleted", bytes=0, sha256=None),
    )
    told.tell(
        CheckResult(name="b", passed=True, detail="d", phase="before"),
        Thought(text="x", step=1, usage=Usage(prompt_tokens=500, usd=0.01)),
        Observed(call="c", tool="t", ok=True, text="x", files=changes),
        CheckResult(name="a", passed=True, detail="d"),
        CheckResult(name="b", passed=False, detail="d"),
    )
    assert lines(told.report(Stopped(state="limit", reason="50 of 50 steps are used"))) == [
        "",
        "limit: 50 of 50 steps are used",
        "  created  out.md  312 B  sha256 0123456789ab",
        "  deleted  old.txt  0 B",
        "  checks   1 of 2 passed",
        "  note     passed before the run began: b",
        "  cost     1 step · 500 tokens · $0.01 of $1.00 · 2.5 s",
        "  go on    thinkact resume 20260101-000000-aaaa",
    ]


def test_optional_checks_are_told_and_counted_apart() -> None:
    told = Told()
    optional = CheckResult(name="b", passed=False, detail="d", required=False)
    assert told.tell(optional) == "  optional check failed: b (d)\n"
    ended = Finished(state="reached", answer="a", reason="r")
    assert "  checks   none required; 0 of 1 optional passed" in lines(told.report(ended))
    told.tell(CheckResult(name="a", passed=True, detail="d"))
    assert "  checks   1 of 1 passed, 0 of 1 optional" in lines(told.report(ended))


def test_a_report_without_checks_says_that_nothing_was_checked() -> None:
    shown = Told().report(Finished(state="reached", answer="a", reason="r"), resumable=False)
    assert "  checks   none: nothing was checked" in lines(shown)
    assert "go on" not in shown


def test_without_colour_no_colour_is_written() -> None:
    told = Told(terminal=True, colour=False)
    assert "\x1b[3" not in told.tell(
        Feedback(text="x", origin="user"), LimitReached(name="n", used=1, allowed=1, text="t")
    )
    assert "\x1b[" in Told(terminal=True, colour=True).tell(LimitReached(name="n", used=1, allowed=1, text="t"))


@pytest.mark.parametrize(("count", "shown"), [(0, "0 B"), (999, "999 B"), (4100, "4.1 kB"), (2_000_000, "2.0 MB")])
def test_sizes_are_for_people(count: int, shown: str) -> None:
    assert size(count) == shown


def test_many_arguments_are_cut_in_the_line() -> None:
    line = arguments_line({f"name{n}": n for n in range(100)})
    assert len(line) == 242
    assert line.endswith(" …")


def test_the_console_writes_to_stderr_or_where_it_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    make_console(colour=False).print("to stderr")
    found = capsys.readouterr()
    assert (found.out, found.err) == ("", "to stderr\n")
    stream = io.StringIO()
    make_console(colour=True, write=lambda: stream).print("[b]as it is[/b] :smile:")
    assert stream.getvalue() == "[b]as it is[/b] :smile:\n"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("steps", " --max-steps N"),
        ("time", " --max-time T"),
        ("tool_calls.web_search", " --max-tool-calls web_search=N"),
        ("another", ""),
    ],
)
def test_the_way_on_from_a_limit_names_the_flag_that_raises_it(name: str, words: str) -> None:
    limit = LimitReached(name=name, used=1, allowed=1, text="used")
    history = History([Record(seq=1, time=0, elapsed=0, path="", event=limit)])
    assert with_what(history, Stopped(state="limit", reason="used")) == words


def test_the_way_on_from_a_call_in_doubt_names_both_answers() -> None:
    assert with_what(History(), Stopped(state="blocked", reason="unsettled: x")) == " --settle again, or --settle done"
    assert with_what(History(), Stopped(state="blocked", reason="denied: x")) == ""


def test_a_write_that_changed_nothing_and_one_that_changed_much_are_told_in_few_words() -> None:
    state = FileState(path="a.md", sha256="s", bytes=3)
    same = ToolStarted(call="c1", tool="write_file", arguments={}, arguments_hash="h", effect="write", before=(state,))
    many = tuple(FileChange(path=f"{n}.md", change="deleted", bytes=0, sha256=None) for n in range(20))
    text = Told().tell(
        same,
        Observed(call="c1", tool="write_file", ok=True, text='{"change": "replaced"}'),
        Observed(call="c2", tool="move_file", ok=True, text="moved", files=many),
    )
    assert "  unchanged a.md\n" in text
    assert "replaced" not in text
    assert "  deleted 0.md\n" in text
    assert "  … 8 more files\n" in text
