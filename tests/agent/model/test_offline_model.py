"""The offline model over whole runs: what it writes, how it ends, and that it keeps nothing in between."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.events import Finished, NoteWritten, Observed, Stopped, ToolCall, Usage
from agent.goal import FileCheck, Goal, RegexCheck
from agent.model import Message, Model, Request
from agent.model.offline_model import OfflineModel
from tests.kits import House
from tests.offline_desk import FORECAST, STRANGERS, Desk, described, think, told

TEA = (
    "# Tea\n\nTea is grown in the hills of Assam.\nPrices rose by 12 percent in 2024.\nThe main risk is a late frost.\n"
)
COFFEE = (
    "# Coffee\n\nCoffee prices fell in 2024.\nBrazil had a record harvest of coffee.\nRoasters expect stable costs.\n"
)
LONG = """# The mill

The old mill stands beside a shallow river.
Its wheel was carved from oak in 1790.
Flour dust once made breathing hard for every worker.
In summer the stream often falls below one metre.
A turbine replaced the wheel after the great fire.
Visitors now pay three euros on Sundays.
School classes bake bread there each autumn.
Two owls nest under the northern roof.
The miller's diary lists forty kinds of grain.
Engineers measured strong vibrations near the axle.
Money for repairs comes from a small foundation.
A silver pump drains the cellar during floods.
"""


def answer_of(calls: list[ToolCall]) -> str:
    return str(calls[-1].arguments["answer"])


def test_it_is_a_model_that_costs_nothing_and_says_that_it_is_offline() -> None:
    model: Model = OfflineModel(Goal(goals=("Read a.txt",)))
    assert (model.name, model.offline, model.window) == ("offline", True, 1_000_000)
    assert model.price(Usage(prompt_tokens=10)) == 0.0


def test_it_answers_no_free_questions() -> None:
    thought = think(Goal(goals=("Read a.txt",)), Request(messages=[Message("user", "why?")], purpose="judge"))
    assert (thought.text, thought.calls, thought.model) == ("", (), "offline")


def test_the_brief_holds_the_sources_sentences_and_names_them() -> None:
    desk = Desk({"docs/a.md": TEA, "docs/b.md": COFFEE})
    calls = desk.run("Read docs/a.md and docs/b.md, remember the main finding, and write a brief to brief.md")
    assert told(calls)[0:2] == ["read_file docs/a.md", "read_file docs/b.md"]
    assert told(calls)[3:] == ["write_file brief.md", "reached"]
    brief = desk.files["brief.md"]
    assert brief.startswith("# Brief\n")
    assert "The main risk is a late frost." in brief
    assert "Coffee prices fell in 2024." in brief
    assert "Source: docs/a.md" in brief
    assert "## docs/b.md" in brief
    assert "offline rule-based model" in brief.strip().split("\n")[-1]
    assert desk.notes[0].count("(docs/a.md)") + desk.notes[0].count("(docs/b.md)") >= 1


def test_other_documents_give_another_brief() -> None:
    goal = "Summarise all files in docs into brief.md"
    first, second = Desk({"docs/a.md": TEA}), Desk({"docs/a.md": TEA.replace("frost", "hail"), "docs/z.md": COFFEE})
    first.run(goal)
    second.run(goal)
    assert "frost" in first.files["brief.md"]
    assert "hail" in second.files["brief.md"]
    assert "frost" not in second.files["brief.md"]
    assert "docs/z.md" not in first.files["brief.md"]
    assert "Brazil had a record harvest of coffee." in second.files["brief.md"]


def test_a_chinese_document_gives_a_chinese_brief() -> None:
    desk = Desk({"茶.md": "# 茶\n\n茶叶价格上涨了百分之十二。主要风险是晚霜。\n"})
    calls = desk.run("总结 茶.md，写入 简报.md")
    assert "## 要点" in desk.files["简报.md"]
    assert "主要风险是晚霜。" in desk.files["简报.md"]
    assert "没有语言模型参与" in desk.files["简报.md"]
    assert "离线规则模型" in answer_of(calls)
    assert desk.thoughts[0].text.startswith("规则步骤 1（离线，没有语言模型）：总结 茶.md")


def test_every_thought_says_in_one_line_what_it_does_and_the_first_that_it_is_offline() -> None:
    desk = Desk({"docs/a.md": TEA, "a.txt": "x"})
    desk.run("Summarise docs/a.md, then read a.txt")
    assert [thought.text for thought in desk.thoughts] == [
        "Rule-based step 1 (offline, no language model): summarise docs/a.md",
        "Rule-based step 2: read a.txt",
        "Rule-based step 3: finish, and say what was done and what was not",
    ]
    assert {thought.finish for thought in desk.thoughts} == {"tool_calls"}


def test_the_ids_of_calls_count_up_and_a_resumed_run_makes_the_very_same_calls() -> None:
    goal = "Summarise docs/a.md and docs/b.md into brief.md and then delete a.txt"
    desk = Desk({"docs/a.md": TEA, "docs/b.md": COFFEE, "a.txt": "x"})
    calls = desk.run(goal)
    assert [call.id for call in calls] == [f"offline-{number}" for number in range(1, len(calls) + 1)]
    places = [at for at, message in enumerate(desk.messages) if message.role == "assistant"]
    for thought, place in zip(desk.thoughts, places, strict=True):
        again = think(Goal(goals=(goal,)), replace(desk.request(), messages=desk.messages[:place]))
        assert (again.text, again.calls) == (thought.text, thought.calls)


def test_a_folder_is_listed_first_and_only_its_texts_are_read() -> None:
    desk = Desk({"docs/a.md": TEA, "docs/c.png": "x", "docs/.hidden.md": "x", "docs/sub/b.md": COFFEE, "e.md": "x"})
    calls = desk.run("Summarise every document in the docs folder")
    assert told(calls) == ["list_files docs", "summarize_file docs/a.md", "summarize_file docs/sub/b.md", "reached"]
    assert "docs/c.png" in answer_of(calls)


def test_documents_are_read_in_parallel_up_to_eight_a_thought() -> None:
    desk = Desk({f"docs/{n:02}.md": f"The number {n} is a fine number indeed." for n in range(25)})
    calls = desk.run("Summarise docs/*.md into all.md")
    assert [len(thought.calls) for thought in desk.thoughts] == [1, 8, 8, 4, 1, 1]
    assert told(calls)[-1] == "not reached"
    assert "only the first 20 of 25 files" in answer_of(calls)


def test_the_file_that_is_written_is_no_source_of_its_folder() -> None:
    desk = Desk({"docs/a.md": TEA, "docs/brief.md": "An older brief with other words."})
    calls = desk.run("Summarise all files in docs to docs/brief.md")
    assert "summarize_file docs/brief.md" not in told(calls)


def test_an_empty_file_among_others_is_left_out_and_told() -> None:
    desk = Desk({"docs/a.md": TEA, "docs/b.md": ""})
    calls = desk.run("Summarise docs/*.md")
    assert told(calls)[-1] == "reached"
    assert "docs/b.md: left out" in answer_of(calls)


def test_a_failed_call_is_told_the_rest_is_done_and_the_goal_is_not_reached() -> None:
    desk = Desk({"docs/a.md": TEA})
    calls = desk.run("Summarise missing.md and docs/a.md. Delete gone.txt. Write “x” to x.txt")
    assert told(calls) == [
        "summarize_file missing.md",
        "summarize_file docs/a.md",
        "delete_file gone.txt",
        "write_file x.txt",
        "not reached",
    ]
    answer = answer_of(calls)
    assert "there is no 'missing.md'" in answer
    assert "there is no 'gone.txt'" in answer
    assert "Files made or changed: x.txt" in answer


def test_a_denied_write_is_told_and_no_file_is_claimed() -> None:
    desk = Desk({"docs/a.md": TEA}, answers={"write_file": "Error (denied): the user said no"})
    calls = desk.run("Summarise docs/a.md into brief.md")
    assert told(calls)[-1] == "not reached"
    assert "denied: the user said no" in answer_of(calls)
    assert "Files made or changed" not in answer_of(calls)


def test_what_was_found_is_told_in_the_answer_where_no_file_holds_it() -> None:
    desk = Desk({"docs/a.md": TEA})
    assert "- The main risk is a late frost." in answer_of(desk.run("Summarise docs/a.md"))
    desk = Desk({"docs/a.md": TEA})
    assert "late frost" not in answer_of(desk.run("Summarise docs/a.md into brief.md"))


def test_the_result_of_a_strangers_tool_is_told_and_saved_as_it_came() -> None:
    desk = Desk(answers={"forecast": "Rain, 12 degrees."})
    calls = desk.run("Get the weather for Oslo and save the result to w.txt")
    assert desk.files["w.txt"] == "Rain, 12 degrees.\n"
    assert "Rain, 12 degrees." in answer_of(calls)


def test_a_tool_that_sends_is_never_called_on_a_weak_match() -> None:
    post = described(
        "post_status", "Tell the weather of a city to all friends.", "status", effect="send", city={"type": "string"}
    )
    for goal in (
        "What is the status in Berlin?",
        "Tell the weather of the city of Berlin",
        "My friends want the weather",
    ):
        assert all(call.tool != "post_status" for call in Desk(tools=(post,)).run(goal))


def test_of_two_tools_that_are_equally_alike_none_is_called() -> None:
    one = replace(FORECAST, name="alpha", aliases=())
    two = replace(FORECAST, name="beta", aliases=())
    assert told(Desk(tools=(one,)).run("I wonder about coming days and the city of Rome"))[0].startswith("alpha")
    assert told(Desk(tools=(one, two)).run("I wonder about coming days and the city of Rome")) == ["not reached"]


def test_feedback_before_the_end_is_worked_on_after_the_sub_goals() -> None:
    desk = Desk({"a.txt": "x", "b.txt": "y"}, between={1: "Feedback from the user: please also read b.txt"})
    assert told(desk.run("Read a.txt")) == ["read_file a.txt", "read_file b.txt", "reached"]


def test_feedback_that_forbids_stops_what_was_not_done_yet() -> None:
    desk = Desk({"a.txt": "x", "b.txt": "y"}, between={1: "Feedback from the user: do not delete b.txt"})
    calls = desk.run("Delete a.txt. Delete b.txt. Read b.txt")
    assert told(calls) == ["delete_file a.txt", "read_file b.txt", "not reached"]
    assert "b.txt" in desk.files


def test_feedback_after_the_end_is_worked_on() -> None:
    desk = Desk(
        {"a.txt": "x", "b.txt": "y"},
        after=["Feedback from the user: read b.txt too", "Feedback from the user: buy milk"],
    )
    assert told(desk.run("Read a.txt")) == ["read_file a.txt", "reached", "read_file b.txt", "reached", "not reached"]


def test_feedback_about_length_writes_the_brief_anew() -> None:
    desk = Desk({"docs/l.md": LONG}, after=["Feedback from the user: too short, make it longer"])
    calls = desk.run("Summarise docs/l.md into brief.md")
    assert told(calls).count("write_file brief.md") == 2
    first, second = (str(call.arguments["content"]) for call in calls if call.tool == "write_file")
    assert len(second) > len(first)
    desk = Desk({"docs/l.md": LONG}, after=["Feedback from the user: 请更短一些"])
    calls = desk.run("总结 docs/l.md，写入 brief.md")
    first, second = (str(call.arguments["content"]) for call in calls if call.tool == "write_file")
    assert len(second) < len(first)


def test_a_brief_is_made_as_long_as_the_check_wants_from_the_document_itself() -> None:
    goal = Goal(goals=("Summarise docs/l.md into brief.md",), checks=(FileCheck(file="brief.md", min_bytes=700),))
    desk = Desk({"docs/l.md": LONG})
    assert told(desk.run(goal)) == ["summarize_file docs/l.md", "read_file docs/l.md", "write_file brief.md", "reached"]
    assert len(desk.files["brief.md"].encode()) >= 700


def test_a_failed_check_is_mended_by_sentences_of_the_source_and_never_by_the_pattern() -> None:
    complaint = "Checks not passed: brief.md has at least 1 matches of the regular expression silver pump: none"
    goal = Goal(
        goals=("Summarise docs/l.md into brief.md",), checks=(RegexCheck(regex="silver pump", path="brief.md"),)
    )
    desk = Desk({"docs/l.md": LONG}, after=[complaint])
    assert told(desk.run(goal))[-2:] == ["write_file brief.md", "reached"]
    assert "A silver pump drains the cellar" in desk.files["brief.md"]


def test_a_check_that_the_sources_cannot_meet_is_told_as_beyond() -> None:
    complaint = "Checks not passed: brief.md has at least 1 matches of the regular expression zebra: none"
    goal = Goal(goals=("Summarise docs/a.md into brief.md",), checks=(RegexCheck(regex="zebra", path="brief.md"),))
    desk = Desk({"docs/a.md": TEA}, after=[complaint])
    calls = desk.run(goal)
    assert told(calls)[-1] == "not reached"
    assert "zebra" not in desk.files["brief.md"]
    assert "brief.md has all that the sources give" in answer_of(calls)


def test_a_pattern_that_is_none_in_a_check_breaks_nothing() -> None:
    goal = Goal(goals=("Summarise docs/l.md into brief.md",), checks=(RegexCheck(regex="(", path="brief.md"),))
    desk = Desk({"docs/l.md": LONG}, after=["Checks not passed: brief.md: the pattern is none"])
    assert told(desk.run(goal))[-1] == "reached"


def test_a_file_that_only_the_checks_name_is_written() -> None:
    goal = Goal(goals=("Summarise docs/a.md",), checks=(FileCheck(file="out/brief.md"),))
    desk = Desk({"docs/a.md": TEA})
    assert told(desk.run(goal)) == ["summarize_file docs/a.md", "write_file out/brief.md", "reached"]
    goal = Goal(goals=("Read docs/a.md and write a brief",), checks=(FileCheck(file="out/brief.md"),))
    assert told(Desk({"docs/a.md": TEA}).run(goal)) == ["read_file docs/a.md", "write_file out/brief.md", "reached"]


def test_a_claim_of_missing_files_is_not_repeated() -> None:
    desk = Desk({"docs/a.md": TEA})
    desk.run("Summarise docs/a.md into brief.md")
    last = desk.messages[-1]
    refused = replace(last, text="Error (claim): these files are not there: brief.md")
    again = think(
        Goal(goals=("Summarise docs/a.md into brief.md",)),
        replace(desk.request(), messages=[*desk.messages[:-1], refused]),
    )
    assert again.calls[0].arguments["reached"] is False


def test_constraints_forbid_set_lengths_or_are_told_as_not_weighed() -> None:
    goal = Goal(
        goals=("Summarise docs/l.md into brief.md", "Delete docs/l.md"),
        constraints=("at most 2 sentences", "never delete anything", "be witty", "do not mention owls"),
    )
    desk = Desk({"docs/l.md": LONG})
    calls = desk.run(goal)
    assert sum(line in desk.files["brief.md"] for line in LONG.split("\n")[2:] if line) == 2
    assert "delete_file" not in " ".join(told(calls))
    answer = answer_of(calls)
    assert "cannot weigh: be witty; do not mention owls" in answer
    assert "Left alone, as asked" in answer


def test_notes_of_earlier_runs_that_fit_go_into_the_brief() -> None:
    tail = (
        "# State\nToday is 2026-11-01.\nNotes from earlier runs (quoted, not instructions):\n"
        "- [n1, 2026-01-02] Anna wants tea prices every year.\n- [n2, 2026-02-03] The bicycle is red."
    )
    desk = Desk({"docs/a.md": TEA}, tail=tail)
    desk.run("Summarise tea prices from docs/a.md into brief.md")
    assert "## Known from before\n\n- Anna wants tea prices every year. (2026-01-02)" in desk.files["brief.md"]
    assert "bicycle" not in desk.files["brief.md"]


def test_files_handed_over_are_read_by_their_handles() -> None:
    head = "# Goal\nWrite a brief\n# Files handed over (read them with read_artifact)\n- a-0123456789ab: tea.md, 3 kB"
    desk = Desk(head=head, answers={"read_artifact": TEA})
    assert told(desk.run("Write a brief to brief.md")) == [
        "read_artifact a-0123456789ab",
        "write_file brief.md",
        "reached",
    ]
    assert "Source: tea.md" in desk.files["brief.md"]


def test_a_topic_without_a_document_is_looked_for_in_the_files() -> None:
    desk = Desk({"docs/a.md": TEA, "docs/b.md": COFFEE})
    calls = desk.run("Write a report about coffee harvest to r.md")
    assert told(calls)[1:] == ["read_file docs/b.md", "write_file r.md", "reached"]
    assert told(Desk({"docs/a.md": TEA}).run("Write a report about quantum gravity to r.md"))[-1] == "not reached"


def test_a_long_document_is_read_page_by_page() -> None:
    page = "The pump runs well.\n[lines 1-400 of 900; go on with start_line=401]"
    desk = Desk(answers={"read_file": page})
    calls = desk.run("Read big.txt")
    assert told(calls)[:2] == ["read_file big.txt", "read_file big.txt 401"]
    assert len(calls) <= 7
    assert "big.txt is long: only its beginning was read (lines 1-400 / 900)" in answer_of(calls)


def test_a_brief_says_of_which_documents_only_the_beginning_was_read() -> None:
    page = "The pump runs well in winter.\n[lines 1-400 of 900; go on with start_line=401]"
    desk = Desk({"docs/big.txt": "The pump runs well in winter."}, answers={"read_file": page})
    desk.run("Read every file in docs and write a brief on the pump to out.md")
    assert "docs/big.txt is long: only its beginning was read (lines 1-400 / 900)" in desk.files["out.md"]
    desk = Desk({"docs/a.md": TEA})
    desk.run("Read every file in docs and write a brief on tea to out.md")
    assert "only its beginning" not in desk.files["out.md"]


def test_another_language_than_the_documents_is_beyond() -> None:
    desk = Desk({"docs/a.md": TEA})
    calls = desk.run("Write a summary of docs/a.md in German to s.md")
    assert told(calls)[-1] == "not reached"
    assert "does not translate" in answer_of(calls)


def test_without_the_tool_that_a_sub_goal_needs_it_says_so() -> None:
    for goal in (
        "Read a.txt",
        "Summarise a.txt",
        "List the files",
        "Search for frost",
        "Recall tea",
        "Remember tea time",
    ):
        calls = Desk({"a.txt": "x"}, tools=(), offered=()).run(goal)
        assert told(calls) == ["not reached"]
        assert "no tool for it is offered here" in answer_of(calls)


def test_where_nothing_summarises_documents_are_read() -> None:
    offered = tuple(tool for tool in Desk().offered if tool.name != "summarize_file")
    desk = Desk({"docs/a.md": TEA}, offered=offered)
    assert told(desk.run("Summarise docs/a.md into brief.md")) == [
        "read_file docs/a.md",
        "write_file brief.md",
        "reached",
    ]


def test_where_no_tool_ends_the_work_the_answer_is_said() -> None:
    desk = Desk({"a.txt": "some words here"})
    desk.run("Read a.txt")
    request = desk.request()
    thought = think(Goal(goals=("Read a.txt",)), replace(request, messages=desk.messages[:4], tools=request.tools[:-1]))
    assert thought.calls == ()
    assert "offline rule-based model" in thought.text


def test_of_an_overlong_goal_the_beginning_is_worked_on_and_the_cut_is_told() -> None:
    desk = Desk({"a.txt": "x"})
    calls = desk.run("Read a.txt. " + "blah " * 1000)
    assert told(calls)[0] == "read_file a.txt"
    assert told(calls)[-1] == "not reached"
    assert "only the first 4000 characters" in answer_of(calls)


def test_calls_of_folded_steps_are_not_made_again() -> None:
    goal = Goal(goals=("Delete a.txt. Delete b.txt. Delete c.txt. Read d.txt",))
    desk = Desk(dict.fromkeys(("a.txt", "b.txt", "c.txt", "d.txt"), "x"))
    desk.run(goal)
    folded = [*desk.messages[:2], Message("user", "# Summary of steps 1 to 2"), *desk.messages[6:8]]
    thought = think(goal, replace(desk.request(), messages=folded))
    assert [call.arguments for call in thought.calls] == [{"path": "d.txt"}]
    assert thought.calls[0].id == "offline-4"


def test_arguments_that_the_user_edited_count_as_the_call_that_was_wanted() -> None:
    goal = Goal(goals=('Write "x" to a.txt, then read a.txt',))
    edited = ToolCall(id="offline-1", tool="write_file", arguments={"path": "b.txt", "content": "y"})
    messages = [
        Message("system", "s"),
        Message("user", "g"),
        Message("assistant", "t", (edited,)),
        Message("tool", "{}", call_id="offline-1"),
    ]
    thought = think(goal, replace(Desk().request(), messages=messages))
    assert [call.tool for call in thought.calls] == ["read_file"]


BITS = """read write summarise delete move remember recall find list ask replace a.md docs/*.md docs/ to into in and
then , do not “ ” ' " 读取 总结 写入 保存到 不要 然后 并 把 的 文件夹 所有文件 。 ？ 3 days city= https://x.y/z
brief it them if"""
words = st.text(max_size=200) | st.lists(st.sampled_from(BITS.split()), max_size=14).map(" ".join)


@settings(max_examples=120, deadline=None)
@given(goal=words, feedback=words, result=words)
def test_whatever_is_said_it_comes_to_an_end(goal: str, feedback: str, result: str) -> None:
    answers: dict[str, Any] = dict.fromkeys(("read_file", "list_files", "search_files", "forecast"), result)
    desk = Desk(
        {"docs/a.md": TEA},
        answers=answers,
        after=[f"Feedback from the user: {feedback}", f"Checks not passed: {feedback}"],
    )
    calls = desk.run(Goal(goals=(goal,), constraints=(feedback,)))
    assert calls[-1].tool == "finish"


@pytest.mark.parametrize("tools", [STRANGERS, ()])
def test_most_thoughts_take_far_less_than_a_tenth_of_a_second(tools: Any) -> None:
    desk = Desk({f"docs/{n}.md": TEA for n in range(8)}, tools=tools)
    desk.run("Summarise docs/*.md into brief.md")
    taken = sorted(thought.seconds for thought in desk.thoughts)
    assert taken[len(taken) // 2] < 0.1


def test_a_real_run_writes_a_real_brief_and_is_reached(house: House) -> None:
    house.write("docs/a.md", TEA)
    house.write("docs/b.md", COFFEE)
    goal = Goal(
        goals=("Read docs/a.md and docs/b.md, remember the main finding, and write a brief to brief.md.",),
        checks=(FileCheck(file="brief.md", min_bytes=300), RegexCheck(regex="Assam|frost", path="brief.md")),
    )
    outcome = house.run(goal, OfflineModel(goal))
    assert isinstance(outcome.ended, Finished)
    assert outcome.ended.state == "reached"
    assert "Source: docs/b.md" in house.read("brief.md")
    assert len(outcome.of(NoteWritten)) == 1
    assert all(one.ok for one in outcome.of(Observed))


def test_a_real_run_over_a_folder_with_a_question_ends_truthfully(house: House) -> None:
    house.write("docs/a.md", TEA)
    goal = Goal(goals=("Summarise all files in docs, list the files in docs, and invent a cure for frost",))
    outcome = house.run(goal, OfflineModel(goal))
    assert isinstance(outcome.ended, Finished)
    assert outcome.ended.state == "not_reached"
    assert "invent a cure for frost" in outcome.ended.answer


def test_a_real_run_answers_out_of_the_files(house: House) -> None:
    house.write("docs/茶.md", "# 茶\n\n茶叶价格上涨了百分之十二。主要风险是晚霜。\n")
    goal = Goal(goals=("茶叶的主要风险是什么？",))
    outcome = house.run(goal, OfflineModel(goal))
    assert not isinstance(outcome.ended, Stopped)
    assert outcome.ended.state == "reached"
    assert "主要风险是晚霜。" in outcome.ended.answer
