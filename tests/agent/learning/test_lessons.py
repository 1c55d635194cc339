"""Lessons: a failure that was put right becomes a note; what teaches nothing does not."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from agent.approval import Deny, Policy
from agent.events import NoteWritten
from agent.learning.lessons import MOST
from agent.mail import Item
from plugins import Effect, ToolError, tool
from tests.kits import House, called, finish
from tests.recollection import Recollection
from tests.scripted import ScriptedModel


@tool(effect=Effect.EXECUTE)
def build(target: str, jobs: int = 1) -> str:
    """Build a part of the bridge.

    Args:
        target: The part.
        jobs: How many at a time.
    """
    if "lamp" in target and not _lamps:
        raise ToolError("the lamps are not unpacked")
    if not target.startswith("make "):
        raise ToolError(f"{target}: command not found", hint="say make first")
    return "built " * 50


@tool(effect=Effect.EXECUTE)
def unpack(what: str) -> str:
    """Unpack something.

    Args:
        what: What.
    """
    _lamps.append(what)
    return "unpacked"


@tool(effect=Effect.EXECUTE)
def log_in(server: str, password: str = "", login: Any = None, user: str = "") -> str:
    """Log in.

    Args:
        server: Where.
        password: With what.
        login: Password and more.
        user: Who.
    """
    said = login["password"] if login else password
    if said != "hunter2horse9" or user == "Ann" or (server == "lamps" and not _lamps):
        raise ToolError(f"{server} does not know {user} by {said}")
    return "hello"


@tool(effect=Effect.FETCH)
def look_up(url: str) -> str:
    """Open a page.

    Args:
        url: Its address.
    """
    if not url.startswith("https://") or url.endswith("/1"):
        raise ToolError(f"{url} answered 404")
    return "a page"


_lamps: list[str] = []


@pytest.fixture
def works(house: House) -> House:
    _lamps.clear()
    house.tools, house.policy = (build, unpack, log_in, look_up), Policy(allow=("*",))
    return house


def run(house: House, *steps: Any) -> list[NoteWritten]:
    """The lessons of a run that makes these calls, one a step."""
    numbered = [_numbered(step, number) for number, step in enumerate(steps)]
    outcome = house.run("Build the bridge.", ScriptedModel([*numbered, finish()]))
    assert outcome.ended.state == "reached"
    return [one for one in outcome.of(NoteWritten) if one.note == "lesson"]


def _numbered(step: Any, number: int) -> Any:
    calls = step if isinstance(step, Sequence) else [step]
    return [called(one.tool, f"c{number}-{n}", **one.arguments) for n, one in enumerate(calls)]


def test_what_was_changed_in_the_call_that_worked_is_the_lesson(works: House, memory: Recollection) -> None:
    (note,) = run(works, called("build", target="pier"), called("build", target="make pier"))
    assert note.text == "build failed: pier: command not found. It worked when target pier became make pier."
    assert (note.why, note.origin, note.namespace) == ("error", "agent", "here")
    (kept,) = memory.notes(kind="lesson")
    assert (kept.id, kept.step, kept.origin) == (note.id, 2, "agent")
    assert "built built" not in kept.text


def test_an_address_that_worked_with_another_beginning_is_a_lesson(works: House, memory: Recollection) -> None:
    wrong, right = "http://a.example/桥", "https://a.example/桥"
    (note,) = run(works, called("look_up", url=wrong), called("look_up", url=right))
    assert note.text.endswith(f"It worked when url {wrong} became {right}.")


def test_the_call_that_helped_is_the_lesson_where_the_same_call_works_later(works: House, memory: Recollection) -> None:
    lamps = called("build", target="make lamps")
    (note,) = run(works, lamps, called("list_files"), called("unpack", what="lamps"), lamps)
    assert note.text == (
        "build(target=make lamps) failed: the lamps are not unpacked. It worked after unpack(what=lamps)."
    )


def test_the_same_lesson_is_written_once(works: House, memory: Recollection) -> None:
    wrong, right = called("build", target="pier"), called("build", target="make pier")
    assert len(run(works, wrong, right, wrong, right)) == 1
    (again,) = run(works, wrong, right)
    assert again.state == "counted", "it had to be learned again, though memory told this run so"
    (kept,) = memory.notes(kind="lesson")
    assert (kept.copies, kept.uses) == (2, 1)


@pytest.mark.parametrize(
    "steps",
    [
        (called("build", target="pier"), called("build", target="make rails", jobs=2)),  # another thing
        (called("build", target="make lamps"), called("build", target="make rails")),  # it shares no more than its verb
        (called("read_file", path="a.txt"), called("list_files"), called("list_files")),  # never put right
        (called("build", target="make pier"), called("build", target="make pier", jobs=2)),  # nothing failed
        (
            called("look_up", url="https://a.example/1"),
            called("look_up", url="https://a.example/2"),
        ),  # another
    ],
)
def test_what_tells_nothing_is_no_lesson(works: House, memory: Recollection, steps: Sequence[Any]) -> None:
    assert run(works, *steps) == []


def test_a_failure_long_ago_is_put_right_by_nothing(works: House, memory: Recollection) -> None:
    idle = [called("read_file", path=f"{n}.txt") for n in range(7)]
    for n in range(7):
        works.write(f"{n}.txt", "x")
    assert run(works, called("build", target="pier"), *idle, called("build", target="make pier")) == []


def test_what_the_user_refused_is_no_lesson(works: House, memory: Recollection) -> None:
    works.seat(Deny(reason="not that one"))
    works.policy = Policy(attended=True, allow=("build",), ask=("unpack",))
    assert run(works, called("unpack", what="lamps"), called("build", target="make pier")) == []


def test_what_a_write_wrote_otherwise_is_the_documents_and_no_lesson(works: House, memory: Recollection) -> None:
    works.write("a.txt", "one two\n")
    wrong, right = (called("edit_file", path="a.txt", old=old, new="three") for old in ("one  two", "one two"))
    assert run(works, wrong, right) == []


def test_a_run_writes_few_lessons(works: House, memory: Recollection) -> None:
    pairs = [
        called("build", target=target)
        for name in ("pier", "deck", "rail", "arch", "gate", "stair")
        for target in (name, f"make {name}")
    ]
    assert len(run(works, *pairs)) == MOST


def test_long_texts_and_long_errors_are_not_told_whole(works: House, memory: Recollection) -> None:
    name = "pier " * 30
    assert run(works, called("build", target=name), called("build", target=f"make {name}")) == []
    short = "pier " * 12
    (note,) = run(works, called("build", target=short), called("build", target=f"make {short}"))
    assert len(note.text) < 500
    assert "\n" not in note.text


def test_a_secret_is_left_out_of_a_lesson_with_what_an_error_says_of_it(works: House, memory: Recollection) -> None:
    wrong = called("log_in", server="db2", password="summer1", user="Ann")
    right = called("log_in", server="db2", password="hunter2horse9", user="Bob")
    (note,) = run(works, wrong, right)
    assert note.text == (
        "log_in failed: db2 does not know Ann by …. It worked when password … became …, user Ann became Bob."
    )
    deep = [called("log_in", server="db3", login={"password": "hunter2horse9"}, user=user) for user in ("Ann", "Cy")]
    (note,) = run(works, *deep)
    assert note.text == "log_in failed: db3 does not know Ann by …. It worked when user Ann became Cy."
    lamps = called("log_in", server="lamps", password="hunter2horse9")
    (note,) = run(works, lamps, called("unpack", what="API_KEY=summer1"), lamps)
    assert note.text == (
        "log_in(server=lamps, password=…) failed: lamps does not know  by …. It worked after unpack(what=…)."
    ).replace("  ", " ")
    assert len(memory.notes(kind="lesson")) == 3


@pytest.mark.parametrize("password", ["o", "no", " "])
def test_a_secret_of_two_letters_leaves_an_error_readable(works: House, memory: Recollection, password: str) -> None:
    wrong = called("log_in", server="db2", password=password, user="Ann")
    right = called("log_in", server="db2", password="hunter2horse9", user="Bob")
    (note,) = run(works, wrong, right)
    assert note.text.startswith("log_in failed: db2 does not know Ann by")


def test_a_secret_of_three_letters_is_left_out_of_an_error(works: House, memory: Recollection) -> None:
    wrong = called("log_in", server="db2", password="abc", user="Ann")
    right = called("log_in", server="db2", password="hunter2horse9", user="Bob")
    (note,) = run(works, wrong, right)
    assert note.text.startswith("log_in failed: db2 does not know Ann by ….")


def test_where_only_a_secret_was_wrong_there_is_no_lesson(works: House, memory: Recollection) -> None:
    steps = [called("log_in", server="db2", password=said) for said in ("summer1", "hunter2horse9")]
    assert run(works, *steps) == []


def test_words_that_hold_a_word_for_a_secret_by_chance_are_told(works: House, memory: Recollection) -> None:
    steps = [called("build", target=f"{make}the author's monkey bypass") for make in ("", "make ")]
    (note,) = run(works, *steps)
    assert "became make the author's monkey bypass" in note.text


@pytest.mark.parametrize("target", ["--token x1", "Authorization: Bearer x1", "口令x1", "用户密码 x1", "apiKey x1"])
def test_a_value_that_speaks_of_a_secret_is_left_out(works: House, memory: Recollection, target: str) -> None:
    assert run(works, called("build", target=target), called("build", target=f"make {target}")) == []


@pytest.mark.parametrize(
    "command",
    [
        *("curl -u admin:hunter2 http://db", "sshpass -p hunter2 ssh host", "mysql -uroot -phunter2 db"),
        *("docker login -u me -p hunter2", "redis-cli -a hunter2", "smbclient -U me%hunter2 //h/s"),
        *("echo hunter2 | sudo -S apt update", "psql postgres://u:hunter2@h/db"),
    ],
)
def test_a_command_that_carries_a_password_is_in_no_lesson_nor_what_an_error_says_of_it(
    works: House, memory: Recollection, command: str
) -> None:
    wrong, right = (called("build", target=f"{make}{command}") for make in ("", "make "))
    assert run(works, wrong, right) == []
    lamps = called("build", target=f"make lamps; {command}")
    (note,) = run(works, lamps, called("unpack", what=command), lamps)
    assert note.text == "build(target=…) failed: the lamps are not unpacked. It worked after unpack(what=…)."
    again = called("log_in", server="db", user="hunter2", password=command)
    works.run("Log in.", ScriptedModel([again, finish("No.", reached=False)]))
    assert "Last failure: log_in: db does not know … by …" in memory.texts(kind="episode")[-1]
    assert not [text for text in memory.texts() if "hunter2" in text]


def test_an_error_that_repeats_a_command_tells_it_without_its_password(works: House, memory: Recollection) -> None:
    @tool(effect=Effect.EXECUTE)
    def deploy(stage: str) -> str:
        """Deploy it.

        Args:
            stage: Where.
        """
        if stage == "prod":
            raise ToolError("redis-cli -a hunter2 ping: exit status 1")
        return "done"

    works.tools = (deploy,)
    (note,) = run(works, called("deploy", stage="prod"), called("deploy", stage="prod two"))
    assert note.text == (
        "deploy failed: redis-cli -a … ping: exit status 1. It worked when stage prod became prod two."
    )


def test_a_failed_call_in_the_same_step_counts_as_well(works: House, memory: Recollection) -> None:
    (note,) = run(works, [called("build", target="pier"), called("build", target="make pier")])
    assert "became make pier" in note.text


def test_interrupted_between_store_and_journal_it_is_counted_and_not_kept_twice(
    works: House, memory: Recollection
) -> None:
    def interrupt(item: Item) -> None:
        if isinstance(item, NoteWritten):
            works.seen.clear()
            raise KeyboardInterrupt

    works.seen.append(interrupt)
    wrong, right = (called("build", f"b{n}", target=target) for n, target in enumerate(("pier", "make pier")))
    first = works.run("Build the bridge.", ScriptedModel([wrong, right, finish()]))
    assert first.ended.state == "interrupted"
    assert first.of(NoteWritten) == []
    again = works.resume(ScriptedModel([finish()]))
    assert [one.state for one in again.of(NoteWritten) if one.note == "lesson"] == ["counted"]
    (kept,) = memory.notes(kind="lesson")
    assert kept.copies == 2


# --- what no run needs to be told ---


@tool(effect=Effect.FETCH)
def open_page(address: str) -> str:
    """Open a page.

    Args:
        address: Which.
    """
    _visits.append(address)
    if _visits.count(address) == 1:
        raise ToolError("the server did not answer")
    return "a page"


@tool(effect=Effect.READ)
def view(path: str, page: str = "1") -> str:
    """View a chart.

    Args:
        path: Which.
        page: Its page.
    """
    if path != "charts/bay.chart" or page != "1":
        raise ToolError(f"there is no chart {path}, page {page}", hint="did you mean charts/bay.chart?")
    return "rocks"


@tool(effect=Effect.READ)
def trace(path: str) -> str:
    """Trace a chart.

    Args:
        path: Which.
    """
    return path


_visits: list[str] = []


@pytest.fixture
def harbour(works: House) -> House:
    _visits.clear()
    works.tools = (*works.tools, open_page, view, trace)
    works.policy = Policy(allow=("*",))
    return works


@pytest.mark.parametrize(
    "steps",
    [
        # It was not there until it was written.
        (
            called("read_file", path="log.md"),
            called("write_file", path="log.md", content="x"),
            called("read_file", path="log.md"),
        ),
        # What stood in the way was deleted: nobody is to be told to do that.
        (
            called("write_file", path="new.md", content="x"),
            called("write_file", path="log.md", content="x"),
            called("move_file", source="new.md", target="log.md"),
            called("delete_file", path="log.md"),
            called("move_file", source="new.md", target="log.md"),
        ),
        # The error itself names what then worked.
        (called("view", path="bay.chart"), called("view", path="charts/bay.chart")),
        # The world outside had a bad moment.
        (
            called("open_page", address="h.example"),
            called("unpack", what="lamps"),
            called("open_page", address="h.example"),
        ),
        # Another tool worked where one failed once.
        (called("view", path="reef.chart"), called("trace", path="reef.chart")),
        # It failed again and again, but on other things.
        (called("view", path="reef.chart"), called("view", path="cove.chart"), called("trace", path="reef.chart")),
        # Something was changed before the other tool worked.
        (
            called("view", path="reef.chart"),
            called("view", path="reef.chart", page="2"),
            called("unpack", what="reef"),
            called("trace", path="reef.chart"),
        ),
    ],
)
def test_what_any_run_finds_out_for_nothing_is_no_lesson(
    harbour: House, memory: Recollection, steps: Sequence[Any]
) -> None:
    assert run(harbour, *steps) == []


def test_another_tool_that_works_where_one_failed_again_and_again_is_a_lesson(
    harbour: House, memory: Recollection
) -> None:
    steps = [*(called("view", path="reef.chart", page=page) for page in ("1", "2")), called("trace", path="reef.chart")]
    (note,) = run(harbour, *steps)
    assert note.text == ("view failed 2 times on reef.chart: there is no chart reef.chart, page 2. trace worked on it.")


def test_a_session_of_many_failures_leaves_what_teaches_something_and_nothing_else(
    harbour: House, memory: Recollection
) -> None:
    """A run as a clumsy model makes it: of eleven failures three teach something."""
    session = [
        called("read_file", path="log.md"),  # not there: nothing
        called("build", what="make pier"),  # the form: a lesson
        called("build", target="make pier"),
        called("build", target="rails"),  # the value: a lesson
        called("build", target="make rails"),
        called("biuld", target="make deck"),  # no such tool: nothing
        called("build", target="arch"),  # the same again, about another thing: one of its kind is enough
        called("write_file", path="log.md", content="one  two\n"),
        called("read_file", path="log.md"),
        called("edit_file", path="log.md", old="one two", new="three"),  # the document's matter: nothing
        called("edit_file", path="log.md", old="one  two", new="three"),
        called("open_page", address="h.example"),  # a bad moment: nothing
        called("open_page", address="h.example"),
        called("view", path="bay.chart"),  # the error names it: nothing
        called("view", path="charts/bay.chart"),
        called("build", target="make lamps"),  # what had to come before: a lesson
        called("unpack", what="lamps"),
        called("build", target="make lamps"),
        called("view", path="lost.chart"),  # never put right: nothing
    ]
    assert [note.text for note in run(harbour, *session)] == [
        "build wants target, not what.",
        "build failed: rails: command not found. It worked when target rails became make rails.",
        "build(target=make lamps) failed: the lamps are not unpacked. It worked after unpack(what=lamps).",
    ]
    kinds = [note.kind for note in memory.notes()]
    assert sorted(kinds) == ["episode", "lesson", "lesson", "lesson"]
    assert all(note.run and note.step and note.origin == "agent" for note in memory.notes())
