"""What a goal tells to be remembered is taken down in the user's own words, all of them."""

from __future__ import annotations

import pytest

from tests.offline_desk import Desk

DICTATED = [
    ("Remember that Dr. Weiss lives at 14 Rose Lane", ["Dr. Weiss lives at 14 Rose Lane"]),
    ("Remember that Mr. Brown is the landlord.", ["Mr. Brown is the landlord"]),
    ("Remember that J. Smith and Prof. Klein are out", ["J. Smith and Prof. Klein are out"]),
    ("Remember that the office is in No. 5, Mill Rd. opposite", ["the office is in No. 5, Mill Rd. opposite"]),
    (
        "Remember that the library opens at 9 a.m. and closes at 6 p.m.",
        ["the library opens at 9 a.m. and closes at 6 p.m."],
    ),
    (
        "Remember the library opens at 9 a.m. and closes at 6 p.m.",
        ["the library opens at 9 a.m. and closes at 6 p.m."],
    ),
    (
        "Remember that the harbour master is called Ines Falk and answers on channel 12",
        ["the harbour master is called Ines Falk and answers on channel 12"],
    ),
    (
        "Remember that the mill is in Ems. The bridge is in Bonn.",
        ["the mill is in Ems", "The bridge is in Bonn"],
    ),
    (
        "Remember that the library is closed on Mondays. Invoices go to billing@example.org.",
        ["the library is closed on Mondays", "Invoices go to billing@example.org"],
    ),
    ("Remember that Ines is the keeper. She lives in Bonn.", ["Ines is the keeper. She lives in Bonn"]),
    ("My name is Otto, remember it", ["My name is Otto"]),
    ("My name is Otto. Please remember that.", ["My name is Otto"]),
    ("The printer has moved to floor 5, remember that", ["The printer has moved to floor 5"]),
    ("The gate code is 4711 and please remember it for later", ["The gate code is 4711"]),
    ("Don't forget that the ferry leaves at noon", ["the ferry leaves at noon"]),
    ("Could you remember that the ferry leaves at noon?", ["the ferry leaves at noon"]),
    ("Remember that the shop opens only if it is dry", ["the shop opens only if it is dry"]),
    ("记住咖啡机在四楼。打印机在五楼。", ["咖啡机在四楼", "打印机在五楼"]),
    ("请记住：王老师住在三号楼。他的电话是 555-0199。", ["王老师住在三号楼。他的电话是 555-0199"]),
    ("我叫奥托，请记住", ["我叫奥托"]),
    ("图书馆每周一闭馆。记住这一点。", ["图书馆每周一闭馆"]),
    ("Please remember that the mill is in Ems. Thanks!", ["the mill is in Ems"]),
    ("Remember the following: the mill is in Ems", ["the mill is in Ems"]),
    ("Remember: the meeting is at three; the place is floor 2", ["the meeting is at three", "the place is floor 2"]),
    ("帮我记一下：明天三点开会", ["明天三点开会"]),
    ("记住我的生日是5月3日", ["我的生日是5月3日"]),
    ("别忘了渡船中午开", ["渡船中午开"]),
]


def noted(goal: str, files: dict[str, str] | None = None) -> tuple[list[str], bool, list[str]]:
    """What is remembered of a goal, whether it is held to be reached, and the other tools that were called."""
    calls = Desk(dict(files or {})).run(goal)
    texts = [str(one.arguments["text"]) for one in calls if one.tool == "remember"]
    others = [one.tool for one in calls if one.tool not in ("remember", "finish")]
    return texts, bool(calls[-1].arguments["reached"]), others


@pytest.mark.parametrize(("goal", "texts"), DICTATED)
def test_what_is_dictated_is_noted_whole_and_nothing_else_is_done(goal: str, texts: list[str]) -> None:
    assert noted(goal) == (texts, True, [])


def test_what_comes_behind_a_dictation_and_asks_for_something_is_done() -> None:
    files = {"a.md": "The weir was built in 1911.\n"}
    assert noted("Remember that the mill is in Ems. Read a.md.", files) == (["the mill is in Ems"], True, ["read_file"])
    _, reached, others = noted("Remember that the mill is in Ems. Sanitise the list. In a.md look for “weir”.", files)
    assert (reached, others) == (False, ["search_files"])
    assert noted("记住磨坊在埃姆斯。然后读取 a.md。", files) == (["磨坊在埃姆斯"], True, ["read_file"])
    assert noted("Remember that the mill is in Ems, then list the files", files)[::2] == (
        ["the mill is in Ems"],
        ["list_files"],
    )
    assert noted("Read a.md. Remember it.", files)[2][:1] == ["read_file"]


def test_a_thing_that_is_only_named_is_looked_up_and_not_taken_down() -> None:
    files = {"m.md": "# Minutes\n\nThe running costs are 40 euros. The council decided to close the road.\n"}
    for goal in ("Remember the running costs", "Read m.md and remember the most important decision"):
        texts, reached, others = noted(goal, files)
        assert reached
        assert others
        assert "(m.md)" in texts[0]


def test_a_full_stop_of_an_abbreviation_ends_no_sub_goal() -> None:
    files = {"a.md": "The mill pays Dr. Weiss the rent.\nThe roof leaks.\n"}
    calls = Desk(files).run("Who pays Dr. Weiss the rent? Look in a.md.")
    assert calls[-1].arguments["reached"]
    assert "The mill pays Dr. Weiss the rent." in str(calls[-1].arguments["answer"])


def test_what_is_not_kept_since_the_users_own_note_stays_is_told_as_not_done() -> None:
    stays = '{"remembered": "n7", "state": "not kept", "stays": [{"id": "n7", "text": "It is on \\"4\\""}]}'
    for goal, said in (
        ("Remember that the machine is on floor 6", 'your own note n7 stays, “It is on "4"”'),
        ("记住机器在六楼", '你自己的笔记 n7 保持不变，“It is on "4"”'),
    ):
        calls = Desk(answers={"remember": stays}).run(goal)
        assert not calls[-1].arguments["reached"]
        assert said in str(calls[-1].arguments["answer"])
        assert "Done:" not in str(calls[-1].arguments["answer"])
