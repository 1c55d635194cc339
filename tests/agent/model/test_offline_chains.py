"""What the offline model does after a step that failed, and how it calls tools that are named."""

from __future__ import annotations

import pytest

from agent.events import Finished
from agent.goal import Goal
from agent.model.offline.clauses import clauses
from agent.model.offline.marks import mark
from agent.model.offline.replacing import is_for_once, replacement
from agent.model.offline.verbs import known_verbs
from agent.model.offline_model import OfflineModel
from tests.kits import House
from tests.offline_desk import TEXT, Desk, described, told

FILES = {"a.txt": "one apple", "b.txt": "two pears"}
SHOUT = described(
    "shout",
    "Say words loudly.",
    required=("words", "times"),
    words={"type": "string"},
    times={"type": "integer"},
    loud={"type": "boolean"},
)
MIX = described(
    "mix",
    "Mix a paint.",
    required=("colour", "amounts", "extra"),
    colour=TEXT,
    amounts={"type": "array", "items": {"type": "integer"}},
    extra={"type": "object"},
)
SEND = described("post", "Post a note.", effect="send", note=TEXT)
PING = described("ping", "Answer.", effect="read")


@pytest.mark.parametrize(
    "goal",
    [
        "Read missing.txt, then delete a.txt",
        "Summarise missing.txt into out.md, then delete a.txt",
        "Read missing.txt. Then move a.txt to c.txt",
        "1. Read missing.txt\n2. Delete a.txt",
        "1. Read missing.txt 2. Delete a.txt",
        'Read missing.txt and write "x" to a.txt',
        "Read missing.txt and replace apple by pear in a.txt",
        'Read missing.txt and call post "hello"',
        "Move a.txt/x.txt to c.txt. Delete a.txt/x.txt",
        "读取 missing.txt，然后删除 a.txt",
    ],
)
def test_after_a_failed_step_nothing_is_deleted_moved_replaced_or_sent(goal: str) -> None:
    desk = Desk(dict(FILES), tools=(SEND,))
    calls = desk.run(goal)
    assert desk.files == FILES
    assert not {"delete_file", "post"} & {call.tool for call in calls}
    answer = str(calls[-1].arguments["answer"])
    assert "not done, since a step before it failed" in answer or "前面的一步失败了" in answer
    assert told(calls)[-1] == "not reached"


def test_what_takes_nothing_away_goes_on_after_a_failed_step() -> None:
    desk = Desk(dict(FILES))
    calls = desk.run('Read missing.txt, write "x" to new.txt, append "y" to a.txt and remember that tea is hot')
    assert (desk.files["new.txt"], desk.files["a.txt"], desk.notes) == ("x", "one appley\n", ["tea is hot"])
    assert told(calls)[-1] == "not reached"


def test_a_sentence_of_its_own_does_not_wait_for_another() -> None:
    desk = Desk(dict(FILES))
    assert told(desk.run("Read missing.txt. Delete b.txt."))[1:] == ["delete_file b.txt", "not reached"]


def test_parts_of_a_sentence_numbers_and_then_make_a_chain() -> None:
    found = clauses("Read a.md and delete b.md. Read c.md. Then delete d.md", known_verbs())
    assert [one.chain for one in found] == [1, 1, 2, 2]
    assert {one.chain for one in clauses("1. Read a.md\n2. Delete b.md", known_verbs())} == {0}


def test_a_real_run_keeps_the_file_when_the_step_before_fails(house: House) -> None:
    house.write("bees.txt", "There are 14 hives.\n")
    goal = Goal(goals=("Summarise missing.txt into out.md, then delete bees.txt",))
    outcome = house.run(goal, OfflineModel(goal))
    assert isinstance(outcome.ended, Finished)
    assert outcome.ended.state == "not_reached"
    assert house.read("bees.txt") == "There are 14 hives.\n"


@pytest.mark.parametrize(
    ("goal", "expected"),
    [
        ('Call shout words="hello there" times=3', {"words": "hello there", "times": 3}),
        ('Use shout to say "hello there" 2 times', {"words": "hello there", "times": 2}),
        ("use the shout tool with hello friends, times: 2", {"words": "hello friends", "times": 2}),
        ("Run shout(words=hello, times=2, loud=no)", {"words": "hello", "times": 2, "loud": False}),
        ("用 shout 喊“你好” 3 次", {"words": "你好", "times": 3}),
        ("调用工具 shout：words=你好 times=3", {"words": "你好", "times": 3}),
        (
            'Call mix colour=red amounts=[1,2] extra={"oil": 3}',
            {"colour": "red", "amounts": [1, 2], "extra": {"oil": 3}},
        ),
        ("call ping", {}),
        ("use search_files to find honey", {"regex": "honey"}),
        ("Call list_files path=docs", {"path": "docs"}),
        ("用 read_file 读取 a.txt", {"path": "a.txt"}),
    ],
)
def test_a_tool_is_called_by_its_name_with_what_the_words_give(goal: str, expected: dict[str, object]) -> None:
    call = Desk(dict(FILES), tools=(SHOUT, MIX, PING)).run(goal)[0]
    assert call.tool in goal
    assert call.arguments == expected


@pytest.mark.parametrize(
    ("goal", "said"),
    [
        ('Call shout "hello"', "shout needs what the sub-goal does not say: times"),
        ("Call mix colour=red amounts=1,2", "mix needs what the sub-goal does not say: extra"),
        ("Call delete_file", "delete_file needs what the sub-goal does not say: path"),
        ("Use the tool blend on a.txt", "there is no tool blend here; there are: "),
        ("用 blend_paint 处理 a.txt", "这里没有名为 blend_paint 的工具"),
    ],
)
def test_what_a_named_tool_lacks_is_said(goal: str, said: str) -> None:
    calls = Desk(dict(FILES), tools=(SHOUT, MIX)).run(goal)
    assert told(calls) == ["not reached"]
    assert said in str(calls[-1].arguments["answer"])


@pytest.mark.parametrize(
    ("text", "pair"),
    [
        ("change apples to pears in notes.txt", ("apples", "pears")),
        ("In notes.txt, replace all apples with green pears", ("apples", "green pears")),
        ("change the price from 5 to 6 euros in a.txt", ("5", "6 euros")),
        ("把 notes.txt 里的 苹果 改成 香蕉", ("苹果", "香蕉")),
        ("将 notes.txt 中的苹果全部替换为“红富士”", ("苹果", "红富士")),
        ("在 notes.txt 里把所有的苹果换成梨", ("苹果", "梨")),
        ("把 a.txt 改成 b.txt", None),
        ("change notes.txt", None),
    ],
)
def test_words_to_be_replaced_need_no_quotes(text: str, pair: tuple[str, str] | None) -> None:
    assert replacement(mark(text)) == pair


def test_every_place_is_replaced_unless_one_is_asked_for() -> None:
    assert is_for_once(mark("replace only the first apple with pear in a.txt"))
    assert not is_for_once(mark("把苹果改成香蕉"))
    desk = Desk({"n.txt": "苹果和苹果"})
    desk.run("把 n.txt 里的 苹果 改成 香蕉")
    assert desk.files["n.txt"] == "香蕉和香蕉"


def test_a_word_is_not_replaced_inside_longer_ones_unless_it_is_quoted() -> None:
    desk = Desk({"n.txt": "an apple and a pineapple"})
    calls = desk.run("change apple to pear in n.txt")
    assert desk.files["n.txt"] == "an apple and a pineapple"
    assert "“apple” also stands inside longer words (n.txt:1:" in str(calls[-1].arguments["answer"])
    desk.run('change "apple" to "pear" in n.txt')


def test_a_question_about_the_model_is_answered_with_what_it_can_do() -> None:
    for goal, said in (
        ("What can you do?", "Rules, and no language model, work here."),
        ("你能做什么？", "没有语言模型"),
    ):
        calls = Desk().run(goal)
        assert told(calls) == ["reached"]
        assert said in str(calls[-1].arguments["answer"])
