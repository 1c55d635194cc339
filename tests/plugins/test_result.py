from __future__ import annotations

import dataclasses
import datetime
import errno
import hashlib
import json
import time
from collections import OrderedDict
from enum import Enum, StrEnum
from pathlib import Path, PurePosixPath
from typing import Any

import pytest

from plugins import Artifact, Observation, ToolError, ToolFailure
from plugins._result import fail, observe, tell_error


class Kept:
    """Artifacts in memory."""

    def __init__(self) -> None:
        self.contents: dict[str, bytes] = {}

    def put(self, content: bytes, *, media_type: str = "text/plain", name: str = "") -> Artifact:
        digest = hashlib.sha256(content).hexdigest()
        self.contents[digest[:12]] = content
        return artifact(digest[:12], media_type=media_type, size=len(content))

    def get(self, handle: str) -> tuple[Artifact, bytes]:
        return artifact(handle), self.contents[handle]


class Full:
    """Artifacts on a full disk."""

    def put(self, content: bytes, *, media_type: str = "text/plain", name: str = "") -> Artifact:
        raise OSError(errno.ENOSPC, "No space left on device")

    def get(self, handle: str) -> tuple[Artifact, bytes]:
        raise ToolError("nothing is kept")


def artifact(handle: str, *, media_type: str = "image/png", size: int = 1) -> Artifact:
    return Artifact(handle=handle, path=Path("/k") / handle, media_type=media_type, bytes=size, sha256="0" * 64)


class Colour(Enum):
    RED = 1


class Word(StrEnum):
    YES = "yes"


@dataclasses.dataclass
class Page:
    title: str
    found: list[Any]


class Odd:
    def __str__(self) -> str:
        return "odd\ud800"


def seen(result: Any, *, cut: int = 10_000) -> Observation:
    return observe(result, artifacts=Kept(), cut=cut)


@pytest.mark.parametrize(
    ("result", "text", "value"),
    [
        (None, "done", None),
        ("grüße 世界", "grüße 世界", None),
        ("", "", None),
        (Word.YES, "yes", None),
        ("a\0b\x1b[31m\ud800", "a\u2400b\x1b[31m\ufffd", None),
        (3, "3", 3),
        (2.5, "2.5", 2.5),
        (float("nan"), "nan", None),
        (True, "true", True),
        (10**5000, "a number of 16610 bits", None),
        (Colour.RED, "1", 1),
        ([1, "世"], '[\n  1,\n  "世"\n]', [1, "世"]),
        ((1, None), "[\n  1,\n  null\n]", [1, None]),
        ({2: "b", Colour.RED: "c"}, '{\n  "2": "b",\n  "1": "c"\n}', {"2": "b", "1": "c"}),
        ({"b", "a"}, '[\n  "a",\n  "b"\n]', ["a", "b"]),
        (OrderedDict(a=float("inf")), '{\n  "a": "inf"\n}', {"a": "inf"}),
        ([datetime.date(2024, 2, 29)], '[\n  "2024-02-29"\n]', ["2024-02-29"]),
        ([PurePosixPath("a/b")], '[\n  "a/b"\n]', ["a/b"]),
        (Odd(), "odd\ufffd", None),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_result_becomes_text_and_where_it_is_json_a_value(result: Any, text: str, value: Any) -> None:
    got = seen(result)
    assert (got.ok, got.text, got.value) == (True, text, value)
    assert len(got.result_hash) == 32


def test_a_dataclass_becomes_an_object_with_its_artifacts_told_apart() -> None:
    picture = artifact("pic")
    got = seen(Page("é", [picture, picture, b"raw"]))
    assert [one.handle for one in got.artifacts] == ["pic", hashlib.sha256(b"raw").hexdigest()[:12]]
    assert got.value["title"] == "é"
    assert got.value["found"][0] == {"handle": "pic", "media_type": "image/png", "bytes": 1, "sha256": "0" * 64}
    assert json.loads(got.text) == got.value


def test_bytes_are_kept_as_an_artifact() -> None:
    kept = Kept()
    got = observe(b"\x00\xff", artifacts=kept, cut=1000)
    assert kept.contents[got.artifacts[0].handle] == b"\x00\xff"
    assert got.artifacts[0].handle in got.text
    assert "2 bytes" in got.text


def test_an_artifact_is_told_by_its_handle() -> None:
    got = seen(artifact("pic"))
    assert got.artifacts == (artifact("pic"),)
    assert got.text == "artifact pic: image/png, 1 bytes"


def test_what_holds_itself_ends() -> None:
    circle: list[Any] = [1]
    circle.append(circle)
    deep: list[Any] = []
    for _ in range(500):
        deep = [deep]
    assert seen(circle).value == [1, "..."]
    assert "..." in seen(deep).text


def test_long_text_is_kept_whole_before_it_is_cut() -> None:
    kept = Kept()
    text = "".join(f"line {n} 世界\n" for n in range(1000))
    got = observe(text, artifacts=kept, cut=500)
    assert got.whole is not None
    assert kept.contents[got.whole].decode() == text
    assert got.artifacts[0].handle == got.whole
    assert len(got.text) <= 500
    head, _, rest = got.text.partition("\n[... ")
    between, _, tail = rest.partition(" ...]\n")
    assert text.startswith(head)
    assert text.endswith(tail)
    assert head
    assert tail
    left_out = len(text) - len(head) - len(tail)
    expected = f'{left_out} of {len(text)} characters left out; read_artifact(handle="{got.whole}", offset={len(head)})'
    assert between.startswith(expected)


def test_text_of_just_the_size_is_not_cut() -> None:
    assert seen("x" * 500, cut=500).text == "x" * 500
    assert seen("x" * 501, cut=500).whole


def test_a_cut_too_small_for_anything_still_says_where_the_whole_is() -> None:
    got = seen("x" * 100, cut=5)
    assert got.whole is not None
    assert got.whole in got.text
    assert "offset=0" in got.text


def test_text_that_cannot_be_kept_is_cut_all_the_same_and_says_so() -> None:
    got = observe("x" * 1000, artifacts=Full(), cut=300)
    assert got.ok
    assert got.whole is None
    assert "No space left" in got.text
    assert len(got.text) <= 300


def test_a_large_value_is_read_through_its_artifact() -> None:
    got = seen(["x" * 1000] * 300)
    assert got.value is None
    assert got.whole


def test_a_hundred_megabytes_are_survived() -> None:
    kept = Kept()
    text = "\ud800é" + "x" * 100_000_000
    began = time.monotonic()
    got = observe(text, artifacts=kept, cut=1000)
    assert time.monotonic() - began < 20
    assert len(got.text) <= 1000
    assert got.whole is not None
    assert len(kept.contents[got.whole]) == 100_000_000 + len("\ufffdé".encode())


def test_an_observation_stays_as_it_is() -> None:
    error = ToolFailure(kind="limit", message="x")
    mine = Observation(ok=False, text="x" * 50, value={"a": 1}, error=error, whole="h", result_hash="mine")
    assert seen(mine, cut=10) == mine
    assert seen(Observation(ok=True, text="x")).result_hash
    assert seen(Observation(ok=True, text="x", value=object())).result_hash
    assert seen(Observation(ok=True, text="x" * 500), cut=400).whole


def test_equal_results_have_equal_hashes_and_others_have_not() -> None:
    results = ["a", "b", 1, [1], {"a": 1}, None, Observation(ok=False, text="a")]
    hashes = {seen(result).result_hash for result in results}
    assert len(hashes) == len(results)
    assert seen({"a": 1, "b": 2}).value == seen({"b": 2, "a": 1}).value
    assert seen("x" * 5000, cut=300).result_hash == seen("x" * 5000, cut=400).result_hash
    assert seen("x" * 5000, cut=300).result_hash != seen("x" * 2500 + "y" + "x" * 2499, cut=300).result_hash


def test_a_tool_error_is_told_in_its_own_words_with_its_hint() -> None:
    got = tell_error(ToolError("no \ud800", hint="try b", kind="limit"), artifacts=Kept(), cut=1000)
    assert not got.ok
    assert got.text == "no \ufffd\nhint: try b"
    assert got.error is not None
    assert (got.error.kind, got.error.message, got.error.hint) == ("limit", "no \ufffd", "try b")
    assert got.error.detail is None


def test_any_other_exception_is_told_as_failed_and_its_traceback_is_kept_apart() -> None:
    try:
        raise KeyError("missing")
    except KeyError as error:
        got = tell_error(error, artifacts=Kept(), cut=1000)
    assert got.text == "failed: KeyError: 'missing'"
    assert got.error is not None
    assert got.error.kind == "crash"
    assert "test_result.py" in (got.error.detail or "")
    assert "Traceback" not in got.text


def test_an_exception_that_cannot_say_what_it_is_is_named() -> None:
    class Mute(Exception):
        def __str__(self) -> str:
            raise RuntimeError("not even this")

    assert tell_error(Mute(), artifacts=Kept(), cut=1000).text == "failed: Mute"
    assert tell_error(SystemExit(), artifacts=Kept(), cut=1000).text == "failed: SystemExit"


def test_a_long_failure_is_cut_like_any_text() -> None:
    got = tell_error(ToolError("x" * 100_000), artifacts=Kept(), cut=1000)
    assert len(got.text) <= 1000
    assert got.whole
    assert got.error is not None
    assert len(got.error.message) == 4000
    assert len(fail("denied", "x" * 100_000).text) == 4000
