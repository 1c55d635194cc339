"""Of things that share a name only the one that is asked about answers."""

from __future__ import annotations

import pytest

from agent.answering.rivals import meant, said_of_it
from tests.agent.answering.passages import passage, told

ROOMS = "The small room on the first floor takes eight people; the large room has 40 seats and a projector."
HALLS = "大会议室在三楼，可容纳六十人；小会议室在二楼，配有投影仪。"
DOCTORS = "Dr. Anna Schmidt (first aid), extension 204; Dr. Peter Schmidt (water quality), on the first floor."


@pytest.mark.parametrize(
    ("question", "text", "part"),
    [
        ("Does the small room have a projector?", ROOMS, "small room on the first floor takes eight people;"),
        ("大会议室有投影仪吗？", HALLS, "大会议室在三楼，可容纳六十人；"),
        ("How warm is the small pool?", "It has 27 degrees in the big pool and 31 in the small pool.", "small pool"),
        ("Is the big pool open?", "The big pool and the small pool are open.", "are open"),
        ("2025年学费是多少？", "2024年学费1800元，2025年学费2000元。", "2025年学费2000元。"),
        ("Where is ward 3?", "Ward 2 is upstairs, ward 3 in the cellar.", "ward 3 in the cellar."),
    ],
)
def test_each_of_several_owns_the_stretch_up_to_the_next(question: str, text: str, part: str) -> None:
    assert part.strip() in (said_of_it(question, text) or "")


def test_a_sentence_that_speaks_only_of_another_says_nothing() -> None:
    assert said_of_it("Who is the director?", "The deputy director is Marcus Webb.") is None
    assert said_of_it("经理是谁？", "副经理是何佩兰。") is None
    assert said_of_it("When does the winter term begin?", "The summer term begins in April.") is None
    assert said_of_it("When does the winter term begin?", "The term begins in October.") is not None


def test_a_thing_without_its_word_is_the_only_one_around_by_that_name() -> None:
    around = "The solar plant was built by Otis. The plant costs 44,400 euros."
    assert meant("What does the solar plant cost?", "The plant costs 44,400 euros.", around) == {"solar"}
    assert meant("What does the solar plant cost?", "The plant costs 9 euros.", f"{around} The wind plant.") == set()


@pytest.mark.parametrize(
    ("question", "text", "heading"),
    [
        ("How deep is the teaching pool?", "The main pool is 3.8 metres deep.", "Teaching pool and main pool"),
        ("Does the small room have a projector?", ROOMS, "Rooms"),
        ("小会议室可以坐多少人？", HALLS, "会议室"),
        ("副总经理是谁？", "总经理：沈国梁。", "公司"),
        ("总经理是谁？", "副总经理：田晓芸。", "公司"),
        ("副院长是谁？", "院长邱明远，副院长两名。", "医院"),
        ("When is the next meeting?", "The last meeting was on 8 July.", "Minutes"),
        ("Who won this year?", "Last year's winner was Nadia Petrov.", "Club"),
        ("下次检查是什么时候？", "上次检查是9月3日。", "检查"),
        ("今年接待游客多少人次？", "去年接待游客三十六万人次。", "景区"),
        ("旧馆几点开门？", "新馆9:00—21:00开放。", "图书馆"),
        ("2025年年会在哪里举行？", "2023年年会在湖滨酒店举行。", "年会"),
        ("Where is Dr. Anna Schmidt?", DOCTORS, "Doctors"),
        ("新体育馆有多高？", "旧体育馆长四十米，新体育馆宽二十米。", "体育馆"),
        ("How often does line 5 run?", "| line | first | every |\n|---|---|---|\n| 3 | 5:40 | 15 min |", "Buses"),
        ("What does a season ticket cost?", "| ticket | price |\n|---|---|\n| single | 4 euros |", "Tickets"),
        ("Which month had the most rain?", "| month | rain |\n|---|---|\n| May | 44 |\n| June | 29 |", "Rain"),
        ("How many nurses work here?", "Eleven lifeguards work here. The nurses have 2 rooms.", "Baths"),
        ("How many members does the club have?", "Guests pay 7 pounds and come with a member.", "The club"),
        ("驾校有多少名教练？", "教练吴刚带C1班，教练吴敏带C2班。", "驾校"),
        ("How many beds are there?", "| ward | beds |\n|---|---|\n| A | 18 |\n| B | 24 |", "Hospital"),
        ("Where does Tom Brook live?", "It was written by Tom Brook in the library.", "Notes"),
    ],
)
def test_what_is_said_of_another_thing_of_that_name_is_no_answer(question: str, text: str, heading: str) -> None:
    assert told(question, [passage(text, heading=heading)]) == []


@pytest.mark.parametrize(
    ("question", "text", "heading", "words"),
    [
        ("How deep is the pool?", "The pool is 3.8 metres deep.", "Teaching pool", "3.8"),
        ("小会议室可以坐多少人？", "大会议室可容纳六十人，小会议室可容纳十人。", "会议室", "十人"),
        ("副总经理是谁？", "总经理：沈国梁。副总经理（销售）：田晓芸。", "公司", "田晓芸"),
        ("Who is the treasurer?", "Ada Bell (secretary); George Lund (treasurer).", "Board", "George Lund"),
        ("主任是谁？", "主任（李明）负责报销审批。", "财务部", "李明"),
        ("Who teaches glass blowing?", "| course | teacher |\n|---|---|\n| glass blowing | Karl Roth |", "", "Karl"),
        ("Can I bring my dog?", "Dogs are not admitted.", "Baths", "not admitted"),
        ("Do I have to wear a cap?", "Caps are not required.", "Baths", "not required"),
        ("需要每天打卡吗？", "员工无须每天打卡。", "公司", "无须"),
        ("大会议室可以坐多少人？", HALLS, "公司", "六十人"),
        ("How many people fit in the small room?", ROOMS, "Rooms", "eight people"),
        ("高一3班的教室在哪里？", "高一(3)班教室在致远楼204，高一(4)班教室在206。", "教室", "204"),
        ("高一三班班主任是谁？", "高一（3）班班主任张丽。", "", "张丽"),
        ("Is the heating on in March?", "The heating is on from October to April.", "Flat", "October to April"),
        ("五月有读书节吗？", "每年4月至6月举行读书节。", "中学", "4月至6月"),
        ("Who won last year?", "Last year's winner was Nadia Petrov.", "Club", "Nadia"),
        ("What is the highest rating?", "The highest rating in the club is 2,154.", "Club", "2,154"),
        ("How much rain fell in April?", "| month | rain |\n|---|---|\n| April | 38 |", "Rain", "38"),
    ],
)
def test_what_is_said_of_it_answers_by_whatever_words(question: str, text: str, heading: str, words: str) -> None:
    assert words in told(question, [passage(text, heading=heading)])[0]


@pytest.mark.parametrize(
    ("folder", "text", "answers"),
    [
        ("solar", "The plant costs 44,400 euros.", True),
        ("bridge", "The plant costs 44,400 euros.", False),
        ("solar", "The wind plant costs 9,000 euros.", False),
    ],
)
def test_the_folder_of_a_file_tells_which_is_meant(folder: str, text: str, answers: bool) -> None:
    asked = told("What does the solar plant cost?", [passage(text, file=f"{folder}/offer.pdf")])
    assert asked == ([text] if answers else [])
