"""What `plugins new` writes: a plugin with one tool and one hook, its tests, and the project of a package."""

from __future__ import annotations

TOOL = '''\
"""{title}: a plugin for thinkact, with one tool and one hook."""

from collections.abc import Mapping
from typing import Any

from plugins import Context, Effect, ToolError, WorkspacePath, before_call, tool


# A model is told the name, the types and the text under `def`: nothing else.
@tool(
    effect=Effect.READ,  # it changes nothing; else WRITE, EXECUTE, FETCH or SEND
    repeatable=True,  # running it twice does no harm
    aliases=[{aliases}],  # words by which it is found
    timeout=30,  # seconds
)
def {tool}(path: WorkspacePath, word: str, *, context: Context) -> list[str]:
    """Find the lines of a text file that hold a word.

    Args:
        path: The file.
        word: What to look for; the case of letters does not count.
    """
    if not word:  # the model reads what is raised, and does better
        raise ToolError("there is no word", hint="give one, such as word=pier")
    text = context.workspace.read(path).decode("utf-8", "replace")
    found = []
    for number, line in enumerate(text.splitlines(), 1):
        if context.cancelled:  # the call was given up, or its time is over
            break
        if word.casefold() in line.casefold():
            found.append(f"{{number}}: {{line}}")
    return found


@before_call
def tidy(name: str, arguments: dict[str, Any]) -> Mapping[str, Any]:
    """Take the blanks around the word away before the call is made.

    It sees every call, of any tool; it may edit the arguments, or raise Refuse.
    """
    if name == "{tool}":
        arguments["word"] = arguments["word"].strip()
    return arguments
'''

TEST = '''\
"""Tests of {title}: they go the way that a call in a run goes."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from plugins.testing import Trial
{plugin}


@pytest.fixture
def trial(tmp_path: Path) -> Iterator[Trial]:
    """A workspace with one file, and the plugin's tools."""
    with Trial(tmp_path, {source}) as made:
        lines = ["The pier is old.", "The deck is new.", "桥墩很旧。"]
        made.write("notes.txt", "\\n".join(lines))
        yield made


def test_the_lines_that_hold_the_word_are_found(trial: Trial) -> None:
    """The case of letters does not count."""
    observation = trial.call("{tool}", path="notes.txt", word="PIER")
    assert observation.value == ["1: The pier is old."]


def test_a_word_may_be_in_any_script(trial: Trial) -> None:
    """Nothing assumes English."""
    observation = trial.call("{tool}", path="notes.txt", word="桥墩")
    assert observation.value == ["3: 桥墩很旧。"]


def test_the_hook_takes_blanks_away_before_the_tool_sees_them(trial: Trial) -> None:
    """What a hook edits arrives."""
    observation = trial.call("{tool}", path="notes.txt", word="  deck ")
    assert observation.value == ["2: The deck is new."]


def test_no_word_is_a_mistake_with_a_hint(trial: Trial) -> None:
    """The model reads both."""
    observation = trial.call("{tool}", path="notes.txt", word=" ")
    assert observation.error is not None
    assert observation.error.message == "there is no word"
    assert observation.error.hint == "give one, such as word=pier"
'''

PROJECT = """\
[build-system]
requires = ["hatchling>=1.27"]
build-backend = "hatchling.build"

[project]
name = "{distribution}"
version = "0.1.0"
description = "A plugin for thinkact: finds the lines of a text file that hold a word."
readme = "README.md"
requires-python = ">=3.11"
dependencies = ["{requirement}"]

[project.optional-dependencies]
test = ["pytest>=8"]

# What is installed with this entry point is a plugin in every run.
[project.entry-points."thinkact.plugins"]
{plugin} = "{module}"

[tool.hatch.build.targets.wheel]
packages = ["src/{module}"]

[tool.pytest.ini_options]
testpaths = ["tests"]
pythonpath = ["src"]

[tool.ruff]
line-length = 100

[tool.mypy]
strict = true
mypy_path = "src"
"""

README = """\
# {distribution}

A plugin for thinkact: the tool `{tool}` finds the lines of a text file that hold a word.

Install it beside thinkact, and it is there in the next run:

```bash
pip install {distribution}
thinkact plugins show {plugin}
thinkact tools call {tool} path=notes.txt word=pier
```

While you work on it:

```bash
pip install -e '.[test]'
pytest
thinkact plugins test {plugin}
```
"""

IGNORED = "__pycache__/\n*.egg-info/\ndist/\nworkspace/\n"
