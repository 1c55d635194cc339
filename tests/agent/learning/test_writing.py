"""Writing: corrections and episodes as notes; never what memory told; never twice; never a secret."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest

from agent.approval import Comment, Policy
from agent.errors import ModelUnavailable
from agent.events import Feedback, NoteWritten, Recalled, Thought, WindowFolded
from agent.goal import FileCheck, Goal, ModelChoice
from agent.limits import Allowance
from agent.model import Request
from agent.model.offline_model import OfflineModel
from agent.notes import MOST_NOTES
from memory.embedding import words
from plugins import Effect, ToolError, tool
from tests.kits import House, Person, called, finish
from tests.recollection import Recollection
from tests.scripted import ScriptedModel

WRITE = called("write_file", path="out.md", content="text\n")


def notes(outcome: Any, why: str) -> list[NoteWritten]:
    return [one for one in outcome.of(NoteWritten) if one.why == why]


# --- what the user says ---


def test_a_correction_at_the_prompt_becomes_the_users_own_note(house: House, memory: Recollection) -> None:
    house.seat(Comment("Wrong folder. Use docs/ instead of the root."))
    outcome = house.run("Write it.", ScriptedModel([WRITE, finish()]))
    (note,) = notes(outcome, "correction")
    assert (note.text, note.note, note.origin) == ("Use docs/ instead of the root.", "fact", "user")
    (kept,) = memory.notes(kind="fact")
    assert (kept.origin, kept.namespace) == ("user", "here")


def test_what_the_user_likes_everywhere_goes_to_the_global_notes(house: House, memory: Recollection) -> None:
    house.allowance = Allowance(steps=1)
    house.run("Write it.", ScriptedModel([called("list_files")]))
    house.allowance = Allowance()
    outcome = house.resume(ScriptedModel([finish()]), feedback="以后都用公制单位。 And fix the table.")
    assert [one.namespace for one in notes(outcome, "correction")] == ["global"]
    assert memory.texts("global") == ["以后都用公制单位。"]
    assert memory.texts(kind="preference") == []


def test_words_before_the_first_step_count_as_well(house: House, memory: Recollection) -> None:
    house.run("Write it.", ScriptedModel([ModelUnavailable("no connection")]))
    outcome = house.resume(ScriptedModel([finish()]), feedback="Always cite the page.")
    assert [one.text for one in notes(outcome, "correction")] == ["Always cite the page."]


def test_a_correction_is_written_once_though_the_run_goes_on_twice(house: House, memory: Recollection) -> None:
    house.allowance = Allowance(steps=1)
    house.run("Write it.", ScriptedModel([called("list_files")]))
    first = house.resume(ScriptedModel([]), feedback="Always cite the page.")
    again = house.resume(ScriptedModel([]))
    assert len(notes(first, "correction")) == 1
    assert notes(again, "correction") == []
    (kept,) = memory.notes("global")
    assert kept.copies == 1


def test_a_correction_with_a_secret_is_refused_and_the_run_goes_on(house: House, memory: Recollection) -> None:
    house.seat(Comment("Remember: the password: hunter2hunter2"))
    outcome = house.run("Write it.", ScriptedModel([WRITE, finish()]))
    assert outcome.ended.state == "reached"
    assert notes(outcome, "correction") == []
    said = [one.text for one in outcome.of(Feedback) if one.origin == "product"]
    assert said == [
        "(a note for later runs was not kept: the note's text holds a password; secrets are not remembered)"
    ]
    assert not any("hunter2" in note.text for space in ("here", "global") for note in memory.notes(space))


def test_who_denies_the_tool_wants_nothing_written(house: House, memory: Recollection) -> None:
    house.seat(Comment("Always cite the page."))
    house.policy = Policy(attended=True, deny=("remember",))
    outcome = house.run("Write it.", ScriptedModel([WRITE, finish()]))
    assert outcome.of(NoteWritten) == []
    assert memory.notes() == []


# --- the end ---


def test_a_run_leaves_an_episode_that_a_later_one_is_told(house: House, memory: Recollection) -> None:
    goal = Goal(goals=("Write the tide table to out.md",), checks=(FileCheck(file="out.md"),))
    house.policy = Policy(allow=("write_file",))
    outcome = house.run(goal, ScriptedModel([WRITE, finish("The table is in out.md. It has 12 rows.")]))
    (note,) = notes(outcome, "end")
    assert note.text == (
        "Goal: Write the tide table to out.md\n"
        "Outcome: reached after 2 steps, 1 check passed\n"
        "Files: created out.md\n"
        "Answer: The table is in out.md. It has 12 rows."
    )
    kinds = outcome.kinds()
    assert kinds.index("note.written") == len(kinds) - 2, "before the event that ends the run"
    (kept,) = memory.notes()
    assert (kept.kind, kept.run, kept.metadata["state"]) == ("episode", outcome.run.id, "reached")
    assert kept.expires is not None
    assert 89 < (kept.expires - time.time()) / 86400 <= 90
    model = ScriptedModel([finish()])
    house.run("Which table of the tide is there?", model)
    assert "The table is in out.md." in model.requests[0].messages[-1].text


@pytest.mark.parametrize(
    ("replies", "allowance", "outcome"),
    [
        ([finish(reached=False)], Allowance(), "not reached after 1 step (the model gave up)"),
        ([called("list_files")], Allowance(steps=1), "stopped by a limit after 1 step ("),
        (["", "", ""], Allowance(), "loop after 3 steps (3 turns in a row had neither a call nor words)"),
        ([called("list_files"), ModelUnavailable("gone")], Allowance(), "stopped: no model after 1 step (gone)"),
    ],
)
def test_however_it_ends_the_episode_says_so(
    house: House, memory: Recollection, replies: list[Any], allowance: Allowance, outcome: str
) -> None:
    house.allowance = allowance
    house.run("Look.", ScriptedModel(replies))
    (text,) = memory.texts(kind="episode")
    assert f"\nOutcome: {outcome}" in text


def test_what_ended_before_its_first_step_leaves_nothing(house: House, memory: Recollection) -> None:
    house.run("Look.", ScriptedModel([ModelUnavailable("gone")]))
    assert memory.notes(superseded=True) == []
    assert not memory.file.exists()


def test_a_run_that_goes_on_has_one_episode(house: House, memory: Recollection) -> None:
    house.allowance = Allowance(steps=1)
    house.run("Look.", ScriptedModel([called("list_files")]))
    house.allowance = Allowance()
    outcome = house.resume(ScriptedModel([finish("Nothing is there.")]))
    (kept,) = memory.notes(kind="episode")
    assert "reached after 2 steps" in kept.text
    assert notes(outcome, "end")[0].state == "replaced"
    before, now = memory.notes(kind="episode", superseded=True)
    assert (before.superseded_by, now.id) == (kept.id, kept.id)


def test_the_same_goal_reached_again_has_one_episode_and_a_failure_stays_beside_it(
    house: House, memory: Recollection
) -> None:
    house.run("Look into it.", ScriptedModel([finish("Nothing was found.", reached=False)]))
    house.run("Look into it.", ScriptedModel([called("list_files"), finish("Three boats.")]))
    house.run(
        "Look into it.", ScriptedModel([called("list_files"), called("recall", query="x"), finish("Four boats.")])
    )
    assert [one.splitlines()[1] for one in memory.texts(kind="episode")] == [
        "Outcome: not reached after 1 step (the model gave up)",
        "Outcome: reached after 3 steps",
    ]


def test_long_goals_answers_and_lists_of_files_are_cut(house: House, memory: Recollection) -> None:
    house.policy = Policy(allow=("write_file",))
    files = [called("write_file", f"c{n}", path=f"{n}.md", content="x") for n in range(12)]
    house.run("Write twelve files. " * 60, ScriptedModel([files, finish("A sentence of the answer. " * 60)]))
    (text,) = memory.texts(kind="episode")
    assert "and 4 more" in text
    assert len(text) < 1200


def test_what_memory_told_is_left_out_of_the_answer_however_short_it_is(house: House, memory: Recollection) -> None:
    memory.add("我喜欢喝绿茶", origin="user")
    house.run("我喜欢喝什么？", ScriptedModel([finish("- 我喜欢喝绿茶 (来自记忆)\n杯子在柜子里。")]))
    (text,) = memory.texts(kind="episode")
    assert text.splitlines()[-1] == "Answer: 杯子在柜子里。"


def test_what_a_run_wrote_again_as_it_was_stays_in_its_episode(house: House, memory: Recollection) -> None:
    house.policy = Policy(allow=("write_file", "delete_file"))
    house.write("old.md", "x")
    steps = [WRITE, called("write_file", "w", path="old.md", content="y"), called("delete_file", path="old.md")]
    for _ in range(2):
        house.run("Write it.", ScriptedModel([*steps[: 1 + 2 * house.workspace.joinpath("old.md").exists()], finish()]))
    before, now = memory.notes(kind="episode", superseded=True)
    assert before.text.splitlines()[2] == "Files: created out.md, deleted old.md"
    assert now.text.splitlines()[2] == "Files: unchanged out.md"


def test_of_a_run_that_did_not_get_there_the_last_words_and_the_last_failure_are_kept(
    house: House, memory: Recollection
) -> None:
    house.allowance = Allowance(steps=1)
    wrong = Thought(text="The table should be in out.md.\n\nI look.", calls=(called("read_file", path="out.md"),))
    house.run("Look.", ScriptedModel([wrong]))
    (text,) = memory.texts(kind="episode")
    assert text.splitlines()[2:] == [
        "Last words: The table should be in out.md. I look.",
        "Last failure: read_file: cannot read 'out.md': there is no such file or folder",
    ]


def test_a_secret_of_the_call_that_failed_last_is_left_out(house: House, memory: Recollection) -> None:
    @tool(effect=Effect.READ)
    def open_gate(password: str) -> str:
        """Open the gate.

        Args:
            password: Of the gate.
        """
        raise ToolError(f"nobody opens to {password}")

    house.tools = (open_gate,)
    house.run("Enter.", ScriptedModel([called("open_gate", password="tide-and-time"), finish("No.", reached=False)]))
    (text,) = memory.texts(kind="episode")
    assert text.splitlines()[-1] == "Last failure: open_gate: nobody opens to …"


def test_a_result_of_several_lines_is_no_answer_to_be_kept_and_one_line_of_it_is(
    house: House, memory: Recollection
) -> None:
    house.write("a.txt", "one\ntwo\nthree\n")
    look = called("read_file", path="a.txt")
    house.run("Read it.", ScriptedModel([look, finish("one\ntwo\nthree\n\nThat is all of it.")]))
    house.run("What is in the middle?", ScriptedModel([look, finish("two")]))
    assert [one.splitlines()[-1] for one in memory.texts(kind="episode")] == [
        "Answer: That is all of it.",
        "Answer: two",
    ]


def test_a_word_of_a_note_makes_no_quotation(house: House, memory: Recollection) -> None:
    memory.add("Tea! The mill is where it is served.", kind="fact")
    answer = "Tea is poured at five by the miller. The mill is where it is served, as I know."
    outcome = house.run("When is tea served at the mill?", ScriptedModel([finish(answer)]))
    assert outcome.of(Recalled)
    (text,) = memory.texts(kind="episode")
    assert text.splitlines()[-1] == "Answer: Tea is poured at five by the miller."


def test_a_paragraph_that_holds_a_result_among_much_else_is_the_agents_own(house: House, memory: Recollection) -> None:
    house.write("a.txt", "one\ntwo\n")
    answer = "Of all the gauges at the pier only one, two at most, were read since the flood of last autumn."
    house.run("Which gauges were read?", ScriptedModel([called("read_file", path="a.txt"), finish(answer)]))
    (text,) = memory.texts(kind="episode")
    assert text.splitlines()[-1] == f"Answer: {answer}"


# --- the end of a run by rules ---


@pytest.mark.parametrize(
    ("goal", "lines"),
    [
        ("Write 'a line' to out.md", ["Outcome: reached after 2 steps", "Files: created out.md"]),
        ("把“一行字”写入 out.md", ["Outcome: reached after 2 steps", "Files: created out.md"]),
    ],
)
def test_of_a_run_by_rules_what_it_made_is_kept_and_not_its_report(
    house: House, memory: Recollection, goal: str, lines: list[str]
) -> None:
    wanted = Goal(goals=(goal,))
    house.run(wanted, OfflineModel(wanted))
    (text,) = memory.texts(kind="episode")
    assert text.splitlines() == [f"Goal: {goal}", *lines]


def test_an_answer_that_rules_found_is_kept_without_their_report(house: House, memory: Recollection) -> None:
    house.write("ferry.md", "# Ferry\nThe ferry leaves at 7 o'clock from the north pier. On Sundays there is none.\n")
    goal = Goal(goals=("When does the ferry leave?",))
    assert house.run(goal, OfflineModel(goal)).ended.state == "reached"
    (text,) = memory.texts(kind="episode")
    assert "\nAnswer: - The ferry leaves at 7 o'clock from the north pier. (ferry.md)" in text
    assert "Done" not in text
    assert "offline" not in text


@pytest.mark.parametrize("goal", ["List the files", "列出所有文件", "Read a.md", "Who built the bridge?", "Dance."])
def test_a_run_by_rules_that_leaves_nothing_for_later_ones_is_no_episode(
    house: House, memory: Recollection, goal: str
) -> None:
    house.write("a.md", "Gulls nest on the roof.\nHerons nest at the pier.\n")
    wanted = Goal(goals=(goal,))
    house.run(wanted, OfflineModel(wanted))
    assert memory.notes() == []


# --- what memory told, and the limit ---


def test_fifty_runs_in_a_row_leave_no_copy_of_what_memory_told(house: House, memory: Recollection) -> None:
    """Each run echoes what it was told: as a note, and in its answer."""
    seeds = ["The gauge at pier 7 reads 12 cm too high since the flood.", "渡船每天早上七点从北岸开出，周日停航。"]
    for seed in seeds:
        memory.add(seed, origin="user", kind="fact")
    house.policy = Policy(allow=("remember",))

    def echo(request: Request) -> Any:
        tail = request.messages[-1].text
        told = [line.partition("] ")[2] for line in tail.splitlines() if line.startswith("- [")]
        if any(message.role == "tool" for message in request.messages):
            return finish(f"I was told: {' '.join(told)} That is all.")
        near = [f"{one} Indeed." for one in told]
        return [called("remember", f"r{n}", text=text) for n, text in enumerate([*told, *near][:8])] or called(
            "list_files"
        )

    for number in range(50):
        outcome = house.run(
            f"Which gauge reads too high, and when does the 渡船 leave? Part {number % 5}", ScriptedModel(echo)
        )
        assert outcome.ended.state == "reached"
        assert outcome.of(Recalled)
    every = memory.notes(superseded=True)
    assert [one.text for one in every if one.kind != "episode"] == seeds
    assert [one.copies for one in every if one.text in seeds] == [1, 1]
    for note in every:
        if note.kind == "episode":
            assert not any(seed[:20] in note.text for seed in seeds), note.text
            assert all(_overlap(note.text, seed) < 0.8 for seed in seeds)
    assert len(memory.notes(kind="episode")) <= 5


def test_fifty_runs_that_make_the_same_mistake_leave_one_lesson(house: House, memory: Recollection) -> None:
    """Each says it as a note as well; in the first, which nobody has told of it yet, that counts."""
    house.policy = Policy(allow=("remember",))
    wrong, right = called("list_files", "w", folder="."), called("list_files", "r", path=".")
    for number in range(50):
        note = called("remember", text="list_files wants path, not folder.")
        house.run(f"Count the boats, part {number % 5}", ScriptedModel([wrong, right, note, finish(f"{number}")]))
    kept = memory.notes(superseded=True)
    (lesson,) = (one for one in kept if one.kind != "episode")
    assert (lesson.kind, lesson.text, lesson.copies) == ("lesson", "list_files wants path, not folder.", 50 + 1)


def _overlap(one: str, other: str) -> float:
    mine, theirs = set(words(one)), set(words(other))
    return len(mine & theirs) / len(mine | theirs)


def test_twenty_notes_are_all_that_a_run_writes_by_whatever_rule(house: House, memory: Recollection) -> None:
    house.policy = Policy(allow=("remember",))
    calls = [called("remember", f"r{n}", text=f"Buoy {n} lies at mark {n * 7}.") for n in range(MOST_NOTES + 2)]
    outcome = house.run("Note the buoys.", ScriptedModel([calls, finish()]))
    assert len(outcome.of(NoteWritten)) == MOST_NOTES
    assert notes(outcome, "end") == []


# --- folding ---


@tool(effect=Effect.READ)
def look(name: str) -> str:
    """Look at a thing.

    Args:
        name: The thing.
    """
    return f"{name}: " + "many words of it " * 60


@pytest.mark.parametrize(
    ("policy", "kept"),
    [(Policy(allow=("remember",)), ["The dam holds 4 metres."]), (Policy(attended=True, allow=("look",)), [])],
)
def test_what_the_model_marks_as_lasting_when_folding_is_kept_where_it_may_remember_unasked(
    house: House, memory: Recollection, policy: Policy, kept: list[str]
) -> None:
    house.tools, house.policy, house.approver = (look,), policy, Person()
    asked: list[Request] = []

    def reply(request: Request) -> Any:
        if request.purpose == "fold":
            asked.append(request)
            return "Findings: many words.\n\n**For later runs:**\n- The dam holds 4 metres.\n- none"
        made = sum(message.role == "assistant" for message in request.messages)
        return finish() if len(asked) > 1 else called("look", name=f"thing {made} {len(asked)}")

    outcome = house.run(Goal(goals=("Look.",), model=ModelChoice(window=6000, reply=500)), ScriptedModel(reply))
    assert outcome.ended.state == "reached"
    assert memory.texts(kind="fact") == kept
    folds = outcome.of(WindowFolded)
    assert folds
    assert all("Findings: many words." in one.summary for one in folds)
    assert all(("For later runs" not in one.summary) is bool(kept) for one in folds), "nothing is lost"
    assert ("For later runs" in json.dumps([message.text for message in asked[0].messages])) is bool(kept)
