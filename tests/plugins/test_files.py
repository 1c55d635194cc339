from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from plugins import Context, Observation, Toolbox, ToolError, Workspace, built_in_plugins
from plugins._matching import searching
from plugins.files import (
    _hits,
    delete_file,
    edit_file,
    list_files,
    move_file,
    read_file,
    search_files,
    write_file,
)
from tests.plugins.nothing import Nothing


class Desk:
    """A workspace, a context on it, and what was told as progress."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.workspace = Workspace.open(root)
        self.cancel = threading.Event()
        self.told: list[str] = []

    @property
    def context(self) -> Context:
        def call(tool: str, arguments: Mapping[str, Any]) -> Observation:
            raise ToolError("no tool can be called here")

        def person(question: str, choices: Sequence[str] = ()) -> str:
            raise ToolError("nobody is here", kind="no-person")

        def progress(text: str, *, done: float | None = None, total: float | None = None) -> None:
            self.told.append(f"{text} {done}/{total}")

        return Context(
            workspace=self.workspace,
            artifacts=Nothing(),
            notes=Nothing(),
            ask=None,
            call=call,
            person=person,
            progress=progress,
            cancel=self.cancel,
        )

    def put(self, name: str, content: bytes | str) -> None:
        file = self.root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)

    def read(self, path: str, **more: Any) -> str:
        text = read_file(self.workspace.path(path), **more, context=self.context)
        assert isinstance(text, str)
        return text


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    made = Desk(tmp_path / "desk")
    with made.workspace:
        yield made


def refused(call: Callable[[], object]) -> str:
    with pytest.raises(ToolError) as caught:
        call()
    assert "\n" not in caught.value.message
    return caught.value.message


# read_file


def test_a_file_that_fits_a_page_is_given_as_it_is(desk: Desk) -> None:
    desk.put("a.txt", "one\n二\n")
    assert desk.read("a.txt") == "one\n二\n"
    desk.put("b.txt", b"one\r\ntwo")
    assert desk.read("b.txt") == "one\ntwo"


def test_an_empty_file_is_said_to_be_empty(desk: Desk) -> None:
    desk.put("a.txt", "")
    assert desk.read("a.txt") == "(the file is empty)"


@pytest.mark.parametrize("codec", ["gb18030", "utf-16", "big5"])
def test_the_encoding_is_told_where_it_is_not_utf8(desk: Desk, codec: str) -> None:
    text = "中文資料" if codec == "big5" else "春天到了，花园里的花都开了。"
    desk.put("a.txt", text.encode(codec))
    told = desk.read("a.txt")
    assert told.startswith(f"{text}\n[decoded from ")
    assert codec.replace("-", "")[:4].casefold() in told.replace("-", "").casefold()


def test_where_to_go_on_is_the_last_line_of_a_page_whatever_else_is_told(desk: Desk) -> None:
    desk.put("a.txt", "春天到了，花园里的花都开了。\n".encode("gb18030") * 500)
    told = desk.read("a.txt").split("\n")
    assert told[-2].startswith("[decoded from GB18030")
    assert told[-1] == "[lines 1-400 of 500; go on with start_line=401]"


def test_spoilt_bytes_are_said(desk: Desk) -> None:
    desk.put("a.txt", ("好的，这是一段文字。" * 5).encode() + b"\xff\n")
    assert "bytes that do not fit are shown as \ufffd" in desk.read("a.txt")


def test_a_long_file_is_read_page_by_page_without_a_gap(desk: Desk) -> None:
    lines = [f"line {number} 内容" for number in range(1, 1001)]
    desk.put("a.txt", "\n".join(lines))
    got: list[str] = []
    start = 1
    while True:
        page = desk.read("a.txt", start_line=start)
        *body, note = page.split("\n")
        got += body
        if "go on with start_line=" not in note:
            break
        assert f"[lines {start}-{len(got)} of 1000; go on with start_line={len(got) + 1}]" == note
        start = len(got) + 1
    assert got == lines


def test_lines_may_be_counted_from_the_end(desk: Desk) -> None:
    desk.put("a.txt", "1\n2\n3\n4\n")
    assert desk.read("a.txt", start_line=-2) == "3\n4\n[lines 3-4 of 4]"
    assert desk.read("a.txt", start_line=-9, lines=1) == "1\n[lines 1-1 of 4; go on with start_line=2]"
    assert desk.read("a.txt", start_line=0, lines=1).startswith("1\n")


def test_a_line_longer_than_a_page_is_read_by_bytes_without_splitting_a_character(desk: Desk) -> None:
    line = "好" * 9_000
    desk.put("a.txt", f"short\n{line}\nend\n")
    assert desk.read("a.txt").endswith("[lines 1-1 of 3; go on with start_line=2]")
    page = desk.read("a.txt", start_line=2)
    assert "line 2 of 3 is longer than a page: it is read by bytes" in page
    got = page.split("\n")[0]
    while "go on with offset=" in page:
        offset = int(page.split("go on with offset=")[1].split("]")[0])
        page = desk.read("a.txt", offset=offset)
        got += page.rpartition("\n[bytes")[0]
    assert got == f"{line}\nend\n"


def test_a_long_line_of_another_encoding_is_paged_as_well(desk: Desk) -> None:
    line = "春天到了" * 4_000
    desk.put("a.txt", f"头\r\n{line}".encode("gb18030"))
    page = desk.read("a.txt", start_line=2)
    assert page.startswith("春天到了春天")
    assert "[bytes 4-" in page
    assert desk.read("a.txt", offset=5).startswith("春")


def test_a_long_line_that_shifts_between_alphabets_is_paged_without_losing_its_place(desk: Desk) -> None:
    text = "新聞を読んだ。abc" * 1_500
    desk.put("a.txt", text.encode("iso2022_jp"))
    pages, offset = [], 0
    while True:
        page, _, told = desk.read("a.txt", offset=offset).partition("\n[decoded from ")
        pages.append(page)
        if "offset=" not in told:
            break
        offset = int(told.split("offset=")[1].split("]")[0])
    assert "".join(pages) == text


def test_an_offset_within_a_character_begins_at_the_character(desk: Desk) -> None:
    desk.put("a.txt", "a好b")
    assert desk.read("a.txt", offset=2) == "好b\n[bytes 1-5 of 5]"


def test_what_lies_beyond_the_end_is_refused_with_the_length(desk: Desk) -> None:
    desk.put("a.txt", "1\n2\n")
    assert refused(lambda: desk.read("a.txt", start_line=3)) == "'a.txt' has 2 lines; line 3 is beyond its end"
    assert refused(lambda: desk.read("a.txt", offset=4)) == "'a.txt' has 4 bytes; offset 4 is beyond its end"
    assert "lines must be 1 or more" in refused(lambda: desk.read("a.txt", lines=0))
    assert "offset must be 0 or more" in refused(lambda: desk.read("a.txt", offset=-1))


def test_a_picture_is_refused_as_what_it_is(desk: Desk) -> None:
    desk.put("a.txt", b"\x89PNG\r\n\x1a\n" + bytes(12_000))
    assert refused(lambda: desk.read("a.txt")) == "'a.txt' is not text: it looks like a PNG picture, 12 kB"


def test_a_missing_file_and_a_folder_are_refused(desk: Desk) -> None:
    desk.put("docs/a.txt", "x")
    assert "docs" in refused(lambda: desk.read("docs"))
    assert "nowhere.txt" in refused(lambda: desk.read("nowhere.txt"))


def test_a_file_too_large_to_be_held_is_paged_from_the_disk(desk: Desk) -> None:
    line = "x" * 99 + "\n"
    desk.put("big.log", line * 330_000 + "the last line, 完\n")
    first = desk.read("big.log")
    assert first.endswith("[lines 1-120 of a file of 33 MB; go on with start_line=121]")
    later = desk.read("big.log", start_line=200_000, lines=2)
    assert later.startswith(line + line[:-1] + "\n[lines 200000-200001 of a file of 33 MB; go on")
    assert desk.read("big.log", start_line=330_001) == "the last line, 完\n[lines 330001-330001 of a file of 33 MB]"
    assert "fewer than 330002 lines" in refused(lambda: desk.read("big.log", start_line=330_002))
    assert "the last line, 完\n" in desk.read("big.log", start_line=-1)
    assert desk.read("big.log", offset=33_000_000).startswith("the last line, 完\n\n[bytes 33000000-33000019 of")
    assert desk.read("big.log", offset=33_000_016).startswith("完\n")
    assert refused(lambda: edit(desk, "big.log", "x", "y")) == (
        "cannot edit 'big.log': it has 33 MB, and at most 32 MB can be worked on whole"
    )
    desk.cancel.set()
    assert "given up" in refused(lambda: desk.read("big.log", start_line=200_000))


def test_a_large_file_of_one_line_or_of_wide_characters_is_read_by_bytes(desk: Desk) -> None:
    desk.put("one.txt", "é" * 16_500_000)
    assert "line 1 is longer than a page: it is read by bytes" in desk.read("one.txt")
    assert desk.read("one.txt", offset=32_999_999) == "é\n[bytes 32999998-33000000 of 33000000]"
    desk.put("wide.txt", ("a\n" * 8_500_000).encode("utf-16"))
    told = desk.read("wide.txt")
    assert told.startswith("a\na\n")
    assert "too large for lines, read it by offset" in told
    assert (
        desk.read("wide.txt", offset=34_000_000)
        == "\n\n[decoded from UTF-16-LE]\n[bytes 34000000-34000002 of 34000002]"
    )


# write_file


def write(desk: Desk, path: str, content: str, **more: Any) -> dict[str, Any]:
    told = write_file(desk.workspace.path(path), content, **more, context=desk.context)
    assert isinstance(told, dict)
    return told


def test_a_file_is_written_and_told_with_its_size(desk: Desk) -> None:
    assert write(desk, "docs/a.md", "一\ntwo\n") == {"path": "docs/a.md", "change": "created", "bytes": 8, "lines": 2}
    assert (desk.root / "docs/a.md").read_bytes() == "一\ntwo\n".encode()
    assert write(desk, "docs/a.md", "x")["change"] == "replaced"
    assert (desk.root / "docs/a.md").read_bytes() == b"x"


def test_what_is_appended_is_put_at_the_end(desk: Desk) -> None:
    assert write(desk, "a.md", "one\n", append=True)["change"] == "created"
    assert write(desk, "a.md", "two\n", append=True) == {"path": "a.md", "change": "appended", "bytes": 8, "lines": 2}
    assert (desk.root / "a.md").read_bytes() == b"one\ntwo\n"


@pytest.mark.parametrize("codec", ["gb18030", "utf-16", "utf-8-sig", "iso2022_jp"])
def test_what_is_appended_takes_over_encoding_and_line_ends(desk: Desk, codec: str) -> None:
    first = "春が来た。花の香り、風の音。\r\n" if codec == "iso2022_jp" else "春天到了，花园里的花都开了。\r\n"
    desk.put("a.txt", first.encode(codec))
    write(desk, "a.txt", "夏天\n", append=True)
    assert (desk.root / "a.txt").read_bytes() == f"{first}夏天\r\n".encode(codec)


def test_nothing_is_appended_to_a_file_whose_end_would_change_its_meaning(desk: Desk) -> None:
    spoilt = "新聞を読んだ。".encode("iso2022_jp").removesuffix(b"\x1b(B")
    desk.put("a.txt", spoilt)
    assert "its end is spoilt (ISO-2022-JP)" in refused(lambda: write(desk, "a.txt", "abcd", append=True))
    assert (desk.root / "a.txt").read_bytes() == spoilt


def test_a_huge_file_is_not_added_to_and_the_reason_is_told(desk: Desk) -> None:
    (desk.root / "huge.log").touch()
    os.truncate(desk.root / "huge.log", 2_000_000_000)
    assert refused(lambda: write(desk, "huge.log", "x", append=True)) == (
        "cannot append to 'huge.log': it has 2.0 GB, and at most 100 MB can be added to"
    )


def test_nothing_is_appended_to_a_picture_or_in_characters_that_the_file_cannot_hold(desk: Desk) -> None:
    picture = b"\x89PNG\r\n\x1a\n" + bytes(50)
    desk.put("a.png", picture)
    assert "PNG picture" in refused(lambda: write(desk, "a.png", "x", append=True))
    assert (desk.root / "a.png").read_bytes() == picture
    latin = "Un café à la crème, s'il vous plaît, déjà servi à l'hôtel.\n".encode("cp1252")
    desk.put("a.txt", latin)
    assert "which has no '\\u597d'" in refused(lambda: write(desk, "a.txt", "好", append=True))
    assert (desk.root / "a.txt").read_bytes() == latin


def test_a_file_is_appended_to_but_a_broken_character_is_not_written(desk: Desk) -> None:
    assert "\\ud800" in refused(lambda: write(desk, "a.txt", "a\ud800"))
    assert not (desk.root / "a.txt").exists()


# edit_file


def edit(desk: Desk, path: str, old: str, new: str, **more: Any) -> dict[str, Any]:
    told = edit_file(desk.workspace.path(path), old, new, **more, context=desk.context)
    assert isinstance(told, dict)
    return told


def test_text_is_replaced_and_all_else_stays(desk: Desk) -> None:
    desk.put("a.py", b"\xef\xbb\xbfx = 1\r\ny = 2\n")
    assert edit(desk, "a.py", "x = 1\ny", "x = 3\ny") == {"path": "a.py", "replaced": 1, "lines": [1], "bytes": 16}
    assert (desk.root / "a.py").read_bytes() == b"\xef\xbb\xbfx = 3\r\ny = 2\n"


def test_an_old_encoding_and_spoilt_bytes_survive_an_edit(desk: Desk) -> None:
    desk.put("a.txt", "春天到了，花园里的花都开了。\n".encode("gb18030"))
    edit(desk, "a.txt", "春天", "夏天")
    assert (desk.root / "a.txt").read_bytes() == "夏天到了，花园里的花都开了。\n".encode("gb18030")
    spoilt = ("好的，这是一段文字。" * 5).encode() + b"\xff\n"
    desk.put("b.txt", spoilt + b"end\n")
    edit(desk, "b.txt", "end", "fin")
    assert (desk.root / "b.txt").read_bytes() == spoilt + b"fin\n"


def test_what_cannot_be_written_back_is_not_edited(desk: Desk) -> None:
    content = "好的\n天气\n".encode("utf-16") + b"\x00"
    desk.put("a.txt", content)
    assert "cannot be edited without changing other parts" in refused(lambda: edit(desk, "a.txt", "好的", "x"))
    assert (desk.root / "a.txt").read_bytes() == content


def test_a_replacement_that_the_encoding_cannot_hold_changes_nothing(desk: Desk) -> None:
    content = "春天到了，花园里的花都开了。\n".encode("big5", "ignore") + "中文資料\n".encode("big5") * 9
    desk.put("a.txt", content)
    assert "Big5" in refused(lambda: edit(desk, "a.txt", "中文資料\n", "简体字这们\n", all=True))
    assert (desk.root / "a.txt").read_bytes() == content


def test_a_miss_leaves_the_file_alone(desk: Desk) -> None:
    desk.put("a.txt", "b\nb\n")
    assert "found 2 times" in refused(lambda: edit(desk, "a.txt", "b", "c"))
    assert "not found" in refused(lambda: edit(desk, "a.txt", "x", "c"))
    assert (desk.root / "a.txt").read_bytes() == b"b\nb\n"
    assert edit(desk, "a.txt", "b", "c", all=True)["lines"] == [1, 2]


# list_files


def listing(desk: Desk, path: str = "", pattern: str = "") -> Observation:
    found = list_files(desk.workspace.path(path), pattern, context=desk.context)
    assert isinstance(found, Observation)
    return found


def test_files_are_listed_with_sizes_and_folders_of_tools_are_not_entered(desk: Desk) -> None:
    desk.put("b.txt", "x" * 1234)
    desk.put("a/资料 1.md", "y")
    desk.put(".git/config", "z")
    (desk.root / "empty").mkdir()
    found = listing(desk)
    assert found.text.split("\n") == ["b.txt  1.2 kB", "a/资料 1.md  1 byte", "empty/  (empty)", ".git/  (not entered)"]
    assert found.value == ["b.txt", "a/资料 1.md"]
    assert listing(desk, ".git").value == [".git/config"]


@pytest.mark.parametrize(
    ("pattern", "paths"),
    [
        ("*.md", ["top.md", "a/x.md", "a/b/y.md"]),
        ("a/*.md", ["a/x.md"]),
        ("a/**", ["a/x.md", "a/z.txt", "a/b/y.md"]),
        ("**/y.*", ["a/b/y.md"]),
        ("*.png", []),
    ],
)
def test_a_pattern_chooses(desk: Desk, pattern: str, paths: list[str]) -> None:
    for name in ("top.md", "a/x.md", "a/z.txt", "a/b/y.md"):
        desk.put(name, "x")
    assert listing(desk, pattern=pattern).value == paths


def test_a_pattern_counts_from_the_folder_that_is_listed(desk: Desk) -> None:
    desk.put("a/b/y.md", "x")
    desk.put("b/z.md", "x")
    assert listing(desk, "a", "b/*.md").value == ["a/b/y.md"]
    assert listing(desk, "a/b/y.md").value == ["a/b/y.md"]
    assert "pattern" in refused(lambda: listing(desk, pattern="../*"))


def test_an_empty_workspace_has_no_files(desk: Desk) -> None:
    assert listing(desk).text == "(no files)"


def test_many_files_are_summed_up_by_folder(desk: Desk) -> None:
    for number in range(250):
        desk.put(f"src/part{number % 5}/file{number}.py", "x")
    desk.put("readme.md", "x")
    found = listing(desk)
    assert found.text.split("\n")[:2] == ["readme.md  1 byte", "src/part0/  (50 files, 50 bytes)"]
    assert len(found.text.split("\n")) == 6
    assert len(found.value) == 251


def test_a_flat_folder_of_many_files_is_cut_and_says_so(desk: Desk) -> None:
    for number in range(230):
        desk.put(f"{number:03}.txt", "x")
    lines = listing(desk).text.split("\n")
    assert lines[199] == "199.txt  1 byte"
    assert lines[200] == "… and 30 more; name a subfolder or a pattern"


# search_files


def search(desk: Desk, regex: str, path: str = "", glob: str = "") -> Observation:
    found = search_files(regex, desk.workspace.path(path), glob, context=desk.context)
    assert isinstance(found, Observation)
    return found


def test_lines_that_match_are_told_with_file_and_line(desk: Desk) -> None:
    desk.put("a.py", "x = 1\ntotal = x\n")
    desk.put("docs/说明.md", "总计 total\r\n".encode("gb18030"))
    desk.put("p.png", b"\x89PNG\r\n\x1a\ntotal" + bytes(50))
    found = search(desk, "tot.l")
    assert found.text.split("\n") == [
        "a.py:2: total = x",
        "docs/说明.md:1: 总计 total",
        "[1 not searched: not text, larger than 16 MB, or unreadable]",
    ]
    assert found.value[0] == {"path": "a.py", "line": 2, "text": "total = x"}
    assert search(desk, "TOTAL").text.startswith("(nothing found)")
    assert len(search(desk, "(?i)TOTAL").value) == 2


def test_a_search_may_be_narrowed_by_folder_file_and_glob(desk: Desk) -> None:
    for name in ("a.py", "b.md", "src/c.py"):
        desk.put(name, "word\n")
    assert [hit["path"] for hit in search(desk, "word", "src").value] == ["src/c.py"]
    assert [hit["path"] for hit in search(desk, "word", "b.md").value] == ["b.md"]
    assert [hit["path"] for hit in search(desk, "word", glob="*.py").value] == ["a.py", "src/c.py"]


def test_a_bad_expression_is_one_clear_line(desk: Desk) -> None:
    assert refused(lambda: search(desk, "f(")).startswith("regex cannot be used: missing ), unterminated subpattern")


def test_a_search_that_would_take_for_ever_ends_with_what_was_found(desk: Desk) -> None:
    desk.put("a.txt", "aaa\n")
    desk.put("b.txt", "a" * 60 + "b\n")
    desk.put("c.txt", "aaa\n")
    found = search(desk, r"^(a+)+$")
    assert found.text.split("\n")[0] == "a.txt:1: aaa"
    assert "stopped at 'b.txt': the regex takes too long on it" in found.text


def test_too_many_hits_are_cut_and_said(desk: Desk) -> None:
    desk.put("a.txt", "x\n" * 70)
    desk.put("b.txt", "x\n" * 70)
    desk.put("c.txt", "x\n" * 70)
    found = search(desk, "x")
    assert len(found.value) == 100
    assert "only the first 100 are shown" in found.text
    assert "c.txt" not in found.text


def test_a_long_search_shows_progress_and_can_be_given_up(desk: Desk) -> None:
    for number in range(60):
        desk.put(f"{number:02}.txt", "word\n")
    assert len(search(desk, "word").value) == 60
    assert desk.told == ["searching 50/60"]
    desk.cancel.set()
    with pytest.raises(ToolError) as caught:
        search(desk, "word")
    assert caught.value.kind == "cancelled"


def test_a_search_for_which_time_is_short_keeps_what_was_found(desk: Desk) -> None:
    for name in ("a.txt", "b.txt", "c.txt"):
        desk.put(name, "word\n")
    notes: list[str] = []
    found = []
    with searching("word") as searcher:
        for path, _, _ in _hits(searcher, "", "", desk.context, notes, until=time.monotonic() + 0.5):
            found.append(path)
            time.sleep(0.6)
    assert found == ["a.txt"]
    assert notes == ["stopped for lack of time: 1 of 3 files searched; name a subfolder"]


@pytest.mark.skipif(os.name == "nt", reason="needs names as POSIX has them")
def test_a_folder_that_cannot_be_entered_is_told_and_the_rest_is_found(desk: Desk) -> None:
    desk.put("a.txt", "word\n")
    desk.put("two\nlines/b.txt", "word\n")
    desk.put("more\nlines/b.txt", "word\n")
    found = search(desk, "word")
    assert [hit["path"] for hit in found.value] == ["a.txt"]
    assert r"[not entered, since they cannot be opened: more\x0alines/ and 1 more]" in found.text
    assert r"two\x0alines/  (not entered: it cannot be opened)" in listing(desk).text
    assert r"two\x0alines/  (not entered: it cannot be opened)" in listing(desk, pattern="*.txt").text


def test_a_search_is_given_up_while_an_expression_runs(desk: Desk) -> None:
    desk.put("b.txt", "a" * 60 + "b\n")
    threading.Timer(0.5, desk.cancel.set).start()
    with pytest.raises(ToolError) as caught:
        search(desk, r"^(a+)+$")
    assert caught.value.kind == "cancelled"


# move_file and delete_file


def test_a_file_is_moved_into_a_new_folder(desk: Desk) -> None:
    desk.put("a.txt", "x")
    path = desk.workspace.path
    assert move_file(path("a.txt"), path("new/b.txt"), context=desk.context) == {"path": "new/b.txt", "from": "a.txt"}
    assert (desk.root / "new/b.txt").read_text() == "x"


def test_a_target_that_is_there_is_not_overwritten(desk: Desk) -> None:
    desk.put("a.txt", "x")
    desk.put("b.txt", "y")
    desk.put("docs/c.txt", "z")
    path = desk.workspace.path
    assert "b.txt" in refused(lambda: move_file(path("a.txt"), path("b.txt"), context=desk.context))
    with pytest.raises(ToolError) as caught:
        move_file(path("a.txt"), path("docs"), context=desk.context)
    assert caught.value.hint == "name the file in it: 'docs/a.txt'"
    assert (desk.root / "b.txt").read_text() == "y"


def test_a_file_is_deleted_and_a_full_folder_is_not(desk: Desk) -> None:
    desk.put("docs/a.txt", "x")
    path = desk.workspace.path
    assert "docs" in refused(lambda: delete_file(path("docs"), context=desk.context))
    assert delete_file(path("docs/a.txt"), context=desk.context) == {"deleted": "docs/a.txt"}
    assert delete_file(path("docs"), context=desk.context) == {"deleted": "docs"}
    assert not (desk.root / "docs").exists()


# As the toolbox sees them


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("write_file", {"path": "a.txt", "content": "new\n"}),
        ("write_file", {"path": "new.txt", "content": "new\n", "append": True}),
        ("write_file", {"path": "a.txt", "content": "三\n", "append": True}),
        ("edit_file", {"path": "a.txt", "old": "two", "new": "三\n四"}),
        ("edit_file", {"path": "a.txt", "old": "o", "new": "0", "all": True}),
        ("move_file", {"source": "a.txt", "target": "b.txt"}),
        ("delete_file", {"path": "a.txt"}),
    ],
)
def test_what_a_call_will_leave_is_foretold_to_the_byte(desk: Desk, tool: str, arguments: dict[str, Any]) -> None:
    desk.put("a.txt", b"one\r\ntwo\r\n")
    toolbox = Toolbox(built_in_plugins())
    prepared = toolbox.prepare(tool, arguments, desk.workspace)
    assert not isinstance(prepared, Observation)
    _, foretold = toolbox.states(prepared, desk.workspace)
    assert foretold is not None
    prepared.tool(**prepared.arguments, context=desk.context)
    assert {path: desk.workspace.sha256(path) for path in foretold} == foretold


@pytest.mark.parametrize(
    ("tool", "arguments"),
    [
        ("edit_file", {"path": "a.txt", "old": "nowhere", "new": "x"}),
        ("edit_file", {"path": "none.txt", "old": "a", "new": "x"}),
        ("move_file", {"source": "docs", "target": "b"}),
        ("delete_file", {"path": "docs"}),
    ],
)
def test_what_cannot_be_foretold_is_not(desk: Desk, tool: str, arguments: dict[str, Any]) -> None:
    desk.put("a.txt", "x")
    (desk.root / "docs").mkdir()
    toolbox = Toolbox(built_in_plugins())
    prepared = toolbox.prepare(tool, arguments, desk.workspace)
    assert not isinstance(prepared, Observation)
    assert toolbox.states(prepared, desk.workspace)[1] is None


def test_the_tools_are_short_to_tell_and_found_in_two_languages() -> None:
    mine = ("artifacts", "files", "notes", "person", "summarize")
    plugins = [plugin for plugin in built_in_plugins() if plugin.name in mine]
    assert len(plugins) == len(mine)
    assert [plugin.fault for plugin in plugins] == [None] * len(mine)
    told = Toolbox(plugins).describe()
    sent = [{key: one[key] for key in ("name", "description", "parameters")} for one in told]
    # About 4.5 characters of a schema are a token.
    assert len(json.dumps(sent, separators=(",", ":"))) < 4_440
    for one in told:
        assert any(alias.isascii() for alias in one["aliases"])
        assert any(not alias.isascii() for alias in one["aliases"])


def test_a_file_that_cannot_be_read_is_passed_over_and_a_large_one_too(desk: Desk) -> None:
    desk.put("a.txt", "word\n")
    desk.put("big.txt", "word\n" * 3_200_001)
    if os.name == "nt":
        pytest.skip("links need rights that not every Windows account has")
    (desk.root / "link.txt").symlink_to(desk.root / "a.txt")
    found = search(desk, "word")
    assert [hit["path"] for hit in found.value] == ["a.txt"]
    assert "[2 not searched" in found.text


def test_a_file_without_line_ends_keeps_none(desk: Desk) -> None:
    desk.put("a.txt", b"one\rtwo\r")
    assert desk.read("a.txt") == "one\ntwo\n"
