"""The training of the demo model: its parts do what the pipelines need, and a stop in the middle changes nothing."""

from __future__ import annotations

import random
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from plugins.images._scene_words import LANGUAGES, caption, vocabulary
from plugins.images._scenes import HELD_OUT, all_scenes

torch: Any = pytest.importorskip("torch", reason="the extra images is not installed")
pytest.importorskip("diffusers", reason="the extra images is not installed")
pytestmark = pytest.mark.filterwarnings("default")  # of what torch and its companions deprecate


def part(name: str) -> Any:
    return import_module(f"bench.train_demo.{name}")


def test_each_word_of_a_caption_is_one_token() -> None:
    words, chance = part("tokens").tokenizer(), random.Random(1)
    for word in vocabulary():
        assert len(words(word).input_ids) == 3, word
    for scene in chance.sample(all_scenes(), 200):
        for language in LANGUAGES:
            text = caption(scene, chance, language)
            pieces = len(text.replace(",", " ,").split()) if language == "en" else len(text)
            assert len(words(text).input_ids) == pieces + 2 <= part("tokens").LENGTH, text


def test_the_autoencoder_changes_nothing() -> None:
    plain = part("network").identity_autoencoder()
    picture = torch.rand(2, 3, 32, 32) * 2 - 1
    latents = plain.encode(picture).latents
    assert latents.shape == (2, 4, 32, 32)
    assert (plain.decode(latents).sample - picture).abs().max() < 1e-4


def test_no_batch_holds_what_is_held_out() -> None:
    world = part("world")
    assert not {scene.triple for scene in world.seen_scenes()} & HELD_OUT
    assert {scene.triple for scene in world.unseen_scenes()} == HELD_OUT
    chance = random.Random(2)
    for scene in chance.sample(world.seen_scenes(), 100):
        other = world.neighbour(scene, chance)
        assert other.triple not in HELD_OUT
        differing = [name for name in world.VALUES if getattr(other, name) != getattr(scene, name)]
        assert len(differing) == 1


def test_the_pictures_of_the_training_are_those_of_the_world() -> None:
    world, reading = part("world"), part("reading")
    some = random.Random(3).sample(all_scenes(), 30)
    assert set(reading.right(some, world.pictures(world.numbers(some))).values()) == {1.0}


def test_a_training_that_was_stopped_goes_on_as_if_it_had_not_been(
    tmp_path: Path,
) -> None:
    train, network = part("train"), part("network")
    alphas = network.schedule().alphas_cumprod

    def training(name: str) -> Any:
        return train.Training(tmp_path / name, 1e-3, lambda: network.new_unet((16, 16), (False, True)))

    def told(texts: list[str]) -> Any:
        return torch.ones(len(texts), 32, 64)

    def go_on(one: Any, steps: int) -> Any:
        for _ in range(steps):
            one.advance(train.batch(told, one.step, 4), alphas, 1.0)
        return one

    through = go_on(training("through"), 4)
    go_on(training("stopped"), 2).keep()
    resumed = go_on(training("stopped"), 2)
    assert (resumed.step, resumed.seen) == (4, 16)
    for one, other in zip(through.average.parameters(), resumed.average.parameters(), strict=True):
        assert torch.equal(one, other)
