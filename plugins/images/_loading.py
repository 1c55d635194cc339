"""Models of diffusers loaded from folders, quiet, on the best device that there is; torch is imported here alone."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import Any

from plugins._outcome import ToolError
from plugins.images._families import parts_of
from plugins.images._hub import variant_of
from plugins.images._memory import GROUPS, OFFLOAD, REFUSE, TILING, free_memory, relief, weight_bytes

__all__ = ["Pipelines", "enough_memory", "hash_of_file", "model_hash", "told_as_one_line"]

_AGAIN = "get its files again"
_ADAPTERS = "lora"


class Pipelines:
    """The pipelines of one model, all of the same weights: from words, from a picture, with a mask, with controls.

    Args:
        folder: The model's.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._first, self._spared = _loaded(folder)
        self._others: dict[tuple[str, tuple[Path, ...]], Any] = {}
        self._controls: dict[Path, Any] = {}
        self._loras: Mapping[Path, float] = {}

    def spare(self, pixels: int) -> Sequence[str]:
        """Have memory spared for a picture of so many pixels, 0 for the usual size; what of that is to be said."""
        vae = getattr(self._first, "vae", None)
        tiled = TILING in relief("cpu", None, 0, pixels) and hasattr(vae, "enable_tiling")
        for name in ("tiling", "slicing"):
            switch = getattr(vae, f"{'enable' if tiled else 'disable'}_{name}", None)
            if switch is not None:
                switch()
        return [*self._spared.values(), *(["so large a picture is decoded in tiles, to spare memory"] if tiled else [])]

    def get(self, main: str, controls: Sequence[Path] = ()) -> Any:
        """The pipeline that does `main` ("generate", "edit", "inpaint") by the ControlNets of these folders.

        Raises:
            ToolError: the model's family has none.
        """
        key = main, tuple(controls)
        if key == ("generate", ()):
            return self._first
        if key not in self._others:
            self._others[key] = self._made(main, controls)
        return self._others[key]

    def _made(self, main: str, controls: Sequence[Path]) -> Any:
        import diffusers

        kinds = {
            "generate": diffusers.AutoPipelineForText2Image,
            "edit": diffusers.AutoPipelineForImage2Image,
            "inpaint": diffusers.AutoPipelineForInpainting,
        }
        nets = [self._control(folder) for folder in controls]
        more = {"controlnet": nets[0] if len(nets) == 1 else nets} if nets else {}
        try:
            made = kinds[main].from_pipe(self._first, **more)
        except (ValueError, TypeError) as error:
            with_maps = " by control maps" if controls else ""
            raise ToolError(
                f"the model {self.folder.name} cannot {main}{with_maps}", hint="name a model of another family"
            ) from error
        made.set_progress_bar_config(disable=True)
        if OFFLOAD in self._spared:
            made.enable_model_cpu_offload()
        return made

    def _control(self, folder: Path) -> Any:
        if folder not in self._controls:
            from diffusers import ControlNetModel

            with told_as_one_line(f"the ControlNet {folder}", "is it for this model?"):
                net = ControlNetModel.from_pretrained(
                    str(folder), dtype=self._first.dtype, local_files_only=True, use_safetensors=True
                )
            if GROUPS in self._spared:
                import torch

                net.enable_group_offload(torch.device("cuda"), offload_type="leaf_level")
            else:
                net.to(self._first.device)
            self._controls[folder] = net
        return self._controls[folder]

    def adapt(self, loras: Mapping[Path, float]) -> None:
        """Draw with these LoRAs from now on, each with its weight, and with no others.

        Raises:
            ToolError: one is not for this model; then none is in force.
        """
        if dict(loras) == dict(self._loras):
            return
        if self._loras:
            self._first.unload_lora_weights()
            self._loras = {}
        names = {file: f"{_ADAPTERS}{number}" for number, file in enumerate(loras)}
        try:
            for file, name in names.items():
                self._add(file, name)
            if names:
                self._first.set_adapters(list(names.values()), [loras[file] for file in names])
        except ToolError:
            self._first.unload_lora_weights()
            raise
        self._loras = dict(loras)

    def _add(self, file: Path, name: str) -> None:
        with told_as_one_line(f"the LoRA {file.name}", "is it for a model of this family?"):
            self._first.load_lora_weights(
                str(file.parent), weight_name=file.name, adapter_name=name, local_files_only=True
            )
        known = {one for names in self._first.get_list_adapters().values() for one in names}
        if name not in known:
            raise ToolError(f"the LoRA {file.name} changes nothing of this model", hint="is it for another family?")


@contextmanager
def told_as_one_line(what: str, hint: str) -> Iterator[None]:
    """Whatever is said of weights that are not whole or do not fit, as one line."""
    import torch
    from safetensors import SafetensorError

    try:
        yield
    except torch.OutOfMemoryError as error:
        raise ToolError(f"there is not enough memory to load {what}", hint="name a smaller one") from error
    except (OSError, ValueError, RuntimeError, KeyError, TypeError, AttributeError, SafetensorError) as error:
        why = " ".join(str(error).split())[:200]
        raise ToolError(f"{what} cannot be loaded: {why}", hint=hint) from error


def _loaded(folder: Path) -> tuple[Any, Mapping[str, str]]:
    """The pipeline of a folder, and what was done so that it fits, each with what is to be said of it."""
    import torch
    from transformers.utils import logging as told_by_transformers

    told_by_transformers.set_verbosity_error()
    told_by_transformers.disable_progress_bar()
    import diffusers

    diffusers.utils.logging.set_verbosity(50)  # it takes LoRAs for damaged that are not
    diffusers.utils.logging.disable_progress_bar()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    kind = torch.float16 if device == "cuda" else torch.float32
    with told_as_one_line(f"the model {folder}", _AGAIN):
        spared = _spared(folder, device, kind.itemsize)
        pipeline = diffusers.DiffusionPipeline.from_pretrained(
            str(folder), dtype=kind, local_files_only=True, use_safetensors=True, variant=variant_of(folder)
        )
    pipeline.set_progress_bar_config(disable=True)
    if GROUPS in spared:
        pipeline.enable_group_offload(torch.device(device), offload_type="leaf_level")
    elif OFFLOAD in spared:
        pipeline.enable_model_cpu_offload()
    else:
        pipeline.to(device)
    return pipeline, spared


def _spared(folder: Path, device: str, size: int) -> Mapping[str, str]:
    """What is to be done so that a model fits, each with what is to be said of it. `size`: bytes of a number.

    Raises:
        ToolError: it does not fit whatever is done.
    """
    import torch

    free = torch.cuda.mem_get_info()[0] if device == "cuda" else free_memory()
    parts = weight_bytes(folder, size)
    weights, largest = sum(parts.values()), max(parts.values(), default=0)
    steps = relief(device, free, weights, largest=largest)
    told = f"the model takes {weights / 1e9:.1f} GB, and {(free or 0) / 1e9:.1f} GB are free"
    if REFUSE in steps:
        raise ToolError(
            f"there is not enough memory for the model {folder.name}: {told}, and drawing needs a third more",
            hint="end what takes memory, or name a smaller model",
        )
    said = {
        OFFLOAD: f"{told} on the device: its parts wait in main memory for their turn, which takes longer",
        GROUPS: f"{told} on the device: its layers wait in main memory for their turn, which takes much longer",
    }
    return {step: said[step] for step in steps if step in said}


@contextmanager
def enough_memory() -> Iterator[None]:
    """What is said where memory runs out while something is drawn."""
    import torch

    try:
        yield
    except torch.OutOfMemoryError as error:
        raise ToolError("there is not enough memory for this picture", hint="ask for a smaller size") from error
    except RuntimeError as error:
        if "can't allocate memory" not in str(error):  # torch's own words on a CPU
            raise
        raise ToolError("there is not enough memory for this picture", hint="ask for a smaller size") from error


@cache
def model_hash(folder: Path) -> str:
    """The SHA-256 of the weights of a model, part by part in the order of their names."""
    told = hashlib.sha256()
    for part in parts_of(folder):
        for file in sorted((folder / part).glob("*.safetensors")):
            told.update(bytes.fromhex(hash_of_file(file)))
    return told.hexdigest()


@cache
def hash_of_file(file: Path) -> str:
    """The SHA-256 of a file's content in hex digits."""
    with file.open("rb") as opened:
        return hashlib.file_digest(opened, "sha256").hexdigest()
