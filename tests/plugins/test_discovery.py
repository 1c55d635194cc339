from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from agent.cli.tool_files import plugin_files
from plugins import (
    BUILT_IN,
    Effect,
    Observation,
    Plugin,
    PluginFault,
    Refuse,
    Toolbox,
    built_in_plugins,
    load_plugins,
    observe,
)
from plugins._discovery import load_plugin

GOOD = '''
from plugins import Context, Effect, tool

@tool(effect=Effect.READ)
def {name}(city: str, *, context: Context) -> str:
    """Tell of a city.

    Args:
        city: Which.
    """
    return city
'''

HOOKS = """
from plugins import Refuse, before_call, observe
from plugins import tool as make

seen = []

@observe
def watch(event):
    seen.append(event)

@before_call
def forbid(tool, arguments):
    raise Refuse("never")
"""


def hook(text: str, decorator: str = "observe") -> str:
    """A plugin whose hook begins with its decorator in line 3."""
    return f"from plugins import {decorator}\n\n@{decorator}\n{text}\n"


def written(folder: Path, **files: str) -> Path:
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / f"{name}.py").write_text(text, encoding="utf-8")
    return folder


def loaded(folder: Path) -> dict[str, Plugin]:
    return {plugin.name: plugin for plugin in load_plugins(folder, entry_points=False)}


def test_no_folder_and_a_missing_folder_bring_no_plugin(tmp_path: Path) -> None:
    assert load_plugins(None, entry_points=False) == ()
    assert load_plugins(tmp_path / "none", entry_points=False) == ()


def test_a_file_in_the_folder_is_a_plugin(tmp_path: Path) -> None:
    folder = written(tmp_path, weather=GOOD.format(name="forecast"), _private="1/0", notes="")
    (folder / ".hidden.py").write_text("1/0")
    (folder / "readme.txt").write_text("1/0")
    (folder / "empty").mkdir()
    found = loaded(folder)
    assert list(found) == ["notes", "weather"]
    weather = found["weather"]
    assert weather.fault is None
    assert weather.origin == str(folder / "weather.py")
    (forecast,) = weather.tools
    assert (forecast.name, forecast.origin, forecast.effect) == ("forecast", "weather", Effect.READ)
    assert forecast("Ulm", context=None) == "Ulm"


def test_a_plugin_that_brings_nothing_is_listed_and_says_so(tmp_path: Path) -> None:
    fault = loaded(written(tmp_path, notes="x = 1"))["notes"].fault
    assert fault is not None
    assert fault.startswith(str(tmp_path / "notes.py"))
    assert "no tool and no hook" in fault


def test_a_package_may_be_spread_over_files(tmp_path: Path) -> None:
    package = written(tmp_path / "city", __init__="from .inner import forecast", inner=GOOD.format(name="forecast"))
    found = loaded(tmp_path)["city"]
    assert found.fault is None
    assert found.origin == str(package)
    assert [tool.name for tool in found.tools] == ["forecast"]


def test_a_folder_of_python_files_that_is_no_package_is_listed_with_that_fault(tmp_path: Path) -> None:
    written(tmp_path / "loose", inner="")
    assert "no __init__.py" in (loaded(tmp_path)["loose"].fault or "")


def test_a_plugin_may_be_called_like_a_module_of_the_standard_library(tmp_path: Path) -> None:
    before = list(sys.path)
    folder = written(
        tmp_path,
        json=GOOD.format(name="from_json") + "\nimport json as real\nassert real.loads('1') == 1\n",
        string=GOOD.format(name="from_string"),
    )
    found = loaded(folder)
    assert [plugin.fault for plugin in found.values()] == [None, None]
    import json

    assert json.loads("1") == 1
    assert str(folder) not in str(json.__file__)
    assert sys.path == before


def test_two_folders_may_hold_plugins_of_one_name(tmp_path: Path) -> None:
    one = loaded(written(tmp_path / "a", same=GOOD.format(name="first")))["same"]
    other = loaded(written(tmp_path / "b", same=GOOD.format(name="second")))["same"]
    assert one.tools[0].name == "first"
    assert other.tools[0].name == "second"
    assert one.tools[0].function.__module__ != other.tools[0].function.__module__


def test_what_a_plugin_imports_from_elsewhere_is_not_brought_again(tmp_path: Path) -> None:
    package = tmp_path / "city"
    written(package, __init__="from .inner import forecast\nagain = forecast", inner=GOOD.format(name="forecast"))
    name = loaded(tmp_path)["city"].tools[0].function.__module__.removesuffix(".inner")
    written(tmp_path, borrower=f"from {name} import forecast\n" + GOOD.format(name="own"))
    found = loaded(tmp_path)
    assert [tool.name for tool in found["borrower"].tools] == ["own"]
    assert [tool.name for tool in found["city"].tools] == ["forecast"]


def test_hooks_are_taken_by_their_decorators(tmp_path: Path) -> None:
    written(tmp_path, hooks=HOOKS, weather=GOOD.format(name="forecast"))
    box = Toolbox(load_plugins(tmp_path, entry_points=False))
    hooks = box.plugins[0]
    assert [len(hooks.observers), len(hooks.before_call), len(hooks.tools)] == [1, 1, 0]
    assert box.tell({"kind": "thought"}) == []
    assert hooks.observers[0].__globals__["seen"] == [{"kind": "thought"}]
    with pytest.raises(Refuse):
        hooks.before_call[0]("forecast", {})


@pytest.mark.parametrize(
    ("text", "line", "words"),
    [
        ("x = 1\n1/0\n", 2, "ZeroDivisionError: division by zero"),
        ("x = 1\nimport sys; sys.exit(3)\n", 2, "ended the program (SystemExit: 3)"),
        ("x = 1\n\ndef f(:\n", 3, "invalid syntax"),
        ("import no_such_module_anywhere\n", 1, "no_such_module_anywhere' (install it where thinkact is installed)"),
        ("from thinkact.tools import tool\n", 1, "write `from plugins import tool`"),
        ("import json\n\njson.loads('{')\n", 3, "JSONDecodeError"),
        ("raise ValueError('two\\nlines')\n", 1, "ValueError: two lines"),
        ("raise ValueError\n", 1, "ValueError"),
        ("raise GeneratorExit\n", 1, "GeneratorExit"),
        ("input()\n", 1, "EOFError"),
        (GOOD.format(name="f").replace("city: Which.", ""), 4, "argument 'city' is not described"),
        (GOOD.format(name="f").replace("city: str", "city"), 4, "argument 'city' has no annotation"),
        (GOOD.format(name="f").replace("READ", "READ, aliases=(1,)"), 4, "f: an alias must be a word"),
        (GOOD.format(name="f").replace("city: str", "city: int = 10**5000"), 4, "'city' cannot be written as JSON"),
        (
            GOOD.format(name="f").replace("city: str", "city: float = float('nan')"),
            4,
            "'city' cannot be written as JSON",
        ),
        (hook("async def watch(event): ..."), 3, "watch: an @observe function must be plain"),
        (hook("def watch(event): yield"), 3, "watch: an @observe function must be plain"),
        (hook("def watch(): ..."), 3, "watch: it cannot be called with the event alone, as @observe does"),
        (hook("class watch: ..."), 3, "watch: only a function can be @observe"),
        (hook("async def keep(tool, arguments): ...", "before_call"), 3, "keep: an @before_call function must be"),
        (hook("def keep(arguments): ...", "before_call"), 3, "the tool's name and the arguments alone"),
        ("from plugins import tool\n\n@tool\nclass Odd: ...", 3, "Odd: only a function can be a tool"),
    ],
)
def test_a_broken_plugin_is_listed_with_file_and_line_and_the_rest_still_load(
    tmp_path: Path, text: str, line: int, words: str
) -> None:
    found = loaded(written(tmp_path, broken=text, weather=GOOD.format(name="forecast")))
    fault = found["broken"].fault
    assert fault is not None
    assert fault.startswith(f"{tmp_path / 'broken.py'}:{line}: ")
    assert words in fault
    assert "\n" not in fault
    assert found["broken"].tools == ()
    assert found["weather"].fault is None
    assert not [name for name in sys.modules if name.startswith("_thinkact_plugin") and "broken" in name]


def test_what_lies_beside_a_plugin_is_told_to_be_taken_in_and_not_to_be_installed(tmp_path: Path) -> None:
    folder = written(tmp_path, main="import tides", tides="x = 1")
    assert "put both into a folder, this file as its __init__.py, and write `from . import tides`" in (
        loaded(folder)["main"].fault or ""
    )
    written(tmp_path / "whole", __init__="from 潮汐 import high", 潮汐="high = 1")
    fault = loaded(tmp_path)["whole"].fault or ""
    assert fault.endswith("No module named '潮汐' (write `from . import 潮汐`)")


def test_what_a_module_holds_is_looked_at_without_running_any_of_it(tmp_path: Path) -> None:
    text = "class Trap:\n    def __getattribute__(self, name):\n        raise RuntimeError(name)\n\ntrap = Trap()\n"
    text += "class Bare:\n    __slots__ = ()\n\nbare = Bare()\n"
    assert loaded(written(tmp_path, odd=text + GOOD.format(name="f")))["odd"].fault is None


def test_a_plugin_whose_exception_cannot_be_told_is_listed_all_the_same(tmp_path: Path) -> None:
    text = "class Mute(Exception):\n    def __str__(self):\n        1/0\n\nraise Mute\n"
    assert loaded(written(tmp_path, mute=text))["mute"].fault == f"{tmp_path / 'mute.py'}:5: Mute"


def test_a_file_that_is_no_utf8_or_no_text_is_listed_with_its_fault(tmp_path: Path) -> None:
    (tmp_path / "latin.py").write_bytes("x = 'é'".encode("latin-1"))
    (tmp_path / "nul.py").write_bytes(b"x = 1\0")
    (tmp_path / "folder.py").mkdir()
    found = loaded(tmp_path)
    assert str(tmp_path / "latin.py") in (found["latin"].fault or "")
    assert str(tmp_path / "nul.py") in (found["nul"].fault or "")
    assert "folder" not in found


def test_a_fault_inside_a_package_names_the_file_that_holds_it(tmp_path: Path) -> None:
    package = written(tmp_path / "city", __init__="from . import inner", inner="\n1/0")
    before = set(sys.modules)
    assert (loaded(tmp_path)["city"].fault or "").startswith(f"{package / 'inner.py'}:2: ZeroDivisionError")
    assert set(sys.modules) == before


def test_what_a_plugin_prints_goes_to_stderr(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    stdin = sys.stdin
    found = loaded(written(tmp_path, loud="print('hello')\n" + GOOD.format(name="f")))
    printed = capsys.readouterr()
    assert (printed.out, printed.err) == ("", "hello\n")
    assert found["loud"].fault is None
    assert sys.stdin is stdin


@pytest.mark.parametrize("hangs", ["time.sleep(60)", "threading.Event().wait(60)", "[0 for _ in iter(int, 1)]"])
def test_a_plugin_that_hangs_while_it_is_imported_is_left_out_with_its_line_and_the_rest_load(
    tmp_path: Path, hangs: str
) -> None:
    if "iter" in hangs:  # one that never lets go by itself, and is not left behind in this process
        hangs = "until = time.monotonic() + 1.5\nwhile time.monotonic() < until: pass"
    folder = written(tmp_path, slow=f"import threading, time\n{hangs}\n", weather=GOOD.format(name="forecast"))
    found = {plugin.name: plugin for plugin in load_plugins(folder, entry_points=False, patience=0.4)}
    fault = found["slow"].fault or ""
    line = 3 if "until" in hangs else 2
    assert fault.startswith(f"{tmp_path / 'slow.py'}:{line}: it was still being imported after 0.4 s and is left out")
    assert "inside the function that needs it" in fault
    assert found["weather"].fault is None
    assert found["weather"].tools[0]("Ulm", context=None) == "Ulm"


def test_tests_may_lie_beside_a_plugin_and_are_passed_over(tmp_path: Path) -> None:
    names = ["weather", "test_weather", "weather_test", "conftest", "contest", "testing"]
    written(tmp_path, **{name: GOOD.format(name=name) for name in names})
    written(tmp_path / "test_folder.py", __init__="")
    assert list(loaded(tmp_path)) == ["contest", "testing", "weather"]
    assert [name for name, _ in plugin_files(tmp_path)] == ["contest", "testing", "weather"]


def test_one_plugin_is_loaded_from_wherever_it_lies_and_anew_though_saved_within_a_second(
    tmp_path: Path,
) -> None:
    file = written(tmp_path, weather=GOOD.format(name="one")) / "weather.py"
    before = file.stat()
    assert load_plugin(file).tools[0].name == "one"
    file.write_text(GOOD.format(name="two"), "utf-8")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert load_plugin(file, fresh=True).tools[0].name == "two"
    assert "No such file" in (load_plugin(tmp_path / "none.py").fault or "")
    assert "no __init__.py" in (load_plugin(tmp_path).fault or "")


def test_ctrl_c_while_a_plugin_loads_is_not_its_fault(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        loaded(written(tmp_path, slow="raise KeyboardInterrupt"))


def test_a_plugin_may_have_a_name_in_any_script(tmp_path: Path) -> None:
    found = loaded(written(tmp_path, **{"天气-1.2": GOOD.format(name="forecast")}))
    assert found["天气-1.2"].fault is None
    assert found["天气-1.2"].tools[0].origin == "天气-1.2"


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs a folder that its owner cannot read")
def test_a_folder_that_cannot_be_read_is_listed_with_its_fault(
    tmp_path: Path,
) -> None:  # pragma: no cover  as root everything can be read
    folder = written(tmp_path / "closed", weather="")
    folder.chmod(0)
    try:
        (plugin,) = load_plugins(folder, entry_points=False)
    finally:
        folder.chmod(0o700)
    assert "cannot be read" in (plugin.fault or "")


def test_the_built_in_plugins_come_through_the_same_door() -> None:
    found = built_in_plugins()
    assert {"artifacts", "files", "notes", "person", "summarize"} <= {plugin.name for plugin in found}
    assert {plugin.origin for plugin in found} == {BUILT_IN}
    for plugin in found:
        assert plugin.tools or plugin.fault


def installed(folder: Path, points: str) -> None:
    """Lay down what an installer does: the modules, and the metadata that names the entry points."""
    written(
        folder,
        good_things=GOOD.format(name="from_module") + "\nfrom good_parts import borrowed\n",
        good_parts=GOOD.format(name="borrowed") + "\n" + GOOD.format(name="other"),
        bad_things="\n1/0",
    )
    metadata = folder / "good-1.0.dist-info"
    metadata.mkdir()
    (metadata / "METADATA").write_text("Metadata-Version: 2.1\nName: good\nVersion: 1.0\n")
    (metadata / "entry_points.txt").write_text(f"[thinkact.plugins]\n{points}")


def test_entry_points_bring_modules_tools_and_lists_and_a_broken_one_its_fault(tmp_path: Path) -> None:
    installed(
        tmp_path,
        "module = good_things\none = good_parts:borrowed\nmany = good_parts:several\n"
        "bad = bad_things\nnumber = good_parts:x\nabsent = good_parts:nothing\n",
    )
    with (tmp_path / "good_parts.py").open("a") as file:
        file.write("\nseveral = [other, other]\nx = 5\n")
    code = (
        "import json, sys\n"
        "from plugins import load_plugins\n"
        "found = load_plugins(None)\n"
        "json.dump([[p.name, p.origin, [t.name for t in p.tools], p.fault] for p in found], sys.stdout)\n"
    )
    import json

    root = Path(__file__).parents[2]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join([str(root), str(tmp_path)])}
    ended = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True, cwd=tmp_path
    )
    found = {name: (origin, tools, fault) for name, origin, tools, fault in json.loads(ended.stdout)}
    assert found["module"] == ("entry point module = good_things", ["from_module"], None)
    assert found["one"][1:] == (["borrowed"], None)
    assert found["many"][1:] == (["other"], None)
    assert found["bad"][2] == f"{tmp_path / 'bad_things.py'}:2: ZeroDivisionError: division by zero"
    assert "no tool and no hook" in found["number"][2]
    assert "nothing" in found["absent"][2]


def test_entry_points_are_not_asked_where_they_are_not_wanted(tmp_path: Path) -> None:
    assert load_plugins(tmp_path, entry_points=False) == ()


def test_a_loaded_plugins_tools_can_be_called(tmp_path: Path) -> None:
    from plugins import Workspace

    box = Toolbox(load_plugins(written(tmp_path / "p", weather=GOOD.format(name="forecast")), entry_points=False))
    with Workspace.open(tmp_path / "desk") as workspace:
        call = box.prepare("forecast", {"city": 5}, workspace)
    assert not isinstance(call, Observation)
    assert call.arguments == {"city": "5"}


def test_the_face_is_imported_without_heavy_packages() -> None:
    heavy = ["yaml", "jsonschema", "asyncio", "openai", "chromadb", "importlib.metadata", "typer", "rich"]
    code = f"import sys, plugins; print([name for name in {heavy} if name in sys.modules])"
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2]
    )
    assert ended.stdout.strip() == "[]"


def test_an_object_that_can_be_called_may_be_a_hook_and_what_cannot_be_marked_is_refused() -> None:
    class Watch:
        def __call__(self, event: object) -> None:
            """See."""

    class WatchLater:
        async def __call__(self, event: object) -> None:
            """Never seen."""

    watch = Watch()
    assert observe(watch) is watch
    with pytest.raises(PluginFault, match="WatchLater: an @observe function must be plain"):
        observe(WatchLater())
    seen: list[object] = []
    with pytest.raises(PluginFault, match="append: @observe cannot mark it"):
        observe(seen.append)


@pytest.mark.parametrize("package", ["agent", "memory", "plugins"])
def test_a_package_tells_type_checkers_that_it_is_typed(package: str) -> None:
    assert (Path(__file__).parents[2] / package / "py.typed").is_file()
