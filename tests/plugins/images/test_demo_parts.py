"""What lies beside the demo's model does what it is there for: the CLIP finds what captions mean."""

from __future__ import annotations

import importlib.util
import random

import pytest

from plugins.images._models import DEMO
from plugins.images._scene_words import caption
from plugins.images._scenes import HELD_OUT, all_scenes, render

needs_pipelines = pytest.mark.skipif(
    any(importlib.util.find_spec(one) is None for one in ("torch", "transformers")),
    reason="needs pip install 'thinkact[images]'",
)
pytestmark = [needs_pipelines, pytest.mark.filterwarnings("ignore")]  # those of torch and diffusers are not ours

UNSEEN = tuple(scene for scene in all_scenes() if scene.triple in HELD_OUT)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_the_clip_finds_the_picture_that_a_caption_means(language: str) -> None:
    import torch
    from transformers import CLIPModel, CLIPProcessor

    clip = CLIPModel.from_pretrained(DEMO / "clip", dtype=torch.float32).eval()
    processor = CLIPProcessor.from_pretrained(DEMO / "clip")
    texts = [caption(scene, random.Random(1), language) for scene in UNSEEN]
    given = processor(
        images=[render(scene, 256) for scene in UNSEEN], text=texts, padding="max_length", return_tensors="pt"
    )
    with torch.no_grad():
        likeness = clip(**given).logits_per_text
    assert (likeness.argmax(1) == torch.arange(len(UNSEEN))).float().mean() >= 0.95
