"""What is done where memory is short: decided by figures, before a model is loaded."""

from __future__ import annotations

import json
import shutil
import struct
from pathlib import Path

import pytest

from plugins import Drawing, ToolError
from plugins.images import Studio
from plugins.images._memory import free_memory, relief, weight_bytes
from plugins.images._models import DEMO
from tests.plugins.images.kit import needs_pipelines

GB = 1_000_000_000
MEGAPIXEL = 1024 * 1024


@pytest.mark.parametrize(
    ("device", "free", "weights", "pixels", "largest", "steps"),
    [
        ("cuda", 24 * GB, 7 * GB, MEGAPIXEL, 5 * GB, []),
        ("cuda", 8 * GB, 7 * GB, MEGAPIXEL, 5 * GB, ["offload"]),
        ("cuda", 4 * GB, 7 * GB, MEGAPIXEL, 5 * GB, ["groups"]),
        ("cuda", 8 * GB, 7 * GB, 0, None, ["groups"]),
        ("cuda", 24 * GB, 7 * GB, MEGAPIXEL + 1, 5 * GB, ["tiling", "slicing"]),
        ("cuda", 8 * GB, 7 * GB, 4 * MEGAPIXEL, 5 * GB, ["offload", "tiling", "slicing"]),
        ("cpu", 10 * GB, 7 * GB, 0, None, []),
        ("cpu", 9 * GB, 7 * GB, 4 * MEGAPIXEL, 1 * GB, ["refuse"]),
        ("cpu", None, 7 * GB, 0, None, []),
        ("cpu", None, 7 * GB, 4 * MEGAPIXEL, None, ["tiling", "slicing"]),
    ],
)
def test_what_is_done_follows_from_the_figures(
    device: str, free: int | None, weights: int, pixels: int, largest: int | None, steps: list[str]
) -> None:
    assert list(relief(device, free, weights, pixels, largest=largest)) == steps


def huge(folder: Path) -> Path:
    """A model whose weights tell that they are of a size that no machine has; the file itself is small."""
    copy = shutil.copytree(DEMO, folder / "巨大")
    header = {"w": {"dtype": "F16", "shape": [1_000_000, 50_000_000], "data_offsets": [0, 10**14]}}
    told = json.dumps(header).encode()
    (copy / "unet" / "diffusion_pytorch_model.safetensors").write_bytes(struct.pack("<Q", len(told)) + told)
    return copy


def test_weights_are_weighed_as_they_are_loaded(tmp_path: Path) -> None:
    whole = weight_bytes(DEMO, 4)
    assert set(whole) == {"text_encoder", "unet", "vae"}
    assert sum(whole.values()) == pytest.approx(2 * sum(weight_bytes(DEMO, 2).values()), rel=0.01)
    assert weight_bytes(huge(tmp_path), 4)["unet"] == 2 * 10**14


def test_the_memory_that_is_free_is_told_in_bytes() -> None:
    free = free_memory()
    assert free is None or 1_000_000 < free < 10**14


@needs_pipelines
@pytest.mark.filterwarnings("ignore")
def test_a_model_that_does_not_fit_is_refused_with_the_figures_and_is_not_loaded(tmp_path: Path) -> None:
    with Studio("diffusers", model=huge(tmp_path)) as studio, pytest.raises(ToolError) as caught:
        list(studio.draw(Drawing(prompt="a red circle")))
    assert "not enough memory for the model 巨大: the model takes 200000" in caught.value.message
    assert "GB are free" in caught.value.message


@needs_pipelines
@pytest.mark.filterwarnings("ignore")
def test_only_large_pictures_are_decoded_in_tiles() -> None:
    from plugins.images._loading import Pipelines

    pipelines = Pipelines(DEMO)
    vae = pipelines.get("generate").vae
    assert pipelines.spare(MEGAPIXEL) == []
    assert not vae.use_tiling
    assert pipelines.spare(MEGAPIXEL + 8) == ["so large a picture is decoded in tiles, to spare memory"]
    assert vae.use_tiling
    assert pipelines.spare(0) == []
    assert not vae.use_tiling
