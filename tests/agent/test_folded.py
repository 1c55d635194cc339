"""The folded steps: what a run saw and no longer shows is found again, by its words."""

from __future__ import annotations

import json
import threading
from typing import Any

import pytest

from agent.events import Event, Observed, Record, Thought, ToolCall, WindowFolded
from agent.folded import PASSAGE, FoldedSteps
from agent.goal import Goal, ModelChoice
from agent.history import History
from agent.limits import Allowance
from agent.model import Request
from plugins import Effect, tool
from tests.kits import House, called, finish, opening
from tests.scripted import ScriptedModel


def history(*texts: str, upto: int | None = None) -> History:
    """A run whose steps each read one file, folded up to a step, or all of them."""
    events: list[Event] = [opening()]
    for number, text in enumerate(texts, 1):
        call = ToolCall(id=f"c{number}", tool="read_file", arguments={"path": f"file{number}.txt"})
        events += [
            Thought(text=f"I open number {number}.", calls=(call,), step=number),
            Observed(call=call.id, tool="read_file", ok=True, text=text, whole=f"a-{number}"),
        ]
    events.append(folding(len(texts) if upto is None else upto))
    return History(
        Record(seq=number, time=0.0, elapsed=0.0, path="", event=event) for number, event in enumerate(events, 1)
    )


def folding(upto: int) -> WindowFolded:
    return WindowFolded(upto=upto, until=0, cap=None, summary="s", tokens_before=2, tokens_after=1, mechanical=True)


WALL = "The wall of the harbour was built in 1911. " * 30


def test_the_passage_with_the_words_is_found_with_its_step_its_call_and_its_handle() -> None:
    folded = FoldedSteps(history(WALL, f"{WALL}The vault opens with the word heron. {WALL}", WALL))
    (found,) = folded.find("which word opens the vault", 1)
    assert (found.step, found.source, found.handle) == (2, "read_file(path=file2.txt)", "a-2")
    assert "The vault opens with the word heron." in found.text
    assert len(found.text) <= PASSAGE
    assert 0.3 < found.score <= 1


def test_chinese_is_found_too() -> None:
    folded = FoldedSteps(history("图书馆周一闭馆。周二开放到晚上九点。", "渡船每天早上七点从北岸开出。"))
    assert [one.step for one in folded.find("渡船几点开出", 3)] == [2]


def test_words_of_the_run_itself_and_long_arguments_are_found() -> None:
    call = ToolCall(
        id="c9", tool="write_file", arguments={"path": "plan.md", "content": "Ask Marta for the crane. " * 9}
    )
    events: list[Event] = [
        opening(),
        Thought(text="The crane is needed on Tuesday, I think.", calls=(call,), step=1),
        Observed(call="c9", tool="write_file", ok=True, text="written"),
        folding(1),
    ]
    records = [Record(seq=n, time=0.0, elapsed=0.0, path="", event=event) for n, event in enumerate(events, 1)]
    found = FoldedSteps(History(records)).find("the crane on Tuesday and Marta", 5)
    assert {one.source for one in found} == {"words", "content of write_file"}


def test_what_is_still_shown_is_not_searched_and_what_is_folded_later_is() -> None:
    run = history("The heron is grey.", "The owl is brown.", upto=1)
    folded = FoldedSteps(run)
    assert folded.find("owl", 3) == []
    assert [one.step for one in folded.find("heron", 3)] == [1]
    run.apply(Record(seq=99, time=0.0, elapsed=0.0, path="", event=folding(2)))
    assert [one.step for one in folded.find("owl", 3)] == [2]
    assert len(folded.find("the bird is grey or brown: owl, heron", 3)) == 2


@pytest.mark.parametrize("query", ["", "the of and", '" OR NEAR(', "zeppelin", "\x00\ud800", "🦉"])
def test_a_query_that_fits_nothing_finds_nothing(query: str) -> None:
    assert FoldedSteps(history("The owl is brown.")).find(query, 3) == []
    assert FoldedSteps(history("The owl is brown.", upto=0)).find("owl", 3) == []
    assert FoldedSteps(history("The owl is brown.")).find("owl", 0) == []


def test_several_threads_may_ask_at_once() -> None:
    folded = FoldedSteps(history(*(f"Bird {n} is a heron with ring {n * 7}." for n in range(200))))
    found: list[int] = []

    def ask() -> None:
        found.extend(one.step for one in folded.find("ring 693", 1))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == [100] * 8


# --- through the loop ---


@tool(effect=Effect.READ)
def sound(place: int) -> str:
    """Sound the depth of the river.

    Args:
        place: Where.
    """
    fact = " The anchor chain of the ferry has 317 links." if place == 3 else ""
    readings = f"Reading {place * 7919}. " * 45
    return f"Place {place}: depth {place % 9 + 2} metres. {readings}{fact} {readings}"


def drive(house: House, steps: int) -> tuple[Any, ScriptedModel]:
    """A run of so many steps in a window of 16k, whose model asks at the end for what it saw in step 3."""

    def reply(request: Request) -> Any:
        if request.purpose == "fold":
            return "Goal state: sounding."
        number = len(model.requests)
        if number < steps:
            return called("sound", f"s{number}", place=number)
        if number == steps:
            text = "\n".join(message.text for message in request.messages)
            assert "317 links" not in text, "it is folded away, and the summary does not tell it"
            return called("recall", query="How many links has the ferry's anchor chain?")
        return finish(request.messages[-2].text)

    model = ScriptedModel(reply)
    house.tools, house.allowance = (sound,), Allowance(steps=steps + 5, tokens=10**9, model_calls=10**6)
    goal = Goal(goals=("Sound the river.",), model=ModelChoice(window=16_000, reply=1000))
    return house.run(goal, model), model


def test_a_fact_of_step_3_that_was_folded_away_is_recalled_at_step_500(house: House) -> None:
    outcome, model = drive(house, 500)
    assert outcome.ended.state == "reached"
    assert "The anchor chain of the ferry has 317 links." in outcome.ended.answer
    assert "step 3 of this run, sound(place=3)" in outcome.ended.answer
    last = model.requests[-1]
    assert any("recall finds what was in them" in message.text for message in last.messages if message.role == "user")
    assert all(len(json.dumps([one.text for one in request.messages])) < 16_000 * 5 for request in model.requests)


def test_a_resumed_run_finds_what_it_saw_before(house: House) -> None:
    goal = Goal(goals=("Sound the river.",), model=ModelChoice(window=16_000, reply=1000))
    house.tools, house.allowance = (sound,), Allowance(steps=60, tokens=10**9)
    place = iter(range(1, 100))

    def reply(request: Request) -> Any:
        return "Open items: none" if request.purpose == "fold" else called("sound", place=next(place))

    first = house.run(goal, ScriptedModel(reply))
    assert first.ended.state == "limit"
    assert first.of(WindowFolded)
    house.allowance = Allowance(steps=70, tokens=10**9)

    def ask(request: Request) -> Any:
        asked = any(one.tool == "recall" for message in request.messages for one in message.calls)
        return (
            "none" if request.purpose == "fold" else finish() if asked else called("recall", query="anchor chain links")
        )

    (found,) = (one for one in house.resume(ScriptedModel(ask)).of(Observed) if one.tool == "recall")
    assert "317 links" in found.text
    assert found.value[0]["step"] == 3


def test_without_the_tool_the_summary_does_not_speak_of_it(house: House) -> None:
    house.tools, house.built_in, house.allowance = (sound,), False, Allowance(steps=30, tokens=10**9)
    place = iter(range(1, 100))
    model = ScriptedModel(lambda request: "" if request.purpose == "fold" else called("sound", place=next(place)))
    house.run(Goal(goals=("Sound.",), model=ModelChoice(window=8_000, reply=500)), model)
    text = "\n".join(message.text for message in model.requests[-1].messages)
    assert "(folded to save room)" in text
