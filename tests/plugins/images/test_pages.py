"""The commands of the page on pictures by models, from top to bottom, by the demo's. They need the extra `images`."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from plugins.images._models import DEMO
from tests.docs_commands import blocks, reader_folder, run_block
from tests.plugins.images.kit import needs_pipelines

PAGE = "docs/image-models.md"


@needs_pipelines
@pytest.mark.skipif(sys.platform == "win32", reason="the blocks are written for a POSIX shell")
def test_the_page_of_models_can_be_followed_from_top_to_bottom(tmp_path: Path) -> None:
    place = reader_folder(tmp_path, PAGE)
    shown = blocks(PAGE, "sh")
    assert len(shown) > 6
    for block in shown:
        ended = run_block(place, block.text, THINKACT_MODEL="offline", THINKACT_IMAGES="demo", MODEL=str(DEMO))
        assert ended.returncode == 0, f"{block.place}: {ended.stdout}{ended.stderr}"
    made = {path.name for path in place.workspace.glob("*.*")}
    assert {"circle.png", "blue.png", "green.png", "filled.png", "circle.gif"} <= made
    assert (tmp_path / "right.png").is_file()
    assert (tmp_path / "ink.safetensors").is_file()


@pytest.mark.parametrize("page", [PAGE, "docs/image-models.zh-CN.md"])
def test_the_page_names_every_setting_of_the_models(page: str) -> None:
    text = Path(page).read_text("utf-8") + Path(page.replace("image-models", "images")).read_text("utf-8")
    settings = [line for line in Path(".env.example").read_text("utf-8").splitlines() if "THINKACT_IMAGE" in line]
    names = {line.strip("# ").partition("=")[0] for line in settings if "=" in line}
    assert [name for name in sorted(names) if f"`{name}`" not in text and name not in text] == []
