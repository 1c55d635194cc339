"""Questions of every day: their words need not stand in the answer, and what only looks like one is refused."""

from __future__ import annotations

import pytest

from agent.answering.kin import akin
from agent.answering.naming import days_in, named_in, speaks_of_all, version_in, words_in
from tests.agent.answering.passages import passage, passages, told

VISITING = """\
Open Tuesday to Sunday, 10:00 to 17:30. The café opens at 9:30 and has fresh cakes every day.

The museum lies at 14 Orchard Street, opposite the old customs house. It was founded in 1931 by the guild of
clockmakers.

Dogs must stay outside. The dog of the director is called Bello.

| visitor | price | with a tour |
|---|---|---|
| adults | 9 € | 14 € |
| children | free | 3 € |

Write to desk@museum.example or call 0431 552 210."""
CHANGES = """\
- Exports to EPUB.
- Needs Python 3.11 or newer."""
OLDER = "- A crash with empty tables is mended."
STORES = """\
| part | shelf | in stock |
|---|---|---|
| bolt M6 | A3 | 420 |
| bolt M8 | A3 | 95 |"""
CLINIC = """\
周二至周六 8:30—17:00，周日和周一休息。中午 12:00—13:30 不接诊。

诊所位于建设路 58 号二楼，乘 12 路公交车到青山桥站下车。咨询电话：0571-8823 6600。

请假三天以上须总经理批准。现有医生六名、护士九名，所长是林秀英。退卡须在开卡后七日内提出。

| 项目 | 费用（元） | 医保 |
|---|---|---|
| 普通号 | 15 | 可报销 |
| 胸片 | 80 | 可报销 |"""
STAFF = """\
| 姓名 | 职务 | 分机 | 办公室 |
|---|---|---|---|
| 郑晓峰 | 主任 | 8012 | A301 |
| 马国庆 | 工程师 | 8013 | A302 |"""
PASSAGES = passages(
    ("museum.md", "The museum > Visiting", VISITING),
    ("CHANGES.md", "Paperboat > 4.2.0 (2026-02-11)", CHANGES),
    ("CHANGES.md", "Paperboat > 4.1.3 (2025-11-28)", OLDER),
    ("stores.md", "Stores", STORES),
    ("诊所.md", "青山诊所 > 就诊指南", CLINIC),
    ("通讯录.csv", "", STAFF),
)


@pytest.mark.parametrize(
    ("question", "words"),
    [
        ("Is the museum open on Mondays?", "Open Tuesday to Sunday"),
        ("Is the museum open on Thursday?", "Open Tuesday to Sunday"),
        ("When does the museum close?", "17:30"),
        ("When does the café open?", "9:30"),
        ("Where is the museum?", "14 Orchard Street"),
        ("What is the address of the museum?", "14 Orchard Street"),
        ("Who founded the museum?", "guild of clockmakers"),
        ("Are dogs allowed?", "must stay outside"),
        ("Do children pay?", "free"),
        ("What is the telephone number of the museum?", "0431 552 210"),
        ("What is the e-mail address?", "desk@museum.example"),
        ("When was version 4.1.3 released?", "2025-11-28"),
        ("What is the latest version of Paperboat?", "4.2.0"),
        ("How many M8 bolts are in stock?", "95"),
        ("On which shelf are the M6 bolts?", "A3"),
        ("周一开门吗", "周一休息"),
        ("诊所周三开门吗？", "周二至周六"),
        ("诊所几点关门？", "17:00"),
        ("中午接诊吗？", "不接诊"),
        ("诊所在哪里？", "建设路 58 号"),
        ("坐几路公交车？", "12 路"),
        ("有多少名护士？", "九名"),
        ("所长是谁？", "林秀英"),
        ("咨询电话是多少？", "8823 6600"),
        ("胸片多少钱？", "80"),
        ("郑晓峰的办公室在哪里？", "A301"),
    ],
)
def test_the_first_sentence_told_is_the_one_that_answers(question: str, words: str) -> None:
    assert words in told(question, PASSAGES)[0]


@pytest.mark.parametrize(
    "question",
    [
        "Is the museum open at Christmas?",
        "Where is the toilet?",
        "What does the audio guide cost?",
        "Where was the founder born?",
        "How heavy is the museum?",
        "How many M10 bolts are in stock?",
        "When was version 3.9 released?",
        "国庆节开门吗？",
        "停车场在哪里？",
        "总经理是谁？",
        "林秀英的电话是多少？",
        "核磁共振多少钱？",
        "李明的分机是多少？",
        "有多少张病床？",
    ],
)
def test_what_only_looks_like_an_answer_is_refused(question: str) -> None:
    assert told(question, PASSAGES) == []


def test_days_between_two_are_named_by_a_range_in_both_languages() -> None:
    assert days_in("Tuesday to Sunday") == days_in("周二至周日") == frozenset(range(1, 7))
    assert days_in("Fri-Mon") == frozenset({4, 5, 6, 0})
    assert days_in("周一到五") == days_in("weekdays") == days_in("工作日") == frozenset(range(5))
    assert days_in("at weekends") == days_in("周末") == frozenset({5, 6})
    assert days_in("每天") == days_in("daily") == frozenset(range(7))
    assert days_in("一周三次") == days_in("He sat in the sun.") == frozenset()


def test_days_that_are_told_together_say_something_of_the_others() -> None:
    assert speaks_of_all("周二至周六")
    assert speaks_of_all("Monday, Wednesday and Friday")
    assert not speaks_of_all("On Tuesday the choir sings.")


def test_codes_are_compared_whole_and_plain_numbers_are_none() -> None:
    assert "code:4.1.3" in words_in("4.1.3 (2025-11-28)")
    assert "code:x2-pro" in words_in("型号：X2-Pro")
    assert "code:x2" not in words_in("型号：X2-Pro")
    assert named_in("Was 4.1.3 out on the 3rd of 12 at 5kg?")[0] == ["code:4.1.3"]
    assert not akin("code:rx-200", {"code:rx-201"})
    assert named_in("四年级有多少学生？")[0] == ["code:4年级"]


def test_the_version_that_a_text_is_of_is_no_other_programs() -> None:
    assert version_in("Needs Python 3.11.", "4.2.0 (2026-02-11)", ["paperboat"]) == (4, 2, 0)
    assert version_in("Lanternbox 7.3 - released in May", "", ["lanternbox"]) == (7, 3)
    assert version_in("Nothing.", "") == ()


def asked(question: str, text: str) -> list[str]:
    return told(question, [passage(text, heading="Handbook")])


def test_code_is_no_sentence_and_prose_in_a_table_is_told_by_its_sentence() -> None:
    code = "```bash\nkb remove the bridge folder\n```\n\n`kb remove` takes the bridge folder away."
    assert asked("What does kb remove do with the bridge folder?", code) == [
        "`kb remove` takes the bridge folder away."
    ]
    row = f"| command | what it does |\n|---|---|\n| `sync` | Copies all files. {'It waits for the disk. ' * 8}|"
    assert asked("Does sync copy files?", row) == ["Copies all files."]


def test_of_rows_with_prose_the_one_is_told_that_the_first_cell_names() -> None:
    rest = "It waits for the disk. " * 8
    rows = "\n".join(
        (
            "| command | what it does |\n|---|---|",
            f"| `sync` | Copies all files. {rest}|",
            f"| `check` | Reads all files. {rest}|",
        )
    )
    assert asked("What does sync do with files?", rows)[0] == "Copies all files."
    assert asked("What does check do with files?", rows)[0] == "Reads all files."
    turned = f"| what it does | command |\n|---|---|\n| Copies all files. {rest}| `sync` |"
    assert asked("Does it copy files?", turned) == ["Copies all files."]


def test_each_table_has_its_own_columns_wherever_its_lines_begin() -> None:
    tables = """\
| name | floor |
|---|---|
| Ott | 2 |

The rooms:

  | room | seats |
  |---|---|
  | Elm | 40 |"""
    assert asked("How many seats does the room Elm have?", tables) == ["room: Elm; seats: 40"]


def test_a_name_is_no_plural_and_whoever_is_asked_for_is_another_than_who_is_named() -> None:
    assert asked("Does the program run on Windows?", "The program runs in a window of its own.") == []
    assert asked("Does the program run on Windows?", "The program runs on Windows.") == ["The program runs on Windows."]
    assert asked("Who built the Town Hall?", "In 1958 the Town Hall was built of brick.") == []
    assert asked("Who built the Town Hall?", "In 1958 the Town Hall was built by Ines Aldous.") != []


@pytest.mark.parametrize(
    ("question", "text", "words"),
    [
        ("Can I use my phone in the reading room?", "Phones must be muted in the reading room.", "muted"),
        ("阅览室可以打电话吗？", "阅览室内不可以打电话。", "不可以"),
        ("有几位护士？", "现有医生六名、护士九名。", "护士九名"),
        ("图书馆有多少本图书？", "图书馆有图书三万册。", "三万册"),
        ("学校有多少间教室？", "学校有教室二十四个，操场两个。", "二十四个"),
        ("When does the course start?", "The course: Mondays at 18:00, for ten weeks.", "18:00"),
        ("When does the course begin?", "The course: Mondays at 18:00, for ten weeks.", "18:00"),
        ("When does the course end?", "The course lasts until 6 June.", "6 June"),
        ("主任是谁？", STAFF, "郑晓峰"),
        (
            "What is the current price of Paperboat?",
            "Paperboat 4.2.1 costs 30 euros in a box. The current price of Paperboat is 20 euros.",
            "20",
        ),
        ("What is the e-mail address of the pool?", "The pool: desk@pool.example", "desk@pool.example"),
        ("On which website are the prices of the pool?", "All prices of the pool: www.pool.example", "www.pool"),
        ("Where is the phone number of the pool?", "The pool: 0431 552 210.", "0431 552 210"),
        (
            "What is the website of the pool?",
            "The website of the pool was made by Ines. The pool: www.pool.example",
            "www.pool",
        ),
        ("Where can I park?", "You park behind the hall.", "behind the hall"),
        ("How many books can I borrow?", "Each reader borrows eight books.", "eight"),
        ("What does the pool cost?", "# Prices of the pool\n\nThe pool: adults 9, children 3.", "adults 9"),
        ("When is the museum open on Monday?", "The museum is open Tuesday to Sunday, 10:00 to 17:30.", "Tuesday"),
        ("When is the pool open?", "The pool is open in summer. The pool is open from 7:00 to 21:00.", "7:00"),
        ("When can I hand in forms?", "Forms are handed in on Monday mornings.", "Monday"),
    ],
)
def test_a_sentence_answers_by_other_words_than_those_of_the_question(question: str, text: str, words: str) -> None:
    assert words in asked(question, text)[0]


@pytest.mark.parametrize(
    ("question", "heading", "text"),
    [
        ("How many books can I borrow?", "Library > Books", "Each reader may borrow eight."),
        ("How many guests can I invite?", "Guests", "Each member may invite two at a time."),
        ("最多可以借几本书？", "图书馆 > 借书", "每人最多借八本。"),
        ("可以借几本书？", "市图书馆 > 借阅规则", "每位读者可借八本，借期一个月。"),
    ],
)
def test_what_is_counted_may_stand_above_what_is_done_with_so_many(question: str, heading: str, text: str) -> None:
    assert told(question, [passage(text, heading=heading)]) == [text]


@pytest.mark.parametrize(
    ("question", "heading", "text"),
    [
        ("How many books can I borrow?", "Library > Books", "Each reader may borrow eight films."),
        ("How many films can I borrow?", "Library > Books", "Each reader may borrow eight."),
        ("How many nurses work here?", "Nurses", "Six doctors work here."),
        ("最多可以借几本书？", "图书馆", "每人最多借八本杂志。"),
        ("最多可以买几本书？", "图书馆 > 借书", "每人最多借八本。"),
        ("有几位厨师？", "厨师与服务", "现有医生六名、护士九名。"),
    ],
)
def test_so_many_of_something_else_are_no_answer(question: str, heading: str, text: str) -> None:
    assert told(question, [passage(text, heading=heading)]) == []
