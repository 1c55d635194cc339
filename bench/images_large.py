"""Models of random weights, as large as Stable Diffusion 1.5 and XL, for `bench/images.py`.

Their pictures mean nothing; they take as long and as much memory as those of the trained ones.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from plugins.images._models import DEMO

KINDS = {"SD 1.5": 512, "SDXL": 1024}
"""Each kind, and the side of its pictures in pixels."""


def made(folder: Path, kind: str, *, tiny: bool, half: bool) -> Path:
    """Write such a model to a folder, in half precision or full; `tiny`: of its shape alone, to try this out."""
    import torch

    torch.manual_seed(0)
    kinds = torch.float16 if half else torch.float32
    parts = _common(tiny)
    if kind == "SDXL":
        import diffusers

        pipeline = diffusers.StableDiffusionXLPipeline(**parts, **_xl(tiny))
    else:
        import diffusers

        pipeline = diffusers.StableDiffusionPipeline(
            **parts,
            unet=_unet_15(tiny),
            safety_checker=None,
            feature_extractor=None,
            requires_safety_checker=False,
        )
    pipeline.to(dtype=kinds).save_pretrained(str(folder))
    return folder


def _common(tiny: bool) -> dict[str, Any]:
    """What both have: the autoencoder, the first text encoder with the demo's tokenizer, and the scheduler."""
    import diffusers
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

    channels = (32, 32, 32, 32) if tiny else (128, 256, 512, 512)
    autoencoder = diffusers.AutoencoderKL(
        block_out_channels=channels,
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        layers_per_block=2,
        latent_channels=4,
        sample_size=512,
    )
    width, layers = (64, 2) if tiny else (768, 12)
    text = CLIPTextConfig(
        hidden_size=width,
        intermediate_size=4 * width,
        num_hidden_layers=layers,
        num_attention_heads=width // 64,
        vocab_size=49408,
    )
    return {
        "vae": autoencoder,
        "text_encoder": CLIPTextModel(text),
        "tokenizer": CLIPTokenizer.from_pretrained(str(DEMO / "tokenizer")),
        "scheduler": diffusers.DDIMScheduler(
            beta_start=0.00085, beta_end=0.012, beta_schedule="scaled_linear", steps_offset=1, clip_sample=False
        ),
    }


def _unet_15(tiny: bool) -> Any:
    import diffusers

    channels, width = ((32, 64, 128, 128), 64) if tiny else ((320, 640, 1280, 1280), 768)
    return diffusers.UNet2DConditionModel(
        block_out_channels=channels, cross_attention_dim=width, attention_head_dim=8, sample_size=8 if tiny else 64
    )


def _xl(tiny: bool) -> dict[str, Any]:
    import diffusers
    from transformers import CLIPTextConfig, CLIPTextModelWithProjection, CLIPTokenizer

    width, layers, first = (64, 2, 64) if tiny else (1280, 32, 768)
    text = CLIPTextConfig(
        hidden_size=width,
        intermediate_size=4 * width,
        num_hidden_layers=layers,
        num_attention_heads=width // 64,
        projection_dim=width,
        hidden_act="gelu",
        vocab_size=49408,
    )
    unet = diffusers.UNet2DConditionModel(
        block_out_channels=(32, 64, 128) if tiny else (320, 640, 1280),
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        transformer_layers_per_block=(1, 1, 1) if tiny else (1, 2, 10),
        attention_head_dim=(1, 2, 4) if tiny else (5, 10, 20),
        cross_attention_dim=first + width,
        addition_embed_type="text_time",
        addition_time_embed_dim=256,
        projection_class_embeddings_input_dim=width + 6 * 256,
        use_linear_projection=True,
        sample_size=8 if tiny else 128,
    )
    return {
        "unet": unet,
        "text_encoder_2": CLIPTextModelWithProjection(text),
        "tokenizer_2": CLIPTokenizer.from_pretrained(str(DEMO / "tokenizer")),
        "add_watermarker": False,
    }
