"""Ctrl-C and SIGTERM: once stops after the step, twice at once."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from agent.cli.interrupts import Interrupts

ROOT = Path(__file__).parent.parent.parent.parent


def test_the_first_signal_asks_to_stop_and_the_second_stops_at_once() -> None:
    told: list[str] = []
    interrupts = Interrupts(told.append)
    interrupts(signal.SIGINT, None)
    assert interrupts.stop.is_set()
    assert told == ["stopping after this step; once more stops at once"]
    with pytest.raises(KeyboardInterrupt):
        interrupts(signal.SIGINT, None)
    assert interrupts.code == 130


def test_a_signal_while_a_question_is_open_stops_at_once() -> None:
    interrupts = Interrupts(lambda _: None)
    interrupts.prompting.set()
    with pytest.raises(KeyboardInterrupt):
        interrupts(signal.SIGINT, None)
    assert interrupts.stop.is_set()


def test_after_a_sigterm_the_exit_code_is_its_own() -> None:
    interrupts = Interrupts(lambda _: None)
    interrupts(signal.SIGTERM, None)
    assert interrupts.code == 143


def test_a_word_that_cannot_be_said_right_now_does_no_harm() -> None:
    def fails(text: str) -> None:
        raise RuntimeError("reentrant call")

    interrupts = Interrupts(fails)
    interrupts(signal.SIGINT, None)
    assert interrupts.stop.is_set()


def test_signals_are_taken_only_while_they_are_watched() -> None:
    before = signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)
    interrupts = Interrupts(lambda _: None)
    with interrupts.watched():
        taken: object = signal.getsignal(signal.SIGTERM)
        assert taken is interrupts
        signal.raise_signal(signal.SIGINT)
        assert interrupts.stop.is_set()
    assert (signal.getsignal(signal.SIGINT), signal.getsignal(signal.SIGTERM)) == before


CODE = """\
import sys, time
from agent.cli.interrupts import Interrupts
interrupts = Interrupts(lambda text: print(text, flush=True))
with interrupts.watched():
    print("ready", flush=True)
    try:
        until = time.monotonic() + 20
        while time.monotonic() < until:
            time.sleep(0.05)
    except KeyboardInterrupt:
        print("at once", flush=True)
sys.exit(interrupts.code)
"""


@pytest.mark.skipif(os.name != "posix", reason="signals of this kind are sent on POSIX only")
@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_process_takes_two_signals(number: signal.Signals, code: int) -> None:
    process = subprocess.Popen([sys.executable, "-c", CODE], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        assert process.stdout.readline() == "ready\n"
        process.send_signal(number)
        assert process.stdout.readline().startswith("stopping after this step")
        time.sleep(0.1)
        process.send_signal(number)
        assert process.stdout.readline() == "at once\n"
        assert process.wait(20) == code
    finally:
        process.kill()
        process.communicate()
