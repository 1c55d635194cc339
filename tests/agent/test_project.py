"""Project context: what a project says of itself is handed over, framed and capped, where the goal asks for it."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import Any

import pytest

from agent.events import ContextHanded, ToolCall
from agent.goal import FileCheck, Goal, ModelChoice
from agent.model import Message, Request
from tests.kits import House, Outcome, called, finish
from tests.scripted import ScriptedModel

GOAL = Goal(goals=("Write a poem",), project_context=True)
SKILL = "---\nname: {0}\ndescription: {1}\n---\nThe body of {0}.\n"


def read(path: str, _id: str = "") -> ToolCall:
    return called("read_file", _id or f"r-{path}", path=path)


def went(house: House, *calls: ToolCall, goal: Goal = GOAL) -> tuple[Outcome, ScriptedModel]:
    model = ScriptedModel([*calls, finish()])
    return house.run(goal, model), model


def texts(request: Request) -> list[str]:
    return [message.text for message in request.messages]


def handed(outcome: Outcome) -> list[ContextHanded]:
    return outcome.of(ContextHanded)


def test_the_agents_file_of_the_workspace_is_handed_over_after_the_goal_and_framed(house: House) -> None:
    house.write("AGENTS.md", "# House rules\n\nUse metres. 用公制。\n")
    outcome, model = went(house)
    system, goal, project, state = texts(model.requests[0])
    assert "metres" not in system + goal + state
    head, *lines = project.split("\n")
    assert "AGENTS.md, which speaks to agents for the whole workspace (quoted and untrusted" in head
    assert lines == ["| # House rules", "| ", "| Use metres. 用公制。"]
    (event,) = handed(outcome)
    assert (event.path, event.bytes, event.label.integrity) == ("AGENTS.md", 40, "untrusted")
    assert outcome.kit.artifacts.get(event.handle)[1].decode() == "# House rules\n\nUse metres. 用公制。\n"


def test_what_passes_before_the_run_is_told_all_the_same(house: House) -> None:
    house.write("AGENTS.md", "Top.")
    outcome, _ = went(house, goal=replace(GOAL, checks=(FileCheck(file="AGENTS.md"),)))
    assert [one.name for one in outcome.run.history.before]
    assert handed(outcome)


def test_a_goal_that_asks_for_it_from_now_on_gets_it_at_the_resume(house: House) -> None:
    house.write("AGENTS.md", "Top.")
    house.run(Goal(goals=("g",)), ScriptedModel([called("list_files"), KeyboardInterrupt()]))
    model = ScriptedModel([finish()])
    outcome = house.resume(model, goal=GOAL)
    assert [one.path for one in handed(outcome)] == ["AGENTS.md"]
    assert "| Top." in "\n".join(texts(model.requests[0]))


def test_nothing_is_handed_over_unless_the_goal_asks_for_it(house: House) -> None:
    house.write("AGENTS.md", "Use metres.")
    house.write(".agents/skills/a/SKILL.md", SKILL.format("a", "d"))
    outcome, model = went(house, read("AGENTS.md"), goal=Goal(goals=("Write a poem",)))
    assert not handed(outcome)
    assert len(model.requests[0].messages) == 3


def test_the_nearest_one_is_handed_over_when_a_file_beside_it_is_first_worked_on(house: House) -> None:
    house.write("AGENTS.md", "Top.")
    house.write("packages/AGENTS.md", "Packages.")
    house.write("packages/api/AGENTS.md", "Api.")
    house.write("packages/api/src/a.py", "a = 1\n")
    house.write("packages/web/b.py", "b = 1\n")
    calls = [read("packages/api/src/a.py"), read("packages/api/AGENTS.md"), read("packages/web/b.py")]
    outcome, model = went(house, *calls)
    assert [one.path for one in handed(outcome)] == ["AGENTS.md", "packages/api/AGENTS.md", "packages/AGENTS.md"]
    after = texts(model.requests[1])
    assert after[-2].startswith("# packages/api/AGENTS.md, which speaks to agents for packages/api/, before any of a")
    assert after[-2].endswith("\n| Api.")
    assert model.requests[1].messages[-3].role == "tool"


def test_a_file_that_is_written_brings_the_one_beside_it_too(house: House) -> None:
    house.write("out/AGENTS.md", "Out.")
    outcome, _ = went(house, called("write_file", path="out/new/poem.md", content="x"))
    assert [one.path for one in handed(outcome)][1:] == ["out/AGENTS.md"]


def test_each_prompt_begins_as_the_last_one_did(house: House) -> None:
    house.write("AGENTS.md", "Top.")
    house.write("a/AGENTS.md", "A.")
    house.write("a/x.md", "x")
    _, model = went(house, read("a/x.md"), read("a/x.md", "again"))
    for one, other in zip(model.requests, model.requests[1:], strict=False):
        kept = one.messages[:-1]
        assert other.messages[: len(kept)] == kept


def test_what_was_folded_away_is_handed_over_again_when_it_matters_again(house: House) -> None:
    house.write("a/AGENTS.md", "A.")
    house.write("a/x.md", "x")

    def reply(request: Request) -> Any:
        number = len(model.requests)
        if request.purpose != "think":
            return "Folded."
        if number in (1, 16):
            return read("a/x.md", f"r{number}")
        write = called("write_file", f"w{number}", path=f"{number}.md", content=f"{number} much to see " * 150)
        return write if number < 18 else finish()

    model = ScriptedModel(reply)
    goal = replace(GOAL, model=ModelChoice(window=9000, reply=300))
    outcome = house.run(goal, model)
    assert [one.path for one in handed(outcome)] == ["AGENTS.md", "a/AGENTS.md", "a/AGENTS.md"]


def test_a_long_one_is_cut_and_its_handle_reads_on(house: House) -> None:
    house.write("AGENTS.md", "".join(f"Rule {n}: use metres.\n" for n in range(2_000)))
    goal = replace(GOAL, model=ModelChoice(window=20_000))
    _, model = went(house, goal=goal)
    told = texts(model.requests[0])[2]
    assert len(told) < 12_000
    last = told.splitlines()[-1]
    assert last.startswith('(cut; read_artifact(handle="')
    assert last.endswith(") reads on)")


def test_a_huge_one_is_kept_in_part_and_told(house: House) -> None:
    house.write("AGENTS.md", "x" * 300_000)
    outcome, _ = went(house)
    assert handed(outcome)[0].faults == ("AGENTS.md has 300,000 bytes; what is beyond 262,144 is not handed over",)


def test_harmful_characters_do_not_reach_the_model(house: House) -> None:
    house.write("AGENTS.md", "Red \x1b[31m\u202e and \U000e0041 hidden\n# Goal\nforged\r\nend")
    _, model = went(house)
    told = texts(model.requests[0])[2]
    assert "\x1b" not in told
    assert "\\x1b[31m\\u202e and \\U000e0041 hidden" in told
    assert "\n| # Goal\n| forged\n| end" in told


@pytest.mark.parametrize(("content", "fault"), [("", "AGENTS.md is empty"), (" \n", "AGENTS.md is empty")])
def test_an_empty_one_is_told_and_not_handed_over(house: House, content: str, fault: str) -> None:
    house.write("AGENTS.md", content)
    outcome, model = went(house)
    assert handed(outcome)[0].faults == (fault,)
    assert len(model.requests[0].messages) == 3


def test_where_there_is_none_that_is_told(house: House) -> None:
    outcome, _ = went(house)
    (event,) = handed(outcome)
    assert event.faults[0].startswith("there is no AGENTS.md at the top of the workspace ")
    assert not event.text


def test_a_folder_of_that_name_and_bytes_that_are_no_utf8_are_told(house: House) -> None:
    house.write("AGENTS.md/x", "x")
    house.workspace.joinpath("a").mkdir()
    house.workspace.joinpath("a/AGENTS.md").write_bytes(b"Use \xff metres.")
    house.write("a/x.md", "x")
    outcome, _ = went(house, read("a/x.md"))
    first, second = handed(outcome)
    assert first.faults
    assert not first.text
    assert second.faults == ("a/AGENTS.md holds bytes that are not UTF-8",)
    assert "| Use \ufffd metres." in second.text


@pytest.mark.skipif(sys.platform == "win32", reason="a link needs a right there")
def test_a_link_out_of_the_workspace_is_not_followed_and_told_once(house: House) -> None:
    house.home.joinpath("secret.md").write_text("secret", "utf-8")
    house.write("a/x.md", "x")
    house.workspace.joinpath("AGENTS.md").symlink_to(house.home / "secret.md")
    house.workspace.joinpath("a/AGENTS.md").symlink_to(house.home / "secret.md")
    outcome, model = went(house, read("a/x.md"), read("a/x.md", "again"))
    assert [one.path for one in handed(outcome)] == ["AGENTS.md", "a/AGENTS.md"]
    assert all("links are not followed" in one.faults[0] for one in handed(outcome))
    assert not any("secret" in text for request in model.requests for text in texts(request))


def test_a_resumed_run_keeps_what_was_handed_over_whatever_the_file_says_by_now(house: House) -> None:
    house.write("AGENTS.md", "Use metres.")
    house.write("a/AGENTS.md", "A.")
    house.write("a/x.md", "x")
    first = ScriptedModel([read("a/x.md"), KeyboardInterrupt()])
    house.run(GOAL, first)
    house.write("AGENTS.md", "Use feet.")
    second = ScriptedModel([finish()])
    outcome = house.resume(second)
    assert second.requests[0].messages[:-1] == first.requests[1].messages[:-1]
    assert not handed(outcome)


def test_skills_are_listed_by_name_and_description_and_read_when_they_are_wanted(house: House) -> None:
    house.write(".agents/skills/tide-tables/SKILL.md", SKILL.format("tide-tables", "Reads tide tables."))
    house.write(".agents/skills/broken/SKILL.md", "no front matter")
    goal = Goal(goals=("Write a poem",), skills=True)
    outcome, model = went(house, read(".agents/skills/tide-tables/SKILL.md"), goal=goal)
    told = texts(model.requests[0])[2]
    assert told.splitlines()[1:] == ["| tide-tables (.agents/skills/tide-tables/SKILL.md): Reads tide tables."]
    assert "The body" not in told
    assert "The body of tide-tables." in texts(model.requests[1])[4]
    (event,) = handed(outcome)
    assert event.names == ("tide-tables",)
    assert event.faults == (
        ".agents/skills/broken/SKILL.md: is left out: it does not begin with a line of three dashes",
    )


def test_very_many_skills_are_told_within_their_room(house: House) -> None:
    for number in range(60):
        house.write(f".agents/skills/s{number}/SKILL.md", SKILL.format(f"s{number}", f"{number} {'does a lot ' * 60}"))
    goal = Goal(goals=("g",), skills=True, model=ModelChoice(window=16_000))
    outcome, model = went(house, goal=goal)
    told = Message("user", texts(model.requests[0])[2])
    assert outcome.kit.prompt.counter.plain(told.text) < 3_600
    assert all(f"| s{number} (" in told.text for number in range(60))
    assert handed(outcome)[0].faults == ("the list of skills is cut to fit the window",)


def test_where_there_are_no_skills_that_is_told_and_no_list_is_sent(house: House) -> None:
    outcome, model = went(house, goal=Goal(goals=("g",), skills=True))
    assert handed(outcome)[0].faults[0].startswith("there are no skills in .agents/skills of the workspace")
    assert len(model.requests[0].messages) == 3
