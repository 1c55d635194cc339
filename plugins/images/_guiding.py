"""Other guidance than plain classifier-free guidance: the guiders of diffusers, and guidance by a classifier.

Both change what a pipeline's model says, for the time of a drawing, so that every pipeline with a UNet draws by them.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plugins._outcome import ToolError

__all__ = ["GUIDERS", "Classifier", "classified", "guided"]

GUIDERS: Mapping[str, str] = {
    "apg": "AdaptiveProjectedGuidance",
    "cfg-zero": "ClassifierFreeZeroStarGuidance",
    "tcfg": "TangentialClassifierFreeGuidance",
}
"""Those that need no more than what the model says with and without the prompt, and their classes in diffusers. That of
magnitudes is not among them: in diffusers 0.42 it fails on pictures."""
_FAINT = 1e-3  # of the signal in the noise: below it nothing can be told of the picture


@contextmanager
def guided(pipeline: Any, name: str, scale: float, steps: int) -> Iterator[None]:
    """Within it a pipeline follows its prompt by a guider instead of plain classifier-free guidance.

    The pipeline works out u + s (c - u) from what the model says without (u) and with (c) the prompt. Both are replaced
    by what the guider makes of them, so that just that comes out of the pipeline's own formula.

    Args:
        pipeline: Of any family with a UNet.
        name: One of GUIDERS; "" changes nothing.
        scale: The guidance scale; above 1, as the pipeline asks without the prompt only then.
        steps: How often the model is asked for one picture.

    Raises:
        ToolError: there is no such guider, or not for this model.
    """
    if not name:
        yield
        return
    if name not in GUIDERS:
        raise ToolError(f"there is no guider {name[:40]!r}", hint=f"one of {', '.join(GUIDERS)}, or none")
    unet = getattr(pipeline, "unet", None)
    if unet is None:
        raise ToolError("this model's family takes no guider", hint="leave guider out")
    if scale <= 1:
        raise ToolError(f"a guider needs a guidance_scale above 1, not {scale:g}", hint="leave guider out, or raise it")
    from diffusers import guiders

    guider = getattr(guiders, GUIDERS[name])(guidance_scale=scale)
    asked = 0

    def after(said: Any, timestep: Any) -> Any:
        nonlocal asked
        guider.set_state(step=asked % steps, num_inference_steps=steps, timestep=timestep)
        asked += 1
        without, with_prompt = said.chunk(2)
        made = guider.forward(with_prompt, without)
        return made.pred.repeat(2, 1, 1, 1)

    with _changed(unet, after):
        yield


@contextmanager
def _changed(unet: Any, after: Callable[[Any, Any], Any]) -> Iterator[None]:
    """Within it, what a UNet says goes through `after`, together with the time step."""
    plain = unet.forward

    @functools.wraps(plain)
    def forward(sample: Any, timestep: Any, *args: Any, **named: Any) -> Any:
        said = plain(sample, timestep, *args, **{**named, "return_dict": False})
        return (after(said[0], timestep), *said[1:])

    unet.forward = forward
    try:
        yield
    finally:
        unet.forward = plain


@dataclass
class Classifier:
    """A CLIP that tells how well a picture fits words, in the place of the classifier of Dhariwal and Nichol (2021),
    "Diffusion models beat GANs on image synthesis", section 4; as in GLIDE (Nichol et al., 2021), section 2.4.

    Args:
        folder: Of a CLIP as transformers saves it, with its tokenizer.
        words: What the picture is to be.
        scale: How hard it pulls.
    """

    folder: Path
    words: str
    scale: float

    def load(self, device: Any) -> Callable[[Any], Any]:
        """A function from pictures (n, 3, height, width), 0 to 1, to how well each fits the words, as the CLIP's own
        logit: (n,).

        Raises:
            ToolError: the folder holds no CLIP that can be loaded.
        """
        import torch
        from transformers import AutoTokenizer, CLIPModel

        try:
            model = CLIPModel.from_pretrained(str(self.folder), local_files_only=True).to(device, torch.float32).eval()
            tokenizer = AutoTokenizer.from_pretrained(str(self.folder), local_files_only=True)
        except (OSError, ValueError, RuntimeError, KeyError) as error:
            why = " ".join(str(error).split())[:200]
            raise ToolError(f"the CLIP {self.folder} cannot be loaded: {why}", hint="get its files again") from error
        model.requires_grad_(False)
        mean, spread = _normalising(self.folder, device)
        side = int(model.config.vision_config.image_size)
        ids = tokenizer([self.words], padding="max_length", truncation=True, return_tensors="pt").input_ids.to(device)
        words = torch.nn.functional.normalize(model.get_text_features(input_ids=ids).pooler_output, dim=-1)

        def fit(pictures: Any) -> Any:
            sized = torch.nn.functional.interpolate(pictures, (side, side), mode="bilinear", antialias=True)
            seen = model.get_image_features(pixel_values=(sized - mean) / spread).pooler_output
            return model.logit_scale.exp() * (torch.nn.functional.normalize(seen, dim=-1) * words).sum(-1)

        return fit


@contextmanager
def classified(pipeline: Any, classifier: Classifier | None) -> Iterator[None]:
    """Within it each step of a pipeline is drawn towards what a classifier is to see.

    The gradient of its score is taken at the picture that the model expects at that step, and added to the noise that
    the model says, scaled by the noise's share (Dhariwal and Nichol, 2021, algorithm 2).

    Raises:
        ToolError: the scheduler's or the model's kind does not allow it.
    """
    if classifier is None:
        yield
        return
    scheduler, vae = pipeline.scheduler, getattr(pipeline, "vae", None)
    kind = scheduler.config.get("prediction_type", "")
    if vae is None or kind not in ("epsilon", "v_prediction") or not hasattr(scheduler, "alphas_cumprod"):
        raise ToolError("this model cannot be guided by a classifier", hint="leave the classifier out")
    fit = classifier.load(pipeline.device)
    plain = scheduler.step

    @functools.wraps(plain)
    def step(said: Any, timestep: Any, sample: Any, *args: Any, **named: Any) -> Any:
        pulled = _pull(said, sample, scheduler.alphas_cumprod[int(timestep)].to(sample.device), kind, vae, fit)
        return plain(said + classifier.scale * pulled, timestep, sample, *args, **named)

    scheduler.step = step
    try:
        yield
    finally:
        del scheduler.step  # the class's own comes forth again


def _pull(said: Any, sample: Any, alpha: Any, kind: str, vae: Any, fit: Callable[[Any], Any]) -> Any:
    """What is to be added to what the model says, for a scale of 1."""
    import torch

    if float(alpha) < _FAINT:
        return torch.zeros_like(said)
    signal, noise = alpha.sqrt(), (1 - alpha).sqrt()
    with torch.enable_grad():
        begin = sample.detach().float().requires_grad_()
        told = said.detach().float()
        expected = signal * begin - noise * told if kind == "v_prediction" else (begin - noise * told) / signal
        picture = vae.decode((expected / vae.config.scaling_factor).to(vae.dtype), return_dict=False)[0]
        score = fit((picture.float() / 2 + 0.5).clamp(0, 1)).sum()
        gradient = torch.autograd.grad(score, begin)[0]
    moved = -noise * gradient  # of the noise
    return (moved / signal if kind == "v_prediction" else moved).to(said.dtype)


def _normalising(folder: Path, device: Any) -> tuple[Any, Any]:
    """The mean and the spread that the CLIP's pictures are brought to, as (1, 3, 1, 1)."""
    import json

    import torch

    try:
        read = json.loads((folder / "preprocessor_config.json").read_text("utf-8"))
    except (OSError, ValueError):
        read = {}
    usual = {"image_mean": [0.48145466, 0.4578275, 0.40821073], "image_std": [0.26862954, 0.26130258, 0.27577711]}
    mean, spread = (
        torch.tensor(read.get(name, usual[name]), device=device).view(1, 3, 1, 1)
        for name in ("image_mean", "image_std")
    )
    return mean, spread
