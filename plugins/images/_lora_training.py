"""A style learned from a folder of pictures, as a LoRA of a Stable Diffusion model (Hu et al., 2021, arXiv 2106.09685).

The model itself stays as it is; beside its attention layers small matrices are trained, with the loss that the model
was trained with. What stands after some steps is kept, so that a training goes on where it was stopped.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plugins._outcome import ToolError
from plugins.images._families import class_of
from plugins.images._picture import open_picture

if TYPE_CHECKING:
    from PIL.Image import Image

    from plugins.images._loading import Pipelines

__all__ = ["ENDINGS", "Lesson", "Pair", "pairs_of", "train_lora"]

ENDINGS = (".png", ".jpg", ".jpeg", ".webp", ".bmp")
"""Of the files that are pictures to learn from."""
_FAMILY = "StableDiffusion"
_ATTENTION = ("to_q", "to_k", "to_v", "to_out.0")
_OTHERS = ("proj_in", "proj_out", "ff.net.0.proj", "ff.net.2", "conv1", "conv2", "conv_shortcut", "time_emb_proj")
_MOST_PICTURES, _LARGEST_FILE = 10_000, 200_000_000
_KEPT_EVERY = 50  # steps


@dataclass(frozen=True, slots=True)
class Pair:
    """A picture to learn from, and what is said of it."""

    file: Path
    caption: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lesson:
    """How a LoRA is trained.

    Attributes:
        pairs: What it learns from.
        out: The file of the LoRA, ending in .safetensors.
        steps: How often it learns, from `batch` pictures each time.
        rank: Of its matrices: how much it can hold.
        rate: The learning rate of AdamW.
        batch: Pictures at a time.
        side: To which the pictures are cut and scaled, in pixels; 8 divides it, as it does the model's.
        seed: Of the order, the noise and the first matrices.
        everywhere: Beside the convolutions as well, which holds more of texture and outline, and takes more room.
    """

    pairs: Sequence[Pair]
    out: Path
    steps: int = 500
    rank: int = 8
    rate: float = 1e-4
    batch: int = 1
    side: int = 512
    seed: int = 0
    everywhere: bool = False

    def __post_init__(self) -> None:
        bounds = {"steps": (1, 1_000_000), "rank": (1, 256), "batch": (1, 256), "side": (8, 4096)}
        for name, (least, most) in bounds.items():
            value = getattr(self, name)
            if not least <= value <= most:
                raise ToolError(f"{name} must be from {least} to {most}, not {value}")
        if self.side % 8:
            raise ToolError(f"8 must divide the side, and it is {self.side}", hint=f"such as {self.side // 8 * 8}")
        if not 0 < self.rate < 1:
            raise ToolError(f"the rate must be between 0 and 1, not {self.rate:g}", hint="1e-4 is usual")
        if self.out.suffix != ".safetensors":
            raise ToolError(f"{self.out} is no name for a LoRA", hint="end it with .safetensors")


def pairs_of(folder: Path, caption: str = "") -> list[Pair]:
    """The pictures of a folder, each with the text beside it (`a.txt` for `a.png`), or else `caption`.

    Raises:
        ToolError: there are none, too many, or one has no text.
    """
    try:
        files = sorted(one for one in folder.iterdir() if one.suffix.lower() in ENDINGS and one.is_file())
    except OSError as error:
        raise ToolError(f"{folder} cannot be read: {error.strerror}", hint="name a folder of pictures") from error
    if not files:
        raise ToolError(f"there are no pictures in {folder}", hint=f"it takes {', '.join(ENDINGS)}")
    if len(files) > _MOST_PICTURES:
        raise ToolError(f"{len(files)} pictures are too many", hint=f"{_MOST_PICTURES:,} are the most")
    return [Pair(file, _caption(file, caption)) for file in files]


def _caption(file: Path, usual: str) -> str:
    beside = file.with_suffix(".txt")
    try:
        text = " ".join(beside.read_text("utf-8").split())
    except FileNotFoundError:
        text = ""
    except (OSError, UnicodeDecodeError) as error:
        raise ToolError(f"{beside} is no text in UTF-8", hint="save it anew") from error
    if text:
        return text
    if not usual.strip():
        raise ToolError(
            f"nothing is said of {file.name}: {beside.name} is empty or not there",
            hint="write what it shows there, or give one caption for all",
        )
    return usual.strip()


def train_lora(
    folder: Path,
    lesson: Lesson,
    *,
    progress: Callable[[int, int, float], None] = lambda _done, _of, _loss: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> int:
    """Train a LoRA for the model of a folder; how many steps of the lesson are done in all.

    It goes on from what is kept beside `lesson.out`, where that is of the same lesson. The LoRA is written once all
    steps are done; until then only what the training needs to go on.

    Args:
        folder: Of a Stable Diffusion model, in the layout of diffusers.
        lesson: What it learns and how.
        progress: Told after each step: how many of how many are done, and the loss.
        cancelled: Asked after each step; where it says yes, all is kept and the training ends.

    Raises:
        ToolError: the model is of another family or cannot be loaded, a picture is broken, the LoRA is there already,
            or what is kept is of another lesson.
    """
    if class_of(folder) != _FAMILY:
        told = class_of(folder) or "no model"
        raise ToolError(
            f"LoRAs are trained for Stable Diffusion 1 and 2; {folder} is {told}", hint="name a model of that family"
        )
    if lesson.out.exists():
        raise ToolError(f"{lesson.out} is there already", hint="name another file; none is written over")
    shown = [(_opened(pair.file, lesson.side), pair.caption) for pair in lesson.pairs]
    from plugins.images._loading import Pipelines

    training = _Training(Pipelines(folder), lesson)
    learned = training.encoded(shown)
    for step in range(training.done, lesson.steps):
        loss = training.step(step, learned)
        progress(step + 1, lesson.steps, loss)
        stop = cancelled()
        if stop or (step + 1) % _KEPT_EVERY == 0:
            training.keep()
        if stop:
            return step + 1
    training.finish()
    return lesson.steps


def _opened(file: Path, side: int) -> Image:
    """The middle of a picture as a square of this side."""
    from PIL import ImageOps

    try:
        if file.stat().st_size > _LARGEST_FILE:
            raise ToolError(f"{file.name} is larger than {_LARGEST_FILE // 1_000_000} MB", hint="make it smaller")
        content = file.read_bytes()
    except OSError as error:
        raise ToolError(f"{file} cannot be read: {error.strerror}") from error
    return ImageOps.fit(open_picture(content, file.name).image.convert("RGB"), (side, side))


class _Training:
    """A UNet with matrices that learn, their optimizer, and how far they are."""

    def __init__(self, pipelines: Pipelines, lesson: Lesson) -> None:
        import torch
        from diffusers import DDPMScheduler
        from peft import LoraConfig

        self.lesson = lesson
        self.pipeline = pipelines.get("generate")
        self.unet = self.pipeline.unet.float().requires_grad_(False)
        torch.manual_seed(lesson.seed)
        config = LoraConfig(
            r=lesson.rank,
            lora_alpha=lesson.rank,
            init_lora_weights="gaussian",
            target_modules=[*_ATTENTION, *(_OTHERS if lesson.everywhere else ())],
        )
        self.unet.add_adapter(config)
        self.weights = [one for one in self.unet.parameters() if one.requires_grad]
        self.optimizer = torch.optim.AdamW(self.weights, lr=lesson.rate)
        self.noising = DDPMScheduler.from_config(self.pipeline.scheduler.config)
        self.kept = lesson.out.with_suffix(".training")
        self.done = self._go_on()

    def _go_on(self) -> int:
        """Take up what is kept; the steps that are done."""
        import pickle

        import torch

        if not self.kept.exists():
            return 0
        try:
            read = torch.load(self.kept, weights_only=True, map_location=self.pipeline.device)
            same = read["lesson"] == self._told()
        except (OSError, RuntimeError, EOFError, KeyError, TypeError, pickle.UnpicklingError) as error:
            raise ToolError(f"{self.kept} is damaged", hint="delete it to begin anew") from error
        if not same:
            raise ToolError(f"{self.kept} is of another training", hint="delete it to begin anew, or name another file")
        with torch.no_grad():
            for one, value in zip(self.weights, read["weights"], strict=True):
                one.copy_(value)
        self.optimizer.load_state_dict(read["optimizer"])
        return int(read["done"])

    def _told(self) -> list[Any]:
        """What must be the same for a training to go on; `steps` may grow."""
        lesson = self.lesson
        names = [f"{pair.file.name}: {pair.caption}" for pair in lesson.pairs]
        return [lesson.rank, lesson.rate, lesson.batch, lesson.side, lesson.seed, lesson.everywhere, names]

    def encoded(self, shown: Sequence[tuple[Image, str]]) -> list[tuple[Any, Any]]:
        """Each picture as latents, and its caption as the UNet is given it, both of them once and for all."""
        import torch
        from diffusers.pipelines.stable_diffusion.pipeline_stable_diffusion_img2img import retrieve_latents

        pipeline, learned = self.pipeline, []
        with torch.no_grad():
            for number, (picture, caption) in enumerate(shown):
                pixels = pipeline.image_processor.preprocess(picture).to(pipeline.device, pipeline.vae.dtype)
                chance = torch.Generator(pipeline.device).manual_seed(self.lesson.seed + number)
                latents = retrieve_latents(pipeline.vae.encode(pixels), chance) * pipeline.vae.config.scaling_factor
                words, _ = pipeline.encode_prompt(caption, pipeline.device, 1, False)
                learned.append((latents.float(), words.float()))
        return learned

    def step(self, step: int, learned: Sequence[tuple[Any, Any]]) -> float:
        """Learn once, always the same in the same step; the loss."""
        import torch

        chance = random.Random(f"{self.lesson.seed} {step}")
        dice = torch.Generator().manual_seed(self.lesson.seed * 1_000_003 + step)
        some = [chance.choice(learned) for _ in range(self.lesson.batch)]
        latents, words = (torch.cat([one[part] for one in some]) for part in (0, 1))
        device = latents.device
        times = torch.randint(self.noising.config.num_train_timesteps, (len(some),), generator=dice).to(device)
        noise = torch.randn(latents.shape, generator=dice).to(device)
        kind = self.noising.config.prediction_type
        wanted = noise if kind == "epsilon" else self.noising.get_velocity(latents, noise, times)
        said = self.unet(self.noising.add_noise(latents, noise, times), times, words, return_dict=False)[0]
        loss = torch.nn.functional.mse_loss(said, wanted)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.weights, 1)
        self.optimizer.step()
        self.optimizer.zero_grad()
        self.done = step + 1
        return float(loss.detach())

    def keep(self) -> None:
        """Write down all that is needed to go on; a stop in the middle leaves what was written before."""
        import torch

        kept = {
            "lesson": self._told(),
            "done": self.done,
            "weights": [one.detach().cpu() for one in self.weights],
            "optimizer": self.optimizer.state_dict(),
        }
        with _whole(self.kept) as fresh:
            torch.save(kept, fresh)

    def finish(self) -> None:
        """Write the LoRA, and let go of what was kept."""
        from diffusers.utils import convert_state_dict_to_diffusers
        from peft import get_peft_model_state_dict
        from safetensors.torch import save

        layers = convert_state_dict_to_diffusers(get_peft_model_state_dict(self.unet))
        named = {f"unet.{name}": value.detach().cpu().contiguous() for name, value in layers.items()}
        with _whole(self.lesson.out) as fresh:
            fresh.write_bytes(save(named, metadata={"format": "pt"}))
        self.kept.unlink(missing_ok=True)


@contextmanager
def _whole(file: Path) -> Iterator[Path]:
    """A file to write to that takes the place of `file` once it is whole."""
    fresh = file.with_name(f"{file.name}.new")
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        yield fresh
        fresh.replace(file)
    except (OSError, RuntimeError) as error:  # torch's own is a RuntimeError
        why = getattr(error, "strerror", None) or " ".join(str(error).split())[:100]
        raise ToolError(f"{file} cannot be written: {why}", hint="name another place") from error
    finally:
        fresh.unlink(missing_ok=True)
