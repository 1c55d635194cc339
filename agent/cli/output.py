"""What goes to stdout, or to the file that was named: the answer, one JSON object, or a line for each event."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal, TextIO

from agent.cli.streams import reader_went_away
from agent.errors import UsageError
from agent.events import JSON, Finished, Record, Stopped
from agent.history import History
from agent.runs import Run, envelope
from agent.terminal import json_line, neutral


class Output:
    """Stdout's part of a run. When nobody reads it any more (`| head`), the run goes on without it."""

    def __init__(self, how: Literal["text", "json", "stream-json"], target: TextIO) -> None:
        self._how = how
        self._target = target
        self._gone = False
        self._seq = 0

    @classmethod
    @contextmanager
    def open(cls, how: Literal["text", "json", "stream-json"], file: Path | None) -> Iterator[Output]:
        """Stdout, or a file, which must be writable before the run begins."""
        if file is None:
            yield cls(how, sys.stdout)
            return
        try:
            target = file.open("w", encoding="utf-8", newline="\n")
        except OSError as error:
            raise UsageError(f"-o {file}: cannot be written: {error.strerror}") from error
        with target:
            yield cls(how, target)

    def tell(self, record: Record) -> None:
        """A listener: one line an event, where that is wanted.

        `seq` never goes back: what passes by and is never stored (`thought.delta`, `progress`) has the number of the
        last stored event before it, and all others have one of their own.
        """
        if self._how == "stream-json":
            self._seq = record.seq or self._seq
            self._write(json_line({**envelope(record), "seq": self._seq}))

    def end(self, run: Run, ended: Finished | Stopped) -> None:
        """The answer, or the object that tells how the run ended.

        The answer is a model's word: what could steer a terminal is shown as its escape, in a pipe and a file too, for
        that is where it is printed from later. Tabs and line ends stay. JSON keeps it exactly.
        """
        if self._how == "json":
            self._write(json_line(summary(run, ended)))
        elif self._how == "text" and (answer := ended.answer.strip()):
            self._write(neutral(answer))

    def put(self, text: str) -> None:
        """A text that is no run's, as it is."""
        self._write(text)

    def _write(self, text: str) -> None:
        if self._gone:
            return
        try:
            self._target.write(text.encode("utf-8", "replace").decode() + "\n")
            self._target.flush()
        except OSError as error:
            if not reader_went_away(error):
                raise
            self._gone = True
            _forget(self._target)


def _forget(target: TextIO) -> None:
    """Let what is still in the buffers go nowhere: else the interpreter complains of the broken pipe at its end."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    try:
        os.dup2(nowhere, target.fileno())
    finally:
        os.close(nowhere)


def summary(run: Run, ended: Finished | Stopped) -> dict[str, JSON]:
    """The object of `--output json`."""
    return {
        "run_id": run.id,
        "state": ended.state,
        "answer": ended.answer,
        "reason": ended.reason,
        **tally(run.history),
    }


def tally(history: History) -> dict[str, JSON]:
    """What a run came to, however it ended: checks, steps, usage, files, seconds."""
    spend = history.spend
    return {
        "checks": [
            {"name": one.name, "passed": one.passed, "detail": one.detail, "required": one.required}
            for one in history.checks
        ],
        "steps": history.step,
        "usage": {
            "model_calls": spend.model_calls,
            "prompt_tokens": spend.prompt_tokens,
            "cached_tokens": spend.cached_tokens,
            "completion_tokens": spend.completion_tokens,
            "usd": round(spend.usd, 6) if spend.priced else None,
        },
        "files": [
            {"path": one.path, "change": one.change, "bytes": one.bytes, "sha256": one.sha256}
            for one in history.files.values()
        ],
        "seconds": round(history.seconds, 3),
    }
