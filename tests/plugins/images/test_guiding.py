"""Guidance by the guiders of diffusers and by a classifier, on the demo's model. It needs the extra `images`."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from plugins import Drawing, ToolError
from plugins.images import open_picture
from plugins.images._backend import Commission
from plugins.images._guiding import GUIDERS, Classifier
from plugins.images._models import DEMO, DEMO_LOOK, Model
from plugins.images._pipelines import PipelineBackend
from plugins.images._scene_reader import read
from plugins.images._scene_words import scene_of
from tests.plugins.images.kit import needs_pipelines

pytestmark = [needs_pipelines, pytest.mark.filterwarnings("ignore")]  # those of torch and diffusers are not ours

PROMPT = "a large red circle in the center on a white background"
WORDS = "a large purple circle in the center on a white background"


@pytest.fixture(scope="module")
def extras(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a CLIP that was never trained, and the demo's tokenizer."""
    import torch
    from transformers import CLIPConfig, CLIPModel

    torch.manual_seed(3)
    folder = tmp_path_factory.mktemp("extras")
    text = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 1, "num_attention_heads": 2}
    ids = {"vocab_size": 1000, "max_position_embeddings": 32, "eos_token_id": 747, "pad_token_id": 747}
    vision = {**text, "image_size": 32, "patch_size": 8}
    CLIPModel(CLIPConfig(text_config=text | ids, vision_config=vision, projection_dim=16)).save_pretrained(
        folder / "clip"
    )
    for file in (DEMO / "tokenizer").iterdir():
        shutil.copy(file, folder / "clip")
    return folder


@pytest.fixture(scope="module")
def backend(extras: Path) -> Iterator[PipelineBackend]:
    made = PipelineBackend("demo", lambda _: Model(folder=DEMO, extras=extras, look=DEMO_LOOK, name="demo"))
    yield made
    made.close()


def draw(backend: PipelineBackend, **more: Any) -> tuple[Image.Image, dict[str, Any]]:
    wanted = Commission(drawing=Drawing(**{"prompt": PROMPT, **more}), seeds=[1], tool="generate_image")
    (drawn,) = backend.draw(wanted)
    return open_picture(drawn.content, "drawn").image, dict(drawn.recipe)


@pytest.mark.parametrize("guider", sorted(GUIDERS))
def test_a_guider_leads_to_what_the_prompt_says_on_a_way_of_its_own(backend: PipelineBackend, guider: str) -> None:
    plain, _ = draw(backend, guidance_scale=4.0)
    led, recipe = draw(backend, guidance_scale=4.0, guider=guider)
    reading = read(led)
    assert reading is not None
    assert reading.scene == scene_of(PROMPT)
    assert led.tobytes() != plain.tobytes()
    assert recipe["arguments"]["guider"] == guider
    assert draw(backend, guidance_scale=4.0)[0].tobytes() == plain.tobytes()  # nothing of it stays behind


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"guider": "magic"}, "there is no guider 'magic'"),
        ({"guider": "apg", "guidance_scale": 1.0}, "needs a guidance_scale above 1"),
    ],
)
def test_a_guider_that_cannot_work_is_refused(backend: PipelineBackend, more: dict[str, Any], said: str) -> None:
    with pytest.raises(ToolError, match=said):
        draw(backend, **more)


def test_the_harder_a_classifier_pulls_the_better_the_picture_fits_its_words(
    backend: PipelineBackend, extras: Path
) -> None:
    import numpy
    import torch

    fit = Classifier(extras / "clip", WORDS, 1.0).load("cpu")

    def fitted(scale: float) -> float:
        image, _ = draw(backend, classifier=WORDS, classifier_scale=scale, width=32)
        pixels = torch.from_numpy(numpy.asarray(image).copy()).permute(2, 0, 1)[None].float() / 255
        return float(fit(pixels)[0])

    fits = [fitted(scale) for scale in (0.0, 20.0, 100.0)]
    assert fits == sorted(fits)
    assert fits[2] > fits[0] + 0.5


def test_without_a_clip_beside_the_model_nothing_is_classified(tmp_path: Path) -> None:
    backend = PipelineBackend("demo", lambda _: Model(folder=DEMO, extras=tmp_path, look=DEMO_LOOK, name="demo"))
    with pytest.raises(ToolError, match="there is no CLIP to classify pictures"):
        draw(backend, classifier=WORDS, classifier_scale=5.0)
