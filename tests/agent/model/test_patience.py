"""Waiting for the first words of a reply: it is said now and then, and whoever leaves is not held."""

from __future__ import annotations

import threading
import time
from collections.abc import Generator
from contextlib import closing
from pathlib import Path

import openai
import pytest

from agent.errors import ModelUnavailable
from agent.events import ThoughtDelta
from agent.goal import Goal
from agent.model import Message, Request
from agent.model.choice import Choice
from agent.model.openai_model import OpenAIModel
from agent.model.patience import Patience
from agent.opening.parts import make_model
from agent.settings import Settings
from tests.kits import within
from tests.server import Call, ChatServer, Reply

Deltas = Generator[ThoughtDelta, None, None]
REQUEST = Request(messages=[Message("user", "How high is the tide?")])


def words(*texts: str) -> list[ThoughtDelta]:
    return [ThoughtDelta(text=text) for text in texts]


def tell(waited: float) -> str:
    return f"waited {waited:g} s"


@pytest.fixture
def patience() -> Patience:
    return Patience(marks=(0.05, 0.1))


def slow(*deltas: ThoughtDelta, after: float, threads: list[str] | None = None) -> Deltas:
    time.sleep(after)
    for delta in deltas:
        if threads is not None:
            threads.append(threading.current_thread().name)
        yield delta


def test_a_reply_that_comes_at_once_is_handed_on_with_no_word_of_ours(patience: Patience) -> None:
    assert list(patience.read(slow(*words("a", "b"), after=0), tell)) == words("a", "b")


def test_while_nothing_comes_it_is_said_at_intervals(patience: Patience) -> None:
    got = list(patience.read(slow(*words("a"), after=0.15), tell))
    assert [(one.text, one.channel, one.waited) for one in got[:2]] == [
        ("waited 0.05 s", "notice", 0.05),
        ("waited 0.1 s", "notice", 0.1),
    ]
    assert got[2:] == words("a")


def test_what_comes_after_the_first_words_is_read_by_whoever_asks(patience: Patience) -> None:
    threads: list[str] = []
    list(patience.read(slow(*words("a", "b", "c"), after=0, threads=threads), tell))
    here = threading.current_thread().name
    assert threads[0] != here
    assert threads[1:] == [here, here]


def test_a_notice_of_the_reply_is_no_word_and_the_waiting_goes_on(patience: Patience) -> None:
    def reply() -> Deltas:
        yield ThoughtDelta(text="without tools", channel="notice")
        yield from slow(*words("a"), after=0.08)

    channels = [one.channel for one in patience.read(reply(), tell)]
    assert channels == ["notice", "notice", "text"]


@pytest.mark.parametrize("error", [ValueError("broken"), KeyboardInterrupt()])
def test_what_the_reading_raises_comes_out_where_it_is_waited_for(patience: Patience, error: BaseException) -> None:
    def reply() -> Deltas:
        yield ThoughtDelta(text="one moment", channel="notice")
        raise error

    with pytest.raises(type(error)):
        list(patience.read(reply(), tell))


def test_whoever_leaves_while_nothing_came_is_not_held_and_the_reply_is_closed(patience: Patience) -> None:
    go_on, closed = threading.Event(), threading.Event()

    def reply() -> Deltas:
        try:
            go_on.wait(10)
            yield from words("late", "later")
        finally:
            closed.set()

    with within(2), closing(patience.read(reply(), tell)) as reading:
        assert next(reading).channel == "notice"
    assert not closed.is_set()
    go_on.set()
    assert closed.wait(5)


def test_one_thread_serves_replies_one_after_the_other_and_ends_with_its_patience() -> None:
    before = set(threading.enumerate())
    patience = Patience()
    for _ in range(5):
        list(patience.read(slow(*words("a"), after=0), tell))
        time.sleep(0.02)
    mine = [one for one in threading.enumerate() if one not in before]
    assert len(mine) < 5
    del patience
    for one in mine:
        one.join(5)
    assert not any(one.is_alive() for one in mine)


def test_replies_side_by_side_do_not_wait_for_each_other(patience: Patience) -> None:
    first, second = (patience.read(slow(*words(name), after=0.4), tell) for name in "ab")
    with within(0.75), closing(first), closing(second):
        assert [next(first).channel, next(second).channel] == ["notice", "notice"]
        assert [list(first)[-1].text, list(second)[-1].text] == ["a", "b"]


# --- with a server ---


def test_the_one_who_is_waited_for_is_named_and_a_call_that_is_being_written_is_told_as_that() -> None:
    call = Call(name="write_file", arguments={"path": "a", "content": "x" * 100})
    assert openai.OpenAI is not None  # loaded: the first call of a process takes its time for that
    patience = Patience(marks=(0.1, 0.6))
    with (
        ChatServer([Reply(calls=[call], hang=0.2, pause=0.2, piece=30)]) as server,
        OpenAIModel("m", base_url=server.url, patience=patience) as model,
    ):
        notices = [one.text for one in model.think(REQUEST)]
    host = f"127.0.0.1:{server.port}"
    assert notices == [f"still waiting for {host}, 0 s", f"{host} has been writing for 1 s"]


def model_with(tmp_path: Path, url: str, **environ: str) -> OpenAIModel:
    settings = Settings.load(cwd=tmp_path, environ=environ, config=tmp_path / "config.toml", home=tmp_path / "home")
    model = make_model(Choice("m", url), Goal(goals=("g",)), settings)
    assert isinstance(model, OpenAIModel)
    return model


def test_a_model_that_never_begins_is_given_up_after_the_time_that_the_user_states(tmp_path: Path) -> None:
    with ChatServer([Reply(hang=30)], repeat=True) as server:
        with model_with(tmp_path, server.url, THINKACT_TIMEOUT="1s") as model, within(9):
            notices = []
            with pytest.raises(ModelUnavailable, match=r"no reply from .* within 1 s; given up after 3 tries"):
                notices += [one.text for one in model.think(REQUEST)]
        assert len(server.requests) == 3


def test_one_that_says_yes_and_then_nothing_is_given_up_the_same(tmp_path: Path) -> None:
    with ChatServer([Reply(text="x", pause=30), "whole"]) as server:
        with model_with(tmp_path, server.url, THINKACT_TIMEOUT="1s") as model, within(6):
            deltas = list(model.think(REQUEST))
        assert len(server.requests) == 2
    assert deltas[0].text.endswith("try 2 of 3")
    assert deltas[-1].text == "whole"


def test_where_nothing_is_stated_a_model_has_time_to_be_loaded(tmp_path: Path) -> None:
    settings = Settings.load(cwd=tmp_path, environ={}, config=tmp_path / "config.toml", home=tmp_path)
    assert (settings.beginning, settings.timeout) == (600.0, 120.0)
    settings = Settings.load(cwd=tmp_path, environ={"THINKACT_TIMEOUT": "3m"}, config=tmp_path / "c", home=tmp_path)
    assert (settings.beginning, settings.timeout) == (180.0, 180.0)
