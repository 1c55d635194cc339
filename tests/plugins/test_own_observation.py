from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import pytest

from plugins import Artifact, Observation, ToolError, ToolFailure
from plugins._own_observation import checked
from plugins._result import observe


class Kept:
    """Artifacts in memory, under their names."""

    def __init__(self) -> None:
        self.contents: dict[str, bytes] = {}

    def put(self, content: bytes, *, media_type: str = "text/plain", name: str = "") -> Artifact:
        self.contents[name] = content
        return Artifact(handle=name, path=Path(name), media_type=media_type, bytes=len(content), sha256="0" * 64)

    def get(self, handle: str) -> tuple[Artifact, bytes]:
        return self.put(self.contents[handle], name=handle), self.contents[handle]


class Full(Kept):
    """Artifacts on a full disk."""

    def put(self, content: bytes, *, media_type: str = "text/plain", name: str = "") -> Artifact:
        raise OSError("the disk is full")


def own(**fields: Any) -> Observation:
    return Observation(**{"ok": True, "text": "t", **fields})


def seen(observation: Observation, *, kept: Kept | None = None) -> Observation:
    return observe(observation, artifacts=kept or Kept(), cut=1000)


PICTURE = Artifact(handle="pic", path=Path("/k/pic"), media_type="image/png", bytes=1, sha256="0" * 64)


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"ok": "yes"}, "ok must be True or False, not str"),
        ({"text": None}, "text must be a str, not NoneType"),
        ({"ok": False, "error": "bad"}, "error must be a ToolFailure, not str; to fail, raise ToolError"),
        ({"ok": False, "error": ToolFailure(kind=5, message="m")}, "error.kind must be a str"),  # type: ignore[arg-type]  # authors are not held to types
        ({"ok": False, "error": ToolFailure(kind="k" * 200, message="m")}, "error.kind must have at most 128"),
        ({"error": ToolFailure(kind="tool", message="m")}, "error must be None where ok is True"),
        ({"artifacts": ["x"]}, "artifacts[0] must be an Artifact, not str; context.artifacts.put makes one"),
        ({"artifacts": None}, "artifacts must be a tuple of Artifact, not NoneType"),
        ({"artifacts": (Artifact(handle="h", path="p", media_type="", bytes=1, sha256=""),)}, "[0].path must be"),  # type: ignore[arg-type]  # the same
        ({"artifacts": (Artifact(handle="h", path=Path(), media_type="", bytes=1.5, sha256=""),)}, "[0].bytes must"),  # type: ignore[arg-type]  # the same
        ({"whole": 5}, "whole must be a str, not int"),
        ({"result_hash": b"x"}, "result_hash must be a str, not bytes"),
        ({"result_hash": "x" * 1000}, "result_hash must have at most 128 characters, not 1000"),
    ],
)
def test_a_field_that_does_not_fit_is_named(fields: dict[str, Any], words: str) -> None:
    with pytest.raises((TypeError, ValueError)) as caught:
        seen(own(**fields))
    assert words in str(caught.value)


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        ({1, 2}, [1, 2]),
        (math.nan, "nan"),
        ({"a": (1, math.inf)}, {"a": [1, "inf"]}),
        ("\ud800", "\ufffd"),
        ([10**5000], ["a number of 16610 bits"]),
        ({"a": 1}, {"a": 1}),
        (None, None),
    ],
)
def test_its_value_is_made_plain(value: Any, plain: Any) -> None:
    got = seen(own(value=value))
    assert (got.ok, got.text, got.value) == (True, "t", plain)
    json.dumps(got.value, allow_nan=False).encode()


def test_a_value_that_is_no_json_is_told_by_its_words() -> None:
    assert str(seen(own(value=object())).value).startswith("<object object")


def test_artifacts_in_its_value_are_listed_once() -> None:
    got = seen(own(value=[PICTURE, b"raw"], artifacts=[PICTURE]))
    assert [one.handle for one in got.artifacts] == ["pic", ""]


def test_a_value_too_large_to_be_told_is_kept_as_an_artifact() -> None:
    kept = Kept()
    got = seen(own(value="x" * 1_000_000), kept=kept)
    assert got.value is None
    assert [one.handle for one in got.artifacts] == ["value.json"]
    assert json.loads(kept.contents["value.json"]) == "x" * 1_000_000
    assert got.text.startswith("t\n[its value is too large to be told: artifact value.json")


def test_a_large_value_that_cannot_be_kept_costs_nothing_else() -> None:
    got = seen(own(value="x" * 1_000_000), kept=Full())
    assert (got.ok, got.value, got.artifacts) == (True, None, ())
    assert "it could not be kept: OSError: the disk is full" in got.text


def test_text_that_was_not_cut_is_cut_whatever_its_whole_says() -> None:
    got = seen(own(text="x" * 100_000, whole="elsewhere"))
    assert len(got.text) <= 1000
    assert got.whole == "result.txt"


def test_a_failure_without_an_error_gets_one() -> None:
    got = seen(own(ok=False, text="it went wrong"))
    assert got.error == ToolFailure(kind="tool", message="it went wrong")


def test_what_another_call_gave_is_handed_on_as_it_is() -> None:
    first = observe(ToolError("no", hint="later").message, artifacts=Kept(), cut=1000)
    assert seen(first) == first
    long = observe("y" * 5000, artifacts=Kept(), cut=1000)
    assert seen(long) == long


def test_what_only_the_runner_can_say_is_not_taken_over() -> None:
    got = checked(own(seconds="long", written=("a",), created=7))
    assert (got.seconds, got.written, got.created) == (0.0, (), ())
