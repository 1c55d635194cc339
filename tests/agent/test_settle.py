"""Settling: whatever event a run was cut at, it goes on to the same end, and nothing is sent twice unasked."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from agent.approval import Allow, Answer, Comment, Deny, Edit, Policy, Quit
from agent.events import Feedback, Finished, Observed, Record, Stopped, Thought, ToolStarted, encode
from agent.goal import AbsentCheck, FileCheck, Goal, RegexCheck
from agent.mail import Item, Nested
from agent.model import Request
from memory.journal import Journal
from plugins import Context, Effect, Tool, WorkspacePath, tool
from tests.kits import House, Outcome, Person, called, finish
from tests.scripted import ScriptedModel


def tools(witness: Path) -> list[Tool]:
    """Tools that leave a trace outside of the workspace."""

    def count(what: str) -> None:
        with witness.open("a", encoding="utf-8") as lines:
            lines.write(f"{what}\n")

    @tool(effect=Effect.SEND)
    def post(text: str) -> str:
        """Post a text.

        Args:
            text: The text.
        """
        count(f"post {text}")
        return "posted"

    @tool(effect=Effect.WRITE)
    def stamp(path: WorkspacePath, *, context: Context) -> str:
        """Append a stamp to a file, without telling what it will hold.

        Args:
            path: The file.
        """
        old = context.workspace.read(path) if context.workspace.exists(path) else b""
        context.workspace.write(path, old + b"stamp\n")
        return "stamped"

    @tool(effect=Effect.READ)
    def errand(*, context: Context) -> str:
        """Write and post from inside."""
        written = context.call("write_file", {"path": "inner.md", "content": "inner\n"})
        posted = context.call("post", {"text": "from inside"})
        assert context.ask is not None
        words = context.ask("A word?", purpose="word")
        more = context.call("write_file", {"path": "inner.md", "content": words, "append": True})
        return f"{written.ok} {posted.ok} {more.ok}"

    @tool(effect=Effect.SEND, repeatable=True)
    def ping(name: str) -> str:
        """Ping.

        Args:
            name: Whom.
        """
        count(f"ping {name}")
        return "pong"

    return [post, stamp, errand, ping]


GOAL = Goal(
    goals=("Read the notes, write them down, post them, and tidy up.",),
    checks=(
        FileCheck(file="out.md", min_bytes=10),
        AbsentCheck(absent="old.txt"),
        RegexCheck(regex="^stamp$", path="log.txt"),
    ),
)
SCRIPT: list[Any] = [
    called("read_file", "c1", path="notes.txt"),
    called("write_file", "c2", path="out.md", content="first line\n"),
    finish("Too early."),
    [called("write_file", "c4", path="out.md", content="second line\n", append=True), called("list_files", "c5")],
    called("stamp", "c6", path="log.txt"),
    called("edit_file", "c7", path="out.md", old="second", new="2nd"),
    called("post", "c8", text="hello"),
    called("errand", "c9"),
    called("delete_file", "c10", path="old.txt"),
    called("move_file", "c11", source="notes.txt", target="kept/notes.txt"),
    finish("All is done."),
]
START = {"notes.txt": "the notes\n", "old.txt": "old\n"}
FILES = {
    "out.md": "first line\n2nd line\n",
    "log.txt": "stamp\n",
    "kept/notes.txt": "the notes\n",
    "inner.md": "inner\nword",
}
SENT = ["post from inside", "post hello"]


def reply(request: Request) -> Any:
    """What the model says depends on the history alone: the same after a resume."""
    if request.purpose == "word":
        return "word"
    made = sum(message.role == "assistant" for message in request.messages)
    return Thought(text=f"Step {made + 1}.", calls=tuple(calls if isinstance(calls := SCRIPT[made], list) else [calls]))


@dataclass
class Desk:
    """A house whose workspace and witness can be put into any state."""

    home: Path
    house: House = field(init=False)

    def __post_init__(self) -> None:
        self.home.mkdir(parents=True, exist_ok=True)
        self.house = House(self.home, tools=tools(self.witness), policy=Policy(own=("post", "ping")))
        self.house.workspace.mkdir()

    @property
    def witness(self) -> Path:
        return self.home / "witness.txt"

    def sent(self) -> list[str]:
        return self.witness.read_text("utf-8").split("\n")[:-1] if self.witness.exists() else []

    def files(self) -> dict[str, str]:
        root = self.house.workspace
        return {
            path.relative_to(root).as_posix(): path.read_text("utf-8")
            for path in sorted(root.rglob("*"))
            if path.is_file()
        }

    def state(self) -> tuple[dict[str, str], list[str]]:
        return self.files(), self.sent()

    def restore(self, state: tuple[dict[str, str], list[str]]) -> None:
        files, sent = state
        for path, text in files.items():
            self.house.write(path, text)
        self.witness.write_text("".join(f"{line}\n" for line in sent), "utf-8")

    def journal(self, records: list[Record]) -> None:
        """A run that was cut after these events."""
        folder = self.home / "runs" / "20260101-000000-cut0"
        with Journal.create(folder / "journal.db", meta={"run": folder.name}) as journal:
            for record in records:
                journal.append(encode(record.event), path=record.path, elapsed=record.elapsed, now=record.time)


@dataclass(frozen=True)
class Cut:
    """A place at which the run may be cut: the events before it, and what the world may look like then."""

    records: list[Record]
    states: list[tuple[dict[str, str], list[str]]]


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Outcome, list[Cut]]:
    desk = Desk(tmp_path_factory.mktemp("undisturbed") / "desk")
    desk.restore((START, []))
    states: list[tuple[dict[str, str], list[str]]] = []

    def see(item: Item) -> None:
        event = item.event if isinstance(item, Nested) else item
        if hasattr(event, "kind") and event.kind not in ("thought.delta", "progress"):
            states.append(desk.state())

    desk.house.seen.append(see)
    outcome = desk.house.run(GOAL, ScriptedModel(reply))
    assert outcome.ended == Finished(state="reached", answer="All is done.", reason="3 checks passed")
    assert desk.files() == FILES
    assert sorted(desk.sent()) == SENT
    kept = [record for record in outcome.records if record.seq]
    assert len(states) == len(kept) - 1  # the opening event was written before the loop began
    # cut after the event n: the world is as it was when that event came, or as it was when the next one did
    cuts = [Cut(kept[:n], _different(states[max(0, n - 2)], states[n - 1])) for n in range(1, len(kept))]
    return outcome, cuts


def _different(one: Any, two: Any) -> list[Any]:
    return [one] if one == two else [one, two]


def test_cut_at_any_event_in_either_state_it_ends_as_if_undisturbed(
    undisturbed: tuple[Outcome, list[Cut]], tmp_path: Path
) -> None:
    outcome, cuts = undisturbed
    steps = len(outcome.of(Thought))
    blocked = 0
    assert len(cuts) > 50
    for number, cut in enumerate(cuts, 1):
        for either, state in enumerate(cut.states):
            where = f"after event {number} ({cut.records[-1].event.kind} {cut.records[-1].path}), state {either}"
            desk = Desk(tmp_path / f"{number}-{either}")
            desk.restore(state)
            desk.journal(cut.records)
            model = ScriptedModel(reply)
            resumed = desk.house.resume(model)
            if resumed.ended.state == "blocked":
                blocked += 1
                assert resumed.ended.reason.startswith("unsettled: "), where
                assert desk.state() == state, where
                word = "done" if len(cut.states) == 1 or either else "again"
                resumed = desk.house.resume(model, word=word)
            assert resumed.ended.state == "reached", f"{where}: {resumed.ended}"
            assert desk.files() == FILES, where
            assert sorted(desk.sent()) == SENT, where
            assert resumed.run.history.step == steps, where
            assert [one.thought.text for one in resumed.run.history.steps] == [
                f"Step {n}." for n in range(1, steps + 1)
            ]
            assert len(model.requests) <= steps + 2, where
            shutil.rmtree(desk.home)
    assert 4 <= blocked <= 12


# --- the branches one by one ---


def cut_at(
    desk: Desk, calls: Any, kind: type[Any], *, written: bool = True, after: Callable[[], None] | None = None
) -> None:
    """A run that is killed at the first event of this kind: with it on disk (`written`), and nothing after it."""
    kept: list[Item] = []

    def stop(item: Item) -> None:
        if kept and not isinstance(item, ToolStarted):
            raise SystemError("killed")
        if isinstance(item, kind):
            if not written:
                raise SystemError("killed")
            kept.append(item)

    desk.house.seen.append(stop)
    with pytest.raises(SystemError):
        desk.house.run("Work.", ScriptedModel([calls]))
    desk.house.seen.clear()
    if after is not None:
        after()


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    return Desk(tmp_path / "desk")


def resumed(desk: Desk, **more: Any) -> Outcome:
    return desk.house.resume(ScriptedModel([finish()]), **more)


def answered(desk: Desk, *answers: Answer) -> Person:
    person = Person(list(answers))
    desk.house.policy, desk.house.approver = Policy(attended=True), person
    return person


POST = called("post", "c1", text="x")


def test_what_only_reads_or_may_be_repeated_runs_again(desk: Desk) -> None:
    desk.house.write("a.txt", "a")
    cut_at(desk, [called("read_file", "c1", path="a.txt"), called("ping", "c2", name="x")], ToolStarted)
    outcome = resumed(desk)
    assert outcome.ended.state == "reached"
    assert [one.call for one in outcome.of(Observed)] == ["c1", "c2"]
    assert desk.sent() == ["ping x"]


def test_a_write_that_happened_is_told_with_its_files_and_not_made_again(desk: Desk) -> None:
    cut_at(
        desk,
        called("write_file", "c1", path="a.txt", content="new"),
        ToolStarted,
        after=lambda: desk.house.write("a.txt", "new"),
    )
    outcome = resumed(desk)
    (observed,) = [one for one in outcome.of(Observed) if one.call == "c1"]
    assert observed.settled
    assert observed.ok
    assert [(one.path, one.change) for one in observed.files] == [("a.txt", "created")]
    assert outcome.of(ToolStarted) == []


def test_a_write_that_did_not_happen_is_made(desk: Desk) -> None:
    cut_at(desk, called("write_file", "c1", path="a.txt", content="new"), ToolStarted)
    outcome = resumed(desk)
    assert outcome.of(ToolStarted)[0].attempt == 2
    assert desk.house.read("a.txt") == "new"


def test_a_write_that_changes_nothing_is_made_again_without_harm(desk: Desk) -> None:
    desk.house.write("a.txt", "same")
    cut_at(desk, called("write_file", "c1", path="a.txt", content="same"), ToolStarted)
    outcome = resumed(desk)
    assert outcome.ended.state == "reached"
    assert desk.house.read("a.txt") == "same"


def test_an_empty_folder_to_be_deleted_is_deleted(desk: Desk) -> None:
    (desk.house.workspace / "empty").mkdir()
    cut_at(desk, called("delete_file", "c1", path="empty"), ToolStarted)
    assert resumed(desk).ended.state == "blocked"  # of a folder nobody foretells what it will be
    assert resumed(desk, word="again").ended.state == "reached"
    assert not (desk.house.workspace / "empty").exists()


def test_a_file_that_somebody_else_changed_is_not_settled_by_itself(desk: Desk) -> None:
    cut_at(
        desk,
        called("write_file", "c1", path="a.txt", content="new"),
        ToolStarted,
        after=lambda: desk.house.write("a.txt", "somebody else"),
    )
    outcome = resumed(desk)
    assert outcome.ended.state == "blocked"
    assert outcome.ended.reason.startswith("unsettled: write_file was begun before the interruption")
    assert "--settle again" in outcome.ended.reason
    assert desk.house.read("a.txt") == "somebody else"


@pytest.mark.parametrize(("word", "sent"), [("again", ["post x"]), ("done", [])])
def test_the_users_word_settles_what_nobody_knows(desk: Desk, word: str, sent: list[str]) -> None:
    cut_at(desk, POST, ToolStarted)
    assert resumed(desk).ended.state == "blocked"
    assert resumed(desk).ended.state == "blocked"
    assert desk.sent() == []
    outcome = resumed(desk, word=word)
    assert outcome.ended.state == "reached"
    assert desk.sent() == sent


def test_the_person_is_asked_about_what_nobody_knows(desk: Desk) -> None:
    cut_at(desk, POST, ToolStarted)
    person = answered(desk, Allow())
    assert resumed(desk).ended.state == "reached"
    (question,) = person.questions
    assert (question.kind, question.tool, dict(question.arguments)) == ("unsettled", "post", {"text": "x"})
    assert desk.sent() == ["post x"]


def test_no_means_that_it_need_not_be_made_again(desk: Desk) -> None:
    cut_at(desk, POST, ToolStarted)
    answered(desk, Deny())
    outcome = resumed(desk)
    (observed,) = [one for one in outcome.of(Observed) if one.call == "c1"]
    assert (observed.ok, observed.settled) == (True, True)
    assert desk.sent() == []


def test_feedback_leaves_it_open_whether_it_was_made(desk: Desk) -> None:
    cut_at(desk, POST, ToolStarted)
    answered(desk, Comment("look at the outbox first"))
    outcome = resumed(desk)
    (observed,) = [one for one in outcome.of(Observed) if one.call == "c1"]
    assert not observed.ok
    assert outcome.of(Feedback)[0].text == "look at the outbox first"
    assert desk.sent() == []


def test_q_leaves_all_as_it_is(desk: Desk) -> None:
    cut_at(desk, [POST, called("post", "c2", text="y")], ToolStarted)
    person = answered(desk, Quit())
    assert resumed(desk).ended == Stopped(state="interrupted", reason="stopped at the prompt")
    assert len(person.questions) == 1
    answered(desk, Deny(), Allow())
    assert resumed(desk).ended.state == "reached"
    assert desk.sent() == ["post y"]


def test_edited_arguments_are_no_leave_for_the_call_as_it_was(desk: Desk) -> None:
    cut_at(desk, POST, ToolStarted)
    answered(desk, Edit({"text": "to bob only"}))
    outcome = resumed(desk)
    assert desk.sent() == []
    assert "to bob only" in outcome.of(Feedback)[0].text


def test_a_call_that_was_allowed_and_not_announced_is_not_settled_but_made(desk: Desk) -> None:
    cut_at(desk, POST, ToolStarted, written=False)
    assert resumed(desk).ended.state == "reached"
    assert desk.sent() == ["post x"]


@pytest.mark.parametrize(("word", "sent"), [("again", ["post from inside"]), ("done", [])])
def test_what_was_sent_from_inside_a_tool_that_only_reads_is_settled_too(
    desk: Desk, word: str, sent: list[str]
) -> None:
    def stop(item: Item) -> None:
        if isinstance(item, Nested) and isinstance(item.event, Observed) and item.event.tool == "post":
            raise SystemError("killed")

    desk.house.seen.append(stop)
    with pytest.raises(SystemError):
        desk.house.run("Work.", ScriptedModel([called("errand", "c1")]))
    desk.house.seen.clear()
    desk.witness.unlink()
    outcome = resumed(desk)
    assert outcome.ended.state == "blocked"
    assert "post was begun" in outcome.ended.reason
    outcome = desk.house.resume(ScriptedModel(["word", finish()]), word=word)
    assert outcome.ended.state == "reached"
    assert desk.sent() == sent
    nested = [record for record in outcome.records if record.path == "c1/2" and isinstance(record.event, Observed)]
    assert [record.event.settled for record in nested if isinstance(record.event, Observed)] == [word == "done"]
    assert desk.house.read("inner.md") == "inner\nword"


def test_the_person_is_asked_about_a_call_from_inside(desk: Desk) -> None:
    def stop(item: Item) -> None:
        if isinstance(item, Nested) and isinstance(item.event, Observed) and item.event.tool == "post":
            raise SystemError("killed")

    desk.house.seen.append(stop)
    with pytest.raises(SystemError):
        desk.house.run("Work.", ScriptedModel([called("errand", "c1")]))
    desk.house.seen.clear()
    person = answered(desk, Comment("never mind"), Allow(), Allow())
    outcome = desk.house.resume(ScriptedModel(["word", finish()]))
    assert outcome.ended.state == "reached"
    assert person.questions[0].kind == "unsettled"
    assert desk.sent() == ["post from inside"]
