"""What memory told a run, and what only says it again."""

from __future__ import annotations

import pytest

from agent.events import RecalledNote
from agent.notes import copied


def note(text: str) -> RecalledNote:
    return RecalledNote(id="n1", text=text, kind="note", origin="user", date="2026-03-01", score=0.9)


@pytest.mark.parametrize(
    ("text", "recalled"),
    [
        ("Deploy on Friday.", "deploy on friday"),
        ("The north gate opens at six.", "Gulls nest here. The north gate opens at six. Tea is at four."),
        ("The north gate opens at six.", "Gates:\n- The north gate opens at six\n- Tea is at four"),
        ("The north gate of the mill opens at six now.", "The north gate of the mill opens at six"),
        ("Do not use tabs in the Python files.", "Do not use tabs in Python files"),
        ("服务器在北京的机房", "服务器在北京的机房。"),
    ],
)
def test_what_memory_said_is_a_copy(text: str, recalled: str) -> None:
    assert copied(text, [note(recalled)]) is not None


@pytest.mark.parametrize(
    ("text", "recalled"),
    [
        ("Use tabs", "Do not use tabs in Python files"),
        ("Deploy on Friday", "Never deploy on Friday"),
        ("Never deploy on Friday", "Deploy on Friday"),
        ("You can use the staging server of the north office", "You can't use the staging server of the north office"),
        ("Ask the office before each delivery to the mill", "Ask nobody before each delivery to the mill"),
        ("用表格", "不要用表格"),
        ("周五部署到生产环境", "周五别部署到生产环境"),
        ("该功能需要密码验证才能使用", "该功能无需密码验证才能使用"),
        ("Verwende Tabulatoren", "Verwende keine Tabulatoren"),
        ("Use tabs", "Use tabs in the old C files of the kernel"),
        ("Use tabs instead of spaces", "Use spaces instead of tabs"),
        ("Use tabs, not spaces", "Use spaces, not tabs"),
        ("The port of the north server is 9090", "The port of the north server is 8080"),
        ("...", "Deploy on Friday"),
        ("Deploy on Friday", "!"),
    ],
)
def test_what_may_correct_memory_is_none(text: str, recalled: str) -> None:
    assert copied(text, [note(recalled)]) is None
