"""Pictures looked at by real models of transformers, tiny ones that are built here: BLIP for captions and for answers,
OWL-ViT and Grounding DINO for boxes. They need the extra `images`."""

from __future__ import annotations

import io
import json
import shutil
import string
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from plugins import ToolError
from plugins.images import Studio
from plugins.images._blip import BlipBackend
from plugins.images._scenes import Scene, render
from plugins.testing import Trial
from tests.plugins.images.kit import needs_pipelines

pytestmark = [needs_pipelines, pytest.mark.filterwarnings("ignore")]  # those of torch and transformers are not ours

WORDS = ("a", "red", "blue", "circle", "square", "what", "is", "it", "?", "[UNK]", "红", "圆")


def picture(image: Image.Image) -> bytes:
    written = io.BytesIO()
    image.save(written, "PNG")
    return written.getvalue()


NOISE = picture(Image.effect_noise((50, 40), 90))
CIRCLE = picture(render(Scene("circle", "red", "white"), 64))


def words_of_bert() -> Any:
    from transformers import BertTokenizer

    names = ("[PAD]", "[CLS]", "[SEP]", "[MASK]", "[DEC]", "[ENC]", *WORDS)
    return BertTokenizer(vocab={name: at for at, name in enumerate(names)}, do_lower_case=True)


def blip(folder: Path, kind: str) -> Path:
    """A BLIP model with random weights, whose words are those above."""
    import torch
    import transformers
    from transformers.models.blip.image_processing_pil_blip import BlipImageProcessorPil

    torch.manual_seed(0)
    tokenizer = words_of_bert()
    layers = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}
    text = {
        **layers,
        "vocab_size": len(tokenizer),
        "encoder_hidden_size": 16,
        "bos_token_id": 4,
        "sep_token_id": 2,
        "eos_token_id": 2,
        "pad_token_id": 0,
        "max_position_embeddings": 32,
    }
    vision = {**layers, "image_size": 32, "patch_size": 16}
    model = getattr(transformers, kind)(transformers.BlipConfig(text_config=text, vision_config=vision))
    model.save_pretrained(folder)
    size = {"height": 32, "width": 32}
    transformers.BlipProcessor(BlipImageProcessorPil(size=size), tokenizer).save_pretrained(folder)
    return folder


def owl(folder: Path) -> Path:
    """An OWL-ViT model with random weights."""
    import torch
    import transformers
    from transformers.models.owlvit.image_processing_pil_owlvit import OwlViTImageProcessorPil

    torch.manual_seed(0)
    letters = [*string.ascii_lowercase, *(f"{letter}</w>" for letter in string.ascii_lowercase)]
    vocab = {name: at for at, name in enumerate([*letters, "<|startoftext|>", "<|endoftext|>"])}
    layers = {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 32}
    config = transformers.OwlViTConfig(
        text_config={
            **layers,
            "vocab_size": len(vocab),
            "bos_token_id": len(vocab) - 2,
            "eos_token_id": len(vocab) - 1,
        },
        vision_config={**layers, "image_size": 32, "patch_size": 8},
        projection_dim=16,
    )
    model = transformers.OwlViTForObjectDetection(config)
    model.save_pretrained(folder)
    tokenizer = transformers.CLIPTokenizer(vocab=vocab, merges=[], model_max_length=16)
    size = {"height": 32, "width": 32}
    transformers.OwlViTProcessor(OwlViTImageProcessorPil(size=size), tokenizer).save_pretrained(folder)
    return folder


def dino(folder: Path) -> Path:
    """A Grounding DINO model with random weights."""
    import torch
    import transformers
    from transformers.models.grounding_dino.image_processing_pil_grounding_dino import GroundingDinoImageProcessorPil

    torch.manual_seed(0)
    names = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "cat", "dog", ".", "?")
    tokenizer = transformers.BertTokenizer(vocab={name: at for at, name in enumerate(names)})
    stages = {"depths": [1] * 4, "num_heads": [1] * 4, "out_features": ["stage2", "stage3", "stage4"]}
    layers = {"hidden_size": 32, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16}
    parts = ("encoder_ffn_dim", "decoder_ffn_dim")
    config = transformers.GroundingDinoConfig(
        backbone_config=transformers.SwinConfig(image_size=64, patch_size=4, embed_dim=8, window_size=2, **stages),
        text_config=transformers.BertConfig(vocab_size=len(names), max_position_embeddings=64, **layers),
        d_model=32,
        encoder_layers=1,
        decoder_layers=2,
        encoder_attention_heads=2,
        decoder_attention_heads=2,
        num_queries=5,
        max_text_len=32,
        **dict.fromkeys(parts, 16),
    )
    transformers.GroundingDinoForObjectDetection(config).save_pretrained(folder)
    size = {"shortest_edge": 64, "longest_edge": 96}
    transformers.GroundingDinoProcessor(GroundingDinoImageProcessorPil(size=size), tokenizer).save_pretrained(folder)
    return folder


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with two BLIP models in it, one of OWL-ViT beside it."""
    folder = tmp_path_factory.mktemp("models")
    blip(folder / "看图" / "captions", "BlipForConditionalGeneration")
    blip(folder / "看图" / "answers", "BlipForQuestionAnswering")
    owl(folder / "owl")
    return folder


@pytest.fixture(scope="module")
def studio(folders: Path) -> Iterator[Studio]:
    with Studio("draw", caption_model=folders / "看图", detection_model=folders / "owl") as made:
        yield made


def test_who_looks_is_told_without_loading_anything(studio: Studio) -> None:
    able = studio.abilities()
    assert (able["caption"], able["ask"], able["find"]) == ("blip", "blip", "detector")
    state = next(one for one in studio.states() if one.name == "blip")
    assert (state.works, state.model) == (True, "看图")


def test_captions_come_with_falling_scores_each_once_and_always_the_same(studio: Studio) -> None:
    answers = studio.look(NOISE, candidates=5)
    assert 1 < len({one.text for one in answers}) == len(answers) <= 5
    scores = [one.score or 0 for one in answers]
    assert scores == sorted(scores, reverse=True)
    assert all(0 < one <= 1 for one in scores)
    assert {one.by for one in answers} == {"blip (看图)"}
    assert studio.look(NOISE, candidates=5) == answers
    assert len(studio.look(NOISE)) == 1
    assert studio.look(CIRCLE)[0].by == "blip (看图)"  # the user's own comes before the pixels


def test_a_question_is_asked_of_the_model_that_answers(studio: Studio) -> None:
    (answer,) = studio.look(NOISE, "What is it?")
    assert answer.by == "blip (看图)"
    assert answer.notes == ()
    (odd,) = studio.look(NOISE, "它是什么狗？")
    assert "no word for 6 of the 6 parts of the question: it may know English only" in odd.notes[0]
    assert studio.look(NOISE, "what is it " * 200)  # longer than it reads


def test_the_tool_says_who_looked(folders: Path, tmp_path: Path) -> None:
    with Trial(tmp_path) as trial, Studio("draw", caption_model=folders / "看图" / "answers") as own:
        trial.write("a.png", CIRCLE)
        trial._studio = own
        assert trial.call("ask_image", image="a.png", question="What is it?").text.endswith("by blip (answers))")
        assert trial.call("caption_image", image="a.png").text.endswith("by pixels)")


def test_a_captioner_beside_the_model_that_draws_is_taken(folders: Path, tmp_path: Path) -> None:
    shutil.copytree(folders / "看图" / "captions", tmp_path / "captioner")
    with Studio("draw", model=tmp_path) as own:
        assert own.abilities()["caption"] == "blip"
        assert own.look(NOISE)[0].by == "blip (captioner)"


def test_the_demos_captioner_is_asked_of_the_demos_world_alone(folders: Path) -> None:
    captioner = BlipBackend("captioner", folders / "看图" / "captions", model="demo", scenes=True)
    with pytest.raises(ToolError, match="captioner cannot tell what the picture shows") as caught:
        captioner.look(NOISE, "", 1)
    assert caught.value.kind == "not-here"
    assert captioner.look(CIRCLE, "", 1)[0].by == "captioner (demo)"


def test_boxes_lie_in_the_picture_the_likeliest_first(studio: Studio) -> None:
    boxes = studio.find(NOISE, ["a cat", "一只狗"])
    assert 0 < len(boxes) <= 50
    assert {one.label for one in boxes} == {"a cat", "一只狗"}
    scores = [one.score or 0 for one in boxes]
    assert scores == sorted(scores, reverse=True)
    assert min(scores) > 0.1
    for one in boxes:
        assert 0 <= one.x < one.x + one.width <= 50
        assert 0 <= one.y < one.y + one.height <= 40
        assert one.by == "detector (owl)"
    assert studio.find(NOISE, ["a very " * 60 + "long dog"])  # longer than it reads


def test_grounding_dino_finds_as_well(tmp_path: Path) -> None:
    with Studio("draw", detection_model=dino(tmp_path / "dino")) as own:
        boxes = own.find(NOISE, ["a cat", "A dog."])
    assert boxes
    assert {one.label for one in boxes} <= {"a cat", "A dog."}
    for one in boxes:
        assert 0 <= one.x < one.x + one.width <= 50
        assert 0 <= one.y < one.y + one.height <= 40


def half(folder: Path) -> None:
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:500])


def gone(folder: Path) -> None:
    (folder / "model.safetensors").unlink()


def without_words(folder: Path) -> None:
    for one in folder.glob("tokenizer*"):
        one.unlink()


def of_another(folder: Path) -> None:
    import torch
    from safetensors.torch import save_file

    save_file({"strange": torch.zeros(1)}, folder / "model.safetensors", metadata={"format": "pt"})


@pytest.mark.parametrize("spoil", [half, gone, without_words, of_another])
@pytest.mark.parametrize("which", ["captions", "owl"])
def test_a_model_that_is_not_whole_is_one_clear_line(
    folders: Path, tmp_path: Path, which: str, spoil: Callable[[Path], None]
) -> None:
    source = folders / "owl" if which == "owl" else folders / "看图" / which
    folder = shutil.copytree(source, tmp_path / "model")
    spoil(folder)
    with Studio("draw", caption_model=folder, detection_model=folder) as own, pytest.raises(ToolError) as caught:
        own.find(NOISE, ["a cat"]) if which == "owl" else own.look(NOISE)
    assert "cannot be loaded" in caught.value.message
    assert str(folder) in caught.value.message
    assert "\n" not in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize("told", ["", "{", "[1]", '{"architectures": ["GitForCausalLM"]}', '{"architectures": 3}'])
def test_a_folder_that_is_no_such_model_is_told_and_the_next_one_looks(tmp_path: Path, told: str) -> None:
    (tmp_path / "config.json").write_text(told)
    with Studio("draw", caption_model=tmp_path, detection_model=tmp_path) as own:
        states = {one.name: one for one in own.states()}
        assert "holds no BLIP model" in states["blip"].why
        assert "is no model that finds things" in states["detector"].why
        assert own.abilities()["find"] == "pixels"
        assert own.look(CIRCLE)[0].by == "pixels"


def test_how_it_stands_is_told_without_torch(folders: Path) -> None:
    code = (
        "import sys, pathlib\nfrom plugins.images import Studio\n"
        "own = Studio('auto', caption_model=pathlib.Path(sys.argv[1]), detection_model=pathlib.Path(sys.argv[2]))\n"
        "print(own.abilities()['caption'], own.abilities()['find'], 'torch' in sys.modules, 'PIL' in sys.modules)"
    )
    told = subprocess.run(
        [sys.executable, "-c", code, folders / "看图", folders / "owl"], capture_output=True, text=True, check=True
    )
    assert told.stdout.split() == ["blip", "detector", "False", "False"]


def test_nothing_is_said_beside_the_answer(folders: Path) -> None:
    code = (
        "import sys, pathlib\nfrom plugins.images import Studio\n"
        "own = Studio('draw', caption_model=pathlib.Path(sys.argv[1]), detection_model=pathlib.Path(sys.argv[2]))\n"
        "image = pathlib.Path(sys.argv[3]).read_bytes()\nown.look(image)\nown.look(image, 'what is it?')\n"
        "own.find(image, ['a cat'])"
    )
    file = folders / "noise.png"
    file.write_bytes(NOISE)
    told = subprocess.run(
        [sys.executable, "-c", code, folders / "看图", folders / "owl", file], capture_output=True, text=True
    )
    assert (told.returncode, told.stdout, told.stderr) == (0, "", "")


def test_owlv2_says_what_it_lacks(folders: Path, tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text(json.dumps({"architectures": ["Owlv2ForObjectDetection"]}))
    with Studio("draw", detection_model=tmp_path) as own:
        state = next(one for one in own.states() if one.name == "detector")
    from importlib.util import find_spec

    assert state.works == (find_spec("scipy") is not None)
    assert state.works or "scipy is not installed" in state.why
