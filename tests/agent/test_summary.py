"""The running summary of folded steps."""

from __future__ import annotations

import pytest

from agent.events import (
    Event,
    Failure,
    Feedback,
    FileChange,
    Observed,
    Record,
    Thought,
    ToolCall,
    WindowFolded,
)
from agent.history import History
from agent.summary import MOST_LASTING, digest, material, without_lasting
from memory.tokens import estimate
from tests.kits import opening


def told(steps: int, *, text: str = "result", goals: object = None, fail: tuple[int, ...] = ()) -> History:
    events: list[Event] = []
    if goals is not None:
        events.append(opening(goal={"goals": goals}))
    for n in range(1, steps + 1):
        call = ToolCall(id=f"c{n}", tool="look", arguments={"name": f"thing {n}", "size": "x" * 2000})
        events.append(Thought(text=f"I look at {n}.", calls=(call,), step=n))
        error = Failure(kind="tool", message=f"broken {n}") if n in fail else None
        change = FileChange(path=f"f{n}.txt", change="created", bytes=n, sha256="s")
        events.append(
            Observed(call=call.id, tool="look", ok=error is None, text=f"{text} {n}", error=error, files=(change,))
        )
    return History(Record(seq=n, time=0, elapsed=0, path="", event=event) for n, event in enumerate(events, 1))


def test_a_digest_tells_first_findings_files_failures_and_the_latest() -> None:
    lines = digest(told(6, fail=(4,)), 5, 2000, estimate).split("\n")
    assert lines[:3] == ["Step 1, look: result 1", "Step 2, look: result 2", "Step 3, look: result 3"]
    assert lines[3].startswith("Files: f1.txt (created, 1 bytes), f2.txt")
    assert lines[4] == "Failures: step 4: look: broken 4"
    assert lines[5] == "Step 5: I look at 5. look: result 5"
    assert not any("result 6" in line for line in lines)


@pytest.mark.parametrize("budget", [0, 1, 10, 40, 100, 700])
@pytest.mark.parametrize("text", ["word " * 300, "汉字" * 600])
def test_a_digest_keeps_to_its_budget(budget: int, text: str) -> None:
    assert estimate(digest(told(40, text=text, fail=(9, 10)), 40, budget, estimate)) <= budget


def test_the_first_finding_is_in_every_digest_that_has_room_for_it() -> None:
    history = told(300, text="word " * 50)
    for upto in (2, 50, 299):
        assert "Step 1, look: word" in digest(history, upto, 350, estimate)


def test_nothing_folded_gives_an_empty_digest() -> None:
    assert digest(History(), 0, 100, estimate) == ""


def test_the_material_for_a_model_has_the_goal_the_earlier_summary_and_the_steps() -> None:
    history = told(3, goals=["find it", "write it"])
    fold = WindowFolded(
        upto=1, until=0, cap=None, summary="earlier words", tokens_before=2, tokens_after=1, mechanical=True
    )
    history.apply(Record(seq=99, time=0, elapsed=0, path="", event=fold))
    history.apply(Record(seq=100, time=0, elapsed=0, path="", event=Feedback(text="be quick", origin="user")))
    text = material(history, 1, 3, 5000, estimate)
    assert text.startswith("Goal: find it; write it\nEarlier summary:\nearlier words\nStep 2: I look at 2.")
    assert "look(name=thing 2, size=xxx" in text
    assert "-> result 3" in text
    assert "user: be quick" in text
    assert "Step 1" not in text


@pytest.mark.parametrize("budget", [50, 300, 2000])
def test_the_material_keeps_to_its_budget_however_many_steps_there_are(budget: int) -> None:
    assert estimate(material(told(200, text="word " * 200, goals=["g"]), 0, 200, budget, estimate)) <= budget


def test_a_call_without_a_result_is_told_as_not_made() -> None:
    event = Thought(text="t", calls=(ToolCall(id="c", tool="look"),), step=1)
    history = History([Record(seq=1, time=0, elapsed=0, path="", event=event)])
    assert "look() -> not made" in material(history, 0, 1, 500, estimate)
    assert digest(history, 1, 500, estimate) == ""


@pytest.mark.parametrize("heading", ["For later runs", "## For later runs:", "**For later runs:**", "For later runs："])
def test_what_is_for_later_runs_is_taken_out_up_to_the_next_heading(heading: str) -> None:
    words = f"Findings: a dam.\n\n{heading}\n- The dam holds 4 metres.\n2. none\n\n## Open items\nthe gate"
    assert without_lasting(words) == (
        "Findings: a dam.\n\n## Open items\nthe gate",
        ["The dam holds 4 metres."],
    )


@pytest.mark.parametrize(
    "after", ["Open items: the gate", "**Open items**\nthe gate", "未决事项：\n水闸", "## 未决\n水闸"]
)
def test_every_form_of_heading_ends_what_is_for_later_runs(after: str) -> None:
    assert without_lasting(f"For later runs\nThe dam holds.\n{after}") == (after, ["The dam holds."])


@pytest.mark.parametrize(
    "line",
    [
        "For later runs the gate must be oiled.",
        "For later runs: keep the log",
        "Open items for later runs",
        "- For later",
    ],
)
def test_a_sentence_that_begins_like_the_heading_takes_nothing_away(line: str) -> None:
    words = f"Findings: a dam.\n{line}\nOpen items: the gate\n"
    assert without_lasting(words) == (words, [])


def test_what_is_too_much_for_later_runs_stays_in_the_summary() -> None:
    words = "Findings: a dam.\nFor later runs\n" + "\n".join(f"- Fact {n}" for n in range(MOST_LASTING + 1))
    assert without_lasting(words) == (words, ["Fact 0", "Fact 1"])
    long = f"For later runs\n{'long ' * 100}"
    assert without_lasting(long) == (long, [])


def test_a_fact_that_begins_with_no_is_a_fact_and_a_word_for_nothing_is_none() -> None:
    assert without_lasting("For later runs\nNo test needs the network.")[1] == ["No test needs the network."]
    for nothing in ("none", "N/A", "- Nothing.", "No lasting facts.", "无。"):
        assert without_lasting(f"Files: a\nFor later runs\n{nothing}") == ("Files: a", [])
