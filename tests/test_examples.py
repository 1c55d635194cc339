"""The goal files of `examples/`, each run as a process in a copy of the folder: on the offline model where its rules
are up to it, else on the scripted server."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path

import pytest

from agent import checks
from agent.checks import Scene
from agent.goal import Goal, RunCheck
from agent.goal.file import read_goal
from agent.program import run_program
from plugins import Workspace
from tests.docs_commands import work_on_the_brief
from tests.example_works import WORKS
from tests.place import ROOT, Ended, Place, no_traceback
from tests.server import ChatServer

BRIDGE = ("costs", "letters", "minutes", "survey")


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """A home of its own, and the examples beside it; what the examples wrote in this checkout stays behind."""
    shutil.copytree(ROOT / "examples", tmp_path / "examples", ignore=shutil.ignore_patterns("out"))
    return Place(tmp_path)


def run(place: Place, name: str, *words: str) -> Ended:
    ended = place.thinkact("run", f"examples/{name}", *words, THINKACT_MODEL="offline")
    no_traceback(ended)
    return ended


def out(place: Place, name: str) -> str:
    return (place.folder / "examples" / "out" / name).read_text("utf-8")


def documents(folder: Path) -> dict[str, bytes]:
    return {path.as_posix(): path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def test_every_example_is_run_here() -> None:
    here = Path(__file__)
    tested = here.read_text("utf-8") + here.with_name("test_example_web.py").read_text("utf-8")
    assert [path.name for path in (ROOT / "examples").glob("*.yaml") if f'"{path.name}"' not in tested] == []


@pytest.mark.parametrize("file", sorted((ROOT / "examples").glob("*.yaml")), ids=lambda file: file.stem)
def test_an_example_leaves_nothing_to_advise(file: Path, place: Place) -> None:
    checked = json.loads(place.thinkact("goal", "check", str(file), "--json").stdout)
    assert (checked["ok"], checked["advice"]) == (True, [])


def test_the_documents_are_as_the_readme_says() -> None:
    folder = ROOT / "examples" / "documents"
    assert (folder / "logbook-2025.md").stat().st_size > 100_000
    chinese = "".join(path.read_text("utf-8") for path in (folder / "图书馆").iterdir())
    assert sum("\u4e00" <= one <= "\u9fff" for one in chinese) > 700


@pytest.mark.parametrize(
    ("name", "page", "seen"),
    [
        ("illustrate.yaml", "story.html", "a large blue square at the left on a white background"),
        ("插图.yaml", "圆.html", "一个大的蓝色方形在左边，背景是白色"),
    ],
)
def test_a_story_is_illustrated_and_each_picture_is_described(place: Place, name: str, page: str, seen: str) -> None:
    ended = run(place, name, "-y")
    assert ended.returncode == 0, ended.stderr
    written = out(place, page)
    assert f"<figcaption>{seen}</figcaption>" in written
    pictures = re.findall(r'<img src="([^"]+)"', written)
    assert len(pictures) == 3
    assert all((place.folder / "examples" / "out" / one).read_bytes().startswith(b"\x89PNG") for one in pictures)


def test_the_brief_quotes_every_document_and_a_finding_is_remembered(place: Place) -> None:
    before = documents(place.folder / "examples" / "documents")
    ended = run(place, "brief.yaml")
    assert ended.returncode == 0, ended.stderr
    brief = out(place, "brief.md")
    assert [name for name in BRIDGE if f"documents/bridge/{name}.md" not in brief] == []
    assert "pier is the weak point" in brief or "close the bridge whenever the gauge" in brief
    assert "30 April 2026" in brief
    assert documents(place.folder / "examples" / "documents") == before
    episode, note = json.loads(place.thinkact("memory", "list", "--namespace", "bridge", "--json").stdout)
    assert (episode["kind"], note["origin"]) == ("episode", "agent")
    assert "documents/bridge/" in note["text"]


def test_another_document_makes_another_brief(place: Place) -> None:
    costs = place.folder / "examples" / "documents" / "bridge" / "costs.md"
    text = costs.read_text("utf-8")
    costs.write_text(text.replace("30 April 2026", "15 May 2026").replace("90,000", "75,000"), "utf-8")
    flood = "A flood warning for the Tarn was given on 3 April 2026.\nThe gauge at the mill may reach 2.9 metres.\n"
    (costs.parent / "flood.txt").write_text(flood, "utf-8")
    assert run(place, "brief.yaml").returncode == 0
    brief = out(place, "brief.md")
    assert "15 May 2026" in brief
    assert "30 April 2026" not in brief
    assert "2.9 metres" in brief
    assert "documents/bridge/flood.txt" in brief


def test_the_second_run_recalls_what_the_first_remembered(place: Place) -> None:
    assert run(place, "brief.yaml").returncode == 0
    assert run(place, "brief.yaml").returncode == 0
    (recalled,) = (event for event in place.events() if event["kind"] == "memory.recalled")
    assert "documents/bridge/" in json.dumps(recalled)


def test_the_brief_is_made_by_the_model_behind_the_base_url(place: Place) -> None:
    with ChatServer(work_on_the_brief, models=["scripted"]) as server:
        ended = place.thinkact("run", "examples/brief.yaml", "--output", "json", OPENAI_BASE_URL=server.url)
    assert ended.returncode == 0, ended.stderr
    told = json.loads(ended.stdout)
    assert (told["state"], told["usage"]["model_calls"]) == ("reached", len(server.requests))
    assert out(place, "brief.md").startswith("# Brief for the council")
    texts = [str(message["content"]) for message in server.requests[-1].json["messages"]]
    assert any("washed out the gravel" in text for text in texts), "what was read reaches the model"
    assert {request.json["model"] for request in server.requests} == {"scripted"}
    episode, note = json.loads(place.thinkact("memory", "list", "--namespace", "bridge", "--json").stdout)
    assert episode["text"].splitlines()[1].startswith("Outcome: reached after ")
    assert "before the winter" in note["text"]


def test_the_chinese_brief_is_chinese_and_names_its_sources(place: Place) -> None:
    ended = run(place, "简报.yaml")
    assert ended.returncode == 0, ended.stderr
    brief = out(place, "简报.md")
    assert [name for name in ("调查", "费用", "会议记录") if f"documents/图书馆/{name}.md" not in brief] == []
    assert "屋顶由宏达建筑修缮" in brief
    assert "来源" in brief
    assert "离线规则模型" in ended.stdout
    searched = place.thinkact("memory", "search", "图书馆屋顶谁来修", "--namespace", "图书馆", "--json")
    assert "宏达建筑" in json.loads(searched.stdout)[0]["text"]


def test_another_chinese_document_makes_another_brief(place: Place) -> None:
    minutes = place.folder / "examples" / "documents" / "图书馆" / "会议记录.md"
    minutes.write_text(minutes.read_text("utf-8").replace("宏达建筑修缮", "江南修缮施工"), "utf-8")
    assert run(place, "简报.yaml").returncode == 0
    assert "屋顶由江南修缮施工" in out(place, "简报.md")
    assert "屋顶由宏达建筑修缮" not in out(place, "简报.md")


def test_a_fact_is_found_in_a_document_of_more_than_100_kb(place: Place) -> None:
    ended = run(place, "logbook.yaml")
    assert ended.returncode == 0, ended.stderr
    assert "two of its twelve cells had split in the cold" in out(place, "logbook.md")


def test_the_long_document_answers_what_it_is_asked(place: Place) -> None:
    ended = run(place, "logbook.yaml", "--set", "about=the radar bearing", "--set", "out=out/radar.md")
    assert ended.returncode == 0, ended.stderr
    radar = out(place, "radar.md")
    assert "bearing is worn out" in radar
    assert "turns again after 42 days" in radar
    assert "split in the cold" not in radar


def test_a_topic_must_be_given_and_is_what_the_summary_is_about(place: Place) -> None:
    missing = run(place, "topic.yaml")
    assert missing.returncode == 2
    assert "topic" in missing.stderr
    ended = run(place, "topic.yaml", "--set", "topic=trout")
    assert ended.returncode == 0, ended.stderr
    assert "The trout spawn from October" in out(place, "topic.md")


def test_a_topic_that_no_document_knows_is_not_reached(place: Place) -> None:
    assert run(place, "topic.yaml", "--set", "topic=zeppelin").returncode == 1


def test_the_inbox_is_tidied_and_the_documents_stay(place: Place) -> None:
    before = documents(place.folder / "examples" / "documents")
    ended = run(place, "tidy.yaml", "--set", "into=out/monday")
    assert ended.returncode == 0, ended.stderr
    monday = place.folder / "examples" / "out" / "monday"
    assert {path.relative_to(monday).as_posix() for path in monday.rglob("*") if path.is_file()} == {
        "people/telephones.csv",
        "todo.txt",
    }
    contacts = (place.folder / "examples" / "documents" / "inbox" / "contacts.csv").read_text("utf-8")
    assert out(place, "monday/people/telephones.csv") == contacts.replace("555-0142", "555-0188")
    todo = out(place, "monday/todo.txt")
    assert "2026-03-garden.txt:5: TODO: ask Farid" in todo
    assert todo.rstrip().endswith("Asked on Monday.")
    assert documents(place.folder / "examples" / "documents") == before


def test_what_is_not_reached_is_told_with_its_reason(place: Place) -> None:
    ended = run(place, "not-reached.yaml", "--output", "json")
    assert ended.returncode == 1
    told = json.loads(ended.stdout)
    assert told["state"] == "not_reached"
    assert [check["passed"] for check in told["checks"]] == [True, False]
    assert "contract was awarded" in told["reason"]


def test_a_document_that_names_the_firm_makes_it_reached(place: Place) -> None:
    minutes = place.folder / "examples" / "documents" / "bridge" / "minutes.md"
    minutes.write_text(f"{minutes.read_text('utf-8')}\nThe contract was awarded to Brandt Hydraulics.\n", "utf-8")
    assert run(place, "not-reached.yaml").returncode == 0


def test_a_run_that_a_limit_stopped_is_gone_on_with(place: Place) -> None:
    stopped = run(place, "brief.yaml", "--max-steps", "2")
    assert stopped.returncode == 3
    resumed = place.thinkact("resume", "last", "--max-steps", "20", THINKACT_MODEL="offline")
    assert resumed.returncode == 0, resumed.stderr
    reads = [event for event in place.events() if event["kind"] == "tool.started"]
    assert len(reads) == 7, "one list, four reads, one note, one brief: nothing is done twice"


# --- what takes a language model: the scripted server plays a good one, which makes a slip and mends it

SCRIPTED = (
    *("cards.yaml", "invoices.yaml", "minutes.yaml", "readme.yaml", "sort.yaml", "table.yaml"),
    *("周报.yaml", "审校.yaml"),
)


def test_the_digest_of_mixed_documents_holds_what_each_of_them_says(place: Place) -> None:
    ended = run(place, "digest.yaml")
    assert ended.returncode == 0, ended.stderr
    digest = out(place, "digest.md")
    assert "The plant costs 44,400 euros in all" in digest, "page 2 of the PDF"
    assert "notice is given in writing three months before" in digest, "the Word file"
    assert "The houses pay 24.0 cents a kilowatt hour" in digest, "the second sheet of the workbook"


def test_a_digest_of_other_figures_is_not_taken(place: Place) -> None:
    call = place.folder / "examples" / "documents" / "solar" / "assembly.md"
    call.write_text(call.read_text("utf-8").replace("50,000", "60,000"), "utf-8")
    ended = run(place, "digest.yaml")
    assert ended.returncode == 1
    assert "50,000 euros" in ended.stderr


def test_the_works_are_those_of_the_examples_beyond_rules() -> None:
    assert sorted(WORKS) == sorted(SCRIPTED)


@pytest.mark.parametrize("name", SCRIPTED)
def test_a_slip_is_found_by_the_checks_and_the_mended_work_is_taken(name: str, place: Place) -> None:
    work, before = WORKS[name], documents(place.folder / "examples" / "documents")
    words: tuple[str, ...] = ("--allow", "run_check")
    root = place.folder / "examples"
    if name == "sort.yaml":
        root = place.folder / "to-sort"
        shutil.copytree(place.folder / "examples" / "documents" / "downloads", root)
        words = ("--workspace", "to-sort")
    with ChatServer(work.reply, models=["scripted"]) as server:
        ended = place.thinkact("run", f"examples/{name}", *words, OPENAI_BASE_URL=server.url)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.strip() == work.answer
    written = {path: (root / path).read_text("utf-8") for path in work.files}
    assert written == work.files
    assert documents(place.folder / "examples" / "documents") == before
    sent = "".join(str(message["content"]) for message in server.requests[1].json["messages"])
    assert [text for text in work.read if text not in sent] == [], "what was read reaches the model"
    made = [event for event in place.events() if event["kind"] == "check" and event["phase"] == "after"]
    failed = [event for event in made if not event["passed"]]
    assert {event["attempt"] for event in failed} == {1}
    assert any(work.slips[0].told in f"{event['name']}: {event['detail']}" for event in failed)
    assert {event["attempt"] for event in made} == {1, 2}


def test_a_sorted_folder_is_as_it_was_after_undo(place: Place) -> None:
    before = documents(place.folder / "examples" / "documents" / "downloads")
    shutil.copytree(place.folder / "examples" / "documents" / "downloads", place.folder / "to-sort")
    with ChatServer(WORKS["sort.yaml"].reply, models=["scripted"]) as server:
        ended = place.thinkact("run", "examples/sort.yaml", "--workspace", "to-sort", OPENAI_BASE_URL=server.url)
    assert ended.returncode == 0, ended.stderr
    assert place.thinkact("runs", "undo", "last", "-y").returncode == 0
    after = documents(place.folder / "to-sort")
    assert {Path(path).name: content for path, content in after.items()} == {
        Path(path).name: content for path, content in before.items()
    }


@pytest.mark.parametrize("name", SCRIPTED)
def test_the_checks_of_an_example_take_the_right_work_and_find_every_slip(name: str, place: Place) -> None:
    work, root = WORKS[name], place.folder / "examples"
    if name == "sort.yaml":
        root = root / "documents" / "downloads"
    goal = read_goal(place.folder / "examples" / name)
    with Workspace.open(root) as files:
        baseline = checks.baseline(goal, files)
        for old, new in (work.moves or {}).items():
            files.move(old, new)
        assert failed_checks(goal, files, work.files, baseline) == []
        for slip in work.slips:
            assert failed_checks(goal, files, work.spoilt(slip), baseline), f"no check finds {slip}"
        if work.moves:
            files.move(work.moves["letter.txt"], "letter.txt")
            assert failed_checks(goal, files, work.files, baseline) == ["no file matches *"]


def failed_checks(goal: Goal, files: Workspace, written: dict[str, str], baseline: dict[str, str]) -> list[str]:
    """The names of the checks that do not pass where these files were written. Programs are run."""
    for path, text in written.items():
        files.write(path, text.encode())
    ran = {
        number: (ended.passed, ended.output)
        for number, check in enumerate(goal.checks, 1)
        if isinstance(check, RunCheck)
        for ended in [run_program(check.run, folder=files.root, timeout=30, env={**os.environ, **check.env})]
    }
    scene = Scene(files=files, baseline=baseline, changed={}, judged={}, ran=ran)
    return [one.name for one in checks.make(goal, scene, attempt=1) if not one.passed]
