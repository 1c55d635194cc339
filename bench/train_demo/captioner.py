"""Train the demo's captioner: a tiny BLIP that says in English or Chinese what a picture of this world shows.

    python -m bench.train_demo.captioner

Without a prompt, or after "caption", it speaks English; after "描述" Chinese. Its picture tower begins as the
CLIP's: one that began from nothing still told half of the shapes wrongly after 1,000 steps. Beside it, one linear layer
names the attributes from the picture's first token. Pictures are shown clean, noisy, softened, of less contrast and a
pixel out of place, as models and files make them.
"""

from __future__ import annotations

import argparse
import random
import re

import torch
from torch import Tensor, nn
from torch.nn import functional
from transformers import (
    BertTokenizer,
    BlipConfig,
    BlipForConditionalGeneration,
    BlipImageProcessorPil,
    BlipProcessor,
    BlipTextConfig,
    BlipVisionConfig,
    CLIPModel,
)

from bench.train_demo.clip import VISION_WIDTH, named
from bench.train_demo.places import CLIP_FOLDER, OUT
from bench.train_demo.short import train
from bench.train_demo.world import VALUES, numbers, pictures, seen_scenes
from plugins.images._scene_words import caption, vocabulary
from plugins.images._scenes import SIDE, Scene

__all__ = ["FOLDER", "PROMPTS", "new_captioner", "processor"]

FOLDER = OUT / "captioner"
PROMPTS = {"en": "caption", "zh": "描述"}
"""What it is asked by for each language."""
LENGTH = 40  # tokens, with prompt, start and end: the longest caption has 26
SEED = 20261130
_TEXT = 64
_SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "[DEC]")  # [DEC] is where BLIP's decoder begins


def processor() -> BlipProcessor:
    """Pictures to tensors, and a WordPiece tokenizer made in code.

    Chinese is not cut into characters beforehand, so that the pieces inside a run are "##" pieces, and what is decoded
    is joined again.
    """
    words = vocabulary()
    within = [f"##{word}" for word in words if not word.isascii()]
    pieces = dict.fromkeys([*_SPECIAL, ",", "，", ".", "。", "、", *PROMPTS.values(), *words, *within])
    tokens = BertTokenizer(
        vocab={piece: at for at, piece in enumerate(pieces)},
        tokenize_chinese_chars=False,
        bos_token="[DEC]",
        model_max_length=LENGTH,
    )
    grey = [0.5, 0.5, 0.5]
    look = BlipImageProcessorPil(size={"height": SIDE, "width": SIDE}, resample=4, image_mean=grey, image_std=grey)
    return BlipProcessor(look, tokens)  # 4 is Pillow's BOX


def new_captioner(words: BertTokenizer) -> BlipForConditionalGeneration:
    """An untrained BLIP for pictures of 32 x 32: 0.3 M parameters for the picture, 0.25 M for the caption."""
    vision = BlipVisionConfig(
        hidden_size=VISION_WIDTH,
        intermediate_size=2 * VISION_WIDTH,
        num_hidden_layers=2,
        num_attention_heads=4,
        image_size=SIDE,
        patch_size=8,
        hidden_act="quick_gelu",  # as the CLIP's
        initializer_range=0.02,  # the default is nearly nothing: it is made for weights that are loaded
    )
    text = BlipTextConfig(
        vocab_size=len(words),
        hidden_size=_TEXT,
        intermediate_size=4 * _TEXT,
        num_hidden_layers=2,
        num_attention_heads=4,
        max_position_embeddings=LENGTH,
        bos_token_id=words.bos_token_id,
        eos_token_id=words.sep_token_id,
        sep_token_id=words.sep_token_id,
        pad_token_id=words.pad_token_id,
    )
    torch.manual_seed(SEED)
    return BlipForConditionalGeneration(
        BlipConfig(text_config=text.to_dict(), vision_config=vision.to_dict(), initializer_range=0.02)
    )


@torch.no_grad()
def begin_as_clip(blip: BlipForConditionalGeneration, shown: Tensor) -> None:
    """Give the picture tower the CLIP's weights.

    The CLIP's has a layer norm before its first layer, BLIP's has none: what of it is linear is put into the weights,
    and its division by each token's spread becomes one by their mean over `shown`.
    """
    clip, tower = CLIPModel.from_pretrained(CLIP_FOLDER).vision_model, blip.vision_model
    norm, embedded = clip.pre_layrnorm, clip.embeddings(shown)
    scale = norm.weight / embedded.std(-1).mean()

    def normed(part: Tensor) -> Tensor:
        return (part - part.mean(-1, keepdim=True)) * scale

    patches = clip.embeddings.patch_embedding.weight
    tower.embeddings.patch_embedding.weight.copy_(normed(patches.flatten(1).T).T.view_as(patches))
    tower.embeddings.patch_embedding.bias.zero_()
    tower.embeddings.class_embedding.copy_(normed(clip.embeddings.class_embedding).view(1, 1, -1))
    places = normed(clip.embeddings.position_embedding.weight) + norm.bias
    tower.embeddings.position_embedding.copy_(places[None])
    for mine, its in zip(tower.encoder.layers, clip.encoder.layers, strict=True):
        looks = [its.self_attn.q_proj, its.self_attn.k_proj, its.self_attn.v_proj]
        mine.self_attn.qkv.weight.copy_(torch.cat([one.weight for one in looks]))
        mine.self_attn.qkv.bias.copy_(torch.cat([one.bias for one in looks]))
        mine.self_attn.projection.load_state_dict(its.self_attn.out_proj.state_dict())
        for name in ("layer_norm1", "layer_norm2", "mlp"):
            getattr(mine, name).load_state_dict(getattr(its, name).state_dict())
    tower.post_layernorm.load_state_dict(clip.post_layernorm.state_dict())


def worn(shown: Tensor) -> Tensor:
    """Pictures as models and files make them: noisy, softened, of less contrast, out of place; a third is as it was."""
    count = len(shown)
    share = torch.rand(3, count, 1, 1, 1) * (torch.rand(count, 1, 1, 1) > 1 / 3)
    soft = functional.avg_pool2d(functional.pad(shown, (1, 1, 1, 1), mode="replicate"), 3, stride=1)
    made = shown.lerp(soft, share[0]) * (1 - 0.15 * share[1]) + 0.2 * share[2] * torch.randn_like(shown)
    dx, dy = (int(torch.randint(-1, 2, ())) for _ in range(2))
    return torch.where(share[0] > 0.5, made.roll((dy, dx), (2, 3)), made).clamp(-1, 1)


def worded(scene: Scene, chance: random.Random, language: str) -> str:
    """A full caption in the plainest form of its language, with any names.

    Of all forms it had learned to begin with either colour, and then to forget which it was that it had begun with.
    """
    plain = re.compile(r"an? .* on an? \w+ background" if language == "en" else "一个.*背景是.*")
    while True:
        text = caption(scene, chance, language)
        if plain.fullmatch(text):
            return text


class Training(nn.Module):
    """The captioner and the linear layer that names the attributes; of these only the captioner is kept in the end."""

    def __init__(self, words: BertTokenizer) -> None:
        super().__init__()
        self.words, self.blip = words, new_captioner(words)
        begin_as_clip(self.blip, pictures(numbers(seen_scenes()[::20])))
        self.names = nn.Linear(VISION_WIDTH, sum(len(values) for values in VALUES.values()))

    def loss(self, step: int, size: int) -> Tensor:
        """The loss of a step."""
        chance = random.Random(f"{SEED} captioner {step}")
        scenes = chance.choices(seen_scenes(), k=size)
        texts, prompts = [], []
        for scene in scenes:
            language = chance.choice(("en", "zh"))
            texts.append(worded(scene, chance, language))
            prompts.append("" if language == "en" and chance.random() < 0.5 else PROMPTS[language])
        ids, labels = self._tokens(prompts, texts)
        values = numbers(scenes)
        told = self.blip(worn(pictures(values)), input_ids=ids, attention_mask=(ids != 0).long(), labels=labels)
        first = told.last_hidden_state[:, 0]
        return told.loss + 0.3 * named(self.names(first), values, torch.ones_like(values, dtype=torch.bool))

    def _tokens(self, prompts: list[str], texts: list[str]) -> tuple[Tensor, Tensor]:
        """What the decoder reads, and what it is to say: nothing of the start, the prompt and the filling."""
        words = self.words
        ids, labels = [], []
        for prompt, text in zip(prompts, texts, strict=True):
            asked = [words.bos_token_id, *words(prompt, add_special_tokens=False).input_ids]
            told = [*words(text, add_special_tokens=False).input_ids, words.sep_token_id]
            ids.append(torch.tensor(asked + told))
            labels.append(torch.tensor([-100] * len(asked) + told))
        pad = nn.utils.rnn.pad_sequence
        return pad(ids, True, words.pad_token_id), pad(labels, True, -100)


if __name__ == "__main__":
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--steps", type=int, default=700)
    asked.add_argument("--batch", type=int, default=96)
    asked.add_argument("--rate", type=float, default=1.5e-3)
    given = asked.parse_args()
    torch.set_num_threads(1)
    both = processor()
    training = Training(both.tokenizer)
    train("captioner", training, lambda step: training.loss(step, given.batch), steps=given.steps, rate=given.rate)
    training.blip.eval().half().save_pretrained(FOLDER)
    both.save_pretrained(FOLDER)
