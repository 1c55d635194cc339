"""The parts of the demo model beside its words: the denoiser, the autoencoder that changes nothing, and the schedule.

Their shapes follow what Stable Diffusion's pipelines, LoRA and ControlNet need: four latent channels, a time width of
four times the first channel, a text width that 64 divides.
"""

from __future__ import annotations

import torch
from diffusers import AutoencoderTiny, DDIMScheduler, UNet2DConditionModel
from torch import nn

from plugins.images._scenes import SIDE

__all__ = ["CHANNELS", "identity_autoencoder", "new_unet", "schedule"]

CHANNELS = 4
_SCALE = 128.0  # so small are the latents that the tanh before the decoder leaves them alone, and halves are exact


def new_unet(
    widths: tuple[int, ...] = (32, 32, 64, 96), attention: tuple[bool, ...] = (False, False, True, True), text: int = 64
) -> UNet2DConditionModel:
    """An untrained denoiser. `attention` says at which resolutions, from 32 x 32 downwards, it looks at the words."""
    down = tuple("CrossAttnDownBlock2D" if here else "DownBlock2D" for here in attention)
    up = tuple("CrossAttnUpBlock2D" if here else "UpBlock2D" for here in reversed(attention))
    return UNet2DConditionModel(
        sample_size=SIDE,
        in_channels=CHANNELS,
        out_channels=CHANNELS,
        block_out_channels=widths,
        down_block_types=down,
        up_block_types=up,
        layers_per_block=1,
        cross_attention_dim=text,
        attention_head_dim=4,  # by an old mistake of diffusers this is the number of heads
        norm_num_groups=8,
        resnet_time_scale_shift="scale_shift",
        addition_embed_type="text",
    )


def identity_autoencoder() -> AutoencoderTiny:
    """An autoencoder whose latents are the picture itself, in three of four channels, at full resolution.

    So the model draws in pixels, and yet every latent diffusion pipeline takes it.
    """
    tiny = AutoencoderTiny(
        encoder_block_out_channels=(8,),
        decoder_block_out_channels=(8,),
        num_encoder_blocks=(0,),
        num_decoder_blocks=(0,),
        latent_channels=CHANNELS,
        scaling_factor=_SCALE,
    )
    convolutions = [part for part in tiny.modules() if isinstance(part, nn.Conv2d)]
    with torch.no_grad():
        for part in convolutions:
            part.weight.zero_()
            if part.bias is not None:
                part.bias.zero_()
        first, second, third, fourth = convolutions  # of the encoder, which sees 0 to 1; then of the decoder
        for channel in range(3):
            first.weight[channel, channel, 1, 1] = 1
            second.weight[channel, channel, 1, 1] = 2 / _SCALE
            # The decoder's ReLU lets nothing below zero through: it is given 0 to 1.
            third.weight[channel, channel, 1, 1] = _SCALE / 2
            fourth.weight[channel, channel, 1, 1] = 1
        assert second.bias is not None
        assert third.bias is not None
        second.bias[:3] = -1 / _SCALE
        third.bias[:3] = 0.5
    return tiny.eval()


def schedule() -> DDIMScheduler:
    """The cosine schedule of Improved DDPM, begun at pure noise; the model says the velocity."""
    return DDIMScheduler(
        num_train_timesteps=1000,
        beta_schedule="squaredcos_cap_v2",
        prediction_type="v_prediction",
        timestep_spacing="trailing",
        clip_sample=True,
        clip_sample_range=1.0,
        set_alpha_to_one=True,
        steps_offset=0,
    )
