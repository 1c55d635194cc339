"""Runs: a folder, a journal, one writer; what is announced is on disk before it is told."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from agent.errors import ModelUnavailable, RunError
from agent.events import Feedback, Finished, Progress, Record, Stopped, Thought, ThoughtDelta, encode
from agent.mail import BARRIER, Items, Nested
from agent.runs import Clock, Run, envelope, folder_of, listed, new_id, records
from memory.journal import Journal
from tests.kits import opening

END = Finished(state="reached", answer="a", reason="r")


def stored(tmp_path: Path, *events: Thought) -> Path:
    with Run.create(tmp_path / "runs") as run:
        run.record(opening(run.id))
        for event in events:
            run.record(event)
        return run.folder


# --- ids ---


def test_ids_sort_by_their_time_down_to_the_thousandth_of_a_second() -> None:
    moments = [1_790_000_000 + n / 1024 for n in range(0, 3000, 7)]
    ids = [new_id(one) for one in moments]
    assert [one[:18] for one in ids] == sorted(one[:18] for one in ids)
    assert len({one[:18] for one in ids}) == len(ids)
    assert new_id(0.0).startswith("19700101-000000-00")


def test_two_runs_of_the_same_moment_have_folders_of_their_own(tmp_path: Path) -> None:
    clock = Clock(wall=lambda: 1_790_000_000.0)
    runs = [Run.create(tmp_path, clock=clock) for _ in range(20)]
    assert len({run.id for run in runs}) == 20
    for run in runs:
        run.close()


# --- finding ---


def test_a_run_is_found_by_its_id_its_beginning_or_as_the_last(tmp_path: Path) -> None:
    for name in ("20260101-000000-aaaa", "20260102-000000-bbbb", "20260102-000000-cccc"):
        Journal.create(tmp_path / name / "journal.db", meta={}).close()
    (tmp_path / "20260103-000000-dddd").mkdir()  # no journal
    (tmp_path / "notes.txt").write_text("x")
    assert listed(tmp_path) == ["20260101-000000-aaaa", "20260102-000000-bbbb", "20260102-000000-cccc"]
    assert folder_of(tmp_path, "last").name == "20260102-000000-cccc"
    assert folder_of(tmp_path, "20260101").name == "20260101-000000-aaaa"
    assert folder_of(tmp_path, "20260102-000000-bbbb").name == "20260102-000000-bbbb"
    with pytest.raises(RunError, match="2 runs begin with '20260102'"):
        folder_of(tmp_path, "20260102")
    with pytest.raises(RunError, match=r"there is no run '\.\./x'"):
        folder_of(tmp_path, "../x")


def test_where_there_is_no_run_it_is_said(tmp_path: Path) -> None:
    assert listed(tmp_path / "none") == []
    with pytest.raises(RunError, match="there is no run yet"):
        folder_of(tmp_path / "none", "last")


# --- opening ---


def test_a_run_that_is_opened_again_knows_all_and_its_time_goes_on(tmp_path: Path) -> None:
    steady = count(100.0, 10.0)
    with Run.create(tmp_path, clock=Clock(steady=lambda: next(steady))) as run:
        run.record(opening(run.id))
        run.record(Thought(text="x", step=1))
        folder, spent = run.folder, run.history.seconds
    assert spent == 20.0
    later = iter([1000.0, 1003.0, 1003.0])
    with Run.open(folder, clock=Clock(steady=lambda: next(later))) as again:
        assert again.history.step == 1
        assert again.elapsed() == 23.0


def test_a_wall_clock_that_is_set_back_does_not_make_time_go_back(tmp_path: Path) -> None:
    walls = iter([5000.0, 4000.0, 3000.0, 2000.0])
    steady = count(0.0, 1.0)
    with Run.create(tmp_path, clock=Clock(wall=lambda: next(walls), steady=lambda: next(steady))) as run:
        run.record(opening(run.id))
        run.record(Thought(text="x", step=1))
        run.commit()
        found = list(records(run.folder))
    assert [one.time for one in found] == [4000.0, 3000.0]
    assert [one.elapsed for one in found] == [1.0, 2.0]


def test_an_unknown_run_cannot_be_opened(tmp_path: Path) -> None:
    with pytest.raises(RunError):
        Run.open(tmp_path / "none")


def test_a_run_that_never_began_is_said_to_be_one(tmp_path: Path) -> None:
    Journal.create(tmp_path / "r" / "journal.db", meta={}).close()
    with pytest.raises(RunError, match="the run r ended before it began"):
        Run.open(tmp_path / "r")
    Journal.open(tmp_path / "r" / "journal.db").close()  # and it is let go of


def test_an_event_of_a_newer_thinkact_is_refused_with_a_hint_and_the_run_let_go(tmp_path: Path) -> None:
    with Journal.create(tmp_path / "r" / "journal.db", meta={}) as journal:
        journal.append({"kind": "dream"}, elapsed=0.0)
    with pytest.raises(RunError, match="'dream'") as refused:
        Run.open(tmp_path / "r")
    assert refused.value.hint == "update thinkact to read this run"
    with pytest.raises(RunError):
        list(records(tmp_path / "r"))
    Journal.open(tmp_path / "r" / "journal.db").close()


def test_a_damaged_journal_gives_what_stands_before_the_damage(tmp_path: Path) -> None:
    import sqlite3

    folder = stored(tmp_path, Thought(text="one", step=1), Thought(text="two", step=2))
    connection = sqlite3.connect(folder / "journal.db")
    connection.execute("UPDATE row SET body = replace(body, 'two', 'six')")
    connection.commit()
    connection.close()
    found: list[Record] = []

    def read() -> Iterator[Record]:
        for record in records(folder):
            found.append(record)
            yield record

    with pytest.raises(RunError):
        list(read())
    assert [one.seq for one in found] == [1, 2]
    with pytest.raises(RunError):
        Run.open(folder)


def test_a_second_process_on_one_run_is_turned_away(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from agent.runs import Run; from agent.errors import RunError\n"
        "try:\n    Run.open(Path(sys.argv[1]))\nexcept RunError as error:\n    print(error.message)"
    )
    with Run.create(tmp_path) as run:
        run.record(opening(run.id))
        run.commit()
        ended = subprocess.run(
            [sys.executable, "-c", code, str(run.folder)],
            cwd=Path(__file__).parent.parent.parent,
            capture_output=True,
            text=True,
            timeout=30,
            check=True,
        )
        assert "another process" in ended.stdout
        assert len(list(records(run.folder))) == 1


def test_a_folder_that_cannot_be_made_is_one_clear_line(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("a file")
    with pytest.raises(RunError, match=r"the run's folder .* cannot be made") as refused:
        Run.create(tmp_path / "runs")
    assert refused.value.hint == "choose another place with THINKACT_HOME"


# --- driving ---


def driven(tmp_path: Path, items: Items) -> tuple[Finished | Stopped, list[Record], Run]:
    told: list[Record] = []
    with Run.create(tmp_path) as run:
        run.record(opening(run.id))
        run.listen(told.append)
        return run.drive(items), told, run


def test_listeners_hear_of_an_event_only_when_it_is_on_disk(tmp_path: Path) -> None:
    heard: list[tuple[int, int]] = []
    with Run.create(tmp_path) as run:
        run.record(opening(run.id))

        def listen(record: Record) -> None:
            heard.append((record.seq, len(list(records(run.folder)))))

        def items() -> Items:
            yield Thought(text="1", step=1)
            yield Thought(text="2", step=2)
            assert heard == []
            yield BARRIER
            assert heard == [(1, 3), (2, 3), (3, 3)]
            yield END

        run.listen(listen)
        run.drive(items())
    assert heard[-1] == (4, 4)


def test_deltas_and_progress_pass_by_at_once_and_are_not_kept(tmp_path: Path) -> None:
    def items() -> Items:
        yield ThoughtDelta(text="x")
        yield Nested("c1", Progress(text="half"))
        yield Nested("c1", Feedback(text="f", origin="product"))
        yield END

    _, told, run = driven(tmp_path, items())
    assert [(one.seq, one.path, one.event.kind) for one in told] == [
        (0, "", "thought.delta"),
        (0, "c1", "progress"),
        (1, "", "run.started"),
        (2, "c1", "feedback"),
        (3, "", "finished"),
    ]
    assert [one.event.kind for one in records(run.folder)] == ["run.started", "feedback", "finished"]


def test_a_model_that_cannot_be_had_and_ctrl_c_end_a_run_as_events(tmp_path: Path) -> None:
    def fails(error: BaseException) -> Items:
        yield Thought(text="1", step=1)
        raise error

    ended, _, run = driven(tmp_path, fails(ModelUnavailable("down", hint="later")))
    assert ended == Stopped(state="model", reason="down (later)")
    assert [one.event.kind for one in records(run.folder)] == ["run.started", "thought", "stopped"]
    assert driven(tmp_path, fails(KeyboardInterrupt()))[0].state == "interrupted"


def test_a_fault_of_ours_is_not_hidden_and_loses_nothing(tmp_path: Path) -> None:
    def breaks() -> Items:
        yield Thought(text="1", step=1)
        raise RuntimeError("a defect")

    with pytest.raises(RuntimeError, match="a defect"):
        driven(tmp_path, breaks())
    assert [one.event.kind for one in records(folder_of(tmp_path, "last"))] == ["run.started", "thought"]


def test_the_loop_is_closed_when_it_is_left(tmp_path: Path) -> None:
    closed: list[str] = []

    def items() -> Items:
        try:
            yield Thought(text="1", step=1)
            yield END
        finally:
            closed.append("closed")

    driven(tmp_path, items())
    assert closed == ["closed"]


def test_an_envelope_is_the_event_with_its_place() -> None:
    record = Record(seq=3, time=1.23456, elapsed=0.0, path="c1/2", event=END)
    assert envelope(record) == {"seq": 3, "time": 1.235, **encode(END), "path": "c1/2"}
    assert "path" not in envelope(Record(seq=3, time=1.0, elapsed=0.0, path="", event=END))
