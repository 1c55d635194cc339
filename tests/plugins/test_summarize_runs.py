"""A long document summed up in whole runs: over HTTP, side by side, within the limits, gone on with after a kill."""

from __future__ import annotations

import json
import os
import re
import signal
import threading
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from tests.place import Ended, Place, no_traceback
from tests.server import ChatServer, Reply, call

PARTS = 24


def chapter(number: int) -> str:
    keepers = "".join(chr(0x4E00 + (number * 997 + at * 131) % 5_000) for at in range(12))
    return f"# 第{number}章\n\n" + f"第{number}座灯塔由{keepers}看守，高{number + 20}米。" * 110


TEXT = "\n\n".join(map(chapter, range(1, PARTS + 1)))


class Reader:
    """A model that sums up what it is asked to, a sentence for each chapter with its mark. `pause` is how long it
    takes, at its question number `kill_at` the process `victim` is killed, and as many as the gate is wide are let
    through it together at first."""

    def __init__(self) -> None:
        self.pause = 0.0
        self.gate = threading.Barrier(1)
        self.kill_at: int | None = None
        self.victim = 0
        self.asked: list[str] = []
        self.running = self.most = 0
        self.lock = threading.Lock()
        self.final = ""

    def __call__(self, request: dict[str, Any], number: int) -> Reply:
        prompt = str(request["messages"][-1]["content"])
        if "tools" in request:
            results = [one["content"] for one in request["messages"] if one["role"] == "tool"]
            if not results:
                return call("summarize_file", path="灯塔.md")
            self.final = results[-1]
            return call("finish", answer=results[-1][:2_000])
        with self.lock:
            self.asked.append(prompt)
            if len(self.asked) == self.kill_at:
                os.kill(self.victim, signal.SIGKILL)
            self.running += 1
            self.most = max(self.most, self.running)
            first = len(self.asked) <= self.gate.parties
        if first:
            self.gate.wait(30)
        time.sleep(self.pause)
        with self.lock:
            self.running -= 1
        return Reply(text="\n".join(f"- {tower}建成了 {mark}" for tower, mark in _towers(prompt).items()))

    def read(self) -> list[str]:
        return [prompt for prompt in self.asked if "notes on" not in prompt]


def _towers(prompt: str) -> dict[str, str]:
    """Each tower of a prompt with its mark, which stands before it in the text, and behind it in notes."""
    if "notes on" in prompt:
        return dict(re.findall(r"(第\d+座灯塔)建成了 (\[lines? [^\]]+\])", prompt))
    mark, found = "", dict[str, str]()
    for one in re.finditer(r"(\[lines? [^\]]+\])|(第\d+座灯塔)", prompt.partition("<<<")[2]):
        if one[1]:
            mark = one[1]
        else:
            found.setdefault(one[2], mark)
    return found


@pytest.fixture
def place(tmp_path: Path) -> Place:
    found = Place(tmp_path)
    found.write("灯塔.md", TEXT)
    return found


def run(place: Place, server: ChatServer, goal: str = "goal: 总结 灯塔.md\n", *words: str) -> Ended:
    place.goal(goal)
    ended = place.thinkact("run", "goal.yaml", *words, OPENAI_BASE_URL=server.url, THINKACT_MODEL="scripted")
    no_traceback(ended)
    return ended


def test_every_chapter_of_a_chinese_book_is_told_with_its_place(place: Place) -> None:
    with ChatServer(reader := Reader()) as server:
        ended = run(place, server)
    assert ended.returncode == 0, ended.stderr
    assert len(reader.read()) == PARTS
    assert all("Write in Chinese" in prompt for prompt in reader.asked)
    for n in range(1, PARTS + 1):
        line = TEXT[: TEXT.index(f"# 第{n}章")].count("\n") + 1
        assert f"- 第{n}座灯塔建成了 [line {line}, 第{n}章]" in reader.final
    assert f"by the model in {PARTS} passages" in reader.final
    asked = len(reader.asked)
    assert re.search(rf"{asked} calls; foreseen: at most \d+ calls, about [\d,]+ tokens", reader.final)


@pytest.mark.parametrize("parallel", [1, 6])
def test_as_many_questions_are_under_way_as_the_goal_allows(place: Place, parallel: int) -> None:
    with ChatServer(reader := Reader()) as server:
        reader.gate = threading.Barrier(parallel)
        ended = run(place, server, f"goal: 总结 灯塔.md\nparallel: {parallel}\n")
    assert ended.returncode == 0, ended.stderr
    assert reader.most == parallel


def test_after_a_kill_only_what_was_under_way_is_asked_again(place: Place) -> None:
    with ChatServer(reader := Reader()) as server:
        reader.pause, reader.kill_at = 0.05, 15
        place.goal("goal: 总结 灯塔.md\nparallel: 4\n")
        with place.start("run", "goal.yaml", OPENAI_BASE_URL=server.url, THINKACT_MODEL="scripted") as process:
            reader.victim = process.pid
            process.communicate(timeout=60)
        assert process.returncode == -signal.SIGKILL
        before = len(reader.asked)
        again = ("resume", "last", "--output", "json")
        ended = place.thinkact(*again, OPENAI_BASE_URL=server.url, THINKACT_MODEL="scripted")
    assert ended.returncode == 0, ended.stderr
    times = Counter(reader.read())
    assert len(times) == PARTS
    twice = sum(count - 1 for count in times.values())
    assert twice <= 4 < before, "what was answered is on disk, and is not paid again"
    known = re.search(r"(\d+) answers from before an interruption", reader.final)
    assert known is not None
    assert int(known[1]) >= before - 4
    calls = [one for one in place.events() if one["kind"] == "model.called" and one["purpose"] == "summary"]
    assert len(calls) == len({one["request"] for one in calls}), "each answer is in the journal once"
    assert json.loads(ended.stdout)["usage"]["model_calls"] == len(calls) + 2


def test_a_limit_that_does_not_do_for_all_narrows_the_summary_and_the_run_goes_on(place: Place) -> None:
    with ChatServer(reader := Reader()) as server:
        ended = run(place, server, "goal: 总结 灯塔.md\nbudget: {model_calls: 16}\n")
    assert ended.returncode == 0, ended.stderr
    assert "limit model_calls" not in ended.stderr
    assert 4 <= len(reader.read()) < PARTS
    assert re.search(rf"which read \d+ of {PARTS} passages; key sentences stand for the others", reader.final)
    assert "15 calls, " in reader.final
    assert "--max-model-calls" in reader.final
    merged = "".join(prompt for prompt in reader.asked if "notes on" in prompt)
    for n in range(1, PARTS + 1):
        assert f"第{n}座灯塔" in merged
