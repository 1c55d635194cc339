"""Drawings that follow control maps and take LoRAs: real pipelines whose weights are random."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from plugins.images import Studio
from plugins.images._scenes import Scene
from tests.plugins.images import tiny
from tests.plugins.images.atelier import Atelier
from tests.plugins.images.kit import needs_pipelines

pytestmark = [needs_pipelines, pytest.mark.filterwarnings("ignore")]  # those of torch and diffusers are not ours

ASKED = {"prompt": "a red circle", "size": "64x64", "steps": 3, "seed": 1}


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model with two LoRAs and a ControlNet beside it, and a LoRA of another family."""
    folder = tiny.stable_diffusion(tmp_path_factory.mktemp("models") / "模型")
    (folder / "loras").mkdir()
    for seed, name in enumerate(("ink", "水墨"), 1):
        tiny.lora(folder / "loras" / f"{name}.safetensors", folder, seed=seed)
    tiny.control_net(folder / "controlnets" / "edges", folder)
    wide = tiny.stable_diffusion(folder.parent / "wide", width=64)
    tiny.lora(folder / "loras" / "wide.safetensors", wide)
    return folder


@pytest.fixture(scope="module")
def studio(model: Path) -> Iterator[Studio]:
    with Studio("diffusers", model=model) as made:
        yield made


@pytest.fixture
def trial(tmp_path: Path, studio: Studio) -> Iterator[Atelier]:
    with Atelier(tmp_path, studio) as made:
        made.put("圆.png", Scene("circle", "red", "white", "large", "left"))
        yield made


def test_loras_are_blended_by_their_weights_and_let_go_of(trial: Atelier) -> None:
    def drawn(*loras: str) -> str:
        handle = trial.made("generate_image", **ASKED, loras=list(loras)).value[0]["handle"]
        return str(trial.picture(handle).tobytes().hex())

    bare, ink, water = drawn(), drawn("ink"), drawn("水墨")
    both, other = drawn("ink:0.7", "水墨:0.3"), drawn("ink:0.3", "水墨:0.7")
    assert len({bare, ink, water, both, other}) == 5
    assert drawn("ink:0.7", "水墨:0.3") == both
    assert drawn("ink:0") == bare
    assert drawn() == bare


def test_what_a_picture_was_drawn_with_it_tells(trial: Atelier) -> None:
    (value,) = trial.made("edit_image", image="圆.png", prompt="a circle", steps=4, loras=["水墨:0.5"]).value
    (told,) = trial.told(value["path"]).arguments["loras"]
    assert (told["name"], told["weight"], len(told["hash"])) == ("水墨", 0.5, 12)


def test_a_map_is_made_of_the_picture_kept_and_followed(trial: Atelier) -> None:
    bare = trial.made("generate_image", **ASKED).value[0]["handle"]
    made = trial.made("generate_image", **ASKED, control_image="圆.png", control_kind="edges")
    (value,) = made.value
    assert value["handle"] != bare
    told = trial.told(value["path"])
    (map_, _), (original, _) = told.parents
    assert original == "圆.png"
    assert told.arguments["controls"] == [{"kind": "edges", "scale": 1.0}]
    assert map_ in made.text
    assert trial.told(map_).tool == "control_image"
    by_map = trial.made("generate_image", **ASKED, control_image=map_, control_kind="edges")
    assert trial.picture(by_map.value[0]["path"]).tobytes() == trial.picture(value["path"]).tobytes()
    assert [name for name, _ in trial.told(by_map.value[0]["path"]).parents] == [map_]
    weak = trial.made("generate_image", **ASKED, control_image=map_, control_kind="edges", control_scale=0).value
    assert trial.picture(weak[0]["path"]).tobytes() == trial.picture(bare).tobytes()
    plain = trial.made("generate_image", **ASKED, control_image="圆.png", control_kind="edges", control_map=True).value
    assert trial.picture(plain[0]["path"]).tobytes() != trial.picture(value["path"]).tobytes()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ({"loras": ["wide"]}, "the LoRA wide.safetensors cannot be loaded"),
        ({"loras": ["oil"]}, "there is no LoRA 'oil' | there is ink, wide, 水墨"),
        ({"loras": ["ink:9"]}, "the weight of a LoRA must be from -4 to 4"),
        ({"loras": ["ink:much"]}, "'ink:much' is no LoRA with a weight"),
        ({"control_image": "圆.png"}, "control_image needs its control_kind"),
        ({"control_kind": "edges"}, "control_kind is edges and no control_image is named"),
        ({"control_image": "圆.png", "control_kind": "hough"}, "no kind 'hough' of control map"),
        ({"control_image": "圆.png", "control_kind": "scribble"}, "there is no ControlNet for scribble"),
        ({"control_image": "圆.png", "control_kind": "pose"}, "they are drawn from points"),
        ({"control_image": "圆.png", "control_kind": "depth"}, "nothing here can make a depth map"),
        ({"control_image": "圆.png", "control_kind": "edges", "control_scale": 3}, "scale of a control must be from 0"),
        ({"control_image": "圆.png", "control_kind": "edges", "size": "64x96"}, "another shape than 64 x 96"),
        ({"control_image": "none.png", "control_kind": "edges"}, "none.png"),
        ({"reference_image": "圆.png"}, "nothing here can take up the look of a reference picture"),
        ({"size": "70x50"}, "a side of 70 pixels is not drawn: 8 must divide it"),
    ],
)
def test_what_does_not_fit_the_model_is_one_clear_line(trial: Atelier, arguments: dict[str, object], said: str) -> None:
    assert said in trial.refused("generate_image", **{**ASKED, **arguments})


def test_after_a_lora_that_does_not_fit_it_is_drawn_as_before(trial: Atelier) -> None:
    bare = trial.made("generate_image", **ASKED).value[0]["handle"]
    trial.refused("generate_image", **ASKED, loras=["ink", "wide"])
    assert trial.made("generate_image", **ASKED).value[0]["handle"] == bare


def test_without_a_control_net_nothing_follows_a_map(tmp_path: Path) -> None:
    with Atelier(tmp_path, Studio("draw")) as trial:
        trial.put("a.png", Scene("circle", "red", "white"))
        asked = {"prompt": "a red circle", "control_image": "a.png", "control_kind": "edges"}
        assert "nothing here can follow a control map" in trial.refused("generate_image", **asked)
