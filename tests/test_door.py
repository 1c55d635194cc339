"""`from agent import run`: a goal in a script, its events out."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

import agent
from agent import Running, resume, run
from agent.approval import Allow, Answer, Deny, Question
from agent.errors import ThinkactError, UsageError
from agent.events import Observed, RunStarted, Stopped, ToolStarted
from agent.goal import Goal
from agent.settings import Settings
from tests.place import ROOT, Place
from tests.server import Call, ChatServer, Reply

WRITE = Reply(calls=[Call(name="write_file", arguments={"path": "out.md", "content": "6.2 m\n"})])
FINISH = Reply(calls=[Call(name="finish", arguments={"answer": "It is in out.md."})])


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = Place(tmp_path)
    made.write("notes.txt", "The highest tide is 6.2 m.\n")
    return made


@pytest.fixture
def settings(place: Place) -> Settings:
    return Settings(home=place.home, config=place.folder / "config" / "config.toml")


@pytest.fixture
def server() -> Iterator[ChatServer]:
    with ChatServer([WRITE, FINISH]) as server:
        yield server


def begun(place: Place, settings: Settings, server: ChatServer, goal: str | Goal = "Write the tide down.") -> Running:
    return run(goal, workspace=place.workspace, model="m", base_url=server.url, settings=settings)


def test_a_goal_in_words_yields_its_events_and_a_result(place: Place, settings: Settings, server: ChatServer) -> None:
    with begun(place, settings, server) as running:
        records = list(running)
    assert isinstance(records[0].event, RunStarted)
    kept = [record.event.kind for record in records if record.seq and record.event.kind != "thought.delta"]
    assert kept == [event["kind"] for event in place.events()]
    result = running.result
    assert (result.run_id, result.state, result.answer) == (running.id, "reached", "It is in out.md.")
    assert [file.path for file in result.files] == ["out.md"]
    assert (result.steps, result.spend.model_calls) == (2, 2)
    assert place.read("out.md") == "6.2 m\n"


def test_an_event_is_on_disk_before_it_is_handed_out(place: Place, settings: Settings, server: ChatServer) -> None:
    with begun(place, settings, server) as running:
        for record in running:
            if isinstance(record.event, ToolStarted):
                assert record.event.tool in [event.get("tool") for event in place.events(running.id)]
                assert not (place.workspace / "out.md").exists()


def test_a_script_that_stops_pulling_has_a_run_that_can_be_resumed(
    place: Place, settings: Settings, server: ChatServer
) -> None:
    with begun(place, settings, server) as running:
        for record in running:
            if isinstance(record.event, Observed):
                break
    assert running.result.state == "interrupted"
    with ChatServer([FINISH]) as second:
        result = resume(running.id, base_url=second.url, settings=settings, feedback="说中文").wait()
        assert "说中文" in second.requests[0].body.decode()
    assert result.state == "reached"
    assert result.run_id == running.id


def test_stop_ends_it_after_the_step_from_any_thread(place: Place, settings: Settings) -> None:
    with ChatServer([WRITE] * 9) as server, begun(place, settings, server) as running:
        for record in running:
            if isinstance(record.event, ToolStarted):
                threading.Thread(target=running.stop).start()
            if isinstance(record.event, Stopped):
                assert record.event.state == "interrupted"
    assert running.result.steps <= 2


def test_a_goal_file_with_inputs_and_a_goal_made_in_the_script(
    place: Place, settings: Settings, server: ChatServer
) -> None:
    file = place.goal("goal: Write {{ what }} down.\ninputs: {what: {type: string}}\nchecks: [{file: out.md}]\n")
    given = {"workspace": place.workspace, "model": "m", "base_url": server.url, "settings": settings}
    result = run(file, inputs={"what": "潮位"}, **given).wait()  # type: ignore[arg-type]  # the same for every call
    assert [check.passed for check in result.checks] == [True]
    assert "潮位" in server.requests[0].body.decode()
    with ChatServer([FINISH]) as second:
        assert begun(place, settings, second, Goal(goals=("Say it.",))).wait().state == "reached"


def test_limits_hold_and_are_raised_on_resume(place: Place, settings: Settings) -> None:
    with ChatServer([WRITE, FINISH]) as server:
        given = {"workspace": place.workspace, "model": "m", "base_url": server.url, "settings": settings}
        first = run("Write.", limits={"steps": 1, "time": 600, "tokens": "200k"}, **given).wait()  # type: ignore[arg-type]
        assert (first.state, len(server.requests)) == ("limit", 1)
        assert resume(limits={"steps": 9}, settings=settings).wait().state == "reached"


def test_who_approves_is_asked_and_the_answer_holds(place: Place, settings: Settings, server: ChatServer) -> None:
    class Careful:
        asked: list[str] = []  # noqa: RUF012  (one test long)

        def ask(self, question: Question) -> Answer:
            self.asked.append(question.tool)
            return Deny("not now") if len(self.asked) == 1 else Allow()

        def answer(self, question: str, choices: Sequence[str]) -> str:
            return "metres"

    running = run(
        "Write.", workspace=place.workspace, model="m", base_url=server.url, settings=settings, approver=Careful()
    )
    assert running.wait().files == ()
    assert Careful.asked == ["write_file"]


def test_what_is_wrong_is_raised_before_anything_is_made(place: Place, settings: Settings) -> None:
    given = {"workspace": place.workspace, "model": "offline", "settings": settings}
    for goal, more in (
        ("none.yaml", {}),
        ("x", {"inputs": {"a": "b"}}),
        ("x", {"limits": {"steps": 0}}),
        ("x", {"limits": {"step": 1}}),
        ("x", {"limits": {"max_usd": 1}}),
        (Goal(goals=("x",)), {"inputs": {"a": "b"}}),
    ):
        with pytest.raises(ThinkactError):
            run(goal, **given | more)  # type: ignore[arg-type]  # the same for every call
    with pytest.raises(ThinkactError):
        resume(settings=settings)
    assert not list((place.home / "runs").glob("*")) if (place.home / "runs").exists() else True


def test_the_result_is_there_once_it_has_ended(place: Place, settings: Settings, server: ChatServer) -> None:
    with begun(place, settings, server) as running:
        next(running)
        with pytest.raises(UsageError, match="has not ended"):
            _ = running.result
    assert running.result.state == "interrupted"
    running.close()


def test_two_scripts_cannot_go_on_with_one_run(place: Place, settings: Settings, server: ChatServer) -> None:
    with begun(place, settings, server) as running:
        next(running)
        with pytest.raises(ThinkactError, match="another process"):
            resume(running.id, settings=settings)


def test_the_package_is_light_until_the_door_is_asked_for() -> None:
    assert set(agent.__all__) == {"Result", "Running", "resume", "run"}
    code = "import agent, sys; print([n for n in sys.modules if n.startswith('agent.')]); agent.run; print('ok')"
    ended = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert ended.stdout == "[]\nok\n"
    with pytest.raises(AttributeError):
        _ = agent.nothing  # type: ignore[attr-defined]


def test_a_line_beside_the_events_goes_to_who_wants_it(place: Place, settings: Settings, server: ChatServer) -> None:
    told: list[str] = []
    wanted = place.folder / "new"
    run("Write.", workspace=wanted, model="m", base_url=server.url, settings=settings, tell=told.append).wait()
    assert any("was not there and is made" in line for line in told)
    assert json.loads(json.dumps(told)) == told
