"""What is worked on is told while it is."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from memory.library import Converted, Library, NotConverted, Skipped
from memory.recall import PASSAGES, Recall


def test_the_file_that_takes_long_is_named_meanwhile_and_not_the_one_that_was_skipped(tmp_path: Path) -> None:
    docs = tmp_path / "docs"
    docs.mkdir()
    for name in ("a-broken.txt", "b-long.txt", "c-quick.txt"):
        (docs / name).write_text("The anchor weighs 80 kilograms.", "utf-8")

    def convert(content: bytes, name: str, *, cancelled: Callable[[], bool]) -> Converted:
        if "broken" in name:
            raise NotConverted(f"{name} is broken")
        if "long" in name:
            time.sleep(0.6)
        return Converted(kind="text", parts=[("", content.decode())], marked=False)

    told: list[str] = []
    with Recall(tmp_path / "documents.db", rules=PASSAGES) as recall:
        steps = Library(recall).add(
            [docs], convert, workers=1, told=lambda name: Path(name).name, working=lambda file: told.append(file)
        )
        found = []
        for step in steps:
            found.append(step)
            told.append("|")
    assert [one.file for one in found if isinstance(one, Skipped)] == ["a-broken.txt"]
    between = "".join(f"{one} " for one in told).split("|")
    assert set(between[1].split()) == {"a-broken.txt"}
    assert between[2].split().count("b-long.txt") >= 2
    assert set(between[2].split()) == {"b-long.txt"}
    assert set(between[3].split()) == {"c-quick.txt"}
