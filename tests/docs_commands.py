"""The code blocks of README and docs, and a folder in which their commands can be run as a reader would run them.

A Python or YAML block that begins with `# name.py` or `# name.yaml` is a file of that name. A Python file that brings a
tool or a hook is a plugin and lies in the plugin folder; all others, and what begins with `# ./name.py`, lie where the
commands are run. A `text` block
right behind a block of commands is what these print, with … for what differs.
"""

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

from tests.example_works import WORKS
from tests.place import ROOT, Place
from tests.server import Call, Reply, call
from tests.shell import Command

SET_UP = "python3 -m venv .venv && "
"""How a command begins that makes an environment of its own: `.ci/run` runs those of the README."""
LOCAL = "http://localhost:11434/v1"
"""The address that stands in the documents for a model server on the reader's machine."""
PAGES = (
    *("README.md", "README.zh-CN.md", "CONTRIBUTING.md", "examples/README.md", "examples/README.zh-CN.md"),
    *(f"docs/{path.name}" for path in sorted((ROOT / "docs").glob("*.md"))),
)
TWINS = {page: page.replace(".zh-CN", "") for page in PAGES if page.endswith(".zh-CN.md")}
"""Every Chinese page, with the English one that it says again."""


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

    @property
    def next(self) -> int:
        """The line in which a block stands that follows this one, with a blank line between."""
        return self.line + self.text.count("\n") + 3

    @property
    def file(self) -> str | None:
        """The name that its first line gives it."""
        first = re.match(r"# (?:\./)?([\w-]+\.(?:py|yaml))\n", self.text)
        return first[1] if first else None

    @property
    def plugin(self) -> bool:
        """Does it bring a tool or a hook, to be had at once?"""
        if self.text.startswith("# ./"):
            return False
        return self.language == "python" and re.search(r"^@(?:tool|observe|before_call)\b", self.text, re.M) is not None


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
        assert block.file is not None, f"{block.place}: the first line of a Python block names its file"
        if block.plugin:
            found[block.file] = block.text
    return found


def expected(page: str) -> dict[Block, list[str]]:
    """Every block of commands of a page that is to be run, with the pieces that the `text` block behind it shows."""
    run = [block for block in blocks(page, "bash") if not block.text.startswith(SET_UP)]
    shown = {block.line: block.text for block in blocks(page, "text")}
    return {
        block: [piece.strip() for piece in re.split("[…\n]", shown.get(block.next, "")) if piece.strip()]
        for block in run
    }


def reader_folder(folder: Path, page: str) -> Place:
    """What a reader of a page has: the examples, and the files and plugins of the page."""
    place = Place(folder)
    shutil.copytree(ROOT / "examples", folder / "examples", ignore=shutil.ignore_patterns("out"))
    for name, text in plugins(page).items():
        place.plugin(name, text)
    for block in (*blocks(page, "python"), *blocks(page, "yaml")):
        if block.file is not None and not block.plugin:
            (folder / block.file).write_text(block.text, "utf-8")
    return place


def run_block(place: Place, text: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run a block of shell commands, with `thinkact` as one of them; the first that fails ends it."""
    programs = place.folder.with_name(f"{place.folder.name}-bin")  # none is taken from the folder where thinkact starts
    path = os.pathsep.join([str(programs), os.environ["PATH"]])
    environment = place.environment(PATH=path, **settings)
    environment = {name: value for name, value in environment.items() if not name.startswith(("PYTEST_", "COV_"))}
    with Command(programs):
        python = programs / "python"  # that of an environment with thinkact in it
        python.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "$@"\n', "utf-8")
        python.chmod(0o755)
        return subprocess.run(
            ["bash", "-euo", "pipefail", "-c", text],
            cwd=place.folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=300,
            check=False,
        )


def work_on_an_example(asked: dict[str, Any], number: int) -> Reply | str:
    """A model that works on the goal files of `examples/` that are beyond rules, and on `brief.yaml`; it calls the tool
    of the plugin page, and answers what that asks."""
    if not asked.get("tools"):
        return "It is about the footbridge."
    if any(one["function"]["name"] == "one_liners" for one in asked["tools"]):
        made = sum(message["role"] == "assistant" for message in asked["messages"])
        wanted = call("one_liners", paths=["survey.md", "minutes.md"])
        return call("finish", answer=str(asked["messages"][-2]["content"])) if made else wanted
    goal = str(asked["messages"][1]["content"]) if len(asked["messages"]) > 1 else ""
    for work in WORKS.values():
        if all(path in goal for path in work.files):
            return work.reply(asked, number)
    return work_on_the_brief(asked, number)


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
