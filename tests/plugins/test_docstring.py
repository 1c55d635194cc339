from __future__ import annotations

import pytest

from plugins._docstring import read_docstring


@pytest.mark.parametrize(
    ("text", "description", "described"),
    [
        ("", "", {}),
        ("One line.", "One line.", {}),
        ("Two lines\nmake one.\n\nMore that is not told.", "Two lines make one.", {}),
        ("A.\n\nArgs:\n    one: 1.\n    two (int): It\n        goes on.", "A.", {"one": "1.", "two": "It goes on."}),
        ("A.\n\nArgs:\n    one: First.\n\nReturns:\n    two: Not one.", "A.", {"one": "First."}),
        ("A.\n\nParameters:\n    *rest: All.", "A.", {"rest": "All."}),
        ("读一个\n文件。\n\n参数：\n    路径：文件\n        的路径。", "读一个文件。", {"路径": "文件的路径。"}),
        ("Args:\n    one: First.", "", {"one": "First."}),
    ],
)
def test_a_docstring_tells_of_the_tool_and_of_each_argument(
    text: str, description: str, described: dict[str, str]
) -> None:
    assert read_docstring(text) == (description, described)
