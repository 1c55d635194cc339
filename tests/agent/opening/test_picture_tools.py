"""Tools for pictures are offered where they can work, and say what alone they draw."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from agent.opening.parts import make_toolbox
from agent.opening.picture_tools import PictureTools
from agent.settings import Settings
from plugins import Effect, Plugin, Tool
from tests.place import Place, no_traceback

PICTURES = {"control_image", "edit_image", "generate_image", "inpaint_image", "upscale_image"}


def settings(tmp_path: Path, images: str) -> Settings:
    return Settings.load(cwd=tmp_path, environ={"THINKACT_IMAGES": images, "THINKACT_HOME": str(tmp_path)})


def test_without_a_model_nothing_that_changes_pictures_is_offered(tmp_path: Path) -> None:
    tools = make_toolbox(settings(tmp_path, "draw"), memory=True, person=True).tools
    assert PICTURES & set(tools) == {"control_image", "generate_image", "upscale_image"}
    told = tools["generate_image"].description
    assert told.startswith("Draw pictures from words.")
    assert "Here it draws one circle, square, triangle or cross" in told
    assert told.endswith("and nothing else.")
    assert "Here" not in tools["upscale_image"].description


def test_a_folder_that_is_no_model_leaves_all_that_draws_out(tmp_path: Path) -> None:
    tools = make_toolbox(settings(tmp_path, "diffusers"), memory=True, person=True).tools
    assert PICTURES & set(tools) == {"control_image", "upscale_image"}


def test_a_tool_of_others_is_left_as_it_is(tmp_path: Path) -> None:
    own = Tool(name="edit_image", description="Own.", effect=Effect.READ, function=dict, parameters={})
    plugin = Plugin(name="own", origin="own.py", tools=(own,))
    assert PictureTools(settings(tmp_path, "draw")).of(plugin) is plugin


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def test_the_list_tells_what_is_left_out_and_a_call_says_why(place: Place) -> None:
    listed = place.thinkact("tools", "list", THINKACT_IMAGES="draw")
    assert "edit_image" not in listed.stdout
    assert "left out: edit_image: nothing here changes pictures now" in listed.stderr
    called = place.thinkact("tools", "call", "edit_image", "image=a.png", "prompt=red", THINKACT_IMAGES="draw")
    no_traceback(called)
    assert called.returncode == 2
    assert 'there is no tool "edit_image" now: nothing here changes pictures now' in called.stderr


def test_what_can_work_is_told_without_loading_what_draws(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from agent.settings import Settings\n"
        "from agent.opening.parts import make_toolbox\n"
        "make_toolbox(Settings.load(cwd=Path.cwd()), memory=True, person=True)\n"
        "print([one for one in ('torch', 'diffusers', 'transformers', 'numpy', 'PIL') if one in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"
