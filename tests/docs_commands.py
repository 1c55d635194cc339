"""The code blocks of README and docs, and a folder in which their commands can be run as a reader would run them."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.place import ROOT, Place
from tests.server import Call, Reply, call

SET_UP = "python3 -m venv .venv && "
"""How a command begins that makes an environment of its own: `.ci/run` runs those."""
LOCAL = "http://localhost:11434/v1"
"""The address that stands in the documents for a model server on the reader's machine."""
PAGES = ("README.md", "README.zh-CN.md", *(f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md"))))


@dataclass(frozen=True)
class Block:
    """A fenced block: where it stands, its language and its text."""

    page: str
    line: int
    language: str
    text: str

    @property
    def place(self) -> str:
        return f"{self.page}:{self.line}"


def blocks(page: str, language: str | None = None) -> list[Block]:
    """The fenced blocks of a page, all or those of a language."""
    text = (ROOT / page).read_text("utf-8")
    fences = re.finditer(r"^```(\w*)\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    found = [Block(page, text.count("\n", 0, one.start()) + 1, one[1], one[2]) for one in fences]
    return [one for one in found if language in (None, one.language)]


def plugins(page: str) -> dict[str, str]:
    """The plugins of a page, by the file name that their first line states."""
    found = {}
    for block in blocks(page, "python"):
        first = re.match(r"# (\w+\.py)\n", block.text)
        assert first is not None, f"{block.place}: the first line of a plugin names its file"
        found[first[1]] = block.text
    return found


def reader_folder(folder: Path, page: str) -> Place:
    """What a reader of a page has: the examples, the plugins of the page, and `thinkact` as a command."""
    place = Place(folder)
    ignored = shutil.ignore_patterns("out")
    shutil.copytree(ROOT / "examples", folder / "examples", ignore=ignored)
    for name, text in plugins(page).items():
        place.plugin(name, text)
    shim = folder / "bin" / "thinkact"
    shim.parent.mkdir()
    shim.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -P -m agent "$@"\n', "utf-8")
    shim.chmod(0o755)
    return place


def run_block(place: Place, text: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a block of shell commands; the first that fails ends it."""
    path = os.pathsep.join([str(place.folder / "bin"), os.environ["PATH"]])
    environment = place.environment(PATH=path, **settings)
    return subprocess.run(
        ["bash", "-euo", "pipefail", "-c", text],
        cwd=place.folder,
        env=environment,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=120,
        check=False,
    )


def work_on_the_brief(asked: dict[str, Any], number: int) -> Reply | str:
    """A model that works on `examples/brief.yaml`, and says so of anything else."""
    messages = asked["messages"]
    if "documents/bridge" not in str(messages):
        return "I only know the footbridge."
    documents = ("survey", "costs", "minutes", "letters")
    lines = [f"- The pier is the weak point. (documents/bridge/{name}.md)" for name in documents]
    brief = "\n".join(["# Brief for the council", "", *lines * 4, ""])
    thoughts: list[Reply] = [
        Reply(calls=[Call(name="read_file", arguments={"path": f"documents/bridge/{name}.md"}) for name in documents]),
        call("remember", text="The pier of the Hollin footbridge must be mended before the winter."),
        call("write_file", path="out/brief.md", content=brief),
        call("finish", answer="The brief is in out/brief.md.", reached=True),
    ]
    done: int = sum(message["role"] == "assistant" for message in messages)
    return thoughts[min(done, len(thoughts) - 1)]
