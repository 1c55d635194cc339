"""The models of this machine: where one lies, how it draws where nothing is stated, and what lies beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from plugins._given_images import ControlPicture, Lora
from plugins._outcome import ToolError

__all__ = ["CONTROLS", "DEMO", "DEMO_LOOK", "Look", "Model", "demo_model"]

DEMO = Path(__file__).parent / "demo"
"""The folder of the demo's model."""
CONTROLS = ("edges", "depth", "scribble", "pose")
"""The kinds of control maps."""
_LORAS, _CONTROLNETS, _CLIP = "loras", "controlnets", "clip"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """How a model draws where nothing is stated. `native`: the only side in pixels at which it draws, and `shown` the
    side to which that is enlarged; 0: it draws at the size that is wanted. `strength`: how much of a picture is drawn
    anew. `scenes`: it knows the demo's world only."""

    steps: int = 25
    guidance_scale: float = 7.0
    native: int = 0
    shown: int = 0
    strength: float = 0.6
    scenes: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A model in a folder.

    Attributes:
        folder: In the layout of diffusers.
        extras: The folder that holds `loras/NAME.safetensors`, `controlnets/KIND/`, `upscaler/`, `captioner/` and
            `clip/` for it; often the same.
        look: See there.
        name: What people call it.
    """

    folder: Path
    extras: Path
    look: Look = field(default_factory=Look)
    name: str = ""

    def controls(self) -> Sequence[str]:
        """The kinds of control maps that it can follow."""
        return [kind for kind in CONTROLS if (self.extras / _CONTROLNETS / kind / "config.json").is_file()]

    def control(self, wanted: ControlPicture) -> Path:
        """The folder of the ControlNet for a map.

        Raises:
            ToolError: there is none.
        """
        if wanted.kind not in CONTROLS:
            raise ToolError(f"there is no kind {wanted.kind[:40]!r} of control", hint=f"one of {', '.join(CONTROLS)}")
        if wanted.kind not in self.controls():
            folder = self.extras / _CONTROLNETS / wanted.kind
            raise ToolError(
                f"there is no ControlNet for {wanted.kind}: {folder} is no model", hint=_there(self.controls())
            )
        return self.extras / _CONTROLNETS / wanted.kind

    def clip(self) -> Path:
        """The folder of the CLIP beside it.

        Raises:
            ToolError: there is none.
        """
        folder = self.extras / _CLIP
        if not (folder / "config.json").is_file():
            raise ToolError(f"there is no CLIP to classify pictures: {folder} is no model", hint="save one there")
        return folder

    def loras(self) -> Sequence[str]:
        """The names of the LoRAs that lie beside it."""
        return sorted(file.stem for file in (self.extras / _LORAS).glob("*.safetensors"))

    def lora(self, wanted: Lora) -> Path:
        """The file of a LoRA.

        Raises:
            ToolError: there is none.
        """
        file = Path(wanted.name).expanduser()
        if file.suffix == ".safetensors" and file.is_file():
            return file.absolute()
        if wanted.name not in self.loras():
            raise ToolError(f"there is no LoRA {wanted.name[:200]!r}", hint=_there(self.loras()))
        return self.extras / _LORAS / f"{wanted.name}.safetensors"


def _there(names: Sequence[str]) -> str:
    return f"there is {', '.join(names)}" if names else "none is there"


DEMO_LOOK = Look(steps=20, guidance_scale=2.0, native=32, shown=256, strength=0.8, scenes=True)


def demo_model() -> Model:
    """The demo's model, where it lies beside this file."""
    return Model(folder=DEMO, extras=DEMO, look=DEMO_LOOK, name="demo")
