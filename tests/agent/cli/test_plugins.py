"""`plugins show` and `plugins doctor`: what a plugin brings, and why one brings nothing."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from agent.cli.plugin.judging import Judged, judged
from plugins import built_in_plugins, load_plugins
from tests.place import Place
from tests.test_bad_input import harmless

GOOD = '''\
from typing import Literal

from plugins import Context, Effect, before_call, observe, tool

__version__ = "1.2"


@tool(effect=Effect.WRITE, timeout=90, aliases=("stir", "搅拌"), repeatable=True)
def stir(pot: str, how: Literal["slow", "fast"] = "slow", times: list[int] | None = None, *, context: Context) -> str:
    """Stir a pot.

    Args:
        pot: Which one.
        how: In which way.
        times: When.
    """
    return pot


@observe
def watch(event): ...


@before_call
def guard(tool, arguments): ...
'''


def of(folder: Path, text: str, name: str = "mine") -> Judged:
    """What is said of a plugin of this text, beside those that come with thinkact."""
    (folder / f"{name}.py").write_text(text, "utf-8")
    (found,) = (
        one
        for one in judged((*built_in_plugins(), *load_plugins(folder, entry_points=False)))
        if one.plugin.name == name
    )
    return found


def tool(head: str, decorator: str = "@tool", doc: str = "Args:\n        a: What.") -> str:
    return f'from plugins import *\n\n\n{decorator}\n{head}\n    """Do it.\n\n    {doc}\n    """\n'


FAULTS: dict[str, tuple[str, int, str | None, str]] = {
    "no annotation": (tool("def f(a: str,\n      b=1):"), 6, "b", "b: int = 1"),
    "no annotation, no default": (tool("def f(a):"), 5, "a", "a: str"),
    "not described": (tool("def f(a: str, b: bool):"), 5, "b", "Args:\n    b: What it is, in a few words."),
    "described wrongly": (
        tool("def f(city: str):", doc="Args:\n        city: x\n        cty: y"),
        4,
        "cty",
        "city: ... under Args",
    ),
    "no docstring": (
        "from plugins import tool\n@tool\ndef f(a: str): ...\n",
        2,
        None,
        '"""Say in one line what the tool does.\n\nArgs:',
    ),
    "an annotation that is not there": (
        "from __future__ import annotations\n" + tool("def f(a: Nope):"),
        6,
        "a",
        "a: str",
    ),
    "a path": ("from pathlib import Path\n" + tool("def f(a: Path):"), 6, "a", "a: WorkspacePath"),
    "stars": (tool("def f(*a: str):"), 4, "a", "a: list[str]"),
    "keys of a dict": (tool("def f(a: dict[int, str]):"), 5, "a", "a: dict[str, str]"),
    "an effect that is none": (
        tool("def f(a: str):", "@tool(effect='look')"),
        4,
        None,
        "@tool(effect=Effect.READ)",
    ),
    "a name for no model": (tool("def f(a: str):", "@tool(name='a b')"), 4, None, '@tool(name="a_name_of'),
    "a default that does not fit": (tool("def f(a: int = 'x'):"), 5, "a", "a default that is a whole number"),
    "yields": (tool("def f(a: str):") + "    yield a\n", 4, None, "return [...]"),
    "a built-in's name": (tool("def read_file(a: str):"), 5, None, '@tool(name="mine_read_file", ...)'),
    "the loop's name": (tool("def finish(a: str):"), 5, None, '@tool(name="mine_finish", ...)'),
    "a name twice": (
        tool("def f(a: str):") + tool("def g(a: str):", "@tool(name='f')"),
        15,
        None,
        '@tool(name="mine_f", ...)',
    ),
    "a name that is not imported": ("x = Efect.READ\n", 1, None, "from plugins import Effect"),
    "nothing": ("x = 1\n", 1, None, "@tool(effect=Effect.READ) above a function"),
    "an async observer": (
        "from plugins import observe\n\n@observe\nasync def w(e): ...\n",
        3,
        None,
        "@observe\ndef watch",
    ),
    "a hook of one argument": (
        "from plugins import before_call\n@before_call\ndef w(e): ...\n",
        2,
        None,
        "@before_call\ndef keep_out",
    ),
    "a misspelled import": ("from plugins import Contxt\n", 1, None, "from plugins import Context"),
    "thinkact's name": ("from thinkact import tool\n", 1, None, "from plugins import tool"),
    "the end of the program": ("import sys\nsys.exit(2)\n", 2, None, 'if __name__ == "__main__":'),
}


@pytest.mark.parametrize("kind", FAULTS)
def test_a_fault_is_told_with_file_line_argument_and_what_to_write_instead(tmp_path: Path, kind: str) -> None:
    text, line, argument, instead = FAULTS[kind]
    found = of(tmp_path, text)
    assert (found.file, found.line, found.argument) == (str(tmp_path / "mine.py"), line, argument), found
    assert found.instead is not None, found
    assert found.instead.startswith(instead), found.instead
    assert found.mend == f"${{EDITOR:-vi}} +{line} {tmp_path / 'mine.py'}"


def test_what_a_command_can_mend_has_that_command(tmp_path: Path) -> None:
    assert str(of(tmp_path, "import no_such_thing.deep\n").mend) == f"{sys.executable} -m pip install no_such_thing"
    package = tmp_path / "many files"
    package.mkdir()
    (package / "a.py").write_text("x = 1\n", "utf-8")
    (found,) = (one for one in judged(load_plugins(tmp_path, entry_points=False)) if one.plugin.name == "many files")
    assert found.mend is not None
    subprocess.run(["sh", "-c", found.mend], check=True)
    assert [one.plugin.name for one in judged(load_plugins(tmp_path, entry_points=False))] == ["mine"]
    package = tmp_path / "工具"
    package.mkdir()
    (package / "inner.py").write_text(tool("def f(a: str):"), "utf-8")
    (found,) = (one for one in judged(load_plugins(tmp_path, entry_points=False)) if one.plugin.name == "工具")
    assert found.mend is not None
    subprocess.run(["sh", "-c", found.mend], check=True)
    (found,) = (one for one in judged(load_plugins(tmp_path, entry_points=False)) if one.plugin.name == "工具")
    assert found.loaded


def test_a_plugin_that_hangs_is_told_with_its_line_and_where_the_slow_part_belongs(tmp_path: Path) -> None:
    (tmp_path / "slow.py").write_text("import time\n\ntime.sleep(5)\n", "utf-8")
    (found,) = judged(load_plugins(tmp_path, entry_points=False, patience=0.2))
    assert (found.file, found.line) == (str(tmp_path / "slow.py"), 3)
    assert "still being imported after 0.2 s" in str(found.what)
    assert "here, not at the top" in str(found.instead)


def test_a_file_that_is_passed_over_is_told_as_that(place: Place) -> None:
    place.plugin("test_kitchen.py", GOOD)
    told = place.thinkact("plugins", "doctor", "test_kitchen")
    assert told.returncode == 2
    assert "test_kitchen.py is passed over: its name begins with _ or ., is that of a test" in told.stderr


def test_two_plugins_of_one_name_are_told_to_be_named_apart(tmp_path: Path) -> None:
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "__init__.py").write_text(tool("def g(a: str):"), "utf-8")
    (tmp_path / "mine.py").write_text(tool("def f(a: str):"), "utf-8")
    first, second = judged(load_plugins(tmp_path, entry_points=False))
    assert (first.loaded, second.loaded, first.doubt) == (True, True, None)
    assert "is called mine too" in str(second.doubt)


@pytest.fixture
def place(tmp_path: Path) -> Place:
    made = Place(tmp_path)
    made.plugin("kitchen.py", GOOD)
    made.plugin("odd \x1b[31m.py", "import x\x1b\n")
    made.plugin("weather.py", tool("def f(a: str, days=1):"))
    return made


def test_plugins_show_tells_what_a_plugin_brings(place: Place) -> None:
    shown = place.thinkact("plugins", "show", "kitchen")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert shown.stdout.splitlines() == [
        "kitchen",
        f"  from: {place.home / 'plugins' / 'kitchen.py'}",
        "  version: 1.2",
        "",
        "tool stir (effect write, timeout 1m30s, repeatable)",
        "  Stir a pot.",
        "  pot: Which one. (text)",
        '  how: In which way. (one of slow, fast, "slow" if not given)',
        "  times: When. (list of whole number, may be left out)",
        "  also called: stir, 搅拌",
        "",
        "before_call hook guard (line 24)",
        "",
        "observer watch (line 20)",
    ]
    told = json.loads(place.thinkact("plugins", "show", "kitchen.py", "--json").stdout)
    (stir,) = told["tools"]
    assert (told["version"], told["loaded"], told["fault"]) == ("1.2", True, None)
    assert (stir["effect"], stir["timeout"], stir["repeatable"], stir["line"]) == ("write", 90.0, True, 8)
    assert stir["parameters"]["required"] == ["pot"]
    assert [one["name"] for one in told["before_call"] + told["observers"]] == ["guard", "watch"]
    built_in = json.loads(place.thinkact("plugins", "show", "files", "--json").stdout)
    assert built_in["origin"] == "built-in"
    assert built_in["file"].endswith("files.py")


def test_plugins_show_tells_why_one_did_not_load_and_of_a_name_that_is_none(place: Place) -> None:
    shown = place.thinkact("plugins", "show", "weather")
    assert shown.returncode == 0
    assert "weather did not load" in shown.stdout
    assert "write instead: days: int = 1" in shown.stdout
    wrong = place.thinkact("plugins", "show", "wether")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert 'there is no plugin wether; did you mean "weather"?' in wrong.stderr


def test_plugins_doctor_ends_with_1_where_one_is_broken_and_0_where_none_is(place: Place) -> None:
    told = place.thinkact("plugins", "doctor")
    assert told.returncode == 1
    harmless(told.stdout)
    file = place.home / "plugins" / "weather.py"
    assert told.stdout[told.stdout.index("weather did not load") :].splitlines() == [
        "weather did not load",
        f"  {file}:5: f: argument 'days' has no annotation",
        "      5 | def f(a: str, days=1):",
        "  write instead: days: int = 1",
        f"  mend: ${{EDITOR:-vi}} +5 {file}",
        f"2 of {len(built_in_plugins()) + 3} plugins did not load",
    ]
    found = json.loads(place.thinkact("plugins", "doctor", "weather", "--json").stdout)
    assert [(one["name"], one["loaded"], one["line"], one["argument"]) for one in found] == [
        ("weather", False, 5, "days")
    ]
    fine = place.thinkact("plugins", "doctor", "kitchen")
    assert (fine.returncode, fine.stdout) == (0, "1 plugin loads: kitchen\n")
    assert place.thinkact("plugins", "doctor", "nope").returncode == 2
    called = place.thinkact("tools", "call", "f", "a=1")
    assert called.returncode == 2
    assert "odd \\x1b[31m, weather did not load: thinkact plugins doctor tells why" in called.stderr
