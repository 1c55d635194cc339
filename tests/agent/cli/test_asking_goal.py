"""A goal asked for: what becomes of the answers, question by question."""

from __future__ import annotations

import io
from dataclasses import replace
from pathlib import Path

import pytest

from agent.cli.asking_file import ask_whole
from agent.cli.asking_goal import Around, ask_short
from agent.cli.questions import Left, Questions
from agent.goal import Budget
from agent.goal.draft import Draft, FileThere, InputDraft, ProgramSucceeds, WordsIn
from agent.settings import Settings

TOOLS = {"read_file": "read", "write_file": "write", "remember": "write"}


@pytest.fixture
def around(tmp_path: Path) -> Around:
    settings = Settings.load(cwd=tmp_path, environ={"THINKACT_HOME": str(tmp_path / "home")}, config=tmp_path / "none")
    return Around(settings=settings, cwd=tmp_path, tools=lambda: TOOLS)


class Asked:
    """The questions with their answers."""

    def __init__(self, around: Around, *lines: str) -> None:
        self.around = around
        self.target = io.StringIO()
        self.questions = Questions(io.StringIO("".join(f"{line}\n" for line in lines)), self.target)

    def short(self) -> Draft:
        return self.questions.go(lambda questions: ask_short(questions, self.around))

    def whole(self) -> Draft:
        return self.questions.go(lambda questions: ask_whole(questions, self.around))

    @property
    def shown(self) -> str:
        return self.target.getvalue()


WHO = ("简报", "细心的书记员", "Read the papers", "写简报到 out/简报.md", "")


def test_a_run_is_asked_for_name_role_goals_budget_and_folder(around: Around, tmp_path: Path) -> None:
    asked = Asked(around, *WHO, "20", "0.5", "10m", "data")
    assert asked.short() == Draft(
        name="简报",
        role="细心的书记员",
        goals=("Read the papers", "写简报到 out/简报.md"),
        budget={"steps": "20", "usd": "0.50", "time": "10m"},
        workspace=str(tmp_path / "data"),
    )
    order = ("Name:", "Role:", "Goals:", "goal 1>", "goal 3>", "Steps", "US dollars", "Time", "Workspace")
    places = [asked.shown.index(word) for word in order]
    assert places == sorted(places)


def test_enter_keeps_the_defaults_which_are_shown_and_not_written(around: Around) -> None:
    asked = Asked(around, *WHO, "", "", "", "")
    draft = asked.short()
    assert (draft.budget, draft.workspace) == ({}, "")
    for shown in ("Steps at most [50]", "US dollars at most [1.00]", "Time at most [1h]", "[./workspace]"):
        assert shown in asked.shown


def test_the_defaults_are_those_of_the_settings_and_a_cap_is_said(around: Around) -> None:
    capped = replace(around, settings=replace(around.settings, limits=Budget(steps=7, usd=0.25)))
    asked = Asked(capped, *WHO, "9", "0.10", "", "")
    assert asked.short().budget == {"steps": "9", "usd": "0.10"}
    assert "Steps at most [7]" in asked.shown
    assert asked.shown.count("your settings hold it at 7") == 1
    assert "US dollars at most [0.25]" in asked.shown
    assert "hold it at 0" not in asked.shown


def test_any_number_of_goals_comes_back_exactly_and_may_be_pasted_at_once(around: Around) -> None:
    goals = (*(f'第{number}步: "做" {{{{ x }}}} # {number}' for number in range(1, 30)), "  with spaces  ", "-")
    asked = Asked(around, "n", "r", *goals, "", "", "", "", "")
    assert asked.short().goals == goals


def test_name_and_role_can_be_left_out_and_not_by_an_empty_line(around: Around) -> None:
    asked = Asked(around, "", "-", "", "-", "", "a goal", "", "", "", "", "")
    draft = asked.short()
    assert (draft.name, draft.role, draft.goals) == ("", "", ("a goal",))
    assert asked.shown.count("type one, or - to leave it out") == 2
    assert asked.shown.count("without a goal there is nothing to work on") == 1


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ("many", 'it must be a whole number, such as 4, not "many"'),
        ("0", "it must be from 1 to 100,000, not 0"),
        ("9" * 50, "it must be a whole number"),
    ],
)
def test_a_limit_that_is_none_is_asked_again(around: Around, answer: str, words: str) -> None:
    asked = Asked(around, *WHO, answer, "５", "$2", "90m", "")
    assert asked.short().budget == {"steps": "5", "usd": "2.00", "time": "1h30m"}
    assert words in asked.shown


def test_no_limit_on_money_can_be_asked_for(around: Around) -> None:
    assert Asked(around, *WHO, "", "0", "", "").short().budget == {"usd": "0"}
    assert Asked(around, *WHO, "", "0.0004", "", "").short().budget == {"usd": "0.0004"}


def test_a_folder_in_which_no_run_could_work_is_asked_again(around: Around, tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    (tmp_path / "file.txt").touch()
    asked = Asked(around, *WHO, "", "", "", "home", "nowhere/deep", "file.txt", "~/", str(tmp_path))
    assert asked.short().workspace == str(Path("~/").expanduser())
    shown = "".join(asked.shown.split())  # lines are folded, wherever the folder's name is too long
    for words in ("cannot be used", "nowhere is not there", "it is not a folder"):
        assert words.replace(" ", "") in shown
    assert not (tmp_path / "nowhere").exists()


def test_what_is_known_is_not_asked(around: Around) -> None:
    known = replace(around, given=Draft(goals=("do it",), name="n", budget={"usd": "0.10"}), passed=frozenset({"time"}))
    asked = Asked(known, "a role", "3", "")
    assert asked.short() == Draft(goals=("do it",), name="n", role="a role", budget={"steps": "3", "usd": "0.10"})


def test_back_mends_any_answer(around: Around) -> None:
    lines = ("wrong", "r", "<", "<", "right", "", "a", "b", "", "<", "<", "c", "", "", "", "", "")
    asked = Asked(around, *lines)
    assert asked.short() == Draft(name="right", role="r", goals=("a", "c"))


@pytest.mark.parametrize("count", range(9))
def test_whoever_leaves_at_any_question_has_left(around: Around, count: int, tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(Left):
        Asked(around, *(*WHO, "20", "0.5", "10m")[:count]).short()
    assert sorted(tmp_path.rglob("*")) == before


# -- a goal file

TOPIC = ("council", "clerk", "Read about {{ topic }} and {{ 其他 }}", "Write {{ out }}", "")
REST = ("", "", "")  # steps, money, time


def test_a_goal_file_is_asked_for_inputs_files_checks_and_tools(around: Around, tmp_path: Path) -> None:
    lines = (
        *("topic", "{{ out }} : path = out/简报.md", "length：select＝短｜长, 很长", ""),
        "data",
        *("out/", "{{ out }}", ""),
        *("f", "{{ out }}", "文字", "  1,000 元 {{ length }}", "", "P", "test -f {{ out }}", ""),
        "write_file，remember",
    )
    draft = Asked(around, *TOPIC, *lines, *REST).whole()
    assert draft == Draft(
        name="council",
        role="clerk",
        goals=("Read about {{ topic }} and {{ 其他 }}", "Write {{ out }}"),
        inputs={
            "topic": InputDraft(),
            "out": InputDraft(type="path", default="out/简报.md"),
            "length": InputDraft(type="select", options=("短", "长", "很长")),
        },
        workspace=str(tmp_path / "data"),
        write=("out/", "{{ out }}"),
        checks=(
            FileThere("{{ out }}"),
            WordsIn("  1,000 元 {{ length }}", "{{ out }}"),
            ProgramSucceeds("test -f {{ out }}"),
        ),
        allow=("write_file", "remember"),
    )


def test_names_in_braces_are_told_and_an_input_that_stands_nowhere_is_left_out(around: Around) -> None:
    asked = Asked(around, *TOPIC, "topic", "unused=1", "", "", "", "", "", *REST)
    assert list(asked.whole().inputs) == ["topic"]
    assert "You wrote {{ topic }}, {{ 其他 }}, {{ out }}" in asked.shown
    assert "{{ unused }} stands nowhere" in asked.shown


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("two words", "write NAME"),
        ("1st", "write NAME"),
        ("a:sting", 'did you mean "string"?'),
        ("a:secret", "env of a run check"),
        ("a:number=many", "it must be a number"),
        ("a:select", "a select needs its options"),
        ("a={{ b }}", "is not filled in here"),
    ],
)
def test_an_input_that_is_none_is_asked_again(around: Around, line: str, words: str) -> None:
    asked = Asked(around, *TOPIC, line, "topic:list=a, b", "", "", "", "", "", *REST)
    assert asked.whole().inputs == {"topic": InputDraft(type="list", default=("a", "b"))}
    assert words in asked.shown


def test_files_checks_and_tools_that_cannot_be_are_asked_again(around: Around) -> None:
    lines = (
        "",
        "",
        "../x",
        "",
        "x",
        "f",
        "/etc/passwd",
        "",
        "a.md",
        "w",
        "",
        "词",
        "",
        "p",
        "",
        "ls",
        "",
        "wite_file",
        "",
    )
    asked = Asked(around, *TOPIC, *lines, *REST)
    draft = asked.whole()
    assert draft.checks == (FileThere("a.md"), WordsIn("词", "a.md"), ProgramSucceeds("ls"))
    assert (draft.write, draft.allow) == ((), ())
    for words in (
        "it must be a path inside the workspace",
        "f, w or p; an empty line ends",
        "name a file of the workspace",
        "type the words",
        "type the program",
        "did you mean write_file?",
    ):
        assert words in asked.shown, words


def test_an_input_whose_default_does_not_fit_is_told_where_it_is_used(around: Around) -> None:
    lines = ("out=/etc/passwd", "", "", "{{ out }}", "", "p", "ls `pwd` {{ out }}", "ls {{ out }}", "", "", *REST)
    asked = Asked(around, *TOPIC, *lines)
    draft = asked.whole()
    assert (draft.write, draft.checks) == ((), (ProgramSucceeds("ls {{ out }}"),))
    assert "it must be a path inside the workspace" in asked.shown
    assert "backtick" in asked.shown


def test_the_tools_are_listed_for_who_asks(around: Around) -> None:
    asked = Asked(around, *TOPIC, "", "", "", "", "?", "", *REST)
    asked.whole()
    assert "  write_file · write\n" in asked.shown
    assert "read_file ·" not in asked.shown
