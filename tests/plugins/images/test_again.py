"""Pictures of diffusion models made again from what their files tell: identical, or refused."""

from __future__ import annotations

import hashlib
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from agent.cli.images.again import Wanted, make_again
from agent.errors import UsageError
from plugins import ControlPicture, Drawing, Drawn, Lora, SourcePicture, ToolError
from plugins.images import Recipe, Studio, read_told
from plugins.images._again import again_of, lora_changed
from plugins.images._loading import hash_of_file, model_hash
from plugins.images._models import DEMO
from plugins.images._picture import Told
from tests.place import Place
from tests.plugins.images.kit import needs_pipelines

PROMPT = "a large red circle at the left on a white background"


def nothing(name: str, digest: str) -> bytes:
    raise ToolError(f"{name} {digest}")


def recipe_of(drawn: Drawn) -> Told:
    return read_told(drawn.content, "drawn")


def test_a_recipe_tells_a_drawing_with_all_that_went_into_it() -> None:
    recipe = Recipe(
        tool="inpaint_image",
        backend="diffusers",
        prompt="树",
        seed=3,
        width=8,
        height=8,
        steps=9,
        guidance_scale=2.5,
        scheduler="DDIM",
        arguments={
            "strength": 0.5,
            "method": "blend",
            "controls": [{"kind": "edges", "scale": 0.7}],
            "loras": [{"name": "墨", "weight": 0.4, "hash": "ab"}],
        },
        parents=(("a", "1"), ("b", "2"), ("c", "3"), ("d", "4")),
    )
    again = again_of(Told(recipe, {}), lambda name, _: name.encode())
    assert again.drawing == Drawing(
        prompt="树",
        seed=3,
        steps=9,
        guidance_scale=2.5,
        scheduler="DDIM",
        source=SourcePicture(image=b"a", strength=0.5, mask=b"b", method="blend"),
        controls=[ControlPicture(image=b"c", kind="edges", scale=0.7)],
        loras=[Lora(name="墨", weight=0.4)],
        reference=b"d",
    )
    assert again.exact
    assert not again.with_seed(4).exact


def test_a_lora_that_is_another_now_is_told(tmp_path: Path) -> None:
    file = tmp_path / "墨.safetensors"
    file.write_bytes(b"one")
    told = {"name": "墨", "weight": 1, "hash": hashlib.sha256(b"one").hexdigest()[:12]}
    recipe = Recipe(tool="t", backend="diffusers", width=1, height=1, arguments={"loras": [told]})
    assert lora_changed(recipe, lambda _: file) == ""
    file.write_bytes(b"two")
    assert lora_changed(recipe, lambda _: file) == "墨"


@needs_pipelines
@pytest.mark.filterwarnings("ignore")
def test_what_the_demo_drew_from_words_and_from_a_picture_comes_out_the_same() -> None:
    with Studio("demo") as studio:
        (first,) = studio.draw(Drawing(prompt=PROMPT, seed=4, steps=5, scheduler="Euler a", guidance_scale=3))
        digest = hashlib.sha256(first.content).hexdigest()
        edited = Drawing(
            prompt="a blue square", seed=8, steps=6, source=SourcePicture(image=first.content, strength=0.7)
        )
        (second,) = studio.draw(edited, tool="edit_image", parents=[("first.png", digest)])
        for made in (first, second):
            again = again_of(recipe_of(made), lambda name, _: first.content if name == "first.png" else b"")
            assert again.drawing is not None
            (drawn,) = studio.draw(again.drawing, tool=again.tool, parents=again.parents)
            assert drawn.content == made.content


@needs_pipelines
@pytest.mark.filterwarnings("ignore")
def test_a_model_of_the_users_is_found_again_by_its_name_and_held_against_its_hash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in Place(tmp_path).environment(THINKACT_IMAGE_MODELS=str(tmp_path / "models")).items():
        monkeypatch.setenv(name, value)
    shutil.copytree(DEMO, tmp_path / "models" / "水彩")
    with Studio(models=tmp_path / "models") as studio:
        (made,) = studio.draw(Drawing(prompt=PROMPT, model="水彩", seed=4, steps=2, width=64, height=64))
    Path("x.png").write_bytes(made.content)
    wanted = Wanted(file=Path("x.png"), out=None, seed=None, model="", anyway=False, preview=True)
    assert make_again(wanted) == 0
    shown = capsys.readouterr().out
    assert "drawn by diffusers (水彩)" in shown
    assert "the pixels came out identical" in shown
    assert "\x1b" not in shown  # that is no terminal
    assert Path("x-again.png").read_bytes() == made.content
    unet = tmp_path / "models" / "水彩" / "unet" / "diffusion_pytorch_model.safetensors"
    whole = unet.read_bytes()
    unet.write_bytes(whole[:-2] + bytes(byte ^ 1 for byte in whole[-2:]))
    hash_of_file.cache_clear()
    model_hash.cache_clear()
    with pytest.raises(UsageError, match=r"it was drawn by 水彩 .hash .*here is 水彩") as caught:
        make_again(wanted)
    assert "--anyway" in (caught.value.hint or "")
    assert not Path("x-again-2.png").exists()
    assert make_again(replace(wanted, anyway=True)) == 0
    assert "drawn by 水彩, not by 水彩" in capsys.readouterr().out


@needs_pipelines
@pytest.mark.filterwarnings("ignore")
def test_another_programs_picture_is_drawn_by_the_model_that_is_named() -> None:
    told = {"Prompt": PROMPT, "Sampler": "Euler a", "Steps": "2", "Seed": "6", "Size": "64x48", "CFG scale": "1.5"}
    again = again_of(Told(None, told), nothing)
    assert again.drawing is not None
    with Studio(model=DEMO) as studio:
        (drawn,) = studio.draw(again.drawing)
    recipe = drawn.recipe
    assert (recipe["scheduler"], recipe["steps"], recipe["seed"]) == ("EulerAncestralDiscrete", 2, 6)
    assert (drawn.width, drawn.height, recipe["guidance_scale"]) == (64, 48, 1.5)
    assert not again.exact
