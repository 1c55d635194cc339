"""The first hour of a newcomer: own documents made into a cited brief; watched, interrupted, steered, resumed, undone.

The same story in English and in Chinese, at a terminal of 80 columns, with a second process that watches. What is seen
is kept as text in `tests/screens/`.
"""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import docx
import pytest
from reportlab.lib.pagesizes import A4  # type: ignore[import-untyped]  # it has no types
from reportlab.pdfbase import pdfmetrics  # type: ignore[import-untyped]  # the same
from reportlab.pdfbase.cidfonts import UnicodeCIDFont  # type: ignore[import-untyped]  # the same
from reportlab.pdfgen.canvas import Canvas  # type: ignore[import-untyped]  # the same

from tests.place import Place
from tests.screen_kit import must_be, seen
from tests.server import Call, ChatServer, Reply

if sys.platform == "win32":  # pragma: no cover  (Windows has no pty module)
    pytest.skip("there is no pseudo-terminal here", allow_module_level=True)

from tests.test_terminal_session import Terminal, at_a_terminal

USAGE = {"prompt_tokens": 1200, "completion_tokens": 60, "cached_tokens": 800}


@dataclass(frozen=True, kw_only=True)
class Story:
    """What differs between the two languages."""

    name: str
    font: str
    survey: str
    pages: tuple[tuple[str, ...], ...]
    minutes: str
    decision: str
    goal: str
    brief: str
    cite: str
    words: str
    draft: str
    better: str
    answer: str


ENGLISH = Story(
    name="en",
    font="Helvetica",
    survey="survey.pdf",
    pages=(
        ("Survey of the harbour wall", "Two of its nine sections lean outwards by more than 8 centimetres."),
        ("Costs", "Mending the two leaning sections costs 184,000 euros."),
    ),
    minutes="minutes.docx",
    decision="The board decided to mend the two sections.",
    goal="Write a brief on survey.pdf and minutes.docx to brief.md, with the page of every figure",
    brief="brief.md",
    cite=r"\(survey\.pdf, page \d\)",
    words="Name the costs first.",
    draft="The board mends two sections.\n",
    better="Mending costs 184,000 euros (survey.pdf, page 2). The board decided to mend both (minutes.docx).\n",
    answer="The brief is in brief.md; the costs come first.",
)
CHINESE = Story(
    name="zh",
    font="STSong-Light",
    survey="调查.pdf",
    pages=(("港口岸墙调查", "九段中有两段向外倾斜超过八厘米。"), ("费用", "修补两段需要十八万四千元。")),
    minutes="记录.docx",
    decision="会议决定修补倾斜的两段。",
    goal="根据 调查.pdf 和 记录.docx 写一份简报到 简报.md，每个数字注明页码",
    brief="简报.md",
    cite=r"（调查\.pdf，第 \d 页）",
    words="先写费用。",
    draft="会议决定修补两段。\n",
    better="修补需要十八万四千元（调查.pdf，第 2 页）。会议决定修补这两段（记录.docx）。\n",
    answer="简报写在 简报.md 里，费用在最前面。",
)


@pytest.fixture(params=[ENGLISH, CHINESE], ids=["english", "chinese"])
def story(request: pytest.FixtureRequest) -> Story:
    chosen: Story = request.param
    return chosen


@pytest.fixture
def place(tmp_path: Path, story: Story) -> Place:
    made = Place(tmp_path)
    made.workspace.mkdir()
    pdfmetrics.registerFont(UnicodeCIDFont("STSong-Light"))
    canvas = Canvas(str(made.workspace / story.survey), pagesize=A4)
    for page in story.pages:
        canvas.setFont(story.font, 11)
        for number, line in enumerate(page):
            canvas.drawString(50, 800 - 20 * number, line)
        canvas.showPage()
    canvas.save()
    document = docx.Document()
    document.add_paragraph(story.decision)
    document.save(str(made.workspace / story.minutes))
    made.goal(
        f"goal: {story.goal}\n"
        "tools: {allow: [write_file]}\n"
        f"checks:\n  - {{file: {story.brief}, min_bytes: 40}}\n  - {{regex: '{story.cite}', in: {story.brief}}}\n"
    )
    return made


def reply(text: str, *calls: Call) -> Reply:
    return Reply(text=text, calls=calls, usage=USAGE)


class Model:
    """Reads both documents, writes a draft (before which somebody presses Ctrl-C), and does as it is told then."""

    def __init__(self, story: Story) -> None:
        self.story = story
        self.terminal: Terminal | None = None

    def __call__(self, request: dict[str, Any], number: int) -> Reply:
        story = self.story
        if number == 0:
            reads = [Call(name="read_file", arguments={"path": path}) for path in (story.survey, story.minutes)]
            return reply("", *reads)
        if number == 1:
            assert self.terminal is not None
            self.terminal.press_ctrl_c()
            patience = time.monotonic() + 30
            while "you are asked" not in self.terminal.shown and time.monotonic() < patience:
                time.sleep(0.02)  # it comes before the reply does, however slow the machine is
            return reply("", Call(name="write_file", arguments={"path": story.brief, "content": story.draft}))
        if number == 2:
            assert story.words in str(request["messages"][-3:])
            arguments = {"path": story.brief, "content": story.better}
            return reply("", Call(name="write_file", arguments=arguments))
        return reply("", Call(name="finish", arguments={"answer": story.answer}))


@pytest.fixture
def server(story: Story) -> Iterator[tuple[ChatServer, Model]]:
    model = Model(story)
    with ChatServer(model) as server:
        yield server, model


def test_a_brief_on_own_documents_watched_steered_and_undone(
    place: Place, story: Story, server: tuple[ChatServer, Model]
) -> None:
    chat, model = server
    settings = {"OPENAI_BASE_URL": chat.url, "THINKACT_MODEL": "scripted"}
    with at_a_terminal(place, "run", "goal.yaml", **settings) as terminal:
        model.terminal = terminal
        terminal.until("> ", timeout=60)
        watcher = place.start("runs", "tail", "last")
        terminal.say(story.words)
        assert terminal.end() == 0, terminal.text
        told, _ = watcher.communicate(timeout=60)
    screen = re.sub(r"· workspace\b.*?(?=\nstep 1)", "· workspace PLACE", seen(terminal.shown), flags=re.DOTALL)
    must_be(f"{story.name}-run", screen, place)
    assert watcher.returncode == 0
    must_be(f"{story.name}-tail", told, place)
    assert place.read(story.brief) == story.better
    shown = place.thinkact("runs", "show", "last")
    must_be(f"{story.name}-show", shown.stdout, place)
    compared = place.thinkact("runs", "diff", "last")
    must_be(f"{story.name}-diff", compared.stdout, place)
    undone = place.thinkact("runs", "undo", "last", "-y")
    assert undone.returncode == 0
    must_be(f"{story.name}-undo", undone.stderr, place)
    assert not (place.workspace / story.brief).exists()


def test_the_offline_model_makes_a_cited_brief_of_own_documents(place: Place, story: Story) -> None:
    ended = place.thinkact("run", "goal.yaml", THINKACT_MODEL="offline")
    must_be(f"{story.name}-offline", ended.stderr, place)
    assert ended.returncode == 0, ended.stderr
