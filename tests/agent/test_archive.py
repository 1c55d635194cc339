"""What is kept of runs, looked at again: found, summed up, and what would be put back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from agent.archive.changes import FolderCall, Traces, traces
from agent.archive.finding import find, newest, started
from agent.archive.stored import current, facts
from agent.archive.summary import Summary, by_goal, by_model, summarise
from agent.archive.undoing import Conflict, Lost, Plan, plan
from agent.cli.runs.disk import RunDisk
from agent.errors import RunError
from agent.events import (
    Event,
    Failure,
    FileChange,
    FileState,
    Finished,
    Observed,
    Record,
    ToolCall,
    ToolStarted,
    encode,
)
from agent.model import Request
from agent.runs import Run, records
from memory.artifacts import Shelf
from memory.journal import Journal, read_stored
from plugins import Context, Effect, Workspace, WorkspacePath, tool
from tests.kits import House, called, finish, opening
from tests.scripted import ScriptedModel, ScriptedReply

BIG = "0123456789" * 7000  # more than an intent keeps


@tool(effect=Effect.WRITE)
def leak(path: WorkspacePath, *, context: Context) -> str:
    """Write more than is named.

    Args:
        path: A file that is named.
    """
    context.workspace.write(path, b"named")
    context.workspace.write("new.md", b"made unseen")
    context.workspace.write("old.md", b"changed unseen")
    return "done"


def write(path: str, content: str, _id: str = "") -> ToolCall:
    return called("write_file", _id or f"w-{path}-{len(content)}", path=path, content=content)


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path, tools=(leak,))


def worked(house: House, *replies: ScriptedReply) -> Traces:
    """A run that makes these calls and ends; what it left."""
    outcome = house.run("Work.", ScriptedModel([*replies, finish()]))
    assert outcome.ended.state == "reached", outcome.ended
    assert not [one.text for one in outcome.of(Observed) if not one.ok]
    return traces(outcome.records)


def planned(house: House, found: Traces, *force: str) -> Plan:
    with Workspace.open(house.workspace, create=False) as files:
        made = plan(found, RunDisk(files, Shelf(house.home / "none")), force=force)
        contents = [(one, one.content() if one.content else None) for one in made.restores]
    return replace(
        made,
        restores=tuple(
            replace(one, content=None if content is None else partial(bytes, content)) for one, content in contents
        ),
    )


def put_back(made: Plan) -> list[tuple[str, bytes | None]]:
    return [(one.path, None if one.content is None else one.content()) for one in made.restores]


# -- what would be put back


def test_every_file_is_put_back_as_it_was_the_newest_change_first(house: House) -> None:
    house.write("改.md", "旧\n")
    house.write("gone.md", "was here")
    found = worked(
        house,
        write("改.md", "新\n"),
        write("made.md", "new"),
        called("delete_file", path="gone.md"),
        write("改.md", "再"),
    )
    assert put_back(planned(house, found)) == [
        ("改.md", "旧\n".encode()),
        ("gone.md", b"was here"),
        ("made.md", None),
    ]
    assert planned(house, found).conflicts == ()
    assert planned(house, found).lost == ()


def test_what_somebody_else_changed_since_is_a_conflict_unless_it_is_named(house: House) -> None:
    house.write("a.md", "before")
    found = worked(house, write("a.md", "by the run"), write("b.md", "new"))
    house.write("a.md", "by a person")
    made = planned(house, found)
    assert made.conflicts == (Conflict("a.md", "somebody else changed it since"),)
    assert planned(house, found, "a.md").conflicts == ()
    (house.workspace / "a.md").unlink()
    assert planned(house, found).conflicts == (Conflict("a.md", "somebody else deleted it since"),)


def test_what_somebody_else_put_back_by_hand_is_no_conflict_and_needs_nothing(house: House) -> None:
    house.write("a.md", "before")
    found = worked(house, write("a.md", "by the run"))
    house.write("a.md", "before")
    assert planned(house, found) == Plan(restores=(), conflicts=(), lost=())


def test_a_change_of_somebody_else_between_two_calls_is_seen(house: House) -> None:
    def after_a_person(_: Request) -> ToolCall:
        house.write("a.md", "a person's words")
        return write("a.md", "the run again")

    found = worked(house, write("a.md", "the run"), after_a_person)
    [conflict] = planned(house, found).conflicts
    assert conflict.why == "somebody else changed it while the run was going on"


def test_two_calls_of_one_turn_on_one_file_are_not_taken_for_two_people(house: House) -> None:
    house.write("a.md", "0")
    found = worked(house, [write("a.md", "1", "c1"), write("a.md", "22", "c2")])
    assert put_back(planned(house, found)) == [("a.md", b"0")]


def test_a_file_that_was_made_and_deleted_again_is_none(house: House) -> None:
    found = worked(house, write("a.md", "1"), called("delete_file", path="a.md"))
    assert planned(house, found).restores == ()


def test_a_large_file_that_was_moved_is_brought_back_and_one_that_was_overwritten_is_told(house: House) -> None:
    house.write("moved.txt", BIG)
    house.write("lost.txt", BIG + "x")
    found = worked(house, called("move_file", source="moved.txt", target="sub/moved.txt"), write("lost.txt", "short"))
    made = planned(house, found)
    assert dict(put_back(made)) == {"moved.txt": BIG.encode(), "sub/moved.txt": None}
    assert made.lost == (Lost("lost.txt", "its content before the run, 70001 bytes, was not kept"),)


def test_a_folder_that_was_moved_is_brought_back_with_all_its_files(house: House) -> None:
    house.write("docs/a.md", "the one copy")
    house.write("docs/deep/文.md", "深")
    made = planned(house, worked(house, called("move_file", source="docs", target="papers")))
    assert dict(put_back(made)) == {
        "docs/a.md": b"the one copy",
        "docs/deep/文.md": "深".encode(),
        "papers/a.md": None,
        "papers/deep/文.md": None,
    }
    assert made.lost == ()


def test_a_file_that_was_changed_before_its_folder_was_moved_is_as_before_the_run(house: House) -> None:
    house.write("docs/a.md", "old")
    house.write("docs/b.md", "untouched")
    found = worked(house, write("docs/a.md", "new"), called("move_file", source="docs", target="papers"))
    assert dict(put_back(planned(house, found))) == {
        "docs/a.md": b"old",
        "docs/b.md": b"untouched",
        "papers/a.md": None,
        "papers/b.md": None,
    }


def test_the_files_of_a_moved_folder_that_somebody_changed_since_are_a_conflict(house: House) -> None:
    house.write("docs/a.md", "the one copy")
    found = worked(house, called("move_file", source="docs", target="papers"))
    house.write("papers/a.md", "mended by hand")
    made = planned(house, found)
    assert [one.path for one in made.conflicts] == ["papers/a.md"]
    assert [one.what for one in made.lost] == ["docs/a.md"]  # its content is nowhere any more


def test_an_empty_folder_that_was_deleted_cannot_be_put_back(house: House) -> None:
    (house.workspace / "empty").mkdir(parents=True)
    found = worked(house, called("delete_file", path="empty"))
    assert found.folders == [FolderCall(tool="delete_file", paths=("empty",))]
    assert "of folders nothing is kept" in planned(house, found).lost[0].why


def test_what_no_intent_named_is_put_back_only_where_it_was_seen_to_be_new(house: House) -> None:
    house.write("old.md", "nobody looked")
    made = planned(house, worked(house, called("leak", path="named.md")))
    assert {path for path, _ in put_back(made)} == {"named.md", "new.md"}
    assert made.lost == (Lost("old.md", "what it was before the run was not seen"),)


def test_a_folder_in_the_place_of_a_file_is_no_reason_to_fail(house: House) -> None:
    house.write("a.md", "1")
    found = worked(house, called("delete_file", path="a.md"))
    (house.workspace / "a.md").mkdir()
    assert planned(house, found).lost == (Lost("a.md", "a folder stands there now"),)


# -- calls of which nobody knows


def told(*events: Event) -> Iterator[Record]:
    for number, event in enumerate(events, 1):
        yield Record(seq=number, time=0.0, elapsed=0.0, path="", event=event)


def intent(call: str, before: FileState, after: str | None = None, *, foretold: bool = True) -> ToolStarted:
    return ToolStarted(
        call=call,
        tool="write_file",
        arguments={},
        arguments_hash="",
        effect="write",
        before=(before,),
        after={before.path: after} if foretold else None,
    )


OLD = FileState(path="a.md", sha256="old", bytes=3, content="old")
NEW = FileState(path="a.md", sha256="new", bytes=3, content="new")


def test_a_call_that_was_cut_short_may_have_been_made_or_not() -> None:
    assert traces(told(intent("c1", OLD, "new"))).files["a.md"].left == {"old", "new"}
    assert traces(told(intent("c1", OLD, foretold=False))).files["a.md"].left == frozenset()
    done = Observed(call="c1", tool="write_file", ok=True, text="")
    assert traces(told(intent("c1", OLD, "new"), done)).files["a.md"].left == {"old"}


def test_a_call_that_counts_as_failed_may_have_been_made_until_a_later_one_shows_the_file() -> None:
    unknown = Observed(
        call="c1", tool="write_file", ok=False, text="", settled=True, error=Failure(kind="feedback", message="?")
    )
    assert traces(told(intent("c1", OLD, "new"), unknown)).files["a.md"].left == {"old", "new"}
    change = FileChange(path="a.md", change="changed", bytes=5, sha256="newer")
    later = Observed(call="c2", tool="write_file", ok=True, text="", files=(change,))
    found = traces(told(intent("c1", OLD, "new"), unknown, intent("c2", NEW, "newer"), later)).files["a.md"]
    assert found.left == {"newer"}
    assert not found.meddled


def test_a_call_that_is_made_again_on_resume_is_not_taken_for_somebody_else() -> None:
    found = traces(told(intent("c1", OLD, foretold=False), intent("c1", NEW, foretold=False)))
    assert not found.files["a.md"].meddled
    assert found.files["a.md"].before == OLD


# -- found and summed up


def test_the_newest_run_comes_first_and_what_is_no_run_is_passed_over(tmp_path: Path) -> None:
    for name in (
        "20260102-000000-aaaa",
        "20260101-000000-bbbb",
        "20260103-000000-none",
        "deleted-20260101-000000-cccc",
    ):
        (tmp_path / name).mkdir()
    for name in ("20260102-000000-aaaa", "20260101-000000-bbbb"):
        (tmp_path / name / "journal.db").touch()
    assert list(newest(tmp_path)) == ["20260102-000000-aaaa", "20260101-000000-bbbb"]
    assert find(tmp_path, "last").name == "20260102-000000-aaaa"
    assert find(tmp_path, "20260101").name == "20260101-000000-bbbb"
    assert list(newest(tmp_path / "missing")) == []
    with pytest.raises(RunError, match="2 runs begin with '2026'"):
        find(tmp_path, "2026")
    assert started("20260102-000000-aaaa") == 1767312000.0
    assert started("20269999-000000-aaaa") is None


def summary_of(house: House, run: str) -> Summary:
    return summarise(facts(read_stored(house.home / "runs" / run / "journal.db")))


def test_a_summary_says_of_a_run_what_its_history_says(house: House) -> None:
    outcome = house.run("写 a.md", ScriptedModel([write("a.md", "1"), finish("完成")], price=0.00001))
    history = outcome.run.history
    found = summary_of(house, outcome.run.id)
    assert (found.state, found.answer, found.goal) == ("reached", "完成", "写 a.md")
    assert (found.steps, found.spend, found.seconds) == (history.step, history.spend, history.seconds)
    assert found.models["scripted"].spend == history.spend
    assert found.workspace == str(house.workspace)
    assert found.spend.usd > 0


def test_runs_are_added_up_by_goal_and_by_model(house: House) -> None:
    for goal, name, price in (("one", "dear", 0.00001), ("one", "cheap", 0.0), ("two", "dear", None)):
        house.run(goal, ScriptedModel([finish()], name=name, price=price))
    summaries = [summary_of(house, run) for run in newest(house.home / "runs")]
    goals = {one.name: one for one in by_goal(summaries)}
    models = {one.name: one for one in by_model(summaries)}
    assert (goals["one"].runs, goals["one"].reached, goals["one"].steps) == (2, 2, 2)
    assert goals["one"].spend.priced
    assert not goals["two"].spend.priced
    assert (models["dear"].runs, models["dear"].spend.priced) == (2, False)
    assert models["cheap"].spend.usd == 0
    assert [one.name for one in by_goal(summaries)] == ["one", "two"]


def test_an_event_of_a_newer_thinkact_is_refused_and_those_before_it_are_given(tmp_path: Path) -> None:
    for body in ({"kind": "dream", "text": "of later"}, {"kind": "finished", "v": 7, "state": "reached"}, {"a": 1}):
        file = tmp_path / str(len(list(tmp_path.iterdir()))) / "journal.db"
        with Journal.create(file, meta={}) as journal:
            journal.append(encode(Finished(state="reached", answer="", reason="")), elapsed=0.0)
            journal.append(body, elapsed=0.0)
        given = facts(read_stored(file))
        assert next(given).kind == "finished"
        with pytest.raises(RunError, match="was written by a newer thinkact"):
            next(given)


def test_the_stored_fields_of_every_event_are_those_of_the_stream(house: House) -> None:
    outcome = house.run("Work.", ScriptedModel([write("潮.md", "1"), finish()]))
    folder = outcome.run.folder
    stored = [current(fact) for fact in facts(read_stored(folder / "journal.db"))]
    assert stored == [encode(record.event) for record in records(folder)]


def test_a_run_that_never_began_has_an_empty_summary(tmp_path: Path) -> None:
    with Run.create(tmp_path) as run:
        assert summarise(facts(read_stored(run.folder / "journal.db"))) == Summary()
        goal = {"goals": "in one piece", "name": "short"}
        run.record(opening(run.id, goal=goal, source="/goals/short.yaml"))
        run.commit()
        found = summarise(facts(read_stored(run.folder / "journal.db")))
    assert (found.goal, found.name, found.state, found.seq) == ("in one piece", "short", None, 1)


def test_a_large_content_comes_from_the_artifact_that_the_intent_names(house: House) -> None:
    shelf = Shelf(house.home / "artifacts")
    kept = shelf.put(BIG.encode())
    house.write("a.md", "of the run")
    with Workspace.open(house.workspace) as files:
        now = files.sha256("a.md")
        for handle, restores in ((kept.handle, 1), ("a-000000000000", 0)):
            before = FileState(path="a.md", sha256=kept.sha256, bytes=kept.bytes, artifact=handle)
            change = FileChange(path="a.md", change="changed", bytes=1, sha256=now)
            done = Observed(call="c1", tool="write_file", ok=True, text="", files=(change,))
            made = plan(traces(told(intent("c1", before, now), done)), RunDisk(files, shelf))
            assert len(made.restores) == restores
            assert [one.content() for one in made.restores if one.content] == [BIG.encode()] * restores
