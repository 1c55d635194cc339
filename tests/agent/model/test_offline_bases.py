"""What the offline model looks for in the user's knowledge base, in English and in Chinese alike."""

from __future__ import annotations

import pytest

from agent.model.offline.bases import SEARCH, asked_of_the_base
from agent.model.offline.marks import mark
from agent.model.offline.matching import Toolset
from tests.offline_desk import built_in

TOOLS = Toolset(tuple(built_in()))


@pytest.mark.parametrize(
    ("text", "query"),
    [
        ("Search my documents for the Hollin footbridge.", "the Hollin footbridge"),
        ("Search the knowledge base for rotten planks", "rotten planks"),
        ("Find rotten planks in my documents", "rotten planks"),
        ("Look in the knowledge base: how long is the bridge?", "how long is the bridge"),
        ("Answer from my documents: how long is it?", "how long is it"),
        ("What do my documents say about the bridge?", "the bridge"),
        ("According to our documents, who is the mayor?", "who is the mayor"),
        ("在知识库里查一下屋顶由哪家公司修缮。", "屋顶由哪家公司修缮"),
        ("查知识库：屋顶由哪家公司修缮？", "屋顶由哪家公司修缮"),
        ("检索知识库中关于屋顶修缮的内容", "屋顶修缮"),
        ("根据我的文档，屋顶由哪家公司修缮？", "屋顶由哪家公司修缮"),
        ("我的文档里关于屋顶修缮说了什么？", "屋顶修缮"),
        ("从知识库中查找屋顶修缮", "屋顶修缮"),
        ("请在我的资料中查找宏达建筑的报价", "宏达建筑的报价"),
        ("搜索我们的文档：屋顶", "屋顶"),
    ],
)
def test_the_same_is_looked_for_in_the_base_in_both_languages(text: str, query: str) -> None:
    asked = asked_of_the_base(mark(text), TOOLS)
    assert asked is not None
    assert (asked[0].name, asked[1]) == (SEARCH, query)


@pytest.mark.parametrize(
    "text",
    [
        "List my documents",
        "Summarise my documents",
        "Search my documents",
        "Search notes/a.md for planks in my documents",
        "Search the files for rotten planks",
        "总结我的文档",
        "列出我的文档",
        "把我的文档翻译成英文",
        "在资料里搜索屋顶",
        "根据我的文档写一份简报",
    ],
)
def test_what_is_done_with_files_is_no_question_to_the_base(text: str) -> None:
    assert asked_of_the_base(mark(text), TOOLS) is None


def test_without_a_base_nothing_is_asked_of_it() -> None:
    none = Toolset(tuple(one for one in TOOLS.tools if one.name != SEARCH))
    assert asked_of_the_base(mark("在知识库里查一下屋顶"), none) is None
