from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from plugins import Artifact, Context, Found, Newest, Observation, Remembered, Seen, ToolError, Workspace
from plugins.artifacts import read_artifact


class Kept:
    """Artifacts in memory; no notes."""

    def __init__(self) -> None:
        self.contents: dict[str, tuple[Artifact, bytes]] = {}

    def put(self, content: bytes, *, media_type: str = "text/plain", name: str = "") -> Artifact:
        digest = hashlib.sha256(content).hexdigest()
        kept = Artifact(
            handle=f"a-{digest[:12]}", path=Path(name), media_type=media_type, bytes=len(content), sha256=digest
        )
        self.contents[kept.handle] = (kept, content)
        return kept

    def get(self, handle: str) -> tuple[Artifact, bytes]:
        if handle not in self.contents:
            raise ToolError(f"no artifact has the handle {handle}")
        return self.contents[handle]

    def remember(self, text: str, *, kind: str = "note", replaces: str | None = None) -> Remembered:
        raise ToolError("nothing is remembered here")

    def recall(self, query: str, *, count: int = 5, kinds: Sequence[str] = ()) -> Sequence[Found]:
        return []

    def newest(self, *, count: int = 20) -> Newest:
        return Newest(notes=(), total=0)

    def seen(self, query: str, *, count: int = 3) -> Sequence[Seen]:
        return ()


@pytest.fixture
def kept() -> Kept:
    return Kept()


@pytest.fixture
def read(tmp_path: Path, kept: Kept) -> Iterator[Callable[..., str]]:
    def call(tool: str, arguments: Mapping[str, Any]) -> Observation:
        raise ToolError("no tool can be called here")

    def person(question: str, choices: Sequence[str] = ()) -> str:
        raise ToolError("nobody is here", kind="no-person")

    def progress(text: str, *, done: float | None = None, total: float | None = None) -> None:
        """Nobody looks."""

    with Workspace.open(tmp_path) as workspace:
        context = Context(
            workspace=workspace, artifacts=kept, notes=kept, ask=None, call=call, person=person, progress=progress
        )

        def reading(handle: str, *given: int) -> str:
            return str(read_artifact(handle, *given, context=context))

        yield reading


def test_a_short_artifact_is_given_whole(read: Callable[..., str], kept: Kept) -> None:
    assert read(f" {kept.put('一二三'.encode()).handle} ") == "一二三"
    assert read(kept.put(b"").handle) == "(the artifact is empty)"


def test_a_long_artifact_is_read_page_by_page_without_a_gap(read: Callable[..., str], kept: Kept) -> None:
    text = "".join(f"第{number}行\r\n" for number in range(3_000))
    handle = kept.put(text.encode()).handle
    got, offset = "", 0
    while True:
        page, _, note = read(handle, offset).rpartition("\n[characters ")
        got += page
        if "go on with offset=" not in note:
            break
        offset = int(note.split("offset=")[1].rstrip("]"))
    assert got == text
    assert note == f"{offset}-{len(text)} of {len(text)}]"


def test_a_part_is_given_with_its_place(read: Callable[..., str], kept: Kept) -> None:
    handle = kept.put("春夏秋冬".encode()).handle
    assert read(handle, 1, 2) == "夏秋\n[characters 1-3 of 4; go on with offset=3]"
    assert read(handle, 3, 9) == "冬\n[characters 3-4 of 4]"


def test_a_page_has_a_limit(read: Callable[..., str], kept: Kept) -> None:
    assert "[characters 0-48000 of 100000" in read(kept.put(b"x" * 100_000).handle, 0, 99_999)


def test_what_lies_beyond_the_end_or_before_the_start_is_refused(read: Callable[..., str], kept: Kept) -> None:
    handle = kept.put(b"abc").handle
    with pytest.raises(ToolError, match="has 3 characters; offset 3 is beyond its end"):
        read(handle, 3)
    for given in ((-1,), (0, 0)):
        with pytest.raises(ToolError, match="offset must be 0 or more"):
            read(handle, *given)


def test_a_picture_is_told_by_type_and_size(read: Callable[..., str], kept: Kept) -> None:
    handle = kept.put(b"\x89PNG\r\n\x1a\n" + bytes(2_000), media_type="image/png").handle
    with pytest.raises(ToolError, match=r"is not text: image/png, looks like a PNG picture, 2\.0 kB"):
        read(handle)


def test_an_unknown_handle_is_told_as_the_shelf_told_it(read: Callable[..., str]) -> None:
    with pytest.raises(ToolError, match="no artifact has the handle a-1"):
        read("a-1")
