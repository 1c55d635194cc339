"""Models of the real classes, built small and with random weights in a second or so."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from plugins.images._models import DEMO


def _parts() -> dict[str, Any]:
    """A tokenizer that knows the demo's words, a text encoder, and nothing that watches."""
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTokenizer

    tokenizer = CLIPTokenizer.from_pretrained(str(DEMO / "tokenizer"))
    config = CLIPTextConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=37,
        num_attention_heads=4,
        num_hidden_layers=2,
        max_position_embeddings=tokenizer.model_max_length,
        projection_dim=32,
        pad_token_id=tokenizer.pad_token_id,
        bos_token_id=tokenizer.bos_token_id,
        eos_token_id=tokenizer.eos_token_id,
    )
    return {"tokenizer": tokenizer, "text_encoder": CLIPTextModel(config)}


def _unet(**more: Any) -> Any:
    from diffusers import UNet2DConditionModel

    return UNet2DConditionModel(
        **{
            "block_out_channels": (16, 32),
            "layers_per_block": 1,
            "sample_size": 8,
            "in_channels": 4,
            "out_channels": 4,
            "down_block_types": ("DownBlock2D", "CrossAttnDownBlock2D"),
            "up_block_types": ("CrossAttnUpBlock2D", "UpBlock2D"),
            "cross_attention_dim": 32,
            "attention_head_dim": 4,
            "norm_num_groups": 4,
            **more,
        }
    )


def _autoencoder(halvings: int) -> Any:
    from diffusers import AutoencoderKL

    depth = halvings + 1
    return AutoencoderKL(
        block_out_channels=(8,) * depth,
        down_block_types=("DownEncoderBlock2D",) * depth,
        up_block_types=("UpDecoderBlock2D",) * depth,
        latent_channels=4,
        norm_num_groups=4,
    )


def _scheduler() -> Any:
    from diffusers import DDIMScheduler

    return DDIMScheduler(beta_schedule="scaled_linear", clip_sample=False, steps_offset=1)


def stable_diffusion(folder: Path, *, safety_checker: Any = None, seed: int = 0, width: int = 32) -> Path:
    """A StableDiffusionPipeline, saved. `width`: of its widest layer."""
    import torch
    from diffusers import StableDiffusionPipeline

    torch.manual_seed(seed)
    watched = {"safety_checker": safety_checker, "feature_extractor": None, "image_encoder": None}
    if safety_checker is not None:
        from transformers import CLIPImageProcessor

        watched["feature_extractor"] = CLIPImageProcessor(crop_size=32, size={"shortest_edge": 32})
    StableDiffusionPipeline(
        vae=_autoencoder(3),
        unet=_unet(block_out_channels=(16, width)),
        scheduler=_scheduler(),
        requires_safety_checker=safety_checker is not None,
        **_parts(),
        **watched,
    ).save_pretrained(folder)
    return folder


def watchful() -> Any:
    """A safety checker that blocks every picture."""
    import torch
    from diffusers.pipelines.stable_diffusion.safety_checker import StableDiffusionSafetyChecker
    from transformers import CLIPConfig

    small = {"hidden_size": 32, "intermediate_size": 37, "num_attention_heads": 4, "num_hidden_layers": 1}
    seen = {**small, "image_size": 32, "patch_size": 16}
    checker = StableDiffusionSafetyChecker(CLIPConfig(text_config=small, vision_config=seen, projection_dim=16))
    torch.nn.init.normal_(checker.concept_embeds)
    torch.nn.init.constant_(checker.concept_embeds_weights, -2.0)
    return checker


def control_net(folder: Path, model: Path, *, strength: float = 0.5) -> Path:
    """A ControlNet for a model, saved, whose every output is as strong as is said instead of nothing."""
    import torch
    from diffusers import ControlNetModel, UNet2DConditionModel

    net = ControlNetModel.from_unet(
        UNet2DConditionModel.from_pretrained(str(model / "unet")), conditioning_embedding_out_channels=(8, 16, 16, 16)
    )
    with torch.no_grad():
        for one in (*net.controlnet_down_blocks, net.controlnet_mid_block, net.controlnet_cond_embedding.conv_out):
            torch.nn.init.normal_(one.weight, std=strength)
    net.save_pretrained(folder)
    return folder


def lora(file: Path, model: Path, *, seed: int = 0) -> Path:
    """A LoRA for a model, saved as one file, that does something."""
    import torch
    from diffusers import StableDiffusionPipeline, UNet2DConditionModel
    from diffusers.utils import convert_state_dict_to_diffusers
    from peft import LoraConfig
    from peft.utils import get_peft_model_state_dict

    torch.manual_seed(seed)
    unet = UNet2DConditionModel.from_pretrained(str(model / "unet"))
    layers = ["to_q", "to_k", "to_v", "to_out.0"]
    unet.add_adapter(LoraConfig(r=4, lora_alpha=4, init_lora_weights=False, target_modules=layers))
    told = convert_state_dict_to_diffusers(get_peft_model_state_dict(unet))
    StableDiffusionPipeline.save_lora_weights(str(file.parent), unet_lora_layers=told, weight_name=file.name)
    return file


def upscaler(folder: Path) -> Path:
    """A StableDiffusionUpscalePipeline, which enlarges four times, saved."""
    import torch
    from diffusers import DDPMScheduler, StableDiffusionUpscalePipeline

    torch.manual_seed(0)
    StableDiffusionUpscalePipeline(
        vae=_autoencoder(2),
        unet=_unet(in_channels=7, num_class_embeds=1000),
        low_res_scheduler=DDPMScheduler(),
        scheduler=_scheduler(),
        max_noise_level=350,
        **_parts(),
    ).save_pretrained(folder)
    return folder


def latent_upscaler(folder: Path) -> Path:
    """A StableDiffusionLatentUpscalePipeline, which enlarges twice, saved."""
    import torch
    from diffusers import EulerDiscreteScheduler, StableDiffusionLatentUpscalePipeline

    torch.manual_seed(0)
    StableDiffusionLatentUpscalePipeline(
        vae=_autoencoder(3),
        unet=_unet(in_channels=8, out_channels=5, time_cond_proj_dim=160),
        scheduler=EulerDiscreteScheduler(prediction_type="sample"),
        **_parts(),
    ).save_pretrained(folder)
    return folder


def depth_model(folder: Path) -> Path:
    """A DPT for depth estimation, saved."""
    import torch
    from transformers import DPTConfig, DPTForDepthEstimation, DPTImageProcessorPil

    torch.manual_seed(0)
    config = DPTConfig(
        image_size=32,
        patch_size=8,
        hidden_size=32,
        num_hidden_layers=4,
        num_attention_heads=4,
        intermediate_size=37,
        backbone_out_indices=[0, 1, 2, 3],
        neck_hidden_sizes=[16, 16, 32, 32],
        fusion_hidden_size=16,
        is_hybrid=False,
    )
    model = DPTForDepthEstimation(config)
    layers = [one for one in model.modules() if isinstance(one, torch.nn.Conv2d)]
    for one in layers:
        torch.nn.init.kaiming_normal_(one.weight)
    torch.nn.init.constant_(layers[-1].bias, 100.0)  # it tells nothing below 0
    model.save_pretrained(folder)
    DPTImageProcessorPil(size={"height": 32, "width": 32}).save_pretrained(folder)
    return folder
