"""`run_python`: variables that stay, values, pictures and tables, tools called from code, and how it ends."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.plugins.confined import confined, needed
from tests.plugins.escaping import LEVELS, Desk

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="confinement is Linux's")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with confined(tmp_path / "desk") as sandbox:
        yield Desk(tmp_path / "desk", sandbox)


NEW = "(a new interpreter: nothing was defined before this call)\n"


def told(desk: Desk, code: str, **more: int) -> str:
    return desk.call("run_python", code=code, **more).text.removeprefix(NEW)


def test_variables_stay_between_the_calls(desk: Desk) -> None:
    assert told(desk, "数 = [1, 2]\ndef f(x):\n    return x * 2") == "(no output and no value)"
    assert told(desk, "数.append(f(3))\n数") == "[1, 2, 6]"
    assert told(desk, "import math as m") == "(no output and no value)"
    assert told(desk, "m.sqrt(16)") == "4.0"


def test_what_is_printed_comes_before_the_value_and_a_value_is_json(desk: Desk) -> None:
    found = desk.call("run_python", code="print('é')\nimport os\nos.system('echo from below')\n{'a': [1, None]}")
    assert found.text == f"{NEW}é\nfrom below\n{{'a': [1, None]}}"
    assert found.value == {"a": [1, None]}


def test_an_error_is_told_by_its_own_lines(desk: Desk) -> None:
    found = desk.call("run_python", code="def f(x):\n    return 1 / x\n\nprint('so far')\nf(0)")
    assert not found.ok
    assert found.text.startswith(f"{NEW}so far\nTraceback")
    assert "return 1 / x" in found.text
    assert "<string>" not in found.text
    assert "^" not in found.text
    assert found.error is not None
    assert (found.error.kind, found.error.message) == ("exception", "ZeroDivisionError: division by zero")
    assert told(desk, "f(1)") == "1.0"  # what was defined before it is there


def test_a_slip_of_syntax_is_told_with_its_line(desk: Desk) -> None:
    text = told(desk, "x = 1\ny = (")
    assert "SyntaxError" in text
    assert "line 2" in text
    assert "ast.py" not in text


def test_an_error_in_a_library_is_told_by_the_lines_that_led_to_it(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "desk" / "mine.py").write_text("import json\ndef read(text):\n    return json.loads(text)\n")
    text = told(desk, "import mine\nmine.read('值')")
    assert "mine.read('值')" in text
    assert "return json.loads(text)" in text
    assert "decoder.py" not in text
    assert text.splitlines()[-1].startswith("json.decoder.JSONDecodeError")


def test_a_loop_without_end_is_stopped_and_the_variables_are_said_to_be_lost(desk: Desk) -> None:
    told(desk, "kept = 1")
    found = desk.call("run_python", code="print('begun')\nwhile True: pass", timeout=1)
    assert not found.ok
    assert found.text.startswith("it was stopped after 1 seconds; its variables are lost")
    assert found.text.endswith("begun")
    assert desk.call("run_python", code="'kept' in globals()").text == f"{NEW}False"
    assert desk.call("run_python", code="'kept' in globals()").text == "False"


def test_an_interpreter_that_ends_itself_is_replaced(desk: Desk) -> None:
    assert "the interpreter ended" in told(desk, "import os; os._exit(5)")
    assert told(desk, "1 + 1").endswith("2")
    assert "SystemExit: 3" in told(desk, "raise SystemExit(3)")


def test_files_of_the_workspace_are_read_and_written(desk: Desk, tmp_path: Path) -> None:
    (tmp_path / "desk" / "data.csv").write_text("a,b\n1,2\n")
    (tmp_path / "desk" / "mine.py").write_text("answer = 42\n")
    code = "import csv, mine\nopen('out.txt', 'w').write(str(mine.answer))\nlist(csv.reader(open('data.csv')))"
    assert told(desk, code) == "[['a', 'b'], ['1', '2']]"
    assert (tmp_path / "desk" / "out.txt").read_text() == "42"
    assert not (tmp_path / "desk" / "__pycache__").exists()


def test_tools_that_read_are_called_from_code_and_give_all_of_it(desk: Desk, tmp_path: Path) -> None:
    for number in range(5):
        (tmp_path / "desk" / f"{number}.txt").write_text(f"{number} 号\n" * 3, "utf-8")
    found = desk.call("run_python", code="sum(len(tools.read_file(path=f'{n}.txt')) > 0 for n in range(5))")
    assert found.text == f"{NEW}5"
    assert "0 号" in told(desk, "tools.read_file(path='0.txt')")


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("tools.write_file(path='x', content='y')", "cannot be called from code"),
        ("tools.run_shell(command='id')", "cannot be called from code"),
        ("tools.no_such()", "there is no tool no_such"),
        ("tools.read_file(path='../secret')", "outside the workspace"),
        ("tools.read_file(path='missing')", "missing"),
    ],
)
def test_other_tools_are_not(desk: Desk, tmp_path: Path, code: str, why: str) -> None:
    found = desk.call("run_python", code=code)
    assert not found.ok
    assert "ToolFailed" in found.text
    assert why in found.text
    assert not (tmp_path / "desk" / "x").exists()


def test_a_failed_tool_can_be_caught(desk: Desk) -> None:
    assert told(desk, "try:\n    tools.read_file(path='no')\nexcept ToolFailed:\n    print('caught')") == "caught"


def test_code_that_speaks_for_the_interpreter_gets_no_more_than_it_may(desk: Desk, tmp_path: Path) -> None:
    code = (
        "import os, json\n"
        "for n in range(3, 20):\n"
        "    try: os.write(n, json.dumps({'call': 'write_file', 'arguments': {'path': 'x', 'content': 'y'}}).encode() "
        "+ b'\\nnot json\\n[1]\\n')\n"
        "    except OSError: pass\n"
    )
    desk.call("run_python", code=code, timeout=5)
    assert not (tmp_path / "desk" / "x").exists()


def test_a_figure_is_kept_as_a_picture(desk: Desk) -> None:
    pytest.importorskip("matplotlib")
    found = desk.call("run_python", code="import matplotlib.pyplot as plt\nplt.plot([1, 2])\nNone", timeout=120)
    (kept,) = found.artifacts
    assert kept.media_type == "image/png"
    assert desk.artifacts.get(kept.handle)[1].startswith(b"\x89PNG")
    assert "kept: figure-1.png" in found.text


PYPLOT = """
import sys, types
class Figure:
    drawn = 1
    def savefig(self, file, format): file.write(b"PNG %d" % self.drawn)
Figure.__module__ = "matplotlib.figure"
plt = sys.modules["matplotlib.pyplot"] = types.ModuleType("matplotlib.pyplot")
figures = {1: Figure()}
plt.get_fignums = lambda: list(figures)
plt.figure = plt.gcf = lambda number=1: figures[number]
plt.close = lambda number: figures.pop(number)
"""


@pytest.mark.parametrize(
    ("code", "kept"),
    [
        ("plt.gcf()", ["figure-1.png"]),
        ("show(plt.gcf())", ["figure-1.png"]),
        ("show(plt.gcf(), 'first')\nfigures[1].drawn = 2", ["first-1.png", "figure-2.png"]),
    ],
)
def test_a_figure_is_kept_once_unless_it_was_drawn_on(desk: Desk, code: str, kept: list[str]) -> None:
    found = desk.call("run_python", code=PYPLOT + code)
    assert [one.path.name for one in found.artifacts] == kept


def test_a_picture_is_kept(desk: Desk) -> None:
    pytest.importorskip("PIL")
    found = desk.call("run_python", code="from PIL import Image\nImage.new('RGB', (2, 2))")
    (kept,) = found.artifacts
    assert kept.media_type == "image/png"


def test_what_has_the_form_of_a_table_is_kept(desk: Desk) -> None:
    code = (
        "class Table:\n    def to_csv(self): return 'a,b\\n1,2\\n'\n    def __repr__(self): return 'a table'\nTable()"
    )
    found = desk.call("run_python", code=code)
    (kept,) = found.artifacts
    assert (kept.media_type, desk.artifacts.get(kept.handle)[1]) == ("text/csv", b"a,b\n1,2\n")
    assert found.text.startswith(f"{NEW}a table\n")


def test_what_it_says_is_shown_while_it_runs(desk: Desk) -> None:
    told(desk, "import time\nprint('first')\ntime.sleep(0.5)\nprint('second')")
    assert desk.shown[0] == "first"


def test_an_empty_piece_of_code_is_refused(desk: Desk) -> None:
    assert told(desk, "  ").startswith("code is empty")


@pytest.mark.parametrize("timeout", [0, -5, 601, 99999])
def test_a_time_that_nothing_can_have_is_refused_with_the_range(desk: Desk, timeout: int) -> None:
    found = desk.call("run_python", code="1", timeout=timeout)
    assert found.text.startswith(f"timeout is {timeout}: it must be from 1 to 600 seconds")


@pytest.mark.parametrize("name", LEVELS)
@pytest.mark.parametrize("there", [True, False])
def test_a_hidden_file_that_an_editor_replaces_is_not_seen_by_the_interpreter(
    name: str, there: bool, tmp_path: Path
) -> None:
    root = tmp_path / "desk"
    root.mkdir()
    if there:
        (root / ".env").write_text("KEY=sk-old")
    with confined(root, needed(name), protected=[root / ".env"]) as sandbox:
        desk = Desk(root, sandbox)
        read = "import os\nos.path.exists('.env') and open('.env').read()"
        assert "sk" not in told(desk, f"x = 1\n{read}")
        (root / "saved").write_text("KEY=sk-new")
        (root / "saved").replace(root / ".env")
        found = desk.call("run_python", code=read).text
        assert "sk" not in found
        assert found.startswith('(a new interpreter, as ".env", which is kept from it, has changed')
        assert "NameError" in told(desk, "x")
        assert "sk" not in told(desk, f"x = 2\n{read}")
        assert told(desk, "x") == "2"


@pytest.mark.parametrize("name", LEVELS)
def test_a_hidden_file_that_goes_and_comes_back_by_another_name_is_not_seen_by_the_interpreter(
    name: str, tmp_path: Path
) -> None:
    root = tmp_path / "desk"
    root.mkdir()
    (root / ".env").write_text("KEY=sk-old")
    read = "import os\nos.path.exists('.env') and open('.env').read()"
    with confined(root, needed(name), protected=[root / ".env"]) as sandbox:
        desk = Desk(root, sandbox)
        assert "sk" not in told(desk, read)
        (root / "kept").hardlink_to(root / ".env")
        (root / "saved").write_text("KEY=sk-new")
        (root / "saved").replace(root / ".env")
        (root / "kept").replace(root / ".env")  # the first one again, with nothing over it
        assert "sk" not in told(desk, read)
        assert told(desk, "x = 3\nx") == "3"
        assert told(desk, "x") == "3"  # nothing changed since: the interpreter stays
