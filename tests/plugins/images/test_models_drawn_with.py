"""Models that a drawing names: each is drawn with as it is asked for, and one at a time is kept in memory."""

from __future__ import annotations

import gc
import shutil
from pathlib import Path

import pytest

from plugins import Drawing, Drawn, ToolError
from plugins.images import Studio, read_told
from plugins.images._models import DEMO
from tests.plugins.images.kit import needs_pipelines
from tests.plugins.images.shelves import cached

pytestmark = [needs_pipelines, pytest.mark.filterwarnings("ignore")]


def draw(studio: Studio, model: str) -> Drawn:
    (drawn,) = studio.draw(Drawing(prompt="a red circle", model=model, seed=1, steps=2, width=64, height=64))
    return drawn


def test_each_drawing_is_by_the_model_that_it_names_and_one_is_kept(tmp_path: Path) -> None:
    from plugins.images._loading import Pipelines

    shutil.copytree(DEMO, tmp_path / "models" / "水彩")
    half = cached(tmp_path / "hub", "someone/half")
    for file in half.rglob("*.safetensors"):
        file.rename(file.with_name(f"{file.stem}.fp16.safetensors"))
    with Studio(models=tmp_path / "models", cache=tmp_path / "hub") as studio:
        first = draw(studio, "水彩")
        other = draw(studio, "someone/half")
        assert sum(isinstance(one, Pipelines) for one in gc.get_objects()) == 1
        again = draw(studio, "水彩")
        assert studio.abilities()["generate"] == "demo"  # which draws where none is named
        assert draw(studio, "demo").backend == "demo"
        with pytest.raises(ToolError, match="there is no model '油画' here"):
            draw(studio, "油画")
    assert (first.model, other.model, first.backend) == ("水彩", "someone/half", "diffusers")
    assert first.content == again.content
    told = read_told(other.content, "other").recipe
    assert told is not None
    assert told.model == "someone/half"


def test_what_the_named_model_cannot_do_is_said_of_it(tmp_path: Path) -> None:
    index = shutil.copytree(DEMO, tmp_path / "words") / "model_index.json"
    index.write_text(index.read_text().replace("StableDiffusionPipeline", "CogView4Pipeline"))
    from plugins import SourcePicture

    drawing = Drawing(prompt="x", model=str(tmp_path / "words"), source=SourcePicture(image=b""))
    with Studio() as studio, pytest.raises(ToolError, match="the model words cannot change a picture"):
        studio.draw(drawing)
