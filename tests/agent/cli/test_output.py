"""What goes to stdout, or to the file that was named."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from agent.cli.output import Output, summary
from agent.errors import UsageError
from agent.events import (
    CheckResult,
    FileChange,
    Finished,
    Observed,
    Progress,
    Record,
    Stopped,
    Thought,
    ThoughtDelta,
    Usage,
)
from agent.runs import Run

ROOT = Path(__file__).parent.parent.parent.parent
ENDED = Finished(state="reached", answer=" 已完成 ✅\nsecond line\n", reason="r")


@pytest.fixture
def run(tmp_path: Path) -> Run:
    run = Run.create(tmp_path / "runs")
    change = FileChange(path="a.txt", change="created", bytes=3, sha256="s")
    run.record(
        Thought(text="x", step=1, usage=Usage(prompt_tokens=10, cached_tokens=4, completion_tokens=5, usd=0.125))
    )
    run.record(Observed(call="c", tool="t", ok=True, text="x", files=(change,)))
    run.record(CheckResult(name="n", passed=True, detail="d"))
    run.close()
    return run


def written(how: str, run: Run, ended: Finished | Stopped) -> str:
    stream = io.StringIO()
    output = Output(how, stream)  # type: ignore[arg-type]
    output.tell(Record(seq=4, time=1.5, elapsed=0.1, path="c1", event=Thought(text="hm\u202e", step=2)))
    output.end(run, ended)
    return stream.getvalue()


def test_text_is_the_answer_and_nothing_else(run: Run) -> None:
    assert written("text", run, ENDED) == "已完成 ✅\nsecond line\n"
    assert written("text", run, Stopped(state="limit", reason="r")) == ""


def test_json_is_one_object_that_tells_how_it_ended(run: Run) -> None:
    line = written("json", run, ENDED)
    assert line.count("\n") == 1
    assert "已完成" in line
    body = json.loads(line)
    assert body.pop("seconds") >= 0
    assert body == {
        "run_id": run.id,
        "state": "reached",
        "answer": ENDED.answer,
        "reason": "r",
        "checks": [{"name": "n", "passed": True, "detail": "d", "required": True}],
        "steps": 1,
        "usage": {"model_calls": 1, "prompt_tokens": 10, "cached_tokens": 4, "completion_tokens": 5, "usd": 0.125},
        "files": [{"path": "a.txt", "change": "created", "bytes": 3, "sha256": "s"}],
    }


def test_an_unknown_price_is_null(run: Run) -> None:
    run.history.spend.add(Usage(usd=None))
    usage = summary(run, ENDED)["usage"]
    assert isinstance(usage, dict)
    assert usage["usd"] is None


def test_a_stream_is_an_event_a_line_with_harmful_characters_escaped(run: Run) -> None:
    line = written("stream-json", run, ENDED)
    assert "\\u202e" in line
    body = json.loads(line)
    assert (body["seq"], body["kind"], body["path"], body["text"]) == (4, "thought", "c1", "hm\u202e")


def test_what_passes_by_has_the_number_of_the_last_stored_event_in_a_stream() -> None:
    stream = io.StringIO()
    output = Output("stream-json", stream)
    thought = Thought(text="hm", step=1)
    for seq, event in ((7, thought), (0, ThoughtDelta(text="a")), (0, Progress(text="b")), (8, thought)):
        output.tell(Record(seq=seq, time=1.5, elapsed=0.1, path="", event=event))
    bodies = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [(body["seq"], body["kind"]) for body in bodies] == [
        (7, "thought"),
        (7, "thought.delta"),
        (7, "progress"),
        (8, "thought"),
    ]
    assert list(bodies[1])[:3] == ["seq", "time", "kind"]


def test_the_answer_is_neutralised_on_a_terminal_and_in_a_pipe_alike_and_kept_whole_in_json(run: Run) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    answer = Finished(state="reached", answer="\x1b[2Jdone\u202e\r\n\tat last", reason="r")
    stream = Terminal()
    Output("text", stream).end(run, answer)
    assert stream.getvalue() == "\\x1b[2Jdone\\u202e\n\tat last\n"
    assert written("text", run, answer) == stream.getvalue()
    assert json.loads(written("json", run, answer))["answer"] == answer.answer


def test_half_a_character_does_not_end_the_run(run: Run) -> None:
    assert written("text", run, Finished(state="reached", answer="a\ud800b", reason="r")) == "a\\ud800b\n"


def test_a_named_file_gets_it_as_utf8_with_plain_line_ends(run: Run, tmp_path: Path) -> None:
    with Output.open("text", tmp_path / "out.txt") as output:
        output.end(run, ENDED)
    assert (tmp_path / "out.txt").read_bytes() == "已完成 ✅\nsecond line\n".encode()


def test_a_file_that_cannot_be_written_is_said_before_the_run(tmp_path: Path) -> None:
    with (
        pytest.raises(UsageError, match=r"^-o .*gone/out\.txt: cannot be written: "),
        Output.open("text", tmp_path / "gone" / "out.txt"),
    ):
        pass


def test_without_a_file_it_is_stdout(run: Run, capsys: pytest.CaptureFixture[str]) -> None:
    with Output.open("text", None) as output:
        output.end(run, ENDED)
    assert capsys.readouterr().out == "已完成 ✅\nsecond line\n"


CODE = """\
import sys
from agent.cli.output import Output
from agent.events import Record, Thought
with Output.open("stream-json", None) as output:
    for n in range(2000):
        output.tell(Record(seq=n, time=0.0, elapsed=0.0, path="", event=Thought(text="x" * 200, step=n)))
print("went on", file=sys.stderr)
"""


@pytest.mark.skipif(os.name != "posix", reason="a closed pipe is told otherwise elsewhere")
def test_a_reader_that_goes_away_does_not_end_the_run() -> None:
    process = subprocess.Popen(
        [sys.executable, "-c", CODE], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    assert process.stderr is not None
    try:
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == "went on\n"
        assert process.wait(20) == 0
    finally:
        process.kill()
        process.wait()
        process.stderr.close()
