"""Where many passages have the words of a question, one that has those of its answer is looked for beside them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from agent.answering import look, sharing
from agent.cli.kb.converting import converted
from memory.library import Library, Quoted
from memory.recall import PASSAGES, Recall

TOPICS = {
    "roof": "屋顶",
    "chairs": "椅子",
    "windows": "窗户",
    "heating": "暖气",
    "books": "图书",
    "readers": "读者",
    "films": "电影",
    "garden": "花园",
    "stairs": "楼梯",
    "lift": "电梯",
    "money": "经费",
    "insurance": "保险",
}
ENGLISH = """\
# Minutes of the library board

The library board met about the {0}. Is the library open to new ideas on the {0}? The library will open a tender for
the {0}, and the {0} stays on the list."""
CHINESE = "# 图书馆会议记录\n\n图书馆讨论了{0}的问题。图书馆周日是否开门讨论{0}，尚未决定。图书馆的{0}留待下次再议。"
NOTICES = {
    "stores": "# Stores\n\n| part | shelf | in stock |\n|---|---|---|\n| bearing 6204 | C1 | 16 |",
    "phone": "# Library\n\nTelephone 0431 552 210.",
    "price": "# Library\n\nThe fee is 12 € for adults, 3 € for pupils.",
    "place": "# Library\n\nAddress: 4 Mill Lane, second floor.",
    "opening": "# Library\n\nMonday to Friday 9:00 to 17:00. Saturday and Sunday 10:00 to 14:00.",
    "热线": "# 图书馆\n\n热线：0571-8823 6600。",
    "价格": "# 图书馆\n\n成人 12 元，学生 3 元。",
    "地址": "# 图书馆\n\n地址：建设路58号二楼。",
    "作者": "# 图书馆\n\n作者：林晓雯。",
    "时间": "# 图书馆\n\n周一至周五 9:00—17:00，周六、周日 10:00—14:00。",
}


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    place = tmp_path_factory.mktemp("library")
    folder = place / "documents"
    folder.mkdir()
    for english, chinese in TOPICS.items():
        (folder / f"{english}.md").write_text(ENGLISH.format(english), "utf-8")
        (folder / f"{chinese}.md").write_text(CHINESE.format(chinese), "utf-8")
    for name, text in NOTICES.items():
        (folder / f"{name}.md").write_text(text, "utf-8")
    with Recall(place / "documents.db", rules=PASSAGES) as recall:
        library = Library(recall)
        for _ in library.add([folder], converted):
            pass
        yield library


@pytest.mark.parametrize(
    ("question", "notice"),
    [
        ("What is the library's hotline?", "phone"),
        ("What does the library charge?", "price"),
        ("Where is the library?", "place"),
        ("When does the library close?", "opening"),
        ("How many bearings are there on the list?", "stores"),
        ("图书馆电话是多少？", "热线"),
        ("图书馆要多少钱？", "价格"),
        ("图书馆在哪里？", "地址"),
        ("谁编写了图书馆？", "作者"),
        ("图书馆几点开门？", "时间"),
    ],
)
def test_a_notice_without_the_words_of_the_question_is_found_among_many_that_have_them(
    library: Library, question: str, notice: str
) -> None:
    nearest = library.search(question, 8)
    assert notice not in {Path(one.file).stem for one in nearest}
    found = look(question, library.search, 8)
    assert found[:6] == nearest[:6]
    assert notice in {Path(one.file).stem for one in found}
    assert len({one.id for one in found}) == len(found) <= 8


def test_where_a_question_asks_for_nothing_of_that_kind_the_nearest_are_looked_at(library: Library) -> None:
    question = "What stays on the list of the library?"
    assert look(question, library.search, 8) == library.search(question, 8)


def test_a_passage_that_has_but_a_word_of_a_question_is_still_found_to_be_shown(library: Library) -> None:
    def search(query: str, count: int) -> list[Quoted]:
        return list(library.search(query, count)) if len(query.split()) == 1 else []

    found = sharing("Do zebras like the heating of their stable in winter?", search, 3)
    assert {Path(one.file).stem for one in found} <= {"heating", "暖气"}
    assert found
    assert sharing("Do zebras like it?", search, 3) == []
