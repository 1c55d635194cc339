"""Documents of a folder in a library: real files, real SQLite; what turns them into text is a small function here."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from memory._walking import Walk
from memory.library import Added, Converted, Forgotten, Library, NotConverted, Planned, Skipped, Step
from memory.recall import PASSAGES, Recall

ROOT = Path(__file__).parent.parent.parent


def convert(content: bytes, name: str, *, cancelled: Callable[[], bool]) -> Converted:
    """Plain text as it is; a file with pages where form feeds stand; nothing else."""
    if content.startswith(b"%"):
        raise NotConverted(f"'{name}' is damaged")
    text = content.decode()
    if "\f" in text:
        parts = [(f"page {number}", page) for number, page in enumerate(text.split("\f"), 1)]
        return Converted(kind="pdf", parts=parts, marked=True, title="A title", notes=["page 2 cannot be read"])
    return Converted(kind="text", parts=[("line 1", text)], marked=False)


@pytest.fixture
def recall(tmp_path: Path) -> Iterator[Recall]:
    with Recall(tmp_path / "memory" / "documents.db", rules=PASSAGES) as opened:
        yield opened


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    (folder / "deep").mkdir(parents=True)
    (folder / "a.md").write_text("# Bridge\nThe pier is 41 metres long.\n", "utf-8")
    (folder / "deep" / "b.txt").write_text("The library opens at nine.\fThe roof leaks.", "utf-8")
    (folder / "deep" / "程序.py").write_text("# not a heading\nx = 'harbour'\n", "utf-8")
    return folder


def steps(library: Library, *paths: Path, workers: int = 2) -> list[Step]:
    return list(library.add(paths, convert, workers=workers))


def told(found: list[Step]) -> list[str]:
    """The steps but the plan, in short and sorted."""
    lines = []
    for one in found:
        if isinstance(one, Added):
            lines.append(f"{one.how} {one.file}")
        elif isinstance(one, Skipped):
            lines.append(f"skipped {one.reason}{' (kept)' if one.kept else ''}")
        elif isinstance(one, Forgotten):
            lines.append(f"forgotten {one.file}")
    return sorted(lines)


def test_documents_of_a_folder_are_found_by_their_words_with_file_place_and_heading(docs: Path, recall: Recall) -> None:
    library = Library(recall)
    plan, *rest = steps(library, docs)
    assert plan == Planned(files=3, bytes=sum(one.stat().st_size for one in docs.rglob("*.*")), hidden=0)
    assert told(rest) == ["added docs/a.md", "added docs/deep/b.txt", "added docs/deep/程序.py"]
    [pier, *_] = library.search("how long is the pier", 3)
    assert (pier.file, pier.place, pier.heading, pier.text) == (
        "docs/a.md",
        "line 2",
        "Bridge",
        "The pier is 41 metres long.",
    )
    roof = library.search("leaking roof", 3)[0]
    assert (roof.file, roof.place, roof.heading) == ("docs/deep/b.txt", "page 2", "A title")
    assert library.search("harbour", 1)[0].text == "# not a heading\nx = 'harbour'"
    assert [Path(one.name).name for one in library.sources()] == ["a.md", "b.txt", "程序.py"]
    assert next(one.notes for one in rest if isinstance(one, Added) and one.notes) == ["page 2 cannot be read"]


def test_a_name_and_a_heading_find_a_passage_but_are_not_quoted(docs: Path, recall: Recall) -> None:
    (docs / "thermometer.md").write_text("# Greenhouse\nIt must not fall below nine degrees.", "utf-8")
    library = Library(recall)
    steps(library, docs)
    for query in ("thermometer", "greenhouse"):
        hit = library.search(query, 1)[0]
        assert hit.text == "It must not fall below nine degrees."


def test_what_has_not_changed_is_not_read_again_and_what_has_is_replaced(docs: Path, recall: Recall) -> None:
    library = Library(recall)
    steps(library, docs)
    _age(recall)
    read: list[str] = []

    def watched(content: bytes, name: str, *, cancelled: Callable[[], bool]) -> Converted:
        read.append(name)
        return convert(content, name, cancelled=cancelled)

    (docs / "a.md").write_text("# Bridge\nThe pier is gone.\n", "utf-8")
    os.utime(docs / "deep" / "b.txt", (1, 1))  # another time, the same content
    again = list(library.add([docs], watched))
    assert told(again) == ["changed docs/a.md", "unchanged docs/deep/b.txt", "unchanged docs/deep/程序.py"]
    assert read == ["docs/a.md"]
    assert [one.text for one in library.search("pier", 5) if "pier" in one.text] == ["The pier is gone."]


def test_what_has_become_of_a_file_is_told_by_its_content_and_not_by_its_time(docs: Path, recall: Recall) -> None:
    library = Library(recall)
    steps(library, docs)
    names = {Path(one.name).name: one.name for one in library.sources()}
    os.utime(docs / "a.md", (1, 1))
    (docs / "deep" / "b.txt").write_text("The library opens at ten..\fThe roof leaks.", "utf-8")
    (docs / "deep" / "程序.py").unlink()
    states = library.states([*names.values(), "/nowhere"])
    assert states == {names["a.md"]: "there", names["b.txt"]: "changed", names["程序.py"]: "gone"}
    assert library.search("how long is the pier", 1)[0].name == names["a.md"]


def test_a_file_with_marks_of_its_own_is_cited_by_paragraphs(docs: Path, recall: Recall) -> None:
    def made(content: bytes, name: str, *, cancelled: Callable[[], bool]) -> Converted:
        return replace(convert(content, name, cancelled=cancelled), kind="docx")

    list(Library(recall).add([docs / "a.md"], made))
    [pier] = Library(recall).search("how long is the pier", 1)
    assert (pier.place, pier.heading) == ("paragraph 1", "Bridge")


def _age(recall: Recall) -> None:
    """As if all had been added a minute ago: of a file that changed just then, its time tells nothing."""
    with recall._store.writing() as change:
        change.connection.execute("UPDATE sources SET added = added + 60")


def test_a_file_that_changes_within_the_same_moment_is_noticed(docs: Path, recall: Recall) -> None:
    library = Library(recall)
    steps(library, docs)
    before = (docs / "a.md").stat()
    (docs / "a.md").write_text("# Bridge\nThe pier is 42 metres long.\n", "utf-8")
    os.utime(docs / "a.md", ns=(before.st_atime_ns, before.st_mtime_ns))
    assert "changed docs/a.md" in told(steps(library, docs))


def test_what_is_gone_from_the_folder_is_forgotten_and_nothing_else_is(
    docs: Path, recall: Recall, tmp_path: Path
) -> None:
    library = Library(recall)
    other = tmp_path / "docs-2"
    other.mkdir()
    (other / "c.md").write_text("Something else.", "utf-8")
    steps(library, docs, other)
    (docs / "a.md").unlink()
    assert told(steps(library, docs / "deep"))[0].startswith("unchanged")  # a.md does not lie in this folder
    assert "forgotten docs/a.md" in told(steps(library, docs))
    assert library.search("pier", 5) == [] or all("pier" not in one.text for one in library.search("pier", 5))
    assert [Path(one.name).name for one in library.sources()] == ["c.md", "b.txt", "程序.py"]


def test_an_empty_folder_such_as_one_that_is_not_mounted_forgets_nothing(docs: Path, recall: Recall) -> None:
    library = Library(recall)
    steps(library, docs)
    for file in docs.rglob("*.*"):
        file.unlink()
    assert told(steps(library, docs)) == []
    assert len(library.sources()) == 3


def test_a_folder_in_it_that_is_there_and_empty_keeps_its_documents_and_is_named(docs: Path, recall: Recall) -> None:
    library = Library(recall)
    (docs / "deep" / "er").mkdir()
    (docs / "deep" / "er" / "d.md").write_text("Below the quay.", "utf-8")
    steps(library, docs)
    for file in (docs / "deep").rglob("*.*"):
        file.unlink()
    (docs / "deep" / "er").rmdir()
    [skipped, _] = told(steps(library, docs))
    assert skipped == "skipped docs/deep: is empty, as a disk that is not mounted, and had 3 documents (kept)"
    assert len(library.sources()) == 4
    (docs / "deep").rmdir()
    assert [one for one in told(steps(library, docs)) if one.startswith("forgotten")] == [
        "forgotten docs/deep/b.txt",
        "forgotten docs/deep/er/d.md",
        "forgotten docs/deep/程序.py",
    ]


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (RecursionError("too deep"), "it is nested too deep"),
        (ZeroDivisionError("no\nnumber"), "ZeroDivisionError: no number"),
        (OSError(5, "Input/output error"), "input/output error"),
    ],
)
def test_a_file_that_breaks_its_converter_is_named_and_the_others_are_read(
    docs: Path, recall: Recall, error: Exception, said: str
) -> None:
    def breaking(content: bytes, name: str, *, cancelled: Callable[[], bool]) -> Converted:
        if name.endswith("a.md"):
            raise error
        return convert(content, name, cancelled=cancelled)

    found = list(Library(recall).add([docs], breaking, workers=1))
    assert told(found) == [
        "added docs/deep/b.txt",
        "added docs/deep/程序.py",
        f"skipped docs/a.md: cannot be read: {said}",
    ]


def test_a_sheet_with_a_name_without_end_is_kept_with_a_place_that_fits(docs: Path, recall: Recall) -> None:
    def sheets(content: bytes, name: str, *, cancelled: Callable[[], bool]) -> Converted:
        table = "| row | A |\n| --- | --- |\n| 1 | pier |\n| 2 | quay |"
        return Converted(kind="xlsx", parts=[(f'sheet "{"S" * 9_600}", rows 1-2', table)], marked=True)

    library = Library(recall)
    assert {type(one) for one in library.add([docs], sheets, workers=1)} == {Planned, Added}
    place = library.search("pier", 1)[0].place
    assert (len(place), place[:9], place[-11:]) == (200, 'sheet "SS', '", rows 1-2')


def test_a_file_that_the_memory_refuses_is_named_and_the_others_are_read(docs: Path, tmp_path: Path) -> None:
    with Recall(tmp_path / "strict.db", rules=replace(PASSAGES, longest=30)) as strict:
        found = told(steps(Library(strict), docs))
        assert found[:2] == ["added docs/a.md", "added docs/deep/程序.py"]
        assert found[2].startswith("skipped docs/deep/b.txt: cannot be kept: the note's context has ")


def test_a_file_that_cannot_be_read_any_more_keeps_what_was_there_of_it(docs: Path, recall: Recall) -> None:
    library = Library(recall)
    steps(library, docs)
    (docs / "a.md").write_bytes(b"% broken")
    assert told(steps(library, docs))[0] == "skipped 'docs/a.md' is damaged (kept)"
    assert "41 metres" in library.search("pier", 1)[0].text


def test_a_single_file_can_be_added_and_its_folder_is_left_alone(docs: Path, recall: Recall) -> None:
    library = Library(recall)
    steps(library, docs)
    (docs / "deep" / "b.txt").unlink()
    assert told(steps(library, docs / "a.md")) == ["unchanged a.md"]
    assert len(library.sources()) == 3


def test_empty_files_large_files_and_files_without_text_are_named_with_the_reason(docs: Path, recall: Recall) -> None:
    (docs / "blank.txt").write_text(" \n\n", "utf-8")
    (docs / "nothing.txt").write_text("\x00\x00", "utf-8")
    (docs / "large.txt").write_text("x" * 2_000, "utf-8")
    found = told(list(Library(recall).add([docs], convert, most_bytes=1_000)))
    assert [line for line in found if line.startswith("skipped")] == [
        "skipped docs/blank.txt: there is no text in it",
        "skipped docs/large.txt: has 2,000 bytes, and 1,000 are the most",
        "skipped docs/nothing.txt: there is no text in it",
    ]


links = pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")


@links
def test_links_are_not_followed_and_each_is_named_with_where_it_would_lead(
    docs: Path, recall: Recall, tmp_path: Path
) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret.txt").write_text("the secret harbour", "utf-8")
    (docs / "loop").symlink_to(docs)
    (docs / "deep" / "up").symlink_to("..")
    (docs / "self").symlink_to("self")
    (docs / "out").symlink_to(outside)
    (docs / "out.txt").symlink_to(outside / "secret.txt")
    (docs / "again.md").symlink_to("a.md")
    (docs / "gone.md").symlink_to("nowhere.md")
    found = told(steps(Library(recall), docs))
    assert [line.removeprefix("skipped docs/") for line in found if line.startswith("skipped")] == [
        "again.md: a link to what is read where it lies",
        "deep/up: a link back to a folder that it lies in",
        "gone.md: a link that leads nowhere",
        "loop: a link back to a folder that it lies in",
        "out.txt: a link out of the folder; add what it leads to by its own name",
        "out: a link out of the folder; add what it leads to by its own name",
        "self: a link that leads back to itself",
    ]
    assert all("secret" not in one.text for one in Library(recall).search("secret harbour", 9))


@links
def test_a_folder_that_is_named_by_a_link_is_meant(docs: Path, recall: Recall, tmp_path: Path) -> None:
    (tmp_path / "way").symlink_to(docs)
    assert len(told(steps(Library(recall), tmp_path / "way"))) == 3
    assert {one.split()[0] for one in told(steps(Library(recall), docs))} == {"unchanged"}


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="root reads everything")
def test_what_may_not_be_read_is_named_and_forgets_nothing(docs: Path, recall: Recall) -> None:
    library = Library(recall)
    steps(library, docs)
    (docs / "deep").chmod(0)
    (docs / "a.md").chmod(0)
    try:
        found = told(steps(library, docs))
    finally:
        (docs / "deep").chmod(0o755)
    assert "skipped docs/deep: the folder cannot be read: permission denied" in found
    assert len(library.sources()) == 3


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere no name is so long")
def test_folders_that_lie_too_deep_are_named_and_all_above_them_is_read_in_order(docs: Path, recall: Recall) -> None:
    folders = [docs / "deep" / "n"]
    for _ in range(1_200):
        folders.append(folders[-1] / "n")
    for folder in folders:
        folder.mkdir()
    files = [folders[150] / "tide.txt", folders[-1] / "lowest.txt"]
    for file in files:
        file.write_text("The tide turns at six.", "utf-8")
    (docs / "z.md").write_text("The last one.", "utf-8")
    try:
        walked = [one.shown for one in Walk(docs)]
        found = told(steps(Library(recall), docs))
    finally:  # what clears up after tests goes down by recursion
        for file in files:
            file.unlink()
        for folder in reversed(folders):
            folder.rmdir()
    down = "docs/deep" + "/n" * 151
    assert walked[:3] == ["docs/a.md", "docs/deep/b.txt", "docs/deep" + "/n" * 200]
    assert walked[3:] == [f"{down}/tide.txt", "docs/deep/程序.py", "docs/z.md"]
    assert [line for line in found if line.startswith("skipped")] == [
        f"skipped {walked[2]}: lies more than 200 folders deep; add it by its own name"
    ]
    assert f"added {down}/tide.txt" in found


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are none")
def test_a_pipe_in_the_folder_is_no_file_and_nobody_waits_for_it(docs: Path, recall: Recall) -> None:
    os.mkfifo(docs / "pipe.txt")
    assert "skipped docs/pipe.txt: no regular file" in told(steps(Library(recall), docs))


def test_hidden_files_and_what_programs_put_there_are_left_out_and_counted(docs: Path, recall: Recall) -> None:
    for name in (".git/config", ".hidden.md", "node_modules/x/readme.md", "home/notes.txt"):
        file = docs / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("not for reading", "utf-8")
    plan, *rest = Library(recall).add([docs], convert, leave=[(docs / "home").resolve()])
    assert isinstance(plan, Planned)
    assert (plan.hidden, len(rest)) == (4, 3)


@pytest.mark.skipif(sys.platform != "linux", reason="other platforms take no such names")
def test_a_name_that_is_no_text_is_told_and_the_rest_is_read(docs: Path, recall: Recall) -> None:
    Path(os.fsdecode(os.fsencode(docs) + b"/\xff.md")).write_text("text", "utf-8")
    found = told(steps(Library(recall), docs))
    assert "skipped docs/?.md: its name is no text; rename it" in found
    assert len(found) == 4


def test_a_document_that_is_removed_is_gone_from_rows_words_and_the_file(docs: Path, recall: Recall) -> None:
    library = Library(recall)
    (docs / "a.md").write_text("The codeword is zyzzyva.", "utf-8")
    steps(library, docs)
    name = next(one.name for one in library.sources() if one.name.endswith("a.md"))
    assert library.remove([name]) == 1
    assert library.remove([name]) == 0
    assert library.search("zyzzyva", 3) == []
    folder = next(file for file in docs.parent.rglob("documents.db")).parent
    assert [file.name for file in folder.iterdir() if file.is_file() and b"zyzzyva" in file.read_bytes()] == []


def test_documents_are_converted_side_by_side(docs: Path, recall: Recall) -> None:
    together = threading.Barrier(3, timeout=20)

    def waiting(content: bytes, name: str, *, cancelled: Callable[[], bool]) -> Converted:
        together.wait()  # broken, and the test with it, unless three are under way at a time
        return convert(content, name, cancelled=cancelled)

    assert len(told(list(Library(recall).add([docs], waiting, workers=3)))) == 3


def test_whoever_stops_in_between_has_what_was_told_and_goes_on_later(docs: Path, recall: Recall) -> None:
    library = Library(recall)
    given_up: list[bool] = []

    def slow(content: bytes, name: str, *, cancelled: Callable[[], bool]) -> Converted:
        while name != "docs/a.md" and not cancelled():
            time.sleep(0.01)
        given_up.append(cancelled())
        return convert(content, name, cancelled=cancelled)

    adding = library.add([docs], slow, workers=3)
    first = next(step for step in adding if isinstance(step, Added))
    adding.close()
    assert first.file == "docs/a.md"
    assert given_up == [False, True, True]
    assert len(library.sources()) == 1
    assert told(steps(library, docs)) == ["added docs/deep/b.txt", "added docs/deep/程序.py", "unchanged docs/a.md"]


KILLED = """
import sys, time
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from memory.library import Library
from memory.recall import PASSAGES, Recall
from tests.memory.test_library import convert
with Recall(Path(sys.argv[2]), rules=PASSAGES) as recall:
    for step in Library(recall).add([Path(sys.argv[3])], convert, workers=1):
        print(step.__class__.__name__, getattr(step, "file", ""), flush=True)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such signal")
def test_a_kill_leaves_each_document_whole_and_the_same_command_goes_on(tmp_path: Path) -> None:
    docs, base = tmp_path / "docs", tmp_path / "documents.db"
    docs.mkdir()
    for number in range(40):
        text = "\n\n".join(f"Paragraph {at} of document {number}. " + "Words of it. " * 60 for at in range(8))
        (docs / f"{number:02}.md").write_text(text, "utf-8")
    words = [sys.executable, "-c", KILLED, str(ROOT), str(base), str(docs)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        done = 0
        for line in process.stdout:
            done += line.startswith("Added")
            if done == 7:
                process.send_signal(signal.SIGKILL)
                break
        process.wait()
    with Recall(base, rules=PASSAGES) as recall:
        library = Library(recall)
        kept = {one.name: one.passages for one in library.sources()}
        assert 7 <= len(kept) < 40
        assert recall.count() == sum(kept.values())
        assert set(kept.values()) == {8}
        found = told(steps(library, docs))
        assert sum(line.startswith("unchanged") for line in found) == len(kept)
        assert sum(line.startswith("added") for line in found) == 40 - len(kept)
        assert recall.count() == 40 * 8


def test_an_adding_that_is_cancelled_begins_nothing_more_and_the_same_one_goes_on(docs: Path, recall: Recall) -> None:
    for number in range(6):
        (docs / f"more-{number}.md").write_text(f"Document {number} says something.", "utf-8")
    library, over = Library(recall), threading.Event()
    seen = []
    for step in library.add([docs], convert, workers=1, cancelled=over.is_set):
        if isinstance(step, Added):
            seen.append(step)
            over.set()
    kept = len(recall.sources())
    assert 0 < kept == len(seen) < 9
    assert not [one for one in library.add([docs], convert, cancelled=over.is_set) if not isinstance(one, Planned)]
    assert len([one for one in steps(library, docs) if isinstance(one, Added) and one.how == "added"]) == 9 - kept
